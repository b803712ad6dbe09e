package config

import (
	"encoding"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// fileSuffix after the key of a secret names a file that holds it.
const fileSuffix = "_file"

// decode fills v with n and keeps every fault. v holds the defaults, which stay
// where n says nothing.
func (l *loader) decode(path string, n *node, v reflect.Value) {
	l.places[path] = n.at
	switch {
	case n.kind == nothing:
		if leaf(v.Type()) {
			l.fault(path, "has no value; write %s or remove the key", want(v))
		}
	case leaf(v.Type()):
		l.decodeLeaf(path, n, v)
	case v.Kind() == reflect.Struct:
		l.decodeSection(path, n, v)
	case v.Kind() == reflect.Slice:
		l.decodeList(path, n, v)
	case v.Kind() == reflect.Map:
		l.decodeMap(path, n, v)
	}
}

// want says what a value should be, for a sentence.
func want(v reflect.Value) string {
	if w, ok := v.Addr().Interface().(interface{ want() string }); ok {
		return w.want()
	}
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	case reflect.Slice:
		if leaf(v.Type().Elem()) {
			return "a list; write [one, two], or one a line after a dash"
		}
		return "a list; begin each entry with a dash"
	case reflect.Map:
		return "a section of key: value"
	case reflect.Struct:
		return "a section with " + strings.Join(keys(v.Type()), ", ")
	}
	return "text"
}

func keys(t reflect.Type) []string {
	var list []string
	for _, f := range fields(t) {
		list = append(list, f.key)
	}
	return list
}

func (l *loader) wrongKind(path string, n *node, v reflect.Value) {
	l.fault(path, "%s is not %s", n.kind, want(v))
}

func (l *loader) decodeLeaf(path string, n *node, v reflect.Value) {
	if !n.scalar() || n.kind == truth && v.Kind() != reflect.Bool {
		l.wrongKind(path, n, v)
		return
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if err := u.UnmarshalText([]byte(n.text)); err != nil {
			l.fault(path, "%v", err)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(strings.TrimSpace(n.text))
	case reflect.Bool:
		l.decodeBool(path, n, v)
	case reflect.Int:
		i, err := strconv.Atoi(n.text)
		if err != nil || n.kind == text || i < -1e9 || i > 1e9 {
			l.fault(path, "%q is not %s", n.text, want(v))
			return
		}
		v.SetInt(int64(i))
	}
}

func (l *loader) decodeBool(path string, n *node, v reflect.Value) {
	b := strings.EqualFold(n.text, "true")
	if n.kind != truth && n.kind != loose || !b && !strings.EqualFold(n.text, "false") {
		l.fault(path, "%q is not %s", n.text, want(v))
		return
	}
	v.SetBool(b)
}

func (l *loader) decodeSection(path string, n *node, v reflect.Value) {
	if n.kind != section {
		l.wrongKind(path, n, v)
		return
	}
	known := map[string]reflect.Value{}
	for _, f := range fields(v.Type()) {
		known[f.key] = v.FieldByIndex(f.Index)
	}
	for _, e := range n.entries {
		at := join(path, e.name)
		if f, ok := known[e.name]; ok {
			l.decode(at, e.value, f)
			continue
		}
		if name, ok := strings.CutSuffix(e.name, fileSuffix); ok {
			if f, ok := known[name]; ok && secret(f.Type()) {
				l.decodeFile(path, name, n, e, f)
				continue
			}
		}
		l.faultAt(e.at, at, "unknown key"+unknown(path, e.name, v.Type()))
	}
}

// unknown says what may have been meant by a key that a section does not have.
func unknown(path, name string, t reflect.Type) string {
	options := keys(t)
	for _, f := range fields(t) {
		if secret(f.Type) {
			options = append(options, f.key+fileSuffix)
		}
	}
	if hint := didYouMean(nearest(name, options)); hint != "" {
		return hint
	}
	for _, s := range allSettings() {
		if strings.HasSuffix(s.path, "."+name) && !strings.Contains(s.path, "[]") {
			return didYouMean(s.path)
		}
	}
	where := "here"
	if path == "" {
		where = "at the top"
	}
	return "; " + where + " may stand " + strings.Join(keys(t), ", ")
}

// decodeFile reads a secret that the file keeps elsewhere.
func (l *loader) decodeFile(path, name string, n *node, e entry, v reflect.Value) {
	at := join(path, e.name)
	l.places[at], l.places[join(path, name)] = e.at, e.at
	if n.entry(name) != nil {
		l.faultAt(e.at, at, name+" is given too; keep one of them")
		return
	}
	if e.value.kind != text || e.value.text == "" {
		l.faultAt(e.at, at, "want the path of a file that holds the secret")
		return
	}
	file := e.value.text
	if !filepath.IsAbs(file) {
		file = filepath.Join(filepath.Dir(l.path), file)
	}
	if value, ok := l.secretFile(v.Type(), file, e.value.at, at); ok {
		l.decode(join(path, name), value, v)
	}
}

// secretFile returns what a file of secrets holds: one secret, or for a list
// one a line. What surrounds it is dropped.
func (l *loader) secretFile(t reflect.Type, file string, at place, path string) (*node, bool) {
	body, err := l.readFile(file)
	if err != nil {
		var bare *fs.PathError
		if errors.As(err, &bare) {
			err = bare.Err
		}
		l.faultAt(at, path, fmt.Sprintf("cannot read the secret from %s: %v", file, err))
		return nil, false
	}
	found := scalars(at, strings.Split(string(body), "\n"))
	switch {
	case len(found.items) == 0:
		l.faultAt(at, path, file+" is empty; it should hold the secret")
		return nil, false
	case t.Kind() == reflect.Slice:
		return found, true
	case len(found.items) > 1:
		l.faultAt(at, path, file+" holds more than one line; it should hold the secret alone")
		return nil, false
	}
	return found.items[0], true
}

func (l *loader) decodeList(path string, n *node, v reflect.Value) {
	if n.kind != list {
		l.wrongKind(path, n, v)
		return
	}
	if len(n.items) == 0 {
		v.SetZero()
		return
	}
	items := reflect.MakeSlice(v.Type(), len(n.items), len(n.items))
	for i, item := range n.items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if d, ok := items.Index(i).Addr().Interface().(interface{ defaults() }); ok {
			d.defaults()
		}
		l.decode(at, item, items.Index(i))
		if item.kind == nothing && !leaf(v.Type().Elem()) {
			l.fault(at, "this entry is empty; fill it in or remove its dash")
		}
	}
	v.Set(items)
}

func (l *loader) decodeMap(path string, n *node, v reflect.Value) {
	if n.kind != section {
		l.wrongKind(path, n, v)
		return
	}
	if len(n.entries) == 0 {
		v.SetZero()
		return
	}
	m := reflect.MakeMapWithSize(v.Type(), len(n.entries))
	for _, e := range n.entries {
		value := reflect.New(v.Type().Elem()).Elem()
		l.decode(join(path, e.name), e.value, value)
		m.SetMapIndex(reflect.ValueOf(e.name).Convert(v.Type().Key()), value)
	}
	v.Set(m)
}
