package oracle

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// forever is a period that holds every history.
func forever() (time.Time, time.Time) {
	return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
}

func flat(batches [][]Event) []Event { return slices.Concat(batches...) }

// "Everything is independent of order, repetition and batching of deliveries."
func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	from, to := forever()
	for seed := uint64(1); seed <= 4; seed++ {
		events := Generate(seed, 1500, Options{Zone: zone(t, "Europe/Madrid"), Undecided: seed%2 == 0})
		b := Shop(zone(t, "Europe/Madrid"))
		now := events[len(events)*3/4].At
		plain := Replay(b, events, now)
		dealt := Replay(b, flat(Shuffle(events, seed, 0.5, 30)), now)
		assert.Equal(t, plain.Lists(), dealt.Lists())
		for _, key := range Keys() {
			assert.Equal(t, plain.Query(key, from, to, Dimensions(key), nil), dealt.Query(key, from, to, Dimensions(key), nil), key)
		}
	}
}

// As of T, what happens after T makes no difference.
func TestTheFutureDoesNotExist(t *testing.T) {
	events := Generate(21, 3000, Options{})
	for _, i := range []int{500, 1500, 2500} {
		now := events[i].At
		var past []Event
		for _, e := range events {
			if !e.At.After(now) {
				past = append(past, e)
			}
		}
		assert.Equal(t, Replay(Shop(nil), past, now).Lists(), Replay(Shop(nil), events, now).Lists())
	}
}

// The rows of a figure that counts each thing once add up to its total, by every
// dimension and by pairs of them.
func TestRowsAddUp(t *testing.T) {
	from, to := forever()
	events := Generate(31, 4000, Options{Zone: zone(t, "America/New_York")})
	w := Replay(Shop(zone(t, "America/New_York")), events, events[3500].At)
	for _, key := range Keys() {
		if overlaps(key) {
			continue
		}
		total := w.Query(key, from, to, nil, nil).Total
		for _, by := range groupings(key) {
			sum := Figure{Value: new(float64)}
			for _, row := range w.Query(key, from, to, by, nil).Rows {
				sum.N, sum.Num, sum.Den, sum.Waiting = sum.N+row.N, sum.Num+row.Num, sum.Den+row.Den, sum.Waiting+row.Waiting
				*sum.Value += value(row.Figure)
			}
			assert.Equal(t, []int{total.N, total.Num, total.Den, total.Waiting}, []int{sum.N, sum.Num, sum.Den, sum.Waiting}, "%s by %v", key, by)
			if Unit(key) == "n" {
				assert.InDelta(t, *total.Value, *sum.Value, 1e-9, "%s by %v", key, by)
			}
		}
	}
}

// overlaps reports whether one thing may count in several rows.
func overlaps(key string) bool {
	switch key {
	case "conversations_assigned", "conversations_handled", "contacts_returning", "contact_reply_rate", "longest_wait":
		return true
	}
	return false
}

func groupings(key string) [][]string {
	dims := slices.Clone(Dimensions(key))
	if !IsStock(key) {
		dims = append(dims, TimeDimensions()...)
	}
	var out [][]string
	for i, d := range dims {
		out = append(out, []string{d}, []string{dims[len(dims)-1], dims[i/2]})
	}
	return out
}

// A row is the same question asked of that value alone; a day's row the same
// question asked of that day alone.
func TestRowIsTheQuestionAskedOfItAlone(t *testing.T) {
	from, to := forever()
	z := zone(t, "America/New_York")
	events := Generate(41, 2500, Options{Zone: z})
	w := Replay(Shop(z), events, events[2400].At)
	for _, key := range Keys() {
		for _, dim := range Dimensions(key) {
			for _, row := range w.Query(key, from, to, []string{dim}, nil).Rows {
				alone := w.Query(key, from, to, nil, map[string][]string{dim: row.Key}).Total
				require.Equal(t, row.Figure, alone, "%s %s=%q", key, dim, row.Key[0])
			}
		}
		if IsStock(key) {
			continue
		}
		for _, row := range w.Query(key, from, to, []string{"day"}, nil).Rows {
			day := w.cal.start(row.Key[0])
			alone := w.Query(key, time.UnixMilli(day), time.UnixMilli(w.cal.start(next(row.Key[0]))), nil, nil).Total
			require.Equal(t, row.Figure, alone, "%s on %s", key, row.Key[0])
		}
	}
}

// Shares of cohorts never exceed 1; funnels narrow.
func TestFunnelsNarrow(t *testing.T) {
	from, to := forever()
	events := Generate(51, 4000, Options{})
	w := Replay(Shop(nil), events, events[len(events)-1].At)
	n := func(key string) float64 { return *w.Query(key, from, to, nil, nil).Total.Value }
	assert.GreaterOrEqual(t, n("messages_sent"), n("messages_delivered")+n("messages_failed")+n("no_receipt"))
	assert.GreaterOrEqual(t, n("messages_delivered"), n("messages_read"))
	assert.Equal(t, n("messages_sent"), n("messages_in_window")+n("messages_out_window"))
	assert.Equal(t, n("conversations_opened"), n("conversations_closed")+n("conversations_open"))
	assert.GreaterOrEqual(t, n("conversations_open"), n("conversations_waiting"))
	assert.GreaterOrEqual(t, n("conversations_waiting"), n("windows_expiring"))
	first := w.Query("first_response", from, to, nil, nil).Total
	target := w.Query("answered_in_target", from, to, nil, nil).Total
	assert.GreaterOrEqual(t, target.Den, first.N)
	assert.GreaterOrEqual(t, first.N, target.Num)
	assert.GreaterOrEqual(t, w.Query("response_time", from, to, nil, nil).Total.N, first.N)
	assert.LessOrEqual(t, *w.Query("first_response_business", from, to, nil, nil).Total.Mean, *first.Mean)
}

func TestUnknownMetricIsRefused(t *testing.T) {
	from, to := forever()
	w := Replay(Business{}, nil, to)
	assert.NotEmpty(t, w.Query("revenue", from, to, nil, nil).Refused)
	assert.Equal(t, Figure{Value: number(0)}, w.Query("messages_sent", from, to, nil, nil).Total)
	assert.Empty(t, w.Lists())
}

// Nearest rank, against its definition: q·n values at or below it, and no smaller
// value has as many.
func TestRank(t *testing.T) {
	for n := 1; n <= 40; n++ {
		var list []int64
		for i := range n {
			list = append(list, int64(i*i))
		}
		for _, q := range []int{50, 90} {
			got := rank(list, q)
			below := func(v int64) float64 {
				return float64(len(slices.DeleteFunc(slices.Clone(list), func(x int64) bool { return x > v })))
			}
			need := math.Ceil(float64(q*n) / 100)
			assert.GreaterOrEqual(t, below(got), need)
			assert.Less(t, below(got-1), need)
		}
	}
}

// A history of 20,000 events answers every metric, by all that fits it; it takes
// seconds.
func TestLargeHistory(t *testing.T) {
	from, to := forever()
	z := zone(t, "America/New_York")
	events := Generate(61, 20000, Options{Zone: z})
	w := Replay(Shop(z), events, events[len(events)-1].At)
	for _, key := range Keys() {
		for _, by := range groupings(key)[:min(2, len(groupings(key)))] {
			r := w.Query(key, from, to, by, nil)
			assert.Empty(t, r.Refused, key)
			assert.False(t, r.Total.NoSchedule, key)
		}
	}
}
