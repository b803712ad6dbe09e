package render

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf16"

	"pulso/bot/card"
)

// budget is how much of a card is told. Smaller budgets tell less, never half a
// word.
type budget struct {
	rowDetails bool // the second lines of rows
	details    bool // of figures
	notes      int
	rows       int // of each table
}

const all = int(^uint(0) >> 1)

// everything is the budget that leaves out nothing.
func everything() budget { return budget{rowDetails: true, details: true, notes: all, rows: all} }

// fitted returns the text of a card in at most so many characters. What goes
// first are the second lines of rows, then all notes but the first, then the
// ends of tables, at last the details of figures.
func (v *Voice) fitted(c card.Card, most int) string {
	for _, b := range []budget{everything(), {false, true, all, all}, {false, true, 1, all}} {
		if s := v.page(c, b); length(s) <= most {
			return s
		}
	}
	longest := longestTable(c)
	dropped := 1 + sort.Search(max(longest-2, 0), func(n int) bool {
		return length(v.page(c, budget{false, true, 1, longest - 1 - n})) <= most
	})
	rows := max(longest-dropped, 1)
	if s := v.page(c, budget{false, true, 1, rows}); length(s) <= most {
		return s
	}
	return clipped(v.page(c, budget{false, false, 0, rows}), most)
}

func longestTable(c card.Card) int {
	longest := 0
	for _, b := range c.Blocks {
		if t, ok := b.(card.Table); ok {
			longest = max(longest, len(t.Rows))
		}
	}
	return longest
}

// length counts characters as the stricter of the ways Meta may: an emoji is two.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += max(utf16.RuneLen(r), 1)
	}
	return n
}

// clipped cuts at the end of a line, or of a word when that leaves too little,
// and says so with an ellipsis.
func clipped(s string, most int) string {
	if length(s) <= most {
		return s
	}
	n, end := 0, 0
	for i, r := range s {
		if n += max(utf16.RuneLen(r), 1); n > most-2 {
			break
		}
		end = i + len(string(r))
	}
	head := s[:end]
	for _, at := range []int{strings.LastIndexByte(head, '\n'), strings.LastIndexByte(head, ' ')} {
		if at > len(head)/2 {
			head = head[:at]
			break
		}
	}
	head = strings.TrimRight(head, " \n·:,–")
	if strings.Count(head, fence)%2 == 1 {
		head = strings.TrimRight(head[:strings.LastIndex(head, fence)], " \n")
	}
	return balanced(head) + "…"
}

// balanced closes isolates that were cut open.
func balanced(s string) string {
	return s + strings.Repeat(popIsolate, max(strings.Count(s, firstStrong)-strings.Count(s, popIsolate), 0))
}

// fence opens and closes what WhatsApp shows in letters of equal width.
const fence = "```"

// page lays the blocks out for WhatsApp, those of one kind together and a blank
// line between kinds.
func (v *Voice) page(c card.Card, b budget) string {
	var p paragraphs
	shared := v.against(c)
	notes := 0
	for i, block := range c.Blocks {
		switch block := block.(type) {
		case card.Title:
			p.add(titleKind(i), v.title(block))
		case card.Line:
			p.add("line", v.opening(block.Text))
		case card.Figure:
			p.add("figure", v.figure(block, b, shared))
			if shared != "" && lastFigure(c.Blocks[i+1:]) {
				p.add("figure", italic(capital(v.word("change.against", "x", shared))))
				shared = ""
			}
		case card.Table:
			p.add("table", v.table(block, b))
		case card.Note:
			if notes++; notes <= b.notes {
				p.add("note", italic(v.opening(block.Text)))
			}
		}
	}
	return p.String()
}

// lastFigure reports whether no figure follows that has a change.
func lastFigure(rest []card.Block) bool {
	return !slices.ContainsFunc(rest, func(b card.Block) bool {
		f, ok := b.(card.Figure)
		return ok && f.Change != nil
	})
}

// heading is a title further down: what it heads follows at once.
const heading = "heading"

func titleKind(i int) string {
	if i > 0 {
		return heading
	}
	return "title"
}

// paragraphs gathers blocks.
type paragraphs struct {
	b    strings.Builder
	kind string
}

