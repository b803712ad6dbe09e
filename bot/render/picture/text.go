package picture

import (
	_ "embed"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

//go:embed font/Inter-Medium.otf
var interMedium []byte

//go:embed font/Inter-Bold.otf
var interBold []byte

// fonts are the two weights of Inter. They are only read.
type fonts struct{ medium, bold *sfnt.Font }

func loadFonts() (fonts, error) {
	medium, err := sfnt.Parse(interMedium)
	if err != nil {
		return fonts{}, err
	}
	bold, err := sfnt.Parse(interBold)
	return fonts{medium, bold}, err
}

// style is a weight and a size in pixels. No text is smaller than 26 px, but for
// the values inside a heatmap's cells.
type style struct {
	bold bool
	size float32
}

func medium(size float32) style { return style{false, size} }
func bold(size float32) style   { return style{true, size} }

// capital is the height of a capital letter or a figure.
func (s style) capital() float32 { return s.size * 0.727 }

// line is the distance of two lines of text.
func (s style) line() int { return int(s.size * 1.28) }

// plain is text that holds only characters that can be drawn, composed, on one
// line. Only clean makes it.
type plain string

const (
	longest  = 240 // characters of a text that are looked at
	ellipsis = "…"
	unsaid   = "—" // in place of a text of which nothing can be drawn
)

// clean makes a text drawable: accents composed, letters of fancy alphabets made
// plain, white space made single spaces, controls (bidi and joiners among them),
// loose marks and characters without a glyph dropped. A text of which nothing is
// left becomes a dash; an empty one stays empty.
func (c *canvas) clean(s string) plain {
	if c.drawable(s) {
		return plain(s)
	}
	c.words = c.words[:0]
	s, cut := clip(s)
	for _, r := range norm.NFC.String(s) {
		c.add(r, true)
	}
	if cut {
		c.words = append(c.words, ellipsis...)
	}
	switch out := strings.TrimSpace(string(c.words)); {
	case out == "" && strings.TrimFunc(s, invisible) != "":
		return unsaid
	default:
		return plain(out)
	}
}

// invisible tells white space and controls, which stand for no text.
func invisible(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.C, r) }

// clip cuts a text to its longest length.
func clip(s string) (head string, cut bool) {
	n := 0
	for i := range s {
		if n == longest {
			return s[:i], true
		}
		n++
	}
	return s, false
}

// drawable tells whether clean would return s unchanged.
func (c *canvas) drawable(s string) bool {
	n, space, composed := 0, true, true
	for i, r := range s {
		if n++; n > longest {
			return false
		}
		composed = composed && r < firstMark
		switch {
		case r == ' ' && (space || i == len(s)-1):
			return false
		case r != ' ' && !c.has(r):
			return false
		}
		space = r == ' '
	}
	return composed || norm.NFC.IsNormalString(s)
}

// firstMark is the first combining accent; text without it and what follows it
// is composed.
const firstMark = 0x300

// add appends what is drawn for r to the words.
func (c *canvas) add(r rune, fold bool) {
	switch {
	case unicode.IsSpace(r):
		if n := len(c.words); n > 0 && c.words[n-1] != ' ' {
			c.words = append(c.words, ' ')
		}
	case c.has(r):
		c.words = utf8.AppendRune(c.words, r)
	case fold:
		c.fold(r)
	}
}

// fold adds the plain form of a character without a glyph, such as a letter of
// the mathematical alphabets that people write their names in.
func (c *canvas) fold(r rune) {
	if r == utf8.RuneError {
		return
	}
	for _, p := range norm.NFKC.String(string(r)) {
		if p != r {
			c.add(p, false)
		}
	}
}

// has tells whether r is drawn by a glyph of its own, in both weights.
func (c *canvas) has(r rune) bool {
	if r < 0x7F {
		return r > ' '
	}
	if r == utf8.RuneError || unicode.In(r, unicode.C, unicode.M, unicode.Z) {
		return false
	}
	m, err := c.fonts.medium.GlyphIndex(&c.glyphs, r)
	if err != nil || m == 0 {
		return false
	}
	b, err := c.fonts.bold.GlyphIndex(&c.glyphs, r)
	return err == nil && b != 0
}

func (c *canvas) font(st style) *sfnt.Font {
	if st.bold {
		return c.fonts.bold
	}
	return c.fonts.medium
}

// visit is told of each glyph of a text: the byte at which its character begins,
// and where it begins and ends in 64ths of a pixel from the text's begin.
type visit func(i int, g sfnt.GlyphIndex, from, to fixed.Int26_6)

// walk visits the glyphs of s and returns the whole width.
func (c *canvas) walk(st style, s plain, each visit) float32 {
	f, ppem := c.font(st), fixed.Int26_6(st.size*64)
	var at fixed.Int26_6
	var last sfnt.GlyphIndex
	for i, r := range s {
		g, err := f.GlyphIndex(&c.glyphs, r)
		if err != nil {
			continue
		}
		if i > 0 {
			if k, err := f.Kern(&c.glyphs, last, g, ppem, font.HintingNone); err == nil {
				at += k
			}
		}
		from := at
		if a, err := f.GlyphAdvance(&c.glyphs, g, ppem, font.HintingNone); err == nil {
			at += a
		}
		if each != nil {
			each(i, g, from, at)
		}
		last = g
	}
	return float32(at) / 64
}

