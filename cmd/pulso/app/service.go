package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"pulso/analytics/ledger"
	"pulso/bot"
	"pulso/bot/flow"
	"pulso/bot/inbox/cloudapi"
	"pulso/bot/inbox/events"
	"pulso/bot/web"
	"pulso/bot/whatsapp"
	"pulso/models"
	"pulso/models/store"
)

// Service is a running Pulso: it receives, folds, answers and sends until it
// is stopped.
type Service struct {
	*App
	server *web.Server
	listen net.Listener
	apart  net.Listener // of the metrics, when they have one of their own

	receiver *flow.Receiver
	vitals   *vitals
	wakes    map[string]chan struct{} // loops, by name

	mu       sync.Mutex
	migrated bool

	counting chan struct{} // holds one while somebody counts what waits
	backlog  store.Backlog
	recount  time.Time // when it is counted again
}

// Extra adds routes of somebody else's to the service: the demo's phone.
type Extra func(*web.Server)

// NewService binds the service's addresses. The database need not answer yet.
func (a *App) NewService(listen string, extra Extra) (*Service, error) {
	s := &Service{App: a, wakes: map[string]chan struct{}{}, counting: make(chan struct{}, 1)}
	for _, name := range []string{"intake", "chat", "outbox"} {
		s.wakes[name] = make(chan struct{}, 1)
	}
	s.vitals = &vitals{service: s, last: map[string]int64{}}
	registry := prometheus.NewRegistry()
	err := registry.Register(s.vitals)
	if err != nil {
		return nil, fmt.Errorf("gauges: %w", err)
	}
	s.server, err = web.New(web.Options{
		Receiver: receiving{s}, Secrets: s.secrets, VerifyTokens: s.verifyTokens, Ready: s.ready, Known: s.known,
		Now: a.Clock.Wall, Log: a.Log, Registry: registry, TrustedProxies: a.Config.Server.TrustedProxies, MetricsApart: a.Config.Server.MetricsListen != "",
	})
	if err != nil {
		return nil, err
	}
	if extra != nil {
		extra(s.server)
	}
	if s.listen, err = net.Listen("tcp", listen); err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	if apart := a.Config.Server.MetricsListen; apart != "" {
		if s.apart, err = net.Listen("tcp", apart); err != nil {
			s.listen.Close()
			return nil, fmt.Errorf("listen for metrics: %w", err)
		}
	}
	return s, nil
}

// Addr is where the service listens.
func (s *Service) Addr() net.Addr { return s.listen.Addr() }

// wake lets a loop look at once.
func (s *Service) wake(name string) {
	select {
	case s.wakes[name] <- struct{}{}:
	default:
	}
}

// settleWithin is how long stored work may take to come to an end once no more
// requests are served. With the draining of requests it stays under the 15
// seconds that a supervisor waits.
const settleWithin = 4 * time.Second

// Run serves until the context ends, then drains and returns. The loops end at
// once, for what they have not done stands in the database; meanwhile requests
// under way are answered, and what was accepted is stored. Whatever does not end
// in time, because the database or WhatsApp hangs, is left as a crash would
// leave it.
func (s *Service) Run(ctx context.Context) error {
	s.receiver = flow.NewReceiver(s.Store, s.Clock, func() { s.wake("intake") })
	loops, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	running.Add(1)
	go func() {
		defer running.Done()
		s.loops(loops)
	}()
	errs := make(chan error, 2)
	serving, end := context.WithCancel(ctx)
	serve := func(l net.Listener, h http.Handler) {
		err := web.Serve(serving, s.server.HTTPServer(l.Addr().String(), h), l)
		end() // one that fails takes the other down
		errs <- err
	}
	servers := 1
	go serve(s.listen, s.server.Handler())
	if s.apart != nil {
		servers++
		go serve(s.apart, s.server.MetricsHandler())
	}
	var failed []error
	for range servers {
		failed = append(failed, <-errs)
	}
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		s.receiver.Close()
		stop()
		running.Wait()
	}()
	select {
	case <-settled:
	case <-time.After(settleWithin):
		s.Log.Warn("not everything came to an end in time; the next start goes on with it")
	}
	return errors.Join(failed...)
}

