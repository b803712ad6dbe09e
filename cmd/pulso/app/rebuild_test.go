package app

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/flow"
)

// Work that has the fold to itself and is cut short, as by Ctrl-C, leaves it to
// the service, which would fold nothing until the claim ran out.
func TestFoldIsGivenBackWhenCutShort(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		require.NotEmpty(t, w.says(olga, "recibidos hoy"))
		w.halt()
		free := func() {
			now := w.clock.Now().UnixMilli()
			lease, err := w.app.Store.Acquire(t.Context(), "fold", "another", now, 1)
			require.NoError(t, err)
			require.NoError(t, w.app.Store.Release(t.Context(), lease))
		}
		ctx, cancel := context.WithCancel(t.Context())
		err := w.app.Rebuild(ctx, func(string, ...any) { cancel() })
		require.ErrorIs(t, err, context.Canceled)
		free()
		_, err = w.app.Erase(t.Context(), "nobody")
		require.ErrorIs(t, err, ErrNoContact)
		free()
	})
}

// A rebuild that was killed in the middle leaves rows that follow other rules
// than the cells: the service makes it anew before it counts anything.
func TestServiceFinishesARebuild(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.graph.Say(stranger, demo.Bot, "hola")
		w.until("it is counted", func() bool { return w.quiet() && w.received() == 1 })
		w.halt()
		lease, give, err := flow.Seize(t.Context(), w.app.Store, w.clock, "killed")
		require.NoError(t, err)
		require.NoError(t, w.app.Store.BeginRebuild(t.Context(), lease, "other rules"))
		db, err := w.app.Store.SQL()
		require.NoError(t, err)
		_, err = db.Exec("DELETE FROM cells")
		require.NoError(t, err)
		give()
		w.serve()
		w.until("it is made though nothing comes in", func() bool {
			due, err := w.app.Store.Setting(t.Context(), "rebuilding", new(string))
			require.NoError(t, err)
			return !due
		})
		w.graph.Say(stranger, demo.Bot, "¿hay alguien?")
		w.until("both are counted", func() bool { return w.quiet() && w.received() == 2 })
		w.halt()
		require.NoError(t, w.app.Audit(t.Context(), t.Logf))
	})
}
