package flow

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// record is a database that refuses pages with a poisonous message, and that
// can be made to fail around a commit.
type record struct {
	*store.Store
	away   bool              // every page fails
	before func() error      // before a page begins
	after  func(int64) error // after a page was committed, by the fence it had
	pages  int
}

type page struct {
	ledger.Page
}

var errPoison = errors.New("value out of range")

func (p page) Save(c *ledger.Changes) error {
	for _, m := range c.Messages {
		if m.Kind == "poison" {
			return errPoison
		}
	}
	return p.Page.Save(c)
}

func (r *record) Fold(ctx context.Context, lease models.Lease, do func(ledger.Page) error) error {
	r.pages++
	if r.away {
		return errors.New("gone away")
	}
	if r.before != nil {
		if err := r.before(); err != nil {
			return err
		}
	}
	err := r.Store.Fold(ctx, lease, func(p ledger.Page) error { return do(page{p}) })
	if err == nil && r.after != nil {
		err = r.after(lease.Fence)
	}
	return err
}

func openRecord(t *testing.T) *record {
	s, err := store.Open(storetest.SQLite(t))
	require.NoError(t, err)
	t.Cleanup(func() { s.Close() })
	_, err = s.Migrate(t.Context(), time.Now)
	require.NoError(t, err)
	return &record{Store: s}
}

// deliver stores one delivery for each word: a message of that name from Luz.
func (r *record) deliver(t *testing.T, words ...string) {
	var list []*models.Delivery
	for _, w := range words {
		list = append(list, &models.Delivery{Source: "events", ReceivedAt: noon.UnixMilli(), Body: []byte(w)})
	}
	require.NoError(t, r.Receive(t.Context(), list))
}

// messages lists the ids of the messages in the record.
func (r *record) messages(t *testing.T) []string {
	var ids []string
	require.NoError(t, r.ListMessages(t.Context(), store.List{}, func(p *models.Placed) error {
		ids = append(ids, p.ID)
		return nil
	}))
	return ids
}

// cells reads all figures of the record.
func (r *record) cells(t *testing.T) map[analytics.CellKey]*analytics.Cell {
	all := map[analytics.CellKey]*analytics.Cell{}
	require.NoError(t, r.EachCell(t.Context(), func(k analytics.CellKey, c *analytics.Cell) error {
		all[k] = c
		return nil
	}))
	return all
}

func readWord(d models.Delivery) ledger.Batch {
	word := string(d.Body)
	at := noon.Add(-time.Hour).UnixMilli()
	m := &models.Message{Channel: "whatsapp:1060", ID: word, Dir: models.In, ProviderAt: at, Kind: "text", Content: models.RankMeta}
	if strings.HasPrefix(word, "poison") {
		m.Kind = "poison"
	}
	return ledger.Batch{Events: []models.Event{{Source: "events", Key: word, Kind: models.MessageReceived, At: at, Channel: "whatsapp:1060",
		Party: []models.Alias{{Kind: models.ByPhone, Value: "573001112233"}}, Name: "Luz", Message: m}}}
}

func newLedger() *ledger.Ledger {
	return ledger.New(&analytics.Rules{Zone: analytics.MustZone("America/Bogota"), IdleClose: 24 * 3600_000, InboxIdleClose: 720 * 3600_000, Target: 600_000}, nil)
}

func intake(r Record, owner string, now *time.Time) *Intake {
	return &Intake{Record: r, Owner: owner, Clock: &Clock{Wall: func() time.Time { return *now }}, Log: quiet(), Reading: always(readWord), Ledger: newLedger}
}

func words(n int) []string {
	var list []string
	for i := range n {
		list = append(list, fmt.Sprint("m", i))
	}
	return list
}

func TestIntakeFoldsWhatWaits(t *testing.T) {
	r, now := openRecord(t), noon
	r.deliver(t, words(250)...)
	in := intake(r, "a", &now)
	outcome, err := in.Drain(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 250, outcome.New)
	assert.Len(t, r.messages(t), 250)
	log, err := r.Backlog(t.Context())
	require.NoError(t, err)
	assert.Zero(t, log)
	assert.LessOrEqual(t, r.pages, 3)
}

