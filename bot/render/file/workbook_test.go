package file

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot"
)

// opened is a workbook as somebody who gets it reads it.
type opened struct {
	*excelize.File
	t     testing.TB
	parts map[string]string // of the archive
}

func open(t testing.TB, body []byte) opened {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(body))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, f.Close()) })
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	require.NoError(t, err)
	parts := map[string]string{}
	for _, entry := range z.File {
		r, err := entry.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		parts[entry.Name] = string(text)
	}
	return opened{f, t, parts}
}

func (o opened) raw(sheet, cell string) string {
	o.t.Helper()
	s, err := o.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
	require.NoError(o.t, err)
	return s
}

func (o opened) shown(sheet, cell string) string {
	o.t.Helper()
	s, err := o.GetCellValue(sheet, cell)
	require.NoError(o.t, err)
	return s
}

func (o opened) format(sheet, cell string) string {
	o.t.Helper()
	id, err := o.GetCellStyle(sheet, cell)
	require.NoError(o.t, err)
	style, err := o.GetStyle(id)
	require.NoError(o.t, err)
	if style.CustomNumFmt == nil {
		return ""
	}
	return *style.CustomNumFmt
}

func (o opened) number(sheet, cell string) bool {
	o.t.Helper()
	kind, err := o.GetCellType(sheet, cell)
	require.NoError(o.t, err)
	return kind == excelize.CellTypeNumber || kind == excelize.CellTypeUnset
}

// below names the cell of a row below a head, by the head's text.
func (o opened) below(sheet, head string, row int) string {
	o.t.Helper()
	rows, err := o.Rows(sheet)
	require.NoError(o.t, err)
	defer rows.Close()
	require.True(o.t, rows.Next())
	heads, err := rows.Columns()
	require.NoError(o.t, err)
	for i, h := range heads {
		if h == head {
			cell, err := excelize.CoordinatesToCellName(i+1, row)
			require.NoError(o.t, err)
			return cell
		}
	}
	require.Failf(o.t, "no such head", "%q in %q", head, heads)
	return ""
}

func sheetOf(t testing.TB, a *report.Answer, language string) opened {
	t.Helper()
	c, err := writer(t).Report(a, "xlsx", language)
	require.NoError(t, err)
	return open(t, c.Body)
}

func TestReportIsAnExporter(t *testing.T) {
	var export bot.Exporter = writer(t).Report
	for format, want := range map[string]string{"xlsx": ".xlsx", "csv": ".xlsx", "pdf": ".pdf"} {
		c, err := export(team(), format, "es")
		require.NoError(t, err)
		assert.Equal(t, "pulso-agentes-2026-03"+want, c.Name)
		assert.NotEmpty(t, c.Body)
		assert.Equal(t, want == ".pdf", c.MIME == "application/pdf", c.MIME)
	}
}

func TestFiguresAreNumbers(t *testing.T) {
	o := sheetOf(t, team(), "es")
	const data = "Cifras"
	for _, x := range []struct{ head, raw, shown, format string }{
		{"Mensajes enviados", "4800", "4,800", "#,##0"},
		{"Mensajes enviados: antes", "3600", "3,600", "#,##0"},
		{"Tasa de lectura", "0.8181818181818182", "81.8%", "0.0%"},
		{"Tasa de lectura: cantidad", "3600", "3,600", "#,##0"},
		{"Tasa de lectura: de un total de", "4400", "4,400", "#,##0"},
		{"Primera respuesta: casos", "320", "320", "#,##0"},
		{"Primera respuesta: mediana", "0.0027777777777777779", "0:04:00", "[h]:mm:ss"},
		{"Tiempo de resolución: promedio", "1.4583333333333333", "35:00:00", "[h]:mm:ss"},
		{"Recibidos por entregado", "1.0833333333333333", "1.08", "0.00"},
	} {
		cell := o.below(data, x.head, 2)
		assert.Equal(t, x.shown, o.shown(data, cell), x.head)
		assert.Equal(t, x.format, o.format(data, cell), x.head)
		assert.True(t, o.number(data, cell), x.head)
		assert.InDelta(t, number(t, x.raw), number(t, o.raw(data, cell)), 1e-7, x.head)
	}
	assert.Equal(t, "Zoé", o.raw(data, "A2"), "the most messages first")
	assert.Equal(t, "", o.raw(data, o.below(data, "Mensajes enviados: antes", 5)), "nothing is known of before")
}

func number(t testing.TB, s string) (x float64) {
	t.Helper()
	_, err := fmt.Sscan(s, &x)
	require.NoError(t, err, s)
	return x
}

