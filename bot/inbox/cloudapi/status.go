package cloudapi

import (
	"errors"
	"strings"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// status reads an element of statuses[]: what became of a business message. It
// has neither content nor author, unless the sender put one into its opaque data.
func (c *change) status(at *path, v *fastjson.Value) error {
	if c.lower(v, "type") == "call" {
		return c.callStatus(at, v)
	}
	e, id, err := c.begin(v, "s")
	if err != nil {
		return err
	}
	word := c.lower(v, "status")
	if word == "" {
		return errors.New("status is missing")
	}
	e.Key = key("s", c.number, id, word,
		c.firstOf(v, "recipient_participant_id", "recipient_participant_user_id", "participant_recipient_id"))
	c.recipient(v, &e)
	e.Label = c.str(v, "biz_opaque_callback_data")
	m := models.Message{Channel: e.Channel, ID: id, Dir: models.Out, Party: strongest(e.Party)}
	if e.Kind = c.reached(v, word, e.At, &m); e.Kind == "" {
		c.unknown("status", word)
		return c.note(e, "status:"+word, at)
	}
	if e.Kind != models.MessageDeleted {
		author(e.Label, &m)
	}
	e.Message = &m
	c.add(e)
	return nil
}

// reached gives a message the state that a status tells; "" for a status that
// is not known.
func (c *change) reached(v *fastjson.Value, word string, at int64, m *models.Message) models.Kind {
	switch word {
	case "sent":
		m.ProviderAt = at
		c.price(v, m, models.RankSent)
		return models.MessageSent
	case "delivered":
		m.DeliveredAt = at
		c.price(v, m, models.RankMeta)
		return models.MessageDelivered
	case "read", "played":
		m.ReadAt = at
		c.price(v, m, models.RankRead)
		return models.MessageRead
	case "failed":
		m.FailedAt = at
		m.Error, m.ErrorTitle = c.failure(v)
		c.price(v, m, models.RankRead)
		return models.MessageFailed
	case "deleted": // who wrote it, and when, nobody says
		*m = models.Message{Channel: m.Channel, ID: m.ID, DeletedAt: at}
		return models.MessageDeleted
	}
	return ""
}

// failure returns the code and title of the first error.
func (c *change) failure(v *fastjson.Value) (code, title string) {
	e := v.Get("errors")
	if list := e.GetArray(); len(list) > 0 {
		e = list[0]
	}
	return runes(c.str(e, "code"), longWord), c.str(e, "title")
}

// price gives a message what it costs: since v24 in pricing only, before that in
// conversation too, and in groups within it.
func (c *change) price(v *fastjson.Value, m *models.Message, rank models.Rank) {
	conversation, p := v.Get("conversation"), v.Get("pricing")
	if absent(p) {
		p = conversation.Get("pricing")
	}
	category := c.lower(p, "category")
	if category == "" {
		category = c.lower(conversation.Get("origin"), "type")
	}
	kind, billable := c.lower(p, "type"), p.GetBool("billable")
	if category == "" && kind == "" && !billable {
		return
	}
	m.PriceCategory, m.PriceType, m.Billable, m.Price, m.PriceAt = category, kind, billable, rank, m.LastAt()
}

// author reads who wrote a message from the opaque data that its sender gave it:
// pairs agent=… and sender=…, or a=… in a string that begins with v1, between
// any of ; | & , and spaces. Data of another form says nothing.
func author(opaque string, m *models.Message) {
	if strings.IndexByte(opaque, '=') < 0 {
		return
	}
	short := strings.HasPrefix(opaque, "v1")
	for _, pair := range pairs(opaque) {
		name, value, _ := strings.Cut(pair, "=")
		value = strings.TrimSpace(value)
		switch {
		case value == "":
		case strings.EqualFold(name, "agent"), short && name == "a":
			m.Agent, m.Author = "?"+value, models.RankOpaque
		case strings.EqualFold(name, "sender") && models.Class(strings.ToLower(value)).Valid():
			m.Sender, m.Author = models.Class(strings.ToLower(value)), models.RankOpaque
		}
	}
}

// pairs splits opaque data. A space parts two pairs only where another pair
// begins after it: names of people hold spaces.
func pairs(opaque string) []string {
	var list []string
	for _, piece := range strings.FieldsFunc(opaque, func(r rune) bool { return strings.ContainsRune(";|&,", r) }) {
		words := strings.Fields(piece)
		from := 0
		for i, w := range words {
			if i > from && strings.Contains(w, "=") {
				list = append(list, strings.Join(words[from:i], " "))
				from = i
			}
		}
		list = append(list, strings.Join(words[from:], " "))
	}
	return list
}
