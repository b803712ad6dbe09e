package graph

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// sending is the body of POST /{number}/messages (cloudapi.md §2).
type sending struct {
	Product         string           `json:"messaging_product"`
	RecipientType   string           `json:"recipient_type"`
	To              string           `json:"to"`
	Recipient       string           `json:"recipient"`
	Context         *contextBody     `json:"context"`
	Category        string           `json:"category"`
	Type            string           `json:"type"`
	Opaque          string           `json:"biz_opaque_callback_data"`
	IdentityKeyHash string           `json:"recipient_identity_key_hash"`
	Text            *textBody        `json:"text"`
	Image           *mediaBody       `json:"image"`
	Video           *mediaBody       `json:"video"`
	Audio           *mediaBody       `json:"audio"`
	Document        *mediaBody       `json:"document"`
	Sticker         *mediaBody       `json:"sticker"`
	Reaction        *reactionBody    `json:"reaction"`
	Interactive     *interactive     `json:"interactive"`
	Template        *templateSend    `json:"template"`
	Status          string           `json:"status"` // of a read receipt
	MessageID       string           `json:"message_id"`
	Typing          *typingIndicator `json:"typing_indicator"`
}

type contextBody struct {
	MessageID string `json:"message_id"`
}

type textBody struct {
	Body    string `json:"body"`
	Preview bool   `json:"preview_url"`
}

type mediaBody struct {
	ID       string `json:"id"`
	Caption  string `json:"caption"`
	Filename string `json:"filename"`
	Voice    bool   `json:"voice"`
}

type reactionBody struct {
	MessageID string `json:"message_id"`
	Emoji     string `json:"emoji"`
}

type typingIndicator struct {
	Type string `json:"type"`
}

type interactive struct {
	Type   string      `json:"type"`
	Header *headerBody `json:"header"`
	Body   *lineBody   `json:"body"`
	Footer *lineBody   `json:"footer"`
	Action struct {
		Button   string        `json:"button"`
		Buttons  []buttonBody  `json:"buttons"`
		Sections []sectionBody `json:"sections"`
	} `json:"action"`
}

type headerBody struct {
	Type     string     `json:"type"`
	Text     string     `json:"text"`
	Image    *mediaBody `json:"image"`
	Video    *mediaBody `json:"video"`
	Document *mediaBody `json:"document"`
}

type lineBody struct {
	Text string `json:"text"`
}

type buttonBody struct {
	Type  string  `json:"type"`
	Reply rowBody `json:"reply"`
}

type sectionBody struct {
	Title string    `json:"title"`
	Rows  []rowBody `json:"rows"`
}

type rowBody struct {
	ID          string `json:"id"`
	Title       string `json:"title"`
	Description string `json:"description"`
}

type templateSend struct {
	Name     string `json:"name"`
	Language struct {
		Code   string `json:"code"`
		Policy string `json:"policy"`
	} `json:"language"`
	Components []componentSend `json:"components"`
}

type componentSend struct {
	Type       string      `json:"type"`
	SubType    string      `json:"sub_type"`
	Index      string      `json:"index"`
	Parameters []paramSend `json:"parameters"`
}

type paramSend struct {
	Type    string `json:"type"`
	Name    string `json:"parameter_name"`
	Text    string `json:"text"`
	Payload string `json:"payload"`
}

// check refuses what can be refused by looking at the message alone.
func (b *sending) check() *failure {
	switch {
	case b.RecipientType != "" && b.RecipientType != "individual":
		return fail(100, "Only recipient_type individual is simulated")
	case b.To == "" && b.Recipient == "":
		return fail(100, "The parameter to is required.")
	case utf8.RuneCountInString(b.Opaque) > 512:
		return fail(100, "Param biz_opaque_callback_data must be at most 512 characters long.")
	case b.Context != nil && !strings.HasPrefix(b.Context.MessageID, "wamid."):
		return fail(131009, "Context message_id is not valid")
	case b.Category != "" && b.Category != "utility":
		return fail(100, "Param category must be one of {utility}")
	case b.Category != "" && b.Text == nil && b.Interactive == nil:
		return fail(100, "Direct send takes text and interactive messages")
	}
	return b.checkContent()
}

func (b *sending) checkContent() *failure {
	switch b.Type {
	case "", "text":
		return b.checkText()
	case "image", "video", "audio", "document", "sticker":
		return b.attachment().check(b.Type)
	case "interactive":
		return b.Interactive.check(b.Category != "")
	case "template":
		return b.Template.check()
	case "reaction":
		if b.Reaction == nil || !strings.HasPrefix(b.Reaction.MessageID, "wamid.") {
			return fail(131009, "Reaction message_id is not valid")
		}
		return nil
	}
	return fail(131051, "Message type %q is not supported", b.Type)
}

func (b *sending) checkText() *failure {
	limit := 4096
	if b.Category != "" {
		limit = 1024
	}
	if b.Text == nil || strings.TrimSpace(b.Text.Body) == "" {
		return fail(100, "The parameter text.body is required.")
	}
	if utf8.RuneCountInString(b.Text.Body) > limit {
		return fail(100, "Param text['body'] must be at most %d characters long.", limit)
	}
	return nil
}

