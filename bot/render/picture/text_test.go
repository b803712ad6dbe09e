package picture

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func testCanvas(t testing.TB) *canvas {
	t.Helper()
	f, err := loadFonts()
	require.NoError(t, err)
	c := newCanvas(f)
	c.reset()
	return c
}

func TestClean(t *testing.T) {
	c := testCanvas(t)
	for _, s := range []struct{ in, want string }{
		{"", ""},
		{"Ana Gómez", "Ana Gómez"},
		{"Jose\u0301 Na\u0303o", "José Não"},
		{"Ñandú · ¿cómo? — 4 min ↑ 12 % ≥ 3", "Ñandú · ¿cómo? — 4 min ↑ 12 % ≥ 3"},
		{"  Ana \t\n  Luz  ", "Ana Luz"},
		{"1\u00a0204\u202f€", "1 204 €"},
		{"Ana 🌷 Gómez", "Ana Gómez"},
		{"👩🏽\u200d💻 Ana", "Ana"},
		{"🔥🔥", "—"},
		{"محمد", "—"},
		{"王小明 Wang", "Wang"},
		{"\u2067Luz\u2069\u202e \u200eAna\ufeff", "Luz Ana"},
		{"\u202e\u200b \t", ""},
		{"𝓛𝓾𝔃 ＡＢＣ ﬁn", "Luz ABC fin"},
		{"z\u0335\u0327a\u0336", "za"},
		{"Дмитрий Ελένη Việt", "Дмитрий Ελένη Việt"},
		{"a\xffb\x00c\u00ad", "abc"},
		{"1\ufe0f\u20e3 Ana", "1 Ana"},
		{strings.Repeat("á", 500), strings.Repeat("á", longest) + "…"},
	} {
		require.Equal(t, s.want, string(c.clean(s.in)), "%q", s.in)
	}
}

// requirePlain checks what clean promises.
func requirePlain(t require.TestingT, c *canvas, in string) {
	out := string(c.clean(in))
	require.True(t, utf8.ValidString(out), "%q", in)
	require.True(t, norm.NFC.IsNormalString(out), "%q", in)
	require.Equal(t, strings.TrimSpace(out), out, "%q", in)
	require.NotContains(t, out, "  ", "%q", in)
	for _, r := range out {
		require.False(t, unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r), "%q has %U", in, r)
		g, err := c.fonts.bold.GlyphIndex(&c.glyphs, r)
		require.NoError(t, err)
		require.NotZero(t, g, "%q has no glyph for %U", in, r)
	}
	require.Equal(t, out, string(c.clean(out)), "twice is once")
}

func TestWithin(t *testing.T) {
	c := testCanvas(t)
	rapid.Check(t, func(t *rapid.T) {
		in := c.clean(rapid.String().Draw(t, "text"))
		wide := float32(rapid.IntRange(40, 900).Draw(t, "wide"))
		out := c.within(labelStyle, wide, in)
		if w := c.width(labelStyle, out); w > wide {
			t.Fatalf("%q is %v wide, more than %v", out, w, wide)
		}
		if head, cut := strings.CutSuffix(string(out), ellipsis); cut && out != in {
			require.True(t, strings.HasPrefix(string(in), head))
		} else {
			require.Equal(t, in, out)
		}
	})
}

func TestWithinKeepsLettersWhole(t *testing.T) {
	c := testCanvas(t)
	name := c.clean("Marı\u0301a Jose\u0301 Nu\u0301n\u0303ez de la Con\u0303a")
	for wide := float32(30); wide < 600; wide += 7 {
		out := string(c.within(labelStyle, wide, name))
		require.True(t, utf8.ValidString(out))
		head := strings.TrimSuffix(out, ellipsis)
		require.True(t, strings.HasPrefix(string(name), head), "%q", out)
		require.Equal(t, strings.TrimSpace(head), head, "no space before the ellipsis")
	}
}

func TestWrap(t *testing.T) {
	c := testCanvas(t)
	lines := c.wrap(titleStyle, inner, 2, "Los agentes más lentos en responder")
	require.Len(t, lines, 2)
	require.Equal(t, "Los agentes más lentos en responder", string(lines[0])+" "+string(lines[1]))
	require.Empty(t, c.wrap(titleStyle, inner, 2, ""))

	lines = c.wrap(subtitleStyle, inner, 2, "mensajes recibidos, media por hora · últimos 90 días · hora de Bogotá")
	require.Equal(t, []plain{"mensajes recibidos, media por hora · últimos 90 días", "hora de Bogotá"}, lines)

	lines = c.wrap(titleStyle, inner, 2, plain(strings.Repeat("Ñ", 200)))
	require.Len(t, lines, 2)
	require.True(t, strings.HasSuffix(string(lines[1]), ellipsis))
	for _, l := range lines {
		require.LessOrEqual(t, c.width(titleStyle, l), float32(inner))
	}
}
