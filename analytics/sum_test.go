package analytics

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestSumsKeepEveryBin, few and many, in any order.
func TestSumsKeepEveryBin(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for size := range 3 * fewBins {
		var s Sum
		want := map[int32]int64{}
		for range size {
			at, n := r.Int32N(2000), r.Int64N(3)-1
			s.addBin(at, n)
			want[at] += n
		}
		got := map[int32]int64{}
		var order []int32
		for at, n := range s.eachBin {
			got[at] = n
			order = append(order, at)
		}
		for at, n := range want {
			assert.Equal(t, n, got[at], "bin %d of %d", at, size)
		}
		assert.True(t, slices.IsSorted(order))
		assert.LessOrEqual(t, len(got), len(want))
	}
}
