package words

import (
	"fmt"

	"pulso/analytics"
	"pulso/analytics/report"
)

// few is how many units "the last days" are.
var few = map[string]int{"day": 7, "week": 4, "month": 3, "hour": 3, "minute": 30, "quarter": 2, "year": 2, "semester": 2, "fortnight": 2, "second": 60}

// lastUnits reads "los últimos 7 días", "past 6 hours", "7 últimos dias".
func (l *line) lastUnits(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.art", "glue.during", "glue.for", "when.all", "glue.since")
	if half, next := l.lastSpan(j); next > j {
		return half, next, true
	}
	first := j
	j = l.skip(j, "rel.last", "rel.past")
	if w, next, ok := l.noUnits(first, j); ok {
		return w, next, true
	}
	n, k := l.count(j)
	said := k > j
	if j == first {
		if j = l.skip(k, "rel.last", "rel.past"); !said || j == k {
			return l.bareUnits(i, k, n)
		}
		k = j
	}
	k = l.opt(k, "glue.of", "filler.")
	unit := l.at(k).key("unit")
	if unit == "" || !said && !l.plural(k) {
		return when{}, i, false
	}
	if !said {
		n = few[unit]
	}
	if n <= 0 || n > 36_500 {
		return when{}, i, false
	}
	w := l.cal.last(unit, n)
	w.prior = l.anyIn(first, k, "rel.prior")
	return w, k + 1, true
}

// noUnits reads "last 0 days", "last -5 days": a length that no period has.
func (l *line) noUnits(first, j int) (when, int, bool) {
	k := j
	if it := l.at(k); it.kind == anOp && it.word == "-" {
		k++
	}
	n, ok := l.integer(k)
	if !ok || n > 0 && k == j || j == first && k == j || l.at(k+1).key("unit") == "" {
		return when{}, j, false
	}
	return when{never: report.NoLength}, k + 2, true
}

// toCome reads "tomorrow", "next week", "los próximos 7 días", "el próximo lunes":
// a time of which there are no figures yet.
func (l *line) toCome(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.art", "glue.during", "glue.for", "glue.on")
	w := when{never: report.StillToCome}
	if k := l.opt(j, "rel.past"); l.is(k, "when.tomorrow") {
		return w, k + 1, true
	}
	if k := l.opt(j, "rel.next"); k > j {
		n, next := l.count(k)
		_, month := l.month(next)
		return w, next + 1, l.is(next, "unit.") || n == 0 && (month || l.is(next, "weekday."))
	}
	_, k := l.count(j)
	_, month := l.month(k)
	return w, k + 2, l.is(k+1, "rel.next") && (l.is(k, "unit.", "weekday.") || month)
}

// lastSpan reads "the last half hour".
func (l *line) lastSpan(i int) (when, int) {
	j := l.skip(i, "rel.last", "rel.past")
	if j == i || !l.is(j, "span.") {
		return when{}, i
	}
	return l.cal.last("minute", map[string]int{"half_hour": 30, "quarter_hour": 15, "hour_half": 90}[l.at(j).key("span")]), j + 1
}

// bareUnits reads a length that nothing else is said of, as in "trend 30 days".
func (l *line) bareUnits(i, k, n int) (when, int, bool) {
	unit := l.at(k).key("unit")
	if n <= 1 || unit == "" || unit == "second" || unit == "minute" || l.is(k+1, "rel.ago", "rel.agoafter", "rel.next") ||
		l.is(i-1, "op.", "rel.ago", "glue.since") || l.is(i, "glue.for", "glue.since") {
		return when{}, i, false
	}
	if unit == "hour" && !l.is(i, "glue.in", "glue.during") {
		return when{}, i, false
	}
	return l.cal.last(unit, n), k + 1, true
}

// plural reports whether the unit at i stands in the plural.
func (l *line) plural(i int) bool {
	t := l.at(i).text
	return len(t) > 3 && t[len(t)-1] == 's' && t != "mes"
}

// relUnit reads "esta semana", "last month", "la semana antepasada".
func (l *line) relUnit(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.art", "glue.during", "glue.for", "when.all", "when.to_date", "glue.since")
	if unit := l.at(j).key("beforelast"); unit != "" {
		return l.cal.unit(unit, 2), j + 1, true
	}
	if !l.is(j, "rel.", "unit.") {
		return when{}, i, false
	}
	back, k := 0, j
	switch {
	case l.is(j, "rel.before_last") && l.is(j+1, "unit."):
		back, k = 2, j+1
	case l.is(j, "rel.this") && l.is(j+1, "unit."):
		k = j + 1
	case l.is(j, "rel.last", "rel.past") && l.is(j+1, "unit.") && !l.plural(j+1):
		back, k = 1, j+1
	case l.is(j, "unit.") && l.is(j+1, "rel.before_last"):
		back = 2
	case l.is(j, "unit.") && l.is(j+1, "rel.past", "rel.recent"):
		back = 1
	case l.is(j, "unit.") && l.is(j+1, "rel.this") && !l.is(i-1, "glue.by") && !l.is(j+2, "unit.", "when.", "month."):
	default:
		return when{}, i, false
	}
	unit := l.at(k).key("unit")
	next := max(k+1, j+2)
	if unit == "hour" || unit == "minute" || unit == "second" {
		return l.cal.last(unit, 1), next, unit != "second"
	}
	if unit == "day" && back == 1 && !l.is(j, "rel.last") {
		return when{}, i, false // "el día anterior" is relative to another day
	}
	w := l.cal.unit(unit, back)
	w.prior = l.anyIn(j, next, "rel.prior")
	return w, l.opt(next, "when.to_date"), true
}

