package report

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/models"
)

const minute = int64(60_000)

// traffic is a business that exchanges messages in bursts, as people do.
type traffic struct {
	zone   analytics.Zone
	random *rand.Rand
	cells  map[analytics.CellKey]*analytics.Cell
	rules  *analytics.Rules
	tally  *analytics.Tally
	lost   func(at int64) bool
}

func newTraffic(t testing.TB, seed uint64, lost func(at int64) bool, holidays ...string) *traffic {
	hours, faults := analytics.ParseHours(map[string][]string{"mon": {"08:00-18:00"}}, holidays)
	require.Empty(t, faults)
	rules := &analytics.Rules{Zone: analytics.MustZone("America/Bogota"), Hours: hours, IdleClose: gapLead, InboxIdleClose: 30 * gapLead, Target: 10 * minute}
	return &traffic{
		zone: rules.Zone, rules: rules, random: rand.New(rand.NewPCG(seed, 7)), cells: map[analytics.CellKey]*analytics.Cell{},
		tally: analytics.NewTally(rules), lost: lost,
	}
}

// perHour is how many conversations begin in each hour, against each other.
var perHour = [24]float64{0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 1, 3, 5, 6, 5.5, 3, 2.6, 4.4, 5, 5, 4, 2.2, 1.6, 1.3, 0.9, 0.5, 0.3}

var perWeekday = [8]float64{0, 1.2, 1.1, 1.05, 1, 1.1, 0.7, 0.3}

// day invents the conversations of a channel on a local day.
func (w *traffic) day(channel string, d analytics.Day, perDay float64) {
	for hour := range 24 {
		mean := perDay * perWeekday[d.Weekday()] * perHour[hour] / 52.6
		for n := w.poisson(mean); n > 0; n-- {
			w.talk(channel, w.zone.Start(d)+int64(hour)*60*minute+w.random.Int64N(60*minute))
		}
	}
}

// poisson draws a count.
func (w *traffic) poisson(mean float64) int {
	n := -1
	for t := 0.0; t < mean; t += w.random.ExpFloat64() {
		n++
	}
	return max(n, 0)
}

// talk is a burst: a handful of messages, minutes apart.
func (w *traffic) talk(channel string, at int64) {
	for n := 3 + w.random.IntN(10); n > 0; n-- {
		dir := models.In
		if n%2 == 0 {
			dir = models.Out
		}
		if !w.lost(at) {
			m := models.Placed{Message: models.Message{Channel: channel, Dir: dir, Kind: "text", ProviderAt: at}}
			w.tally.Message(&m, 1)
		}
		at += int64(w.random.ExpFloat64() * 4 * float64(minute))
	}
}

// record reads the traffic as if it were the record.
type record struct {
	Reader
	cells map[analytics.CellKey]*analytics.Cell
	print string
}

func (r record) Standing(context.Context, int64) (Standing, error) {
	return Standing{Rules: r.print, Since: 1}, nil
}

