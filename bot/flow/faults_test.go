package flow

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models"
)

// sendsEnv says how many messages TestFaults sends.
const sendsEnv = "PULSO_SENDS"

func sends(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv(sendsEnv))
	if os.Getenv(sendsEnv) == "" {
		return 2000
	}
	require.NoError(t, err, sendsEnv)
	return n
}

var promises = []models.Promise{models.Once, models.Must, models.Reply}

// planMany plans n messages to n/5 people, some in two parts.
func (f *office) planMany(n int) {
	for i := 0; i < n; i++ {
		key, class, to := fmt.Sprint("k", i), promises[i%3], fmt.Sprint("p", i%(1+n/5))
		f.plan(message(class, key, 1, to, ms()))
		if i%10 == 0 && i+1 < n {
			i++
			f.plan(message(class, key, 2, to, ms()))
		}
	}
}

// settle waits until nothing is under way any more.
func (f *office) settle() {
	for range 24 * 60 {
		time.Sleep(time.Minute)
		waiting := 0
		for _, o := range f.all() {
			if o.State == models.Planned || o.State == models.Attempting || o.State == models.Unknown {
				waiting++
			}
		}
		if waiting == 0 {
			break
		}
	}
	time.Sleep(time.Minute)
	f.close()
	synctest.Wait()
}

// tally is what a run came to.
type tally struct{ arrived, doubled, labelled, failed, unconfirmed int }

// judge holds every row against what really happened.
func (f *office) judge() tally {
	var sum tally
	requests := map[string]int{}
	for _, r := range f.seen() {
		requests[r.intent]++
	}
	for _, o := range f.all() {
		n, reached := f.copied(o.Intent)
		require.LessOrEqual(f, requests[o.Intent], o.Attempts, "every request is on the row")
		require.LessOrEqual(f, o.Attempts, models.MostAttempts)
		require.LessOrEqual(f, n, map[models.Promise]int{models.Once: 1, models.Reply: 2, models.Must: 3}[o.Class], "%s", o.Class)
		for _, again := range f.copies[o.Intent][min(n, 1):] {
			require.True(f, again.again, "a repeat is labelled")
			sum.labelled++
		}
		switch o.State {
		case models.Accepted, models.Sent, models.Delivered, models.Read:
			require.Positive(f, n, "%s, but WhatsApp has nothing", o.State)
		case models.Failed, models.Dead:
			require.NotEmpty(f, o.Reason)
			sum.failed++
		case models.Unconfirmed:
			require.NotEmpty(f, o.Reason)
			sum.unconfirmed++
		default:
			require.Fail(f, "lost", "%s is still %s", o.Intent, o.State)
		}
		if reached {
			sum.arrived++
		}
		if n > 1 {
			sum.doubled++
		}
	}
	return sum
}

// faulty picks a mishap for a share of requests.
func faulty(seed uint64, share float64, from []mishap) func(*models.Outgoing) mishap {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 20))
	return func(*models.Outgoing) mishap {
		mu.Lock()
		defer mu.Unlock()
		if random.Float64() >= share {
			return fine
		}
		return from[random.IntN(len(from))]
	}
}

// TestFaults sends thousands of messages while one request in five goes wrong
// in every way there is: none is lost, none is begun more than five times, and
// as statuses arrive in time, none is doubled.
func TestFaults(t *testing.T) {
	n := sends(t)
	trial(t, func(f *office) {
		f.mishap = faulty(3, 0.2, mishaps)
		f.planMany(n)
		f.send()
		f.settle()
		sum := f.judge()
		assert.Len(f, f.all(), n)
		assert.Zero(f, sum.doubled)
		assert.Equal(f, n, sum.arrived+sum.failed+sum.unconfirmed, "each has arrived or says why not")
		assert.Greater(f, sum.arrived, n*9/10)
		for _, o := range f.all() {
			if _, reached := f.copied(o.Intent); reached {
				require.Contains(f, []models.State{models.Delivered, models.Read}, o.State, "what arrived is known to have arrived")
			}
		}
		requests := len(f.seen())
		assert.Greater(f, requests, n+n/20, "requests did go wrong")
		f.Logf("%d messages, %d requests: %+v", n, requests, sum)
	})
}

// TestFaultsWithoutStatuses has WhatsApp's statuses lost at times: a digest is
// still never doubled, and whatever else is sent again says so.
func TestFaultsWithoutStatuses(t *testing.T) {
	trial(t, func(f *office) {
		f.mishap = faulty(4, 0.5, []mishap{lateBefore, lateAfter, errorBefore, errorAfter, cutBefore, cutAfter, slowDown, refusedToo})
		heard, lose := f.graph.hear, faulty(5, 0.6, []mishap{silent})
		f.graph.hear = func(r models.Receipt) {
			if lose(nil) == fine {
				heard(r)
			}
		}
		f.planMany(600)
		f.send()
		f.settle()
		sum := f.judge()
		assert.Positive(f, sum.doubled, "some answers and alerts had to be repeated")
		assert.GreaterOrEqual(f, sum.labelled, sum.doubled)
		assert.Positive(f, sum.unconfirmed)
		f.Logf("%+v", sum)
	})
}

