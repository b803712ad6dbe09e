package demo_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"pulso/bot/demo"
	"pulso/models"
)

// alive is a shop with a history and what it posts from then on.
type alive struct {
	demo.Live
	t      *testing.T
	now    time.Time
	known  map[string]bool // keys of the history
	events []models.Event
	refuse bool
}

func newAlive(t *testing.T, now time.Time) *alive {
	a := &alive{t: t, now: now, known: map[string]bool{}}
	shop := newShop(t, 1)
	for _, e := range tell(t, shop, 10, now).events {
		a.known[e.Source+e.Key] = true
	}
	a.Live = demo.Live{Shop: shop, Clock: func() time.Time { return a.now }, Post: a.post, Log: slog.New(slog.DiscardHandler)}
	return a
}

func (a *alive) post(source string, body []byte) error {
	if a.refuse {
		return errors.New("busy")
	}
	a.events = append(a.events, decode(a.t, source, a.now, body)...)
	return nil
}

// pass lets time go by in steps.
func (a *alive) pass(d, step time.Duration) {
	for end := a.now.Add(d); a.now.Before(end); {
		a.now = a.now.Add(step)
		if err := a.Tick(a.now); !a.refuse {
			require.NoError(a.t, err)
		}
	}
}

func (a *alive) count(k models.Kind) (n int) {
	for _, e := range a.events {
		if e.Kind == k {
			n++
		}
	}
	return n
}

func TestLiveShowsLife(t *testing.T) {
	for name, now := range map[string]time.Time{"morning": noon, "night": noon.Add(-12 * time.Hour), "sunday": noon.AddDate(0, 0, -2)} {
		t.Run(name, func(t *testing.T) {
			a := newAlive(t, now)
			a.pass(15*time.Minute, time.Second)
			wrote := a.count(models.MessageReceived)
			assert.GreaterOrEqual(t, wrote, 15*60/40, "somebody writes every few seconds")
			assert.LessOrEqual(t, wrote, 15*60/6)
			answered := 0
			for _, e := range a.events {
				assert.False(t, a.known[e.Source+e.Key], "told already: %s", e.Key)
				assert.Greater(t, e.At, now.Add(-2*time.Second).UnixMilli())
				if e.Kind == models.MessageSent && e.Agent != nil {
					answered++
				}
			}
			assert.Greater(t, answered, 15)
			for _, k := range []models.Kind{models.MessageDelivered, models.MessageRead, models.ConversationAssigned, models.ConversationClosed} {
				assert.Positive(t, a.count(k), k)
			}
		})
	}
}

func TestLiveKeepsWhatIsRefused(t *testing.T) {
	calm, rough := newAlive(t, noon), newAlive(t, noon)
	calm.pass(5*time.Minute, time.Second)
	rough.refuse = true
	rough.pass(2*time.Minute, time.Second)
	assert.Empty(t, rough.events)
	rough.refuse = false
	rough.pass(3*time.Minute, time.Second)
	assert.Equal(t, calm.events, rough.events)
}

func TestLiveOnAFastClockIsAnOrdinaryDay(t *testing.T) {
	a := newAlive(t, noon)
	a.pass(24*time.Hour, 5*time.Minute)
	assert.Greater(t, a.count(models.MessageReceived), 30)
	assert.Less(t, a.count(models.MessageReceived), 250)
}

func TestLiveNeedsAHistory(t *testing.T) {
	l := demo.Live{Shop: newShop(t, 1), Clock: time.Now, Post: func(string, []byte) error { return nil }}
	assert.ErrorIs(t, l.Tick(noon), demo.ErrNoHistory)
	synctest.Test(t, func(t *testing.T) { assert.ErrorIs(t, l.Run(t.Context()), demo.ErrNoHistory) })
}

func TestLiveRunsUntilItsContextEnds(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(noon)) // the bubble's clock begins in 2000
		a := newAlive(t, time.Now())
		fails := 3
		a.Clock = time.Now
		a.Post = func(source string, body []byte) error {
			a.now = time.Now()
			if fails--; fails >= 0 {
				return errors.New("busy")
			}
			return a.post(source, body)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		require.NoError(t, a.Run(ctx))
		assert.Greater(t, a.count(models.MessageReceived), 10)
	})
}