// agoUnit reads "hace dos semanas": that whole week; hours ago: since then.
func (l *line) agoUnit(i int) (when, int, bool) {
	j := l.skip(i, "glue.of", "glue.in", "glue.since")
	unit, n, next, ok := l.ago(j)
	if !ok || unit == "day" {
		return when{}, i, false
	}
	if unit == "hour" || unit == "minute" || unit == "second" {
		return l.cal.last(unit, n), next, true
	}
	return l.cal.unit(unit, n), next, true
}

// weekend reads the latest full weekend, or the running one.
func (l *line) weekend(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.art", "glue.during", "glue.on", "glue.for")
	this, older := l.is(j, "rel.this"), 0
	if l.is(j, "rel.before_last") {
		older = 1
	}
	j = l.skip(j, "rel.this", "rel.past", "rel.last", "rel.before_last")
	if !l.is(j, "when.weekend") {
		return when{}, i, false
	}
	next := j + 1
	if l.is(next, "rel.before_last") {
		older = 1
	}
	next = l.skip(next, "rel.past", "rel.last", "rel.recent", "rel.before_last")
	sat := l.cal.today.Week() - 2
	if l.cal.today.Weekday() >= 6 && (this || next == j+1 && l.is(j-1, "glue.art") && l.any("when.to_date")) {
		sat += 7
	}
	sat -= analytics.Day(7 * older)
	if k := l.skip(next, "glue.of", "glue.art"); k > next && l.is(k, "unit.week") && l.is(k+1, "rel.past") {
		next = k + 2
	}
	return l.cal.days(sat, sat+2, "week", ""), next, true
}

// quarterPeriod reads "Q1 2026", "primer trimestre", "second half of 2025".
func (l *line) quarterPeriod(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.art", "glue.for", "glue.during")
	n, unit, next := l.nth(j)
	if n == 0 || unit != "quarter" && unit != "semester" {
		return when{}, i, false
	}
	year, end := l.yearAt(next)
	if unit == "semester" && (year == 0 && l.monthAhead(next)) {
		return when{}, i, false
	}
	months := map[string]int{"quarter": 3, "semester": 6}[unit]
	from := l.cal.monthOf((n-1)*months+1, year)
	w := l.cal.days(from, from.AddMonths(months), unit, "")
	for d := from; d < start(unit, l.cal.today); d = d.AddMonths(months) {
		w.back++
	}
	if y, _, _ := from.Date(); unit == "quarter" {
		w.text = fmt.Sprintf("q%d %d", n, y)
	}
	return w, end, n <= 12/months
}

func (l *line) monthAhead(i int) bool {
	_, ok := l.month(l.skip(i, "glue.of", "glue.art", "unit.month"))
	return ok
}

// nth reads an ordinal and its unit: "primer trimestre", "Q1", "2a quincena".
func (l *line) nth(i int) (n int, unit string, next int) {
	for _, c := range l.at(i).classes {
		if n, ok := number(c, "quarter"); ok {
			return n, "quarter", i + 1
		}
	}
	n = l.ordinal(i)
	if n == 0 {
		return 0, "", i
	}
	return n, l.at(i + 1).key("unit"), i + 2
}

func (l *line) ordinal(i int) int {
	if n, ok := l.integer(i); ok && l.at(i).ordinal {
		return n
	}
	for _, c := range l.at(i).classes {
		if n, ok := number(c, "ordinal"); ok {
			return n
		}
	}
	return 0
}

// partMonth reads a part of a month: "primera quincena de marzo", "first week of
// february", "últimos 5 días de enero", "semana del 2 de marzo".
func (l *line) partMonth(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.art", "glue.during", "glue.for")
	if w, next, ok := l.weekOf(j); ok {
		return w, next, true
	}
	n, count, unit, k := l.partOf(j)
	if n == 0 || unit == "" {
		return when{}, i, false
	}
	month, next, ok := l.monthRef(k)
	if !ok {
		return when{}, i, false
	}
	end := month.AddMonths(1)
	from, to := month, end
	size := map[string]analytics.Day{"day": 1, "week": 7, "fortnight": 15, "semester": 15}[unit] * analytics.Day(count)
	switch {
	case size == 0:
		return when{}, i, false
	case n < 0:
		from = end - size
	case unit == "fortnight" || unit == "semester":
		from = month + analytics.Day(15*(n-1))
		if n == 1 {
			to = from + 15
		}
	default:
		from = month + size*analytics.Day(n-1)
		to = min(from+size, end)
	}
	return l.cal.days(from, to, "", ""), next, from < end
}

