package ledger

import (
	"maps"
	"slices"

	"pulso/analytics"
	"pulso/models"
)

// identify finds out whose each identifier of the batch is, and moves facts
// whose identifiers turn out to be somebody else's.
func (t *Turn) identify() error {
	if news := t.evidence(); !news.none() {
		if err := t.follow(news); err != nil {
			return err
		}
	}
	if err := t.loadContacts(slices.Collect(maps.Values(t.contactOf))); err != nil {
		return err
	}
	t.meetStrangers()
	return nil
}

// ties are links and merges, each pair of ends once.
type ties struct {
	links  map[models.Pair]models.Link
	merges map[models.Pair]models.Merge
}

func newTies() ties {
	return ties{map[models.Pair]models.Link{}, map[models.Pair]models.Merge{}}
}

func (x *ties) none() bool { return len(x.links)+len(x.merges) == 0 }

// ends returns the identifiers that are tied.
func (x *ties) ends() map[models.Alias]bool {
	ends := map[models.Alias]bool{}
	for p := range x.links {
		ends[p.A], ends[p.B] = true, true
	}
	for p := range x.merges {
		ends[p.A], ends[p.B] = true, true
	}
	return ends
}

// link adds that two identifiers were shown together, unless that is known.
func (t *Turn) link(news *ties, a, b models.Alias, at int64, forced bool) {
	if a == b || a.Kind == models.ByGroup || b.Kind == models.ByGroup {
		return
	}
	l := models.NewLink(a, b, at, forced)
	if known, ok := news.links[l.Pair()]; ok {
		news.links[l.Pair()] = known.Join(l)
		return
	}
	if known, ok := t.linked.get(l.Pair()); !ok || known != (since{l.At, l.ForcedAt}).and(known) {
		news.links[l.Pair()] = l
	}
}

// since is when a link was first shown and first forced.
type since struct{ at, forced int64 }

func (s since) and(o since) since {
	l := models.Link{At: s.at, ForcedAt: s.forced}.Join(models.Link{At: o.at, ForcedAt: o.forced})
	return since{l.At, l.ForcedAt}
}

// evidence lists what the batch tells of who is who: links between the
// identifiers of one event, and between those that sightings of one message
// showed, from when both were; and merges.
func (t *Turn) evidence() ties {
	news := newTies()
	seen := map[MessageKey]models.Seen{}
	for i := range t.batch.Events {
		e := &t.batch.Events[i]
		best, ok := models.Strongest(e.Party)
		if !ok {
			continue
		}
		for _, a := range e.Party {
			if a.Kind != models.ByUsername {
				t.link(&news, best, a, e.At, e.Kind == models.ContactRenumbered)
			}
		}
		if e.Kind == models.ContactMerged {
			t.mergeInto(&news, best, e)
		}
		if !e.Kind.OfMessage() {
			continue
		}
		k := MessageKey{e.Message.Channel, e.Message.ID}
		before, again := seen[k]
		if m := t.messages[k]; !again && m != nil {
			before = m.now.Seen()
		}
		now := before.Join(models.Seen{Party: best, PartyAt: e.At})
		seen[k] = now
		if now.Others != "" {
			t.linkSights(&news, best, now.List())
		}
	}
	return news
}

// linkSights links an identifier to the others that sightings of the same message
// showed.
func (t *Turn) linkSights(news *ties, a models.Alias, list []models.Sight) {
	at := int64(0)
	for _, x := range list {
		if x.Alias == a {
			at = x.At
		}
	}
	for _, x := range list {
		if at != 0 {
			t.link(news, a, x.Alias, max(at, x.At), false)
		}
	}
}

func (t *Turn) mergeInto(news *ties, from models.Alias, e *models.Event) {
	into, ok := models.Strongest(e.MergedInto)
	if !ok || into == from || into.Kind == models.ByGroup || from.Kind == models.ByGroup {
		return
	}
	m := models.Merge{From: from, Into: into, At: e.At}
	if known, ok := news.merges[m.Ends()]; ok {
		m.At = min(m.At, known.At)
	}
	news.merges[m.Ends()] = m
}

