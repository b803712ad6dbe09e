package bot

import (
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
)

// choices lead to the natural next question: at most three buttons.
func (t *teller) choices() []card.Choice {
	var list []card.Choice
	add := func(key, ask string) {
		if len(list) < 3 && len(ask) <= mostAsk && !slices.ContainsFunc(list, func(c card.Choice) bool { return c.Ask == ask }) {
			list = append(list, card.Choice{Label: card.T("choice." + key), Ask: ask})
		}
	}
	m := t.answer.Metrics[0]
	switch {
	case t.overview():
		add("waiting", "waiting")
		add("slowest", t.other(func(a *report.Ask) {
			a.Metrics, a.By, a.Order, a.Limit = []string{"first_response"}, []analytics.Dim{analytics.ByAgent}, report.Worst, 5
		}))
		add("yesterday", t.other(func(a *report.Ask) { a.PeriodText = "yesterday" }))
	case t.agent() != "":
		add("this_week", t.other(func(a *report.Ask) { a.PeriodText = "this week" }))
		add("waiting", "waiting")
	case len(t.ask.By) == 0:
		if !m.Stock {
			add("by_day", t.other(func(a *report.Ask) { a.By, a.PeriodText = []analytics.Dim{analytics.ByDay}, t.longer() }))
		}
		if m.Fits(analytics.ByAgent) {
			add("by_agent", t.by(analytics.ByAgent))
		} else if m.Fits(analytics.ByChannel) {
			add("by_channel", t.by(analytics.ByChannel))
		}
		add("how", "how "+m.Key)
	default:
		if !t.ask.Chart && len(t.ask.By) == 1 && !m.Stock {
			add("chart", t.same(func(a *report.Ask) { a.Chart = true }))
		}
		if t.ask.PeriodText != "last week" && !m.Stock {
			add("last_week", t.other(func(a *report.Ask) { a.PeriodText = "last week" }))
		}
		add("how", "how "+m.Key)
	}
	return list
}

// mostAsk is the longest ask that a button's or a row's id can carry.
const mostAsk = 200

// other is the canonical text of the ask with something changed; a comparison
// is left behind, because it belonged to the period.
func (t *teller) other(change func(*report.Ask)) string {
	a := *t.ask
	a.Compare, a.CompareText = report.CompareNone, ""
	if a.PeriodText == "" {
		a.PeriodText = "today"
	}
	change(&a)
	return t.text(a)
}

// same is other of the same period, which keeps its comparison.
func (t *teller) same(change func(*report.Ask)) string {
	compare, text := t.ask.Compare, t.ask.CompareText
	return t.other(func(a *report.Ask) {
		if text != "" {
			a.Compare, a.CompareText = compare, text
		}
		change(a)
	})
}

func (t *teller) by(d analytics.Dim) string {
	return t.same(func(a *report.Ask) { a.By = []analytics.Dim{d} })
}

// longer is a period that is worth telling by day.
func (t *teller) longer() string {
	if t.answer.Span.To-t.answer.Span.From < 3*24*3_600_000 {
		return "last 14 days"
	}
	return t.ask.PeriodText
}
