package whatsapp

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"pulso/models"
)

var (
	e164Pattern     = regexp.MustCompile(`^\+[1-9][0-9]{5,14}$`)
	templatePattern = regexp.MustCompile(`^[a-z0-9_]+$`)
)

// Check reports everything about m that Meta would refuse and that can be known
// beforehand: lengths, counts, doubles, addresses. The error names fields and
// lengths and never holds their text. nil means that it may be sent.
func Check(m Message) error {
	var p problems
	p.address(m.To)
	p.longest("opaque data", m.Opaque, Limits().Opaque)
	if m.Content == nil {
		p.add("it has no content")
		return p.err()
	}
	if m.Category != "" && m.Category != Utility {
		p.add("category is none of Direct Send's")
	}
	m.Content.check(&p, m.Category)
	return p.err()
}

// problems gathers what is wrong with a message.
type problems []error

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Errorf(format, args...)) }

func (p *problems) err() error {
	if len(*p) == 0 {
		return nil
	}
	return fmt.Errorf("message: %w", errors.Join(*p...))
}

// address wants a plus: without it Meta puts the business's country code in
// front and a stranger gets the message.
func (p *problems) address(to string) {
	if e164Pattern.MatchString(to) {
		return
	}
	if alias, ok := models.WhatsAppID(to); !ok || alias.Kind != models.ByUser {
		p.add("recipient is neither + and a phone number nor a user id")
	}
}

// longest wants at most limit characters.
func (p *problems) longest(field, s string, limit int) {
	if n := utf8.RuneCountInString(s); n > limit {
		p.add("%s has %d characters, at most %d", field, n, limit)
	}
	if !utf8.ValidString(s) {
		p.add("%s is not valid UTF-8", field)
	}
}

// between wants something visible, at most limit characters of it.
func (p *problems) between(field, s string, limit int) {
	if strings.TrimSpace(s) == "" {
		p.add("%s is empty", field)
	}
	p.longest(field, s, limit)
}

// maybe wants nothing at all, or something visible of at most limit characters.
func (p *problems) maybe(field, s string, limit int) {
	if s != "" {
		p.between(field, s, limit)
	}
}

// count wants 1 to limit entries.
func (p *problems) count(field string, n, limit int) {
	if n < 1 || n > limit {
		p.add("%s: %d, must be 1 to %d", field, n, limit)
	}
}

// distinct wants no two equal strings.
func (p *problems) distinct(field string, all []string) {
	seen := make(map[string]bool, len(all))
	for _, s := range all {
		if seen[s] {
			p.add("two %s are equal", field)
			return
		}
		seen[s] = true
	}
}

// free wants no Direct Send.
func (p *problems) free(category string) {
	if category != "" {
		p.add("only text, buttons and lists can be a Direct Send")
	}
}

// bodyLimit returns the limit of a body, which a Direct Send narrows.
func bodyLimit(limit int, category string) int {
	if category == Utility {
		return min(limit, Limits().DirectBody)
	}
	return limit
}

func (t Text) check(p *problems, category string) {
	p.between("text", t.Body, bodyLimit(Limits().TextBody, category))
}

func (b Buttons) check(p *problems, category string) {
	l := Limits()
	p.between("body", b.Body, bodyLimit(l.ButtonBody, category))
	p.maybe("header", b.Header, l.Header)
	p.maybe("footer", b.Footer, l.Footer)
	p.count("buttons", len(b.Replies), l.Buttons)
	if b.Header != "" && b.HeaderImage != "" {
		p.add("header is both text and image")
	}
	var titles, ids []string
	for _, r := range b.Replies {
		p.between("button title", r.Title, l.ButtonTitle)
		p.between("button id", r.ID, l.ButtonID)
		titles, ids = append(titles, r.Title), append(ids, r.ID)
	}
	p.distinct("button titles", titles)
	p.distinct("button ids", ids)
}

func (l List) check(p *problems, category string) {
	limit := Limits()
	p.between("body", l.Body, bodyLimit(limit.ListBody, category))
	p.maybe("header", l.Header, limit.Header)
	p.maybe("footer", l.Footer, limit.Footer)
	p.between("list button", l.Button, limit.ListButton)
	p.count("sections", len(l.Sections), limit.Sections)
	var ids []string
	for _, s := range l.Sections {
		ids = append(ids, s.check(p, len(l.Sections) > 1)...)
	}
	p.count("rows of all sections", len(ids), limit.Rows)
	p.distinct("row ids", ids)
}

// check returns the ids of its rows.
func (s Section) check(p *problems, titled bool) []string {
	limit := Limits()
	p.longest("section title", s.Title, limit.SectionTitle)
	if titled && strings.TrimSpace(s.Title) == "" {
		p.add("section title is empty, but there are several sections")
	}
	if len(s.Rows) == 0 {
		p.add("a section has no rows")
	}
	var ids []string
	for _, r := range s.Rows {
		p.between("row id", r.ID, limit.RowID)
		p.between("row title", r.Title, limit.RowTitle)
		p.longest("row description", r.Description, limit.RowDescription)
		ids = append(ids, r.ID)
	}
	return ids
}

func (i Image) check(p *problems, category string) {
	p.free(category)
	p.media(i.MediaID, i.Caption)
}

func (d Document) check(p *problems, category string) {
	p.free(category)
	p.media(d.MediaID, d.Caption)
	if strings.TrimSpace(d.Filename) == "" {
		p.add("file name is empty")
	}
}

func (p *problems) media(id, caption string) {
	if id == "" {
		p.add("media id is empty")
	}
	p.longest("caption", caption, Limits().Caption)
}

func (f Filled) check(p *problems, category string) {
	limit := Limits()
	p.free(category)
	p.between("template name", f.Name, limit.TemplateName)
	if !templatePattern.MatchString(f.Name) {
		p.add("template name holds more than a-z, 0-9 and _")
	}
	if f.Language == "" {
		p.add("template language is empty")
	}
	p.params("header", f.Header, limit.TemplateHeader)
	p.params("body", f.Body, limit.TemplateBody)
	if len(f.Header) > 1 {
		p.add("a header has at most one parameter")
	}
	if len(f.Payloads) > limit.TemplateButtons {
		p.add("template buttons: %d, at most %d", len(f.Payloads), limit.TemplateButtons)
	}
	for _, payload := range f.Payloads {
		p.longest("button payload", payload, limit.Payload)
	}
}

// params wants what Meta allows in parameters: no line breaks, no tabs, no
// long runs of spaces, nothing empty, and no more than the filled text may have.
func (p *problems) params(field string, params []Param, limit int) {
	var names []string
	total := 0
	for _, param := range params {
		switch {
		case strings.TrimSpace(param.Text) == "":
			p.add("a %s parameter is empty", field)
		case strings.ContainsAny(param.Text, "\n\r\t"):
			p.add("a %s parameter holds a line break or tab", field)
		case strings.Contains(param.Text, strings.Repeat(" ", Limits().TemplateSpaces+1)):
			p.add("a %s parameter holds more than %d spaces in a row", field, Limits().TemplateSpaces)
		case !utf8.ValidString(param.Text):
			p.add("a %s parameter is not valid UTF-8", field)
		}
		total += utf8.RuneCountInString(param.Text)
		if param.Name != "" {
			names = append(names, param.Name)
		}
	}
	if total > limit {
		p.add("%s parameters have %d characters together, at most %d", field, total, limit)
	}
	if len(names) != 0 && len(names) != len(params) {
		p.add("%s parameters are partly named", field)
	}
	p.distinct(field+" parameter names", names)
}
