package bot

import (
	"fmt"
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
)

// label says a canonical ask in two or three words, for a button.
func (t *talk) label(ask string) card.Text {
	r := t.reread(ask)
	switch {
	case r.Intent == words.ToReport && words.Overall(r.Ask):
		return card.T("choice.overview")
	case r.Intent == words.ToReport && len(r.Ask.Metrics) > 0:
		return card.T("choice.ask", "ask", card.Metric(r.Ask.Metrics[0]))
	case r.Intent == words.ToList && slices.Contains([]string{"waiting", "unassigned", "contacts", "attention"}, r.List.List):
		return card.T("choice." + r.List.List)
	case r.Intent == words.ToDigest:
		return card.T("choice.digests")
	case r.Intent == words.ToAlert:
		return card.T("choice.alerts")
	case r.Intent == words.ToPeople:
		return card.T("choice.people")
	case r.Intent == words.ToHelp:
		return card.T("choice.help")
	}
	return card.T("choice.ask", "ask", card.Name(ask))
}

// wording says a canonical ask in full: what, how it is split and ranked, of
// whom, and of when.
func (t *talk) wording(ask string) card.Value {
	r := t.reread(ask)
	if r.Intent != words.ToReport || len(r.Ask.Metrics) == 0 {
		return card.Name(ask)
	}
	title := t.subject(r.Ask, t.label(ask))
	period := periodWord(r.Ask.PeriodText)
	if period == nil {
		return title
	}
	return card.Said(card.T("export.caption", "title", title, "period", period))
}

// subject is what an ask is about, without its period.
func (t *talk) subject(a report.Ask, label card.Text) card.Value {
	title := card.Value(card.Said(label))
	switch len(a.By) {
	case 0:
	case 1:
		title = card.Said(card.T("report.title_by", "metric", title, "dim", card.Dim(a.By[0])))
	default:
		title = card.Said(card.T("report.title_by_two", "metric", title, "dim", card.Dim(a.By[0]), "other", card.Dim(a.By[1])))
	}
	if a.Order != report.Natural {
		title = card.Said(card.T("export.caption", "title", title, "period", card.Word(rankWord(a))))
	}
	var names card.List
	for _, f := range a.Where {
		for _, v := range f.Values {
			names = append(names, t.nameOf(f.Dim, v))
		}
	}
	if len(names) > 0 {
		title = card.Said(card.T("report.title_for", "metric", title, "names", names))
	}
	return title
}

// rankWord is the word for which way an ask ranks.
func rankWord(a report.Ask) string {
	m, _ := analytics.MetricOf(a.Metrics[0])
	switch {
	case m.Unit == analytics.Seconds && (a.Order == report.Worst || a.Order == report.Desc):
		return "report.rank.slowest"
	case m.Unit == analytics.Seconds:
		return "report.rank.fastest"
	}
	return "report.rank." + string(a.Order)
}

func (t *talk) reread(ask string) words.Reading {
	return t.Reader.Read(words.Input{Text: ask, Language: "en", Now: t.q.Now, Zone: t.zone, Book: t.book})
}

// periodWord says a period by its name, whenever it is; nil for one that has none.
func periodWord(text string) card.Value {
	var n int
	var unit string
	if k, err := fmt.Sscanf(text, "last %d %s", &n, &unit); err == nil && k == 2 && slices.Contains([]string{"days", "weeks", "hours", "minutes"}, unit) {
		return card.Said(card.T("period.last_"+unit, "n", card.Count(n)))
	}
	key := strings.ReplaceAll(text, " ", "_")
	named := []string{"today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year"}
	if !slices.Contains(named, key) {
		return nil
	}
	return card.Word("period." + key)
}
