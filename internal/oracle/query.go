package oracle

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Figure is one figure. Which fields mean something depends on the metric's unit;
// a nil is null ("n = 0: null, never 0").
type Figure struct {
	Value    *float64 // count, share 0..1, or the median in seconds
	Num, Den int      // shares

	// Durations: seconds, exact, quantiles by nearest rank.
	N                   int
	Mean, P50, P90, Max *float64
	// Waiting counts "conversations waiting at now whose first unanswered customer
	// message lies in the period and scope, under the assignee".
	Waiting    int
	NoSchedule bool // business time without hours configured
}

// Row is a figure of one combination of the dimensions' values, in the order
// asked; "" is null. Agents are shown by name.
type Row struct {
	Key []string
	Figure
}

// Result is the answer to a query. Refused tells why there is none.
type Result struct {
	Rows    []Row
	Total   Figure
	Refused string
}

// query is one question while it is answered.
type query struct {
	*World
	m        metric
	from, to int64
	by       []string
	where    map[string][]string
}

// Query answers one metric over [from, to) in the dimensions by, for the facts
// that have one of the values of every dimension in where (agents by name or id).
// A period that ends at now or later includes now itself; stocks take no period.
func (w *World) Query(name string, from, to time.Time, by []string, where map[string][]string) Result {
	m, ok := catalogue()[name]
	if !ok {
		return Result{Refused: "no such metric: " + name}
	}
	q := &query{w, m, from.UnixMilli(), to.UnixMilli(), by, where}
	if refused := q.misfit(); refused != "" {
		return Result{Refused: refused}
	}
	return Result{Rows: q.rows(), Total: q.total()}
}

// misfit names a dimension that does not fit; "A dimension that does not fit a
// metric is refused in words, never answered with zeros."
func (q *query) misfit() string {
	dims := slices.Clone(q.by)
	for d := range q.where {
		dims = append(dims, d)
	}
	sort.Strings(dims)
	for _, d := range dims {
		if !slices.Contains(q.m.dims, d) && (q.m.stock || !isTime(d)) {
			return fmt.Sprintf("%s does not fit", d)
		}
	}
	return ""
}

// inPeriod reports whether a moment lies in the period.
func (q *query) inPeriod(at int64) bool {
	return q.m.stock || at >= q.from && at <= q.now && (at < q.to || q.to >= q.now)
}

// value returns a fact's value in a dimension.
func (q *query) value(f fact, dim string) string {
	if isTime(dim) {
		return q.cal.part(dim, f.at)
	}
	return f.labels[dim]
}

// matches reports whether a fact has one of the values asked of a dimension.
func (q *query) matches(f fact, dim string) bool {
	value := q.value(f, dim)
	if dim != "agent" || value == "" {
		return slices.Contains(q.where[dim], value)
	}
	return slices.ContainsFunc(q.where[dim], func(word string) bool { return q.roster.is(value, word) })
}

// pick returns the facts of a name in the period and scope.
func (q *query) pick(name string) []fact {
	var list []fact
	for _, f := range q.facts[name] {
		if q.inPeriod(f.at) && q.inScope(f, func(string) bool { return true }) {
			list = append(list, f)
		}
	}
	return list
}

// inScope reports whether a fact is within where, as far as the dimensions go
// that are to be looked at.
func (q *query) inScope(f fact, look func(dim string) bool) bool {
	for dim := range q.where {
		if look(dim) && !q.matches(f, dim) {
			return false
		}
	}
	return true
}

// rowKey is the place of a row.
func (q *query) rowKey(f fact, dims []string) string {
	var parts []string
	for _, d := range dims {
		parts = append(parts, q.value(f, d))
	}
	return strings.Join(parts, "\x00")
}

// split deals facts out by the row they belong to.
func (q *query) split(facts []fact) map[string][]fact {
	rows := map[string][]fact{}
	for _, f := range facts {
		k := q.rowKey(f, q.by)
		rows[k] = append(rows[k], f)
	}
	return rows
}

// total is the figure without dimensions.
func (q *query) total() Figure {
	whole := *q
	whole.by = nil
	for _, f := range whole.figures() {
		return f
	}
	return q.empty()
}

// rows returns the figure of every row that has something to show, in the order
// of their values.
func (q *query) rows() []Row {
	if len(q.by) == 0 {
		return nil
	}
	var list []Row
	for k, f := range q.figures() {
		list = append(list, Row{q.shown(strings.Split(k, "\x00")), f})
	}
	sort.Slice(list, func(i, j int) bool { return q.less(list[i].Key, list[j].Key) })
	return list
}

// shown writes the names of agents in place of their keys.
func (q *query) shown(parts []string) []string {
	for i, d := range q.by {
		if d == "agent" {
			parts[i] = q.roster.name(parts[i])
		}
	}
	return parts
}

// less orders rows by the dimensions' natural order.
func (q *query) less(a, b []string) bool {
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if q.by[i] == "hour" {
			x, _ := strconv.Atoi(a[i])
			y, _ := strconv.Atoi(b[i])
			return x < y
		}
		return a[i] < b[i]
	}
	return false
}

// empty is the figure of nothing at all.
func (q *query) empty() Figure {
	if q.m.unit == "n" {
		return Figure{Value: number(0)}
	}
	return Figure{NoSchedule: q.m.business && q.schedule.none()}
}

