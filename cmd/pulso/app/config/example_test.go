package config

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	examplePath = "../../../../config.example.yaml"
	manualPath  = "../../../../docs/configuration.md"
)

var update = flag.Bool("update", false, "write docs/configuration.md anew")

func example(t *testing.T) string {
	t.Helper()
	body, err := os.ReadFile(examplePath)
	require.NoError(t, err)
	return string(body)
}

// uncomment makes the examples of the file count, as its first lines say.
func uncomment(s string) string {
	return regexp.MustCompile(`(?m)^( *)#: `).ReplaceAllString(s, "$1")
}

func TestExampleIsTheDefaults(t *testing.T) {
	c, err := Load(Options{Path: examplePath, Languages: []string{"en", "es", "pt"}})
	require.NoError(t, err)
	assert.True(t, reflect.DeepEqual(Defaults(), *c), "want %+v\n got %+v", Defaults(), *c)
}

func TestExampleUncommented(t *testing.T) {
	c := load(t, uncomment(example(t)))
	assert.Len(t, c.Business.Hours, 6)
	assert.Len(t, c.People, 2)
	assert.Len(t, c.Alerts, 3)
	assert.Equal(t, []string{"+573001112233", "CO.1234567890"}, c.Alerts[0].To)
	matches(t, []string{"business.timezone is UTC: …", "server.public_url is not set: …", "database.dsn is the embedded …",
		"respondio is set and does nothing yet: …", "chatwoot is set and does nothing yet: …"}, c.Warnings())
}

// Each setting stands in the example, under a comment that explains it; what
// the comments of list entries show as usual is the default.
func TestExampleExplainsEverySetting(t *testing.T) {
	said := explained(example(t))
	for _, s := range allSettings() {
		assert.NotEmpty(t, said[s.path], "config.example.yaml does not explain %s", s.path)
		for p := parentSetting(s.path); p != ""; p = parentSetting(p) {
			assert.NotEmpty(t, said[p], "config.example.yaml does not explain %s", p)
		}
	}
	c := load(t, uncomment(example(t)))
	var n Number
	n.defaults()
	assert.Equal(t, []any{n.GraphURL, n.GraphVersion, n.DirectSend}, []any{c.WhatsApp[0].GraphURL, c.WhatsApp[0].GraphVersion, c.WhatsApp[0].DirectSend})
	var a Alert
	a.defaults()
	assert.Equal(t, []any{a.Repeat, a.KeepFiring, a.Severity}, []any{c.Alerts[0].Repeat, c.Alerts[0].KeepFiring, c.Alerts[0].Severity})
	assert.InDelta(t, 0.8*c.Alerts[0].When.Threshold, c.Alerts[0].ClearLevel, 1e-9)
}

func parentSetting(path string) string {
	return strings.TrimSuffix(path[:max(strings.LastIndex(path, "."), 0)], "[]")
}

var keyLine = regexp.MustCompile(`^( *)(- )?([a-z_]+):`)

// explained returns the comment above each key of the example, by path.
func explained(body string) map[string]string {
	type level struct {
		indent int
		path   string
	}
	out, open, note := map[string]string{}, []level{}, []string{}
	for _, line := range strings.Split(uncomment(body), "\n") {
		if text, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok {
			note = append(note, strings.TrimSpace(text))
			continue
		}
		if m := keyLine.FindStringSubmatch(line); m != nil {
			indent := len(m[1]) + len(m[2])
			for len(open) > 0 && open[len(open)-1].indent >= indent {
				open = open[:len(open)-1]
			}
			path := m[3]
			if len(open) > 0 {
				path = join(under(open[len(open)-1].path), path)
			}
			open = append(open, level{indent, path})
			if out[path] == "" {
				out[path] = strings.Join(note, " ")
			}
		}
		note = nil
	}
	return out
}

// under returns the path of what stands in the entries of a list, path itself
// for a section.
func under(path string) string {
	for _, s := range allSettings() {
		if strings.HasPrefix(s.path, path+"[].") {
			return path + "[]"
		}
	}
	return path
}

// docs/configuration.md is made of the example's comments and the types, and so
// cannot differ from them. go test -run Manual -update writes it.
func TestManual(t *testing.T) {
	want := manual(example(t))
	if *update {
		require.NoError(t, os.WriteFile(manualPath, []byte(want), 0o644))
	}
	got, err := os.ReadFile(manualPath)
	require.NoError(t, err)
	assert.Equal(t, want, string(got), "run go test ./cmd/pulso/app/config -run Manual -update")
}

func manual(body string) string {
	said := explained(body)
	var b strings.Builder
	b.WriteString("# Settings\n\nMade of config.example.yaml by `go test ./cmd/pulso/app/config -run Manual -update`; edit that file instead.\nIn a variable 0 is the place in a list, and KEY stands for a key such as MON.\n\n")
	intro, _, _ := strings.Cut(body, "\n\n")
	b.WriteString(regexp.MustCompile(`(?m)^# ?`).ReplaceAllString(intro, "") + "\n")
	told := map[string]bool{}
	for _, s := range allSettings() {
		top, _, nested := strings.Cut(s.path, ".")
		top = strings.TrimSuffix(top, "[]")
		if !told[top] {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", top, said[top])
			if nested {
				b.WriteString("\n")
			}
		}
		told[top] = true
		if p := parentSetting(s.path); !told[p] {
			told[p] = true
			fmt.Fprintf(&b, "- **`%s`**: %s\n", p, said[p])
		}
		fmt.Fprintf(&b, "- **`%s`** (%s): %s\n", s.path, strings.Join(facts(s), "; "), said[s.path])
	}
	return b.String()
}

// facts says what a setting takes, its default and its variable.
func facts(s setting) []string {
	list := []string{kindOf(s.Type)}
	if d := defaultOf(s.path); d != "" {
		list = append(list, "default `"+d+"`")
	}
	env := "`" + s.env + "`"
	if secret(s.Type) {
		env += " or `" + s.env + "_FILE`"
	}
	return append(list, env)
}

func kindOf(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Map:
		return "a section of key: value"
	case t.Kind() == reflect.Slice && secret(t):
		return "a list of secrets"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return "a list"
	case t.Kind() == reflect.Slice:
		return "a list, each " + kindOf(t.Elem())
	case t == reflect.TypeFor[Secret]():
		return "a secret"
	}
	return want(reflect.New(t).Elem())
}

// defaultOf returns the default of a setting as it is written, "" for none.
func defaultOf(path string) string {
	if path == "database.dsn" {
		return Defaults().Database.DSN.Reveal()
	}
	var v reflect.Value
	switch list, key, _ := strings.Cut(path, "[]."); list {
	case "whatsapp":
		var n Number
		n.defaults()
		v, path = reflect.ValueOf(n), key
	case "alerts":
		var a Alert
		a.defaults()
		v, path = reflect.ValueOf(a), key
	default:
		if key != "" {
			return ""
		}
		v = reflect.ValueOf(Defaults())
	}
	for _, key := range strings.Split(path, ".") {
		for _, f := range fields(v.Type()) {
			if f.key == key {
				v = v.FieldByIndex(f.Index)
				break
			}
		}
	}
	if v.IsZero() && v.Kind() != reflect.Bool {
		return ""
	}
	return fmt.Sprint(v)
}
