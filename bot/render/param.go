package render

import (
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"pulso/bot/card"
)

// templateBody is how long a template may be once it is filled; payload what a
// quick reply may bring back.
const (
	templateBody = 1024
	payloadLen   = 256
)

// Template is an approved template of Meta with its parameters by name.
// Payloads come back when the quick reply of the same place is tapped.
type Template struct {
	Name, Language string
	Body           []Parameter
	Payloads       []string
}

// Parameter is one parameter of a template.
type Parameter struct{ Name, Text string }

// Param makes a template's parameter of a text: one line of at most so many
// characters without tabs, runs of spaces or anything invisible, which Meta
// refuses, and without what looks like a place. What would be empty is a dash.
func Param(s string, most int) string {
	s = visible(strings.ReplaceAll(s, "{{", "{ {"))
	isolated := rightToLeft(s)
	if isolated {
		most -= len([]rune(isolates))
	}
	if most < 2 || s == "" {
		return none
	}
	if s = clipped(s, most); isolated {
		return firstStrong + s + popIsolate
	}
	return s
}

// Filled returns a template as a message. The text's pattern is the template's
// body as it was registered, so that the values of its places are the
// parameters, by their names and in their order. Parameters share what room the
// body leaves; payloads may have 256 characters.
func (v *Voice) Filled(name string, t card.Text, payloads ...string) (Part, error) {
	e, ok := v.texts[t.Key]
	if !ok {
		return Part{}, fmt.Errorf("render: template %s: no text %q", name, t.Key)
	}
	for _, p := range payloads {
		if utf8.RuneCountInString(p) > payloadLen {
			return Part{}, fmt.Errorf("render: template %s: a payload has more than %d characters", name, payloadLen)
		}
	}
	out := &Template{Name: name, Language: v.Language(), Payloads: payloads}
	names, room := placesOf(e.in(other))
	for i, place := range names {
		text := Param(v.Format(t.Args[place]), room/(len(names)-i))
		room -= length(text)
		out.Body = append(out.Body, Parameter{Name: place, Text: text})
	}
	return Part{Kind: TemplatePart, Text: v.say(t), Template: out}, nil
}

// placesOf returns the names of a pattern's places in order, and how many
// characters its literal text leaves for them.
func placesOf(p pattern) (names []string, room int) {
	room = templateBody
	for _, x := range p {
		if x.place != "" {
			names = append(names, x.place)
			continue
		}
		room -= length(x.text)
	}
	return names, room
}

// Registration is a template as it is submitted to Meta, with its places as
// {{name}} and an example for each.
type Registration struct {
	Language             string
	Header, Body, Footer string // header and footer may be ""
	Examples             []Parameter
	QuickReplies         []string
}

// Registration returns the template of a name, such as "digest", in a language;
// false when there are no texts for it. Filled with template.<name>.body gives
// it its parameters.
func (r *Renderer) Registration(language, name string) (Registration, bool) {
	key := "template." + name + "."
	body, places, ok := r.Pattern(language, key+"body")
	if !ok {
		return Registration{}, false
	}
	text := func(key string) string {
		s, _, _ := r.Pattern(language, key)
		return s
	}
	out := Registration{Language: language, Header: text(key + "header"), Footer: text(key + "footer")}
	out.Body = strings.NewReplacer("{", "{{", "}", "}}").Replace(body)
	for _, place := range places {
		out.Examples = append(out.Examples, Parameter{place, text("template.example." + place)})
	}
	for k := range r.languages[language] {
		if strings.HasPrefix(k, key+"button") {
			out.QuickReplies = append(out.QuickReplies, k)
		}
	}
	sort.Strings(out.QuickReplies)
	for i, k := range out.QuickReplies {
		out.QuickReplies[i] = text(k)
	}
	return out, true
}
