package report

import (
	"context"
	"errors"
	"slices"

	"pulso/analytics"
	"pulso/models"
)

// Reader reads the record. The store implements it.
type Reader interface {
	// Standing says how far the record has come and under which rules.
	Standing(ctx context.Context, now int64) (Standing, error)
	// Cells yields the cells of a group and tier on the days [from, to), encoded;
	// the bytes hold until yield returns.
	Cells(ctx context.Context, g analytics.Group, t analytics.Tier, from, to analytics.Day, yield func(analytics.CellKey, []byte) error) error
	// Moments returns the rows that may contribute to a group within a span.
	Moments(ctx context.Context, m analytics.Moments) (*analytics.Rows, error)
	// Open returns the conversations that are open at now, only those that wait if
	// waiting is set.
	Open(ctx context.Context, now int64, waiting bool) ([]analytics.OpenConversation, error)
	// Alive returns the whole of the conversations that are open at now.
	Alive(ctx context.Context, now int64) ([]*models.Conversation, error)
	// Shared returns the conversations opened before span's end and not over
	// before its start that had more than one hand-over or handler.
	Shared(ctx context.Context, span analytics.Span) ([]*models.Conversation, error)
	// People yields everything the record holds of the contacts, in pieces of
	// whole contacts; of all of them when ids is nil.
	People(ctx context.Context, ids []int64, yield func(*analytics.Rows) error) error
}

// Standing says how far the record has come.
type Standing struct {
	Rules   string  // fingerprint of the rules the cells were summed under; "" for none yet
	Since   int64   // the earliest fact, ms; 0 for none
	Horizon int64   // the latest fact that had come to pass when it was recorded
	Ahead   []int64 // contacts with facts from after now
}

// Answer is what an Ask comes to.
type Answer struct {
	Ask     Ask
	Roster  *analytics.Roster // the agents as they were known at AsOf
	Span    analytics.Span    // as asked; From = To = now for stocks
	Metrics []analytics.Metric
	Rows    []Row
	Total   Row
	Compare *Comparison
	// Left names what a ranking left out for having too few observations.
	Left  []Row
	Since int64 // the earliest fact in the record, ms
	AsOf  int64
	Gaps  []analytics.Span
}

// Row is one combination of dimension values and its figures, in the order of
// the metrics.
type Row struct {
	Values  []string // "" is null
	Figures []Figure
}

// Comparison is the same ask over another time.
type Comparison struct {
	Kind  CompareKind
	Span  analytics.Span
	Rows  []Row
	Total Row
}

// Beside returns the rows of the compared period under the values that they are
// held against: the same ones, and days, weeks and months as far on in their
// period as they were in theirs.
func (a *Answer) Beside(zone analytics.Zone) []Row {
	c := a.Compare
	if c == nil {
		return nil
	}
	rows := slices.Clone(c.Rows)
	if c.Kind == Weekdays { // they stand under the days of the answer
		return rows
	}
	now, then := zone.DayOf(a.Span.From), zone.DayOf(c.Span.From)
	for i := range rows {
		rows[i].Values = slices.Clone(rows[i].Values)
		for k, d := range a.Ask.By {
			rows[i].Values[k] = carry(d, rows[i].Values[k], then, now)
		}
	}
	return rows
}

// carry returns the day, week or month that is as far from the one in which to
// lies as a value is from that of from; any other value as it is.
func carry(d analytics.Dim, value string, from, to analytics.Day) string {
	text := value
	if d == analytics.ByMonth {
		text += "-01"
	}
	day, err := analytics.ParseDay(text)
	if err != nil {
		return value
	}
	switch d {
	case analytics.ByDay:
		return (day - from + to).String()
	case analytics.ByWeek:
		return (day - from.Week() + to.Week()).String()
	case analytics.ByMonth:
		y0, m0, _ := from.Date()
		y, m, _ := to.Date()
		return day.AddMonths(12*(y-y0) + int(m) - int(m0)).String()[:len(value)]
	}
	return value
}

// Figure is one value. Durations are in ms here; pointers are nil where there
// is nothing to tell (n = 0: null, never 0).
type Figure struct {
	Unit  analytics.Unit
	Value *float64 // count, share, or the chosen statistic of a duration
	N     int64    // durations: observations
	Mean  *float64
	P50   *float64
	P90   *float64
	Max   *float64
	Num   int64 // shares
	Den   int64
	// Waiting counts conversations that wait now and began to within the period.
	Waiting *int64
	// Average is a count per occurrence of its weekday, where hours or weekdays
	// are told apart.
	Average *float64
	// Cost stands beside billable messages where there is a rate card.
	Cost *Cost
	// Unscheduled is set on business-time figures when no hours are configured.
	Unscheduled bool
}

// Refusal says in data why an Ask cannot be answered; its words are the bot's.
type Refusal struct {
	Metric string
	Dim    analytics.Dim
	Why    Why
}

// Why an Ask is refused.
type Why string

// Refusals.
const (
	UnknownMetric Why = "unknown_metric" // Metric is no key of the catalogue
	DimDoesNotFit Why = "dim_does_not_fit"
	StockHasNoDim Why = "stock_has_no_time" // a stock is counted now
	NoDirection   Why = "no_direction"      // neither more nor less of it is good
	EmptyPeriod   Why = "empty_period"      // ends before it begins
	NoSuchDay     Why = "no_such_day"       // no calendar has it
	StillToCome   Why = "still_to_come"     // the period begins after now
	NoLength      Why = "no_length"         // a period of no days, or of fewer
)

// Error names the refusal for logs; people read the bot's words.
func (r *Refusal) Error() string {
	return "report: " + string(r.Why) + ": " + r.Metric + " by " + r.Dim.String()
}

// Refused returns the refusal in err, if it is one.
func Refused(err error) (*Refusal, bool) {
	var r *Refusal
	ok := errors.As(err, &r)
	return r, ok
}

// Check reports why an Ask cannot be answered, nil when it can.
func (a *Ask) Check() error {
	for _, key := range a.Metrics {
		m, ok := analytics.MetricOf(key)
		if !ok {
			return &Refusal{Metric: key, Why: UnknownMetric}
		}
		for _, d := range a.By {
			if why := misfit(m, d); why != "" {
				return &Refusal{key, d, why}
			}
		}
		for _, f := range a.Where {
			if why := misfit(m, f.Dim); why != "" {
				return &Refusal{key, f.Dim, why}
			}
		}
	}
	if len(a.Metrics) == 0 {
		return &Refusal{Why: UnknownMetric}
	}
	first, _ := analytics.MetricOf(a.Metrics[0])
	if (a.Order == Worst || a.Order == Best) && first.Better == analytics.Neither {
		return &Refusal{Metric: a.Metrics[0], Why: NoDirection}
	}
	if a.Period.To < a.Period.From {
		return &Refusal{Why: EmptyPeriod}
	}
	return nil
}

func misfit(m analytics.Metric, d analytics.Dim) Why {
	switch {
	case m.Fits(d):
		return ""
	case m.Stock && d.Time():
		return StockHasNoDim
	}
	return DimDoesNotFit
}
