package words

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"pulso/analytics"
	"pulso/analytics/report"
)

// TestPeriodsThatAreNone holds that a day that does not exist, a time to come and
// a length of nothing are refused, and never answered with another period.
func TestPeriodsThatAreNone(t *testing.T) {
	r, b := testReader(t)
	for text, why := range map[string]report.Why{
		"mensajes del 31 de febrero":               report.NoSuchDay,
		"messages on february 30":                  report.NoSuchDay,
		"messages 02/30":                           report.NoSuchDay,
		"messages 2026-02-30":                      report.NoSuchDay,
		"messages on march 40":                     report.NoSuchDay,
		"messages from 1 to 40 march":              report.NoSuchDay,
		"stats february 31 vs march 1":             report.NoSuchDay,
		"mensajes del 32 de enero":                 report.NoSuchDay,
		"mensagens de 31 de abril":                 report.NoSuchDay,
		"mensagens recebidas em 31/04":             report.NoSuchDay,
		"mensajes del 10 al 31 de abril":           report.NoSuchDay,
		"received from april 31 to may 3":          report.NoSuchDay,
		"mensajes desde el 31 de abril":            report.NoSuchDay,
		"messages received on feb 29 2025":         report.NoSuchDay,
		"messages next week":                       report.StillToCome,
		"received next month":                      report.StillToCome,
		"mensajes recibidos mañana":                report.StillToCome,
		"recibidos pasado mañana":                  report.StillToCome,
		"mensagens de amanhã":                      report.StillToCome,
		"messages received tomorrow":               report.StillToCome,
		"mensajes de la próxima semana":            report.StillToCome,
		"mensajes recibidos la semana que viene":   report.StillToCome,
		"recebidas na semana que vem":              report.StillToCome,
		"mensagens do próximo mês":                 report.StillToCome,
		"received in the next 7 days":              report.StillToCome,
		"messages received in 2031":                report.StillToCome,
		"messages received on 2026-12-24":          report.StillToCome,
		"stats next week":                          report.StillToCome,
		"messages_received 2027-01":                report.StillToCome,
		"recibidos hoy de 8 pm a 10 pm":            report.StillToCome,
		"messages received last week vs next week": report.StillToCome,
		"last 0 days":                              report.NoLength,
		"messages received last 0 days":            report.NoLength,
		"last -5 days messages":                    report.NoLength,
		"recibidos de los últimos 0 días":          report.NoLength,
		"recebidas nos últimos 0 dias":             report.NoLength,
	} {
		got := r.Read(input(b, "", text))
		assert.Equal(t, Unknown, got.Intent, text)
		if assert.NotNil(t, got.Refused, text) {
			assert.Equal(t, why, got.Refused.Why, text)
		}
		assert.Empty(t, b.Canonical(got), text)
		for _, s := range got.Suggestions {
			assert.NotEqual(t, Unknown, r.Read(input(b, "en", s)).Intent, "%s: suggests %s", text, s)
		}
	}
	for text, want := range map[string]string{
		"mensajes de la mañana":                     "messages_received today 06:00 to 12:00",
		"messages received this morning":            "messages_received today 06:00 to 12:00",
		"mensajes recibidos en la mañana":           "messages_received today 06:00 to 12:00",
		"windows closing in the next hour":          "list expiring",
		"ventanas por vencer en la próxima hora":    "list expiring",
		"how many windows expire in the next hour":  "windows_expiring now",
		"recibidos ayer por la mañana":              "messages_received yesterday 06:00 to 12:00",
		"mensagens de manhã":                        "messages_received today 06:00 to 12:00",
		"messages received in 1999":                 "messages_received 1999",
		"mensajes recibidos en 2019":                "messages_received 2019",
		"recibidos del 29 de febrero de 2024":       "messages_received 2024-02-29",
		"messages received in december":             "messages_received 2025-12",
		"messages received from monday to saturday": "messages_received from 2026-05-11 to 2026-05-16",
		"mensajes recibidos del 1 al 15":            "messages_received from 2026-05-01 to 2026-05-15",
	} {
		assert.Equal(t, want, b.Canonical(r.Read(input(b, "", text))), text)
	}
}

// TestWhatFollowsMayBeToCome holds the same of a line that goes on from another.
func TestWhatFollowsMayBeToCome(t *testing.T) {
	r, b := testReader(t)
	for _, text := range []string{"and tomorrow?", "¿y mañana?", "e amanhã?", "and next week?", "y el 31 de febrero?"} {
		first := r.Read(input(b, "", "messages received yesterday"))
		in := input(b, "", text)
		in.Previous = &first
		got := r.Read(in)
		assert.Equal(t, Unknown, got.Intent, text)
		assert.NotNil(t, got.Refused, text)
	}
}

// TestAnExactKeyIsNoOther holds that the key of a stock stays itself: it has no
// past, and that is said.
func TestAnExactKeyIsNoOther(t *testing.T) {
	r, b := testReader(t)
	got := r.Read(input(b, "", "conversations_open by day last week"))
	assert.Equal(t, Unknown, got.Intent)
	if assert.NotNil(t, got.Refused) {
		assert.Equal(t, report.Refusal{Metric: "conversations_open", Dim: analytics.ByDay, Why: report.StockHasNoDim}, *got.Refused)
	}
	assert.NotEmpty(t, got.Suggestions)
}
