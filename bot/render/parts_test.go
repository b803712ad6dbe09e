package render_test

import (
	"bytes"
	"fmt"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/bot/card"
	"pulso/bot/render"
	"pulso/bot/whatsapp"
)

// message is a part as the sender sends it, its media uploaded.
func message(p render.Part) whatsapp.Message {
	m := whatsapp.Message{To: "+573001112233"}
	switch p.Kind {
	case render.TextPart:
		m.Content = whatsapp.Text{Body: p.Text}
	case render.ImagePart:
		m.Content = whatsapp.Image{MediaID: "1", Caption: p.Text}
	case render.DocumentPart:
		m.Content = whatsapp.Document{MediaID: "1", Filename: p.Document.Name, Caption: p.Text}
	case render.ButtonsPart:
		b := whatsapp.Buttons{Body: p.Text}
		for _, x := range p.Buttons {
			b.Replies = append(b.Replies, whatsapp.Reply(x))
		}
		m.Content = b
	case render.ListPart:
		l := whatsapp.List{Body: p.Text, Button: p.List.Button}
		for _, s := range p.List.Sections {
			section := whatsapp.Section{Title: s.Title}
			for _, row := range s.Rows {
				section.Rows = append(section.Rows, whatsapp.Row{ID: row.ID, Title: row.Title, Description: row.Detail})
			}
			l.Sections = append(l.Sections, section)
		}
		m.Content = l
	}
	return m
}

// fatal is what both testing and rapid fail with.
type fatal interface{ Fatalf(string, ...any) }

// checkParts holds parts against Meta's table and against this product's own
// rule of one screen.
func checkParts(t fatal, parts []render.Part) {
	l := whatsapp.Limits()
	for _, p := range parts {
		if err := whatsapp.Check(message(p)); err != nil {
			t.Fatalf("%v\n%s", err, p.Text)
		}
		if !utf8.ValidString(p.Text) || strings.Count(p.Text, "```")%2 != 0 || strings.Count(p.Text, "\u2068") != strings.Count(p.Text, "\u2069") {
			t.Fatalf("something was left open in\n%s", p.Text)
		}
		if p.Image != nil && (len(p.Image.PNG) > l.ImageBytes || p.Image.Alt == "") {
			t.Fatalf("picture of %d bytes, %q", len(p.Image.PNG), p.Image.Alt)
		}
	}
	for _, p := range parts[1:] {
		if p.Kind != render.ImagePart && p.Kind != render.DocumentPart {
			t.Fatalf("a second message of kind %s", p.Kind)
		}
	}
}

func TestEverySampleFits(t *testing.T) {
	r := renderer(t)
	for name, c := range samples() {
		for _, l := range locales() {
			parts, err := r.Voice(l).Parts(c)
			require.NoError(t, err, name)
			checkParts(t, parts)
			assert.LessOrEqual(t, utf8.RuneCountInString(r.Voice(l).Text(c)), whatsapp.Limits().TextBody)
		}
	}
}

