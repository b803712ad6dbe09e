package analytics

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestBinsAreWithinOnePercent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Int64Range(0, 400*86_400_000).Draw(t, "ms")
		rep := binValue(binOf(v))
		if diff := math.Abs(float64(rep - v)); diff > 0.01*float64(v) {
			t.Fatalf("%d ms comes back as %d", v, rep)
		}
	})
}

func TestWholeSecondsSurviveWherePeopleReadThem(t *testing.T) {
	for s := int64(1); s < 900; s++ {
		got := binValue(binOf(s * 1000))
		if s >= 64 {
			assert.Equal(t, s*1000, got, "%d s", s)
			continue
		}
		assert.InDelta(t, s*1000, got, 500, "%d s", s)
	}
}

func TestBinsAscend(t *testing.T) {
	for i := 1; i < len(binEdges); i++ {
		assert.Greater(t, binEdges[i], binEdges[i-1])
	}
	assert.Less(t, len(binEdges), 4000)
}
