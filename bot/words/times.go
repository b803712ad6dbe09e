package words

import (
	"pulso/analytics"
	"pulso/analytics/report"
)

// times is what a line says of time.
type times struct {
	main    *when
	versus  *when // what it is compared with
	windows []window
	kind    report.CompareKind // a comparison named without a period: previous, weekdays
	asked   bool               // some comparison is wanted
	notes   []Note
	never   report.Why // why there are no figures of a period that was named
}

// scanTimes finds the periods, hours and comparisons of the items [from, to).
func (l *line) scanTimes(from, to int) times {
	var t times
	for i := from; i < to; {
		w, ok := l.whenAt(i)
		h, hok := l.hoursAt(i)
		switch {
		case ok && hok && w.end == h.end && w.first == h.first: // "esta mañana": a day and its part
			t.place(l, w)
			t.windows = append(t.windows, h)
			l.use(w.first, w.end)
			i = w.end
		case ok && (!hok || w.end >= h.end) && w.end <= to:
			t.place(l, w)
			l.use(w.first, w.end)
			if h, ok := l.hoursAt(w.end - 1); ok && !hok && h.end == w.end && l.is(w.end-1, "when.") { // "de ontem à noite"
				t.windows = append(t.windows, h)
			}
			i = w.end
		case hok && h.end <= to && l.hoursFit(h, &t):
			t.windows = append(t.windows, h)
			l.use(h.first, h.end)
			i = h.end
		default:
			i++
		}
	}
	l.comparison(&t, from, to)
	l.applyWindows(&t)
	return t
}

// hoursFit reports whether two bare numbers may be hours: beside a day, or
// after a word that opens a range.
func (l *line) hoursFit(h window, t *times) bool {
	if !h.bare {
		return true
	}
	beside := t.main != nil && l.skip(t.main.end, "glue.of", "glue.in", "glue.between") >= h.first
	if !beside {
		if w, ok := l.whenAt(h.end); ok && w.whole {
			beside = true
		}
	}
	return beside || l.is(h.first, "glue.of", "glue.between", "glue.since") && !l.unitish(h.end)
}

// place files a period as the one asked about or the one compared with.
func (t *times) place(l *line, w when) {
	if w.note != nil {
		t.notes = append(t.notes, *w.note)
	}
	if t.never == "" {
		t.never = w.never
	}
	switch {
	case t.main == nil && !l.comparesAt(w.first):
		t.main = &w
	case t.main == nil:
		t.versus = &w
	case t.versus == nil && (l.cueBetween(t.main.end, w.first) || l.any("glue.compare")):
		t.versus = &w
	case t.versus != nil && t.main == nil:
		t.main = &w
	case t.versus == nil && t.main.whole && w.whole && t.main.to == w.from && l.joined(t.main.end, w.first):
		*t.main = l.cal.days(t.main.from, w.to, "", "")
	case t.versus == nil && !l.any("glue.vs", "glue.than") && w.whole && narrower(w, *t.main):
		t.main = &w
	}
}

// narrower reports whether w lies within v.
func narrower(w, v when) bool {
	return v.whole && w.from >= v.from && w.to <= v.to && w.to-w.from < v.to-v.from
}

// joined reports whether two periods are joined by "and" or a comma.
func (l *line) joined(a, b int) bool {
	return l.skip(a, "glue.and", "glue.art", "glue.of") >= b && a < b || b == a+1 && l.mark(a)
}

// comparesAt reports whether a word of comparison stands right before item i.
func (l *line) comparesAt(i int) bool {
	j := i - 1
	for j >= 0 && l.is(j, "glue.art", "glue.of", "glue.in", "glue.a", "glue.to", "filler.") && !l.is(j, "glue.vs", "glue.than") {
		j--
	}
	if j < 0 {
		return false
	}
	if l.is(j, "cmd.change") {
		return l.lex.ends(l.at(j).text, "glue.than")
	}
	if l.is(j, "glue.than") && !l.is(j, "glue.vs") {
		return l.moreOrLess(j)
	}
	return l.is(j, "glue.vs") && !l.is(j, "glue.compare")
}

// moreOrLess reports whether "que" at item j belongs to a comparison: "más …
// que", "mejor que".
func (l *line) moreOrLess(j int) bool {
	for k := j - 1; k >= 0; k-- {
		if l.is(k, "rank.most", "rank.least", "rank.best", "rank.worst", "mod.slower", "mod.faster", "op.rise", "op.drop", "cmd.change") {
			return true
		}
	}
	return false
}

// cueBetween reports whether a word of comparison stands between two items.
func (l *line) cueBetween(a, b int) bool {
	for i := a; i < b; i++ {
		if l.is(i, "glue.vs") || l.is(i, "glue.than") && (l.moreOrLess(i) || b-i <= 2) {
			return true
		}
	}
	return false
}

