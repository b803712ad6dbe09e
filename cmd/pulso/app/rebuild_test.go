package app

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
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
// than the cells: the service makes it anew before it counts anything, as it starts
// and when it takes the fold over.
func TestServiceFinishesARebuild(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.graph.Say(stranger, demo.Bot, "hola")
		w.until("it is counted", func() bool { return w.quiet() && w.received() == 1 })
		killed := func() {
			lease, give, err := flow.Seize(t.Context(), w.app.Store, w.clock, "killed")
			require.NoError(t, err)
			require.NoError(t, w.app.Store.BeginRebuild(t.Context(), lease, "other rules"))
			db, err := w.app.Store.SQL()
			require.NoError(t, err)
			_, err = db.Exec("DELETE FROM cells")
			require.NoError(t, err)
			give()
		}
		killed() // beside the service
		w.await("it is made though nothing comes in", time.Second, func() bool { return w.rebuilt(t) })
		w.halt()
		killed()
		w.serve()
		w.until("it is made at the start", func() bool { return w.rebuilt(t) })
		w.graph.Say(stranger, demo.Bot, "¿hay alguien?")
		w.until("both are counted", func() bool { return w.quiet() && w.received() == 2 })
		w.halt()
		require.NoError(t, w.app.Audit(t.Context(), t.Logf))
	})
}

// rebuilt reports whether no rebuild is due.
func (w *world) rebuilt(t *testing.T) bool {
	due, err := w.app.Store.RebuildDue(t.Context())
	require.NoError(t, err)
	return !due
}

// What another version of the program summed is neither read nor added to: the
// service sums it anew.
func TestServiceRebuildsWhatAnotherVersionMade(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.graph.Say(stranger, demo.Bot, "hola")
		w.until("it is counted", func() bool { return w.quiet() && w.received() == 1 })
		w.halt()
		var print string
		known, err := w.app.Store.Setting(t.Context(), "rules", &print)
		require.NoError(t, err)
		require.True(t, known)
		older := regexp.MustCompile(`"version":\d+`).ReplaceAllString(print, `"version":1`)
		require.NotEqual(t, print, older)
		require.NoError(t, w.app.Store.Put(t.Context(), "rules", older))
		db, err := w.app.Store.SQL()
		require.NoError(t, err)
		_, err = db.Exec("UPDATE cells SET body = ?", []byte{0xff, 0xff})
		require.NoError(t, err)
		var said []string
		err = w.app.Audit(t.Context(), func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) })
		require.ErrorIs(t, err, ErrDrift)
		require.NotEmpty(t, said)
		assert.Contains(t, said[0], "a rebuild is due")
		assert.NotContains(t, strings.Join(said, " "), "damaged")
		w.serve()
		w.graph.Say(stranger, demo.Bot, "¿hay alguien?")
		w.until("both are counted", func() bool { return w.rebuilt(t) && w.quiet() && w.received() == 2 })
		w.halt()
		require.NoError(t, w.app.Audit(t.Context(), t.Logf))
	})
}
