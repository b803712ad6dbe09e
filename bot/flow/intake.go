package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"pulso/analytics/ledger"
	"pulso/models"
)

// Record is what the fold reads and writes.
type Record interface {
	Pending(ctx context.Context, after int64, limit, maxBytes int) ([]models.Delivery, error)
	Page(ctx context.Context) ledger.Page // for reading only
	Fold(ctx context.Context, lease models.Lease, do func(ledger.Page) error) error
	Leases
}

// Intake folds stored deliveries into the figures. One process at a time does
// it, under a lease; any number may run an Intake and wait for their turn.
type Intake struct {
	Record Record
	Owner  string // names this process in the lease
	Clock  *Clock
	Log    *slog.Logger
	// Reading returns, for each page anew, what decodes a delivery and keeps aside
	// what is not to be counted. It must be safe for concurrent use.
	Reading func(context.Context) (func(models.Delivery) ledger.Batch, error)
	// Ledger makes a new writer; after a failed page the old one is forgotten.
	Ledger func() *ledger.Ledger
	// Folded is called after each page, for those who wait for figures.
	Folded func(ledger.Outcome)
	// PageTime is what a page should take; 0 for the usual.
	PageTime time.Duration
	// Busy reports that deliveries are coming in: they go before figures, so every
	// page is followed by a rest, Rest times as long as it took, less where the fold
	// would fall behind, and longer after a page that was not full, as small pages cost
	// the most. It may be nil.
	Busy func() bool
	Rest float64
	// Received counts the deliveries that came in since the start. Where they come
	// faster than they can be counted, that is left for later. It may be nil.
	Received func() int64

	// Finish makes the rebuild that an upgrade, or one that was cut short, has left to
	// do: nothing is folded before. If it is nil, somebody has to run it.
	Finish func(context.Context) error

	holder  *Holder
	ledger  *ledger.Ledger
	ahead   chan reading // the page after the current one, being read
	writing *writing     // the page before the current one, being written
	size    int          // deliveries in a page, adapted to how long pages take
	suspect int64        // the delivery whose page failed last, when it was alone in it
	failed  int          // how often it did
	wary    bool         // the last page failed: none begins before the one before is written
	looked  bool         // whether a rebuild is due was looked for
	behind  atomic.Bool
}

const (
	foldLease   = "fold"
	idleWait    = time.Second // between looks at the record, without a wake
	pageBytes   = 4 << 20
	pageFirst   = 100
	pageMost    = 400
	pageTime    = 60 * time.Millisecond
	pageLeast   = 25
	restMost    = 250 * time.Millisecond
	gather      = 150 * time.Millisecond // until the next page, after one that was not full
	yield       = 120 * time.Millisecond // the same, while more comes in than can be counted
	glance      = 50 * time.Millisecond  // between looks whether that is over
	behindPages = 8                      // full ones in a row
	pageTries   = 3                      // after so many failures alone a delivery is put aside
)

// Run folds until the context ends, waiting for wake when nothing is left.
func (in *Intake) Run(ctx context.Context, wake <-chan struct{}) {
	defer in.Release()
	var last cycle
	full := 0 // pages in a row
	for {
		size, now := in.size, in.cycle()
		n, err := in.Step(ctx)
		more := n > 0 && in.ahead != nil
		if full++; !more {
			full = 0
		}
		in.behind.Store(full >= behindPages)
		if ctx.Err() != nil {
			return
		}
		woken := wake
		switch {
		case errors.Is(err, models.ErrTaken):
			woken = nil // it is another's turn, however much comes in here
		case errors.Is(err, ledger.ErrRebuilding) && in.Finish != nil:
			in.Log.Warn("a rebuild is due, after an upgrade or because one was cut short: it is made now, and what comes in is counted after it")
			if err = in.Finish(ctx); err == nil {
				continue
			}
			in.Log.Error("rebuild", "error", err)
		case err != nil:
			in.Log.Error("fold", "error", err)
			if in.size < size {
				continue // a smaller page may do better
			}
		case n > 0:
			in.rest(ctx, in.pause(last, now, n, more))
			last = now
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-woken:
		case <-in.Clock.After(idleWait):
		}
	}
}