// comparison settles what the figures are compared with.
func (l *line) comparison(t *times, from, to int) {
	cue := -1
	for i := from; i < to; i++ {
		switch {
		case l.is(i, "glue.vs") || l.is(i, "glue.than") && l.moreOrLess(i):
			cue = i
		case l.is(i, "when.usual") && (cue >= 0 || l.is(i-1, "glue.of", "glue.a")):
			t.kind, t.asked = report.Weekdays, true
			l.use(i, i+1)
		case l.is(i, "when.previous_one", "when.same_period") && (cue >= 0 || l.is(i, "when.same_period")):
			t.kind, t.asked = report.Previous, true
			l.use(i, i+1)
		case cue == i-1 && cue >= 0 && l.is(i, "rel.past", "rel.last") || cue >= 0 && cue == i-2 && l.is(i, "rel.past", "rel.last") && l.is(i-1, "glue.art") && !l.is(i+1, "unit."):
			t.kind, t.asked = report.Previous, true
			l.use(i, i+1)
		case l.is(i, "cmd.change") && !l.at(i).named():
			t.asked = true
			l.use(i, i+1)
		}
	}
	t.asked = t.asked || t.versus != nil
	if cue >= 0 && t.kind == report.CompareNone && t.versus == nil && l.trailing(cue, to) {
		t.kind, t.asked = report.Previous, true
	}
	if t.asked && t.versus == nil && t.kind == report.CompareNone {
		t.kind = report.Previous
	}
}

// trailing reports whether nothing but periods and fillers follows a cue.
func (l *line) trailing(cue, to int) bool {
	for i := cue + 1; i < to; i++ {
		if !l.used[i] && !l.mark(i) && !l.is(i, "glue.", "filler.", "rel.") {
			return false
		}
	}
	return true
}

// applyWindows narrows the day that is asked about to the hours said.
func (l *line) applyWindows(t *times) {
	if len(t.windows) == 0 {
		return
	}
	w := t.windows[0]
	if len(t.windows) > 1 && t.windows[0].part != "" && t.windows[1].part == "" {
		w = t.windows[1]
	}
	if t.main == nil {
		day := l.cal.unit("day", 0)
		if l.cal.minuteOf(l.cal.today, w.from) >= l.cal.now && w.part != "" {
			day = l.cal.unit("day", 1)
		}
		t.main = &day
	}
	m := t.main
	if w.toNow && m.whole && m.from == l.cal.today && l.cal.minuteOf(m.from, w.from) >= l.cal.now {
		*m = l.cal.unit("day", 1) // "since 8 pm", in the afternoon
	}
	if !m.whole || m.to != m.from+1 {
		return
	}
	m.span = l.cal.within(m.from, w)
	if m.span.From <= l.cal.now {
		m.running = m.span.To > l.cal.now
		m.span.To = min(m.span.To, l.cal.now)
	} else if t.never == "" {
		t.never = report.StillToCome
	}
	m.whole = false
	m.text += " " + clockText(w.from) + " to " + clockText(w.to)
	if w.toNow {
		m.text = "from " + m.from.String() + "T" + clockText(w.from) + " to now"
	}
	if w.part != "" {
		t.notes = append(t.notes, Note{SaidPart, clockText(w.from) + "-" + clockText(w.to)})
	}
}

// compare fills the comparison of an ask over the period w.
func (l *line) compare(ask *report.Ask, w when, t times) {
	switch {
	case t.versus != nil:
		l.compareWith(ask, w, *t.versus, t.versus.prior || t.kind == report.Previous)
	case t.kind == report.Weekdays:
		ask.Compare, ask.CompareText = report.Weekdays, "weekdays"
	case t.kind == report.Previous:
		l.comparePrevious(ask, w)
	}
}

// comparePrevious compares with the period before.
func (l *line) comparePrevious(ask *report.Ask, w when) {
	ask.Compare, ask.CompareText = report.Previous, "previous"
	if p, ok := l.cal.before(w); ok {
		ask.Compare, ask.CompareSpan = report.CompareWith, p
	}
}

// compareWith compares with a named period; with as much of it as has passed of
// a running one of the same length. One that is said to be the one before, and
// any that is the period itself, is the one before that.
func (l *line) compareWith(ask *report.Ask, w, v when, prior bool) {
	if w.whole && w.to == w.from+1 && v.unit == "week" && v.back == 1 {
		v = l.cal.days(w.from-7, w.from-6, "day", v.text) // a day is compared with that day a week before
	}
	if prior && w.whole && v.whole && v.to > w.from && v.unit != w.unit && v.to-v.from != w.to-w.from {
		v = l.cal.days(w.from-(v.to-v.from), w.from, "", "")
	}
	if v.span == w.span || prior && v.span.To > w.span.From {
		l.comparePrevious(ask, w)
		return
	}
	ask.Compare, ask.CompareSpan, ask.CompareText = report.CompareWith, v.span, v.text
	if w.running && v.whole && w.from > v.from {
		ask.CompareSpan = l.cal.elapsed(w, v)
	}
}

// elapsed returns as much of v as has passed of the running w.
func (c calendar) elapsed(w, v when) analytics.Span {
	wall := c.zone.Time(c.now)
	day := v.from + (c.today - w.from)
	to := c.minuteOf(day, wall.Hour()*60+wall.Minute()) + c.now%60_000
	return analytics.Span{From: v.span.From, To: min(to, v.span.To)}
}

// before returns the unit before a period, as much of it as has passed.
func (c calendar) before(w when) (analytics.Span, bool) {
	if !w.whole {
		if w.span.To <= c.now && w.to == w.from+1 && w.to > 0 { // hours of a day: the same hours the day before
			return analytics.Span{From: c.zone.Back(w.span.From, 1), To: c.zone.Back(w.span.To, 1)}, true
		}
		return analytics.Span{}, false
	}
	if !calendarUnit(w.unit) || w.from != start(w.unit, w.from) || w.to != shift(w.unit, w.from, 1) {
		return analytics.Span{}, false
	}
	from := shift(w.unit, w.from, -1)
	v := c.days(from, w.from, w.unit, "")
	if w.running {
		return c.elapsed(w, v), true
	}
	return v.span, true
}
