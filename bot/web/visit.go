package web

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"
)

// outcome is how a request went. One with a reason was refused and is answered
// by visit; any other was answered by its handler.
type outcome struct {
	status int    // of a refusal
	reason string // of a refusal, a word for metrics and logs; "" when served
	text   string // of a refusal, what the sender is told
	bytes  int    // of the body that were read
	stored bool
	err    error  // what went wrong, for the log
	stack  []byte // of a panic
	cut    bool   // the answer had begun when it went wrong
}

func (o outcome) refused() bool { return o.reason != "" }

// visit wraps a handler in what every request gets: an end to panics, the
// answer to a refusal, figures and a line in the log.
func (s *Server) visit(route string, handle func(*gin.Context) outcome) gin.HandlerFunc {
	return func(c *gin.Context) {
		began := s.options.Now()
		s.vitals.inFlight.Inc()
		defer s.vitals.inFlight.Dec()
		out := guarded(c, handle)
		if out.refused() && !out.cut {
			answer(c, out.status, problem{out.text})
		}
		took := s.options.Now().Sub(began)
		s.vitals.count(route, c.Writer.Status(), out, took)
		s.record(c, route, out, took)
		if out.cut {
			panic(http.ErrAbortHandler) // the one way to end a half-written answer; net/http expects it
		}
	}
}

// guarded calls handle and turns its panic into a refusal.
func guarded(c *gin.Context, handle func(*gin.Context) outcome) (out outcome) {
	defer func() {
		v := recover()
		if v == nil {
			return
		}
		if v == http.ErrAbortHandler {
			panic(v)
		}
		out = outcome{
			status: http.StatusInternalServerError, reason: "panic", text: "something went wrong here",
			err: fmt.Errorf("panic: %s", harmless(v)), stack: debug.Stack(), cut: c.Writer.Written(),
		}
	}()
	return handle(c)
}

// harmless describes the value of a panic without what it may say of a customer.
func harmless(v any) string {
	if err, ok := v.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("a value of type %T", v)
}

// record writes the line of a request: served ones at debug level, the others
// at most once a second for each kind of failure.
func (s *Server) record(c *gin.Context, route string, out outcome, took time.Duration) {
	ctx, status := c.Request.Context(), c.Writer.Status()
	level := slog.LevelDebug
	switch {
	case status >= 500:
		level = slog.LevelError
	case status >= 400:
		level = slog.LevelWarn
	}
	if !s.options.Log.Enabled(ctx, level) {
		return
	}
	line := []slog.Attr{
		slog.String("method", method(c.Request.Method)), slog.String("route", route), slog.Int("status", status),
		slog.Int("bytes", out.bytes), slog.Float64("ms", float64(took.Microseconds())/1000),
	}
	if level > slog.LevelDebug {
		more, pass := s.sparing.pass(failure{route, status, out.reason})
		if !pass {
			return
		}
		line = append(line, slog.String("client", c.ClientIP()))
		line = append(line, why(out, more)...)
	}
	s.options.Log.LogAttrs(ctx, level, "http", line...)
}

// why lists what there is to say of a refusal. more counts those of its kind
// that were not logged.
func why(out outcome, more int) []slog.Attr {
	var line []slog.Attr
	if out.reason != "" {
		line = append(line, slog.String("reason", out.reason))
	}
	if more > 0 {
		line = append(line, slog.Int("more", more))
	}
	if out.err != nil {
		line = append(line, slog.String("error", out.err.Error()))
	}
	if out.stack != nil {
		line = append(line, slog.String("stack", string(out.stack)))
	}
	return line
}

// method returns a method that is known; a request may call it anything.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return m
	}
	return "OTHER"
}

// problem is the body of every refusal.
type problem struct {
	Error string `json:"error"`
}

// answer writes v as JSON.
func answer(c *gin.Context, status int, v any) outcome {
	body, err := json.Marshal(v)
	if err != nil { // no value given here can fail
		panic(err)
	}
	write(c, status, "application/json; charset=utf-8", body)
	return outcome{}
}

func write(c *gin.Context, status int, kind string, body []byte) {
	h := c.Writer.Header()
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	c.Status(status)
	_, _ = c.Writer.Write(body) // whoever left does not wait for it
}