// width of s in pixels.
func (c *canvas) width(st style, s plain) float32 { return c.walk(st, s, nil) }

// turn maps a glyph's point to the canvas.
type turn func(x, y float32) (float32, float32)

// outline adds the outlines of s to the path.
func (c *canvas) outline(st style, s plain, to turn) {
	f, ppem := c.font(st), fixed.Int26_6(st.size*64)
	c.walk(st, s, func(_ int, g sfnt.GlyphIndex, at, _ fixed.Int26_6) {
		glyph, err := f.LoadGlyph(&c.glyphs, g, ppem, nil)
		if err != nil {
			return
		}
		for i := range glyph {
			seg := segment{op: glyph[i].Op}
			for j := 0; j < seg.points(); j += 2 {
				p := glyph[i].Args[j/2]
				seg.p[j], seg.p[j+1] = to(float32(p.X)/64+float32(at.Round()), float32(p.Y)/64)
			}
			c.path = append(c.path, seg)
		}
	})
}

// whole rounds to a pixel. All glyphs stand on whole pixels: equal letters are then
// equal pixels, which packs better.
func whole(v float32) float32 { return float32(math.Round(float64(v))) }

// text draws s with its left end at x on the baseline y.
func (c *canvas) text(st style, k ink, x, y float32, s plain) {
	x, y = whole(x), whole(y)
	c.outline(st, s, func(px, py float32) (float32, float32) { return x + px, y + py })
	c.fill(k)
}

// textEnd draws s with its right end at x.
func (c *canvas) textEnd(st style, k ink, x, y float32, s plain) {
	c.text(st, k, x-c.width(st, s), y, s)
}

// textMid draws s with its middle at x.
func (c *canvas) textMid(st style, k ink, x, y float32, s plain) {
	c.text(st, k, x-c.width(st, s)/2, y, s)
}

// halo draws paper around where s is drawn, so that it can be read over a line.
func (c *canvas) halo(st style, x, y float32, s plain) {
	const r, d = 6, 4.3 // d ≈ r/√2
	for _, o := range [...][2]float32{{r, 0}, {d, d}, {0, r}, {-d, d}, {-r, 0}, {-d, -d}, {0, -r}, {d, -d}} {
		c.outline(st, s, func(px, py float32) (float32, float32) { return x + px + o[0], y + py + o[1] })
	}
	c.fill(paper)
}

// textUp draws s from y upwards, turned to the left, the middle of its capitals
// on x.
func (c *canvas) textUp(st style, k ink, x, y float32, s plain) {
	x, y = whole(x+st.capital()/2), whole(y)
	c.outline(st, s, func(px, py float32) (float32, float32) { return x + py, y - px })
	c.fill(k)
}

// fit is how many bytes of s, whole characters, are no wider than wide.
func (c *canvas) fit(st style, wide float32, s plain) int {
	n, over := len(s), fixed.Int26_6(wide*64)
	c.walk(st, s, func(i int, _ sfnt.GlyphIndex, _, to fixed.Int26_6) {
		if to > over {
			n = min(n, i)
		}
	})
	return n
}

// within cuts s to a width, between two characters and with an ellipsis.
func (c *canvas) within(st style, wide float32, s plain) plain {
	if c.width(st, s) <= wide {
		return s
	}
	room := wide - c.width(st, ellipsis)
	for {
		n := c.fit(st, room, s)
		cut := plain(strings.TrimRight(string(s[:n]), " ,.·-–—/") + ellipsis)
		if n == 0 || c.width(st, cut) <= wide {
			return cut
		}
		room-- // the ellipsis stood further off than alone
	}
}

// wrap breaks s into at most most lines no wider than wide; what does not fit
// ends in an ellipsis.
func (c *canvas) wrap(st style, wide float32, most int, s plain) []plain {
	var lines []plain
	for s != "" && len(lines) < most-1 {
		head, rest := c.breakAt(st, wide, s)
		lines, s = append(lines, head), rest
	}
	if s != "" {
		lines = append(lines, c.within(st, wide, s))
	}
	return lines
}

// breakAt cuts s at the last space before it is wider than wide, or where it is,
// if there is no space.
func (c *canvas) breakAt(st style, wide float32, s plain) (head, rest plain) {
	cut := c.fit(st, wide, s)
	if cut == len(s) {
		return s, ""
	}
	if space := strings.LastIndexByte(string(s[:cut+1]), ' '); space > 0 {
		return plain(strings.TrimSuffix(string(s[:space]), " ·")), s[space+1:]
	}
	return s[:cut], s[cut:]
}
