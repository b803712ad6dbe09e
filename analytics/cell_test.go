package analytics

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func testRules(zone string) *Rules {
	return &Rules{Zone: MustZone(zone), IdleClose: day24h, InboxIdleClose: 30 * day24h, Target: 600_000}
}

// drawContribution draws something that a cell of the replies' group holds.
func drawContribution(t *rapid.T) Contribution {
	c := Contribution{
		Measure: Measure(rapid.IntRange(int(mFirst), int(mTargeted)).Draw(t, "measure")),
		At:      1_773_500_000_000 + rapid.Int64Range(0, 3*day24h).Draw(t, "at"),
		Value:   1,
	}
	if c.Measure.nature() == durations {
		c.Value = rapid.Int64Range(0, 3*day24h).Draw(t, "ms")
	}
	c.Dims[ByAgent] = rapid.SampledFrom([]string{"", "#a-17", "phone"}).Draw(t, "agent")
	c.Dims[ByChannel] = rapid.SampledFrom([]string{"whatsapp:1060", "instagram:shop"}).Draw(t, "channel")
	return c
}

// tallied applies contributions to cells, each so many times.
func tallied(r *Rules, list []Contribution, times int64, cells map[CellKey]*Cell) {
	tally := NewTally(r)
	for _, c := range list {
		tally.add(times)(c)
	}
	tally.Apply(cells)
}

// sharpened finds unknown maxima again among what is left.
func sharpened(r *Rules, left []Contribution, cells map[CellKey]*Cell) {
	blunt := FindBlunt(r, cells)
	for _, c := range left {
		blunt.Offer(c)
	}
	blunt.Sharpen(cells)
}

// TestCellsFormACommutativeGroup: the order of adding does not matter, and what is
// taken back leaves no trace, not even in the largest value.
func TestCellsFormACommutativeGroup(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := testRules("Europe/Madrid")
		kept := rapid.SliceOfN(rapid.Custom(drawContribution), 0, 20).Draw(t, "kept")
		gone := rapid.SliceOfN(rapid.Custom(drawContribution), 0, 20).Draw(t, "gone")
		want, got := map[CellKey]*Cell{}, map[CellKey]*Cell{}
		tallied(r, kept, 1, want)
		for _, c := range rapid.Permutation(slices.Concat(kept, gone)).Draw(t, "order") {
			tallied(r, []Contribution{c}, 1, got)
		}
		for _, c := range rapid.Permutation(gone).Draw(t, "back") {
			tallied(r, []Contribution{c}, -1, got)
		}
		sharpened(r, kept, got)
		for k, c := range got {
			if want[k] == nil {
				require.True(t, c.Empty(), "%v", k)
				continue
			}
			require.True(t, c.Equal(want[k]), "%v", k)
			for i, s := range want[k].trimmed() {
				for j := range s.values {
					if v := s.values[j]; len(v.top) > 0 {
						require.Equal(t, v.top[0], c.trimmed()[i].values[j].top[0], "the largest is known")
					}
				}
			}
		}
		for k := range want {
			require.NotNil(t, got[k])
		}
	})
}

func TestCellsComeBackFromStorage(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := testRules("Asia/Kathmandu")
		cells := map[CellKey]*Cell{}
		tallied(r, rapid.SliceOfN(rapid.Custom(drawContribution), 1, 30).Draw(t, "list"), 1, cells)
		for k, c := range cells {
			back, err := DecodeCell(k.Group, c.Encode())
			require.NoError(t, err)
			require.True(t, back.Equal(c))
			require.Equal(t, c.Encode(), back.Encode())
		}
	})
}

func TestEmptyCellsEncodeToNothing(t *testing.T) {
	r := testRules("UTC")
	cells := map[CellKey]*Cell{}
	c := Contribution{Measure: mFirst, At: 1_773_500_000_000, Value: 4000}
	tallied(r, []Contribution{c}, 1, cells)
	tallied(r, []Contribution{c}, -1, cells)
	require.NotEmpty(t, cells)
	for _, cell := range cells {
		assert.True(t, cell.Empty())
		assert.Empty(t, cell.Encode())
	}
}

// FuzzDecodeCell: no bytes make it fail otherwise than by an error, and what it
// reads it writes again.
func FuzzDecodeCell(f *testing.F) {
	r := testRules("UTC")
	cells := map[CellKey]*Cell{}
	tallied(r, []Contribution{{Measure: mFirst, At: 1_773_500_000_000, Value: 4000}, {Measure: mResponse, At: 1_773_500_900_000, Value: 61_000}, {Measure: mTargeted, At: 1_773_500_000_000, Value: 1}}, 1, cells)
	for k, c := range cells {
		f.Add(byte(k.Group), c.Encode())
	}
	f.Fuzz(func(t *testing.T, group byte, b []byte) {
		c, err := DecodeCell(Group(group), b)
		if err != nil {
			return
		}
		again, err := DecodeCell(Group(group), c.Encode())
		require.NoError(t, err)
		require.True(t, again.Equal(c))
		var s Sum // and it can be summed
		c.eachValue(^uint64(0), wholeDay(), func(_ int32, _ int, v *value) { s.addValue(v) })
		s.Quantile(0.5)
	})
}

// TestQuantilesAreNearestRankWithinOnePercent compares with sorting.
func TestQuantilesAreNearestRankWithinOnePercent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 20*day24h), 1, 200).Draw(t, "ms")
		var s Sum
		for _, v := range values {
			s.addOne(MustZone("UTC"), &Contribution{Measure: mFirst, Value: v}, 1)
		}
		slices.Sort(values)
		for _, q := range []float64{0.5, 0.9, 0.25, 1} {
			got, ok := s.Quantile(q)
			require.True(t, ok)
			want := values[int(math.Ceil(q*float64(len(values))-1e-9))-1]
			require.InDelta(t, want, got, 0.01*float64(want), "%v of %d", q, len(values))
		}
		mean, _ := s.Mean()
		var sum int64
		for _, v := range values {
			sum += v
		}
		require.InDelta(t, float64(sum)/float64(len(values)), mean, 1e-6)
		require.Equal(t, values[len(values)-1], s.Max)
	})
	_, ok := (&Sum{}).Quantile(0.5)
	assert.False(t, ok, "of nothing there is no median")
}
