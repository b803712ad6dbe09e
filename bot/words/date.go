package words

import (
	"fmt"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
)

// date is a day as it was written: any part may be missing.
type date struct {
	year, month, day int
	weekday          int  // 1 Monday … 7; the other parts are then missing
	fixed            bool // on is known: today, yesterday, the Monday of last week
	on               analytics.Day
	name             string // canonical text of a fixed or weekday date
	sure             bool   // more than a bare number
}

// exists reports whether a calendar has the day, in some year where none is said.
func (d date) exists() bool {
	switch {
	case d.fixed || d.weekday > 0 || d.month == 0 && d.year == 0:
		return true
	case d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31:
		return false
	}
	year := d.year
	if year == 0 {
		year = 2000 // a leap year
	}
	return sameDay(analytics.DateOf(year, time.Month(d.month), d.day), d.day)
}

// of is a period that was made of days: there are no figures of one that no
// calendar has.
func (w when) of(days ...date) when {
	for _, d := range days {
		if !d.exists() {
			w.never, w.note = report.NoSuchDay, &Note{SaidNoDay, fmt.Sprintf("%d/%d", d.day, d.month)}
		}
	}
	return w
}

// dateAt reads one day at item i. A bare number is read only when bare is set.
func (l *line) dateAt(i int, bare bool) (date, int, bool) {
	art := l.skip(i, "glue.art", "glue.on", "unit.day", "glue.hours")
	day := art > i && (l.is(art-1, "unit.day") || l.is(i, "unit.day"))
	if l.is(i, "unit.day") && l.at(art).kind != aNumber && !l.is(art, "ordinal.1") {
		return date{}, i, false
	}
	for _, read := range []func(int) (date, int, bool){l.relativeDay, l.agoDay, l.weekdayDate, l.monthDay, l.writtenDate} {
		if d, next, ok := read(art); ok {
			return d, next, true
		}
	}
	n, ok := l.integer(art)
	it := l.at(art)
	if ok && n >= 1 && n <= 31 && (bare || day || it.ordinal && !l.unitish(art+1)) && !l.is(art+1, "clock.am", "clock.pm") {
		return date{day: n, sure: day || it.ordinal}, art + 1, true
	}
	return date{}, i, false
}

// unitish reports whether item i is something that is counted.
func (l *line) unitish(i int) bool {
	return l.is(i, "unit.", "noun.", "dim.", "rel.past", "rel.last", "rel.next")
}

var relativeDays = [...]struct {
	class, name string
	back        analytics.Day
}{
	{"when.today", "today", 0}, {"when.this_morning", "today", 0}, {"when.this_afternoon", "today", 0}, {"when.tonight", "today", 0},
	{"when.last_night", "yesterday", 1}, {"when.yesterday", "yesterday", 1}, {"when.before_yesterday", "", 2}, {"when.same_day_last_week", "", 7},
}

func (l *line) relativeDay(i int) (date, int, bool) {
	for _, x := range relativeDays {
		if l.is(i, x.class) {
			return date{fixed: true, sure: true, on: l.cal.today - x.back, name: x.name}, i + 1, true
		}
	}
	return date{}, i, false
}

// agoDay reads "3 days ago", "hace 3 días".
func (l *line) agoDay(i int) (date, int, bool) {
	unit, n, next, ok := l.ago(i)
	if !ok || unit != "day" {
		return date{}, i, false
	}
	return date{fixed: true, sure: true, on: l.cal.today - analytics.Day(n)}, next, true
}

// ago reads how many units of time ago.
func (l *line) ago(i int) (unit string, n, next int, ok bool) {
	before := l.is(i, "rel.ago")
	j := l.opt(i, "rel.ago")
	n, j = l.count(j)
	unit = l.at(j).key("unit")
	if n <= 0 || unit == "" {
		return "", 0, i, false
	}
	if before {
		return unit, n, l.opt(j+1, "rel.agoafter"), true
	}
	return unit, n, j + 2, l.is(j+1, "rel.agoafter")
}

// count reads a whole number, also "a" and "an"; 0 when there is none.
func (l *line) count(i int) (n, next int) {
	if n, ok := l.integer(i); ok && !l.at(i).ordinal {
		return n, i + 1
	}
	if l.is(i, "glue.one", "number.1") && l.is(i+1, "unit.", "span.") {
		return 1, i + 1
	}
	return 0, i
}

// weekdayDate reads a weekday, also of this or the last week.
func (l *line) weekdayDate(i int) (date, int, bool) {
	j := l.opt(i, "rel.past", "rel.last", "rel.this")
	n, ok := l.weekday(j)
	if !ok {
		return date{}, i, false
	}
	d := date{weekday: n, sure: true, name: weekdayNames[n]}
	next := l.opt(j+1, "rel.past", "rel.last", "rel.recent")
	if k := l.skip(next, "glue.of", "glue.art", "glue.in"); l.weekRel(k) != noWeek {
		return l.inWeek(d, k)
	}
	if l.is(j-1, "rel.this") && j > i {
		on := l.cal.today.Week() + analytics.Day(n-1)
		if on <= l.cal.today {
			return date{fixed: true, sure: true, on: on}, next, true
		}
	}
	return d, next, true
}

