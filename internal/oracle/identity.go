package oracle

import (
	"sort"
	"strings"
)

// people tells which person an identifier belongs to, and when: "what stands
// together in one event links"; after a merge "for later events its identifiers
// belong to that contact; the past is not rewritten".
type people struct {
	parent map[string]string // identifier → another of the same person
	merges []merge
}

// merge says that later events of the person who has subject belong to the one
// who has into.
type merge struct {
	at            int64
	subject, into string
}

// meet reads who belongs together from events in order of time.
func meet(events []Event) *people {
	p := &people{parent: map[string]string{}}
	for i := range events {
		e := &events[i]
		ids := identifiers(e.Contact)
		for _, id := range ids {
			p.join(p.resolve(ids[0], e.ms()), p.resolve(id, e.ms()))
		}
		if e.Type == contactMerged && e.MergedInto != nil && e.MergedInto.ID != "" && len(ids) > 0 {
			p.merges = append(p.merges, merge{e.ms(), ids[0], p.find("id:" + e.MergedInto.ID)})
		}
	}
	return p
}

// identifiers returns what a contact is known by, each with its sort.
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

// find returns the identifier that stands for all of one person's.
func (p *people) find(id string) string {
	if _, ok := p.parent[id]; !ok {
		p.parent[id] = id
	}
	for p.parent[id] != id {
		id = p.parent[id]
	}
	return id
}

// join makes one person of two; the smaller identifier stands for both.
func (p *people) join(a, b string) {
	a, b = p.find(a), p.find(b)
	p.parent[max(a, b)] = min(a, b)
}

// resolve returns the person to whom an identifier's events at an instant belong,
// following the merges before it.
func (p *people) resolve(id string, at int64) string {
	root := p.find(id)
	for range p.merges { // no chain of merges is longer than their number
		into := root
		for _, m := range p.merges {
			if m.at < at && p.find(m.subject) == root {
				into = p.find(m.into)
				break
			}
		}
		if into == root {
			break
		}
		root = into
	}
	return root
}

// of returns the person whom an event concerns; "" for nobody.
func (p *people) of(e *Event) string {
	ids := identifiers(e.Contact)
	if len(ids) == 0 {
		return ""
	}
	return p.resolve(ids[0], e.ms())
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