// cycle is when a page began, and what had come in until then.
type cycle struct {
	began    time.Time
	received int64
}

func (in *Intake) cycle() cycle {
	c := cycle{began: in.Clock.Wall()}
	if in.Received != nil {
		c.received = in.Received()
	}
	return c
}

// pause is how long to rest after a page of n deliveries. A page as often as that
// many come in is enough; where they come faster than that, they are left alone.
func (in *Intake) pause(last, now cycle, n int, more bool) time.Duration {
	took := in.Clock.Wall().Sub(now.began)
	rest := time.Duration(in.Rest * float64(took))
	if !more {
		return min(max(rest, gather), restMost)
	}
	if came := now.received - last.received; came > 0 && !last.began.IsZero() {
		due := time.Duration(float64(n) / float64(came) * float64(now.began.Sub(last.began)))
		if due < took {
			rest = max(rest, yield)
		} else {
			rest = min(rest, due-took)
		}
	}
	return min(rest, restMost)
}

// Behind reports whether more waits than a few pages hold. It is safe for concurrent
// use.
func (in *Intake) Behind() bool { return in.behind.Load() }

// Drain folds until nothing is left.
func (in *Intake) Drain(ctx context.Context) (ledger.Outcome, error) {
	var sum ledger.Outcome
	folded := in.Folded
	in.Folded = func(o ledger.Outcome) {
		sum.Add(o)
		if folded != nil {
			folded(o)
		}
	}
	defer func() { in.Folded = folded }()
	for {
		n, err := in.Step(ctx)
		if err != nil || n == 0 {
			return sum, err
		}
	}
}

// rest leaves the processors to deliveries, as long as they are coming in.
func (in *Intake) rest(ctx context.Context, d time.Duration) {
	for ; d > 0; d -= glance {
		if in.Clock.Trial() || !in.busy() { // a fast clock would run on meanwhile
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(min(d, glance)):
		}
	}
}

func (in *Intake) busy() bool { return in.Busy != nil && in.Busy() }

// reading is a page of deliveries, decoded.
type reading struct {
	deliveries []models.Delivery
	batch      ledger.Batch
	full       bool           // as many as were asked for: there is more
	of         *ledger.Ledger // the writer it was read for
	err        error
}

// writing is a page that is being written.
type writing struct {
	deliveries []models.Delivery
	turn       *ledger.Turn
	took       time.Duration // to work it out and to write it
	done       chan struct{} // closed when the rest is known
	outcome    ledger.Outcome
	err        error
}

// Step folds one page and returns how many deliveries it held; ErrTaken while
// another process folds. When more waits, and no deliveries are coming in, the page
// is still being written on return: the next Step begins meanwhile, and returns its
// failure.
func (in *Intake) Step(ctx context.Context) (int, error) {
	if err := in.hold(ctx); err != nil {
		return 0, errors.Join(err, in.land(ctx))
	}
	if err := in.look(ctx); err != nil {
		return 0, err
	}
	if in.size == 0 {
		in.size = pageFirst
	}
	p := in.next(ctx)
	if p.err != nil || len(p.deliveries) == 0 {
		return 0, p.err
	}
	if p.full { // there is more
		in.ahead = make(chan reading, 1)
		go func(after int64, size int, into chan<- reading, of *ledger.Ledger) {
			into <- in.read(ctx, after, size, of)
		}(p.deliveries[len(p.deliveries)-1].ID, in.size, in.ahead, in.ledger)
	}
	w, err := in.reckon(ctx, p)
	if err := in.land(ctx); err != nil {
		return 0, err
	}
	if err != nil {
		err = in.failedOn(ctx, p.deliveries, err)
	} else if in.launch(ctx, w); !p.full || in.wary || in.busy() {
		err = in.land(ctx)
	}
	if err != nil {
		return 0, err
	}
	return len(p.deliveries), nil
}

// look fails with ErrRebuilding when a rebuild is due, so that it is made though
// nothing comes in. Later it is a page that would meet one.
func (in *Intake) look(ctx context.Context) error {
	if in.looked || in.Finish == nil {
		return nil
	}
	have, err := in.Record.Page(ctx).Find(ledger.Want{Sightings: true})
	if err == nil && have.Rebuilding {
		err = ledger.ErrRebuilding
	}
	if err != nil {
		in.forget()
		return fmt.Errorf("look for a rebuild: %w", err)
	}
	in.looked = true
	return nil
}

