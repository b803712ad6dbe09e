package file

import (
	"slices"
	"strings"

	"pulso/bot/card"
)

// grid is a table of a PDF: some columns of words, then columns of figures.
type grid struct {
	heads  []string
	cells  [][]string
	words  int
	strong bool      // the last row is a total
	widths []float64 // in mm
}

func (d *pdf) totalsGrid() grid {
	heads, rows := d.totals()
	g := grid{words: 1}
	for _, h := range heads {
		g.heads = append(g.heads, d.clean(h))
	}
	for _, row := range rows {
		g.cells = append(g.cells, d.said(row))
	}
	return g
}

// rowsGrid has everything of one metric, or of several what each is about.
func (d *pdf) rowsGrid() grid {
	columns := slices.DeleteFunc(d.columns(), func(c column) bool { return len(d.Metrics) > 1 && !c.words && !c.lead })
	g := grid{words: len(d.Ask.By), strong: len(d.rows) > 1}
	for _, c := range columns {
		g.heads = append(g.heads, d.clean(d.shortHead(c)))
	}
	for _, r := range d.rows {
		var values []card.Value
		for _, c := range columns {
			values = append(values, c.of(r))
		}
		g.cells = append(g.cells, d.said(values))
	}
	if g.strong {
		g.cells = append(g.cells, d.said(d.totalRow(columns)))
	}
	return g
}

// shortHead leaves out the metric where there is only one.
func (d *pdf) shortHead(c column) string {
	if name := capital(d.Format(card.Metric(d.Metrics[0].Key))); len(d.Metrics) == 1 {
		if rest, ok := strings.CutPrefix(c.head, name+": "); ok {
			return capital(rest)
		}
	}
	return c.head
}

// totalRow is the total under the columns; its first cell says what it is.
func (d *pdf) totalRow(columns []column) []card.Value {
	values := []card.Value{card.Name(d.word("report.total"))}
	for _, c := range columns[1:] {
		if c.words {
			values = append(values, card.Name(""))
			continue
		}
		values = append(values, c.of(d.Total))
	}
	return values
}

func (d *pdf) said(values []card.Value) []string {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = d.clean(d.text(v))
	}
	return cells
}

// Widths in mm: the room beside a text, and how wide a column of words becomes.
const (
	beside    = 3.2
	widestCol = 70.0
)

// natural sets the widths that a grid would have by its contents, and returns
// their sum. Figures never break; heads and names do.
func (d *pdf) natural(g *grid) float64 {
	g.widths = make([]float64, len(g.heads))
	sum := 0.0
	for i, head := range g.heads {
		d.SetFont(face, "B", textSize)
		w := 0.0
		for _, word := range strings.Fields(head) {
			w = max(w, d.GetStringWidth(word))
		}
		for n, row := range g.cells {
			if bold := g.strong && n == len(g.cells)-1; !bold {
				d.SetFont(face, "", textSize)
			} else {
				d.SetFont(face, "B", textSize)
			}
			w = max(w, d.GetStringWidth(row[i]))
		}
		if i < g.words {
			w = min(w, widestCol)
		}
		g.widths[i] = w + beside
		sum += g.widths[i]
	}
	return sum
}

// split cuts a grid that is wider than the page into several, each with the
// columns of words, and spreads those that are narrower.
func (d *pdf) split(g grid) []grid {
	left := d.inside()
	for _, w := range g.widths[:g.words] {
		left -= w
	}
	var parts []grid
	for from := g.words; from < len(g.heads) || len(parts) == 0; {
		to, sum := from, 0.0
		for to < len(g.heads) && (to == from || sum+g.widths[to] <= left) {
			sum += g.widths[to]
			to++
		}
		parts = append(parts, g.part(from, to).spread(d.inside()))
		from = to
	}
	return parts
}

// part is the grid with the figures [from, to) only.
func (g grid) part(from, to int) grid {
	p := grid{heads: pick(g.heads, g.words, from, to), widths: pick(g.widths, g.words, from, to), words: g.words, strong: g.strong}
	for _, row := range g.cells {
		p.cells = append(p.cells, pick(row, g.words, from, to))
	}
	return p
}

func pick[T any](list []T, words, from, to int) []T {
	return append(slices.Clone(list[:words]), list[from:to]...)
}

// spread shares what is left of the page among the columns, as far as the eye
// can still follow a row.
func (g grid) spread(width float64) grid {
	for _, w := range g.widths {
		width -= w
	}
	for i := range g.widths {
		g.widths[i] += min(max(width, 0)/float64(len(g.widths)), 24)
	}
	return g
}

// draw draws a grid. Its heads stand on every page.
func (d *pdf) draw(g grid) {
	d.natural(&g)
	for _, part := range d.split(g) {
		d.drawHeads(part)
		for n, row := range part.cells {
			d.drawRow(part, n, row)
		}
		d.SetXY(margin, d.GetY()+5)
	}
}

func (d *pdf) drawHeads(g grid) {
	d.room(5 * lineHeight)
	d.SetFont(face, "B", textSize)
	d.fill(accent)
	d.ink(white)
	d.cells(g, g.heads)
}

func (d *pdf) drawRow(g grid, n int, row []string) {
	style, back := "", white
	if n%2 == 1 {
		back = "F1F5F4"
	}
	if g.strong && n == len(g.cells)-1 {
		style, back = "B", "D9EBE5"
	}
	d.SetFont(face, style, textSize)
	if d.room(d.height(g, row)) {
		d.drawHeads(g)
		d.SetFont(face, style, textSize)
	}
	d.fill(back)
	d.ink(ink)
	d.cells(g, row)
}

// broken are a cell's lines.
func (d *pdf) broken(g grid, i int, s string) []string {
	return d.SplitText(s, g.widths[i]-beside+0.3)
}

func (d *pdf) height(g grid, row []string) float64 {
	n := 1
	for i, s := range row {
		n = max(n, len(d.broken(g, i, s)))
	}
	return float64(n)*lineHeight + 1.6
}

// cells draws one row: words from the left, figures to the right.
func (d *pdf) cells(g grid, row []string) {
	x, y, h := margin, d.GetY(), d.height(g, row)
	for i, s := range row {
		d.Rect(x, y, g.widths[i], h, "F")
		align := "R"
		if i < g.words {
			align = "L"
		}
		d.lines(d.broken(g, i, s), x+beside/2, y+0.8, g.widths[i]-beside, align)
		x += g.widths[i]
	}
	d.SetXY(margin, y+h)
}
