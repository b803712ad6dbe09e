package analytics

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// Hours is a business's opening times: for each weekday several intervals in
// minutes of local wall time, and days on which it stays closed. The zero value
// means that no schedule is configured.
type Hours struct {
	week     [7][]interval // Monday first
	holidays map[Day]bool
	set      bool
}

type interval struct{ from, to int } // minutes of the local day, to ≤ 1440

var weekdayKeys = [7]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// ParseHours reads opening times as they stand in config.yaml: a map from mon…sun
// to intervals "09:00-13:00" (24:00 is the end of the day) and a list of
// holidays. An absent day is closed; an empty map means no schedule. All faults
// are returned, each naming its key.
func ParseHours(week map[string][]string, holidays []string) (Hours, []error) {
	h := Hours{holidays: map[Day]bool{}, set: len(week) > 0}
	var faults []error
	for key, spans := range week {
		i := weekdayIndex(key)
		if i < 0 {
			faults = append(faults, fmt.Errorf("hours.%s: no such day; want mon, tue, wed, thu, fri, sat or sun", key))
			continue
		}
		for _, s := range spans {
			iv, err := parseInterval(s)
			if err != nil {
				faults = append(faults, fmt.Errorf("hours.%s: %w", key, err))
				continue
			}
			h.week[i] = append(h.week[i], iv)
		}
		day := h.week[i]
		sort.Slice(day, func(a, b int) bool { return day[a].from < day[b].from })
		for j := 1; j < len(day); j++ {
			if day[j].from < day[j-1].to {
				faults = append(faults, fmt.Errorf("hours.%s: intervals overlap", key))
			}
		}
	}
	for _, s := range holidays {
		d, err := ParseDay(s)
		if err != nil {
			faults = append(faults, fmt.Errorf("holidays: %w", err))
			continue
		}
		h.holidays[d] = true
	}
	sort.Slice(faults, func(a, b int) bool { return faults[a].Error() < faults[b].Error() })
	return h, faults
}

func weekdayIndex(key string) int {
	for i, k := range weekdayKeys {
		if k == strings.ToLower(key) {
			return i
		}
	}
	return -1
}

func parseInterval(s string) (interval, error) {
	from, to, ok := strings.Cut(strings.ReplaceAll(s, " ", ""), "-")
	a, errA := parseMinute(from)
	b, errB := parseMinute(to)
	if !ok || errA != nil || errB != nil || a >= b {
		return interval{}, fmt.Errorf("%q: want an interval such as \"09:00-13:00\"", s)
	}
	return interval{a, b}, nil
}

func parseMinute(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hh, errH := strconv.Atoi(h)
	mm, errM := strconv.Atoi(m)
	if !ok || errH != nil || errM != nil || len(m) != 2 || hh < 0 || hh > 24 || mm < 0 || mm > 59 || hh == 24 && mm > 0 {
		return 0, fmt.Errorf("%q: want HH:MM", s)
	}
	return hh*60 + mm, nil
}

// Set reports whether a schedule is configured.
func (h Hours) Set() bool { return h.set }

// Holiday reports whether a local day is one of the configured holidays.
func (h Hours) Holiday(d Day) bool { return h.holidays[d] }

// openings calls yield with the open spans of a local day, in order.
func (h Hours) openings(z Zone, d Day, yield func(Span)) {
	if h.Holiday(d) {
		return
	}
	for _, iv := range h.week[d.Weekday()-1] {
		if s := (Span{z.wall(d, iv.from), z.wall(d, iv.to)}); !s.Empty() {
			yield(s)
		}
	}
}

// wall returns the instant at which the local clock shows minute of day d. A
// time that does not exist is read as the same distance after the gap began.
func (z Zone) wall(d Day, minute int) int64 {
	if minute == 0 {
		return z.Start(d)
	}
	if minute >= 24*60 {
		return z.Start(d + 1)
	}
	y, m, dd := d.Date()
	return dateIn(z, y, int(m), dd, minute)
}

// Business returns the open time between two instants, in ms, and whether a
// schedule is configured at all. A start outside hours counts from the next opening.
func (h Hours) Business(z Zone, from, to int64) (int64, bool) {
	if !h.set {
		return 0, false
	}
	var sum int64
	last := z.DayOf(to)
	for d := z.DayOf(from); d <= last; d++ {
		h.openings(z, d, func(s Span) {
			if a, b := max(s.From, from), min(s.To, to); b > a {
				sum += b - a
			}
		})
	}
	return sum, true
}

// OpenAt reports whether the business is open at ms; always when no schedule is set.
func (h Hours) OpenAt(z Zone, ms int64) bool {
	if !h.set {
		return true
	}
	open := false
	h.openings(z, z.DayOf(ms), func(s Span) { open = open || s.Holds(ms) })
	return open
}