func TestTimesAreDates(t *testing.T) {
	o := sheetOf(t, daily(), "es")
	assert.Equal(t, "46082", o.raw("Cifras", "A2"), "1 March 2026, counted from the end of 1899")
	assert.Equal(t, "46112", o.raw("Cifras", "A32"))
	assert.True(t, o.number("Cifras", "A2"))
	assert.Equal(t, "[$-80A]d mmm yyyy", o.format("Cifras", "A2"))

	o = sheetOf(t, answers()["monthly"], "pt")
	assert.Equal(t, "45658", o.raw("Números", "A2"))
	assert.Equal(t, "[$-416]mmmm yyyy", o.format("Números", "A2"))

	o = sheetOf(t, rhythm(), "en")
	assert.Equal(t, []string{"Monday", "0", "1", "0.25"}, []string{o.raw("Figures", "A2"), o.raw("Figures", "B2"), o.raw("Figures", "C2"), o.raw("Figures", "D2")})
	assert.True(t, o.number("Figures", "B2"))
}

func TestTheMomentIsToldInTheBusinessZone(t *testing.T) {
	o := sheetOf(t, daily(), "en")
	for row := 1; row < 12; row++ {
		if o.raw("Summary", fmt.Sprintf("A%d", row)) == "Data up to" {
			at := number(t, o.raw("Summary", fmt.Sprintf("B%d", row)))
			assert.InDelta(t, 46099+10.5/24, at, 1e-9, "18 March 2026, 10:30 in Bogotá")
			return
		}
	}
	t.Error("the summary does not say as of when it is")
}

func TestSummarySaysWhatTheFileIsAbout(t *testing.T) {
	for language, want := range map[string][]string{
		"es": {"Cifras por agente", "Panadería La Espiga", "Periodo", "Marzo de 2026", "America/Bogota", "Datos hasta", "Equipo", "Ventas, Mostrador", "Canal", "Ventas",
			"Comparado con", "29 ene–28 feb 2026", "Filas", "4", "Cifra", "Valor", "Antes", "Casos", "Mediana", "Mensajes enviados", "12,000", "9,600", "0:04:00"},
		"en": {"Figures by agent", "Period", "March 2026", "Data up to", "Team", "Compared with", "Rows", "Median", "Messages sent"},
		"pt": {"Números por agente", "Período", "Março de 2026", "Dados até", "Equipe", "Comparado com", "Linhas", "Mediana", "Mensagens enviadas"},
	} {
		o := sheetOf(t, team(), language)
		rows, err := o.GetRows(o.GetSheetList()[0])
		require.NoError(t, err)
		var all []string
		for _, r := range rows {
			all = append(all, r...)
		}
		assert.Subset(t, all, want, language)
		assert.Len(t, o.GetSheetList(), 3)
	}
}

func TestTheDataCanBeWorkedWith(t *testing.T) {
	for name, a := range answers() {
		o := sheetOf(t, a, "es")
		panes, err := o.GetPanes("Cifras")
		require.NoError(t, err)
		assert.True(t, panes.Freeze && panes.YSplit == 1, name)
		assert.Contains(t, o.parts["xl/worksheets/sheet2.xml"], `<autoFilter ref="$A$1:`, name)
		rows, err := o.GetRows("Cifras")
		require.NoError(t, err)
		if len(a.Ask.By) > 0 {
			assert.Len(t, rows, len(a.Rows)+1, name)
		} else {
			assert.Len(t, rows, 2, name)
		}
	}
}

func TestTheSummaryHasANativeChart(t *testing.T) {
	for name, want := range map[string]string{"team": "<c:barChart>", "hostile": "<c:barChart>", "daily": "<c:lineChart>", "monthly": "<c:lineChart>", "overall": "", "rhythm": "", "empty": ""} {
		o := sheetOf(t, answers()[name], "es")
		chart, ok := o.parts["xl/charts/chart1.xml"]
		assert.Equal(t, want != "", ok, name)
		if ok {
			assert.Contains(t, strings.ReplaceAll(chart, "<barChart>", "<c:barChart>"), strings.TrimPrefix(want, "<c:"), name)
			assert.Contains(t, strings.ReplaceAll(chart, "&#39;", "'"), "'Cifras'!$A$2:$A$", name)
		}
	}
}

// formula finds what Excel would work out.
var formula = regexp.MustCompile(`<f[ >/]|t="str"|<definedName[^>]*>[^<]*(HYPERLINK|cmd)|DDE|externalLink`)

