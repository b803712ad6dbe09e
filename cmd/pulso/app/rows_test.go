package app

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/cmd/pulso/app/config"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// week is some days of a shop: Luz (answered, assigned and handed on), Omar (a
// campaign, read and billed), Iris (came by an ad, wrote, waits), Rosa (deleted).
const week = `{"events":[
{"id":"1","type":"contact.added","at":"2026-03-02T13:00:00Z","channel":"whatsapp:1060","contact":{"id":"iris","name":"Iris","source":"ad"}},
{"id":"2","type":"contact.added","at":"2026-03-02T13:00:00Z","channel":"whatsapp:1060","contact":{"id":"rosa","name":"=1+1","source":"import"}},
{"id":"3","type":"message.received","at":"2026-03-03T14:00:00Z","channel":"whatsapp:1060","contact":{"id":"luz","name":"Luz"},"message":{"id":"m1","kind":"text"}},
{"id":"4","type":"conversation.assigned","at":"2026-03-03T14:01:00Z","channel":"whatsapp:1060","contact":{"id":"luz"},"agent":{"id":"a-1","name":"Ana"}},
{"id":"5","type":"message.sent","at":"2026-03-03T14:04:00Z","channel":"whatsapp:1060","contact":{"id":"luz"},"agent":{"id":"a-1","name":"Ana"},"message":{"id":"m2","kind":"text","sender":"agent"}},
{"id":"6","type":"message.failed","at":"2026-03-03T14:04:02Z","channel":"whatsapp:1060","contact":{"id":"luz"},"message":{"id":"m2"},"error":{"code":131026,"title":"Undeliverable"}},
{"id":"7","type":"conversation.assigned","at":"2026-03-03T14:05:00Z","channel":"whatsapp:1060","contact":{"id":"luz"},"agent":{"id":"a-2","name":"Luis"}},
{"id":"8","type":"comment.added","at":"2026-03-03T14:06:00Z","channel":"whatsapp:1060","contact":{"id":"luz"},"agent":{"id":"a-1","name":"Ana"},"comment":{"text":"=HYPERLINK(0)","mentions":["Luis"]}},
{"id":"9","type":"conversation.closed","at":"2026-03-03T15:00:00Z","channel":"whatsapp:1060","contact":{"id":"luz"},"conversation":{"id":"c","category":"pagos"}},
{"id":"10","type":"message.sent","at":"2026-03-04T14:00:00Z","channel":"whatsapp:1060","contact":{"id":"omar"},"message":{"id":"m3","kind":"template","template":"promo","sender":"campaign"}},
{"id":"11","type":"message.delivered","at":"2026-03-04T14:00:02Z","channel":"whatsapp:1060","contact":{"id":"omar"},"message":{"id":"m3"},"pricing":{"type":"regular","category":"marketing","billable":true}},
{"id":"12","type":"message.sent","at":"2026-03-04T15:00:00Z","channel":"whatsapp:1060","contact":{"id":"omar"},"message":{"id":"m4","kind":"template","template":"aviso","sender":"campaign"}},
{"id":"13","type":"message.read","at":"2026-03-04T15:00:02Z","channel":"whatsapp:1060","contact":{"id":"omar"},"message":{"id":"m4"},"pricing":{"type":"regular","category":"utility","billable":true}},
{"id":"14","type":"contact.deleted","at":"2026-03-05T13:00:00Z","channel":"whatsapp:1060","contact":{"id":"rosa"}},
{"id":"15","type":"message.received","at":"2026-03-06T14:00:00Z","channel":"whatsapp:1060","contact":{"id":"iris"},"message":{"id":"m5","kind":"image"}}
]}`

var weekEnd = time.Date(2026, 3, 6, 14, 30, 0, 0, time.UTC)

// weekOf records the week in a database of each dialect.
func weekOf(t *testing.T, change func(*config.Config)) map[string]*App {
	apps := map[string]*App{}
	for name, dsn := range databases(t) {
		apps[name] = weekIn(t, dsn, change)
	}
	return apps
}

func weekIn(t *testing.T, dsn store.DSN, change func(*config.Config)) *App {
	a := recordOf(t, dsn, weekEnd, change)
	a.take(t, "events", weekEnd, week)
	return a
}

