package cloudapi

import (
	"errors"
	"strings"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// call reads an element of calls[]. All events of a call that the customer made
// are one call received, the earliest its moment; the business's own calls are
// noted.
func (c *change) call(at *path, v *fastjson.Value) error {
	e, id, err := c.begin(v, "c")
	if err != nil {
		return err
	}
	word := c.lower(v, "event")
	if !c.dialled(v) {
		c.sender(v, &e)
		return c.called(at, word, e)
	}
	e.Key = key("c", c.number, id, word)
	c.addressee(v, &e)
	if c.isOwn(c.str(v, "to")) {
		c.sender(v, &e)
	}
	return c.note(e, "call:"+word, at)
}

// dialled reports whether the business made a call.
func (c *change) dialled(v *fastjson.Value) bool {
	if d := c.str(v, "direction"); d != "" {
		return strings.EqualFold(d, "BUSINESS_INITIATED")
	}
	return c.isOwn(c.str(v, "from"))
}

// called records a call that opens the customer's window.
func (c *change) called(at *path, word string, e models.Event) error {
	if len(e.Party) == 0 {
		e.Flags = append(e.Flags, "no_sender")
		e.Key = key(e.Key, word)
		return c.note(e, "call:"+word, at)
	}
	e.Kind = models.CallReceived
	c.add(e)
	return nil
}

// callStatus reads a status of a call that the business made. One that the
// customer accepted counts as a call of theirs: it opens the window.
func (c *change) callStatus(at *path, v *fastjson.Value) error {
	e, id, err := c.begin(v, "c")
	if err != nil {
		return err
	}
	word := c.lower(v, "status")
	if word == "" {
		return errors.New("status is missing")
	}
	c.recipient(v, &e)
	e.Label = c.str(v, "biz_opaque_callback_data")
	if word == "accepted" {
		return c.called(at, word, e)
	}
	e.Key = key("c", c.number, id, word)
	return c.note(e, "call:"+word, at)
}
