package ledger

import (
	"maps"
	"slices"

	"pulso/analytics"
	"pulso/models"
)

// identify finds out whose each identifier of the batch is, and moves facts
// whose identifiers turn out to be somebody else's.
func (t *turn) identify() error {
	links := t.seenTogether()
	if len(links) > 0 {
		if err := t.link(links); err != nil {
			return err
		}
	}
	if err := t.loadContacts(slices.Collect(maps.Values(t.contactOf))); err != nil {
		return err
	}
	t.meetStrangers()
	return t.merge()
}

// seenTogether lists the links of the batch: between the identifiers of one
// event, and between those that several sightings of one message showed.
func (t *turn) seenTogether() map[models.Pair]models.Link {
	links := map[models.Pair]models.Link{}
	add := func(a, b models.Alias, at int64, forced bool) {
		if a == b || a.Kind == models.ByGroup || b.Kind == models.ByGroup {
			return
		}
		l := models.NewLink(a, b, at, forced)
		if known, ok := links[l.Pair()]; ok {
			l.At, l.Forced = min(l.At, known.At), l.Forced || known.Forced
		}
		if seen, ok := t.linked[l.Pair()]; !ok || l.At < seen || l.Forced {
			links[l.Pair()] = l
		}
	}
	partyOf := map[MessageKey]models.Alias{}
	for i := range t.batch.Events {
		e := &t.batch.Events[i]
		best, ok := models.Strongest(e.Party)
		if !ok {
			continue
		}
		for _, a := range e.Party {
			if a.Kind != models.ByUsername {
				add(best, a, e.At, e.Kind == models.ContactRenumbered)
			}
		}
		if !e.Kind.OfMessage() {
			continue
		}
		k := MessageKey{e.Message.Channel, e.Message.ID}
		party, seen := partyOf[k]
		if m := t.messages[k]; !seen && m != nil {
			party, seen = m.now.Party, m.now.Party.Kind != 0
		}
		if seen {
			add(party, best, e.At, false)
		}
		partyOf[k] = best
	}
	return links
}

// link follows new links. Usually both ends are strangers or known to be one
// contact already, and nothing moves.
func (t *turn) link(links map[models.Pair]models.Link) error {
	ends := map[models.Alias]bool{}
	for p := range links {
		ends[p.A], ends[p.B] = true, true
	}
	known, err := t.closure(ends)
	if err != nil {
		return err
	}
	touched := map[models.Pair]bool{}
	for p, l := range links {
		if old, ok := known[p]; ok {
			if old.At <= l.At && (old.Forced || !l.Forced) {
				t.linked[p] = old.At
				continue
			}
			l.At, l.Forced = min(l.At, old.At), l.Forced || old.Forced
		}
		known[p], touched[p] = l, true
	}
	if len(touched) == 0 {
		return nil
	}
	all := slices.Collect(maps.Values(known))
	groups := models.Identify(all)
	for _, l := range all {
		if touched[l.Pair()] || l.Conflict != known[l.Pair()].Conflict {
			t.changes.Links = append(t.changes.Links, l)
		}
	}
	return t.regroup(groups)
}