func TestListings(t *testing.T) {
	for name, a := range weekOf(t, nil) {
		for _, c := range []struct {
			what, where string
			ids         []string // their places in time
			err         string
		}{
			{"messages", "", []string{"m1", "m2", "m3", "m4", "m5"}, ""},
			{"messages", "status=failed", []string{"m2"}, ""},
			{"messages", "error=131026", []string{"m2"}, ""},
			{"messages", "sender=campaign;template=promo,other", []string{"m3"}, ""},
			{"messages", "direction=in;contact=iris", []string{"m5"}, ""},
			{"messages", "type=image", []string{"m5"}, ""},
			{"messages", "contact=nobody", nil, ""},
			{"messages", "direction=up", nil, "in or out"},
			{"messages", "agent=Zoe", nil, "nobody is called that"},
			{"messages", "wamid=m1", nil, "agent, channel, contact, direction, error, id, kind, sender, status, template, type"},
			{"contacts", "", []string{"iris", "rosa", "luz", "omar"}, ""},
			{"contacts", "source=ad", []string{"iris"}, ""},
			{"contacts", "removed=true", []string{"rosa"}, ""},
			{"contacts", "removed=true;source=ad", nil, ""},
			{"contacts", "removed=true;id=rosa", []string{"rosa"}, ""},
			{"contacts", "removed=false", []string{"iris", "luz", "omar"}, ""},
			{"contacts", "merged=true", nil, ""},
			{"contacts", "removed=maybe", nil, "true or false"},
			{"assignments", "", []string{"4", "7"}, ""},
			{"assignments", "agent=luis", []string{"7"}, ""},
			{"comments", "mention=luis", []string{"8"}, ""},
			{"comments", "mention=ana", nil, ""},
			{"comments", "agent=a-1", []string{"8"}, ""},
		} {
			t.Run(strings.Join([]string{name, c.what, c.where}, " "), func(t *testing.T) {
				l := Listing{What: c.what, Now: weekEnd}
				if c.where != "" {
					l.Where = strings.Split(c.where, ";")
				}
				var out bytes.Buffer
				err := a.List(t.Context(), l, &out)
				if c.err != "" {
					require.ErrorContains(t, err, c.err)
					return
				}
				require.NoError(t, err)
				var got map[string][]struct{ ID string }
				require.NoError(t, json.Unmarshal(out.Bytes(), &got))
				var ids []string
				for _, r := range got[c.what] {
					ids = append(ids, r.ID)
				}
				assert.Equal(t, c.ids, ids)
			})
		}
	}
}

// Of conversations the ids are digests: what tells them apart is the customer.
func TestListingOfConversations(t *testing.T) {
	for name, a := range weekOf(t, nil) {
		for where, want := range map[string][]string{
			"open=true": {"iris"}, "open=false": {"luz"}, "waiting=true": {"iris"}, "closed_by=null": {"iris"}, "category=pagos": {"luz"},
			"agent=Luis": {"luz"}, "assignee=null": {"iris"}, "reopened=true": nil, "label=c": {"luz"},
		} {
			var out bytes.Buffer
			require.NoError(t, a.List(t.Context(), Listing{What: "conversations", Where: []string{where}, Now: weekEnd}, &out))
			var got struct{ Conversations []struct{ Contact string } }
			require.NoError(t, json.Unmarshal(out.Bytes(), &got))
			var whom []string
			for _, c := range got.Conversations {
				whom = append(whom, c.Contact)
			}
			assert.Equal(t, want, whom, "%s %s", name, where)
		}
		var out bytes.Buffer
		require.NoError(t, a.List(t.Context(), Listing{What: "conversations", Limit: 1, Now: weekEnd}, &out))
		for _, field := range strings.Fields("id channel contact opened_at opened_by assignee first_response_seconds closed_at closed_by category reopened waiting_since") {
			assert.Contains(t, out.String(), `"`+field+`":`)
		}
		assert.Contains(t, out.String(), `"first_response_seconds":240,`)
	}
}

func TestListingsAreNoFormulas(t *testing.T) {
	a := weekIn(t, storetest.SQLite(t), nil)
	for what, want := range map[string]string{"contacts": "'=1+1", "comments": "'=HYPERLINK(0)"} {
		var out bytes.Buffer
		require.NoError(t, a.List(t.Context(), Listing{What: what, CSV: true, Now: weekEnd}, &out))
		rows, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		assert.Contains(t, fmt.Sprint(rows), want)
		assert.NotContains(t, fmt.Sprint(rows), " "+want[1:], "what a spreadsheet would work out")
	}
}

