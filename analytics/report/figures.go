package report

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"

	"pulso/analytics"
	"pulso/models"
)

// standingNow is what stands at now beside the sums of a period: the stocks,
// and the conversations that wait.
type standingNow struct {
	keys map[string][]string
	of   map[string]*stock
	all  stock
}

type stock struct {
	open, waiting, unassigned, expiring, waitingInPeriod int64
	longest                                              int64 // ms
}

// present counts the conversations that are open now.
func (s *session) present(sieve *analytics.Sieve, period analytics.Span) (*standingNow, error) {
	p := &standingNow{keys: map[string][]string{}, of: map[string]*stock{}}
	if !s.stocks && !s.waits {
		return p, nil
	}
	open, err := s.open(!s.stocks || s.waiting())
	if err != nil {
		return nil, err
	}
	for i := range open {
		c := &open[i]
		d, at := s.standingAt(c)
		key, values, ok := sieve.Place(&d, at)
		if !ok {
			continue
		}
		if len(s.ask.By) > 0 && (s.stocks || c.WaitingSince != 0 && period.Holds(c.WaitingSince)) {
			if p.of[key] == nil {
				p.keys[key], p.of[key] = values, &stock{}
			}
			s.count(p.of[key], c, period)
		}
		s.count(&p.all, c, period)
	}
	return p, nil
}

// standingAt returns the dimensions of an open conversation, and the moment it
// waits from, or now.
func (s *session) standingAt(c *analytics.OpenConversation) (analytics.Dims, int64) {
	if c.WaitingSince != 0 {
		return c.Dims(), c.WaitingSince
	}
	return c.Dims(), s.now
}

// Open returns the conversations that are open at now (ms), only those that wait
// if waiting is set.
func (d *Desk) Open(ctx context.Context, now int64, waiting bool) ([]analytics.OpenConversation, error) {
	standing, err := d.Read.Standing(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("open conversations: %w", err)
	}
	s := &session{Desk: d, ctx: ctx, now: now, standing: standing}
	return s.open(waiting)
}

func (s *session) open(waiting bool) (list []analytics.OpenConversation, err error) {
	if s.current() && len(s.standing.Ahead) == 0 {
		return s.Read.Open(s.ctx, s.now, waiting)
	}
	whole, err := s.alive()
	for _, c := range whole {
		if !waiting || c.WaitingSince != 0 {
			list = append(list, analytics.OpenOf(c))
		}
	}
	return list, err
}

// waiting reports whether every stock asked for counts those that wait only.
func (s *session) waiting() bool {
	return !slices.ContainsFunc(s.metrics, func(m analytics.Metric) bool {
		return m.Key == "conversations_open" || m.Key == "conversations_unassigned"
	})
}

// alive returns the whole of the conversations that are open at now.
func (s *session) alive() ([]*models.Conversation, error) {
	if !s.current() {
		past, err := s.then()
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(slices.Clone(past.Conversations), func(c *models.Conversation) bool { return !c.Open(s.now) }), nil
	}
	list, err := s.Read.Alive(s.ctx, s.now)
	if err != nil || len(s.standing.Ahead) == 0 {
		return list, err
	}
	now, err := s.aheadNow(nil)
	if err != nil {
		return nil, err
	}
	rows := (&analytics.Rows{Conversations: list}).Without(s.aheadIDs())
	for _, c := range now.Conversations {
		if c.Open(s.now) {
			rows.Conversations = append(rows.Conversations, c)
		}
	}
	return rows.Conversations, nil
}

func (s *session) count(k *stock, c *analytics.OpenConversation, period analytics.Span) {
	k.open++
	if c.Assignee == "" {
		k.unassigned++
	}
	if c.WaitingSince == 0 {
		return
	}
	k.waiting++
	if period.Holds(c.WaitingSince) {
		k.waitingInPeriod++
	}
	k.longest = max(k.longest, s.now-c.WaitingSince)
	if _, expiring := c.WindowLeft(s.now); expiring {
		k.expiring++
	}
}

// rows makes the table's rows and total from the sums and from what stands now;
// p is nil where now has nothing to do with it.
func (s *session) rows(sieve *analytics.Sieve, p *standingNow, period analytics.Span) ([]Row, Row) {
	keys := map[string][]string{}
	for k, l := range sieve.Rows {
		keys[k] = l.Values
	}
	if p != nil {
		maps.Copy(keys, p.keys)
	}
	var list []Row
	for k, values := range keys {
		if r := s.row(values, sieve.Rows[k], p.at(k), period); !s.empty(&r) {
			list = append(list, r)
		}
	}
	s.sortNatural(list)
	var all *stock
	if p != nil {
		all = &p.all
	}
	return list, s.row(nil, sieve.Total, all, period)
}

