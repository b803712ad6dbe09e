package config

import (
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"time"

	"pulso/models"
)

// Duration is a length of time in milliseconds, written as 15m, 24h, 30d, 2w or
// 1h30m. A day is 24 hours.
type Duration int64

const (
	second = Duration(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

var (
	durationForm = regexp.MustCompile(`^(?:\d+(?:ms|[smhdw]))+$`)
	durationPart = regexp.MustCompile(`(\d+)(ms|[smhdw])`)
)

func unitOf(s string) Duration {
	switch s {
	case "ms":
		return 1
	case "s":
		return second
	case "m":
		return minute
	case "h":
		return hour
	case "d":
		return day
	}
	return 7 * day
}

// UnmarshalText reads a duration of at most a hundred years; 0 needs no unit.
func (d *Duration) UnmarshalText(b []byte) error {
	s := strings.ToLower(strings.ReplaceAll(string(b), " ", ""))
	if s == "0" {
		*d = 0
		return nil
	}
	if !durationForm.MatchString(s) {
		return fmt.Errorf("%q is not %s", b, d.want())
	}
	const most = 100 * 365 * day
	var sum Duration
	for _, p := range durationPart.FindAllStringSubmatch(s, -1) {
		n, err := strconv.ParseInt(p[1], 10, 64)
		if unit := unitOf(p[2]); err != nil || n > int64((most-sum)/unit) {
			return fmt.Errorf("%q is longer than a hundred years", b)
		}
		sum += Duration(n) * unitOf(p[2])
	}
	*d = sum
	return nil
}

func (*Duration) want() string { return "a duration such as 15m, 24h, 30d or 2w" }

// String returns the duration in its largest whole unit.
func (d Duration) String() string {
	switch {
	case d == 0:
		return "0"
	case d%day == 0 && d >= 2*day:
		return strconv.FormatInt(int64(d/day), 10) + "d"
	case d%hour == 0:
		return strconv.FormatInt(int64(d/hour), 10) + "h"
	case d%minute == 0:
		return strconv.FormatInt(int64(d/minute), 10) + "m"
	case d%second == 0:
		return strconv.FormatInt(int64(d/second), 10) + "s"
	}
	return strconv.FormatInt(int64(d), 10) + "ms"
}

// Std returns the duration as the standard library has it.
func (d Duration) Std() time.Duration { return time.Duration(d) * time.Millisecond }

// Minute is a time of day in minutes after midnight, written as 09:00.
type Minute int

var minuteForm = regexp.MustCompile(`^([01]?\d|2[0-3]):([0-5]\d)$`)

// UnmarshalText reads a time from 00:00 to 23:59.
func (m *Minute) UnmarshalText(b []byte) error {
	p := minuteForm.FindStringSubmatch(strings.TrimSpace(string(b)))
	if p == nil {
		return fmt.Errorf("%q is not %s", b, m.want())
	}
	hours, _ := strconv.Atoi(p[1]) // two digits, as the form says
	rest, _ := strconv.Atoi(p[2])
	*m = Minute(hours*60 + rest)
	return nil
}

func (*Minute) want() string { return "a time of day such as 09:00" }

// String returns the time as 09:00.
func (m Minute) String() string { return fmt.Sprintf("%02d:%02d", int(m)/60, int(m)%60) }

// Quiet is the part of a day without messages, written as 22:00-07:00; it may
// pass midnight. The zero value is none.
type Quiet struct{ From, To Minute }

// UnmarshalText reads two times that differ.
func (q *Quiet) UnmarshalText(b []byte) error {
	from, to, _ := strings.Cut(string(b), "-")
	var read Quiet
	err := errors.Join(read.From.UnmarshalText([]byte(from)), read.To.UnmarshalText([]byte(to)))
	if err != nil || read.From == read.To {
		return fmt.Errorf("%q is not %s", b, q.want())
	}
	*q = read
	return nil
}

func (*Quiet) want() string { return "a part of the day such as 22:00-07:00" }

// Set reports whether there is a quiet part.
func (q Quiet) Set() bool { return q.From != q.To }

// Holds reports whether the time of day m is quiet.
func (q Quiet) Holds(m Minute) bool {
	if q.From <= q.To {
		return q.From <= m && m < q.To
	}
	return m >= q.From || m < q.To
}

// String returns the part as 22:00-07:00, "" for none.
func (q Quiet) String() string {
	if !q.Set() {
		return ""
	}
	return q.From.String() + "-" + q.To.String()
}

// Weekday is a day of the week, 1 for Monday to 7 for Sunday, written as mon…sun.
type Weekday int

func weekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} }

