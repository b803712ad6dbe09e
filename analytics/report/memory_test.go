package report

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
)

// asked is a Reader that tells for which groups it was asked.
type asked struct {
	Reader
	groups [][]analytics.Group
}

func (a *asked) Moments(_ context.Context, m analytics.Moments) (*analytics.Rows, error) {
	a.groups = append(a.groups, m.Groups)
	return &analytics.Rows{}, nil
}

func TestAShortSpanIsReadOnceForItsGroups(t *testing.T) {
	r := &asked{}
	m := Remember(r)
	ask := func(length int64, groups ...analytics.Group) [][]analytics.Group {
		r.groups = nil
		_, err := m.Moments(t.Context(), analytics.Moments{Groups: groups, Span: analytics.Span{From: 100, To: 100 + length}, Bare: true})
		require.NoError(t, err)
		return r.groups
	}
	assert.Len(t, ask(60_000, analytics.GroupReceived, analytics.GroupSent), 1)
	assert.Empty(t, ask(60_000, analytics.GroupSent))
	more := ask(60_000, analytics.GroupSent, analytics.GroupClosed)
	require.Len(t, more, 1)
	assert.ElementsMatch(t, []analytics.Group{analytics.GroupReceived, analytics.GroupSent, analytics.GroupClosed}, more[0], "what was there stays")
	assert.Empty(t, ask(60_000, analytics.GroupClosed, analytics.GroupReceived))
	assert.Len(t, ask(61_000, analytics.GroupSent), 1, "another span")
	_, err := m.Moments(t.Context(), analytics.Moments{Groups: []analytics.Group{analytics.GroupSent}, Span: analytics.Span{From: 100, To: 60_100}})
	require.NoError(t, err)
	assert.Len(t, r.groups, 2, "bare rows are not whole ones")
	for range 2 {
		assert.Len(t, ask(analytics.SlotMS, analytics.GroupSent), 1, "long ones are not kept")
	}
}
