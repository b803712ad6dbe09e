package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
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
	var asJSON, asCSV bool
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
	cmd.RunE = c.with(app.ReadOnly, func(ctx context.Context, a *app.App, args []string) error {
		q.Metrics = strings.Split(args[0], ",")
		var err error
		if q.Now, err = c.instant(now); err != nil {
			return err
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

// cells writes an answer as rows of text: a head, the rows, the total.
func cells(d *report.Desk, a *report.Answer) [][]string {
	var head []string
	for _, dim := range a.Ask.By {
		head = append(head, dim.String())
	}
	for _, m := range a.Metrics {
		head = append(head, columns(m)...)
	}
	out := [][]string{head}
	line := func(r report.Row, names []string) {
		row := append([]string(nil), names...)
		for i := range r.Figures {
			row = append(row, values(r.Figures[i])...)
		}
		out = append(out, row)
	}
	for _, r := range a.Rows {
		names := make([]string, len(r.Values))
		for i, v := range r.Values {
			names[i] = v
			if a.Ask.By[i] == analytics.ByAgent {
				names[i] = a.Roster.Agent(v).Name
			}
		}
		line(r, names)
	}
	total := make([]string, len(a.Ask.By))
	if len(total) > 0 {
		total[0] = "total"
	}
	line(a.Total, total)
	return out
}

func columns(m analytics.Metric) []string {
	switch m.Unit {
	case analytics.Seconds:
		return []string{m.Key, m.Key + "_n", m.Key + "_mean", m.Key + "_p50", m.Key + "_p90", m.Key + "_max"}
	case analytics.Share:
		return []string{m.Key, m.Key + "_num", m.Key + "_den"}
	}
	return []string{m.Key}
}

func values(f report.Figure) []string {
	num := func(v *float64, by float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v/by, 'f', -1, 64)
	}
	switch f.Unit {
	case analytics.Seconds:
		return []string{num(f.Value, 1000), strconv.FormatInt(f.N, 10), num(f.Mean, 1000), num(f.P50, 1000), num(f.P90, 1000), num(f.Max, 1000)}
	case analytics.Share:
		return []string{num(f.Value, 1), strconv.FormatInt(f.Num, 10), strconv.FormatInt(f.Den, 10)}
	}
	return []string{num(f.Value, 1)}
}

func (c *console) csv(d *report.Desk, a *report.Answer) error {
	w := csv.NewWriter(c.out)
	for _, row := range cells(d, a) {
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
	for _, row := range cells(d, a) {
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
		l.Now = c.now()
		return a.List(ctx, l, c.out)
	})
	return cmd
}