// reckon works out what a page changes. What was read for another writer is not
// folded: somebody had the record meanwhile, and may have erased it.
func (in *Intake) reckon(ctx context.Context, p reading) (*writing, error) {
	if err := in.hold(ctx); err != nil {
		return nil, err
	}
	if in.ledger != p.of {
		return nil, models.ErrTaken
	}
	var before *ledger.Turn
	if in.writing != nil {
		before = in.writing.turn
	}
	began := in.Clock.Wall()
	p.batch.Now = in.Clock.Now().UnixMilli()
	turn, err := in.ledger.Reckon(in.Record.Page(ctx), p.batch, before)
	return &writing{deliveries: p.deliveries, turn: turn, took: in.Clock.Wall().Sub(began), done: make(chan struct{})}, err
}

// launch writes a page.
func (in *Intake) launch(ctx context.Context, w *writing) {
	in.writing = w
	lease := in.holder.Lease()
	go func() {
		defer close(w.done)
		began := in.Clock.Wall()
		w.err = in.Record.Fold(ctx, lease, func(page ledger.Page) error {
			var err error
			w.outcome, err = w.turn.Save(page)
			return err
		})
		w.took += in.Clock.Wall().Sub(began)
		w.turn.Stored(w.err)
	}()
}

// land waits until the page that is being written is.
func (in *Intake) land(ctx context.Context) error {
	w := in.written()
	switch {
	case w == nil:
		return nil
	case w.err != nil:
		return in.failedOn(ctx, w.deliveries, w.err)
	}
	in.failed, in.wary = 0, false
	in.adapt(len(w.deliveries), w.took)
	return nil
}

// written waits until the page that is being written is, and returns it; nil when
// there is none.
func (in *Intake) written() *writing {
	w := in.writing
	if w == nil {
		return nil
	}
	<-w.done
	in.writing = nil
	if w.err == nil && in.Folded != nil {
		in.Folded(w.outcome)
	}
	return w
}

// failedOn forgets the writer of a page that was not stored, and asks for the lease
// again. A delivery that failed alone too often is put aside: that is no failure.
func (in *Intake) failedOn(ctx context.Context, deliveries []models.Delivery, err error) error {
	in.forget()
	in.wary = true
	if in.poisoned(err, deliveries) {
		err = in.putAside(ctx, deliveries[0], err)
	}
	if err != nil {
		return fmt.Errorf("fold %d deliveries: %w", len(deliveries), err)
	}
	in.failed = 0
	return nil
}

func (in *Intake) forget() {
	in.ledger = nil
	in.holder.Drop()
}

// next returns the page that was read ahead, if it was read for the present
// writer, or the oldest deliveries that wait.
func (in *Intake) next(ctx context.Context) reading {
	if in.ahead != nil {
		p := <-in.ahead
		in.ahead = nil
		if p.err == nil && len(p.deliveries) > 0 && p.of == in.ledger {
			return p
		}
	}
	if err := in.land(ctx); err != nil { // else its deliveries would still wait
		return reading{err: err}
	}
	return in.read(ctx, 0, in.size, in.ledger)
}

// read reads and decodes deliveries with ids above after.
func (in *Intake) read(ctx context.Context, after int64, size int, of *ledger.Ledger) reading {
	deliveries, err := in.Record.Pending(ctx, after, size, pageBytes)
	if err != nil || len(deliveries) == 0 {
		return reading{err: err}
	}
	read, err := in.Reading(ctx)
	if err != nil {
		return reading{err: fmt.Errorf("fold: %w", err)}
	}
	return reading{deliveries: deliveries, batch: in.decode(deliveries, read), full: len(deliveries) == size, of: of}
}

// poisoned halves the pages that follow a failure, until the delivery that
// causes it is alone, and reports whether it has failed alone too often.
func (in *Intake) poisoned(err error, deliveries []models.Delivery) bool {
	for _, other := range []error{models.ErrTaken, models.ErrMoved, ledger.ErrRebuilding} {
		if errors.Is(err, other) {
			return false
		}
	}
	if len(deliveries) > 1 {
		in.size = max(1, len(deliveries)/2)
		return false
	}
	if in.suspect != deliveries[0].ID {
		in.suspect, in.failed = deliveries[0].ID, 0
	}
	in.failed++
	return in.failed >= pageTries
}

