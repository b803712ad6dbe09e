package storetest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
)

// Exercise runs the one suite that every dialect must pass; fresh returns the
// address of a new, empty database.
func Exercise(t *testing.T, fresh func(testing.TB) store.DSN) {
	for _, part := range []struct {
		name string
		try  func(*bench)
	}{
		{"deliveries are stored together", deliveries},
		{"bodies come back byte for byte", bodies},
		{"more than one statement holds", heavy},
		{"imports are known again", imports},
		{"a lease has one holder", leases},
		{"a stale fence is refused", fences},
		{"racing for a lease has one winner", leaseRace},
		{"a message is planned once", plans},
		{"a message is moved by whoever read it last", moves},
		{"what is due, orphaned, before", queues},
		{"a command is answered once", replies},
		{"receipts find their message", receipts},
		{"a receipt never undoes what the sender wrote", receiptRace},
		{"people", people},
		{"digests", digests},
		{"rules", rules},
		{"alarms move together with their messages", alarms},
		{"a slot has one claimer", slots},
		{"ids are compared byte for byte", ids},
		{"long and odd texts", texts},
		{"listings", listings},
		{"conversations that touch a span", touched},
		{"settings", settings},
		{"a snapshot stands still", snapshots},
	} {
		t.Run(part.name, func(t *testing.T) {
			b := &bench{T: t, ctx: t.Context(), dsn: fresh(t)}
			b.s = b.open()
			_, err := b.s.Migrate(b.ctx, time.Now)
			require.NoError(t, err)
			part.try(b)
		})
	}
}

// bench is one part's database.
type bench struct {
	*testing.T
	ctx context.Context
	dsn store.DSN
	s   *store.Store
}

// open opens the database once more, as another process does.
func (b *bench) open() *store.Store {
	b.Helper()
	s, err := store.Open(b.dsn)
	require.NoError(b, err)
	b.Cleanup(func() { s.Close() })
	return s
}

// rivals is how many processes race.
const rivals = 8

// race has several processes do the same thing at the same moment.
func (b *bench) race(do func(i int, s *store.Store)) {
	start := make(chan struct{})
	var running sync.WaitGroup
	for i := range rivals {
		s := b.open()
		running.Go(func() {
			<-start
			do(i, s)
		})
	}
	close(start)
	running.Wait()
}

// fold saves changes as the fold writer does.
func (b *bench) fold(c *ledger.Changes) {
	b.Helper()
	lease, err := b.s.Acquire(b.ctx, "fold", "suite", 1, 1<<50)
	require.NoError(b, err)
	require.NoError(b, b.s.Fold(b.ctx, lease, func(p ledger.Page) error { return p.Save(c) }))
}

func outgoing(key string, part int, to string) *models.Outgoing {
	return &models.Outgoing{Key: key, Part: part, To: to, Person: to, Channel: "1060", Class: models.Once, State: models.Planned,
		Via: "text", Intent: fmt.Sprint("i", key, part, to), Payload: []byte("{}"), CreatedAt: 1000, DueAt: 1000}
}

func (b *bench) plan(list ...*models.Outgoing) {
	b.Helper()
	_, err := b.s.Plan(b.ctx, list, nil)
	require.NoError(b, err)
}

func (b *bench) stands(id int64) *models.Outgoing {
	b.Helper()
	o, err := b.s.Outgoing(b.ctx, id)
	require.NoError(b, err)
	return o
}

func (b *bench) all() []*models.Outgoing {
	b.Helper()
	var list []*models.Outgoing
	require.NoError(b, b.s.ListOutgoing(b.ctx, store.List{}, func(o *models.Outgoing) error {
		list = append(list, o)
		return nil
	}))
	return list
}
