package words

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"pulso/analytics"
)

// TestThePeriodBefore holds that "the previous one" is the one before the period
// that is asked about, and that nothing is compared with itself.
func TestThePeriodBefore(t *testing.T) {
	r, b := testReader(t)
	for text, want := range map[string]struct{ ask, from, to string }{
		"messages received last week vs previous week":                          {"messages_received last week vs previous", "2026-05-04", "2026-05-11"},
		"mensajes recibidos la semana pasada comparado con la semana anterior":  {"messages_received last week vs previous", "2026-05-04", "2026-05-11"},
		"mensagens recebidas semana passada comparado com a semana anterior":    {"messages_received last week vs previous", "2026-05-04", "2026-05-11"},
		"messages received in the last 7 days vs previous 7 days":               {"messages_received last 7 days vs previous", "2026-05-06", "2026-05-13"},
		"recibidos en los últimos 7 días vs los 7 días anteriores":              {"messages_received last 7 days vs previous", "2026-05-06", "2026-05-13"},
		"messages received last week vs previous 7 days":                        {"messages_received last week vs previous", "2026-05-04", "2026-05-11"},
		"messages received last week vs last week":                              {"messages_received last week vs previous", "2026-05-04", "2026-05-11"},
		"messages_received last week vs last week":                              {"messages_received last week vs previous", "2026-05-04", "2026-05-11"},
		"messages sent in april vs previous month":                              {"messages_sent 2026-04 vs previous", "2026-03-01", "2026-04-01"},
		"messages sent last month vs previous month":                            {"messages_sent last month vs previous", "2026-03-01", "2026-04-01"},
		"mensajes enviados del mes pasado comparado con el mes anterior":        {"messages_sent last month vs previous", "2026-03-01", "2026-04-01"},
		"messages received last week vs the week before":                        {"messages_received last week vs previous", "2026-05-04", "2026-05-11"},
		"messages received by channel last week vs last month":                  {"messages_received by channel last week vs last month", "2026-04-01", "2026-05-01"},
		"recibidos de abril comparado con febrero":                              {"messages_received 2026-04 vs 2026-02", "2026-02-01", "2026-03-01"},
		"messages received yesterday vs last week":                              {"messages_received yesterday vs last week", "2026-05-12", "2026-05-13"},
		"messages received last year vs previous year":                          {"messages_received last year vs previous", "2024-01-01", "2025-01-01"},
		"recibidos de los últimos 30 días comparado con los 30 días anteriores": {"messages_received last 30 days vs previous", "2026-03-21", "2026-04-20"},
		"recebidas nos últimos 7 dias comparado com os 7 dias anteriores":       {"messages_received last 7 days vs previous", "2026-05-06", "2026-05-13"},
	} {
		got := r.Read(input(b, "", text))
		assert.Equal(t, want.ask, b.Canonical(got), text)
		assert.NotEqual(t, got.Ask.Period, got.Ask.CompareSpan, text)
		if got.Ask.CompareSpan == (analytics.Span{}) {
			span := got.Ask.Period
			days := testZone.DayOf(span.To-1) - testZone.DayOf(span.From) + 1
			got.Ask.CompareSpan = analytics.Span{From: testZone.Back(span.From, days), To: testZone.Back(span.To, days)}
		}
		assert.Equal(t, want.from, testZone.DayOf(got.Ask.CompareSpan.From).String(), text)
		assert.Equal(t, want.to, testZone.DayOf(got.Ask.CompareSpan.To).String(), text)
	}
}

// TestTheOneBeforeIsNotItself holds that going one period back takes the
// comparison along.
func TestTheOneBeforeIsNotItself(t *testing.T) {
	r, b := testReader(t)
	first := r.Read(input(b, "en", "messages received last week vs the week before"))
	in := input(b, "en", "and the previous one?")
	in.Previous = &first
	got := r.Read(in)
	assert.Equal(t, "2026-05-04", testZone.DayOf(got.Ask.Period.From).String())
	assert.NotEqual(t, got.Ask.Period, got.Ask.CompareSpan)
	if got.Ask.CompareText != "" {
		assert.Equal(t, "2026-04-27", testZone.DayOf(got.Ask.CompareSpan.From).String())
	}
}
