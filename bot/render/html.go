package render

import (
	"bytes"
	_ "embed" // card.html
	"encoding/base64"
	"fmt"
	"html/template"

	"pulso/bot/card"
)

//go:embed card.html
var cardHTML string

// block is one block of a card for the HTML template; which fields are set
// depends on Kind.
type block struct {
	Kind    string
	Text    string
	Sub     string
	Figures []shownFigure
	Head    []shownCell
	Rows    []shownRow
	Image   template.URL
	Name    string
}

type shownFigure struct {
	Label, Value, Change, Against string
	Tone                          string // better, worse or ""
	Details                       []string
}

type shownCell struct {
	Text   string
	Figure bool
}

type shownRow struct {
	Number string
	Cells  []shownCell
	Strong bool
	// Numbered rows have a column for their number, also where they have none.
	Numbered bool
	Detail   string
	Span     int
}

type shownSection struct {
	Title   string
	Choices []shownChoice
}

type shownChoice struct{ Label, Detail, Ask string }

// HTML is the card as a fragment of a page: no scripts, no styles, nothing
// loaded from elsewhere (pictures are data: addresses). Choices are buttons
// with their words in data-ask. It fails only when a picture cannot be drawn.
func (v *Voice) HTML(c card.Card) (template.HTML, error) {
	v = v.bare()
	page := struct {
		Language string
		Blocks   []block
		Sections []shownSection
	}{Language: v.Language(), Sections: v.sections(c)}
	for i := 0; i < len(c.Blocks); i++ {
		if n := figuresFrom(c.Blocks[i:]); n > 0 {
			page.Blocks = append(page.Blocks, v.shownFigures(c.Blocks[i:i+n], v.against(c)))
			i += n - 1
			continue
		}
		b, err := v.block(c.Blocks[i])
		if err != nil {
			return "", err
		}
		page.Blocks = append(page.Blocks, b)
	}
	var out bytes.Buffer
	if err := v.r.html.Execute(&out, page); err != nil {
		return "", fmt.Errorf("render: html: %w", err)
	}
	return template.HTML(out.String()), nil //nolint:gosec // escaped by html/template
}

func (v *Voice) block(b card.Block) (block, error) {
	switch b := b.(type) {
	case card.Title:
		return block{Kind: "title", Text: v.opening(b.Text), Sub: v.opening(b.Sub)}, nil
	case card.Line:
		return block{Kind: "line", Text: v.opening(b.Text)}, nil
	case card.Note:
		return block{Kind: "note", Text: v.opening(b.Text)}, nil
	case card.Table:
		return v.shownTable(b), nil
	case card.File:
		return block{Kind: "file", Name: fileName(b.Name), Text: v.opening(b.Text), Image: dataURL(b.MIME, b.Body)}, nil
	case card.Picture:
		image, err := v.image(b.Chart)
		if err != nil {
			return block{}, err
		}
		return block{Kind: "picture", Text: image.Alt, Image: dataURL("image/png", image.PNG)}, nil
	}
	return block{}, nil
}

// dataURL is an address that holds the bytes themselves. A media type that is
// none becomes that of unknown bytes, so that nothing is run.
func dataURL(mime string, body []byte) template.URL {
	switch mime {
	case "image/png", "application/pdf", "text/plain", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":
	default:
		mime = "application/octet-stream"
	}
	return template.URL("data:" + mime + ";base64," + base64.StdEncoding.EncodeToString(body)) //nolint:gosec // base64 of a fixed type
}

// shownFigures says once what all of them are compared with.
func (v *Voice) shownFigures(blocks []card.Block, shared string) block {
	out := block{Kind: "figures"}
	for _, b := range blocks {
		f := b.(card.Figure) // figuresFrom counted them
		m := v.change(f.Change)
		s := shownFigure{Label: v.opening(f.Label), Value: v.value(f.Value), Change: m.text}
		switch {
		case m.text == "" || m.other == "":
		case m.other == shared:
			out.Sub = capital(v.word("change.against", "x", shared))
		default:
			s.Against = v.word("change.beside", "x", m.other)
		}
		switch m.tone {
		case 1:
			s.Tone = "better"
		case -1:
			s.Tone = "worse"
		}
		for _, d := range f.Details {
			s.Details = append(s.Details, v.say(d))
		}
		out.Figures = append(out.Figures, s)
	}
	return out
}

func (v *Voice) shownTable(t card.Table) block {
	out := block{Kind: "table"}
	columns := 0
	for _, row := range t.Rows {
		columns = max(columns, len(row.Cells))
	}
	if anyText(t.Head) {
		if t.Numbered {
			out.Head = append(out.Head, shownCell{})
		}
		for c, h := range t.Head {
			out.Head = append(out.Head, shownCell{v.say(h), figures(t, c)})
		}
	}
	for i, row := range t.Rows {
		s := shownRow{Strong: row.Strong, Detail: v.opening(row.Detail), Span: columns}
		if s.Numbered = t.Numbered; t.Numbered {
			s.Number = place(t, i)
			s.Span++
		}
		for c := range columns {
			s.Cells = append(s.Cells, shownCell{v.at(row, c), figures(t, c)})
		}
		out.Rows = append(out.Rows, s)
	}
	return out
}

func (v *Voice) sections(c card.Card) []shownSection {
	sections := []card.Section{{Choices: c.Choices}}
	if c.Menu != nil {
		sections = c.Menu.Sections
	}
	var out []shownSection
	for _, s := range sections {
		shown := shownSection{Title: v.label(s.Title)}
		for _, x := range distinct(s.Choices) {
			shown.Choices = append(shown.Choices, shownChoice{v.label(x.Label), v.label(x.Detail), x.Ask})
		}
		if len(shown.Choices) > 0 {
			out = append(out, shown)
		}
	}
	return out
}
