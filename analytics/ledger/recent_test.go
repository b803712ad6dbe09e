package ledger

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"pulso/analytics"
	"pulso/models"
)

func someTail(contact int64, rows int) *tail {
	t := &tail{since: Since{Contact: contact, At: 100, Opened: 50}, messages: map[int64]*models.Placed{}, facts: map[int64]*models.Fact{}}
	for i := range rows {
		t.messages[int64(i)] = &models.Placed{Row: int64(i), Contact: contact}
	}
	return t
}

func TestRecentGivesOnlyWhatIsWhole(t *testing.T) {
	r := newRecent()
	r.put(someTail(7, 3))
	assert.NotNil(t, r.get(Since{Contact: 7, At: 100, Opened: 50}))
	assert.NotNil(t, r.get(Since{Contact: 7, At: 200, Opened: 60}), "later rows are among them")
	assert.Nil(t, r.get(Since{Contact: 7, At: 99, Opened: 50}), "earlier messages are not kept")
	assert.Nil(t, r.get(Since{Contact: 7, At: 100, Opened: 0}), "nor earlier conversations")
	assert.Nil(t, r.get(Since{Contact: 7}))
	assert.Nil(t, r.get(Since{Contact: 8, At: 100, Opened: 50}))
	var rows analytics.Rows
	r.get(Since{Contact: 7, At: 100, Opened: 50}).addTo(&rows)
	assert.Len(t, rows.Messages, 3)
	r.drop(7)
	assert.Nil(t, r.get(Since{Contact: 7, At: 100, Opened: 50}))
}

func TestRecentForgetsWhoIsSilent(t *testing.T) {
	r := newRecent()
	busy := Since{Contact: 1, At: 100, Opened: 50}
	r.put(someTail(1, 10))
	r.put(someTail(2, 10))
	most := 0
	for i := range int64(5 * recentRows / 100) {
		r.put(someTail(1000+i, 100))
		assert.NotNil(t, r.get(busy), "who goes on writing stays")
		sum := 0
		for _, m := range []map[int64]*tail{r.young, r.old} {
			for _, kept := range m {
				sum += len(kept.messages)
			}
		}
		most = max(most, sum)
	}
	assert.Nil(t, r.get(Since{Contact: 2, At: 100, Opened: 50}), "who is silent goes")
	assert.LessOrEqual(t, most, 2*recentRows+200)
}
