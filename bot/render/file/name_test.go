package file

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/analytics"
)

func TestNames(t *testing.T) {
	w := writer(t)
	day := analytics.DateOf
	for _, x := range []struct {
		metrics  []string
		by       []analytics.Dim
		from, to analytics.Day
		language string
		want     string
	}{
		{[]string{"first_response"}, []analytics.Dim{analytics.ByAgent}, day(2026, 3, 1), day(2026, 4, 1), "es", "pulso-agentes-2026-03"},
		{[]string{"first_response"}, []analytics.Dim{analytics.ByAgent}, day(2026, 3, 1), day(2026, 4, 1), "pt", "pulso-agentes-2026-03"},
		{[]string{"first_response"}, nil, day(2025, 1, 1), day(2026, 1, 1), "en", "pulso-first-response-2025"},
		{[]string{"messages_sent", "messages_read"}, nil, day(2026, 3, 18), day(2026, 3, 19), "pt", "pulso-relatorio-2026-03-18"},
		{[]string{"messages_sent"}, []analytics.Dim{analytics.ByDay}, day(2026, 3, 9), day(2026, 3, 16), "es", "pulso-dias-2026-03-09_2026-03-15"},
		{[]string{"messages_sent"}, []analytics.Dim{analytics.ByPricing}, day(2026, 2, 1), day(2026, 4, 1), "es", "pulso-categorias-de-cobro-2026-02-01_2026-03-31"},
	} {
		a := answer(x.metrics, x.by)
		a.Span = zone.Days(x.from, x.to)
		assert.Equal(t, x.want, w.paper(a, x.language).name())
	}
	now := answer([]string{"conversations_open"}, []analytics.Dim{analytics.ByTeam})
	now.Span = analytics.Span{From: asOf, To: asOf}
	assert.Equal(t, "pulso-equipos-2026-03-18", w.paper(now, "es").name())
}

func TestSlugIsASCII(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		assert.Regexp(t, `^([a-z0-9]+(-[a-z0-9]+)*)?$`, slug(rapid.String().Draw(t, "s")))
	})
}

// TestEveryTextExists: a key that a language lacked would be written as such.
func TestEveryTextExists(t *testing.T) {
	w := writer(t)
	for _, language := range []string{"es", "en", "pt"} {
		for name, a := range answers() {
			p := w.paper(a, language)
			said := []string{p.title(), p.name(), p.period()}
			for _, f := range p.facts() {
				said = append(said, f.label, p.text(f.value))
			}
			for _, c := range p.columns() {
				said = append(said, c.head)
			}
			heads, _ := p.totals()
			p.rows = nil
			said = append(append(said, heads...), append(p.notes("file.cut"), p.notes("file.cut_pdf")...)...)
			for _, s := range said {
				assert.NotRegexp(t, `^[A-Za-z_]+\.[a-z_.]+$|[{}]`, s, "%s in %s", name, language)
			}
		}
	}
	for _, key := range []string{"file.left_out", "file.page"} {
		require.True(t, w.renderer.Has(key), key)
	}
}
