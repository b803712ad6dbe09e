package main

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestGarbageLiesWhileMuchIsMade(t *testing.T) {
	rest := leewayFor(leeway{}, 0, 0)
	assert.Equal(t, leeway{restPercent, math.MaxInt64}, rest)
	assert.Equal(t, rest, leewayFor(rest, busyCycles-1, 30<<20))
	busy := leewayFor(rest, busyCycles, 30<<20)
	assert.Equal(t, leeway{busyPercent, heapBudget}, busy)
	assert.Equal(t, busy, leewayFor(busy, 1, 30<<20), "it collects seldom because it is let")
	assert.Equal(t, rest, leewayFor(busy, 0, 30<<20))

	large := leewayFor(busy, 9, 200<<20)
	assert.EqualValues(t, 300<<20+heapOther, large.limit, "what is in use is no garbage: never less leeway than at rest")
}
