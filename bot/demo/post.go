package demo

import (
	"encoding/json"
	"fmt"
	"time"
)

// object is a piece of JSON.
type object = map[string]any

// post gathers what the sources tell and hands it over in bodies, batched as
// they batch it: what happens within batchSpan may come together.
type post struct {
	deliver func(source string, at time.Time, body []byte) error
	first   time.Time // of what waits
	hooks   []update
	told    []object
	lost    func(at time.Time) bool // nobody listens then
}

const (
	batchSpan = 6 * time.Second
	batchMost = 40
)

// update is an element of an array in the value of a webhook's field.
type update struct {
	line    *line // nil for the account's own news, whose value element is
	field   string
	array   string
	element object
	contact object // nil for none
	at      time.Time
}

// hook adds a webhook's element.
func (p *post) hook(u update) {
	if p.wait(u.at) {
		p.hooks = append(p.hooks, u)
	}
}

// event adds a canonical event.
func (p *post) event(at time.Time, e object) {
	if p.wait(at) {
		p.told = append(p.told, e)
	}
}

func (p *post) wait(at time.Time) bool {
	if p.lost != nil && p.lost(at) {
		return false
	}
	if len(p.hooks)+len(p.told) == 0 {
		p.first = at
	}
	return true
}

// due sends what has waited long enough at the moment of the next event.
func (p *post) due(next time.Time) error {
	if len(p.hooks)+len(p.told) < batchMost && !next.After(p.first.Add(batchSpan)) {
		return nil
	}
	if late := p.first.Add(batchSpan); late.Before(next) {
		next = late
	}
	return p.send(next)
}

// send sends all that waits.
func (p *post) send(at time.Time) error {
	if len(p.hooks) > 0 {
		body, err := hookBody(p.hooks)
		if err != nil {
			return err
		}
		p.hooks = nil
		if err := p.deliver(CloudAPI, at, body); err != nil {
			return err
		}
	}
	if len(p.told) > 0 {
		body, err := encode(object{"events": p.told})
		if err != nil {
			return err
		}
		p.told = nil
		return p.deliver(Events, at, body)
	}
	return nil
}

// hookBody writes updates as one webhook body: an entry of the account, and a
// change for each field and kind of element of a number.
func hookBody(updates []update) ([]byte, error) {
	type key struct {
		line         *line
		field, array string
	}
	changes := []object{}
	values := map[key]object{}
	var when time.Time
	for _, u := range updates {
		if u.line == nil {
			changes, when = append(changes, object{"field": u.field, "value": u.element}), u.at
			continue
		}
		k := key{u.line, u.field, u.array}
		if values[k] == nil {
			values[k] = object{
				"messaging_product": "whatsapp",
				"metadata":          object{"display_phone_number": digits(u.line.display), "phone_number_id": u.line.phoneID},
			}
			changes = append(changes, object{"field": u.field, "value": values[k]})
		}
		values[k][u.array] = added(values[k][u.array], u.element)
		if u.contact != nil {
			values[k]["contacts"] = introduced(values[k]["contacts"], u.contact)
		}
	}
	entry := object{"id": Account, "changes": changes}
	if !when.IsZero() {
		entry["time"] = when.Unix()
	}
	return encode(object{"object": "whatsapp_business_account", "entry": []object{entry}})
}

func added(list any, o object) []object {
	objects, _ := list.([]object)
	return append(objects, o)
}

// introduced adds a contact that is not in the list yet.
func introduced(list any, contact object) []object {
	objects, _ := list.([]object)
	for _, o := range objects {
		if o["user_id"] == contact["user_id"] {
			return objects
		}
	}
	return append(objects, contact)
}

func encode(o object) ([]byte, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return body, nil
}

func digits(s string) string {
	var out []byte
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			out = append(out, s[i])
		}
	}
	return string(out)
}
