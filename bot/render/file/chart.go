package file

import (
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"pulso/analytics"
	"pulso/bot/card"
)

// Charts show at most so many rows, from the first.
const (
	mostBars   = 20
	mostPoints = 400
)

// addChart draws the first figure over the rows: a line along time, else bars.
// Where two things are told apart at once a row has no one name to stand by,
// and there is no chart.
func (w *workbook) addChart(at string) error {
	if len(w.Ask.By) != 1 || len(w.rows) < 2 {
		return nil
	}
	columns := w.columns()
	lead := leading(columns)
	letter, err := excelize.ColumnNumberToName(lead + 1)
	if err != nil {
		return err
	}
	line := along(w.Ask.By[0])
	n := min(len(w.rows), mostBars)
	if line {
		n = min(len(w.rows), mostPoints)
	}
	area := func(column string) string { return fmt.Sprintf("'%s'!$%s$2:$%s$%d", w.data, column, column, n+1) }
	chart := excelize.Chart{
		Type: excelize.Bar,
		Series: []excelize.ChartSeries{{
			Name: fmt.Sprintf("'%s'!$%s$1", w.data, letter), Categories: area("A"), Values: area(letter),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{accent}},
		}},
		Format:    excelize.GraphicOptions{AltText: columns[lead].head},
		Dimension: excelize.ChartDimension{Width: 760, Height: uint(min(max(140+24*n, 300), 640))},
		Legend:    excelize.ChartLegend{Position: "none"},
		Title:     excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: columns[lead].head, Font: &excelize.Font{Bold: true, Size: 13, Color: ink}}}},
		XAxis:     excelize.ChartAxis{ReverseOrder: true, Font: axisFont()},
		YAxis:     excelize.ChartAxis{None: true},
		PlotArea:  excelize.ChartPlotArea{ShowVal: true},
	}
	if line {
		w.along(&chart)
	}
	return w.file.AddChart(w.totals, at, &chart)
}

// along makes a chart one of a line along time.
func (w *workbook) along(chart *excelize.Chart) {
	chart.Type, chart.Dimension.Height = excelize.Line, 340
	chart.PlotArea.ShowVal = false
	series := &chart.Series[0]
	series.Line = excelize.LineOptions{Width: 2.25, Fill: series.Fill}
	series.Marker = excelize.ChartMarker{Symbol: "circle", Size: 5, Fill: series.Fill}
	chart.XAxis = excelize.ChartAxis{Font: axisFont(), TickLabelSkip: min(len(w.rows), mostPoints)/12 + 1, NumFmt: excelize.ChartNumFmt{CustomNumFmt: w.axisFormat()}}
	chart.YAxis = excelize.ChartAxis{Font: axisFont(), MajorGridLines: true}
	switch m := w.Metrics[0]; {
	case m.Unit == analytics.Count:
		chart.YAxis.NumFmt.CustomNumFmt = "#,##0"
	case m.Unit == analytics.Seconds:
		chart.YAxis.NumFmt.CustomNumFmt = "[h]:mm:ss"
	case m.Key != "reply_ratio":
		chart.YAxis.NumFmt.CustomNumFmt = "0%"
	}
}

// axisFormat is how a moment is written below a line.
func (w *workbook) axisFormat() string {
	country := countries[w.Language()]
	switch w.Ask.By[0] {
	case analytics.ByMonth:
		return country + "mmm yyyy"
	case analytics.ByHour:
		return `0" h"`
	}
	return country + "d mmm"
}

func axisFont() excelize.Font { return excelize.Font{Color: muted, Size: 9} }

// along reports whether the values of a dimension follow each other.
func along(d analytics.Dim) bool {
	return d == analytics.ByDay || d == analytics.ByWeek || d == analytics.ByMonth || d == analytics.ByHour
}

// leading is the place of the first figure that the answer is about.
func leading(columns []column) int {
	return max(slices.IndexFunc(columns, func(c column) bool { return c.lead }), 0)
}

// picture is the same chart for a PDF; nil where there is none.
func (p *paper) picture() ([]byte, error) {
	if len(p.Ask.By) != 1 || len(p.rows) < 2 {
		return nil, nil
	}
	columns := p.columns()
	lead := leading(columns)
	c := card.Chart{Kind: card.Ranking, Title: card.T("report.title", "metric", card.Metric(p.Metrics[0].Key))}
	rows := p.rows[:min(len(p.rows), mostBars/2)]
	if along(p.Ask.By[0]) {
		c.Kind, rows = card.Trend, p.rows[:min(len(p.rows), mostPoints)]
	}
	for _, r := range rows {
		c.Points = append(c.Points, card.Point{Label: columns[0].of(r), Value: columns[lead].of(r)})
	}
	parts, err := p.chart.Parts(card.Card{Blocks: []card.Block{card.Picture{Chart: c}}})
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if part.Image != nil {
			return part.Image.PNG, nil
		}
	}
	return nil, nil
}
