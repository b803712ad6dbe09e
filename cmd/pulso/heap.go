package main

import (
	"context"
	"math"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// How much garbage the service lets lie. At rest half as much as it uses, half of
// Go's default. While it makes a lot, collecting would cost it a quarter of the
// processor: then as much as fits into a budget, which keeps the peaks lower, too.
const (
	restPercent = 50
	busyPercent = 300
	busyCycles  = 6        // collections in a second
	heapBudget  = 76 << 20 // bytes of everything that Go itself holds
	heapOther   = 16 << 20 // what of it is not the heap, at most
)

// leeway is what the collector is told.
type leeway struct {
	percent int
	limit   int64
}

// leewayFor weighs a second with so many collections, after the last of which live
// bytes were in use. It is busy until there were none.
func leewayFor(was leeway, cycles, live uint64) leeway {
	if cycles >= busyCycles || cycles > 0 && was.percent == busyPercent {
		return leeway{busyPercent, max(heapBudget, int64(live)*(100+restPercent)/100+heapOther)}
	}
	return leeway{restPercent, math.MaxInt64}
}

// tendHeap adapts the collector to the load until the context ends, unless the
// environment has settled it.
func tendHeap(ctx context.Context) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	tell := func(l leeway) leeway {
		debug.SetMemoryLimit(l.limit)
		debug.SetGCPercent(l.percent)
		return l
	}
	now := tell(leewayFor(leeway{}, 0, 0))
	seen := []metrics.Sample{{Name: "/gc/cycles/total:gc-cycles"}, {Name: "/gc/heap/live:bytes"}}
	metrics.Read(seen)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		cycles := seen[0].Value.Uint64()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		metrics.Read(seen)
		if next := leewayFor(now, seen[0].Value.Uint64()-cycles, seen[1].Value.Uint64()); next != now {
			now = tell(next)
		}
	}
}
