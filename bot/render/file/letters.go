package file

import (
	_ "embed" // the fonts
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/text/unicode/norm"
)

// The fonts of pictures with TrueType outlines, which PDF files need.

//go:embed font/Inter-Medium.ttf
var interMedium []byte

//go:embed font/Inter-Bold.ttf
var interBold []byte

// letters knows what a font can draw.
type letters struct {
	font   *sfnt.Font
	buffer *sfnt.Buffer
	known  map[rune]bool
}

func newLetters(ttf []byte) (letters, error) {
	font, err := sfnt.Parse(ttf)
	if err != nil {
		return letters{}, fmt.Errorf("font: %w", err)
	}
	return letters{font, &sfnt.Buffer{}, map[rune]bool{}}, nil
}

// draws reports whether the font has a glyph for r.
func (l letters) draws(r rune) bool {
	if has, ok := l.known[r]; ok {
		return has
	}
	glyph, err := l.font.GlyphIndex(l.buffer, r)
	l.known[r] = err == nil && glyph != 0 && r <= 0xFFFF
	return l.known[r]
}

// clean makes a text drawable: fancy letters become plain ones, what has no
// glyph is left out. A text of which nothing is left becomes a dash.
func (d *pdf) clean(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(s) {
		switch {
		case unicode.IsSpace(r):
			b.WriteRune(' ')
		case d.letters.draws(r):
			b.WriteRune(r)
		default:
			for _, plain := range norm.NFKD.String(string(r)) {
				if plain != r && d.letters.draws(plain) {
					b.WriteRune(plain)
				}
			}
		}
	}
	out := strings.Join(strings.Fields(b.String()), " ")
	if out == "" && strings.TrimSpace(s) != "" {
		return "–"
	}
	return out
}
