package demo

import (
	"html"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"hola", "hola"},
		{"a < b & \"c\"", "a &lt; b &amp; &#34;c&#34;"},
		{"*Hoy*, hasta", "<strong>Hoy</strong>, hasta"},
		{"_más_ ~menos~ `n=3`", "<em>más</em> <s>menos</s> <code>n=3</code>"},
		{"*_dos_ cosas*", "<strong><em>dos</em> cosas</strong>"},
		{"(*sí*)", "(<strong>sí</strong>)"},
		{"2*3*4 y snake_case_x", "2*3*4 y snake_case_x"},
		{"* no* y *no *", `<span class="point"><i>•</i> no* y *no *</span>`},
		{"á*b*", "á*b*"},
		{"*abierto", "*abierto"},
		{"**", "**"},
		{"*a\nb*", "*a\nb*"},
		{"`*crudo*`", "<code>*crudo*</code>"},
		{"antes\n```x  *1*\ny```\ndespués", "antes<code class=block>x  *1*\ny</code>después"},
		{"```sin fin *a*", "```sin fin <strong>a</strong>"},
		{"``` <b>", "``` &lt;b&gt;"},
		{"- uno\n- *dos*", `<span class="point"><i>•</i> uno</span>` + "\n" + `<span class="point"><i>•</i> <strong>dos</strong></span>`},
		{"12. doce", `<span class="point"><i>12.</i> doce</span>`},
		{"> n = 4", `<span class="quoted">n = 4</span>`},
		{"ver https://a.example/r/x_y_z?a=1&b=2.", `ver <a href="https://a.example/r/x_y_z?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">https://a.example/r/x_y_z?a=1&amp;b=2</a>.`},
		{"javascript:alert(1)", "javascript:alert(1)"},
		{"*\xff*", "<strong>\xff</strong>"},
	} {
		assert.Equal(t, c.want, string(format(c.text)), "%q", c.text)
	}
}

var allowed = regexp.MustCompile(`</?(strong|em|s|code|i|span|a)>|<code class=block>|<span class="(point|quoted)">|<a href="[^"<>]*" target="_blank" rel="noopener noreferrer">`)

// FuzzFormat looks for text that becomes markup of its own, or is lost.
func FuzzFormat(f *testing.F) {
	for _, s := range []string{"*a*", "```a```", "- <b>", "https://a.b/<c>", "`_x_`"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := string(format(text))
		bare := allowed.ReplaceAllString(out, "")
		if strings.ContainsAny(bare, `<>"`) {
			t.Fatalf("%q becomes %q", text, out)
		}
		if words := letters(html.UnescapeString(bare)); words != letters(text) && utf8.ValidString(text) {
			t.Fatalf("%q says %q", text, words)
		}
	})
}

// letters is what formatting may not touch.
func letters(s string) string {
	return strings.Map(func(r rune) rune {
		if wordly(r) {
			return r
		}
		return -1
	}, s)
}

func TestOneLine(t *testing.T) {
	assert.Equal(t, "a b c", oneLine(" a\n\n```b```  c\t"))
}
