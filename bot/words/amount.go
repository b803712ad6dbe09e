package words

import "time"

// amount is a figure with its unit as a rule or a snooze says it.
type amount struct {
	value      float64
	unit       string // second, minute, hour, day, week; "%" or ""
	first, end int
}

// length returns the amount as a length of time, 0 when it is none.
func (a amount) length() time.Duration {
	unit := map[string]time.Duration{
		"second": time.Second, "minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour, "week": 7 * 24 * time.Hour,
	}[a.unit]
	return time.Duration(a.value * float64(unit))
}

// amountAt reads a figure and its unit at item i: "10 min", "1h30", "media
// hora", "3%", "un 30 por ciento", "20".
func (l *line) amountAt(i int) (amount, bool) {
	if span := l.at(i).key("span"); span != "" && span != "half_day" {
		minutes := map[string]float64{"half_hour": 30, "hour_half": 90, "quarter_hour": 15}[span]
		return amount{minutes, "minute", i, i + 1}, true
	}
	it := l.at(i)
	switch {
	case it.kind == aClock && it.glued || it.kind == aClock && l.at(i).num < 13*60 && containsH(it.word):
		return amount{it.num, "minute", i, i + 1}, true
	case it.kind == aNumber:
	case l.is(i, "glue.one", "number.1") && l.is(i+1, "unit."):
		return amount{1, l.at(i + 1).key("unit"), i, i + 2}, true
	default:
		return amount{}, false
	}
	a := amount{value: it.num, first: i, end: i + 1}
	next := l.at(i + 1)
	switch {
	case next.kind == anOp && next.word == "%", next.kind != anOp && next.has("mod.rate") && percent(next.text):
		a.unit, a.end = "%", i+2
	case next.key("unit") != "" && next.key("unit") != "month":
		a.unit, a.end = next.key("unit"), i+2
		a = l.compound(a)
	}
	return a, true
}

func containsH(word string) bool {
	for i := range len(word) {
		if word[i] == 'h' {
			return true
		}
	}
	return false
}

// percent reports whether a phrase of mod.rate is the unit rather than the metric.
func percent(text string) bool {
	switch text {
	case "%", "percent", "per cent", "pct", "por ciento", "porciento", "por cento", "porcento":
		return true
	}
	return false
}

// compound adds what follows: "1 hora y media", "1 h 30 min".
func (l *line) compound(a amount) amount {
	if l.is(a.end, "clock.half") && a.unit == "hour" {
		a.value += 0.5
		a.end++
		return a
	}
	j := l.opt(a.end, "glue.and")
	if n, ok := l.integer(j); ok && a.unit == "hour" && l.is(j+1, "unit.minute") {
		a.value += float64(n) / 60
		a.end = j + 2
	}
	return a
}

// amounts lists the figures of the items [from, to), but for used ones.
func (l *line) amounts(from, to int) []amount {
	var list []amount
	for i := from; i < to; {
		a, ok := l.amountAt(i)
		if !ok || l.used[i] {
			i++
			continue
		}
		list = append(list, a)
		i = a.end
	}
	return list
}
