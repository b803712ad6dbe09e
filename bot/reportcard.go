package bot

import (
	"slices"
	"strconv"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
)

// teller makes cards of answers, for one person.
type teller struct {
	answer  *report.Answer
	ask     *report.Ask
	rules   *analytics.Rules
	names   map[string]string // channels, by id
	company string
	target  int64                    // of a first response, ms
	stat    string                   // the configured statistic of durations
	text    func(report.Ask) string  // canonical
	failure func(code string) string // the key of an error code's texts
	profile *profile                 // of an agent's card
	peers   *report.Answer           // all of a team, beside those of it who are compared
}

// report tells an answer.
func (t *teller) report() card.Card {
	var c card.Card
	a := t.answer
	switch {
	case t.unrecorded():
		return t.noRecordCard()
	case t.overview():
		c = t.overviewCard()
	case t.agent() != "":
		c = t.agentCard()
	case t.versus():
		c = t.versusCard()
	case len(a.Rows) == 0 && len(a.Ask.By) > 0 && len(t.gone(nil)) == 0:
		c = t.emptyCard()
	case t.has(analytics.ByHour) || t.has(analytics.ByWeekday):
		c = t.rhythmCard()
	case t.time() >= 0:
		c = t.seriesCard()
	case t.has(analytics.ByError):
		c = t.failureCard()
	case len(a.Ask.By) > 0:
		c = t.tableCard()
	default:
		c = t.figuresCard()
	}
	c.Blocks = append(c.Blocks, t.comparison(c.Blocks)...)
	c.Blocks = append(c.Blocks, t.notes()...)
	c.Choices = t.choices()
	return c
}

func (t *teller) overview() bool { return t.stats() && t.agent() == "" }

// stats reports whether everything at once was asked for.
func (t *teller) stats() bool { return len(t.ask.By) == 0 && words.Overall(*t.ask) }

// agent returns the one agent whose overview was asked for.
func (t *teller) agent() string {
	if !t.stats() {
		return ""
	}
	for _, f := range t.ask.Where {
		if f.Dim == analytics.ByAgent && len(f.Values) == 1 {
			return f.Values[0]
		}
	}
	return ""
}

func (t *teller) has(d analytics.Dim) bool { return slices.Contains(t.ask.By, d) }

// time returns the place of a day, week or month among the dimensions, -1 for none.
func (t *teller) time() int {
	return slices.IndexFunc(t.ask.By, func(d analytics.Dim) bool {
		return d == analytics.ByDay || d == analytics.ByWeek || d == analytics.ByMonth
	})
}

// period is the answer's, by the unit of the calendar that it was asked for by.
func (t *teller) period() card.Value { return periodOf(t.answer.Span, t.ask.PeriodText) }

func periodOf(s analytics.Span, text string) card.Value {
	which, unit, ok := strings.Cut(text, " ")
	if !ok || which != "this" && which != "last" {
		return card.Period(s)
	}
	return card.Calendar{Period: card.Period(s), Unit: unit}
}

// sub is the line below the headline: the period, and whom it is narrowed to.
func (t *teller) sub() card.Text {
	if names := t.filters(); len(names) > 0 {
		return card.T("report.sub_filter", "period", t.period(), "names", names)
	}
	return card.T("report.sub", "period", t.period())
}

// filters names what the ask is narrowed to.
func (t *teller) filters() card.List {
	var list card.List
	for _, f := range t.ask.Where {
		for _, v := range f.Values {
			list = append(list, t.dimValue(f.Dim, v))
		}
	}
	return list
}

