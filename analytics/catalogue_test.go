package analytics

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCatalogueIsConsistent(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range Catalogue() {
		assert.False(t, seen[m.Key], "%s twice", m.Key)
		seen[m.Key] = true
		got, ok := MetricOf(m.Key)
		require.True(t, ok)
		assert.Equal(t, m, got)
		assert.NotEmpty(t, m.Anchor, m.Key)
		assert.Contains(t, []Unit{Count, Seconds, Share}, m.Unit, m.Key)
		assert.Equal(t, m.Business, strings.HasSuffix(m.Key, "_business"), m.Key)
		for _, d := range []Dim{ByHour, ByWeekday, ByDay, ByWeek, ByMonth} {
			assert.NotEqual(t, m.Stock, m.Fits(d), "%s by %s", m.Key, d)
			assert.False(t, m.Dims.Has(d), "time is in nobody's own dimensions")
		}
		if m.Twin {
			twin, ok := MetricOf(m.Key + "_business")
			require.True(t, ok, m.Key)
			assert.Equal(t, m.Dims, twin.Dims)
			assert.Equal(t, m.Measure+1, twin.Measure)
		}
	}
	_, ok := MetricOf("nothing")
	assert.False(t, ok)
}

// TestEveryMetricIsWhatItsUnitSays: durations are summed as durations, counts are
// not, and every dimension can be told apart in the cells it is summed from.
func TestEveryMetricIsWhatItsUnitSays(t *testing.T) {
	for _, m := range Catalogue() {
		if m.Stock {
			assert.Equal(t, Measure(NoMeasure), m.Measure, m.Key)
			continue
		}
		of := []Measure{m.Measure}
		if m.Unit == Share {
			of = []Measure{m.Num, m.Den}
		}
		for _, measure := range of {
			require.Less(t, measure, Measure(NoMeasure), m.Key)
			assert.Equal(t, m.Unit == Seconds, measure.nature() == durations, m.Key)
			m.Dims.Each(func(d Dim) {
				if OncePerContact(measure) || d == ByError {
					return // told apart by the rows, or by the failures' own group
				}
				assert.True(t, storedFor(d).Within(groupShapes[GroupOf(measure)].dims), "%s by %s", m.Key, d)
			})
		}
		assert.Equal(t, m.Key == "no_receipt", m.Lag != 0, m.Key)
	}
}

func TestDirections(t *testing.T) {
	for key, want := range map[string]Better{
		"first_response": Lower, "resolution_time_business": Lower, "failure_rate": Lower, "messages_failed": Lower, "no_receipt": Lower,
		"conversations_reopened": Lower, "conversations_unanswered": Lower, "transfers": Lower, "missed_windows": Lower, "contacts_deleted": Lower,
		"conversations_waiting": Lower, "longest_wait": Lower, "delivery_rate": Higher, "read_rate": Higher, "answered_in_target": Higher,
		"contact_reply_rate": Higher, "contacts_new": Higher, "messages_billable": Neither, "contacts_merged": Neither,
	} {
		m, ok := MetricOf(key)
		require.True(t, ok, key)
		assert.Equal(t, want, m.Better, key)
	}
}

func TestDimensionsHaveKeys(t *testing.T) {
	for d := range allDims {
		back, ok := ParseDim(d.String())
		assert.True(t, ok)
		assert.Equal(t, d, back)
	}
	_, ok := ParseDim("colour")
	assert.False(t, ok)
}

// TestPackedDimensionsComeBack for every group and tier.
func TestPackedDimensionsComeBack(t *testing.T) {
	var d Dims
	for i := range d {
		d[i] = "v" + Dim(i).String()
	}
	d[ByTemplate] = ""
	for g := range groups {
		for tier := range tiers {
			set, kept := g.dims(tier)
			if !kept {
				continue
			}
			back := unpack(set, d.pack(set))
			for i := range d {
				if set.Has(Dim(i)) {
					assert.Equal(t, d[i], back[i])
				} else {
					assert.Empty(t, back[i])
				}
			}
		}
	}
}
