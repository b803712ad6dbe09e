package models

import (
	"sort"
	"strings"
)

// Link says that two identifiers were shown together, and when first. A
// business's contacts are what links join (cloudapi reference, "contact
// identity"): an event that shows two identifiers makes one contact of both.
type Link struct {
	A, B Alias
	At   int64
	// ForcedAt is when a change of number or id was first told, which joins
	// whatever they were before; 0 when none was.
	ForcedAt int64
	// Conflict marks a link that was not followed, because it would have made
	// one contact of two people; nobody's identifier is taken away.
	Conflict bool
}

// NewLink returns the link between two identifiers, smaller first.
func NewLink(a, b Alias, at int64, forced bool) Link {
	if b.Stronger(a) {
		a, b = b, a
	}
	l := Link{A: a, B: b, At: at}
	if forced {
		l.ForcedAt = at
	}
	return l
}

// Pair names a link by its two ends.
type Pair struct{ A, B Alias }

// Pair returns the two ends.
func (l Link) Pair() Pair { return Pair{l.A, l.B} }

// Join adds what another link of the same pair tells.
func (l Link) Join(o Link) Link {
	l.At, l.ForcedAt = earliest(l.At, o.At), earliest(l.ForcedAt, o.ForcedAt)
	return l
}

// Merge says that from a moment on, what the contact of one identifier does is
// the contact's of another; what was before stays as it is.
type Merge struct {
	From, Into Alias
	At         int64 // the earliest that was told
}

// Ends names a merge by its two ends.
func (m Merge) Ends() Pair { return Pair{m.From, m.Into} }

// Until returns the links and merges that were told up to a moment, as they were
// known then, and whether those are all.
func Until(links []Link, merges []Merge, now int64) ([]Link, []Merge, bool) {
	all := true
	var l []Link
	for _, x := range links {
		if x.ForcedAt > now {
			x.ForcedAt, all = 0, false
		}
		if x.At <= now {
			l = append(l, x)
		}
	}
	var m []Merge
	for _, x := range merges {
		if x.At <= now {
			m = append(m, x)
		}
	}
	return l, m, all && len(l) == len(links) && len(m) == len(merges)
}

// Identity is a contact: the identifiers that are its own, strongest first, and
// the place in the list of the one that later facts of them belong to; -1 none.
type Identity struct {
	Aliases []Alias
	Into    int
	At      int64 // facts after this are the other's
}

// Identities are the contacts that links and merges make.
type Identities struct {
	List []Identity
	of   map[Alias]int
}

// Owner returns the strongest identifier of the person whom a fact of an
// identifier at a moment belongs to.
func (p *Identities) Owner(a Alias, at int64) Alias {
	i, known := p.of[a]
	if !known {
		return a
	}
	for p.List[i].Into >= 0 && at > p.List[i].At {
		i = p.List[i].Into
	}
	return p.List[i].Aliases[0]
}

// Identify divides identifiers into people. Links and merges are followed in the
// order in which they were first told, links before merges of the same instant,
// each between the people whose the identifiers are at that time. So a link of
// two identifiers that a merge has brought together is no news, one with an
// identifier of somebody who was merged is one with the other, and opposite merges
// end with the first.
//
// A link that would give one person two different user ids, or two different ids
// of one source, is a conflict and is not followed; a merge may do so. Of several
// merges of one person the first stands. The result depends on the set of links
// and merges only. Conflict is set on the links given.
func Identify(links []Link, merges []Merge) *Identities {
	people, accounts := groups{}, groups{} // with merges and without
	for _, s := range steps(links, merges) {
		if s.merge != nil {
			people.merge(s.merge)
			continue
		}
		a, b := people.now(s.link.A), people.now(s.link.B)
		x, y := accounts.group(s.link.A), accounts.group(s.link.B)
		against := !s.forced && !s.link.parental() && x.clashes(y)
		s.link.Conflict = a != b && against
		if a != b && !against {
			people.join(a, b)
		}
		if x != y && !against {
			accounts.join(x, y)
		}
	}
	return people.identities()
}

// step is a link or a merge at the moment that it is followed.
type step struct {
	at     int64
	link   *Link
	forced bool
	merge  *Merge
}

// steps lists links and merges in order. A link that was forced later than it was
// first shown is followed twice.
func steps(links []Link, merges []Merge) []step {
	list := make([]step, 0, len(links)+len(merges))
	for i := range links {
		l := &links[i]
		if l.ForcedAt == 0 || l.At < l.ForcedAt {
			list = append(list, step{at: l.At, link: l})
		}
		if l.ForcedAt != 0 {
			list = append(list, step{at: l.ForcedAt, link: l, forced: true})
		}
	}
	for i := range merges {
		list = append(list, step{at: merges[i].At, merge: &merges[i]})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].before(list[j]) })
	return list
}

func (s step) before(o step) bool {
	switch {
	case s.at != o.at:
		return s.at < o.at
	case (s.merge == nil) != (o.merge == nil):
		return s.merge == nil
	case s.forced != o.forced:
		return s.forced
	}
	a, b := s.ends(), o.ends()
	if a.A != b.A {
		return a.A.Stronger(b.A)
	}
	return a.B.Stronger(b.B)
}

func (s step) ends() Pair {
	if s.merge != nil {
		return s.merge.Ends()
	}
	return s.link.Pair()
}

// parental reports whether an end is a parent id, which several users share.
func (l *Link) parental() bool { return l.A.Kind == ByParent || l.B.Kind == ByParent }

type group struct {
	members []Alias
	users   bool            // holds a user id
	spaces  map[string]bool // sources whose id it holds
	joined  *group          // that it has become part of
	into    *group          // that it was merged into
	at      int64           // when
}

type groups map[Alias]*group

func (g groups) group(a Alias) *group {
	if p, ok := g[a]; ok {
		return p
	}
	p := &group{members: []Alias{a}, users: a.Kind == ByUser, spaces: map[string]bool{}}
	if a.Kind == ByID {
		p.spaces[a.space()] = true
	}
	g[a] = p
	return p
}

// whole returns the group that one is part of by now.
func (p *group) whole() *group {
	for p.joined != nil {
		p = p.joined
	}
	return p
}

// now returns the group whose an identifier is, after the merges so far.
func (g groups) now(a Alias) *group {
	p := g.group(a)
	for p.into != nil {
		p = p.into.whole()
	}
	return p
}

func (g groups) merge(m *Merge) {
	from, into := g.group(m.From), g.now(m.Into)
	if from.into == nil && from != into {
		from.into, from.at = into, m.At
	}
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

func (g groups) join(a, b *group) {
	a.members = append(a.members, b.members...)
	a.users = a.users || b.users
	for s := range b.spaces {
		a.spaces[s] = true
	}
	for _, m := range b.members {
		g[m] = a
	}
	b.joined = a
}

// identities lists the groups in an order that depends on nothing but themselves.
func (g groups) identities() *Identities {
	var list []*group
	seen := map[*group]bool{}
	for _, p := range g {
		if !seen[p] {
			seen[p] = true
			sort.Slice(p.members, func(i, j int) bool { return p.members[i].Stronger(p.members[j]) })
			list = append(list, p)
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].members[0].Stronger(list[j].members[0]) })
	people := &Identities{List: make([]Identity, len(list)), of: make(map[Alias]int, len(g))}
	for i, p := range list {
		people.List[i] = Identity{Aliases: p.members, Into: -1, At: p.at}
		for _, a := range p.members {
			people.of[a] = i
		}
	}
	for i, p := range list {
		if p.into != nil {
			people.List[i].Into = people.of[p.into.whole().members[0]]
		}
	}
	return people
}
