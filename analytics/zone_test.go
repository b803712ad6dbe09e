package analytics

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestADayBeginsWithItsFirstInstant compares every day on which the clocks of any
// zone change with a walk along the quarter hours, and its length with the change.
func TestADayBeginsWithItsFirstInstant(t *testing.T) {
	first, _ := ParseDay(from2024)
	last, _ := ParseDay(to2035)
	short, long := 0, 0
	for _, name := range zones(t) {
		z := MustZone(name)
		for d := first; d < last; d++ {
			y, m, dd := d.Date()
			noon := time.Date(y, m, dd, 12, 0, 0, 0, time.UTC)
			_, before := noon.Add(-36 * time.Hour).In(z.Location()).Zone()
			_, after := noon.Add(36 * time.Hour).In(z.Location()).Zone()
			length := z.Start(d+1) - z.Start(d)
			if before == after {
				if length != day24h {
					t.Fatalf("%s: %s lasts %d ms", name, d, length)
				}
				continue
			}
			if want := firstInstant(z, d); z.Start(d) != want {
				t.Fatalf("%s: %s begins at %v, not at %v", name, d, z.Time(z.Start(d)), z.Time(want))
			}
			switch {
			case length < day24h:
				short++
			case length > day24h:
				long++
			}
		}
	}
	assert.Greater(t, short, 50)
	assert.Greater(t, long, 50)
}

// firstInstant walks to the first quarter hour whose local date is d or later.
func firstInstant(z Zone, d Day) int64 {
	y, m, dd := d.Date()
	t := time.Date(y, m, dd, 0, 0, 0, 0, time.UTC).Add(-16 * time.Hour)
	for early(t, d, z.Location()) {
		t = t.Add(15 * time.Minute)
	}
	return t.UnixMilli()
}

func TestDaysOfChange(t *testing.T) {
	for _, c := range []struct {
		zone, day string
		hours     float64
		begins    string
	}{
		{"America/Bogota", "2026-03-29", 24, "00:00"},
		{"Europe/Madrid", "2026-03-29", 23, "00:00"},
		{"Europe/Madrid", "2026-10-25", 25, "00:00"},
		{"America/New_York", "2026-03-08", 23, "00:00"},
		{"Australia/Lord_Howe", "2026-04-05", 24.5, "00:00"},
		{"America/Santiago", "2026-09-06", 23, "01:00"}, // midnight does not exist
		{"America/Havana", "2026-11-01", 25, "00:00"},   // midnight comes twice
		{"Asia/Kathmandu", "2026-06-01", 24, "00:00"},
	} {
		z := MustZone(c.zone)
		d, err := ParseDay(c.day)
		require.NoError(t, err)
		assert.Equal(t, c.hours, float64(z.Start(d+1)-z.Start(d))/float64(hour), c.zone+c.day)
		assert.Equal(t, c.begins, z.Time(z.Start(d)).Format("15:04"), c.zone+c.day)
	}
}

func TestWeeksMonthsQuartersYears(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Day(rapid.IntRange(-20_000, 60_000).Draw(t, "day"))
		y, m, dd := d.Date()
		require.Equal(t, d, DateOf(y, m, dd))
		require.Equal(t, int(time.Date(y, m, dd, 0, 0, 0, 0, time.UTC).Weekday()+6)%7+1, d.Weekday())
		for name, first := range map[string]func(Day) Day{"week": Day.Week, "month": Day.Month, "quarter": Day.Quarter, "year": Day.Year} {
			f := first(d)
			require.LessOrEqual(t, f, d, name)
			require.Equal(t, f, first(f), name)
			require.True(t, first(d+1) == f || first(d+1) == d+1, "a %s ends where the next begins", name)
		}
		require.Equal(t, 1, d.Week().Weekday())
		require.Equal(t, d.Month(), d.Month().AddMonths(5).AddMonths(-5))
		require.Contains(t, []time.Month{1, 4, 7, 10}, monthOf(d.Quarter()))
		back, err := ParseDay(d.String())
		if y >= 0 {
			require.NoError(t, err)
			require.Equal(t, d, back)
		}
	})
}

func monthOf(d Day) time.Month {
	_, m, _ := d.Date()
	return m
}

// drawZone draws one of the zones with odd clocks.
func drawZone(t *rapid.T) Zone {
	return MustZone(rapid.SampledFrom([]string{
		"UTC", "America/Bogota", "America/New_York", "Europe/Madrid", "America/Havana", "America/Santiago", "Asia/Beirut", "Asia/Kathmandu",
		"Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Chatham", "America/Scoresbysund",
	}).Draw(t, "zone"))
}

func drawMS(t *rapid.T, name string) int64 {
	return rapid.Int64Range(1_704_067_200_000, 2_082_758_400_000).Draw(t, name) // 2024 to 2035
}

func TestSlotsAreTheLargestWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := drawZone(t)
		from := drawMS(t, "from")
		s := Span{from, from + rapid.Int64Range(0, 3*day24h).Draw(t, "length")}
		in := z.Slots(s)
		require.GreaterOrEqual(t, in.From, s.From)
		require.Zero(t, in.From%slotLength)
		require.Zero(t, in.To%slotLength)
		if !in.Empty() {
			require.LessOrEqual(t, in.To, s.To)
			require.Less(t, in.From-s.From, slotLength)
			require.Less(t, s.To-in.To, slotLength)
		}
	})
}

func TestLabelsAreOfTheLocalMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z, at := drawZone(t), drawMS(t, "at")
		d := z.DayOf(at)
		require.Equal(t, d.String(), z.Label(ByDay, at))
		require.Equal(t, d.Week().String(), z.Label(ByWeek, at))
		require.Equal(t, d.String()[:7], z.Label(ByMonth, at))
		require.Equal(t, z.Time(at).Format("15"), pad(z.Label(ByHour, at)))
	})
}

func pad(hour string) string {
	if len(hour) == 1 {
		return "0" + hour
	}
	return hour
}

func TestBackKeepsTheTimeOfDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z, at := drawZone(t), drawMS(t, "at")
		days := Day(rapid.IntRange(0, 60).Draw(t, "days"))
		back := z.Back(at, days)
		if z.Time(back).Format("15:04") == z.Time(at).Format("15:04") {
			require.InDelta(t, int64(days)*day24h, at-back, float64(2*hour+hour))
			return
		}
		// The time of day is left out on that day, or midnight is.
		_, end := z.Time(back).ZoneBounds()
		start, _ := z.Time(back).ZoneBounds()
		near := min(absolute(back-start.UnixMilli()), absolute(end.UnixMilli()-back))
		if z.Start(z.DayOf(at)) != at {
			require.LessOrEqual(t, near, 2*hour)
		}
	})
}

func absolute(x int64) int64 { return max(x, -x) }

func TestSpans(t *testing.T) {
	a := Span{10, 20}
	assert.Equal(t, Span{12, 15}, a.Within(Span{12, 15}))
	assert.True(t, a.Within(Span{20, 30}).Empty())
	assert.True(t, a.Within(Span{0, 10}).Empty())
	assert.Equal(t, Span{10, 15}, a.Cut(15))
	assert.True(t, a.Cut(5).Empty())
	assert.True(t, a.Holds(10))
	assert.False(t, a.Holds(20))
}

func TestZonesThatAreNone(t *testing.T) {
	for _, name := range []string{"", "Local", "Mars/Olympus", "-05:00"} {
		_, err := LoadZone(name)
		assert.ErrorContains(t, err, "IANA", name)
	}
	_, err := ParseDay("2026-02-30")
	assert.Error(t, err)
}
