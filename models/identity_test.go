package models

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	p1 = Alias{ByPhone, "573001"}
	p2 = Alias{ByPhone, "573002"}
	u1 = Alias{ByUser, "CO.1"}
	u2 = Alias{ByUser, "CO.2"}
	c9 = Alias{ByID, "events:c-9"}
	c8 = Alias{ByID, "events:c-8"}
)

func TestIdentify(t *testing.T) {
	link, forced := func(a, b Alias, at int64) Link { return NewLink(a, b, at, false) }, func(a, b Alias, at int64) Link { return NewLink(a, b, at, true) }
	for name, c := range map[string]struct {
		links     []Link
		merges    []Merge
		want      string // identifiers of a contact, and whom later ones belong to
		conflicts int
	}{
		"shown together":                         {[]Link{link(p1, u1, 1)}, nil, "CO.1 573001", 0},
		"an id gathers phones":                   {[]Link{link(c9, p1, 1), link(c9, p2, 2)}, nil, "events:c-9 573001 573002", 0},
		"a phone handed on stays with the first": {[]Link{link(p1, u1, 1), link(p1, u2, 2)}, nil, "CO.1 573001, CO.2", 1},
		"two ids of one source are two people":   {[]Link{link(p1, c9, 1), link(p1, c8, 2)}, nil, "events:c-8, events:c-9 573001", 1},
		"a change of number joins":               {[]Link{link(p1, u1, 1), link(p2, u2, 2), forced(p1, p2, 3)}, nil, "CO.1 CO.2 573001 573002", 0},
		"a change of number joins from then on":  {[]Link{link(p1, u1, 1), link(p2, u2, 1), link(p1, p2, 2).Join(forced(p1, p2, 5)), link(u2, c9, 3), link(u1, c8, 4)}, nil, "events:c-8 events:c-9 CO.1 CO.2 573001 573002", 0},
		"a merge leaves the past":                {[]Link{link(c9, p1, 1)}, []Merge{{c9, c8, 3}}, "events:c-8, events:c-9 573001 > events:c-8 after 3", 0},
		"a merge by any identifier":              {[]Link{link(c9, p1, 1), link(c8, p2, 1)}, []Merge{{p1, p2, 3}}, "events:c-8 573002, events:c-9 573001 > events:c-8 after 3", 0},
		"what a merge brought together":          {[]Link{link(c8, p1, 6)}, []Merge{{p1, c8, 4}}, "events:c-8, 573001 > events:c-8 after 4", 0},
		"at the instant of the merge":            {[]Link{link(c8, p1, 4)}, []Merge{{p1, c8, 4}}, "events:c-8 573001", 0},
		"with somebody who was merged":           {[]Link{link(c9, p1, 6)}, []Merge{{c9, c8, 4}}, "events:c-8 573001, events:c-9 > events:c-8 after 4", 0},
		"another user id of who was merged":      {[]Link{link(c8, u1, 1), link(c9, u2, 6)}, []Merge{{c9, c8, 4}}, "events:c-8 CO.1 CO.2, events:c-9 > events:c-8 after 4", 0},
		"and yet another":                        {[]Link{link(c8, u1, 1), link(c9, p1, 6), link(u2, p1, 7), link(c9, Alias{ByUser, "CO.3"}, 8)}, []Merge{{c9, c8, 4}}, "events:c-8 CO.1 CO.2 573001, events:c-9 > events:c-8 after 4, CO.3", 1},
		"another user id of who was merged into": {[]Link{link(c8, u1, 1), link(c8, u2, 6)}, []Merge{{c9, c8, 4}}, "events:c-8 CO.1, events:c-9 > events:c-8 after 4, CO.2", 1},
		"opposite merges end with the first":     {nil, []Merge{{c8, c9, 5}, {c9, c8, 4}}, "events:c-8, events:c-9 > events:c-8 after 4", 0},
		"of one instant, the stronger's":         {nil, []Merge{{c9, c8, 4}, {c8, c9, 4}}, "events:c-8 > events:c-9 after 4, events:c-9", 0},
		"the first merge stands":                 {nil, []Merge{{c9, u1, 5}, {c9, c8, 4}}, "events:c-8, events:c-9 > events:c-8 after 4, CO.1", 0},
		"one after the other":                    {nil, []Merge{{c9, c8, 4}, {c8, u1, 5}}, "events:c-8 > CO.1 after 5, events:c-9 > events:c-8 after 4, CO.1", 0},
		"into somebody merged before":            {nil, []Merge{{c9, c8, 6}, {c8, u1, 5}}, "events:c-8 > CO.1 after 5, events:c-9 > CO.1 after 6, CO.1", 0},
		"into whom is linked later":              {[]Link{link(c8, u1, 7)}, []Merge{{c9, u1, 6}}, "events:c-8 CO.1, events:c-9 > events:c-8 after 6", 0},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, c.want, Identify(c.links, c.merges).String())
			n := 0
			for _, l := range c.links {
				if l.Conflict {
					n++
				}
			}
			assert.Equal(t, c.conflicts, n)
		})
	}
}

