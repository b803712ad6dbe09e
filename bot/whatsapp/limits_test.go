package whatsapp

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/bot/demo/graph"
)

func replies(titles ...string) []Reply {
	var all []Reply
	for i, title := range titles {
		all = append(all, Reply{fmt.Sprint("id", i), title})
	}
	return all
}

func rows(prefix string, n int) []Row {
	var all []Row
	for i := range n {
		all = append(all, Row{ID: fmt.Sprint(prefix, i), Title: "Fila"})
	}
	return all
}

func oneRow(id, title, description string) List {
	return List{Body: "b", Button: "Ver", Sections: []Section{{Rows: []Row{{id, title, description}}}}}
}

func sections(all ...Section) List { return List{Body: "b", Button: "Ver", Sections: all} }

// Each limit: what keeps it passes Check and is accepted; what breaks it is
// refused by Check, by Send without a request, and by WhatsApp if it were sent.
func TestLimitsOnBothSides(t *testing.T) {
	l := Limits()
	var eleven, ten []Section
	for i := range 11 {
		eleven = append(eleven, Section{"S", rows(fmt.Sprint("s", i), 1)})
	}
	ten = eleven[:10]
	cases := []struct {
		name          string
		keeps, breaks Message
	}{
		{"text", to(Text{Body: letters(l.TextBody)}), to(Text{Body: letters(l.TextBody + 1)})},
		{"text not empty", to(Text{Body: "a"}), to(Text{Body: " \n"})},
		{"opaque", Message{To: luz, Content: Text{Body: "a"}, Opaque: letters(l.Opaque)}, Message{To: luz, Content: Text{Body: "a"}, Opaque: letters(l.Opaque + 1)}},
		{"recipient", to(Text{Body: "a"}), Message{To: "CO 12", Content: Text{Body: "a"}}},
		{"button body", to(Buttons{Body: letters(l.ButtonBody), Replies: replies("a")}), to(Buttons{Body: letters(l.ButtonBody + 1), Replies: replies("a")})},
		{"button body not empty", to(Buttons{Body: "b", Replies: replies("a")}), to(Buttons{Replies: replies("a")})},
		{"button header", to(Buttons{Header: letters(l.Header), Body: "b", Replies: replies("a")}), to(Buttons{Header: letters(l.Header + 1), Body: "b", Replies: replies("a")})},
		{"button footer", to(Buttons{Footer: letters(l.Footer), Body: "b", Replies: replies("a")}), to(Buttons{Footer: letters(l.Footer + 1), Body: "b", Replies: replies("a")})},
		{"buttons", to(Buttons{Body: "b", Replies: replies("1", "2", "3")}), to(Buttons{Body: "b", Replies: replies("1", "2", "3", "4")})},
		{"at least a button", to(Buttons{Body: "b", Replies: replies("1")}), to(Buttons{Body: "b"})},
		{"button title", to(Buttons{Body: "b", Replies: replies(letters(l.ButtonTitle))}), to(Buttons{Body: "b", Replies: replies(letters(l.ButtonTitle + 1))})},
		{"button titles differ", to(Buttons{Body: "b", Replies: replies("1", "2")}), to(Buttons{Body: "b", Replies: replies("1", "1")})},
		{"button id", to(Buttons{Body: "b", Replies: []Reply{{letters(l.ButtonID), "a"}}}), to(Buttons{Body: "b", Replies: []Reply{{letters(l.ButtonID + 1), "a"}}})},
		{"button ids differ", to(Buttons{Body: "b", Replies: []Reply{{"1", "a"}, {"2", "b"}}}), to(Buttons{Body: "b", Replies: []Reply{{"1", "a"}, {"1", "b"}}})},
		{"list body", to(List{Body: letters(l.ListBody), Button: "Ver", Sections: []Section{{Rows: rows("r", 1)}}}), to(List{Body: letters(l.ListBody + 1), Button: "Ver", Sections: []Section{{Rows: rows("r", 1)}}})},
		{"list header", to(List{Header: letters(l.Header), Body: "b", Button: "Ver", Sections: []Section{{Rows: rows("r", 1)}}}), to(List{Header: letters(l.Header + 1), Body: "b", Button: "Ver", Sections: []Section{{Rows: rows("r", 1)}}})},
		{"list footer", to(List{Footer: letters(l.Footer), Body: "b", Button: "Ver", Sections: []Section{{Rows: rows("r", 1)}}}), to(List{Footer: letters(l.Footer + 1), Body: "b", Button: "Ver", Sections: []Section{{Rows: rows("r", 1)}}})},
		{"list button", to(List{Body: "b", Button: letters(l.ListButton), Sections: []Section{{Rows: rows("r", 1)}}}), to(List{Body: "b", Button: letters(l.ListButton + 1), Sections: []Section{{Rows: rows("r", 1)}}})},
		{"sections", to(List{Body: "b", Button: "Ver", Sections: ten}), to(List{Body: "b", Button: "Ver", Sections: eleven})},
		{"rows", to(sections(Section{"A", rows("a", 5)}, Section{"B", rows("b", 5)})), to(sections(Section{"A", rows("a", 5)}, Section{"B", rows("b", 6)}))},
		{"at least a row", to(sections(Section{"A", rows("a", 1)})), to(sections(Section{"A", nil}))},
		{"section title", to(sections(Section{letters(l.SectionTitle), rows("a", 1)})), to(sections(Section{letters(l.SectionTitle + 1), rows("a", 1)}))},
		{"section titles among several", to(sections(Section{"", rows("a", 1)})), to(sections(Section{"A", rows("a", 1)}, Section{"", rows("b", 1)}))},
		{"row ids differ", to(sections(Section{"A", rows("a", 1)}, Section{"B", rows("b", 1)})), to(sections(Section{"A", rows("a", 1)}, Section{"B", rows("a", 1)}))},
		{"row id", to(oneRow(letters(l.RowID), "t", "")), to(oneRow(letters(l.RowID+1), "t", ""))},
		{"row id not empty", to(oneRow("r", "t", "")), to(oneRow("", "t", ""))},
		{"row title", to(oneRow("r", letters(l.RowTitle), "")), to(oneRow("r", letters(l.RowTitle+1), ""))},
		{"row description", to(oneRow("r", "t", letters(l.RowDescription))), to(oneRow("r", "t", letters(l.RowDescription+1)))},
		{"caption of an image", to(Image{"IMAGE", letters(l.Caption)}), to(Image{"IMAGE", letters(l.Caption + 1)})},
		{"image named", to(Image{"IMAGE", ""}), to(Image{"", ""})},
		{"caption of a document", to(Document{"FILE", "a.txt", letters(l.Caption)}), to(Document{"FILE", "a.txt", letters(l.Caption + 1)})},
		{"payload", to(inTemplate(nil, letters(l.Payload))), to(inTemplate(nil, letters(l.Payload+1)))},
		{"parameter", to(inTemplate([]Param{{Text: "4    4"}})), to(inTemplate([]Param{{Text: "4     4"}}))},
		{"parameter without line breaks", to(inTemplate([]Param{{Text: "4 4"}})), to(inTemplate([]Param{{Text: "4\n4"}}))},
		{"parameter without tabs", to(inTemplate([]Param{{Text: "4 4"}})), to(inTemplate([]Param{{Text: "4\t4"}}))},
		{"parameter not empty", to(inTemplate([]Param{{Text: "4"}})), to(inTemplate([]Param{{Text: " "}}))},
		{"parameters named or not", to(inTemplate([]Param{{Text: "4"}})), to(Filled{Name: "positional", Language: "es", Body: []Param{{"a", "4"}, {"", "5"}}})},
		{"parameter too long", to(inTemplate([]Param{{Text: letters(900)}})), to(inTemplate([]Param{{Text: letters(l.TemplateBody + 1)}}))},
		{"template named", to(inTemplate(nil)), to(Filled{Language: "es"})},
		{"template's language", to(inTemplate(nil)), to(Filled{Name: "positional"})},
		{"template's name", to(inTemplate(nil)), to(Filled{Name: "Positional", Language: "es"})},
		{"Direct Send of text", directly(Text{Body: letters(l.DirectBody)}), directly(Text{Body: letters(l.DirectBody + 1)})},
		{"Direct Send of a list", directly(oneRow("r", "t", "")), directly(List{Body: letters(l.DirectBody + 1), Button: "Ver", Sections: []Section{{Rows: rows("r", 1)}}})},
		{"Direct Send of a picture", directly(Text{Body: "a"}), directly(Image{"IMAGE", ""})},
		{"Direct Send of a document", directly(Text{Body: "a"}), directly(Document{"FILE", "a.txt", ""})},
		{"Direct Send of a template", directly(Text{Body: "a"}), directly(inTemplate(nil))},
		{"category", directly(Text{Body: "a"}), Message{To: luz, Content: Text{Body: "a"}, Category: "marketing"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := limitWorld(t)
			assert.NoError(t, Check(w.real(c.keeps)))
			assert.Zero(t, w.raw(w.real(c.keeps)))

			broken := w.real(c.breaks)
			require.Error(t, Check(broken))
			assert.NotZero(t, w.raw(broken))
			before := len(w.Calls())
			_, err := w.Send(t.Context(), broken)
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, Refused, e.Kind)
			assert.Equal(t, SurelyNotSent, e.Outcome)
			assert.Equal(t, Bug, e.Policy().Action)
			assert.Len(t, w.Calls(), before, "no request was made")
			assert.NotContains(t, err.Error(), "ññ", "no text of the message")
		})
	}
}

