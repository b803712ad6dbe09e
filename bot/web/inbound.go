package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"pulso/bot/inbox"
)

const (
	maxBody     = 4 << 20 // of a request; Meta's have up to 3 MB
	smallBody   = 64 << 10
	largeBodies = 64 << 20 // what all bodies beyond smallBody may take together
	firstRead   = 4 << 10  // of a body whose length is not told

	storeWithin = 1900 * time.Millisecond
	retryAfter  = "5" // seconds
)

// inbound lets a source's deliveries through to take: plain, of bounded size,
// proved and well-formed, in this order.
func (s *Server) inbound(source inbox.Source, take func(*gin.Context, []byte) outcome) func(*gin.Context) outcome {
	header := http.CanonicalHeaderKey(source.Header)
	return func(c *gin.Context) outcome {
		secrets := s.options.Secrets(source.Name)
		proof := c.Request.Header[header]
		if out := admit(c, proof, secrets); out.refused() {
			return challenged(c, header, out)
		}
		body, err := s.memory.read(c.Request)
		defer s.memory.free(body)
		out := unread(c, err)
		if !out.refused() && !source.Verify(body, proof[0], secrets) {
			out = challenged(c, header, unproved())
		}
		if !out.refused() {
			if err := inbox.CheckJSON(body); err != nil {
				out = outcome{status: http.StatusBadRequest, reason: "json", text: "the body cannot be read: " + err.Error()}
			}
		}
		if !out.refused() {
			out = take(c, body)
		}
		out.bytes = len(body)
		return out
	}
}

// admit refuses what can be refused before the body is read.
func admit(c *gin.Context, proof, secrets []string) outcome {
	switch {
	case encoded(c.Request.Header):
		return outcome{status: http.StatusUnsupportedMediaType, reason: "encoding", text: "send the body without Content-Encoding"}
	case c.Request.ContentLength > maxBody:
		return tooLarge(c)
	case len(proof) != 1 || len(secrets) == 0:
		return unproved()
	}
	return outcome{}
}

func encoded(h http.Header) bool {
	for _, v := range h["Content-Encoding"] {
		if v = strings.TrimSpace(v); v != "" && !strings.EqualFold(v, "identity") {
			return true
		}
	}
	return false
}

func unproved() outcome {
	return outcome{status: http.StatusUnauthorized, reason: "proof", text: "unauthorized"}
}

// challenged names the scheme of a route that takes tokens, as HTTP wants it of
// a 401. It gives no reason.
func challenged(c *gin.Context, header string, out outcome) outcome {
	if out.status == http.StatusUnauthorized && header == "Authorization" {
		c.Header("WWW-Authenticate", "Bearer")
	}
	return out
}

func tooLarge(c *gin.Context) outcome {
	c.Header("Connection", "close") // rather than read the rest
	return outcome{status: http.StatusRequestEntityTooLarge, reason: "size", text: "the body is larger than 4 MiB"}
}

// What reading a body can run into, beside what net/http reports.
var (
	errLarge   = errors.New("body larger than 4 MiB")
	errCrowded = errors.New("too much is being received")
)

// unread turns the error of reading a body into its refusal.
func unread(c *gin.Context, err error) outcome {
	switch {
	case err == nil:
		return outcome{}
	case errors.Is(err, errLarge):
		return tooLarge(c)
	case errors.Is(err, errCrowded):
		return later(c, "memory", err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return outcome{status: http.StatusRequestTimeout, reason: "slow", text: "the body took too long"}
	}
	return outcome{status: http.StatusBadRequest, reason: "cut", text: "the body did not arrive whole"}
}

// later asks the sender to try again.
func later(c *gin.Context, reason string, err error) outcome {
	c.Header("Retry-After", retryAfter)
	return outcome{status: http.StatusServiceUnavailable, reason: reason, text: "it cannot be stored now; send the same again", err: err}
}

// webhook stores a body and answers with an empty 200: Meta takes any other
// status for a failure.
func (s *Server) webhook(source string) func(*gin.Context, []byte) outcome {
	return func(c *gin.Context, body []byte) outcome {
		ctx, cancel := context.WithTimeout(c.Request.Context(), storeWithin)
		defer cancel()
		return s.store(ctx, c, source, body)
	}
}

// store has the body stored, or asks for it later.
func (s *Server) store(ctx context.Context, c *gin.Context, source string, body []byte) outcome {
	err := s.options.Receiver.Accept(ctx, source, body)
	switch {
	case err == nil:
		return outcome{stored: true}
	case c.Request.Context().Err() != nil:
		return later(c, "gone", err)
	}
	return later(c, "store", err)
}

// memory counts what bodies beyond the first 64 KiB each take together, so that
// no number of senders, proved or not, can take it all.
type memory struct{ taken atomic.Int64 }

// read reads a body of up to maxBody into a buffer of its size; the buffer grows
// with what arrives, not with what is promised. Free returns what it took, also
// after an error.
func (m *memory) read(r *http.Request) ([]byte, error) {
	size := r.ContentLength // at most maxBody; -1: not told
	first := size
	if size < 0 {
		first = firstRead
	}
	body := make([]byte, 0, min(first, smallBody))
	for {
		if len(body) == cap(body) {
			if int64(len(body)) == size {
				return body, nil
			}
			bigger, err := m.grow(body, size)
			if err != nil {
				return body, err
			}
			body = bigger
		}
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > maxBody:
			return body, errLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			return body, err
		}
	}
}

// grow returns body in a buffer of twice the size, though no larger than needed.
func (m *memory) grow(body []byte, size int64) ([]byte, error) {
	next := min(2*cap(body), maxBody+1)
	if size >= 0 {
		next = min(next, int(size))
	}
	if m.taken.Add(beyond(next)-beyond(cap(body))) > largeBodies {
		m.taken.Add(beyond(cap(body)) - beyond(next))
		return nil, errCrowded
	}
	return append(make([]byte, 0, next), body...), nil
}

func (m *memory) free(body []byte) { m.taken.Add(-beyond(cap(body))) }

func beyond(capacity int) int64 { return int64(max(capacity-smallBody, 0)) }
