package flow

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models"
)

// office is a shelf, WhatsApp, and replicas that send, inside a bubble.
type office struct {
	*testing.T
	*shelf
	*graph
	stop context.CancelFunc
	done chan struct{}
}

// trial runs in a bubble of testing/synctest, where time passes at once.
func trial(t *testing.T, try func(*office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &office{T: t, shelf: newShelf()}
		f.graph = newGraph(1, func(r models.Receipt) { f.shelf.hear(r, time.Now().UnixMilli()) })
		try(f)
		f.close()
		time.Sleep(time.Minute) // the last statuses
	})
}

// send starts a replica that sends.
func (f *office) send() {
	ctx, stop := context.WithCancel(f.Context())
	f.stop, f.done = stop, make(chan struct{})
	b := &Outbox{Mail: f.shelf, Post: f.graph, Owner: "one", Clock: wall(), Log: quiet()}
	go func() {
		defer close(f.done)
		b.Run(ctx, nil)
	}()
}

// close stops the replica and waits for its end.
func (f *office) close() {
	if f.stop != nil {
		f.stop()
		<-f.done
	}
}

func ms() int64 { return time.Now().UnixMilli() }

func (f *office) seen() []request {
	f.graph.mu.Lock()
	defer f.graph.mu.Unlock()
	return append([]request(nil), f.requests...)
}

func TestAttemptIsWrittenDownBeforeAByteLeaves(t *testing.T) {
	trial(t, func(f *office) {
		f.plan(message(models.Once, "d", 1, "ana", ms()))
		f.mishap = func(o *models.Outgoing) mishap {
			now := f.state(o.ID)
			assert.Equal(f, models.Attempting, now.State)
			assert.Equal(f, 1, now.Attempts)
			assert.Equal(f, "a1.d-1.1.mac", now.Opaque)
			return fine
		}
		f.send()
		time.Sleep(30 * time.Second)
		assert.Len(f, f.seen(), 1)
		o := f.state(1)
		assert.Contains(f, []models.State{models.Delivered, models.Read}, o.State)
		assert.Equal(f, "wamid.d-1.1", o.WAMID)
	})
}

// TestWhatCannotBeReadIsLeftForLater: while nothing can be read, no message is
// begun, given up or declared dead.
func TestWhatCannotBeReadIsLeftForLater(t *testing.T) {
	trial(t, func(f *office) {
		var away atomic.Bool
		away.Store(true)
		f.blind = func(*models.Outgoing) bool { return away.Load() }
		f.plan(message(models.Once, "d", 1, "ana", ms()))
		doubtful := message(models.Reply, "r", 1, "luz", ms())
		doubtful.State, doubtful.Attempts, doubtful.Doubtful = models.Unknown, 1, true
		f.plan(doubtful)
		f.send()
		time.Sleep(30 * time.Second)
		assert.Empty(f, f.seen())
		assert.Equal(f, models.Planned, f.state(1).State)
		assert.Zero(f, f.state(1).Attempts)
		assert.Equal(f, models.Unknown, f.state(2).State)
		away.Store(false)
		time.Sleep(30 * time.Second)
		assert.Len(f, f.seen(), 2)
		for id := range int64(2) {
			assert.Contains(f, []models.State{models.Delivered, models.Read}, f.state(id+1).State)
		}
	})
}

