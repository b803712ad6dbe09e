package render

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"pulso/bot/card"
	"pulso/bot/whatsapp"
)

// TestLimitsAreThoseOfTheSender keeps the two tables of Meta's lengths equal.
func TestLimitsAreThoseOfTheSender(t *testing.T) {
	l := whatsapp.Limits()
	for _, x := range [][2]int{
		{textBody, l.TextBody}, {caption, l.Caption}, {buttonBody, l.ButtonBody}, {mostButtons, l.Buttons}, {buttonTitle, l.ButtonTitle},
		{buttonID, l.ButtonID}, {listBody, l.ListBody}, {listButton, l.ListButton}, {mostRows, l.Rows}, {sectionName, l.SectionTitle},
		{rowTitle, l.RowTitle}, {rowDetail, l.RowDescription}, {rowID, l.RowID}, {imageBytes, l.ImageBytes}, {fileBytes, l.DocumentBytes},
		{templateBody, l.TemplateBody}, {payloadLen, l.Payload},
	} {
		assert.Equal(t, x[1], x[0])
	}
}

// TestShorteningKeepsWordsWhole cuts cards to any length: every word of what is
// left is one of the whole.
func TestShorteningKeepsWordsWhole(t *testing.T) {
	v := voice(t, "es", "CO")
	rapid.Check(t, func(t *rapid.T) {
		name := func() card.Name {
			return card.Name(rapid.SampledFrom([]string{"Luz Marina", "Ana", "أحمد محمود", "🌻 flor", "São João del Rei"}).Draw(t, "name"))
		}
		c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("agent.title", "agent", name())}}}
		for range rapid.IntRange(0, 5).Draw(t, "lines") {
			c.Blocks = append(c.Blocks, card.Line{Text: card.T("note.filter", "names", card.List{name(), name()})})
			c.Blocks = append(c.Blocks, card.Figure{Label: card.T("overview.sent"), Value: card.Count(7), Details: []card.Text{card.T("note.filter", "names", name())}})
		}
		table := card.Table{Numbered: true}
		for range rapid.IntRange(0, 30).Draw(t, "rows") {
			table.Rows = append(table.Rows, card.Row{Cells: []card.Value{name(), card.Count(12)}, Detail: card.T("agent.title", "agent", name())})
		}
		c.Blocks = append(c.Blocks, table)
		for range rapid.IntRange(0, 5).Draw(t, "notes") {
			c.Blocks = append(c.Blocks, card.Note{Text: card.T("note.filter", "names", name())})
		}
		most := rapid.IntRange(60, 1500).Draw(t, "most")
		got := v.fitted(c, most)
		if length(got) > most+len([]rune(popIsolate)) {
			t.Fatalf("%d characters, at most %d", length(got), most)
		}
		whole := map[string]bool{"": true, "y": true, "más": true}
		for _, w := range words(v.page(c, everything())) {
			whole[w] = true
		}
		for _, w := range words(got) {
			if !whole[w] && strings.Trim(w, "0123456789") != "" {
				t.Fatalf("%q is no word of the card, in\n%s", w, got)
			}
		}
	})
}

// words splits a text and takes marks and isolates off its words.
func words(s string) []string {
	all := strings.Fields(s)
	for i, w := range all {
		all[i] = strings.Trim(w, "*_.,:;…·•▸"+isolates)
	}
	return all
}

func TestClipped(t *testing.T) {
	assert.Equal(t, "short", clipped("short", 5))
	assert.Equal(t, "one two…", clipped("one two three", 11))
	assert.Equal(t, "first line…", clipped("first line\nsecond line", 18))
	assert.Equal(t, "abcdefgh…", clipped("abcdefghijklmnop", 10), "a single word is cut where it must be")
	assert.Equal(t, "text…", clipped("text ```a  b\nc  d\ne  f```", 20), "no block is left open")
	assert.LessOrEqual(t, length(clipped(strings.Repeat("🌻", 50), 20)), 20)
}

func TestChangesInWords(t *testing.T) {
	v := voice(t, "es", "CO")
	for _, x := range []struct {
		change card.Change
		want   string
		tone   int
	}{
		{card.Change{Now: 112, Was: 100, Better: 1}, "▲ 12 %", 1},
		{card.Change{Now: 88, Was: 100, Better: 1}, "▼ 12 %", -1},
		{card.Change{Now: 88, Was: 100, Better: -1}, "▼ 12 %", 1},
		{card.Change{Now: 112, Was: 100, Better: -1}, "▲ 12 %", -1},
		{card.Change{Now: 112, Was: 100}, "▲ 12 %", 0},
		{card.Change{Now: 104, Was: 100, Better: 1}, "▲ 4 %", 0},
		{card.Change{Now: 100.3, Was: 100, Better: 1}, "= sin cambio", 0},
		{card.Change{Now: 100, Was: 100, Better: 1}, "= sin cambio", 0},
		{card.Change{Now: 0, Was: 0, Better: 1}, "= sin cambio", 0},
		{card.Change{Now: 7, Was: 0, Better: 1}, "▲ nuevo", 0},
		{card.Change{Now: 0, Was: 7, Better: 1}, "▼ 100 %", -1},
		{card.Change{Now: 950, Was: 100, Better: 1}, "▲ 850 %", 1},
		{card.Change{Now: 1900, Was: 100, Better: 1}, "▲ ×19", 1},
		{card.Change{Now: 0.93, Was: 0.87, Better: 1, Points: true}, "▲ 6 pts", 1},
		{card.Change{Now: 0.031, Was: 0.012, Better: -1, Points: true}, "▲ 1,9 pts", 0},
		{card.Change{Now: 0.5, Was: 0.75, Better: 1, Points: true}, "▼ 25 pts", -1},
		{card.Change{Now: 0.50001, Was: 0.5, Better: 1, Points: true}, "= sin cambio", 0},
		{card.Change{Now: 0.2, Was: 0, Better: 1, Points: true}, "▲ 20 pts", 1},
	} {
		x.change.Known = true
		m := v.change(&x.change)
		assert.Equal(t, x.want, m.text, x)
		assert.Equal(t, x.tone, m.tone, x)
	}
	assert.Empty(t, v.change(&card.Change{Now: 1, Was: 2}).text, "a baseline without a value")
	assert.Empty(t, v.change(nil).text)
}

// TestABaselineIsNamedOnce: said at the end when all share it, beside each when not.
func TestABaselineIsNamedOnce(t *testing.T) {
	v := voice(t, "es", "CO")
	figure := func(against string) card.Figure {
		return card.Figure{Label: card.T("overview.sent"), Value: card.Count(3), Change: &card.Change{Now: 3, Was: 2, Known: true, Against: card.T(against)}}
	}
	shared := card.Card{Blocks: []card.Block{figure("against.yesterday"), figure("against.yesterday"), card.Figure{Label: card.T("overview.waiting")}}}
	assert.Equal(t, "Enviados: *3* ▲ 50 %\nEnviados: *3* ▲ 50 %\n_Comparado con ayer_\nEsperando ahora: *–*", v.Text(shared))
	differ := card.Card{Blocks: []card.Block{figure("against.yesterday"), figure("against.last_week")}}
	assert.Equal(t, "Enviados: *3* ▲ 50 % vs. ayer\nEnviados: *3* ▲ 50 % vs. la semana pasada", v.Text(differ))
	one := card.Card{Blocks: []card.Block{figure("against.yesterday")}}
	assert.Equal(t, "Enviados: *3* ▲ 50 % vs. ayer", v.Text(one))
}
