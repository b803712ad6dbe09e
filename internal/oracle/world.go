package oracle

import (
	"sort"
	"strings"
	"time"
)

// Business is what of the configuration changes figures. A duration of 0 stands
// for the default: 24 h, 30 days, 10 minutes.
type Business struct {
	Zone      *time.Location      // UTC when nil
	Hours     map[string][]string // "mon" → "09:00-13:00", …; none: no schedule
	Holidays  []string            // 2026-12-25
	IdleClose time.Duration
	// InboxIdleClose is for conversations that their source opened.
	InboxIdleClose time.Duration
	Target         time.Duration // of a first response
	Agents         []Agent
}

// World is what a history adds up to at one moment.
type World struct {
	now      int64
	target   int64
	cal      *calendar
	schedule *schedule
	roster   *roster
	people   *people
	events   []Event // that exist, each once, in order of time
	messages []*message
	threads  []*thread
	talks    []*conversation // all conversations, in order of opening
	contacts map[string]*contact
	facts    map[string][]fact // by the name of what they are facts of
}

// contact is one person for the whole business.
type contact struct {
	seenAt          int64 // 0: nothing has added it yet
	source, channel string
	rank            int // of what added it, among things of one instant
}

// Replay reads a history as of now. The order, repetition and batching of events
// do not matter: events are known by their ids, and those after now do not exist.
func Replay(b Business, events []Event, now time.Time) *World {
	w := &World{now: now.UnixMilli(), target: orElse(b.Target, 10*time.Minute), cal: newCalendar(b.Zone)}
	w.schedule = newSchedule(w.cal, b.Hours, b.Holidays)
	w.events = existing(events, w.now)
	w.people = meet(w.events)
	w.roster = enlist(b.Agents, w.events)
	w.messages = gather(w.events, w.people, w.roster)
	w.threads = threads(w.messages, w.events, w.people)
	for _, t := range w.threads {
		t.cut(w.roster, orElse(b.IdleClose, 24*time.Hour), orElse(b.InboxIdleClose, 30*24*time.Hour), w.now)
		w.talks = append(w.talks, t.conversations...)
	}
	w.rankTalks()
	w.findContacts()
	w.collect()
	return w
}

// orElse returns a duration in ms, or the default when it is 0.
func orElse(d, otherwise time.Duration) int64 {
	if d == 0 {
		d = otherwise
	}
	return d.Milliseconds()
}

// existing returns each event up to now once, in order of time, then of id.
func existing(events []Event, now int64) []Event {
	var list []Event
	seen := map[string]bool{}
	for _, e := range events {
		if e.ms() <= now && !seen[e.ID] {
			seen[e.ID] = true
			list = append(list, e)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		if a, b := list[i].ms(), list[j].ms(); a != b {
			return a < b
		}
		return list[i].ID < list[j].ID
	})
	return list
}

// rankTalks orders conversations by their opening and finds each contact's first.
func (w *World) rankTalks() {
	sort.SliceStable(w.talks, func(i, j int) bool {
		if a, b := w.talks[i].openedAt, w.talks[j].openedAt; a != b {
			return a < b
		}
		return w.talks[i].channel < w.talks[j].channel
	})
	known := map[string]bool{}
	for _, c := range w.talks {
		c.first = !known[c.contact]
		known[c.contact] = true
	}
}

// findContacts finds when each contact was first seen, and how: "earliest customer
// message (source `inbound`), echo (`echo`), other business message (`user` by a
// person, else `api`) or contact.added event (its source)".
func (w *World) findContacts() {
	w.contacts = map[string]*contact{}
	for _, m := range w.messages {
		source, rank := addedBy(m)
		w.see(m.contact, contact{m.at, source, m.channel, rank})
	}
	for i := range w.events {
		e := &w.events[i]
		if e.Type == contactAdded {
			w.see(w.people.of(e), contact{e.ms(), either(e.Contact.Source, "api"), e.Channel, 4})
		}
	}
}

// addedBy returns the source that a message gives to a contact it adds, and its
// place among things of the same instant: that of the definition's list.
func addedBy(m *message) (string, int) {
	switch {
	case m.inbound:
		return "inbound", 0
	case m.class == "phone":
		return "echo", 1
	case m.class == "agent":
		return "user", 2
	}
	return "api", 3
}

// see notes that something adds a person, if nothing did earlier.
func (w *World) see(person string, c contact) {
	old := w.contacts[person]
	if person == "" {
		return
	}
	if old == nil || c.seenAt < old.seenAt || c.seenAt == old.seenAt && c.rank < old.rank {
		w.contacts[person] = &c
	}
}

// source tells how a person was first seen; "" when nothing has added them.
func (w *World) source(person string) string {
	if c := w.contacts[person]; c != nil {
		return c.source
	}
	return ""
}

// platform is the part of a channel before the colon.
func platform(channel string) string {
	name, _, _ := strings.Cut(channel, ":")
	return name
}