// anyCard draws cards that are often too long.
func anyCard(t *rapid.T) card.Card {
	word := rapid.SampledFrom([]string{"Luz", "Ana María de los Ángeles", "أحمد 12", "🌻🌻🌻", "*x* _y_", "línea\notra", strings.Repeat("abc", 30)})
	name := func(label string) card.Name { return card.Name(word.Draw(t, label)) }
	var c card.Card
	if rapid.Bool().Draw(t, "title") {
		c.Blocks = append(c.Blocks, card.Title{Text: card.T("agent.title", "agent", name("title"))})
	}
	for range rapid.IntRange(0, 12).Draw(t, "figures") {
		c.Blocks = append(c.Blocks, card.Figure{
			Label: card.T("overview.received"), Value: card.Count(rapid.Int64().Draw(t, "value")),
			Change:  &card.Change{Now: rapid.Float64().Draw(t, "now"), Was: rapid.Float64().Draw(t, "was"), Known: true, Better: 1, Points: rapid.Bool().Draw(t, "points")},
			Details: []card.Text{card.T("note.filter", "names", name("detail"))},
		})
	}
	for range rapid.IntRange(0, 2).Draw(t, "tables") {
		wide := rapid.IntRange(0, 4).Draw(t, "columns")
		table := card.Table{Numbered: rapid.Bool().Draw(t, "numbered"), First: rapid.IntRange(0, 100).Draw(t, "first")}
		for range rapid.IntRange(0, 150).Draw(t, "rows") {
			row := card.Row{Cells: []card.Value{name("cell")}}
			for i := range wide {
				row.Cells = append(row.Cells, card.Duration(i)*hour)
			}
			if rapid.IntRange(0, 9).Draw(t, "with detail") == 0 {
				row.Detail = card.T("drill.customer_said", "text", name("said"))
			}
			table.Rows = append(table.Rows, row)
		}
		c.Blocks = append(c.Blocks, table)
	}
	for range rapid.IntRange(0, 30).Draw(t, "notes") {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("note.filter", "names", card.List{name("a"), name("b"), name("c")})})
	}
	for i := range rapid.IntRange(0, 10).Draw(t, "choices") {
		c.Choices = append(c.Choices, card.Choice{Label: card.T("choice.agent", "agent", name("label")), Ask: fmt.Sprint("agent ", i)})
	}
	return c
}

// TestAnyCardFits: whatever a card holds, its messages are within Meta's lengths.
func TestAnyCardFits(t *testing.T) {
	r := renderer(t)
	rapid.Check(t, func(t *rapid.T) {
		v := r.Voice(rapid.SampledFrom(locales()).Draw(t, "locale"))
		c := anyCard(t)
		parts, err := v.Parts(c)
		if len(c.Blocks) == 0 && len(c.Choices) == 0 {
			return
		}
		if err != nil {
			if v.Text(c) != "" || len(c.Choices) > 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		checkParts(t, parts)
	})
}

func TestShorteningGoesInOrder(t *testing.T) {
	v := renderer(t).Voice(locales()[0])
	c := card.Card{
		Blocks:  []card.Block{card.Title{Text: card.T("list.open.title", "n", card.Count(40))}},
		Choices: []card.Choice{{Label: card.T("choice.more"), Ask: "more"}},
	}
	table := card.Table{Numbered: true}
	for i := range 14 {
		table.Rows = append(table.Rows, card.Row{
			Cells:  []card.Value{card.Name(fmt.Sprintf("Customer number %d of the list", i)), card.Name("Ana"), card.Duration(i) * minute},
			Detail: card.T("drill.customer_said", "text", card.Name("When does it arrive?")),
		})
	}
	text := func(rows int, notes int) string {
		x := table
		x.Rows = slices.Repeat(table.Rows, 10)[:rows]
		c.Blocks = append(c.Blocks[:1:1], x)
		for i := range notes {
			c.Blocks = append(c.Blocks, card.Note{Text: card.T("note.filter", "names", card.Name(fmt.Sprint("note ", i)))})
		}
		parts, err := v.Parts(c)
		require.NoError(t, err)
		require.Equal(t, render.ButtonsPart, parts[0].Kind)
		return parts[0].Text
	}
	short := text(5, 2)
	assert.Contains(t, short, "When does it arrive?")
	assert.Contains(t, short, "note 1")

	details := text(14, 2)
	assert.NotContains(t, details, "When does it arrive?", "second lines go first")
	assert.Contains(t, details, "note 1")
	assert.NotContains(t, details, "more")

	notes := text(14, 25)
	assert.Contains(t, notes, "note 0", "the first note stays")
	assert.NotContains(t, notes, "note 1", "the others go next")
	assert.NotContains(t, notes, "… and")

	rows := text(40, 3)
	assert.Contains(t, rows, "_Only note 0_", "rows go last")
	assert.Regexp(t, `\n… and \d+ more\n`, rows)
	shown := strings.Count(rows, "Customer number")
	assert.Contains(t, rows, fmt.Sprintf("… and %d more", 40-shown))
	assert.Greater(t, len(rows), 950, "no more than needed is left out")
}

// TestTooLongATextIsCutAtAWord is the last resort: one text without anything
// that could be left out.
func TestTooLongATextIsCutAtAWord(t *testing.T) {
	v := renderer(t).Voice(locales()[0])
	var c card.Card
	for i := range 200 {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("note.filter", "names", card.Name(fmt.Sprint("sentence number ", i)))})
	}
	full := v.Text(c)
	assert.LessOrEqual(t, len(full), 4096+2)
	c.Choices = []card.Choice{{Label: card.T("choice.more"), Ask: "more"}}
	parts, err := v.Parts(c)
	require.NoError(t, err)
	cut, ok := strings.CutSuffix(parts[0].Text, "…")
	require.True(t, ok)
	assert.True(t, strings.HasPrefix(full, cut))
	assert.Regexp(t, `\d$`, cut, "ends with a whole line")
	assert.LessOrEqual(t, utf8.RuneCountInString(parts[0].Text), 1024)
}

