package render

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"pulso/bot/card"
)

// interactive returns the text with the card's choices: up to three as buttons,
// up to ten as a list; nil when there are none.
func (v *Voice) interactive(c card.Card) (*Part, error) {
	choices := distinct(c.Choices)
	switch {
	case c.Menu != nil && len(choices) > 0:
		return nil, errors.New("render: a card with both choices and a menu")
	case c.Menu != nil:
		return v.menu(c, c.Menu.Button, c.Menu.Sections)
	case len(choices) == 0:
		return nil, nil
	case len(choices) <= mostButtons:
		return v.buttons(c, choices)
	}
	return v.menu(c, card.T("choice.open"), []card.Section{{Choices: choices}})
}

// distinct leaves out choices that ask what another one asks.
func distinct(choices []card.Choice) []card.Choice {
	var out []card.Choice
	seen := map[string]bool{}
	for _, c := range choices {
		if !seen[c.Ask] {
			out = append(out, c)
		}
		seen[c.Ask] = true
	}
	return out
}

func (v *Voice) buttons(c card.Card, choices []card.Choice) (*Part, error) {
	p := &Part{Kind: ButtonsPart, Text: v.body(c, buttonBody)}
	titles := v.labels(choices, buttonTitle)
	for i, x := range choices {
		if err := fits("button", x.Ask, buttonID); err != nil {
			return nil, err
		}
		p.Buttons = append(p.Buttons, Button{ID: x.Ask, Title: titles[i]})
	}
	return p, nil
}

func (v *Voice) menu(c card.Card, button card.Text, sections []card.Section) (*Part, error) {
	p := &Part{Kind: ListPart, Text: v.body(c, listBody)}
	p.List = &List{Button: short(v.label(button), listButton)}
	seen := map[string]bool{}
	rows := 0
	for _, s := range sections {
		section, err := v.section(s, seen)
		if err != nil {
			return nil, err
		}
		if rows += len(section.Rows); len(section.Rows) > 0 {
			p.List.Sections = append(p.List.Sections, section)
		}
	}
	if rows == 0 || rows > mostRows {
		return nil, fmt.Errorf("render: a list of %d rows, must be 1 to %d", rows, mostRows)
	}
	if len(p.List.Sections) == 1 {
		p.List.Sections[0].Title = ""
	}
	return p, nil
}

// section skips choices whose Ask was seen in another one: ids are unique.
func (v *Voice) section(s card.Section, seen map[string]bool) (Section, error) {
	out := Section{Title: v.word("choice.section")}
	if s.Title.Key != "" {
		out.Title = short(v.label(s.Title), sectionName)
	}
	titles := v.labels(s.Choices, rowTitle)
	for i, x := range s.Choices {
		if err := fits("row", x.Ask, rowID); err != nil {
			return out, err
		}
		if seen[x.Ask] {
			continue
		}
		seen[x.Ask] = true
		detail := v.label(x.Detail)
		if full := v.label(x.Label); detail == "" && titles[i] != full {
			detail = full
		}
		out.Rows = append(out.Rows, Row{ID: x.Ask, Title: titles[i], Detail: clipped(detail, rowDetail)})
	}
	return out, nil
}

// body is the text that choices follow; there must be one.
func (v *Voice) body(c card.Card, most int) string {
	if s := v.fitted(c, most); s != "" {
		return s
	}
	return v.word("choice.body")
}

func fits(what, ask string, most int) error {
	if n := utf8.RuneCountInString(ask); n == 0 || n > most {
		return fmt.Errorf("render: the ask of a %s has %d characters, must be 1 to %d", what, n, most)
	}
	return nil
}

// label is a text as it is shown on a button.
func (v *Voice) label(t card.Text) string { return visible(v.bare().opening(t)) }

// labels returns the labels of choices, shortened at a word and all different:
// equal ones are numbered.
func (v *Voice) labels(choices []card.Choice, most int) []string {
	out := make([]string, len(choices))
	count := map[string]int{}
	for i, c := range choices {
		out[i] = short(v.label(c.Label), most)
		count[out[i]]++
	}
	for i, c := range choices {
		if count[out[i]] > 1 {
			n := itoa(i+1) + ". "
			out[i] = n + short(v.label(c.Label), most-len(n))
		}
	}
	return out
}

// short keeps the words that fit, without small words or marks dangling at the
// end. A first word that is too long is cut with an ellipsis. Nothing at all
// becomes a dash.
func short(s string, most int) string {
	if s == "" {
		return none
	}
	if length(s) <= most {
		return s
	}
	var kept []string
	for _, word := range strings.Fields(s) {
		if length(strings.Join(append(kept, word), " ")) > most {
			break
		}
		kept = append(kept, word)
	}
	for len(kept) > 1 && dangling(kept[len(kept)-1]) {
		kept = kept[:len(kept)-1]
	}
	if line := strings.TrimRight(strings.Join(kept, " "), " ·:,–-("); line != "" {
		return line
	}
	for length(s) > most-1 {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s + "…"
}

// dangling reports whether a word says nothing at the end of a label: "de",
// "the", "por".
func dangling(word string) bool {
	return utf8.RuneCountInString(word) <= 3 && strings.ToLower(word) == word && strings.IndexFunc(word, unicode.IsDigit) < 0
}

// fileName keeps of a file's name what is safe to show and to save.
func fileName(s string) string {
	s = visible(path.Base(strings.ReplaceAll(s, "\\", "/")))
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, s)
	if s == "" || s == "." || s == ".." {
		return "pulso"
	}
	return s
}
