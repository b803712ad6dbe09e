package cloudapi

import (
	"bytes"
	"strconv"

	"github.com/valyala/fastjson"
)

// path is where an element stands in the body: a chain from the innermost step
// outwards; nil is the body itself.
type path struct {
	up    *path
	key   string // of an object, when index is negative
	index int    // of an array
}

func (p *path) field(key string) *path { return &path{up: p, key: key, index: -1} }

func (p *path) item(i int) *path { return &path{up: p, index: i} }

// String writes the path as in entry[0].changes[0].value.messages[2].
func (p *path) String() string { return string(p.append(nil)) }

func (p *path) append(b []byte) []byte {
	if p == nil {
		return b
	}
	b = p.up.append(b)
	if p.index >= 0 {
		return append(strconv.AppendInt(append(b, '['), int64(p.index), 10), ']')
	}
	if len(b) > 0 {
		b = append(b, '.')
	}
	return append(b, p.key...)
}

// in returns what stands at the path in root; nil when nothing does.
func (p *path) in(root *fastjson.Value) *fastjson.Value {
	if p == nil {
		return root
	}
	return p.step(p.up.in(root))
}

// step takes the last step of the path, from where the others lead to.
func (p *path) step(v *fastjson.Value) *fastjson.Value {
	if p.index < 0 {
		return v.Get(p.key)
	}
	if a := v.GetArray(); p.index < len(a) {
		return a[p.index]
	}
	return nil
}

// raw returns the JSON at a path as it was received, but for white space
// between tokens. The tree that is being read cannot give it: fastjson
// unescapes strings in place, and writes them back in Go's syntax, not JSON's.
// So the body is parsed once more, on the first call, into a tree whose strings
// nobody reads.
func (d *decoder) raw(at *path) []byte {
	if d.pristine == nil {
		var parser fastjson.Parser
		d.pristine, _ = parser.ParseBytes(d.body)
		d.nearby = d.pristine
	}
	if at.up != d.near { // the elements of an array share their way to it
		d.near, d.nearby = at.up, at.up.in(d.pristine)
	}
	v := at.step(d.nearby)
	if v == nil {
		return nil
	}
	return bytes.ToValidUTF8(v.MarshalTo(nil), []byte("\uFFFD"))
}

// cut bounds what a fault keeps of its element.
func cut(b []byte) []byte {
	const most = 64 << 10
	if len(b) > most {
		b = b[:most]
	}
	return append([]byte(nil), b...)
}
