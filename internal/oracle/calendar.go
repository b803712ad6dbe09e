package oracle

import (
	"strconv"
	"time"
)

// Lengths of time in milliseconds.
const (
	minute int64 = 60_000
	hour   int64 = 60 * minute
	day24  int64 = 24 * hour
)

// calendar tells the local date and hour of instants. "A period is half-open, in
// local days of the business's IANA zone … Weeks start on Monday."
type calendar struct {
	zone   *time.Location
	starts map[string]int64 // local date → its first instant, once looked up
}

func newCalendar(zone *time.Location) *calendar {
	if zone == nil {
		zone = time.UTC
	}
	return &calendar{zone: zone, starts: map[string]int64{}}
}

const dateLayout = "2006-01-02"

func (c *calendar) local(at int64) time.Time { return time.UnixMilli(at).In(c.zone) }

func (c *calendar) date(at int64) string { return c.local(at).Format(dateLayout) }

// start returns the first instant of a local date, found by walking minute by
// minute from well before it: midnight itself may not exist, or exist twice.
func (c *calendar) start(date string) int64 {
	if at, ok := c.starts[date]; ok {
		return at
	}
	noon, _ := time.Parse(dateLayout, date)
	at := noon.UnixMilli() - 30*hour
	for c.date(at) < date {
		at += minute
	}
	c.starts[date] = at
	return at
}

// next returns the date after a date.
func next(date string) string {
	t, _ := time.Parse(dateLayout, date)
	return t.AddDate(0, 0, 1).Format(dateLayout)
}

// monday returns the Monday of a date's week.
func monday(date string) string {
	t, _ := time.Parse(dateLayout, date)
	for t.Weekday() != time.Monday {
		t = t.AddDate(0, 0, -1)
	}
	return t.Format(dateLayout)
}

// isTime reports whether a dimension is read off the moment.
func isTime(dim string) bool { return isSpan(dim) || dim == "hour" || dim == "weekday" }

// isSpan reports whether a row of the dimension is a period of its own.
func isSpan(dim string) bool { return dim == "day" || dim == "week" || dim == "month" }

// part returns the value of a time dimension at an instant: "`hour` 0–23,
// `weekday` 1–7 with Monday 1, `day` 2026-03-01, `week` = its Monday, `month`
// 2026-03".
func (c *calendar) part(dim string, at int64) string {
	t := c.local(at)
	switch dim {
	case "hour":
		return strconv.Itoa(t.Hour())
	case "weekday":
		if t.Weekday() == time.Sunday {
			return "7"
		}
		return strconv.Itoa(int(t.Weekday()))
	case "day":
		return t.Format(dateLayout)
	case "week":
		return monday(t.Format(dateLayout))
	default:
		return t.Format("2006-01")
	}
}

// spanStart returns the first instant of a day, week or month.
func (c *calendar) spanStart(dim, value string) int64 {
	if dim == "month" {
		return c.start(value + "-01")
	}
	return c.start(value)
}
