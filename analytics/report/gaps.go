package report

import (
	"cmp"
	"math"
	"slices"

	"pulso/analytics"
)

// A gap is a stretch without any message of a channel at a time when, on the
// same weekdays of the four weeks before, so much came that silence by chance is
// out of the question. Messages come in bursts, so what counts is not how many
// came but in how many of the weeks a quarter hour had any: with k of four, it is
// silent by chance with a probability of 1 − (k + ½) / 5, and the stretch with
// the product of these. As quarter hours of one morning share their luck, the
// weeks must also agree that the stretch is a busy one.
const (
	gapWeeks    = 4
	gapWeight   = 10.0 // least −ln of the probability that chance left it silent
	gapAgreeing = 3    // weeks with at least half of the four's mean activity
	gapLead     = windowMS
	longestGaps = 20 // stretches told, at most
)

// gaps returns the stretches of the period in which a normally busy channel, or
// all of them together, told us nothing, so that figures may be incomplete.
func (s *session) gaps(period analytics.Span) ([]analytics.Span, error) {
	zone := s.Rules.Zone
	period = zone.Slots(period.Cut(s.now))
	if period.Empty() || period.To-period.From > 100*windowMS || !s.current() {
		return nil, nil
	}
	around := zone.Slots(analytics.Span{From: period.From - gapLead, To: period.To + gapLead}.Cut(s.now))
	seen, err := s.traffic(around)
	if err != nil {
		return nil, err
	}
	var all []analytics.Span
	for _, traffic := range seen {
		q := quiet{zone: zone, holiday: s.Rules.Hours.Holiday, traffic: traffic}
		for _, x := range q.stretches(around) {
			if x = x.Within(period); !x.Empty() {
				all = append(all, x)
			}
		}
	}
	return union(all), nil
}

// traffic returns how many messages each channel, and under "" all together,
// exchanged in each quarter hour of a span and of the weeks before it.
func (s *session) traffic(span analytics.Span) (map[string]map[int64]int64, error) {
	zone := s.Rules.Zone
	from, to := zone.DayOf(span.From)-7*gapWeeks, zone.DayOf(span.To-1)+1
	seen := map[string]map[int64]int64{"": {}}
	for _, g := range analytics.TrafficGroups() {
		err := s.Read.Cells(s.ctx, g, analytics.TierByOthers, from, to, func(k analytics.CellKey, c *analytics.Cell) {
			channel := analytics.ChannelOf(k)
			if seen[channel] == nil {
				seen[channel] = map[int64]int64{}
			}
			c.EachSlot(zone, k.Day, func(at, n int64) {
				seen[channel][at] += n
				if channel != "" {
					seen[""][at] += n
				}
			})
		})
		if err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// quiet looks for silence in the traffic of one source, by quarter hour.
type quiet struct {
	zone    analytics.Zone
	holiday func(analytics.Day) bool
	traffic map[int64]int64
}

// stretches returns the gaps that lie in a span of whole quarter hours. Each
// begins and ends with a quarter hour in which something usually comes.
func (q quiet) stretches(span analytics.Span) []analytics.Span {
	var out []analytics.Span
	var open silence
	flush := func() {
		if open.gap() {
			out = append(out, open.Span)
		}
		open = silence{}
	}
	for at := span.From; at < span.To; at += analytics.SlotMS {
		if q.traffic[at] > 0 {
			flush()
		} else if !q.holiday(q.zone.DayOf(at)) {
			open.extend(at, q.before(at))
		}
	}
	flush()
	return out
}

// before tells in which of the weeks before the same quarter hour had traffic.
func (q quiet) before(at int64) (busy [gapWeeks]bool) {
	for week := range busy {
		busy[week] = q.traffic[q.zone.Back(at, 7*analytics.Day(week+1))] > 0
	}
	return busy
}

// silence is a stretch without traffic, and how busy it was in earlier weeks.
type silence struct {
	analytics.Span
	weight float64
	active [gapWeeks]int
}

// extend adds a quarter hour.
func (x *silence) extend(at int64, busy [gapWeeks]bool) {
	k := 0
	for week, b := range busy {
		if b {
			x.active[week]++
			k++
		}
	}
	if k == 0 {
		return
	}
	if x.weight == 0 {
		x.From = at
	}
	x.To = at + analytics.SlotMS
	x.weight -= math.Log(1 - (float64(k)+0.5)/(gapWeeks+1))
}

// gap reports whether chance is no explanation.
func (x *silence) gap() bool {
	sum, agreeing := 0, 0
	for _, n := range x.active {
		sum += n
	}
	for _, n := range x.active {
		if 2*gapWeeks*n >= sum {
			agreeing++
		}
	}
	return x.weight >= gapWeight && agreeing >= gapAgreeing
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
