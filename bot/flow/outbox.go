package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"pulso/models"
)

// Mail is where outgoing messages are kept.
type Mail interface {
	Leases
	Due(ctx context.Context, now int64, limit int) ([]*models.Outgoing, error)
	Orphans(ctx context.Context) ([]*models.Outgoing, error)
	Outgoing(ctx context.Context, id int64) (*models.Outgoing, error)
	Move(ctx context.Context, o *models.Outgoing, was models.State, attempts int) error
	Before(ctx context.Context, o *models.Outgoing) (*models.Outgoing, error)
}

// Post carries messages to WhatsApp.
type Post interface {
	// Route says how a message may leave now. It reads all that sending needs:
	// once an attempt is written down, only the way to WhatsApp can fail. An error
	// says nothing of the message, which is left for later.
	Route(ctx context.Context, o *models.Outgoing, now int64) (Way, error)
	// Open reports whether free-form messages reach the person now.
	Open(ctx context.Context, o *models.Outgoing, now int64) (bool, error)
	// Opaque returns what marks an attempt towards WhatsApp.
	Opaque(o *models.Outgoing, attempt int) string
}

// Way is how a message may leave now.
type Way struct {
	Via    string // "" as it is, models.ViaTemplate outside the 24 hour window
	Reason string // why it cannot leave at all, now or later
	// Send makes one request with the attempt's opaque; it never retries. A copy
	// that may be the second says so.
	Send func(ctx context.Context, o *models.Outgoing) models.Result
}

// Outbox sends what is planned: at most one message at a time to a person, in
// the order of its parts, never faster than WhatsApp allows, and with every
// attempt written down before a byte leaves.
type Outbox struct {
	Mail  Mail
	Post  Post
	Owner string
	Clock *Clock
	Log   *slog.Logger

	holder *Holder
	mu     sync.Mutex
	busy   map[string]bool      // recipients being served
	tokens map[string]allowance // what each recipient may still be sent
	fuse   fuse
	next   chan struct{} // somebody has been served
}

const (
	outboxWait  = 500 * time.Millisecond
	outboxBatch = 200
	senders     = 8 // recipients served at once
	sendWithin  = 15 * time.Second
	pairPause   = 6 * time.Second // WhatsApp's pace to one person
	pairBurst   = 10              // of the 45 that may be borrowed
	partPause   = 3 * time.Second // a later part waits so long for the receipt of the one before
)

// allowance is a bucket of messages to one person.
type allowance struct {
	left float64
	at   time.Time
}

