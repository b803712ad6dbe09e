package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/models"
)

// ErrOneMetric is returned when the rows behind several figures are asked for,
// or something that is not about rows.
var ErrOneMetric = wrong("--rows shows the rows of one metric, and goes with --from, --to, --by, --where, --limit and --now")

// Rows writes the rows behind a figure: those of a count number it, those of a
// duration are its observations in seconds, those of a share say whether they
// stand in its numerator and in its denominator. As JSON they stand in place of
// the answer's own rows, beside its total.
func (a *App) Rows(ctx context.Context, q Query, csv bool, w io.Writer) error {
	if len(q.Metrics) != 1 || q.Compare != "" || q.Order != "" {
		return ErrOneMetric
	}
	limit := q.Limit
	q.Limit = 0
	desk, answer, err := a.Query(ctx, q)
	if err != nil {
		return err
	}
	out := &sheet{w: bufio.NewWriter(w), name: "rows", csv: csv}
	l, err := a.lister(ctx, q.Now, out)
	if err != nil {
		return err
	}
	l.roster = answer.Roster
	err = desk.Behind(ctx, answer.Ask, q.Now.UnixMilli(), func(i *report.Item) error {
		row, err := l.itemRow(answer, i)
		if err != nil {
			return err
		}
		if err := out.row(row); err != nil {
			return err
		}
		if limit > 0 && out.n >= limit {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return out.end(desk.Frame(answer))
}

// itemRow tells when and under what an item is counted, and what it is. Where a
// dimension and a field of the thing itself have one name, the dimension
// stands: it is what the figure has the thing under.
func (l *lister) itemRow(a *report.Answer, i *report.Item) ([]column, error) {
	row := []column{{"counted_at", l.time(i.At)}}
	for k, d := range a.Ask.By {
		row = append(row, column{d.String(), a.Value(d, i.Values[k])})
	}
	switch i.Unit {
	case analytics.Seconds:
		row = append(row, column{"seconds", float64(i.Value) / 1000})
	case analytics.Share:
		row = append(row, column{"in_num", i.Num}, column{"in_den", i.Den})
	}
	thing, err := l.thing(i)
	for _, c := range thing {
		if !slices.ContainsFunc(row, func(x column) bool { return x.name == c.name }) {
			row = append(row, c)
		}
	}
	return row, err
}

// thing is what an item is.
func (l *lister) thing(i *report.Item) ([]column, error) {
	switch {
	case i.Fact != nil && i.Fact.Kind == models.CommentAdded:
		return l.commentRow(i.Fact)
	case i.Contact != 0:
		return l.person(i)
	case i.Hand != nil:
		row, err := l.conversationRow(i.Conversation)
		return append([]column{{"agent", l.agent(i.Hand.Agent)}, {"from_agent", l.agent(i.Hand.From)}, {"implicit", i.Hand.Implicit}}, row...), err
	case i.Conversation != nil:
		return l.conversationRow(i.Conversation)
	case i.Message != nil:
		return l.messageRow(i.Message)
	}
	return nil, fmt.Errorf("nothing stands behind %d", i.At)
}

// person is a contact that is counted, and what it is counted for.
func (l *lister) person(i *report.Item) ([]column, error) {
	known, err := l.known(i.Contact)
	if err != nil {
		return nil, err
	}
	c := models.Contact{}
	if known != nil {
		c = *known
	}
	if i.Seen != nil { // as of the time that is asked about
		c.FirstSeenAt, c.Source, c.Channel = i.Seen.FirstSeenAt, i.Seen.Source, i.Seen.Channel
	}
	var gone int64
	if f := i.Fact; f != nil && f.Kind == models.ContactDeleted {
		gone = f.At
	} else if f != nil {
		c.MergedAt = f.At
	}
	row := l.contactRow(&c, gone)
	switch {
	case i.Fact != nil:
		row = append(row, column{"event", i.Fact.Key})
	case i.Message != nil:
		row = append(row, column{"message", i.Message.ID})
	case i.Conversation != nil:
		row = append(row, column{"conversation", i.Conversation.ID.String()})
	}
	return row, nil
}
