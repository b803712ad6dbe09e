package words

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
)

// when is a period as a line names it.
type when struct {
	span       analytics.Span
	text       string // canonical
	from, to   analytics.Day
	whole      bool   // [from, to) are whole local days; span may end now
	unit       string // day, week, month, …: what "the one before" goes back by
	running    bool   // ends now
	back       int    // units before the running one
	first, end int    // items
	note       *Note
	prior      bool       // said to be the one before: what it is held against is another period
	never      report.Why // why there are no figures of it, "" where there may be
}

// days returns the period of the local days [from, to); it ends now when today
// is among them.
func (c calendar) days(from, to analytics.Day, unit, text string) when {
	w := when{span: c.zone.Days(from, to), from: from, to: to, whole: true, unit: unit, text: text}
	if w.span.From <= c.now && c.now < w.span.To {
		w.running = true
		w.span.To = c.now
	}
	if text == "" {
		w.text = c.dayText(w)
	}
	if w.span.From > c.now {
		w.never = report.StillToCome
	}
	return w
}

// dayText writes whole days as dates; both ends are included.
func (c calendar) dayText(w when) string {
	switch {
	case w.to == w.from+1:
		return w.from.String()
	case w.running:
		return "from " + w.from.String() + " to now"
	}
	return "from " + w.from.String() + " to " + (w.to - 1).String()
}

// unit returns the unit of time that lies some units before the running one.
func (c calendar) unit(unit string, back int) when {
	from := shift(unit, start(unit, c.today), -back)
	text := ""
	switch {
	case unit == "day" && back == 0:
		text = "today"
	case unit == "day" && back == 1:
		text = "yesterday"
	case unit == "day":
	case back == 0:
		text = "this " + unit
	case back == 1:
		text = "last " + unit
	}
	w := c.days(from, shift(unit, from, 1), unit, text)
	w.back = back
	return w
}

// last returns the last n units: full days, hours up to now, calendar months.
func (c calendar) last(unit string, n int) when {
	text := fmt.Sprintf("last %d %ss", n, unit)
	switch unit {
	case "second", "minute", "hour":
		ms := map[string]int64{"second": 1000, "minute": 60_000, "hour": 3_600_000}[unit]
		return when{span: analytics.Span{From: c.now - int64(n)*ms, To: c.now}, text: text, unit: unit}
	case "week", "fortnight":
		if n > 1 || unit == "fortnight" {
			days := map[string]int{"week": 7, "fortnight": 15}[unit] * n
			w := c.days(c.today-analytics.Day(days), c.today, "day", fmt.Sprintf("last %d days", days))
			w.note = &Note{SaidPeriod, w.from.String() + ".." + (w.to - 1).String()}
			return w
		}
	}
	if n == 1 && unit != "day" {
		return c.unit(unit, 1)
	}
	to := start(unit, c.today)
	return c.days(shift(unit, to, -n), to, unit, text)
}

// whenAt reads the longest period at item i.
func (l *line) whenAt(i int) (when, bool) {
	best := when{}
	for _, read := range []func(int) (when, int, bool){
		l.moments, l.dateRange, l.toCome, l.since, l.lastUnits, l.relUnit, l.agoUnit, l.weekend, l.workdays, l.monthPeriod, l.quarterPeriod, l.partMonth, l.yearPeriod, l.toDate, l.bareUnit, l.single,
	} {
		if w, next, ok := read(i); ok && next > best.end {
			w.first, w.end = i, next
			best = w
		}
	}
	return best, best.end > i
}

// moments reads "from 2026-03-17T08:00 to 2026-03-17T10:00", as canonical text has it.
func (l *line) moments(i int) (when, int, bool) {
	a, b := l.at(i+1), l.at(i+3)
	if !l.is(i, "glue.of", "glue.since") || a.kind != aMoment || !l.is(i+2, "glue.to", "glue.a") {
		return when{}, i, false
	}
	at := func(it *item) int64 {
		return l.cal.minuteOf(analytics.DateOf(it.year, time.Month(it.month), it.day), int(it.num))
	}
	name := func(it *item) string {
		return analytics.DateOf(it.year, time.Month(it.month), it.day).String() + "T" + clockText(int(it.num))
	}
	w := when{span: analytics.Span{From: at(a), To: l.cal.now}, text: "from " + name(a) + " to now"}
	switch {
	case b.kind == aMoment:
		w.span.To, w.text = at(b), "from "+name(a)+" to "+name(b)
	case !b.has("when.now"):
		return when{}, i, false
	}
	return w, i + 4, w.span.From < w.span.To
}

// single reads one day.
func (l *line) single(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.on", "glue.for")
	d, next, ok := l.dateAt(j, false)
	if !ok && (l.is(j, "glue.art", "glue.on") || l.is(j-1, "glue.on") && j > i) {
		d, next, ok = l.bareDay(j)
	}
	if !ok {
		return when{}, i, false
	}
	on := l.cal.resolve(d, l.cal.today)
	w := l.cal.days(on, on+1, "day", d.name)
	return w.of(d), next, true
}

