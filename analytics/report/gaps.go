package report

import (
	"cmp"
	"math"
	"slices"

	"pulso/analytics"
)

// A gap is a stretch without any message at a time when, on the same weekdays
// of the four weeks before, something came so regularly that silence by chance is
// out of the question. Messages come in bursts, so what counts is not how many
// came but in how many of the weeks a quarter hour had any: with k of four, it is
// silent by chance with a probability of 1 − (k + ½) / 5, whose −ln is its weight.
// As a quarter hour shares its luck with the one before, a toll is taken from
// each weight: a night in which now and then somebody writes never adds up. And
// three of the weeks must agree that the stretch is a busy one. Holidays neither
// have gaps nor tell what is usual.
const (
	gapWeeks    = 4
	gapToll     = 0.6
	gapTogether = 11.0           // least weight of a silence of all channels together
	gapAlone    = 15.0           // of one channel, whose traffic is lumpier
	gapAgreeing = 3              // weeks with at least half of the four's mean activity
	gapLead     = 24 * 3_600_000 // ms
	longestGaps = 20             // stretches told, at most
)

// gaps returns the stretches of the period in which a normally busy channel, or
// all of them together, told us nothing, so that figures may be incomplete.
func (s *session) gaps(period analytics.Span) ([]analytics.Span, error) {
	zone := s.Rules.Zone
	period = zone.Slots(period.Cut(s.now))
	if period.Empty() || period.To-period.From > 100*gapLead || !s.current() {
		return nil, nil
	}
	around := zone.Slots(analytics.Span{From: period.From - gapLead, To: period.To + gapLead}.Cut(s.now))
	seen, err := s.traffic(around)
	if err != nil {
		return nil, err
	}
	var all []analytics.Span
	for channel, traffic := range seen {
		q := quiet{zone: zone, holiday: s.Rules.Hours.Holiday, traffic: traffic, least: gapAlone}
		if channel == "" {
			q.least = gapTogether
		}
		for _, x := range q.stretches(around) {
			if x = x.Within(period); !x.Empty() {
				all = append(all, x)
			}
		}
	}
	return union(all), nil
}

// quarters is how many messages were exchanged in each quarter hour since the
// epoch, from the one at from on.
type quarters struct {
	from int64
	n    []int64
}

// at returns how many were in the quarter hour that begins at ms.
func (q *quarters) at(ms int64) int64 {
	if i, ok := q.index(ms); ok {
		return q.n[i]
	}
	return 0
}

// add counts n more in the quarter hour that begins at ms, unless it lies outside:
// another version of the time zone may have put it into a day of another length.
func (q *quarters) add(ms, n int64) {
	if i, ok := q.index(ms); ok {
		q.n[i] += n
	}
}

func (q *quarters) index(ms int64) (int64, bool) {
	i := ms/analytics.SlotMS - q.from
	return i, i >= 0 && i < int64(len(q.n))
}

// traffic returns what each channel, and under "" all together, exchanged in a
// span and on the same days of the weeks before it.
func (s *session) traffic(span analytics.Span) (map[string]*quarters, error) {
	zone := s.Rules.Zone
	stretches := sameDays(zone.DayOf(span.From), zone.DayOf(span.To-1)+1)
	from := zone.Start(stretches[0][0]) / analytics.SlotMS
	length := zone.Start(stretches[len(stretches)-1][1])/analytics.SlotMS - from
	seen := map[string]*quarters{}
	of := func(channel string) *quarters {
		if seen[channel] == nil {
			seen[channel] = &quarters{from, make([]int64, length)}
		}
		return seen[channel]
	}
	all := of("")
	owns := map[string]*quarters{} // by the dimensions of a cell
	add := func(k analytics.CellKey, body []byte) error {
		own := owns[k.Dims]
		if own == nil {
			own = of(analytics.ChannelOf(k))
			owns[k.Dims] = own
		}
		return analytics.EachSlot(k, body, zone, func(at, n int64) {
			own.add(at, n)
			if own != all {
				all.add(at, n)
			}
		})
	}
	for _, g := range analytics.TrafficGroups() {
		clear(owns) // the groups tell different dimensions apart
		for _, days := range stretches {
			if err := s.Read.Cells(s.ctx, g, analytics.TierByOthers, days[0], days[1], add); err != nil {
				return nil, err
			}
		}
	}
	return seen, nil
}