// TestRestartsLoseNothing kills the sender again and again under faults.
func TestRestartsLoseNothing(t *testing.T) {
	trial(t, func(f *office) {
		f.mishap = faulty(6, 0.2, mishaps)
		f.planMany(400)
		ctx, cancel := context.WithCancel(f.Context())
		for i := range 8 {
			m := &mortal{shelf: f.shelf, graph: f.graph}
			b := &Outbox{Mail: m, Post: m, Owner: fmt.Sprint("process ", i), Clock: wall(), Log: quiet()}
			go b.Run(ctx, nil)
			time.Sleep(31*time.Second + time.Duration(i)*137*time.Millisecond)
			m.die()
		}
		cancel()
		f.send()
		f.settle()
		sum := f.judge()
		assert.Equal(f, 400, sum.arrived+sum.failed+sum.unconfirmed)
		f.Logf("%+v", sum)
	})
}

// point is a moment of one sending at which the process is killed.
type point int

const (
	beforeIntent  point = iota // nothing is written yet
	afterIntent                // the attempt is written, its confirmation lost
	beforeBytes                // the request has not left
	halfTheBody                // WhatsApp has half of the request
	afterAccept                // WhatsApp has it, no answer came
	afterResponse              // the answer came, nothing is written
	afterCommit                // the answer is written
	afterStatus                // the status is heard while the request runs
	points
)

var errKilled = errors.New("killed")

// mortal is a process's way to the database and to WhatsApp, up to its end.
type mortal struct {
	*shelf
	*graph
	at point

	mu    sync.Mutex
	dead  bool
	moves int
	kill  bool // at the point
}

func (m *mortal) die() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

func (m *mortal) alive() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return errKilled
	}
	return nil
}

// reach kills the process at its point.
func (m *mortal) reach(p point) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kill && m.at == p {
		m.dead = true
	}
	return m.dead
}

func (m *mortal) Acquire(ctx context.Context, name, owner string, now, ttl int64) (models.Lease, error) {
	if err := m.alive(); err != nil {
		return models.Lease{}, err
	}
	return m.shelf.Acquire(ctx, name, owner, now, ttl)
}

func (m *mortal) Release(ctx context.Context, l models.Lease) error {
	if err := m.alive(); err != nil {
		return err
	}
	return m.shelf.Release(ctx, l)
}

func (m *mortal) Move(ctx context.Context, o *models.Outgoing, was models.State, attempts int) error {
	m.mu.Lock()
	m.moves++
	first := m.moves == 1
	m.mu.Unlock()
	if first && m.reach(beforeIntent) || !first && m.reach(afterResponse) || m.alive() != nil {
		return errKilled
	}
	err := m.shelf.Move(ctx, o, was, attempts)
	if first && m.reach(afterIntent) || !first && m.reach(afterCommit) {
		return errKilled
	}
	return err
}

func (m *mortal) Route(ctx context.Context, o *models.Outgoing, now int64) (Way, error) {
	way, err := m.graph.Route(ctx, o, now)
	way.Send = m.Send
	return way, err
}

func (m *mortal) Send(ctx context.Context, o *models.Outgoing) models.Result {
	killed := models.Result{Outcome: models.Unclear, Reason: "killed"}
	if m.reach(beforeBytes) || m.reach(halfTheBody) {
		return killed
	}
	result := m.graph.Send(ctx, o)
	if m.reach(afterStatus) || m.reach(afterAccept) {
		return killed
	}
	return result
}

// crash sends one message, kills its sender at a point, and lets another
// process go on.
func crash(t *testing.T, class models.Promise, at point, round int) {
	trial(t, func(f *office) {
		random := rand.New(rand.NewPCG(uint64(round), uint64(at)))
		heard := round%2 == 0 // else no status ever comes
		f.mishap = func(o *models.Outgoing) mishap {
			switch {
			case !heard:
				return silent
			case at == afterStatus && o.Attempts == 1:
				return statusFirst
			}
			return fine
		}
		time.Sleep(time.Duration(random.Int64N(int64(time.Second))))
		f.plan(message(class, "k", 1, "ana", ms()))
		m := &mortal{shelf: f.shelf, graph: f.graph, at: at, kill: true}
		ctx, cancel := context.WithCancel(f.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			(&Outbox{Mail: m, Post: m, Owner: "first", Clock: wall(), Log: quiet()}).Run(ctx, nil)
		}()
		time.Sleep(time.Duration(random.Int64N(int64(2*time.Second))) + 2*latency)
		m.die()
		cancel()
		<-done
		f.send()
		time.Sleep(17 * time.Minute) // a lease, the longest waiting, and a minute
		sum := f.judge()
		n, _ := f.copied("k-1")
		has := at != beforeIntent && at != afterIntent && at != beforeBytes && at != halfTheBody // the first copy
		switch {
		case at == beforeIntent || at == afterCommit || has && heard:
			require.Equal(f, 1, n, "exactly once")
		case class == models.Once && has:
			require.Equal(f, 1, n)
		case class == models.Once:
			require.Zero(f, n, "not sent, and said so")
			require.Equal(f, 1, sum.unconfirmed)
		case has:
			require.Equal(f, 2, n, "no status came: repeated, with a label")
		default:
			require.Equal(f, 1, n, "at least once")
		}
	})
}

// TestCrashPoints kills a process at every point of sending one message.
func TestCrashPoints(t *testing.T) {
	for _, class := range promises {
		for at := range points {
			t.Run(fmt.Sprint(class, " ", at), func(t *testing.T) {
				for round := range 30 {
					if at == afterStatus && round%2 == 1 {
						continue // there is a status
					}
					crash(t, class, at, round)
				}
			})
		}
	}
}
