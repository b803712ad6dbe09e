package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
)

// ErrUsage marks what is wrong with a call, rather than what went wrong in it.
var ErrUsage = errors.New("usage")

// misuse is an error that is ErrUsage and says no more than it has to.
type misuse struct{ error }

func (m misuse) Is(target error) bool { return target == ErrUsage }

func (m misuse) Unwrap() error { return m.error }

func wrong(format string, args ...any) error { return misuse{fmt.Errorf(format, args...)} }

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
		return nil, nil, wrong("%s", refusal(r))
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

// check refuses what no answer can be given to, whatever is recorded.
func (q *Query) check() error {
	var stocks int
	for _, key := range q.Metrics {
		m, ok := analytics.MetricOf(key)
		if !ok {
			return wrong("%s", refusal(&report.Refusal{Why: report.UnknownMetric, Metric: key}))
		}
		if m.Stock {
			stocks++
		}
	}
	switch {
	case stocks == len(q.Metrics) && q.From+q.To != "":
		return wrong("%s is counted now: a stock takes neither --from nor --to", q.Metrics[0])
	case len(q.By) > 2:
		return wrong("--by %s: want one or two dimensions", strings.Join(q.By, ","))
	case len(q.By) == 2 && q.By[0] == q.By[1]:
		return wrong("--by %s: given twice", q.By[0])
	case q.Limit < 0:
		return wrong("--limit %d: want 1 or more; 0 for all", q.Limit)
	case !slices.Contains([]report.Order{report.Natural, report.Worst, report.Best, report.Desc, report.Asc}, report.Order(q.Order)):
		return wrong("--order %s: want worst, best, desc or asc", q.Order)
	}
	return nil
}

// distinct returns a list without repeats, in its order.
func distinct(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func (a *App) ask(q Query, roster *analytics.Roster) (report.Ask, error) {
	ask := report.Ask{Metrics: distinct(q.Metrics), Order: report.Order(q.Order), Limit: q.Limit}
	err := q.check()
	if err != nil {
		return ask, err
	}
	if ask.Period, err = a.period(q.From, q.To, q.Now); err != nil {
		return ask, err
	}
	for _, key := range q.By {
		d, ok := analytics.ParseDim(key)
		if !ok {
			return ask, wrong("--by %s: no such dimension; there are %s", key, dimensions())
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
			return ask, wrong("--compare %s: want previous, weekdays or FROM..TO", q.Compare)
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
			return span, wrong("--from %s: %w", from, err)
		}
	}
	if to != "" {
		if span.To, err = a.moment(to); err != nil {
			return span, wrong("--to %s: %w", to, err)
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
		return 0, wrong("want RFC 3339 (2026-03-01T09:00:00-05:00) or a local date (2026-03-01)")
	}
	return a.rules.Zone.Start(d), nil
}

// filter reads DIM=VALUE; several values are separated by commas, and nobody or
// none is written null.
func (a *App) filter(w string, roster *analytics.Roster) (report.Filter, error) {
	key, text, ok := strings.Cut(w, "=")
	d, known := analytics.ParseDim(key)
	if !ok || !known {
		return report.Filter{}, wrong("--where %s: want DIM=VALUE with one of %s", w, dimensions())
	}
	f := report.Filter{Dim: d}
	for _, v := range strings.Split(text, ",") {
		if v == "null" || v == "none" {
			v = ""
		} else if v = a.valueOf(d, v, roster); v == "" {
			return f, wrong("--where %s: nobody is called that", w)
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
			return 0, 0, wrong("--from %s: %w", from, err)
		}
	}
	if to != "" {
		if before, err = a.moment(to); err != nil {
			return 0, 0, wrong("--to %s: %w", to, err)
		}
	}
	return since, before, nil
}
