package benchmark

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/flow"
	"pulso/cmd/pulso/app"
	"pulso/cmd/pulso/app/config"
	"pulso/models/store"
)

// rules are those of the measured business.
func rules(tb testing.TB) *analytics.Rules {
	tb.Helper()
	r, err := business(tb).Rules()
	require.NoError(tb, err)
	return &r
}

func business(tb testing.TB) *config.Config {
	c := config.Defaults()
	c.Business.Timezone = "America/Bogota"
	return &c
}

// desk answers from a database.
func desk(tb testing.TB, s *store.Store) *report.Desk {
	tb.Helper()
	seen, err := s.Sightings(context.Background())
	require.NoError(tb, err)
	r := rules(tb)
	return &report.Desk{Rules: r, Roster: analytics.NewRoster(nil, seen), Print: r.Fingerprint(nil), Stat: "mean", Read: s}
}

// appOn opens the product on a database, its clock standing at now.
func appOn(tb testing.TB, dsn store.DSN, now time.Time) *app.App {
	tb.Helper()
	c := business(tb)
	require.NoError(tb, c.Database.DSN.UnmarshalText([]byte(dsn.Full())))
	a, err := app.Open(context.Background(), c, &flow.Clock{Wall: func() time.Time { return now }}, slog.New(slog.NewTextHandler(io.Discard, nil)), app.ReadWrite)
	require.NoError(tb, err)
	tb.Cleanup(func() { require.NoError(tb, a.Close()) })
	return a
}

// stickers is the figure of stickers received in the last day.
func stickers(b *testing.B, s *store.Store) int {
	now := time.Now().UnixMilli()
	ask := report.Ask{
		Metrics: []string{"messages_received"}, Period: analytics.Span{From: now - 86_400_000, To: now + 86_400_000},
		Where: []report.Filter{{Dim: analytics.ByType, Values: []string{"sticker"}}},
	}
	d := &report.Desk{Rules: rules(b), Roster: analytics.NewRoster(nil, nil), Stat: "mean", Read: s}
	d.Print = d.Rules.Fingerprint(nil)
	a, err := d.Answer(context.Background(), ask, now+86_400_000)
	if err != nil {
		b.Error(err)
		return 0
	}
	return int(*a.Total.Figures[0].Value)
}
