package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Statuses of templates.
const (
	approved = "APPROVED"
	pending  = "PENDING"
	rejected = "REJECTED"
	paused   = "PAUSED"
	disabled = "DISABLED"
)

// template is one template in one language.
type template struct {
	id                   int64
	name, language       string
	category             string
	status               string
	reason               string
	named                bool
	header, body, footer string
	headerVars, bodyVars []string
	buttons              []templateButton
	components           json.RawMessage // as submitted
}

type templateButton struct {
	Type  string `json:"type"`
	Text  string `json:"text"`
	URL   string `json:"url"`
	Phone string `json:"phone_number"`
}

// definition is the body of a creation (cloudapi.md §3).
type definition struct {
	Name       string          `json:"name"`
	Language   string          `json:"language"`
	Category   string          `json:"category"`
	Format     string          `json:"parameter_format"`
	TTL        *int            `json:"message_send_ttl_seconds"`
	Components json.RawMessage `json:"components"`
}

type component struct {
	Type    string           `json:"type"`
	Format  string           `json:"format"`
	Text    string           `json:"text"`
	Example *example         `json:"example"`
	Buttons []templateButton `json:"buttons"`
}

type example struct {
	HeaderText  []string       `json:"header_text"`
	HeaderNamed []namedExample `json:"header_text_named_params"`
	BodyText    [][]string     `json:"body_text"`
	BodyNamed   []namedExample `json:"body_text_named_params"`
}

type namedExample struct {
	Name    string `json:"param_name"`
	Example string `json:"example"`
}

// Subcodes of refused templates (cloudapi.md §3).
const (
	tooManyTemplates = 2388019
	languageExists   = 2388024
	tooLong          = 2388040
	missingFields    = 2388043
	badHeader        = 2388047
	badBody          = 2388072
	badFooter        = 2388073
	tooManyVariables = 2388293
	danglingVariable = 2388299
)

var (
	namePattern     = regexp.MustCompile(`^[a-z0-9_]{1,512}$`)
	languagePattern = regexp.MustCompile(`^[a-z]{2,3}(_[A-Z]{2,3})?$`)
	variablePattern = regexp.MustCompile(`\{\{([^{}]*)\}\}`)
	namedPattern    = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	wordPattern     = regexp.MustCompile(`[\p{L}\p{N}]+`)
	adjacentPattern = regexp.MustCompile(`\}\}\s*\{\{`)
)

