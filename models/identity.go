package models

import (
	"sort"
	"strings"
)

// Link says that two identifiers were shown together, and when first. A
// business's contacts are what links join (cloudapi reference, "contact
// identity"): an event that shows two identifiers makes one contact of both.
type Link struct {
	A, B   Alias
	At     int64
	Forced bool // a change of number or id: joins whatever they were before
	// Conflict marks a link that was not followed, because it would have made
	// one contact of two people; nobody's identifier is taken away.
	Conflict bool
}

// NewLink returns the link between two identifiers, smaller first.
func NewLink(a, b Alias, at int64, forced bool) Link {
	if b.Stronger(a) {
		a, b = b, a
	}
	return Link{A: a, B: b, At: at, Forced: forced}
}

// Pair names a link by its two ends.
type Pair struct{ A, B Alias }

// Pair returns the two ends.
func (l Link) Pair() Pair { return Pair{l.A, l.B} }

// Identify divides identifiers into contacts. Links are followed in the order
// in which they were first seen; one that would join two different user ids,
// or two different ids of one source, is a conflict and is not followed. The
// result depends on the set of links only. Conflict is set on the links given.
func Identify(links []Link) [][]Alias {
	sort.Slice(links, func(i, j int) bool { return links[i].before(links[j]) })
	g := groups{of: map[Alias]*group{}}
	for i := range links {
		l := &links[i]
		a, b := g.group(l.A), g.group(l.B)
		l.Conflict = false
		if a == b {
			continue
		}
		if !l.Forced && l.A.Kind != ByParent && l.B.Kind != ByParent && a.clashes(b) {
			l.Conflict = true
			continue
		}
		g.join(a, b)
	}
	return g.list()
}

func (l Link) before(o Link) bool {
	switch {
	case l.At != o.At:
		return l.At < o.At
	case l.Forced != o.Forced:
		return l.Forced
	case l.A != o.A:
		return l.A.Stronger(o.A)
	}
	return l.B.Stronger(o.B)
}

type group struct {
	members []Alias
	users   bool            // holds a user id
	spaces  map[string]bool // sources whose id it holds
}

type groups struct{ of map[Alias]*group }

func (g *groups) group(a Alias) *group {
	if p, ok := g.of[a]; ok {
		return p
	}
	p := &group{members: []Alias{a}, users: a.Kind == ByUser, spaces: map[string]bool{}}
	if a.Kind == ByID {
		p.spaces[a.space()] = true
	}
	g.of[a] = p
	return p
}

// space returns the source whose id it is.
func (a Alias) space() string {
	for i := range len(a.Value) {
		if a.Value[i] == ':' {
			return a.Value[:i]
		}
	}
	return ""
}

// Bare returns the value without the name of the source it comes from.
func (a Alias) Bare() string {
	if a.Kind == ByID {
		return strings.TrimPrefix(a.Value, a.space()+":")
	}
	return a.Value
}

// clashes reports whether joining would make one contact of two people.
func (g *group) clashes(o *group) bool {
	if g.users && o.users {
		return true
	}
	for s := range g.spaces {
		if o.spaces[s] {
			return true
		}
	}
	return false
}

func (g *groups) join(a, b *group) {
	a.members = append(a.members, b.members...)
	a.users = a.users || b.users
	for s := range b.spaces {
		a.spaces[s] = true
	}
	for _, m := range b.members {
		g.of[m] = a
	}
}

func (g *groups) list() [][]Alias {
	seen := map[*group]bool{}
	var out [][]Alias
	for _, p := range g.of {
		if seen[p] {
			continue
		}
		seen[p] = true
		sort.Slice(p.members, func(i, j int) bool { return p.members[i].Stronger(p.members[j]) })
		out = append(out, p.members)
	}
	sort.Slice(out, func(i, j int) bool { return out[i][0].Stronger(out[j][0]) })
	return out
}