func TestPaceToOnePerson(t *testing.T) {
	trial(t, func(f *office) {
		for i := range 30 {
			f.plan(message(models.Once, fmt.Sprint("ana", i), 1, "ana", ms()))
		}
		f.plan(message(models.Once, "luz", 1, "luz", ms()))
		f.send()
		time.Sleep(5 * time.Minute)
		all := f.seen()
		require.Len(f, all, 31)
		var ana []time.Time
		for _, r := range all {
			if r.to == "ana" {
				ana = append(ana, r.at)
			} else {
				assert.Less(f, r.at.Sub(all[0].at), time.Second, "nobody waits for somebody else's pace")
			}
		}
		for i := range ana {
			for j := i; j < len(ana); j++ {
				assert.LessOrEqual(f, float64(j-i+1), pairBurst+float64(ana[j].Sub(ana[i]))/float64(pairPause)+0.01)
			}
		}
		assert.Less(f, ana[9].Sub(ana[0]), 5*time.Second, "a burst")
		assert.Less(f, ana[29].Sub(ana[0]), 20*pairPause+10*time.Second, "and no slower than need be")
		f.close()
		assert.Equal(f, 1, f.most, "one message at a time to a person")
	})
}

func TestPartsLeaveInOrder(t *testing.T) {
	trial(t, func(f *office) {
		for part := 3; part >= 1; part-- { // the later parts are due first
			f.plan(message(models.Reply, "r", part, "ana", ms()-int64(part)))
		}
		f.mishap = func(o *models.Outgoing) mishap {
			if o.Part == 1 && o.Attempts == 1 {
				return cutBefore
			}
			return fine
		}
		f.send()
		time.Sleep(2 * time.Minute)
		var parts []int
		for _, r := range f.seen() {
			parts = append(parts, r.part)
		}
		assert.Equal(f, []int{1, 1, 2, 3}, parts)
		all := f.seen()
		assert.GreaterOrEqual(f, all[1].at.Sub(all[0].at), 30*time.Second, "a part waits while the one before is unclear")
		assert.True(f, all[1].again)
		assert.Less(f, f.looks.Load(), int64(3*120*2), "and waiting costs nothing")
	})
}

func TestLaterPartWaitsForTheReceiptAFewSeconds(t *testing.T) {
	trial(t, func(f *office) {
		f.plan(message(models.Reply, "r", 1, "ana", ms()), message(models.Reply, "r", 2, "ana", ms()))
		f.mishap = func(*models.Outgoing) mishap { return silent }
		f.send()
		time.Sleep(time.Minute)
		all := f.seen()
		require.Len(f, all, 2)
		assert.InDelta(f, partPause.Seconds(), all[1].at.Sub(all[0].at).Seconds(), 1)
	})
}

func TestClosedWindowTakesTheTemplateOnce(t *testing.T) {
	for _, kind := range []mishap{windowClosed, windowRefused} {
		trial(t, func(f *office) {
			f.plan(message(models.Once, "d", 1, "ana", ms()))
			f.mishap = func(o *models.Outgoing) mishap {
				if o.Via == models.ViaTemplate {
					return fine
				}
				return kind
			}
			f.send()
			time.Sleep(time.Minute)
			all := f.seen()
			require.Len(f, all, 2)
			assert.Equal(f, "text", all[0].via)
			assert.Equal(f, models.ViaTemplate, all[1].via)
			assert.Len(f, f.all(), 1, "the row stays the same")
			_, reached := f.copied("d-1")
			assert.True(f, reached)
		})
	}
}

func TestWhatCannotLeaveIsDeadWithAReason(t *testing.T) {
	trial(t, func(f *office) {
		f.plan(message(models.Once, "d", 1, "ana", ms()))
		f.shut = func(*models.Outgoing) string { return "no approved template" }
		f.send()
		time.Sleep(10 * time.Second)
		assert.Empty(f, f.seen())
		assert.Equal(f, models.Dead, f.state(1).State)
		assert.Equal(f, "no approved template", f.state(1).Reason)
	})
}

