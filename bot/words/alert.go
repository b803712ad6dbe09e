package words

import (
	"slices"
	"time"

	"pulso/analytics"
)

// alert reads a line about alerts, and false when it is none.
func (l *line) alert() (Reading, bool) {
	a := &AlertDetail{}
	told := l.any("cmd.alert", "cmd.alerts") || l.warns()
	id, numbered := l.alertID()
	switch {
	case l.any("cmd.stop", "cmd.revoke") && told && (numbered || l.any("cmd.alerts") || !l.condition()) && !l.any("op.drop", "op.rise"):
		a.Action, a.ID = "remove", id
	case l.any("cmd.test") && told && !l.condition():
		a.Action, a.ID = "test", id
	case l.snoozes():
		a.Action, a.ID = "snooze", id
		l.snooze(a)
	case told && (l.condition() || l.any("op.silence")):
		a.Action = "add"
		l.rule(a)
		if a.Metric == "" {
			return Reading{}, false
		}
	case l.any("cmd.alerts") && !l.any("cmd.digest"):
		a.Action = "list"
	default:
		return Reading{}, false
	}
	return Reading{Language: l.lang.String(), Intent: ToAlert, Alert: a}, true
}

// warns reports whether the line names a condition with its level, whatever the
// word for telling: "grítame si la espera pasa de 25 minutos".
func (l *line) warns() bool {
	k := l.find(0, "glue.if")
	if k < 0 || k > 3 || l.any("ask.howmany") {
		return false
	}
	o := l.find(k, "op.gt", "op.gte", "op.lt", "op.lte", "op.silence")
	return o >= 0 && len(l.amounts(k, len(l.items))) > 0 && !l.past()
}

// alertID returns the number of the alert that is meant.
func (l *line) alertID() (int, bool) {
	k := l.find(0, "cmd.alert", "cmd.alerts")
	if k < 0 {
		return 0, false
	}
	for _, i := range []int{k + 1, k + 2, k + 3, k - 1} {
		if n, ok := l.integer(i); ok && !l.is(i+1, "unit.") && !l.hourly(i+1) && !l.is(i-1, "glue.hours", "glue.at", "glue.until") && l.at(i+1).kind != anOp {
			return n, true
		}
	}
	if n := l.ordinal(k - 1); n > 0 {
		return n, true
	}
	return 0, false
}

// condition reports whether the line states what is to be watched.
func (l *line) condition() bool {
	if l.any("op.gt", "op.gte", "op.lt", "op.lte", "op.silence", "op.nobodyanswers") {
		return true
	}
	for i := range l.items {
		if l.at(i).kind == anOp && l.at(i).word != "-" && l.at(i).word != "%" {
			return true
		}
	}
	conditional := l.any("glue.if") || l.any("cmd.alert") && l.any("ask.when") && l.any("op.drop", "op.rise")
	for i := range l.items {
		conditional = conditional || l.is(i, "cmd.alert") && l.lex.ends(l.at(i).text, "glue.if")
	}
	return conditional && l.any("act.", "mod.", "metric.", "op.", "list.", "noun.")
}

// snoozes reports whether the line only asks for quiet.
func (l *line) snoozes() bool {
	k := l.find(0, "cmd.snooze")
	if l.in.Alert && k < 0 && l.onlyLength() {
		return true
	}
	if k < 0 || l.any("cmd.digest", "overview.overview") || l.any("op.silence") && l.any("glue.if") {
		return false
	}
	if l.in.Alert && !l.is(k, "filler.") || l.any("cmd.alert", "cmd.alerts") && !l.is(k, "filler.") {
		return true
	}
	for i := range l.items {
		if i == k || l.mark(i) || l.is(i, "cmd.snooze", "filler.", "glue.", "unit.", "when.", "span.", "part.", "clock.", "weekday.", "cmd.alert", "rel.") ||
			l.at(i).kind == aNumber || l.at(i).kind == aClock {
			continue
		}
		return false
	}
	return true
}

// onlyLength reports whether the line is nothing but a length of time.
func (l *line) onlyLength() bool {
	list := l.amounts(0, len(l.items))
	if len(list) != 1 || list[0].length() == 0 {
		return false
	}
	for i := range l.items {
		if (i < list[0].first || i >= list[0].end) && !l.idle(i) && !l.is(i, "cmd.ack") {
			return false
		}
	}
	return true
}

// snooze reads for how long, or until when.
func (l *line) snooze(a *AlertDetail) {
	k := l.find(0, "glue.until")
	if k >= 0 && l.until(a, k+1) {
		return
	}
	a.For = time.Hour
	for _, x := range l.amounts(0, len(l.items)) {
		if x.unit != "" && x.unit != "%" {
			a.For = x.length()
			break
		}
	}
	switch {
	case l.any("when.tomorrow") && len(l.amounts(0, len(l.items))) == 0:
		l.until(a, l.find(0, "when.tomorrow"))
		return
	case l.any("when.today", "unit.day") && a.For == time.Hour:
		a.For, a.Until = 0, l.cal.zone.Start(l.cal.today+1)
		return
	}
	a.Until = l.cal.now + a.For.Milliseconds()
}

