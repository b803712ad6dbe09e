package demo

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"
)

// content is what a message says.
type content struct {
	kind     string // text, image, audio, document, location, sticker, interactive, button, template
	text     string
	payload  string // of a tap
	about    string // id of the message it answers, or that it reacts to
	template string
	category string // of a template's price
}

func text(s string) content { return content{kind: "text", text: s} }

// author is who wrote a business message.
type author struct {
	class string // agent, phone, bot, automation, campaign
	agent *agent
}

// wamid makes a message id.
func (w *world) wamid() string {
	var b [27]byte
	for i := 0; i+8 <= len(b); i += 8 {
		binary.BigEndian.PutUint64(b[i:], w.random.Uint64())
	}
	return "wamid." + base64.StdEncoding.EncodeToString(b[:])
}

// event begins a canonical event.
func (w *world) event(t time.Time, kind string, l *line, c *customer) object {
	return object{
		"id": fmt.Sprintf("%s-%d", kind, w.number()), "type": kind, "at": t.UTC().Format("2006-01-02T15:04:05.000Z07:00"),
		"channel": l.channel, "contact": c.person(),
	}
}

// says lets a customer write, and returns the message's id.
func (w *world) says(t time.Time, c *customer, l *line, m content) string {
	id := w.wamid()
	c.wrote[l] = t
	if !l.whatsApp() {
		e := w.event(t, "message.received", l, c)
		e["message"] = object{"id": id, "kind": m.kind, "text": m.text}
		w.post.event(t, e)
		return id
	}
	element := w.inbound(m)
	element["id"], element["timestamp"], element["from_user_id"] = id, seconds(t), c.user
	if !c.hidden {
		element["from"] = c.phone
	}
	if c.ad {
		element["referral"] = referral()
		c.ad = false
	}
	w.post.hook(update{l, "messages", "messages", element, c.contact(true), t})
	return id
}

// reacts lets a customer put an emoji on a message.
func (w *world) reacts(t time.Time, c *customer, l *line, id, emoji string) {
	element := object{
		"id": w.wamid(), "timestamp": seconds(t), "from_user_id": c.user, "type": "reaction",
		"reaction": object{"message_id": id, "emoji": emoji},
	}
	if !c.hidden {
		element["from"] = c.phone
	}
	w.post.hook(update{l, "messages", "messages", element, c.contact(true), t})
}

// inbound writes what a customer's message says as a webhook does.
func (w *world) inbound(m content) object {
	var body any
	switch m.kind {
	case "interactive":
		body = object{"type": "button_reply", "button_reply": object{"id": m.payload, "title": m.text}}
	case "button":
		body = object{"payload": m.payload, "text": m.text}
	case "location":
		body = object{"latitude": 4.6 + w.random.Float64()/10, "longitude": -74.1 + w.random.Float64()/10}
	case "text":
		body = object{"body": m.text}
	default:
		body = w.file(m)
	}
	element := object{"type": m.kind, m.kind: body}
	if m.about != "" {
		element["context"] = object{"id": m.about}
	}
	return element
}

var mimes = map[string]string{"image": "image/jpeg", "audio": "audio/ogg; codecs=opus", "document": "application/pdf", "sticker": "image/webp"}

func (w *world) file(m content) object {
	f := object{"id": strconv.FormatUint(1e15+w.random.Uint64N(1e15), 10), "mime_type": mimes[m.kind]}
	switch {
	case m.kind == "audio":
		f["voice"] = true
	case m.kind == "document":
		f["filename"] = m.text
	case m.text != "":
		f["caption"] = m.text
	}
	return f
}

func referral() object {
	return object{
		"source_url": "https://fb.me/4frailejon", "source_id": "120226305854810001", "source_type": "ad",
		"headline": "Semana del hogar", "body": "Neveras y lavadoras con 20 % menos", "media_type": "image",
	}
}

// contact is the customer in a webhook's contacts array.
func (c *customer) contact(username bool) object {
	profile := object{"name": c.name}
	if c.username != "" && username {
		profile["username"] = c.username
	}
	o := object{"profile": profile, "user_id": c.user}
	if !c.hidden {
		o["wa_id"] = c.phone
	}
	return o
}

// writes lets the business write to a customer, and has all the receipts come.
// It returns the message's id and when the customer has surely seen it; failed
// names the error with which the message fails, "" when it does not.
func (w *world) writes(t time.Time, c *customer, l *line, by author, m content, failed string) (id string, seen time.Time) {
	id = w.wamid()
	if by.class == "phone" {
		w.echo(t, c, l, id, m)
		return id, t.Add(w.human(2*time.Minute, 1))
	}
	w.tell(t, c, l, by, id, m)
	d := dispatch{w, c, l, id, w.price(t, c, l, m)}
	if failed != "" {
		w.at(t.Add(time.Second+w.upTo(2*time.Second)), func(t time.Time) { d.fails(t, failed) })
		return id, t
	}
	return id, d.plan(t, m.category == "marketing")
}

// tell reports a business message as the inbox does.
func (w *world) tell(t time.Time, c *customer, l *line, by author, id string, m content) {
	e := w.event(t, "message.sent", l, c)
	message := object{"id": id, "kind": m.kind, "text": m.text, "sender": by.class}
	if m.template != "" {
		message["template"] = m.template
	}
	e["message"] = message
	if by.agent != nil {
		e["agent"] = by.agent.object()
	}
	w.post.event(t, e)
}

func (a *agent) object() object { return object{"id": a.id, "name": a.name, "team": a.team} }

// echo reports what somebody typed in the WhatsApp Business app.
func (w *world) echo(t time.Time, c *customer, l *line, id string, m content) {
	element := object{
		"from": digits(l.display), "to": c.phone, "to_user_id": c.user, "id": id, "timestamp": seconds(t),
		"type": "text", "text": object{"body": m.text},
	}
	w.post.hook(update{l, "smb_message_echoes", "message_echoes", element, c.contact(false), t})
}

func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
