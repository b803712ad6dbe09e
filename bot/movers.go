package bot

import (
	"context"
	"math"
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
)

const (
	mostMovers  = 3
	moversReach = 8 * 24 * 3_600_000 // longer periods overlap with the weeks before
	mostOf      = 0.5                // of a change: then it is mostly theirs
	wholeMoved  = 0.15               // from there on a metric is said to have moved as a whole
)

// movers says what moved most in a period that is over and was asked for as a
// whole: a metric each, with the name that it is mostly due to. It keeps to what
// the answer was narrowed to, and so to the person's scope.
func (t *teller) movers(ctx context.Context, desk *report.Desk, now int64) ([]card.Block, error) {
	a := t.answer
	if !t.overview() || a.Span.To > now || a.Span.To-a.Span.From > moversReach {
		return nil, nil
	}
	list, err := desk.Movers(ctx, a.Span, t.ask.Where, now)
	if err != nil {
		return nil, err
	}
	var blocks []card.Block
	told := map[string]bool{}
	for i := range list {
		if m := &list[i]; !told[m.Metric.Key] && len(told) < mostMovers {
			told[m.Metric.Key] = true
			blocks = append(blocks, card.Line{Text: t.moverText(m)})
		}
	}
	return blocks, nil
}

// moverText says one mover: the metric as a whole where one name made most of
// its change, else the name alone.
func (t *teller) moverText(m *analytics.Mover) card.Text {
	metric := card.Metric(m.Metric.Key)
	value, usual := card.ValueOf(m.Metric, &m.Now), card.ValueOf(m.Metric, &m.Usual)
	if m.Metric.Unit == analytics.Count {
		rounded := math.Round(m.Usual)
		usual = card.ValueOf(m.Metric, &rounded)
	}
	if m.Whole {
		return card.T("report.movers.whole", "metric", metric, "size", sizeOf(m.Now, m.Usual), "value", value, "usual", usual)
	}
	name := t.dimValue(m.Dim, m.Value)
	if m.Dim == analytics.ByHour {
		name = card.Said(card.T("report.movers.hour", "hour", name))
	}
	switch {
	case m.Share == nil || *m.Share < mostOf || math.Abs(m.All-m.AllUsual) < wholeMoved*m.AllUsual:
		return card.T("report.movers.part", "metric", metric, "name", name, "size", sizeOf(m.Now, m.Usual), "value", value, "usual", usual)
	case *m.Share > 1:
		return card.T("report.movers.mainly", "metric", metric, "name", name, "size", sizeOf(m.All, m.AllUsual))
	}
	return card.T("report.movers.mostly", "metric", metric, "name", name, "size", sizeOf(m.All, m.AllUsual), "share", card.Share(*m.Share))
}

// sizeOf says how far a value lies off what is usual.
func sizeOf(now, usual float64) card.Value {
	say := func(key string, pairs ...any) card.Value {
		return card.Said(card.T("report.movers.size."+key, pairs...))
	}
	ratio := now / usual
	switch {
	case usual == 0:
		return say("new")
	case now == 0:
		return say("none")
	case ratio >= 10:
		return say("times", "x", card.Number(math.Round(ratio)))
	case ratio >= 3.4:
		return say("times", "x", card.Number(ratio))
	case ratio >= 2.7:
		return say("triple")
	case ratio >= 1.85 && ratio <= 2.2:
		return say("double")
	case ratio >= 0.46 && ratio <= 0.54:
		return say("half")
	case ratio > 1:
		return say("more", "share", card.Share(ratio-1))
	}
	return say("less", "share", card.Share(1-ratio))
}

const (
	trendDays  = 14
	trendWeeks = 4
)

