package render

import (
	"fmt"
	"strconv"
	"time"

	"pulso/analytics"
)

func (v *Voice) today() analytics.Day { return v.locale.Zone.DayOf(v.locale.Now) }

// clock says a time of day.
func (v *Voice) clock(ms int64) string {
	t := v.locale.Zone.Time(ms)
	if !v.twelve {
		return fmt.Sprintf("%02d:%02d", t.Hour(), t.Minute())
	}
	return fmt.Sprintf("%d:%02d %s", twelve(t.Hour()), t.Minute(), v.half(t.Hour()))
}

func twelve(hour int) int { return (hour+11)%12 + 1 }

func (v *Voice) half(hour int) string {
	if hour < 12 {
		return v.word("time.am")
	}
	return v.word("time.pm")
}

// hour says an hour of the day: "11 h", on axes "11".
func (v *Voice) hour(h int) string {
	h = (h%24 + 24) % 24
	switch {
	case v.twelve && v.narrow:
		return strconv.Itoa(twelve(h)) + v.half(h)[:1]
	case v.twelve:
		return strconv.Itoa(twelve(h)) + " " + v.half(h)
	case v.narrow:
		return strconv.Itoa(h)
	}
	return v.word("time.hour", "hour", strconv.Itoa(h))
}

// instant says a moment: today's by its time of day, those of the days beside
// it by their name, others by their date.
func (v *Voice) instant(ms int64) string {
	d := v.locale.Zone.DayOf(ms)
	if d == v.today() {
		return v.clock(ms)
	}
	return v.word("time.at", "day", v.dayNear(d), "time", v.clock(ms))
}

// dayNear says a day: yesterday, today and tomorrow by their names, days of
// another year without their weekday.
func (v *Voice) dayNear(d analytics.Day) string {
	switch d - v.today() {
	case -1:
		return v.word("period.yesterday")
	case 0:
		return v.word("period.today")
	case 1:
		return v.word("period.tomorrow")
	}
	if v.yearOf(d) != v.yearOf(v.today()) || v.narrow {
		return v.date(d)
	}
	return v.word("date.weekday_date", "weekday", v.word("weekday.mid."+strconv.Itoa(d.Weekday())), "date", v.date(d))
}

func (v *Voice) yearOf(d analytics.Day) int {
	y, _, _ := d.Date()
	return y
}

// date says a day's date: "18 mar", with the year when it is not this one.
func (v *Voice) date(d analytics.Day) string {
	y, m, dd := d.Date()
	s := v.dayMonth(strconv.Itoa(dd), m)
	if y != v.yearOf(v.today()) {
		s = v.withYear(s, y)
	}
	return s
}

func (v *Voice) dayMonth(days string, m time.Month) string {
	month := v.word("month.short." + strconv.Itoa(int(m)))
	if v.monthFirst() {
		return month + " " + days
	}
	return days + " " + month
}

func (v *Voice) withYear(date string, year int) string {
	if v.monthFirst() {
		return date + ", " + strconv.Itoa(year)
	}
	return date + " " + strconv.Itoa(year)
}

// dates says the days from a to b, both included: "9–15 mar".
func (v *Voice) dates(a, b analytics.Day) string {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	switch {
	case a == b:
		return v.date(a)
	case ay != by:
		return v.withYear(v.dayMonth(strconv.Itoa(ad), am), ay) + "–" + v.withYear(v.dayMonth(strconv.Itoa(bd), bm), by)
	case am != bm:
		return v.dayMonth(strconv.Itoa(ad), am) + "–" + v.date(b)
	}
	s := v.dayMonth(strconv.Itoa(ad)+"–"+strconv.Itoa(bd), am)
	if ay != v.yearOf(v.today()) {
		return v.withYear(s, ay)
	}
	return s
}

// month says a calendar month: "febrero", with the year when it is not this one.
func (v *Voice) month(d analytics.Day) string {
	y, m, _ := d.Date()
	if v.narrow {
		return v.monthShort(d)
	}
	name := v.word("month.long." + strconv.Itoa(int(m)))
	if y == v.yearOf(v.today()) {
		return name
	}
	return v.word("date.month_year", "month", name, "year", strconv.Itoa(y))
}

func (v *Voice) monthShort(d analytics.Day) string {
	y, m, _ := d.Date()
	name := v.word("month.short." + strconv.Itoa(int(m)))
	if y == v.yearOf(v.today()) {
		return name
	}
	return name + " " + strconv.Itoa(y)
}

// weekday says a day of the week, 1 Monday to 7 Sunday.
func (v *Voice) weekday(n int) string {
	if n < 1 || n > 7 {
		return none
	}
	form := "weekday.long."
	if v.narrow {
		form = "weekday.short."
	}
	return v.word(form + strconv.Itoa(n))
}
