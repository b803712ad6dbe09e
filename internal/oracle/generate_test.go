package oracle

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func TestGenerateIsDeterministic(t *testing.T) {
	for _, undecided := range []bool{false, true} {
		o := Options{Undecided: undecided}
		a := Generate(7, 800, o)
		assert.Len(t, a, 800)
		assert.Equal(t, a, Generate(7, 800, o))
		assert.NotEqual(t, a, Generate(8, 800, o))
	}
}

// What Generate makes is what the contract of /v1/events asks for.
func TestGenerateKeepsTheContract(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Generate(3, 5000, Options{Zone: zone(t, "Europe/Madrid"), Undecided: true}) {
		require.False(t, seen[e.ID], "two events have one id")
		seen[e.ID] = true
		require.Equal(t, e.At.Truncate(time.Millisecond), e.At)
		require.NotEmpty(t, identifiers(e.Contact), e.Type)
		require.Regexp(t, `^(whatsapp|instagram):\w+$`, e.Channel)
		require.Equal(t, strings.HasPrefix(e.Type, "message."), e.Message != nil)
		require.Equal(t, e.Type == commentAdded, e.Comment != nil)
		require.Equal(t, e.Type == failed, e.Error != nil)
		if e.Agent != nil {
			require.NotEmpty(t, e.Agent.ID+e.Agent.Name)
		}
		body, err := json.Marshal(e)
		require.NoError(t, err)
		var back Event
		require.NoError(t, json.Unmarshal(body, &back))
		require.Equal(t, e, back)
	}
}