// trend draws how the last two weeks went, day by day, and between what the same
// weekdays of the four weeks before lay. It is of what the digest asks first, or
// else of the messages received; nil when there is no record of those days.
func (t *talk) trend(ctx context.Context, first *Reply) ([]card.Block, error) {
	m, _ := analytics.MetricOf("messages_received")
	ask := report.Ask{PeriodText: "today"}
	if a := first.Answer; a != nil && !words.Overall(a.Ask) && len(a.Metrics) > 0 && !a.Metrics[0].Stock && a.Metrics[0].Fits(analytics.ByDay) {
		m = a.Metrics[0]
	}
	today := t.zone.DayOf(t.q.Now)
	from := today - trendDays
	ask.Metrics, ask.By, ask.Period = []string{m.Key}, []analytics.Dim{analytics.ByDay}, t.zone.Days(from-7*trendWeeks, today)
	confine(&t.q.Person, &ask)
	for _, f := range ask.Where {
		if !m.Fits(f.Dim) {
			return nil, nil
		}
	}
	answer, err := t.desk.Answer(ctx, ask, t.q.Now)
	if err != nil {
		return nil, err
	}
	shown := *answer
	shown.Span = t.zone.Days(from, today)
	w := t.teller(answer)
	rows := w.filled()
	at := map[string]report.Row{}
	for _, r := range rows {
		at[r.Values[0]] = r
	}
	last := t.teller(&shown)
	chart := card.Chart{Kind: card.Trend, Title: metricName(m), Subtitle: last.chartSub(), Empty: card.T("chart.empty"), Usual: card.T("chart.usual")}
	known := 0
	for d := from; d < today; d++ {
		r, ok := at[d.String()]
		if !ok {
			chart.Points = append(chart.Points, card.Point{Label: card.Day(d)})
			continue
		}
		p := card.Point{Label: card.Day(d), Value: value(m, r.Figures[0], "")}
		p.Low, p.High = usualRange(m, at, d)
		if r.Figures[0].N > 0 {
			known++
		}
		chart.Points = append(chart.Points, p)
	}
	if known < 2 {
		return nil, nil
	}
	return []card.Block{card.Picture{Chart: chart}}, nil
}

// usualRange is between what a figure lay on the same weekday of the weeks
// before, where two weeks at least are known.
func usualRange(m analytics.Metric, at map[string]report.Row, d analytics.Day) (low, high card.Value) {
	least, most, weeks := math.Inf(1), math.Inf(-1), 0
	for k := analytics.Day(1); k <= trendWeeks; k++ {
		r, ok := at[(d - 7*k).String()]
		if !ok || r.Figures[0].Value == nil {
			continue
		}
		v := *r.Figures[0].Value
		least, most = min(least, v), max(most, v)
		weeks++
	}
	if weeks < 2 {
		return nil, nil
	}
	return card.ValueOf(m, &least), card.ValueOf(m, &most)
}

// pictured reports whether a card has a picture of its own.
func pictured(blocks []card.Block) bool {
	for _, b := range blocks {
		if _, ok := b.(card.Picture); ok {
			return true
		}
	}
	return false
}

// Told is what a digest told of a period, so that a later one can say what
// became of it: figures by metric.
type Told struct {
	Span    analytics.Span     `json:"span"`
	Figures map[string]float64 `json:"figures"`
}

// revisable are the figures that late data changes; others move by themselves,
// as messages are read and customers answered.
func revisable() []string {
	return []string{"messages_received", "messages_sent", "conversations_opened"}
}

// toldBy keeps what an overview tells.
func toldBy(r *Reply) *Told {
	if r.Answer == nil || !words.Overall(r.Answer.Ask) {
		return nil
	}
	told := &Told{Span: r.Answer.Span, Figures: map[string]float64{}}
	for i, m := range r.Answer.Metrics {
		if v := r.Answer.Total.Figures[i].Value; v != nil && slices.Contains(revisable(), m.Key) {
			told.Figures[m.Key] = *v
		}
	}
	return told
}

// revisedBy is how far a figure must have changed to be told again.
const revisedBy = 0.01

// revised says which figures of an earlier digest are others by now.
func (t *talk) revised(ctx context.Context, was *Told) ([]card.Block, error) {
	if was == nil || len(was.Figures) == 0 || was.Span.To > t.q.Now {
		return nil, nil
	}
	ask := report.Ask{Metrics: revisable(), PeriodText: "today", Period: was.Span}
	confine(&t.q.Person, &ask)
	a, err := t.desk.Answer(ctx, ask, t.q.Now)
	if err != nil {
		return nil, err
	}
	var list card.List
	for i, m := range a.Metrics {
		old, told := was.Figures[m.Key]
		v := a.Total.Figures[i].Value
		if !told || v == nil || math.Abs(*v-old) < revisedBy*math.Abs(old) || *v == old {
			continue
		}
		list = append(list, card.Said(card.T("digest.revised_figure", "metric", card.Metric(m.Key), "value", card.ValueOf(m, v), "was", card.ValueOf(m, &old))))
	}
	if len(list) == 0 {
		return nil, nil
	}
	return []card.Block{card.Note{Text: card.T("digest.revised", "period", card.Period(was.Span), "list", list)}}, nil
}