// dimValue is a dimension's value as people know it: agents and channels by
// their names, times in words.
func (t *teller) dimValue(d analytics.Dim, v string) card.Value {
	switch d {
	case analytics.ByAgent:
		if v != "" && v != "phone" {
			return card.Name(t.answer.Roster.Agent(v).Name)
		}
	case analytics.ByChannel:
		if name := t.names[v]; name != "" {
			return card.Name(name)
		}
	case analytics.ByHour:
		n, _ := strconv.Atoi(v)
		return card.Hour(n)
	case analytics.ByWeekday:
		n, _ := strconv.Atoi(v)
		return card.Weekday(n)
	case analytics.ByDay, analytics.ByWeek:
		if day, err := analytics.ParseDay(v); err == nil {
			if d == analytics.ByWeek {
				return card.Period(t.rules.Zone.Days(day, day+7))
			}
			return card.Day(day)
		}
	case analytics.ByMonth:
		return card.DimValue{Dim: d, Value: v}
	}
	return card.DimValue{Dim: d, Value: v}
}

// against names the baseline of a comparison.
func (t *teller) against() card.Text {
	c := t.answer.Compare
	if c == nil {
		return card.Text{}
	}
	if c.Kind == report.Weekdays {
		zone := t.rules.Zone
		if t.answer.Span.To-t.answer.Span.From <= 25*3_600_000 {
			w := zone.DayOf(t.answer.Span.From).Weekday()
			return card.T("against.weekdays", "weekdays", card.Word("weekday.plural."+strconv.Itoa(w)))
		}
		return card.T("against.same_days")
	}
	return card.T("against.period", "period", periodOf(c.Span, t.ask.CompareText))
}

// was returns the baseline's figure of a metric, for the total.
func (t *teller) was(i int) (report.Figure, bool) {
	if t.answer.Compare == nil || i >= len(t.answer.Compare.Total.Figures) {
		return report.Figure{}, false
	}
	return t.answer.Compare.Total.Figures[i], true
}

// figureOf returns the total's figure of a metric by its key.
func (t *teller) figureOf(key string) (analytics.Metric, report.Figure, int, bool) {
	for i, m := range t.answer.Metrics {
		if m.Key == key {
			return m, t.answer.Total.Figures[i], i, true
		}
	}
	return analytics.Metric{}, report.Figure{}, 0, false
}

// line makes one figure of the total with its change.
func (t *teller) line(key string, label card.Text, more ...card.Text) (card.Figure, bool) {
	m, f, i, ok := t.figureOf(key)
	if !ok {
		return card.Figure{}, false
	}
	return card.Figure{Label: label, Value: value(m, f, t.ask.Stat), Change: t.changed(i, m, f), Details: append(t.earlierText(i, m), more...)}, true
}

// overviewCard is "stats": one screen, first things first.
func (t *teller) overviewCard() card.Card {
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("overview.title", "period", t.period()), Sub: t.overviewSub()}}}
	if t.company != "" {
		c.Blocks[0] = card.Title{Text: card.T("overview.title_business", "business", card.Name(t.company), "period", t.period()), Sub: t.overviewSub()}
	}
	add := func(key, label string, more ...card.Text) {
		if f, ok := t.line(key, card.T(label), more...); ok {
			c.Blocks = append(c.Blocks, f)
		}
	}
	add("messages_received", "overview.received")
	add("messages_sent", "overview.sent", t.receipts()...)
	if m, f, i, ok := t.figureOf("first_response"); ok {
		c.Blocks = append(c.Blocks, card.Figure{Label: card.T("overview.first_response"), Value: value(m, f, t.ask.Stat), Change: t.changed(i, m, f), Details: append(t.earlierText(i, m), details(m, f)...)})
	}
	if f, ok := t.line("answered_in_target", card.T("overview.in_target", "target", card.Duration(t.target))); ok {
		c.Blocks = append(c.Blocks, f)
	}
	add("conversations_opened", "overview.opened")
	add("conversations_closed", "overview.closed")
	c.Blocks = append(c.Blocks, t.waitingNow()...)
	add("contacts_new", "overview.new")
	add("contacts_returning", "overview.returning")
	return c
}

func (t *teller) overviewSub() card.Text {
	if names := t.filters(); len(names) > 0 {
		return card.T("note.filter", "names", names)
	}
	if t.answer.Span.To >= t.answer.AsOf && t.answer.Span.From < t.answer.AsOf {
		return card.T("overview.sub", "time", card.Clock(t.answer.AsOf))
	}
	return card.Text{}
}

