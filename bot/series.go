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
	if !t.ask.Chart && len(points) <= mostRows {
		c.Blocks = append(c.Blocks, t.table(points, true))
		return c
	}
	p, pairs := t.pairPicture(points)
	if !pairs {
		p = t.trendPicture(points)
	}
	c.Blocks = append(c.Blocks, p)
	if len(a.Metrics) == 1 {
		c.Blocks = append(c.Blocks, t.extremes(points)...)
	}
	c.Blocks = append(c.Blocks, t.totals()...)
	if !pairs && len(a.Metrics) > 1 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("chart.only", "metric", card.Metric(a.Metrics[0].Key))})
	}
	return c
}

// totals are the figures of the whole period below a picture of its parts.
func (t *teller) totals() []card.Block {
	var list []card.Block
	sides := t.sides()
	for _, i := range sides {
		m, f := t.answer.Metrics[i], t.answer.Total.Figures[i]
		label := metricName(m)
		if len(sides) == 1 {
			label = card.T("report.total")
		}
		list = append(list, card.Figure{Label: label, Value: value(m, f, t.ask.Stat), Change: t.changed(i, m, f), Details: append(t.earlierText(i, m), details(m, f)...)})
	}
	return list
}

// filled puts the days, weeks or months in between that have no row.
func (t *teller) filled() []report.Row {
	have := map[string]report.Row{}
	for _, r := range t.answer.Rows {
		have[r.Values[0]] = r
	}
	var rows []report.Row
	for _, key := range t.steps(t.ask.By[0]) {
		r, ok := have[key]
		if !ok {
			r = t.nothingOf([]string{key})
		}
		rows = append(rows, r)
	}
	return rows
}

// steps lists the days, weeks or months of the period, as far as there is a record.
func (t *teller) steps(d analytics.Dim) []string {
	a, zone := t.answer, t.rules.Zone
	var keys []string
	end := min(a.Span.To, a.AsOf+1)
	for at := max(a.Span.From, a.Since); at < end && len(keys) < 400; {
		keys = append(keys, zone.Label(d, at))
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
	return keys
}

func (t *teller) trendPicture(rows []report.Row) card.Picture {
	m := t.answer.Metrics[0]
	chart := card.Chart{Kind: card.Trend, Title: metricName(m), Subtitle: t.chartSub(), Empty: card.T("chart.empty")}
	if len(rows) <= mostRows && m.Unit == analytics.Count {
		chart.Kind = card.Bars
	}
	for _, r := range rows {
		chart.Points = append(chart.Points, card.Point{Label: t.dimValue(t.ask.By[0], r.Values[0]), Value: value(m, r.Figures[0], t.ask.Stat)})
	}
	if m.Key == "first_response" {
		chart.Goal = &card.Level{Value: card.Duration(t.target), Label: card.T("chart.target", "value", card.Duration(t.target))}
	}
	return card.Picture{Chart: chart}
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
	first, last := 0, 23
	if t.has(analytics.ByWeekday) {
		first, last = 1, 7
	}
	have := map[string]report.Row{}
	for _, r := range t.answer.Rows {
		have[r.Values[0]] = r
	}
	var all, present []report.Row
	for i := first; i <= last; i++ {
		key := strconv.Itoa(i)
		r, ok := have[key]
		if ok {
			present = append(present, r)
		} else {
			r = t.nothingOf([]string{key})
		}
		all = append(all, r)
	}
	p, pairs := t.pairPicture(all)
	if !pairs {
		p = card.Picture{Chart: card.Chart{Kind: card.Bars, Title: metricName(m), Subtitle: t.chartSub(), Empty: card.T("chart.empty")}}
		for _, r := range all {
			p.Chart.Points = append(p.Chart.Points, card.Point{Label: t.dimValue(t.ask.By[0], r.Values[0]), Value: t.drawn(m, r.Figures[0])})
		}
	}
	c.Blocks = append(c.Blocks, p)
	if len(t.answer.Metrics) == 1 {
		c.Blocks = append(c.Blocks, t.extremes(present)...)
	}
	if t.held() || len(t.answer.Metrics) > 1 {
		c.Blocks = append(c.Blocks, t.totals()...)
	}
	if !pairs && len(t.answer.Metrics) > 1 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("chart.only", "metric", card.Metric(m.Key))})
	}
	return c
}

// mean is a count per occurrence of its hour or weekday; other figures are themselves.
func (t *teller) mean(r report.Row) card.Value { return t.drawn(t.answer.Metrics[0], r.Figures[0]) }

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
	if t.held() {
		c.Blocks = append(c.Blocks, t.totals()...)
	}
	return c
}

func (t *teller) weight(r *report.Row) *float64 {
	if r.Figures[0].Average != nil {
		return r.Figures[0].Average
	}
	return t.number(r)
}