// figures returns the figure of every row by its place.
func (q *query) figures() map[string]Figure {
	switch {
	case q.m.business && q.schedule.none():
		return nil
	case q.m.special != nil:
		return q.m.special(q)
	case q.m.unit == "share":
		return q.shares()
	case q.m.unit == "s":
		return q.durations()
	}
	return q.counts()
}

func (q *query) counts() map[string]Figure {
	out := map[string]Figure{}
	for k, facts := range q.split(q.pick(q.m.facts)) {
		n := len(facts)
		if q.m.distinct {
			n = distinct(facts)
		}
		out[k] = Figure{Value: number(n)}
	}
	return out
}

// distinct counts the different things that facts are of.
func distinct(facts []fact) int {
	seen := map[string]bool{}
	for _, f := range facts {
		seen[f.who] = true
	}
	return len(seen)
}

func (q *query) shares() map[string]Figure {
	out := map[string]Figure{}
	num, den := q.split(q.pick(q.m.num)), q.split(q.pick(q.m.den))
	for _, side := range []map[string][]fact{num, den} {
		for k := range side {
			out[k] = share(len(num[k]), len(den[k]))
		}
	}
	return out
}

func share(num, den int) Figure {
	f := Figure{Num: num, Den: den}
	if den > 0 {
		v := float64(num) / float64(den)
		f.Value = &v
	}
	return f
}

func (q *query) durations() map[string]Figure {
	out := map[string]Figure{}
	done, waiting := q.split(q.pick(q.m.facts)), q.split(q.pick("waiting"))
	for _, side := range []map[string][]fact{done, waiting} {
		for k := range side {
			out[k] = q.summary(done[k], len(waiting[k]))
		}
	}
	return out
}

// summary is the figure of some durations.
func (q *query) summary(facts []fact, waiting int) Figure {
	f := Figure{N: len(facts), Waiting: waiting}
	if f.N == 0 {
		return f
	}
	var list []int64
	var sum int64
	for _, x := range facts {
		ms := x.ms
		if q.m.business {
			ms = q.schedule.between(x.start, x.start+x.ms)
		}
		list = append(list, ms)
		sum += ms
	}
	slices.Sort(list)
	mean := float64(sum) / float64(len(list)) / 1000
	f.Mean, f.P50, f.P90, f.Max = &mean, seconds(rank(list, 50)), seconds(rank(list, 90)), seconds(list[len(list)-1])
	f.Value = f.P50
	return f
}

// rank returns a percentile of sorted values: "the smallest value with at least
// q·n values at or below it".
func rank(sorted []int64, percent int) int64 {
	for i, v := range sorted {
		if (i+1)*100 >= percent*len(sorted) {
			return v
		}
	}
	return sorted[len(sorted)-1]
}

func number(n int) *float64 { v := float64(n); return &v }

func seconds(ms int64) *float64 { v := float64(ms) / 1000; return &v }

// longestWait is the "age of the first unanswered customer message of the longest
// waiting conversation".
func longestWait(q *query) map[string]Figure {
	out := map[string]Figure{}
	for k, facts := range q.split(q.pick("waiting")) {
		var longest int64
		for _, f := range facts {
			longest = max(longest, q.now-f.at)
		}
		out[k] = Figure{Value: seconds(longest)}
	}
	return out
}

// returning counts "distinct contacts with a conversation opened in the period
// (whoever opened it) and one opened before the period began, any channel". A row
// of a day, week or month is a period of its own.
func returning(q *query) map[string]Figure {
	out := map[string]Figure{}
	for k, facts := range q.split(q.pick("opened")) {
		began := q.began(facts[0])
		var list []fact
		for _, f := range facts {
			if q.openedBefore(f.who, began) {
				list = append(list, f)
			}
		}
		if n := distinct(list); n > 0 {
			out[k] = Figure{Value: number(n)}
		}
	}
	return out
}

// began returns when the period of a fact's row began.
func (q *query) began(f fact) int64 {
	began := q.from
	for _, dim := range q.by {
		if isSpan(dim) {
			began = max(began, q.cal.spanStart(dim, q.value(f, dim)))
		}
	}
	return began
}

func (q *query) openedBefore(person string, at int64) bool {
	for _, c := range q.talks {
		if c.openedAt >= at {
			return false
		}
		if c.contact == person {
			return true
		}
	}
	return false
}

// replyRate is "distinct contacts with an outreach in the period who sent a
// customer message on that thread < 24 h after their first one in it ÷ distinct
// contacts with an outreach". What scopes a row (its channel, its source, its day)
// scopes the outreaches; the hour and weekday are those of the anchor, the first
// outreach.
func replyRate(q *query) map[string]Figure {
	ofDay := func(dim string) bool { return dim == "hour" || dim == "weekday" }
	var scope []string
	for _, d := range q.by {
		if !ofDay(d) {
			scope = append(scope, d)
		}
	}
	first := map[string]fact{}
	for _, f := range q.facts["outreach"] {
		k := q.rowKey(f, scope) + "\x00" + f.who
		old, known := first[k]
		if q.inPeriod(f.at) && q.inScope(f, func(d string) bool { return !ofDay(d) }) && (!known || f.at < old.at) {
			first[k] = f
		}
	}
	var num, den = map[string]int{}, map[string]int{}
	for _, f := range first {
		if q.inScope(f, ofDay) {
			k := q.rowKey(f, q.by)
			den[k]++
			if f.yes {
				num[k]++
			}
		}
	}
	out := map[string]Figure{}
	for k := range den {
		out[k] = share(num[k], den[k])
	}
	return out
}
