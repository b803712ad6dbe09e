package analytics

import "pulso/models"

// Rows is a piece of the record.
type Rows struct {
	Messages      []*models.Placed
	Facts         []*models.Fact
	Conversations []*models.Conversation
	Contacts      []*models.Contact
}

// Moments asks for the rows that may contribute to a group within a span; more
// than those may come.
type Moments struct {
	Group Group
	Span  Span
}

// Join adds other rows.
func (r *Rows) Join(o *Rows) {
	r.Messages = append(r.Messages, o.Messages...)
	r.Facts = append(r.Facts, o.Facts...)
	r.Conversations = append(r.Conversations, o.Conversations...)
	r.Contacts = append(r.Contacts, o.Contacts...)
}

// Without returns the rows that are not of the given contacts.
func (r *Rows) Without(contacts map[int64]bool) *Rows {
	out := &Rows{}
	for _, m := range r.Messages {
		if !contacts[m.Contact] {
			out.Messages = append(out.Messages, m)
		}
	}
	for _, f := range r.Facts {
		if !contacts[f.Contact] {
			out.Facts = append(out.Facts, f)
		}
	}
	for _, c := range r.Conversations {
		if !contacts[c.Contact] {
			out.Conversations = append(out.Conversations, c)
		}
	}
	for _, c := range r.Contacts {
		if !contacts[c.ID] {
			out.Contacts = append(out.Contacts, c)
		}
	}
	return out
}

// Contributions calls emit with everything that the rows contribute.
func (r *Rules) Contributions(rows *Rows, roster *Roster, emit func(Contribution)) {
	source := map[int64]string{}
	for _, c := range rows.Contacts {
		source[c.ID] = c.Source
		r.OfContact(c, emit)
	}
	for _, m := range rows.Messages {
		r.OfMessage(m, emit)
	}
	for _, c := range rows.Conversations {
		r.OfConversation(c, emit)
	}
	for _, f := range rows.Facts {
		r.OfFact(f, source[f.Contact], roster, emit)
	}
}

// AsOf returns the rows of whole contacts as they were known to be at now: facts from
// later are gone, and the rest is folded again without them.
func (r *Rules) AsOf(rows *Rows, roster *Roster, now int64) *Rows {
	type pile struct {
		messages []*models.Placed
		facts    []*models.Fact
	}
	piles := map[int64]*pile{}
	of := func(id int64) *pile {
		if piles[id] == nil {
			piles[id] = &pile{}
		}
		return piles[id]
	}
	out := &Rows{}
	for _, m := range rows.Messages {
		if then, existed := m.Message.AsOf(now); existed {
			p := &models.Placed{Row: m.Row, Contact: m.Contact, Message: then}
			of(m.Contact).messages = append(of(m.Contact).messages, p)
			out.Messages = append(out.Messages, p)
		}
	}
	for _, f := range rows.Facts {
		if f.At <= now {
			of(f.Contact).facts = append(of(f.Contact).facts, f)
			out.Facts = append(out.Facts, f)
		}
	}
	for id, p := range piles {
		if id == 0 {
			continue
		}
		story, _ := Fold(r, roster, nil, p.messages, p.facts, 0)
		for i := range story.Conversations {
			story.Conversations[i].Contact = id
			out.Conversations = append(out.Conversations, &story.Conversations[i])
		}
		c := story.Seen
		c.ID = id
		out.Contacts = append(out.Contacts, &c)
	}
	return out
}
