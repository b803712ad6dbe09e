package whatsapp

import (
	"context"
	"errors"
	"strconv"
	"strings"
)

// Utility is the category of a Direct Send: a business-initiated message
// without a template, for accounts that Meta has opened it to (cloudapi.md §3).
const Utility = "utility"

// Message is one message to one person.
type Message struct {
	// To is a phone number as "+573001112233" or a business-scoped user id as
	// "CO.13491208655302741918".
	To      string
	Content Content

	ReplyTo         string // id of the message it quotes; "" = none
	Opaque          string // comes back in every status of this message; never shown
	IdentityKeyHash string // send only if the person's identity is still this one
	Category        string // Utility for a Direct Send, else ""
}

// Content is what a message says: Text, Buttons, List, Image, Document or Filled.
type Content interface {
	put(*envelope)
	check(*problems, string)
}

// Text is plain text, with WhatsApp's own marks (*bold*, _italic_ …).
type Text struct {
	Body    string
	Preview bool // show a preview of the first link
}

// Buttons is a text with up to three reply buttons below it.
type Buttons struct {
	Header      string // text; "" = none
	HeaderImage string // media id, instead of Header
	Body        string
	Footer      string
	Replies     []Reply
}

// Reply is a button; its ID comes back when it is tapped.
type Reply struct {
	ID, Title string
}

// List is a text with a button that opens a list of rows to choose from.
type List struct {
	Header   string
	Body     string
	Footer   string
	Button   string // label of the button
	Sections []Section
}

// Section is a titled group of rows; a single section needs no title.
type Section struct {
	Title string
	Rows  []Row
}

// Row is one choice of a list; its ID comes back when it is tapped.
type Row struct {
	ID, Title, Description string
}

// Image is an uploaded picture.
type Image struct {
	MediaID string
	Caption string
}

// Document is an uploaded file.
type Document struct {
	MediaID  string
	Filename string // as shown to the person
	Caption  string
}

// Filled is an approved template with its parameters.
type Filled struct {
	Name     string
	Language string // as registered, "es" or "en_US"
	Header   []Param
	Body     []Param
	// Payloads come back when the quick reply of the same place is tapped; ""
	// leaves one at its default, which is its text.
	Payloads []string
}

// Param is one parameter: by name, or, when Name is empty, by its place.
type Param struct {
	Name, Text string
}

// Sent is what Meta answers: accepted, which is not yet sent.
type Sent struct {
	WAMID  string
	Status string // of templates: accepted, held_for_quality_assessment or paused
	WAID   string // the account that the phone number belongs to, if told
	UserID string // the person's business-scoped user id, if told
}

// envelope is the JSON of a message (cloudapi.md §2).
type envelope struct {
	Product         string           `json:"messaging_product"`
	RecipientType   string           `json:"recipient_type"`
	To              string           `json:"to,omitempty"`
	Recipient       string           `json:"recipient,omitempty"`
	Context         *wireContext     `json:"context,omitempty"`
	Category        string           `json:"category,omitempty"`
	Type            string           `json:"type"`
	Text            *wireText        `json:"text,omitempty"`
	Interactive     *wireInteractive `json:"interactive,omitempty"`
	Image           *wireMedia       `json:"image,omitempty"`
	Document        *wireMedia       `json:"document,omitempty"`
	Template        *wireTemplate    `json:"template,omitempty"`
	Opaque          string           `json:"biz_opaque_callback_data,omitempty"`
	IdentityKeyHash string           `json:"recipient_identity_key_hash,omitempty"`
}

type wireContext struct {
	MessageID string `json:"message_id"`
}

type wireText struct {
	Body    string `json:"body"`
	Preview bool   `json:"preview_url"`
}

type wireMedia struct {
	ID       string `json:"id"`
	Caption  string `json:"caption,omitempty"`
	Filename string `json:"filename,omitempty"`
}

type wireInteractive struct {
	Type   string      `json:"type"`
	Header *wireHeader `json:"header,omitempty"`
	Body   wireLine    `json:"body"`
	Footer *wireLine   `json:"footer,omitempty"`
	Action wireAction  `json:"action"`
}

type wireHeader struct {
	Type  string     `json:"type"`
	Text  string     `json:"text,omitempty"`
	Image *wireMedia `json:"image,omitempty"`
}

type wireLine struct {
	Text string `json:"text"`
}

type wireAction struct {
	Button   string        `json:"button,omitempty"`
	Buttons  []wireButton  `json:"buttons,omitempty"`
	Sections []wireSection `json:"sections,omitempty"`
}

type wireButton struct {
	Type  string  `json:"type"`
	Reply wireRow `json:"reply"`
}

type wireSection struct {
	Title string    `json:"title,omitempty"`
	Rows  []wireRow `json:"rows"`
}

type wireRow struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
}

type wireTemplate struct {
	Name       string          `json:"name"`
	Language   wireLanguage    `json:"language"`
	Components []wireComponent `json:"components,omitempty"`
}

type wireLanguage struct {
	Code string `json:"code"`
}

type wireComponent struct {
	Type       string      `json:"type"`
	SubType    string      `json:"sub_type,omitempty"`
	Index      string      `json:"index,omitempty"`
	Parameters []wireParam `json:"parameters"`
}

type wireParam struct {
	Type    string `json:"type"`
	Name    string `json:"parameter_name,omitempty"`
	Text    string `json:"text,omitempty"`
	Payload string `json:"payload,omitempty"`
}