// partOf reads which part: n is its number, -1 the last; count how many units.
func (l *line) partOf(i int) (n, count int, unit string, next int) {
	n, count, next = l.ordinal(i), 1, i+1
	switch {
	case l.is(i, "rel.last"):
		n = -1
	case l.is(i, "rank.top") && n == 0: // "primeros 10 días"
		n = 1
	}
	if n == 0 {
		return 0, 0, "", i
	}
	if c, ok := l.integer(next); ok {
		count, next = c, next+1
	}
	return n, count, l.at(next).key("unit"), next + 1
}

// monthRef reads "de marzo", "of this month", "do mês passado".
func (l *line) monthRef(i int) (analytics.Day, int, bool) {
	j := l.skip(i, "glue.of", "glue.art", "glue.in")
	if j == i {
		return 0, i, false
	}
	if m, ok := l.month(j); ok {
		year, next := l.yearAt(j + 1)
		return l.cal.monthOf(m, year), next, true
	}
	if w, next, ok := l.relUnit(j); ok && w.unit == "month" {
		return w.from, next, true
	}
	if l.is(j, "unit.month") {
		return l.cal.today.Month(), j + 1, true
	}
	return 0, i, false
}

// weekOf reads "la semana del 2 de marzo", "week of march 2".
func (l *line) weekOf(i int) (when, int, bool) {
	if !l.is(i, "unit.week") || !l.is(i+1, "glue.of") {
		return when{}, i, false
	}
	d, next, ok := l.dateAt(l.skip(i+2, "glue.art"), true)
	if !ok || d.weekday > 0 || d.fixed || !d.sure && !l.is(i+1, "glue.ofthe") && !l.is(i+2, "glue.art") {
		return when{}, i, false
	}
	week := l.cal.resolve(d, l.cal.today).Week()
	if l.is(next, "glue.to", "glue.a") || l.at(next).word == "-" {
		return when{}, i, false
	}
	return l.cal.days(week, week+7, "week", ""), next, true
}

// toDate reads "en lo que va del mes", "month to date", "mtd".
func (l *line) toDate(i int) (when, int, bool) {
	for _, unit := range []string{"week", "month", "quarter", "year"} {
		if l.is(i, "when."+unit+"_to_date") {
			return l.cal.unit(unit, 0), i + 1, true
		}
	}
	if l.is(i, "when.to_date") {
		j := l.skip(i+1, "glue.of", "glue.art", "glue.in", "rel.this")
		if unit := l.at(j).key("unit"); calendarUnit(unit) {
			return l.cal.unit(unit, 0), j + 1, true
		}
		if m, ok := l.month(j); ok {
			return l.cal.whole(l.cal.monthOf(m, 0)), j + 1, true
		}
	}
	return when{}, i, false
}

func calendarUnit(unit string) bool {
	switch unit {
	case "day", "week", "fortnight", "month", "quarter", "semester", "year":
		return true
	}
	return false
}

// bareUnit reads "de la semana", "the month", "week so far": the running one.
func (l *line) bareUnit(i int) (when, int, bool) {
	j := l.skip(i, "glue.in", "glue.of", "glue.for", "when.all", "glue.during", "glue.art", "glue.since")
	unit := l.at(j).key("unit")
	sofar := l.is(j+1, "when.to_date")
	if calendarUnit(unit) && j == i && !l.plural(j) && unit != "day" && (l.is(j+1, "overview.overview") || l.is(j-1, "overview.overview")) && !l.is(j+1, "rel.", "glue.of") && !l.is(j-1, "glue.by", "cmd.every") && !l.any("cmd.digest", "cmd.every", "glue.each") {
		return l.cal.unit(unit, 0), j + 1, true // "week summary", "resumo mês"
	}
	if !calendarUnit(unit) || l.plural(j) || j == i && !sofar || l.is(j+1, "rel.", "glue.of") && !sofar {
		return when{}, i, false
	}
	if l.is(l.skipBack(j-1, "glue.", "filler."), "unit.hour", "overview.peakday", "ask.days") && unit == "week" || l.is(i-1, "unit.hour", "overview.peak", "ask.hours") {
		return when{}, i, false // "the quietest hour of the day"
	}
	if !sofar && !l.is(j-1, "glue.art", "glue.ofthe", "glue.inthe") || l.is(i-1, "glue.by", "op.", "rank.", "ask.") && j == i+1 {
		return when{}, i, false
	}
	return l.cal.unit(unit, 0), l.opt(j+1, "when.to_date"), true
}
