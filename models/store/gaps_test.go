package store_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/analytics/report"
	"pulso/bot/demo"
	"pulso/bot/inbox"
	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// shopDesk answers about the demonstration's shop, in whose ninety days the
// webhooks of one morning were lost.
func shopDesk(t *testing.T, now time.Time) *report.Desk {
	s, err := store.Open(storetest.SQLite(t))
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	r := rules()
	absorbShop(t, s, r, now)
	seen, err := s.Sightings(context.Background())
	require.NoError(t, err)
	return &report.Desk{Rules: r, Roster: analytics.NewRoster(nil, seen), Print: r.Fingerprint(nil), Read: s}
}

func TestTheShopsLostMorning(t *testing.T) {
	ctx := context.Background()
	now := time.Date(2026, 11, 24, 16, 20, 0, 0, time.UTC)
	desk := shopDesk(t, now)
	zone := desk.Rules.Zone
	today := zone.DayOf(now.UnixMilli())
	t.Run("is the only gap", func(t *testing.T) {
		a, err := desk.Answer(ctx, report.Ask{Metrics: []string{"messages_received"}, Period: zone.Days(today-89, today+1)}, now.UnixMilli())
		require.NoError(t, err)
		var told []string
		for _, g := range a.Gaps {
			told = append(told, zone.Time(g.From).Format(time.DateTime)+" "+zone.Time(g.To).Format(time.DateTime))
		}
		require.Len(t, a.Gaps, 1, told)
		from := at("2026-11-13T09:40:00-05:00")
		assert.InDelta(t, from, a.Gaps[0].From, 15*60_000, told)
		assert.InDelta(t, from+(3*60+35)*60_000, a.Gaps[0].To, 15*60_000, told)
	})
	t.Run("moved its day", func(t *testing.T) {
		lost := analytics.Span{From: at("2026-11-13T09:00:00-05:00"), To: at("2026-11-13T14:00:00-05:00")}
		found, err := desk.Movers(ctx, lost, nil, now.UnixMilli())
		require.NoError(t, err)
		require.NotEmpty(t, found)
		assert.False(t, found[0].Up())
		assert.Equal(t, -1, found[0].Good())
		again, err := desk.Movers(ctx, lost, nil, now.UnixMilli())
		require.NoError(t, err)
		assert.Equal(t, found, again)
	})
	t.Run("most days have no movers", func(t *testing.T) {
		moved := 0
		for d := today - 40; d < today; d++ {
			found, err := desk.Movers(ctx, zone.Days(d, d+1), nil, now.UnixMilli())
			require.NoError(t, err)
			if len(found) > 0 {
				moved++
				t.Log(d, zone.Time(zone.Start(d)).Weekday(), len(found), found[0].Metric.Key, found[0].Whole, found[0].Dim, found[0].Value, found[0].Now, found[0].Usual, found[0].Score)
			}
		}
		assert.LessOrEqual(t, moved, 13, "of 40 days; a campaign goes out every other Thursday")
	})
	t.Run("filters that do not fit leave nothing", func(t *testing.T) {
		found, err := desk.Movers(ctx, zone.Days(today-1, today), []report.Filter{{Dim: analytics.ByError, Values: []string{"131026"}}}, now.UnixMilli())
		require.NoError(t, err)
		assert.Empty(t, found)
	})
}

// absorbShop folds the shop's history.
func absorbShop(t *testing.T, s *store.Store, r *analytics.Rules, now time.Time) {
	ctx := context.Background()
	_, err := s.Migrate(ctx, time.Now)
	require.NoError(t, err)
	lease, err := s.Acquire(ctx, "fold", "test", 1, math.MaxInt64/2)
	require.NoError(t, err)
	l := ledger.New(r, nil)
	var batch []models.Event
	flush := func() error {
		err := s.Fold(ctx, lease, func(p ledger.Page) error {
			_, err := l.Absorb(p, ledger.Batch{Now: now.UnixMilli(), Events: batch})
			return err
		})
		batch = nil
		return err
	}
	shop, err := demo.New(1, "America/Bogota", demo.Person{Name: "Luz"})
	require.NoError(t, err)
	require.NoError(t, shop.History(90, now, func(source string, at time.Time, body []byte) error {
		d, err := inbox.Decode(source, body, at.UnixMilli())
		if batch = append(batch, d.Events...); err != nil || len(batch) < 2000 {
			return err
		}
		return flush()
	}))
	require.NoError(t, flush())
}
