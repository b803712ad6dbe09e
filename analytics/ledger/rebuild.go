package ledger

import (
	"pulso/analytics"
	"pulso/models"
)

// Refold folds whole contacts from the beginning and returns what of their rows
// comes out differently from how it is stored; nothing when they are as they
// should be. What the rows ought to contribute is added to the tally. The rows
// given are not changed.
func Refold(rules *analytics.Rules, roster *analytics.Roster, rows *analytics.Rows, tally *analytics.Tally) (*Changes, error) {
	ch := &Changes{}
	r := refolding{rules: rules, roster: roster, tally: tally, changes: ch, of: map[int64]*analytics.Rows{}}
	r.divide(rows)
	for _, id := range sortedIDs(r.of) {
		if err := r.contact(id, r.of[id]); err != nil {
			return nil, err
		}
	}
	return ch, nil
}

type refolding struct {
	rules   *analytics.Rules
	roster  *analytics.Roster
	tally   *analytics.Tally
	changes *Changes
	of      map[int64]*analytics.Rows
}

func (r *refolding) rows(id int64) *analytics.Rows {
	if r.of[id] == nil {
		r.of[id] = &analytics.Rows{}
	}
	return r.of[id]
}

func (r *refolding) divide(all *analytics.Rows) {
	for _, c := range all.Contacts {
		r.rows(c.ID).Contacts = append(r.rows(c.ID).Contacts, c)
	}
	for _, m := range all.Messages {
		r.rows(m.Contact).Messages = append(r.rows(m.Contact).Messages, m)
	}
	for _, f := range all.Facts {
		r.rows(f.Contact).Facts = append(r.rows(f.Contact).Facts, f)
	}
	for _, c := range all.Conversations {
		r.rows(c.Contact).Conversations = append(r.rows(c.Contact).Conversations, c)
	}
}

func (r *refolding) contact(id int64, rows *analytics.Rows) error {
	now := make([]*models.Placed, len(rows.Messages))
	for i, m := range rows.Messages {
		copied := *m
		now[i] = &copied
	}
	var story analytics.Story
	var state []byte
	if id != 0 { // what belongs to nobody is in no conversation
		var err error
		if story, state, err = refold(r.rules, r.roster, nil, now, rows.Facts); err != nil {
			return err
		}
	}
	for i, m := range now {
		r.tally.Message(m, 1)
		if *m != *rows.Messages[i] {
			r.changes.Messages = append(r.changes.Messages, m)
		}
	}
	r.conversations(id, rows.Conversations, story.Conversations)
	source := ""
	for _, c := range rows.Contacts {
		kept := *c
		kept.FirstSeenAt, kept.Source, kept.Channel, kept.State = story.Seen.FirstSeenAt, story.Seen.Source, story.Seen.Channel, state
		source = kept.Source
		r.tally.Contact(&kept, 1)
		if kept.FirstSeenAt != c.FirstSeenAt || kept.Source != c.Source || kept.Channel != c.Channel {
			r.changes.Contacts = append(r.changes.Contacts, &kept)
		} else if len(c.State) > 0 || len(state) > 0 {
			r.changes.States = append(r.changes.States, &kept)
		}
	}
	for _, f := range rows.Facts {
		r.tally.Fact(f, source, r.roster, 1)
	}
	return nil
}

func (r *refolding) conversations(contact int64, stored []*models.Conversation, cut []models.Conversation) {
	before := map[models.ConversationID]*models.Conversation{}
	for _, c := range stored {
		before[c.ID] = c
	}
	for i := range cut {
		c := &cut[i]
		c.Contact = contact
		r.tally.Conversation(c, 1)
		if old := before[c.ID]; old == nil || !same(old, c) {
			r.changes.Conversations = append(r.changes.Conversations, c)
		}
		delete(before, c.ID)
	}
	for id := range before {
		r.changes.Vanished = append(r.changes.Vanished, id)
	}
}

// Verify compares sightings with what is stored of them: a message that is
// missing, or that the sighting would change, is reported by its key.
func Verify(page Page, events []models.Event, report func(what string)) error {
	return verify(page, events, func(_ int, what string) { report(what) })
}

func verify(page Page, events []models.Event, report func(i int, what string)) error {
	var want Want
	for i := range events {
		tidy(&events[i])
		if e := &events[i]; e.Kind.OfMessage() {
			want.Messages = append(want.Messages, MessageKey{e.Message.Channel, e.Message.ID})
		} else {
			want.Facts = append(want.Facts, FactKey{e.Source, e.Key})
		}
	}
	want.Messages, want.Facts = unique(want.Messages), unique(want.Facts)
	have, err := page.Find(want)
	if err != nil {
		return err
	}
	for i := range events {
		e := &events[i]
		if !e.Kind.OfMessage() {
			if have.Facts[FactKey{e.Source, e.Key}] == nil {
				report(i, "event "+e.Source+" "+e.Key+" is missing from the record")
			}
			continue
		}
		seen := sighting(e)
		stored := have.Messages[MessageKey{seen.Channel, seen.ID}]
		switch {
		case stored == nil:
			report(i, "message "+seen.ID+" is missing from the record")
		case models.Join(stored.Message, seen) != stored.Message:
			report(i, "message "+seen.ID+" is stored otherwise than it was received")
		}
	}
	return nil
}

// Known counts the events that would tell the record nothing new.
func Known(page Page, events []models.Event) (int, error) {
	news := 0
	known := map[int]bool{}
	var list []models.Event
	for _, e := range events {
		copied := e
		if e.Message != nil {
			m := *e.Message
			copied.Message = &m
		}
		list = append(list, copied)
	}
	err := verify(page, list, func(i int, _ string) {
		if !known[i] {
			known[i] = true
			news++
		}
	})
	return len(events) - news, err
}