// A delivery that no page can hold is put aside and kept; all others are folded.
func TestPoisonBlocksNobody(t *testing.T) {
	r, now := openRecord(t), noon
	list := words(140)
	list[60], list[61], list[139] = "poison 1", "poison 2", "poison 3"
	r.deliver(t, list...)
	in := intake(r, "a", &now)
	for n := 0; ; n++ {
		require.Less(t, n, 120, "it comes to an end")
		done, err := in.Step(t.Context())
		if done == 0 && err == nil {
			break
		}
	}
	assert.Len(t, r.messages(t), 137)
	var faults []models.Fault
	require.NoError(t, r.Faults(t.Context(), 0, func(f *store.StoredFault) error {
		faults = append(faults, f.Fault)
		return nil
	}))
	require.Len(t, faults, 3)
	for _, f := range faults {
		assert.NotEmpty(t, f.Reason)
		assert.NotZero(t, f.Delivery)
	}
	log, err := r.Backlog(t.Context())
	require.NoError(t, err)
	assert.Equal(t, store.Backlog{Faulty: 3}, log)
}

func TestRunDoesNotWaitForThePoison(t *testing.T) {
	r := openRecord(t)
	list := words(60)
	list[30] = "poison"
	r.deliver(t, list...)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	in := &Intake{Record: r, Owner: "a", Clock: &Clock{Wall: time.Now}, Log: quiet(), Reading: always(readWord), Ledger: newLedger}
	folded, began := 0, time.Now()
	in.Folded = func(o ledger.Outcome) {
		if folded += o.New; folded == 59 {
			cancel()
		}
	}
	in.Run(ctx, nil)
	assert.Equal(t, 59, folded)
	assert.Less(t, time.Since(began), 10*time.Second)
}

func TestDatabaseAwayPutsNothingAside(t *testing.T) {
	r, now := openRecord(t), noon
	r.deliver(t, words(30)...)
	r.away = true
	in := intake(r, "a", &now)
	for range 40 {
		_, err := in.Step(t.Context())
		require.Error(t, err)
		now = now.Add(time.Second)
	}
	r.away = false
	_, err := in.Drain(t.Context())
	require.NoError(t, err)
	assert.Len(t, r.messages(t), 30)
	log, err := r.Backlog(t.Context())
	require.NoError(t, err)
	assert.Zero(t, log)
}

func TestOneFolderAtATime(t *testing.T) {
	r, now := openRecord(t), noon
	r.deliver(t, "a", "b")
	one, two := intake(r, "one", &now), intake(r, "two", &now)
	n, err := one.Step(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 2, n)
	_, err = two.Step(t.Context())
	require.ErrorIs(t, err, models.ErrTaken)
	one.Release()
	r.deliver(t, "c")
	n, err = two.Step(t.Context())
	require.NoError(t, err, "given up")
	assert.Equal(t, 1, n)
	now = now.Add(time.Minute)
	r.deliver(t, "d")
	_, err = one.Step(t.Context())
	require.NoError(t, err, "run out")
	assert.Len(t, r.messages(t), 4)
}

// A process that is paused in the middle of its page finds its lease gone: it
// writes nothing, and what it wanted to write is written once by another.
func TestLeaseLostInTheMiddle(t *testing.T) {
	r, now := openRecord(t), noon
	r.deliver(t, words(5)...)
	paused, other := &record{Store: r.Store}, intake(r, "two", &now)
	paused.before = func() error { // it wakes up a minute later
		paused.before = nil
		now = now.Add(time.Minute)
		n, err := other.Step(t.Context())
		assert.Equal(t, 5, n)
		return err
	}
	one := intake(paused, "one", &now)
	_, err := one.Step(t.Context())
	require.ErrorIs(t, err, store.ErrFenced)
	assert.Len(t, r.messages(t), 5)
	_, err = one.Step(t.Context())
	assert.ErrorIs(t, err, models.ErrTaken, "it does not go on as if nothing had happened")
	log, err := r.Backlog(t.Context())
	require.NoError(t, err)
	assert.Zero(t, log)
}