func directly(content Content) Message { return Message{To: luz, Content: content, Category: Utility} }

// inTemplate fills the limit world's template; nil = rightly.
func inTemplate(body []Param, payloads ...string) Filled {
	if body == nil {
		body = []Param{{Text: "4"}}
	}
	return Filled{Name: "positional", Language: "es", Body: body, Payloads: payloads}
}

// limits is a world with a template and files.
type limits struct {
	*world
	image, file string
}

func limitWorld(t *testing.T) *limits {
	w := &limits{world: newWorld(t, func(o *graph.Options) { o.DirectSend = true })}
	_, _, err := w.PushTemplate(t.Context(), Definition{
		Name: "positional", Language: "es", Category: "UTILITY", Body: "Hoy llegaron {{1}} mensajes a su tienda.",
		BodyExamples: []Param{{Text: "4"}}, QuickReplies: []string{"Ver"},
	})
	require.NoError(t, err)
	w.pass()
	w.image, err = w.Upload(t.Context(), "image/png", "a.png", picture(t))
	require.NoError(t, err)
	w.file, err = w.Upload(t.Context(), "text/plain", "a.txt", []byte("hola"))
	require.NoError(t, err)
	return w
}

// real puts the ids of the files in the place of their names.
func (w *limits) real(m Message) Message {
	switch c := m.Content.(type) {
	case Image:
		c.MediaID = strings.ReplaceAll(c.MediaID, "IMAGE", w.image)
		m.Content = c
	case Document:
		c.MediaID = strings.ReplaceAll(c.MediaID, "FILE", w.file)
		m.Content = c
	}
	return m
}

