package analytics

import (
	"fmt"
	"slices"
	"strconv"
)

// Filter keeps what has one of Values in a dimension: agents by roster key,
// teams by name, channels by id; "" is nobody or none.
type Filter struct {
	Dim    Dim
	Values []string
}

// Sieve sums contributions and cells into rows, one for each combination of
// values of By, and into a total, keeping only what passes the filters.
type Sieve struct {
	rules   *Rules
	roster  *Roster
	by      []Dim
	filters []filter
	index   [measures]int // position among the wanted measures, or -1
	n       int

	Rows  map[string]*Line
	Total *Line
	root  *Sieve // the one that this is a part of: see Only

	lines map[CellKey]*cellLine // of cells, by all but their day
}

type filter struct {
	dim Dim
	set map[string]bool
}

// Line is one row of sums.
type Line struct {
	Values []string // of By, in order; "" is null
	sums   []Sum
	sieve  *Sieve
}

// NewSieve returns an empty sieve for some measures.
func NewSieve(rules *Rules, roster *Roster, by []Dim, where []Filter, want []Measure) *Sieve {
	s := &Sieve{rules: rules, roster: roster, by: by, Rows: map[string]*Line{}, lines: map[CellKey]*cellLine{}}
	for i := range s.index {
		s.index[i] = -1
	}
	for _, m := range want {
		if m < measures && s.index[m] < 0 {
			s.index[m] = s.n
			s.n++
		}
	}
	for _, f := range where {
		set := map[string]bool{}
		for _, v := range f.Values {
			set[v] = true
		}
		s.filters = append(s.filters, filter{f.Dim, set})
	}
	s.root = s
	s.Total = s.line(nil)
	return s
}

func (s *Sieve) line(values []string) *Line {
	return &Line{Values: values, sums: make([]Sum, s.n), sieve: s.root}
}

// Sum returns the sum of a wanted measure.
func (l *Line) Sum(m Measure) *Sum {
	if i := l.sieve.index[m]; i >= 0 {
		return &l.sums[i]
	}
	return &Sum{}
}

// Only returns the same sieve for some of its measures: it fills the same rows.
func (s *Sieve) Only(list []Measure) *Sieve {
	o := *s
	for i := range o.index {
		o.index[i] = -1
	}
	for _, m := range list {
		o.index[m] = s.index[m]
	}
	return &o
}

// Lines calls yield with every row and with the total.
func (s *Sieve) Lines(yield func(*Line)) {
	for _, l := range s.Rows {
		yield(l)
	}
	yield(s.Total)
}

// Blunt reports whether a sum has lost its largest duration.
func (s *Sieve) Blunt() (blunt bool) {
	s.each(func(x *Sum) { blunt = blunt || x.Blunt })
	return blunt
}

// Clear empties the sums of this sieve's measures.
func (s *Sieve) Clear() { s.each(func(x *Sum) { *x = Sum{} }) }

// each calls yield with the sums of this sieve's measures.
func (s *Sieve) each(yield func(*Sum)) {
	s.Lines(func(l *Line) {
		for _, i := range s.index {
			if i >= 0 {
				yield(&l.sums[i])
			}
		}
	})
}

// value returns the value of a dimension for something at a moment.
func (s *Sieve) value(d Dim, dims *Dims, at int64) string {
	switch d {
	case ByAgent:
		return s.roster.Key(dims[ByAgent])
	case ByTeam:
		return s.roster.Agent(s.roster.Key(dims[ByAgent])).Team
	case ByPlatform:
		return Platform(dims[ByChannel])
	case ByHour, ByWeekday, ByDay, ByWeek, ByMonth:
		return s.rules.Zone.Label(d, at)
	}
	return dims[d]
}

