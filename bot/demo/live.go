package demo

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// While somebody watches, customers come liveMore times as often as they
// should, but not less than liveLeast nor more than liveMost of them begin to
// write in an hour; each writes two or three messages.
const (
	liveMore  = 32
	liveLeast = 90.0
	liveMost  = 130.0
)

// Live is the shop from the end of its history on, in real time: customers
// write, agents answer, receipts come. There is more going on than in the
// history, and people are quicker, so that a visitor sees something. All fields
// are needed.
type Live struct {
	Shop  *Shop
	Clock func() time.Time
	// Post hands a body to where source delivers; it is tried again until it
	// returns nil, in order.
	Post func(source string, body []byte) error
	Log  *slog.Logger

	last    time.Time
	waiting []parcel
	failing bool
}

// parcel is a body that was not taken yet.
type parcel struct {
	source string
	body   []byte
}

const (
	beat        = 200 * time.Millisecond // how often Run looks, on the wall
	walkingPace = 20 * time.Second       // a clock that goes further in a beat is not watched
	waitMost    = 5000                   // bodies kept while nobody takes them
)

// ErrNoHistory says that Shop.History was not called before.
var ErrNoHistory = errors.New("demo: the shop has no history to go on from")

// Run lets the shop live until ctx ends. It starts no goroutine.
func (l *Live) Run(ctx context.Context) error {
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		err := l.Tick(l.Clock())
		if errors.Is(err, ErrNoHistory) {
			return err
		}
		l.tell(err)
	}
}

// tell logs that bodies are not taken, once, and that they are again.
func (l *Live) tell(err error) {
	if failing := err != nil; failing != l.failing {
		l.failing = failing
		l.Log.Info("demo: live traffic", "taken", !failing, "error", err)
	}
}

// Tick does all that is due at now and posts it. An error is Post's: what it
// refused is tried again at the next Tick.
func (l *Live) Tick(now time.Time) error {
	w := l.Shop.world
	if w == nil {
		return ErrNoHistory
	}
	if l.last.IsZero() {
		l.begin(w, now)
	}
	w.calm = !l.last.IsZero() && now.Sub(l.last) > walkingPace
	l.last = now
	if err := w.run(now); err != nil {
		return err
	}
	return l.flush()
}

// begin takes the shop over from its history, and has customers come at once.
func (l *Live) begin(w *world, now time.Time) {
	w.stream++
	w.at(now, func(t time.Time) { w.arrive(t, w.stream) })
	w.post.deliver = func(source string, _ time.Time, body []byte) error {
		if len(l.waiting) < waitMost {
			l.waiting = append(l.waiting, parcel{source, body})
		}
		return nil
	}
}

func (l *Live) flush() error {
	for len(l.waiting) > 0 {
		next := l.waiting[0]
		if err := l.Post(next.source, next.body); err != nil {
			return err
		}
		l.waiting = l.waiting[1:]
	}
	return nil
}
