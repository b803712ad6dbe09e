package file

import (
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
)

// field is one number that a figure is made of. Word is its name, Key of a
// text; lead marks the one that the figure is about.
type field struct {
	word string
	lead bool
	of   func(report.Figure) card.Value
}

// fields are the numbers that a metric's figures have in this answer.
func (p *paper) fields(i int) []field {
	m := p.Metrics[i]
	var list []field
	switch {
	case m.Unit == analytics.Seconds && !m.Stock:
		list = p.durations()
	case m.Unit == analytics.Share:
		list = []field{
			{"", true, func(f report.Figure) card.Value { return card.ValueOf(m, f.Value) }},
			{"file.part", false, func(f report.Figure) card.Value { return card.Count(f.Num) }},
			{"file.whole", false, func(f report.Figure) card.Value { return card.Count(f.Den) }},
		}
	default:
		list = []field{{"", true, func(f report.Figure) card.Value { return card.ValueOf(m, f.Value) }}}
		if p.some(i, func(f report.Figure) bool { return f.Average != nil }) {
			list = append(list, field{"stat.mean.name", false, func(f report.Figure) card.Value { return card.ValueOf(m, f.Average) }})
		}
	}
	if m.Waits && p.some(i, func(f report.Figure) bool { return f.Waiting != nil }) {
		list = append(list, field{"stat.waiting.name", false, waiting})
	}
	return list
}

// durations are what is told of lengths of time.
func (p *paper) durations() []field {
	list := []field{{"stat.n.name", false, func(f report.Figure) card.Value { return card.Count(f.N) }}}
	for _, stat := range []string{"p50", "mean", "p90", "max"} {
		list = append(list, field{"stat." + stat + ".name", stat == p.stat(), func(f report.Figure) card.Value {
			if v := f.Stat(stat); v != nil {
				return card.Duration(*v)
			}
			return nil
		}})
	}
	return list
}

// stat is the statistic of durations that the answer is about.
func (p *paper) stat() string {
	for _, s := range []string{p.Ask.Stat, p.business.Stat} {
		if slices.Contains([]string{"p50", "mean", "p90", "max"}, s) {
			return s
		}
	}
	return "p50"
}

// some reports whether a figure of a metric has something to tell.
func (p *paper) some(i int, has func(report.Figure) bool) bool {
	return has(p.Total.Figures[i]) || slices.ContainsFunc(p.Rows, func(r report.Row) bool { return has(r.Figures[i]) })
}

func waiting(f report.Figure) card.Value {
	if f.Waiting == nil {
		return nil
	}
	return card.Count(*f.Waiting)
}

// column is one column of the rows.
type column struct {
	head  string
	words bool // not a figure
	lead  bool
	of    func(report.Row) card.Value
}

// columns are those of the dimensions, then those of the figures.
func (p *paper) columns() []column {
	var list []column
	for i, d := range p.Ask.By {
		list = append(list, column{p.head("dim." + d.String() + ".name"), true, false, func(r report.Row) card.Value {
			if i >= len(r.Values) {
				return nil
			}
			return p.dimValue(d, r.Values[i])
		}})
	}
	earlier := p.earlier()
	for i := range p.Metrics {
		for _, f := range p.fields(i) {
			list = append(list, column{p.figureHead(i, f.word), false, f.lead, func(r report.Row) card.Value { return f.of(r.Figures[i]) }})
		}
		if earlier != nil {
			list = append(list, column{p.figureHead(i, "file.before"), false, false, func(r report.Row) card.Value {
				if was, ok := earlier[key(r)]; ok {
					return card.ValueOf(p.Metrics[i], was.Figures[i].Value)
				}
				return nil
			}})
		}
	}
	return list
}

// figureHead names a figure's column: the metric, and which of its numbers.
func (p *paper) figureHead(i int, word string) string {
	metric := card.Metric(p.Metrics[i].Key)
	if word == "" {
		return capital(p.Format(metric))
	}
	return capital(p.Say(card.T("file.head", "metric", metric, "column", card.Word(word))))
}

// earlier are the rows of the compared period by what they are of; nil where
// times are told apart, which no two periods share.
func (p *paper) earlier() map[string]report.Row {
	if p.Compare == nil || len(p.Ask.By) == 0 {
		return nil
	}
	if slices.ContainsFunc(p.Ask.By, func(d analytics.Dim) bool {
		return d == analytics.ByDay || d == analytics.ByWeek || d == analytics.ByMonth
	}) {
		return nil
	}
	rows := map[string]report.Row{}
	for _, r := range p.Compare.Rows {
		rows[key(r)] = r
	}
	return rows
}

func key(r report.Row) string { return strings.Join(r.Values, "\x1f") }

// totals is one row for each metric: its name, its value, what it was, and
// what it is made of, under heads.
func (p *paper) totals() (heads []string, rows [][]card.Value) {
	heads = []string{p.word("export.column.figure"), p.word("export.column.value")}
	var words []string
	for i := range p.Metrics {
		for _, f := range p.fields(i) {
			if f.word != "" && !slices.Contains(words, f.word) {
				words = append(words, f.word)
			}
		}
	}
	if p.Compare != nil {
		heads = append(heads, p.word("export.column.before"))
	}
	for _, w := range words {
		heads = append(heads, p.head(w))
	}
	for i, m := range p.Metrics {
		rows = append(rows, p.total(i, m, words))
	}
	return heads, rows
}

func (p *paper) total(i int, m analytics.Metric, words []string) []card.Value {
	f, fields := p.Total.Figures[i], p.fields(i)
	row := []card.Value{card.Name(capital(p.Format(card.Metric(m.Key)))), nil}
	for _, x := range fields {
		if x.lead {
			row[1] = x.of(f)
		}
	}
	if p.Compare != nil {
		var was card.Value
		if i < len(p.Compare.Total.Figures) && !m.Stock {
			was = card.ValueOf(m, p.Compare.Total.Figures[i].Value)
		}
		row = append(row, was)
	}
	for _, w := range words {
		var v card.Value = card.Name("") // it is not made of that
		if at := slices.IndexFunc(fields, func(x field) bool { return x.word == w }); at >= 0 {
			v = fields[at].of(f)
		}
		row = append(row, v)
	}
	return row
}