// UnmarshalText reads mon…sun.
func (w *Weekday) UnmarshalText(b []byte) error {
	i, err := pick(b, weekdays())
	*w = Weekday(i + 1)
	return err
}

func (*Weekday) want() string { return oneOf(weekdays()) }

// String returns mon…sun.
func (w Weekday) String() string {
	if w < 1 || w > 7 {
		return ""
	}
	return weekdays()[w-1]
}

// Role says what a person may see and do.
type Role string

// Roles, from all to least.
const (
	Owner   Role = "owner"
	Admin   Role = "admin"
	Manager Role = "manager"
	Viewer  Role = "viewer"
)

func roles() []string { return texts(Owner, Admin, Manager, Viewer) }

// UnmarshalText reads a role.
func (r *Role) UnmarshalText(b []byte) error { return choose(r, b, roles()) }

func (*Role) want() string { return oneOf(roles()) }

// Severity says how hard an alert knocks; a critical one passes quiet hours, and
// reaches the owners too when nobody it names acknowledges it.
type Severity string

// Severities.
const (
	Normal   Severity = "normal"
	Critical Severity = "critical"
)

func severities() []string { return texts(Normal, Critical) }

// UnmarshalText reads a severity.
func (s *Severity) UnmarshalText(b []byte) error { return choose(s, b, severities()) }

func (*Severity) want() string { return oneOf(severities()) }

// SpeedValue is the statistic that stands for a duration when none is named.
type SpeedValue string

// Statistics of a duration.
const (
	Median SpeedValue = "median"
	Mean   SpeedValue = "mean"
	P90    SpeedValue = "p90"
)

func speedValues() []string { return texts(Median, Mean, P90) }

// UnmarshalText reads a statistic.
func (s *SpeedValue) UnmarshalText(b []byte) error { return choose(s, b, speedValues()) }

func (*SpeedValue) want() string { return oneOf(speedValues()) }

func texts[T ~string](values ...T) []string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = string(v)
	}
	return list
}

func oneOf(words []string) string { return "one of " + strings.Join(words, ", ") }

// pick returns the place of s among words, whatever its case.
func pick(s []byte, words []string) (int, error) {
	word := strings.TrimSpace(string(s))
	for i, w := range words {
		if strings.EqualFold(word, w) {
			return i, nil
		}
	}
	return -1, fmt.Errorf("%q is not %s%s", s, oneOf(words), didYouMean(nearest(word, words)))
}

func choose[T ~string](to *T, s []byte, words []string) error {
	i, err := pick(s, words)
	if err == nil {
		*to = T(words[i])
	}
	return err
}

// Phone is a number in E.164: +573001112233. It does not show in logs.
type Phone string

// UnmarshalText reads a number with its country code; spaces, dots, dashes and
// brackets are dropped. The error does not repeat the number.
func (p *Phone) UnmarshalText(b []byte) error {
	s := strings.TrimSpace(string(b))
	d, ok := models.PhoneDigits(s)
	if !ok || !strings.HasPrefix(s, "+") || len(d) < 7 || len(d) > 15 || d[0] == '0' {
		return errors.New("this is not " + p.want())
	}
	*p = Phone("+" + d)
	return nil
}

func (*Phone) want() string { return "a phone number with its country code, such as +573001112233" }

// LogValue hides the number.
func (p Phone) LogValue() slog.Value { return slog.StringValue("[phone]") }

// Price is an amount of money in millionths of a currency's unit.
type Price int64

var priceForm = regexp.MustCompile(`^(\d{1,9})(?:\.(\d{1,6}))?$`)

// UnmarshalText reads a decimal number with at most six places.
func (p *Price) UnmarshalText(b []byte) error {
	m := priceForm.FindStringSubmatch(strings.TrimSpace(string(b)))
	if m == nil {
		return fmt.Errorf("%q is not %s", b, p.want())
	}
	n, _ := strconv.ParseInt(m[1]+(m[2] + "000000")[:6], 10, 64) // fifteen digits, as the form says
	*p = Price(n)
	return nil
}

func (*Price) want() string { return "a price such as 0.0125, with at most six decimal places" }

// String returns the price without trailing zeros.
func (p Price) String() string {
	s := fmt.Sprintf("%d.%06d", p/1e6, p%1e6)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}