func TestHowManyMessages(t *testing.T) {
	v := renderer(t).Voice(locales()[0])
	line := card.Line{Text: card.T("report.total")}
	picture := card.Picture{Chart: trend().Blocks[2].(card.Picture).Chart}
	file := card.File{Name: "a.xlsx", MIME: "application/pdf", Body: []byte("x"), Text: card.T("export.title")}
	choice := []card.Choice{{Label: card.T("choice.how"), Ask: "how"}}
	long := slices.Repeat([]card.Block{card.Line{Text: card.T("metric.first_response.how")}}, 6)
	for name, x := range map[string]struct {
		card card.Card
		want []render.Kind
		text string
	}{
		"text":                    {card.Card{Blocks: []card.Block{line}}, []render.Kind{render.TextPart}, "Total"},
		"picture, short text":     {card.Card{Blocks: []card.Block{line, picture}}, []render.Kind{render.ImagePart}, "Total"},
		"picture alone":           {card.Card{Blocks: []card.Block{picture}}, []render.Kind{render.ImagePart}, "First response, last 30 days (Feb 16–Mar 17) · median"},
		"picture, long text":      {card.Card{Blocks: append(slices.Clone(long), picture)}, []render.Kind{render.TextPart, render.ImagePart}, ""},
		"two pictures":            {card.Card{Blocks: []card.Block{line, picture, picture}}, []render.Kind{render.TextPart, render.ImagePart, render.ImagePart}, "Total"},
		"picture and choices":     {card.Card{Blocks: []card.Block{line, picture}, Choices: choice}, []render.Kind{render.ButtonsPart, render.ImagePart}, "Total"},
		"only picture and choice": {card.Card{Blocks: []card.Block{picture}, Choices: choice}, []render.Kind{render.ButtonsPart, render.ImagePart}, "What would you like to see?"},
		"file":                    {card.Card{Blocks: []card.Block{line, file}}, []render.Kind{render.DocumentPart}, "Total\n\nYour file"},
		"file alone":              {card.Card{Blocks: []card.Block{file}}, []render.Kind{render.DocumentPart}, "Your file"},
		"file and picture":        {card.Card{Blocks: []card.Block{line, picture, file}}, []render.Kind{render.TextPart, render.ImagePart, render.DocumentPart}, "Total"},
	} {
		parts, err := v.Parts(x.card)
		require.NoError(t, err, name)
		var kinds []render.Kind
		for _, p := range parts {
			kinds = append(kinds, p.Kind)
		}
		assert.Equal(t, x.want, kinds, name)
		if x.text != "" {
			assert.Equal(t, x.text, parts[0].Text, name)
		}
		checkParts(t, parts)
	}
}

