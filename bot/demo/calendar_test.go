package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEaster(t *testing.T) {
	for year, want := range map[int]string{1999: "1999-04-04", 2008: "2008-03-23", 2024: "2024-03-31", 2026: "2026-04-05", 2038: "2038-04-25"} {
		assert.Equal(t, want, easter(year).Format(time.DateOnly))
	}
}

func TestHolidays(t *testing.T) {
	assert.Equal(t, []string{
		"2026-01-01", "2026-01-12", "2026-03-23", "2026-04-02", "2026-04-03", "2026-05-01", "2026-05-18", "2026-06-08", "2026-06-15",
		"2026-06-29", "2026-07-20", "2026-08-07", "2026-08-17", "2026-10-12", "2026-11-02", "2026-11-16", "2026-12-08", "2026-12-25",
	}, holidays(2026))
}

func TestRateNeverExceedsItsBound(t *testing.T) {
	shop, err := New(1, "America/Bogota", Person{})
	require.NoError(t, err)
	from := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC)
	for h := range 366 * 24 {
		at := from.Add(time.Duration(h) * time.Hour)
		assert.Less(t, shop.rate(at, 2), rateMost)
		assert.Positive(t, shop.rate(at, 0))
	}
}

func TestAgentsWorkInTurns(t *testing.T) {
	shop, err := New(1, "America/Bogota", Person{})
	require.NoError(t, err)
	paola := shop.staff[6]
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, shop.zone)
		require.NoError(t, err)
		return x
	}
	for now, want := range map[string]string{
		"2026-11-25 10:00": "2026-11-25 10:00",
		"2026-11-25 12:15": "2026-11-25 13:00", // lunch
		"2026-11-25 17:00": "2026-11-26 08:00",
		"2026-11-28 14:30": "2026-11-30 08:00", // Saturday afternoon
		"2026-12-07 18:00": "2026-12-09 08:00", // the 8th is a holiday
	} {
		assert.Equal(t, at(want), shop.atWork(paola, at(now)), now)
	}
}