// Who takes the fold has it for as long as it takes, and gives it back when the
// context ends first as well: nothing would be folded until it ran out.
func TestSeizedUntilGivenBack(t *testing.T) {
	r := openRecord(t)
	var hands atomic.Int64
	clock := &Clock{Wall: func() time.Time { return noon.Add(time.Duration(hands.Load())) }, Start: noon, Anchor: noon, Speed: 1000}
	acquire := func() error {
		_, err := r.Acquire(t.Context(), foldLease, "service", clock.Now().UnixMilli(), 1)
		return err
	}
	require.NoError(t, acquire())
	ctx, cancel := context.WithCancel(t.Context())
	_, give, err := Seize(ctx, r, clock, "rebuild")
	require.NoError(t, err)
	db, err := r.SQL()
	require.NoError(t, err)
	for range 5 { // far longer than it was taken for
		hands.Add(int64(leastWall) * 3 / 4)
		require.Eventually(t, func() bool {
			var until int64
			require.NoError(t, db.QueryRow("SELECT until FROM leases WHERE name = ?", foldLease).Scan(&until))
			return until >= clock.Now().Add(clock.Span(seizedTTL)).UnixMilli()
		}, time.Minute, time.Millisecond, "renewed")
		require.ErrorIs(t, acquire(), models.ErrTaken)
	}
	cancel()
	give()
	require.NoError(t, acquire())

	_, give, err = Seize(t.Context(), r, clock, "rebuild")
	require.NoError(t, err)
	other, err := r.Seize(t.Context(), foldLease, "erase", clock.Now().UnixMilli(), 1)
	require.NoError(t, err)
	require.NoError(t, r.Release(t.Context(), other))
	give()
	require.NoError(t, acquire(), "whoever lost it does not take it back")
}

// tardy is a record whose renewals take until they are let go.
type tardy struct {
	*record
	asked, free chan struct{}
	off         bool // a renewal was called off
}

func (r *tardy) Acquire(ctx context.Context, name, owner string, now, ttl int64) (models.Lease, error) {
	close(r.asked)
	<-r.free
	r.off = ctx.Err() != nil
	return r.record.Acquire(ctx, name, owner, now, ttl)
}

// A renewal that is under way comes to its end before the lease is given back:
// done afterwards by the server it would take what nobody holds.
func TestNoRenewalIsCalledOff(t *testing.T) {
	r := &tardy{record: openRecord(t), asked: make(chan struct{}), free: make(chan struct{})}
	clock := &Clock{Wall: time.Now, Start: noon, Anchor: time.Now(), Speed: 1000}
	_, give, err := Seize(t.Context(), r, clock, "rebuild")
	require.NoError(t, err)
	<-r.asked
	given := make(chan struct{})
	go func() { defer close(given); give() }()
	select {
	case <-given:
		require.Fail(t, "given back while a renewal is under way")
	case <-time.After(20 * time.Millisecond):
	}
	close(r.free)
	<-given
	assert.False(t, r.off)
	_, err = r.record.Acquire(t.Context(), foldLease, "service", clock.Now().UnixMilli(), 1)
	require.NoError(t, err)
}

// What was read before somebody else had the record is not folded: it may have
// been erased since.
func TestWhatIsReadAheadIsForgottenWithTheLease(t *testing.T) {
	r, now := openRecord(t), noon
	r.deliver(t, words(3*pageFirst)...)
	one := intake(r, "one", &now)
	_, err := one.Step(t.Context()) // the next page is read meanwhile
	require.NoError(t, err)
	require.NoError(t, one.land(t.Context()))
	two, err := r.Seize(t.Context(), foldLease, "two", now.UnixMilli(), 1000)
	require.NoError(t, err)
	db, err := r.SQL()
	require.NoError(t, err)
	_, err = db.Exec("DELETE FROM deliveries")
	require.NoError(t, err)
	require.NoError(t, r.Release(t.Context(), two))
	now = now.Add(time.Minute)
	n, err := one.Step(t.Context())
	require.NoError(t, err)
	assert.Zero(t, n)
	assert.Len(t, r.messages(t), pageFirst)
}

