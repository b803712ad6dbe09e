package picture

import "math"

// bound is how large a value may be before it is drawn as this large.
const bound = 1e15

// first and last cut a slice to what is drawn of it.
func first[T any](s []T, most int) []T { return s[:min(len(s), most)] }
func last[T any](s []T, most int) []T  { return s[max(len(s)-most, 0):] }

// nan is the value of what is not there.
var nan = math.NaN()

// known tells whether a value can be drawn; NaN and the infinities are gaps.
func known(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// tame brings a known value within bounds.
func tame(v float64) float64 { return min(max(v, -bound), bound) }

// span is a range of values that grows.
type span struct {
	low, high float64
	any       bool
}

// add widens the span to a value, if it is known.
func (s *span) add(v float64) {
	if !known(v) {
		return
	}
	if v = tame(v); !s.any {
		s.low, s.high, s.any = v, v, true
	}
	s.low, s.high = min(s.low, v), max(s.high, v)
}

// share is how far v is on the way from nothing to the span's highest: 0 for what
// is unknown or negative, 1 at most.
func (s span) share(v float64) float64 {
	if !known(v) || s.high <= 0 {
		return 0
	}
	return min(max(v, 0)/s.high, 1)
}

// axis maps values to lines of pixels, the highest value on top.
type axis struct {
	low, high   float64
	top, bottom float64
	zero        bool // the lowest line stands for nothing
}

// closest is the share of the highest value that an axis always covers, so that
// small changes do not look like large ones.
const closest = 0.2

// newAxis begins at zero unless all values are far above it.
func newAxis(s span, top, bottom float64) axis {
	a := axis{min(s.low, 0), max(s.high, 0), top, bottom, true}
	if s.low > s.high*(1-closest) {
		mid, half := (s.low+s.high)/2, s.high*closest/2
		a.low, a.high, a.zero = mid-half, mid+half, false
	}
	if a.high == a.low {
		a.high = a.low + 1
	}
	return a
}

// at is the line of a value.
func (a axis) at(v float64) float32 {
	return float32(a.bottom - (tame(v)-a.low)/(a.high-a.low)*(a.bottom-a.top))
}
