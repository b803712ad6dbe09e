package bot

import (
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
)

const (
	mostRows    = 15 // rows fit on one screen of a phone
	mostFigures = 5  // so many metrics side by side
)

// tableCard tells a breakdown or a ranking.
func (t *teller) tableCard() card.Card {
	c := card.Card{Blocks: []card.Block{card.Title{Text: t.title(), Sub: t.tableSub()}}}
	all := t.ordered()
	rows := all[:min(len(all), mostRows)]
	p, drawn := t.tablePicture(rows)
	if drawn {
		c.Blocks = append(c.Blocks, p)
	}
	c.Blocks = append(c.Blocks, t.table(rows, len(rows) > 1 || t.ask.Order != report.Natural))
	if hidden := len(all) - len(rows); hidden > 0 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("table.more", "n", card.Count(hidden))})
	}
	if sides := t.sides(); drawn && p.Chart.Kind != card.Bars && len(sides) > 1 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("chart.only", "metric", card.Metric(t.answer.Metrics[sides[0]].Key))})
	}
	return c
}

// table lays rows out, with the total below them if it is wanted.
func (t *teller) table(rows []report.Row, total bool) card.Table {
	table := card.Table{Head: t.heads(), Numbered: t.ask.Order != report.Natural}
	earlier := t.earlierRows()
	for _, r := range rows {
		table.Rows = append(table.Rows, card.Row{Cells: t.cells(r, earlier), Beside: t.nobody(r)})
	}
	if total {
		table.Rows = append(table.Rows, card.Row{Strong: true, Cells: t.totalCells()})
	}
	return table
}

// nobody reports whether a row is of no agent or no team: in a ranking it has no
// place.
func (t *teller) nobody(r report.Row) bool {
	return slices.ContainsFunc([]analytics.Dim{analytics.ByAgent, analytics.ByTeam}, func(d analytics.Dim) bool {
		i := slices.Index(t.ask.By, d)
		return i >= 0 && i < len(r.Values) && r.Values[i] == ""
	})
}

// ordered are the rows as they stand below each other: counts without an order
// come largest first, in a ranking what is nobody's last.
func (t *teller) ordered() []report.Row {
	rows := t.gone(slices.Clone(t.answer.Rows))
	switch {
	case t.ask.Order != report.Natural:
		slices.SortStableFunc(rows, func(a, b report.Row) int { return boolInt(t.nobody(a)) - boolInt(t.nobody(b)) })
	case t.answer.Metrics[0].Unit == analytics.Count && len(t.ask.By) == 1 && !t.ask.By[0].Time():
		slices.SortStableFunc(rows, func(a, b report.Row) int { return int(b.Figures[0].N - a.Figures[0].N) })
	}
	return rows
}

