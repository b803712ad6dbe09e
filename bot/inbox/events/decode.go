package events

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"strconv"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// Source is the name under which the events of this package are recorded.
const Source = "events"

// MaxEvents is how many events one request may carry.
const MaxEvents = 1000

// What can be wrong with a request as a whole.
var (
	ErrNotJSON  = errors.New("the body is not JSON")
	ErrEnvelope = errors.New(`the body is neither one event nor {"events":[…]}`)
	ErrTooMany  = errors.New("more than 1000 events in one request; send them in several")
)

// OpenAPI is the OpenAPI 3.1 document, in YAML, of the interface that this
// package reads.
//
//go:embed openapi.yaml
var OpenAPI []byte

// Rejection is one event that was refused: its place in the request, from 0, and
// what is wrong where.
type Rejection struct {
	Index int    `json:"index"`
	Error string `json:"error"`
}

// Decode reads one event, or a batch of them, received at receivedAt (ms UTC).
// Every refused event is a Rejection and, with the event itself, a fault. The
// error is ErrNotJSON, ErrEnvelope or ErrTooMany; nothing is read then.
func Decode(body []byte, receivedAt int64) (models.Decoded, []Rejection, error) {
	var parser fastjson.Parser
	root, err := parser.ParseBytes(body)
	if err != nil {
		return models.Decoded{}, nil, ErrNotJSON
	}
	if root.Type() != fastjson.TypeObject {
		return models.Decoded{}, nil, ErrEnvelope
	}
	d := decoder{body: body, receivedAt: receivedAt, shape: shape()}
	batch := root.Get("events")
	if batch == nil {
		d.read(0, root)
		return d.out, d.rejected, nil
	}
	if err := alone(root, batch); err != nil {
		return models.Decoded{}, nil, err
	}
	list := batch.GetArray()
	if len(list) > MaxEvents {
		return models.Decoded{}, nil, ErrTooMany
	}
	d.batch = true
	for i, v := range list {
		d.read(i, v)
	}
	return d.out, d.rejected, nil
}

// alone wants an array of events with nothing beside it.
func alone(root, batch *fastjson.Value) error {
	if batch.Type() != fastjson.TypeArray {
		return ErrEnvelope
	}
	var fault error
	seen := false
	root.GetObject().Visit(func(key []byte, _ *fastjson.Value) {
		switch name := string(key); {
		case fault != nil:
		case name != "events":
			fault = fmt.Errorf("%w: %s: unknown field beside events; leave it out", ErrEnvelope, shown(name))
		case seen:
			fault = fmt.Errorf("%w: events: given twice; leave one out", ErrEnvelope)
		default:
			seen = true
		}
	})
	return fault
}

// DecodeLine reads one line of a file of JSON lines: one event. A refused event
// is a fault; the error is ErrNotJSON or ErrEnvelope.
func DecodeLine(line []byte, receivedAt int64) (models.Decoded, error) {
	var parser fastjson.Parser
	v, err := parser.ParseBytes(line)
	if err != nil {
		return models.Decoded{}, ErrNotJSON
	}
	if v.Type() != fastjson.TypeObject {
		return models.Decoded{}, ErrEnvelope
	}
	d := decoder{body: line, receivedAt: receivedAt, shape: shape()}
	d.read(0, v)
	return d.out, nil
}

// decoder is the reading of one request.
type decoder struct {
	body       []byte
	receivedAt int64
	shape      []field
	batch      bool
	pristine   *fastjson.Value // the body once more, its strings never unescaped: see raw
	nul        bool            // U+0000 was taken out of the event being read
	err        error           // the first thing that is wrong with it
	out        models.Decoded
	rejected   []Rejection
}

// read reads the event at a place of the request.
func (d *decoder) read(i int, v *fastjson.Value) {
	d.nul, d.err = false, nil
	e := d.event(v)
	if d.err != nil {
		d.refuse(i)
		return
	}
	if e.At > d.receivedAt+early {
		e.Flags = append(e.Flags, "future")
	}
	if d.nul {
		e.Flags = append(e.Flags, "nul_removed")
	}
	d.out.Events = append(d.out.Events, e)
}

func (d *decoder) refuse(i int) {
	f := models.Fault{Reason: d.err.Error(), Body: cut(d.raw(i))}
	if d.batch {
		f.Element = "events[" + strconv.Itoa(i) + "]"
	}
	d.out.Faults = append(d.out.Faults, f)
	d.rejected = append(d.rejected, Rejection{Index: i, Error: f.Reason})
}

// raw returns an event's JSON as it was received, but for white space between
// tokens. It is taken from a second reading of the body, because the first one
// unescapes strings in place.
func (d *decoder) raw(i int) []byte {
	if !d.batch {
		return d.body
	}
	if d.pristine == nil {
		var parser fastjson.Parser
		d.pristine, _ = parser.ParseBytes(d.body)
	}
	return bytes.ToValidUTF8(d.pristine.GetArray("events")[i].MarshalTo(nil), []byte("\uFFFD"))
}

// cut bounds what a fault keeps of its event.
func cut(b []byte) []byte {
	const most = 64 << 10
	if len(b) > most {
		b = b[:most]
	}
	return append([]byte(nil), b...)
}
