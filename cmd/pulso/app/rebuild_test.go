package app

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
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
