package analytics

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func week() map[string][]string {
	return map[string][]string{
		"mon": {"14:00-18:00", "09:00-13:00"}, "tue": {"09:00-13:00"}, "wed": {"00:00-24:00"}, "fri": {"20:00-24:00"}, "sat": {"00:00-02:00", "10:00-14:00"},
	}
}

func openHours(t testing.TB) Hours {
	h, faults := ParseHours(week(), []string{"2026-03-23"})
	require.Empty(t, faults)
	return h
}

func at(t testing.TB, z Zone, text string) int64 {
	when, err := time.ParseInLocation("2006-01-02 15:04", text, z.Location())
	require.NoError(t, err)
	return when.UnixMilli()
}

// TestBusinessTime: 2026-03-16 is a Monday, the 23rd a holiday.
func TestBusinessTime(t *testing.T) {
	h, z := openHours(t), MustZone("America/Bogota")
	for name, c := range map[string]struct {
		from, to string
		minutes  int64
	}{
		"within an interval":            {"2026-03-16 09:10", "2026-03-16 09:40", 30},
		"over noon":                     {"2026-03-16 12:50", "2026-03-16 14:05", 15},
		"from noon on":                  {"2026-03-16 13:20", "2026-03-16 14:05", 5},
		"before opening":                {"2026-03-16 03:00", "2026-03-16 09:01", 1},
		"at night, till next day":       {"2026-03-16 22:00", "2026-03-17 09:30", 30},
		"never open between":            {"2026-03-16 18:00", "2026-03-17 09:00", 0},
		"a whole open day":              {"2026-03-18 00:00", "2026-03-19 00:00", 24 * 60},
		"over midnight, both open":      {"2026-03-20 23:00", "2026-03-21 01:00", 120},
		"a closed day":                  {"2026-03-19 00:00", "2026-03-20 20:00", 0},
		"a holiday":                     {"2026-03-23 00:00", "2026-03-24 00:00", 0},
		"over a holiday":                {"2026-03-21 13:00", "2026-03-24 09:15", 75},
		"a whole week":                  {"2026-03-16 00:00", "2026-03-23 00:00", (8 + 4 + 24 + 4 + 2 + 4) * 60},
		"no time at all":                {"2026-03-16 09:10", "2026-03-16 09:10", 0},
		"exactly from close to opening": {"2026-03-16 13:00", "2026-03-16 14:00", 0},
	} {
		open, ok := h.Business(z, at(t, z, c.from), at(t, z, c.to))
		assert.True(t, ok)
		assert.Equal(t, c.minutes, open/60_000, name)
	}
}

func TestBusinessTimeWhereClocksChange(t *testing.T) {
	h, faults := ParseHours(map[string][]string{"sun": {"00:30-03:30"}}, nil)
	require.Empty(t, faults)
	z := MustZone("Europe/Madrid")
	spring, autumn := at(t, z, "2026-03-29 00:00"), at(t, z, "2026-10-25 00:00")
	short, _ := h.Business(z, spring, spring+day24h)
	long, _ := h.Business(z, autumn, autumn+day24h)
	assert.Equal(t, 2*hour, short, "from 02:00 to 03:00 there was no time")
	assert.Equal(t, 4*hour, long, "from 02:00 to 03:00 came twice")
}

// TestBusinessTimeIsAdditive: and it is what a walk along the minutes counts.
func TestBusinessTimeIsAdditive(t *testing.T) {
	h := openHours(t)
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t)
		a := drawMS(t, "a")
		b := a + rapid.Int64Range(0, 5*day24h).Draw(t, "b")
		c := b + rapid.Int64Range(0, 5*day24h).Draw(t, "c")
		ab, _ := h.Business(z, a, b)
		bc, _ := h.Business(z, b, c)
		ac, _ := h.Business(z, a, c)
		require.Equal(t, ac, ab+bc)
		require.LessOrEqual(t, ab, b-a)
		require.GreaterOrEqual(t, ab, int64(0))
	})
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t)
		from := drawMS(t, "from") / 60_000 * 60_000
		minutes := rapid.Int64Range(0, 2000).Draw(t, "minutes")
		var walked int64
		for m := range minutes {
			if h.OpenAt(z, from+m*60_000) {
				walked += 60_000
			}
		}
		open, _ := h.Business(z, from, from+minutes*60_000)
		require.Equal(t, walked, open)
	})
}

func TestNoScheduleIsNotZero(t *testing.T) {
	h, faults := ParseHours(nil, nil)
	require.Empty(t, faults)
	_, ok := h.Business(MustZone("UTC"), 0, day24h)
	assert.False(t, ok)
	assert.False(t, h.Set())
	assert.True(t, h.OpenAt(MustZone("UTC"), 0), "who has no hours is always open")
}

func TestHolidays(t *testing.T) {
	h := openHours(t)
	d, _ := ParseDay("2026-03-23")
	assert.True(t, h.Holiday(d))
	assert.False(t, h.Holiday(d+1))
	assert.False(t, Hours{}.Holiday(d))
}

func TestFaultsOfHoursAreAllNamed(t *testing.T) {
	_, faults := ParseHours(map[string][]string{
		"lun": {"09:00-10:00"}, "mon": {"09:00-13:00", "12:00-14:00"}, "tue": {"9-10"}, "wed": {"10:00-09:00"}, "thu": {"24:01-24:02"},
	}, []string{"2026-02-30"})
	var told []string
	for _, f := range faults {
		told = append(told, f.Error())
	}
	all := strings.Join(told, "\n")
	assert.Len(t, faults, 6, all)
	for _, key := range []string{"hours.lun", "hours.mon: intervals overlap", "hours.tue", "hours.wed", "hours.thu", "holidays"} {
		assert.Contains(t, all, key)
	}
}

// TestRulesComeBackFromTheirFingerprint: the same settings, the same fingerprint,
// and what it says is what was set.
func TestRulesComeBackFromTheirFingerprint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := map[string][]string{}
		for _, k := range weekdayKeys {
			if n := rapid.IntRange(0, 2).Draw(t, k); n > 0 {
				for i := range n {
					days[k] = append(days[k], fmt.Sprintf("%02d:00-%02d:30", 8+6*i, 12+6*i))
				}
			}
		}
		hours, faults := ParseHours(days, []string{"2026-01-01", "2026-12-25"})
		require.Empty(t, faults)
		r := &Rules{Zone: drawZone(t), Hours: hours, IdleClose: rapid.Int64Range(1, 9e9).Draw(t, "idle"), InboxIdleClose: 7, Target: 9}
		agents := []Agent{{Name: "Ana", IDs: []string{"a-17"}}, {Name: "Zoe"}}
		back, configured, err := ParseFingerprint(r.Fingerprint(agents))
		require.NoError(t, err)
		require.Equal(t, r.Fingerprint(agents), back.Fingerprint(configured))
		from, to := drawMS(t, "from"), drawMS(t, "to")
		a, okA := r.Hours.Business(r.Zone, min(from, to), min(from, to)+9*day24h)
		b, okB := back.Hours.Business(back.Zone, min(from, to), min(from, to)+9*day24h)
		require.Equal(t, []any{a, okA}, []any{b, okB})
		other := *r
		other.Target++
		require.NotEqual(t, r.Fingerprint(agents), other.Fingerprint(agents))
	})
}
