package words

import (
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
)

// follow reads a line that only changes the report or list before it, and
// false when it stands on its own.
func (l *line) follow(d *draft) (Reading, bool) {
	prev := l.in.Previous
	if prev == nil || !prev.follows {
		return Reading{}, false
	}
	opened := l.opensFollow()
	if !opened && !l.ranksBefore(d) && (d.strength >= 3 || d.strength == 2 && len(d.metrics) > 0 || d.overview) || d.peak {
		return Reading{}, false
	}
	if !opened && d.ask.Format != "" && d.said && len(d.ask.By) > 0 {
		return Reading{}, false // "export agents last month" says all of it
	}
	if prev.Intent == ToList && prev.List != nil && len(d.metrics) == 0 {
		return l.followList(*prev.List, d)
	}
	if len(prev.Ask.Metrics) == 0 || !l.changes(d) {
		return Reading{}, false
	}
	return l.followAsk(prev, d), true
}

// ranksBefore reports whether the line only ranks what was asked before: "slowest 3".
func (l *line) ranksBefore(d *draft) bool {
	return d.split && !d.said && !d.times.asked && len(d.metrics) == 1 && l.speedier(d) && len(l.in.Previous.Ask.Metrics) > 0
}

// speedier reports whether the only word for a metric is that of being slow or fast.
func (l *line) speedier(d *draft) bool {
	return d.metrics[0].weak && l.is(d.metrics[0].item, "mod.slower", "mod.faster")
}

// opensFollow reports whether the line begins with "and", "what about", "only".
func (l *line) opensFollow() bool {
	for i := range l.items {
		if l.is(i, "follow.start") {
			return true
		}
		if !l.mark(i) && !l.is(i, "cmd.ack", "cmd.thanks", "filler.") {
			return false
		}
	}
	return false
}

// resumes reports whether the line goes on with figures of a time that is over:
// "y abiertas?" after those closed yesterday.
func (l *line) resumes() bool {
	prev := l.in.Previous
	return prev != nil && prev.follows && len(prev.Ask.Metrics) > 0 && !stocksOnly(prev.Ask.Metrics) && l.opensFollow() && !l.any("when.now")
}

// changes reports whether the line holds something that changes a report, and
// no words that nobody knows.
func (l *line) changes(d *draft) bool {
	some := d.said || d.times.asked || len(d.ask.By) > 0 || len(d.ask.Where) > 0 || d.ask.Chart || d.ask.Stat != "" || d.ask.Order != "" ||
		d.ask.Format != "" || len(d.metrics) > 0 || d.unclear != nil || l.any("follow.clear", "cmd.detail", "mod.business", "value.", "mod.any", "when.previous_one")
	return some && l.strangers() <= 1
}

// followAsk changes the ask before it by what the line says, and keeps the rest.
func (l *line) followAsk(prev *Reading, d *draft) Reading {
	p := prev.Ask
	next := draft{ask: report.Ask{
		Metrics: slices.Clone(p.Metrics), By: slices.Clone(p.By), Where: slices.Clone(p.Where), Order: p.Order, Limit: p.Limit, Stat: p.Stat, Chart: p.Chart, Detail: p.Detail,
	}, notes: d.notes, unclear: d.unclear, times: d.times}
	next.period, next.said = l.before(p), true
	l.followMetrics(&next, d)
	back, ok := l.oneBack(next.period)
	switch {
	case d.said:
		next.period = d.period
	case ok:
		next.period = back
		fallthrough
	case d.times.versus == nil && d.times.kind == report.CompareNone:
		next.keepCompare(p)
	}
	if len(d.times.windows) > 0 && d.period.to == l.cal.today+1 && !l.any("when.", "part.") {
		next.period = l.narrow(next.period, d)
	}
	l.followRows(&next, d)
	next.ask.Chart = d.ask.Chart || next.ask.Chart && len(d.ask.By) == 0 && d.ask.Format == ""
	next.trend = d.trend
	next.ask.Format = d.ask.Format
	if d.ask.Stat != "" {
		next.ask.Stat = d.ask.Stat
	}
	next.overview = slices.Equal(next.ask.Metrics, overview)
	l.finish(&next)
	if next.ask.Compare == report.CompareNone && p.Compare != report.CompareNone && !d.said && !d.times.asked && p.CompareSpan != next.ask.Period {
		next.ask.Compare, next.ask.CompareSpan, next.ask.CompareText = p.Compare, p.CompareSpan, p.CompareText
	}
	r := l.reading(&next)
	if next.refused != nil {
		r.Suggestions = l.suggest(&next)
	}
	return r
}

// oneBack returns the period before w when the line asks for "the day before".
func (l *line) oneBack(w when) (when, bool) {
	if !l.any("when.previous_one") || l.any("glue.vs", "glue.than") || !w.whole {
		return when{}, false
	}
	from, to := w.from-(w.to-w.from), w.from
	if calendarUnit(w.unit) {
		from = shift(w.unit, w.from, -1)
	}
	return l.cal.days(from, to, w.unit, ""), true
}

// keepCompare keeps a comparison that is relative to the period, which may be
// another one now.
func (d *draft) keepCompare(p report.Ask) {
	switch p.CompareText {
	case "previous":
		d.times.kind = report.Previous
	case "weekdays":
		d.times.kind = report.Weekdays
	}
}

