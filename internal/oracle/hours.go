package oracle

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// schedule tells how much of a stretch of time lies in business hours: "a start
// outside hours moves to the next opening". An instant is open when the local
// clock on the wall then shows a time within the day's hours; a wall hour that
// occurs twice is open twice, one that is skipped not at all.
type schedule struct {
	cal      *calendar
	hours    map[string][]string
	holidays []string
	days     map[string][]stretch // local date → its open stretches, once looked up
}

// stretch is a half-open stretch of instants.
type stretch struct{ from, to int64 }

func newSchedule(cal *calendar, hours map[string][]string, holidays []string) *schedule {
	return &schedule{cal: cal, hours: hours, holidays: holidays, days: map[string][]stretch{}}
}

// none reports that no hours are configured: "no schedule", never 0.
func (s *schedule) none() bool {
	for _, list := range s.hours {
		if len(list) > 0 {
			return false
		}
	}
	return true
}

// between returns the business time from one instant to another.
func (s *schedule) between(from, to int64) int64 {
	var sum int64
	for date := s.cal.date(from); from < to && s.cal.start(date) < to; date = next(date) {
		for _, open := range s.open(date) {
			if a, b := max(open.from, from), min(open.to, to); a < b {
				sum += b - a
			}
		}
	}
	return sum
}

// open returns the open stretches of a local date, found minute by minute.
func (s *schedule) open(date string) []stretch {
	if list, ok := s.days[date]; ok {
		return list
	}
	var list []stretch
	end := s.cal.start(next(date))
	for at := s.cal.start(date); at < end; at += minute {
		if !s.isOpen(s.cal.local(at), date) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].to == at {
			list[n-1].to += minute
		} else {
			list = append(list, stretch{at, at + minute})
		}
	}
	s.days[date] = list
	return list
}

// isOpen reports whether a minute of a date lies in that day's hours.
func (s *schedule) isOpen(t time.Time, date string) bool {
	if slices.Contains(s.holidays, date) {
		return false
	}
	now := t.Hour()*60 + t.Minute()
	for _, span := range s.hours[strings.ToLower(t.Weekday().String()[:3])] {
		var h1, m1, h2, m2 int
		if n, _ := fmt.Sscanf(span, "%d:%d-%d:%d", &h1, &m1, &h2, &m2); n != 4 {
			continue
		}
		if h1*60+m1 <= now && now < h2*60+m2 {
			return true
		}
	}
	return false
}
