package render

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// longestName is how many characters, as a reader counts them, a name may have;
// mostMarks how many accents each of them.
const (
	longestName = 40
	mostMarks   = 3
)

// Isolates keep a name that is written from the right from turning its
// surroundings around.
const (
	firstStrong = "\u2068"
	popIsolate  = "\u2069"
	isolates    = firstStrong + popIsolate
)

// name makes the name of a person, a team, a channel or a template harmless.
func (v *Voice) name(s string) string { return v.harmless(s, longestName) }

// harmless makes data fit to be shown. What comes out is one line of at most so
// many characters without anything invisible; in WhatsApp it formats nothing
// and is no link. Nothing visible is a dash.
func (v *Voice) harmless(s string, most int) string {
	s = cut(visible(s), most)
	if v.marked {
		s = unlinked(unformatted(s))
	}
	if s == "" {
		return none
	}
	if rightToLeft(s) {
		return firstStrong + s + popIsolate
	}
	return s
}

// visible keeps what can be seen, with single spaces between.
func visible(s string) string {
	var b strings.Builder
	space, marks := false, mostMarks
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space, marks = b.Len() > 0, mostMarks
		case r == utf8.RuneError || invisible(r):
		case unicode.Is(unicode.M, r):
			if marks < mostMarks {
				b.WriteRune(r)
				marks++
			}
		default:
			if space {
				b.WriteByte(' ')
			}
			b.WriteRune(r)
			space, marks = false, 0
		}
	}
	return b.String()
}

// invisible reports whether a character takes no room, or only room: controls,
// joiners, marks of direction, private ones, and letters that are blank.
func invisible(r rune) bool {
	switch r {
	case 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x2800, 0x3164, 0xffa0:
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Variation_Selector) || !unicode.IsGraphic(r)
}

// cut shortens to at most n characters, accents not counted, with an ellipsis
// for what is missing.
func cut(s string, n int) string {
	seen, end := 0, 0
	for i, r := range s {
		if unicode.Is(unicode.M, r) {
			continue
		}
		if seen++; seen == n {
			end = i
		}
		if seen > n {
			return strings.TrimRight(s[:end], " ") + "…"
		}
	}
	return s
}

// unformatted replaces what WhatsApp takes for formatting by its like. An
// underscore within a word formats nothing and stays: templates have them.
func unformatted(s string) string {
	var b strings.Builder
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == '_' && i > 0 && i < len(runes)-1 && inWord(runes[i-1]) && inWord(runes[i+1]):
		case i == 0 && r == '>':
			r = '›'
		case i == 0 && r == '-':
			r = '‐'
		default:
			r = like(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// like returns a character that looks like one of WhatsApp's marks, or like
// what separates columns, and is neither.
func like(r rune) rune {
	switch r {
	case '*':
		return '∗'
	case '_':
		return 'ˍ'
	case '~':
		return '∼'
	case '`':
		return 'ˋ'
	case '·':
		return '‧'
	}
	return r
}

func inWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// unlinked replaces the dots and colons that make a link of a word.
func unlinked(s string) string {
	runes := []rune(s)
	for i, r := range runes {
		switch {
		case r == '.' && i > 0 && i < len(runes)-1 && inWord(runes[i-1]) && inWord(runes[i+1]):
			runes[i] = '․'
		case r == ':' && i < len(runes)-1 && runes[i+1] == '/':
			runes[i] = '∶'
		}
	}
	return string(runes)
}

// rightToLeft reports whether s holds characters written from the right.
func rightToLeft(s string) bool {
	for _, r := range s {
		p, _ := bidi.LookupRune(r)
		if c := p.Class(); c == bidi.R || c == bidi.AL || c == bidi.AN {
			return true
		}
	}
	return false
}