// bareDay reads "el 5" where nothing counted follows.
func (l *line) bareDay(i int) (date, int, bool) {
	d, next, ok := l.dateAt(i, true)
	if !ok || d.sure || l.is(i, "glue.art") && strings.HasSuffix(l.at(i).text, "s") || l.unitish(next) || l.at(next).kind == anOp || l.is(next, "glue.of") && !l.mark(next+1) && l.at(next+1).kind != aWord {
		return date{}, i, false
	}
	if next < len(l.items) && !l.mark(next) && !l.is(next, "filler.", "glue.", "cmd.", "when.", "part.") {
		return date{}, i, false
	}
	return d, next, true
}

// workdays reads "monday to friday", which is one phrase: the latest that is over.
func (l *line) workdays(i int) (when, int, bool) {
	if !l.is(i, "cmd.workdays") || l.is(i, "when.weekdays", "filler.", "dim.") {
		return when{}, i, false
	}
	friday := l.cal.resolve(date{weekday: 5}, l.cal.today)
	return l.cal.days(friday-4, friday+1, "", ""), i + 1, true
}

// since reads "desde el lunes": up to now.
func (l *line) since(i int) (when, int, bool) {
	if !l.is(i, "glue.since") {
		return when{}, i, false
	}
	j := l.skip(i+1, "glue.art", "glue.of")
	if d, next, ok := l.dateAt(j, l.is(j-1, "glue.art") || l.contracted(i)); ok && (d.sure || !l.unitish(next) && !l.hourly(next)) {
		on := l.cal.resolve(d, l.cal.today)
		w := l.cal.days(on, l.cal.today+1, "", "from "+on.String()+" to now")
		return w.of(d), l.opt(next, "when.to_date"), true
	}
	if w, ok := l.whenAt(j); ok && w.whole {
		since := l.cal.days(w.from, l.cal.today+1, "", "from "+w.from.String()+" to now")
		if since.never == "" {
			since.never = w.never
		}
		return since, w.end, true
	}
	return when{}, i, false
}

// contracted reports whether item i ends in a preposition with an article, so
// that a bare number after it is a day: "a partir del 10".
func (l *line) contracted(i int) bool {
	t := l.at(i).text
	return strings.Contains(t, " ") && l.lex.ends(t, "glue.ofthe")
}

// dateRange reads two days: "del 1 al 15 de marzo", "March 5 - 12", "from
// monday to wednesday", "de enero a marzo". Both ends are included.
func (l *line) dateRange(i int) (when, int, bool) {
	j := l.skip(i, "glue.of", "glue.since", "glue.between", "glue.in", "glue.on")
	opener := j > i
	between := l.is(j-1, "glue.between") && opener
	if w, next, ok := l.monthRange(j, between); ok {
		return w, next, true
	}
	a, k, ok := l.dateAt(j, true)
	if !ok {
		return when{}, i, false
	}
	if l.is(k, "when.to_date") && opener && a.sure {
		from := l.cal.resolve(a, l.cal.today)
		return l.cal.days(from, l.cal.today+1, "", "from "+from.String()+" to now").of(a), k + 1, true
	}
	dash := l.at(k).kind == anOp && l.at(k).word == "-"
	if !dash && !l.is(k, "glue.to", "glue.a", "glue.until") && !(between && l.is(k, "glue.and")) {
		return when{}, i, false
	}
	m := l.skip(k+1, "glue.art", "glue.to")
	if l.is(m, "when.now") || l.is(m, "when.today") {
		from := l.cal.resolve(a, l.cal.today)
		return l.cal.days(from, l.cal.today+1, "", "from "+from.String()+" to now").of(a), m + 1, a.sure
	}
	b, next, ok := l.dateAt(m, true)
	if !ok || !l.dayish(a, b, j, k, m, next) {
		return when{}, i, false
	}
	share(&a, &b)
	return l.between(a, b).of(a, b), next, true
}

// dayish reports whether two bare numbers are days rather than hours: "del 1 al
// 15", "the 1st to the 15th", "13 to 15 of march".
func (l *line) dayish(a, b date, j, k, m, next int) bool {
	if a.sure || b.sure {
		return true
	}
	if l.hourly(k-1) || l.hourly(next) || l.is(j, "glue.hours") || l.is(m, "glue.hours") {
		return false
	}
	return l.is(j, "glue.art") || l.is(j-1, "glue.ofthe") || l.is(k, "glue.tothe") || l.is(m-1, "glue.art") || b.day > 24
}

// hourly reports whether item i says that a number is an hour.
func (l *line) hourly(i int) bool {
	return l.is(i, "unit.hour", "clock.", "part.") || l.at(i).kind == aClock
}

