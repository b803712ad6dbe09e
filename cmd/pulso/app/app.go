// Package app is where everything of Pulso is named together: it opens the
// database, builds the desk that answers questions, imports history, and
// starts and stops the service. It decides nothing that a lower package could.
package app

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/analytics/report"
	"pulso/bot/flow"
	"pulso/bot/render"
	"pulso/bot/words"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
	"pulso/models/store"
)

// App is a Pulso with its database open.
type App struct {
	Config *config.Config
	Store  *store.Store
	Clock  *flow.Clock
	Log    *slog.Logger

	rules    *analytics.Rules
	owner    string                        // names this process in leases
	seen     looked                        // by the sweep
	reader   func() (*words.Reader, error) // built at their first use: most commands never speak
	renderer func() (*render.Renderer, error)
	graves   graveyard
}

// Mode says how the database is opened.
type Mode int

// Modes of opening.
const (
	ReadWrite Mode = iota // migrated first
	ReadOnly              // migrated first; then nothing can be written
	Later                 // migrated by the service, once the database answers
)

// Open opens the database that the settings name and brings it up to date.
func Open(ctx context.Context, c *config.Config, clock *flow.Clock, log *slog.Logger, mode Mode) (*App, error) {
	rules, err := c.Rules()
	if err != nil {
		return nil, err
	}
	dsn, err := store.ParseDSN(c.Database.DSN.Reveal())
	if err != nil {
		return nil, err
	}
	s, err := store.Open(dsn)
	if err != nil {
		return nil, err
	}
	if mode != Later {
		if _, err := s.Migrate(ctx, clock.Wall); err != nil {
			s.Close()
			return nil, err
		}
	}
	if mode == ReadOnly {
		s.Close()
		if s, err = store.OpenReadOnly(dsn); err != nil {
			return nil, err
		}
	}
	return &App{Config: c, Store: s, Clock: clock, Log: log, rules: &rules, owner: process(), reader: sync.OnceValues(words.New), renderer: sync.OnceValues(newRenderer)}, nil
}

// process names this process: host, pid and a random part.
func process() string {
	var b [4]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	host, err := os.Hostname()
	if err != nil {
		host = "host"
	}
	return fmt.Sprintf("%s/%d/%s", host, os.Getpid(), hex.EncodeToString(b[:]))
}

// Close closes the database.
func (a *App) Close() error { return a.Store.Close() }

// Roster returns the agents as configured and as events showed them.
func (a *App) Roster(ctx context.Context) (*analytics.Roster, error) {
	seen, err := a.Store.Sightings(ctx)
	if err != nil {
		return nil, err
	}
	return analytics.NewRoster(a.Config.Agents(), seen), nil
}

// Desk returns a desk that answers questions of one moment from the database as
// it is now.
func (a *App) Desk(ctx context.Context) (*report.Desk, error) {
	seen, err := a.Store.Sightings(ctx)
	if err != nil {
		return nil, err
	}
	agents := a.Config.Agents()
	return &report.Desk{
		Rules: a.rules, Roster: analytics.NewRoster(agents, seen), Print: a.rules.Fingerprint(agents),
		RosterAt: func(now int64) *analytics.Roster { return analytics.NewRoster(agents, analytics.Until(seen, now)) },
		Stat:     string(a.Config.Business.SpeedValue), Read: report.Remember(a.Store), Rates: a.rates(),
	}, nil
}

// intake returns the fold writer of this process.
func (a *App) intake() *flow.Intake {
	return &flow.Intake{
		Record: &folding{a.Store, a}, Owner: a.owner, Clock: a.Clock, Log: a.Log,
		Reading: func(ctx context.Context) (func(models.Delivery) ledger.Batch, error) {
			r, err := a.reading(ctx)
			if err != nil {
				return nil, err
			}
			return r.batch, nil
		},
		Ledger: func() *ledger.Ledger { return ledger.New(a.rules, a.Config.Agents()) },
	}
}
