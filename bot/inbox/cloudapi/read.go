package cloudapi

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

const (
	longName = 512     // runes of a short string
	longWord = 64      // runes of a word of Meta's own: a status, a category, a code
	longID   = 512     // bytes of a wamid
	longText = 65536   // bytes of a text
	longKey  = 200     // bytes of an event's key
	early    = 600_000 // ms that an event may be ahead of its receipt

	earliest = 1230768000000 // 2009-01-01, when WhatsApp began
	latest   = 4102444800000 // 2100-01-01
)

func absent(v *fastjson.Value) bool { return v == nil || v.Type() == fastjson.TypeNull }

// str returns the short string under key: a name, an id, a word. Numbers give
// their digits, anything else "".
func (d *decoder) str(v *fastjson.Value, key string) string { return d.short(v.Get(key)) }

// lower is str for words of Meta's own, whose case varies between its pages.
func (d *decoder) lower(v *fastjson.Value, key string) string {
	return runes(strings.ToLower(d.str(v, key)), longWord)
}

// firstOf returns the first of several spellings of a field that says something.
func (d *decoder) firstOf(v *fastjson.Value, keys ...string) string {
	for _, key := range keys {
		if s := d.str(v, key); s != "" {
			return s
		}
	}
	return ""
}

func (d *decoder) short(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	switch v.Type() {
	case fastjson.TypeString:
		s := string(v.GetStringBytes())
		if !plain(s) {
			s = d.clean(s, false)
		}
		return runes(strings.TrimSpace(s), longName)
	case fastjson.TypeNumber:
		return runes(v.String(), longName)
	}
	return ""
}

// text returns what somebody wrote, its lines kept.
func (d *decoder) text(v *fastjson.Value, keys ...string) string {
	s := string(v.GetStringBytes(keys...))
	if !plain(s) {
		s = d.clean(s, true)
	}
	return head(s, longText)
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

// head returns at most n bytes of s and ends between characters.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// identifier reads a message's or a call's id.
func (d *decoder) identifier(v *fastjson.Value, name string) (string, error) {
	id := v.Get(name)
	if id != nil && id.Type() == fastjson.TypeString && len(id.GetStringBytes()) > longID {
		return "", errors.New(name + " is longer than " + strconv.Itoa(longID) + " bytes")
	}
	if s := d.short(id); s != "" {
		return s, nil
	}
	return "", errors.New(name + " is missing")
}

// stamp reads a moment given as a number or a string of seconds (milliseconds
// and microseconds are known by their size) and returns ms UTC.
func stamp(v *fastjson.Value) (int64, error) {
	if absent(v) {
		return 0, errors.New("timestamp is missing")
	}
	var s string
	switch v.Type() {
	case fastjson.TypeString:
		s = strings.TrimSpace(string(v.GetStringBytes()))
	case fastjson.TypeNumber:
		s = v.String()
	}
	if s == "" {
		return 0, errors.New("timestamp is missing")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		f, ferr := strconv.ParseFloat(s, 64)
		if ferr != nil || !(math.Abs(f) < 1e18) {
			return 0, errors.New("timestamp is not a number of seconds")
		}
		n = int64(f)
	}
	switch {
	case n >= 1e14:
		n /= 1000
	case n >= 0 && n < 1e11:
		n *= 1000
	}
	if n < earliest || n >= latest {
		return 0, errors.New("timestamp out of range")
	}
	return n, nil
}

// key joins the parts of an event's key; one that would not fit is shortened to
// its beginning and a digest.
func key(parts ...string) string {
	s := strings.Join(parts, ":")
	if len(s) <= longKey {
		return s
	}
	return head(s, longKey-33) + "#" + digest(s)
}

// digest returns 128 bits of what the parts say, in hexadecimal.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