// createTemplate answers POST /{account}/message_templates.
func (s *Server) createTemplate(a *account, body []byte) any {
	t, f := readTemplate(body)
	if f != nil {
		return f
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.options.Clock()
	if f := s.roomFor(a, t, now); f != nil {
		return f
	}
	t.id = 1_000_000_000_000_000 + s.random.Int64N(1_000_000_000_000_000)
	a.templates = append(a.templates, t)
	s.later(now.Add(s.vary(s.options.Delays.Approval)), func(at time.Time) { s.review(a, t, at) })
	return object{"id": itoa(int(t.id)), "status": t.status, "category": t.category}
}

// roomFor refuses doubles and too many; the caller holds s.mu.
func (s *Server) roomFor(a *account, t *template, now time.Time) *failure {
	for _, other := range a.templates {
		switch {
		case other.name == t.name && other.language == t.language:
			return failTemplate(languageExists, "Content in This Language Already Exists",
				"There is already %s content for this template. You can create a new template and try again.", t.language)
		case other.name == t.name && other.category != t.category:
			return failTemplate(languageExists+1, "Category does not match",
				"The category %s doesn't match the one that's already associated with this template, %s.", t.category, other.category)
		}
	}
	if len(a.templates) >= s.options.MaxTemplates {
		return failTemplate(tooManyTemplates, "Template limit exceeded", "The account may have %d templates.", s.options.MaxTemplates)
	}
	if !a.creations.take(now, time.Hour/100, 100) {
		return fail(80007, "At most 100 templates an hour")
	}
	return nil
}

// review is Meta's decision some time after.
func (s *Server) review(a *account, t *template, at time.Time) {
	if t.status != pending {
		return
	}
	status, category := s.options.Review(t.name, t.language, t.category)
	t.category = defaulted(category, t.category)
	why := a.objection(t)
	if why != "" {
		status = rejected
	}
	s.settle(a, t, status, why, at)
}

// objection returns what makes Meta reject a template that it took at first.
func (a *account) objection(t *template) string {
	if adjacentPattern.MatchString(t.body) {
		return "Your template has parameters placed next to each other without text or punctuation between them."
	}
	for _, other := range a.templates {
		if other != t && other.status != rejected && other.language == t.language && other.body == t.body && other.footer == t.footer && other.header == t.header {
			return "Your template has the same content as another one."
		}
	}
	return ""
}

// settle gives a template its status and says so by webhook; s.mu is held.
func (s *Server) settle(a *account, t *template, status, why string, at time.Time) {
	t.status, t.reason = status, "NONE"
	value := object{
		"event": status, "message_template_id": t.id, "message_template_name": t.name,
		"message_template_language": t.language, "message_template_category": t.category, "reason": "NONE",
	}
	if status == rejected {
		t.reason = "INVALID_FORMAT"
		value["reason"] = t.reason
		value["rejection_info"] = object{"reason": defaulted(why, "Rejected by the reviewer."), "recommendation": "Change the wording."}
	}
	s.publish(&update{account: a.id, field: "message_template_status_update", value: value, at: at}, at)
}

// SetTemplate gives a template another status, as Meta does when it pauses or
// disables one: APPROVED, REJECTED, PAUSED or DISABLED. The business learns it
// by webhook. It is an error when there is no such template.
func (s *Server) SetTemplate(waba, name, language, status string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains([]string{approved, rejected, paused, disabled}, status) {
		return fmt.Errorf("graph: %q is no status of a template", status)
	}
	a := s.accounts[waba]
	if a == nil {
		return errors.New("graph: no such account")
	}
	t := a.template(name, language)
	if t == nil {
		return errors.New("graph: no such template")
	}
	s.settle(a, t, status, "", s.options.Clock())
	return nil
}

func (a *account) template(name, language string) *template {
	for _, t := range a.templates {
		if t.name == name && t.language == language {
			return t
		}
	}
	return nil
}

func (s *Server) listTemplates(a *account, query url.Values) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var nodes []object
	for _, t := range a.templates {
		if wanted(query, "name", t.name) && wanted(query, "status", t.status) && wanted(query, "language", t.language) {
			nodes = append(nodes, t.object())
		}
	}
	return list(nodes, query, "WhatsAppMessageTemplate", "name,parameter_format,components,language,status,category,id")
}

func wanted(query url.Values, key, value string) bool {
	asked := query.Get(key)
	return asked == "" || asked == value
}

func (t *template) object() object {
	format := "POSITIONAL"
	if t.named {
		format = "NAMED"
	}
	return object{
		"id": itoa(int(t.id)), "name": t.name, "language": t.language, "status": t.status, "category": t.category,
		"parameter_format": format, "components": t.components, "rejected_reason": defaulted(t.reason, "NONE"),
		"quality_score": object{"score": "UNKNOWN"},
	}
}

// readTemplate reads a definition and refuses what Meta refuses at once.
func readTemplate(body []byte) (*template, *failure) {
	var d definition
	if f := strictly(body, &d); f != nil {
		return nil, f
	}
	if f := d.head(); f != nil {
		return nil, f
	}
	var parts []component
	if f := strictly(d.Components, &parts); f != nil {
		return nil, f
	}
	t := &template{
		name: d.Name, language: d.Language, category: d.Category, status: pending,
		named: strings.EqualFold(d.Format, "named"), components: d.Components,
	}
	seen := map[string]bool{}
	for _, part := range parts {
		kind := strings.ToUpper(part.Type)
		if seen[kind] {
			return nil, failTemplate(badBody, "Invalid component", "The component %s appears twice.", kind)
		}
		seen[kind] = true
		if f := t.put(kind, part); f != nil {
			return nil, f
		}
	}
	if !seen["BODY"] {
		return nil, failTemplate(missingFields, "Missing component", "The template has no BODY component.")
	}
	return t, nil
}

