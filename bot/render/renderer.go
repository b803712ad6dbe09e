package render

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"slices"
	"sort"

	"pulso/bot/card"
	"pulso/bot/render/picture"
)

// Renderer holds the texts of all languages and the fonts of pictures. It never
// changes, and may be used by many goroutines at once.
type Renderer struct {
	languages map[string]texts
	pictures  *picture.Renderer
	html      *template.Template
}

// New reads the language files, <tag>.toml at the root of files. All faults of
// a file are reported together, by key.
func New(files fs.FS) (*Renderer, error) {
	languages, err := readTexts(files)
	if err != nil {
		return nil, fmt.Errorf("render: read texts: %w", err)
	}
	if languages[fallback] == nil {
		return nil, errors.New("render: read texts: no " + fallback + ".toml")
	}
	pictures, err := picture.New()
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	html, err := template.New("card").Parse(cardHTML)
	if err != nil {
		return nil, fmt.Errorf("render: %w", err)
	}
	return &Renderer{languages, pictures, html}, nil
}

// fallback is the language of those whose own there is no file for.
const fallback = "en"

// Languages returns the tags that there are texts for, sorted.
func (r *Renderer) Languages() []string {
	tags := make([]string, 0, len(r.languages))
	for tag := range r.languages {
		tags = append(tags, tag)
	}
	sort.Strings(tags)
	return tags
}

// Has reports whether every language has a text of the key.
func (r *Renderer) Has(key string) bool {
	for _, t := range r.languages {
		if _, ok := t[key]; !ok {
			return false
		}
	}
	return true
}

// Pattern returns a text as it is written, with its places as {name}, and the
// names of the places in the order of the text. It is for those who fill texts
// elsewhere, such as the templates registered at Meta. false: no such text.
func (r *Renderer) Pattern(language, key string) (text string, places []string, ok bool) {
	e, ok := r.languages[language][key]
	if !ok {
		return "", nil, false
	}
	p := e.in(other)
	for _, x := range p {
		if x.place != "" && !slices.Contains(places, x.place) {
			places = append(places, x.place)
		}
	}
	return p.String(), places, true
}

// Check reports every text of a card that some language lacks, and every one
// that is not given exactly the values its places want. It is for tests of
// those who make cards; rendering itself never fails for want of a text.
func (r *Renderer) Check(c card.Card) error {
	var faults []error
	for _, t := range textsOf(c) {
		faults = append(faults, r.checkText(t))
	}
	return errors.Join(faults...)
}

func (r *Renderer) checkText(t card.Text) error {
	if t.Key == "" {
		return nil
	}
	if !r.Has(t.Key) {
		return fmt.Errorf("render: no text %q in every language", t.Key)
	}
	e := r.languages[fallback][t.Key]
	for _, place := range e.places() {
		if _, ok := t.Args[place]; !ok {
			return fmt.Errorf("render: text %q: no value for {%s}", t.Key, place)
		}
	}
	for name, value := range t.Args {
		if !slices.Contains(e.places(), name) && !(e.plural && name == "n") {
			return fmt.Errorf("render: text %q has no place {%s}", t.Key, name)
		}
		if err := r.checkValue(value); err != nil {
			return err
		}
	}
	return nil
}

func (r *Renderer) checkValue(v card.Value) error {
	switch v := v.(type) {
	case card.Said:
		return r.checkText(card.Text(v))
	case card.Word:
		return r.checkText(card.Text{Key: string(v)})
	case card.List:
		for _, x := range v {
			if err := r.checkValue(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// textsOf returns the texts of a card.
func textsOf(c card.Card) []card.Text {
	var all []card.Text
	for _, b := range c.Blocks {
		all = append(all, textsOfBlock(b)...)
	}
	choices := c.Choices
	if c.Menu != nil {
		all = append(all, c.Menu.Button)
		for _, s := range c.Menu.Sections {
			all = append(all, s.Title)
			choices = append(slices.Clone(choices), s.Choices...)
		}
	}
	for _, x := range choices {
		all = append(all, x.Label, x.Detail)
	}
	return all
}

func textsOfBlock(b card.Block) []card.Text {
	switch b := b.(type) {
	case card.Title:
		return []card.Text{b.Text, b.Sub}
	case card.Line:
		return []card.Text{b.Text}
	case card.Note:
		return []card.Text{b.Text}
	case card.File:
		return []card.Text{b.Text}
	case card.Figure:
		all := append([]card.Text{b.Label}, b.Details...)
		if b.Change != nil {
			all = append(all, b.Change.Against)
		}
		return append(all, saidIn(b.Value)...)
	case card.Table:
		return textsOfTable(b)
	case card.Picture:
		return textsOfChart(b.Chart)
	}
	return nil
}

func textsOfTable(t card.Table) []card.Text {
	all := slices.Clone(t.Head)
	for _, row := range t.Rows {
		all = append(append(all, row.Detail), saidIn(row.Cells...)...)
	}
	return all
}

func textsOfChart(c card.Chart) []card.Text {
	all := []card.Text{c.Title, c.Subtitle, c.Note, c.Empty, c.Current, c.Earlier, c.Usual, c.Peak}
	if c.Goal != nil {
		all = append(all, c.Goal.Label)
	}
	for _, s := range c.Steps {
		all = append(all, s.Label, s.Lost)
	}
	for _, p := range c.Points {
		all = append(all, saidIn(p.Label)...)
	}
	return append(append(all, saidIn(c.RowHeads...)...), saidIn(c.ColumnHeads...)...)
}

// saidIn returns the texts among values.
func saidIn(values ...card.Value) []card.Text {
	var all []card.Text
	for _, v := range values {
		switch v := v.(type) {
		case card.Said:
			all = append(all, card.Text(v))
		case card.Word:
			all = append(all, card.Text{Key: string(v)})
		case card.List:
			all = append(all, saidIn(v...)...)
		}
	}
	return all
}
