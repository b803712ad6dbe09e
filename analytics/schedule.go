package analytics

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"pulso/models"
)

// Occurrence is one time at which a digest is due: its local date in the
// person's zone, which names it, and the instant.
type Occurrence struct {
	Date Day
	At   int64 // ms
}

// Occurrences lists when a digest is due after from and up to to, in order. It
// is a function of the local calendar: every local date has at most one. A wall
// time that does not exist on a date comes the same distance after the gap
// began; one that comes twice is due the first time (push.md §6).
func Occurrences(d *models.Digest, zone Zone, from, to int64) []Occurrence {
	next, err := dates(d)
	if err != nil {
		return nil
	}
	var list []Occurrence
	for day := next(zone.DayOf(from) - 1); len(list) < 10_000; day = next(day + 1) {
		at := zone.wall(day, d.At)
		if at > to || day > zone.DayOf(to)+1 {
			return list
		}
		if at > from {
			list = append(list, Occurrence{day, at})
		}
	}
	return list
}

// NextOccurrence returns the first time a digest is due after now, 0 for never.
func NextOccurrence(d *models.Digest, zone Zone, now int64) int64 {
	list := Occurrences(d, zone, now, now+40*day24h)
	if len(list) == 0 {
		return 0
	}
	return list[0].At
}

// dates returns a function from a day to the digest's first date on or after it.
func dates(d *models.Digest) (func(Day) Day, error) {
	if d.MonthDay > 0 {
		return dayOfMonth(d.MonthDay), nil
	}
	days := make([]string, 0, 7)
	for _, w := range d.Days {
		days = append(days, fmt.Sprint(w%7)) // cron's Sunday is 0
	}
	spec := "0 0 * * *"
	if len(days) > 0 {
		spec = "0 0 * * " + strings.Join(days, ",")
	}
	schedule, err := cron.ParseStandard(spec)
	if err != nil {
		return nil, fmt.Errorf("digest %s: %w", d.ID, err)
	}
	return func(from Day) Day {
		// Dates are counted in UTC, where every day has 24 hours; the zone comes in afterwards.
		at := time.Unix(int64(from)*86400-1, 0).UTC()
		return Day(schedule.Next(at).Unix() / 86400)
	}, nil
}

// dayOfMonth is the day of every month, its last day where it is shorter.
func dayOfMonth(day int) func(Day) Day {
	return func(from Day) Day {
		for month := from.Month(); ; month = month.AddMonths(1) {
			last := month.AddMonths(1) - 1
			if due := min(month+Day(day)-1, last); due >= from {
				return due
			}
		}
	}
}
