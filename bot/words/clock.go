package words

import (
	"fmt"

	"pulso/analytics"
)

// window is a stretch of the day: minutes since local midnight.
type window struct {
	from, to   int // to may be 24:00
	toNow      bool
	first, end int // items
	part       string
	bare       bool // two numbers and nothing that says they are hours
}

// parts of the day as ask.md §4.2 has them, in minutes.
func partOfDay(key string) (from, to int) {
	switch key {
	case "early":
		return 0, 6 * 60
	case "morning":
		return 6 * 60, 12 * 60
	case "noon":
		return 12 * 60, 14 * 60
	case "afternoon":
		return 12 * 60, 19 * 60
	case "evening":
		return 19 * 60, 24 * 60
	}
	return 0, 24 * 60
}

// hour is a time of day as written.
type hour struct {
	minute int
	half   string // am, pm or "" when not said
	plain  bool   // a bare number
	exact  bool   // cannot be in the other half of the day: 14:00, 08:30, noon
}

// hourAt reads a time of day at item i.
func (l *line) hourAt(i int) (h hour, next int, ok bool) {
	i = l.opt(i, "glue.at", "glue.hours")
	i = l.opt(i, "glue.hours", "glue.art")
	if h, next, ok := l.wordHour(i); ok {
		return h, next, true
	}
	if q := l.at(i).key("clock"); q == "half_past" || q == "quarter_past" || q == "quarter_to" {
		return l.pastHour(i, q)
	}
	it := l.at(i)
	switch {
	case it.kind == aClock:
		h = hour{minute: int(it.num), exact: it.num >= 13*60 || len(it.word) > 4 && it.word[0] == '0'}
	case it.kind == aNumber && it.num == float64(int(it.num)) && it.num <= 24 && !it.ordinal:
		h = hour{minute: int(it.num) * 60, plain: true, exact: it.num >= 13 || it.num == 0}
	case it.kind == aNumber && it.num < 24 && dotted(it.word):
		m := int(it.num)*60 + int(it.num*100+0.5)%100
		h = hour{minute: m}
	default:
		return hour{}, i, false
	}
	next = l.hourTail(i+1, &h)
	return h, next, true
}

// dotted reports whether a number is written like a time: 8.30.
func dotted(word string) bool {
	n := len(word)
	return n >= 4 && (word[n-3] == '.' || word[n-3] == ',') && word[n-2] < '6'
}

func (l *line) wordHour(i int) (hour, int, bool) {
	switch {
	case l.is(i, "part.noon"):
		return hour{minute: 12 * 60, half: "pm", exact: true}, i + 1, true
	case l.is(i, "part.midnight"):
		return hour{exact: true}, i + 1, true
	}
	return hour{}, i, false
}

// pastHour reads "half past eight".
func (l *line) pastHour(i int, key string) (hour, int, bool) {
	h, next, ok := l.hourAt(i + 1)
	if !ok {
		return h, next, false
	}
	h.minute += map[string]int{"half_past": 30, "quarter_past": 15, "quarter_to": -15}[key]
	h.plain = false
	return h, next, true
}

// hourTail reads what may follow an hour: "y media", "h", "pm", "de la mañana".
func (l *line) hourTail(i int, h *hour) int {
	for {
		switch {
		case h.plain && l.is(i, "unit.hour") && l.at(i).text != "hora" && l.at(i).text != "hour":
			h.plain = false
		case l.is(i, "clock.half"):
			h.minute += 30
		case l.is(i, "clock.quarter"):
			h.minute += 15
		case l.is(i, "clock.to_quarter"):
			h.minute -= 15
		case l.is(i, "clock.sharp"):
		case l.is(i, "clock.am", "part.morning", "part.early") && h.half == "":
			h.half = "am"
		case l.is(i, "clock.pm", "part.afternoon", "part.evening") && h.half == "":
			h.half = "pm"
		case l.is(i, "part.noon"):
			h.half = "pm"
		default:
			h.settle()
			return i
		}
		h.plain = false
		i++
	}
}

// settle moves the hour to the half of the day that was said.
func (h *hour) settle() {
	switch {
	case h.half == "pm" && h.minute < 12*60:
		h.minute += 12 * 60
	case h.half == "am" && h.minute >= 12*60 && h.minute < 13*60:
		h.minute -= 12 * 60
	}
}

// hoursAt reads a stretch of hours at item i: "9 to 12", "entre las 2 y las 5
// pm", "after 6", "since 8am".
func (l *line) hoursAt(i int) (window, bool) {
	for _, read := range []func(int) (window, bool){l.hoursBetween, l.hoursFrom, l.hoursPart} {
		if w, ok := read(i); ok {
			w.first = i
			return w, true
		}
	}
	return window{}, false
}

