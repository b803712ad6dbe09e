package whatsapp

import (
	"errors"
	"io"
	"sync/atomic"
)

var errLate = errors.New("the time for this call was over before its first byte left")

// letter is a request body that knows whether it may have left this machine
// (reliability: "surely not sent"). Over HTTP/1.1 net/http buffers the headers
// until it reads the body, so while nobody has read the body the other side
// cannot have a complete request. net/http opens the body anew only when it
// knows that nothing was written to the connection before. This is stricter
// than httptrace.WroteRequest, which fires after the bytes have gone and can
// lose the race against a deadline.
type letter struct {
	open func() io.Reader
	late func() bool
	left atomic.Bool
}

// reader opens the body from its start; it is the request's GetBody too.
func (l *letter) reader() (io.ReadCloser, error) {
	l.left.Store(false)
	if l.late() {
		return nil, errLate
	}
	return io.NopCloser(&page{letter: l, from: l.open()}), nil
}

// mayHaveLeft reports whether the other side may have got the request.
func (l *letter) mayHaveLeft() bool { return l.left.Load() }

// page is one reading of a letter. Its first read is the moment right before
// the write, and refuses when the wall clock says that it is too late.
type page struct {
	letter *letter
	from   io.Reader
	begun  bool
}

func (p *page) Read(b []byte) (int, error) {
	if !p.begun {
		if p.letter.late() {
			return 0, errLate
		}
		p.begun = true
		p.letter.left.Store(true)
	}
	return p.from.Read(b)
}