func (p *paragraphs) add(kind, s string) {
	if s == "" {
		return
	}
	switch {
	case p.b.Len() == 0:
	case p.kind == heading || p.kind == kind && kind != "table" && kind != "title":
		p.b.WriteByte('\n')
	default:
		p.b.WriteString("\n\n")
	}
	p.b.WriteString(s)
	p.kind = kind
}

func (p *paragraphs) String() string { return p.b.String() }

func (v *Voice) title(t card.Title) string {
	s := bold(v.opening(t.Text))
	if t.Sub.Key != "" {
		s += "\n" + v.opening(t.Sub)
	}
	return s
}

// figure is one line: name, value, change, and details.
func (v *Voice) figure(f card.Figure, b budget, shared string) string {
	s := v.word("figure.line", "label", v.opening(f.Label), "value", bold(v.value(f.Value)))
	if m := v.change(f.Change); m.text != "" {
		s += " " + m.text + signal(m.tone)
		if m.other != "" && m.other != shared {
			s += " " + v.word("change.beside", "x", m.other)
		}
	}
	if b.details {
		for _, d := range f.Details {
			if said := v.say(d); said != "" {
				s += " · " + said
			}
		}
	}
	return s
}

func (v *Voice) value(x card.Value) string {
	if x == nil {
		return none
	}
	return v.Format(x)
}

// bold and italic mark what is not empty, line by line, as WhatsApp wants it.
func bold(s string) string   { return wrapped(s, "*") }
func italic(s string) string { return wrapped(s, "_") }

func wrapped(s, mark string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	return mark + strings.ReplaceAll(s, "\n", mark+"\n"+mark) + mark
}

// table is a block of equal-width letters when there are several columns of
// figures and a phone is wide enough; else a list, a row to a line.
func (v *Voice) table(t card.Table, b budget) string {
	left := max(len(t.Rows)-b.rows, 0)
	t.Rows = t.Rows[:len(t.Rows)-left]
	s := ""
	if v.columns(t, b) {
		g := v.tight().grid(t)
		if g.fit(widest) {
			s = fence + strings.Join(g.lines(), "\n") + fence
		}
	}
	if s == "" {
		s = v.rows(t, b)
	}
	if left > 0 {
		s += "\n" + v.plural("table.more", int64(left))
	}
	return s
}

// columns reports whether rows are read down rather than along.
func (v *Voice) columns(t card.Table, b budget) bool {
	n := 0
	for _, row := range t.Rows {
		if b.rowDetails && row.Detail.Key != "" {
			return false
		}
		n = max(n, len(row.Cells))
	}
	count := 0
	for c := range n {
		if figures(t, c) {
			count++
		}
	}
	return count > 1
}

// rows lists a table: the first cell, then the others, figures with their heads
// when there are several.
func (v *Voice) rows(t card.Table, b budget) string {
	named := v.columns(t, budget{})
	lines := make([]string, 0, len(t.Rows))
	for i, row := range t.Rows {
		start := "• "
		if n := place(t, i); t.Numbered && n != "" {
			start = n + ". "
		}
		lines = append(lines, start+v.row(t, row, named))
		if b.rowDetails && row.Detail.Key != "" {
			lines = append(lines, "    "+italic(v.opening(row.Detail)))
		}
	}
	return strings.Join(lines, "\n")
}

func (v *Voice) row(t card.Table, row card.Row, named bool) string {
	if len(row.Cells) == 0 {
		return none
	}
	first := v.at(row, 0)
	if row.Strong {
		first = bold(first)
	}
	cells := []string{first}
	for c := 1; c < len(row.Cells); c++ {
		s := v.at(row, c)
		if s == none && c < len(t.Head) && t.Head[c].Key == "" && named {
			continue // what needs no head needs no gap
		}
		if named && c < len(t.Head) && t.Head[c].Key != "" {
			s = v.say(t.Head[c]) + " " + s
		}
		cells = append(cells, s)
	}
	return strings.Join(cells, " · ")
}

// Text is the card as one WhatsApp text of at most 4,096 characters, shortened
// where it must be. Pictures, files and choices are left out.
func (v *Voice) Text(c card.Card) string { return v.fitted(c, textBody) }
