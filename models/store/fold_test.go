package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/analytics/report"
	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

var server storetest.Server

func TestMain(m *testing.M) { storetest.Run(m, &server) }

func rules() *analytics.Rules {
	return &analytics.Rules{Zone: analytics.MustZone("America/Bogota"), IdleClose: 24 * 3600_000, InboxIdleClose: 720 * 3600_000, Target: 600_000}
}

func at(s string) int64 {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UnixMilli()
}

func TestFirstQuestion(t *testing.T) {
	for name, dsn := range server.Databases(t) {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s, err := store.Open(dsn)
			require.NoError(t, err)
			defer s.Close()
			_, err = s.Migrate(ctx, time.Now)
			require.NoError(t, err)
			party := []models.Alias{{Kind: models.ByPhone, Value: "573001112233"}, {Kind: models.ByUser, Value: "CO.123"}}
			in := func(id, when string) models.Event {
				return models.Event{Source: "test", Key: id, Kind: models.MessageReceived, At: at(when), Channel: "whatsapp:1", Party: party, Name: "Luz", Text: "hola",
					Message: &models.Message{Channel: "whatsapp:1", ID: id, Dir: models.In, ProviderAt: at(when), Kind: "text", Content: models.RankMeta}}
			}
			out := func(id, when string) models.Event {
				return models.Event{Source: "test", Key: id, Kind: models.MessageSent, At: at(when), Channel: "whatsapp:1", Party: party[:1], Agent: &models.AgentSighting{ID: "a-1", Name: "Ana"},
					Message: &models.Message{Channel: "whatsapp:1", ID: id, Dir: models.Out, SaidAt: at(when), Kind: "text", Content: models.RankInbox, Sender: models.ClassAgent, Author: models.RankInbox}}
			}
			lease, err := s.Acquire(ctx, "fold", "me", 1, 1000000)
			require.NoError(t, err)
			l := ledger.New(rules(), nil)
			now := at("2026-03-20T10:00:00-05:00")
			for _, e := range []models.Event{out("o1", "2026-03-18T10:04:00-05:00"), in("i1", "2026-03-18T10:00:00-05:00"), in("i2", "2026-03-18T10:01:00-05:00"), in("i2", "2026-03-18T10:01:00-05:00")} {
				require.NoError(t, s.Fold(ctx, lease, func(p ledger.Page) error {
					o, err := l.Absorb(p, ledger.Batch{Now: now, Events: []models.Event{e}})
					t.Log(o)
					return err
				}))
			}
			seen, err := s.Sightings(ctx)
			require.NoError(t, err)
			desk := report.Desk{Rules: rules(), Roster: analytics.NewRoster(nil, seen), Print: rules().Fingerprint(nil), Read: s}
			for _, nw := range []int64{now, at("2026-03-18T10:03:00-05:00")} {
				a, err := desk.Answer(ctx, report.Ask{Metrics: []string{"messages_received", "messages_sent", "first_response", "conversations_opened", "conversations_closed", "conversations_waiting", "contacts_new", "contacts_added", "conversations_handled"},
					Period: analytics.Span{From: at("2026-03-18T00:00:00-05:00"), To: at("2026-03-20T00:00:00-05:00")}, By: nil}, nw)
				require.NoError(t, err)
				for i, m := range a.Metrics {
					f := a.Total.Figures[i]
					v := -1.0
					if f.Value != nil {
						v = *f.Value
					}
					t.Log(m.Key, v, f.N)
				}
			}
		})
	}
}