// attachment is the file of a media message.
func (b *sending) attachment() *mediaBody {
	return map[string]*mediaBody{
		"image": b.Image, "video": b.Video, "audio": b.Audio, "document": b.Document, "sticker": b.Sticker,
	}[b.Type]
}

func (m *mediaBody) check(kind string) *failure {
	switch {
	case m == nil || m.ID == "":
		return fail(131008, "Media id is missing for type %s; links are not simulated", kind)
	case utf8.RuneCountInString(m.Caption) > 1024:
		return fail(131009, "Caption length invalid. Max length: 1024")
	case m.Caption != "" && (kind == "audio" || kind == "sticker"):
		return fail(131009, "Captions are not allowed for type %s", kind)
	}
	return nil
}

// span wants a text of 1 to limit characters.
func span(field, text string, limit int) *failure {
	if n := utf8.RuneCountInString(text); strings.TrimSpace(text) == "" || n > limit {
		return fail(131009, "%s length invalid. Min length: 1, Max length: %d", field, limit)
	}
	return nil
}

// within wants a text of at most limit characters.
func within(field, text string, limit int) *failure {
	if utf8.RuneCountInString(text) > limit {
		return fail(131009, "%s length invalid. Max length: %d", field, limit)
	}
	return nil
}

// either returns the first failure.
func either(all ...*failure) *failure {
	for _, f := range all {
		if f != nil {
			return f
		}
	}
	return nil
}

func (i *interactive) check(direct bool) *failure {
	if i == nil || i.Body == nil {
		return fail(131008, "Interactive body is missing")
	}
	limit := 1024
	if i.Type == "list" && !direct {
		limit = 4096
	}
	f := either(span("Body text", i.Body.Text, limit), i.Header.check(i.Type))
	if i.Footer != nil {
		f = either(f, span("Footer text", i.Footer.Text, 60))
	}
	if f != nil {
		return f
	}
	switch i.Type {
	case "button":
		return i.checkButtons()
	case "list":
		return i.checkList()
	}
	return fail(131051, "Interactive type %q is not simulated", i.Type)
}

func (h *headerBody) check(kind string) *failure {
	switch {
	case h == nil:
		return nil
	case h.Type == "text":
		return span("Header text", h.Text, 60)
	case kind == "list":
		return fail(131009, "Lists have text headers only")
	case h.media() == nil:
		return fail(131009, "Header of type %q is not valid", h.Type)
	}
	return h.media().check(h.Type)
}

func (h *headerBody) media() *mediaBody {
	return map[string]*mediaBody{"image": h.Image, "video": h.Video, "document": h.Document}[h.Type]
}

func (i *interactive) checkButtons() *failure {
	buttons := i.Action.Buttons
	if len(buttons) < 1 || len(buttons) > 3 {
		return fail(131009, "Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
	}
	titles, ids := map[string]bool{}, map[string]bool{}
	for _, b := range buttons {
		if b.Type != "reply" {
			return fail(131009, "Invalid button type")
		}
		if f := either(span("Button title", b.Reply.Title, 20), span("Button id", b.Reply.ID, 256)); f != nil {
			return f
		}
		if titles[b.Reply.Title] || ids[b.Reply.ID] {
			return fail(131009, "Duplicate button titles or ids are not allowed")
		}
		titles[b.Reply.Title], ids[b.Reply.ID] = true, true
	}
	return nil
}

func (i *interactive) checkList() *failure {
	sections := i.Action.Sections
	if f := span("Button label", i.Action.Button, 20); f != nil {
		return f
	}
	if len(sections) < 1 || len(sections) > 10 {
		return fail(131009, "Invalid sections count. Min allowed sections: 1, Max allowed sections: 10")
	}
	ids := map[string]bool{}
	for _, section := range sections {
		if f := section.check(len(sections) > 1, ids); f != nil {
			return f
		}
	}
	if len(ids) > 10 {
		return fail(131009, "Total row count exceed max allowed count: 10")
	}
	return nil
}

func (b sectionBody) check(titled bool, ids map[string]bool) *failure {
	if titled && strings.TrimSpace(b.Title) == "" {
		return fail(131009, "Section title is required when there are several sections")
	}
	if len(b.Rows) == 0 {
		return fail(131009, "A section must have rows")
	}
	f := within("Section title", b.Title, 24)
	for _, r := range b.Rows {
		f = either(f, span("Row title", r.Title, 24), span("Row id", r.ID, 200), within("Row description", r.Description, 72))
		if ids[r.ID] {
			return either(f, fail(131009, "Duplicated row id"))
		}
		ids[r.ID] = true
	}
	return f
}

func (t *templateSend) check() *failure {
	switch {
	case t == nil || t.Name == "":
		return fail(131008, "Template name is missing")
	case t.Language.Code == "":
		return fail(131008, "Template language is missing")
	}
	for _, c := range t.Components {
		if !slices.Contains([]string{"header", "body", "button"}, strings.ToLower(c.Type)) {
			return fail(100, "Component type %q is not supported", c.Type)
		}
	}
	return nil
}