func TestNeverASixthRequest(t *testing.T) {
	for _, kind := range mishaps {
		trial(t, func(f *office) {
			for i, class := range []models.Promise{models.Once, models.Must, models.Reply} {
				f.plan(message(class, string(class), 1, fmt.Sprint(i), ms()))
			}
			f.mishap = func(*models.Outgoing) mishap { return kind }
			f.send()
			time.Sleep(time.Hour)
			requests := map[string]int{}
			for _, r := range f.seen() {
				requests[r.intent]++
			}
			for _, o := range f.all() {
				assert.LessOrEqual(f, requests[o.Intent], models.MostAttempts, kind)
				assert.Equal(f, requests[o.Intent], o.Attempts)
				assert.NotContains(f, []models.State{models.Planned, models.Attempting, models.Unknown}, o.State, "%d: %s", kind, o.Class)
			}
		})
	}
}

func TestOrphansAreAdoptedAndDoubted(t *testing.T) {
	trial(t, func(f *office) {
		for _, class := range []models.Promise{models.Once, models.Must, models.Reply} {
			o := message(class, string(class), 1, string(class), ms())
			o.Begin(ms(), "a1.x.1.mac")
			f.plan(o)
		}
		f.send()
		time.Sleep(time.Second)
		for _, o := range f.all() {
			assert.Equal(f, models.Unknown, o.State)
			assert.NotEmpty(f, o.Reason)
		}
		f.shelf.hear(models.Receipt{Intent: "must-1", Attempt: 1, Status: models.Delivered, At: ms()}, ms())
		time.Sleep(time.Hour)
		requests := f.seen()
		require.Len(f, requests, 1, "only the answer is sent again: a digest never, an alert was heard of")
		assert.Equal(f, "reply-1", requests[0].intent)
		assert.True(f, requests[0].again)
		assert.Equal(f, models.Unconfirmed, f.state(1).State)
		assert.Equal(f, models.Delivered, f.state(2).State)
	})
}

func TestBreakerOpensAndProbes(t *testing.T) {
	trial(t, func(f *office) {
		for i := range 100 {
			f.plan(message(models.Must, fmt.Sprint(i), 1, fmt.Sprint(i), ms()))
		}
		var back atomic.Bool
		f.mishap = func(*models.Outgoing) mishap {
			if !back.Load() {
				return unreachable
			}
			return fine
		}
		f.send()
		time.Sleep(5 * time.Second)
		first := len(f.seen())
		assert.LessOrEqual(f, first, fuseFailures+senders, "ten failures, and what was under way")
		time.Sleep(10 * time.Minute)
		probes := f.seen()[first:]
		assert.InDelta(f, 20, len(probes), 2)
		for i := 1; i < len(probes); i++ {
			assert.GreaterOrEqual(f, probes[i].at.Sub(probes[i-1].at), fusePause)
		}
		back.Store(true)
		time.Sleep(2 * time.Minute)
		for _, o := range f.all() {
			assert.Contains(f, []models.State{models.Sent, models.Delivered, models.Read}, o.State)
		}
	})
}

func TestRefusedMessagesDoNotOpenTheBreaker(t *testing.T) {
	trial(t, func(f *office) {
		for i := range 60 {
			f.plan(message(models.Once, fmt.Sprint(i), 1, fmt.Sprint(i), ms()))
		}
		f.mishap = func(*models.Outgoing) mishap { return refusedToo }
		f.send()
		time.Sleep(20 * time.Second)
		assert.Len(f, f.seen(), 60)
	})
}

// While the breaker is open its one probe goes to a message that can leave, not
// to one that waits for its first part.
func TestProbeIsNotWasted(t *testing.T) {
	trial(t, func(f *office) {
		first := message(models.Once, "slow", 1, "ana", ms())
		first.State, first.DueAt = models.Unknown, ms()+10*60_000
		f.plan(first, message(models.Once, "slow", 2, "ana", ms()-1000)) // at the head of the queue
		for i := range 20 {
			f.plan(message(models.Must, fmt.Sprint(i), 1, fmt.Sprint(i), ms()))
		}
		var back atomic.Bool
		f.mishap = func(*models.Outgoing) mishap {
			if !back.Load() {
				return unreachable
			}
			return fine
		}
		f.send()
		time.Sleep(10 * time.Second)
		back.Store(true)
		time.Sleep(2 * time.Minute)
		for _, o := range f.all()[2:] {
			if o.Key != "slow" {
				assert.NotEqual(f, models.Planned, o.State, "WhatsApp is back")
			}
		}
	})
}

