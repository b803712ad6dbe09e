package flow

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"pulso/models"
)

// Archive stores deliveries durably, all of them or none. It takes them when it
// can write, so that what comes while it waits for its turn goes with them.
type Archive interface {
	Gather(ctx context.Context, take func() []*models.Delivery) error
}

// ErrBusy is returned when a delivery cannot be stored now; its sender is to
// try again.
var ErrBusy = errors.New("cannot store the delivery now")

// Receiver stores deliveries by group commit: whatever queued until the archive
// could write goes into one commit, and is acknowledged with it. No timer waits
// for more.
type Receiver struct {
	archive Archive
	clock   *Clock
	wake    func() // called after a commit
	queue   chan *waiting
	closing chan struct{}
	done    chan struct{}
	once    sync.Once
	last    atomic.Int64 // when it last stored something, wall clock, ms
	stored  atomic.Int64 // deliveries
}

type waiting struct {
	delivery *models.Delivery
	result   chan error
}

const (
	queueLength  = 4096    // deliveries that may wait
	commitAtMost = 512     // deliveries in one commit
	commitBytes  = 8 << 20 // bytes in one commit
	commitWithin = 1500 * time.Millisecond
	answerWithin = 1800 * time.Millisecond
	busyFor      = 100 * time.Millisecond
)

// NewReceiver starts a receiver; Close ends it. Wake is called after every
// commit, so that the fold need not poll.
func NewReceiver(archive Archive, clock *Clock, wake func()) *Receiver {
	r := &Receiver{archive: archive, clock: clock, wake: wake, queue: make(chan *waiting, queueLength), closing: make(chan struct{}), done: make(chan struct{})}
	go r.run()
	return r
}

// Accept returns nil once the body is durably stored. It answers within two
// seconds whatever the database does: with ErrBusy when the queue is full, the
// body could not be stored, or the receiver is closed.
func (r *Receiver) Accept(ctx context.Context, source string, body []byte) error {
	w := &waiting{
		delivery: &models.Delivery{Source: source, ReceivedAt: r.clock.Now().UnixMilli(), Body: body},
		result:   make(chan error, 1),
	}
	select {
	case r.queue <- w:
	default:
		return ErrBusy
	}
	timer := time.NewTimer(answerWithin)
	defer timer.Stop()
	select {
	case err := <-w.result:
		return err
	case <-timer.C:
		return ErrBusy
	case <-ctx.Done():
		return ctx.Err()
	case <-r.done:
	}
	select {
	case err := <-w.result:
		return err
	default: // it queued after the last commit
		return ErrBusy
	}
}

// Close stores what is queued and ends the receiver.
func (r *Receiver) Close() {
	r.once.Do(func() { close(r.closing) })
	<-r.done
}

func (r *Receiver) run() {
	defer close(r.done)
	for {
		select {
		case first := <-r.queue:
			r.store(first)
			continue
		case <-r.closing:
		}
		select {
		case first := <-r.queue:
			r.store(first)
		default:
			return
		}
	}
}

// store commits what waits and tells those who wait.
func (r *Receiver) store(first *waiting) {
	var batch []*waiting
	err := r.commit(func() []*models.Delivery {
		batch = r.gather(first)
		deliveries := make([]*models.Delivery, len(batch))
		for i, w := range batch {
			deliveries[i] = w.delivery
		}
		return deliveries
	})
	if batch == nil { // it did not come to that
		batch = r.gather(first)
	}
	r.last.Store(r.clock.Wall().UnixMilli())
	for _, w := range batch {
		w.result <- err
	}
	if err == nil {
		r.stored.Add(int64(len(batch)))
		r.wake()
	}
}

// gather takes what has queued meanwhile.
func (r *Receiver) gather(first *waiting) []*waiting {
	batch := []*waiting{first}
	bytes := len(first.delivery.Body)
	for len(batch) < commitAtMost && bytes < commitBytes {
		select {
		case w := <-r.queue:
			batch = append(batch, w)
			bytes += len(w.delivery.Body)
		default:
			return batch
		}
	}
	return batch
}

func (r *Receiver) commit(take func() []*models.Delivery) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitWithin)
	defer cancel()
	if err := r.archive.Gather(ctx, take); err != nil {
		return errors.Join(ErrBusy, err)
	}
	return nil
}

// Busy reports whether deliveries are coming in.
func (r *Receiver) Busy() bool {
	return r.clock.Wall().Sub(time.UnixMilli(r.last.Load())) < busyFor
}

// Received is how many deliveries were stored since the start.
func (r *Receiver) Received() int64 { return r.stored.Load() }
