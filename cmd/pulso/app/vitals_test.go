package app

import (
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
)

func (w *world) scraped() string {
	resp, err := http.Get(w.base + "/metrics")
	require.NoError(w.t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(w.t, err)
	return string(body)
}

func TestGauges(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		assert.Contains(t, w.scraped(), "pulso_database_up 1")
		w.says(olga, "recibidos hoy")
		w.graph.Receive(stranger, demo.Bot, map[string]any{"type": "hologram"})
		w.graph.Receive(stranger, demo.Bot, map[string]any{"type": "text", "text": map[string]any{"body": "x"}, "timestamp": "3918000000"})
		w.until("it is folded, and what is odd counted", func() bool {
			odd, err := w.app.Store.Oddities(t.Context())
			require.NoError(t, err)
			return w.quiet() && len(odd.Flagged) == 1 && len(odd.Words) == 1
		})
		assert.NotContains(t, w.scraped(), "pulso_flagged_events_total", "it was looked at a moment ago")
		w.hands.pass(handSpeed * 11 * time.Second)
		for _, line := range []string{
			"pulso_database_up 1\n", "pulso_backlog_deliveries 0\n", "pulso_backlog_oldest_seconds 0\n", "pulso_faulty_deliveries 0\n",
			"pulso_folded_events_total{outcome=\"new\"} 1\n", "pulso_folded_events_total{outcome=\"kept\"} 1\n", "pulso_folded_events_total{outcome=\"duplicate\"} 0\n",
			"pulso_outgoing_messages{state=\"delivered\"} 1\n", "pulso_outgoing_messages{state=\"dead\"} 0\n", "pulso_last_delivery_age_seconds{source=\"cloudapi\"} 1",
			"pulso_flagged_events_total{flag=\"future\"} 1\n", "pulso_unknown_words_total{kind=\"message\"} 1\n",
		} {
			assert.Contains(t, w.scraped(), line)
		}
	})
}