// weekday returns the day of the week that item i names, in the singular.
func (l *line) weekday(i int) (int, bool) {
	for _, c := range l.at(i).classes {
		if n, ok := number(c, "weekday"); ok {
			return n, true
		}
	}
	return 0, false
}

const noWeek = 100

// weekRel returns which week is meant at item i: 0 this, -1 the last, -2 the
// one before; noWeek when none is named.
func (l *line) weekRel(i int) int {
	w, _ := l.weekRelEnd(i)
	return w
}

func (l *line) weekRelEnd(i int) (rel, next int) {
	switch {
	case l.is(i, "rel.this") && l.is(i+1, "unit.week"):
		return 0, i + 2
	case l.is(i, "unit.week") && l.is(i+1, "rel.before_last"), l.is(i, "rel.before_last") && l.is(i+1, "unit.week"):
		return -2, i + 2
	case l.is(i, "rel.past", "rel.last") && l.is(i+1, "unit.week"), l.is(i, "unit.week") && l.is(i+1, "rel.past"):
		return -1, i + 2
	}
	return noWeek, i
}

func (l *line) inWeek(d date, i int) (date, int, bool) {
	rel, next := l.weekRelEnd(i)
	on := l.cal.today.Week() + analytics.Day(7*rel+d.weekday-1)
	return date{fixed: true, sure: true, on: on}, next, on <= l.cal.today
}

var weekdayNames = [...]string{"", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}

// monthDay reads "5 de marzo (de 2025)", "March 5th, 2025".
func (l *line) monthDay(i int) (date, int, bool) {
	var d date
	n, isDay := l.integer(i)
	j := i
	switch {
	case isDay || l.is(i, "ordinal.1"):
		if !isDay {
			n = 1
		}
		j = l.skip(i+1, "glue.of", "glue.art", "unit.day")
		m, ok := l.month(j)
		if !ok {
			return date{}, i, false
		}
		d = date{day: n, month: m}
		if n > 31 && (!l.is(j-1, "glue.of") && !l.is(i-1, "glue.to", "glue.a", "glue.on") || n > 99 || l.is(i-1, "rank.", "op.")) {
			return date{}, i, false
		}
		j++
	default:
		m, ok := l.month(i)
		if !ok {
			return date{}, i, false
		}
		k := l.skip(i+1, "glue.art")
		n, isDay = l.integer(k)
		if !isDay || n > 99 || n > 31 && l.unitish(k+1) || l.at(k+1).kind == anOp && l.at(k+1).word == "%" {
			return date{}, i, false
		}
		d, j = date{day: n, month: m}, k+1
	}
	d.year, j = l.yearAt(j)
	d.sure = true
	return d, j, true
}

// month returns the month that item i names.
func (l *line) month(i int) (int, bool) {
	if l.at(i).named() && !l.is(i-1, "glue.in", "glue.of") {
		return 0, false
	}
	for _, c := range l.at(i).classes {
		if n, ok := number(c, "month"); ok {
			return n, true
		}
	}
	return 0, false
}

// yearAt reads "de 2025", ", 2025", "del año pasado"; 0 when there is none.
func (l *line) yearAt(i int) (year, next int) {
	j := i
	if l.mark(j) && l.at(j).word == "," {
		j++
	}
	j = l.skip(j, "glue.of", "glue.art", "glue.in")
	if n, ok := l.integer(j); ok && n >= 1900 && n < 2100 {
		return n, j + 1
	}
	y, _, _ := l.cal.today.Date()
	switch {
	case l.is(j, "unit.year") && l.is(j+1, "rel.past"), l.is(j, "rel.past", "rel.last") && l.is(j+1, "unit.year"):
		return y - 1, j + 2
	case l.is(j, "rel.this") && l.is(j+1, "unit.year"):
		return y, j + 2
	}
	return 0, i
}

// writtenDate reads 04/03 and 2026-03-04.
func (l *line) writtenDate(i int) (date, int, bool) {
	it := l.at(i)
	if it.kind != aDate || it.day == 0 {
		return date{}, i, false
	}
	d := date{year: it.year, month: it.month, day: it.day, sure: true}
	if it.dayFirst && (l.cal.monthFirst && d.day <= 12 || d.month > 12) {
		d.day, d.month = d.month, d.day
	}
	return d, i + 1, true
}

// resolve returns the day that is meant: the latest that is not after limit.
// A weekday is one that is over.
func (c calendar) resolve(d date, limit analytics.Day) analytics.Day {
	switch {
	case d.fixed:
		return d.on
	case d.weekday > 0:
		on := min(limit, c.today-1)
		for on.Weekday() != d.weekday {
			on--
		}
		return on
	case d.year > 0:
		return analytics.DateOf(d.year, time.Month(d.month), d.day)
	}
	y, m, _ := limit.Date()
	if d.month > 0 {
		on := analytics.DateOf(y, time.Month(d.month), d.day)
		for ; d.exists() && (on > limit || !sameDay(on, d.day)); y-- {
			on = analytics.DateOf(y-1, time.Month(d.month), d.day)
		}
		return on
	}
	on := analytics.DateOf(y, m, d.day)
	for back := m; on > limit || !sameDay(on, d.day); back-- {
		on = analytics.DateOf(y, back-1, d.day)
	}
	return on
}

// sameDay reports whether a date did not run over into the next month.
func sameDay(d analytics.Day, day int) bool {
	_, _, dd := d.Date()
	return dd == day
}
