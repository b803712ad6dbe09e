package demo_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/bot/demo"
	"pulso/bot/inbox"
	"pulso/models"
)

// noon is a moment in the middle of a Tuesday in Bogotá.
var noon = time.Date(2026, 11, 24, 16, 20, 0, 0, time.UTC)

// past is a history as those who decode it see it.
type past struct {
	bodies, bytes int
	events        []models.Event
	sum           [32]byte
}

// failer is what a test and a property check have in common.
type failer interface {
	require.TestingT
	Helper()
}

// tell decodes a history and holds it to what is true of all of them.
func tell(t failer, shop *demo.Shop, days int, now time.Time) past {
	t.Helper()
	var p past
	sum := sha256.New()
	last := now.AddDate(0, 0, -days-1)
	require.NoError(t, shop.History(days, now, func(source string, at time.Time, body []byte) error {
		require.False(t, at.Before(last), "deliveries come in order")
		require.False(t, at.After(now), "nothing comes after now")
		last = at
		p.bodies++
		p.bytes += len(body)
		fmt.Fprintf(sum, "%s %d %s\n", source, at.UnixMilli(), body)
		p.events = append(p.events, decode(t, source, at, body)...)
		return nil
	}))
	sum.Sum(p.sum[:0])
	return p
}

// decode reads a body that must be without fault.
func decode(t failer, source string, at time.Time, body []byte) []models.Event {
	t.Helper()
	d, err := inbox.Decode(source, body, at.UnixMilli())
	require.NoError(t, err)
	require.Empty(t, d.Faults)
	require.Empty(t, d.Unknown)
	for _, e := range d.Events {
		require.Empty(t, e.Flags)
		require.LessOrEqual(t, e.At, at.UnixMilli(), "nothing is told before it happens")
	}
	return d.Events
}

func TestHistoryCanBeRead(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		zone := rapid.SampledFrom([]string{"America/Bogota", "America/Santiago", "Europe/Madrid", "UTC", "Asia/Kathmandu"}).Draw(r, "zone")
		shop, err := demo.New(rapid.Uint64().Draw(r, "seed"), zone, demo.Person{Name: "Luz"})
		require.NoError(r, err)
		now := noon.Add(time.Duration(rapid.Int64Range(0, int64(400*24*time.Hour)).Draw(r, "now")))
		tell(r, shop, rapid.IntRange(1, 6).Draw(r, "days"), now)
	})
}

func TestHistoryIsTheSameAgain(t *testing.T) {
	shop := newShop(t, 7)
	first := tell(t, shop, 20, noon)
	assert.Equal(t, first.sum, tell(t, shop, 20, noon).sum, "told twice")
	assert.Equal(t, first.sum, tell(t, newShop(t, 7), 20, noon).sum, "another shop of the same seed")
	assert.NotEqual(t, first.sum, tell(t, newShop(t, 8), 20, noon).sum)
}

func TestHistoryRefuses(t *testing.T) {
	shop := newShop(t, 1)
	yield := func(string, time.Time, []byte) error { return nil }
	assert.Error(t, shop.History(0, noon, yield))
	assert.Error(t, shop.History(5000, noon, yield))
	assert.Error(t, shop.History(1, noon, nil))
	full := errors.New("disk full")
	assert.ErrorIs(t, shop.History(2, noon, func(string, time.Time, []byte) error { return full }), full)
	_, err := demo.New(1, "Mars/Olympus", demo.Person{})
	assert.Error(t, err)
}

