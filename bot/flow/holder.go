package flow

import (
	"context"
	"fmt"
	"time"

	"pulso/models"
)

// Leases hands out claims on work that one process at a time may do.
type Leases interface {
	Acquire(ctx context.Context, name, owner string, now, ttl int64) (models.Lease, error)
	Release(ctx context.Context, lease models.Lease) error
}

// Holder keeps one lease for one loop.
type Holder struct {
	Leases Leases
	Clock  *Clock
	Name   string // of the work
	Owner  string // of this process

	lease models.Lease
}

const (
	leaseTTL    = 10 * time.Second
	releaseTime = 5 * time.Second
)

// Hold makes sure that the lease is ours for a while yet; fresh is set when it
// was somebody else's, or nobody's, before. It fails with ErrTaken while
// another process holds it.
func (h *Holder) Hold(ctx context.Context) (fresh bool, err error) {
	now, ttl := h.Clock.Now(), h.Clock.Span(leaseTTL)
	if h.lease.Fence != 0 && now.Add(ttl/2).UnixMilli() < h.lease.Until {
		return false, nil
	}
	// The fence is read again, and time asked before the round trip, so that a
	// process that was paused cannot trust a lease that has gone to another.
	lease, err := h.Leases.Acquire(ctx, h.Name, h.Owner, now.UnixMilli(), ttl.Milliseconds())
	if err != nil {
		h.lease = models.Lease{}
		return false, err
	}
	fresh = lease.Fence != h.lease.Fence
	h.lease = lease
	return fresh, nil
}

// Lease returns the lease as last held.
func (h *Holder) Lease() models.Lease { return h.lease }

// Drop forgets the lease without giving it back: somebody else may have it.
func (h *Holder) Drop() { h.lease = models.Lease{} }

// Release gives the lease back, so that another process may go on at once.
func (h *Holder) Release() error {
	if h.lease.Fence == 0 {
		return nil
	}
	lease := h.lease
	h.lease = models.Lease{}
	ctx, cancel := context.WithTimeout(context.Background(), releaseTime)
	defer cancel()
	if err := h.Leases.Release(ctx, lease); err != nil {
		return fmt.Errorf("give up %s: %w", h.Name, err)
	}
	return nil
}