func TestUnassignedIsNullInJSON(t *testing.T) {
	body, err := json.Marshal(Event{ID: "e", Type: assigned, At: time.Unix(0, 0).UTC(), Channel: "whatsapp:1060", Contact: &EventContact{ID: "c-9"}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"e","type":"conversation.assigned","at":"1970-01-01T00:00:00Z","channel":"whatsapp:1060","contact":{"id":"c-9"},"agent":null}`, string(body))
}

// In the decided histories nothing depends on what the definitions leave open:
// no customer has two moments in common on two channels, or between a thread and
// their card.
func TestDecidedHistoriesHaveNoOpenTies(t *testing.T) {
	events := Generate(11, 8000, Options{Zone: zone(t, "America/New_York")})
	w := Replay(Shop(nil), events, events[len(events)-1].At)
	places := map[string]string{}
	for i := range w.events {
		e := &w.events[i]
		place := e.Channel
		if strings.HasPrefix(e.Type, "contact.") {
			place = "card"
		}
		k := fmt.Sprint(w.people.find(identifiers(e.Contact)[0]), e.ms())
		if old, ok := places[k]; ok && old != place {
			require.Fail(t, "a tie that nobody decided", "%s at %s and %s", e.Type, old, place)
		}
		places[k] = place
	}
}

// TestGenerateCoversTheDefinitions asks a history for every situation it must hold.
func TestGenerateCoversTheDefinitions(t *testing.T) {
	for seed := uint64(1); seed <= 3; seed++ {
		events := Generate(seed, 6000, Options{Zone: zone(t, "America/New_York")})
		found := situations(t, events)
		for _, what := range []string{
			"customer message exactly idle_close after the last message", "customer message 1 ms before idle_close", "reopened", "opened exactly 24 h after a close",
			"several kinds in one instant", "whole seconds", "fractions", "status before its message", "message known by statuses only", "message told twice",
			"ids that differ by case only", "closed by timeout", "category after a timeout", "inbox conversation silent > 24 h", "inbox conversation closed by silence",
			"opened by agent", "opened by contact", "opened by automation", "closed by agent", "closed by automation", "closed by bot", "closed by api", "closed by an event that says timeout",
			"unassigned by word", "transfer", "assignment while none is open", "missed window", "outreach answered", "outreach unanswered", "answer exactly at the target",
			"answer 1 ms after the target", "nameless human", "phone", "first response across a clock change", "merged into another", "event of a merged contact", "contact on two channels",
			"message without kind", "reaction", "failed and delivered", "no receipt", "billable", "call", "comment with mentions", "deleted contact", "contact added by event", "identifiers linked late",
			"status under another identifier", "opposite merges", "merged twice", "shown after a merge",
		} {
			assert.Positive(t, found[what], "seed %d: %s", seed, what)
		}
		for _, key := range Keys() {
			assert.True(t, someday(t, events, key), "seed %d: %s", seed, key)
		}
	}
}

// someday reports whether a metric is ever anything but nothing.
func someday(t *testing.T, events []Event, key string) bool {
	for i := len(events) / 3; i < len(events); i += len(events) / 50 {
		w := Replay(Shop(zone(t, "America/New_York")), events, events[i].At)
		r := w.Query(key, events[len(events)/4].At, events[i].At, nil, nil)
		if float64(r.Total.N)+value(r.Total) > 0 {
			return true
		}
	}
	return false
}

func value(f Figure) float64 {
	if f.Value == nil {
		return 0
	}
	return *f.Value
}

// situations counts what a history holds.
func situations(t *testing.T, events []Event) map[string]int {
	w := Replay(Shop(zone(t, "America/New_York")), events, events[len(events)-1].At.Add(time.Hour))
	f := map[string]int{}
	note := func(what string, is bool) {
		if is {
			f[what]++
		}
	}
	noteEvents(w, note)
	noteMessages(w, note)
	noteThreads(w, note)
	return f
}

func noteEvents(w *World, note func(string, bool)) {
	lower := map[string]string{}
	merged := map[string]int64{}
	shown := map[string]bool{}
	under, into := map[string]string{}, map[string]string{}
	for i := range w.events {
		e := &w.events[i]
		ids := identifiers(e.Contact)
		note("whole seconds", e.ms()%1000 == 0)
		note("fractions", e.ms()%1000 != 0)
		note("call", e.Type == callReceived)
		note("comment with mentions", e.Comment != nil && len(e.Comment.Mentions) > 0)
		note("deleted contact", e.Type == contactDeleted)
		note("contact added by event", e.Type == contactAdded)
		note("unassigned by word", e.Type == assigned && e.Agent == nil)
		note("reaction", e.Message != nil && e.Message.Kind == "reaction")
		if e.MergedInto != nil {
			note("merged into another", true)
			note("opposite merges", into[e.MergedInto.ID] == e.Contact.ID)
			note("merged twice", into[e.Contact.ID] != "" && into[e.Contact.ID] != e.MergedInto.ID)
			into[e.Contact.ID] = e.MergedInto.ID
			merged[w.people.find(ids[0])] = e.ms()
		}
		at, is := merged[w.people.find(ids[0])]
		note("event of a merged contact", is && e.ms() > at)
		note("identifiers linked late", len(ids) > 1 && shown[ids[0]] != shown[ids[1]])
		for _, id := range ids {
			shown[id] = true
		}
		for _, id := range ids {
			note("shown after a merge", is && len(ids) > 1 && w.people.find(id) != w.people.find(ids[0]))
		}
		if e.Message != nil {
			key := e.Channel + e.Message.ID
			note("status under another identifier", under[key] != "" && under[key] != ids[0])
			under[key] = ids[0]
			l := strings.ToLower(e.Message.ID)
			note("ids that differ by case only", lower[l] != "" && lower[l] != e.Message.ID)
			lower[l] = e.Message.ID
		}
		if i > 0 && e.Type != w.events[i-1].Type && e.Channel == w.events[i-1].Channel {
			note("several kinds in one instant", e.ms() == w.events[i-1].ms())
		}
	}
}

func noteMessages(w *World, note func(string, bool)) {
	told := map[string]int{}
	for i := range w.events {
		if e := &w.events[i]; e.Type == sent || e.Type == received {
			told[e.Channel+e.Message.ID]++
		}
	}
	for _, m := range w.messages {
		note("message told twice", told[m.channel+m.id] == 2)
		note("message known by statuses only", told[m.channel+m.id] == 0)
		note("status before its message", m.deliveredAt != 0 && m.deliveredAt < m.at)
		note("message without kind", m.inbound && m.kind == "")
		note("failed and delivered", m.failedAt != 0 && m.delivered())
		note("nameless human", m.class == "agent" && m.agent == "")
		note("phone", m.class == "phone")
		note("billable", m.billable())
	}
	note("no receipt", len(w.facts["no receipt"]) > 0)
}

func noteThreads(w *World, note func(string, bool)) {
	channels := map[string]string{}
	const target = 10 * minute
	for _, th := range w.threads {
		old := channels[th.contact]
		note("contact on two channels", old != "" && old != th.channel)
		channels[th.contact] = th.channel
		note("missed window", len(th.misses) > 0)
		for _, o := range th.outreaches {
			note("outreach answered", o.replied)
			note("outreach unanswered", !o.replied)
		}
		for i, c := range th.conversations {
			note("reopened", c.reopened)
			note("opened by "+c.openedBy(), true)
			note("closed by "+c.closedBy, c.closed)
			note("category after a timeout", c.closedBy == "timeout" && c.category != "")
			silent := c.closed && c.closedAt == c.lastVisible+30*day24
			note("inbox conversation closed by silence", silent)
			note("closed by an event that says timeout", c.closedBy == "timeout" && c.closedAt != c.lastVisible+day24 && !silent)
			if i > 0 {
				note("opened exactly 24 h after a close", c.openedAt == th.conversations[i-1].closedAt+day24)
				note("customer message exactly idle_close after the last message", c.openedAt == th.conversations[i-1].closedAt && th.conversations[i-1].closedBy == "timeout")
			}
			for j := 1; j < len(c.messages); j++ {
				gap := c.messages[j].at - c.messages[j-1].at
				note("customer message 1 ms before idle_close", gap == day24-1)
				note("inbox conversation silent > 24 h", gap > day24)
			}
			for _, a := range c.assignments {
				note("transfer", a.transfer)
			}
		}
	}
	for i := range w.events {
		if e := &w.events[i]; e.Type == assigned && e.Agent != nil {
			note("assignment while none is open", !w.isOpen(w.people.of(e), e.Channel, e.ms()))
		}
	}
	for _, f := range w.facts["first_response"] {
		_, a := w.cal.local(f.start).Zone()
		_, b := w.cal.local(f.at).Zone()
		note("first response across a clock change", a != b)
		note("answer exactly at the target", f.ms == target)
		note("answer 1 ms after the target", f.ms == target+1)
	}
}

// isOpen reports whether a thread has a conversation open at an instant.
func (w *World) isOpen(person, channel string, at int64) bool {
	for _, c := range w.talks {
		if c.contact == person && c.channel == channel && c.openedAt <= at && (!c.closed || c.closedAt > at) {
			return true
		}
	}
	return false
}

func TestShuffle(t *testing.T) {
	events := Generate(5, 1000, Options{})
	batches := Shuffle(events, 9, 0.3, 40)
	assert.Equal(t, batches, Shuffle(events, 9, 0.3, 40))
	times := map[string]int{}
	total := 0
	for _, b := range batches {
		assert.LessOrEqual(t, len(b), 40)
		assert.NotEmpty(t, b)
		total += len(b)
		for _, e := range b {
			times[e.ID]++
		}
	}
	assert.Len(t, times, 1000)
	assert.InDelta(t, 1300, total, 80)
	assert.NotEqual(t, events[0], batches[0][0])
}

// Texts come in several languages and scripts.
func TestGenerateSpeaksSeveralLanguages(t *testing.T) {
	var all strings.Builder
	for _, e := range Generate(1, 3000, Options{}) {
		if e.Message != nil {
			all.WriteString(e.Message.Text)
		}
	}
	for _, script := range []string{`\p{Han}`, `\p{Arabic}`, `\p{So}`, `ñ|¿`, `where is`} {
		assert.Regexp(t, regexp.MustCompile(script), all.String())
	}
}
