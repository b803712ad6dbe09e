package app

import (
	"context"

	"pulso/models"
	"pulso/models/store"
)

// folding is the store as the fold writer uses it: before deliveries are told
// apart it makes known the people who write in them.
type folding struct {
	*store.Store
	app *App
}

// Pending reads deliveries that wait to be folded.
func (f *folding) Pending(ctx context.Context, after int64, limit, maxBytes int) ([]models.Delivery, error) {
	list, err := f.Store.Pending(ctx, after, limit, maxBytes)
	if err == nil && len(list) > 0 {
		err = f.app.acquaint(ctx, list)
	}
	return list, err
}
