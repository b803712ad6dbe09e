package ledger

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRecentForgetsWhoIsSilent(t *testing.T) {
	r := newRecent[int, string](10)
	r.put(1, "busy")
	r.put(2, "silent")
	for i := range 100 {
		r.put(1000+i, "other")
		v, ok := r.get(1)
		assert.True(t, ok, "who goes on writing stays")
		assert.Equal(t, "busy", v)
		assert.LessOrEqual(t, len(r.young)+len(r.old), 20)
	}
	_, ok := r.get(2)
	assert.False(t, ok, "who is silent goes")
	r.drop(1)
	_, ok = r.get(1)
	assert.False(t, ok)
}
