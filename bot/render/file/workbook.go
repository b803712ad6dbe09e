package file

import (
	"fmt"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"pulso/analytics"
	"pulso/bot/card"
)

// workbook is one Excel file being written: what the answer says, its rows as
// they can be worked with, and how its figures are counted.
type workbook struct {
	*paper
	file   *excelize.File
	looks  looks
	totals string // the sheets' names
	data   string
	how    string
}

func (p *paper) workbook() (body []byte, err error) {
	w := &workbook{paper: p, file: excelize.NewFile()}
	defer func() {
		if e := w.file.Close(); err == nil && e != nil {
			err = e
		}
	}()
	w.totals, w.data, w.how = w.word("export.sheet.summary"), w.word("export.sheet.rows"), w.word("export.sheet.how")
	for _, step := range []func() error{w.begin, w.rowSheet, w.summarySheet, w.howSheet} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if types := w.file.ContentTypes; types != nil { // a chart adds them in any order
		sort.Slice(types.Defaults, func(i, j int) bool { return types.Defaults[i].Extension < types.Defaults[j].Extension })
	}
	out, err := w.file.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// begin makes the sheets and their styles, and dates the file as of its answer.
func (w *workbook) begin() error {
	if err := w.file.SetSheetName("Sheet1", w.totals); err != nil {
		return err
	}
	for _, name := range []string{w.data, w.how} {
		if _, err := w.file.NewSheet(name); err != nil {
			return err
		}
	}
	made := time.UnixMilli(w.AsOf).UTC().Format(time.RFC3339)
	err := w.file.SetDocProps(&excelize.DocProperties{
		Title: w.title(), Creator: "Pulso", LastModifiedBy: "Pulso", Created: made, Modified: made, Language: w.Language(),
	})
	if err != nil {
		return err
	}
	for name, pages := range map[string]int{w.totals: 1, w.data: 0, w.how: 0} {
		if err := w.printed(name, pages); err != nil {
			return err
		}
	}
	w.looks, err = newLooks(w.file, w.Language())
	return err
}

// printed makes a sheet one A4 page wide on paper, and so many pages high; 0 as
// many as it takes.
func (w *workbook) printed(sheet string, high int) error {
	yes, a4, way, wide := true, 9, "landscape", 1
	if err := w.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	return w.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &a4, Orientation: &way, FitToWidth: &wide, FitToHeight: &high})
}

// typed is a value as Excel knows it, and how it is to look. Words are always
// typed as words.
func (w *workbook) typed(v card.Value) (any, look) {
	switch v := v.(type) {
	case nil:
		return nil, words
	case card.Count:
		return int64(v), counts
	case card.Number:
		return float64(v), numbers
	case card.Share:
		return float64(v), shares
	case card.Ratio:
		return float64(v), ratios
	case card.Duration:
		return float64(v) / (24 * 3_600_000), durations
	case card.Instant:
		t := w.business.Zone.Time(int64(v))
		clock := float64(t.Hour()*3600+t.Minute()*60+t.Second()) / 86400
		return float64(serial(w.business.Zone.DayOf(int64(v)))) + clock, instants
	case card.DimValue:
		if x, l, ok := moment(v); ok {
			return x, l
		}
	}
	s := w.text(v)
	if s == "" {
		return nil, words
	}
	if strings.ContainsRune("=+-@", rune(s[0])) {
		return s, quoted
	}
	return s, words
}

// moment is a day, week, month or hour as Excel counts it; a week is its Monday.
func moment(v card.DimValue) (int64, look, bool) {
	text, look := v.Value, days
	switch v.Dim {
	case analytics.ByHour:
		var hour int64
		_, err := fmt.Sscan(v.Value, &hour)
		return hour, hours, err == nil
	case analytics.ByMonth:
		text, look = text+"-01", months
	case analytics.ByDay, analytics.ByWeek:
	default:
		return 0, words, false
	}
	day, err := analytics.ParseDay(text)
	return serial(day), look, err == nil
}

// serial is a day as Excel counts them, from the end of 1899.
func serial(d analytics.Day) int64 { return int64(d) + 25569 }

// rowSheet streams the rows, so that many take no more memory than few.
func (w *workbook) rowSheet() error {
	s, err := w.file.NewStreamWriter(w.data)
	if err != nil {
		return err
	}
	columns := w.columns()
	for i, c := range columns {
		if err := s.SetColWidth(i+1, i+1, w.width(c)); err != nil {
			return err
		}
	}
	err = s.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	if err != nil {
		return err
	}
	last, err := excelize.CoordinatesToCellName(len(columns), len(w.rows)+1)
	if err != nil {
		return err
	}
	if err := w.file.AutoFilter(w.data, "A1:"+last, nil); err != nil {
		return err
	}
	onPaper := excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + w.data + "'!$1:$1", Scope: w.data}
	if err := w.file.SetDefinedName(&onPaper); err != nil {
		return err
	}
	if err := w.writeRows(s, columns); err != nil {
		return err
	}
	return s.Flush()
}

