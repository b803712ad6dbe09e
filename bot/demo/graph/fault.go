package graph

import (
	"encoding/json"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
)

// Request is what a Fault may be decided by.
type Request struct {
	Method string
	Path   string
	Edge   string // last part of the path: "messages", "media", "message_templates" …
	Send   bool   // it is a message, not a read receipt
	To     string // recipient of a message, as given
	Type   string // of a message
	Opaque string // of a message
}

// FaultKind is a way in which a request goes wrong.
type FaultKind uint8

// Kinds of faults.
const (
	NoFault       FaultKind = iota
	Refuse                  // Code is answered, nothing accepted
	Reset                   // the connection is reset, nothing accepted
	Hang                    // no answer comes, nothing accepted
	FailAccepted            // accepted, but Code is answered
	ResetAccepted           // accepted, then the connection is reset
	HangAccepted            // accepted, but no answer comes
	CutAccepted             // accepted, the 200 ends in the middle of its body
	StatusFirst             // accepted, the sent status arrives before the answer
)

// Fault is what shall happen to one request. The zero Fault is none.
type Fault struct {
	Kind FaultKind
	Code int // Meta's, for Refuse and FailAccepted
	HTTP int // status to go with it; 0 = the code's own
}

// Sometimes returns an Options.Fault that picks one of faults, evenly, for
// share (0 to 1) of all messages, and spares every other request.
func Sometimes(seed uint64, share float64, faults ...Fault) func(Request) Fault {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0xfa01))
	return func(r Request) Fault {
		mu.Lock()
		defer mu.Unlock()
		if !r.Send || len(faults) == 0 || random.Float64() >= share {
			return Fault{}
		}
		return faults[random.IntN(len(faults))]
	}
}

func describe(r *http.Request, body []byte) Request {
	out := Request{Method: r.Method, Path: r.URL.Path, Edge: r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]}
	if out.Edge != "messages" || r.Method != http.MethodPost {
		return out
	}
	var seen struct {
		To        string `json:"to"`
		Recipient string `json:"recipient"`
		Type      string `json:"type"`
		Status    string `json:"status"`
		Opaque    string `json:"biz_opaque_callback_data"`
	}
	_ = json.Unmarshal(body, &seen)
	out.Send, out.To, out.Type, out.Opaque = seen.Status == "", defaulted(seen.To, seen.Recipient), seen.Type, seen.Opaque
	return out
}

// misbehave serves a request with its fault.
func (s *Server) misbehave(fault Fault, w http.ResponseWriter, r *http.Request, body []byte) {
	switch fault.Kind {
	case Refuse:
		write(w, fault.failure())
		return
	case Reset:
		reset(w)
	case Hang:
		s.hang(r, w)
	}
	result := s.serve(r, body, fault.Kind == StatusFirst)
	if _, refused := result.(*failure); refused {
		write(w, result)
		return
	}
	switch fault.Kind {
	case FailAccepted:
		write(w, fault.failure())
	case ResetAccepted:
		reset(w)
	case HangAccepted:
		s.hang(r, w)
	case CutAccepted:
		cut(w, result)
	default:
		write(w, result)
	}
}

func (f Fault) failure() *failure {
	out := fail(f.Code, "Injected by the simulation")
	if f.HTTP != 0 {
		out.status = f.HTTP
	}
	return out
}

// hang waits until the caller has given up, or the server is closed.
func (s *Server) hang(r *http.Request, w http.ResponseWriter) {
	select {
	case <-r.Context().Done():
	case <-s.closed.Done():
	}
	reset(w)
}

// reset ends the connection without an answer: by RST where there is TCP. It
// does not return; net/http takes the panic for what it is.
func reset(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			if tcp, ok := conn.(*net.TCPConn); ok {
				_ = tcp.SetLinger(0)
			}
			_ = conn.Close()
		}
	}
	panic(http.ErrAbortHandler)
}

// cut promises the whole answer and sends half of it.
func cut(w http.ResponseWriter, result any) {
	data, _ := json.Marshal(result)
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.Header().Set("Content-Length", itoa(len(data)))
	_, _ = w.Write(data[:len(data)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}
