package bot

import (
	"slices"
	"strconv"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
)

// seriesCard tells how a figure went over days, weeks or months.
func (t *teller) seriesCard() card.Card {
	a := t.answer
	c := card.Card{Blocks: []card.Block{card.Title{Text: t.title(), Sub: t.sub()}}}
	if len(t.ask.By) > 1 {
		return t.tableCard()
	}
	points := t.filled()
	if t.ask.Chart || len(points) > mostRows {
		c.Blocks = append(c.Blocks, t.trendPicture(points))
		c.Blocks = append(c.Blocks, t.extremes(points)...)
	} else {
		table := card.Table{Head: t.heads()}
		for _, r := range points {
			table.Rows = append(table.Rows, card.Row{Cells: t.cells(r)})
		}
		table.Rows = append(table.Rows, card.Row{Strong: true, Cells: t.totalCells()})
		c.Blocks = append(c.Blocks, table)
		return c
	}
	m := a.Metrics[0]
	block := card.Figure{Label: card.T("report.total"), Value: value(m, a.Total.Figures[0], t.ask.Stat), Details: details(m, a.Total.Figures[0])}
	if was, ok := t.was(0); ok {
		block.Change = change(m, a.Total.Figures[0], was, t.against())
	}
	c.Blocks = append(c.Blocks, block)
	return c
}

// filled puts the days, weeks or months in between that have no row.
func (t *teller) filled() []report.Row {
	a, zone := t.answer, t.rules.Zone
	d := t.ask.By[0]
	have := map[string]report.Row{}
	for _, r := range a.Rows {
		have[r.Values[0]] = r
	}
	var rows []report.Row
	end := min(a.Span.To, a.AsOf+1)
	from := a.Span.From
	if a.Since > from {
		from = a.Since
	}
	for at := from; at < end && len(rows) < 400; {
		key := zone.Label(d, at)
		r, ok := have[key]
		if !ok {
			r = report.Row{Values: []string{key}, Figures: make([]report.Figure, len(a.Metrics))}
			for i, m := range a.Metrics {
				r.Figures[i].Unit = m.Unit
				if m.Unit == analytics.Count {
					zero := 0.0
					r.Figures[i].Value = &zero
				}
			}
		}
		rows = append(rows, r)
		day := zone.DayOf(at)
		switch d {
		case analytics.ByWeek:
			day = day.Week() + 7
		case analytics.ByMonth:
			day = day.Month().AddMonths(1)
		default:
			day++
		}
		at = zone.Start(day)
	}
	return rows
}

func (t *teller) trendPicture(rows []report.Row) card.Picture {
	m := t.answer.Metrics[0]
	chart := card.Chart{Kind: card.Trend, Title: metricName(m), Subtitle: t.chartSub(), Empty: card.T("chart.empty")}
	if len(rows) <= mostRows && m.Unit == analytics.Count {
		chart.Kind = card.Bars
	}
	earlier := t.earlier(rows)
	for i, r := range rows {
		p := card.Point{Label: t.dimValue(t.ask.By[0], r.Values[0]), Value: value(m, r.Figures[0], t.ask.Stat)}
		if earlier != nil {
			p.Earlier = earlier[i]
		}
		chart.Points = append(chart.Points, p)
	}
	if earlier != nil && chart.Kind == card.Bars {
		chart.Current, chart.Earlier = card.T("chart.current", "period", t.period()), card.T("chart.current", "period", card.Period(t.answer.Compare.Span))
	}
	if m.Key == "first_response" {
		chart.Goal = &card.Level{Value: card.Duration(t.target), Label: card.T("chart.target", "value", card.Duration(t.target))}
	}
	return card.Picture{Chart: chart}
}

// earlier are the values of a compared period, one for each row, where both
// periods have as many.
func (t *teller) earlier(rows []report.Row) []card.Value {
	c := t.answer.Compare
	if c == nil || c.Kind == report.Weekdays || len(c.Rows) != len(rows) {
		return nil
	}
	m := t.answer.Metrics[0]
	var list []card.Value
	for _, r := range c.Rows {
		list = append(list, value(m, r.Figures[0], t.ask.Stat))
	}
	return list
}

func (t *teller) chartSub() card.Text {
	if t.answer.Metrics[0].Unit == analytics.Seconds && len(t.filters()) == 0 {
		return card.T("report.sub_stat", "period", t.period(), "stat", card.Word("stat."+t.statName()+".name"))
	}
	return t.sub()
}

// extremes names the highest and the lowest.
func (t *teller) extremes(rows []report.Row) []card.Block {
	m := t.answer.Metrics[0]
	var high, low *report.Row
	for i := range rows {
		v := t.number(&rows[i])
		if v == nil {
			continue
		}
		if high == nil || *v > *t.number(high) {
			high = &rows[i]
		}
		if low == nil || *v < *t.number(low) {
			low = &rows[i]
		}
	}
	if high == nil || high == low {
		return nil
	}
	line := func(key string, r *report.Row) card.Block {
		return card.Line{Text: card.T(key, "label", t.dimValue(t.ask.By[0], r.Values[0]), "value", value(m, r.Figures[0], t.ask.Stat))}
	}
	return []card.Block{line("report.highest", high), line("report.lowest", low)}
}

