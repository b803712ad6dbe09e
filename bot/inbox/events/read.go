package events

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

const (
	longName = 512     // runes of a short string
	longWord = 64      // runes of a word: a category, a code, an origin
	longID   = 512     // bytes of a message's id
	longText = 65536   // bytes of a text
	longKey  = 200     // bytes of an event's id
	early    = 600_000 // ms that an event may be ahead of its receipt

	earliest = 1230768000000 // 2009-01-01, when WhatsApp began
	latest   = 4102444800000 // 2100-01-01
)

func absent(v *fastjson.Value) bool { return v == nil || v.Type() == fastjson.TypeNull }

// word returns the short string under a name, "" when there is none.
func (d *decoder) word(v *fastjson.Value, name string) string { return d.short(v.Get(name)) }

// lower returns a word whose case does not matter.
func (d *decoder) lower(v *fastjson.Value, name string) string {
	return runes(strings.ToLower(d.word(v, name)), longWord)
}

// id returns the identifier under a name; one that is too long is refused, since
// cut ones could be taken for each other. path is how the refusal calls it.
func (d *decoder) id(v *fastjson.Value, name, path string, most int) string {
	s := d.whole(v.Get(name))
	if len(s) > most {
		d.refused(path, "too long; at most "+strconv.Itoa(most)+" bytes")
	}
	return s
}

func (d *decoder) short(v *fastjson.Value) string { return runes(d.whole(v), longName) }

// whole returns a string, or the digits of a number, fit for one line.
func (d *decoder) whole(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		s := string(v.GetStringBytes())
		if !plain(s) {
			s = d.clean(s, false)
		}
		return strings.TrimSpace(s)
	case fastjson.TypeNumber:
		return v.String()
	}
	return ""
}

// prose returns what somebody wrote, its lines kept.
func (d *decoder) prose(v *fastjson.Value, name string) string {
	s := d.clean(string(v.GetStringBytes(name)), true)
	n := longText
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// plain reports whether s is printable ASCII without a backslash: nothing to clean.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' || s[i] == '\\' {
			return false
		}
	}
	return true
}

// surrogate is half a character, which fastjson leaves as it was escaped.
var surrogate = regexp.MustCompile(`\\u[dD][89a-fA-F][0-9a-fA-F]{2}`)

// clean takes control characters out of s: white space becomes a space, or
// stays where it is a text's, the rest goes. Bytes that are not UTF-8 and halves
// of surrogate pairs become U+FFFD.
func (d *decoder) clean(s string, lines bool) string {
	if strings.Contains(s, `\u`) {
		s = surrogate.ReplaceAllString(s, "\uFFFD")
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == 0:
			d.nul = true
			return -1
		case r == '\n' || r == '\t':
			if lines {
				return r
			}
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// runes returns the first n characters of s.
func runes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
