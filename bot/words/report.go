package words

import (
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
)

// overview is what "stats" answers, first things first.
var overview = []string{
	"messages_received", "messages_sent", "messages_delivered", "messages_read", "conversations_opened", "conversations_closed",
	"conversations_waiting", "longest_wait", "first_response", "answered_in_target", "contacts_new", "contacts_returning",
}

// draft is a report while it is being put together.
type draft struct {
	ask      report.Ask
	period   when
	said     bool // a period was named
	metrics  []found
	overview bool
	peak     bool
	trend    bool
	theme    bool // the funnel, topics, reasons, new against returning
	strength int  // what speaks for its being a report: 0 nothing, 1 little, 2 enough, 3 much
	notes    []Note
	unclear  *Ambiguity
	refused  *report.Refusal
	times    times
	split    bool // agents are ranked because nothing else was named
}

// report puts together what the items [from, to) ask for.
func (l *line) report(from, to int) draft {
	var d draft
	d.times = l.scanTimes(from, to)
	d.notes = d.times.notes
	if d.said = d.times.main != nil; d.said {
		d.period = *d.times.main
	}
	l.flow = d.said && !l.is(d.period.first, "when.now") || l.resumes()
	s := l.names(from, to)
	d.unclear, d.notes = s.unclear, append(d.notes, s.notes...)
	d.metrics = l.metrics(from, to)
	if l.choice(from, to) || l.anyIn(from, to, "mod.any") {
		for _, c := range choices {
			if len(d.metrics) > 0 && slices.Contains(c.metrics, d.metrics[0].metric) {
				d.addBy(c.dim)
			}
		}
	}
	chosen := len(d.ask.By) > 0
	for _, dim := range l.dims(from, to) {
		if !chosen || dim != analytics.ByAgent {
			d.addBy(dim)
		}
	}
	if l.anyIn(from, to, "cue.manner") && l.anyIn(from, to, "noun.conversation") && len(d.metrics) == 1 && d.metrics[0].metric == "conversations_closed" && !d.metrics[0].weak {
		d.addBy(analytics.ByCloser) // "how were yesterday's conversations closed"
	}
	if slices.Contains(d.ask.By, analytics.ByAgent) && l.byAgent(from, to) { // "who closed them? by agent"
		d.ask.By = slices.DeleteFunc(d.ask.By, func(x analytics.Dim) bool { return x == analytics.ByCloser || x == analytics.ByOpener })
	}
	l.modes(&d, from, to)
	l.choose(&d, from, to)
	if len(d.ask.Metrics) > 0 {
		m, _ := analytics.MetricOf(d.ask.Metrics[0])
		s.filters = slices.DeleteFunc(s.filters, func(f report.Filter) bool {
			return !m.Fits(f.Dim) && slices.Contains(s.common, f.Dim) && !d.overview // "los envíos" are no category here
		})
		l.values(&s, m, from, to)
		l.opener(&s, m, from, to)
	} else {
		l.anyValues(&s, from, to)
	}
	d.ask.Where = s.filters
	for _, f := range s.filters {
		if f.Dim == analytics.BySource && len(f.Values) == 1 && !l.any("glue.by") {
			d.ask.By = slices.DeleteFunc(d.ask.By, func(x analytics.Dim) bool { return x == analytics.BySource })
		}
		if several(f) && (f.Dim == analytics.ByPlatform || f.Dim == analytics.ByChannel) { // "por dónde llegan más"
			d.ask.By = slices.DeleteFunc(d.ask.By, func(x analytics.Dim) bool {
				return x == analytics.BySource || x == analytics.ByChannel && f.Dim == analytics.ByPlatform && !l.any("glue.by")
			})
		}
		if several(f) && l.any("glue.or", "glue.vs") {
			d.addBy(f.Dim) // "by import or by hand", "Ana or Luis"
		}
	}
	for _, dim := range s.versus {
		if !slices.Contains(d.ask.By, dim) {
			d.ask.By = append(d.ask.By, dim)
		}
	}
	l.rank(&d, from, to)
	d.strength = d.weigh(l, from, to)
	return d
}

// several reports whether a filter keeps values that were named one by one.
func several(f report.Filter) bool {
	if f.Dim == analytics.BySender && len(f.Values) == 2 && f.Values[0] == "agent" && f.Values[1] == "phone" {
		return false
	}
	return len(f.Values) > 1
}

