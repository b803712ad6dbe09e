package file

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/render"
	"pulso/models"
)

// paper is an answer on its way into a file, said in one language. A file is
// read later than it is made: its voice knows no today, so every period, day
// and moment is said by its date.
type paper struct {
	*report.Answer
	*render.Voice
	chart    *render.Voice // speaks as of the answer, shorter, for pictures
	business Business
	rows     []report.Row // that are written, in this order
}

func (w *Writer) paper(a *report.Answer, language string) *paper {
	l := render.Locale{Language: language, Region: w.business.Region, Zone: w.business.Zone}
	p := &paper{Answer: a, Voice: w.renderer.Voice(l), business: w.business, rows: a.Rows}
	l.Now = a.AsOf
	p.chart = w.renderer.Voice(l)
	switch {
	case len(a.Ask.By) == 0:
		p.rows = []report.Row{a.Total}
	case len(a.Ask.By) == 1 && a.Ask.Order == report.Natural && !a.Ask.By[0].Time() && a.Metrics[0].Unit == analytics.Count:
		p.rows = slices.Clone(a.Rows)
		slices.SortStableFunc(p.rows, func(x, y report.Row) int { return int(y.Figures[0].N - x.Figures[0].N) })
	}
	return p
}

// left is how many rows of the answer are not in the file.
func (p *paper) left() int { return p.all() - len(p.rows) }

func (p *paper) all() int {
	if len(p.Ask.By) == 0 {
		return 1
	}
	return len(p.Rows)
}

func (p *paper) word(key string) string { return p.Say(card.T(key)) }

func (p *paper) head(key string) string { return capital(p.word(key)) }

// title names the figures and how they are broken down.
func (p *paper) title() string { return capital(p.Say(p.titleText())) }

func (p *paper) titleText() card.Text {
	first := card.Metric(p.Metrics[0].Key)
	switch by := p.Ask.By; {
	case len(by) == 1:
		return card.T("report.title_by", "metric", p.metricList(), "dim", card.Dim(by[0]))
	case len(by) > 1:
		return card.T("report.title_by_two", "metric", p.metricList(), "dim", card.Dim(by[0]), "other", card.Dim(by[1]))
	case len(p.Metrics) > 3:
		return card.T("export.sheet.summary")
	case len(p.Metrics) > 1:
		return card.T("report.title_many", "metrics", p.metricList())
	}
	return card.T("report.title", "metric", first)
}

// metricList is the first metrics' names; more than three are not a title.
func (p *paper) metricList() card.Value {
	if len(p.Metrics) > 3 {
		return card.Word("export.sheet.rows")
	}
	var list card.List
	for _, m := range p.Metrics {
		list = append(list, card.Metric(m.Key))
	}
	return list
}

func (p *paper) period() string { return capital(p.Format(card.Period(p.Span))) }

// said is one line above the figures: what it is, and its value.
type said struct {
	label string
	value card.Value
}

// facts are what must be known of a file to read it right.
func (p *paper) facts() []said {
	list := []said{{p.word("export.meta.period"), card.Name(p.period())}, {p.word("export.meta.zone"), card.Name(p.business.Zone.Name())}}
	list = append(list, said{p.word("file.as_of"), card.Instant(p.AsOf)})
	for _, f := range p.Ask.Where {
		var names []string
		for _, v := range f.Values {
			names = append(names, p.text(p.dimValue(f.Dim, v)))
		}
		list = append(list, said{p.head("dim." + f.Dim.String() + ".name"), card.Name(strings.Join(names, ", "))})
	}
	if p.Compare != nil {
		list = append(list, said{p.word("file.compared"), card.Name(p.against())})
	}
	if len(p.Ask.By) > 0 {
		list = append(list, said{p.word("file.rows"), card.Name(p.Format(card.Count(p.all())))})
	}
	if len(p.Gaps) > 0 {
		var spans []string
		for _, g := range p.Gaps[:min(len(p.Gaps), 6)] {
			spans = append(spans, p.Format(card.Period(g)))
		}
		list = append(list, said{p.word("export.meta.gaps"), card.Name(strings.Join(spans, "; "))})
	}
	return append(list, p.leftOut()...)
}

// leftOut names who is missing from a ranking.
func (p *paper) leftOut() []said {
	at := slices.Index(p.Ask.By, analytics.ByAgent)
	if len(p.Left) == 0 || at < 0 {
		return nil
	}
	var names []string
	for _, r := range p.Left {
		names = append(names, p.text(p.dimValue(analytics.ByAgent, r.Values[at])))
	}
	return []said{{p.Say(card.T("file.left_out", "min", card.Count(p.Ask.MinN))), card.Name(strings.Join(names, ", "))}}
}

func (p *paper) against() string {
	if p.Compare.Kind == report.Weekdays {
		return capital(p.word("against.same_days"))
	}
	return capital(p.Format(card.Period(p.Compare.Span)))
}

// notes are the small print below the figures.
func (p *paper) notes(cut string) []string {
	var list []string
	add := func(t card.Text) { list = append(list, capital(p.Say(t))) }
	if p.left() > 0 {
		add(card.T(cut, "kept", card.Count(len(p.rows)), "all", card.Count(p.all())))
	}
	if p.all() == 0 {
		add(card.T("note.no_data", "period", card.Period(p.Span)))
	}
	if slices.ContainsFunc(p.Total.Figures, func(f report.Figure) bool { return f.Unscheduled }) {
		add(card.T("note.no_schedule"))
	}
	once := func(m analytics.Metric) bool {
		return m.Key == "conversations_handled" || m.Key == "conversations_assigned"
	}
	if len(p.Ask.By) > 0 && slices.ContainsFunc(p.Metrics, once) {
		add(card.T("note.once"))
	}
	return list
}

// dimValue is a dimension's value as people know it.
func (p *paper) dimValue(d analytics.Dim, v string) card.Value {
	switch {
	case v == "" || v == models.Phone && d == analytics.ByAgent:
	case d == analytics.ByAgent:
		return card.Name(p.Roster.Agent(v).Name)
	case d == analytics.ByChannel && p.business.Channels[v] != "":
		return card.Name(p.business.Channels[v])
	case d == analytics.ByTeam, d == analytics.ByChannel, d == analytics.ByTemplate, d == analytics.ByCategory:
		return card.Name(v)
	}
	return card.DimValue{Dim: d, Value: v}
}

// text is a value in words, as it stands in a cell of its own. The name "" is
// an empty cell.
func (p *paper) text(v card.Value) string {
	switch v := v.(type) {
	case card.Name:
		if s := visible(string(v)); s != "" || v == "" {
			return s
		}
		return p.Format(nil)
	case card.DimValue:
		return capital(p.Format(v))
	}
	return p.Format(v)
}

// longest is how many characters of a name are written.
const longest = 300

// visible is data on one line, without characters that only take room or
// control what stands around them.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Co, unicode.Cs) || unicode.Is(unicode.Cf, r) && r != '\u200d':
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > longest {
		s = strings.TrimRight(string(runes[:longest]), " ") + "…"
	}
	return norm.NFC.String(s)
}

func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 || r == utf8.RuneError {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
