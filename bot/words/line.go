package words

import (
	"pulso/analytics"
)

// line is one line cut into items, while it is being read.
type line struct {
	in    *Input
	lex   *lexicon
	lang  lang
	items []item
	plain []item // the same as a report hears them
	used  []bool // items that some part of the reading rests on
	cal   calendar
	flow  bool // a period other than the present is named
}

// at returns the item at i; beyond the ends one that is nothing.
func (l *line) at(i int) *item {
	if i < 0 || i >= len(l.items) {
		return &item{token: token{kind: aMark, word: "\n"}}
	}
	return &l.items[i]
}

// is reports whether the item at i has one of the classes.
func (l *line) is(i int, classes ...string) bool { return l.at(i).has(classes...) }

// skip returns the first item from i on that has none of the classes.
func (l *line) skip(i int, classes ...string) int {
	for i < len(l.items) && l.is(i, classes...) {
		i++
	}
	return i
}

// opt steps over one item if it has one of the classes.
func (l *line) opt(i int, classes ...string) int {
	if l.is(i, classes...) {
		return i + 1
	}
	return i
}

// any reports whether some item has one of the classes.
func (l *line) any(classes ...string) bool { return l.find(0, classes...) >= 0 }

// find returns the first item from i on with one of the classes, or -1.
func (l *line) find(i int, classes ...string) int {
	for ; i < len(l.items); i++ {
		if l.is(i, classes...) {
			return i
		}
	}
	return -1
}

// use marks the items [i, j) as understood.
func (l *line) use(i, j int) {
	for ; i < j && i < len(l.used); i++ {
		l.used[i] = true
	}
}

// mark reports whether item i is a mark of punctuation, or an end of the line.
func (l *line) mark(i int) bool { return l.at(i).kind == aMark }

// integer returns the whole number at i, and whether there is one.
func (l *line) integer(i int) (int, bool) {
	it := l.at(i)
	if it.kind != aNumber || it.num != float64(int(it.num)) {
		return 0, false
	}
	return int(it.num), true
}

// mergeNumbers turns number words into figures: "treinta y cinco", "two thousand".
func mergeNumbers(items []item) []item {
	var out []item
	for i := 0; i < len(items); {
		v, n := spoken(items[i:])
		if n == 0 {
			out = append(out, items[i])
			i++
			continue
		}
		it := items[i]
		it.kind, it.num, it.last = aNumber, v, items[i+n-1].last
		if n > 1 {
			it.classes = nil
		}
		it.unknown = false
		out = append(out, it)
		i += n
	}
	return out
}

// spoken reads the number that begins the items and says how many it takes.
func spoken(items []item) (value float64, n int) {
	v, ok := numeral(&items[0])
	if !ok {
		return 0, 0
	}
	value, n = v, 1
	for n < len(items) {
		k := n
		if items[k].has("glue.and") && k+1 < len(items) {
			k++
		}
		next, ok := numeral(&items[k])
		switch {
		case !ok:
			return value, n
		case next == 1000 && k == n:
			value *= 1000
		case next < 10 && value >= 20 && int(value)%10 == 0 && items[0].kind != aNumber,
			next < 100 && value >= 100 && int(value)%100 == 0 && items[0].kind != aNumber:
			value += next
		default:
			return value, n
		}
		n = k + 1
	}
	return value, n
}

// numeral returns the value of a number word, or of a figure.
func numeral(it *item) (float64, bool) {
	if it.kind == aNumber {
		return it.num, true
	}
	for _, c := range it.classes {
		if v, ok := number(c, "number"); ok && !it.named() {
			return float64(v), true
		}
	}
	return 0, false
}

// calendar is the business's zone and what day it is.
type calendar struct {
	zone       analytics.Zone
	now        int64
	today      analytics.Day
	monthFirst bool
}

func newCalendar(in *Input) calendar {
	return calendar{zone: in.Zone, now: in.Now, today: in.Zone.DayOf(in.Now), monthFirst: in.MonthFirst}
}

// start returns the first day of the unit that holds d.
func start(unit string, d analytics.Day) analytics.Day {
	switch unit {
	case "week":
		return d.Week()
	case "fortnight":
		if _, _, n := d.Date(); n > 15 {
			return d.Month() + 15
		}
		return d.Month()
	case "month":
		return d.Month()
	case "quarter":
		return d.Quarter()
	case "semester":
		y, m, _ := d.Date()
		return analytics.DateOf(y, (m-1)/6*6+1, 1)
	case "year":
		return d.Year()
	}
	return d
}

// shift moves the first day of a unit by n units.
func shift(unit string, d analytics.Day, n int) analytics.Day {
	switch unit {
	case "week":
		return d + analytics.Day(7*n)
	case "fortnight":
		for ; n > 0; n-- {
			d = start("fortnight", d+16)
		}
		for ; n < 0; n++ {
			d = start("fortnight", d-1)
		}
		return d
	case "month":
		return d.AddMonths(n)
	case "quarter":
		return d.AddMonths(3 * n)
	case "semester":
		return d.AddMonths(6 * n)
	case "year":
		return d.AddMonths(12 * n)
	}
	return d + analytics.Day(n)
}