// Run sends until the context ends; messages under way are finished first.
func (b *Outbox) Run(ctx context.Context, wake <-chan struct{}) {
	b.holder = &Holder{Leases: b.Mail, Clock: b.Clock, Name: "outbox", Owner: b.Owner}
	b.busy, b.tokens, b.next = map[string]bool{}, map[string]allowance{}, make(chan struct{}, 1)
	var serving sync.WaitGroup
	defer func() {
		serving.Wait()
		if err := b.holder.Release(); err != nil {
			b.Log.Error("outbox", "error", err)
		}
	}()
	for {
		err := b.step(ctx, &serving)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !errors.Is(err, models.ErrTaken) {
			b.Log.Error("outbox", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-b.next:
		case <-b.Clock.After(outboxWait):
		}
	}
}

func (b *Outbox) step(ctx context.Context, serving *sync.WaitGroup) error {
	fresh, err := b.holder.Hold(ctx)
	if err != nil {
		return err
	}
	if fresh {
		if err := b.adopt(ctx); err != nil {
			return err
		}
	}
	due, err := b.Mail.Due(ctx, b.Clock.Now().UnixMilli(), outboxBatch)
	if err != nil || len(due) == 0 {
		return err
	}
	for _, o := range due {
		if !b.claim(o.To) {
			continue
		}
		if ready, err := b.ready(ctx, o); err != nil || !ready {
			b.free(o.To)
			if err != nil {
				return err
			}
			continue
		}
		serving.Go(func() { b.attend(context.WithoutCancel(ctx), o) })
	}
	return nil
}

// attend serves one message, and has the next ones looked for at once unless
// this one could not be served: then a pause is due.
func (b *Outbox) attend(ctx context.Context, o *models.Outgoing) {
	err := b.serve(ctx, o)
	b.free(o.To)
	switch {
	case err == nil:
		select {
		case b.next <- struct{}{}:
		default:
		}
	case !errors.Is(err, errMovedOn):
		b.Log.Error("outbox: send", "message", o.ID, "error", err)
	}
}

// ready reports whether a message can be brought further now. One that cannot
// takes no sender's place.
func (b *Outbox) ready(ctx context.Context, o *models.Outgoing) (bool, error) {
	now := b.Clock.Now()
	if o.State == models.Unknown {
		return true, nil
	}
	if b.fuse.blown(now) {
		return false, nil
	}
	return b.inTurn(ctx, o, now.UnixMilli())
}

// adopt doubts what a former sender left half done.
func (b *Outbox) adopt(ctx context.Context) error {
	orphans, err := b.Mail.Orphans(ctx)
	if err != nil {
		return err
	}
	for _, o := range orphans {
		was, attempts := o.State, o.Attempts
		o.Orphan(b.Clock.Now().UnixMilli())
		if err := b.Mail.Move(ctx, o, was, attempts); err != nil {
			b.Log.Warn("outbox: orphan", "message", o.ID, "error", err)
		}
	}
	return nil
}

func (b *Outbox) claim(to string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.busy[to] || len(b.busy) >= senders || !b.allowed(to) {
		return false
	}
	b.busy[to] = true
	return true
}

func (b *Outbox) free(to string) {
	b.mu.Lock()
	delete(b.busy, to)
	b.mu.Unlock()
}

// allowed reports whether the person may be sent another message by now.
func (b *Outbox) allowed(to string) bool {
	now := b.Clock.Now()
	a, known := b.tokens[to]
	if !known {
		a = allowance{pairBurst, now}
	}
	a.left = min(pairBurst, a.left+float64(now.Sub(a.at))/float64(pairPause))
	a.at = now
	b.tokens[to] = a
	return a.left >= 1
}

func (b *Outbox) spend(to string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.tokens[to]
	a.left--
	b.tokens[to] = a
}

// serve brings one message one step further.
func (b *Outbox) serve(ctx context.Context, o *models.Outgoing) error {
	now := b.Clock.Now().UnixMilli()
	was, attempts := o.State, o.Attempts
	if o.State == models.Unknown {
		open, err := b.Post.Open(ctx, o, now)
		if err != nil {
			return err
		}
		o.Overdue(now, open)
		return b.move(ctx, o, was, attempts)
	}
	way, err := b.Post.Route(ctx, o, now)
	if err != nil {
		return fmt.Errorf("find a way: %w", err)
	}
	if way.Reason != "" {
		o.State, o.Reason = models.Dead, way.Reason
		return b.move(ctx, o, was, attempts)
	}
	if way.Via != "" {
		o.Via = way.Via
	}
	if !b.fuse.admit(b.Clock.Now()) {
		return errMovedOn // another message is the probe
	}
	o.Begin(now, b.Post.Opaque(o, o.Attempts+1))
	if err := b.move(ctx, o, was, attempts); err != nil {
		return err
	}
	b.spend(o.To)
	return b.send(ctx, o, way)
}

// inTurn lets the parts of one message leave in order: a part waits until the
// one before it is known to have arrived, or some seconds after it was taken.
func (b *Outbox) inTurn(ctx context.Context, o *models.Outgoing, now int64) (bool, error) {
	if o.Part <= 1 {
		return true, nil
	}
	before, err := b.Mail.Before(ctx, o)
	if err != nil || before == nil {
		return err == nil, err
	}
	switch before.State {
	case models.Planned, models.Attempting, models.Unknown:
		return false, nil
	case models.Accepted, models.Sent:
		return now-before.SentAt >= partPause.Milliseconds(), nil
	}
	return true, nil
}

func (b *Outbox) send(ctx context.Context, o *models.Outgoing, way Way) error {
	within, cancel := b.Clock.Timeout(ctx, sendWithin)
	defer cancel()
	result := way.Send(within, o)
	now := b.Clock.Now()
	b.fuse.note(result, now)
	was, attempts := o.State, o.Attempts
	o.Settle(result, now.UnixMilli())
	if result.Outcome != models.Taken {
		b.Log.Warn("outbox: not taken", "message", o.ID, "attempt", attempts, "state", o.State, "reason", result.Reason)
	}
	for {
		err := b.Mail.Move(ctx, o, was, attempts)
		if !isMoved(err) {
			return err
		}
		// A status webhook was quicker than the response, or somebody thought
		// that this sender was gone.
		fresh, err := b.Mail.Outgoing(ctx, o.ID)
		if err != nil || fresh.Attempts != o.Attempts {
			return err
		}
		was, attempts = fresh.State, fresh.Attempts
		fresh.Settle(result, now.UnixMilli())
		o = fresh
	}
}

func (b *Outbox) move(ctx context.Context, o *models.Outgoing, was models.State, attempts int) error {
	if err := b.Mail.Move(ctx, o, was, attempts); err != nil && !isMoved(err) {
		return fmt.Errorf("move message %d: %w", o.ID, err)
	} else if err != nil {
		return errMovedOn
	}
	return nil
}

// errMovedOn ends the serving of a message that somebody else moved, or that
// has to wait for somebody else.
var errMovedOn = errors.New("the message moved on meanwhile")

func isMoved(err error) bool { return errors.Is(err, models.ErrMoved) }

// fuse stops sending after many failures in a row and lets one message probe
// now and then.
type fuse struct {
	mu     sync.Mutex
	failed int
	until  time.Time
}

const (
	fuseFailures = 10
	fusePause    = 30 * time.Second
)

// blown reports whether no message may be tried now.
func (f *fuse) blown(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed >= fuseFailures && now.Before(f.until)
}

// admit lets a message be tried; after many failures, one in a while.
func (f *fuse) admit(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.failed < fuseFailures:
		return true
	case now.Before(f.until):
		return false
	}
	f.until = now.Add(fusePause)
	return true
}

func (f *fuse) note(r models.Result, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.Outcome == models.Taken || !r.Broken {
		f.failed = 0
		return
	}
	if r.Halt > 0 {
		f.failed, f.until = fuseFailures, now.Add(time.Duration(r.Halt)*time.Millisecond)
		return
	}
	if f.failed++; f.failed >= fuseFailures {
		f.until = now.Add(fusePause)
	}
}