func (d definition) head() *failure {
	switch {
	case !namePattern.MatchString(d.Name):
		return fail(100, "Template names hold lowercase letters, digits and underscores, at most 512")
	case !languagePattern.MatchString(d.Language):
		return fail(100, "Language %q is not supported", d.Language)
	case !slices.Contains([]string{"UTILITY", "MARKETING", "AUTHENTICATION"}, d.Category):
		return fail(100, "Param category must be one of {UTILITY, MARKETING, AUTHENTICATION}")
	case d.Format != "" && !strings.EqualFold(d.Format, "named") && !strings.EqualFold(d.Format, "positional"):
		return fail(100, "Param parameter_format must be one of {NAMED, POSITIONAL}")
	case d.TTL != nil && (*d.TTL < 30 || *d.TTL > 43200):
		return fail(100, "Param message_send_ttl_seconds must be between 30 and 43200")
	case len(d.Components) == 0:
		return failTemplate(missingFields, "Missing component", "The template has no components.")
	}
	return nil
}

// put takes a component in.
func (t *template) put(kind string, part component) *failure {
	switch kind {
	case "HEADER":
		return t.putHeader(part)
	case "BODY":
		return t.putBody(part)
	case "FOOTER":
		return t.putFooter(part)
	case "BUTTONS":
		return t.putButtons(part.Buttons)
	}
	return fail(100, "Component type %q is not supported", kind)
}

func (t *template) putHeader(part component) *failure {
	if part.Format != "TEXT" {
		return failTemplate(badHeader, "Message header format is incorrect", "Only TEXT headers are simulated, not %q.", part.Format)
	}
	t.header = part.Text
	vars, ok := variables(part.Text, t.named)
	t.headerVars = vars
	switch {
	case strings.TrimSpace(part.Text) == "" || plainFault(part.Text) || strings.ContainsRune(part.Text, '*'):
		return failTemplate(badHeader, "Message header format is incorrect", "The header can't have new lines, emojis, asterisks or formatting characters.")
	case !ok || len(vars) > 1:
		return failTemplate(badHeader, "Message header format is incorrect", "The header may have one variable.")
	case utf8.RuneCountInString(part.Text) > 60:
		return failTemplate(tooLong, "Character limit hit", "The header may have 60 characters.")
	case !part.Example.fits(vars, t.named, true):
		return failTemplate(missingFields, "Missing example", "The header's variable needs an example.")
	}
	return nil
}

func (t *template) putBody(part component) *failure {
	t.body = part.Text
	vars, ok := variables(part.Text, t.named)
	t.bodyVars = vars
	words := len(wordPattern.FindAllString(variablePattern.ReplaceAllString(part.Text, " "), -1))
	switch {
	case strings.TrimSpace(part.Text) == "":
		return failTemplate(missingFields, "Missing text", "The body has no text.")
	case !ok:
		return failTemplate(badBody, "Message body format is incorrect", "The variables are not written as this parameter format wants them.")
	case utf8.RuneCountInString(part.Text) > 1024:
		return failTemplate(tooLong, "Character limit hit", "The body may have 1024 characters.")
	case dangling(part.Text):
		return failTemplate(danglingVariable, "Invalid parameter", "Variables can't be at the start or end of the template.")
	case words < 2*len(vars)+1 && len(vars) > 0:
		return failTemplate(tooManyVariables, "Invalid parameter", "This template has too many variables for its length.")
	case !part.Example.fits(vars, t.named, false):
		return failTemplate(missingFields, "Missing example", "Each variable of the body needs an example.")
	}
	return nil
}

