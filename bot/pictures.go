package bot

import (
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
)

// Pictures of rows: what a chart can show of them, and what it leaves out.

const (
	mostPairs  = 60 // bars in pairs
	mostNames  = 4  // of them, where each has a name to be read
	mostFields = 31 // rows and columns of a map
)

// tablePicture draws the rows of a table, if a picture is wanted.
func (t *teller) tablePicture(rows []report.Row) (card.Picture, bool) {
	switch {
	case !t.ask.Chart:
		return card.Picture{}, false
	case len(t.ask.By) == 2:
		return t.mapPicture()
	case len(t.ask.By) > 2:
		return card.Picture{}, false
	}
	if p, ok := t.pairPicture(rows); ok {
		return p, true
	}
	return t.rankingPicture(rows), true
}

// rankingPicture draws the rows as bars, with the team's level.
func (t *teller) rankingPicture(rows []report.Row) card.Picture {
	i := t.sides()[0]
	m := t.answer.Metrics[i]
	chart := card.Chart{Kind: card.Ranking, Title: card.T("report.title_by", "metric", card.Metric(m.Key), "dim", card.Dim(t.ask.By[0])), Subtitle: t.tableSub(), Empty: card.T("chart.empty")}
	for _, r := range rows {
		p := card.Point{Label: t.dimValue(t.ask.By[0], r.Values[0]), Value: value(m, r.Figures[i], t.ask.Stat)}
		if m.Unit == analytics.Seconds {
			p.N = card.Count(r.Figures[i].N)
		}
		chart.Points = append(chart.Points, p)
	}
	if v := value(m, t.answer.Total.Figures[i], t.ask.Stat); m.Unit != analytics.Count && v != nil {
		chart.Goal = &card.Level{Value: v, Label: card.T("chart.team_median", "value", v)}
	}
	return card.Picture{Chart: chart}
}

// pairPicture draws bars in pairs: of two metrics of one unit, or of a metric and
// how it was before; false where there is no such pair, or it is too long.
func (t *teller) pairPicture(rows []report.Row) (card.Picture, bool) {
	sides := t.sides()
	chart := card.Chart{Kind: card.Bars, Title: t.title(), Subtitle: t.tableSub(), Empty: card.T("chart.empty")}
	if len(rows) == 0 || len(rows) > mostPairs || len(rows) > mostNames && !t.ask.By[0].Time() {
		return card.Picture{}, false
	}
	switch {
	case len(sides) == 2 && t.answer.Metrics[sides[0]].Unit == t.answer.Metrics[sides[1]].Unit:
		a, b := t.answer.Metrics[sides[0]], t.answer.Metrics[sides[1]]
		chart.Current, chart.Earlier = metricName(a), metricName(b)
		for _, r := range rows {
			chart.Points = append(chart.Points, card.Point{Label: t.dimValue(t.ask.By[0], r.Values[0]), Value: t.drawn(a, r.Figures[sides[0]]), Earlier: t.drawn(b, r.Figures[sides[1]])})
		}
	case len(sides) == 1 && t.held() && !t.answer.Metrics[sides[0]].Stock:
		chart.Current, chart.Earlier = card.T("chart.current", "period", t.period()), t.against()
		m, earlier := t.answer.Metrics[sides[0]], t.earlierRows()
		for _, r := range rows {
			before, ok := earlier[rowKey(r)]
			if !ok {
				before = t.nothingOf(r.Values)
			}
			chart.Points = append(chart.Points, card.Point{Label: t.dimValue(t.ask.By[0], r.Values[0]), Value: t.drawn(m, r.Figures[sides[0]]), Earlier: t.drawn(m, before.Figures[sides[0]])})
		}
	default:
		return card.Picture{}, false
	}
	return card.Picture{Chart: chart}, true
}

// drawn is a figure as a picture shows it: a count per occurrence of its hour or
// weekday, where there is such a mean.
func (t *teller) drawn(m analytics.Metric, f report.Figure) card.Value {
	if f.Average != nil {
		return card.Number(*f.Average)
	}
	return value(m, f, t.ask.Stat)
}

// mapPicture draws two dimensions as a map of fields: times across, the other
// down; false where they have too many values for one.
func (t *teller) mapPicture() (card.Picture, bool) {
	i := t.sides()[0]
	m := t.answer.Metrics[i]
	down, across := 0, 1
	if t.ask.By[0].Time() && !t.ask.By[1].Time() {
		down, across = 1, 0
	}
	chart := card.Chart{Kind: card.Heatmap, Title: t.title(), Subtitle: t.sub(), Empty: card.T("chart.empty")}
	rows, columns := t.valuesOf(down), t.valuesOf(across)
	if len(rows) > mostFields || len(columns) > mostFields {
		return card.Picture{}, false
	}
	for _, v := range columns {
		chart.ColumnHeads = append(chart.ColumnHeads, t.dimValue(t.ask.By[across], v))
	}
	for _, v := range rows {
		chart.RowHeads = append(chart.RowHeads, t.dimValue(t.ask.By[down], v))
		line := make([]card.Value, len(columns))
		for c := range columns {
			if m.Unit == analytics.Count {
				line[c] = card.Count(0)
			}
		}
		for _, r := range t.answer.Rows {
			if r.Values[down] == v {
				line[slices.Index(columns, r.Values[across])] = value(m, r.Figures[i], t.ask.Stat)
			}
		}
		chart.Cells = append(chart.Cells, line)
	}
	return card.Picture{Chart: chart}, true
}

// valuesOf lists the values of a dimension in the order of the rows; days, weeks
// and months all of them, since the record began.
func (t *teller) valuesOf(k int) []string {
	if d := t.ask.By[k]; d == analytics.ByDay || d == analytics.ByWeek || d == analytics.ByMonth {
		return t.steps(d)
	}
	var list []string
	for _, r := range t.answer.Rows {
		if !slices.Contains(list, r.Values[k]) {
			list = append(list, r.Values[k])
		}
	}
	return list
}

// funnel draws what became of what was sent.
func (t *teller) funnel() (card.Picture, bool) {
	steps := []struct{ key, label string }{{"messages_sent", "report.funnel.sent"}, {"messages_delivered", "report.funnel.delivered"}, {"messages_read", "report.funnel.read"}}
	chart := card.Chart{Kind: card.Funnel, Title: card.T("report.funnel.title"), Subtitle: t.sub(), Empty: card.T("chart.empty"), Note: card.T("note.at_least")}
	_, first, _, ok := t.figureOf(steps[0].key)
	for _, s := range steps {
		_, f, _, have := t.figureOf(s.key)
		ok = ok && have
		step := card.Step{Label: card.T(s.label), Value: card.Count(f.N)}
		if first.N > 0 {
			step.Share = card.Share(float64(f.N) / float64(first.N))
		}
		chart.Steps = append(chart.Steps, step)
	}
	return card.Picture{Chart: chart}, ok
}
