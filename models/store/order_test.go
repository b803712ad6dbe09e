package store_test

import (
	"context"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/internal/oracle"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// orderEnv and ordersEnv say how many events come in how many orders.
const (
	orderEnv  = "PULSO_ORDER_EVENTS"
	ordersEnv = "PULSO_ORDER_ORDERS"
)

func fromEnv(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// TestOrderDoesNotMatter absorbs one history in several random orders, in random
// batches and with every third event repeated, on both databases: each time every
// figure must come out as when all was told once and in order.
func TestOrderDoesNotMatter(t *testing.T) {
	n, orders := fromEnv(t, orderEnv, 1500), fromEnv(t, ordersEnv, 3)
	if testing.Short() {
		n, orders = min(n, 600), min(orders, 1)
	}
	h := newHistory(t, 3, n)
	end := h.events[len(h.events)-1].At.Add(36 * time.Hour)
	straight := storetest.SQLite(t)
	want := h.figures(t, straight, inOrder(h.events, 500), end)
	require.Len(t, want, 21) // all in all, now and in the middle, and by 19 dimensions
	for k := range orders {
		batches := oracle.Shuffle(h.events, uint64(k)+100, 0.3, max(50, n/20))
		for name, dsn := range map[string]func() store.DSN{
			"sqlite": func() store.DSN { return storetest.SQLite(t) },
			"mysql":  func() store.DSN { return server.MySQL(t) },
		} {
			t.Run(name+" "+strconv.Itoa(k), func(t *testing.T) {
				got := h.figures(t, dsn(), batches, end)
				require.Len(t, got, len(want))
				for q := range want {
					if !assert.Equal(t, want[q], got[q]) {
						break
					}
				}
			})
		}
	}
}

// inOrder deals events out as they happened.
func inOrder(events []oracle.Event, batch int) [][]oracle.Event {
	var batches [][]oracle.Event
	for len(events) > 0 {
		n := min(batch, len(events))
		batches = append(batches, events[:n])
		events = events[n:]
	}
	return batches
}

// figures absorbs batches into a new database and returns the JSON of every
// metric by every dimension, at the end and, without dimensions, in the middle.
func (h *history) figures(t *testing.T, dsn store.DSN, batches [][]oracle.Event, end time.Time) []string {
	s, err := store.Open(dsn)
	require.NoError(t, err)
	defer s.Close()
	began := time.Now()
	h.record(t, s, batches, end.UnixMilli())
	folded := time.Since(began)
	desk := h.desk(t, s)
	var list []string
	for _, ask := range h.everything() {
		list = append(list, answer(t, desk, ask, end))
		if len(ask.By) == 0 {
			list = append(list, answer(t, desk, ask, time.UnixMilli((ask.Period.From+ask.Period.To)/2)))
		}
	}
	t.Logf("%d batches folded in %v, %d answers in %v", len(batches), folded.Round(time.Millisecond), len(list), (time.Since(began) - folded).Round(time.Millisecond))
	return list
}

func answer(t *testing.T, desk *report.Desk, ask report.Ask, now time.Time) string {
	a, err := desk.Answer(context.Background(), ask, now.UnixMilli())
	require.NoError(t, err)
	text, err := json.Marshal(desk.JSON(a))
	require.NoError(t, err)
	return string(text)
}

// everything asks for all metrics over the whole history, in all and by every
// dimension, each with the metrics that it fits.
func (h *history) everything() []report.Ask {
	whole := analytics.Span{From: h.events[0].At.UnixMilli() - 86_400_000, To: h.events[len(h.events)-1].At.UnixMilli() + 86_400_000}
	all := report.Ask{Period: whole}
	fit := map[analytics.Dim]*report.Ask{}
	var list []report.Ask
	dims := append(strings.Fields("agent team channel platform type source sender template pricing_category error opened_by closed_by category contact_kind"), oracle.TimeDimensions()...)
	for _, m := range analytics.Catalogue() {
		all.Metrics = append(all.Metrics, m.Key)
		for _, key := range dims {
			d, ok := analytics.ParseDim(key)
			if !ok || !m.Fits(d) {
				continue
			}
			if fit[d] == nil {
				fit[d] = &report.Ask{Period: whole, By: []analytics.Dim{d}}
			}
			fit[d].Metrics = append(fit[d].Metrics, m.Key)
		}
	}
	list = append(list, all)
	for _, key := range dims {
		d, _ := analytics.ParseDim(key)
		list = append(list, *fit[d])
	}
	return list
}
