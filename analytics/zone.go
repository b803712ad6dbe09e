package analytics

import (
	"fmt"
	"time"
)

// Zone is a business's calendar: local days, weeks from Monday, months, in an
// IANA zone. A day is the half-open span from its first instant to that of the
// next day; it may last 23 or 25 hours, and days partition time.
type Zone struct {
	name string
	loc  *time.Location
}

// Day is a local date, counted in days since 1970-01-01.
type Day int32

// LoadZone returns the zone of an IANA name.
func LoadZone(name string) (Zone, error) {
	if name == "" || name == "Local" {
		return Zone{}, fmt.Errorf("time zone %q: want an IANA name such as America/Bogota", name)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, fmt.Errorf("time zone %q: want an IANA name such as America/Bogota: %w", name, err)
	}
	return Zone{name: name, loc: loc}, nil
}

// MustZone is LoadZone for names known to exist; it panics on others.
func MustZone(name string) Zone {
	z, err := LoadZone(name)
	if err != nil {
		panic(err)
	}
	return z
}

// Name returns the IANA name.
func (z Zone) Name() string { return z.name }

// Location returns the zone for formatting.
func (z Zone) Location() *time.Location { return z.loc }

// Time returns the instant ms in the zone.
func (z Zone) Time(ms int64) time.Time { return time.UnixMilli(ms).In(z.loc) }

// civil counts the days of a proleptic Gregorian date.
func civil(year int, month time.Month, day int) Day {
	return Day(time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// DayOf returns the local day that holds the instant ms.
func (z Zone) DayOf(ms int64) Day {
	t := z.Time(ms)
	d := civil(t.Date())
	for z.Start(d) > ms { // the clocks went back over midnight
		d--
	}
	for z.Start(d+1) <= ms {
		d++
	}
	return d
}

// Start returns the first instant of a local day, in ms. Where midnight does
// not exist it is the first instant after the gap; where it comes twice, the first.
func (z Zone) Start(d Day) int64 {
	y, m, dd := d.Date()
	t := time.Date(y, m, dd, 0, 0, 0, 0, z.loc)
	if from, _ := t.ZoneBounds(); !from.IsZero() && t.Sub(from) < 3*time.Hour {
		// Just after a change: midnight may already have come before it.
		_, now := t.Zone()
		_, before := from.Add(-time.Millisecond).Zone()
		if e := t.Add(time.Duration(now-before) * time.Second); e.Before(from) && !early(e, d, z.loc) {
			return e.UnixMilli()
		}
	}
	if early(t, d, z.loc) {
		if _, to := t.ZoneBounds(); !to.IsZero() {
			return to.UnixMilli()
		}
	}
	return t.UnixMilli()
}

// early reports whether the local date at t is still before d.
func early(t time.Time, d Day, loc *time.Location) bool {
	return civil(t.In(loc).Date()) < d
}

// Date returns the day's calendar date.
func (d Day) Date() (int, time.Month, int) {
	return time.Unix(int64(d)*86400, 0).UTC().Date()
}

// String returns the date as 2026-03-01.
func (d Day) String() string {
	y, m, dd := d.Date()
	return fmt.Sprintf("%04d-%02d-%02d", y, m, dd)
}

// ParseDay reads a date written as 2026-03-01.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return 0, fmt.Errorf("date %q: want YYYY-MM-DD", s)
	}
	return civil(t.Date()), nil
}

// Weekday returns 1 for Monday to 7 for Sunday.
func (d Day) Weekday() int {
	w := (int(d) + 3) % 7 // 1970-01-01 was a Thursday
	if w < 0 {
		w += 7
	}
	return w + 1
}

// Week returns the Monday of the day's week.
func (d Day) Week() Day { return d - Day(d.Weekday()-1) }

// Month returns the first day of the day's month.
func (d Day) Month() Day {
	y, m, _ := d.Date()
	return civil(y, m, 1)
}

// Quarter returns the first day of the day's quarter.
func (d Day) Quarter() Day {
	y, m, _ := d.Date()
	return civil(y, (m-1)/3*3+1, 1)
}

// Year returns the first day of the day's year.
func (d Day) Year() Day {
	y, _, _ := d.Date()
	return civil(y, 1, 1)
}

// AddMonths moves the first of a month by n months.
func (d Day) AddMonths(n int) Day {
	y, m, dd := d.Date()
	return civil(y, m+time.Month(n), dd)
}

// DateOf returns the day of a calendar date.
func DateOf(year int, month time.Month, day int) Day { return civil(year, month, day) }

// Span is a half-open stretch of time [From, To), ms UTC.
type Span struct{ From, To int64 }

// Days returns the span of the local days [from, to).
func (z Zone) Days(from, to Day) Span { return Span{z.Start(from), z.Start(to)} }

// Holds reports whether ms lies in the span.
func (s Span) Holds(ms int64) bool { return s.From <= ms && ms < s.To }

// Cut returns the part of s before ms.
func (s Span) Cut(ms int64) Span {
	s.To = min(s.To, ms)
	s.From = min(s.From, s.To)
	return s
}

// Within returns the part of s that lies in o, an empty span when none does.
func (s Span) Within(o Span) Span {
	s.From = max(s.From, o.From)
	s.To = max(s.From, min(s.To, o.To))
	return s
}

// Empty reports whether nothing lies in the span.
func (s Span) Empty() bool { return s.To <= s.From }

// dateIn returns the instant at which the zone's clock shows the minute of a
// date: the first one where it comes twice, and the end of the gap where it
// does not come at all.
func dateIn(z Zone, year, month, day, minute int) int64 {
	t := time.Date(year, time.Month(month), day, minute/60, minute%60, 0, 0, z.loc)
	from, to := t.ZoneBounds()
	if t.Hour()*60+t.Minute() != minute || t.Day() != day {
		if civil(t.Date()) < civil(year, time.Month(month), day) || t.Hour()*60+t.Minute() < minute {
			return to.UnixMilli()
		}
		return from.UnixMilli()
	}
	if from.IsZero() {
		return t.UnixMilli()
	}
	_, now := t.Zone()
	_, before := from.Add(-time.Millisecond).Zone()
	if e := t.Add(time.Duration(now-before) * time.Second); now < before && e.Before(from) {
		return e.UnixMilli()
	}
	return t.UnixMilli()
}

// Back returns the instant some local days earlier at the same time of day.
func (z Zone) Back(ms int64, days Day) int64 {
	d := z.DayOf(ms)
	if z.Start(d) == ms {
		return z.Start(d - days)
	}
	t := z.Time(ms)
	y, m, dd := (d - days).Date()
	return time.Date(y, m, dd, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), z.loc).UnixMilli()
}
