package config

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// A node is a value as it was written, in the file or the environment, before
// anything is known about what it should be.
type node struct {
	at      place
	kind    kind
	text    string // of a scalar
	items   []*node
	entries []entry
}

type entry struct {
	name  string
	at    place
	value *node
}

// A place is where something was written: a line of the file, or a variable.
type place struct {
	source    string
	line, col int
}

type kind uint8

const (
	nothing kind = iota
	text         // a string
	number
	truth // true or false
	loose // a scalar of the environment, of whatever type is wanted
	list
	section
)

// String names the kind in a sentence.
func (k kind) String() string {
	return [...]string{"nothing", "text", "a number", "true/false", "text", "a list", "a section"}[k]
}

func (n *node) scalar() bool { return n.kind != nothing && n.kind < list }

func (n *node) entry(name string) *entry {
	for i := range n.entries {
		if n.entries[i].name == name {
			return &n.entries[i]
		}
	}
	return nil
}

func (n *node) drop(name string) {
	for i := range n.entries {
		if n.entries[i].name == name {
			n.entries = append(n.entries[:i], n.entries[i+1:]...)
			return
		}
	}
}

// Limits of a file; what people write stays far below.
const (
	maxFile  = 1 << 20
	maxNodes = 50_000
	maxDepth = 24
)

// A reader turns one YAML file into nodes and keeps all faults it meets.
type reader struct {
	source  string
	anchors map[string]ast.Node
	nodes   int
	tooMuch bool
	faults  Faults
}

// readTree parses a file of settings. It returns nil when nothing can be said
// about what the file holds; faults found beside a tree are not all there are.
func readTree(source string, body []byte) (*node, Faults) {
	r := &reader{source: source, anchors: map[string]ast.Node{}}
	at := place{source, 1, 1}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	switch {
	case len(body) > maxFile:
		r.fault(at, "", "the file is larger than 1 MiB")
		return nil, r.faults
	case !utf8.Valid(body):
		r.fault(at, "", "the file is not UTF-8 text")
		return nil, r.faults
	}
	root := r.read(body)
	if root != nil && root.kind != section {
		r.fault(root.at, "", fmt.Sprintf("the file holds %s; want sections such as business: and server:", root.kind))
		return nil, r.faults
	}
	return root, r.faults
}

func (r *reader) fault(at place, path, text string) {
	r.faults = append(r.faults, Fault{Source: at.source, Line: at.line, Column: at.col, Key: path, Text: text})
}

func (r *reader) read(body []byte) *node {
	file, err := parse(body)
	if err != nil {
		r.syntax(err)
		return nil
	}
	root := &node{at: place{r.source, 1, 1}, kind: section}
	seen := false
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if seen {
			r.fault(r.node(doc.Body, "", 0).at, "", "a second document begins here; remove the line of three dashes")
			break
		}
		root, seen = r.node(doc.Body, "", 0), true
	}
	return root
}

// parse is the YAML parser, whose panics on some malformed files are errors
// like any other.
func parse(body []byte) (file *ast.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("this is not YAML")
		}
	}()
	return parser.ParseBytes(body, 0, parser.AllowDuplicateMapKey())
}

func (r *reader) syntax(err error) {
	at, said := place{r.source, 1, 1}, err.Error()
	var located yaml.Error
	if errors.As(err, &located) {
		said = located.GetMessage()
		at = r.tokenPlace(located.GetToken())
	}
	r.fault(at, "", "not YAML: "+strings.TrimSpace(said))
}

func (r *reader) tokenPlace(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{r.source, 1, 1}
	}
	return place{r.source, max(t.Position.Line, 1), max(t.Position.Column, 1)}
}

func (r *reader) place(n ast.Node) place { return r.tokenPlace(n.GetToken()) }

func (r *reader) node(n ast.Node, path string, depth int) *node {
	if n == nil {
		return &node{at: place{r.source, 1, 1}}
	}
	at := r.place(n)
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		if !r.tooMuch {
			r.fault(at, path, "too much is nested or repeated here")
		}
		r.tooMuch = true
		return &node{at: at}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		return r.section(n, path, depth)
	case *ast.MappingValueNode:
		return r.section(&ast.MappingNode{Values: []*ast.MappingValueNode{n}}, path, depth)
	case *ast.SequenceNode:
		out := &node{at: at, kind: list}
		for i, item := range n.Values {
			out.items = append(out.items, r.node(item, fmt.Sprintf("%s[%d]", path, i), depth+1))
		}
		return out
	case *ast.AnchorNode:
		r.anchors[n.Name.GetToken().Value] = n.Value
		return r.node(n.Value, path, depth+1)
	case *ast.AliasNode:
		return r.alias(n, path, depth)
	case *ast.TagNode:
		out := r.node(n.Value, path, depth+1)
		if n.GetToken().Value == "!!str" && out.scalar() {
			out.kind = text
		}
		return out
	}
	return scalar(n, at)
}

// alias reads what its anchor stands for once more, so that the two can differ
// when a variable changes one.
func (r *reader) alias(n *ast.AliasNode, path string, depth int) *node {
	at := r.place(n)
	target, ok := r.anchors[n.Value.GetToken().Value]
	if !ok {
		r.fault(at, path, "no anchor of this name stands above")
		return &node{at: at}
	}
	out := r.node(target, path, depth+1)
	out.at = at
	return out
}

func (r *reader) section(n *ast.MappingNode, path string, depth int) *node {
	out := &node{kind: section, at: r.place(n)}
	for i, v := range n.Values {
		name, at := r.key(v.Key)
		if i == 0 {
			out.at = at
		}
		if v.Key.IsMergeKey() {
			r.fault(at, join(path, name), "<< is not supported; write the keys out")
			continue
		}
		if first := out.entry(name); first != nil {
			r.fault(at, join(path, name), fmt.Sprintf("written twice; it stands on line %d already", first.at.line))
			continue
		}
		value := r.node(v.Value, join(path, name), depth+1)
		if value.kind == nothing {
			value.at = at
		}
		out.entries = append(out.entries, entry{name, at, value})
	}
	return out
}

func (r *reader) key(n ast.MapKeyNode) (string, place) {
	t := n.GetToken()
	if k, ok := n.(*ast.MappingKeyNode); ok && k.Value != nil {
		t = k.Value.GetToken()
	}
	at := r.tokenPlace(t)
	if t == nil {
		return "", at
	}
	return t.Value, at
}

func scalar(n ast.Node, at place) *node {
	out := &node{at: at, kind: text, text: n.GetToken().Value}
	switch n := n.(type) {
	case *ast.NullNode:
		out.kind = nothing
	case *ast.BoolNode:
		out.kind = truth
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.kind = number
	case *ast.LiteralNode:
		out.text = n.Value.Value
	}
	return out
}
