package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/cmd/pulso/app"
)

// commands lists every command, in the order of the help screen.
func (c *console) commands() []*cobra.Command {
	list := []*cobra.Command{c.serve(), c.demo(), c.ask(), c.query(), c.metrics(), c.importing(), c.faults(), c.rebuild(), c.audit(), c.people(), c.alerts(), c.digests(), c.templates(), c.doctor(), c.erase(), c.exportContact(), c.outbox(), c.migrate(), c.version()}
	for _, what := range []string{"conversations", "messages", "contacts", "assignments", "comments"} {
		list = append(list, c.listing(what))
	}
	return list
}

func (c *console) query() *cobra.Command {
	var q app.Query
	var now string
	var asJSON, asCSV, rows bool
	cmd := &cobra.Command{Use: "query METRIC[,METRIC…]", Short: "figures, asked in a structured way", Args: usage(cobra.ExactArgs(1))}
	f := cmd.Flags()
	f.StringVar(&q.From, "from", "", "RFC 3339 or a local date (its 00:00); default today")
	f.StringVar(&q.To, "to", "", "the end, exclusive")
	f.StringSliceVar(&q.By, "by", nil, "break down by one or two dimensions")
	f.StringArrayVar(&q.Where, "where", nil, "DIM=VALUE; several are and-ed")
	f.StringVar(&q.Compare, "compare", "", "previous, weekdays or FROM..TO")
	f.StringVar(&q.Order, "order", "", "worst, best, desc or asc")
	f.IntVar(&q.Limit, "limit", 0, "rows at most")
	f.StringVar(&now, "now", "", "answer as of this time")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	f.BoolVar(&asCSV, "csv", false, "as CSV")
	f.BoolVar(&rows, "rows", false, "the rows behind the figure, as JSON unless --csv")
	cmd.RunE = c.with(app.ReadOnly, func(ctx context.Context, a *app.App, args []string) error {
		q.Metrics = strings.Split(args[0], ",")
		err := either(asJSON, asCSV)
		if err != nil {
			return err
		}
		if q.Now, err = c.instant(now); err != nil {
			return err
		}
		if rows {
			if err := a.Rows(ctx, q, asCSV, c.out); err != nil {
				return fmt.Errorf("query: %w", err)
			}
			return nil
		}
		desk, answer, err := a.Query(ctx, q)
		if err != nil {
			return fmt.Errorf("query: %w", err)
		}
		switch {
		case asJSON:
			return json.NewEncoder(c.out).Encode(desk.JSON(answer))
		case asCSV:
			return c.csv(desk, answer)
		}
		return c.table(desk, answer)
	})
	return cmd
}

// facet is one column of a figure.
type facet struct {
	name string
	of   func(f report.Figure) string
}

// facets are the columns of a metric: the essential ones for the terminal, or
// all there is to tell.
func facets(m analytics.Metric, a *report.Answer, all bool) []facet {
	num := func(suffix string, by float64, of func(report.Figure) *float64) facet {
		return facet{m.Key + suffix, func(f report.Figure) string { return decimal(of(f), by) }}
	}
	whole := func(suffix string, of func(report.Figure) int64) facet {
		return facet{m.Key + suffix, func(f report.Figure) string { return strconv.FormatInt(of(f), 10) }}
	}
	value := func(f report.Figure) *float64 { return f.Value }
	var list []facet
	switch m.Unit {
	case analytics.Seconds:
		list = []facet{
			num("", 1000, value), whole("_n", func(f report.Figure) int64 { return f.N }),
			num("_mean", 1000, func(f report.Figure) *float64 { return f.Mean }), num("_p50", 1000, func(f report.Figure) *float64 { return f.P50 }),
			num("_p90", 1000, func(f report.Figure) *float64 { return f.P90 }), num("_max", 1000, func(f report.Figure) *float64 { return f.Max }),
		}
	case analytics.Share:
		list = []facet{num("", 1, value), whole("_num", func(f report.Figure) int64 { return f.Num }), whole("_den", func(f report.Figure) int64 { return f.Den })}
	default:
		list = []facet{num("", 1, value)}
		if slices.Contains(a.Ask.By, analytics.ByHour) || slices.Contains(a.Ask.By, analytics.ByWeekday) {
			list = append(list, num("_average", 1, func(f report.Figure) *float64 { return f.Average }))
		}
	}
	if all && m.Waits {
		list = append(list, facet{m.Key + "_waiting", waiting})
	}
	return append(list, costs(m, a)...)
}

func waiting(f report.Figure) string {
	if f.Waiting == nil {
		return ""
	}
	return strconv.FormatInt(*f.Waiting, 10)
}

// costs are the columns of money, where a rate card prices the metric.
func costs(m analytics.Metric, a *report.Answer) []facet {
	i := slices.IndexFunc(a.Metrics, func(x analytics.Metric) bool { return x.Key == m.Key })
	if a.Total.Figures[i].Cost == nil {
		return nil
	}
	known := func(say func(*report.Cost) string) func(report.Figure) string {
		return func(f report.Figure) string {
			if f.Cost == nil {
				return ""
			}
			return say(f.Cost)
		}
	}
	return []facet{
		{m.Key + "_cost", known(func(c *report.Cost) string {
			if !c.Known() {
				return ""
			}
			return c.Amount()
		})},
		{m.Key + "_currency", known(func(c *report.Cost) string { return c.Currency })},
		{m.Key + "_unpriced", known(unpriced)},
	}
}

