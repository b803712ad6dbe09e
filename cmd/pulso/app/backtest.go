package app

import (
	"context"
	"math"
	"slices"

	"pulso/analytics"
	"pulso/models"
)

const (
	backDays  = 30
	leastDays = 7 // of record, for a backtest to mean anything
	backStep  = int64(3 * 60_000)
	weekMS    = 7 * dayMS
	dayMS     = int64(24 * 3_600_000)
)

// backtest counts how often a rule would have fired in the last 30 days; false
// when the record is too short to tell, or does not hold how the figure stood. It
// judges quarter hours, as the cells have them, and what is known today.
func (a *App) backtest(ctx context.Context, r models.Rule, now int64) (int, bool, error) {
	s, err := a.samples(ctx, now)
	if err != nil {
		return 0, false, err
	}
	from := max(now-backDays*dayMS, s.standing.Since)
	m, ok := analytics.MetricOf(r.Metric)
	if !ok || s.standing.Since == 0 || now-from < leastDays*dayMS || s.standing.Rules != s.desk.Print {
		return 0, false, nil
	}
	at, ok, err := s.past(ctx, &r, m, from)
	if err != nil || !ok {
		return 0, false, err
	}
	var alarm models.Alarm
	for t := from - from%analytics.SlotMS; t < now; t += analytics.SlotMS {
		sample := at(t)
		for k := t; k < t+analytics.SlotMS; k += backStep {
			alarm, _ = analytics.Judge(&r, alarm, sample, k)
		}
	}
	return int(alarm.Episode), true, nil
}

// past returns how a rule's figure stood at moments since from.
func (s *samples) past(ctx context.Context, r *models.Rule, m analytics.Metric, from int64) (func(int64) analytics.Sample, bool, error) {
	if m.Stock {
		return s.pastStock(ctx, r, m, from)
	}
	want := []analytics.Measure{m.Measure}
	if m.Unit == analytics.Share {
		want = []analytics.Measure{m.Num, m.Den}
	}
	if slices.ContainsFunc(want, analytics.OncePerContact) {
		return nil, false, nil // of contacts, cells tell only whole days
	}
	f, err := s.film(ctx, r, want, from-overOf(r)-m.Lag-5*weekMS)
	if err != nil || f == nil {
		return nil, false, err
	}
	zone := s.desk.Rules.Zone
	return func(t int64) analytics.Sample {
		span := analytics.Span{From: t - m.Lag - overOf(r), To: t - m.Lag}
		now := f.figure(m, span, s.desk.Stat)
		if r.Op != models.Drop && r.Op != models.Rise && r.Op != models.Silence {
			return now.sample()
		}
		var base baseline
		for k := analytics.Day(1); k <= 4; k++ {
			before := analytics.Span{From: zone.Back(span.From, 7*k), To: zone.Back(span.To, 7*k)}
			if before.From < s.standing.Since {
				break
			}
			base.add(f.figure(m, before, s.desk.Stat))
		}
		return s.relative(r, now, base, t)
	}, true, nil
}

// film holds cells by day, to be summed over many spans.
type film struct {
	s     *samples
	where []analytics.Filter
	want  []analytics.Measure
	days  map[analytics.Day][]frame
}

type frame struct {
	key  analytics.CellKey
	cell *analytics.Cell
}