func TestNothingIsAFormula(t *testing.T) {
	a := speed(hostile...)
	o := sheetOf(t, a, "es")
	noFormula(t, o)
	for i := range hostile {
		cell := fmt.Sprintf("A%d", i+2)
		kind, err := o.GetCellType("Cifras", cell)
		require.NoError(t, err)
		assert.Equal(t, excelize.CellTypeInlineString, kind, "%q", hostile[i])
	}
	assert.Equal(t, hostile[0], o.raw("Cifras", "A2"), "a name stays as it is")
	assert.Equal(t, "=1+1", o.raw("Cifras", "A6"))
	assert.Equal(t, "@x", o.raw("Cifras", "A8"))
	styles := regexp.MustCompile(`<xf [^>]*quotePrefix="(?:1|true)"`).FindAllString(o.parts["xl/styles.xml"], -1)
	assert.Len(t, styles, 1, "it stays text when it is edited")
}

func noFormula(t require.TestingT, o opened) {
	for name, part := range o.parts {
		if strings.HasPrefix(name, "xl/worksheets/") || name == "xl/workbook.xml" {
			assert.NotRegexp(t, formula, part, name)
		}
		assert.False(t, strings.Contains(name, "externalLink") || strings.Contains(name, "vba"), name)
	}
}

func TestNoNameIsAFormula(t *testing.T) {
	w := writer(t)
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom([]string{"=", "+", "-", "@", "\t=", "\r@", "\n+", "'=", " =", ""}).Draw(rt, "start") + rapid.String().Draw(rt, "name")
		a := speed(name)
		a.Ask.Where = []report.Filter{{Dim: analytics.ByTeam, Values: []string{name}}}
		c, err := w.Report(a, "xlsx", "es")
		require.NoError(rt, err)
		o := open(t, c.Body)
		noFormula(rt, o)
		_, err = w.Report(a, "pdf", "es")
		require.NoError(rt, err)
	})
}

func TestTheSameAnswerGivesTheSameBytes(t *testing.T) {
	w := writer(t)
	for name, a := range answers() {
		for _, format := range []string{"xlsx", "pdf"} {
			first, err := w.Report(a, format, "pt")
			require.NoError(t, err)
			for range 3 {
				again, err := w.Report(a, format, "pt")
				require.NoError(t, err)
				require.True(t, bytes.Equal(first.Body, again.Body), "%s as %s", name, format)
			}
		}
	}
}

// many is a count by day and agent with so many rows.
func many(n int) *report.Answer {
	names := make([]string, 400)
	for i := range names {
		names[i] = fmt.Sprintf("Agente %d", i+1)
	}
	a := answer([]string{"messages_sent"}, []analytics.Dim{analytics.ByDay, analytics.ByAgent}, names...)
	for i := range n {
		day := analytics.DateOf(2026, 1, 1) + analytics.Day(i/len(names))
		a.Rows = append(a.Rows, report.Row{Values: []string{day.String(), fmt.Sprintf("#%d", i%len(names)+1)}, Figures: []report.Figure{count(int64(i))}})
	}
	a.Total.Figures[0] = count(int64(n))
	return a
}

func TestManyRowsAreStreamed(t *testing.T) {
	const n = 120_000
	c, err := writer(t).Report(many(n), "xlsx", "es")
	require.NoError(t, err)
	assert.Less(t, len(c.Body), 100_000_000)
	z, err := zip.NewReader(bytes.NewReader(c.Body), int64(len(c.Body)))
	require.NoError(t, err)
	r, err := z.Open("xl/worksheets/sheet2.xml")
	require.NoError(t, err)
	defer r.Close()
	sheet, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, n+1, bytes.Count(sheet, []byte("<row ")))
	assert.Contains(t, string(sheet[len(sheet)-2000:]), fmt.Sprintf("<v>%d</v>", n-1))
}

func TestWhatDoesNotFitIsLeftOutAndSaid(t *testing.T) {
	w := writer(t)
	w.limits.sheet, w.limits.pages = 700, 300
	a := many(1000)
	c, err := w.Report(a, "xlsx", "en")
	require.NoError(t, err)
	o := open(t, c.Body)
	rows, err := o.GetRows("Figures")
	require.NoError(t, err)
	assert.Len(t, rows, 701)
	assert.Contains(t, strings.Join(column0(t, o, "Summary"), "\n"), "the first 700 rows of 1,000")

	w.limits.bytes = len(c.Body) - 1000
	smaller, err := w.Report(a, "xlsx", "en")
	require.NoError(t, err)
	assert.LessOrEqual(t, len(smaller.Body), w.limits.bytes)
	assert.Contains(t, strings.Join(column0(t, open(t, smaller.Body), "Summary"), "\n"), "the first 350 rows of 1,000")

	_, err = w.Report(&report.Answer{}, "xlsx", "en")
	assert.ErrorContains(t, err, "without a metric")
	w.limits.bytes = 100
	_, err = w.Report(a, "xlsx", "en")
	assert.ErrorContains(t, err, "at most 100")
}

func column0(t *testing.T, o opened, sheet string) []string {
	columns, err := o.GetCols(sheet)
	require.NoError(t, err)
	return columns[0]
}