// With the database away nothing is sent, and nothing spins.
func TestNothingLeavesWithoutTheDatabase(t *testing.T) {
	trial(t, func(f *office) {
		f.plan(message(models.Once, "d", 1, "ana", ms()), message(models.Once, "e", 1, "luz", ms()))
		f.broken = errors.New("gone away")
		f.send()
		time.Sleep(time.Minute)
		assert.Empty(f, f.seen())
		f.shelf.mu.Lock()
		f.broken = nil
		f.shelf.mu.Unlock()
		time.Sleep(time.Minute)
		assert.Len(f, f.seen(), 2)
		assert.Less(f, f.looks.Load(), int64(2*2*120+50))
	})
}

// unwritable is a shelf that cannot be written, though it can be read.
type unwritable struct{ *shelf }

func (unwritable) Move(context.Context, *models.Outgoing, models.State, int) error {
	return errors.New("read only")
}

func TestReadOnlyDatabaseIsNotHammered(t *testing.T) {
	trial(t, func(f *office) {
		f.plan(message(models.Once, "d", 1, "ana", ms()))
		ctx, cancel := context.WithTimeout(f.Context(), time.Minute)
		defer cancel()
		b := &Outbox{Mail: unwritable{f.shelf}, Post: f.graph, Owner: "one", Clock: wall(), Log: quiet()}
		b.Run(ctx, nil)
		assert.Empty(f, f.seen(), "no attempt that is not written down")
		assert.LessOrEqual(f, f.looks.Load(), int64(130))
	})
}

func TestStoppingFinishesWhatIsUnderWay(t *testing.T) {
	trial(t, func(f *office) {
		f.plan(message(models.Once, "d", 1, "ana", ms()))
		f.send()
		time.Sleep(latency / 2)
		began := time.Now()
		f.close()
		assert.Equal(f, models.Accepted, f.state(1).State)
		assert.Equal(f, latency/2, time.Since(began))
		_, err := f.Acquire(f.Context(), "outbox", "two", ms(), 1000)
		assert.NoError(f, err, "the lease is given back")
	})
}

func TestReplicasSendOnce(t *testing.T) {
	trial(t, func(f *office) {
		for i := range 200 {
			f.plan(message(models.Must, fmt.Sprint(i), 1, fmt.Sprint(i%20), ms()))
		}
		ctx, cancel := context.WithCancel(f.Context())
		done := make(chan struct{})
		for i := range 3 {
			b := &Outbox{Mail: f.shelf, Post: f.graph, Owner: fmt.Sprint(i), Clock: wall(), Log: quiet()}
			go func() {
				b.Run(ctx, nil)
				done <- struct{}{}
			}()
		}
		time.Sleep(3 * time.Minute)
		cancel()
		for range 3 {
			<-done
		}
		assert.Len(f, f.seen(), 200)
		assert.Len(f, f.copies, 200)
	})
}

// A sender that was paused while its request ran, and lost its lease, still
// knows how the request ended.
func TestOutcomeIsKnownAfterALostLease(t *testing.T) {
	trial(t, func(f *office) {
		o := message(models.Reply, "r", 1, "ana", ms())
		f.plan(o)
		f.mishap = func(*models.Outgoing) mishap {
			row := f.state(1) // meanwhile another process adopts it
			row.Orphan(ms())
			f.shelf.mu.Lock()
			f.rows[0] = row
			f.shelf.mu.Unlock()
			return silent
		}
		f.send()
		time.Sleep(2 * time.Minute)
		assert.Len(f, f.seen(), 1, "it is not sent again")
		assert.Equal(f, models.Accepted, f.state(1).State)
	})
}
