package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
)

// Query is the structured twin of a question, as the command line gives it.
type Query struct {
	Metrics []string
	From    string // RFC 3339 or a local date; "" with To "": today
	To      string // exclusive
	By      []string
	Where   []string // DIM=VALUE
	Compare string   // "", previous, weekdays, FROM..TO
	Order   string
	Limit   int
	Now     time.Time
}

// Query answers a query. A query never drops rows for resting on too little.
func (a *App) Query(ctx context.Context, q Query) (*report.Desk, *report.Answer, error) {
	desk, err := a.Desk(ctx)
	if err != nil {
		return nil, nil, err
	}
	ask, err := a.ask(q, desk.Roster)
	if err != nil {
		return nil, nil, err
	}
	answer, err := desk.Answer(ctx, ask, q.Now.UnixMilli())
	if r, ok := report.Refused(err); ok {
		return nil, nil, fmt.Errorf("%s", refusal(r))
	}
	return desk, answer, err
}

// refusal says in English why a query makes no sense.
func refusal(r *report.Refusal) string {
	switch r.Why {
	case report.UnknownMetric:
		return fmt.Sprintf("no metric is called %q: see `pulso metrics`", r.Metric)
	case report.StockHasNoDim:
		return fmt.Sprintf("%s is counted now and cannot be split by %s", r.Metric, r.Dim)
	case report.DimDoesNotFit:
		m, _ := analytics.MetricOf(r.Metric)
		var fits []string
		m.Dims.Each(func(d analytics.Dim) { fits = append(fits, d.String()) })
		return fmt.Sprintf("%s does not go with %s; it goes with: %s", r.Dim, r.Metric, strings.Join(fits, ", "))
	case report.NoDirection:
		return fmt.Sprintf("neither more nor less %s is better: use desc or asc", r.Metric)
	}
	return "the period ends before it begins"
}

func (a *App) ask(q Query, roster *analytics.Roster) (report.Ask, error) {
	ask := report.Ask{Metrics: q.Metrics, Order: report.Order(q.Order), Limit: q.Limit}
	var err error
	if ask.Period, err = a.period(q.From, q.To, q.Now); err != nil {
		return ask, err
	}
	for _, key := range q.By {
		d, ok := analytics.ParseDim(key)
		if !ok {
			return ask, fmt.Errorf("--by %s: no such dimension; there are %s", key, dimensions())
		}
		ask.By = append(ask.By, d)
	}
	for _, w := range q.Where {
		f, err := a.filter(w, roster)
		if err != nil {
			return ask, err
		}
		ask.Where = append(ask.Where, f)
	}
	switch {
	case q.Compare == "", q.Compare == "previous", q.Compare == "weekdays":
		ask.Compare = report.CompareKind(q.Compare)
	default:
		from, to, ok := strings.Cut(q.Compare, "..")
		if !ok {
			return ask, fmt.Errorf("--compare %s: want previous, weekdays or FROM..TO", q.Compare)
		}
		ask.Compare = report.CompareWith
		if ask.CompareSpan, err = a.period(from, to, q.Now); err != nil {
			return ask, err
		}
	}
	return ask, nil
}

// period reads two ends; neither is today, a single one is up to now or from
// the beginning of the day.
func (a *App) period(from, to string, now time.Time) (analytics.Span, error) {
	today := a.rules.Zone.DayOf(now.UnixMilli())
	span := a.rules.Zone.Days(today, today+1)
	var err error
	if from != "" {
		if span.From, err = a.moment(from); err != nil {
			return span, fmt.Errorf("--from %s: %w", from, err)
		}
	}
	if to != "" {
		if span.To, err = a.moment(to); err != nil {
			return span, fmt.Errorf("--to %s: %w", to, err)
		}
	}
	return span, nil
}

func (a *App) moment(s string) (int64, error) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t.UnixMilli(), nil
	}
	d, err := analytics.ParseDay(s)
	if err != nil {
		return 0, fmt.Errorf("want RFC 3339 (2026-03-01T09:00:00-05:00) or a local date (2026-03-01)")
	}
	return a.rules.Zone.Start(d), nil
}

// filter reads DIM=VALUE; several values are separated by commas, and nobody or
// none is written null.
func (a *App) filter(w string, roster *analytics.Roster) (report.Filter, error) {
	key, text, ok := strings.Cut(w, "=")
	d, known := analytics.ParseDim(key)
	if !ok || !known {
		return report.Filter{}, fmt.Errorf("--where %s: want DIM=VALUE with one of %s", w, dimensions())
	}
	f := report.Filter{Dim: d}
	for _, v := range strings.Split(text, ",") {
		if v == "null" || v == "none" {
			v = ""
		} else if v = a.valueOf(d, v, roster); v == "" {
			return f, fmt.Errorf("--where %s: nobody is called that", w)
		}
		f.Values = append(f.Values, v)
	}
	return f, nil
}

// dimensions names all of them.
func dimensions() string {
	var keys []string
	for d := analytics.ByAgent; d <= analytics.ByMonth; d++ {
		keys = append(keys, d.String())
	}
	return strings.Join(keys, ", ")
}

// valueOf returns what figures call a value that people name: an agent by name
// or id, a channel by id or name.
func (a *App) valueOf(d analytics.Dim, v string, roster *analytics.Roster) string {
	switch d {
	case analytics.ByAgent:
		return roster.Find(v)
	case analytics.ByTeam:
		for _, t := range roster.Teams() {
			if analytics.FoldName(t) == analytics.FoldName(v) {
				return t
			}
		}
	case analytics.ByChannel:
		for _, n := range a.Config.WhatsApp {
			if v == n.PhoneNumberID || analytics.FoldName(v) == analytics.FoldName(n.Name) {
				return n.Channel()
			}
		}
	}
	return v
}

// rates is the rate card of the settings; nil when no price stands in it.
func (a *App) rates() *report.Rates {
	card := a.Config.Rates
	if len(card.Prices) == 0 {
		return nil
	}
	return &report.Rates{Currency: card.Currency, Price: func(category string) (int64, bool) {
		p, ok := card.Price(category)
		return int64(p), ok
	}}
}

// Bounds reads two ends, each of which may be "": 0 is without bound.
func (a *App) Bounds(from, to string) (since, before int64, err error) {
	if from != "" {
		if since, err = a.moment(from); err != nil {
			return 0, 0, fmt.Errorf("--from %s: %w", from, err)
		}
	}
	if to != "" {
		if before, err = a.moment(to); err != nil {
			return 0, 0, fmt.Errorf("--to %s: %w", to, err)
		}
	}
	return since, before, nil
}
