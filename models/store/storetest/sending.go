package storetest

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gorm.io/gorm"

	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
)

func plans(b *bench) {
	first := outgoing("digest/d1/2026-03-20", 1, "+573001112233")
	n, err := b.s.Plan(b.ctx, []*models.Outgoing{first, outgoing(first.Key, 2, first.To), outgoing(first.Key, 1, "+573001112244")}, nil)
	require.NoError(b, err)
	assert.Equal(b, 3, n, "by part and recipient")
	assert.NotZero(b, first.ID)
	assert.Equal(b, first, b.stands(first.ID))
	n, err = b.s.Plan(b.ctx, []*models.Outgoing{outgoing(first.Key, 1, first.To), outgoing(first.Key, 3, first.To), outgoing(first.Key, 3, first.To)}, nil)
	require.NoError(b, err)
	assert.Equal(b, 1, n, "known ones are left alone")
	failed := errors.New("cannot")
	_, err = b.s.Plan(b.ctx, []*models.Outgoing{outgoing("other", 1, first.To)}, func(*gorm.DB) error { return failed })
	assert.ErrorIs(b, err, failed)
	assert.Len(b, b.all(), 4, "nothing stays of a failed plan")

	var planned atomic.Int64
	b.race(func(_ int, s *store.Store) {
		n, err := s.Plan(b.ctx, []*models.Outgoing{outgoing("race", 1, first.To)}, nil)
		if err != nil && !errors.Is(err, gorm.ErrDuplicatedKey) {
			b.Error(err)
		}
		planned.Add(int64(n))
	})
	assert.Equal(b, int64(1), planned.Load())
	assert.Len(b, b.all(), 5)
}

func moves(b *bench) {
	o := outgoing("k", 1, "+573001112233")
	b.plan(o)
	o.Begin(2000, "a1.k.1.mac")
	require.NoError(b, b.s.Move(b.ctx, o, models.Planned, 0))
	assert.Equal(b, o, b.stands(o.ID))
	assert.ErrorIs(b, b.s.Move(b.ctx, o, models.Planned, 0), models.ErrMoved, "its state has moved on")
	assert.ErrorIs(b, b.s.Move(b.ctx, o, models.Attempting, 0), models.ErrMoved, "so has its number of attempts")
	require.NoError(b, b.s.Move(b.ctx, o, models.Attempting, 1), "equal values are a move too")
	o.Settle(models.Result{Outcome: models.Unclear, Reason: "no answer"}, 3000)
	require.NoError(b, b.s.Move(b.ctx, o, models.Attempting, 1))
	assert.Equal(b, o, b.stands(o.ID))
	missing := outgoing("k2", 1, "+573001112233")
	missing.ID = 99
	assert.ErrorIs(b, b.s.Move(b.ctx, missing, models.Planned, 0), models.ErrMoved)

	race := outgoing("race", 1, "+573001112233")
	b.plan(race)
	var won atomic.Int64
	b.race(func(i int, s *store.Store) {
		mine := *race
		mine.Begin(int64(i), "a1.race.1.mac")
		switch err := s.Move(b.ctx, &mine, models.Planned, 0); {
		case err == nil:
			won.Add(1)
		case !errors.Is(err, models.ErrMoved):
			b.Error(err)
		}
	})
	assert.Equal(b, int64(1), won.Load(), "one attempt begins")
	assert.Equal(b, 1, b.stands(race.ID).Attempts)
}

