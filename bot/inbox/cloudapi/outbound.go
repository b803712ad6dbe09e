package cloudapi

import (
	"github.com/valyala/fastjson"

	"pulso/models"
)

// echo reads an element of message_echoes[]: what somebody wrote to a customer
// in the WhatsApp Business app or on a device linked to it.
func (c *change) echo(at *path, v *fastjson.Value) error {
	e, id, err := c.begin(v, "e")
	if err != nil {
		return err
	}
	kind, err := c.kind(v)
	if err != nil {
		return err
	}
	c.addressee(v, &e)
	if handled, err := c.aside(at, v, kind, e); handled || err != nil {
		return err
	}
	m := models.Message{ID: id, Echo: true, Sender: models.ClassPhone, Author: models.RankMeta, Content: models.RankMeta}
	if c.str(v, "message_creation_type") == "created_by_1p_bot" {
		m.Sender = models.ClassBot
	}
	if _, known := content(kind); known && len(e.Party) == 0 {
		return c.senderless(at, kind, e)
	}
	return c.send(at, v, kind, e, m)
}

// send records a business message with its content.
func (c *change) send(at *path, v *fastjson.Value, kind string, e models.Event, m models.Message) error {
	name, ok := content(kind)
	if !ok {
		return c.stranger(at, kind, e)
	}
	m.Channel, m.Dir, m.Party, m.ProviderAt, m.Kind = e.Channel, models.Out, strongest(e.Party), e.At, name
	if kind == "template" {
		m.Template = c.str(v.Get("template"), "name")
	}
	e.Kind, e.Text, e.Message = models.MessageSent, c.says(kind, v), &m
	c.add(e)
	return nil
}

// standby reads what happens on threads that another app owns: the usual arrays
// one level deeper.
func (c *change) standby() {
	c.used = append(c.used, "standby")
	v := c.value.Get("standby")
	if absent(v) {
		c.standbyLists()
		return
	}
	inner := *c
	inner.at, inner.value, inner.used = c.at.field("standby"), v, nil
	if v.Type() != fastjson.TypeObject {
		c.fault(inner.at, "not an object")
		return
	}
	inner.meet(v.Get("metadata"))
	inner.meetContacts()
	inner.standbyLists()
	inner.each("errors", (*change).valueError)
	inner.rest(false)
}

func (c *change) standbyLists() {
	c.each("messages", (*change).message)
	c.each("message_echoes", (*change).copyOfSend)
	c.each("statuses", (*change).status)
}

// copyOfSend reads a copy of what another app sent through the API: the request
// it made stands under message. Nobody says who wrote it, unless the app did.
func (c *change) copyOfSend(at *path, v *fastjson.Value) error {
	e, id, err := c.begin(v, "e")
	if err != nil {
		return err
	}
	request := v.Get("message")
	if absent(request) {
		request = v
	}
	kind, err := c.kind(request)
	if err != nil {
		return err
	}
	c.addressee(request, &e)
	if handled, err := c.aside(at, request, kind, e); handled || err != nil {
		return err
	}
	m := models.Message{ID: id, Content: models.RankMeta}
	author(c.str(request, "biz_opaque_callback_data"), &m)
	if _, known := content(kind); known && len(e.Party) == 0 {
		return c.senderless(at, kind, e)
	}
	return c.send(at, request, kind, e, m)
}

// chunk reads an element of history[]: threads of the past, or the news that the
// business does not share them.
func (c *change) chunk(at *path, v *fastjson.Value) error {
	before := len(c.out.Events) + len(c.out.Faults)
	if errs := v.Get("errors"); !absent(errs) {
		c.list(at, "errors", errs, func(_ *decoder, at *path, _ *fastjson.Value) error {
			e := models.Event{Kind: models.AccountNotice, At: c.when, Label: c.account}
			c.noteUndated(&e, "history", at)
			c.add(e)
			return nil
		})
	}
	if threads := v.Get("threads"); !absent(threads) {
		c.list(at, "threads", threads, func(_ *decoder, at *path, v *fastjson.Value) error { return c.thread(at, v) })
	}
	if len(c.out.Events)+len(c.out.Faults) == before {
		return c.noteElement(at, v)
	}
	return nil
}