func (w *workbook) writeRows(s *excelize.StreamWriter, columns []column) error {
	cells := make([]any, len(columns))
	for i, c := range columns {
		cells[i] = excelize.Cell{StyleID: w.looks[columnHeads], Value: c.head}
	}
	if err := s.SetRow("A1", cells, excelize.RowOpts{Height: 32}); err != nil {
		return err
	}
	for n, r := range w.rows {
		for i, c := range columns {
			v, l := w.typed(c.of(r))
			cells[i] = excelize.Cell{StyleID: w.looks[l], Value: v}
		}
		if err := s.SetRow(fmt.Sprintf("A%d", n+2), cells); err != nil {
			return err
		}
	}
	return nil
}

// Widths of columns in characters; sampled is how many rows one is measured by.
const (
	narrowest = 11.0
	widest    = 48.0
	sampled   = 500
)

// width fits what stands in a column, and its head on two lines.
func (w *workbook) width(c column) float64 {
	need := utf8.RuneCountInString(c.head)/2 + 5
	for _, r := range w.rows[:min(len(w.rows), sampled)] {
		need = max(need, utf8.RuneCountInString(w.text(c.of(r)))+2)
	}
	return min(max(float64(need), narrowest), widest)
}

// summarySheet says what the file is about, and its totals and chart.
func (w *workbook) summarySheet() error {
	s := &sheet{workbook: w, name: w.totals}
	s.put(1, w.title(), titles)
	if w.business.Name != "" {
		s.next()
		s.put(1, visible(w.business.Name), subtitles)
	}
	s.next()
	for _, f := range w.facts() {
		s.next()
		s.put(1, f.label, labels)
		s.putValue(2, f.value)
	}
	s.next()
	heads, rows := w.paper.totals()
	s.next()
	for i, h := range heads {
		s.put(i+1, h, columnHeads)
	}
	for _, row := range rows {
		s.next()
		for i, v := range row {
			s.putValue(i+1, v)
		}
	}
	s.next()
	for _, note := range w.notes("file.cut") {
		s.next()
		s.put(1, note, notes)
	}
	s.width(1, 1, 34)
	s.width(2, max(len(heads), 2), 18)
	if s.err != nil {
		return s.err
	}
	return w.addChart(fmt.Sprintf("A%d", s.row+3))
}

// howSheet says how each figure is counted.
func (w *workbook) howSheet() error {
	s := &sheet{workbook: w, name: w.how}
	s.put(1, w.word("export.column.figure"), columnHeads)
	s.put(2, w.word("export.column.definition"), columnHeads)
	for _, m := range w.Metrics {
		s.next()
		s.put(1, capital(w.Format(card.Metric(m.Key))), labels)
		how := w.word("metric."+m.Key+".how") + " " + w.word("metric."+m.Key+".excludes")
		s.put(2, how, wrapped)
		s.high(utf8.RuneCountInString(how)/85 + 1)
	}
	s.width(1, 1, 34)
	s.width(2, 2, 100)
	return s.err
}

// sheet is a sheet that is written from the top, row by row; its first error
// stays.
type sheet struct {
	*workbook
	name string
	row  int // before the current one
	err  error
}

func (s *sheet) next() { s.row++ }

func (s *sheet) put(column int, v any, l look) {
	if s.err != nil {
		return
	}
	cell, err := excelize.CoordinatesToCellName(column, s.row+1)
	if err != nil {
		s.err = err
		return
	}
	if text, ok := v.(string); ok {
		s.err = s.file.SetCellStr(s.name, cell, text)
	} else {
		s.err = s.file.SetCellValue(s.name, cell, v)
	}
	if s.err == nil {
		s.err = s.file.SetCellStyle(s.name, cell, cell, s.looks[l])
	}
}

func (s *sheet) putValue(column int, v card.Value) {
	x, l := s.typed(v)
	s.put(column, x, l)
}

// high makes the current row so many lines high.
func (s *sheet) high(lines int) {
	if s.err == nil {
		s.err = s.file.SetRowHeight(s.name, s.row+1, float64(lines)*15.5)
	}
}

func (s *sheet) width(from, to int, width float64) {
	if s.err != nil {
		return
	}
	a, errA := excelize.ColumnNumberToName(from)
	b, errB := excelize.ColumnNumberToName(to)
	if errA != nil || errB != nil {
		s.err = fmt.Errorf("columns %d to %d", from, to)
		return
	}
	s.err = s.file.SetColWidth(s.name, a, b, width)
}
