package models

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// anySighting is one sighting of a message that may be of either direction, or
// known by its deletion only.
func anySighting(t *rapid.T) Message {
	m := sighting(t)
	m.DeletedAt = rapid.SampledFrom([]int64{0, 0, 2500}).Draw(t, "deleted")
	m.Ad = rapid.Bool().Draw(t, "ad")
	if m.FailedAt != 0 {
		m.ErrorTitle = rapid.SampledFrom([]string{"", "Re-engagement message", "Undeliverable"}).Draw(t, "title")
	}
	if m.Content == RankNone {
		m.Dir = rapid.SampledFrom([]Direction{Unseen, In, Out}).Draw(t, "dir")
	} else {
		m.Dir = rapid.SampledFrom([]Direction{In, Out}).Draw(t, "dir")
		m.Template = rapid.SampledFrom([]string{"", "saludo", "aviso"}).Draw(t, "template")
	}
	return m
}

func fold(list []Message) Message {
	var m Message
	for _, s := range list {
		m = Join(m, s)
	}
	return m
}

func TestOrderAndRepetitionDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(rapid.Custom(anySighting), 1, 8).Draw(t, "sightings")
		again := append(rapid.SliceOfN(rapid.SampledFrom(list), 0, 5).Draw(t, "repeated"), list...)
		again = rapid.Permutation(again).Draw(t, "order")
		require.Equal(t, fold(list), fold(again))
		half := rapid.IntRange(0, len(again)).Draw(t, "cut")
		require.Equal(t, fold(list), Join(fold(again[:half]), fold(again[half:])), "batches")
	})
}

// level orders the statuses of a message as people read them.
var level = map[string]int{"": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}

func TestStatusOnlyRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var m Message
		for _, s := range rapid.SliceOfN(rapid.Custom(sighting), 1, 10).Draw(t, "sightings") {
			before := m.Status()
			m = Join(m, s)
			require.GreaterOrEqual(t, level[m.Status()], level[before], "from %s to %s", before, m.Status())
			require.Equal(t, m.ReadAt != 0 || m.DeliveredAt != 0, m.Delivered(), "reading implies delivery")
			require.Equal(t, m.Status() == "failed", m.Failed())
			require.GreaterOrEqual(t, m.LastAt(), m.At())
		}
	})
}

func TestLateSentNeverClearsFailed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		failed := Message{Dir: Out, FailedAt: rapid.Int64Range(1, 9).Draw(t, "failed"), Error: "131026"}
		sent := Message{Dir: Out, ProviderAt: rapid.Int64Range(1, 9).Draw(t, "sent")}
		for _, m := range []Message{Join(failed, sent), Join(sent, failed)} {
			require.True(t, m.Failed())
			require.Equal(t, "131026", m.Error)
			require.Equal(t, sent.ProviderAt, m.At(), "Meta's time of sending")
		}
	})
}

func TestAsOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := sighting(t)
		whole, _ := m.AsOf(math.MaxInt64)
		require.Equal(t, m, whole, "in the end everything is known")
		now := rapid.Int64Range(0, 4000).Draw(t, "now")
		then, existed := m.AsOf(now)
		if !existed {
			return
		}
		require.LessOrEqual(t, then.LastAt(), now, "nothing later is known")
		again, still := then.AsOf(now)
		require.True(t, still)
		require.Equal(t, then, again)
		require.LessOrEqual(t, level[then.Status()], level[m.Status()], "the past knew no better")
	})
}

func TestEarliestFailureStandsAndNamesItsReason(t *testing.T) {
	early, late := Message{FailedAt: 1, Error: "131047"}, Message{FailedAt: 2, Error: "131026"}
	assert.Equal(t, "131047", Join(late, early).Error)
	bare, told := Message{FailedAt: 1}, Message{FailedAt: 1, Error: "131026", ErrorTitle: "Undeliverable"}
	assert.Equal(t, told, Join(bare, told))
	assert.Equal(t, told, Join(told, Message{FailedAt: 1, Error: "131026"}), "a title says more than none")
}

func TestMomentOfAMessage(t *testing.T) {
	for name, c := range map[string]struct {
		m    Message
		want int64
	}{
		"Meta's own time":            {Message{ProviderAt: 5, SaidAt: 3}, 5},
		"the writing source's":       {Message{SaidAt: 3, DeliveredAt: 2}, 3},
		"else its earliest status":   {Message{DeliveredAt: 8, ReadAt: 7, FailedAt: 9}, 7},
		"nothing is known of it yet": {Message{}, 0},
	} {
		assert.Equal(t, c.want, c.m.At(), name)
	}
}

func TestClasses(t *testing.T) {
	for c, human := range map[Class]bool{ClassAgent: true, ClassPhone: true, ClassBot: false, ClassAutomation: false, ClassCampaign: false} {
		assert.True(t, c.Valid())
		assert.Equal(t, human, c.Human(), c)
	}
	assert.False(t, Class("").Valid())
	assert.False(t, Class("Agent").Valid())
}