// Label returns the value of a time dimension at a moment: hour 0–23, weekday
// 1–7 from Monday, day, the Monday of the week, or the month as 2026-03.
func (z Zone) Label(d Dim, at int64) string {
	day := z.DayOf(at)
	switch d {
	case ByHour:
		return strconv.Itoa(z.Time(at).Hour())
	case ByWeekday:
		return strconv.Itoa(day.Weekday())
	case ByDay:
		return day.String()
	case ByWeek:
		return day.Week().String()
	}
	y, m, _ := day.Date()
	return fmt.Sprintf("%04d-%02d", y, m)
}

func (s *Sieve) passes(dims *Dims, at int64) bool {
	for _, f := range s.filters {
		if !f.set[s.value(f.dim, dims, at)] {
			return false
		}
	}
	return true
}

// Place returns the key and values of the row that something with these
// dimensions at a moment belongs to, and false when a filter keeps it out.
func (s *Sieve) Place(dims *Dims, at int64) (string, []string, bool) {
	if !s.passes(dims, at) {
		return "", nil, false
	}
	key, values := s.key(dims, at)
	return key, values, true
}

func (s *Sieve) key(dims *Dims, at int64) (string, []string) {
	values := make([]string, len(s.by))
	key := ""
	for i, d := range s.by {
		values[i] = s.value(d, dims, at)
		key += values[i] + string(rune(sep))
	}
	return key, values
}

// row returns the line of a combination of values, making it when needed.
func (s *Sieve) row(dims *Dims, at int64) *Line {
	if len(s.by) == 0 {
		return nil
	}
	key, values := s.key(dims, at)
	l := s.Rows[key]
	if l == nil {
		l = s.line(values)
		s.Rows[key] = l
	}
	return l
}

// Line returns the row that something belongs to (nil when rows are not told
// apart), and false when a filter keeps it out.
func (s *Sieve) Line(dims *Dims, at int64) (*Line, bool) {
	if !s.passes(dims, at) {
		return nil, false
	}
	return s.row(dims, at), true
}

// Add adds a contribution, times times, if it is wanted and passes.
func (s *Sieve) Add(c *Contribution, times int64) {
	i := s.index[c.Measure]
	if i < 0 || !s.passes(&c.Dims, c.At) {
		return
	}
	s.Total.sums[i].addOne(s.rules.Zone, c, times)
	if l := s.row(&c.Dims, c.At); l != nil {
		l.sums[i].addOne(s.rules.Zone, c, times)
	}
}

// Once takes back what the same entity contributed more than once to one row
// or to the total, so that each counts a conversation once. The contributions
// are all of one measure and of one entity, within the period.
func (s *Sieve) Once(list []Contribution) {
	seen := map[*Line]bool{}
	for i := range list {
		c := &list[i]
		k := s.index[c.Measure]
		if k < 0 || !s.passes(&c.Dims, c.At) {
			continue
		}
		for _, l := range []*Line{s.Total, s.row(&c.Dims, c.At)} {
			if l == nil {
				continue
			}
			if seen[l] {
				l.sums[k].N--
			}
			seen[l] = true
		}
	}
}

// Cell adds the slots of an encoded cell that lie wholly within span. Cells of
// whole days are added when their day does.
func (s *Sieve) Cell(k CellKey, body []byte, span Span) error {
	return s.slots(k, span, func(want uint64, in slotRange, yield func(int32, int, *value)) error {
		return eachValue(k.Group, body, want, in, yield)
	})
}

// Decoded does the same for a cell that is asked many times.
func (s *Sieve) Decoded(k CellKey, c *Cell, span Span) {
	_ = s.slots(k, span, func(want uint64, in slotRange, yield func(int32, int, *value)) error {
		c.eachValue(want, in, yield)
		return nil
	})
}