// receipts says how many of the sent arrived and were read, as shares.
func (t *teller) receipts() []card.Text {
	_, sent, _, ok := t.figureOf("messages_sent")
	_, delivered, _, okD := t.figureOf("messages_delivered")
	_, read, _, okR := t.figureOf("messages_read")
	if !ok || !okD || !okR || sent.N == 0 || delivered.N == 0 {
		return nil
	}
	return []card.Text{card.T("overview.sent_delivered_read",
		"delivered", card.Share(float64(delivered.N)/float64(sent.N)), "read", card.Share(float64(read.N)/float64(delivered.N)))}
}

// waitingNow is the stock of those who wait, with the oldest's age.
func (t *teller) waitingNow() []card.Block {
	m, f, _, ok := t.figureOf("conversations_waiting")
	if !ok {
		return nil
	}
	block := card.Figure{Label: card.T("overview.waiting"), Value: value(m, f, "")}
	if _, oldest, _, ok := t.figureOf("longest_wait"); ok && oldest.Value != nil {
		block.Details = []card.Text{card.T("overview.oldest", "age", card.Duration(*oldest.Value))}
	}
	return []card.Block{block}
}

// figuresCard tells metrics without any breakdown.
func (t *teller) figuresCard() card.Card {
	c := card.Card{Blocks: []card.Block{card.Title{Text: t.title(), Sub: t.sub()}}}
	for i, m := range t.answer.Metrics {
		f := t.answer.Total.Figures[i]
		c.Blocks = append(c.Blocks, card.Figure{Label: metricName(m), Value: value(m, f, t.ask.Stat), Change: t.changed(i, m, f), Details: append(t.earlierText(i, m), details(m, f)...)})
		if m.Unit == analytics.Seconds && !m.Stock && f.N > 1 && len(t.answer.Metrics) == 1 {
			c.Blocks = append(c.Blocks, spread(f)...)
		}
	}
	if t.ask.Chart {
		if p, ok := t.funnel(); ok {
			c.Blocks = append(c.Blocks, p)
		}
	}
	return c
}

// spread tells the tail of a duration beside its middle.
func spread(f report.Figure) []card.Block {
	var list []card.Block
	if f.P90 != nil {
		list = append(list, card.Line{Text: card.T("note.p90", "value", card.Duration(*f.P90))})
	}
	if f.Max != nil && f.Mean != nil {
		list = append(list, card.Line{Text: card.T("note.mean", "value", card.Duration(*f.Mean))}, card.Line{Text: card.T("note.max", "value", card.Duration(*f.Max))})
	}
	return list
}

// title names the metrics and how they are broken down.
func (t *teller) title() card.Text {
	m := t.answer.Metrics
	by := t.ask.By
	switch {
	case len(m) > 1 && len(by) == 0:
		var list card.List
		for _, x := range m {
			list = append(list, card.Metric(x.Key))
		}
		if len(list) > 3 {
			return card.T("report.title", "metric", card.Metric(m[0].Key))
		}
		return card.T("report.title_many", "metrics", list)
	case len(by) == 1:
		return card.T("report.title_by", "metric", t.subjects(), "dim", card.Dim(by[0]))
	case len(by) > 1:
		return card.T("report.title_by_two", "metric", t.subjects(), "dim", card.Dim(by[0]), "other", card.Dim(by[1]))
	}
	return card.T("report.title", "metric", card.Metric(m[0].Key))
}

// subjects names the metrics of a breakdown.
func (t *teller) subjects() card.Value {
	m := t.answer.Metrics
	switch {
	case words.Overall(*t.ask):
		return card.Word("choice.overview")
	case len(m) == 1:
		return card.Metric(m[0].Key)
	}
	var list card.List
	for _, x := range m[:min(len(m), 3)] {
		list = append(list, card.Metric(x.Key))
	}
	if len(m) > 3 {
		list[2] = card.Word("report.others")
	}
	return list
}