// loops waits for the database, brings it up to date, and runs what works on it.
func (s *Service) loops(ctx context.Context) {
	if !s.prepare(ctx) {
		return
	}
	var all sync.WaitGroup
	start := func(loop func()) {
		all.Add(1)
		go func() {
			defer all.Done()
			loop()
		}()
	}
	in := s.intake()
	in.Folded = func(o ledger.Outcome) {
		s.vitals.folded(o)
		s.wake("chat")
	}
	in.Finish = func(ctx context.Context) error {
		return s.Rebuild(ctx, func(format string, args ...any) { s.Log.Info("rebuild: " + fmt.Sprintf(format, args...)) })
	}
	in.Busy, in.Received, in.Rest = s.receiver.Busy, s.receiver.Received, 1
	if s.Store.Dialect() == "sqlite" { // receivers wait while a page is written
		in.Rest = 1.5
	}
	start(func() { in.Run(ctx, s.wakes["intake"]) })
	start(func() {
		s.retention(ctx, func() time.Duration {
			switch {
			case in.Behind():
				return sweepAtLast
			case s.receiver.Busy():
				return sweepPatience
			}
			return 0
		})
	})
	s.untilRebuilt(ctx)
	if err := s.talks(ctx, start); err != nil && ctx.Err() == nil {
		s.Log.Error("the bot cannot talk", "error", err)
	}
	all.Wait()
}