func (t *template) putFooter(part component) *failure {
	t.footer = part.Text
	switch {
	case strings.TrimSpace(part.Text) == "" || strings.Contains(part.Text, "{{") || plainFault(part.Text):
		return failTemplate(badFooter, "Message footer format is incorrect", "The footer can't have variables, new lines or emojis.")
	case utf8.RuneCountInString(part.Text) > 60:
		return failTemplate(tooLong, "Character limit hit", "The footer may have 60 characters.")
	}
	return nil
}

func (t *template) putButtons(buttons []templateButton) *failure {
	t.buttons = buttons
	if len(buttons) < 1 || len(buttons) > 10 {
		return fail(100, "A template may have 1 to 10 buttons")
	}
	seen := map[string]bool{}
	for _, b := range buttons {
		switch {
		case !slices.Contains([]string{"QUICK_REPLY", "URL", "PHONE_NUMBER"}, b.Type):
			return fail(100, "Button type %q is not supported", b.Type)
		case strings.TrimSpace(b.Text) == "" || seen[b.Text] || strings.ContainsAny(b.Text, "\n{}"):
			return fail(100, "Button texts must be there, different, and without variables or new lines")
		case utf8.RuneCountInString(b.Text) > 25:
			return failTemplate(tooLong, "Character limit hit", "A button may have 25 characters.")
		case utf8.RuneCountInString(b.URL) > 2000:
			return failTemplate(tooLong, "Character limit hit", "A URL may have 2000 characters.")
		}
		seen[b.Text] = true
	}
	return nil
}

// variables returns those of a text, in order of appearance, and whether they
// are written rightly: {{1}}, {{2}} … in sequence, or {{lower_case}}, each once.
func variables(text string, named bool) ([]string, bool) {
	var vars []string
	for i, m := range variablePattern.FindAllStringSubmatch(text, -1) {
		if (named && !namedPattern.MatchString(m[1])) || (!named && m[1] != itoa(i+1)) || slices.Contains(vars, m[1]) {
			return nil, false
		}
		vars = append(vars, m[1])
	}
	rest := variablePattern.ReplaceAllString(text, "")
	return vars, !strings.Contains(rest, "{{") && !strings.Contains(rest, "}}")
}

// dangling reports whether nothing but spaces and punctuation stands before
// the first or after the last variable.
func dangling(text string) bool {
	all := variablePattern.FindAllStringIndex(text, -1)
	if len(all) == 0 {
		return false
	}
	blank := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }
	return strings.TrimFunc(text[:all[0][0]], blank) == "" || strings.TrimFunc(text[all[len(all)-1][1]:], blank) == ""
}

// plainFault reports new lines, emojis and formatting marks, which headers and
// footers may not have.
func plainFault(text string) bool {
	return strings.ContainsAny(text, "\n\r\t~`") || strings.ContainsFunc(text, func(r rune) bool {
		return unicode.Is(unicode.So, r) || (r >= 0x1F000 && r <= 0x1FAFF)
	})
}

// fits reports whether there is an example for each variable and no more.
func (e *example) fits(vars []string, named, header bool) bool {
	if e == nil {
		return len(vars) == 0
	}
	if named {
		given := e.BodyNamed
		if header {
			given = e.HeaderNamed
		}
		return len(given) == len(vars) && !slices.ContainsFunc(given, func(g namedExample) bool {
			return g.Example == "" || !slices.Contains(vars, g.Name)
		})
	}
	given := e.HeaderText
	if !header {
		given = slices.Concat(e.BodyText...)
	}
	return len(given) == len(vars) && !slices.Contains(given, "")
}

// strictly decodes JSON and refuses keys that are not known, as Graph does.
func strictly(data []byte, into any) *failure {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fail(100, "Invalid JSON or unexpected key: %v", err)
	}
	if decoder.More() {
		return fail(100, "Invalid JSON: something follows the object")
	}
	return nil
}

// fill puts parameters in the place of variables.
func fill(text string, vars, values []string) string {
	return variablePattern.ReplaceAllStringFunc(text, func(found string) string {
		i := slices.Index(vars, found[2:len(found)-2])
		return values[i]
	})
}
