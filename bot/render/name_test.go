package render

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestNamesAreData(t *testing.T) {
	v := voice(t, "es", "CO")
	for in, want := range map[string]string{
		"Luz":                             "Luz",
		"  Luz \t Marina\u00a0\u3000 O ":  "Luz Marina O",
		"*PAID*":                          "∗PAID∗",
		"_x_ ~y~ `z` ```":                 "ˍxˍ ∼y∼ ˋzˋ ˋˋˋ",
		"promo_marzo_2":                   "promo_marzo_2",
		"_promo_marzo_":                   "ˍpromo_marzoˍ",
		"Luz\n\n✅ All targets met":        "Luz ✅ All targets met",
		"a\r\nb\u2028c\u0085d":            "a b c d",
		"> quote":                         "› quote",
		"- item":                          "‐ item",
		"a · b":                           "a ‧ b",
		"http://evil.example/x":           "http∶//evil․example/x",
		"www.evil.example":                "www․evil․example",
		"Sra. Luz M.":                     "Sra. Luz M.",
		"a\u202eb\u2066c\u200bd\u200f":    "abcd",
		"\x1b[31mred\x00":                 "[31mred",
		"👨\u200d👩\u200d👧":                 "👨👩👧",
		"e\u0301\u0301\u0301\u0301\u0301": "e\u0301\u0301\u0301",
		"\u0301\u0301":                    "–",
		"":                                "–",
		" \u200b\u3164\u2800 ":            "–",
		"\xff\xfe":                        "–",
		"أحمد 12":                         "\u2068أحمد 12\u2069",
		"\u2067שלום\u2069":                "\u2068שלום\u2069",
		strings.Repeat("ñ", 40):           strings.Repeat("ñ", 40),
		strings.Repeat("ñ", 41):           strings.Repeat("ñ", 39) + "…",
		strings.Repeat("n\u0303", 41):     strings.Repeat("n\u0303", 39) + "…",
	} {
		assert.Equal(t, want, v.name(in), "%q", in)
	}
	assert.Equal(t, "*PAID* www.evil.example", v.bare().name("*PAID* www.evil.example"))
}

var linkLike = regexp.MustCompile(`[\pL\pN]\.[\pL\pN]|:/`)

func FuzzName(f *testing.F) {
	v := testRenderer(f).Voice(Locale{Language: "es"})
	f.Fuzz(func(t *testing.T, s string) {
		got := v.name(s)
		checkHarmless(t, got)
		if again := v.name(got); again != got {
			t.Fatalf("%q became %q, and that %q", s, got, again)
		}
		checkVisible(t, v.bare().name(s))
	})
}

// checkHarmless fails for a name that WhatsApp would format or link.
func checkHarmless(t *testing.T, s string) {
	t.Helper()
	checkVisible(t, s)
	if strings.ContainsAny(s, "*~`·") || linkLike.MatchString(s) {
		t.Fatalf("%q formats or links", s)
	}
	runes := []rune(s)
	for i, r := range runes {
		if r == '_' && (i == 0 || i == len(runes)-1 || !inWord(runes[i-1]) || !inWord(runes[i+1])) {
			t.Fatalf("%q has an underscore at the edge of a word", s)
		}
	}
	if strings.HasPrefix(s, ">") || strings.HasPrefix(s, "-") {
		t.Fatalf("%q begins as a quotation or a list", s)
	}
}

// checkVisible fails for a name that is no line of at most forty characters,
// or holds anything invisible but the isolates around it.
func checkVisible(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || s == "" || s != strings.TrimSpace(s) || strings.Contains(s, "  ") {
		t.Fatalf("%q is no tidy line", s)
	}
	if strings.HasPrefix(s, firstStrong) && strings.HasSuffix(s, popIsolate) {
		s = strings.TrimSuffix(strings.TrimPrefix(s, firstStrong), popIsolate)
	} else if rightToLeft(s) {
		t.Fatalf("%q is not isolated", s)
	}
	bases, marks := 0, 0
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) || r == 0xfe0f:
			t.Fatalf("%q holds %U", s, r)
		case unicode.Is(unicode.M, r):
			marks++
		default:
			bases++
			marks = 0
		}
		if marks > mostMarks {
			t.Fatalf("%q piles up accents", s)
		}
	}
	if bases > longestName {
		t.Fatalf("%q has %d characters", s, bases)
	}
}
