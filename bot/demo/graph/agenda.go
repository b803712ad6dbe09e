package graph

import (
	"container/heap"
	"context"
	"time"
)

// item is something that will happen: an act of WhatsApp, a piece of news for
// the business, or a webhook body to be posted once more.
type item struct {
	at     time.Time
	order  int // of entry, among equal times
	act    func(at time.Time)
	update *update
	parcel *parcel
}

// agenda holds what is to come, earliest first.
type agenda struct {
	items []item
	count int
}

func (a *agenda) Len() int { return len(a.items) }
func (a *agenda) Less(i, j int) bool {
	if !a.items[i].at.Equal(a.items[j].at) {
		return a.items[i].at.Before(a.items[j].at)
	}
	return a.items[i].order < a.items[j].order
}
func (a *agenda) Swap(i, j int) { a.items[i], a.items[j] = a.items[j], a.items[i] }
func (a *agenda) Push(x any)    { a.items = append(a.items, x.(item)) }
func (a *agenda) Pop() any {
	last := a.items[len(a.items)-1]
	a.items = a.items[:len(a.items)-1]
	return last
}

// enter adds an item; the caller holds s.mu.
func (s *Server) enter(i item) {
	s.agenda.count++
	i.order = s.agenda.count
	heap.Push(&s.agenda, i)
}

// later plans an act; the caller holds s.mu, and so will the act.
func (s *Server) later(at time.Time, act func(at time.Time)) { s.enter(item{at: at, act: act}) }

// due does what is due at now and returns the bodies that must be posted.
func (s *Server) due(now time.Time) []*parcel {
	s.mu.Lock()
	var updates []*update
	var parcels []*parcel
	for len(s.agenda.items) > 0 && !s.agenda.items[0].at.After(now) {
		switch i := heap.Pop(&s.agenda).(item); {
		case i.act != nil:
			i.act(i.at)
		case i.update != nil:
			updates = append(updates, i.update)
		default:
			parcels = append(parcels, i.parcel)
		}
	}
	parcels = append(parcels, s.pack(updates, now)...)
	s.mu.Unlock()
	s.tell()
	return parcels
}

// Tick does everything that is due at now: phones get their messages, and
// webhooks are posted one after the other, in the order in which they fell due.
// It returns how many it posted. A webhook that is not answered with 200 comes
// again at a later Tick.
func (s *Server) Tick(now time.Time) int {
	posted := 0
	for {
		parcels := s.due(now)
		if len(parcels) == 0 {
			return posted
		}
		for _, p := range parcels {
			s.post(p, now)
			posted++
		}
	}
}

const (
	// parallel is how many webhooks Run posts at a time; Meta posts concurrently.
	parallel = 32
	// beat is how often Run looks, in real time.
	beat = 5 * time.Millisecond
)

// Run does what Tick does, all the time and with several webhooks under way at
// once, until ctx ends or the server is closed. It waits for those under way.
func (s *Server) Run(ctx context.Context) {
	if !s.begin() {
		return
	}
	defer s.running.Done()
	slots := make(chan struct{}, parallel)
	ticker := time.NewTicker(beat)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.closed.Done():
			return
		case <-ticker.C:
		}
		now := s.options.Clock()
		for _, p := range s.due(now) {
			slots <- struct{}{}
			s.running.Go(func() {
				defer func() { <-slots }()
				s.post(p, now)
			})
		}
	}
}

// begin counts a Run in, unless the server is closed.
func (s *Server) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Err() != nil {
		return false
	}
	s.running.Add(1)
	return true
}

// Pending returns how many things are still to come; of messages whose person
// is offline, and of people who do not read, nothing is to come.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.agenda.items)
}
