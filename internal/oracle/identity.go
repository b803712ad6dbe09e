package oracle

import (
	"sort"
	"strings"
)

// people tells which person an identifier belongs to, and when: "what stands
// together in one event links", and so do two identifiers that sightings of one
// message show, once both have; after a merge "for later events its identifiers
// belong to that contact; the past is not rewritten".
type people struct {
	parent map[string]string      // identifier → another of the same person
	merged map[string]merge       // by who was merged
	shown  map[[2]string][]string // what the sightings of a message show, by channel and id
}

// merge says that a person's events after an instant are another's.
type merge struct {
	at   int64
	into string
}

// meet reads who belongs together from events in order of time. At one instant all
// that is shown together counts before any merge.
func meet(events []Event) *people {
	p := &people{parent: map[string]string{}, merged: map[string]merge{}, shown: map[[2]string][]string{}}
	for i := range events {
		e := &events[i]
		if i > 0 && events[i-1].ms() != e.ms() {
			p.mergeAt(events[:i], events[i-1].ms())
		}
		ids := identifiers(e.Contact)
		if e.Message != nil {
			key := [2]string{e.Channel, e.Message.ID}
			p.shown[key] = append(p.shown[key], ids...)
			ids = p.shown[key]
		}
		for _, id := range ids {
			p.join(p.now(ids[0]), p.now(id))
		}
	}
	if len(events) > 0 {
		p.mergeAt(events, events[len(events)-1].ms())
	}
	return p
}

// mergeAt follows the merges of an instant, the last of the events given, in order
// of who is merged, then of whom into. The first merge of somebody stands, and
// nobody is merged into themselves, so opposite merges end with the first.
func (p *people) mergeAt(events []Event, at int64) {
	var list []*Event
	for i := len(events) - 1; i >= 0 && events[i].ms() == at; i-- {
		if e := &events[i]; e.Type == contactMerged && e.MergedInto != nil && e.MergedInto.ID != "" && len(identifiers(e.Contact)) > 0 {
			list = append(list, e)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if x, y := surety(identifiers(a.Contact)[0]), surety(identifiers(b.Contact)[0]); x != y {
			return x < y
		}
		return a.MergedInto.ID < b.MergedInto.ID
	})
	for _, e := range list {
		who, into := p.find(identifiers(e.Contact)[0]), p.now("id:"+e.MergedInto.ID)
		if _, before := p.merged[who]; !before && who != into {
			p.merged[who] = merge{at, into}
		}
	}
}

// surety makes identifiers sort by what names somebody most surely: an id, then a
// user id, then a phone.
func surety(id string) string {
	kind, _, _ := strings.Cut(id, ":")
	return map[string]string{"id": "1", "user": "2", "phone": "3"}[kind] + id
}

// identifiers returns what a contact is known by, each with its sort, the surest first.
func identifiers(c *EventContact) []string {
	var list []string
	if c == nil {
		return nil
	}
	if c.ID != "" {
		list = append(list, "id:"+c.ID)
	}
	if c.UserID != "" {
		list = append(list, "user:"+c.UserID)
	}
	if c.Phone != "" {
		list = append(list, "phone:"+digits(c.Phone))
	}
	return list
}

// digits returns the digits of a phone number.
func digits(phone string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone)
}

// find returns the identifier that stands for all that are one person's own.
func (p *people) find(id string) string {
	if _, ok := p.parent[id]; !ok {
		p.parent[id] = id
	}
	for p.parent[id] != id {
		id = p.parent[id]
	}
	return id
}

// join makes one person of two that nobody has merged yet; the smaller identifier
// stands for both.
func (p *people) join(a, b string) {
	p.parent[max(a, b)] = min(a, b)
}

// resolve returns the person to whom an identifier's events at an instant belong,
// following the merges before it.
func (p *people) resolve(id string, at int64) string {
	person := p.find(id)
	for {
		m, ok := p.merged[person]
		if !ok || m.at >= at {
			return person
		}
		person = p.find(m.into)
	}
}

// now returns the person whose an identifier is after all that was read so far.
func (p *people) now(id string) string { return p.resolve(id, 1<<62) }

// of returns the person whom an event concerns; "" for nobody.
func (p *people) of(e *Event) string { return p.named(identifiers(e.Contact), e.ms()) }

// named returns the person to whom what happened at an instant under some
// identifiers belongs: the surest of them says.
func (p *people) named(ids []string, at int64) string {
	if len(ids) == 0 {
		return ""
	}
	surest := ids[0]
	for _, id := range ids {
		if surety(id) < surety(surest) {
			surest = id
		}
	}
	return p.resolve(surest, at)
}

// all returns every person's identifiers, sorted.
func (p *people) all() map[string][]string {
	out := map[string][]string{}
	for id := range p.parent {
		root := p.find(id)
		out[root] = append(out[root], id)
	}
	for _, list := range out {
		sort.Strings(list)
	}
	return out
}

// publicName returns what outsiders call a person: the source's own id, else the
// user id, else the phone number.
func publicName(ids []string) string {
	for _, sort := range []string{"id:", "user:", "phone:"} {
		for _, id := range ids {
			if rest, ok := strings.CutPrefix(id, sort); ok {
				return rest
			}
		}
	}
	return ""
}
