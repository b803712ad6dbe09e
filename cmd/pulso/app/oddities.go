package app

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
)

// Oddity is something that was understood well enough to be kept, and is odd all
// the same: events of a kind with a flag, or a word of Meta's that is not known
// here.
type Oddity struct {
	Kind string `json:"kind"` // of the events; field, message, status or value of a word
	What string `json:"what"` // the flag, or the word
	N    int64  `json:"n"`    // events; deliveries in which the word stood
	Last int64  `json:"last"` // ms: when the last of them was received
}

// oddities are what is odd in the record.
type oddities struct {
	Flagged []Oddity `json:"flagged"`
	Words   []Oddity `json:"words"`
}

const (
	settingOddities = "oddities"
	mostOddities    = 300 // of a list: who sends more makes them up
)

// oddities returns what was kept and is odd.
func (a *App) oddities(ctx context.Context) (oddities, error) {
	var all oddities
	_, err := a.Store.Setting(ctx, settingOddities, &all)
	return all, err
}

// count adds n of a kind to a list.
func count(list []Oddity, kind, what string, n, at int64) []Oddity {
	i := slices.IndexFunc(list, func(o Oddity) bool { return o.Kind == kind && o.What == what })
	if i >= 0 {
		list[i].N += n
		list[i].Last = max(list[i].Last, at)
		return list
	}
	if len(list) >= mostOddities {
		return list
	}
	list = append(list, Oddity{kind, what, n, at})
	slices.SortFunc(list, func(x, y Oddity) int { return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.What, y.What)) })
	return list
}

// lens gathers what is odd in the deliveries of a page. It is safe for
// concurrent use.
type lens struct {
	mu     sync.Mutex
	events []seen
	words  []string
	last   int64
}

// seen is a flagged event and when it was received.
type seen struct {
	event models.Event
	at    int64
}

func (l *lens) event(e models.Event, at int64) {
	if l == nil || len(e.Flags) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, seen{e, at})
}

func (l *lens) unknown(words []string, at int64) {
	if l == nil || len(words) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.words, l.last = append(l.words, words...), max(l.last, at)
}

// tell adds what was gathered, of events only those that pass.
func (l *lens) tell(all *oddities, pass func(models.Event) bool) {
	for _, s := range l.events {
		if !pass(s.event) {
			continue
		}
		for _, flag := range s.event.Flags {
			all.Flagged = count(all.Flagged, string(s.event.Kind), flag, 1, s.at)
		}
	}
	for _, word := range l.words {
		kind, what, _ := strings.Cut(word, ":")
		all.Words = count(all.Words, kind, what, 1, l.last)
	}
}

// once passes each event the first time.
func once() func(models.Event) bool {
	passed := map[ledger.FactKey]bool{}
	return func(e models.Event) bool {
		k := ledger.FactKey{Source: e.Source, Key: e.Key}
		was := passed[k]
		passed[k] = true
		return !was
	}
}

// folding is the store as the fold writer uses it. Before deliveries are told
// apart it makes known the people who write in them; with what is folded it
// keeps what was odd in it.
type folding struct {
	*store.Store
	app  *App
	lens *lens // of the page that is being read
}

func (f *folding) Pending(ctx context.Context, limit, maxBytes int) ([]models.Delivery, error) {
	list, err := f.Store.Pending(ctx, limit, maxBytes)
	if err == nil && len(list) > 0 {
		err = f.app.acquaint(ctx, list)
	}
	return list, err
}

// read returns what decodes the deliveries of a page.
func (f *folding) read(ctx context.Context) (func(models.Delivery) ledger.Batch, error) {
	r, err := f.app.reading(ctx)
	if err != nil {
		return nil, err
	}
	f.lens = &lens{}
	r.lens = f.lens
	return r.batch, nil
}

func (f *folding) Fold(ctx context.Context, lease models.Lease, do func(ledger.Page) error) error {
	odd, err := f.news(ctx)
	if err == nil {
		err = f.Store.Fold(ctx, lease, do)
	}
	if err == nil && odd != nil {
		err = f.Put(ctx, settingOddities, odd)
	}
	return err
}

// news returns what was odd until now with that of the page, nil when the page
// adds nothing: events that are recorded already were counted before.
func (f *folding) news(ctx context.Context) (*oddities, error) {
	l := f.lens
	if f.lens = nil; l == nil || len(l.events)+len(l.words) == 0 {
		return nil, nil
	}
	all, err := f.app.oddities(ctx)
	if err != nil {
		return nil, err
	}
	page, first := f.Page(ctx), once()
	l.tell(&all, func(e models.Event) bool {
		known, failed := ledger.Known(page, []models.Event{e})
		if err == nil {
			err = failed
		}
		return known == 0 && first(e)
	})
	return &all, err
}
