package analytics

import (
	"cmp"
	"slices"
)

// Sum is what contributions of one measure add up to: exact n, sum and
// largest, and bins for quantiles.
type Sum struct {
	N     int64
	Total int64 // ms, for durations
	Max   int64 // ms; meaningful while Exact
	// Blunt is set when a duration that may have been the largest was taken back.
	Blunt bool
	few   []bin   // by bin, while they are few
	bins  []int64 // then all of them from the bin low on
	low   int32
}

// fewBins is how many bins are kept one by one: so many cost less than the stretch
// that they lie in.
const fewBins = 48

func (s *Sum) addBin(at int32, n int64) {
	if s.bins != nil {
		s.widen(at)
		s.bins[at-s.low] += n
		return
	}
	i, known := slices.BinarySearchFunc(s.few, at, func(b bin, at int32) int { return cmp.Compare(b.at, at) })
	if known {
		s.few[i].n += n
		return
	}
	s.few = slices.Insert(s.few, i, bin{at, n})
	if len(s.few) < fewBins {
		return
	}
	s.low = s.few[0].at
	s.bins = make([]int64, s.few[fewBins-1].at-s.low+1)
	for _, b := range s.few {
		s.bins[b.at-s.low] = b.n
	}
	s.few = nil
}

// widen makes the list reach to where a bin lies, by more than is needed so that it
// seldom has to.
func (s *Sum) widen(at int32) {
	const spare = 64
	switch end := s.low + int32(len(s.bins)); {
	case at < s.low:
		low := max(0, at-spare)
		s.bins = slices.Concat(make([]int64, s.low-low), s.bins)
		s.low = low
	case at >= end:
		s.bins = append(s.bins, make([]int64, at-end+spare)...)
	}
}

// eachBin yields the bins, in order, until yield returns false; most that hold nothing
// are left out.
func (s *Sum) eachBin(yield func(at int32, n int64) bool) {
	for _, b := range s.few {
		if !yield(b.at, b.n) {
			return
		}
	}
	for i, n := range s.bins {
		if n != 0 && !yield(s.low+int32(i), n) {
			return
		}
	}
}

// addValue adds one measure of a cell's slot.
func (s *Sum) addValue(v *value) {
	s.N += v.n
	s.Total += v.sum
	if len(v.top) > 0 {
		s.Max = max(s.Max, v.top[0])
	}
	for _, b := range v.bins {
		s.addBin(b.at, b.n)
	}
}

// addOne adds a contribution, times times.
func (s *Sum) addOne(z Zone, c *Contribution, times int64) {
	s.N += times
	switch c.Measure.nature() {
	case durations:
		s.Total += c.Value * times
		s.addBin(int32(binOf(c.Value)), times)
		if times > 0 {
			s.Max = max(s.Max, c.Value)
		} else if c.Value >= s.Max {
			s.Blunt = true
		}
	case distinct:
		prev := int32(0)
		if c.Prev != 0 {
			prev = int32(z.DayOf(c.Prev)) + 1
		}
		s.addBin(prev, times)
	}
}

// Mean returns the mean duration in ms, false when there is none.
func (s *Sum) Mean() (float64, bool) {
	if s.N <= 0 {
		return 0, false
	}
	return float64(s.Total) / float64(s.N), true
}

// Quantile returns the nearest-rank quantile (the smallest value with at least
// q·n values at or below it) in ms, within 1 %; false when there is none.
func (s *Sum) Quantile(q float64) (int64, bool) {
	if s.N <= 0 {
		return 0, false
	}
	if s.N == 1 {
		return s.Total, true
	}
	need := rank(q, s.N)
	if need == s.N {
		return s.Max, true
	}
	var seen int64
	for at, n := range s.eachBin {
		if seen += n; seen >= need {
			return min(binValue(int(at)), s.Max), true
		}
	}
	return s.Max, true
}

// rank returns the smallest k with k ≥ q·n, at least 1. A nudge keeps products
// such as 0.9 × 10 from rounding up past the whole number they mean.
func rank(q float64, n int64) int64 {
	x := q*float64(n) - 1e-9
	k := int64(x)
	if float64(k) < x {
		k++
	}
	return max(k, 1)
}

// Before counts occurrences whose entity's previous one was before a local
// day; those without a previous one count if never is set.
func (s *Sum) Before(day Day, never bool) int64 {
	var n int64
	for at, k := range s.eachBin {
		if at == 0 && never || at != 0 && Day(at-1) < day {
			n += k
		}
	}
	return n
}
