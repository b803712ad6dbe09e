package analytics

import (
	"cmp"
	"math"
	"slices"
)

// Point is what one period came to: Value is a count, a share of N or a duration
// of N observations. Of a count N says nothing and is not read.
type Point struct {
	Value float64
	N     int64
}

// Course is a value in a period and in the same weekdays of the weeks before, of
// which two at least are needed. A week without observations has N 0.
type Course struct {
	Now    Point
	Before []Point
}

// Part is the course of one value of a dimension.
type Part struct {
	Dim   Dim
	Value string
	Course
}

// Movement is the course of one metric, in all and by the values of dimensions.
type Movement struct {
	Metric Metric
	Total  Course
	Parts  []Part
}

// Mover is one value of a dimension, or all of a metric, that went so differently
// from its usual weeks that chance is no explanation.
type Mover struct {
	Metric Metric
	Whole  bool // all of the metric: nothing in particular moved it
	Dim    Dim
	Value  string
	Now    float64
	Usual  float64 // mean of the weeks, weighted by what they rest on
	N      int64   // what Now rests on; of a count its value
	// Share is how much of the metric's whole change this is; it exceeds 1 where
	// others went the other way. Nil where the whole hardly changed, or other wise.
	Share *float64
	// All and AllUsual are what all of the metric came to, beside which a part stands.
	All, AllUsual float64
	// Score is how many standard deviations of chance it lies off; above or below 0.
	Score float64
}

// Up reports whether it rose.
func (m *Mover) Up() bool { return m.Now > m.Usual }

// Change is the change relative to what is usual, as 0.5 for half as much again;
// false where usually there is nothing: that is new, and no ratio says how much.
func (m *Mover) Change() (float64, bool) {
	if m.Usual == 0 {
		return 0, false
	}
	return m.Now/m.Usual - 1, true
}

// Good is 1 for a change for the better, -1 for the worse, 0 for neither.
func (m *Mover) Good() int {
	if m.Up() {
		return int(m.Metric.Better)
	}
	return -int(m.Metric.Better)
}

// What a mover must be, beside unlikely: worth telling.
const (
	moverChance = 0.01 // of any false mover among all courses looked at
	moverLeast  = 0.2  // relative change
	moverCount  = 4.0  // change of a count
	moverN      = 5    // observations of a duration or share, now; and twice that before
	moverDrift  = 0.07 // weeks differ that much without any cause
	moverWeeks  = 2
)

// Movers returns what moved, the most surprising first. A part whose metric moved
// as a whole, and with which it merely went along, is not among them.
func Movers(list []Movement) []Mover {
	courses := 0
	for i := range list {
		courses += 1 + len(list[i].Parts)
	}
	least := math.Sqrt2 * math.Erfcinv(moverChance/float64(max(courses, 1)))
	var out []Mover
	for i := range list {
		out = append(out, list[i].movers(least)...)
	}
	slices.SortFunc(out, func(a, b Mover) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Score), math.Abs(a.Score)), cmp.Compare(a.Metric.Key, b.Metric.Key), cmp.Compare(a.Dim, b.Dim), cmp.Compare(a.Value, b.Value))
	})
	return out
}

// movers returns what moved of one metric.
func (m *Movement) movers(least float64) []Mover {
	s := scaleOf(m.Metric.Unit)
	noise := s.noise(append([]Part{{Course: m.Total}}, m.Parts...))
	whole := s.mover(m.Total, noise)
	var out []Mover
	explained := false
	for i := range m.Parts {
		p := &m.Parts[i]
		x := s.mover(p.Course, noise)
		if m.values(p.Dim) < 2 || math.Abs(x.Score) < least || !s.matters(&x) || s.along(&p.Course, &m.Total) {
			continue // a dimension with one value is the whole once more
		}
		x.Metric, x.Dim, x.Value, x.Share = m.Metric, p.Dim, p.Value, s.share(&x, &whole)
		x.All, x.AllUsual = whole.Now, whole.Usual
		explained = explained || x.Share != nil
		out = append(out, x)
	}
	if !explained && math.Abs(whole.Score) >= least && s.matters(&whole) {
		whole.Metric, whole.Whole, whole.All, whole.AllUsual = m.Metric, true, whole.Now, whole.Usual
		out = append(out, whole)
	}
	return out
}

// values counts the values of a dimension.
func (m *Movement) values(dim Dim) int {
	n := 0
	for i := range m.Parts {
		if m.Parts[i].Dim == dim {
			n++
		}
	}
	return n
}

// scale is how a unit is measured so that chance has the same size everywhere:
// counts by their root, durations by their logarithm, shares by their arc sine.
type scale struct {
	even  func(float64, int64) float64 // the value on that scale
	sized bool                         // chance shrinks with the observations
	floor float64                      // least variance of chance: of a count, of one observation
	slope func(x float64) float64      // of the scale, for a relative drift
}

