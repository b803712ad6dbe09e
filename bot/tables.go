package bot

import (
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
)

// mostRows is how many rows fit on one screen of a phone.
const mostRows = 15

// tableCard tells a breakdown or a ranking.
func (t *teller) tableCard() card.Card {
	a := t.answer
	c := card.Card{Blocks: []card.Block{card.Title{Text: t.title(), Sub: t.tableSub()}}}
	rows := t.shown()
	table := card.Table{Head: t.heads(), Numbered: t.ask.Order != report.Natural}
	for _, r := range rows {
		table.Rows = append(table.Rows, card.Row{Cells: t.cells(r)})
	}
	total := card.Row{Strong: true, Cells: t.totalCells()}
	if len(rows) > 1 || t.ask.Order != report.Natural {
		table.Rows = append(table.Rows, total)
	}
	if t.ask.Chart && len(t.ask.By) == 1 {
		c.Blocks = append(c.Blocks, t.rankingPicture())
	}
	c.Blocks = append(c.Blocks, table)
	if hidden := len(a.Rows) - len(rows); hidden > 0 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("table.more", "n", card.Count(hidden))})
	}
	return c
}

// shown are the rows that fit; counts without an order come largest first.
func (t *teller) shown() []report.Row {
	rows := t.answer.Rows
	if t.ask.Order == report.Natural && t.answer.Metrics[0].Unit == analytics.Count && len(t.ask.By) == 1 {
		rows = slices.Clone(rows)
		slices.SortStableFunc(rows, func(a, b report.Row) int { return int(b.Figures[0].N - a.Figures[0].N) })
	}
	return rows[:min(len(rows), mostRows)]
}

func (t *teller) tableSub() card.Text {
	if t.ask.Order == report.Natural {
		return t.sub()
	}
	return card.T("report.sub_stat", "period", t.period(), "stat", card.Word(rankWord(*t.ask)))
}

// heads name the columns: the dimensions, then for one metric what makes it up,
// for several the metrics themselves.
func (t *teller) heads() []card.Text {
	var heads []card.Text
	for _, d := range t.ask.By {
		heads = append(heads, card.T("dim."+d.String()+".name"))
	}
	m := t.answer.Metrics
	if len(m) > 1 {
		for _, x := range m[:min(len(m), 3)] {
			heads = append(heads, metricShort(x))
		}
		return heads
	}
	switch m[0].Unit {
	case analytics.Seconds:
		if m[0].Stock {
			return append(heads, metricShort(m[0]))
		}
		return append(heads, card.T("stat.n.short"), t.statHead(), card.T("stat.p90.short"))
	case analytics.Share:
		return append(heads, card.T("stat.n.short"), metricShort(m[0]))
	}
	if t.shares() {
		return append(heads, card.T("report.head.value"), card.T("stat.share.short"))
	}
	return append(heads, card.T("report.head.value"))
}

func (t *teller) statName() string {
	stat := t.ask.Stat
	if stat == "" {
		stat = t.stat
	}
	switch stat {
	case "mean", "p90", "max":
		return stat
	}
	return "p50"
}

func (t *teller) statHead() card.Text { return card.T("stat." + t.statName() + ".short") }

// shares reports whether a count's rows are parts of the total.
func (t *teller) shares() bool {
	m := t.answer.Metrics[0]
	return m.Unit == analytics.Count && t.answer.Total.Figures[0].N > 0 && !t.onceInTotal() && m.Key != "contacts_returning"
}

func (t *teller) cells(r report.Row) []card.Value {
	var cells []card.Value
	for i, d := range t.ask.By {
		cells = append(cells, t.dimValue(d, r.Values[i]))
	}
	return append(cells, t.figures(r)...)
}

func (t *teller) figures(r report.Row) []card.Value {
	m := t.answer.Metrics
	if len(m) > 1 {
		var cells []card.Value
		for i := range m[:min(len(m), 3)] {
			cells = append(cells, value(m[i], r.Figures[i], t.ask.Stat))
		}
		return cells
	}
	f := r.Figures[0]
	switch {
	case m[0].Unit == analytics.Seconds && !m[0].Stock:
		return []card.Value{card.Count(f.N), value(m[0], f, t.ask.Stat), card.ValueOf(m[0], f.P90)}
	case m[0].Unit == analytics.Share:
		return []card.Value{card.Count(f.Den), value(m[0], f, "")}
	case t.shares():
		return []card.Value{value(m[0], f, ""), card.Share(float64(f.N) / float64(t.answer.Total.Figures[0].N))}
	}
	return []card.Value{value(m[0], f, "")}
}

func (t *teller) totalCells() []card.Value {
	word := card.Word("report.total")
	if t.has(analytics.ByAgent) && t.answer.Metrics[0].Unit != analytics.Count {
		word = "report.team"
	}
	cells := []card.Value{word}
	for range t.ask.By[1:] {
		cells = append(cells, nil)
	}
	return append(cells, t.figures(t.answer.Total)...)
}

// rankingPicture draws the rows as bars, with the team's level.
func (t *teller) rankingPicture() card.Picture {
	m := t.answer.Metrics[0]
	chart := card.Chart{Kind: card.Ranking, Title: t.title(), Subtitle: t.tableSub(), Empty: card.T("chart.empty")}
	for _, r := range t.shown() {
		p := card.Point{Label: t.dimValue(t.ask.By[0], r.Values[0]), Value: value(m, r.Figures[0], t.ask.Stat)}
		if m.Unit == analytics.Seconds {
			p.N = card.Count(r.Figures[0].N)
		}
		chart.Points = append(chart.Points, p)
	}
	if v := value(m, t.answer.Total.Figures[0], t.ask.Stat); m.Unit != analytics.Count && v != nil {
		chart.Goal = &card.Level{Value: v, Label: card.T("chart.team_median", "value", v)}
	}
	return card.Picture{Chart: chart}
}

// failureCard tells why messages failed, and what to do about it.
func (t *teller) failureCard() card.Card {
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("report.failures.title"), Sub: t.sub()}}}
	if len(t.answer.Rows) == 0 {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("report.failures.none")})
		return c
	}
	table := card.Table{Head: []card.Text{card.T("report.head.reason"), card.T("report.head.value")}}
	rows := t.shown()
	for _, r := range rows {
		table.Rows = append(table.Rows, card.Row{Cells: t.cells(r)[:2]})
	}
	c.Blocks = append(c.Blocks, table)
	at := slices.Index(t.ask.By, analytics.ByError)
	for _, r := range rows[:min(len(rows), 3)] {
		key := t.failure(r.Values[at])
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("report.failures.advice",
			"name", card.Word(key+".name"), "advice", card.Word(key+".advice"))})
	}
	return c
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