// putAside keeps a delivery as a fault, so that those behind it are folded. It
// fails as well while the database is what is at fault.
func (in *Intake) putAside(ctx context.Context, d models.Delivery, cause error) error {
	if err := in.hold(ctx); err != nil {
		return err
	}
	batch := ledger.Batch{Now: in.Clock.Now().UnixMilli(), Deliveries: []int64{d.ID}, Faults: []models.Fault{{Delivery: d.ID, Reason: "it could not be folded"}}}
	err := in.Record.Fold(ctx, in.holder.Lease(), func(page ledger.Page) error {
		_, err := in.ledger.Absorb(page, batch)
		return err
	})
	if err != nil {
		in.forget()
		return errors.Join(cause, err)
	}
	in.Log.Error("fold: delivery put aside", "delivery", d.ID, "error", cause)
	return nil
}

// hold makes sure that the lease is ours, and that the writer is the one that
// began with it.
func (in *Intake) hold(ctx context.Context) error {
	if in.holder == nil {
		in.holder = &Holder{Leases: in.Record, Clock: in.Clock, Name: foldLease, Owner: in.Owner}
	}
	fresh, err := in.holder.Hold(ctx)
	if err != nil {
		in.ledger = nil
		return err
	}
	if fresh { // the one before may have begun a rebuild
		in.looked = false
	}
	if fresh || in.ledger == nil {
		in.ledger = in.Ledger()
	}
	return nil
}

// Release gives the fold up, so that another process may go on.
func (in *Intake) Release() {
	if in.ahead != nil {
		<-in.ahead
		in.ahead = nil
	}
	if w := in.written(); w != nil && w.err != nil && !errors.Is(w.err, context.Canceled) {
		in.Log.Error("fold", "error", w.err)
	}
	if in.holder == nil {
		return
	}
	in.ledger = nil
	if err := in.holder.Release(); err != nil {
		in.Log.Error("fold", "error", err)
	}
}

// adapt lets pages grow while they are quick: large pages cost less, but
// receivers on the same database wait for them. Two more of the old size may be
// under way when it changes.
func (in *Intake) adapt(n int, took time.Duration) {
	switch {
	case took > 2*in.pageTime() && in.busy():
		in.size = min(in.size, max(n/2, pageLeast))
	case took < in.pageTime() && n == in.size && in.size < pageMost:
		in.size = min(2*in.size, pageMost)
	}
}

func (in *Intake) pageTime() time.Duration {
	if in.PageTime != 0 {
		return in.PageTime
	}
	return pageTime
}

// decode reads deliveries on all cores but the one that folds meanwhile, and joins
// the batches in order.
func (in *Intake) decode(deliveries []models.Delivery, read func(models.Delivery) ledger.Batch) ledger.Batch {
	batches := make([]ledger.Batch, len(deliveries))
	var next sync.WaitGroup
	workers := min(max(1, runtime.GOMAXPROCS(0)-1), len(deliveries))
	for w := range workers {
		next.Add(1)
		go func() {
			defer next.Done()
			for i := w; i < len(deliveries); i += workers {
				batches[i] = read(deliveries[i])
			}
		}()
	}
	next.Wait()
	events := 0
	for _, b := range batches {
		events += len(b.Events)
	}
	all := ledger.Batch{Deliveries: make([]int64, 0, len(deliveries)), Events: make([]models.Event, 0, events)}
	for i, b := range batches {
		for j := range b.Faults {
			b.Faults[j].Delivery = deliveries[i].ID
		}
		all.Deliveries = append(all.Deliveries, deliveries[i].ID)
		all.Events = append(all.Events, b.Events...)
		all.Faults = append(all.Faults, b.Faults...)
		all.Unknown = append(all.Unknown, b.Unknown...)
		all.Commands = append(all.Commands, b.Commands...)
		all.Receipts = append(all.Receipts, b.Receipts...)
	}
	return all
}