func (l *line) hoursBetween(i int) (window, bool) {
	j := l.skip(i, "glue.of", "glue.since", "glue.between", "glue.in", "glue.by")
	between := l.is(i, "glue.between")
	marked := l.is(j, "glue.hours", "glue.at")
	a, k, ok := l.hourAt(j)
	if !ok {
		return window{}, false
	}
	dash := l.at(k).kind == anOp && l.at(k).word == "-"
	if !dash && !l.is(k, "glue.to", "glue.a", "glue.until", "glue.hours") && !(between && l.is(k, "glue.and")) {
		return window{}, false
	}
	marked = marked || l.is(k+1, "glue.hours", "glue.at") || l.at(k).has("glue.hours")
	if l.at(k + 1).has("when.now") {
		return window{from: a.minute, toNow: true, end: k + 2}, true
	}
	b, end, ok := l.hourAt(k + 1)
	if !ok {
		return window{}, false
	}
	w := window{end: end, bare: a.plain && b.plain && !marked}
	w.from, w.to = agree(a, b)
	return w, w.from < w.to
}

// agree gives two hours the halves of the day that make sense together: 2 to
// 5 pm, 9 to 5, 1 to 3.
func agree(a, b hour) (from, to int) {
	const half = 12 * 60
	switch {
	case b.half == "pm" && a.half == "" && !a.exact && a.minute+half < b.minute && a.minute < half && a.minute < 7*60:
		a.minute += half
	case b.half == "pm" && a.half == "" && !a.exact && a.minute < half && a.minute+half < b.minute && b.minute-a.minute > half:
		a.minute += half
	case a.half == "" && b.half == "" && !a.exact && !b.exact && a.minute < 7*60 && b.minute < 8*60 && a.minute < b.minute:
		a.minute += half
		b.minute += half
	}
	if b.minute <= a.minute && b.half == "" && !b.exact && b.minute+half <= 24*60 {
		b.minute += half
	}
	if b.minute == 0 {
		b.minute = 24 * 60
	}
	return a.minute, b.minute
}

// hoursFrom reads one side only: "desde las 8", "before 10", "after 6pm".
func (l *line) hoursFrom(i int) (window, bool) {
	cue := l.at(i)
	if !cue.has("glue.since", "glue.before", "glue.after", "glue.until") {
		return window{}, false
	}
	j := l.skip(i+1, "glue.of", "glue.until", "glue.art", "glue.hours")
	marked := l.is(i+1, "glue.hours", "glue.at") || l.is(j-1, "glue.hours") || cue.has("glue.hours")
	h, end, ok := l.hourAt(j)
	if !ok || h.plain && !marked && !cue.has("glue.before", "glue.after") {
		return window{}, false
	}
	if h.half == "" && !h.exact && h.minute < 7*60 && cue.has("glue.after", "glue.since") {
		h.minute += 12 * 60
	}
	switch {
	case cue.has("glue.since"):
		return window{from: h.minute, toNow: true, end: end}, true
	case cue.has("glue.after"):
		return window{from: h.minute, to: 24 * 60, end: end}, true
	}
	return window{to: h.minute, end: end}, h.minute > 0
}

// hoursPart reads a part of the day by its name.
func (l *line) hoursPart(i int) (window, bool) {
	j := l.skip(i, "glue.in", "glue.by", "glue.of", "glue.art", "glue.during")
	key := l.at(j).key("part")
	for class, part := range map[string]string{"when.this_morning": "morning", "when.this_afternoon": "afternoon", "when.tonight": "evening", "when.last_night": "evening"} {
		if l.is(i, class) {
			key, j = part, i
		}
	}
	if key == "" || key == "midnight" || l.is(j, "cmd.greeting") && l.leads(i) && l.mark(j+1) || l.at(j-1).kind == aNumber || l.at(j-1).kind == aClock {
		return window{}, false
	}
	w := window{part: key, end: j + 1}
	w.from, w.to = partOfDay(key)
	return w, true
}

// within returns the hours of a local day.
func (c calendar) within(d analytics.Day, w window) analytics.Span {
	span := analytics.Span{From: c.minuteOf(d, w.from), To: c.minuteOf(d, w.to)}
	if w.toNow {
		span.To = c.now
	}
	return span
}

// minuteOf returns the instant at which the clock shows a minute of a local
// day; inside a gap, the same distance later.
func (c calendar) minuteOf(d analytics.Day, minute int) int64 {
	if minute >= 24*60 {
		return c.zone.Start(d + 1)
	}
	t := c.zone.Time(c.zone.Start(d) + int64(minute)*60_000)
	drift := minute - (t.Hour()*60 + t.Minute())
	if drift > 12*60 {
		drift -= 24 * 60
	} else if drift < -12*60 {
		drift += 24 * 60
	}
	return c.zone.Start(d) + int64(minute+drift)*60_000
}

func clockText(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }
