package web

import (
	"log"
	"strings"
	"sync"
	"time"
)

// failure is a kind of failure. There are as many as routes times reasons.
type failure struct {
	route  string
	status int
	reason string
}

// sparing lets each kind of failure into the log once a second, so that a flood
// of requests is no flood of lines.
type sparing struct {
	now   func() time.Time
	mu    sync.Mutex
	lines map[failure]*line
}

type line struct {
	last time.Time
	more int // left out since
}

func newSparing(now func() time.Time) *sparing {
	return &sparing{now: now, lines: map[failure]*line{}}
}

// pass reports whether a failure may be logged now, and how many of its kind
// were not since the last that was.
func (s *sparing) pass(f failure) (more int, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	l, seen := s.lines[f]
	if !seen {
		s.lines[f] = &line{last: now}
		return 0, true
	}
	if since := now.Sub(l.last); since >= 0 && since < time.Second {
		l.more++
		return 0, false
	}
	more, l.more, l.last = l.more, 0, now
	return more, true
}

// errorLog is a log for what net/http and promhttp have to say.
func (s *Server) errorLog(part string) *log.Logger {
	return log.New(voice{s, part}, "", 0)
}

type voice struct {
	server *Server
	part   string
}

func (v voice) Write(text []byte) (int, error) {
	if more, pass := v.server.sparing.pass(failure{v.part, 0, ""}); pass {
		v.server.options.Log.Warn("http", "part", v.part, "text", strings.TrimSpace(string(text)), "more", more)
	}
	return len(text), nil
}