// unpriced names the pricing categories that the rate card has no price for.
func unpriced(c *report.Cost) string {
	var list []string
	for _, category := range c.Unpriced {
		list = append(list, cmp.Or(category, "none"))
	}
	return strings.Join(list, " ")
}

// decimal writes a number without needless digits; "" for none.
func decimal(v *float64, by float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(math.Round(*v/by*1e9)/1e9, 'f', -1, 64)
}

// cells writes an answer as rows of text: a head, the rows, the total. What it
// is compared with stands in columns of its own, and so do rows that there were
// then only.
func cells(d *report.Desk, a *report.Answer, all bool) [][]string {
	var head []string
	for _, dim := range a.Ask.By {
		head = append(head, dim.String())
		if all && dim == analytics.ByAgent {
			head = append(head, "agent_id")
		}
	}
	var now, then [][]facet
	for _, m := range a.Metrics {
		list := facets(m, a, all)
		now = append(now, list)
		for _, s := range list {
			head = append(head, s.name)
		}
	}
	if a.Compare != nil {
		for _, m := range a.Metrics {
			var list []facet
			for _, s := range facets(m, a, all) {
				if !m.Stock && s.name != m.Key+"_waiting" {
					list = append(list, s)
					head = append(head, "compare_"+s.name)
				}
			}
			then = append(then, list)
		}
	}
	out := [][]string{head}
	for _, pair := range pairs(d, a) {
		out = append(out, append(names(a, pair.values, all), append(figures(now, pair.now), figures(then, pair.then)...)...))
	}
	total := make([]string, len(names(a, nil, all)))
	if len(total) > 0 {
		total[0] = "total"
	}
	before := []report.Figure(nil)
	if a.Compare != nil {
		before = a.Compare.Total.Figures
	}
	return append(out, append(total, append(figures(now, a.Total.Figures), figures(then, before)...)...))
}

// pair is a row and what it is compared with.
type pair struct {
	values    []string
	now, then []report.Figure
}

func pairs(d *report.Desk, a *report.Answer) []pair {
	var list []pair
	at := map[string]int{}
	key := func(values []string) string { return strings.Join(values, "\x1f") }
	for _, r := range a.Rows {
		at[key(r.Values)] = len(list)
		list = append(list, pair{values: r.Values, now: r.Figures})
	}
	ranked := a.Ask.Order != report.Natural || a.Ask.Limit > 0
	for _, r := range a.Beside(d.Rules.Zone) {
		if i, ok := at[key(r.Values)]; ok {
			list[i].then = r.Figures
		} else if !ranked {
			list = append(list, pair{values: r.Values, then: r.Figures})
		}
	}
	return list
}

// names writes a row's values as people read them; as many empty ones for nil.
func names(a *report.Answer, values []string, all bool) []string {
	var out []string
	for i, dim := range a.Ask.By {
		v, id := "", ""
		if values != nil {
			v = values[i]
		}
		if dim == analytics.ByAgent && v != "" {
			agent := a.Roster.Agent(v)
			v, id = agent.Name, agent.ID
		}
		out = append(out, v)
		if all && dim == analytics.ByAgent {
			out = append(out, id)
		}
	}
	return out
}

// figures writes the columns of each metric; empty ones where there is nothing.
func figures(columns [][]facet, of []report.Figure) []string {
	var out []string
	for i, list := range columns {
		for _, s := range list {
			text := ""
			if i < len(of) {
				text = s.of(of[i])
			}
			out = append(out, text)
		}
	}
	return out
}

func (c *console) csv(d *report.Desk, a *report.Answer) error {
	w := csv.NewWriter(c.out)
	for _, row := range cells(d, a, true) {
		for i := range row {
			row[i] = app.Cell(row[i])
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func (c *console) table(d *report.Desk, a *report.Answer) error {
	w := tabwriter.NewWriter(c.out, 0, 4, 2, ' ', 0)
	for _, row := range cells(d, a, false) {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

func (c *console) listing(what string) *cobra.Command {
	l := app.Listing{What: what}
	var asJSON bool
	cmd := &cobra.Command{Use: what, Short: "the " + what + " behind the figures", Args: usage(cobra.NoArgs)}
	f := cmd.Flags()
	f.StringVar(&l.From, "from", "", "RFC 3339 or a local date")
	f.StringVar(&l.To, "to", "", "the end, exclusive")
	f.StringArrayVar(&l.Where, "where", nil, "FIELD=VALUE; several are and-ed")
	f.IntVar(&l.Limit, "limit", 0, "rows at most; 0 for all")
	f.BoolVar(&asJSON, "json", false, "as JSON (the default)")
	f.BoolVar(&l.CSV, "csv", false, "as CSV")
	cmd.RunE = c.with(app.ReadOnly, func(ctx context.Context, a *app.App, _ []string) error {
		if err := either(asJSON, l.CSV); err != nil {
			return err
		}
		l.Now = c.now()
		return a.List(ctx, l, c.out)
	})
	return cmd
}
