package bot

import (
	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
)

// How figures of a report become values of a card.

// value returns a figure as a person reads it; nil when there is nothing to tell.
func value(m analytics.Metric, f report.Figure, stat string) card.Value {
	v := f.Value
	if stat != "" && f.P50 != nil {
		v = f.Stat(stat)
	}
	return card.ValueOf(m, v)
}

// change compares a figure with its baseline.
func change(m analytics.Metric, now, was report.Figure, against card.Text) *card.Change {
	if now.Value == nil {
		return nil
	}
	c := &card.Change{Now: *now.Value, Better: int(m.Better), Points: m.Unit == analytics.Share && m.Key != "reply_ratio", Against: against}
	if was.Value != nil {
		c.Was, c.Known = *was.Value, true
	}
	return c
}

// countText says what the observations of a metric are.
func countText(m analytics.Metric, n int64) card.Text {
	key := "note.conversations"
	if m.Key == "response_time" || m.Key == "first_response" || m.Key == "first_response_any" {
		key = "note.responses"
	}
	return card.T(key, "n", card.Count(n))
}

// details are the small print behind a figure: what it rests on.
func details(m analytics.Metric, f report.Figure) []card.Text {
	var list []card.Text
	switch m.Unit {
	case analytics.Share:
		if f.Den > 0 {
			list = append(list, card.T("note.of", "part", card.Count(f.Num), "whole", card.Count(f.Den)))
		}
	case analytics.Seconds:
		if f.N > 0 && !m.Stock {
			list = append(list, countText(m, f.N))
		}
	}
	if f.Waiting != nil && *f.Waiting > 0 {
		list = append(list, card.T("note.waiting_short", "n", card.Count(*f.Waiting)))
	}
	return list
}

func metricName(m analytics.Metric) card.Text  { return card.T("metric." + m.Key + ".name") }
func metricShort(m analytics.Metric) card.Text { return card.T("metric." + m.Key + ".short") }
