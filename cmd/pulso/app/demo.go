package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
	"pulso/bot/flow"
	"pulso/bot/web"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
)

// DemoSetup says how the demonstration is wanted.
type DemoSetup struct {
	Listen   string // of the service and the phone page
	Days     int    // of history
	Seed     uint64
	Headless bool   // without the phone page
	Language string // of the manager whose phone it is
	Clock    *flow.Clock
	Log      *slog.Logger
	Out      io.Writer // for people
	Progress func(done, total int64)
}

// The manager whose phone the visitor holds, and where the shop is.
const (
	demoPhone = "+573001112233"
	demoZone  = "America/Bogota"
)

// demonstration is the shop with everything around it.
type demonstration struct {
	DemoSetup
	dir   string
	shop  *demo.Shop
	set   demo.Setup
	owner demo.Person
	graph *graph.Server
	app   *App
}

// Demo runs the service on a throw-away database with a simulated WhatsApp, a
// shop with a past, and live traffic, until the context ends.
func Demo(ctx context.Context, set DemoSetup) error {
	if err := free(set.Listen); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	dir, err := os.MkdirTemp("", "pulso-demo-")
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer os.RemoveAll(dir)
	d := &demonstration{DemoSetup: set, dir: dir, owner: demo.Person{Name: "Olga Duarte", Phone: demoPhone, Language: set.Language}}
	if err := d.run(ctx); err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	return nil
}

// free reports whether an address can be listened on, before time is spent on a
// past that nobody could look at.
func free(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return l.Close()
}

func (d *demonstration) run(ctx context.Context) error {
	var err error
	if d.shop, err = demo.New(d.Seed, demoZone, d.owner); err != nil {
		return err
	}
	d.set = demo.Setup{Token: secret(), AppSecret: secret(), VerifyToken: secret(), EventsToken: secret(), Now: d.Clock.Now()}
	d.graph = graph.New(graph.Options{
		Clock: d.Clock.Now, AppSecret: d.set.AppSecret, Token: d.set.Token, VerifyToken: d.set.VerifyToken, Numbers: d.shop.Numbers(), Seed: d.Seed,
		Delays: graph.Delays{Read: -1}, // the visitor reads
	})
	defer d.graph.Close()
	d.graph.Add(graph.Person{Phone: d.owner.Phone, Name: d.owner.Name})
	stop, err := d.serveGraph()
	if err != nil {
		return err
	}
	defer stop()
	if d.app, err = d.open(ctx); err != nil {
		return err
	}
	defer d.app.Close()
	if err := d.past(ctx); err != nil {
		return err
	}
	return d.present(ctx)
}

func secret() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	return hex.EncodeToString(b[:])
}