func (t *teller) number(r *report.Row) *float64 {
	if t.ask.Stat != "" && r.Figures[0].P50 != nil {
		return r.Figures[0].Stat(t.ask.Stat)
	}
	return r.Figures[0].Value
}

// rhythmCard tells when in the day or the week things happen.
func (t *teller) rhythmCard() card.Card {
	c := card.Card{Blocks: []card.Block{card.Title{Text: t.title(), Sub: t.sub()}}}
	if t.has(analytics.ByHour) && t.has(analytics.ByWeekday) && len(t.ask.By) == 2 {
		return t.heatCard(c)
	}
	if len(t.ask.By) > 1 {
		return t.tableCard()
	}
	m := t.answer.Metrics[0]
	chart := card.Chart{Kind: card.Bars, Title: metricName(m), Subtitle: t.chartSub(), Empty: card.T("chart.empty")}
	first, last := 0, 23
	if t.has(analytics.ByWeekday) {
		first, last = 1, 7
	}
	rows := map[string]report.Row{}
	for _, r := range t.answer.Rows {
		rows[r.Values[0]] = r
	}
	var present []report.Row
	for i := first; i <= last; i++ {
		key := strconv.Itoa(i)
		p := card.Point{Label: t.dimValue(t.ask.By[0], key)}
		if r, ok := rows[key]; ok {
			p.Value = t.mean(r)
			present = append(present, r)
		} else if m.Unit == analytics.Count {
			p.Value = card.Count(0)
		}
		chart.Points = append(chart.Points, p)
	}
	c.Blocks = append(c.Blocks, card.Picture{Chart: chart})
	c.Blocks = append(c.Blocks, t.extremes(present)...)
	return c
}

// mean is a count per occurrence of its hour or weekday; other figures are themselves.
func (t *teller) mean(r report.Row) card.Value {
	if f := r.Figures[0]; f.Average != nil {
		return card.Number(*f.Average)
	}
	return value(t.answer.Metrics[0], r.Figures[0], t.ask.Stat)
}

// heatCard is hour × weekday: a picture, the busiest and the quietest hour.
func (t *teller) heatCard(c card.Card) card.Card {
	m := t.answer.Metrics[0]
	w, h := slices.Index(t.ask.By, analytics.ByWeekday), slices.Index(t.ask.By, analytics.ByHour)
	cells := map[[2]int]report.Row{}
	var busiest, quietest *report.Row
	for i := range t.answer.Rows {
		r := &t.answer.Rows[i]
		day, _ := strconv.Atoi(r.Values[w])
		hour, _ := strconv.Atoi(r.Values[h])
		cells[[2]int{day, hour}] = *r
		if v := t.weight(r); v != nil {
			if busiest == nil || *v > *t.weight(busiest) {
				busiest = r
			}
			if quietest == nil || *v < *t.weight(quietest) {
				quietest = r
			}
		}
	}
	chart := card.Chart{Kind: card.Heatmap, Title: metricName(m), Subtitle: t.chartSub(), Empty: card.T("chart.empty")}
	if m.Unit == analytics.Count {
		chart.Note = card.T("note.per_occurrence")
	}
	for hour := range 24 {
		chart.ColumnHeads = append(chart.ColumnHeads, card.Hour(hour))
	}
	for day := 1; day <= 7; day++ {
		chart.RowHeads = append(chart.RowHeads, card.Weekday(day))
		row := make([]card.Value, 24)
		for hour := range 24 {
			if r, ok := cells[[2]int{day, hour}]; ok {
				row[hour] = t.mean(r)
			} else if m.Unit == analytics.Count {
				row[hour] = card.Number(0)
			}
		}
		chart.Cells = append(chart.Cells, row)
	}
	if busiest != nil {
		chart.Peak = card.T("chart.peak", "weekday", t.dimValue(analytics.ByWeekday, busiest.Values[w]), "hour", t.dimValue(analytics.ByHour, busiest.Values[h]), "value", t.mean(*busiest))
	}
	c.Blocks = append(c.Blocks, card.Picture{Chart: chart})
	say := func(key string, r *report.Row) {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T(key, "weekday", t.dimValue(analytics.ByWeekday, r.Values[w]),
			"hour", t.dimValue(analytics.ByHour, r.Values[h]), "value", t.mean(*r))})
	}
	if busiest != nil {
		say("report.busiest", busiest)
	}
	if quietest != nil && quietest != busiest {
		say("report.quietest", quietest)
	}
	return c
}

func (t *teller) weight(r *report.Row) *float64 {
	if r.Figures[0].Average != nil {
		return r.Figures[0].Average
	}
	return t.number(r)
}