// follow follows new links and merges. Usually both ends are strangers or known
// to be one contact already, and nothing moves.
func (t *Turn) follow(news ties) error {
	ends := news.ends()
	known, err := t.closure(ends)
	if err != nil {
		return err
	}
	touched := map[models.Pair]bool{}
	for p, l := range news.links {
		old, ok := known.links[p]
		if ok {
			l = old.Join(l)
		}
		t.linked.put(p, since{l.At, l.ForcedAt})
		if !ok || l != old {
			known.links[p], touched[p] = l, true
		}
	}
	merges := len(t.changes.Merges)
	for p, m := range news.merges {
		if old, ok := known.merges[p]; !ok || m.At < old.At {
			known.merges[p] = m
			t.changes.Merges = append(t.changes.Merges, m)
		}
	}
	if len(touched) == 0 && len(t.changes.Merges) == merges {
		return nil
	}
	links := slices.Collect(maps.Values(known.links))
	people := models.Identify(links, slices.Collect(maps.Values(known.merges)))
	for _, l := range links {
		if touched[l.Pair()] || l.Conflict != known.links[l.Pair()].Conflict {
			t.changes.Links = append(t.changes.Links, l)
		}
	}
	if err := t.regroup(people.List); err != nil {
		return err
	}
	for p := range touched {
		t.seeLink(known.links[p])
	}
	return nil
}

// seeLink keeps the horizon: before a link was shown its ends were two contacts,
// also where no row says when that was.
func (t *Turn) seeLink(l models.Link) {
	for _, at := range []int64{l.At, l.ForcedAt} {
		if at != 0 {
			t.horizon(t.owner(l.A, at+1), at)
			t.horizon(t.owner(l.B, at+1), at)
		}
	}
}

// closure returns all stored links and merges that are connected with the given
// identifiers, followed or not, and learns the contacts of all their ends.
func (t *Turn) closure(ends map[models.Alias]bool) (ties, error) {
	known := newTies()
	fresh := slices.Collect(maps.Keys(ends))
	if err := t.learn(fresh); err != nil {
		return known, err
	}
	for len(fresh) > 0 {
		contacts := map[int64]bool{}
		for _, a := range fresh {
			if id := t.contactOf[a]; id != 0 {
				contacts[id] = true
			}
		}
		have, err := t.find(Want{TiesOf: fresh, AliasesOf: slices.Collect(maps.Keys(contacts))})
		if err != nil {
			return known, err
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
			known.links[l.Pair()] = l
			more(l.A)
			more(l.B)
		}
		for _, m := range have.Merges {
			known.merges[m.Ends()] = m
			more(m.From)
			more(m.Into)
		}
		if err := t.learn(fresh); err != nil {
			return known, err
		}
	}
	return known, nil
}