// film reads the cells of measures since from; nil when cells do not tell what
// the rule is narrowed to.
func (s *samples) film(ctx context.Context, r *models.Rule, want []analytics.Measure, from int64) (*film, error) {
	f := &film{s: s, where: narrowed(r), want: want, days: map[analytics.Day][]frame{}}
	zone := s.desk.Rules.Zone
	read := map[analytics.Group]bool{}
	for _, x := range want {
		g := analytics.GroupOf(x)
		if read[g] {
			continue
		}
		read[g] = true
		_, tier, ok := analytics.NewSieve(s.desk.Rules, s.desk.Roster, nil, f.where, want).Plan(g)
		if !ok {
			return nil, nil
		}
		err := s.desk.Read.Cells(ctx, g, tier, zone.DayOf(from), zone.DayOf(s.now)+1, func(k analytics.CellKey, body []byte) error {
			c, err := analytics.DecodeCell(g, body)
			f.days[k.Day] = append(f.days[k.Day], frame{k, c})
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return f, nil
}

// figure sums the whole quarter hours of a span.
func (f *film) figure(m analytics.Metric, span analytics.Span, stat string) figure {
	zone := f.s.desk.Rules.Zone
	sieve := analytics.NewSieve(f.s.desk.Rules, f.s.desk.Roster, nil, f.where, f.want)
	for day := zone.DayOf(span.From); day <= zone.DayOf(span.To-1); day++ {
		for _, x := range f.days[day] {
			sieve.Decoded(x.key, x.cell, span)
		}
	}
	switch m.Unit {
	case analytics.Share:
		num, den := sieve.Total.Sum(m.Num).N, sieve.Total.Sum(m.Den).N
		if den == 0 {
			return figure{}
		}
		return figure{value: float64(num) / float64(den), n: den, known: true}
	case analytics.Seconds:
		return spanned(sieve.Total.Sum(m.Measure), stat)
	}
	n := sieve.Total.Sum(m.Measure).N
	return figure{value: float64(n), n: n, known: true, count: true}
}

// spanned is a statistic of durations, in seconds.
func spanned(sum *analytics.Sum, stat string) figure {
	mean, ok := sum.Mean()
	if !ok {
		return figure{}
	}
	f := figure{value: mean / 1000, n: sum.N, known: true}
	if q, quantile := map[string]float64{"median": 0.5, "p90": 0.9}[stat]; quantile {
		ms, _ := sum.Quantile(q)
		f.value = float64(ms) / 1000
	}
	return f
}

// pastStock works out who waited when, from how long answers took.
func (s *samples) pastStock(ctx context.Context, r *models.Rule, m analytics.Metric, from int64) (func(int64) analytics.Sample, bool, error) {
	if m.Key != "conversations_waiting" && m.Key != "longest_wait" {
		return nil, false, nil
	}
	answers, _ := analytics.MetricOf("response_time")
	rows, err := s.desk.Read.Moments(ctx, analytics.Moments{
		Groups: []analytics.Group{analytics.GroupOf(answers.Measure)}, Span: analytics.Span{From: from, To: s.now}, Target: s.desk.Rules.Target,
	})
	if err != nil {
		return nil, false, err
	}
	sieve := analytics.NewSieve(s.desk.Rules, s.desk.Roster, nil, narrowed(r), nil)
	var waits []analytics.Span
	add := func(d *analytics.Dims, w analytics.Span) {
		if _, _, ok := sieve.Place(d, w.From); ok && w.To > w.From {
			waits = append(waits, w)
		}
	}
	s.desk.Rules.Contributions(rows, s.desk.Roster, func(c analytics.Contribution) {
		if c.Measure == answers.Measure {
			add(&c.Dims, analytics.Span{From: c.At - c.Value, To: c.At})
		}
	})
	waiting, err := s.desk.Read.Open(ctx, s.now, true)
	if err != nil {
		return nil, false, err
	}
	for _, c := range waiting {
		var d analytics.Dims
		d[analytics.ByChannel], d[analytics.ByAgent] = c.Channel, c.Assignee
		add(&d, analytics.Span{From: c.WaitingSince, To: math.MaxInt64})
	}
	slices.SortFunc(waits, func(a, b analytics.Span) int { return int(max(-1, min(1, a.From-b.From))) })
	return sweep(waits, m.Unit == analytics.Seconds), true, nil
}

// sweep counts the spans that hold a moment, or measures in seconds how long the
// oldest of them has lasted, for moments in order.
func sweep(waits []analytics.Span, oldest bool) func(int64) analytics.Sample {
	var active []analytics.Span
	next := 0
	return func(t int64) analytics.Sample {
		for ; next < len(waits) && waits[next].From <= t; next++ {
			active = append(active, waits[next])
		}
		active = slices.DeleteFunc(active, func(w analytics.Span) bool { return w.To <= t })
		f := figure{value: float64(len(active)), known: true, count: true}
		if oldest {
			f.value = 0
			if len(active) > 0 {
				f.value = float64(t-active[0].From) / 1000
			}
		}
		return f.sample()
	}
}