// until reads an end: tomorrow, a time of day, a weekday. A day begins at 08:00.
func (l *line) until(a *AlertDetail, i int) bool {
	const opening = 8 * 60
	i = l.skip(i, "glue.art", "glue.until", "glue.at")
	day, minute := l.cal.today, -1
	if l.is(i, "when.tomorrow") {
		day, minute = l.cal.today+1, opening
		i = l.skip(i+1, "glue.at", "glue.by", "part.morning")
	} else if n, ok := l.weekday(i); ok {
		for day++; day.Weekday() != n; day++ {
			continue
		}
		minute = opening
		i++
	}
	if h, _, ok := l.hourAt(i); ok && !l.is(i, "when.") {
		if minute < 0 && h.half == "" && !h.exact && l.cal.minuteOf(day, h.minute) <= l.cal.now {
			h.minute += 12 * 60
		}
		minute = h.minute
	}
	if minute < 0 {
		return false
	}
	if l.cal.minuteOf(day, minute) <= l.cal.now {
		day++
	}
	a.Until = l.cal.minuteOf(day, minute)
	return true
}

// rule reads what is watched, the level, how long it must hold and over what.
func (l *line) rule(a *AlertDetail) {
	s := l.names(0, len(l.items))
	a.Where = s.filters
	l.lengths(a)
	a.Metric = l.watched(a)
	if a.Metric == "" {
		return
	}
	m, _ := analytics.MetricOf(a.Metric)
	if a.Op != "silence" {
		l.level(a, m)
	}
	a.Where = slices.DeleteFunc(a.Where, func(f analytics.Filter) bool { return !m.Fits(f.Dim) })
}

// lengths reads the lengths of time that are not the level: for … and over ….
func (l *line) lengths(a *AlertDetail) {
	all := l.amounts(0, len(l.items))
	once := len(all) == 1 && all[0].length() > 0 // "goes 1 hour without messages"
	silent := (l.any("op.silence") || l.nothingComes()) && (once || !l.any("op.gt", "op.lt"))
	for i, unit := range []time.Duration{time.Hour, 24 * time.Hour, 7 * 24 * time.Hour} {
		if k := l.find(0, []string{"op.window_hour", "op.window_day", "op.window_week"}[i]); k >= 0 && !l.is(k, "metric.", "cmd.digest") {
			if silent {
				a.For = unit
			} else {
				a.Over = unit
			}
			l.use(k, k+1)
		}
	}
	for _, x := range l.amounts(0, len(l.items)) {
		if x.length() == 0 {
			continue
		}
		before := l.skipBackClasses(x.first-1, "glue.art", "glue.one", "filler.only")
		switch {
		case silent:
			a.For = x.length()
		case l.is(before, "op.gt", "op.gte", "op.lt", "op.lte") && !l.is(before, "op.hold") || l.at(before).kind == anOp:
			continue
		case l.is(before, "glue.for", "op.hold", "glue.during", "glue.by") && !l.is(before, "glue.in"):
			if l.is(before, "op.hold") && !l.is(before, "glue.for", "glue.during", "glue.by") && !l.hasLevel(x) {
				continue
			}
			a.For = x.length()
		case l.is(before, "op.window", "glue.in", "rel.last", "rel.past", "glue.each", "unit."):
			if !l.hasLevel(x) {
				continue
			}
			a.Over = x.length()
		case l.is(x.first, "glue.one") && l.hasLevel(x):
			a.Over = x.length()
		default:
			continue
		}
		l.use(x.first, x.end)
	}
	if silent {
		a.Op = "silence"
	}
}

// nothingComes reports whether the line says that nobody writes, in any order:
// "si en 3 horas no escribe nadie".
func (l *line) nothingComes() bool {
	return l.any("glue.nobody", "glue.not") && l.any("act.wrote", "act.received", "act.arrived") && !l.any("act.replied", "op.nobodyanswers") && l.any("glue.if")
}

// hasLevel reports whether another figure of the line can be the level.
func (l *line) hasLevel(x amount) bool {
	return slices.ContainsFunc(l.amounts(0, len(l.items)), func(o amount) bool { return o.first != x.first })
}

func (l *line) skipBackClasses(i int, classes ...string) int {
	for i >= 0 && l.is(i, classes...) && !l.is(i, "glue.in", "glue.for", "op.") {
		i--
	}
	return i
}