// at returns what stands in a row, nil when that is not told.
func (p *standingNow) at(key string) *stock {
	if p == nil {
		return nil
	}
	return cmp.Or(p.of[key], &stock{})
}

// empty reports whether a row tells nothing: cells may leave zeros behind
// where everything was taken back.
func (s *session) empty(r *Row) bool {
	for _, f := range r.Figures {
		if f.N != 0 || f.Den != 0 || f.Num != 0 || f.Unit == analytics.Count && f.Value != nil && *f.Value != 0 || f.Waiting != nil && *f.Waiting != 0 {
			return false
		}
	}
	return true
}

func (s *session) row(values []string, l *analytics.Line, k *stock, period analytics.Span) Row {
	r := Row{Values: values}
	for _, m := range s.metrics {
		f := Figure{Unit: m.Unit}
		switch {
		case m.Stock && k == nil: // an earlier period has no stock
		case m.Stock:
			f = stockFigure(m, k)
		case m.Unit == analytics.Share:
			f = share(sumOf(l, m.Num).N, sumOf(l, m.Den).N)
		case m.Unit == analytics.Seconds:
			f = s.duration(m, sumOf(l, m.Measure))
		default:
			f.N = sumOf(l, s.measure(m)).N
			f.Value = ptr(float64(f.N))
			f.Average = s.perOccurrence(values, f.N, period)
		}
		if m.Waits && k != nil && !f.Unscheduled {
			f.Waiting = ptr(k.waitingInPeriod)
		}
		r.Figures = append(r.Figures, f)
	}
	return r
}

func ptr[T any](v T) *T { return &v }

func sumOf(l *analytics.Line, m analytics.Measure) *analytics.Sum {
	if l == nil {
		return &analytics.Sum{}
	}
	return l.Sum(m)
}

func stockFigure(m analytics.Metric, k *stock) Figure {
	n := map[string]int64{
		"conversations_open": k.open, "conversations_waiting": k.waiting, "conversations_unassigned": k.unassigned, "windows_expiring": k.expiring,
	}[m.Key]
	f := Figure{Unit: m.Unit, N: n, Value: ptr(float64(n))}
	if m.Unit == analytics.Seconds { // longest_wait
		f.N, f.Value = k.waiting, nil
		if k.waiting > 0 {
			f.Value = ptr(float64(k.longest))
			f.Max = f.Value
		}
	}
	return f
}

func share(num, den int64) Figure {
	f := Figure{Unit: analytics.Share, Num: num, Den: den}
	if den != 0 {
		f.Value = ptr(float64(num) / float64(den))
	}
	return f
}

func (s *session) duration(m analytics.Metric, sum *analytics.Sum) Figure {
	f := Figure{Unit: m.Unit, N: sum.N, Unscheduled: m.Business && !s.Rules.Hours.Set()}
	mean, ok := sum.Mean()
	if !ok {
		return f
	}
	f.Mean, f.Max = &mean, ptr(float64(sum.Max))
	p50, _ := sum.Quantile(0.5)
	p90, _ := sum.Quantile(0.9)
	f.P50, f.P90 = ptr(float64(p50)), ptr(float64(p90))
	f.Value = f.Stat(s.Stat)
	return f
}

// Stat returns a statistic of a duration: mean, p90, max, and the median for
// anything else.
func (f *Figure) Stat(name string) *float64 {
	switch name {
	case "mean":
		return f.Mean
	case "p90":
		return f.P90
	case "max":
		return f.Max
	}
	return f.P50
}

// perOccurrence divides a count by how often its weekday occurs in the period,
// or by the number of days, where hours or weekdays are told apart. Days that
// the row or a filter leaves out do not count.
func (s *session) perOccurrence(values []string, n int64, period analytics.Span) *float64 {
	if len(values) == 0 || !slices.Contains(s.ask.By, analytics.ByWeekday) && !slices.Contains(s.ask.By, analytics.ByHour) {
		return nil
	}
	cut := period.Cut(s.now + 1)
	if cut.Empty() {
		return nil
	}
	zone, days := s.Rules.Zone, 0
	for d := zone.DayOf(cut.From); d <= zone.DayOf(cut.To-1); d++ {
		if s.occurs(d, values) {
			days++
		}
	}
	if days == 0 {
		return nil
	}
	return ptr(float64(n) / float64(days))
}