// between returns the days from a to b, both included. What only one of them
// says holds for both; bare days are of the running month if it has come to the
// first of them.
func (l *line) between(a, b date) when {
	if a.day > 0 && a.month == 0 && b.day > 0 && b.month == 0 {
		from := l.cal.resolve(a, l.cal.today)
		_, m, _ := from.Date()
		a.month, b.month = int(m), int(m)
		if b.day < a.day {
			b.month = b.month%12 + 1
		}
	}
	if b.weekday > 0 || b.fixed {
		to := l.cal.resolve(b, l.cal.today)
		return l.cal.days(min(l.cal.resolve(a, to), to), to+1, "", "")
	}
	from := l.cal.resolve(a, l.cal.today)
	to := l.cal.resolve(b, l.cal.today)
	if to < from && b.year == 0 {
		to = l.cal.resolve(b, from+365)
	}
	return l.cal.days(from, max(from, to)+1, "", "")
}

// share gives each of two dates the month and year that only the other says.
func share(a, b *date) {
	if b.month == 0 && b.day > 0 && a.month > 0 {
		b.month, b.year = a.month, a.year
		if b.day < a.day {
			b.month = a.month%12 + 1
		}
	}
	if a.month == 0 && a.day > 0 && b.month > 0 {
		a.month, a.year = b.month, b.year
		if a.day > b.day {
			a.month = (b.month+10)%12 + 1
		}
	}
	if a.year == 0 && b.year > 0 && a.month > 0 {
		a.year = b.year
		if a.month > b.month {
			a.year--
		}
	}
}

// monthRange reads "de enero a marzo (de 2025)".
func (l *line) monthRange(i int, between bool) (when, int, bool) {
	a, ok := l.month(i)
	k := i + 1
	if !ok || !l.is(k, "glue.to", "glue.a", "glue.until") && !(between && l.is(k, "glue.and")) && l.at(k).word != "-" {
		return when{}, i, false
	}
	b, ok := l.month(l.skip(k+1, "glue.art"))
	if !ok {
		return when{}, i, false
	}
	year, next := l.yearAt(l.skip(k+1, "glue.art") + 1)
	to := l.cal.monthOf(b, year)
	y, _, _ := to.Date()
	if a > b {
		y--
	}
	return l.cal.days(analytics.DateOf(y, time.Month(a), 1), to.AddMonths(1), "", ""), next, true
}

// monthOf returns the first day of the latest month of that name that has begun.
func (c calendar) monthOf(month, year int) analytics.Day {
	y, _, _ := c.today.Date()
	if year > 0 {
		y = year
	}
	d := analytics.DateOf(y, time.Month(month), 1)
	if d > c.today && year == 0 {
		d = analytics.DateOf(y-1, time.Month(month), 1)
	}
	return d
}

// monthPeriod reads "febrero", "in march 2025", "2026-02".
func (l *line) monthPeriod(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.for", "glue.during", "glue.all")
	if l.is(j, "unit.month") && l.is(j+1, "glue.of") {
		j += 2
	}
	if it := l.at(j); it.kind == aDate && it.day == 0 && it.month >= 1 && it.month <= 12 {
		return l.cal.whole(analytics.DateOf(it.year, time.Month(it.month), 1)), j + 1, true
	}
	m, ok := l.month(l.skip(j, "rel.this", "rel.past"))
	j = l.skip(j, "rel.this", "rel.past")
	if !ok || l.risky(j, i) {
		return when{}, i, false
	}
	j = l.opt(j+1, "rel.past")
	year, next := l.yearAt(j)
	return l.cal.whole(l.cal.monthOf(m, year)), next, true
}

// risky reports whether a short month name at j may be another word: "mar",
// "may", "set" count only after a preposition or before a year.
func (l *line) risky(j, i int) bool {
	it := l.at(j)
	if len(it.text) > 3 || !it.has("filler.") && len(it.classes) == 1 {
		return false
	}
	_, isYear := l.integer(j + 1)
	return j == i && !isYear
}

func (c calendar) whole(month analytics.Day) when {
	y, m, _ := month.Date()
	w := c.days(month, month.AddMonths(1), "month", fmt.Sprintf("%04d-%02d", y, m))
	now := c.today.Month()
	for d := month; d < now; d = d.AddMonths(1) {
		w.back++
	}
	return w
}

// yearPeriod reads "2025", "en 2025".
func (l *line) yearPeriod(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.for", "glue.art", "unit.year", "glue.during")
	n, ok := l.integer(j)
	y, _, _ := l.cal.today.Date()
	if !ok || n < 1900 || n > 2100 || l.unitish(j+1) || j == i && (n < 2010 || n > y) {
		return when{}, i, false
	}
	w := l.cal.days(analytics.DateOf(n, 1, 1), analytics.DateOf(n+1, 1, 1), "year", strconv.Itoa(n))
	w.back = y - n
	return w, j + 1, true
}