func TestCheckBeyondLengths(t *testing.T) {
	cases := map[string]Message{
		"no content":             {To: luz},
		"number without plus":    {To: "573001112233", Content: Text{Body: "a"}},
		"no recipient":           {Content: Text{Body: "a"}},
		"text not UTF-8":         to(Text{Body: "a\xff"}),
		"parameter not UTF-8":    to(inTemplate([]Param{{Text: "a\xff"}})),
		"two headers":            to(Buttons{Header: "h", HeaderImage: "1", Body: "b", Replies: replies("a")}),
		"file without a name":    to(Document{MediaID: "1"}),
		"two header parameters":  to(Filled{Name: "d", Language: "es", Header: []Param{{Text: "1"}, {Text: "2"}}}),
		"a parameter twice":      to(Filled{Name: "d", Language: "es", Body: []Param{{"a", "1"}, {"a", "2"}}}),
		"eleven payloads":        to(Filled{Name: "d", Language: "es", Payloads: make([]string, 11)}),
		"header parameters long": to(Filled{Name: "d", Language: "es", Header: []Param{{Text: letters(61)}}}),
	}
	for name, m := range cases {
		assert.Error(t, Check(m), name)
	}
	err := Check(to(Buttons{Body: letters(1025), Replies: replies(letters(21))}))
	require.Error(t, err)
	assert.Contains(t, err.Error(), "body has 1025 characters, at most 1024", "all faults at once, in words")
	assert.Contains(t, err.Error(), "button title has 21 characters, at most 20")
}

