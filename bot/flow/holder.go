package flow

import (
	"context"
	"errors"
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
	seizedTTL   = time.Minute // a single transaction of a rebuild may take long
	releaseTime = 5 * time.Second
)

// Claims are leases that can be taken from whoever holds them.
type Claims interface {
	Leases
	Seize(ctx context.Context, name, owner string, now, ttl int64) (models.Lease, error)
}

// Seize takes the fold from whoever has it, be it another loop of this process,
// and keeps it until it is given back, however long that is: give returns once it
// has been, also after the context has ended. A process that is killed
// loses it within a minute.
func Seize(ctx context.Context, leases Claims, clock *Clock, owner string) (lease models.Lease, give func(), err error) {
	ttl := clock.Span(seizedTTL).Milliseconds()
	lease, err = leases.Seize(ctx, foldLease, owner, clock.Now().UnixMilli(), ttl)
	if err != nil {
		return lease, nil, fmt.Errorf("take the fold: %w", err)
	}
	keeping, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		keep(keeping, leases, clock, lease, ttl)
	}()
	return lease, func() {
		stop()
		<-done
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		defer cancel()
		_ = leases.Release(ctx, lease) // else it ends by itself
	}, nil
}

// keep renews a lease until the context ends or somebody has taken it.
func keep(ctx context.Context, leases Leases, clock *Clock, lease models.Lease, ttl int64) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-clock.After(leaseTTL / 4):
		}
		// It is not called off half way: the server might do it after the lease is given back.
		request, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTime)
		now, err := leases.Acquire(request, lease.Name, lease.Owner, clock.Now().UnixMilli(), ttl)
		taken := err == nil && now.Fence != lease.Fence
		if taken { // and given back meanwhile
			_ = leases.Release(request, now)
		}
		cancel()
		if taken || errors.Is(err, models.ErrTaken) {
			return
		}
	}
}

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
