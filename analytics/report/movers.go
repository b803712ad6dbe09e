package report

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"pulso/analytics"
)

// moverMetrics are looked at for what moved, moverDims what may have moved them.
func moverMetrics() []string {
	return []string{
		"messages_received", "messages_sent", "conversations_opened", "conversations_closed",
		"first_response", "response_time", "failure_rate",
	}
}

func moverDims() []analytics.Dim {
	return []analytics.Dim{analytics.ByAgent, analytics.ByChannel, analytics.ByCategory, analytics.ByHour}
}

// Movers returns what went differently in a period than in the same weekdays of
// the four weeks before, the most surprising first: an agent, a channel, a
// category or an hour, or a metric in all. A period that reaches past now (ms) is
// compared with as much of the weeks before. Without two weeks of record nothing
// is unusual. Agents are roster keys.
func (d *Desk) Movers(ctx context.Context, period analytics.Span, where []Filter, now int64) ([]analytics.Mover, error) {
	ask := Ask{Period: period.Cut(now + 1), Where: where}
	for _, m := range fitting(where) {
		ask.Metrics = append(ask.Metrics, m.Key)
	}
	if ask.Period.Empty() || len(ask.Metrics) == 0 {
		return nil, nil
	}
	s, err := d.begin(ctx, ask, now)
	if err != nil {
		return nil, fmt.Errorf("movers: %w", err)
	}
	spans := s.weeks()
	if len(spans) == 0 {
		return nil, nil
	}
	var list []analytics.Movement
	for _, dim := range moverDims() {
		if list, err = s.courses(list, dim, append([]analytics.Span{ask.Period}, spans...)); err != nil {
			return nil, fmt.Errorf("movers: %w", err)
		}
	}
	return analytics.Movers(list), nil
}

// courses adds, for every metric that fits a dimension and the filters, how it
// and each value of the dimension went over spans, the first of which is now.
func (s *session) courses(list []analytics.Movement, dim analytics.Dim, spans []analytics.Span) ([]analytics.Movement, error) {
	metrics := fitting(s.ask.Where, dim)
	if len(metrics) == 0 {
		return list, nil
	}
	s.metrics, s.ask.By = metrics, []analytics.Dim{dim}
	parts := map[string][]Row{} // by value: its row in each span
	tables, totals, err := s.tables(spans)
	if err != nil {
		return nil, err
	}
	for i, rows := range tables {
		for _, r := range rows {
			if parts[r.Values[0]] == nil {
				parts[r.Values[0]] = make([]Row, len(spans))
			}
			parts[r.Values[0]][i] = r
		}
	}
	for k, m := range metrics {
		i := slices.IndexFunc(list, func(x analytics.Movement) bool { return x.Metric.Key == m.Key })
		if i < 0 {
			list = append(list, analytics.Movement{Metric: m, Total: course(totals, k)})
			i = len(list) - 1
		}
		for _, value := range slices.Sorted(maps.Keys(parts)) {
			list[i].Parts = append(list[i].Parts, analytics.Part{Dim: dim, Value: value, Course: course(parts[value], k)})
		}
	}
	return list, nil
}

// fitting returns the metrics that fit the filters and dimensions.
func fitting(where []Filter, dims ...analytics.Dim) []analytics.Metric {
	for _, f := range where {
		dims = append(dims, f.Dim)
	}
	var list []analytics.Metric
	for _, key := range moverMetrics() {
		m, _ := analytics.MetricOf(key)
		// Who writes at night is answered in the morning: an hour's delays are no one
		// kind of thing, and go up and down by hours without a cause.
		misfit := func(d analytics.Dim) bool { return !m.Fits(d) || d == analytics.ByHour && m.Unit == analytics.Seconds }
		if !slices.ContainsFunc(dims, misfit) {
			list = append(list, m)
		}
	}
	return list
}

// course reads one figure off the rows of now and of the weeks before; a row that
// a span does not have is nothing.
func course(rows []Row, k int) analytics.Course {
	var c analytics.Course
	for i, r := range rows {
		var p analytics.Point
		if k < len(r.Figures) {
			p = point(&r.Figures[k])
		}
		if i == 0 {
			c.Now = p
		} else {
			c.Before = append(c.Before, p)
		}
	}
	return c
}

func point(f *Figure) analytics.Point {
	switch {
	case f.Unit == analytics.Share && f.Den > 0:
		return analytics.Point{Value: float64(f.Num) / float64(f.Den), N: f.Den}
	case f.Unit == analytics.Seconds && f.P50 != nil:
		return analytics.Point{Value: *f.P50, N: f.N}
	case f.Unit == analytics.Count:
		return analytics.Point{Value: float64(f.N), N: f.N}
	}
	return analytics.Point{}
}