// lengths says which lengths of a text to try, given its limit.
type lengths func(limit int) []int

func within(limit int) []int { return []int{1, 2, 3, limit - 1, limit} }
func around(limit int) []int { return append(within(limit), 0, limit+1) }

// counts is how many buttons, sections and rows a message may have.
type counts struct{ least, buttons, sections, rows int }

var (
	fitting = counts{1, 3, 2, 5}
	anyhow  = counts{0, 4, 3, 5}
)

// drawing draws messages whose texts have some lengths.
type drawing struct {
	*rapid.T
	lengths
	counts
	mark func() string // begins a text; different each time when ids must differ
}

func (d drawing) text(name string, limit int) string {
	n := rapid.SampledFrom(d.lengths(limit)).Draw(d.T, name)
	if n == 0 {
		return ""
	}
	return d.mark() + strings.Repeat(rapid.SampledFrom([]string{"a", "ñ", "語", "😀"}).Draw(d.T, name+" of"), n-1)
}

func (d drawing) number(name string, most int) int {
	return rapid.IntRange(d.least, most).Draw(d.T, name)
}

func (d drawing) message() Message {
	l := Limits()
	m := Message{To: luz, Opaque: d.text("opaque", l.Opaque)}
	switch rapid.IntRange(0, 2).Draw(d.T, "kind") {
	case 0:
		m.Content = Text{Body: d.text("body", l.TextBody)}
	case 1:
		b := Buttons{Header: d.text("header", l.Header), Body: d.text("body", l.ButtonBody), Footer: d.text("footer", l.Footer)}
		for range d.number("buttons", d.buttons) {
			b.Replies = append(b.Replies, Reply{d.text("id", l.ButtonID), d.text("title", l.ButtonTitle)})
		}
		m.Content = b
	default:
		b := List{Header: d.text("header", l.Header), Body: d.text("body", l.ListBody), Footer: d.text("footer", l.Footer), Button: d.text("button", l.ListButton)}
		for range d.number("sections", d.sections) {
			s := Section{Title: d.text("section", l.SectionTitle)}
			for range d.number("rows", d.rows) {
				s.Rows = append(s.Rows, Row{d.text("id", l.RowID), d.text("title", l.RowTitle), d.text("description", l.RowDescription)})
			}
			b.Sections = append(b.Sections, s)
		}
		m.Content = b
	}
	return m
}

// fittingMessage draws a message that keeps every limit.
func fittingMessage(r *rapid.T) Message {
	next := 'A'
	return drawing{r, within, fitting, func() string { next++; return string(next) }}.message()
}

// anyMessage draws a message that may be wrong in several ways.
func anyMessage(r *rapid.T) Message {
	return drawing{r, around, anyhow, func() string { return "x" }}.message()
}

// tooLong makes one text of a message a character too long.
func tooLong(r *rapid.T, m Message) Message {
	l := Limits()
	if rapid.Bool().Draw(r, "opaque too long") {
		m.Opaque = letters(l.Opaque + 1)
		return m
	}
	switch c := m.Content.(type) {
	case Text:
		c.Body = letters(l.TextBody + 1)
		m.Content = c
	case Buttons:
		c.Body = letters(l.ButtonBody + 1)
		m.Content = c
	case List:
		c.Body = letters(l.ListBody + 1)
		m.Content = c
	}
	return m
}

// Check and the simulated WhatsApp, which share no code, agree on every
// message: on those that keep all limits, on those that break one, on any.
func TestCheckAgreesWithWhatsApp(t *testing.T) {
	t.Run("fitting", rapid.MakeCheck(func(r *rapid.T) {
		m := fittingMessage(r)
		require.NoError(r, Check(m))
		require.Zero(r, quietWorld(t).raw(m))
	}))
	t.Run("too long", rapid.MakeCheck(func(r *rapid.T) {
		m := tooLong(r, fittingMessage(r))
		require.Error(r, Check(m))
		require.NotZero(r, quietWorld(t).raw(m))
	}))
	t.Run("any", rapid.MakeCheck(func(r *rapid.T) {
		m := anyMessage(r)
		err, code := Check(m), quietWorld(t).raw(m)
		if (err == nil) != (code == 0) {
			r.Fatalf("Check: %v, WhatsApp: %d", err, code)
		}
	}))
}
