package flow

import (
	"context"
	"time"
)

// Clock is the one source of time of a process. Usually it is the wall clock;
// a trial's clock stands at Start when the wall clock stands at Anchor and runs
// Speed times as fast (push.md, "--clock").
type Clock struct {
	Wall   func() time.Time
	Start  time.Time
	Anchor time.Time
	Speed  float64 // 0 for the wall clock
}

const (
	leastWall = 2 * time.Second       // of any time-out or lease, on the wall
	mostPoll  = 50 * time.Millisecond // of any wait between looks, on the wall, when the clock runs fast
)

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	wall := c.Wall()
	if c.Speed == 0 {
		return wall
	}
	return c.Start.Add(time.Duration(float64(wall.Sub(c.Anchor)) * c.Speed))
}

// Trial reports whether the clock is not the wall clock.
func (c *Clock) Trial() bool { return c.Speed != 0 }

// After returns a channel that tells when d has passed on the clock, or sooner:
// a fast clock never makes a loop sleep longer than 50 ms of wall time.
func (c *Clock) After(d time.Duration) <-chan time.Time {
	if c.Speed > 0 && c.Speed != 1 {
		d = min(max(time.Duration(float64(d)/c.Speed), time.Millisecond), mostPoll)
	}
	return time.After(d)
}

// Span returns a lease or time-out of d on the clock: never less than two
// seconds of wall time.
func (c *Clock) Span(d time.Duration) time.Duration {
	if c.Speed <= 1 {
		return d
	}
	return max(d, time.Duration(float64(leastWall)*c.Speed))
}

// Timeout returns a context that ends after d on the clock, but not before two
// seconds of wall time.
func (c *Clock) Timeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if c.Speed > 1 {
		d = max(time.Duration(float64(d)/c.Speed), leastWall)
	}
	return context.WithTimeout(ctx, d)
}
