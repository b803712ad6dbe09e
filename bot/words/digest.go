package words

import (
	"slices"
	"strings"
)

var dayKeys = [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// digest reads a line about subscriptions, and false when it is none.
func (l *line) digest() (Reading, bool) {
	d := &DigestDetail{Language: l.in.Language}
	named := l.any("cmd.digest")
	about := named || l.any("overview.overview")
	switch {
	case l.any("cmd.stop") && !l.any("cmd.alert", "cmd.alerts") && about && !l.any("cmd.chart") && l.format() == "":
		d.Action = "stop"
		d.ID = l.numberAfter("cmd.digest")
	case l.any("cmd.sendnow"):
		d.Action = "send"
	case l.recurs() && (about || l.any("cmd.send", "cmd.schedule", "cmd.export") || l.clocked()):
		d.Action = "add"
		l.occurrence(d)
		l.content(d)
	case named && (l.clocked() || l.any("cmd.schedule") || l.any("cmd.send") && !l.any("when.now")) && !l.any("when.yesterday"):
		d.Action = "add"
		l.occurrence(d)
		l.content(d)
	case about && l.any("cmd.scheduled") && !l.clocked() && !l.recurs():
		d.Action = "list"
	case named && l.any("when.now", "cmd.send"):
		d.Action = "send"
	case l.owned() && l.alone("overview.overview", "cmd.digest", "cmd.list", "cmd.drill", "ask.which") && l.plural(l.find(0, "overview.overview", "cmd.digest")):
		d.Action = "list"
	case l.summary() != "":
		return l.summarize(l.summary()), true
	case named && l.alone("cmd.digest", "cmd.list", "cmd.drill", "overview.overview", "dim.", "ask.", "cmd.alerts", "cmd.help"):
		d.Action = "list"
	default:
		return Reading{}, false
	}
	if k := l.find(0, "language."); k >= 0 {
		d.Language = l.at(k).key("language")
	}
	return Reading{Language: l.lang.String(), Intent: ToDigest, Digest: d}, true
}

// summary returns the unit of time of "weekly recap" and the like when nothing
// says that the subscription is meant.
func (l *line) summary() string {
	k := l.find(0, "cmd.digest")
	if k < 0 || !l.alone("cmd.digest", "cmd.drill") || l.plural(k) || l.any("glue.not") || !strings.Contains(l.at(k).text, " ") || l.owned() {
		return ""
	}
	for _, unit := range []string{"day", "week", "month"} {
		if l.digestOf(unit) {
			return unit
		}
	}
	return ""
}

// digestOf reports whether a digest of a unit of time is named: "weekly recap".
func (l *line) digestOf(unit string) bool {
	k := l.find(0, "cmd.digest")
	return k >= 0 && slices.ContainsFunc(strings.Fields(l.at(k).text), func(w string) bool {
		n := l.lex.root.next(w)
		return n != nil && slices.ContainsFunc(n.senses, func(s sense) bool { return s.class == "dim."+unit })
	})
}

// owned reports whether something of the person's own is named: "my weekly recap".
func (l *line) owned() bool {
	return slices.ContainsFunc(l.items, func(it item) bool { return slices.Contains([]string{"my", "mi", "mis", "meu", "meus"}, it.text) })
}

// summarize returns the report of everything in the running unit of time.
func (l *line) summarize(unit string) Reading {
	d := draft{overview: true, said: true, period: l.cal.unit(unit, 0)}
	d.ask.Metrics = slices.Clone(overview)
	l.finish(&d)
	return l.reading(&d)
}

// alone reports whether the line holds nothing but these classes and idle words.
func (l *line) alone(classes ...string) bool {
	for i := range l.items {
		if !l.idle(i) && !l.is(i, classes...) {
			return false
		}
	}
	return true
}

// idle reports whether item i means nothing by itself.
func (l *line) idle(i int) bool {
	it := l.at(i)
	return it.kind == aMark || it.kind == aSign || it.has("filler.", "glue.", "cmd.greeting", "cmd.thanks") || it.kind == anOp && it.word == "-"
}

func (l *line) numberAfter(class string) int {
	k := l.find(0, class)
	if n, ok := l.integer(k + 1); ok && k >= 0 && !l.hourly(k+2) {
		return n
	}
	return 0
}

// recurs reports whether the line names a recurrence.
func (l *line) recurs() bool {
	if l.any("cmd.daily", "cmd.weekly", "cmd.monthly", "cmd.workdays", "weekdays.") {
		return true
	}
	k := l.find(0, "cmd.every", "glue.each")
	if k >= 0 {
		_, weekday := l.weekday(k + 1)
		_, n := l.integer(k + 1)
		return weekday || l.is(k+1, "unit.day", "unit.week", "unit.month") && !l.is(k, "glue.by") || n && l.is(k+2, "unit.") || l.is(k+1, "part.")
	}
	_, ok := l.monthDays()
	return ok || l.any("cmd.send") && l.any("weekday.") && l.clocked() && l.any("glue.art", "glue.on")
}

// clocked reports whether the line names a time of day.
func (l *line) clocked() bool {
	_, ok := l.clockTime()
	return ok
}

// clockTime returns the first time of day of the line, in minutes.
func (l *line) clockTime() (int, bool) {
	for i := range l.items {
		h, end, ok := l.hourAt(i)
		if !ok || l.is(end, "unit.", "noun.", "dim.", "rank.") && !l.is(end, "cmd.") || l.at(end).kind == anOp {
			continue
		}
		start := l.skip(i, "glue.at", "glue.hours", "glue.art")
		if l.at(start-1).text == "todo dia" && l.is(end, "glue.at", "glue.hours") {
			continue
		}
		marked := start > i || l.is(i-1, "glue.at", "glue.hours", "cmd.daily", "cmd.weekly", "cmd.digest", "cmd.workdays", "weekday.", "weekdays.", "cmd.monthly", "overview.overview") || l.at(i-1).has("glue.for", "unit.", "part.")
		if h.plain && !marked && !h.exact {
			continue
		}
		if h.plain && (l.is(i, "glue.art") && !l.is(i, "glue.hours") || l.is(i-1, "rank.", "rel.", "unit.day")) || l.at(start).ordinal {
			continue
		}
		return l.morning(h, i, end), true
	}
	return 0, false
}

// morning settles which half of the day an hour is in: a part of the day said
// elsewhere tells, else 1 to 4 are in the afternoon.
func (l *line) morning(h hour, first, end int) int {
	if h.half == "" && !h.exact && h.minute < 12*60 {
		late := false
		for i := range l.items {
			late = late || (i < first || i >= end) && l.is(i, "part.evening", "part.afternoon") && !l.is(i, "cmd.greeting")
		}
		if late || h.minute > 0 && h.minute < 5*60 {
			h.minute += 12 * 60
		}
	}
	return h.minute % (24 * 60)
}

// monthDays reads "el 1 de cada mes", "on the 5th of every month".
func (l *line) monthDays() (int, bool) {
	for i := range l.items {
		n, ok := l.integer(i)
		if !ok {
			n = l.ordinal(i)
		}
		if n < 1 || n > 31 {
			continue
		}
		if l.is(i-1, "unit.day", "glue.on", "glue.art", "filler.") && l.digestOf("month") && !l.hourly(i+1) {
			return n, true
		}
		j := l.skip(i+1, "glue.of", "glue.art", "glue.in", "unit.day")
		if l.is(i-1, "cmd.daily") && l.is(i+1, "glue.at", "glue.hours") && l.at(i-1).text == "todo dia" {
			return n, true
		}
		if l.is(j, "cmd.monthly") || l.is(j, "glue.each", "cmd.every", "glue.by") && l.is(j+1, "unit.month") {
			return n, true
		}
	}
	return 0, false
}

// occurrence reads on which days and at what time.
func (l *line) occurrence(d *DigestDetail) {
	if n, ok := l.monthDays(); ok {
		d.MonthDay = n
	} else if l.any("cmd.monthly") || l.recursBy("month") {
		d.MonthDay = 1
		if k := l.find(0, "unit.day", "glue.on"); k >= 0 {
			if n, ok := l.integer(k + 1); ok && n <= 31 {
				d.MonthDay = n
			}
		}
	}
	if m, ok := l.clockTime(); ok {
		d.At = clockText(m)
	} else {
		d.At = l.partTime()
	}
	if d.MonthDay == 0 {
		d.Days = l.weekdaysSaid()
	}
}

func (l *line) recursBy(unit string) bool {
	k := l.find(0, "cmd.every", "glue.each")
	return k >= 0 && l.is(k+1, "unit."+unit)
}

// partTime is the time of a part of the day, when no hour was said.
func (l *line) partTime() string {
	for i := range l.items {
		if l.is(i, "cmd.greeting") {
			continue
		}
		switch l.at(i).key("part") {
		case "morning":
			return "08:00"
		case "noon":
			return "12:00"
		case "afternoon":
			return "15:00"
		case "evening":
			return "20:00"
		}
	}
	return ""
}

// weekdaysSaid lists the days named: single ones, ranges, working days, the
// weekend; all seven when none is.
func (l *line) weekdaysSaid() []string {
	set := map[int]bool{}
	var last int
	for i := range l.items {
		n, ok := l.weekdayAny(i)
		switch {
		case !ok && l.is(i, "cmd.workdays"):
			for k := 1; k <= 5; k++ {
				set[k] = true
			}
		case !ok && l.is(i, "when.weekend"):
			set[6], set[7] = true, true
		case !ok:
			continue
		case last > 0 && (l.is(i-1, "glue.to", "glue.a", "glue.until") || l.at(i-1).word == "-"):
			for k := last; k != n; k = k%7 + 1 {
				set[k] = true
			}
		}
		if ok {
			set[n], last = true, n
		}
	}
	if len(set) == 0 {
		if l.any("cmd.weekly") || l.recursBy("week") {
			return []string{"mon"}
		}
		return slices.Clone(dayKeys[:])
	}
	var days []string
	for n := 1; n <= 7; n++ {
		if set[n] {
			days = append(days, dayKeys[n-1])
		}
	}
	return days
}

func (l *line) weekdayAny(i int) (int, bool) {
	if n, ok := l.weekday(i); ok {
		return n, true
	}
	for _, c := range l.at(i).classes {
		if n, ok := number(c, "weekdays"); ok {
			return n, true
		}
	}
	return 0, false
}

// content works out what the digest is to tell: the line without its
// recurrence, else the stats of the time since the last one.
func (l *line) content(d *DigestDetail) {
	var rest []item
	for i := range l.items {
		if l.scheduling(i) {
			continue
		}
		rest = append(rest, l.items[i])
	}
	o := &line{in: l.in, lex: l.lex, lang: l.lang, items: rest, used: make([]bool, len(rest)), cal: l.cal}
	r := o.report(0, len(rest))
	if r.ask.Order != "" && r.overview { // "resumen con los mejores agentes": what is ranked, not everything
		r.overview, r.ask.Metrics = false, nil
	} else if r.strength < 2 && r.ask.Order == "" || r.overview {
		r.overview = true
		r.ask.Metrics = slices.Clone(overview)
	}
	if !r.said {
		r.said, r.period = true, l.sinceLast(d)
		if len(r.ask.Metrics) > 0 && stocksOnly(r.ask.Metrics) {
			r.said = false
		}
	}
	o.finish(&r)
	if r.refused != nil {
		r = draft{overview: true, said: true, period: l.sinceLast(d)}
		o.finish(&r)
	}
	d.Ask = l.in.Book.Canonical(o.reading(&r))
}

// scheduling reports whether item i says when rather than what.
func (l *line) scheduling(i int) bool {
	if l.is(i, "cmd.daily", "cmd.weekly", "cmd.monthly", "cmd.workdays", "weekdays.", "weekday.", "cmd.every", "cmd.digest", "cmd.send", "cmd.schedule", "cmd.stop", "part.", "glue.at", "glue.hours", "clock.", "language.", "setting.") {
		return !l.is(i, "metric.", "act.", "overview.peak")
	}
	_, month := l.monthDays()
	it := l.at(i)
	switch {
	case it.kind == aClock:
		return true
	case it.kind == aNumber:
		return !l.is(i-1, "rank.", "rel.last", "rel.past") && !l.is(i+1, "rel.", "rank.", "dim.", "unit.day", "mod.slower", "mod.faster")
	case it.has("unit.month"):
		return month || l.is(i-1, "cmd.every", "glue.each")
	case it.has("unit.day", "unit.week", "unit.hour"):
		return l.is(i-1, "cmd.every", "glue.each") || l.at(i-1).kind == aNumber && it.has("unit.hour")
	}
	return false
}

// sinceLast is the time a digest covers when none is said: the day before, or
// the running one when it comes in the afternoon; the week or month before.
func (l *line) sinceLast(d *DigestDetail) when {
	switch {
	case d.MonthDay > 0:
		return l.cal.unit("month", 1)
	case len(d.Days) == 1:
		return l.cal.unit("week", 1)
	case d.At >= "15:00":
		return l.cal.unit("day", 0)
	}
	return l.cal.unit("day", 1)
}
