package flow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models"
)

// archive is a database that takes its time, or fails.
type archive struct {
	mu     sync.Mutex
	takes  time.Duration
	fails  error
	deaf   bool // does not end with its context
	stored []string
	groups []int
}

func (a *archive) Gather(ctx context.Context, take func() []*models.Delivery) error {
	list := take()
	a.mu.Lock()
	takes, fails, deaf := a.takes, a.fails, a.deaf
	a.mu.Unlock()
	if deaf {
		time.Sleep(takes)
	} else {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(takes):
		}
	}
	if fails != nil {
		return fails
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, d := range list {
		a.stored = append(a.stored, string(d.Body))
	}
	a.groups = append(a.groups, len(list))
	return nil
}

func (a *archive) holds(body string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.stored {
		if s == body {
			return true
		}
	}
	return false
}

func TestAckComesAfterTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{takes: 20 * time.Millisecond}
		woken := 0
		r := NewReceiver(a, wall(), func() { woken++ })
		began := time.Now()
		require.NoError(t, r.Accept(t.Context(), "events", []byte("hola")))
		assert.True(t, a.holds("hola"))
		assert.Equal(t, 20*time.Millisecond, time.Since(began))
		r.Close()
		assert.Equal(t, 1, woken)
	})
}

func TestWhatQueuesIsCommittedTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{takes: 10 * time.Millisecond}
		r := NewReceiver(a, wall(), func() {})
		var all sync.WaitGroup
		began := time.Now()
		for i := range 1000 {
			all.Go(func() {
				body := fmt.Sprint("body ", i)
				assert.NoError(t, r.Accept(t.Context(), "events", []byte(body)))
				assert.True(t, a.holds(body), "acknowledged, so stored")
			})
		}
		all.Wait()
		assert.LessOrEqual(t, len(a.groups), 5)
		assert.LessOrEqual(t, time.Since(began), 50*time.Millisecond)
		assert.Len(t, a.stored, 1000)
		for _, n := range a.groups {
			assert.LessOrEqual(t, n, commitAtMost)
		}
		r.Close()
	})
}

// waitingArchive lets its turn to write wait.
type waitingArchive struct {
	archive
	turn time.Duration
}

func (a *waitingArchive) Gather(ctx context.Context, take func() []*models.Delivery) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(a.turn):
	}
	return a.archive.Gather(ctx, take)
}

func TestWhatComesBeforeTheTurnGoesWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &waitingArchive{turn: 50 * time.Millisecond}
		r := NewReceiver(a, wall(), func() {})
		assert.False(t, r.Busy())
		began := time.Now()
		var all sync.WaitGroup
		for i := range 40 {
			all.Go(func() {
				time.Sleep(time.Duration(i) * time.Millisecond)
				assert.NoError(t, r.Accept(t.Context(), "events", []byte("x")))
			})
		}
		all.Wait()
		assert.Equal(t, []int{40}, a.groups)
		assert.Equal(t, 50*time.Millisecond, time.Since(began))
		assert.True(t, r.Busy())
		time.Sleep(time.Second)
		assert.False(t, r.Busy())
		a.turn = time.Hour // the database never lets it write
		assert.ErrorIs(t, r.Accept(t.Context(), "events", []byte("y")), ErrBusy)
		assert.Less(t, time.Since(began), 4*time.Second)
		r.Close()
		assert.Len(t, a.stored, 40)
	})
}

func TestLargeBodiesAreNotGathered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{takes: 10 * time.Millisecond}
		r := NewReceiver(a, wall(), func() {})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { assert.NoError(t, r.Accept(t.Context(), "events", make([]byte, 3<<20))) })
		}
		all.Wait()
		for _, n := range a.groups {
			assert.LessOrEqual(t, n, 3, "about eight megabytes")
		}
		r.Close()
	})
}

func TestBusyWithinTwoSeconds(t *testing.T) {
	for name, a := range map[string]*archive{
		"the database refuses":             {fails: errors.New("gone away")},
		"the database hangs":               {takes: time.Hour},
		"the database hangs and is deaf":   {takes: 10 * time.Second, deaf: true, fails: errors.New("gone away")},
		"the database is slow, then fails": {takes: time.Second, fails: errors.New("gone away")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewReceiver(a, wall(), func() { t.Error("nothing was stored") })
				var all sync.WaitGroup
				for i := range 50 {
					all.Go(func() {
						time.Sleep(time.Duration(i) * 40 * time.Millisecond)
						began := time.Now()
						assert.ErrorIs(t, r.Accept(t.Context(), "events", []byte("x")), ErrBusy)
						assert.Less(t, time.Since(began), 2*time.Second)
					})
				}
				all.Wait()
				a.mu.Lock()
				a.fails, a.takes = errors.New("gone away"), 0
				a.mu.Unlock()
				r.Close()
			})
		})
	}
}

func TestFullQueueIsBusyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{takes: 10 * time.Second, deaf: true}
		r := NewReceiver(a, wall(), func() {})
		var refused, late atomic.Int64
		var all sync.WaitGroup
		accept := func() {
			began := time.Now()
			err := r.Accept(t.Context(), "events", []byte("x"))
			assert.ErrorIs(t, err, ErrBusy)
			if time.Since(began) == 0 {
				refused.Add(1)
			} else {
				late.Add(1)
			}
		}
		all.Go(accept)
		synctest.Wait() // it is being committed
		for range queueLength + 500 {
			all.Go(accept)
		}
		all.Wait()
		assert.Equal(t, int64(500), refused.Load(), "all but those that fit")
		assert.Equal(t, int64(queueLength+1), late.Load())
		a.mu.Lock()
		a.takes = 0
		a.mu.Unlock()
		r.Close()
		require.NotEmpty(t, a.stored, "what was queued is stored all the same")
	})
}

func TestReceiverRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{fails: errors.New("gone away")}
		r := NewReceiver(a, wall(), func() {})
		require.ErrorIs(t, r.Accept(t.Context(), "events", []byte("one")), ErrBusy)
		a.mu.Lock()
		a.fails = nil
		a.mu.Unlock()
		require.NoError(t, r.Accept(t.Context(), "events", []byte("two")))
		assert.Equal(t, []string{"two"}, a.stored)
		r.Close()
	})
}

func TestCloseStoresWhatIsQueuedAndThenRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{takes: 50 * time.Millisecond}
		r := NewReceiver(a, wall(), func() {})
		var all sync.WaitGroup
		for i := range 10 {
			all.Go(func() { assert.NoError(t, r.Accept(t.Context(), "events", fmt.Append(nil, i))) })
		}
		synctest.Wait()
		r.Close()
		all.Wait()
		assert.Len(t, a.stored, 10)
		assert.ErrorIs(t, r.Accept(t.Context(), "events", []byte("late")), ErrBusy)
		r.Close()
	})
}

func TestSenderThatHangsUpIsLetGo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &archive{takes: time.Second}
		r := NewReceiver(a, wall(), func() {})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		assert.ErrorIs(t, r.Accept(ctx, "events", []byte("x")), context.DeadlineExceeded)
		r.Close()
		assert.True(t, a.holds("x"), "stored all the same: its sender tries again, and that is known")
	})
}
