package events

import (
	"encoding/json"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// document is the part of the OpenAPI document that can be wrong about the decoder.
type document struct {
	OpenAPI string `yaml:"openapi"`
	Paths   map[string]map[string]struct {
		RequestBody struct {
			Content map[string]struct {
				Examples map[string]struct {
					Value any `yaml:"value"`
				} `yaml:"examples"`
			} `yaml:"content"`
		} `yaml:"requestBody"`
		Responses map[string]any `yaml:"responses"`
	} `yaml:"paths"`
	Components struct {
		Schemas map[string]schema `yaml:"schemas"`
	} `yaml:"components"`
}

type schema struct {
	Ref        string            `yaml:"$ref"`
	Type       any               `yaml:"type"`
	Additional *bool             `yaml:"additionalProperties"`
	Required   []string          `yaml:"required"`
	Properties map[string]schema `yaml:"properties"`
	Items      *schema           `yaml:"items"`
	Enum       []any             `yaml:"enum"`
	MaxItems   int               `yaml:"maxItems"`
	MaxLength  int               `yaml:"maxLength"`
	Pattern    string            `yaml:"pattern"`
}

func read(t *testing.T) document {
	t.Helper()
	var d document
	require.NoError(t, yaml.Unmarshal(OpenAPI, &d))
	require.Equal(t, "3.1.0", d.OpenAPI)
	return d
}

func (d document) follow(t *testing.T, s schema) schema {
	t.Helper()
	if s.Ref == "" {
		return s
	}
	target, ok := d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")]
	require.True(t, ok, s.Ref)
	return target
}

// types returns what a schema allows, but for null.
func types(s schema) string {
	var list []string
	switch t := s.Type.(type) {
	case string:
		list = []string{t}
	case []any:
		for _, x := range t {
			if x != "null" {
				list = append(list, x.(string))
			}
		}
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

// described lists the properties of a schema, each with its type.
func (d document) described(t *testing.T, s schema, prefix string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NotNil(t, s.Additional, "%s: additionalProperties", prefix)
	require.False(t, *s.Additional, prefix)
	for name, p := range s.Properties {
		p = d.follow(t, p)
		out[prefix+name] = types(p)
		if types(p) == "object" {
			for path, kind := range d.described(t, p, prefix+name+".") {
				out[path] = kind
			}
		}
		if p.Items != nil {
			out[prefix+name] += " of " + types(d.follow(t, *p.Items))
		}
	}
	return out
}

// accepted lists the fields that the decoder takes, each with its type.
func accepted(fields []field, prefix string) map[string]string {
	words := map[form]string{word: "string", prose: "string", truth: "boolean", code: "number string", words: "array of string", group: "object"}
	out := map[string]string{}
	for _, f := range fields {
		out[prefix+f.name] = words[f.form]
		for path, kind := range accepted(f.inner, prefix+f.name+".") {
			out[path] = kind
		}
	}
	return out
}

func TestSchemaDescribesTheDecoder(t *testing.T) {
	d := read(t)
	event := d.Components.Schemas["Event"]
	assert.Equal(t, accepted(shape(), ""), d.described(t, event, ""))
	assert.Equal(t, []string{"id", "type", "at", "channel"}, event.Required)
	var want []any
	for _, k := range kinds() {
		want = append(want, string(k))
	}
	assert.Equal(t, want, event.Properties["type"].Enum)
	pattern := regexp.MustCompile(event.Properties["channel"].Pattern)
	for _, s := range []string{"whatsapp:1060", "instagram:mi tienda", "instagram:mi\u00a0tienda", "x:\u200b", "x:é", "x:a\tb", ":1", "x:", "x", "X:1", "x1_:1:2", "1x:1",
		strings.Repeat("a", 32) + ":1", strings.Repeat("a", 33) + ":1", "a:" + strings.Repeat("é", 128), "a:" + strings.Repeat("é", 129), "", "a:\xff", "a:b\n"} {
		assert.Equal(t, pattern.MatchString(s), isChannel(s), "%q", s)
	}
	assert.Equal(t, longKey, event.Properties["id"].MaxLength)
	assert.Equal(t, MaxEvents, d.Components.Schemas["Batch"].Properties["events"].MaxItems)
	assert.Equal(t, longID, d.Components.Schemas["Message"].Properties["id"].MaxLength)
	assert.Equal(t, []any{"agent", "phone", "bot", "automation", "campaign", nil}, d.Components.Schemas["Message"].Properties["sender"].Enum)
}

func TestEveryExampleDecodes(t *testing.T) {
	post := read(t).Paths["/v1/events"]["post"]
	seen := map[string]bool{}
	for name, example := range post.RequestBody.Content["application/json"].Examples {
		body, err := json.Marshal(example.Value)
		require.NoError(t, err)
		d, rejected, err := Decode(body, received)
		require.NoError(t, err, name)
		assert.Empty(t, rejected, name)
		assert.NotEmpty(t, d.Events, name)
		for _, e := range d.Events {
			seen[string(e.Kind)] = true
			assert.Empty(t, e.Flags, name)
		}
	}
	for _, k := range kinds() {
		assert.True(t, seen[string(k)], "no example of %s", k)
	}
}

func TestEveryAnswerIsDescribed(t *testing.T) {
	var codes []string
	for code := range read(t).Paths["/v1/events"]["post"].Responses {
		codes = append(codes, code)
	}
	assert.ElementsMatch(t, []string{"200", "400", "401", "413", "415", "503"}, codes)
	var receipt map[string]any
	b, err := json.Marshal(Rejection{Index: 3, Error: "x"})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, &receipt))
	assert.Equal(t, map[string]any{"index": 3.0, "error": "x"}, receipt)
}
