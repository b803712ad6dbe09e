package report

import (
	"slices"

	"pulso/analytics"
)

// A gap is a stretch without any message of a channel at a time when, on the
// same weekdays of the four weeks before, so many came that silence by chance
// is out of the question: with gapExpected of them expected, it happens once in
// a million such stretches.
const (
	gapExpected = 14.0
	gapWeeks    = 4
	longestGaps = 20 // stretches told, at most
)

// gaps returns the stretches of the period in which a normally busy channel
// told us nothing, so that figures may be incomplete.
func (s *session) gaps(period analytics.Span) ([]analytics.Span, error) {
	zone := s.Rules.Zone
	period = zone.Slots(period.Cut(s.now))
	if period.Empty() || period.To-period.From > 100*windowMS || !s.current() {
		return nil, nil
	}
	from, to := zone.DayOf(period.From), zone.DayOf(period.To-1)+1
	seen := map[string]map[int64]int64{}
	for _, g := range analytics.TrafficGroups() {
		err := s.Read.Cells(s.ctx, g, analytics.TierByOthers, from-7*gapWeeks, to, func(k analytics.CellKey, c *analytics.Cell) {
			channel := analytics.ChannelOf(k)
			if seen[channel] == nil {
				seen[channel] = map[int64]int64{}
			}
			c.EachSlot(zone, k.Day, func(at, n int64) { seen[channel][at] += n })
		})
		if err != nil {
			return nil, err
		}
	}
	var all []analytics.Span
	for _, traffic := range seen {
		all = append(all, s.silences(traffic, period)...)
	}
	return union(all), nil
}

// silences finds the stretches of one channel.
func (s *session) silences(traffic map[int64]int64, period analytics.Span) []analytics.Span {
	var out []analytics.Span
	var open analytics.Span
	expected := 0.0
	flush := func() {
		if expected >= gapExpected {
			out = append(out, open)
		}
		open, expected = analytics.Span{}, 0
	}
	for at := period.From; at < period.To; at += analytics.SlotMS {
		if traffic[at] > 0 {
			flush()
			continue
		}
		if open.Empty() {
			open.From = at
		}
		open.To = at + analytics.SlotMS
		expected += s.usual(traffic, at)
	}
	flush()
	return out
}

// usual is the mean of the same quarter hour of the weeks before.
func (s *session) usual(traffic map[int64]int64, at int64) float64 {
	var n int64
	for week := analytics.Day(1); week <= gapWeeks; week++ {
		n += traffic[s.Rules.Zone.Back(at, 7*week)]
	}
	return float64(n) / gapWeeks
}

// union joins spans that touch, in order.
func union(spans []analytics.Span) []analytics.Span {
	slices.SortFunc(spans, func(a, b analytics.Span) int {
		switch {
		case a.From < b.From:
			return -1
		case a.From > b.From:
			return 1
		}
		return 0
	})
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
