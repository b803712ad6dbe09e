package flow

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models"
)

func TestTrialClockRunsFastFromItsStart(t *testing.T) {
	at := noon.Add(7 * time.Hour)
	c := &Clock{Wall: func() time.Time { return at }, Start: noon, Anchor: noon.Add(7 * time.Hour), Speed: 60}
	assert.True(t, c.Trial())
	assert.Equal(t, noon, c.Now())
	at = at.Add(time.Second)
	assert.Equal(t, noon.Add(time.Minute), c.Now())
	other := *c // another process with the same three values
	assert.Equal(t, c.Now(), other.Now())
	assert.False(t, wall().Trial())
}

func TestWaitsAndTimeouts(t *testing.T) {
	for name, c := range map[string]struct {
		speed   float64
		wait    time.Duration // of ten minutes, on the wall
		brief   time.Duration // of a millisecond
		span    time.Duration // of a lease of 30 s, on the clock
		timeout time.Duration // of 15 s, on the wall
	}{
		"the wall clock":     {0, 10 * time.Minute, time.Millisecond, 30 * time.Second, 15 * time.Second},
		"a trial in step":    {1, 10 * time.Minute, time.Millisecond, 30 * time.Second, 15 * time.Second},
		"three times faster": {3, 50 * time.Millisecond, time.Millisecond, 30 * time.Second, 5 * time.Second},
		"a day in a minute":  {1440, 50 * time.Millisecond, time.Millisecond, 2880 * time.Second, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := &Clock{Wall: time.Now, Start: noon, Anchor: time.Now(), Speed: c.speed}
				began := time.Now()
				<-clock.After(10 * time.Minute)
				assert.Equal(t, c.wait, time.Since(began))
				began = time.Now()
				<-clock.After(time.Millisecond)
				assert.Equal(t, c.brief, time.Since(began))
				assert.Equal(t, c.span, clock.Span(30*time.Second))
				ctx, cancel := clock.Timeout(t.Context(), 15*time.Second)
				defer cancel()
				began = time.Now()
				<-ctx.Done()
				assert.Equal(t, c.timeout, time.Since(began))
			})
		})
	}
}

func TestHolderRenewsHalfWayAndNoticesALoss(t *testing.T) {
	now, leases := noon, newShelf()
	clock := &Clock{Wall: func() time.Time { return now }}
	h := &Holder{Leases: leases, Clock: clock, Name: "work", Owner: "one"}
	hold := func() bool {
		fresh, err := h.Hold(context.Background())
		require.NoError(t, err)
		return fresh
	}
	assert.True(t, hold())
	first := h.Lease()
	now = now.Add(leaseTTL/2 - time.Millisecond)
	assert.False(t, hold())
	assert.Equal(t, first, h.Lease(), "no round trip yet")
	now = now.Add(time.Millisecond)
	assert.False(t, hold())
	assert.Equal(t, now.Add(leaseTTL).UnixMilli(), h.Lease().Until, "renewed")

	now = now.Add(2 * leaseTTL) // paused; meanwhile
	_, err := leases.Acquire(t.Context(), "work", "two", now.UnixMilli(), leaseTTL.Milliseconds())
	require.NoError(t, err)
	_, err = h.Hold(t.Context())
	require.ErrorIs(t, err, models.ErrTaken)
	require.NoError(t, h.Release(), "there is nothing to give back")
	_, err = leases.Acquire(t.Context(), "work", "three", now.UnixMilli(), 1)
	require.ErrorIs(t, err, models.ErrTaken, "and it is still the other's")
	now = now.Add(2 * leaseTTL)
	assert.True(t, hold(), "taken back: whatever was begun before is in doubt")
	require.NoError(t, h.Release())
	_, err = leases.Acquire(t.Context(), "work", "three", now.UnixMilli(), 1)
	assert.NoError(t, err)
}
