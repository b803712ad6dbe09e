package cloudapi

import (
	"strconv"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// longDetails bounds the JSON that a notice keeps.
const longDetails = 64 << 10

// notice records the whole value as news under the field's name.
func (c *change) notice(kind models.Kind) {
	c.nul = false
	own, _ := stamp(c.value.Get("timestamp"))
	c.noteWhole(kind, c.field, c.at, own)
}

// noteWhole records what stands at a path, as it came. Its moment is the
// entry's, else its own, else that of its receipt.
func (c *change) noteWhole(kind models.Kind, subject string, at *path, own int64) {
	e := models.Event{Kind: kind, At: c.when, Label: c.account}
	if e.At == 0 {
		e.At = own
	}
	c.noteUndated(&e, subject, at)
	c.add(e)
}

// noteUndated completes a notice that has no id of its own, and perhaps no time:
// it is known by what it says and when.
func (c *change) noteUndated(e *models.Event, subject string, at *path) {
	moment := strconv.FormatInt(e.At, 10)
	if e.At == 0 {
		e.At, moment = c.receivedAt, "day "+day(c.receivedAt)
		e.Flags = append(e.Flags, "no_time")
	}
	e.Channel, _ = c.channel()
	c.detail(e, subject, at)
	e.Key = key("n", c.account, c.number, e.Notice, digest(string(c.raw(at)), moment))
}

// detail says what a notice is about and keeps its JSON.
func (c *change) detail(e *models.Event, subject string, at *path) {
	e.Notice = runes(subject, longWord)
	if e.Details = c.raw(at); len(e.Details) > longDetails {
		e.Details = nil
		e.Flags = append(e.Flags, "details_cut")
	}
}

// note records an element that has an id but is no figure.
func (c *change) note(e models.Event, subject string, at *path) error {
	e.Kind = models.Noted
	c.detail(&e, subject, at)
	c.add(e)
	return nil
}

// noteElement records one of the elements that speak of a customer or a group
// but count nowhere: a preference, a group's change, an automatic event.
func (c *change) noteElement(at *path, v *fastjson.Value) error {
	e := models.Event{Kind: models.Noted}
	if e.At, _ = stamp(v.Get("timestamp")); e.At == 0 {
		e.At = c.when
	}
	if group := c.str(v, "group_id"); group != "" {
		e.Party = []models.Alias{{Kind: models.ByGroup, Value: group}}
	} else {
		var p party
		p.whatsApp(c.str(v, "wa_id"))
		p.user(c.str(v, "user_id"), c.str(v, "parent_user_id"))
		c.introduce(&e, p)
	}
	c.noteUndated(&e, c.field, at)
	c.add(e)
	return nil
}

// valueError records an error that concerns the number or the account and no
// single message.
func (c *change) valueError(at *path, v *fastjson.Value) error {
	e := models.Event{Kind: models.AccountNotice, At: c.when, Label: c.account}
	c.noteUndated(&e, "errors", at)
	c.add(e)
	return nil
}

// handover records that another app, or a person, has taken over a thread.
func (c *change) handover() {
	c.nul = false
	c.meet(c.value.Get("recipient"))
	e := models.Event{Kind: models.Noted}
	if e.At, _ = stamp(c.value.Get("timestamp")); e.At == 0 {
		e.At = c.when
	}
	sender := c.value.Get("sender")
	var p party
	p.whatsApp(c.firstOf(sender, "phone_number", "wa_id"))
	p.user(c.str(sender, "user_id"), c.str(sender, "parent_user_id"))
	c.introduce(&e, p)
	c.noteUndated(&e, c.field, c.at)
	c.add(e)
}
