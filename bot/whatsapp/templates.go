package whatsapp

import (
	"context"
	"net/url"
	"strings"
	"time"
)

// Statuses of templates that a sender asks about; Meta has more.
const (
	StatusApproved = "APPROVED"
	StatusPending  = "PENDING"
	StatusRejected = "REJECTED"
)

// Template is one template, in one language, as registered at Meta.
type Template struct {
	ID           string
	Name         string
	Language     string
	Status       string // APPROVED, PENDING, REJECTED, PAUSED, DISABLED …
	Category     string // UTILITY, MARKETING or AUTHENTICATION, by Meta's last word
	Named        bool   // its parameters go by name
	Header       string // text headers only
	Body         string
	Footer       string
	QuickReplies []string
	Reason       string // why it was rejected; "" or NONE otherwise
}

// Definition is a template to be registered. Variables are written {{1}} or
// {{name}}; each needs an example, in order of appearance.
type Definition struct {
	Name           string
	Language       string
	Category       string // UTILITY
	Header         string
	HeaderExamples []Param
	Body           string
	BodyExamples   []Param // named throughout or nowhere
	Footer         string
	QuickReplies   []string
	TTL            time.Duration // how long Meta may try to deliver it; 0 = Meta's default
}

type wireDefinition struct {
	Name       string     `json:"name"`
	Language   string     `json:"language"`
	Category   string     `json:"category"`
	Format     string     `json:"parameter_format,omitempty"`
	TTL        int        `json:"message_send_ttl_seconds,omitempty"`
	Components []wirePart `json:"components"`
}

type wirePart struct {
	Type    string           `json:"type"`
	Format  string           `json:"format,omitempty"`
	Text    string           `json:"text,omitempty"`
	Example *wireExample     `json:"example,omitempty"`
	Buttons []wireQuickReply `json:"buttons,omitempty"`
}

type wireExample struct {
	HeaderText  []string           `json:"header_text,omitempty"`
	HeaderNamed []wireNamedExample `json:"header_text_named_params,omitempty"`
	BodyText    [][]string         `json:"body_text,omitempty"`
	BodyNamed   []wireNamedExample `json:"body_text_named_params,omitempty"`
}

type wireNamedExample struct {
	Name    string `json:"param_name"`
	Example string `json:"example"`
}

type wireQuickReply struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func (d Definition) wire() wireDefinition {
	wire := wireDefinition{
		Name: d.Name, Language: d.Language, Category: d.Category, Format: d.format(), TTL: int(d.TTL / time.Second),
	}
	if d.Header != "" {
		wire.Components = append(wire.Components, wirePart{Type: "HEADER", Format: "TEXT", Text: d.Header, Example: headerExample(d.HeaderExamples)})
	}
	wire.Components = append(wire.Components, wirePart{Type: "BODY", Text: d.Body, Example: bodyExample(d.BodyExamples)})
	if d.Footer != "" {
		wire.Components = append(wire.Components, wirePart{Type: "FOOTER", Text: d.Footer})
	}
	if len(d.QuickReplies) > 0 {
		buttons := wirePart{Type: "BUTTONS"}
		for _, text := range d.QuickReplies {
			buttons.Buttons = append(buttons.Buttons, wireQuickReply{"QUICK_REPLY", text})
		}
		wire.Components = append(wire.Components, buttons)
	}
	return wire
}

// format names how parameters are given; "" leaves it to Meta's default.
func (d Definition) format() string {
	switch {
	case named(d.BodyExamples) || named(d.HeaderExamples):
		return "named"
	case len(d.BodyExamples)+len(d.HeaderExamples) > 0:
		return "positional"
	}
	return ""
}

func named(examples []Param) bool { return len(examples) > 0 && examples[0].Name != "" }

func headerExample(examples []Param) *wireExample {
	switch {
	case len(examples) == 0:
		return nil
	case named(examples):
		return &wireExample{HeaderNamed: namedExamples(examples)}
	}
	return &wireExample{HeaderText: texts(examples)}
}

func bodyExample(examples []Param) *wireExample {
	switch {
	case len(examples) == 0:
		return nil
	case named(examples):
		return &wireExample{BodyNamed: namedExamples(examples)}
	}
	return &wireExample{BodyText: [][]string{texts(examples)}}
}

func namedExamples(examples []Param) []wireNamedExample {
	var wire []wireNamedExample
	for _, e := range examples {
		wire = append(wire, wireNamedExample{e.Name, e.Text})
	}
	return wire
}

func texts(examples []Param) []string {
	var all []string
	for _, e := range examples {
		all = append(all, e.Text)
	}
	return all
}

// PushTemplate registers a template and returns Meta's first word on it: its
// status, mostly PENDING, and the category that Meta gave it. For one that is
// there already the error's Exists is true.
func (c *Client) PushTemplate(ctx context.Context, d Definition) (status, category string, err error) {
	var answer struct {
		Status   string `json:"status"`
		Category string `json:"category"`
	}
	err = c.post(ctx, "push template", c.config.WABAID+"/message_templates", d.wire(), &answer)
	return answer.Status, answer.Category, err
}

type wireListed struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Language   string     `json:"language"`
	Status     string     `json:"status"`
	Category   string     `json:"category"`
	Format     string     `json:"parameter_format"`
	Reason     string     `json:"rejected_reason"`
	Components []wirePart `json:"components"`
}

// Templates lists all templates of the account, in all languages.
func (c *Client) Templates(ctx context.Context) ([]Template, error) {
	query := url.Values{
		"fields": {"id,name,language,status,category,parameter_format,rejected_reason,components"},
		"limit":  {"100"},
	}
	listed, err := pages[wireListed](ctx, c, "list templates", c.config.WABAID+"/message_templates", query)
	if err != nil {
		return nil, err
	}
	all := make([]Template, 0, len(listed))
	for _, l := range listed {
		all = append(all, l.template())
	}
	return all, nil
}

func (l wireListed) template() Template {
	t := Template{
		ID: l.ID, Name: l.Name, Language: l.Language, Status: l.Status, Category: l.Category,
		Named: strings.EqualFold(l.Format, "named"), Reason: l.Reason,
	}
	for _, part := range l.Components {
		switch part.Type {
		case "HEADER":
			t.Header = part.Text
		case "BODY":
			t.Body = part.Text
		case "FOOTER":
			t.Footer = part.Text
		case "BUTTONS":
			for _, b := range part.Buttons {
				if b.Type == "QUICK_REPLY" {
					t.QuickReplies = append(t.QuickReplies, b.Text)
				}
			}
		}
	}
	return t
}
