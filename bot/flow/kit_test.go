package flow

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pulso/models"
)

// noon is some moment of a trial that does not run inside a bubble of testing/synctest.
var noon = time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)

func wall() *Clock { return &Clock{Wall: time.Now} }

func quiet() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// shelf keeps leases, commands and messages in memory, by the contract of a
// database: what is read is a copy, and writing compares first.
type shelf struct {
	mu       sync.Mutex
	leases   map[string]models.Lease
	rows     []models.Outgoing // by id, from 1
	intents  map[string]int64
	commands []models.Command
	broken   error        // every call fails with it
	looks    atomic.Int64 // how often Due was asked
}

func newShelf() *shelf {
	return &shelf{leases: map[string]models.Lease{}, intents: map[string]int64{}}
}

func (s *shelf) Acquire(_ context.Context, name, owner string, now, ttl int64) (models.Lease, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, known := s.leases[name]
	switch {
	case s.broken != nil:
		return models.Lease{}, s.broken
	case known && l.Owner != owner && l.Until > now:
		return models.Lease{}, models.ErrTaken
	case !known || l.Owner != owner:
		l.Fence++
	}
	l.Name, l.Owner, l.Until = name, owner, now+ttl
	s.leases[name] = l
	return l, nil
}

func (s *shelf) Release(_ context.Context, l models.Lease) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if held := s.leases[l.Name]; held.Owner == l.Owner && held.Fence == l.Fence {
		held.Until = 0
		s.leases[l.Name] = held
	}
	return s.broken
}

func (s *shelf) plan(list ...models.Outgoing) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range list {
		s.add(o)
	}
}

func (s *shelf) add(o models.Outgoing) {
	o.ID = int64(len(s.rows) + 1)
	s.rows = append(s.rows, o)
	s.intents[o.Intent] = o.ID
}

func (s *shelf) pick(limit int, want func(*models.Outgoing) bool) ([]*models.Outgoing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*models.Outgoing
	for i := range s.rows {
		if want(&s.rows[i]) {
			found = append(found, &s.rows[i])
		}
	}
	slices.SortFunc(found, func(a, b *models.Outgoing) int { return cmp.Or(cmp.Compare(a.DueAt, b.DueAt), cmp.Compare(a.ID, b.ID)) })
	found = found[:min(limit, len(found))]
	for i, o := range found {
		row := *o
		found[i] = &row
	}
	return found, s.broken
}

func (s *shelf) Due(_ context.Context, now int64, limit int) ([]*models.Outgoing, error) {
	s.looks.Add(1)
	return s.pick(limit, func(o *models.Outgoing) bool {
		return (o.State == models.Planned || o.State == models.Unknown) && o.DueAt <= now
	})
}

func (s *shelf) Orphans(context.Context) ([]*models.Outgoing, error) {
	return s.pick(1<<30, func(o *models.Outgoing) bool { return o.State == models.Attempting })
}

func (s *shelf) Outgoing(_ context.Context, id int64) (*models.Outgoing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.rows[id-1]
	return &o, s.broken
}

func (s *shelf) Move(_ context.Context, o *models.Outgoing, was models.State, attempts int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	if now := s.rows[o.ID-1]; now.State != was || now.Attempts != attempts {
		return models.ErrMoved
	}
	s.rows[o.ID-1] = *o
	return nil
}

func (s *shelf) Before(ctx context.Context, o *models.Outgoing) (*models.Outgoing, error) {
	list, err := s.pick(1, func(x *models.Outgoing) bool { return x.Key == o.Key && x.To == o.To && x.Part == o.Part-1 })
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

func (s *shelf) hear(r models.Receipt, now int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := s.intents[r.Intent]; id != 0 {
		s.rows[id-1].Hear(r, now)
	}
}

func (s *shelf) all() []models.Outgoing {
	list, _ := s.pick(1<<30, func(*models.Outgoing) bool { return true })
	out := make([]models.Outgoing, len(list))
	for i, o := range list {
		out[i] = *o
	}
	return out
}

// state returns a message as it stands, by id.
func (s *shelf) state(id int64) models.Outgoing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows[id-1]
}

func (s *shelf) Commands(_ context.Context, limit int) ([]models.Command, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []models.Command
	for _, c := range s.commands {
		if !c.Done && len(list) < limit {
			list = append(list, c)
		}
	}
	return list, s.broken
}

func (s *shelf) Replied(_ context.Context, command int64, answers []*models.Outgoing) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	for i := range s.commands {
		if s.commands[i].ID == command {
			s.commands[i].Done = true
		}
	}
	for _, a := range answers {
		if !s.knows(a) {
			s.add(*a)
		}
	}
	return nil
}

func (s *shelf) knows(o *models.Outgoing) bool {
	for _, x := range s.rows {
		if x.Key == o.Key && x.Part == o.Part && x.To == o.To {
			return true
		}
	}
	return false
}

// mishap is what happens to one request.
type mishap uint8

const (
	fine          mishap = iota
	lateBefore           // time-out, WhatsApp has nothing
	lateAfter            // time-out, WhatsApp has it
	errorBefore          // 500, WhatsApp has nothing
	errorAfter           // 500, WhatsApp has it
	cutBefore            // the connection is cut after bytes were written
	cutAfter             // the same, WhatsApp has it
	unreachable          // no connection: surely not sent
	slowDown             // 429
	windowClosed         // 131047, told by a status
	windowRefused        // 131047, told at once
	undeliverable        // 131026, told by a status
	refusedToo           // 131026, told at once
	statusFirst          // the statuses come before the response
	silent               // WhatsApp has it and answers, but never sends a status
)