// closure returns all stored links that are connected with the given
// identifiers, followed or not, and learns the contacts of all their ends.
func (t *turn) closure(ends map[models.Alias]bool) (map[models.Pair]models.Link, error) {
	known := map[models.Pair]models.Link{}
	fresh := slices.Collect(maps.Keys(ends))
	for len(fresh) > 0 {
		contacts := map[int64]bool{}
		for _, a := range fresh {
			if id := t.contactOf[a]; id != 0 {
				contacts[id] = true
			}
		}
		have, err := t.page.Find(Want{LinksOf: fresh, AliasesOf: slices.Collect(maps.Keys(contacts))})
		if err != nil {
			return nil, err
		}
		fresh = nil
		more := func(a models.Alias) {
			if !ends[a] && a.Kind != models.ByUsername {
				ends[a] = true
				fresh = append(fresh, a)
			}
		}
		for a, id := range have.Aliases {
			t.contactOf[a] = id
			more(a)
		}
		for _, l := range have.Links {
			known[l.Pair()] = l
			more(l.A)
			more(l.B)
		}
		if err := t.learn(fresh); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// learn reads the contacts of identifiers that are not known yet.
func (t *turn) learn(aliases []models.Alias) error {
	var unknown []models.Alias
	for _, a := range aliases {
		if _, ok := t.contactOf[a]; !ok {
			unknown = append(unknown, a)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	have, err := t.page.Find(Want{Aliases: unknown})
	if err != nil {
		return err
	}
	maps.Copy(t.contactOf, have.Aliases)
	return nil
}

// regroup gives each group of identifiers one contact, keeping contacts that
// exist, and has everything that changes hands folded again.
func (t *turn) regroup(groups [][]models.Alias) error {
	var involved []int64
	for _, g := range groups {
		for _, a := range g {
			involved = append(involved, t.contactOf[a])
		}
	}
	if err := t.loadContacts(involved); err != nil {
		return err
	}
	taken := map[int64]bool{}
	heirs := map[int64]int64{} // of contacts that lose an identifier
	for _, g := range groups {
		var id int64
		for _, a := range g {
			if c := t.contactOf[a]; c != 0 && !taken[c] && (id == 0 || c < id) {
				id = c
			}
		}
		if id == 0 {
			id = t.newContact().ID
		}
		taken[id] = true
		for _, a := range g {
			if was := t.contactOf[a]; was != id {
				t.changes.Aliases[a] = id
				if was != 0 && heirs[was] == 0 {
					heirs[was] = id
				}
				t.contactOf[a] = id
			}
		}
	}
	return t.rehome(heirs, taken)
}

// rehome reads the facts of contacts that lost identifiers, so that they go to
// whoever owns them now. A contact that nobody is any more is gone.
func (t *turn) rehome(heirs map[int64]int64, taken map[int64]bool) error {
	if err := t.loadWhole(sortedIDs(heirs)); err != nil {
		return err
	}
	for _, id := range sortedIDs(heirs) {
		t.refold(id)
		t.refold(heirs[id])
		if !taken[id] {
			t.bury(id, heirs[id])
		}
	}
	return nil
}

func (t *turn) bury(id, heirID int64) {
	t.changes.Gone = append(t.changes.Gone, id)
	for a, of := range t.contactOf { // what never moves anybody goes with the rest
		if of == id {
			t.contactOf[a], t.changes.Aliases[a] = heirID, heirID
		}
	}
	c, heir := t.contacts[id], t.contacts[heirID]
	if c.NameAt > heir.NameAt {
		heir.Name, heir.NameAt = c.Name, c.NameAt
	}
	if c.MergedInto != 0 && c.MergedInto != heirID && (heir.MergedInto == 0 || c.MergedAt < heir.MergedAt) {
		heir.MergedInto, heir.MergedAt = c.MergedInto, c.MergedAt
	}
	for _, o := range t.contacts {
		if o.MergedInto == id {
			o.MergedInto = heirID
		}
	}
}

// loadWhole reads every message and fact of contacts, of contacts merged into
// them, and learns whose they are.
func (t *turn) loadWhole(ids []int64) error {
	var since []Since
	for _, id := range ids {
		if c := t.contact(id); c != nil && c.old != nil && !c.loaded {
			since = append(since, Since{Contact: id})
			c.loaded = true
		}
	}
	if len(since) == 0 {
		return nil
	}
	have, err := t.page.Find(Want{Tails: since, ByMerge: ids})
	if err != nil {
		return err
	}
	t.take(have.Tail)
	t.whole = append(t.whole, have.Tail.Conversations...)
	for id, c := range have.Contacts {
		if t.contacts[id] == nil {
			t.contacts[id] = &contact{Contact: *c, old: c}
		}
	}
	var parties []models.Alias
	for _, m := range have.Tail.Messages {
		parties = append(parties, m.Party)
	}
	for _, f := range have.Tail.Facts {
		parties = append(parties, f.Party)
	}
	if err := t.learn(unique(parties)); err != nil {
		return err
	}
	var owners []int64
	for _, p := range parties {
		owners = append(owners, t.contactOf[p])
	}
	return t.loadContacts(owners)
}

// take adds rows of the record that this turn has not touched yet.
func (t *turn) take(tail analytics.Rows) {
	for _, m := range tail.Messages {
		if k := (MessageKey{m.Channel, m.ID}); t.messages[k] == nil {
			t.messages[k] = &message{now: *m, old: m}
		}
	}
	for _, f := range tail.Facts {
		if k := (FactKey{f.Source, f.Key}); t.facts[k] == nil {
			t.facts[k] = &fact{now: *f, old: f}
		}
	}
}

// meetStrangers makes contacts of identifiers that nobody bears yet.
func (t *turn) meetStrangers() {
	for i := range t.batch.Events {
		e := &t.batch.Events[i]
		for _, party := range [][]models.Alias{e.Party, e.MergedInto} {
			best, ok := models.Strongest(party)
			if !ok {
				continue
			}
			id := t.contactOf[best]
			if id == 0 {
				id = t.newContact().ID
				t.contactOf[best], t.changes.Aliases[best] = id, id
			}
			t.describe(e, party, id)
		}
	}
}

// describe keeps what outsiders call a contact: its source's id, its latest name
// and user name.
func (t *turn) describe(e *models.Event, party []models.Alias, id int64) {
	c := t.contact(id)
	for _, a := range party {
		if a.Kind == models.ByUsername && t.contactOf[a] != id {
			t.contactOf[a], t.changes.Aliases[a] = id, id
		}
		if a.Kind == models.ByID && t.contactOf[a] == id {
			if key := a.Bare(); c.Key[0] == 'c' && c.Key == ownKey(c.ID) || key < c.Key {
				c.Key = key
			}
		}
	}
	newer := e.At > c.NameAt+dayMS || e.At > c.NameAt && e.Name != c.Name
	if e.Name != "" && newer {
		c.Name, c.NameAt = e.Name, e.At
	}
}

// merge follows contact.merged events: later facts of the merged contact's
// identifiers belong to the other.
func (t *turn) merge() error {
	for i := range t.batch.Events {
		e := &t.batch.Events[i]
		into, ok := models.Strongest(e.MergedInto)
		from, known := models.Strongest(e.Party)
		if e.Kind != models.ContactMerged || !ok || !known {
			continue
		}
		c, target := t.contact(t.contactOf[from]), t.contactOf[into]
		if c == nil || target == c.ID || c.MergedInto != 0 && c.MergedAt <= e.At || t.merges(target, c.ID) {
			continue
		}
		if err := t.loadWhole([]int64{c.ID, c.MergedInto}); err != nil {
			return err
		}
		t.refold(c.MergedInto)
		c.MergedInto, c.MergedAt = target, e.At
		t.refold(c.ID)
		t.refold(target)
	}
	return nil
}

// merges reports whether a contact was already merged, directly or not, into another.
func (t *turn) merges(id, into int64) bool {
	for range 8 {
		c := t.contact(id)
		if c == nil || c.MergedInto == 0 {
			return false
		}
		if id = c.MergedInto; id == into {
			return true
		}
	}
	return true
}
