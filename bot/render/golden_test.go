package render_test

import (
	"bytes"
	"flag"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"pulso/bot/card"
	"pulso/bot/render"
	"pulso/templates"
)

var update = flag.Bool("update", false, "write the golden files anew")

func renderer(t testing.TB) *render.Renderer {
	t.Helper()
	r, err := render.New(templates.Text())
	require.NoError(t, err)
	return r
}

// locales are the readers of the golden files.
func locales() []render.Locale {
	return []render.Locale{
		{Language: "en", Region: "US", Zone: zone, Now: now},
		{Language: "es", Region: "CO", Zone: zone, Now: now},
		{Language: "pt", Region: "BR", Zone: zone, Now: now},
	}
}

var dataURL = regexp.MustCompile(`base64,[A-Za-z0-9+/=&#;]+`)

func TestGolden(t *testing.T) {
	r := renderer(t)
	for name, c := range samples() {
		require.NoError(t, r.Check(c), name)
		for _, l := range locales() {
			t.Run(name+"/"+l.Language, func(t *testing.T) {
				v := r.Voice(l)
				got := show(t, v, c)
				file := filepath.Join("testdata", "cards", name+"."+l.Language+".golden")
				if *update {
					require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
					require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
				}
				want, err := os.ReadFile(file)
				require.NoError(t, err)
				if string(want) != got {
					t.Errorf("%s differs, -update writes it anew; from line %d on:\n%s", file, differs(string(want), got), got)
				}
			})
		}
	}
}

// differs returns the number of the first line that two texts do not share.
func differs(a, b string) int {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}

// show writes a card in all media; pictures by their size.
func show(t *testing.T, v *render.Voice, c card.Card) string {
	var b strings.Builder
	parts, err := v.Parts(c)
	require.NoError(t, err)
	for _, p := range parts {
		b.WriteString(showPart(t, p))
	}
	fmt.Fprintf(&b, "=== plain\n%s\n", v.Plain(c))
	html, err := v.HTML(c)
	require.NoError(t, err)
	fmt.Fprintf(&b, "=== html\n%s", dataURL.ReplaceAllString(string(html), "base64,…"))
	return b.String()
}

func showPart(t *testing.T, p render.Part) string {
	var b strings.Builder
	fmt.Fprintf(&b, "=== whatsapp %s\n%s\n", p.Kind, p.Text)
	for _, x := range p.Buttons {
		fmt.Fprintf(&b, "[ %s ] %s\n", x.Title, x.ID)
	}
	if p.List != nil {
		fmt.Fprintf(&b, "[ ≡ %s ]\n", p.List.Button)
		for _, s := range p.List.Sections {
			fmt.Fprintf(&b, "# %s\n", s.Title)
			for _, row := range s.Rows {
				fmt.Fprintf(&b, "( ) %s | %s | %s\n", row.Title, row.Detail, row.ID)
			}
		}
	}
	if p.Image != nil {
		size, err := png.DecodeConfig(bytes.NewReader(p.Image.PNG))
		require.NoError(t, err)
		fmt.Fprintf(&b, "[picture %d wide: %s]\n", size.Width, p.Image.Alt)
	}
	if p.Document != nil {
		fmt.Fprintf(&b, "[file %s, %s, %d bytes]\n", p.Document.Name, p.Document.MIME, len(p.Document.Body))
	}
	return b.String()
}