var mishaps = []mishap{lateBefore, lateAfter, errorBefore, errorAfter, cutBefore, cutAfter, unreachable, slowDown, windowClosed, windowRefused, undeliverable, refusedToo, statusFirst}

// request is one that reached WhatsApp's door.
type request struct {
	at      time.Time
	intent  string
	to      string
	part    int
	via     string
	attempt int
	again   bool // labelled as a repeat
}

// graph stands for WhatsApp and the people behind it; it knows what really
// happened. It is a Post.
type graph struct {
	mishap func(o *models.Outgoing) mishap
	hear   func(models.Receipt) // where its statuses go
	shut   func(o *models.Outgoing) string
	blind  func(o *models.Outgoing) bool // nothing can be read

	mu       sync.Mutex
	random   *rand.Rand
	requests []request
	copies   map[string][]request // that WhatsApp has and did not call undeliverable, by intent
	reached  map[string]bool      // intents of which a copy arrived on a phone
	most     int                  // requests under way at once, at most
	busy     map[string]int       // requests under way, by person
}

func newGraph(seed uint64, hear func(models.Receipt)) *graph {
	return &graph{hear: hear, random: rand.New(rand.NewPCG(seed, 7)), copies: map[string][]request{}, reached: map[string]bool{}, busy: map[string]int{}}
}

func (g *graph) Route(_ context.Context, o *models.Outgoing, _ int64) (Way, error) {
	way := Way{Send: g.Send}
	if g.shut != nil {
		way.Reason = g.shut(o)
	}
	if g.blind != nil && g.blind(o) {
		return Way{}, errors.New("the database is away")
	}
	return way, nil
}

func (g *graph) Open(_ context.Context, o *models.Outgoing, _ int64) (bool, error) {
	if g.blind != nil && g.blind(o) {
		return false, errors.New("the database is away")
	}
	return true, nil
}

func (g *graph) Opaque(o *models.Outgoing, attempt int) string {
	return fmt.Sprintf("a1.%s.%d.mac", o.Intent, attempt)
}

const latency = 150 * time.Millisecond

func (g *graph) Send(ctx context.Context, o *models.Outgoing) models.Result {
	kind := fine
	if g.mishap != nil {
		kind = g.mishap(o)
	}
	r := request{time.Now(), o.Intent, o.To, o.Part, o.Via, o.Attempts, o.Doubtful}
	g.enter(r)
	defer g.leave(r)
	time.Sleep(latency)
	unclear := models.Result{Outcome: models.Unclear, Reason: "no clear answer", Broken: true}
	switch kind {
	case lateBefore, lateAfter:
		if kind == lateAfter {
			g.accept(r, fine)
		}
		<-ctx.Done()
		return unclear
	case errorBefore, cutBefore:
		return unclear
	case errorAfter, cutAfter:
		g.accept(r, fine)
		return unclear
	case unreachable:
		return models.Result{Outcome: models.Refused, Reason: "no connection", Retry: true, Delay: 2000, Broken: true}
	case slowDown:
		return models.Result{Outcome: models.Refused, Reason: "130429", Retry: true, Delay: 4000}
	case windowRefused:
		return models.Result{Outcome: models.Refused, Reason: "131047", Template: true}
	case refusedToo:
		return models.Result{Outcome: models.Refused, Reason: "131026"}
	}
	if kind == windowClosed && r.via == models.ViaTemplate {
		kind = fine
	}
	return models.Result{Outcome: models.Taken, WAMID: g.accept(r, kind)}
}

func (g *graph) enter(r request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.requests = append(g.requests, r)
	g.busy[r.to]++
	g.most = max(g.most, g.busy[r.to])
}

func (g *graph) leave(r request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy[r.to]--
}

// accept takes a copy and has its statuses sent, in any order and twice at times.
func (g *graph) accept(r request, kind mishap) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	wamid := fmt.Sprintf("wamid.%s.%d", r.intent, r.attempt)
	status := func(s models.State, after time.Duration) {
		told := models.Receipt{Intent: r.intent, Attempt: r.attempt, Status: s, At: time.Now().UnixMilli(), WAMID: wamid}
		if s == models.Failed {
			told.Reason = "131026"
			if kind == windowClosed {
				told.Reason, told.Result = "131047", models.Result{Template: true}
			}
		}
		for range 1 + g.random.IntN(2) {
			wait := time.Duration(g.random.Int64N(int64(after)))
			time.AfterFunc(wait, func() { g.hear(told) })
		}
	}
	switch kind {
	case silent:
		g.copies[r.intent] = append(g.copies[r.intent], r)
	case windowClosed, undeliverable:
		status(models.Sent, time.Second)
		status(models.Failed, 2*time.Second)
	case statusFirst:
		g.copies[r.intent], g.reached[r.intent] = append(g.copies[r.intent], r), true
		told := models.Receipt{Intent: r.intent, Attempt: r.attempt, Status: models.Delivered, At: time.Now().UnixMilli(), WAMID: wamid}
		g.hear(told)
	default:
		g.copies[r.intent], g.reached[r.intent] = append(g.copies[r.intent], r), true
		status(models.Sent, time.Second)
		status(models.Delivered, 4*time.Second)
		if g.random.IntN(2) == 0 {
			status(models.Read, 20*time.Second)
		}
	}
	return wamid
}

// copied returns how many copies of a message WhatsApp has, and whether one arrived.
func (g *graph) copied(intent string) (int, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.copies[intent]), g.reached[intent]
}

func message(class models.Promise, key string, part int, to string, due int64) models.Outgoing {
	return models.Outgoing{Key: key, Part: part, To: to, Channel: "1060", Class: class, State: models.Planned, Via: "text",
		Intent: fmt.Sprintf("%s-%d", key, part), CreatedAt: due, DueAt: due}
}
