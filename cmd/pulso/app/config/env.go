package config

import (
	"cmp"
	"encoding"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const envPrefix = "PULSO_"

// A step leads one level down: into a key of a section or an element of a list.
type step struct {
	key   string
	index int // -1 for a key
}

// A variable is a setting of the environment.
type variable struct {
	name  string
	value string
	path  []step
	leaf  reflect.Type
	file  bool // the value names a file that holds the secret
}

// overlay lays the environment over the tree. Variables that are empty count as
// absent; a variable wins over the file.
func (l *loader) overlay(root *node, env []string) {
	vars := l.variables(env)
	written := map[string]string{}
	for _, v := range vars {
		at := place{source: "environment " + v.name}
		path := pathOf(v.path)
		if other, twice := written[path]; twice {
			l.faultAt(at, path, "given by "+other+" too; keep one of them")
			continue
		}
		written[path] = v.name
		value, ok := l.valueOf(v, at, path)
		if !ok {
			continue
		}
		if !put(root, v.path, value) {
			l.faultAt(at, path, "the list is shorter than that; the first element is 0 and none may be left out")
		}
	}
}

// variables returns the settings of the environment, outer ones first and
// elements in the order of their index.
func (l *loader) variables(env []string) []variable {
	values := map[string]string{}
	for _, pair := range env {
		if name, value, ok := strings.Cut(pair, "="); ok && strings.HasPrefix(name, envPrefix) {
			values[name] = value
		}
	}
	var vars []variable
	for name, value := range values {
		if name == "PULSO_CONFIG" || strings.HasPrefix(name, "PULSO_TEST_") {
			continue
		}
		v := variable{name: name, value: value}
		if !v.resolve(reflect.TypeFor[Config](), name[len(envPrefix):]) {
			l.faultAt(place{source: "environment " + name}, "", "no such setting"+didYouMean(nearestVariable(name)))
			continue
		}
		if value != "" {
			vars = append(vars, v)
		}
	}
	slices.SortFunc(vars, func(a, b variable) int {
		return cmp.Or(slices.CompareFunc(a.path, b.path, func(s, t step) int {
			return cmp.Or(cmp.Compare(s.key, t.key), cmp.Compare(s.index, t.index))
		}), cmp.Compare(a.name, b.name))
	})
	return vars
}

// resolve finds the setting of type t that rest names, and reports whether
// there is one.
func (v *variable) resolve(t reflect.Type, rest string) bool {
	switch {
	case rest == "FILE" && secret(t):
		v.file = true
		fallthrough
	case rest == "" && (leaf(t) || t.Kind() == reflect.Slice && leaf(t.Elem())):
		v.leaf = t
		return true
	case leaf(t):
		return false
	case t.Kind() == reflect.Struct:
		return v.resolveField(t, rest)
	case t.Kind() == reflect.Slice:
		digits, after, _ := strings.Cut(rest, "_")
		i, err := strconv.ParseUint(digits, 10, 16)
		return err == nil && v.descend(step{index: int(i)}, t.Elem(), after)
	case t.Kind() == reflect.Map && rest != "":
		return v.descend(step{strings.ToLower(rest), -1}, t.Elem(), "")
	}
	return false
}

func (v *variable) resolveField(t reflect.Type, rest string) bool {
	for _, f := range fields(t) {
		upper := strings.ToUpper(f.key)
		after, ok := strings.CutPrefix(rest, upper)
		if !ok || after != "" && after[0] != '_' {
			continue
		}
		if v.descend(step{f.key, -1}, f.Type, strings.TrimPrefix(after, "_")) {
			return true
		}
	}
	return false
}

func (v *variable) descend(s step, t reflect.Type, rest string) bool {
	v.path = append(v.path, s)
	if v.resolve(t, rest) {
		return true
	}
	v.path = v.path[:len(v.path)-1]
	return false
}

// valueOf returns what a variable holds: a scalar, or a list whose elements
// stand between commas, or one a line in a file of secrets.
func (l *loader) valueOf(v variable, at place, path string) (*node, bool) {
	if v.file {
		return l.secretFile(v.leaf, v.value, at, path)
	}
	if v.leaf.Kind() != reflect.Slice {
		return &node{at: at, kind: loose, text: v.value}, true
	}
	return scalars(at, strings.Split(v.value, ",")), true
}

// scalars returns a list of what is not blank.
func scalars(at place, values []string) *node {
	out := &node{at: at, kind: list}
	for _, s := range values {
		if s = strings.TrimSpace(s); s != "" {
			out.items = append(out.items, &node{at: at, kind: loose, text: s})
		}
	}
	return out
}

// put replaces what stands at path and makes the sections and list elements on
// the way. It reports false when an element before is missing. Where the file
// holds something that is no section or list, nothing is put: that is a fault
// of its own.
func put(n *node, path []step, value *node) bool {
	s, rest := path[0], path[1:]
	var next **node
	if s.index < 0 {
		if next = n.child(s.key, value.at); next == nil {
			return true
		}
	} else {
		if n.kind == nothing {
			n.kind = list
		}
		switch {
		case n.kind != list:
			return true
		case s.index > len(n.items):
			return false
		case s.index == len(n.items):
			n.items = append(n.items, &node{at: value.at})
		}
		next = &n.items[s.index]
	}
	if len(rest) == 0 {
		*next = value
		return true
	}
	return put(*next, rest, value)
}

// child returns the value of a key, made when absent, without the file that
// stood for it; nil when n is no section.
func (n *node) child(key string, at place) **node {
	if n.kind == nothing {
		n.kind = section
	}
	if n.kind != section {
		return nil
	}
	n.drop(key + fileSuffix)
	if n.entry(key) == nil {
		n.entries = append(n.entries, entry{key, at, &node{at: at}})
	}
	return &n.entry(key).value
}

func pathOf(steps []step) string {
	path := ""
	for _, s := range steps {
		if s.index >= 0 {
			path += "[" + strconv.Itoa(s.index) + "]"
		} else {
			path = join(path, s.key)
		}
	}
	return path
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// A setting is a place in Config that one value fills.
type setting struct {
	path string // people[].digests[].at
	env  string // PULSO_PEOPLE_0_DIGESTS_0_AT
	Type reflect.Type
}

// settings returns every setting of type t, in the order of the fields.
func settings(t reflect.Type, path, env string) []setting {
	switch {
	case leaf(t), t.Kind() == reflect.Slice && leaf(t.Elem()):
		return []setting{{path, env, t}}
	case t.Kind() == reflect.Map:
		return []setting{{path, env + "_KEY", t}}
	case t.Kind() == reflect.Slice:
		return settings(t.Elem(), path+"[]", env+"_0")
	}
	var all []setting
	for _, f := range fields(t) {
		all = append(all, settings(f.Type, join(path, f.key), strings.TrimSuffix(env, "_")+"_"+strings.ToUpper(f.key))...)
	}
	return all
}

func allSettings() []setting { return settings(reflect.TypeFor[Config](), "", envPrefix) }

// A field is a field of a section, under its key.
type field struct {
	key string
	reflect.StructField
}

func fields(t reflect.Type) []field {
	var list []field
	for i := range t.NumField() {
		if key := t.Field(i).Tag.Get("yaml"); key != "-" && key != "" {
			list = append(list, field{key, t.Field(i)})
		}
	}
	return list
}

// leaf reports whether one scalar fills the type.
func leaf(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Int:
		return true
	}
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// secret reports whether the type holds one secret or a list of them.
func secret(t reflect.Type) bool {
	return t == reflect.TypeFor[Secret]() || t == reflect.TypeFor[[]Secret]()
}

var indexes = regexp.MustCompile(`_\d+`)

// nearestVariable returns the variable that an unknown one most likely stands
// for, with its indexes.
func nearestVariable(name string) string {
	var names []string
	for _, s := range allSettings() {
		names = append(names, s.env)
	}
	best := nearest(indexes.ReplaceAllString(name, "_0"), names)
	given := indexes.FindAllString(name, -1)
	return indexes.ReplaceAllStringFunc(best, func(zero string) string {
		if len(given) == 0 {
			return zero
		}
		index := given[0]
		given = given[1:]
		return index
	})
}
