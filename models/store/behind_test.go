package store_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/internal/oracle"
	"pulso/models/store"
)

// heap is what the items behind one figure add up to.
type heap struct{ n, sum, longest, num, den int64 }

func (h *heap) add(i *report.Item) {
	h.n++
	h.sum += i.Value
	h.longest = max(h.longest, i.Value)
	if i.Num {
		h.num++
	}
	if i.Den {
		h.den++
	}
}

// amounts checks a figure against the items behind it.
func (h *heap) amounts(m analytics.Metric, f report.Figure) string {
	same := true
	switch {
	case m.Unit == analytics.Share:
		same = f.Num == h.num && f.Den == h.den
	case m.Unit == analytics.Count:
		same = *f.Value == float64(h.n)
	default:
		same = f.N == h.n && (f.Max == nil) == (h.n == 0) && (f.Max == nil || *f.Max == float64(h.longest))
		if f.Mean != nil {
			same = same && *f.Mean == float64(h.sum)/float64(h.n)
		}
	}
	if same {
		return ""
	}
	return fmt.Sprintf("%s: the figure is n=%d value=%v of %d/%d, the rows behind it come to %+v", m.Key, f.N, f.Value, f.Num, f.Den, *h)
}

// behind compares every metric of a question with the items behind it.
func (h *history) behind(t *testing.T, desk *report.Desk, q question) (diffs []string, items int) {
	for _, m := range analytics.Catalogue() {
		ask := h.askOf(desk, q)
		ask.Metrics = []string{m.Key}
		if ask.Check() != nil {
			continue
		}
		a, err := desk.Answer(context.Background(), ask, q.now.UnixMilli())
		require.NoError(t, err)
		of, all, last := map[string]*heap{}, &heap{}, int64(0)
		require.NoError(t, desk.Behind(context.Background(), ask, q.now.UnixMilli(), func(i *report.Item) error {
			assert.GreaterOrEqual(t, i.At, last, "in order of time")
			assert.True(t, i.Message != nil || i.Conversation != nil || i.Seen != nil || i.Fact != nil, "an item is something")
			last = i.At
			key := strings.Join(i.Values, "|")
			if of[key] == nil {
				of[key] = &heap{}
			}
			of[key].add(i)
			all.add(i)
			return nil
		}))
		items += int(all.n)
		if len(ask.By) == 0 {
			if said := all.amounts(m, a.Total.Figures[0]); said != "" {
				diffs = append(diffs, said)
			}
			continue
		}
		for _, r := range a.Rows {
			key := strings.Join(r.Values, "|")
			mine := of[key]
			if mine == nil {
				mine = &heap{}
			}
			delete(of, key)
			if said := mine.amounts(m, r.Figures[0]); said != "" {
				diffs = append(diffs, key+": "+said)
			}
		}
		for key, rest := range of {
			diffs = append(diffs, fmt.Sprintf("%s: no figure has the row %q, which %d items are behind", m.Key, key, rest.n))
		}
	}
	return diffs, items
}

// TestRowsBehindAddUp holds the rows behind a figure to the figure: whatever is
// asked, on both databases, from the cells and as of an earlier time.
func TestRowsBehindAddUp(t *testing.T) {
	seeds := 3
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		for name, dsn := range server.Databases(t) {
			t.Run(fmt.Sprint(name, " seed ", seed), func(t *testing.T) {
				h := newHistory(t, uint64(seed), 500)
				end := h.events[len(h.events)-1].At.Add(36 * time.Hour)
				s, err := store.Open(dsn)
				require.NoError(t, err)
				defer s.Close()
				h.record(t, s, oracle.Shuffle(h.events, uint64(seed), 0.3, 400), end.UnixMilli())
				desk := h.desk(t, s)
				items := 0
				for i, q := range h.questions(end) {
					if i%seeds != seed { // each question on one of the histories
						continue
					}
					diffs, n := h.behind(t, desk, q)
					items += n
					require.Empty(t, diffs, "by %v where %v from %s to %s as of %s", q.by, q.where, q.from, q.to, q.now)
				}
				require.Positive(t, items)
			})
		}
	}
}