// TestHistoryIsBelievable holds ninety days to what such a shop looks like.
func TestHistoryIsBelievable(t *testing.T) {
	p := tell(t, newShop(t, 1), 90, noon)
	assert.LessOrEqual(t, len(p.events), 60_000)
	assert.LessOrEqual(t, p.bytes, 40<<20)
	c := newCount(bogota(t), p.events)
	t.Run("volume", func(t *testing.T) {
		perDay := float64(c.begun) / 90
		assert.Greater(t, perDay, 25.0)
		assert.Less(t, perDay, 40.0)
		growth := float64(c.month[2]) / float64(c.month[0])
		assert.Greater(t, growth, 1.05, "the shop grows")
		assert.Less(t, growth, 1.8)
	})
	t.Run("hours", func(t *testing.T) {
		night, lunch, morning := c.hour(22, 6), c.hour(12, 14), c.hour(9, 11)
		assert.Less(t, night, 0.05)
		assert.Greater(t, morning, 1.3*lunch, "people eat at noon")
		assert.Greater(t, c.hour(8, 18), 0.8)
	})
	t.Run("weekdays", func(t *testing.T) {
		assert.Less(t, c.weekday[time.Sunday], c.weekday[time.Monday]/3)
		assert.Less(t, c.weekday[time.Saturday], c.weekday[time.Tuesday])
	})
	t.Run("agents", func(t *testing.T) {
		require.Len(t, c.agents, 8)
		for agent, n := range c.agents {
			assert.Greater(t, n, 200, agent)
			assert.Less(t, n, 1800, agent)
		}
	})
	t.Run("channels", func(t *testing.T) {
		require.Len(t, c.channels, 3)
		assert.Greater(t, c.share("instagram:casafrailejon"), 0.05)
		assert.Less(t, c.share("instagram:casafrailejon"), 0.2)
	})
	t.Run("senders", func(t *testing.T) {
		for _, class := range []models.Class{models.ClassAgent, models.ClassBot, models.ClassCampaign, models.ClassAutomation, models.ClassPhone} {
			assert.Greater(t, c.senders[class], 80, class)
		}
	})
	t.Run("contacts", func(t *testing.T) {
		for _, origin := range []string{"import", "user", "api"} {
			assert.Greater(t, c.origins[origin], 20, origin)
		}
		assert.Greater(t, c.ads, 60)
		share := float64(c.hidden) / float64(c.people)
		assert.Greater(t, share, 0.03, "people whose phone WhatsApp withholds")
		assert.Less(t, share, 0.1)
	})
	t.Run("failures", func(t *testing.T) {
		for _, code := range []string{"131000", "131026", "131047", "131049", "131050", "131053", "130472"} {
			assert.Positive(t, c.errors[code], code)
		}
	})
	t.Run("work", func(t *testing.T) {
		for _, k := range []models.Kind{models.ConversationAssigned, models.ConversationClosed, models.CommentAdded, models.CallReceived,
			models.ContactDeleted, models.MessageReaction, models.AccountNotice} {
			assert.Positive(t, c.kinds[k], k)
		}
		assert.Len(t, c.categories, 8)
		assert.Greater(t, c.mentions["Olga Duarte"], 20)
		assert.Len(t, c.types, 8, "%v", c.types)
	})
}

// count is what there is of everything.
type count struct {
	zone                                 *time.Location
	begun, ads, people, hidden, received int
	month                                [3]int
	hours                                [24]int
	weekday                              map[time.Weekday]int
	agents, channels, origins, errors    map[string]int
	categories, mentions, types          map[string]int
	senders                              map[models.Class]int
	kinds                                map[models.Kind]int
}

func newCount(zone *time.Location, events []models.Event) *count {
	c := &count{zone: zone, weekday: map[time.Weekday]int{}, senders: map[models.Class]int{}, kinds: map[models.Kind]int{}}
	for _, m := range []*map[string]int{&c.agents, &c.channels, &c.origins, &c.errors, &c.categories, &c.mentions, &c.types} {
		*m = map[string]int{}
	}
	talked, seen := map[string]int64{}, map[models.Alias]bool{}
	for _, e := range events {
		c.kinds[e.Kind]++
		c.note(e)
		if who, ok := models.Strongest(e.Party); ok && e.Kind == models.MessageReceived {
			thread := e.Channel + who.Value
			if e.At-talked[thread] > 20*3600_000 {
				c.begun++
				c.month[min((e.At-events[0].At)/(30*24*3600_000), 2)]++
			}
			talked[thread] = e.At
			c.meet(seen, e)
		}
	}
	return c
}