func (m Message) wire() *envelope {
	e := &envelope{
		Product: "whatsapp", RecipientType: "individual", Category: m.Category,
		Opaque: m.Opaque, IdentityKeyHash: m.IdentityKeyHash,
	}
	if strings.HasPrefix(m.To, "+") {
		e.To = m.To
	} else {
		e.Recipient = m.To
	}
	if m.ReplyTo != "" {
		e.Context = &wireContext{m.ReplyTo}
	}
	m.Content.put(e)
	return e
}

func (t Text) put(e *envelope) {
	e.Type, e.Text = "text", &wireText{Body: t.Body, Preview: t.Preview}
}

func (i Image) put(e *envelope) {
	e.Type, e.Image = "image", &wireMedia{ID: i.MediaID, Caption: i.Caption}
}

func (d Document) put(e *envelope) {
	e.Type, e.Document = "document", &wireMedia{ID: d.MediaID, Caption: d.Caption, Filename: d.Filename}
}

func (b Buttons) put(e *envelope) {
	wire := interactive("button", b.Header, b.Body, b.Footer)
	if b.HeaderImage != "" {
		wire.Header = &wireHeader{Type: "image", Image: &wireMedia{ID: b.HeaderImage}}
	}
	for _, r := range b.Replies {
		wire.Action.Buttons = append(wire.Action.Buttons, wireButton{"reply", wireRow{ID: r.ID, Title: r.Title}})
	}
	e.Type, e.Interactive = "interactive", wire
}

func (l List) put(e *envelope) {
	wire := interactive("list", l.Header, l.Body, l.Footer)
	wire.Action.Button = l.Button
	for _, s := range l.Sections {
		section := wireSection{Title: s.Title}
		for _, r := range s.Rows {
			section.Rows = append(section.Rows, wireRow(r))
		}
		wire.Action.Sections = append(wire.Action.Sections, section)
	}
	e.Type, e.Interactive = "interactive", wire
}

func interactive(kind, header, body, footer string) *wireInteractive {
	wire := &wireInteractive{Type: kind, Body: wireLine{body}}
	if header != "" {
		wire.Header = &wireHeader{Type: "text", Text: header}
	}
	if footer != "" {
		wire.Footer = &wireLine{footer}
	}
	return wire
}

func (f Filled) put(e *envelope) {
	wire := &wireTemplate{Name: f.Name, Language: wireLanguage{f.Language}}
	for _, part := range []struct {
		kind   string
		params []Param
	}{{"header", f.Header}, {"body", f.Body}} {
		if len(part.params) > 0 {
			wire.Components = append(wire.Components, wireComponent{Type: part.kind, Parameters: wireParams(part.params)})
		}
	}
	for i, payload := range f.Payloads {
		if payload != "" {
			wire.Components = append(wire.Components, wireComponent{
				Type: "button", SubType: "quick_reply", Index: strconv.Itoa(i),
				Parameters: []wireParam{{Type: "payload", Payload: payload}},
			})
		}
	}
	e.Type, e.Template = "template", wire
}

func wireParams(params []Param) []wireParam {
	var wire []wireParam
	for _, p := range params {
		wire = append(wire, wireParam{Type: "text", Name: p.Name, Text: p.Text})
	}
	return wire
}

// Send checks the message and hands it to Meta, once. A nil error means that
// Meta accepted it; the statuses come by webhook. Otherwise the error is an
// *Error, whose Outcome says whether it may have been sent all the same.
func (c *Client) Send(ctx context.Context, m Message) (Sent, error) {
	const op = "send"
	if err := Check(m); err != nil {
		return Sent{}, refused(op, err)
	}
	var answer struct {
		Contacts []struct {
			WAID   string `json:"wa_id"`
			UserID string `json:"user_id"`
		} `json:"contacts"`
		Messages []struct {
			ID     string `json:"id"`
			Status string `json:"message_status"`
		} `json:"messages"`
	}
	if err := c.post(ctx, op, c.config.PhoneNumberID+"/messages", m.wire(), &answer); err != nil {
		return Sent{}, direct(err, m.Category)
	}
	if len(answer.Messages) == 0 || answer.Messages[0].ID == "" {
		return Sent{}, unreadable(op, 200, errors.New("the answer names no message"))
	}
	sent := Sent{WAMID: answer.Messages[0].ID, Status: answer.Messages[0].Status}
	if len(answer.Contacts) > 0 {
		sent.WAID, sent.UserID = answer.Contacts[0].WAID, answer.Contacts[0].UserID
	}
	return sent, nil
}

// direct marks the errors of a Direct Send, to which code 100 means that the
// account may not.
func direct(err error, category string) error {
	var e *Error
	if category == Utility && errors.As(err, &e) {
		e.Direct = true
	}
	return err
}

// MarkRead shows the sender of wamid that it was read, and those before it
// too; with typing, also that an answer is being written, for 25 s at most. Not
// for customers' messages: only a person's commands to the bot.
func (c *Client) MarkRead(ctx context.Context, wamid string, typing bool) error {
	type indicator struct {
		Type string `json:"type"`
	}
	in := struct {
		Product string     `json:"messaging_product"`
		Status  string     `json:"status"`
		ID      string     `json:"message_id"`
		Typing  *indicator `json:"typing_indicator,omitempty"`
	}{Product: "whatsapp", Status: "read", ID: wamid}
	if typing {
		in.Typing = &indicator{"text"}
	}
	var answer struct{}
	return c.post(ctx, "mark read", c.config.PhoneNumberID+"/messages", in, &answer)
}
