// Package report answers an Ask: metrics over a period, by dimensions, with
// filters, ranked and compared. It reads through small interfaces and never
// touches a database, a clock or a language.
package report

import "pulso/analytics"

// Ask is one question about figures, in no language. A schedule, a threshold
// and a manager's words all end up as one.
type Ask struct {
	Metrics []string // catalogue keys; the first is what a ranking or chart is about
	Period  analytics.Span
	// PeriodText is the canonical text of the period ("today", "last 7 days",
	// "from 2026-03-01 to 2026-03-08"), so that an Ask can be sent again later.
	PeriodText string

	By    []analytics.Dim
	Where []Filter

	Order Order
	Limit int // rows of a ranking; 0 all
	// Stat is the statistic of durations that a ranking or chart shows: "" for
	// the configured one, else "mean", "p50", "p90" or "max".
	Stat string

	Compare     CompareKind
	CompareSpan analytics.Span // for CompareWith
	CompareText string

	Chart  bool
	Detail bool   // all that makes up a duration is wanted, not only its middle and its tail
	Format string // "xlsx", "pdf", "csv" when the answer is wanted as a file
	MinN   int    // a ranking leaves out agents with fewer observations
}

// Filter keeps what has one of Values in the dimension.
type Filter = analytics.Filter

// Order says how rows are ranked.
type Order string

// Orders. Worst and Best depend on which direction of the metric is good.
const (
	Natural Order = ""
	Worst   Order = "worst"
	Best    Order = "best"
	Desc    Order = "desc"
	Asc     Order = "asc"
)

// CompareKind says what a figure is compared with.
type CompareKind string

// Comparisons (metrics.md, "Change").
const (
	CompareNone CompareKind = ""
	Previous    CompareKind = "previous" // the same number of local days just before
	Weekdays    CompareKind = "weekdays" // the mean over the same weekdays of the four weeks before
	CompareWith CompareKind = "span"     // a span named in CompareSpan
)
