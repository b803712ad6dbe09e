package cloudapi

import (
	"encoding/json"
	"strings"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// Extra is what an inbound message says beside its content, the JSON of
// models.Event.Details. A command reads from it what was tapped, what was
// answered, and whether the words are the sender's own.
type Extra struct {
	ReplyTo   string `json:"reply_to,omitempty"`  // id of the message it quotes or answers
	Forwarded bool   `json:"forwarded,omitempty"` // somebody else's words
	Payload   string `json:"payload,omitempty"`   // of a template's button; id of a reply button or list row
	Identity  string `json:"identity,omitempty"`  // hash of the customer's key: it changes with their device or number's owner
	About     string `json:"about,omitempty"`     // id of the message that a reaction or an edit is about
}

// bytes returns the JSON, nil when there is nothing to say.
func (x Extra) bytes() []byte {
	if x == (Extra{}) {
		return nil
	}
	b, _ := json.Marshal(x) // strings and a bool: it cannot fail
	return b
}

// message reads an element of messages[]: what a customer wrote, or did.
func (c *change) message(at *path, v *fastjson.Value) error {
	e, id, err := c.begin(v, "m")
	if err != nil {
		return err
	}
	kind, err := c.kind(v)
	if err != nil {
		return err
	}
	row := c.sender(v, &e)
	if handled, err := c.aside(at, v, kind, e); handled || err != nil {
		return err
	}
	return c.receive(at, v, kind, id, e, row, models.RankMeta)
}

// receive records a customer's message.
func (c *change) receive(at *path, v *fastjson.Value, kind, id string, e models.Event, row *contact, rank models.Rank) error {
	name, ok := content(kind)
	if !ok {
		return c.stranger(at, kind, e)
	}
	if len(e.Party) == 0 {
		return c.senderless(at, kind, e)
	}
	e.Kind = models.MessageReceived
	e.Text = c.says(kind, v)
	e.Details = c.extra(v, row).bytes()
	e.Message = &models.Message{
		Channel: e.Channel, ID: id, Dir: models.In, Party: strongest(e.Party), ProviderAt: e.At,
		Kind: name, Content: rank,
		Ad: strings.EqualFold(c.str(v.Get("referral"), "source_type"), "ad"),
	}
	c.add(e)
	return nil
}

// stranger keeps a message of a type that is not known here.
func (c *change) stranger(at *path, kind string, e models.Event) error {
	c.unknown("message", kind)
	return c.note(e, "message:"+kind, at)
}

// senderless keeps a message that shows no identifier of anybody.
func (c *change) senderless(at *path, kind string, e models.Event) error {
	e.Flags = append(e.Flags, "no_sender")
	return c.note(e, "message:"+kind, at)
}

func strongest(ids []models.Alias) models.Alias {
	a, _ := models.Strongest(ids)
	return a
}

// content returns the name under which a type that carries content is counted.
func content(kind string) (string, bool) {
	switch kind {
	case "text", "image", "audio", "video", "sticker", "document", "location", "contacts", "interactive", "button",
		"order", "unsupported", "template", "media_placeholder":
		return kind, true
	case "voice":
		return "audio", true
	case "unknown":
		return "unsupported", true
	}
	return "", false
}

// aside handles the types that speak about another message or about the
// customer, in either direction. It reports whether kind was one of them.
func (c *change) aside(at *path, v *fastjson.Value, kind string, e models.Event) (bool, error) {
	switch kind {
	case "reaction", "edit":
	case "revoke":
		return true, c.revoke(v, e)
	case "unsupported":
		if c.str(v.Get("unsupported"), "type") != "edit" {
			return false, nil
		}
	case "system":
		return true, c.system(at, v, e)
	case "request_welcome":
		return true, c.note(e, "message:request_welcome", at)
	default:
		return false, nil
	}
	if len(e.Party) == 0 {
		return true, c.senderless(at, kind, e)
	}
	if kind == "reaction" {
		r := v.Get("reaction")
		e.Kind, e.Text = models.MessageReaction, c.text(r, "emoji")
		e.Details = Extra{About: c.str(r, "message_id")}.bytes()
	} else {
		edit := v.Get("edit")
		m := edit.Get("message")
		e.Kind, e.Text = models.MessageEdited, c.says(c.str(m, "type"), m)
		e.Details = Extra{About: c.str(edit, "original_message_id")}.bytes()
	}
	c.add(e)
	return true, nil
}

// revoke records that a message was deleted by who wrote it.
func (c *change) revoke(v *fastjson.Value, e models.Event) error {
	e.Kind = models.MessageRevoked
	if r := v.Get("revoke"); !absent(r.Get("original_message_id")) {
		id, err := c.identifier(r, "original_message_id")
		if err != nil {
			return err
		}
		e.Kind = models.MessageDeleted
		e.Message = &models.Message{Channel: e.Channel, ID: id, DeletedAt: e.At}
	}
	c.add(e)
	return nil
}

// system records a change of number or user id: its old and new identifiers are
// one person's. Other news of the customer is noted.
func (c *change) system(at *path, v *fastjson.Value, e models.Event) error {
	s := v.Get("system")
	group := len(e.Party) == 1 && e.Party[0].Kind == models.ByGroup
	if !group && c.lower(s, "type") != "customer_identity_changed" {
		ids := party(e.Party)
		shown := len(ids)
		ids.whatsApp(c.firstOf(s, "wa_id", "new_wa_id"))
		ids.user(c.str(s, "user_id"), c.str(s, "parent_user_id"))
		ids.user(c.str(s, "previous_user_id"), c.str(s, "previous_parent_user_id"))
		e.Party = ids
		if len(ids) > shown && len(ids) > 1 {
			e.Kind = models.ContactRenumbered
			c.add(e)
			return nil
		}
	}
	return c.note(e, "message:system", at)
}

// newUserID records an element of user_id_update, which is how a changed user id
// was told before system messages did.
func (c *change) newUserID(at *path, v *fastjson.Value) error {
	var err error
	e := models.Event{Kind: models.ContactRenumbered}
	if e.At, err = stamp(v.Get("timestamp")); err != nil {
		return err
	}
	if e.Channel, err = c.channel(); err != nil {
		return err
	}
	id, parent := v.Get("user_id"), v.Get("parent_user_id")
	var ids party
	ids.whatsApp(c.str(v, "wa_id"))
	ids.user(c.str(id, "current"), c.str(parent, "current"))
	c.introduce(&e, ids)
	ids = e.Party
	ids.user(c.str(id, "previous"), c.str(parent, "previous"))
	e.Party = ids
	e.Key = key("u", c.number, digest(string(c.raw(at))))
	if len(ids) < 2 {
		return c.note(e, c.field, at)
	}
	c.add(e)
	return nil
}

// extra reads what surrounds a message's content.
func (c *change) extra(v *fastjson.Value, row *contact) Extra {
	var x Extra
	if context := v.Get("context"); context != nil {
		x.ReplyTo = c.str(context, "id")
		x.Forwarded = context.GetBool("forwarded") || context.GetBool("frequently_forwarded")
	}
	if b := v.Get("button"); b != nil {
		x.Payload = c.str(b, "payload")
	}
	if i := v.Get("interactive"); i != nil {
		x.Payload = c.str(i.Get(c.str(i, "type")), "id")
	}
	if row != nil {
		x.Identity = row.identity
	}
	return x
}

// says returns the words of a message of a type: its body, caption, button or
// title; "" when it has none.
func (c *change) says(kind string, v *fastjson.Value) string {
	m := v.Get(kind)
	if m == nil {
		return ""
	}
	switch kind {
	case "text":
		return c.text(m, "body")
	case "image", "video", "document":
		return c.either(m, "caption", "filename")
	case "location":
		return c.either(m, "name", "address")
	case "button", "order":
		return c.text(m, "text")
	case "interactive":
		return c.interactive(m)
	case "contacts":
		return c.cards(m)
	}
	return ""
}

func (c *change) either(v *fastjson.Value, keys ...string) string {
	for _, key := range keys {
		if s := c.text(v, key); s != "" {
			return s
		}
	}
	return ""
}

// interactive returns the words of a tap or a filled form; of one that the
// business sent, its body.
func (c *change) interactive(m *fastjson.Value) string {
	reply := m.Get(c.str(m, "type"))
	if s := c.either(reply, "title", "body", "response", "payment_method"); s != "" {
		return s
	}
	return c.text(m, "body", "text")
}

// cards returns the names of shared contacts.
func (c *change) cards(m *fastjson.Value) string {
	var names []string
	for _, card := range m.GetArray() {
		name := c.either(card.Get("name"), "formatted_name", "first_name")
		if phones := card.GetArray("phones"); name == "" && len(phones) > 0 {
			name = c.text(phones[0], "phone")
		}
		if name != "" {
			names = append(names, name)
		}
	}
	return head(strings.Join(names, ", "), longText)
}
