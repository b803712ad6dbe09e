package render

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"pulso/bot/card"
)

// widest is how many columns of equal-width letters a phone shows on one line.
const widest = 30

// leastName is how far a column of words may be cut to make a table fit.
const leastName = 8

// gap stands between columns; no cell holds two spaces in a row.
const gap = "  "

// numeric reports whether a value is a figure, and so stands at the right.
func numeric(v card.Value) bool {
	switch v.(type) {
	case card.Count, card.Number, card.Share, card.Ratio, card.Duration, card.Money, card.Change:
		return true
	}
	return false
}

// grid is a table laid out: finished texts in columns.
type grid struct {
	rows     [][]string // the heads first, if there are any
	heads    bool
	numbered bool
	right    []bool // columns of figures
}

// grid formats the rows of a table. Numbers of rows are a column of their own.
func (v *Voice) grid(t card.Table) grid {
	columns := len(t.Head)
	for _, row := range t.Rows {
		columns = max(columns, len(row.Cells))
	}
	g := grid{heads: anyText(t.Head), right: make([]bool, columns)}
	for c := range columns {
		g.right[c] = figures(t, c)
	}
	if g.heads {
		g.rows = append(g.rows, v.heads(t, columns))
	}
	for _, row := range t.Rows {
		cells := make([]string, columns)
		for c := range columns {
			cells[c] = v.at(row, c)
		}
		g.rows = append(g.rows, cells)
	}
	if t.Numbered {
		g.number(t)
	}
	g.mark(t)
	return g
}

// figures reports whether a column holds figures, and nothing but figures and
// gaps.
func figures(t card.Table, column int) bool {
	any := false
	for _, row := range t.Rows {
		if column >= len(row.Cells) || row.Cells[column] == nil {
			continue
		}
		if !numeric(row.Cells[column]) {
			return false
		}
		any = true
	}
	return any
}

func anyText(list []card.Text) bool {
	for _, t := range list {
		if t.Key != "" {
			return true
		}
	}
	return false
}

func (v *Voice) heads(t card.Table, columns int) []string {
	heads := make([]string, columns)
	for i, h := range t.Head {
		heads[i] = v.say(h)
	}
	return heads
}

// at formats a cell; the first of a row begins it.
func (v *Voice) at(row card.Row, column int) string {
	if column >= len(row.Cells) || row.Cells[column] == nil {
		return none
	}
	if column == 0 {
		return v.cell(row.Cells[column])
	}
	return v.Format(row.Cells[column])
}

// number puts the numbers of the rows in front, in a column headed #.
func (g *grid) number(t card.Table) {
	g.numbered, g.right = true, append([]bool{false}, g.right...)
	for i, row := range g.rows {
		n := "#"
		if k := i - g.offset(); k >= 0 {
			n = place(t, k)
		}
		g.rows[i] = append([]string{n}, row...)
	}
}

// place is the number of a row, "" for one that has none.
func place(t card.Table, row int) string {
	if !t.Rows[row].Numbered() {
		return ""
	}
	n := max(t.First, 1)
	for _, r := range t.Rows[:row] {
		n += boolInt(r.Numbered())
	}
	return itoa(n)
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (g *grid) offset() int {
	if g.heads {
		return 1
	}
	return 0
}

// mark puts a sign before the first words of rows that stand out.
func (g *grid) mark(t card.Table) {
	column := 0
	if t.Numbered {
		column = 1
	}
	for i, row := range t.Rows {
		if cells := g.rows[i+g.offset()]; row.Strong && column < len(cells) {
			cells[column] = "▸" + cells[column]
		}
	}
}

// widths returns how wide each column is.
func (g grid) widths() []int {
	w := make([]int, len(g.right))
	for _, row := range g.rows {
		for c, cell := range row {
			w[c] = max(w[c], wide(cell))
		}
	}
	return w
}

// fit cuts the widest column of words until the table is at most so wide; false
// when it cannot be.
func (g grid) fit(most int) bool {
	w := g.widths()
	total := 0
	for c, x := range w {
		total += len(g.before(c)) + x
	}
	for total > most {
		c := g.longestWords(w)
		if c < 0 {
			return false
		}
		w[c]--
		total--
	}
	for c := range w {
		g.cut(c, w[c])
	}
	return true
}

// cut shortens the cells of a column: at their end, or, where that would make
// different names look the same, at their beginning.
func (g grid) cut(column, most int) {
	short := map[string]string{} // what a cut name stands for
	same := map[string]bool{}
	for _, row := range g.rows {
		cell := row[column]
		s := narrowed(cell, most)
		if other, taken := short[s]; taken && other != cell {
			same[s] = true
		}
		short[s] = cell
	}
	for _, row := range g.rows {
		s := narrowed(row[column], most)
		if same[s] {
			s = tail(row[column], most)
		}
		row[column] = s
	}
}

// tail cuts a cell to a width at its beginning.
func tail(s string, most int) string {
	runes := []rune(s)
	n, from := 0, len(runes)
	for from > 0 && n+wideRune(runes[from-1]) <= most-1 {
		from--
		n += wideRune(runes[from])
	}
	return "…" + strings.TrimLeft(string(runes[from:]), " ")
}

func (g grid) longestWords(w []int) int {
	longest := -1
	for c := range w {
		if !g.right[c] && w[c] > leastName && (longest < 0 || w[c] > w[longest]) {
			longest = c
		}
	}
	return longest
}

// before is what stands before a column; numbers stand close to their rows.
func (g grid) before(column int) string {
	switch {
	case column == 0:
		return ""
	case column == 1 && g.numbered:
		return " "
	}
	return gap
}

// lines returns the rows, padded to columns.
func (g grid) lines() []string {
	w := g.widths()
	lines := make([]string, len(g.rows))
	for i, row := range g.rows {
		var b strings.Builder
		for c, cell := range row {
			b.WriteString(g.before(c))
			space := strings.Repeat(" ", w[c]-wide(cell))
			if g.right[c] {
				b.WriteString(space + cell)
			} else {
				b.WriteString(cell + space)
			}
		}
		lines[i] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// wide is how many columns a text takes in letters of equal width.
func wide(s string) int {
	n := 0
	for _, r := range s {
		n += wideRune(r)
	}
	return n
}

func wideRune(r rune) int {
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1f000:
		return 2 // emoji
	}
	if k := width.LookupRune(r).Kind(); k == width.EastAsianWide || k == width.EastAsianFullwidth {
		return 2
	}
	return 1
}

// narrowed cuts a cell to a width. What isolates a name stays whole.
func narrowed(s string, most int) string {
	if wide(s) <= most {
		return s
	}
	isolated := strings.Contains(s, popIsolate)
	n, end := 0, 0
	for i, r := range s {
		if n += wideRune(r); n > most-1 {
			break
		}
		end = i + len(string(r))
	}
	s = strings.TrimRight(s[:end], " ") + "…"
	if isolated && !strings.Contains(s, popIsolate) {
		s += popIsolate
	}
	return s
}