// narrow applies hours to the day of the ask before.
func (l *line) narrow(w when, d *draft) when {
	if w.to != w.from+1 {
		return d.period
	}
	day := l.cal.days(w.from, w.to, "day", w.text)
	t := times{main: &day, windows: d.times.windows}
	l.applyWindows(&t)
	return *t.main
}

// before returns the period of an ask, read back from its text.
func (l *line) before(p report.Ask) when {
	if w, ok := l.period(p.PeriodText); ok {
		return w
	}
	return when{span: p.Period, text: p.PeriodText}
}

// followMetrics takes the metrics that the line names.
func (l *line) followMetrics(next, d *draft) {
	if len(d.metrics) == 0 && !d.overview {
		if l.any("mod.business") {
			for i, k := range next.ask.Metrics {
				if m, ok := analytics.MetricOf(k); ok && m.Twin {
					next.ask.Metrics[i] = k + "_business"
				}
			}
		}
		if l.any("mod.any") && slices.Equal(next.ask.Metrics, []string{"first_response"}) {
			next.ask.Metrics = []string{"first_response_any"}
		}
		return
	}
	if len(d.metrics) > 0 && d.metrics[0].weak && !l.opensFollow() && (len(d.ask.By) > 0 || len(d.ask.Where) > 0) && (!l.speedier(d) || timed(next.ask.Metrics[0])) {
		return
	}
	next.ask.Metrics = slices.Clone(d.ask.Metrics)
	if stocksOnly(next.ask.Metrics) {
		next.said = false
	}
}

// followRows takes filters, dimensions and order that the line names.
func (l *line) followRows(next, d *draft) {
	if l.any("follow.clear") && len(d.ask.Where) == 0 {
		next.ask.Where = nil
	}
	s := selection{filters: next.ask.Where}
	for _, f := range d.ask.Where {
		s.filters = slices.DeleteFunc(s.filters, func(o report.Filter) bool { return o.Dim == f.Dim || related(o.Dim, f.Dim) })
	}
	for _, f := range d.ask.Where {
		s.add(f.Dim, f.Values...)
	}
	if m, ok := analytics.MetricOf(next.ask.Metrics[0]); ok {
		l.values(&s, m, 0, len(l.items))
	}
	next.ask.Where = s.filters
	if len(d.ask.By) > 0 && !(d.split && len(next.ask.By) > 0) {
		next.ask.By = d.ask.By
		if d.ask.Order == "" {
			next.ask.Order, next.ask.Limit = "", 0
		}
	}
	if d.ask.Order != "" {
		next.ask.Order, next.ask.Limit = d.ask.Order, d.ask.Limit
	}
	if l.any("cmd.detail") && len(d.ask.By) == 0 && !d.said {
		l.deepen(next)
	}
}

// timed reports whether a metric is a duration of which there are many.
func timed(key string) bool {
	m, ok := analytics.MetricOf(key)
	return ok && m.Unit == analytics.Seconds && !m.Stock
}

// deepen tells more of an ask: what it is made up of, then all rows of a
// ranking, then all of a duration; where there is no more, that is said.
func (l *line) deepen(next *draft) {
	switch {
	case len(next.ask.By) == 0:
		next.ask.By = l.detailed(next.ask)
		if len(next.ask.By) == 0 {
			next.notes = append(next.notes, Note{Key: SaidNoMore})
		}
	case next.ask.Limit > 0:
		next.ask.Limit = 0
	case timed(next.ask.Metrics[0]) && !next.ask.Detail:
		next.ask.Detail = true
	default:
		next.notes = append(next.notes, Note{Key: SaidNoMore})
	}
}

// related reports whether naming one dimension takes the place of the other: an
// agent is of one team.
func related(a, b analytics.Dim) bool {
	return a == analytics.ByAgent && b == analytics.ByTeam || a == analytics.ByTeam && b == analytics.ByAgent
}

// detailed returns the first dimension that breaks an ask down further.
func (l *line) detailed(a report.Ask) []analytics.Dim {
	m, _ := analytics.MetricOf(a.Metrics[0])
	for _, dim := range []analytics.Dim{analytics.ByAgent, analytics.ByChannel, analytics.BySource} {
		if m.Fits(dim) && !slices.ContainsFunc(a.Where, func(f report.Filter) bool { return f.Dim == dim }) {
			return []analytics.Dim{dim}
		}
	}
	return nil
}

// followList changes the filters or the period of the list before.
func (l *line) followList(p ListDetail, d *draft) (Reading, bool) {
	if !l.changes(d) || d.ask.Chart || len(d.ask.By) > 0 {
		return Reading{}, false
	}
	if d.times.never != "" && p.List != "expiring" {
		d.refused = &report.Refusal{Why: d.times.never}
		return l.reading(d), true
	}
	p.Page = 1
	if d.said {
		p.Period, p.PeriodText = d.period.span, d.period.text
	}
	s := selection{filters: slices.Clone(p.Where)}
	for _, f := range d.ask.Where {
		s.filters = slices.DeleteFunc(s.filters, func(o report.Filter) bool { return o.Dim == f.Dim || related(o.Dim, f.Dim) })
		s.add(f.Dim, f.Values...)
	}
	if l.any("follow.clear") && len(d.ask.Where) == 0 {
		s.filters = nil
	}
	p.Where = s.filters
	r := Reading{Language: l.lang.String(), Intent: ToList, List: &p, Candidates: d.unclear, Said: d.notes, follows: true}
	if p.List == "open" {
		l.owner(&p, &r)
	}
	return r, true
}
