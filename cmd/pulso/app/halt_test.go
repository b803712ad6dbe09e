package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
)

// sending is what the doctor says of it.
func (w *world) sending() Finding {
	list := w.app.Doctor(w.t.Context())
	i := slices.IndexFunc(list, func(f Finding) bool { return f.Check == "sending" })
	require.GreaterOrEqual(w.t, i, 0)
	return list[i]
}

// While Meta refuses everything nobody can be told by WhatsApp: the doctor says
// it, and the owner is told once it is over.
func TestMetaRefusesEverything(t *testing.T) {
	for code, want := range map[int64][2]string{
		131042: {"billing", "problema de pago"},
		190:    {"token", "rechazaba el token"},
	} {
		t.Run(want[0], func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				require.Len(t, w.says(olga, "recibidos hoy"), 1, "her window is open")
				assert.Equal(t, Well, w.sending().State)

				w.refuse.Store(code)
				w.graph.Say(olga, demo.Bot, "recibidos hoy")
				w.until("the doctor knows", func() bool { return w.sending().State == Fail })
				assert.Contains(t, w.sending().Mend, want[0])
				w.hands.pass(20 * time.Minute)
				assert.Len(t, w.graph.Received(olga), 1, "nothing comes")

				w.refuse.Store(0)
				told := func() (n int) {
					for _, s := range w.graph.Received(olga) {
						n += strings.Count(s.Text, "no aceptó nada")
					}
					return n
				}
				w.until("she is told", func() bool { return told() > 0 })
				assert.Equal(t, Well, w.sending().State)
				w.hands.pass(time.Hour)
				w.until("it is quiet", w.quiet)
				assert.Equal(t, 1, told(), "once")
				assert.Contains(t, shown(w.graph.Received(olga)), want[1])
			})
		})
	}
}
