package analytics

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/models"
)

func staff() []Agent {
	return []Agent{{Name: "Ana", Team: "ventas", IDs: []string{"a-17", "ana@example.com"}}, {Name: "Zoe", Team: "cobros"}}
}

// A change of team is known whether the agent is shown by id or by name.
func TestTheLatestTeamStands(t *testing.T) {
	byID, byName := Sighting{ID: "a-22", Name: "João", Team: "soporte", At: 20}, Sighting{Name: "joao", Team: "cobros", At: 10}
	assert.Equal(t, "soporte", NewRoster(nil, []Sighting{byName, byID}).Agent("#a-22").Team)
	byName.At = 30
	assert.Equal(t, "cobros", NewRoster(nil, []Sighting{byName, byID}).Agent("#a-22").Team)
	fixed := []Agent{{Name: "João", Team: "ventas", IDs: []string{"a-22"}}}
	assert.Equal(t, "ventas", NewRoster(fixed, []Sighting{byName, byID}).Agent("#a-22").Team)
}

func TestRosterKnowsWhoIsWho(t *testing.T) {
	r := NewRoster(staff(), []Sighting{
		{ID: "a-21", Name: "Luis", Team: "soporte", At: 10},
		{ID: "a-21", Name: "Luis Gómez", At: 20}, // renamed
		{ID: "z-1", Name: "ZOÉ", At: 10},         // bears a configured name
		{ID: "m-1", Name: "Mar", At: 10}, {ID: "m-2", Name: "mar", At: 10},
		{Name: "Íñigo", Team: "bodega", At: 10},
	})
	for node, key := range map[string]string{
		"": "", models.Phone: models.Phone,
		"#a-17": "#a-17", "#ana@example.com": "#a-17", "~ANA": "#a-17", "?ana": "#a-17", "?a-17": "#a-17",
		"#a-21": "#a-21", "~luis gomez": "#a-21", "~luis": "#a-21", // what an id was once called is still theirs
		"#z-1": "~Zoe", "~zoe": "~Zoe",
		"~mar":   "~mar", // two bear it: neither
		"~inigo": "~inigo", "?Íñigo": "~inigo",
		"#nobody": "#nobody", "~No Body": "~no body",
	} {
		assert.Equal(t, key, r.Key(node), node)
	}
	assert.Equal(t, "Luis Gómez", r.Agent("#a-21").Name)
	assert.Equal(t, "soporte", r.Agent("#a-21").Team, "a sighting without a team takes none away")
	assert.Equal(t, "ventas", r.Agent("#a-17").Team)
	assert.Equal(t, "z-1", r.Agent("~Zoe").ID)
	assert.Equal(t, "nobody", r.Agent("#nobody").ID)
	assert.Equal(t, []string{"bodega", "cobros", "soporte", "ventas"}, r.Teams())
	assert.Equal(t, "#a-17", r.Find("ana"))
	assert.Empty(t, r.Find("quién"))
	for _, a := range r.Agents() {
		assert.NotEqual(t, models.Phone, a.Key)
	}
}

// TestRosterDoesNotDependOnTheOrder in which agents were seen; and every key it
// gives is its own.
func TestRosterDoesNotDependOnTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Sighting {
			return Sighting{
				ID:   rapid.SampledFrom([]string{"", "a-17", "a-21", "z-1", "x"}).Draw(t, "id"),
				Name: rapid.SampledFrom([]string{"", "Ana", "Luis", "zoé", "Mar", "x"}).Draw(t, "name"),
				Team: rapid.SampledFrom([]string{"", "ventas", "soporte"}).Draw(t, "team"),
				At:   rapid.Int64Range(0, 2).Draw(t, "day") * day24h,
			}
		}), 0, 8).Draw(t, "seen")
		a := NewRoster(staff(), seen)
		b := NewRoster(staff(), rapid.Permutation(seen).Draw(t, "order"))
		require.Equal(t, a.Agents(), b.Agents())
		for _, node := range []string{"#a-17", "#a-21", "#z-1", "#x", "~ana", "~luis", "~zoe", "~mar", "~x", "?x", "?Luis"} {
			key := a.Key(node)
			require.Equal(t, key, b.Key(node), node)
			require.Equal(t, key, a.Key(key), "the key of %s is nobody else's", node)
			require.Equal(t, a.Agent(key), b.Agent(key))
		}
	})
}

func TestUntilForgetsWhoCameLater(t *testing.T) {
	seen := []Sighting{{ID: "a", First: 10, At: 90}, {ID: "b", First: 60, At: 90}}
	assert.Equal(t, []Sighting{{ID: "a", First: 10, At: 50}}, Until(seen, 50))
}

func TestFoldName(t *testing.T) {
	for text, want := range map[string]string{"  María   José ": "maria jose", "ÑANDÚ": "nandu", "a_b": "a b", "": "", "__": ""} {
		assert.Equal(t, want, FoldName(text), text)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "name")
		require.Equal(t, FoldName(s), FoldName(FoldName(s)))
	})
}
