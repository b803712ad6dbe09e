package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
)

func delivery(at int64, body string) *models.Delivery {
	return &models.Delivery{Source: "events", ReceivedAt: at, Body: []byte(body)}
}

func deliveries(b *bench) {
	var group []*models.Delivery
	for i := range 130 { // more than one statement carries
		group = append(group, delivery(int64(5000+i), "body"))
	}
	require.NoError(b, b.s.Receive(b.ctx, group))
	for _, d := range group {
		assert.NotZero(b, d.ID)
	}
	log, err := b.s.Backlog(b.ctx)
	require.NoError(b, err)
	assert.Equal(b, store.Backlog{Deliveries: 130, Oldest: 5000}, log)

	ctx, cancel := context.WithCancel(b.ctx)
	require.Error(b, b.s.Gather(ctx, func() []*models.Delivery { // its time is up before it writes
		cancel()
		time.Sleep(50 * time.Millisecond)
		return []*models.Delivery{delivery(9000, "late"), delivery(9001, "late")}
	}))
	after, err := b.s.Backlog(b.ctx)
	require.NoError(b, err)
	assert.Equal(b, log, after, "nothing of it stays")

	pending, err := b.s.Pending(b.ctx, 0, 50, 1<<20)
	require.NoError(b, err)
	require.Len(b, pending, 50)
	assert.Equal(b, *group[0], pending[0], "oldest first")
	assert.True(b, slices.IsSortedFunc(pending, func(x, y models.Delivery) int { return int(x.ID - y.ID) }))
	few, err := b.s.Pending(b.ctx, 0, 50, 10)
	require.NoError(b, err)
	assert.Len(b, few, 2, "about ten bytes of bodies")
	few, err = b.s.Pending(b.ctx, 0, 50, 1)
	require.NoError(b, err)
	assert.Len(b, few, 1, "at least one, however large")

	b.fold(&ledger.Changes{At: 6000, Folded: []int64{group[0].ID, group[1].ID},
		Faults: []models.Fault{{Delivery: group[0].ID, Element: "a", Reason: "r", Body: []byte("x")}, {Delivery: group[0].ID, Element: "b", Reason: "r"}}})
	log, err = b.s.Backlog(b.ctx)
	require.NoError(b, err)
	assert.Equal(b, store.Backlog{Deliveries: 128, Oldest: 5002, Faulty: 1}, log)
	var reasons []string
	require.NoError(b, b.s.Faults(b.ctx, 0, func(f *store.StoredFault) error {
		reasons = append(reasons, f.Element)
		assert.Equal(b, int64(6000), f.At)
		return nil
	}))
	assert.Equal(b, []string{"b", "a"}, reasons, "newest first")
	b.fold(&ledger.Changes{At: 7000, Folded: []int64{group[0].ID}})
	log, err = b.s.Backlog(b.ctx)
	require.NoError(b, err)
	assert.Zero(b, log.Faulty, "understood at the second reading")
}

func bodies(b *bench) {
	large := bytes.Repeat([]byte("ñ\x00😀\xff'\"\\%"), 300_000) // 4 MB
	for _, body := range [][]byte{{}, {0}, []byte("\x00\xff\xfe"), []byte(`{"a":"👩‍👧 \\ ' "}`), large} {
		d := delivery(1, "")
		d.Body = body
		require.NoError(b, b.s.Receive(b.ctx, []*models.Delivery{d}))
		got, err := b.s.Pending(b.ctx, 0, 1, 1)
		require.NoError(b, err)
		require.Len(b, got, 1)
		assert.True(b, bytes.Equal(body, got[0].Body))
		b.fold(&ledger.Changes{At: 1, Folded: []int64{d.ID}})
	}
	count := 0
	require.NoError(b, b.s.Deliveries(b.ctx, func(list []models.Delivery) error {
		count += len(list)
		return nil
	}))
	assert.Equal(b, 5, count)
}

func imports(b *bench) {
	first, second := delivery(1, "one"), delivery(1, "two")
	sums := [][32]byte{sha256.Sum256(first.Body), sha256.Sum256(second.Body)}
	fresh, err := b.s.Import(b.ctx, []*models.Delivery{first, delivery(1, "one")}, [][32]byte{sums[0], sums[0]})
	require.NoError(b, err)
	assert.Equal(b, []bool{true, false}, fresh)
	fresh, err = b.s.Import(b.ctx, []*models.Delivery{delivery(2, "one"), second}, sums)
	require.NoError(b, err)
	assert.Equal(b, []bool{false, true}, fresh)
	pending, err := b.s.Pending(b.ctx, 0, 10, 1<<20)
	require.NoError(b, err)
	assert.Len(b, pending, 2)
}

