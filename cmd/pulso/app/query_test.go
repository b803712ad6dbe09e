package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models/store/storetest"
)

// tide is a shop with as many customer messages at local nine o'clock as the
// day of March is far on; those of the 2nd to the 29th, a Monday to a Sunday.
func tide(t *testing.T) *App {
	var lines []string
	for day := 2; day <= 29; day++ {
		for i := range day {
			lines = append(lines, fmt.Sprintf(`{"id":"%d-%d","type":"message.received","at":"2026-03-%02dT14:%02d:00Z","channel":"whatsapp:1060","contact":{"id":"c-%d"},"message":{"id":"m-%d-%d","kind":"text"}}`,
				day, i, day, i, i, day, i))
		}
	}
	now := time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)
	a := recordOf(t, storetest.SQLite(t), now, nil)
	a.take(t, "events", now, `{"events":[`+strings.Join(lines, ",")+`]}`)
	return a
}

type counted struct {
	Rows    []countedRow
	Total   countedRow
	Compare *struct {
		From, To string
		Rows     []countedRow
		Total    countedRow
	}
}

type countedRow struct {
	Day     string
	Week    string
	Weekday int
	Hour    int
	N       struct {
		Value   *float64
		Average *float64
	} `json:"messages_received"`
	Open struct{ Value *float64 } `json:"conversations_open"`
	Wait struct{ Waiting *int64 } `json:"first_response"`
}

func (a *App) counted(t *testing.T, q Query) counted {
	t.Helper()
	q.Now = time.Date(2026, 3, 30, 12, 0, 0, 0, time.UTC)
	desk, answer, err := a.Query(t.Context(), q)
	require.NoError(t, err)
	body, err := json.Marshal(desk.JSON(answer))
	require.NoError(t, err)
	var c counted
	require.NoError(t, json.Unmarshal(body, &c), string(body))
	return c
}

func TestComparisons(t *testing.T) {
	a := tide(t)
	days := Query{Metrics: []string{"messages_received"}, From: "2026-03-23", To: "2026-03-25", By: []string{"day"}}

	days.Compare = "previous"
	c := a.counted(t, days)
	assert.Equal(t, []float64{23, 24, 47}, []float64{*c.Rows[0].N.Value, *c.Rows[1].N.Value, *c.Total.N.Value})
	assert.Equal(t, "2026-03-21T00:00:00-05:00", c.Compare.From)
	assert.Equal(t, "2026-03-21", c.Compare.Rows[0].Day)
	assert.Equal(t, []float64{21, 22, 43}, []float64{*c.Compare.Rows[0].N.Value, *c.Compare.Rows[1].N.Value, *c.Compare.Total.N.Value})

	days.Compare = "weekdays" // three weeks lie within the record: the 16th, 9th and 2nd
	c = a.counted(t, days)
	assert.Equal(t, []string{"2026-03-23", "2026-03-24"}, []string{c.Compare.Rows[0].Day, c.Compare.Rows[1].Day}, "under the days they are compared with")
	assert.Equal(t, []float64{9, 10, 19}, []float64{*c.Compare.Rows[0].N.Value, *c.Compare.Rows[1].N.Value, *c.Compare.Total.N.Value})

	days.Compare = "2026-03-02..2026-03-04"
	c = a.counted(t, days)
	assert.Equal(t, []string{"2026-03-02T00:00:00-05:00", "2026-03-04T00:00:00-05:00"}, []string{c.Compare.From, c.Compare.To})
	assert.Equal(t, []float64{2, 3, 5}, []float64{*c.Compare.Rows[0].N.Value, *c.Compare.Rows[1].N.Value, *c.Compare.Total.N.Value})

	days.By, days.From, days.To, days.Compare = []string{"week"}, "2026-03-23", "2026-03-30", "weekdays"
	c = a.counted(t, days)
	require.Len(t, c.Compare.Rows, 1)
	assert.Equal(t, "2026-03-23", c.Compare.Rows[0].Week)
	assert.Equal(t, float64(5+12+19)*7/3, *c.Compare.Rows[0].N.Value)
}

// What stands now has no earlier value: it is absent, never 0.
func TestNowIsNotCompared(t *testing.T) {
	c := tide(t).counted(t, Query{Metrics: []string{"messages_received", "conversations_open", "first_response"}, From: "2026-03-23", To: "2026-03-30", Compare: "weekdays"})
	require.NotNil(t, c.Total.Open.Value)
	assert.Positive(t, *c.Total.Open.Value)
	assert.NotNil(t, c.Total.Wait.Waiting)
	assert.Nil(t, c.Compare.Total.Open.Value)
	assert.Nil(t, c.Compare.Total.Wait.Waiting)
	assert.Positive(t, *c.Compare.Total.N.Value)
}

func TestAverageByOccurrence(t *testing.T) {
	a := tide(t)
	q := Query{Metrics: []string{"messages_received"}, From: "2026-03-02", To: "2026-03-30", By: []string{"weekday", "hour"}}
	c := a.counted(t, q)
	require.Len(t, c.Rows, 7)
	for i, r := range c.Rows { // Mondays have 2 + 9 + 16 + 23
		assert.Equal(t, []int{i + 1, 9}, []int{r.Weekday, r.Hour})
		assert.Equal(t, float64(50+4*i), *r.N.Value)
		assert.Equal(t, float64(50+4*i)/4, *r.N.Average)
	}
	q.By, q.Where = []string{"hour"}, []string{"weekday=1"}
	c = a.counted(t, q)
	require.Len(t, c.Rows, 1)
	assert.Equal(t, 12.5, *c.Rows[0].N.Average, "by the Mondays, not by every day")
	q.By, q.Where, q.To = []string{"hour"}, nil, "2026-03-16"
	assert.Equal(t, float64(14*17)/2/14, *a.counted(t, q).Rows[0].N.Average)
}

func TestQueryRefusesInWords(t *testing.T) {
	a := tide(t)
	for want, q := range map[string]Query{
		"there are agent, channel":          {Metrics: []string{"messages_received"}, By: []string{"colour"}},
		"with one of agent, channel":        {Metrics: []string{"messages_received"}, Where: []string{"colour=red"}},
		"it goes with: channel, platform":   {Metrics: []string{"missed_windows"}, By: []string{"agent"}},
		"nobody is called that":             {Metrics: []string{"messages_received"}, Where: []string{"agent=Zoe"}},
		"previous, weekdays or FROM..TO":    {Metrics: []string{"messages_received"}, Compare: "yesterday"},
		"counted now and cannot be split":   {Metrics: []string{"conversations_open"}, By: []string{"day"}},
		"no metric is called \"happiness\"": {Metrics: []string{"happiness"}},
	} {
		_, _, err := a.Query(t.Context(), q)
		require.ErrorContains(t, err, want)
	}
}
