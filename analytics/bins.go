package analytics

import (
	"math"
	"sort"
)

// Durations are summed exactly; for quantiles each falls into a bin, and a
// quantile is the bin's representative. Bins are at most 1 % wide below 64 s
// and above 15 min, and one second wide between, centred on whole seconds: a
// representative is within 1 % of every value of its bin, and phone
// timestamps, which are whole seconds, come back as they went in where people
// read seconds. Bins are integers that add and subtract, so a late or
// corrected event can be taken back.

const (
	fineFrom, fineTo = 64_000, 900_000       // ms; one-second bins between
	binsEnd          = 40 * 365 * 86_400_000 // ms; longer durations share the last bin
	growth           = 1.01
)

// binEdges holds the lower edge of every bin, in ms; edge 0 is 0.
var binEdges = makeEdges()

func makeEdges() []int64 {
	edges := []int64{0, 1}
	grow := func(limit int64) {
		for x := float64(edges[len(edges)-1]); ; {
			x = math.Max(x*growth, x+1)
			if int64(x) >= limit {
				return
			}
			edges = append(edges, int64(x))
			x = float64(int64(x))
		}
	}
	grow(fineFrom - 500)
	for e := int64(fineFrom - 500); e <= fineTo-500; e += 1000 {
		edges = append(edges, e)
	}
	grow(binsEnd)
	return edges
}

// binOf returns the bin of a duration in ms; negative durations count as 0.
func binOf(ms int64) int {
	return sort.Search(len(binEdges), func(i int) bool { return binEdges[i] > ms }) - 1
}

// binValue returns the representative of a bin: the roundest number in it.
func binValue(bin int) int64 {
	if bin <= 0 {
		return 0
	}
	bin = min(bin, len(binEdges)-1)
	lo := binEdges[bin]
	hi := lo
	if bin+1 < len(binEdges) {
		hi = binEdges[bin+1] - 1
	}
	mid := (lo + hi) / 2
	for _, round := range []int64{60_000, 10_000, 1000, 100, 10} {
		if v := (mid + round/2) / round * round; lo <= v && v <= hi && v > 0 {
			return v
		}
	}
	return mid
}