// learn reads the contacts of identifiers that are not known yet.
func (t *Turn) learn(aliases []models.Alias) error {
	var unknown []models.Alias
	for _, a := range aliases {
		if _, ok := t.contactOf[a]; !ok {
			unknown = append(unknown, a)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	have, err := t.find(Want{Aliases: unknown})
	if err != nil {
		return err
	}
	maps.Copy(t.contactOf, have.Aliases)
	return nil
}

// regroup gives each of the people one contact, keeping contacts that exist, and
// has everything that changes hands folded again.
func (t *Turn) regroup(people []models.Identity) error {
	var involved []int64
	for i := range people {
		for _, a := range people[i].Aliases {
			involved = append(involved, t.contactOf[a])
		}
	}
	if err := t.loadContacts(involved); err != nil {
		return err
	}
	bearers := t.bearers(people)
	heirs := map[int64]int64{} // of contacts that lose an identifier
	changed := map[int64]bool{}
	for i, p := range people {
		for _, a := range p.Aliases {
			was := t.contactOf[a]
			if was == bearers[i] {
				continue
			}
			t.contactOf[a], t.changes.Aliases[a] = bearers[i], bearers[i]
			if was != 0 && heirs[was] == 0 {
				heirs[was], changed[was] = bearers[i], true
			}
		}
		if c := t.contact(bearers[i]); c.merge() != mergeOf(&p, bearers) {
			changed[c.ID] = true
		}
	}
	if err := t.loadHeld(sortedIDs(changed)); err != nil {
		return err
	}
	for i := range people {
		c := t.contact(bearers[i])
		m := mergeOf(&people[i], bearers)
		c.MergedInto, c.MergedAt = m.into, m.at
		c.Key = keyOf(c.ID, people[i].Aliases)
	}
	for _, id := range sortedIDs(changed) {
		t.refold(id)
		t.refold(heirs[id])
		if heirs[id] != 0 && !slices.Contains(bearers, id) {
			t.bury(id, heirs[id])
		}
	}
	return nil
}

// bearers chooses the contact of each of the people: one that bears an identifier
// of theirs already, else a new one.
func (t *Turn) bearers(people []models.Identity) []int64 {
	taken := map[int64]bool{}
	ids := make([]int64, len(people))
	for i, p := range people {
		for _, a := range p.Aliases {
			if c := t.contactOf[a]; c != 0 && !taken[c] && (ids[i] == 0 || c < ids[i]) {
				ids[i] = c
			}
		}
		if ids[i] == 0 {
			ids[i] = t.newContact().ID
		}
		taken[ids[i]] = true
	}
	return ids
}

// merged is whom later facts of a contact belong to.
type merged struct{ into, at int64 }

func (c *contact) merge() merged { return merged{c.MergedInto, c.MergedAt} }

func mergeOf(p *models.Identity, bearers []int64) merged {
	if p.Into < 0 {
		return merged{}
	}
	return merged{bearers[p.Into], p.At}
}

// keyOf is what outsiders call a contact: the first of its sources' ids.
func keyOf(id int64, aliases []models.Alias) string {
	key := ""
	for _, a := range aliases {
		if a.Kind == models.ByID && (key == "" || a.Bare() < key) {
			key = a.Bare()
		}
	}
	if key == "" {
		return ownKey(id)
	}
	return key
}

// loadHeld reads the facts of contacts that are about to change, also those that
// went on to whom they were merged into.
func (t *Turn) loadHeld(ids []int64) error {
	held := map[int64]bool{}
	for _, id := range ids {
		for c := t.contact(id); c != nil && !held[c.ID]; c = t.contact(c.MergedInto) {
			held[c.ID] = true
		}
	}
	return t.loadWhole(sortedIDs(held))
}

// bury takes a contact out that nobody is any more.
func (t *Turn) bury(id, heirID int64) {
	t.changes.Gone = append(t.changes.Gone, id)
	for a, of := range t.contactOf { // what never moves anybody goes with the rest
		if of == id {
			t.contactOf[a], t.changes.Aliases[a] = heirID, heirID
		}
	}
	if c, heir := t.contacts[id], t.contacts[heirID]; c.NameAt > heir.NameAt {
		heir.Name, heir.NameAt = c.Name, c.NameAt
	}
}

// loadWhole reads every message and fact of contacts, and learns whose they are.
func (t *Turn) loadWhole(ids []int64) error {
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
	have, err := t.find(Want{Tails: since})
	if err != nil {
		return err
	}
	t.take(have.Tail)
	t.whole = append(t.whole, have.Tail.Conversations...)
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
func (t *Turn) take(tail analytics.Rows) {
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
func (t *Turn) meetStrangers() {
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
func (t *Turn) describe(e *models.Event, party []models.Alias, id int64) {
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
