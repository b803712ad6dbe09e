package words

import (
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
)

// rank reads whether rows are to be ranked, which way, and how many are wanted.
func (l *line) rank(d *draft, from, to int) {
	order, at := l.order(from, to)
	if at < 0 {
		if len(d.ask.By) == 1 && !d.peak && l.asksWhich(from, to) && l.anyIn(from, to, "overview.busy") {
			d.ask.Order = report.Desc // "which store is packed"
		}
		return
	}
	who := l.asksWho() || l.anyIn(from, to, "dim.", "ask.days", "ask.hours", "ask.when") || !d.times.asked && l.asksWhich(from, to)
	who = who || l.is(at-1, "glue.art") && l.is(at, "mod.slower", "mod.faster", "rank.worst", "rank.best") && !d.times.asked
	who = who || l.leads(at) && strong(order) && !d.times.asked
	if l.in.Previous != nil && (at == len(l.items)-1 && l.is(at-1, "dim.") || l.leads(at) && l.is(at, "rank.best") && l.is(at+1, "glue.by")) {
		return // "por agente mejor": rather by agent
	}
	if _, few := l.integer(at - 1); strong(order) && !few && !l.asksWho() && len(d.ask.By) == 0 && l.extreme(at) {
		if order == report.Worst {
			d.ask.Stat = "max" // "the worst response time"
		}
		return
	}
	limit := l.limit(at, from, to)
	if l.any("glue.than") && len(d.ask.Where) > 0 && !l.any("ask.who") && limit == 0 {
		return // "is Camila slower than Beatriz"
	}
	if (d.times.asked || !strong(order) && limit == 0) && !who && len(d.ask.By) == 0 {
		return // "more than yesterday", "less than last week"
	}
	if d.peak && len(d.ask.By) == 2 || d.trend {
		return
	}
	if strong(order) && !who && len(d.ask.By) == 0 && limit == 0 && !l.is(at, "rank.") {
		return
	}
	if len(d.ask.By) == 0 && !l.anyNamed(analytics.ByAgent) {
		d.ask.By, d.split = append(d.ask.By, analytics.ByAgent), true
	}
	if len(d.ask.By) == 0 || slices.Contains(d.ask.By, analytics.ByDay) && !strong(order) && limit == 0 && !l.anyIn(from, to, "ask.days", "ask.which") {
		return
	}
	d.ask.Order, d.ask.Limit = order, limit
}

// extreme reports whether a metric of time follows item i, which is then its
// extreme rather than a ranking.
func (l *line) extreme(i int) bool {
	m, ok := analytics.MetricOf(l.at(l.skip(i+1, "glue.of", "filler.")).key("metric"))
	return ok && m.Unit == analytics.Seconds && !m.Stock
}

// asksWhich reports whether the line begins with "which".
func (l *line) asksWhich(from, to int) bool {
	k := l.find(from, "ask.which")
	return k >= 0 && k < to && l.leads(k)
}

func strong(o report.Order) bool { return o == report.Worst || o == report.Best }

// order returns which way the items rank, and the item that says so.
func (l *line) order(from, to int) (report.Order, int) {
	if l.anyIn(from, to, "mod.slower") && l.anyIn(from, to, "mod.faster") { // "from the fastest to the slowest"
		if k := l.find(from, "mod.slower", "mod.faster"); l.is(k, "mod.slower") {
			return report.Worst, k
		} else {
			return report.Best, k
		}
	}
	for _, x := range []struct {
		class string
		order report.Order
	}{
		{"mod.slower", report.Worst}, {"mod.faster", report.Best}, {"rank.worst", report.Worst}, {"rank.best", report.Best},
		{"rank.bottom", report.Worst}, {"rank.least", report.Asc}, {"rank.most", report.Desc}, {"rank.top", report.Best},
	} {
		for i := from; i < to; i++ {
			if l.is(i, x.class) && !l.used[i] && !(l.is(i, "op.gt", "op.lt") && l.at(i+1).kind == aNumber) {
				return x.order, i
			}
		}
	}
	if l.anyIn(from, to, "ask.who") {
		for i := from; i < to; i++ {
			switch {
			case l.is(i, "mod.slow"):
				return report.Worst, i
			case l.is(i, "mod.fast"):
				return report.Best, i
			}
		}
	}
	return report.Natural, -1
}

// limit returns how many rows are wanted: the number beside the word of rank or
// beside what is ranked.
func (l *line) limit(at, from, to int) int {
	for i := from; i < to; i++ {
		n, ok := l.integer(i)
		if !ok || l.used[i] || l.is(i, "filler.") && l.is(i-1, "rank.") || n < 1 || n > 100 {
			continue
		}
		near := i-at <= 3 && at-i <= 3
		if near || l.is(i+1, "dim.", "noun.", "rank.") || l.is(i-1, "rank.", "glue.art") {
			l.use(i, i+1)
			return n
		}
	}
	return 0
}
