package cloudapi

import (
	"errors"
	"slices"
	"strconv"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// change is one change of one entry: a field's name and its value.
type change struct {
	*decoder
	account string // the entry's id: a WhatsApp business account, or a portfolio
	when    int64  // the entry's time, 0 when it has none

	at     *path // of the value
	field  string
	value  *fastjson.Value
	number string // phone_number_id; "" when the value has no metadata
	name   string // of the channel; "" when the number cannot be one
	own    string // digits of the number as displayed
	known  contacts
	used   []string // keys of the value that were read
}

// handler reads one element of a change.
type handler func(c *change, at *path, v *fastjson.Value) error

// names reports whether s can name a number: it becomes part of a channel's name.
func names(s string) bool {
	for _, b := range []byte(s) {
		switch {
		case b >= '0' && b <= '9', b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b == '_', b == '-', b == '.':
		default:
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// read takes the change apart. Nothing of it is lost: what its field's rules do
// not reach is noted as it came.
func (c *change) read(at *path, v *fastjson.Value) error {
	if c.field = c.str(v, "field"); c.field == "" {
		return errors.New("field is missing")
	}
	c.at, c.value = at.field("value"), v.Get("value")
	if absent(c.value) {
		return errors.New("value is missing")
	}
	c.meet(c.value.Get("metadata"))
	kind := fields(c.field)
	if kind == unheard {
		c.unknown("field", c.field)
		c.notice(models.Noted)
		return nil
	}
	if c.value.Type() != fastjson.TypeObject {
		return errors.New("value is not an object")
	}
	switch kind {
	case account:
		c.notice(models.AccountNotice)
	case handover:
		c.handover()
	default:
		c.elements()
	}
	return nil
}

// meet learns whose number the change is about.
func (c *change) meet(metadata *fastjson.Value) {
	if s := c.str(metadata, "phone_number_id"); s != "" {
		c.number, c.name = s, ""
		if names(s) {
			c.name = "whatsapp:" + s
		}
	}
	if digits, ok := models.PhoneDigits(c.str(metadata, "display_phone_number")); ok {
		c.own = digits
	}
}

// What a field's value is.
const (
	unheard  = iota // not known here
	lists           // arrays of elements beside metadata
	account         // news of the account, as a whole
	handover        // a thread changes hands between apps
)

func fields(name string) int {
	switch name {
	case "messages", "smb_message_echoes", "message_echoes", "history", "standby", "calls", "smb_app_state_sync",
		"user_id_update", "user_preferences", "automatic_events", "group_lifecycle_update",
		"group_participants_update", "group_settings_update", "group_status_update":
		return lists
	case "message_template_status_update", "message_template_quality_update", "message_template_components_update",
		"template_category_update", "template_correct_category_detection", "phone_number_quality_update",
		"phone_number_name_update", "business_capability_update", "account_update", "account_alerts",
		"account_review_update", "account_settings_update", "security", "payment_configuration_update",
		"partner_solutions", "business_username_updates", "flows":
		return account
	case "messaging_handovers":
		return handover
	}
	return unheard
}

// elements reads the arrays that the field is known to carry, then whatever else
// is there; a value that holds no element at all is noted whole.
func (c *change) elements() {
	before := len(c.out.Events) + len(c.out.Faults)
	c.meetContacts()
	switch c.field {
	case "messages":
		c.each("messages", (*change).message)
		c.each("statuses", (*change).status)
	case "smb_message_echoes":
		c.each("message_echoes", (*change).echo)
	case "message_echoes":
		c.each("message_echoes", (*change).copyOfSend)
	case "history":
		c.each("history", (*change).chunk)
		c.each("messages", (*change).late)
	case "standby":
		c.standby()
	case "calls":
		c.each("calls", (*change).call)
		c.each("statuses", (*change).callStatus)
	case "smb_app_state_sync":
		c.each("state_sync", (*change).bookEntry)
	case "user_id_update":
		c.each("user_id_update", (*change).newUserID)
	case "user_preferences", "automatic_events":
		c.each(c.field, (*change).noteElement)
	default:
		c.each("groups", (*change).noteElement)
	}
	c.each("errors", (*change).valueError)
	c.rest(len(c.out.Events)+len(c.out.Faults) == before)
}

// each reads the array under key, if there is one.
func (c *change) each(key string, one handler) {
	c.used = append(c.used, key)
	v := c.value.Get(key)
	if absent(v) {
		return
	}
	c.list(c.at, key, v, func(_ *decoder, at *path, v *fastjson.Value) error { return one(c, at, v) })
}

// rest notes the arrays and objects of the value that nothing has read; or the
// value whole, when nothing at all was read from it or too much was not.
func (c *change) rest(whole bool) {
	const most = 16
	var unread []string
	c.value.GetObject().Visit(func(k []byte, v *fastjson.Value) {
		name := string(k)
		if c.expects(name) {
			return
		}
		c.unknown("value", c.clean(name, false))
		if v.Type() == fastjson.TypeObject || v.Type() == fastjson.TypeArray {
			unread = append(unread, name)
		}
	})
	if whole || len(unread) > most {
		c.notice(models.Noted)
		return
	}
	for _, name := range unread {
		c.nul = false
		c.noteWhole(models.Noted, "value:"+c.clean(name, false), c.at.field(name), 0)
	}
}

// expects reports whether a key of the value was read, or is beside its elements
// in every field.
func (c *change) expects(name string) bool {
	switch name {
	case "messaging_product", "metadata", "contacts":
		return true
	}
	return slices.Contains(c.used, name)
}

// begin opens the event of an element that has an id, a timestamp and a number.
func (c *change) begin(v *fastjson.Value, prefix string) (e models.Event, id string, err error) {
	if id, err = c.identifier(v, "id"); err != nil {
		return e, "", err
	}
	if e.At, err = stamp(v.Get("timestamp")); err != nil {
		return e, "", err
	}
	if e.Channel, err = c.channel(); err != nil {
		return e, "", err
	}
	e.Key = key(prefix, c.number, id)
	return e, id, nil
}

// channel names the number the change is about.
func (c *change) channel() (string, error) {
	switch {
	case c.name != "":
		return c.name, nil
	case c.number != "":
		return "", errors.New("metadata.phone_number_id is malformed")
	}
	return "", errors.New("metadata.phone_number_id is missing")
}

// isOwn reports whether a phone number is the one the change is about.
func (c *change) isOwn(phone string) bool {
	digits, ok := models.PhoneDigits(phone)
	return ok && digits == c.own
}

// kind returns the type of a message; where it has none, the one part that
// messages of a known type have.
func (c *change) kind(v *fastjson.Value) (string, error) {
	if word := c.str(v, "type"); word != "" {
		return word, nil
	}
	for _, word := range [...]string{"text", "image", "audio", "video", "sticker", "document", "location", "contacts",
		"interactive", "button", "order", "reaction", "template"} {
		if !absent(v.Get(word)) {
			return word, nil
		}
	}
	return "", errors.New("type is missing")
}

// day is what tells recurrences of an undated notice apart: those of one day
// cannot be told from repeated deliveries.
func day(at int64) string { return strconv.FormatInt(at/86_400_000, 10) }
