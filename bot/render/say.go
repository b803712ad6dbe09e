package render

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"pulso/bot/card"
	"pulso/models"
)

// Say puts a text into words. A key that the language lacks is shown itself, a
// place without a value as a dash.
func (v *Voice) Say(t card.Text) string { return v.say(t) }

func (v *Voice) say(t card.Text) string {
	if t.Key == "" {
		return ""
	}
	e, ok := v.texts[t.Key]
	if !ok {
		return t.Key
	}
	form := other
	if e.plural {
		form = v.form(t.Args["n"])
	}
	p := e.in(form)
	if p == nil {
		p = e.in(other)
	}
	var b strings.Builder
	for _, x := range p {
		switch {
		case x.place == "":
			b.WriteString(x.text)
		default:
			b.WriteString(v.Format(t.Args[x.place]))
		}
	}
	return b.String()
}

// opening is say at the beginning of a line: words begin with a capital, data
// stays as it is.
func (v *Voice) opening(t card.Text) string {
	s := v.say(t)
	e, ok := v.texts[t.Key]
	if !ok {
		return s
	}
	if p := e.in(other); len(p) > 0 && p[0].place != "" && isData(t.Args[p[0].place]) {
		return s
	}
	return capital(s)
}

// cell is Format at the beginning of a line.
func (v *Voice) cell(value card.Value) string {
	switch x := value.(type) {
	case card.Said:
		return v.opening(card.Text(x))
	case nil:
		return none
	}
	if isData(value) {
		return v.Format(value)
	}
	return capital(v.Format(value))
}

// isData reports whether a value is somebody's own word, whose first letter is
// not ours to change.
func isData(value card.Value) bool {
	switch x := value.(type) {
	case card.Name, card.Phone, card.Money:
		return true
	case card.DimValue:
		return !enumerated(x.Dim) && x.Value != "" && x.Value != models.Phone
	case card.List:
		return len(x) > 0 && isData(x[0])
	}
	return false
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if u := unicode.ToUpper(r); n > 0 && u != r && r != utf8.RuneError {
		return string(u) + s[n:]
	}
	return s
}

// word is a text of the renderer's own with finished strings for its places.
func (v *Voice) word(key string, pairs ...string) string {
	e, ok := v.texts[key]
	if !ok {
		return key
	}
	p := e.in(other)
	if len(p) == 1 && p[0].place == "" {
		return p[0].text
	}
	var b strings.Builder
	for _, x := range p {
		if x.place == "" {
			b.WriteString(x.text)
			continue
		}
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == x.place {
				b.WriteString(pairs[i+1])
			}
		}
	}
	return b.String()
}

func itoa(n int) string { return strconv.Itoa(n) }
