package file

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
)

func pdfOf(t testing.TB, w *Writer, a *report.Answer, language string) []byte {
	t.Helper()
	c, err := w.Report(a, "pdf", language)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(c.Body, []byte("%PDF-")))
	require.True(t, bytes.HasSuffix(bytes.TrimSpace(c.Body), []byte("%%EOF")))
	return c.Body
}

var onePage = regexp.MustCompile(`/Type /Page\b[^s]`)

func pageCount(body []byte) int { return len(onePage.FindAll(body, -1)) }

var stream = regexp.MustCompile(`(?s)/Filter /FlateDecode[^>]*/Length \d+>>\s*stream\r?\n(.*?)\r?\nendstream`)

// written is the text of a PDF's pages. fpdf writes it as UTF-16.
func written(t testing.TB, body []byte) string {
	t.Helper()
	var all strings.Builder
	for _, m := range stream.FindAllSubmatch(body, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		raw, err := io.ReadAll(z)
		if err == nil && bytes.Contains(raw, []byte("Tj")) {
			all.Write(raw)
		}
	}
	require.NotEmpty(t, all.String())
	return all.String()
}

// utf16 is a text as it stands in a page.
func utf16(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteByte(byte(r >> 8))
		b.WriteByte(byte(r))
	}
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`, "\r", `\r`).Replace(b.String())
}

func TestPDFsHaveTheirPages(t *testing.T) {
	w := writer(t)
	for name, want := range map[string]int{"speed": 1, "empty": 1, "overall": 1, "hostile": 2, "daily": 2, "team": 2} {
		body := pdfOf(t, w, answers()[name], "es")
		assert.Equal(t, want, pageCount(body), name)
		text := written(t, body)
		for page := 1; page <= want; page++ {
			assert.Contains(t, text, utf16(fmt.Sprintf("Página %d de %d", page, want)), name)
		}
		assert.NotContains(t, text, utf16("{nb}"))
	}
}

func TestHeadsStandOnEveryPage(t *testing.T) {
	a := many(300)
	body := pdfOf(t, writer(t), a, "en")
	pages := pageCount(body)
	assert.Greater(t, pages, 5)
	assert.Equal(t, pages, strings.Count(written(t, body), utf16("Agent")+")Tj"))
	assert.Contains(t, written(t, body), utf16("Agente 300"))
}

func TestLongNamesAreNotClipped(t *testing.T) {
	text := written(t, pdfOf(t, writer(t), speed(hostile...), "es"))
	for _, word := range strings.Fields(hostile[14]) {
		assert.Contains(t, text, utf16(word))
	}
	for _, s := range []string{"Sinespacios", "olalineadeninguna", `=HYPERLINK("http://example.com","Luz")`, "Anaesrever", "Luz"} {
		assert.Contains(t, text, utf16(s), s)
	}
}

func TestWideReportsTurnAndSplit(t *testing.T) {
	var keys []string
	for _, m := range analytics.Catalogue() {
		if m.Fits(analytics.ByAgent) && !m.Stock {
			keys = append(keys, m.Key)
		}
	}
	require.Greater(t, len(keys), 20)
	a := answer(keys, []analytics.Dim{analytics.ByAgent}, "Luz")
	a.Rows = []report.Row{{Values: []string{"#1"}, Figures: a.Total.Figures}}
	body := pdfOf(t, writer(t), a, "es")
	assert.Contains(t, string(body), "/MediaBox [0 0 841.89 595.28]")
	assert.Greater(t, strings.Count(written(t, body), utf16("Luz")+")Tj"), 1, "each part says whom it is of")
}

func TestPDFSaysWhatItLeavesOut(t *testing.T) {
	w := writer(t)
	w.limits.pages = 50
	text := written(t, pdfOf(t, w, many(80), "en"))
	assert.Contains(t, text, utf16("This PDF holds the first 50 rows of 80."))
	assert.NotContains(t, text, utf16("Agente 51"))
}

func TestCleanKeepsWhatCanBeDrawn(t *testing.T) {
	letters, err := newLetters(interMedium)
	require.NoError(t, err)
	d := &pdf{letters: letters}
	for in, want := range map[string]string{
		"José  Ñandú": "José Ñandú", "Jose\u0301": "José", "𝓐𝓷𝓪": "Ana", "Ａｎａ": "Ana", "😀 Luz": "Luz", "王小明": "–", "😀": "–",
		"": "", "12\u00a0%": "12 %", "1\u202f234": "1 234", "Łukasz Ωmega Жанна": "Łukasz Ωmega Жанна",
	} {
		assert.Equal(t, want, d.clean(in), "%q", in)
	}
}

// TestBothFontsHaveTheSameLetters: what can be drawn is asked of one of them.
func TestBothFontsHaveTheSameLetters(t *testing.T) {
	medium, err := newLetters(interMedium)
	require.NoError(t, err)
	bold, err := newLetters(interBold)
	require.NoError(t, err)
	drawn := 0
	for r := rune(' '); r < 0x3000; r++ {
		assert.Equal(t, medium.draws(r), bold.draws(r), "%q", r)
		if medium.draws(r) {
			drawn++
		}
	}
	assert.Greater(t, drawn, 800)
}
