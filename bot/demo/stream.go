package demo

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"pulso/bot/demo/graph"
)

// changed gathers which bubbles are new or have changed since it was last asked.
type changed struct {
	mu   sync.Mutex
	ids  map[string]bool
	bell chan struct{} // rings when there are some
}

func (c *changed) add(id string) {
	c.mu.Lock()
	c.ids[id] = true
	c.mu.Unlock()
	select {
	case c.bell <- struct{}{}:
	default:
	}
}

func (c *changed) take() map[string]bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	ids := c.ids
	c.ids = map[string]bool{}
	return ids
}

// pulse is how often a stream looks whether somebody types, on the wall; every
// keepAlive-th time it says something, so that nobody takes it for dead.
const (
	pulse     = 400 * time.Millisecond
	keepAlive = 40
)

// stream is the page's connection.
type stream struct {
	*handset
	to     http.ResponseWriter
	out    *http.ResponseController
	words  phrases
	typing bool
}

// events sends the chat as it stands and then whatever changes, until the page
// goes away: "bubble" with a drawn bubble, "typing" with true or false.
func (h *handset) events(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Content-Type", "text/event-stream")
	head.Set("Cache-Control", "no-store")
	head.Set("X-Accel-Buffering", "no")
	news := &changed{ids: map[string]bool{}, bell: make(chan struct{}, 1)}
	defer h.server.Subscribe(func(m graph.Shown) { news.add(m.ID) })()
	s := &stream{handset: h, to: w, out: http.NewResponseController(w), words: h.words(r)}
	_ = s.out.SetWriteDeadline(time.Time{}) // a stream outlives the server's time-out
	if err := s.bubbles(nil); err != nil {
		return
	}
	s.follow(r.Context().Done(), news)
}

// follow sends news until the page or the server ends.
func (s *stream) follow(gone <-chan struct{}, news *changed) {
	ticker := time.NewTicker(pulse)
	defer ticker.Stop()
	for quiet := 0; ; quiet++ {
		var err error
		select {
		case <-gone:
			return
		case <-s.Done:
			return
		case <-news.bell:
			err = s.bubbles(news.take())
		case <-ticker.C:
			if quiet%keepAlive == keepAlive-1 {
				err = s.write(":\n\n")
			}
		}
		if err == nil {
			err = s.writing()
		}
		if err != nil {
			return
		}
	}
}

// bubbles sends the bubbles with these ids, or all, and tells that they are
// complete.
func (s *stream) bubbles(ids map[string]bool) error {
	chat := s.chat()
	for _, m := range chat {
		if ids != nil && !ids[m.ID] {
			continue
		}
		data, err := s.draw(s.show(m, chat, s.words))
		if err != nil {
			return err
		}
		if err := s.send("bubble", data); err != nil {
			return err
		}
	}
	if ids == nil {
		return s.send("ready", []byte("true"))
	}
	return s.out.Flush()
}

// writing tells when the other side begins or stops to type.
func (s *stream) writing() error {
	typing := s.server.Typing(s.Person.Phone, s.Number)
	if typing == s.typing {
		return nil
	}
	s.typing = typing
	return s.send("typing", fmt.Append(nil, typing))
}

func (s *stream) send(event string, data []byte) error {
	return s.write(fmt.Sprintf("event: %s\ndata: %s\n\n", event, data))
}

func (s *stream) write(text string) error {
	if _, err := s.to.Write([]byte(text)); err != nil {
		return err
	}
	return s.out.Flush()
}