// watched returns the metric of a rule.
func (l *line) watched(a *AlertDetail) string {
	var timed bool // the level is a length of time
	for _, x := range l.amounts(0, len(l.items)) {
		timed = timed || x.length() > 0 && !l.used[x.first]
	}
	list := l.metrics(0, len(l.items))
	if a.Op == "silence" {
		for _, f := range list {
			if f.metric == "messages_sent" || f.metric == "conversations_opened" {
				return f.metric
			}
		}
		return "messages_received"
	}
	if len(list) > 0 && list[0].weak && l.any("list.unassigned", "list.expiring", "list.waiting") {
		list = nil // "more than 3 chats without an owner"
	}
	waits := l.any("act.waiting", "op.nobodyanswers", "list.waiting", "act.unanswered")
	speed := slices.IndexFunc(list, func(f found) bool { m, _ := analytics.MetricOf(f.metric); return m.Unit == analytics.Seconds })
	switch {
	case timed && speed >= 0 && !list[speed].weak:
		return list[speed].metric
	case timed && waits:
		return "longest_wait"
	case timed && speed >= 0:
		return list[speed].metric
	case timed:
		return "first_response"
	case len(list) == 0 && l.any("list.unassigned"):
		return "conversations_unassigned"
	case len(list) == 0 && l.any("list.open"):
		return "conversations_open"
	case len(list) == 0 && waits:
		return "conversations_waiting"
	case len(list) == 0 && l.any("list.expiring"):
		return "windows_expiring"
	case len(list) == 0 && l.any("op.drop", "op.rise") && l.any("overview.busy", "mod.volume"):
		return "messages_received"
	case len(list) == 0:
		return ""
	}
	return l.stockIfNow(list, a)
}

// stockIfNow prefers what stands now to what happened, unless a window is said.
func (l *line) stockIfNow(list []found, a *AlertDetail) string {
	for _, f := range list {
		if m, _ := analytics.MetricOf(f.metric); m.Stock {
			return f.metric
		}
	}
	m := list[0].metric
	switch {
	case m == "conversations_opened" && a.Over == 0 && a.Op == "" && l.any("act.open") && !l.any("act.opened", "op.drop", "op.rise"):
		return "conversations_open"
	case m == "conversations_unanswered" && a.Over == 0:
		return "conversations_waiting"
	case m == "conversations_assigned" && l.any("list.unassigned"):
		return "conversations_unassigned"
	case m == "answered_in_target" && len(list) > 1:
		return list[1].metric
	}
	return m
}

// level reads the operator and the threshold.
func (l *line) level(a *AlertDetail, m analytics.Metric) {
	x, ok := l.threshold(m)
	a.Op = l.operator(x.first)
	change := l.any("op.drop", "op.rise") && x.unit == "%" && (m.Unit != analytics.Share || !l.any("op.lt", "op.gt", "op.lte", "op.gte"))
	if a.Op == "" || change || !ok && l.any("op.drop", "op.rise") {
		switch {
		case change && l.any("op.drop"), !ok && l.any("op.drop"):
			a.Op = "drop"
		case change, !ok && l.any("op.rise"):
			a.Op = "rise"
		default:
			a.Op = ">="
		}
	}
	if !ok {
		if a.Op == ">=" {
			a.Op, x = ">", amount{}
			if m.Unit == analytics.Count {
				zero := 0.0
				a.Threshold = &zero
			}
		}
		return
	}
	v := x.value
	switch {
	case x.unit == "%", m.Unit == analytics.Share && v > 1:
		v /= 100
	case m.Unit == analytics.Seconds && x.length() > 0:
		v = x.length().Seconds()
	case m.Unit == analytics.Seconds:
		v *= 60
	}
	a.Threshold = &v
}

// threshold returns the figure that is the level: one beside an operator first.
func (l *line) threshold(m analytics.Metric) (amount, bool) {
	var best amount
	found := false
	for _, x := range l.amounts(0, len(l.items)) {
		before := l.skipBackClasses(x.first-1, "glue.art", "glue.one", "glue.of", "glue.than", "glue.a", "glue.to")
		beside := l.is(before, "op.gt", "op.gte", "op.lt", "op.lte", "op.drop", "op.rise") || l.at(before).kind == anOp
		if beside {
			return x, true
		}
		if !found && (x.length() == 0 || m.Unit == analytics.Seconds) {
			best, found = x, true
		}
	}
	return best, found
}

// operator returns the operator nearest before item i.
func (l *line) operator(i int) string {
	for _, x := range []struct{ class, op string }{{"op.lte", "<="}, {"op.gte", ">="}} {
		if l.is(i+1, x.class) || l.is(i+2, x.class) {
			return x.op
		}
	}
	for k := i; k >= 0; k-- {
		it := l.at(k)
		switch {
		case it.kind == anOp && it.word != "%" && it.word != "-":
			if it.word == "=" {
				return ">="
			}
			return it.word
		case it.has("op.gt"):
			return ">"
		case it.has("op.gte"):
			return ">="
		case it.has("op.lt"):
			return "<"
		case it.has("op.lte"):
			return "<="
		}
	}
	return ""
}
