package bot

import (
	"fmt"
	"slices"
	"strings"

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

// wording says a canonical ask in full: what, and of when.
func (t *talk) wording(ask string) card.Value {
	r := t.reread(ask)
	if r.Intent != words.ToReport || len(r.Ask.Metrics) == 0 {
		return card.Name(ask)
	}
	title := card.Value(card.Said(t.label(ask)))
	period := periodWord(r.Ask.PeriodText)
	if period == nil {
		return title
	}
	return card.Said(card.T("export.caption", "title", title, "period", period))
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