// A page whose commit was answered by silence is made again; so is every
// delivery that its sender repeats. Neither counts anything twice.
func TestRepeatIsHarmless(t *testing.T) {
	calm, now := openRecord(t), noon
	calm.deliver(t, words(40)...)
	_, err := intake(calm, "a", &now).Drain(t.Context())
	require.NoError(t, err)

	r := openRecord(t)
	r.deliver(t, words(40)...)
	lost := 0
	r.after = func(int64) error {
		if lost++; lost <= 2 {
			return errors.New("connection lost") // committed all the same
		}
		return nil
	}
	in := intake(r, "a", &now)
	for range 3 {
		_, _ = in.Step(t.Context())
		r.deliver(t, words(40)...) // and the sender repeats itself
	}
	in = intake(r, "b", &now) // after a crash
	now = now.Add(time.Minute)
	_, err = in.Drain(t.Context())
	require.NoError(t, err)
	assert.ElementsMatch(t, calm.messages(t), r.messages(t))
	assert.Equal(t, calm.cells(t), r.cells(t))
	assert.NotEmpty(t, r.cells(t))
}

func TestFaultsNameTheirDelivery(t *testing.T) {
	r, now := openRecord(t), noon
	r.deliver(t, "good", "odd", "good too")
	in := intake(r, "a", &now)
	in.Reading = always(func(d models.Delivery) ledger.Batch {
		b := readWord(d)
		if string(d.Body) == "odd" {
			b.Faults = append(b.Faults, models.Fault{Element: "messages[0]", Reason: "no id"})
		}
		return b
	})
	_, err := in.Drain(t.Context())
	require.NoError(t, err)
	assert.Len(t, r.messages(t), 3, "the rest of an odd delivery counts")
	pending := int64(0)
	require.NoError(t, r.Deliveries(t.Context(), func(list []models.Delivery) error {
		for _, d := range list {
			if string(d.Body) == "odd" {
				pending = d.ID
			}
		}
		return nil
	}))
	require.NoError(t, r.Faults(t.Context(), 0, func(f *store.StoredFault) error {
		assert.Equal(t, pending, f.Delivery)
		return nil
	}))
}

// always reads every page in the same way.
func always(read func(models.Delivery) ledger.Batch) func(context.Context) (func(models.Delivery) ledger.Batch, error) {
	return func(context.Context) (func(models.Delivery) ledger.Batch, error) { return read, nil }
}

// While deliveries come in the fold rests after a page, less where it would fall
// behind, and long where it cannot keep up anyway.
func TestFoldRestsWhileDeliveriesComeIn(t *testing.T) {
	now := noon
	in := &Intake{Clock: &Clock{Wall: func() time.Time { return now }}, Rest: 1.5}
	took := 40 * time.Millisecond
	pause := func(n, perSecond int, more bool) time.Duration { // a cycle took a fifth of a second
		last := cycle{noon, 1000}
		this := cycle{noon.Add(200 * time.Millisecond), 1000 + int64(perSecond)/5}
		now = this.began.Add(took)
		return in.pause(last, this, n, more)
	}
	assert.Equal(t, 60*time.Millisecond, pause(400, 1000, true))
	assert.Equal(t, gather, pause(400, 1000, false), "a small page waits for more")
	assert.Equal(t, 10*time.Millisecond, pause(400, 8000, true), "400 come in 50 ms")
	assert.Equal(t, yield, pause(400, 20_000, true), "400 come in 20 ms")
	assert.Equal(t, 60*time.Millisecond, pause(400, 0, true))
	in.Rest = 100
	assert.Equal(t, restMost, pause(400, 1000, true))
	assert.Equal(t, restMost, pause(400, 20_000, true))
}

// Two writers may make the same ids, as each counts from the time and a small
// number that is drawn: nothing is written over by the later one.
func TestNoRowIsWrittenOver(t *testing.T) {
	r, now := openRecord(t), noon
	for i := range 40 { // of 511
		r.deliver(t, fmt.Sprintf("m%d", i))
		in := intake(r, "a", &now)
		for try := 0; ; try++ {
			if _, err := in.Drain(t.Context()); err == nil {
				break
			}
			require.Less(t, try, 5)
		}
		in.Release()
	}
	assert.Len(t, r.messages(t), 40)
}