func queues(b *bench) {
	later, soon, unknown, sending := outgoing("later", 1, "a"), outgoing("soon", 1, "a"), outgoing("unknown", 1, "a"), outgoing("sending", 1, "a")
	later.DueAt, soon.DueAt = 3000, 1500
	unknown.State, unknown.DueAt = models.Unknown, 1200
	sending.State, sending.DueAt = models.Attempting, 1
	second := outgoing("soon", 2, "a")
	second.DueAt = 9000
	b.plan(later, soon, unknown, sending, second)
	keys := func(list []*models.Outgoing, err error) []string {
		require.NoError(b, err)
		var keys []string
		for _, o := range list {
			keys = append(keys, o.Key)
		}
		return keys
	}
	assert.Equal(b, []string{"unknown", "soon"}, keys(b.s.Due(b.ctx, 2999, 10)))
	assert.Equal(b, []string{"unknown", "soon", "later"}, keys(b.s.Due(b.ctx, 3000, 10)))
	assert.Equal(b, []string{"unknown"}, keys(b.s.Due(b.ctx, 3000, 1)))
	assert.Equal(b, []string{"sending"}, keys(b.s.Orphans(b.ctx)))
	before, err := b.s.Before(b.ctx, second)
	require.NoError(b, err)
	assert.Equal(b, soon, before)
	before, err = b.s.Before(b.ctx, soon)
	require.NoError(b, err)
	assert.Nil(b, before)
}

func command(wamid string) models.Command {
	return models.Command{Channel: "whatsapp:1060", WAMID: wamid, Phone: "573001112233", UserID: "CO.Ana1", Name: "Ana 😀", At: 5000, ReceivedAt: 5001,
		Kind: "text", Text: "resumen de hoy\x00", Payload: "p", ReplyTo: "wamid.Q", Forwarded: true, Identity: "hash"}
}

func replies(b *bench) {
	b.fold(&ledger.Changes{At: 6000, Commands: []models.Command{command("wamid.A"), command("wamid.a"), command("wamid.A")}})
	b.fold(&ledger.Changes{At: 6000, Commands: []models.Command{command("wamid.A")}})
	waiting, err := b.s.Commands(b.ctx, 10)
	require.NoError(b, err)
	require.Len(b, waiting, 2, "a command is known by its id, byte for byte")
	got := waiting[0]
	want := command("wamid.A")
	want.ID = got.ID
	assert.Equal(b, want, got)

	answer := outgoing("reply/wamid.A", 1, "+573001112233")
	require.NoError(b, b.s.Replied(b.ctx, got.ID, []*models.Outgoing{answer}))
	require.NoError(b, b.s.Replied(b.ctx, got.ID, []*models.Outgoing{outgoing("reply/wamid.A", 1, "+573001112233")}))
	assert.Len(b, b.all(), 1, "answered twice is answered once")
	waiting, err = b.s.Commands(b.ctx, 10)
	require.NoError(b, err)
	require.Len(b, waiting, 1)
	assert.Equal(b, "wamid.a", waiting[0].WAMID)
	b.fold(&ledger.Changes{At: 7000, Commands: []models.Command{command("wamid.A")}})
	waiting, err = b.s.Commands(b.ctx, 10)
	require.NoError(b, err)
	assert.Len(b, waiting, 1, "a late redelivery does not wake it")

	for _, c := range []struct {
		channel, phone, user string
		want                 int64
	}{
		{"whatsapp:1060", "573001112233", "", 5000}, {"whatsapp:1060", "", "CO.Ana1", 5000}, {"whatsapp:1061", "573001112233", "CO.Ana1", 0},
		{"whatsapp:1060", "573001112234", "CO.ana1", 0}, {"whatsapp:1060", "", "", 0},
	} {
		last, err := b.s.LastHeard(b.ctx, c.channel, c.phone, c.user)
		require.NoError(b, err)
		assert.Equal(b, c.want, last, c)
	}
}

func receipts(b *bench) {
	o, other := outgoing("k", 1, "+573001112233"), outgoing("K", 1, "+573001112233")
	o.Intent, other.Intent = "aX1", "ax1"
	o.Begin(2000, "a1.aX1.1.mac")
	other.Begin(2000, "a1.ax1.1.mac")
	b.plan(o, other)
	hear := func(status models.State, at int64) {
		b.fold(&ledger.Changes{At: at, Receipts: []models.Receipt{{Intent: "aX1", Attempt: 1, Status: status, At: at, WAMID: "wamid.1"}, {Intent: "stranger", Status: status}}})
	}
	hear(models.Delivered, 3000)
	now := b.stands(o.ID)
	assert.Equal(b, models.Delivered, now.State)
	assert.Equal(b, "wamid.1", now.WAMID)
	assert.Equal(b, int64(3000), now.SentAt)
	hear(models.Sent, 2500)
	assert.Equal(b, models.Delivered, b.stands(o.ID).State, "never backwards")
	hear(models.Read, 4000)
	assert.Equal(b, models.Read, b.stands(o.ID).State)
	assert.Equal(b, models.Attempting, b.stands(other.ID).State, "an intent is compared byte for byte")
}