// sameDays returns the days [from, to) and those of the weeks before them, the
// earliest first, joined where they touch. A day more is read at each end,
// because a day of 25 hours reaches into the next one of its earlier weeks.
func sameDays(from, to analytics.Day) (list [][2]analytics.Day) {
	for week := analytics.Day(gapWeeks); week >= 0; week-- {
		a, b := from-7*week, to-7*week+1
		if n := len(list); n > 0 && a <= list[n-1][1] {
			list[n-1][1] = b
			continue
		}
		list = append(list, [2]analytics.Day{a, b})
	}
	return list
}

// quiet looks for silence in the traffic of one source, by quarter hour.
type quiet struct {
	zone    analytics.Zone
	holiday func(analytics.Day) bool
	traffic *quarters
	least   float64 // weight of a gap
}

// stretches returns the gaps that lie in a span of whole quarter hours. Each
// begins and ends with a quarter hour in which something usually comes.
func (q quiet) stretches(span analytics.Span) []analytics.Span {
	var out []analytics.Span
	var now, deepest silence
	flush := func() {
		if deepest.weight >= q.least && deepest.busy() {
			out = append(out, deepest.Span)
		}
		now, deepest = silence{}, silence{}
	}
	last := q.zone.DayOf(span.To - 1)
	for d := q.zone.DayOf(span.From); d <= last; d++ {
		whole := q.zone.Days(d, d+1)
		earlier := q.earlier(d)
		for at := max(whole.From, span.From); at < min(whole.To, span.To); at += analytics.SlotMS {
			if q.traffic.at(at) > 0 {
				flush()
			} else if !q.holiday(d) {
				now.extend(at, at-whole.From, earlier, q.traffic)
				if now.weight > deepest.weight {
					deepest = now
				}
			}
		}
	}
	flush()
	return out
}

// earlier returns when the same weekday of the weeks before began; 0 for a week in
// which it was a holiday, and tells nothing.
func (q quiet) earlier(d analytics.Day) (starts [gapWeeks]int64) {
	for week := range starts {
		if then := d - 7*analytics.Day(week+1); !q.holiday(then) {
			starts[week] = q.zone.Start(then)
		}
	}
	return starts
}

// silence is a stretch without traffic, and in each of the weeks before, how many
// of its quarter hours tell something and how many had traffic.
type silence struct {
	analytics.Span
	weight        float64
	asked, active [gapWeeks]int
}

// extend adds a quarter hour that begins into ms after its day; a silence that
// weighs nothing begins anew.
func (x *silence) extend(at, into int64, earlier [gapWeeks]int64, traffic *quarters) {
	if x.weight <= 0 {
		*x = silence{Span: analytics.Span{From: at}}
	}
	weeks, busy := 0, 0
	for week, start := range earlier {
		if start == 0 {
			continue
		}
		weeks++
		x.asked[week]++
		if traffic.at(start+into) > 0 {
			busy++
			x.active[week]++
		}
	}
	x.To = at + analytics.SlotMS
	x.weight -= gapToll
	if busy > 0 {
		x.weight -= math.Log(1 - (float64(busy)+0.5)/float64(weeks+1))
	}
}

// busy reports whether enough of the weeks had traffic in the stretch, so that
// one lively week does not speak for four. A week of holidays does not object.
func (x *silence) busy() bool {
	asked, active, agreeing := 0, 0, 0
	for week := range x.asked {
		asked += x.asked[week]
		active += x.active[week]
	}
	for week := range x.asked {
		if 2*x.active[week]*asked >= active*x.asked[week] {
			agreeing++
		}
	}
	return agreeing >= gapAgreeing
}

// union joins spans that touch, in order.
func union(spans []analytics.Span) []analytics.Span {
	slices.SortFunc(spans, func(a, b analytics.Span) int { return cmp.Compare(a.From, b.From) })
	var out []analytics.Span
	for _, x := range spans {
		if n := len(out); n > 0 && x.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, x.To)
			continue
		}
		out = append(out, x)
	}
	return out[:min(len(out), longestGaps)]
}