func scaleOf(u Unit) scale {
	switch u {
	case Count:
		return scale{
			even: func(x float64, _ int64) float64 { return 2 * math.Sqrt(x+0.375) }, floor: 1,
			slope: func(x float64) float64 { return math.Sqrt(x) },
		}
	case Seconds:
		return scale{
			even: func(x float64, _ int64) float64 { return math.Log(math.Max(x, 1)) }, sized: true, floor: 0.5,
			slope: func(float64) float64 { return 1 },
		}
	}
	return scale{
		even: func(x float64, n int64) float64 {
			return 2 * math.Asin(math.Sqrt(math.Min((x*float64(n)+0.375)/(float64(n)+0.75), 1)))
		}, sized: true, floor: 1,
		slope: func(x float64) float64 { return math.Sqrt(x / math.Max(1-x, 0.01)) },
	}
}

// noise is the variance of chance, as weeks without a cause show it, and how
// many of their differences it rests on.
type noise struct{ variance, freedom float64 }

// noise pools the differences between the weeks of all parts of a metric: each
// alone has too few weeks to tell how lumpy it is.
func (s scale) noise(parts []Part) noise {
	sum, freedom := 0.0, 0.0
	for i := range parts {
		_, mean, weight := s.usual(parts[i].Before)
		weeks := 0
		for _, p := range parts[i].Before {
			if w := s.weight(p); w > 0 && weight > 0 {
				d := s.even(p.Value, p.N) - mean
				sum += w * d * d
				weeks++
			}
		}
		if weeks >= moverWeeks && (s.sized || parts[i].any()) {
			freedom += float64(weeks - 1)
		}
	}
	if freedom == 0 {
		return noise{s.floor, 0}
	}
	return noise{math.Max(sum/freedom, s.floor), freedom}
}

// any reports whether anything was counted in the weeks.
func (c *Course) any() bool {
	return slices.ContainsFunc(c.Before, func(p Point) bool { return p.Value > 0 })
}

// weight is what a point rests on.
func (s scale) weight(p Point) float64 {
	if s.sized {
		return float64(p.N)
	}
	return 1
}

// usual returns the weighted mean of weeks, the same on the scale, and what they
// rest on together.
func (s scale) usual(weeks []Point) (value, even, weight float64) {
	for _, p := range weeks {
		w := s.weight(p)
		if w == 0 {
			continue
		}
		weight += w
		value += w * p.Value
		even += w * s.even(p.Value, p.N)
	}
	if weight == 0 {
		return 0, 0, 0
	}
	return value / weight, even / weight, weight
}

// mover measures a course against chance. Its score is 0 where too little is
// known.
func (s scale) mover(c Course, chance noise) Mover {
	usual, even, weight := s.usual(c.Before)
	x := Mover{Now: c.Now.Value, Usual: usual, N: c.Now.N}
	now := s.weight(c.Now)
	if !s.sized {
		x.N = int64(c.Now.Value)
	}
	weeks := 0
	for _, p := range c.Before {
		if s.weight(p) > 0 {
			weeks++
		}
	}
	if weeks < moverWeeks || s.sized && (c.Now.N < moverN || weight < 2*moverN) {
		return x
	}
	if !s.sized {
		even = s.even(usual, 0)
	}
	drift := moverDrift * s.slope(usual)
	t := (s.even(c.Now.Value, c.Now.N) - even) / math.Sqrt(chance.variance*(1/now+1/weight)+drift*drift*(1+1/float64(weeks)))
	x.Score = normal(t, chance.freedom)
	return x
}

// normal turns a Student's t of some degrees of freedom into the score of a normal
// distribution that is as unlikely (Wallace 1959).
func normal(t, freedom float64) float64 {
	if freedom < 1 {
		freedom = 1
	}
	z := (8*freedom + 1) / (8*freedom + 3) * math.Sqrt(freedom*math.Log1p(t*t/freedom))
	return math.Copysign(z, t)
}

// matters reports whether a change is large enough to be told.
func (s scale) matters(x *Mover) bool {
	if !s.sized && math.Abs(x.Now-x.Usual) < moverCount {
		return false
	}
	return math.Abs(x.Now-x.Usual) >= moverLeast*x.Usual
}

// along reports whether a part merely went with the whole: the rest moved the
// same way, and at least half as far.
func (s scale) along(part, whole *Course) bool {
	usual, _, weight := s.usual(part.Before)
	all, _, allWeight := s.usual(whole.Before)
	before := s.less(all, allWeight, usual, weight)
	now := s.less(whole.Now.Value, s.weight(whole.Now), part.Now.Value, s.weight(part.Now))
	if !(now > 0 && before > 0 && usual > 0 && part.Now.Value > 0) {
		return false
	}
	own, rest := math.Log(part.Now.Value/usual), math.Log(now/before)
	return own*rest > 0 && math.Abs(own) < 2*math.Abs(rest)
}

// less returns what is left of a whole without a part.
func (s scale) less(whole, wholeWeight, part, weight float64) float64 {
	if !s.sized {
		return whole - part
	}
	return (whole*wholeWeight - part*weight) / (wholeWeight - weight)
}

// share is a part's change as a share of the whole's, nil where that hardly
// changed or went the other way.
func (s scale) share(x, whole *Mover) *float64 {
	all, part := whole.Now-whole.Usual, x.Now-x.Usual
	if s.sized {
		if whole.N == 0 {
			return nil
		}
		part *= float64(x.N) / float64(whole.N)
	}
	if all == 0 || math.Abs(all) < 0.02*whole.Usual || part/all <= 0 {
		return nil
	}
	v := part / all
	return &v
}
