package render

import (
	"strings"

	"pulso/bot/card"
)

// Plain is the card for the terminal: no formatting, everything in columns.
// Nothing is shortened. Choices are listed with the words they stand for.
func (v *Voice) Plain(c card.Card) string {
	v = v.bare()
	var p paragraphs
	shared := v.against(c)
	for i := 0; i < len(c.Blocks); i++ {
		switch b := c.Blocks[i].(type) {
		case card.Title:
			p.add(titleKind(i), v.plainTitle(b))
		case card.Line:
			p.add("line", v.opening(b.Text))
		case card.Figure:
			n := figuresFrom(c.Blocks[i:])
			p.add("figure", v.plainFigures(c.Blocks[i:i+n], shared))
			i += n - 1
		case card.Table:
			p.add("table", v.plainTable(b))
		case card.Note:
			p.add("note", v.opening(b.Text))
		case card.Picture:
			p.add("picture", v.word("picture.plain", "title", v.alt(b.Chart)))
		case card.File:
			p.add("file", v.word("file.plain", "name", fileName(b.Name)))
		}
	}
	p.add("choices", v.plainChoices(c))
	return p.String()
}

func (v *Voice) plainTitle(t card.Title) string {
	s := v.opening(t.Text)
	if t.Sub.Key != "" {
		s += "\n" + v.opening(t.Sub)
	}
	return s
}

// figuresFrom counts the figures at the beginning of blocks.
func figuresFrom(blocks []card.Block) int {
	for i, b := range blocks {
		if _, ok := b.(card.Figure); !ok {
			return i
		}
	}
	return len(blocks)
}

func (v *Voice) plainFigures(blocks []card.Block, shared string) string {
	moves := false
	g := grid{right: []bool{false, true, false, false}}
	for _, b := range blocks {
		f := b.(card.Figure) // figuresFrom counted them
		m := v.change(f.Change)
		moved := m.text
		if moved != "" && m.other != "" && m.other != shared {
			moved += " " + v.word("change.beside", "x", m.other)
		}
		moves = moves || moved != ""
		var details []string
		for _, d := range f.Details {
			details = append(details, v.say(d))
		}
		g.rows = append(g.rows, []string{v.opening(f.Label), v.value(f.Value), moved, strings.Join(details, " · ")})
	}
	lines := g.lines()
	if moves && shared != "" {
		lines = append(lines, capital(v.word("change.against", "x", shared)))
	}
	return strings.Join(lines, "\n")
}

// plainTable shows second lines below the words they belong to.
func (v *Voice) plainTable(t card.Table) string {
	g := v.grid(t)
	lines := g.lines()
	var out []string
	for i, line := range lines {
		out = append(out, line)
		if k := i - g.offset(); k >= 0 && t.Rows[k].Detail.Key != "" {
			out = append(out, "    "+v.opening(t.Rows[k].Detail))
		}
	}
	return strings.Join(out, "\n")
}

func (v *Voice) plainChoices(c card.Card) string {
	choices := c.Choices
	if c.Menu != nil {
		for _, s := range c.Menu.Sections {
			choices = append(choices[:len(choices):len(choices)], s.Choices...)
		}
	}
	var lines []string
	for _, x := range distinct(choices) {
		lines = append(lines, v.word("choice.plain", "label", v.label(x.Label), "ask", visible(x.Ask)))
	}
	return strings.Join(lines, "\n")
}
