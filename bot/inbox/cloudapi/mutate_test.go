package cloudapi

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// mutate replaces parts of a JSON tree by values that do not belong there.
func mutate(t *rapid.T, v any, chance int) any {
	if rapid.IntRange(0, chance).Draw(t, "hit") == 0 {
		return rapid.SampledFrom([]any{nil, true, 7.0, -1e300, "", "x", "573001112233", "CO.1349", "\x00\x1f", "\u2028",
			[]any{}, []any{nil}, []any{"x"}, map[string]any{}, map[string]any{"id": []any{}}, 1795440000.0}).Draw(t, "value")
	}
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, child := range v {
			switch rapid.IntRange(0, chance).Draw(t, "key") {
			case 0:
			case 1:
				out[rapid.SampledFrom([]string{"", "id", "type", "messages", "\x00", "timestamp"}).Draw(t, "name")] = child
			default:
				out[key] = mutate(t, child, chance)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, child := range v {
			out[i] = mutate(t, child, chance)
		}
		return out
	}
	return v
}

// noise is a body of many words.
var noise = []byte(`{"entry":[` + strings.Repeat(`{"noise":"noise"},`, 2000) + `1]}`)

// However a webhook's parts are confused, what comes out can be relied on.
func TestConfusedBodies(t *testing.T) {
	paths, err := filepath.Glob("../testdata/cloudapi/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	var trees []any
	for _, path := range paths {
		body, err := os.ReadFile(path)
		require.NoError(t, err)
		var tree any
		require.NoError(t, json.Unmarshal(body, &tree))
		trees = append(trees, tree)
	}
	decode := Decoder()
	rapid.Check(t, func(rt *rapid.T) {
		tree := rapid.SampledFrom(trees).Draw(rt, "body")
		body, err := json.Marshal(mutate(rt, tree, rapid.SampledFrom([]int{4, 20, 100}).Draw(rt, "chance")))
		require.NoError(t, err)
		d := decode(body, received)
		decode(noise, received) // where the tree was that d was read from
		require.True(t, reflect.DeepEqual(d, Decode(body, received)))
		for _, e := range d.Events {
			checkEvent(t, e)
			require.True(t, len(e.Details) == 0 || json.Valid(e.Details))
		}
	})
}
