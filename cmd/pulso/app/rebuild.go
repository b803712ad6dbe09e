package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/bot/flow"
	"pulso/models"
	"pulso/models/store"
)

// Rebuild replays everything from the record under today's rules: bodies that
// are still kept are read once more, so that what was not understood before may
// be now; then every contact is folded from the beginning and all cells are
// summed anew. A service may run beside it: it goes on receiving, and folds on
// afterwards.
func (a *App) Rebuild(ctx context.Context, said func(string, ...any)) error {
	began := a.Clock.Wall()
	lease, give, err := flow.Seize(ctx, a.Store, a.Clock, a.owner+" rebuild") // not the fold of this process's service
	if err != nil {
		return err
	}
	defer give()
	events, err := a.reread(ctx, lease)
	if err != nil {
		return fmt.Errorf("rebuild: read deliveries again: %w", err)
	}
	said("read %d events again", events)
	print := a.rules.Fingerprint(a.Config.Agents())
	if err := a.Store.BeginRebuild(ctx, lease, print); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	cells, changed, err := a.refoldAll(ctx, a.Store, func(ch *ledger.Changes) error {
		return a.Store.Fold(ctx, lease, func(page ledger.Page) error { return page.Save(ch) })
	})
	if err != nil {
		return fmt.Errorf("rebuild: fold: %w", err)
	}
	if err := a.Store.Replace(ctx, lease, print, cells); err != nil {
		return fmt.Errorf("rebuild: %w", err)
	}
	said("folded every contact: %d rows changed, %d cells, %s", changed, len(cells), a.Clock.Wall().Sub(began).Round(time.Millisecond))
	return nil
}

// reread absorbs every kept delivery once more: what is known changes nothing.
// What is odd is counted anew, in as much as bodies are kept.
func (a *App) reread(ctx context.Context, lease models.Lease) (int, error) {
	l := ledger.New(a.rules, a.Config.Agents())
	l.Rebuilding = true
	events := 0
	var odd models.Oddities
	told := map[ledger.FactKey]bool{} // odd events that were counted
	err := a.Store.Deliveries(ctx, func(list []models.Delivery) error {
		if err := a.acquaint(ctx, list); err != nil {
			return err
		}
		r, err := a.reading(ctx)
		if err != nil {
			return err
		}
		batch := ledger.Batch{Now: a.Clock.Now().UnixMilli()}
		for _, d := range list {
			b := r.batch(d)
			for i := range b.Faults {
				b.Faults[i].Delivery = d.ID
			}
			batch.Deliveries = append(batch.Deliveries, d.ID)
			batch.Events = append(batch.Events, b.Events...)
			batch.Faults = append(batch.Faults, b.Faults...)
			odd.Unknown(b.Unknown, d.ReceivedAt)
			for i := range b.Events {
				e := &b.Events[i]
				if k := (ledger.FactKey{Source: e.Source, Key: e.Key}); len(e.Flags) > 0 && !told[k] {
					told[k] = true
					odd.Flag(e, d.ReceivedAt)
				}
			}
		}
		events += len(batch.Events)
		return a.Store.Fold(ctx, lease, func(page ledger.Page) error {
			_, err := l.Absorb(page, batch)
			return err
		})
	})
	if err == nil {
		err = a.Store.PutOddities(ctx, odd)
	}
	return events, err
}

// refoldAll folds every contact, hands over what came out differently, and
// returns the cells that all rows together come to.
func (a *App) refoldAll(ctx context.Context, s *store.Store, changed func(*ledger.Changes) error) (map[analytics.CellKey]*analytics.Cell, int, error) {
	seen, err := s.Sightings(ctx)
	if err != nil {
		return nil, 0, err
	}
	roster := analytics.NewRoster(a.Config.Agents(), seen)
	cells := map[analytics.CellKey]*analytics.Cell{}
	n := 0
	err = s.People(ctx, nil, func(rows *analytics.Rows) error {
		tally := analytics.NewTally(a.rules)
		ch, err := ledger.Refold(a.rules, roster, rows, tally)
		if err != nil {
			return err
		}
		tally.Apply(cells)
		differ := len(ch.Messages) + len(ch.Conversations) + len(ch.Vanished) + len(ch.Contacts)
		n += differ
		if differ+len(ch.States) == 0 {
			return nil
		}
		return changed(ch)
	})
	return cells, n, err
}

// ErrDrift is returned by Audit when stored figures are not what the record comes to.
var ErrDrift = errors.New("drift")

// mostDrifts is how many differences an audit tells one by one.
const mostDrifts = 20

// Audit compares everything stored with a replay of the record: every kept body
// with the messages it speaks of, every contact's fold, and every cell. It tells
// each difference and returns ErrDrift if there is any. Nothing is changed.
func (a *App) Audit(ctx context.Context, said func(string, ...any)) error {
	drifts := 0
	drift := func(format string, args ...any) {
		if drifts++; drifts <= mostDrifts {
			said(format, args...)
		}
	}
	err := a.Store.Snapshot(ctx, func(s *store.Store) error {
		if err := a.auditRecord(ctx, s, drift); err != nil {
			return err
		}
		return a.auditFigures(ctx, s, drift)
	})
	if err != nil {
		return fmt.Errorf("audit: %w", err)
	}
	if drifts > 0 {
		said("%d differences: run rebuild", drifts)
		return ErrDrift
	}
	said("every stored figure is what the record comes to")
	return nil
}

func (a *App) auditRecord(ctx context.Context, s *store.Store, drift func(string, ...any)) error {
	r, err := a.reading(ctx)
	if err != nil {
		return err
	}
	return s.Deliveries(ctx, func(list []models.Delivery) error {
		var events []models.Event
		for _, d := range list {
			events = append(events, r.batch(d).Events...)
		}
		return ledger.Verify(s.Page(ctx), events, func(what string) { drift("%s", what) })
	})
}

func (a *App) auditFigures(ctx context.Context, s *store.Store, drift func(string, ...any)) error {
	if due, err := s.RebuildDue(ctx); err != nil || due {
		if due {
			drift("%s", ledger.ErrRebuilding)
		}
		return err
	}
	var stored string
	if _, err := s.Setting(ctx, "rules", &stored); err != nil {
		return err
	}
	if stored != "" && stored != a.rules.Fingerprint(a.Config.Agents()) {
		drift("the settings that decide figures (zone, hours, idle_close, targets, agents) have changed")
	}
	cells, _, err := a.refoldAll(ctx, s, func(ch *ledger.Changes) error {
		for _, m := range ch.Messages {
			drift("message %s stands otherwise than its thread says", m.ID)
		}
		for _, c := range ch.Conversations {
			drift("conversation %s is stored otherwise than its facts say", c.ID)
		}
		for _, id := range ch.Vanished {
			drift("conversation %s should not exist", id)
		}
		for _, c := range ch.Contacts {
			drift("contact %s was first seen otherwise than stored", c.Key)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = s.EachCell(ctx, func(k analytics.CellKey, c *analytics.Cell) error {
		if want := cells[k]; want == nil || !want.Equal(c) {
			drift("a figure of %s is stored wrong", k.Day)
		}
		delete(cells, k)
		return nil
	})
	for k, c := range cells {
		if !c.Empty() {
			drift("a figure of %s is missing", k.Day)
		}
	}
	return err
}