func TestChoices(t *testing.T) {
	v := renderer(t).Voice(locales()[1])
	choice := func(label, ask string) card.Choice {
		return card.Choice{Label: card.T("choice.agent", "agent", card.Name(label)), Ask: ask}
	}
	parts, err := v.Parts(card.Card{Choices: []card.Choice{
		choice("Respuestas de la semana pasada", "1"), choice("Respuestas de la semana que viene", "2"), choice("Supercalifragilisticoespialidoso", "3"), choice("otra", "1"),
	}})
	require.NoError(t, err)
	assert.Equal(t, "¿Qué quieres ver?", parts[0].Text)
	assert.Equal(t, []render.Button{{"1", "1. Respuestas"}, {"2", "2. Respuestas"}, {"3", "Supercalifragilisti…"}}, parts[0].Buttons)

	parts, err = v.Parts(card.Card{Choices: []card.Choice{
		choice("Ana", "1"), choice("Respuestas de la semana pasada", "2"), choice("Luis", "3"), choice("💐💐💐💐💐💐💐💐💐💐💐💐💐", "4"),
	}})
	require.NoError(t, err)
	assert.Equal(t, []render.Section{{Rows: []render.Row{
		{"1", "Ana", ""}, {"2", "Respuestas de la semana", "Respuestas de la semana pasada"}, {"3", "Luis", ""}, {"4", "💐💐💐💐💐💐💐💐💐💐💐…", "💐💐💐💐💐💐💐💐💐💐💐💐💐"},
	}}}, parts[0].List.Sections)
	checkParts(t, parts)
}

func TestWhatCannotBeSentIsAnError(t *testing.T) {
	v := renderer(t).Voice(locales()[0])
	many := make([]card.Choice, 11)
	for i := range many {
		many[i] = card.Choice{Label: card.T("choice.more"), Ask: fmt.Sprint("more ", i)}
	}
	one := func(ask string) []card.Choice { return []card.Choice{{Label: card.T("choice.how"), Ask: ask}} }
	menu := func(choices ...card.Choice) *card.Menu {
		return &card.Menu{Button: card.T("help.button"), Sections: []card.Section{{Choices: choices}}}
	}
	for want, c := range map[string]card.Card{
		"says nothing":                            {},
		"11 rows":                                 {Choices: many},
		"0 rows":                                  {Menu: menu()},
		"both choices and a menu":                 {Menu: menu(many[0]), Choices: one("how")},
		"a button has 257 characters":             {Choices: one(strings.Repeat("x", 257))},
		"a button has 0 characters":               {Choices: one("")},
		"a row has 201 characters":                {Menu: menu(one(strings.Repeat("x", 201))...)},
		"a file of 100000001 bytes, at most 1000": {Blocks: []card.Block{card.File{Name: "x", Body: make([]byte, 100_000_001)}}},
	} {
		_, err := v.Parts(c)
		assert.ErrorContains(t, err, want)
	}
	_, err := v.Parts(card.Card{Choices: one(strings.Repeat("ñ", 256))})
	assert.NoError(t, err, "characters are counted, not bytes")
}

func TestFilesHaveHarmlessNames(t *testing.T) {
	v := renderer(t).Voice(locales()[0])
	for in, want := range map[string]string{
		"reporte.xlsx": "reporte.xlsx", "../../etc/passwd": "passwd", `C:\x\y.pdf`: "y.pdf", "": "pulso", "..": "pulso", "a\u202egpj.exe": "agpj.exe", "a:b*?.pdf": "a_b__.pdf",
	} {
		parts, err := v.Parts(card.Card{Blocks: []card.Block{card.File{Name: in, MIME: "text/plain", Body: []byte("x")}}})
		require.NoError(t, err)
		assert.Equal(t, want, parts[0].Document.Name, in)
	}
}