// meet counts people on WhatsApp, and those without a phone.
func (c *count) meet(seen map[models.Alias]bool, e models.Event) {
	phone := slices.ContainsFunc(e.Party, func(a models.Alias) bool { return a.Kind == models.ByPhone })
	for _, a := range e.Party {
		if a.Kind == models.ByUser && !seen[a] {
			seen[a] = true
			c.people++
			if !phone {
				c.hidden++
			}
		}
	}
}

func (c *count) note(e models.Event) {
	switch e.Kind {
	case models.MessageReceived:
		at := time.UnixMilli(e.At).In(c.zone)
		c.received++
		c.hours[at.Hour()]++
		c.weekday[at.Weekday()]++
		c.channels[e.Channel]++
		c.types[e.Message.Kind]++
		if e.Message.Ad {
			c.ads++
		}
	case models.MessageSent:
		if e.Message.Author != 0 {
			c.senders[e.Message.Class()]++
		}
		if e.Agent != nil {
			c.agents[e.Agent.Name]++
		}
	case models.MessageFailed:
		c.errors[e.Message.Error]++
	case models.ContactAdded:
		c.origins[e.Origin]++
	case models.ConversationClosed:
		c.categories[e.Category]++
	case models.CommentAdded:
		for _, m := range e.Mentions {
			c.mentions[m]++
		}
	}
}

// hour is the share of messages from one hour to another.
func (c *count) hour(from, to int) float64 {
	n := 0
	for h := from; h != to; h = (h + 1) % 24 {
		n += c.hours[h]
	}
	return float64(n) / float64(c.received)
}

func (c *count) share(channel string) float64 {
	return float64(c.channels[channel]) / float64(c.received)
}

// speeds returns each agent's median time to answer during the day, in seconds,
// of what holds.
func speeds(zone *time.Location, events []models.Event, holds func(at time.Time) bool) map[string]float64 {
	waits, all := map[string]int64{}, map[string][]float64{}
	slices.SortStableFunc(events, func(a, b models.Event) int { return int(a.At - b.At) })
	for _, e := range events {
		who, ok := models.Strongest(e.Party)
		if !ok {
			continue
		}
		if phone := slices.IndexFunc(e.Party, func(a models.Alias) bool { return a.Kind == models.ByUser }); phone >= 0 {
			who = e.Party[phone]
		}
		thread := e.Channel + who.Value
		switch {
		case e.Kind == models.MessageReceived && waits[thread] == 0:
			waits[thread] = e.At
		case e.Kind == models.MessageSent && e.Agent != nil && waits[thread] != 0:
			at := time.UnixMilli(waits[thread]).In(zone)
			if holds(at) && at.Hour() >= 9 && at.Hour() < 16 {
				all[e.Agent.Name] = append(all[e.Agent.Name], float64(e.At-waits[thread])/1000)
			}
			delete(waits, thread)
		}
	}
	medians := map[string]float64{}
	for agent, list := range all {
		slices.Sort(list)
		medians[agent] = list[len(list)/2]
	}
	return medians
}

func TestOneAgentTires(t *testing.T) {
	for seed := range uint64(3) {
		events, zone := tell(t, newShop(t, seed+1), 60, noon).events, bogota(t)
		before := speeds(zone, events, func(at time.Time) bool { return at.Before(noon.AddDate(0, 0, -14)) })
		now := speeds(zone, events, func(at time.Time) bool { return at.After(noon.AddDate(0, 0, -8)) })
		require.Len(t, now, 8)
		for agent, median := range now {
			if agent == "Julián Mesa" {
				assert.Greater(t, median, 3*before[agent], "seed %d", seed+1)
				continue
			}
			assert.Less(t, median, now["Julián Mesa"], "%s, seed %d", agent, seed+1)
		}
		for agent, median := range before {
			assert.LessOrEqual(t, before["Ana Rojas"], median, "nobody is as quick as Ana: %s", agent)
		}
	}
}

