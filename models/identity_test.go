package models

import (
	"math/rand/v2"
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
	for name, c := range map[string]struct {
		links     []Link
		want      [][]Alias
		conflicts int
	}{
		"shown together":                         {[]Link{NewLink(p1, u1, 1, false)}, [][]Alias{{u1, p1}}, 0},
		"an id gathers phones":                   {[]Link{NewLink(c9, p1, 1, false), NewLink(c9, p2, 2, false)}, [][]Alias{{c9, p1, p2}}, 0},
		"a phone handed on stays with the first": {[]Link{NewLink(p1, u1, 1, false), NewLink(p1, u2, 2, false)}, [][]Alias{{u1, p1}}, 1},
		"two ids of one source are two people":   {[]Link{NewLink(p1, c9, 1, false), NewLink(p1, c8, 2, false)}, [][]Alias{{c9, p1}}, 1},
		"a change of number joins":               {[]Link{NewLink(p1, u1, 1, false), NewLink(p2, u2, 2, false), NewLink(p1, p2, 3, true)}, [][]Alias{{u1, u2, p1, p2}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			groups := Identify(c.links)
			for _, want := range c.want {
				assert.Contains(t, groups, want)
			}
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

func TestIdentifyDoesNotDependOnOrder(t *testing.T) {
	aliases := []Alias{p1, p2, u1, u2, c9, c8}
	rapid.Check(t, func(t *rapid.T) {
		var links []Link
		for range rapid.IntRange(1, 8).Draw(t, "links") {
			a, b := rapid.SampledFrom(aliases).Draw(t, "a"), rapid.SampledFrom(aliases).Draw(t, "b")
			if a != b {
				links = append(links, NewLink(a, b, rapid.Int64Range(1, 5).Draw(t, "at"), rapid.Bool().Draw(t, "forced")))
			}
		}
		again := append([]Link(nil), links...)
		rand.New(rand.NewPCG(1, uint64(len(links)))).Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		require.Equal(t, Identify(links), Identify(again))
		require.ElementsMatch(t, links, again, "the same links are conflicts")
	})
}