func (s *Sieve) slots(k CellKey, span Span, each func(uint64, slotRange, func(int32, int, *value)) error) error {
	start := s.rules.Zone.Start(k.Day)
	in := wholeDay()
	if start < span.From || s.rules.Zone.Start(k.Day+1) > span.To {
		if !k.Tier.slotted() {
			return nil
		}
		in = slotRange{max(0, span.From-start+slotLength-1) / slotLength, max(0, span.To-start) / slotLength}
	}
	to := s.lineOf(k, start)
	if !to.passes {
		return nil
	}
	first, finest := groupShapes[k.Group].first, s.finest()
	last := int32(-1)
	return each(s.wanted(k.Group), in, func(slot int32, j int, v *value) {
		if v.zero() {
			return
		}
		if slot != last && finest { // then the line is found for this cell alone
			at := start + int64(slot)*slotLength
			if to.passes = s.passes(&to.dims, at); to.passes {
				to.line = s.row(&to.dims, at)
			}
		}
		last = slot
		if !to.passes {
			return
		}
		if to.line == nil {
			to.line = s.row(&to.dims, start)
		}
		i := s.index[first+Measure(j)]
		s.Total.sums[i].addValue(v)
		if to.line != nil {
			to.line.sums[i].addValue(v)
		}
	})
}

// cellLine is where the sums of a cell go.
type cellLine struct {
	dims   Dims
	passes bool
	line   *Line // once there is something for it
}

// lineOf returns where the cell of a day that begins at start goes: always to the
// same line, unless time parts them.
func (s *Sieve) lineOf(k CellKey, start int64) *cellLine {
	k.Day = 0
	to := s.lines[k]
	if to == nil {
		set, _ := k.Group.dims(k.Tier)
		to = &cellLine{dims: unpack(set, k.Dims)}
		to.passes = s.finest() || s.passes(&to.dims, start)
		if !s.tells(Dim.Time) {
			s.lines[k] = to
		}
	}
	return to
}

// wanted is the set of a group's measures that the sieve sums, a bit each.
func (s *Sieve) wanted(g Group) (set uint64) {
	shape := &groupShapes[g]
	for j := range shape.width() {
		if s.index[shape.first+Measure(j)] >= 0 {
			set |= 1 << j
		}
	}
	return set
}

// finest reports whether hours matter, so that a day's slots part.
func (s *Sieve) finest() bool { return s.tells(func(d Dim) bool { return d == ByHour }) }

// tells reports whether such a dimension is told apart or filtered by.
func (s *Sieve) tells(such func(Dim) bool) bool {
	return slices.ContainsFunc(s.by, such) || slices.ContainsFunc(s.filters, func(f filter) bool { return such(f.dim) })
}

// Plan says from which cells a sieve can be filled for a group: the coarsest
// tier that tells its dimensions apart, and the one to use for parts of days.
func (s *Sieve) Plan(g Group) (days, parts Tier, ok bool) {
	var need DimSet
	for _, d := range s.by {
		need |= storedFor(d)
	}
	for _, f := range s.filters {
		need |= storedFor(f.dim)
	}
	if !need.Within(groupShapes[g].dims) {
		return 0, 0, false
	}
	days, parts = tierFull, tierFull
	for t := tierFull; ; t-- {
		set, kept := g.dims(t)
		if kept && need.Within(set) {
			if t.slotted() {
				parts = t
			}
			if t.slotted() || !s.finest() {
				days = t
			}
		}
		if t == tierWhole {
			return days, parts, true
		}
	}
}

// storedFor returns the stored dimension that d is read off.
func storedFor(d Dim) DimSet {
	switch {
	case d.Time():
		return 0
	case d == ByTeam:
		return Set(ByAgent)
	case d == ByPlatform:
		return Set(ByChannel)
	}
	return Set(d)
}

// Slots returns the largest span within s whose ends are edges of slots.
func (z Zone) Slots(s Span) Span {
	from, to := z.slotStart(s.From), z.slotStart(s.To)
	if from < s.From {
		from += slotLength
	}
	return Span{from, max(from, to)}
}

func (z Zone) slotStart(ms int64) int64 {
	day, at := z.slot(ms)
	return z.Start(day) + int64(at)*slotLength
}
