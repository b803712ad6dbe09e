package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/analytics/report"
	"pulso/bot/inbox/events"
	"pulso/internal/oracle"
	"pulso/models"
	"pulso/models/store"
)

// history is one seed's business, its events, and the rules they are read by.
type history struct {
	shop   oracle.Business
	rules  *analytics.Rules
	agents []analytics.Agent
	events []oracle.Event
	zone   analytics.Zone
}

func newHistory(t testing.TB, seed uint64, n int) *history {
	names := []string{"America/Bogota", "America/New_York", "Europe/Madrid", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"}
	zone := analytics.MustZone(names[seed%uint64(len(names))])
	shop := oracle.Shop(zone.Location())
	if seed%3 == 2 {
		shop.Hours, shop.Holidays = nil, nil
	}
	hours, faults := analytics.ParseHours(shop.Hours, shop.Holidays)
	require.Empty(t, faults)
	h := &history{shop: shop, zone: zone, events: oracle.Generate(seed, n, oracle.Options{Zone: zone.Location()})}
	h.rules = &analytics.Rules{Zone: zone, Hours: hours, IdleClose: 24 * 3600_000, InboxIdleClose: 720 * 3600_000, Target: 600_000}
	for _, a := range shop.Agents {
		h.agents = append(h.agents, analytics.Agent{Name: a.Name, Team: a.Team, IDs: a.IDs})
	}
	return h
}

// record absorbs batches of events into a database, as one writer. Each is worked out
// while the one before is being saved, as the service does when it is behind.
func (h *history) record(t testing.TB, s *store.Store, batches [][]oracle.Event, now int64) {
	ctx := context.Background()
	_, err := s.Migrate(ctx, time.Now)
	require.NoError(t, err)
	lease, err := s.Acquire(ctx, "fold", "test", 1, math.MaxInt64/2)
	require.NoError(t, err)
	l := ledger.New(h.rules, h.agents)
	var before *ledger.Turn
	saved := make(chan error, 1)
	saved <- nil
	for _, b := range batches {
		var page []models.Event
		for part := range slices.Chunk(b, 1000) { // as many as a body may have
			body, err := json.Marshal(map[string]any{"events": part})
			require.NoError(t, err)
			decoded, rejected, err := events.Decode(body, now)
			require.NoError(t, err)
			require.Empty(t, rejected)
			page = append(page, decoded.Events...)
		}
		turn, err := l.Reckon(s.Page(ctx), ledger.Batch{Now: now, Events: page}, before)
		require.NoError(t, <-saved)
		require.NoError(t, err)
		before = turn
		go func() {
			err := s.Fold(ctx, lease, func(p ledger.Page) error {
				_, err := turn.Save(p)
				return err
			})
			turn.Stored(err)
			saved <- err
		}()
	}
	require.NoError(t, <-saved)
}

func (h *history) desk(t testing.TB, s *store.Store) *report.Desk {
	seen, err := s.Sightings(context.Background())
	require.NoError(t, err)
	return &report.Desk{
		Rules: h.rules, Roster: analytics.NewRoster(h.agents, seen), Print: h.rules.Fingerprint(h.agents), Read: s,
		RosterAt: func(now int64) *analytics.Roster { return analytics.NewRoster(h.agents, analytics.Until(seen, now)) },
	}
}

// question is one query of the comparison.
type question struct {
	from, to, now time.Time
	by            []string
	where         map[string][]string
}

// questions lists periods of every kind, each dimension, pairs and filters.
func (h *history) questions(end time.Time) []question {
	day := func(s string) time.Time {
		d, err := analytics.ParseDay(s)
		if err != nil {
			panic(err)
		}
		return h.zone.Time(h.zone.Start(d))
	}
	middle := day("2026-03-20").Add(9*time.Hour + 37*time.Minute + 11*time.Second)
	var list []question
	for _, now := range []time.Time{end, middle} {
		list = append(list,
			question{day("2026-02-20"), day("2026-05-20"), now, nil, nil},
			question{day("2026-03-02"), day("2026-03-09"), now, nil, nil},
			question{day("2026-03-08"), day("2026-03-09"), now, nil, nil},
			question{day("2026-03-29"), day("2026-03-30"), now, nil, nil},
			question{day("2026-03-20"), day("2026-03-21"), now, nil, nil},
			question{day("2026-03-10").Add(9*time.Hour + 7*time.Minute), day("2026-03-19").Add(17*time.Hour + 52*time.Minute + 3*time.Second), now, nil, nil})
		for _, d := range append(strings.Fields("agent team channel platform type source sender template pricing_category error opened_by closed_by category contact_kind"), oracle.TimeDimensions()...) {
			list = append(list, question{day("2026-03-01"), day("2026-03-22"), now, []string{d}, nil})
		}
		list = append(list,
			question{day("2026-03-01"), day("2026-04-01"), now, []string{"weekday", "hour"}, nil},
			question{day("2026-03-01"), day("2026-04-01"), now, []string{"agent", "channel"}, nil},
			question{day("2026-03-01"), day("2026-04-01"), now, []string{"team", "day"}, nil},
			question{day("2026-03-01"), day("2026-04-01"), now, nil, map[string][]string{"agent": {"Ana"}}},
			question{day("2026-03-01"), day("2026-04-01"), now, []string{"day"}, map[string][]string{"team": {"ventas"}}},
			question{day("2026-03-05"), day("2026-04-02"), now, []string{"agent"}, map[string][]string{"channel": {"whatsapp:1060"}}},
			question{day("2026-03-05"), day("2026-04-02"), now, nil, map[string][]string{"agent": {"Ana", "Luis"}}})
	}
	return list
}

// askOf makes the Ask of a question, without metrics.
func (h *history) askOf(desk *report.Desk, q question) report.Ask {
	ask := report.Ask{Period: analytics.Span{From: q.from.UnixMilli(), To: q.to.UnixMilli()}}
	for _, key := range q.by {
		d, _ := analytics.ParseDim(key)
		ask.By = append(ask.By, d)
	}
	for key, values := range q.where {
		d, _ := analytics.ParseDim(key)
		f := report.Filter{Dim: d}
		for _, v := range values {
			if d == analytics.ByAgent {
				v = desk.Roster.Find(v)
			}
			f.Values = append(f.Values, v)
		}
		ask.Where = append(ask.Where, f)
	}
	return ask
}

// ask makes the Ask of a question, for the metrics that the oracle answers.
func (h *history) ask(desk *report.Desk, w *oracle.World, q question) (report.Ask, map[string]oracle.Result, []string) {
	ask := h.askOf(desk, q)
	want := map[string]oracle.Result{}
	var diffs []string
	for _, metric := range oracle.Keys() {
		result := w.Query(metric, q.from, q.to, q.by, q.where)
		one := ask
		one.Metrics = []string{metric}
		if refused := one.Check() != nil; refused != (result.Refused != "") {
			diffs = append(diffs, fmt.Sprintf("%s: refused: %v, the oracle: %q", metric, one.Check(), result.Refused))
		} else if !refused {
			want[metric] = result
			ask.Metrics = append(ask.Metrics, metric)
		}
	}
	return ask, want, diffs
}

// differ compares every metric of a question and tells what differs.
func (h *history) differ(desk *report.Desk, w *oracle.World, q question) []string {
	ask, want, diffs := h.ask(desk, w, q)
	if len(ask.Metrics) == 0 {
		return diffs
	}
	got, err := desk.Answer(context.Background(), ask, q.now.UnixMilli())
	if err != nil {
		return append(diffs, err.Error())
	}
	for i, metric := range ask.Metrics {
		rows := map[string]report.Figure{}
		for _, r := range got.Rows {
			key := slices.Clone(r.Values)
			for k, d := range ask.By {
				if d == analytics.ByAgent {
					key[k] = got.Roster.Agent(key[k]).Name
				}
			}
			rows[strings.Join(key, "|")] = r.Figures[i]
		}
		diffs = append(diffs, differFigure(metric+" total", got.Metrics[i].Stock, got.Total.Figures[i], want[metric].Total)...)
		for _, r := range want[metric].Rows {
			key := strings.Join(r.Key, "|")
			diffs = append(diffs, differFigure(metric+" "+key, got.Metrics[i].Stock, rows[key], r.Figure)...)
			delete(rows, key)
		}
		for key, f := range rows {
			if f.N != 0 || f.Num != 0 || f.Den != 0 || f.Unit == analytics.Seconds && f.Waiting != nil && *f.Waiting != 0 {
				diffs = append(diffs, fmt.Sprintf("%s: row %q is not the oracle's: n=%d", metric, key, f.N))
			}
		}
	}
	return diffs
}

func differFigure(key string, stock bool, got report.Figure, want oracle.Figure) []string {
	var diffs []string
	note := func(what string, a, b any) {
		diffs = append(diffs, fmt.Sprintf("%s: %s is %v, the oracle says %v", key, what, a, b))
	}
	number := func(p *float64, by float64) float64 {
		if p == nil {
			return math.NaN()
		}
		return *p / by
	}
	compare := func(what string, g, w *float64, by, tolerance float64) {
		a, b := number(g, by), number(w, 1)
		if math.IsNaN(a) != math.IsNaN(b) || math.Abs(a-b) > tolerance*math.Abs(b)+1e-6 {
			note(what, a, b)
		}
	}
	switch {
	case got.Unit == analytics.Seconds && !stock && (got.Max != nil || got.Mean != nil || want.Mean != nil):
		if got.N != int64(want.N) {
			note("n", got.N, want.N)
		}
		compare("mean", got.Mean, want.Mean, 1000, 1e-9)
		compare("max", got.Max, want.Max, 1000, 1e-9)
		compare("p50", got.P50, want.P50, 1000, 0.01)
		compare("p90", got.P90, want.P90, 1000, 0.01)
	case got.Unit == analytics.Seconds:
		compare("value", got.Value, want.Value, 1000, 0.01)
	default:
		compare("value", got.Value, want.Value, 1, 1e-9)
		if got.Num != int64(want.Num) || got.Den != int64(want.Den) {
			note("share", fmt.Sprint(got.Num, "/", got.Den), fmt.Sprint(want.Num, "/", want.Den))
		}
	}
	if got.Unit == analytics.Seconds && got.Waiting != nil && *got.Waiting != int64(want.Waiting) {
		note("waiting", *got.Waiting, want.Waiting)
	}
	return diffs
}

// TestOracleAgrees compares every metric with an independent slow program, on
// both databases, whatever order the events came in.
func TestOracleAgrees(t *testing.T) {
	seeds, n := 20, 1500
	if testing.Short() {
		seeds, n = 4, 600
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h := newHistory(t, uint64(seed), n)
			end := h.events[len(h.events)-1].At.Add(36 * time.Hour)
			worlds := map[time.Time]*oracle.World{}
			for name, dsn := range server.Databases(t) {
				t.Run(name, func(t *testing.T) {
					s, err := store.Open(dsn)
					require.NoError(t, err)
					defer s.Close()
					h.record(t, s, oracle.Shuffle(h.events, uint64(seed), 0.3, 400), end.UnixMilli())
					desk := h.desk(t, s)
					var diffs []string
					for _, q := range h.questions(end) {
						if worlds[q.now] == nil {
							worlds[q.now] = oracle.Replay(h.shop, h.events, q.now)
						}
						for _, d := range h.differ(desk, worlds[q.now], q) {
							diffs = append(diffs, fmt.Sprintf("by %v where %v from %s to %s as of %s: %s", q.by, q.where,
								q.from.Format(time.RFC3339), q.to.Format(time.RFC3339), q.now.Format(time.RFC3339), d))
						}
					}
					if len(diffs) > 0 {
						t.Errorf("%d differences, the first:\n%s", len(diffs), strings.Join(diffs[:min(len(diffs), 25)], "\n"))
					}
				})
			}
		})
	}
}