// modes reads what sort of picture is wanted: peak hours, a trend, a chart, a file.
func (l *line) modes(d *draft, from, to int) {
	for i := from; i < to; i++ {
		if l.used[i] {
			continue
		}
		switch {
		case l.is(i, "overview.peak"), l.is(i, "ask.when", "ask.hours") && l.anyIn(i, to, "rank.most", "rank.least", "overview.busy", "act.", "noun.message", "noun.contact"):
			d.peak = true
			if l.is(i, "ask.hours") {
				d.addBy(analytics.ByHour)
			}
		case l.is(i, "overview.peakday"), l.is(i, "ask.days") && l.anyIn(i, to, "rank.", "overview.busy", "act.", "mod.slower", "mod.faster"):
			d.peak = true
			d.addBy(analytics.ByWeekday)
		case l.is(i, "cmd.trend"):
			d.trend, d.ask.Chart = true, true
		case l.is(i, "cmd.chart"):
			d.ask.Chart = true
		case l.is(i, "stat."):
			d.ask.Stat = l.at(i).key("stat")
		case l.is(i, "cmd.detail"):
			d.ask.Detail = true
		}
	}
}

// anyIn reports whether one of the items [from, to) has one of the classes.
func (l *line) anyIn(from, to int, classes ...string) bool {
	k := l.find(from, classes...)
	return k >= 0 && k < to
}

func (d *draft) addBy(dim analytics.Dim) {
	if !slices.Contains(d.ask.By, dim) {
		d.ask.By = append(d.ask.By, dim)
	}
}

// choose settles the metrics: those named, or what an overview, a breakdown or
// a picture is about when none is.
func (l *line) choose(d *draft, from, to int) {
	weakOnly := len(d.metrics) == 0 || d.metrics[0].weak
	for _, f := range d.metrics {
		d.ask.Metrics = append(d.ask.Metrics, f.metric)
	}
	d.theme = true
	switch {
	case l.anyIn(from, to, "overview.funnel"):
		d.ask.Metrics = []string{"messages_sent", "messages_delivered", "messages_read", "messages_failed"}
	case l.anyIn(from, to, "overview.topics") || l.about(from, to):
		if m, ok := analytics.MetricOf(first(d.ask.Metrics)); weakOnly || !ok || !m.Fits(analytics.ByCategory) {
			d.ask.Metrics = []string{"conversations_closed"}
		}
		if !slices.ContainsFunc(d.ask.By, func(x analytics.Dim) bool { return x == analytics.ByError }) {
			d.addBy(analytics.ByCategory)
		}
	case l.anyIn(from, to, "overview.bothways"):
		d.ask.Metrics = []string{"messages_received", "messages_sent"}
	case l.whichErrors(from, to), l.anyIn(from, to, "ask.why") && slices.Contains(d.ask.Metrics, "messages_failed"), l.anyIn(from, to, "overview.reasons") && (weakOnly || slices.Contains(d.ask.Metrics, "messages_failed") || slices.Contains(d.ask.Metrics, "failure_rate")):
		d.ask.Metrics = []string{"messages_failed"}
		d.addBy(analytics.ByError)
	case l.kinds(d, from, to):
		d.ask.Metrics = []string{"contacts_new", "contacts_returning"}
		d.ask.By = slices.DeleteFunc(d.ask.By, func(x analytics.Dim) bool { return x == analytics.ByContactKind })
	default:
		d.theme = false
		l.broad(d, weakOnly, from, to)
	}
}

