package events

import (
	"errors"
	"strings"
	"unicode"

	"github.com/valyala/fastjson"
)

// form is what a field's value must be. null is taken for an absent field everywhere.
type form uint8

const (
	word  form = iota // a string: a name, an id, one of a few words
	prose             // a string of several lines
	truth             // true or false
	code              // a string or a number
	words             // an array of strings
	group             // an object
)

// field is a field that an event, or an object in it, may have.
type field struct {
	name  string
	form  form
	inner []field // of a group
}

// shape lists every field of an event. openapi.yaml says the same to outsiders;
// a test compares the two.
func shape() []field {
	return []field{
		{"id", word, nil}, {"type", word, nil}, {"at", word, nil}, {"channel", word, nil},
		{"contact", group, []field{{"id", word, nil}, {"phone", word, nil}, {"user_id", word, nil}, {"name", word, nil}, {"source", word, nil}}},
		{"agent", group, []field{{"id", word, nil}, {"name", word, nil}, {"team", word, nil}}},
		{"message", group, []field{{"id", word, nil}, {"kind", word, nil}, {"text", prose, nil}, {"sender", word, nil}, {"template", word, nil}, {"in_reply_to", word, nil}}},
		{"conversation", group, []field{{"id", word, nil}, {"category", word, nil}, {"summary", prose, nil}, {"opened_by", word, nil}, {"closed_by", word, nil}}},
		{"comment", group, []field{{"text", prose, nil}, {"mentions", words, nil}}},
		{"merged_into", group, []field{{"id", word, nil}, {"phone", word, nil}, {"user_id", word, nil}}},
		{"error", group, []field{{"code", code, nil}, {"title", word, nil}}},
		{"pricing", group, []field{{"type", word, nil}, {"category", word, nil}, {"billable", truth, nil}}},
	}
}

// check reports the first field of v that is not known, repeated or of the
// wrong type.
func check(v *fastjson.Value, fields []field, prefix string) error {
	var fault error
	var seen uint64
	v.GetObject().Visit(func(key []byte, v *fastjson.Value) {
		if fault != nil {
			return
		}
		i := find(fields, key)
		if i < 0 {
			fault = wrong(prefix+shown(string(key)), "unknown field; leave it out")
			return
		}
		path := prefix + fields[i].name
		if seen&(1<<i) != 0 {
			fault = wrong(path, "given twice; leave one out")
			return
		}
		seen |= 1 << i
		if v.Type() != fastjson.TypeNull {
			fault = fields[i].fits(v, path)
		}
	})
	return fault
}

func find(fields []field, key []byte) int {
	for i := range fields {
		if fields[i].name == string(key) {
			return i
		}
	}
	return -1
}

func (f field) fits(v *fastjson.Value, path string) error {
	t := v.Type()
	switch f.form {
	case word, prose:
		if t != fastjson.TypeString {
			return wrong(path, `must be a string; put it in quotes`)
		}
	case truth:
		if t != fastjson.TypeTrue && t != fastjson.TypeFalse {
			return wrong(path, "must be true or false, without quotes")
		}
	case code:
		if t != fastjson.TypeString && t != fastjson.TypeNumber {
			return wrong(path, "must be a number or a string")
		}
	case words:
		return stringsOnly(v, path)
	case group:
		if t != fastjson.TypeObject {
			return wrong(path, "must be an object in { }")
		}
		return check(v, f.inner, path+".")
	}
	return nil
}

func stringsOnly(v *fastjson.Value, path string) error {
	if v.Type() != fastjson.TypeArray {
		return wrong(path, "must be an array of strings in [ ]")
	}
	for _, s := range v.GetArray() {
		if s.Type() != fastjson.TypeString {
			return wrong(path, "must hold strings only")
		}
	}
	return nil
}

func wrong(path, how string) error { return errors.New(path + ": " + how) }

// shown is an unknown field's name as it may be repeated.
func shown(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, name)
	return runes(name, 64)
}