// TestOracleAgreesAtAnyMoment compares as of moments inside a quarter hour, with
// events recorded that only happen after it: what lies ahead, by a wrong clock or
// because time alone brings it about, is no figure yet.
func TestOracleAgreesAtAnyMoment(t *testing.T) {
	seeds := 6
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h := newHistory(t, uint64(100+seed), 600)
			now := h.between(seed)
			for name, dsn := range server.Databases(t) {
				t.Run(name, func(t *testing.T) {
					s, err := store.Open(dsn)
					require.NoError(t, err)
					defer s.Close()
					h.record(t, s, oracle.Shuffle(h.events, uint64(seed), 0.3, 100), now.UnixMilli())
					desk := h.desk(t, s)
					for _, d := range h.differAt(desk, now) {
						t.Error(d)
					}
				})
			}
		})
	}
}

// between returns a moment of the latter half with events of one contact on both
// sides of it in one quarter hour.
func (h *history) between(seed int) time.Time {
	list := h.events[len(h.events)*(4+seed)/10:]
	for i := 1; i < len(list); i++ {
		a, b := list[i-1], list[i]
		if a.At.Before(b.At) && a.At.Truncate(15*time.Minute).Equal(b.At.Truncate(15*time.Minute)) && a.Contact != nil && b.Contact != nil && a.Contact.ID == b.Contact.ID {
			return b.At.Add(-time.Millisecond)
		}
	}
	return list[0].At
}

// differAt compares periods that end with or around now.
func (h *history) differAt(desk *report.Desk, now time.Time) (diffs []string) {
	w := oracle.Replay(h.shop, h.events, now)
	today := h.zone.DayOf(now.UnixMilli())
	start := func(d analytics.Day) time.Time { return h.zone.Time(h.zone.Start(d)) }
	for _, span := range [][2]time.Time{
		{start(today), start(today + 1)}, {start(today - 7), now}, {start(today - 30), start(today + 30)},
		{now.Add(-20 * time.Minute), now.Add(time.Hour)}, {now.Add(-4 * time.Minute), now.Add(time.Minute)}, {now.Add(-time.Hour), now.Add(-time.Minute)},
	} {
		for _, by := range [][]string{nil, {"agent"}, {"hour"}, {"channel", "day"}} {
			q := question{span[0], span[1], now, by, nil}
			for _, d := range h.differ(desk, w, q) {
				diffs = append(diffs, fmt.Sprintf("by %v from %s to %s as of %s: %s", by, q.from.Format(time.RFC3339), q.to.Format(time.RFC3339), now.Format(time.RFC3339), d))
			}
		}
	}
	return diffs[:min(len(diffs), 25)]
}