// broad settles the metrics of peak hours and overviews.
func (l *line) broad(d *draft, weakOnly bool, from, to int) {
	switch {
	case d.peak && (weakOnly || l.is(d.metrics[0].item, "mod.")):
		if !slices.Contains(d.ask.Metrics, "conversations_opened") {
			d.ask.Metrics = []string{"messages_received"}
		}
	case len(d.metrics) == 0 && d.times.asked && l.anyIn(from, to, "rank.best", "rank.worst") && len(d.ask.By) == 0 && !l.anyIn(from, to, "ask.who"):
		d.overview = true
		d.ask.Metrics = slices.Clone(overview)
	case weakOnly && len(d.metrics) > 0 && len(d.ask.By) > 0 && l.anyIn(from, to, "noun.message", "noun.conversation") && !l.anyIn(from, to, "overview.overview", "overview.card", "mod.performance"):
		// "how are messages split across channels"
	case weakOnly && l.anyIn(from, to, "cmd.howalone") && (l.anyNamed(analytics.ByAgent) || l.anyNamed(analytics.ByTeam) || l.anyNamed(analytics.ByChannel)) && !l.speedy(d),
		weakOnly && l.anyIn(from, to, "overview.overview", "overview.howgo", "overview.card", "mod.performance") && !l.speedy(d):
		d.overview = true
		d.ask.Metrics = slices.Clone(overview)
	}
	if d.peak && len(d.ask.By) == 0 {
		d.ask.By = []analytics.Dim{analytics.ByWeekday, analytics.ByHour}
		if d.said && d.period.to == d.period.from+1 {
			d.ask.By = []analytics.Dim{analytics.ByHour}
		}
	}
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// whichErrors reads "qué errores hubo": failures by what they were.
func (l *line) whichErrors(from, to int) bool {
	for i := from; i+1 < to; i++ {
		if l.is(i, "ask.which") && l.is(i+1, "act.failed") && strings.HasPrefix(l.at(i+1).text, "err") {
			return true
		}
	}
	return false
}

// kinds reports whether "new vs returning" is what is asked about, rather than
// what something else is broken down by.
func (l *line) kinds(d *draft, from, to int) bool {
	if !slices.Contains(d.ask.By, analytics.ByContactKind) || l.anyIn(from, to, "noun.conversation", "noun.message") {
		return false
	}
	for _, f := range d.metrics {
		if !f.weak && f.metric != "contacts_new" && f.metric != "contacts_returning" {
			return false
		}
	}
	return true
}

// about reports whether the line asks what people write about: "de qué nos
// escribieron", "what did they contact us about".
func (l *line) about(from, to int) bool {
	if !l.anyIn(from, to, "act.wrote", "act.received", "act.arrived", "act.asked", "noun.contact", "noun.conversation") || l.anyNamed(analytics.ByCategory) {
		return false
	}
	for i := from; i < to; i++ {
		if l.anyIn(from, to, "act.asked") && (l.is(i, "ask.which") && l.is(l.skip(i+1, "glue.us", "glue.art", "filler.", "noun.contact"), "act.asked") || l.lex.ends(l.at(i).text, "glue.than")) {
			return true
		}
		if l.is(i, "glue.of", "glue.about") && l.is(i+1, "ask.which") && !l.used[i] && !l.is(i+2, "unit.", "dim.", "noun.", "act.sent") {
			return true
		}
		if l.is(i, "glue.about") && !l.used[i] && l.anyIn(from, i, "ask.which") && (i+1 >= to || l.mark(i+1) || l.used[i+1]) {
			return true
		}
	}
	return false
}

// speedy reports whether the weak metric is one of speed: "cómo vamos de tiempos".
func (l *line) speedy(d *draft) bool {
	if len(d.ask.Metrics) == 0 {
		return false
	}
	m, _ := analytics.MetricOf(d.ask.Metrics[0])
	return m.Unit == analytics.Seconds && !(l.any("overview.overview") && !l.any("mod.time", "mod.howlong", "mod.slower", "mod.faster"))
}

// weigh says how much speaks for a report.
func (d *draft) weigh(l *line, from, to int) int {
	switch {
	case len(d.metrics) > 0 && !d.metrics[0].weak:
		return 3
	case d.overview, d.peak, d.theme:
		return 2
	case len(d.metrics) == 0 && d.times.asked && d.times.main != nil && l.alone("when.", "rel.", "unit.", "month.", "weekday.", "follow.", "cmd.change", "number.", "mod.lasting"):
		return 2 // "this week vs last"
	case len(d.metrics) == 0 && d.times.versus != nil && l.anyIn(from, to, "cmd.change", "rank.best", "rank.worst"):
		return 2 // "better or worse than last month"
	case len(d.metrics) > 0:
		if d.said || l.anyIn(from, to, "ask.howmany") || len(d.ask.By) > 0 || len(d.ask.Where) > 0 || d.ask.Order != "" || d.ask.Chart {
			return 2
		}
		return 1
	case d.times.asked && (d.times.main != nil || d.times.versus != nil) && l.anyIn(from, to, "rank.best", "rank.worst", "filler.", "cmd.change"):
		return 1
	case d.trend || d.ask.Chart || len(d.ask.By) > 0 || len(d.ask.Where) > 0 || d.said || d.unclear != nil:
		return 1
	}
	return 0
}

// finish gives a report its defaults and checks that its dimensions fit.
func (l *line) finish(d *draft) {
	if d.ask.Metrics == nil {
		d.ask.Metrics = l.implied(d)
		d.overview = slices.Equal(d.ask.Metrics, overview)
	}
	l.swap(d)
	d.fit()
	if d.never() {
		return
	}
	l.settlePeriod(d)
	l.compare(&d.ask, d.period, d.times)
	if l.settleTrend(d); d.refused == nil {
		d.fit()
	}
	d.ask.Period, d.ask.PeriodText = d.period.span, d.period.text
	d.ask.Detail = d.ask.Detail && timed(first(d.ask.Metrics))
}

// never refuses a report of a period of which there are no figures. Windows
// that close within the next hour are counted now.
func (d *draft) never() bool {
	if d.times.never == "" || slices.Equal(d.ask.Metrics, []string{"windows_expiring"}) {
		return false
	}
	d.refused = &report.Refusal{Metric: first(d.ask.Metrics), Why: d.times.never}
	return true
}

// implied returns the metrics of a report that names none.
func (l *line) implied(d *draft) []string {
	for _, dim := range d.ask.By {
		switch dim {
		case analytics.ByTemplate, analytics.BySender, analytics.ByPricing:
			return []string{"messages_sent"}
		case analytics.ByError:
			return []string{"messages_failed"}
		case analytics.ByCategory, analytics.ByCloser:
			return []string{"conversations_closed"}
		case analytics.ByOpener, analytics.ByContactKind:
			return []string{"conversations_opened"}
		case analytics.BySource:
			return []string{"contacts_added"}
		case analytics.ByHour, analytics.ByWeekday, analytics.ByDay, analytics.ByWeek, analytics.ByMonth, analytics.ByType:
			return []string{"messages_received"}
		}
	}
	for _, f := range d.ask.Where {
		switch f.Dim {
		case analytics.ByTemplate:
			return []string{"messages_sent"}
		case analytics.ByType:
			return []string{"messages_received"}
		case analytics.BySource:
			return []string{"contacts_added"}
		case analytics.BySender:
			return []string{"messages_sent"}
		case analytics.ByPricing:
			return []string{"messages_billable"}
		case analytics.ByCategory, analytics.ByCloser:
			return []string{"conversations_closed"}
		case analytics.ByOpener:
			return []string{"conversations_opened"}
		case analytics.ByError:
			return []string{"messages_failed"}
		}
	}
	switch {
	case d.ask.Order != "" && slices.Contains(d.ask.By, analytics.ByChannel):
		return []string{"messages_received"}
	case d.ask.Order == report.Worst, d.ask.Order == report.Best:
		return []string{"first_response"}
	case d.ask.Order != "" && slices.Contains(d.ask.By, analytics.ByAgent):
		return []string{"conversations_handled"}
	}
	return slices.Clone(overview)
}

// instead lists the metric that is meant where one does not fit a dimension.
var instead = []struct {
	metric string
	dim    analytics.Dim
	other  string
}{
	{"conversations_opened", analytics.ByCategory, "conversations_closed"},
	{"conversations_opened", analytics.ByCloser, "conversations_closed"},
	{"conversations_closed", analytics.ByOpener, "conversations_opened"},
	{"conversations_closed", analytics.BySource, "conversations_opened"},
	{"conversations_handled", analytics.ByCategory, "conversations_closed"},
	{"conversations_handled", analytics.ByOpener, "conversations_opened"},
	{"conversations_handled", analytics.ByCloser, "conversations_closed"},
	{"conversations_open", analytics.ByOpener, "conversations_opened"},
	{"failure_rate", analytics.ByError, "messages_failed"},
	{"contacts_new", analytics.ByTemplate, "messages_sent"},
	{"messages_received", analytics.ByOpener, "conversations_opened"},
}

// swap replaces a metric that does not fit a dimension by the one that is meant.
func (l *line) swap(d *draft) {
	if m, ok := analytics.MetricOf(first(d.ask.Metrics)); ok && !m.Fits(analytics.ByCategory) && m.Fits(analytics.ByPricing) {
		for i, dim := range d.ask.By {
			if dim == analytics.ByCategory && !slices.Contains(d.ask.By, analytics.ByPricing) {
				d.ask.By[i] = analytics.ByPricing // messages have no other category
			}
		}
	}
	for i, key := range d.ask.Metrics {
		for _, s := range instead {
			if s.metric == key && d.uses(s.dim) && (!d.overview || !slices.Contains(d.ask.Metrics, s.other)) {
				d.ask.Metrics[i] = s.other
				d.notes = append(d.notes, Note{SaidMetric, s.other})
			}
		}
	}
}

func (d *draft) uses(dim analytics.Dim) bool {
	return slices.Contains(d.ask.By, dim) || slices.ContainsFunc(d.ask.Where, func(f report.Filter) bool { return f.Dim == dim })
}

// fit leaves out the metrics beside the first that a dimension does not fit;
// when the first does not fit, nothing is answered.
func (d *draft) fit() {
	var out, dropped []string
	for i, key := range d.ask.Metrics {
		one := report.Ask{Metrics: []string{key}, By: d.ask.By, Where: d.ask.Where}
		err := one.Check()
		switch {
		case err == nil:
			out = append(out, key)
		case i == 0 && !d.overview:
			d.refused, _ = report.Refused(err)
			return
		default:
			dropped = append(dropped, key)
		}
	}
	if len(out) == 0 {
		err := d.ask.Check()
		d.refused, _ = report.Refused(err)
		return
	}
	d.ask.Metrics = out
	if len(dropped) > 0 && !d.overview {
		d.notes = append(d.notes, Note{SaidSmall, strings.Join(dropped, ",")})
	}
	if err := (&report.Ask{Metrics: out[:1], Order: d.ask.Order}).Check(); err != nil {
		d.refused, _ = report.Refused(err)
	}
}

// settlePeriod gives a report that names no period the one it is about.
func (l *line) settlePeriod(d *draft) {
	if stocksOnly(d.ask.Metrics) {
		d.period = when{span: analytics.Span{From: l.cal.now, To: l.cal.now}, text: "now"}
		return
	}
	if d.said {
		return
	}
	if v := d.times.versus; v != nil && v.back > 0 && calendarUnit(v.unit) && v.unit != "day" && v.unit != "week" {
		d.period = l.cal.unit(v.unit, 0) // "better than last month": this month
		d.notes = append(d.notes, Note{SaidDefaultPeriod, d.period.text})
		return
	}
	switch {
	case d.peak, d.trend, d.ask.Chart && len(d.ask.By) == 0:
		d.period = l.cal.last("day", 30)
	case d.ask.Order != "", slices.Contains(d.ask.By, analytics.ByAgent), d.ask.Format != "":
		d.period = l.cal.unit("week", 0)
	case slices.ContainsFunc(d.ask.By, longTime):
		d.period = l.cal.last("day", 30)
		if slices.Contains(d.ask.By, analytics.ByMonth) {
			d.period = l.cal.unit("year", 0)
		}
	default:
		d.period = l.cal.unit("day", 0)
	}
	d.notes = append(d.notes, Note{SaidDefaultPeriod, d.period.text})
}

func longTime(d analytics.Dim) bool { return d.Time() && d != analytics.ByHour }

func stocksOnly(keys []string) bool {
	return !slices.ContainsFunc(keys, func(k string) bool {
		m, ok := analytics.MetricOf(k)
		return !ok || !m.Stock
	})
}

// settleTrend gives a trend or chart the steps that suit its period.
func (l *line) settleTrend(d *draft) {
	if !d.trend && !(d.ask.Chart && len(d.ask.By) == 0) || slices.ContainsFunc(d.ask.By, analytics.Dim.Time) || stocksOnly(d.ask.Metrics) || d.overview && !d.trend {
		return
	}
	days := (d.period.span.To - d.period.span.From) / 86_400_000
	switch {
	case days <= 1:
		d.addBy(analytics.ByHour)
	case days <= 100:
		d.addBy(analytics.ByDay)
	case days <= 200:
		d.addBy(analytics.ByWeek)
	default:
		d.addBy(analytics.ByMonth)
	}
	d.ask.By = append([]analytics.Dim{d.ask.By[len(d.ask.By)-1]}, d.ask.By[:len(d.ask.By)-1]...)
}

// reading makes the reading of a finished report.
func (l *line) reading(d *draft) Reading {
	r := Reading{Language: l.lang.String(), Intent: ToReport, Ask: d.ask, Candidates: d.unclear, Said: d.notes, Refused: d.refused, follows: true}
	if d.ask.Format != "" {
		r.Intent = ToExport
	}
	if d.refused != nil {
		r.Intent = Unknown
	}
	return r
}
