package render

import (
	"slices"

	"pulso/analytics"
	"pulso/bot/card"
)

// stretch is a period of whole local days, both included.
type stretch struct {
	from, to analytics.Day
	running  bool // it ends now, not with its last day
}

// period says a span in words: by its name where it has one, with its dates
// where the name alone leaves them open. Where several units of the calendar fit
// it is the one that is given, if any.
func (v *Voice) period(s analytics.Span, unit string) string {
	if s.To <= s.From {
		if v.isNow(s.From) {
			return v.word("period.now")
		}
		return v.instant(s.From)
	}
	zone := v.locale.Zone
	x := stretch{from: zone.DayOf(s.From), to: zone.DayOf(s.To - 1), running: v.isNow(s.To)}
	whole := zone.Start(x.to+1) == s.To
	x.running = x.running && !whole
	if zone.Start(x.from) != s.From || !whole && !x.running {
		return v.hours(s, x)
	}
	if x.from == x.to {
		return v.dayNear(x.from)
	}
	if name, ok := v.calendar(x, unit); ok {
		return name
	}
	return v.stretch(x)
}

// spell is a unit of the calendar: the one that holds today, the one of a
// period's first day, and the days where the one after and the one before begin.
type spell struct {
	name                    string
	this, start, next, last analytics.Day
}

// calendar says a week, month, quarter or year, this one or one that is over.
func (v *Voice) calendar(x stretch, unit string) (string, bool) {
	today := v.today()
	spells := []spell{
		{"week", today.Week(), x.from.Week(), x.from + 7, today.Week() - 7},
		{"month", today.Month(), x.from.Month(), x.from.AddMonths(1), today.Month().AddMonths(-1)},
		{"quarter", today.Quarter(), x.from.Quarter(), x.from.AddMonths(3), today.Quarter().AddMonths(-3)},
		{"year", today.Year(), x.from.Year(), x.from.AddMonths(12), today.Year().AddMonths(-12)},
	}
	slices.SortStableFunc(spells, func(a, b spell) int { return boolInt(b.name == unit) - boolInt(a.name == unit) })
	for _, u := range spells {
		full := x.to+1 == u.next
		switch {
		case x.from != u.start:
		case x.from == u.this && (full || x.running):
			return v.ranged(v.word("period.this_"+u.name), v.dates(x.from, x.to)), true
		case full && x.from == u.last:
			return v.ranged(v.word("period.last_"+u.name), v.unitDates(u.name, x)), true
		case full && u.name != "week":
			return v.unitDates(u.name, x), true
		}
	}
	return "", false
}

// unitDates says which week, month, quarter or year it is.
func (v *Voice) unitDates(unit string, x stretch) string {
	year := v.yearOf(x.from)
	switch unit {
	case "month":
		return v.month(x.from)
	case "quarter":
		_, m, _ := x.from.Date()
		_, last, _ := x.to.Date()
		months := v.word("month.short."+itoa(int(m))) + "–" + v.word("month.short."+itoa(int(last)))
		if year == v.yearOf(v.today()) {
			return months
		}
		return months + " " + itoa(year)
	case "year":
		return itoa(year)
	}
	return v.dates(x.from, x.to)
}

// stretch says days that are no calendar unit.
func (v *Voice) stretch(x stretch) string {
	n, dates := int64(x.to-x.from+1), v.dates(x.from, x.to)
	switch {
	case x.running:
		if d := v.today() - x.from; d <= 1 {
			return v.word("period.since", "day", v.dayNear(x.from))
		}
		return v.word("period.since_date", "day", v.date(x.from))
	case x.to+1 == v.today().Week() && x.from.Weekday() == 1:
		return v.ranged(v.plural("period.last_weeks", n/7), dates)
	case x.to+1 == v.today():
		return v.ranged(v.plural("period.last_days", n), dates)
	}
	return dates
}

// hours says a period that cuts days.
func (v *Voice) hours(s analytics.Span, x stretch) string {
	from, to := v.clock(s.From), v.clock(s.To)
	if name, ok := v.recent(s); ok {
		if x.from != x.to {
			from = v.instant(s.From)
			to = v.word("time.at", "day", v.word("period.today"), "time", to)
		}
		return v.ranged(name, from+"–"+to)
	}
	if x.from == x.to {
		return v.word("period.hours", "day", v.dayNear(x.from), "from", from, "to", to)
	}
	return v.instant(s.From) + " – " + v.instant(s.To)
}

// isNow reports whether a moment is the present: a card may be set a little
// after its figures were taken.
func (v *Voice) isNow(at int64) bool {
	return at <= v.locale.Now && v.locale.Now-at < 60_000
}

// recent says the hours or minutes before now.
func (v *Voice) recent(s analytics.Span) (string, bool) {
	length := s.To - s.From
	switch {
	case !v.isNow(s.To):
	case length%hour == 0 && length <= 72*hour:
		return v.plural("period.last_hours", length/hour), true
	case length%minute == 0 && length < 3*hour:
		return v.plural("period.last_minutes", length/minute), true
	}
	return "", false
}

func (v *Voice) ranged(name, dates string) string {
	return v.word("period.ranged", "name", name, "dates", dates)
}

func (v *Voice) plural(key string, n int64) string {
	return v.say(card.T(key, "n", card.Count(n)))
}
