package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
	"pulso/models"
	"pulso/models/store"
)

// TestAnAckIsToldToTheOthers: whoever was told of an alert and has an open window
// hears who takes care of it; nobody is sent a template for that.
func TestAnAckIsToldToTheOthers(t *testing.T) {
	const first, second, third = "+573005550200", "+573005550201", "+573005550202"
	for dialect, dsn := range databases(t) {
		t.Run(dialect, func(t *testing.T) {
			start := time.Date(2026, 1, 4, 15, 0, 0, 0, time.UTC)
			w := newWorld(t, dsn, start, []graph.Number{{ID: demo.Bot, WABA: "2060", Display: "+57 601 5550100", Name: "Casa"}},
				digestYAML(3, "alerts:\n  - {name: Entrada, when: messages_received >= 0, for: 1m}\n"))
			w.serve()
			w.approve()
			for _, phone := range []string{first, second} {
				require.NotEmpty(t, w.says(phone, "hola"))
			}
			w.await("the three are told", time.Second, func() bool {
				told := map[string]bool{}
				require.NoError(t, w.app.Store.ListOutgoing(t.Context(), store.List{}, func(o *models.Outgoing) error {
					if o.Class == models.Must {
						told[o.Person] = true
					}
					return nil
				}))
				return len(told) == 3
			})
			w.until("everything has been delivered", w.quiet)
			before := map[string]int{}
			for _, phone := range []string{second, third} {
				before[phone] = len(w.graph.Received(phone))
			}
			require.NotEmpty(t, w.says(first, "me encargo"))
			news := w.graph.Received(second)[before[second]:]
			require.Len(t, news, 1)
			t.Log(news[0].Text)
			assert.Contains(t, news[0].Text, "P00")
			assert.Len(t, w.graph.Received(third), before[third], "nobody is sent a template for it")
			w.says(first, "me encargo")
			assert.Len(t, w.graph.Received(second), before[second]+1, "it is told once")
		})
	}
}