// TestRowsOfEveryMetric holds what `query --rows` writes to the total beside it.
func TestRowsOfEveryMetric(t *testing.T) {
	for name, a := range weekOf(t, nil) {
		some := 0
		for _, m := range analytics.Catalogue() {
			q := Query{Metrics: []string{m.Key}, From: "2026-03-01", To: "2026-03-08", Now: weekEnd}
			if m.Stock {
				q.From, q.To = "", ""
			}
			var out, sheet bytes.Buffer
			require.NoError(t, a.Rows(t.Context(), q, false, &out), m.Key)
			var got struct {
				Rows []struct {
					ID      string
					Seconds float64
					InNum   bool `json:"in_num"`
					InDen   bool `json:"in_den"`
				}
				Total map[string]struct {
					Value, Mean float64
					N, Num, Den int
				}
			}
			require.NoError(t, json.Unmarshal(out.Bytes(), &got), out.String())
			total, num, den, sum := got.Total[m.Key], 0, 0, 0.0
			for _, r := range got.Rows {
				assert.NotEmpty(t, r.ID, m.Key)
				sum += r.Seconds
				if r.InNum {
					num++
				}
				if r.InDen {
					den++
				}
			}
			switch {
			case m.Unit == analytics.Share:
				assert.Equal(t, []int{total.Num, total.Den}, []int{num, den}, "%s %s", name, m.Key)
			case m.Unit == analytics.Count:
				assert.Len(t, got.Rows, int(total.Value), "%s %s", name, m.Key)
			case m.Stock:
				assert.Len(t, got.Rows, total.N, "%s %s", name, m.Key)
			default:
				assert.Len(t, got.Rows, total.N, "%s %s", name, m.Key)
				assert.InDelta(t, total.Mean*float64(total.N), sum, 1e-6, "%s %s", name, m.Key)
			}
			some += len(got.Rows)
			require.NoError(t, a.Rows(t.Context(), q, true, &sheet))
			lines, err := csv.NewReader(&sheet).ReadAll()
			require.NoError(t, err, m.Key)
			assert.Len(t, lines, len(got.Rows)+min(1, len(got.Rows)), "%s %s: as many lines, and a head", name, m.Key)
		}
		assert.Greater(t, some, 40)
		for _, q := range []Query{{Metrics: []string{"comments", "transfers"}}, {Metrics: []string{"comments"}, Compare: "previous"}, {Metrics: []string{"comments"}, Order: "desc"}} {
			q.Now = weekEnd
			require.ErrorIs(t, a.Rows(t.Context(), q, false, &bytes.Buffer{}), ErrOneMetric)
		}
	}
}

// money is the part of an answer that tells costs.
type money struct {
	Rows []struct {
		Category string `json:"pricing_category"`
		Figure   priced `json:"messages_billable"`
	}
	Total struct {
		Figure priced `json:"messages_billable"`
	}
}

type priced struct {
	Value int
	Cost  *struct {
		Currency string
		Value    json.Number
	}
	Unpriced []string
}

func costOf(t *testing.T, prices map[string]config.Price, by ...string) money {
	a := weekIn(t, storetest.SQLite(t), func(c *config.Config) { c.Rates = config.Rates{Currency: "COP", Prices: prices} })
	desk, answer, err := a.Query(t.Context(), Query{Metrics: []string{"messages_billable"}, From: "2026-03-01", To: "2026-03-08", By: by, Now: weekEnd})
	require.NoError(t, err)
	body, err := json.Marshal(desk.JSON(answer))
	require.NoError(t, err)
	var m money
	require.NoError(t, json.Unmarshal(body, &m))
	return m
}

func TestMoneyOnlyByTheRateCard(t *testing.T) {
	none := costOf(t, nil)
	assert.Equal(t, 2, none.Total.Figure.Value)
	assert.Nil(t, none.Total.Figure.Cost, "no card, no money")
	assert.Empty(t, none.Total.Figure.Unpriced)

	both := costOf(t, map[string]config.Price{"marketing": 12_500, "utility": 800})
	assert.Equal(t, "0.0133", both.Total.Figure.Cost.Value.String())
	assert.Equal(t, "COP", both.Total.Figure.Cost.Currency)

	one := costOf(t, map[string]config.Price{"marketing": 12_500}, "pricing_category")
	require.Len(t, one.Rows, 2)
	assert.Equal(t, "0.0125", one.Rows[0].Figure.Cost.Value.String(), one.Rows[0].Category)
	assert.Nil(t, one.Rows[1].Figure.Cost, one.Rows[1].Category)
	assert.Equal(t, []string{"utility"}, one.Rows[1].Figure.Unpriced)
	assert.Equal(t, "0.0125", one.Total.Figure.Cost.Value.String())
	assert.Equal(t, []string{"utility"}, one.Total.Figure.Unpriced)

	day := costOf(t, map[string]config.Price{"marketing": 12_500, "utility": 800}, "day")
	require.Len(t, day.Rows, 1)
	assert.Equal(t, "0.0133", day.Rows[0].Figure.Cost.Value.String())
}

// The card says what money it tells by, and what it leaves out.
func TestMoneyOnTheCard(t *testing.T) {
	for _, c := range []struct {
		prices map[string]config.Price
		says   []string
	}{
		{nil, []string{"No prices are configured"}},
		{map[string]config.Price{"marketing": 12_500, "utility": 800}, []string{"Estimated cost", "USD 0.01", "Meta's invoice decides"}},
		{map[string]config.Price{"marketing": 12_500}, []string{"USD 0.01", "for lack of a price: utility"}},
		{map[string]config.Price{"service": 1}, []string{"for lack of a price: marketing and utility"}},
	} {
		a := weekIn(t, storetest.SQLite(t), func(s *config.Config) {
			s.Rates, s.Business.Language = config.Rates{Currency: "USD", Prices: c.prices}, "en"
		})
		d, err := a.Dialogue(t.Context(), "", func() time.Time { return weekEnd }, false, false)
		require.NoError(t, err)
		said, err := d.Ask(t.Context(), "messages_billable last 3 days", "")
		require.NoError(t, err)
		for _, words := range c.says {
			assert.Contains(t, said.plain, words)
		}
		assert.Equal(t, c.prices["marketing"] != 0, strings.Contains(said.plain, "Estimated cost"))
	}
}
