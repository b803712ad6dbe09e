package words

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/templates"
)

// things lists what a reading asks for: metrics, dimensions, lists, commands.
func things(r Reading) []string {
	var out []string
	add := func(kind string, names ...string) {
		for _, n := range names {
			if n != "" {
				out = append(out, kind+" "+n)
			}
		}
	}
	add("intent", string(r.Intent))
	add("metric", r.Ask.Metrics...)
	for _, d := range r.Ask.By {
		add("by", d.String())
	}
	for _, f := range r.Ask.Where {
		add("where", f.Dim.String())
	}
	add("order", string(r.Ask.Order))
	add("format", r.Ask.Format)
	add("stat", r.Ask.Stat)
	add("compare", string(r.Ask.Compare))
	if r.Ask.Chart {
		add("as", "chart")
	}
	if r.List != nil {
		add("list", r.List.List)
	}
	if r.Digest != nil {
		add("digest", r.Digest.Action)
	}
	if r.Alert != nil {
		add("alert", r.Alert.Action)
		add("alert op", strings.TrimSuffix(r.Alert.Op, "="))
	}
	if r.People != nil {
		add("people", r.People.Action)
		add("role", r.People.Role)
	}
	if r.Setting != nil {
		add("setting", r.Setting.Setting)
	}
	return out
}

// reachable lists everything that must be reachable by words.
func reachable() []string {
	var out []string
	for _, m := range analytics.Catalogue() {
		out = append(out, "metric "+m.Key)
	}
	for _, group := range []struct{ kind, names string }{
		{"intent", "report list drill help how digest alert people settings export greeting unknown"},
		{"by", "agent team channel platform type source sender template pricing_category error opened_by closed_by category contact_kind hour weekday day week month"},
		{"where", "agent team channel platform type sender template category opened_by closed_by source"},
		{"order", "worst best desc asc"}, {"format", "xlsx pdf"}, {"stat", "mean p90"}, {"compare", "span weekdays"}, {"as", "chart"},
		{"list", strings.Join(lists, " ")}, {"digest", "add list stop send"}, {"alert", "add list remove test ack snooze who why"},
		{"alert op", "> < drop rise silence"}, {"people", "invite revoke list"}, {"role", "owner admin manager viewer"}, {"setting", "language timezone"},
	} {
		for _, n := range strings.Fields(group.names) {
			out = append(out, group.kind+" "+n)
		}
	}
	return out
}

// TestCoverage reaches every metric, dimension and command by words in each
// language: by phrases of its corpora that are read as meant.
func TestCoverage(t *testing.T) {
	r, b := testReader(t)
	for _, tag := range languages {
		met := map[string]bool{}
		var previous *Reading
		for _, p := range corpus(t, tag) {
			in := input(b, tag, p.Text)
			in.Alert = p.Alert
			if p.Follows {
				in.Previous = previous
			}
			got := r.Read(in)
			previous = &got
			if misread(r, b, tag, p, got) == "" {
				for _, x := range things(got) {
					met[x] = true
				}
			}
		}
		for _, x := range reachable() {
			assert.True(t, met[x], "%s: %s", tag, x)
		}
	}
}

// TestKeysAreWords reads every key of the catalogue in every language.
func TestKeysAreWords(t *testing.T) {
	r, b := testReader(t)
	for _, tag := range languages {
		for _, m := range analytics.Catalogue() {
			got := r.Read(input(b, tag, "report "+m.Key+" yesterday"))
			assert.Equal(t, []string{m.Key}, got.Ask.Metrics, tag)
		}
	}
}

// exclusive are the groups of which a phrase can be in one class only.
var exclusive = []string{"metric", "list", "month", "weekday", "weekdays", "number", "unit", "stat", "language", "role", "place", "quarter", "part"}

// TestOneMeaning holds that no phrase means two things of a group within one language.
func TestOneMeaning(t *testing.T) {
	for _, tag := range languages {
		body, err := fs.ReadFile(templates.Lang(), tag+".toml")
		require.NoError(t, err)
		var v vocabulary
		require.NoError(t, toml.Unmarshal(body, &v))
		for _, group := range exclusive {
			seen := map[string]string{}
			for class, phrases := range v.Words[group] {
				for _, p := range phrases {
					list, err := expand(p, v.Endings)
					require.NoError(t, err)
					for _, text := range list {
						k, _ := key(text)
						if was, ok := seen[k]; ok {
							assert.Equal(t, was, class, "%s: %s.%q", tag, group, k)
						}
						seen[k] = class
					}
				}
			}
		}
		assert.True(t, slices.Contains(languages[:], tag))
	}
}