// occurs reports whether a day is one of those that a row counts.
func (s *session) occurs(d analytics.Day, values []string) bool {
	zone := s.Rules.Zone
	fits := func(dim analytics.Dim, values []string) bool {
		return !dim.Time() || dim == analytics.ByHour || slices.Contains(values, zone.Label(dim, zone.Start(d)))
	}
	for i, dim := range s.ask.By {
		if !fits(dim, values[i:i+1]) {
			return false
		}
	}
	return !slices.ContainsFunc(s.ask.Where, func(f Filter) bool { return !fits(f.Dim, f.Values) })
}

// sortNatural orders rows by their dimensions' own order, nobody last.
func (s *session) sortNatural(list []Row) {
	names := map[string]string{} // of agents, folded
	for k, d := range s.ask.By {
		for i := 0; d == analytics.ByAgent && i < len(list); i++ {
			v := list[i].Values[k]
			names[v] = analytics.FoldName(s.Roster.Agent(v).Name)
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return s.natural(&list[i], &list[j], names) < 0 })
}

func (s *session) natural(a, b *Row, names map[string]string) int {
	for k, d := range s.ask.By {
		if c := order(d, a.Values[k], b.Values[k], names); c != 0 {
			return c
		}
	}
	return 0
}

func order(d analytics.Dim, a, b string, names map[string]string) int {
	switch {
	case a == b:
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	switch d {
	case analytics.ByHour, analytics.ByWeekday:
		x, _ := strconv.Atoi(a)
		y, _ := strconv.Atoi(b)
		return x - y
	case analytics.ByAgent:
		if x, y := names[a], names[b]; x != y {
			a, b = x, y
		}
	}
	if a < b {
		return -1
	}
	return 1
}

// Value is what a figure is ranked by: the statistic that the ask names, else
// its value.
func (a *Ask) value(f *Figure) *float64 {
	if a.Stat != "" && f.P50 != nil {
		return f.Stat(a.Stat)
	}
	return f.Value
}

// rank orders the rows by the first metric and keeps the first Limit of them.
// Agents with fewer than MinN observations are left out, and named.
func (s *session) rank(a *Answer) {
	if a.Ask.Order == Natural {
		if a.Ask.Limit > 0 && len(a.Rows) > a.Ask.Limit {
			a.Rows = a.Rows[:a.Ask.Limit]
		}
		return
	}
	up := a.Ask.Order == Asc
	switch better := a.Metrics[0].Better; a.Ask.Order {
	case Worst:
		up = better == analytics.Higher
	case Best:
		up = better == analytics.Lower
	}
	var ranked []Row
	for _, r := range a.Rows {
		if a.Ask.Limit > 0 && s.nobody(&r) {
			continue // what is nobody's takes no place among the first few
		}
		if s.tooFew(&r) {
			a.Left = append(a.Left, r)
			continue
		}
		ranked = append(ranked, r)
	}
	sort.SliceStable(ranked, func(i, j int) bool {
		x, y := a.Ask.value(&ranked[i].Figures[0]), a.Ask.value(&ranked[j].Figures[0])
		switch {
		case x == nil || y == nil:
			return x != nil
		case *x == *y:
			return false
		}
		return (*x < *y) == up
	})
	if a.Ask.Limit > 0 && len(ranked) > a.Ask.Limit {
		ranked = ranked[:a.Ask.Limit]
	}
	a.Rows = ranked
}

// nobody reports whether a row is of no agent.
func (s *session) nobody(r *Row) bool {
	i := slices.Index(s.ask.By, analytics.ByAgent)
	return i >= 0 && r.Values[i] == ""
}

// tooFew reports whether a row of a ranking of agents rests on too little: of
// durations the observations, of shares what they are a share of. A count is
// what it is.
func (s *session) tooFew(r *Row) bool {
	if s.ask.MinN <= 0 || !slices.Contains(s.ask.By, analytics.ByAgent) {
		return false
	}
	switch f := r.Figures[0]; f.Unit {
	case analytics.Seconds:
		return f.N < int64(s.ask.MinN)
	case analytics.Share:
		return f.Den < int64(s.ask.MinN)
	}
	return false
}

// compare works out the same ask over another time.
func (s *session) compare() (*Comparison, error) {
	period := s.ask.Period
	switch s.ask.Compare {
	case CompareNone:
		return nil, nil
	case CompareWith:
		return s.comparison(s.ask.CompareSpan)
	case Previous:
		return s.comparison(s.shift(period, s.days(period)))
	case Weekdays:
		return s.weekdays()
	}
	return nil, fmt.Errorf("unknown comparison %q", s.ask.Compare)
}

func (s *session) comparison(span analytics.Span) (*Comparison, error) {
	rows, total, err := s.table(span, false)
	if err == nil {
		err = s.price(rows, &total, span)
	}
	return &Comparison{Kind: s.ask.Compare, Span: span, Rows: rows, Total: total}, err
}

// days counts the local days that a period touches.
func (s *session) days(p analytics.Span) analytics.Day {
	if p.Empty() {
		return 1
	}
	return s.Rules.Zone.DayOf(p.To-1) - s.Rules.Zone.DayOf(p.From) + 1
}

// shift moves a period back by whole local days, keeping the time of day.
func (s *session) shift(p analytics.Span, days analytics.Day) analytics.Span {
	return analytics.Span{From: s.Rules.Zone.Back(p.From, days), To: s.Rules.Zone.Back(p.To, days)}
}

// weekdays is the mean over the same weekdays of the four weeks before, of
// which those that lie before the record are left out.
func (s *session) weekdays() (*Comparison, error) {
	c := &Comparison{Kind: Weekdays, Span: analytics.Span{From: s.back(baseline).From, To: s.back(1).To}}
	weeks := s.weeks()
	tables, totals, err := s.tables(weeks)
	if err != nil {
		return nil, err
	}
	for i, span := range weeks {
		tables[i] = s.moved(tables[i], analytics.Day(i+1)*s.step())
		c.Span.From = span.From
	}
	if len(totals) == 0 {
		c.Total = s.row(nil, nil, nil, c.Span)
		for i := range c.Total.Figures {
			c.Total.Figures[i].Value = nil
		}
		return c, nil
	}
	c.Total = mean(totals, len(totals))
	c.Rows = s.meanRows(tables)
	return c, nil
}

// baseline is with how many earlier weeks a period is compared.
const baseline = 4

// weeks returns the ask's period in each of the weeks before, same weekdays, as
// far as they lie within the record; the latest first.
func (s *session) weeks() []analytics.Span {
	var spans []analytics.Span
	for k := analytics.Day(1); k <= baseline; k++ {
		span := s.back(k)
		if s.standing.Since == 0 || span.From < s.Rules.Zone.Start(s.Rules.Zone.DayOf(s.standing.Since)) {
			break
		}
		spans = append(spans, span)
	}
	return spans
}

// back moves the ask's period back to the same weekdays, k times as far as needed
// for it not to meet itself.
func (s *session) back(k analytics.Day) analytics.Span {
	return s.shift(s.ask.Period, k*s.step())
}

// step is the number of days of the whole weeks that the ask's period touches.
func (s *session) step() analytics.Day { return (s.days(s.ask.Period) + 6) / 7 * 7 }

// moved returns the rows of an earlier week under the days and weeks of the ask
// that they are compared with. Months do not move by weeks: they have no rows.
func (s *session) moved(rows []Row, days analytics.Day) []Row {
	if slices.Contains(s.ask.By, analytics.ByMonth) {
		return nil
	}
	out := slices.Clone(rows)
	for i := range out {
		out[i].Values = slices.Clone(out[i].Values)
		for k, d := range s.ask.By {
			if day, err := analytics.ParseDay(out[i].Values[k]); err == nil && (d == analytics.ByDay || d == analytics.ByWeek) {
				out[i].Values[k] = (day + days).String()
			}
		}
	}
	return out
}

func (s *session) meanRows(tables [][]Row) []Row {
	of := map[string][]Row{}
	for _, rows := range tables {
		for _, r := range rows {
			k := fmt.Sprintf("%q", r.Values)
			of[k] = append(of[k], r)
		}
	}
	var out []Row
	for _, rows := range of {
		out = append(out, mean(rows, len(tables)))
	}
	s.sortNatural(out)
	return out
}

// mean averages the values of rows over weeks; a count that is missing in a week was 0 in
// it, a duration or share without observations is left out.
func mean(rows []Row, weeks int) Row {
	m := Row{Values: rows[0].Values, Figures: slices.Clone(rows[0].Figures)}
	for i := range m.Figures {
		f := &m.Figures[i]
		*f = Figure{Unit: f.Unit}
		var sum float64
		n := 0
		for _, r := range rows {
			x := r.Figures[i]
			f.N += x.N
			f.Num += x.Num
			f.Den += x.Den
			if x.Value != nil {
				sum += *x.Value
				n++
			}
		}
		if f.Unit == analytics.Count && n > 0 {
			n = weeks
		}
		if n > 0 {
			f.Value = ptr(sum / float64(n))
		}
	}
	return m
}
