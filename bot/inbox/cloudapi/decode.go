package cloudapi

import (
	"errors"
	"slices"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// Source is the name under which the events of this package are recorded.
const Source = "cloudapi"

const object = "whatsapp_business_account"

// Decoder returns what reads webhook bodies, each received at receivedAt (ms UTC,
// the time of events that bear none). The same arguments give the same result,
// and no body makes it fail: what cannot be read is among the faults. It is safe
// for concurrent use.
func Decoder() func(body []byte, receivedAt int64) models.Decoded {
	var parsers fastjson.ParserPool
	return func(body []byte, receivedAt int64) models.Decoded {
		parser := parsers.Get()
		defer parsers.Put(parser) // what was decoded holds copies only
		return decode(parser, body, receivedAt)
	}
}

func decode(parser *fastjson.Parser, body []byte, receivedAt int64) models.Decoded {
	d := decoder{body: body, receivedAt: receivedAt}
	root, err := parser.ParseBytes(body)
	if err != nil {
		d.reject("not JSON")
		return d.out
	}
	entries := root.Get("entry")
	switch {
	case root.Type() != fastjson.TypeObject, absent(entries):
		d.reject("not a WhatsApp webhook: no entry")
	case foreign(root.GetStringBytes("object")):
		d.reject("not a WhatsApp webhook: object is not " + object)
	default:
		d.list(nil, "entry", entries, (*decoder).entry)
	}
	return d.out
}

// foreign reports whether a body names another of Meta's products.
func foreign(name []byte) bool { return len(name) > 0 && string(name) != object }

// decoder is the reading of one body.
type decoder struct {
	body       []byte
	receivedAt int64
	pristine   *fastjson.Value // the body once more, its strings never unescaped: see raw
	near       *path           // what raw found last stands here, …
	nearby     *fastjson.Value // … in this part of pristine
	nul        bool            // U+0000 was taken out of the element being read
	out        models.Decoded
}

func (d *decoder) reject(reason string) {
	d.out.Faults = append(d.out.Faults, models.Fault{Reason: reason, Body: cut(d.body)})
}

// list hands each element of the array v, which stands under key in up, to one.
// An element that is no object, or that one refuses, is a fault.
func (d *decoder) list(up *path, key string, v *fastjson.Value, one func(*decoder, *path, *fastjson.Value) error) {
	at := up.field(key)
	if v.Type() != fastjson.TypeArray {
		d.fault(at, "not an array")
		return
	}
	elements := v.GetArray()
	if len(elements) > 4 { // most elements are one event
		d.out.Events = slices.Grow(d.out.Events, len(elements))
	}
	for i, element := range elements {
		d.try(at.item(i), element, one)
	}
}

func (d *decoder) try(at *path, v *fastjson.Value, one func(*decoder, *path, *fastjson.Value) error) {
	if v.Type() != fastjson.TypeObject {
		d.fault(at, "not an object")
		return
	}
	d.nul = false
	if err := one(d, at, v); err != nil {
		d.fault(at, err.Error())
	}
}

func (d *decoder) fault(at *path, reason string) {
	d.out.Faults = append(d.out.Faults, models.Fault{Element: at.String(), Reason: reason, Body: cut(d.raw(at))})
}

// entry reads one account's changes.
func (d *decoder) entry(at *path, v *fastjson.Value) error {
	changes := v.Get("changes")
	if absent(changes) {
		return errors.New("changes is missing")
	}
	account := d.str(v, "id")
	when, _ := stamp(v.Get("time"))
	d.list(at, "changes", changes, func(d *decoder, at *path, v *fastjson.Value) error {
		c := change{decoder: d, account: account, when: when, used: make([]string, 0, 4)}
		return c.read(at, v)
	})
	return nil
}

// add records an event of the element being read.
func (d *decoder) add(e models.Event) {
	e.Source = Source
	if e.At > d.receivedAt+early {
		e.Flags = append(e.Flags, "future")
	}
	if d.nul {
		e.Flags = append(e.Flags, "nul_removed")
	}
	d.out.Events = append(d.out.Events, e)
}

// unknown remembers a word that no rule of this package knows: the first hundred
// of a body.
func (d *decoder) unknown(kind, word string) {
	const most = 100
	what := kind + ":" + runes(word, longWord)
	if len(d.out.Unknown) < most && !slices.Contains(d.out.Unknown, what) {
		d.out.Unknown = append(d.out.Unknown, what)
	}
}