// untilRebuilt waits while a rebuild is due: every figure would be worked out from all
// rows until it ends. Who asks meanwhile is answered then.
func (s *Service) untilRebuilt(ctx context.Context) {
	for {
		if due, err := s.Store.RebuildDue(ctx); err == nil && !due {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

// talks starts what answers people and sends.
func (s *Service) talks(ctx context.Context, start func(loop func())) error {
	seal, err := s.seal(ctx, true)
	if err != nil {
		return err
	}
	b, err := s.Bot()
	if err != nil {
		return err
	}
	board := &board{s.App}
	way, err := s.newPost(seal, board)
	if err != nil {
		return err
	}
	if way == nil {
		return nil // the warnings at start say so
	}
	start(func() { s.askTemplates(ctx, board, way.client) })
	talk := &chatting{App: s.App, bot: b, dialogues: map[string]*bot.Context{}, alerted: map[string]alerted{}}
	wrote := func() { s.wake("outbox") }
	chat := &flow.Chat{Desk: s.Store, Owner: s.owner, Clock: s.Clock, Log: s.Log, Answer: talk.answer, Sorry: talk.sorry, Wrote: wrote}
	start(func() { chat.Run(ctx, s.wakes["chat"]) })
	outbox := &flow.Outbox{Mail: s.Store, Post: way, Owner: s.owner, Clock: s.Clock, Log: s.Log}
	start(func() { outbox.Run(ctx, s.wakes["outbox"]) })
	pulse, err := s.pulse(wrote)
	if err != nil {
		return err
	}
	start(func() { pulse.Run(ctx) })
	return nil
}

// askTemplates learns which templates may be sent: at start, and again now and
// then, sooner while one of them is not approved, in case a webhook was lost.
func (s *Service) askTemplates(ctx context.Context, b *board, client *whatsapp.Client) {
	for {
		wait := time.Hour
		switch whole, err := b.learn(ctx, client); {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Log.Warn("WhatsApp did not say which templates are approved; trying again in a minute", "error", err)
			wait = time.Minute
		case !whole:
			wait = 5 * time.Minute
		}
		for next := s.Clock.Now().Add(wait); s.Clock.Now().Before(next); {
			select {
			case <-ctx.Done():
				return
			case <-s.Clock.After(time.Minute):
			}
		}
	}
}

// prepare migrates the database, trying again until it can be reached.
func (s *Service) prepare(ctx context.Context) bool {
	for told := false; ; {
		_, err := s.Store.Migrate(ctx, s.Clock.Wall)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return false
		}
		if !told {
			s.Log.Error("the database cannot be prepared; trying again", "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(time.Second):
		}
	}
	s.mu.Lock()
	s.migrated = true
	s.mu.Unlock()
	s.checkRules(ctx)
	return true
}

// checkRules says when the settings that decide figures have changed.
func (s *Service) checkRules(ctx context.Context) {
	var stored string
	known, err := s.Store.Setting(ctx, "rules", &stored)
	if err != nil || !known || stored == s.rules.Fingerprint(s.Config.Agents()) {
		return
	}
	if due, _ := s.Store.RebuildDue(ctx); due { // the fold makes it, with these settings
		return
	}
	s.Log.Warn("the settings that decide figures (zone, hours, idle_close, target, agents) have changed: run `pulso rebuild`; until then questions are worked out from the rows, which is slower")
}

// receiving is the receiver as the web sees it: it exists once the service runs.
type receiving struct{ s *Service }

func (r receiving) Accept(ctx context.Context, source string, body []byte) error {
	r.s.mu.Lock()
	ready := r.s.migrated
	r.s.mu.Unlock()
	if !ready {
		return flow.ErrBusy
	}
	return r.s.receiver.Accept(ctx, source, body)
}

// secrets are what proves the senders of a source.
func (s *Service) secrets(source string) []string {
	var list []string
	switch source {
	case cloudapi.Source:
		for _, n := range s.Config.WhatsApp {
			for _, x := range n.AppSecrets {
				list = append(list, x.Reveal())
			}
		}
	case events.Source:
		for _, x := range s.Config.Events.Tokens {
			list = append(list, x.Reveal())
		}
	}
	return list
}

func (s *Service) verifyTokens() []string {
	var list []string
	for _, n := range s.Config.WhatsApp {
		if n.VerifyToken.Set() {
			list = append(list, n.VerifyToken.Reveal())
		}
	}
	return list
}

// ready tells how far the figures are behind what was received.
func (s *Service) ready(ctx context.Context) web.Readiness {
	s.mu.Lock()
	migrated := s.migrated
	s.mu.Unlock()
	if !migrated {
		return web.Readiness{Database: "starting"}
	}
	b, err := s.waiting(ctx)
	if err != nil {
		return web.Readiness{Database: "unreachable"}
	}
	r := web.Readiness{Ready: true, Backlog: b.Deliveries, Database: "ok", Faulty: b.Faulty}
	if b.Oldest != 0 {
		r.OldestSeconds = max(0, (s.Clock.Now().UnixMilli()-b.Oldest)/1000)
	}
	return r
}

// A long backlog takes long to count: a count is used again for some times as long as
// it took, but no longer than recountMost.
const (
	recountTimes = 20
	recountMost  = 2 * time.Second
)

// waiting counts what waits.
func (s *Service) waiting(ctx context.Context) (store.Backlog, error) {
	select {
	case s.counting <- struct{}{}:
		defer func() { <-s.counting }()
	case <-ctx.Done():
		return store.Backlog{}, fmt.Errorf("count backlog: %w", ctx.Err())
	}
	began := s.Clock.Wall()
	if began.Before(s.recount) {
		return s.backlog, nil
	}
	b, err := s.Store.Backlog(ctx)
	if err == nil {
		now := s.Clock.Wall()
		s.backlog, s.recount = b, now.Add(min(recountTimes*now.Sub(began), recountMost))
	}
	return b, err
}

// known counts the events that are recorded already.
func (s *Service) known(ctx context.Context, list []models.Event) (int, error) {
	return ledger.Known(s.Store.Page(ctx), list)
}
