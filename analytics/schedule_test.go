package analytics

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models"
)

// zones lists every IANA zone of this machine, or those that the clock changes
// are oddest in when it has none.
func zones(t testing.TB) []string {
	odd := []string{"UTC", "America/Bogota", "America/New_York", "Europe/Madrid", "America/Sao_Paulo", "America/Havana", "America/Asuncion", "America/Santiago", "Asia/Beirut",
		"Asia/Gaza", "Asia/Kathmandu", "Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Atlantic/Azores", "America/Scoresbysund", "America/Nuuk", "Asia/Tehran"}
	dir := "/usr/share/zoneinfo"
	var all []string
	_ = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		name := strings.TrimPrefix(path, dir+"/")
		if err == nil && !e.IsDir() && strings.Contains(name, "/") && !strings.HasPrefix(name, "right/") && !strings.HasPrefix(name, "posix/") {
			if _, err := time.LoadLocation(name); err == nil {
				all = append(all, name)
			}
		}
		return nil
	})
	if testing.Short() || len(all) < 100 {
		return odd
	}
	return all
}

const from2024, to2035 = "2024-01-01", "2036-01-01"

func TestDaysPartitionTime(t *testing.T) {
	first, _ := ParseDay(from2024)
	last, _ := ParseDay(to2035)
	for _, name := range zones(t) {
		z := MustZone(name)
		for d := first; d < last; d++ {
			start, end := z.Start(d), z.Start(d+1)
			hours := float64(end-start) / float64(hour)
			if hours < 20 || hours > 28 || z.DayOf(start) != d || z.DayOf(end-1) != d {
				t.Fatalf("%s: %s lasts %v h; its first instant is on %s, its last on %s", name, d, hours, z.DayOf(start), z.DayOf(end-1))
			}
			if start%(int64(15*time.Minute/time.Millisecond)) != 0 {
				t.Fatalf("%s: %s begins off the quarter hour", name, d)
			}
		}
	}
}

// TestOneDigestEveryLocalDay walks every zone through twelve years, at wall
// times near the hours in which clocks change.
func TestOneDigestEveryLocalDay(t *testing.T) {
	first, _ := ParseDay(from2024)
	last, _ := ParseDay(to2035)
	minutes := []int{0, 30, 60, 90, 120, 150, 180, 23*60 + 45}
	for i, name := range zones(t) {
		z := MustZone(name)
		d := &models.Digest{At: minutes[i%len(minutes)]}
		list := Occurrences(d, z, z.Start(first)-1, z.Start(last)-1)
		if !assert.Equal(t, int(last-first), len(list), name) {
			continue
		}
		for k, o := range list {
			if o.Date != first+Day(k) {
				t.Fatalf("%s: occurrence %d is of %s, not of %s", name, k, o.Date, first+Day(k))
			}
			if k > 0 && o.At <= list[k-1].At {
				t.Fatalf("%s: %s is not after the day before", name, o.Date)
			}
			if at := z.DayOf(o.At); at != o.Date && o.At != z.Start(o.Date) {
				t.Fatalf("%s: the digest of %s comes on %s", name, o.Date, at)
			}
		}
	}
}

func TestOccurrencesOfWeekdaysAndMonths(t *testing.T) {
	z := MustZone("America/Bogota")
	day := func(s string) int64 {
		d, err := ParseDay(s)
		require.NoError(t, err)
		return z.Start(d)
	}
	dates := func(d models.Digest) []string {
		var list []string
		for _, o := range Occurrences(&d, z, day("2026-01-30"), day("2026-03-05")) {
			list = append(list, z.Time(o.At).Format("2006-01-02 15:04"))
		}
		return list
	}
	assert.Equal(t, []string{"2026-02-02 09:00", "2026-02-09 09:00", "2026-02-16 09:00", "2026-02-23 09:00", "2026-03-02 09:00"}, dates(models.Digest{At: 540, Days: []int{1}}))
	assert.Equal(t, []string{"2026-01-31 08:30", "2026-02-28 08:30"}, dates(models.Digest{At: 510, MonthDay: 31}), "in February on its last day")
	assert.Contains(t, dates(models.Digest{At: 600, Days: []int{7}}), "2026-02-01 10:00")
}

func TestDigestInTheMissingHour(t *testing.T) {
	z := MustZone("America/New_York")
	march8, _ := ParseDay("2026-03-08")
	d := &models.Digest{At: 150} // 02:30 does not exist
	list := Occurrences(d, z, z.Start(march8)-1, z.Start(march8+1)-1)
	require.Len(t, list, 1)
	assert.Contains(t, []string{"03:00", "03:30"}, z.Time(list[0].At).Format("15:04"))
	november1, _ := ParseDay("2026-11-01")
	twice := Occurrences(&models.Digest{At: 90}, z, z.Start(november1)-1, z.Start(november1+1)-1)
	assert.Len(t, twice, 1, "01:30 comes twice, the digest once")
}