// serveGraph puts the simulated WhatsApp on an address of its own.
func (d *demonstration) serveGraph() (stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d.set.GraphURL = "http://" + l.Addr().String()
	s := &http.Server{Handler: d.graph, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // ends with Close, and says so
	return func() { _ = s.Close() }, nil
}

// open loads the shop's settings and opens its database.
func (d *demonstration) open(ctx context.Context) (*App, error) {
	path := filepath.Join(d.dir, "config.yaml")
	if err := os.WriteFile(path, []byte(d.shop.Config(d.set)), 0o600); err != nil {
		return nil, err
	}
	settings, err := config.Load(config.Options{Path: path, Database: "sqlite:" + filepath.Join(d.dir, "pulso.db"), Languages: Languages()})
	if err != nil {
		return nil, err
	}
	settings.Server.Listen = d.Listen
	return Open(ctx, settings, d.Clock, d.Log, ReadWrite)
}

// past records the shop's history through the same decoding and folding as live
// traffic.
func (d *demonstration) past(ctx context.Context) error {
	began := d.Clock.Wall()
	now := d.Clock.Now()
	first := now.AddDate(0, 0, -d.Days)
	var batch []*models.Delivery
	in := d.app.intake()
	in.PageTime = time.Second
	defer in.Release()
	events := 0
	flush := func(at time.Time) error {
		if err := d.app.Store.Receive(ctx, batch); err != nil {
			return err
		}
		batch = batch[:0]
		done, err := in.Drain(ctx)
		events += done.New + done.Duplicates + done.Kept
		d.Progress(at.UnixMilli()-first.UnixMilli(), now.UnixMilli()-first.UnixMilli())
		return err
	}
	err := d.shop.History(d.Days, now, func(source string, at time.Time, body []byte) error {
		batch = append(batch, &models.Delivery{Source: source, ReceivedAt: at.UnixMilli(), Body: body})
		if len(batch) < importBatch {
			return nil
		}
		return flush(at)
	})
	if err == nil {
		err = flush(now)
	}
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	fmt.Fprintf(d.Out, "%s: %d days, %d events recorded in %s\n", demo.Business, d.Days, events, d.Clock.Wall().Sub(began).Round(100*time.Millisecond))
	return nil
}

// present lets the shop, its WhatsApp and the service live.
func (d *demonstration) present(ctx context.Context) error {
	done := make(chan struct{})
	service, err := d.app.NewService(d.Listen, func(s *web.Server) {
		if !d.Headless {
			d.mount(s, done)
		}
	})
	if err != nil {
		return err
	}
	base := "http://" + service.Addr().String()
	d.graph.SetWebhook(base + "/webhooks/whatsapp")
	living, end := context.WithCancel(ctx)
	var all sync.WaitGroup
	live := &demo.Live{Shop: d.shop, Clock: d.Clock.Now, Post: d.set.Post(&http.Client{Timeout: 10 * time.Second}, base), Log: d.Log}
	for _, run := range []func(){
		func() { d.graph.Run(living) },
		func() {
			if err := live.Run(living); err != nil && living.Err() == nil {
				d.Log.Error("demo: the shop stands still", "error", err)
			}
		},
		func() { <-living.Done(); close(done) },
		func() { d.push(living, service) },
	} {
		all.Add(1)
		go func() {
			defer all.Done()
			run()
		}()
	}
	d.invite(base)
	err = service.Run(ctx)
	end()
	all.Wait()
	return err
}

// push registers the templates once webhooks about them can be received.
func (d *demonstration) push(ctx context.Context, service *Service) {
	for !service.ready(ctx).Ready {
		select {
		case <-ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	if _, err := d.app.PushTemplates(ctx); err != nil && ctx.Err() == nil {
		d.Log.Error("demo: templates", "error", err)
	}
}

// invite tells where to go.
func (d *demonstration) invite(base string) {
	if d.Headless {
		fmt.Fprintf(d.Out, "service %s, simulated WhatsApp %s, database sqlite:%s, settings %s\n", base, d.set.GraphURL, filepath.Join(d.dir, "pulso.db"), filepath.Join(d.dir, "config.yaml"))
		return
	}
	fmt.Fprintf(d.Out, "\n  Your phone: %s/phone/\n\nYou are %s, owner of the shop. Ctrl-C ends it; nothing is kept.\n", base, d.owner.Name)
}

// mount puts the phone page beside the service's own routes.
func (d *demonstration) mount(s *web.Server, done <-chan struct{}) {
	phone := http.StripPrefix("/phone", demo.Phone(d.graph, demo.Handset{
		Person: d.owner, Number: demo.Bot, Zone: d.shop.Zone(), Clock: d.Clock.Now, Done: done,
		Links: []demo.Link{{Href: "/readyz", Text: "readyz"}, {Href: "/metrics", Text: "metrics"}, {Href: "/v1/openapi.yaml", Text: "OpenAPI"}},
	}))
	s.Stream("/phone/events", phone)
	for _, path := range []string{"", "media/{id}"} {
		s.Handle("GET", "/phone/"+path, phone)
	}
	for _, path := range []string{"say", "tap", "seen"} {
		s.Handle("POST", "/phone/"+path, phone)
	}
	s.Handle("GET", "/", http.RedirectHandler("/phone/", http.StatusFound))
}
