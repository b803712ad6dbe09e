package render

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// texts are the texts of one language by their dotted keys.
type texts map[string]entry

// entry is one text; a plural one has a pattern for each plural form of the
// language, any other only the form "other".
type entry struct {
	forms  []form
	plural bool
}

type form struct {
	name string // of the plural form
	pattern
}

// in returns the pattern of a form, nil when there is none.
func (e entry) in(name string) pattern {
	for _, f := range e.forms {
		if f.name == name {
			return f.pattern
		}
	}
	return nil
}

// pattern is a text cut at its places.
type pattern []piece

// piece is literal text, or a place when place is not "".
type piece struct{ text, place string }

// forms are the names of CLDR's plural forms. A table with no other keys is a
// plural text.
var forms = [...]string{"zero", "one", "two", "few", "many", other}

const other = "other"

// readTexts reads every <tag>.toml at the root of files.
func readTexts(files fs.FS) (map[string]texts, error) {
	names, err := fs.Glob(files, "*.toml")
	if err != nil {
		return nil, err
	}
	all := map[string]texts{}
	for _, name := range names {
		raw, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		t, err := parseTexts(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[strings.TrimSuffix(path.Base(name), ".toml")] = t
	}
	return all, nil
}

func parseTexts(raw []byte) (texts, error) {
	var tree map[string]any
	if err := toml.Unmarshal(raw, &tree); err != nil {
		return nil, err
	}
	t := texts{}
	return t, t.add("", tree)
}

// add flattens a table; all its faults are reported together.
func (t texts) add(prefix string, tree map[string]any) error {
	var faults []error
	for name, value := range tree {
		key := strings.TrimPrefix(prefix+"."+name, ".")
		switch value := value.(type) {
		case string:
			p, err := parsePattern(value)
			t[key] = entry{forms: []form{{other, p}}}
			faults = append(faults, keyed(key, err))
		case map[string]any:
			if isPlural(value) {
				faults = append(faults, t.addPlural(key, value))
				continue
			}
			faults = append(faults, t.add(key, value))
		default:
			faults = append(faults, fmt.Errorf("%s: is neither a text nor a table", key))
		}
	}
	return errors.Join(faults...)
}

// isPlural reports whether a table is a plural text: all its keys are forms.
func isPlural(tree map[string]any) bool {
	for name := range tree {
		if !isForm(name) {
			return false
		}
	}
	return len(tree) > 0
}

func isForm(name string) bool {
	for _, f := range forms {
		if f == name {
			return true
		}
	}
	return false
}

func (t texts) addPlural(key string, tree map[string]any) error {
	e := entry{plural: true}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		s, ok := tree[name].(string)
		if !ok {
			return fmt.Errorf("%s.%s: is no text", key, name)
		}
		p, err := parsePattern(s)
		if err != nil {
			return keyed(key+"."+name, err)
		}
		e.forms = append(e.forms, form{name, p})
	}
	if e.in(other) == nil {
		return fmt.Errorf("%s: has no form %q", key, other)
	}
	t[key] = e
	return nil
}

func keyed(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", key, err)
}

// parsePattern cuts a text at its places, written {name}.
func parsePattern(s string) (pattern, error) {
	p := pattern{}
	for s != "" {
		literal, rest, found := strings.Cut(s, "{")
		if strings.Contains(literal, "}") {
			return nil, errors.New("a place is closed that was not opened")
		}
		if literal != "" {
			p = append(p, piece{text: literal})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.ContainsAny(name, "{ ") {
			return nil, errors.New("a place is not written {name}")
		}
		p = append(p, piece{place: name})
		s = after
	}
	return p, nil
}

// String returns the pattern as it was written.
func (p pattern) String() string {
	var b strings.Builder
	for _, x := range p {
		if x.place != "" {
			b.WriteString("{" + x.place + "}")
			continue
		}
		b.WriteString(x.text)
	}
	return b.String()
}

// places returns the names of an entry's places in all its forms, sorted.
func (e entry) places() []string {
	set := map[string]bool{}
	for _, f := range e.forms {
		for _, x := range f.pattern {
			if x.place != "" {
				set[x.place] = true
			}
		}
	}
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
