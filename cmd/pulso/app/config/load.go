package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"
)

// Options say where settings come from.
type Options struct {
	Path      string                       // the file; "" none, unless Env has PULSO_CONFIG
	Env       []string                     // NAME=value, as os.Environ gives them; the last of a name counts
	Database  string                       // the data source of --database, which wins over all; "" not given
	Languages []string                     // the tags there are texts for; empty: any is taken
	ReadFile  func(string) ([]byte, error) // nil: os.ReadFile
	// Asks returns, under settings that are right otherwise, what says of words in a
	// language why no digest can tell what they ask. Nil: asks are not looked at.
	Asks func(*Config) func(text, language string) error
}

// Load reads the settings: the defaults, over them the file, over it the
// environment. Whatever is wrong comes back at once, as Faults. It never returns
// both a Config and an error.
func Load(o Options) (*Config, error) {
	l := &loader{Options: o, path: o.Path, places: map[string]place{}, bad: map[string]bool{}, readFile: o.ReadFile}
	if l.readFile == nil {
		l.readFile = os.ReadFile
	}
	for _, pair := range o.Env {
		if p, ok := strings.CutPrefix(pair, "PULSO_CONFIG="); ok && o.Path == "" {
			l.path = p
		}
	}
	root := l.root()
	if root == nil {
		return nil, l.faults
	}
	l.overlay(root, o.Env)
	if o.Database != "" {
		put(root, []step{{"database", -1}, {"dsn", -1}}, &node{at: place{source: "--database"}, kind: loose, text: o.Database})
	}
	c := Defaults()
	l.decode("", root, reflect.ValueOf(&c).Elem())
	l.check(&c)
	l.checkAsks(&c)
	if len(l.faults) > 0 {
		l.faults.sort()
		return nil, l.faults
	}
	return &c, nil
}

// A loader keeps where each value was written and all that is wrong.
type loader struct {
	Options
	path     string
	readFile func(string) ([]byte, error)
	places   map[string]place // of every value that was given
	bad      map[string]bool  // paths that have a fault
	faults   Faults
}

// root returns the file as a tree, an empty one without a file; nil when the
// file cannot be read or is no YAML, for then nothing further can be said.
func (l *loader) root() *node {
	if l.path == "" {
		return &node{at: place{source: "environment"}, kind: section}
	}
	body, err := l.readFile(l.path)
	if err != nil {
		var bare *fs.PathError
		if errors.As(err, &bare) {
			err = bare.Err
		}
		l.faults = Faults{{Source: l.path, Text: fmt.Sprintf("cannot read the file of settings: %v", err)}}
		return nil
	}
	root, faults := readTree(l.path, body)
	l.faults = faults
	return root
}

// fault keeps a fault at a path; where nothing was written there, it points to
// what holds it.
func (l *loader) fault(path, format string, args ...any) {
	l.faultAt(l.place(path), path, fmt.Sprintf(format, args...))
}

func (l *loader) faultAt(at place, path, text string) {
	l.bad[path] = true
	l.faults = append(l.faults, Fault{Source: at.source, Line: at.line, Column: at.col, Key: path, Text: text})
}

func (l *loader) place(path string) place {
	for ; path != ""; path = parent(path) {
		if at, ok := l.places[path]; ok {
			return at
		}
	}
	return l.places[""]
}

func parent(path string) string {
	return path[:max(strings.LastIndexAny(path, ".["), 0)]
}

// must keeps a fault unless ok, or unless the path or what holds it has one
// already.
func (l *loader) must(ok bool, path, format string, args ...any) {
	for p := path; p != "" && !ok; p = parent(p) {
		ok = l.bad[p]
	}
	if !ok {
		l.fault(path, format, args...)
	}
}

// has reports whether a value was given at the path.
func (l *loader) has(path string) bool {
	_, ok := l.places[path]
	return ok
}
