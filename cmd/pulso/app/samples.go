package app

import (
	"context"
	"fmt"
	"math"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/models"
)

// samples takes the figures of rules at one moment, each only once however many
// rules ask for it.
type samples struct {
	desk     *report.Desk
	standing report.Standing
	now      int64
	answers  map[string]*report.Answer
}

// samples opens the record for the judging of rules at a moment.
func (a *App) samples(ctx context.Context, now int64) (*samples, error) {
	desk, err := a.Desk(ctx)
	if err != nil {
		return nil, fmt.Errorf("judge rules: %w", err)
	}
	standing, err := desk.Read.Standing(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("judge rules: %w", err)
	}
	return &samples{desk: desk, standing: standing, now: now, answers: map[string]*report.Answer{}}, nil
}

// overOf is the window that a rule's figure is taken over: what it says, else
// an hour; of a silence its length.
func overOf(r *models.Rule) int64 {
	switch {
	case r.Op == models.Silence && r.For > 0:
		return r.For
	case r.Over > 0:
		return r.Over
	}
	return 60 * 60_000
}

// narrowed are the filters of a rule.
func narrowed(r *models.Rule) []report.Filter {
	var list []report.Filter
	for _, f := range []report.Filter{{Dim: analytics.ByTeam, Values: r.Teams}, {Dim: analytics.ByChannel, Values: r.Channels}, {Dim: analytics.ByAgent, Values: r.Agents}} {
		if len(f.Values) > 0 {
			list = append(list, f)
		}
	}
	return list
}

// sample is the figure of a rule now. Stocks are counted now; all else is taken
// over the rule's window. What drops, rises or is silent is held against the same
// part of the same weekday in the four weeks before.
func (s *samples) sample(ctx context.Context, r *models.Rule) (analytics.Sample, error) {
	m, ok := analytics.MetricOf(r.Metric)
	if !ok {
		return analytics.Sample{}, fmt.Errorf("no metric is called %q", r.Metric)
	}
	to := s.now - m.Lag
	ask := report.Ask{Metrics: []string{m.Key}, Period: analytics.Span{From: to - overOf(r), To: to}, Where: narrowed(r)}
	relative := r.Op == models.Drop || r.Op == models.Rise || r.Op == models.Silence
	if relative {
		ask.Compare = report.Weekdays
	}
	answer, err := s.answer(ctx, ask)
	if err != nil {
		return analytics.Sample{}, err
	}
	now := figureOf(m, answer.Total.Figures[0])
	if !relative {
		return now.sample(), nil
	}
	var base baseline
	if c := answer.Compare; c != nil && c.Total.Figures[0].Value != nil {
		base.mean(figureOf(m, c.Total.Figures[0]))
	}
	return s.relative(r, now, base, s.now), nil
}

// answer works an ask out, once.
func (s *samples) answer(ctx context.Context, ask report.Ask) (*report.Answer, error) {
	key := fmt.Sprint(ask.Metrics, ask.Period, ask.Where, ask.Compare)
	if a, known := s.answers[key]; known {
		return a, nil
	}
	a, err := s.desk.Answer(ctx, ask, s.now)
	if err == nil {
		s.answers[key] = a
	}
	return a, err
}

// figure is a value in the unit of thresholds: durations are in seconds.
type figure struct {
	value float64
	n     int64 // what it rests on
	known bool
	count bool // a count is what it is: it rests on nothing else
}

func figureOf(m analytics.Metric, f report.Figure) figure {
	x := figure{n: f.N, known: f.Value != nil, count: m.Unit == analytics.Count}
	if f.Value != nil {
		x.value = *f.Value
	}
	switch {
	case m.Unit == analytics.Share:
		x.n = f.Den
	case m.Unit == analytics.Seconds:
		x.value /= 1000
	}
	if m.Stock { // nobody waits: the longest wait is none
		x.known, x.count = true, true
	}
	return x
}

func (f figure) sample() analytics.Sample {
	s := analytics.Sample{Value: f.value, N: int(f.n), Known: f.known}
	if f.count {
		s.N = math.MaxInt
	}
	return s
}

// baseline is the mean of a figure over earlier weeks.
type baseline struct {
	value float64
	n     int64
	weeks int
}

// add takes another week in.
func (b *baseline) add(f figure) {
	b.n += f.n
	if f.known {
		b.value += (f.value - b.value) / float64(b.weeks+1)
		b.weeks++
	}
}

func (b *baseline) mean(f figure) { b.value, b.n, b.weeks = f.value, f.n, 1 }

const (
	leastBase  = 20  // observations of the four weeks that a change is told from
	busyEnough = 3.0 // things that usually come in the time of a silence
)

// relative judges a figure against what it usually is.
func (s *samples) relative(r *models.Rule, now figure, base baseline, at int64) analytics.Sample {
	if r.Op == models.Silence {
		return s.silence(r, now, base, at)
	}
	if !now.known || base.weeks == 0 || base.value <= 0 || base.n < leastBase {
		return analytics.Sample{}
	}
	change := now.value/base.value - 1
	if r.Op == models.Drop {
		change = -change
	}
	x := analytics.Sample{Value: change, N: int(now.n), Known: true}
	if now.count { // a count that fell to nothing rests on what it was
		x.N = int(max(now.n, base.n))
	}
	return x
}

// silence counts what came. That nothing came means something only when the
// business is open and, where earlier weeks tell, several things usually come in
// that time.
func (s *samples) silence(r *models.Rule, now figure, base baseline, at int64) analytics.Sample {
	x := analytics.Sample{Value: float64(now.n), N: math.MaxInt, Known: true}
	if now.n > 0 {
		return x
	}
	rules, since := s.desk.Rules, s.standing.Since
	x.Known = since != 0 && since <= at-overOf(r) && rules.Hours.OpenAt(rules.Zone, at) && (base.weeks == 0 || base.value >= busyEnough)
	return x
}
