package cloudapi

import (
	"errors"
	"strconv"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// bookEntry reads an element of state_sync[]: a row of the address book on the
// phone of the business was added, changed or removed.
func (c *change) bookEntry(at *path, v *fastjson.Value) error {
	moment, err := stamp(v.Get("metadata", "timestamp"))
	if err != nil {
		return err
	}
	e := models.Event{At: moment}
	if e.Channel, err = c.channel(); err != nil {
		return err
	}
	card := v.Get("contact")
	var ids party
	ids.whatsApp(c.firstOf(card, "phone_number", "wa_id"))
	ids.user(c.str(card, "user_id"), c.str(card, "parent_user_id"))
	who, ok := models.Strongest(ids)
	if !ok {
		return errors.New("contact has neither phone_number nor user_id")
	}
	ids.add(models.ByUsername, trimAt(c.str(card, "username")))
	e.Party, e.Name = ids, c.firstOf(card, "full_name", "first_name")
	kind, action := c.lower(v, "type"), c.lower(v, "action")
	e.Key = key("b", c.number, kind, action, who.Value, strconv.FormatInt(moment, 10))
	switch {
	case kind == "contact" && action == "add":
		e.Kind, e.Origin = models.ContactAdded, "user"
	case kind == "contact" && action == "remove":
		e.Kind = models.ContactDeleted
	default:
		c.unknown("state_sync", kind+" "+action)
		return c.note(e, c.field, at)
	}
	c.add(e)
	return nil
}
