package demo

import (
	"slices"
	"time"
)

// opening is when the shop is open, by weekday, in minutes of the day.
func opening(day time.Weekday) (from, to int) {
	switch day {
	case time.Sunday:
		return 0, 0
	case time.Saturday:
		return 9 * 60, 14 * 60
	}
	return 8 * 60, 18 * 60
}

// crowd is how many customers write in each hour of a day, against each other:
// nights are quiet, and at noon people eat.
var crowd = [24]float64{
	0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.4, 1, 3, 5, 6, 5.5,
	3, 2.6, 4.4, 5, 5, 4, 2.2, 1.6, 1.3, 0.9, 0.5, 0.3,
}

// mood is how busy a weekday is, Sunday first.
var mood = [7]float64{0.3, 1.25, 1.1, 1.05, 1, 1.15, 0.75}

// perDay is how many conversations a plain day has in the end; growth is by how
// much it was less when the history began.
const (
	perDay = 35.0
	growth = 0.3
)

// rate returns how many customers begin to write per hour at t; progress goes
// from 0 at the beginning of the history to 1 at its end.
func (s *Shop) rate(t time.Time, progress float64) float64 {
	l := s.local(t)
	sum := 0.0
	for _, c := range crowd {
		sum += c
	}
	volume := perDay * (1 - growth*(1-min(progress, 1))) * mood[l.Weekday()]
	if s.holiday(t) {
		volume *= 0.45
	}
	return volume * crowd[l.Hour()] / sum
}

// rateMost is more than rate ever returns.
const rateMost = 7.0

// holiday reports whether the local day of t is one.
func (s *Shop) holiday(t time.Time) bool {
	l := s.local(t)
	return slices.Contains(holidays(l.Year()), l.Format(time.DateOnly))
}

// holidays returns Colombia's public holidays of a year. Those of the law of
// 1983 (Ley 51) are moved to the Monday that follows.
func holidays(year int) []string {
	var days []string
	add := func(t time.Time) { days = append(days, t.Format(time.DateOnly)) }
	date := func(m time.Month, d int) time.Time { return time.Date(year, m, d, 0, 0, 0, 0, time.UTC) }
	for _, d := range []struct {
		month time.Month
		day   int
	}{{1, 1}, {5, 1}, {7, 20}, {8, 7}, {12, 8}, {12, 25}} {
		add(date(d.month, d.day))
	}
	for _, d := range []struct {
		month time.Month
		day   int
	}{{1, 6}, {3, 19}, {6, 29}, {8, 15}, {10, 12}, {11, 1}, {11, 11}} {
		add(monday(date(d.month, d.day)))
	}
	sunday := easter(year)
	for _, after := range []int{-3, -2, 43, 64, 71} {
		add(sunday.AddDate(0, 0, after))
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// monday returns t, or the Monday after it.
func monday(t time.Time) time.Time { return t.AddDate(0, 0, (8-int(t.Weekday()))%7) }

// easter returns Easter Sunday of a year of the Gregorian calendar (the rule of
// Meeus, Jones and Butcher).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
