package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"pulso/analytics"
)

// object is a JSON object that keeps the order of its fields.
type object []field

type field struct {
	name  string
	value any
}

// MarshalJSON writes the fields in order.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(f.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(f.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// JSON writes the answer as `query --json` does (interfaces.md): times in RFC
// 3339 of the business's zone, durations in seconds, shares 0..1.
func (d *Desk) JSON(a *Answer) json.Marshaler { return d.object(a, field{"rows", rowsJSON(a, a.Rows)}) }

// Frame is JSON without the rows of the answer, for whoever puts others there.
func (d *Desk) Frame(a *Answer) json.Marshaler { return d.object(a) }

func (d *Desk) object(a *Answer, rows ...field) object {
	out := object{
		{"metrics", a.Ask.Metrics}, {"from", d.time(a.Span.From)}, {"to", d.time(a.Span.To)}, {"timezone", d.Rules.Zone.Name()},
		{"by", dimKeys(a.Ask.By)}, {"where", where(a)}, {"order", orNull(string(a.Ask.Order))}, {"limit", limit(a.Ask.Limit)},
	}
	out = append(append(out, rows...), field{"total", figures(a, a.Total)})
	if len(a.Left) > 0 {
		out = append(out, field{"left_out", rowsJSON(a, a.Left)})
	}
	if c := a.Compare; c != nil {
		out = append(out, field{"compare", object{
			{"kind", string(c.Kind)}, {"from", d.time(c.Span.From)}, {"to", d.time(c.Span.To)}, {"total", figures(a, c.Total)}, {"rows", rowsJSON(a, c.Rows)},
		}})
	}
	gaps := make([]object, 0, len(a.Gaps))
	for _, g := range a.Gaps {
		gaps = append(gaps, object{{"from", d.time(g.From)}, {"to", d.time(g.To)}})
	}
	return append(out, field{"as_of", d.time(a.AsOf)}, field{"gaps", gaps})
}

func (d *Desk) time(ms int64) string { return d.Rules.Zone.Time(ms).Format(time.RFC3339) }

func dimKeys(by []analytics.Dim) []string {
	keys := make([]string, len(by))
	for i, x := range by {
		keys[i] = x.String()
	}
	return keys
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func limit(n int) any {
	if n == 0 {
		return nil
	}
	return n
}

func where(a *Answer) object {
	out := object{}
	for _, f := range a.Ask.Where {
		names := make([]any, len(f.Values))
		for i, v := range f.Values {
			names[i] = a.Value(f.Dim, v)
		}
		if len(names) == 1 {
			out = append(out, field{f.Dim.String(), names[0]})
			continue
		}
		out = append(out, field{f.Dim.String(), names})
	}
	return out
}

// Value is a dimension's value as people read it: an agent's name, an hour's
// number; null for nobody or none.
func (a *Answer) Value(dim analytics.Dim, v string) any {
	switch {
	case v == "":
		return nil
	case dim == analytics.ByAgent:
		return a.Roster.Agent(v).Name
	case dim == analytics.ByHour, dim == analytics.ByWeekday:
		if n, err := strconv.Atoi(v); err == nil {
			return n
		}
	}
	return v
}

func rowsJSON(a *Answer, rows []Row) []object {
	out := make([]object, 0, len(rows))
	for _, r := range rows {
		var o object
		for i, dim := range a.Ask.By {
			o = append(o, field{dim.String(), a.Value(dim, r.Values[i])})
			if dim == analytics.ByAgent && r.Values[i] != "" {
				o = append(o, field{"agent_id", orNull(a.Roster.Agent(r.Values[i]).ID)})
			}
		}
		out = append(out, append(o, figures(a, r)...))
	}
	return out
}

func figures(a *Answer, r Row) object {
	out := object{}
	for i, m := range a.Metrics {
		if i < len(r.Figures) {
			out = append(out, field{m.Key, figureJSON(m, r.Figures[i])})
		}
	}
	return out
}

func figureJSON(m analytics.Metric, f Figure) object {
	switch m.Unit {
	case analytics.Share:
		o := object{{"value", number(f.Value, 1)}, {"num", f.Num}, {"den", f.Den}}
		return withWaiting(o, f)
	case analytics.Seconds:
		o := object{{"n", f.N}, {"value", number(f.Value, 1000)}, {"mean", number(f.Mean, 1000)}, {"p50", number(f.P50, 1000)},
			{"p90", number(f.P90, 1000)}, {"max", number(f.Max, 1000)}}
		if f.Unscheduled {
			o = append(o, field{"note", "no schedule"})
		}
		return withWaiting(o, f)
	}
	o := object{{"value", number(f.Value, 1)}}
	if f.Average != nil {
		o = append(o, field{"average", number(f.Average, 1)})
	}
	return withCost(o, f.Cost)
}

// withCost adds what messages cost, as far as the rate card prices them, and
// the categories that it does not.
func withCost(o object, c *Cost) object {
	if c == nil {
		return o
	}
	if c.Known() {
		o = append(o, field{"cost", object{{"currency", c.Currency}, {"value", json.Number(c.Amount())}}})
	}
	if len(c.Unpriced) > 0 {
		names := make([]any, len(c.Unpriced))
		for i, name := range c.Unpriced {
			names[i] = orNull(name)
		}
		o = append(o, field{"unpriced", names}, field{"note", "the rate card has no price for every pricing category"})
	}
	return o
}

func withWaiting(o object, f Figure) object {
	if f.Waiting != nil {
		o = append(o, field{"waiting", *f.Waiting})
	}
	return o
}

// number divides a value and rounds it to a millionth, so that a share such as
// 0.93 is written as such; null when there is none.
func number(v *float64, by float64) any {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	x := *v / by
	return math.Round(x*1e9) / 1e9
}