func leases(b *bench) {
	ana, err := b.s.Acquire(b.ctx, "fold", "ana", 1000, 500)
	require.NoError(b, err)
	assert.Equal(b, models.Lease{Name: "fold", Owner: "ana", Fence: 1, Until: 1500}, ana)
	_, err = b.s.Acquire(b.ctx, "fold", "luz", 1499, 500)
	assert.ErrorIs(b, err, models.ErrTaken)
	again, err := b.s.Acquire(b.ctx, "fold", "ana", 1400, 500)
	require.NoError(b, err)
	assert.Equal(b, models.Lease{Name: "fold", Owner: "ana", Fence: 1, Until: 1900}, again, "renewed")
	same, err := b.s.Acquire(b.ctx, "fold", "ana", 1400, 500)
	require.NoError(b, err, "renewed with equal values")
	assert.Equal(b, again, same)
	other, err := b.s.Acquire(b.ctx, "outbox", "luz", 1400, 500)
	require.NoError(b, err)
	assert.Equal(b, int64(1), other.Fence, "another piece of work")

	luz, err := b.s.Acquire(b.ctx, "fold", "luz", 1900, 500)
	require.NoError(b, err, "it ran out")
	assert.Equal(b, int64(2), luz.Fence)
	_, err = b.s.Acquire(b.ctx, "fold", "ana", 1950, 500)
	assert.ErrorIs(b, err, models.ErrTaken)
	require.NoError(b, b.s.Release(b.ctx, ana))
	_, err = b.s.Acquire(b.ctx, "fold", "ana", 1950, 500)
	assert.ErrorIs(b, err, models.ErrTaken, "a former holder cannot give it away")
	require.NoError(b, b.s.Release(b.ctx, luz))
	back, err := b.s.Acquire(b.ctx, "fold", "ana", 1950, 500)
	require.NoError(b, err, "given back")
	assert.Equal(b, int64(3), back.Fence)
	seized, err := b.s.Seize(b.ctx, "fold", "cli", 1960, 500)
	require.NoError(b, err)
	assert.Equal(b, models.Lease{Name: "fold", Owner: "cli", Fence: back.Fence + 1, Until: 2460}, seized)
	_, err = b.s.Acquire(b.ctx, "fold", "ana", 1970, 500)
	assert.ErrorIs(b, err, models.ErrTaken)
	fresh, err := b.s.Seize(b.ctx, "digest", "cli", 1960, 500)
	require.NoError(b, err, "nobody ever had it")
	assert.Equal(b, int64(1), fresh.Fence)
}

func fences(b *bench) {
	stale, err := b.s.Acquire(b.ctx, "fold", "ana", 1000, 500)
	require.NoError(b, err)
	now, err := b.s.Acquire(b.ctx, "fold", "luz", 2000, 500)
	require.NoError(b, err)
	d := delivery(1, "x")
	require.NoError(b, b.s.Receive(b.ctx, []*models.Delivery{d}))
	for _, save := range []func(ledger.Page) error{
		func(ledger.Page) error { return nil },
		func(p ledger.Page) error { return p.Save(&ledger.Changes{At: 1, Folded: []int64{d.ID}}) },
	} {
		assert.ErrorIs(b, b.s.Fold(b.ctx, stale, save), store.ErrFenced)
		log, err := b.s.Backlog(b.ctx)
		require.NoError(b, err)
		assert.Equal(b, int64(1), log.Deliveries, "a former holder writes nothing")
	}
	failed := errors.New("cannot")
	err = b.s.Fold(b.ctx, now, func(p ledger.Page) error {
		require.NoError(b, p.Save(&ledger.Changes{At: 1, Folded: []int64{d.ID}}))
		return failed
	})
	assert.ErrorIs(b, err, failed)
	log, err := b.s.Backlog(b.ctx)
	require.NoError(b, err)
	assert.Equal(b, int64(1), log.Deliveries, "nothing of a failed page stays")
	assert.NoError(b, b.s.Fold(b.ctx, now, func(ledger.Page) error { return nil }))
}

func leaseRace(b *bench) {
	for round := range 10 {
		var won atomic.Int64
		fence := make([]int64, rivals)
		b.race(func(i int, s *store.Store) {
			l, err := s.Acquire(b.ctx, "work", string(rune('a'+i)), int64(1000*round), 1000)
			if err == nil {
				won.Add(1)
				fence[i] = l.Fence
			} else if !errors.Is(err, models.ErrTaken) {
				b.Error(err)
			}
		})
		assert.LessOrEqual(b, won.Load(), int64(1))
		if round == 0 {
			assert.Equal(b, int64(1), won.Load(), "an insert has a winner")
		}
	}
}
