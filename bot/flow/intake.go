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
	// page is followed by a rest, Rest times as long as it took and longer after a
	// page that was not full, as small pages cost the most. It may be nil.
	Busy func() bool
	Rest float64

	// Finish makes a rebuild anew that was cut short: nothing is folded before. If it
	// is nil, somebody has to run it.
	Finish func(context.Context) error

	holder  *Holder
	ledger  *ledger.Ledger
	ahead   chan reading // the page after the current one, being read
	size    int          // deliveries in a page, adapted to how long pages take
	suspect int64        // the delivery whose page failed last, when it was alone in it
	failed  int          // how often it did
	behind  atomic.Bool
}

const (
	foldLease = "fold"
	idleWait  = time.Second // between looks at the record, without a wake
	pageBytes = 4 << 20
	pageFirst = 100
	pageMost  = 500
	pageTime  = 60 * time.Millisecond
	pageLeast = 25
	restMost  = 250 * time.Millisecond
	gather    = 150 * time.Millisecond // until the next page, after one that was not full
	pageTries = 3                      // after so many failures alone a delivery is put aside
)

// Run folds until the context ends, waiting for wake when nothing is left.
func (in *Intake) Run(ctx context.Context, wake <-chan struct{}) {
	defer in.Release()
	for {
		size, began := in.size, in.Clock.Wall()
		n, err := in.Step(ctx)
		took := in.Clock.Wall().Sub(began)
		in.behind.Store(n > 0 && n >= size)
		if ctx.Err() != nil {
			return
		}
		woken := wake
		switch {
		case errors.Is(err, models.ErrTaken):
			woken = nil // it is another's turn, however much comes in here
		case errors.Is(err, ledger.ErrRebuilding) && in.Finish != nil:
			in.Log.Warn("a rebuild was cut short: it is made anew, and what comes in is counted after it")
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
			rest := time.Duration(in.Rest * float64(took))
			if n < size {
				rest = max(rest, gather)
			}
			in.rest(ctx, min(rest, restMost))
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

// Behind reports whether the last page was full, so that more waits. It is safe
// for concurrent use.
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

// rest leaves the processors to deliveries that are coming in.
func (in *Intake) rest(ctx context.Context, d time.Duration) {
	if in.Clock.Trial() || in.Busy == nil || !in.Busy() { // a fast clock would run on meanwhile
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// reading is a page of deliveries, decoded.
type reading struct {
	deliveries []models.Delivery
	batch      ledger.Batch
	of         *ledger.Ledger // the writer it was read for
	err        error
}

// Step folds one page and returns how many deliveries it held; ErrTaken while
// another process folds.
func (in *Intake) Step(ctx context.Context) (int, error) {
	if err := in.hold(ctx); err != nil {
		return 0, err
	}
	if in.size == 0 {
		in.size = pageFirst
	}
	p := in.next(ctx)
	if p.err != nil || len(p.deliveries) == 0 {
		return 0, p.err
	}
	if len(p.deliveries) == in.size { // there is more
		in.ahead = make(chan reading, 1)
		go func(after int64, size int, into chan<- reading, of *ledger.Ledger) {
			into <- in.read(ctx, after, size, of)
		}(p.deliveries[len(p.deliveries)-1].ID, in.size, in.ahead, in.ledger)
	}
	began := in.Clock.Wall()
	p.batch.Now = in.Clock.Now().UnixMilli()
	outcome, err := in.absorb(ctx, p.of, p.batch)
	if err != nil && in.poisoned(err, p.deliveries) {
		outcome, err = in.putAside(ctx, p.deliveries[0], err)
	}
	if err != nil {
		return 0, fmt.Errorf("fold %d deliveries: %w", len(p.deliveries), err)
	}
	in.failed = 0
	in.adapt(len(p.deliveries), in.Clock.Wall().Sub(began))
	if in.Folded != nil {
		in.Folded(outcome)
	}
	return len(p.deliveries), nil
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
	return reading{deliveries: deliveries, batch: in.decode(deliveries, read), of: of}
}

// absorb folds a batch in one page; after a failure the lease is asked for
// again and the writer made anew. What was read for another writer is not folded:
// somebody had the record meanwhile, and may have erased it.
func (in *Intake) absorb(ctx context.Context, of *ledger.Ledger, batch ledger.Batch) (outcome ledger.Outcome, err error) {
	if err = in.hold(ctx); err != nil {
		return outcome, err
	}
	if in.ledger != of {
		return outcome, models.ErrTaken
	}
	err = in.Record.Fold(ctx, in.holder.Lease(), func(page ledger.Page) error {
		var err error
		outcome, err = in.ledger.Absorb(page, batch)
		return err
	})
	if err != nil {
		in.ledger = nil
		in.holder.Drop()
	}
	return outcome, err
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
func (in *Intake) putAside(ctx context.Context, d models.Delivery, cause error) (ledger.Outcome, error) {
	fault := models.Fault{Delivery: d.ID, Reason: "it could not be folded"}
	if err := in.hold(ctx); err != nil {
		return ledger.Outcome{}, err
	}
	outcome, err := in.absorb(ctx, in.ledger, ledger.Batch{Now: in.Clock.Now().UnixMilli(), Deliveries: []int64{d.ID}, Faults: []models.Fault{fault}})
	if err != nil {
		return outcome, errors.Join(cause, err)
	}
	in.Log.Error("fold: delivery put aside", "delivery", d.ID, "error", cause)
	return outcome, nil
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
	if in.holder == nil {
		return
	}
	in.ledger = nil
	if err := in.holder.Release(); err != nil {
		in.Log.Error("fold", "error", err)
	}
}

// adapt lets pages grow while they are quick: large pages cost less, but
// receivers on the same database wait for them.
func (in *Intake) adapt(n int, took time.Duration) {
	switch {
	case took > 2*in.pageTime() && in.size > pageLeast:
		in.size /= 2
	case took < in.pageTime() && n == in.size && in.size < pageMost:
		in.size *= 2
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