// String words the contacts.
func (p *Identities) String() string {
	var list []string
	for _, x := range p.List {
		var names []string
		for _, a := range x.Aliases {
			names = append(names, a.Value)
		}
		word := strings.Join(names, " ")
		if x.Into >= 0 {
			word += " > " + p.List[x.Into].Aliases[0].Value + " after " + strconv.FormatInt(x.At, 10)
		}
		list = append(list, word)
	}
	return strings.Join(list, ", ")
}

// anyTies draws links, each pair once as it is stored, and merges.
func anyTies(t *rapid.T) ([]Link, []Merge) {
	one := rapid.SampledFrom([]Alias{p1, p2, u1, u2, c9, c8})
	at := rapid.Int64Range(1, 5)
	links, merges := map[Pair]Link{}, map[Pair]Merge{}
	for range rapid.IntRange(0, 8).Draw(t, "links") {
		l := NewLink(one.Draw(t, "a"), one.Draw(t, "b"), at.Draw(t, "at"), rapid.Bool().Draw(t, "forced"))
		if l.A != l.B {
			links[l.Pair()] = l.Join(links[l.Pair()])
		}
	}
	for range rapid.IntRange(0, 4).Draw(t, "merges") {
		m := Merge{one.Draw(t, "from"), one.Draw(t, "into"), at.Draw(t, "at")}
		if m.From != m.Into {
			merges[m.Ends()] = m
		}
	}
	return slices.Collect(maps.Values(links)), slices.Collect(maps.Values(merges))
}

func TestIdentifyDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links, merges := anyTies(t)
		again, others := rapid.Permutation(links).Draw(t, "order"), rapid.Permutation(merges).Draw(t, "order of merges")
		require.Equal(t, Identify(links, merges), Identify(again, others))
		require.ElementsMatch(t, links, again, "the same links are conflicts")
	})
}

// TestTheFutureOnlyJoins: who is one person at a moment stays one, and a fact does
// not change hands but with everything that is its owner's then.
func TestTheFutureOnlyJoins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		links, merges := anyTies(t)
		now := rapid.Int64Range(0, 6).Draw(t, "now")
		early, before, _ := Until(links, merges, now)
		then, final := Identify(early, before), Identify(links, merges)
		for _, a := range []Alias{p1, p2, u1, u2, c9, c8} {
			for at := range now + 1 {
				want := then.Owner(a, at)
				if i, known := final.of[want]; known {
					want = final.List[i].Aliases[0]
				}
				require.Equal(t, want, final.Owner(a, at), "%v at %d", a, at)
			}
		}
	})
}

func TestSeen(t *testing.T) {
	seen := func(a Alias, at int64) Seen { return Seen{Party: a, PartyAt: at} }
	all := seen(p1, 5).Join(seen(c9, 7)).Join(seen(p1, 3)).Join(seen(u1, 9))
	assert.Equal(t, []Sight{{c9, 7}, {u1, 9}, {p1, 3}}, all.List())
	assert.Equal(t, seen(p1, 3), all.AsOf(6))
	assert.Equal(t, seen(c9, 7).Join(seen(p1, 3)), all.AsOf(8))
	assert.Equal(t, Seen{}, all.AsOf(2))
	m := Message{ReadAt: 2}
	m.Identify(all)
	m.Rename(u2)
	assert.Equal(t, seen(u2, 2), m.Seen())
	var many Seen
	for i := range int64(100) {
		many = many.Join(seen(Alias{ByPhone, strconv.FormatInt(900-i, 10)}, i+1))
	}
	assert.Len(t, many.List(), mostSights, "no message has so many")
}