// receiptRace lets the sender move a message on while the fold, whose
// transaction began earlier, hears of an earlier attempt.
func receiptRace(b *bench) {
	o := outgoing("k", 1, "+573001112233")
	o.Class = models.Must
	o.Begin(1000, "a1.k.1.mac")
	o.Settle(models.Result{Outcome: models.Unclear}, 1500)
	b.plan(o)
	lease, err := b.s.Acquire(b.ctx, "fold", "suite", 1, 1<<50)
	require.NoError(b, err)
	failed := models.Receipt{Intent: o.Intent, Attempt: 1, Status: models.Failed, Reason: "131026", At: 1400}
	sender, moved := b.open(), make(chan error, 1)
	resend := func() {
		o.Overdue(o.DueAt, true)
		err := sender.Move(b.ctx, o, models.Unknown, 1)
		if err == nil {
			o.Begin(200_000, "a1.k.2.mac")
			err = sender.Move(b.ctx, o, models.Planned, 1)
		}
		moved <- err
	}
	err = b.s.Fold(b.ctx, lease, func(p ledger.Page) error {
		if err := p.Save(&ledger.Changes{At: 200_000}); err != nil {
			return err
		}
		if _, err := p.Find(ledger.Want{Sightings: true}); err != nil { // the transaction's view of the record begins here
			return err
		}
		go resend()
		select { // where there is one writer at a time, the sender waits for the page
		case err := <-moved:
			moved <- err
		case <-time.After(300 * time.Millisecond):
		}
		return p.Save(&ledger.Changes{At: 200_001, Receipts: []models.Receipt{failed}})
	})
	sent := <-moved
	now := b.stands(o.ID)
	if sent != nil {
		require.ErrorIs(b, sent, models.ErrMoved)
		require.NoError(b, err)
		assert.Equal(b, models.Failed, now.State, "the receipt was first")
		return
	}
	assert.ErrorIs(b, err, models.ErrMoved, "the page is to be made again")
	assert.Equal(b, models.Attempting, now.State, "the second attempt is under way")
	b.fold(&ledger.Changes{At: 200_002, Receipts: []models.Receipt{failed}})
	assert.Equal(b, models.Attempting, b.stands(o.ID).State, "the first one's failure is old news")
}

func slots(b *bench) {
	for round := range 5 {
		var won atomic.Int64
		slot := fmt.Sprint("2026-03-2", round)
		b.race(func(i int, s *store.Store) {
			message := outgoing("digest/d1/"+slot, 1, fmt.Sprint("rival ", i)) // so that two claims show
			ok, err := s.ClaimSlot(b.ctx, "digest/d1", slot, 1000, []*models.Outgoing{message})
			if err != nil {
				b.Error(err)
			}
			if ok {
				won.Add(1)
			}
		})
		assert.Equal(b, int64(1), won.Load(), "a slot is claimed by exactly one")
		assert.Len(b, b.all(), round+1, "and its messages are the claimer's")
	}
	have, err := b.s.Claimed(b.ctx, "digest/d1", []string{"2026-03-20", "2026-03-24", "2026-03-25"})
	require.NoError(b, err)
	assert.Equal(b, map[string]bool{"2026-03-20": true, "2026-03-24": true}, have)
	have, err = b.s.Claimed(b.ctx, "digest/D1", []string{"2026-03-20"})
	require.NoError(b, err)
	assert.Empty(b, have)
	ok, err := b.s.ClaimSlot(b.ctx, "digest/d1", "2026-03-20", 2000, nil)
	require.NoError(b, err)
	assert.False(b, ok)
}