func TestFridaysAreTooMuchForOneTeam(t *testing.T) {
	events, zone := tell(t, newShop(t, 1), 90, noon).events, bogota(t)
	friday := speeds(zone, events, func(at time.Time) bool { return at.Weekday() == time.Friday })
	other := speeds(zone, events, func(at time.Time) bool { return at.Weekday() != time.Friday })
	for _, agent := range []string{"Paola Vélez", "Mateo Gil"} {
		assert.Greater(t, friday[agent], 1.4*other[agent], agent)
	}
	assert.Less(t, friday["Ana Rojas"], 1.6*other["Ana Rojas"])
}

// TestOneBadDay finds the hours in which nothing was heard.
func TestOneBadDay(t *testing.T) {
	zone := bogota(t)
	from := time.Date(2026, 11, 13, 9, 40, 0, 0, zone) // the Friday eleven days before
	to := from.Add(3*time.Hour + 35*time.Minute)
	usual := 0
	for _, e := range tell(t, newShop(t, 1), 90, noon).events {
		at := time.UnixMilli(e.At)
		assert.False(t, !at.Before(from) && at.Before(to), "%s at %s", e.Kind, at)
		for week := 1; week <= 4; week++ {
			if day := at.AddDate(0, 0, 7*week); !day.Before(from) && day.Before(to) && e.Kind == models.MessageReceived {
				usual++
			}
		}
	}
	assert.Greater(t, usual, 4*20)
	for _, e := range tell(t, newShop(t, 1), 20, noon).events {
		if at := time.UnixMilli(e.At); !at.Before(from) && at.Before(to) {
			return // a short history has no bad day
		}
	}
	assert.Fail(t, "a history without weeks before has an outage nobody can know of")
}

// TestSomebodyWaits looks at how things stand in the end, at any hour.
func TestSomebodyWaits(t *testing.T) {
	for _, hour := range []int{0, 5, 9, 12, 15, 20, 23} {
		now := time.Date(2026, 11, 25, hour, 10, 0, 0, time.UTC)
		waits := map[string]int64{}
		for _, e := range tell(t, newShop(t, 1), 8, now).events {
			id := slices.IndexFunc(e.Party, func(a models.Alias) bool { return a.Kind == models.ByUser })
			if id < 0 {
				continue
			}
			thread := e.Channel + e.Party[id].Value
			human := e.Kind == models.MessageSent && (e.Agent != nil || e.Message.Echo)
			switch {
			case e.Kind == models.MessageReceived && waits[thread] == 0:
				waits[thread] = e.At
			case human, e.Kind == models.ConversationClosed:
				delete(waits, thread)
			}
		}
		waiting, expiring := 0, 0
		for _, since := range waits {
			age := now.Sub(time.UnixMilli(since))
			if age < 24*time.Hour {
				waiting++
			}
			if age >= 23*time.Hour && age < 24*time.Hour {
				expiring++
			}
		}
		assert.GreaterOrEqual(t, waiting, 11, "at %d h", hour)
		assert.Less(t, waiting, 45, "at %d h", hour)
		assert.GreaterOrEqual(t, expiring, 2, "at %d h", hour)
	}
}

func TestUsernamesAreShown(t *testing.T) {
	for _, e := range tell(t, newShop(t, 1), 10, noon).events {
		for _, a := range e.Party {
			if a.Kind == models.ByUsername {
				assert.False(t, strings.HasPrefix(a.Value, "@"))
				return
			}
		}
	}
	assert.Fail(t, "nobody has a username")
}

func BenchmarkHistory(b *testing.B) {
	shop, err := demo.New(1, "America/Bogota", demo.Person{Name: "Luz"})
	require.NoError(b, err)
	for b.Loop() {
		require.NoError(b, shop.History(90, noon, func(string, time.Time, []byte) error { return nil }))
	}
}
