package app

import (
	"context"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
)

// vitals are the gauges of the service beyond its HTTP edge. What stands in the
// database is looked at once in a while, however often somebody asks.
type vitals struct {
	service                *Service
	fresh, duplicate, kept atomic.Int64 // events that this process folded

	mu     sync.Mutex
	looked time.Time // wall clock
	pulse  pulse
	last   map[string]int64 // ms of the last delivery, by source
}

// pulse is how the database stood at a look.
type pulse struct {
	up       bool
	backlog  store.Backlog
	outgoing map[models.State]int64
	last     map[string]int64 // ms of the last delivery, by source
	odd      models.Oddities
}

const (
	lookEvery  = 10 * time.Second
	lookWithin = 1500 * time.Millisecond
)

// The gauges, each with what it is split by.
var (
	databaseUp    = prometheus.NewDesc("pulso_database_up", "1 when the database answered at the last look.", nil, nil)
	backlogSize   = prometheus.NewDesc("pulso_backlog_deliveries", "Deliveries stored, not yet in the figures.", nil, nil)
	backlogAge    = prometheus.NewDesc("pulso_backlog_oldest_seconds", "Age of the oldest delivery that is not in the figures.", nil, nil)
	faulty        = prometheus.NewDesc("pulso_faulty_deliveries", "Deliveries that hold something that was not understood.", nil, nil)
	lastDelivery  = prometheus.NewDesc("pulso_last_delivery_age_seconds", "Since a source last delivered something.", []string{"source"}, nil)
	foldedEvents  = prometheus.NewDesc("pulso_folded_events_total", "Events that this process took into the figures, by outcome.", []string{"outcome"}, nil)
	outgoing      = prometheus.NewDesc("pulso_outgoing_messages", "Messages in the outbox, by state.", []string{"state"}, nil)
	flaggedEvents = prometheus.NewDesc("pulso_flagged_events_total", "Events that were kept and are odd, by flag.", []string{"flag"}, nil)
	unknownWords  = prometheus.NewDesc("pulso_unknown_words_total", "Deliveries with a word that is not known here, by what it names.", []string{"kind"}, nil)
)

// folded counts what a page held.
func (v *vitals) folded(o ledger.Outcome) {
	v.fresh.Add(int64(o.New))
	v.duplicate.Add(int64(o.Duplicates))
	v.kept.Add(int64(o.Kept))
}

// Describe implements prometheus.Collector.
func (v *vitals) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{databaseUp, backlogSize, backlogAge, faulty, lastDelivery, foldedEvents, outgoing, flaggedEvents, unknownWords} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. Of a database that does not answer
// nothing is told but that.
func (v *vitals) Collect(ch chan<- prometheus.Metric) {
	tell := func(d *prometheus.Desc, kind prometheus.ValueType, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, kind, float64(n), labels...)
	}
	const gauge, counter = prometheus.GaugeValue, prometheus.CounterValue
	for outcome, n := range map[string]*atomic.Int64{"new": &v.fresh, "duplicate": &v.duplicate, "kept": &v.kept} {
		tell(foldedEvents, counter, n.Load(), outcome)
	}
	p := v.look()
	if !p.up {
		tell(databaseUp, gauge, 0)
		return
	}
	tell(databaseUp, gauge, 1)
	age := func(at int64) int64 { return max(0, (v.service.Clock.Now().UnixMilli()-at)/1000) }
	tell(backlogSize, gauge, p.backlog.Deliveries)
	tell(faulty, gauge, p.backlog.Faulty)
	oldest := int64(0)
	if p.backlog.Oldest != 0 {
		oldest = age(p.backlog.Oldest)
	}
	tell(backlogAge, gauge, oldest)
	for source, at := range p.last {
		tell(lastDelivery, gauge, age(at), source)
	}
	for _, state := range []models.State{models.Planned, models.Attempting, models.Accepted, models.Sent, models.Delivered, models.Read, models.Unknown, models.Unconfirmed, models.Failed, models.Dead} {
		tell(outgoing, gauge, p.outgoing[state], string(state))
	}
	for flag, n := range sums(p.odd.Flagged, func(o models.Oddity) string { return o.What }) {
		tell(flaggedEvents, counter, n, flag)
	}
	for kind, n := range sums(p.odd.Words, func(o models.Oddity) string { return o.Kind }) {
		tell(unknownWords, counter, n, kind)
	}
}

func sums(list []models.Oddity, by func(models.Oddity) string) map[string]int64 {
	all := map[string]int64{}
	for _, o := range list {
		all[by(o)] += o.N
	}
	return all
}

// look returns how the database stands, as of a few seconds ago at most.
func (v *vitals) look() pulse {
	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.service.Clock.Wall()
	if !v.looked.IsZero() && now.Sub(v.looked) < lookEvery {
		return v.pulse
	}
	v.pulse, v.looked = v.take(), now
	for source, at := range v.pulse.last {
		v.last[source] = max(v.last[source], at)
	}
	v.pulse.last = maps.Clone(v.last) // much that is imported hides what came before
	return v.pulse
}

func (v *vitals) take() (p pulse) {
	ctx, cancel := context.WithTimeout(context.Background(), lookWithin)
	defer cancel()
	s := v.service
	s.mu.Lock()
	migrated := s.migrated
	s.mu.Unlock()
	if !migrated {
		return p
	}
	var err error
	for _, read := range []func() error{
		func() error { p.backlog, err = s.waiting(ctx); return err },
		func() error { p.outgoing, err = s.Store.OutgoingStates(ctx); return err },
		func() error { p.last, err = s.Store.LastReceived(ctx); return err },
		func() error { p.odd, err = s.Store.Oddities(ctx); return err },
	} {
		if read() != nil {
			return pulse{}
		}
	}
	p.up = true
	return p
}