// emptyCard says that there is nothing, and since when there is a record at all.
func (t *teller) emptyCard() card.Card {
	return card.Card{Blocks: []card.Block{card.Title{Text: t.title(), Sub: t.sub()}, card.Line{Text: t.nothing()}}}
}

func (t *teller) nothing() card.Text {
	switch {
	case len(t.answer.Left) > 0:
		return card.T("report.rank.empty")
	case t.answer.Since == 0:
		return card.T("note.no_record_yet")
	case t.unrecorded():
		return card.T("note.no_record", "day", card.Day(t.rules.Zone.DayOf(t.answer.Since)))
	}
	return card.T("note.no_data", "period", t.period())
}

// notes are the small print that every answer carries.
func (t *teller) notes() []card.Block {
	var list []card.Block
	add := func(text card.Text) { list = append(list, card.Note{Text: text}) }
	a := t.answer
	if len(a.Left) > 0 {
		var names card.List
		for _, r := range a.Left[:min(len(a.Left), 6)] {
			names = append(names, t.dimValue(analytics.ByAgent, r.Values[slices.Index(a.Ask.By, analytics.ByAgent)]))
		}
		add(card.T("note.left_out", "min", card.Count(t.ask.MinN), "names", names))
	}
	if n := t.stillWaiting(); n > 0 {
		add(card.T("note.waiting", "n", card.Count(n)))
	}
	for _, text := range t.cost() {
		add(text)
	}
	if t.unscheduled() {
		add(card.T("note.no_schedule"))
	}
	if t.onceInTotal() {
		add(card.T("note.once"))
	}
	if a.Since != 0 && a.Span.From < t.rules.Zone.Start(t.rules.Zone.DayOf(a.Since)) && a.Span.To > a.Since && !t.stocksOnly() {
		add(card.T("note.record_begins", "day", card.Day(t.rules.Zone.DayOf(a.Since))))
	}
	if len(a.Gaps) == 1 {
		add(card.T("note.gap", "period", card.Period(a.Gaps[0])))
	} else if len(a.Gaps) > 1 {
		var spans card.List
		for _, g := range a.Gaps[:min(len(a.Gaps), 3)] {
			spans = append(spans, card.Period(g))
		}
		add(card.T("note.gaps", "n", card.Count(len(a.Gaps)), "periods", spans))
	}
	return list
}

// cost tells what billable messages come to by the rate card; nothing is guessed
// where it has no price.
func (t *teller) cost() []card.Text {
	if t.ask.Metrics[0] != "messages_billable" {
		return nil
	}
	c := t.answer.Total.Figures[0].Cost
	if c == nil {
		return []card.Text{card.T("report.cost.no_rates")}
	}
	var list []card.Text
	if c.Known() {
		list = append(list, card.T("report.cost.total", "money", card.Money{Currency: c.Currency, Micros: c.Value}), card.T("report.cost.note"))
	}
	if len(c.Unpriced) > 0 {
		var names card.List
		for _, category := range c.Unpriced {
			names = append(names, card.DimValue{Dim: analytics.ByPricing, Value: category})
		}
		list = append(list, card.T("report.cost.unpriced", "names", names))
	}
	return list
}

func (t *teller) stocksOnly() bool {
	return !slices.ContainsFunc(t.answer.Metrics, func(m analytics.Metric) bool { return !m.Stock })
}

// stillWaiting counts those whom no speed figure holds yet.
func (t *teller) stillWaiting() int64 {
	if t.overview() {
		return 0 // they have a line of their own
	}
	for _, i := range t.sides() {
		if f := t.answer.Total.Figures[i]; t.answer.Metrics[i].Waits && f.Waiting != nil {
			return *f.Waiting
		}
	}
	return 0
}

func (t *teller) unscheduled() bool {
	return slices.ContainsFunc(t.answer.Total.Figures, func(f report.Figure) bool { return f.Unscheduled })
}

func (t *teller) onceInTotal() bool {
	return len(t.ask.By) > 0 && (t.ask.Metrics[0] == "conversations_handled" || t.ask.Metrics[0] == "conversations_assigned")
}
