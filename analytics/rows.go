package analytics

import (
	"cmp"
	"maps"
	"slices"

	"pulso/models"
)

// Rows is a piece of the record.
type Rows struct {
	Messages      []*models.Placed
	Facts         []*models.Fact
	Conversations []*models.Conversation
	Contacts      []*models.Contact
	// Links and Merges are those of identifiers of these contacts, and whatever
	// hangs together with them.
	Links  []models.Link
	Merges []models.Merge
}

// Moments asks for the rows that may contribute to groups within a span; more
// than those may come. Target is that of the rules. Of bare rows only what they
// contribute to the groups holds.
type Moments struct {
	Groups []Group
	Span   Span
	Target int64
	Bare   bool
}

// Join adds other rows.
func (r *Rows) Join(o *Rows) {
	r.Messages = append(r.Messages, o.Messages...)
	r.Facts = append(r.Facts, o.Facts...)
	r.Conversations = append(r.Conversations, o.Conversations...)
	r.Contacts = append(r.Contacts, o.Contacts...)
	r.Links = append(r.Links, o.Links...)
	r.Merges = append(r.Merges, o.Merges...)
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

// AsOf returns the rows of whole contacts as they were known to be at now:
// facts from later are gone, links between identifiers and merges too, and the
// rest is folded again without them.
func (r *Rules) AsOf(rows *Rows, roster *Roster, now int64) *Rows {
	past := &past{identities: identitiesAt(rows.Links, rows.Merges, now), piles: map[person]*pile{}, out: &Rows{}}
	for _, m := range rows.Messages {
		if then, existed := m.Message.AsOf(now); existed {
			p := &models.Placed{Row: m.Row, Contact: m.Contact, Message: then}
			pile := past.pile(m.Contact, m.Party, then.Party, then.At())
			pile.messages = append(pile.messages, p)
			past.out.Messages = append(past.out.Messages, p)
		}
	}
	for _, f := range rows.Facts {
		if f.At <= now {
			pile := past.pile(f.Contact, f.Party, f.Party, f.At)
			pile.facts = append(pile.facts, f)
			past.out.Facts = append(past.out.Facts, f)
		}
	}
	past.fold(r, roster)
	return past.out
}

// person is who a contact was: before its identifiers were linked, several.
type person struct {
	contact int64
	as      models.Alias
}

type pile struct {
	messages []*models.Placed
	facts    []*models.Fact
}

// past is a piece of the record on its way back in time.
type past struct {
	identities
	piles map[person]*pile
	out   *Rows
}

// identities are who is who, then and in the end; nil where that is the same.
type identities struct{ then, final *models.Identities }

func identitiesAt(links []models.Link, merges []models.Merge, now int64) identities {
	early, before, all := models.Until(links, merges, now)
	if all {
		return identities{}
	}
	return identities{models.Identify(early, before), models.Identify(slices.Clone(links), merges)}
}

// pile returns the pile of a fact of a contact: of that who was seen with it then,
// unless that is somebody else in the end.
func (p *past) pile(contact int64, party, seen models.Alias, at int64) *pile {
	key := person{contact: contact}
	switch {
	case seen.Kind == 0:
		key.contact = 0
	case p.then != nil:
		if p.final.Owner(seen, at) != p.final.Owner(party, at) {
			seen = party
		}
		key.as = p.then.Owner(seen, at)
	}
	if p.piles[key] == nil {
		p.piles[key] = &pile{}
	}
	return p.piles[key]
}

// fold folds each person. Those who were not one contact yet get ids of their
// own, below zero, so that they are counted apart.
func (p *past) fold(r *Rules, roster *Roster) {
	taken := map[int64]bool{}
	for _, key := range slices.SortedFunc(maps.Keys(p.piles), person.compare) {
		id := key.contact
		if id == 0 {
			for _, m := range p.piles[key].messages {
				m.Contact = 0
			}
			continue
		}
		if taken[id] {
			id = -int64(len(taken)) - id
		}
		taken[id] = true
		of := p.piles[key]
		for _, m := range of.messages {
			m.Contact = id
		}
		story, _ := Fold(r, roster, nil, of.messages, of.facts, 0)
		for i := range story.Conversations {
			story.Conversations[i].Contact = id
			p.out.Conversations = append(p.out.Conversations, &story.Conversations[i])
		}
		c := story.Seen
		c.ID = id
		p.out.Contacts = append(p.out.Contacts, &c)
	}
}

func (p person) compare(o person) int {
	return cmp.Or(cmp.Compare(p.contact, o.contact), cmp.Compare(p.as.Kind, o.as.Kind), cmp.Compare(p.as.Value, o.as.Value))
}
