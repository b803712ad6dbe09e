package words

import (
	"slices"

	"pulso/analytics"
)

// how reads a question about what a metric is, and false when it is none.
func (l *line) how() (Reading, bool) {
	r := Reading{Language: l.lang.String(), Intent: ToHow}
	alone := l.any("cmd.howalone") && l.alone("cmd.howalone", "cmd.how", "follow.", "ask.which", "overview.howgo")
	if !l.any("cmd.how") && !alone || l.any("list.open") && l.anyNamed(analytics.ByAgent) {
		return Reading{}, false
	}
	o := l.fresh()
	t := o.scanTimes(0, len(o.items))
	o.items, o.used = l.plain, make([]bool, len(l.plain))
	list := o.metrics(0, len(o.items))
	if l.any("glue.and", "glue.or", "glue.vs") {
		list = o.heads(0, len(o.items), o.present(0, len(o.items)))
	}
	for _, f := range list {
		if !slices.Contains(r.How, f.metric) {
			r.How = append(r.How, f.metric)
		}
	}
	if len(r.How) > 0 && (t.main == nil || l.any("cmd.how")) && !alone {
		if t.main != nil && !l.strongHow() {
			return Reading{}, false
		}
		return r, true
	}
	if m := l.listMetric(); m != "" && !alone && l.any("cmd.how") {
		r.How = []string{m}
		return r, true
	}
	prev := l.in.Previous
	if prev != nil && len(prev.Ask.Metrics) > 0 && (alone || l.alone("cmd.how", "cmd.howalone", "follow.", "ask.", "dim.number", "overview.overview", "overview.howgo", "cmd.detail")) {
		r.How = slices.Clone(prev.Ask.Metrics)
		return r, true
	}
	return r, alone && !l.any("overview.howgo") || l.alone("cmd.how", "cmd.howalone", "ask.which", "overview.overview", "dim.number", "follow.") && l.strangers() == 0
}

// strongHow reports whether the words of how are about calculation even though a
// period is said.
func (l *line) strongHow() bool {
	k := l.find(0, "cmd.how")
	return !l.is(k, "ask.", "overview.howgo", "filler.", "stat.")
}

// listMetric returns the metric that a list is counted by.
func (l *line) listMetric() string {
	for _, x := range []struct{ class, metric string }{
		{"list.waiting", "conversations_waiting"}, {"list.unassigned", "conversations_unassigned"}, {"list.expiring", "windows_expiring"},
		{"list.missed", "missed_windows"}, {"list.comments", "comments"},
	} {
		if l.any(x.class) {
			return x.metric
		}
	}
	return ""
}

// fresh returns the line with nothing used yet.
func (l *line) fresh() *line {
	o := *l
	o.used = make([]bool, len(l.items))
	o.flow = false
	return &o
}

// format returns the file format that is asked for, "" for none.
func (l *line) format() string {
	for _, f := range []string{"pdf", "csv", "xlsx"} {
		if l.any("cmd." + f) {
			return f
		}
	}
	if l.any("cmd.export") {
		return "xlsx"
	}
	return ""
}

// suggest returns asks near to a line that was not understood: what little was
// understood of it, then what most people ask.
func (l *line) suggest(d *draft) []string {
	var out []string
	add := func(text string) {
		if text != "" && !slices.Contains(out, text) && len(out) < 3 {
			out = append(out, text)
		}
	}
	if d != nil && d.strength > 0 && d.refused == nil {
		o := *d
		l.finish(&o)
		if o.refused == nil {
			add(l.in.Book.Canonical(l.reading(&o)))
		}
	}
	if d != nil && d.refused != nil {
		if m, ok := analytics.MetricOf(d.refused.Metric); ok {
			add(m.Key + " by " + fitting(m).String() + " " + d.text())
		}
	}
	add("stats today")
	add("list waiting")
	add("first_response by agent this week")
	return out
}

// text is the canonical text of the draft's period.
func (d *draft) text() string {
	if d.period.text == "" || d.times.never != "" {
		return "today"
	}
	return d.period.text
}

// fitting returns the first dimension that a metric can be broken down by.
func fitting(m analytics.Metric) analytics.Dim {
	for _, d := range []analytics.Dim{analytics.ByAgent, analytics.ByChannel, analytics.BySource} {
		if m.Fits(d) {
			return d
		}
	}
	return analytics.ByDay
}
