package bot

import (
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
)

// How an answer is held against another period, as far as the record goes back.

// begins is when the first day of the record begins.
func (t *teller) begins() int64 {
	return t.rules.Zone.Start(t.rules.Zone.DayOf(t.answer.Since))
}

// beforeRecord reports whether a period was over when the record began: there is
// nothing to say of it, not even 0.
func (t *teller) beforeRecord(s analytics.Span) bool {
	return t.answer.Since == 0 || s.To <= t.answer.Since
}

// partly reports whether the record holds only a part of a period.
func (t *teller) partly(s analytics.Span) bool {
	return !t.beforeRecord(s) && s.From < t.begins()
}

// unrecorded reports whether the period that was asked about lies before the record.
func (t *teller) unrecorded() bool { return !t.stocksOnly() && t.beforeRecord(t.answer.Span) }

// held reports whether there are figures to hold those of the answer against.
func (t *teller) held() bool {
	return t.answer.Compare != nil && !t.stocksOnly() && !t.beforeRecord(t.answer.Compare.Span)
}

// judged reports whether a change can be told from them: both periods lie within
// the record.
func (t *teller) judged() bool {
	return t.held() && !t.partly(t.answer.Span) && !t.partly(t.answer.Compare.Span)
}

// changed is how the total of a metric moved, and against what; nil when that
// cannot be told.
func (t *teller) changed(i int, m analytics.Metric, f report.Figure) *card.Change {
	was, ok := t.was(i)
	if !ok || m.Stock || !t.judged() {
		return nil
	}
	return change(m, f, was, t.against())
}

// earlierText is the figure before, where it can be shown and not judged.
func (t *teller) earlierText(i int, m analytics.Metric) []card.Text {
	was, ok := t.was(i)
	v := value(m, was, t.ask.Stat)
	if !ok || m.Stock || v == nil || !t.held() || t.judged() {
		return nil
	}
	return []card.Text{card.T("report.before", "value", v)}
}

// comparison says what an answer is compared with, where its figures do not, and
// how far the record knows it.
func (t *teller) comparison(blocks []card.Block) []card.Block {
	c := t.answer.Compare
	if t.stocksOnly() && t.ask.CompareSpan.To != 0 {
		return []card.Block{card.Note{Text: card.T("refuse.stock_period", "metric", card.Metric(t.ask.Metrics[0]), "period", periodOf(t.ask.CompareSpan, t.ask.CompareText))}}
	}
	if c == nil || t.answer.Since == 0 || t.ask.CompareText == "" {
		return nil
	}
	since := card.Day(t.rules.Zone.DayOf(t.answer.Since))
	against := card.Said(t.against())
	switch {
	case !t.held(), c.Kind == report.Weekdays && c.Total.Figures[0].Value == nil:
		return []card.Block{card.Note{Text: card.T("refuse.before_record", "period", against, "day", since)}}
	case t.partly(c.Span):
		return []card.Block{card.Note{Text: card.T("note.partly", "x", against, "day", since)}}
	case !told(blocks):
		return []card.Block{card.Note{Text: card.T("change.against", "x", against)}}
	}
	return nil
}

// told reports whether a figure among the blocks names what it is compared with.
func told(blocks []card.Block) bool {
	return slices.ContainsFunc(blocks, func(b card.Block) bool {
		f, ok := b.(card.Figure)
		return ok && f.Change != nil && f.Change.Known
	})
}

// rowKey tells rows apart by what they are of.
func rowKey(r report.Row) string { return strings.Join(r.Values, "\x00") }

// earlierRows are the rows of the compared period, by what they are of; nil when
// there is none to show.
func (t *teller) earlierRows() map[string]report.Row {
	if !t.held() {
		return nil
	}
	rows := map[string]report.Row{}
	for _, r := range t.answer.Beside(t.rules.Zone) {
		rows[rowKey(r)] = r
	}
	return rows
}

// gone adds to the rows of an unranked count those that only the compared period
// has: there is none of them now, which is what a comparison is to tell.
func (t *teller) gone(rows []report.Row) []report.Row {
	if !t.held() || t.ask.Order != report.Natural || slices.ContainsFunc(t.ask.By, analytics.Dim.Time) {
		return rows
	}
	have := map[string]bool{}
	for _, r := range rows {
		have[rowKey(r)] = true
	}
	for _, r := range t.answer.Compare.Rows {
		if !have[rowKey(r)] {
			rows = append(rows, t.nothingOf(r.Values))
		}
	}
	return rows
}

// nothingOf is a row of which the period has nothing: counts are 0.
func (t *teller) nothingOf(values []string) report.Row {
	r := report.Row{Values: values, Figures: make([]report.Figure, len(t.answer.Metrics))}
	for i, m := range t.answer.Metrics {
		r.Figures[i].Unit = m.Unit
		if m.Unit == analytics.Count {
			zero := 0.0
			r.Figures[i].Value = &zero
		}
	}
	return r
}

// noRecordCard says that a period lies before the record, and leads to one that
// does not.
func (t *teller) noRecordCard() card.Card {
	title := t.title()
	if len(t.ask.By) == 0 && t.stats() {
		title = card.T("report.title", "metric", card.Word("choice.overview"))
	}
	c := card.Card{Blocks: []card.Block{card.Title{Text: title, Sub: t.sub()}, card.Line{Text: t.nothing()}}}
	if other := t.answer.Compare; other != nil && t.held() {
		if name := periodName(t.ask.CompareText); name != nil {
			c.Choices = append(c.Choices, card.Choice{Label: card.T("choice.ask", "ask", name), Ask: t.other(func(a *report.Ask) { a.PeriodText = t.ask.CompareText })})
		}
	}
	c.Choices = append(c.Choices, card.Choice{Label: card.T("choice.this_week"), Ask: t.other(func(a *report.Ask) { a.PeriodText = "this week" })},
		card.Choice{Label: card.T("choice.help"), Ask: "help"})
	return c
}

// periodName is a named period, or a month, in a word or two; nil for others.
func periodName(text string) card.Value {
	if v := periodWord(text); v != nil {
		return v
	}
	if _, err := analytics.ParseDay(text + "-01"); err == nil {
		return card.DimValue{Dim: analytics.ByMonth, Value: text}
	}
	return nil
}