func (r record) Cells(_ context.Context, g analytics.Group, t analytics.Tier, from, to analytics.Day, yield func(analytics.CellKey, []byte) error) error {
	for k, c := range r.cells {
		if k.Group == g && k.Tier == t && from <= k.Day && k.Day < to {
			if err := yield(k, c.Encode()); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r record) Moments(context.Context, analytics.Moments) (*analytics.Rows, error) {
	return &analytics.Rows{}, nil
}

func (w *traffic) gaps(t testing.TB, from, to string, now int64) []analytics.Span {
	w.tally.Apply(w.cells)
	return w.gapsIn(t, from, to, now)
}

func (w *traffic) gapsIn(t testing.TB, from, to string, now int64) []analytics.Span {
	desk := Desk{Rules: w.rules, Roster: analytics.NewRoster(nil, nil), Print: w.rules.Fingerprint(nil), Read: record{cells: w.cells, print: w.rules.Fingerprint(nil)}}
	a, err := desk.Answer(context.Background(), Ask{Metrics: []string{"messages_received"}, Period: w.zone.Days(day(t, from), day(t, to))}, now)
	require.NoError(t, err)
	return a.Gaps
}

func day(t testing.TB, s string) analytics.Day {
	d, err := analytics.ParseDay(s)
	require.NoError(t, err)
	return d
}

func local(t testing.TB, zone analytics.Zone, s string) int64 {
	at, err := time.ParseInLocation("2006-01-02 15:04", s, zone.Location())
	require.NoError(t, err)
	return at.UnixMilli()
}

func never(int64) bool { return false }

// fill invents 120 days of a busy, a middling and a small channel.
func (w *traffic) fill(t testing.TB) {
	first := day(t, "2026-03-02")
	for d := first; d < first+120; d++ {
		w.day("whatsapp:1", d, 70)
		w.day("whatsapp:2", d, 30)
		w.day("instagram:x", d, 8)
	}
}

// gapSeeds is how many quarters are invented; fewer than one false gap in each is
// expected, where counting messages as if each came by itself finds dozens.
const gapSeeds = 10

func TestBurstsAreNoGaps(t *testing.T) {
	found := 0
	for seed := range uint64(gapSeeds) {
		w := newTraffic(t, seed, never)
		w.fill(t)
		found += len(w.gaps(t, "2026-03-30", "2026-06-30", local(t, w.zone, "2026-06-30 12:00")))
	}
	assert.LessOrEqual(t, found, gapSeeds, "false gaps in %d quarters", gapSeeds)
}

func TestPlantedGapsAreFound(t *testing.T) {
	missed, more := 0, 0
	for seed := range uint64(gapSeeds) {
		zone := analytics.MustZone("America/Bogota")
		out := analytics.Span{From: local(t, zone, "2026-06-10 09:40"), To: local(t, zone, "2026-06-10 13:15")}
		w := newTraffic(t, seed, out.Holds)
		w.fill(t)
		gaps := w.gaps(t, "2026-03-30", "2026-06-30", local(t, w.zone, "2026-06-30 12:00"))
		hit := 0
		for _, g := range gaps {
			if g.From < out.To && out.From < g.To {
				hit++
				assert.InDelta(t, out.From, g.From, float64(60*minute))
				assert.InDelta(t, out.To, g.To, float64(60*minute))
			}
		}
		missed += 1 - min(hit, 1)
		more += len(gaps) - hit
	}
	assert.Zero(t, missed, "outages not found, of %d", gapSeeds)
	assert.LessOrEqual(t, more, gapSeeds, "false gaps in %d quarters", gapSeeds)
}

// TestQuietHolidaysAreNoGaps: nobody writes on a holiday, and only who does not
// know of it takes that for an outage.
func TestQuietHolidaysAreNoGaps(t *testing.T) {
	zone := analytics.MustZone("America/Bogota")
	for _, holidays := range [][]string{nil, {"2026-06-11"}} {
		off := zone.Days(day(t, "2026-06-11"), day(t, "2026-06-12"))
		w := newTraffic(t, 3, off.Holds, holidays...)
		w.fill(t)
		gaps := w.gaps(t, "2026-06-10", "2026-06-13", local(t, w.zone, "2026-06-30 12:00"))
		assert.Len(t, gaps, 1-len(holidays))
	}
}

// TestAHolidayIsNoExample: a quiet holiday a week before does not make an outage
// look usual, once it is known to be one.
func TestAHolidayIsNoExample(t *testing.T) {
	zone := analytics.MustZone("America/Bogota")
	out := analytics.Span{From: local(t, zone, "2026-06-18 09:00"), To: local(t, zone, "2026-06-18 11:30")}
	quiet := []string{"2026-06-04", "2026-06-11"}
	lost := func(at int64) bool {
		d := zone.DayOf(at).String()
		return out.Holds(at) || d == quiet[0] || d == quiet[1]
	}
	for _, holidays := range [][]string{nil, quiet} {
		w := newTraffic(t, 6, lost, holidays...)
		w.fill(t)
		gaps := w.gaps(t, "2026-06-18", "2026-06-19", local(t, w.zone, "2026-06-30 12:00"))
		assert.Len(t, gaps, len(holidays)/2)
	}
}

// TestAGapIsTheSameWhicheverPeriodIsAsked: an outage over midnight is found from
// both of its days, and each is told its part.
func TestAGapIsTheSameWhicheverPeriodIsAsked(t *testing.T) {
	zone := analytics.MustZone("America/Bogota")
	out := analytics.Span{From: local(t, zone, "2026-06-10 15:00"), To: local(t, zone, "2026-06-11 09:30")}
	w := newTraffic(t, 4, out.Holds)
	w.fill(t)
	w.tally.Apply(w.cells)
	now := local(t, zone, "2026-06-30 12:00")
	whole := w.gapsIn(t, "2026-06-09", "2026-06-13", now)
	require.Len(t, whole, 1)
	for _, d := range []string{"2026-06-10", "2026-06-11"} {
		first := day(t, d)
		assert.Equal(t, []analytics.Span{whole[0].Within(zone.Days(first, first+1))}, w.gapsIn(t, d, (first+1).String(), now), d)
	}
}

// TestAnOutageShowsWhileItLasts: it need not be over to be told.
func TestAnOutageShowsWhileItLasts(t *testing.T) {
	zone := analytics.MustZone("America/Bogota")
	out := analytics.Span{From: local(t, zone, "2026-06-10 09:00"), To: local(t, zone, "2026-07-30 00:00")}
	w := newTraffic(t, 5, out.Holds)
	w.fill(t)
	w.tally.Apply(w.cells)
	assert.Empty(t, w.gapsIn(t, "2026-06-10", "2026-06-11", local(t, zone, "2026-06-10 09:20")))
	now := local(t, zone, "2026-06-10 13:20")
	gaps := w.gapsIn(t, "2026-06-10", "2026-06-11", now)
	require.Len(t, gaps, 1)
	assert.Equal(t, local(t, zone, "2026-06-10 13:15"), gaps[0].To)
}

func TestAQuarterHourOutsideIsNotCounted(t *testing.T) {
	q := &quarters{from: 10, n: make([]int64, 2)}
	for slot := int64(8); slot < 14; slot++ {
		q.add(slot*analytics.SlotMS, 1)
	}
	assert.Equal(t, []int64{1, 1}, q.n)
	assert.Zero(t, q.at(9*analytics.SlotMS))
	assert.Zero(t, q.at(12*analytics.SlotMS))
}