// leading are the first n rows of a ranking, and what is nobody's.
func (t *teller) leading(n int) []report.Row {
	return slices.DeleteFunc(t.ordered(), func(r report.Row) bool {
		if !t.nobody(r) {
			n--
		}
		return n < 0 && !t.nobody(r)
	})
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// shown are the rows that fit.
func (t *teller) shown() []report.Row {
	rows := t.ordered()
	return rows[:min(len(rows), mostRows)]
}

func (t *teller) tableSub() card.Text {
	if t.ask.Order == report.Natural {
		return t.sub()
	}
	return card.T("report.sub_stat", "period", t.period(), "stat", card.Word(rankWord(*t.ask)))
}

// sides are the metrics that stand side by side, by their places: of an overview
// those that a breakdown is about, else as many as fit.
func (t *teller) sides() []int {
	var list []int
	for i, m := range t.answer.Metrics {
		if !words.Overall(*t.ask) || slices.Contains([]string{"messages_received", "messages_sent", "conversations_closed", "first_response"}, m.Key) {
			list = append(list, i)
		}
	}
	return list[:min(len(list), mostFigures)]
}

// column is a column of figures: of a metric, made of its figure and the one of
// the compared period, if there is one.
type column struct {
	metric int
	head   card.Text
	cell   func(now report.Figure, was *report.Figure) card.Value
}

// columns are those beside the dimensions: for one metric what makes it up, for
// several the metrics themselves.
func (t *teller) columns() []column {
	sides := t.sides()
	if len(sides) == 1 {
		return t.single(sides[0])
	}
	var list []column
	for _, i := range sides {
		m := t.answer.Metrics[i]
		list = append(list, t.figureColumn(i, metricShort(m)))
		if m.Stock || !t.held() {
			continue
		}
		if t.judged() {
			list = append(list, t.changeColumn(i))
		} else {
			list = append(list, t.earlierColumn(i))
		}
	}
	return list
}

// single are the columns of the only metric.
func (t *teller) single(i int) []column {
	m := t.answer.Metrics[i]
	count := column{i, card.T("stat.n.short"), func(f report.Figure, _ *report.Figure) card.Value {
		if m.Unit == analytics.Share {
			return card.Count(f.Den)
		}
		return card.Count(f.N)
	}}
	switch {
	case m.Stock && m.Unit == analytics.Seconds:
		return []column{t.figureColumn(i, metricShort(m))}
	case m.Unit == analytics.Seconds:
		return append([]column{count, t.figureColumn(i, t.statHead())}, t.tail(i)...)
	case m.Unit == analytics.Share:
		return append([]column{count, t.figureColumn(i, metricShort(m))}, t.earlierColumns(i)...)
	case t.held() && t.judged():
		return []column{t.figureColumn(i, count.head), t.earlierColumn(i), t.changeColumn(i)}
	case t.held():
		return []column{t.figureColumn(i, count.head), t.earlierColumn(i)}
	case t.shares():
		return []column{t.figureColumn(i, card.T("report.head.value")), {i, card.T("stat.share.short"), func(f report.Figure, _ *report.Figure) card.Value {
			return card.Share(float64(f.N) / float64(t.answer.Total.Figures[i].N))
		}}}
	}
	return []column{t.figureColumn(i, card.T("report.head.value"))}
}

// tail are the columns of a duration beside its middle: how it was before, or
// what the slow ones took; all of it where detail is wanted.
func (t *teller) tail(i int) []column {
	if t.held() && !t.ask.Detail {
		return t.earlierColumns(i)
	}
	names := []string{"p90"}
	if t.ask.Detail {
		names = []string{"p50", "p90", "mean", "max"}
	} else if t.statName() == "p90" {
		names = []string{"p50"}
	}
	var list []column
	for _, name := range slices.DeleteFunc(names, func(s string) bool { return s == t.statName() }) {
		list = append(list, column{i, card.T("stat." + name + ".short"), func(f report.Figure, _ *report.Figure) card.Value {
			return card.ValueOf(t.answer.Metrics[i], f.Stat(name))
		}})
	}
	if t.ask.Detail {
		list = append(list, t.earlierColumns(i)...)
	}
	return list
}

func (t *teller) figureColumn(i int, head card.Text) column {
	return column{i, head, func(f report.Figure, _ *report.Figure) card.Value { return value(t.answer.Metrics[i], f, t.ask.Stat) }}
}

// earlierColumns is how it was before, where that is known.
func (t *teller) earlierColumns(i int) []column {
	if !t.held() {
		return nil
	}
	return []column{t.earlierColumn(i)}
}

func (t *teller) earlierColumn(i int) column {
	m := t.answer.Metrics[i]
	return column{i, card.T("report.head.before"), func(_ report.Figure, was *report.Figure) card.Value {
		switch {
		case was != nil:
			return value(m, *was, t.ask.Stat)
		case m.Unit == analytics.Count:
			return card.Count(0)
		}
		return nil
	}}
}

// changeColumn is how far a figure moved; it needs no head.
func (t *teller) changeColumn(i int) column {
	m := t.answer.Metrics[i]
	return column{i, card.Text{}, func(f report.Figure, was *report.Figure) card.Value {
		if was == nil {
			zero := 0.0
			was = &report.Figure{Value: &zero}
			if m.Unit != analytics.Count {
				was.Value = nil
			}
		}
		if c := change(m, f, *was, card.Text{}); c != nil && c.Known {
			return *c
		}
		return nil
	}}
}

// heads name the columns: the dimensions, then the figures.
func (t *teller) heads() []card.Text {
	var heads []card.Text
	for _, d := range t.ask.By {
		heads = append(heads, card.T("dim."+d.String()+".name"))
	}
	for _, c := range t.columns() {
		heads = append(heads, c.head)
	}
	return heads
}

func (t *teller) statName() string {
	stat := t.ask.Stat
	if stat == "" {
		stat = t.stat
	}
	return statName(stat)
}

func (t *teller) statHead() card.Text { return card.T("stat." + t.statName() + ".short") }

// shares reports whether a count's rows are parts of the total.
func (t *teller) shares() bool {
	m := t.answer.Metrics[0]
	return m.Unit == analytics.Count && t.answer.Total.Figures[0].N > 0 && !t.onceInTotal() && m.Key != "contacts_returning"
}

func (t *teller) cells(r report.Row, earlier map[string]report.Row) []card.Value {
	var cells []card.Value
	for i, d := range t.ask.By {
		cells = append(cells, t.dimValue(d, r.Values[i]))
	}
	var was *report.Row
	if e, ok := earlier[rowKey(r)]; ok {
		was = &e
	}
	return append(cells, t.figures(r, was)...)
}

func (t *teller) figures(r report.Row, was *report.Row) []card.Value {
	var cells []card.Value
	for _, c := range t.columns() {
		var before *report.Figure
		if was != nil {
			before = &was.Figures[c.metric]
		}
		cells = append(cells, c.cell(r.Figures[c.metric], before))
	}
	return cells
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
	var was *report.Row
	if t.held() {
		was = &t.answer.Compare.Total
	}
	return append(cells, t.figures(t.answer.Total, was)...)
}

// failureCard tells why messages failed, and what to do about it.
func (t *teller) failureCard() card.Card {
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("report.failures.title"), Sub: t.sub()}}}
	rows := t.shown()
	if len(rows) == 0 {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("report.failures.none")})
		return c
	}
	table := t.table(rows, t.held())
	table.Head[0], table.Numbered = card.T("report.head.reason"), false
	if !t.held() { // how many, without their shares
		table.Head[1] = card.T("report.head.value")
		for i := range table.Rows {
			table.Rows[i].Cells = table.Rows[i].Cells[:2]
		}
		table.Head = table.Head[:2]
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