// TestPictures draws every kind of chart, full and empty.
func TestPictures(t *testing.T) {
	v := renderer(t).Voice(locales()[1])
	full := map[card.ChartKind]card.Chart{
		card.Heatmap: heatmap().Blocks[4].(card.Picture).Chart,
		card.Trend:   trend().Blocks[2].(card.Picture).Chart,
	}
	points := []card.Point{
		{Label: card.Name("Ana *x*"), Value: 4 * minute, Earlier: 5 * minute, N: card.Count(40), Strong: true},
		{Label: card.Word("report.team"), Value: nil, Earlier: card.Count(3)}, {Value: card.Name("no number")},
	}
	for _, kind := range []card.ChartKind{card.Bars, card.Ranking} {
		full[kind] = card.Chart{Kind: kind, Title: card.T("report.total"), Points: points, Current: card.T("period.this_week"), Earlier: card.T("period.last_week"),
			Goal: &card.Level{Value: 6 * minute, Label: card.T("chart.team_median", "value", 6*minute)}}
	}
	full[card.Funnel] = card.Chart{Kind: card.Funnel, Title: card.T("report.funnel.title"), Steps: []card.Step{
		{Label: card.T("report.funnel.sent"), Value: card.Count(100), Share: card.Share(1), Lost: card.T("report.funnel.failed", "n", card.Count(4))},
		{Label: card.T("report.funnel.read"), Value: nil},
	}}
	for kind, chart := range full {
		for _, c := range []card.Chart{chart, {Kind: kind, Title: chart.Title}, {Kind: "unknown", Points: chart.Points}} {
			parts, err := v.Parts(card.Card{Blocks: []card.Block{card.Line{Text: card.T("report.total")}, card.Picture{Chart: c}}})
			require.NoError(t, err, kind)
			size, err := png.DecodeConfig(bytes.NewReader(parts[0].Image.PNG))
			require.NoError(t, err)
			assert.Equal(t, 1080, size.Width)
		}
	}
}

func TestHTMLIsSafe(t *testing.T) {
	v := renderer(t).Voice(locales()[0])
	evil := card.Name(`<script>alert("1")</script>' onload=x`)
	html, err := v.HTML(card.Card{
		Blocks: []card.Block{
			card.Title{Text: card.T("agent.title", "agent", evil), Sub: card.T("agent.title", "agent", evil)},
			card.Figure{Label: card.T("agent.title", "agent", evil), Value: evil, Details: []card.Text{card.T("agent.title", "agent", evil)}},
			card.Table{Head: []card.Text{card.T("agent.title", "agent", evil)}, Rows: []card.Row{{Cells: []card.Value{evil}, Detail: card.T("agent.title", "agent", evil)}}},
			card.Note{Text: card.T("agent.title", "agent", evil)},
			card.File{Name: `"><img src=x>.html`, MIME: "text/html", Body: []byte("<script>")},
			card.Picture{Chart: card.Chart{Kind: card.Trend, Title: card.T("agent.title", "agent", evil)}},
		},
		Choices: []card.Choice{{Label: card.T("agent.title", "agent", evil), Detail: card.T("agent.title", "agent", evil), Ask: `"><script>`}},
	})
	require.NoError(t, err)
	s := string(html)
	assert.NotContains(t, s, "<script")
	assert.NotContains(t, s, "<img src=x")
	assert.NotContains(t, s, "text/html", "no file is a page")
	assert.NotContains(t, s, "ZgotmplZ")
	assert.Contains(t, s, "data:application/octet-stream;base64,")
	assert.Contains(t, s, "data:image/png;base64,")
	assert.Contains(t, s, `data-ask="&#34;&gt;&lt;script&gt;"`)
	assert.Equal(t, strings.Count(s, "<div"), strings.Count(s, "</div>"))
}

func TestVoicesAreSharedByManyGoroutines(t *testing.T) {
	v := renderer(t).Voice(locales()[1])
	all := samples()
	want := map[string]string{}
	for name, c := range all {
		want[name] = v.Plain(c)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for name, c := range all {
				assert.Equal(t, want[name], v.Plain(c))
				_, err := v.Parts(c)
				assert.NoError(t, err)
			}
		})
	}
	wg.Wait()
}