// thread reads the messages exchanged with one customer.
func (c *change) thread(at *path, v *fastjson.Value) error {
	var who party
	who.whatsApp(c.str(v, "id"))
	context := v.Get("context")
	who.whatsApp(c.str(context, "wa_id"))
	who.user(c.str(context, "user_id"), c.str(context, "parent_user_id"))
	who.add(models.ByUsername, trimAt(c.str(context, "username")))
	messages := v.Get("messages")
	if absent(messages) || len(messages.GetArray()) == 0 && messages.Type() == fastjson.TypeArray {
		e := models.Event{Kind: models.Noted, At: c.when, Party: who}
		c.noteUndated(&e, "history", at)
		c.add(e)
		return nil
	}
	c.list(at, "messages", messages, func(_ *decoder, at *path, v *fastjson.Value) error {
		return c.past(at, v, who)
	})
	return nil
}

// past reads one message of a thread's history.
func (c *change) past(at *path, v *fastjson.Value, who party) error {
	e, id, err := c.begin(v, "h")
	if err != nil {
		return err
	}
	kind, err := c.kind(v)
	if err != nil {
		return err
	}
	status := c.lower(v.Get("history_context"), "status")
	e.Key = key("h", c.number, id, status)
	ours := c.ours(v, who)
	if ours {
		c.addressee(v, &e, who...)
	} else {
		c.sender(v, &e)
		e.Party = who.with(e.Party)
	}
	if handled, err := c.aside(at, v, kind, e); handled || err != nil {
		return err
	}
	if !ours {
		return c.receive(at, v, kind, id, e, nil, models.RankHistory)
	}
	m := c.fromApp(id)
	m.Content = models.RankHistory
	c.pastStatus(v, status, e.At, &m)
	return c.send(at, v, kind, e, m)
}

// fromApp is a message of the past that the business wrote in its app.
func (c *change) fromApp(id string) models.Message {
	return models.Message{ID: id, Echo: true, Sender: models.ClassPhone, Author: models.RankHistory}
}

// pastStatus gives a message of the past its state, whose own time is not told.
func (c *change) pastStatus(v *fastjson.Value, status string, at int64, m *models.Message) {
	switch status {
	case "delivered":
		m.DeliveredAt = at
	case "read", "played":
		m.ReadAt = at
	case "error":
		m.FailedAt = at
		m.Error, m.ErrorTitle = c.failure(v)
	case "", "sent", "pending":
	default:
		c.unknown("history_status", status)
	}
}

// late reads a message whose media came after its thread's history. It outranks
// the placeholder that stands there.
func (c *change) late(at *path, v *fastjson.Value) error {
	if !c.ours(v, nil) {
		return c.message(at, v)
	}
	e, id, err := c.begin(v, "e")
	if err != nil {
		return err
	}
	kind, err := c.kind(v)
	if err != nil {
		return err
	}
	c.addressee(v, &e)
	if handled, err := c.aside(at, v, kind, e); handled || err != nil {
		return err
	}
	m := c.fromApp(id)
	m.Content = models.RankMeta
	return c.send(at, v, kind, e, m)
}

// ours reports whether the business wrote a message of the past: it comes from
// its number or, where that is displayed otherwise, not from the thread's customer.
func (c *change) ours(v *fastjson.Value, who party) bool {
	from, ok := models.WhatsAppID(c.str(v, "from"))
	switch {
	case !ok:
		return c.firstOf(v, "to", "to_user_id") != ""
	case from.Kind == models.ByPhone && from.Value == c.own:
		return true
	}
	known := who.of(from.Kind)
	return known != "" && known != from.Value
}
