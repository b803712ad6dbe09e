package models

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// sightings of one message as sources really give them: who tells content
// tells its rank, who tells nothing tells none.
func sighting(t *rapid.T) Message {
	m := Message{Channel: "whatsapp:1", ID: "wamid.1", Dir: Out}
	at := func(label string) int64 { return rapid.SampledFrom([]int64{0, 0, 1000, 2000, 3000}).Draw(t, label) }
	m.ProviderAt, m.SaidAt = at("provider"), at("said")
	m.DeliveredAt, m.ReadAt, m.FailedAt = at("delivered"), at("read"), at("failed")
	if m.FailedAt != 0 {
		m.Error = rapid.SampledFrom([]string{"", "131047", "131026"}).Draw(t, "error")
	}
	if rapid.Bool().Draw(t, "content") {
		m.Content = rapid.SampledFrom([]Rank{RankHistory, RankMeta, RankInbox}).Draw(t, "content rank")
		m.Kind = rapid.SampledFrom([]string{"text", "image", "template"}).Draw(t, "kind")
	}
	if rapid.Bool().Draw(t, "author") {
		m.Author = rapid.SampledFrom([]Rank{RankMeta, RankOpaque, RankInbox}).Draw(t, "author rank")
		m.Agent = rapid.SampledFrom([]string{"", "#a-1", "#a-2"}).Draw(t, "agent")
		m.Sender = rapid.SampledFrom([]Class{ClassAgent, ClassPhone, ClassBot}).Draw(t, "sender")
	}
	if rapid.Bool().Draw(t, "price") {
		m.Price = rapid.SampledFrom([]Rank{RankSent, RankRead, RankMeta}).Draw(t, "price rank")
		m.PriceAt = rapid.Int64Range(1, 3).Draw(t, "price at")
		m.PriceCategory = rapid.SampledFrom([]string{"utility", "service"}).Draw(t, "category")
		m.PriceType = rapid.SampledFrom([]string{"", "regular"}).Draw(t, "type")
		m.Billable = rapid.Bool().Draw(t, "billable")
	}
	m.Echo = rapid.Bool().Draw(t, "echo")
	if rapid.Bool().Draw(t, "party") {
		m.Party = rapid.SampledFrom([]Alias{{ByPhone, "1"}, {ByUser, "CO.1"}, {ByID, "events:c-1"}}).Draw(t, "alias")
		m.PartyAt = rapid.SampledFrom([]int64{1000, 2000, 3000}).Draw(t, "party at")
	}
	return m
}

func TestJoinIsALattice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := sighting(t), sighting(t), sighting(t)
		require.Equal(t, Join(a, b), Join(b, a), "order")
		require.Equal(t, Join(Join(a, b), c), Join(a, Join(b, c)), "grouping")
		require.Equal(t, a, Join(a, a), "repetition")
		require.Equal(t, Join(a, b), Join(Join(a, b), b), "redelivery")
	})
}

func TestStatusNeverMovesBackwards(t *testing.T) {
	sent := Message{Dir: Out, ProviderAt: 1000}
	read := Message{Dir: Out, ReadAt: 3000}
	failed := Message{Dir: Out, FailedAt: 2000, Error: "131026"}
	assert.Equal(t, "read", ptrStatus(Join(read, sent)))
	assert.True(t, delivered(Join(read, sent)), "reading implies delivery")
	assert.Equal(t, "failed", ptrStatus(Join(failed, sent)), "a late sent does not clear failed")
	assert.Equal(t, int64(1000), at(Join(failed, sent)), "the sent status tells the time")
}

func ptrStatus(m Message) string { return m.Status() }
func delivered(m Message) bool   { return m.Delivered() }
func at(m Message) int64         { return m.At() }

func TestSenderClass(t *testing.T) {
	for name, c := range map[string]struct {
		m    Message
		want Class
	}{
		"a word given stands":           {Message{Dir: Out, Sender: ClassBot, Agent: "#a-1"}, ClassBot},
		"a named person":                {Message{Dir: Out, Agent: "#a-1", Kind: "template"}, ClassAgent},
		"the app":                       {Message{Dir: Out, Echo: true, Kind: "text"}, ClassPhone},
		"a template by nobody":          {Message{Dir: Out, Kind: "template"}, ClassCampaign},
		"free-form by nobody":           {Message{Dir: Out, Kind: "text", PriceCategory: "marketing"}, ClassAutomation},
		"only statuses, marketing":      {Message{Dir: Out, PriceCategory: "marketing"}, ClassCampaign},
		"only statuses, authentication": {Message{Dir: Out, PriceCategory: "authentication"}, ClassCampaign},
		"only statuses, service":        {Message{Dir: Out, PriceCategory: "service"}, ClassAutomation},
		"a customer's":                  {Message{Dir: In, Kind: "text"}, ""},
	} {
		assert.Equal(t, c.want, c.m.Class(), name)
	}
}

func TestAsOfTakesAwayWhatCameLater(t *testing.T) {
	m := Message{Dir: Out, ProviderAt: 1000, DeliveredAt: 2000, ReadAt: 3000, Price: RankMeta, PriceAt: 2000, PriceCategory: "service"}
	then, existed := m.AsOf(1500)
	assert.True(t, existed)
	assert.Equal(t, "sent", then.Status())
	assert.Empty(t, then.PriceCategory, "the delivered status told the price")
	_, existed = m.AsOf(999)
	assert.False(t, existed)
	then, _ = m.AsOf(3000)
	assert.Equal(t, m, then)
}

func TestWhatsAppID(t *testing.T) {
	for in, want := range map[string]Alias{
		"573001112233":            {ByPhone, "573001112233"},
		"+57 300 111-2233":        {ByPhone, "573001112233"},
		"US.13491208655302741918": {ByUser, "US.13491208655302741918"},
		"CO.ENT.abc":              {ByUser, "CO.ENT.abc"},
	} {
		got, ok := WhatsAppID(in)
		assert.True(t, ok, in)
		assert.Equal(t, want, got)
	}
	for _, in := range []string{"", "PHONE_NUMBER", "12", "us.123", "123456789012345678901"} {
		_, ok := WhatsAppID(in)
		assert.False(t, ok, in)
	}
}
