package bot

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"pulso/analytics"
	"pulso/bot/card"
	"pulso/models"
)

// News is what is new of an alarm to one person.
type News int

// The news, in the order in which they are told.
const (
	Began    News = iota // it fires
	Unsteady             // it keeps going up and down
	Still                // it goes on
	Ended                // it is over
	Passed               // it began and ended while the person was not to be disturbed
)

// Tiding is the news of one alarm.
type Tiding struct {
	Guarded
	News News
}

// mostTidings is how many alarms one message names.
const mostTidings = 10

// Tidings makes one message of everything that is new to a person, the worst
// first. Its buttons ack, mute and ask who is behind it, as long as something
// is still on.
func Tidings(list []Tiding, name func(analytics.Dim, string) card.Value) card.Card {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Tiding) int {
		return cmp.Or(cmp.Compare(a.News, b.News), -cmp.Compare(severity(a), severity(b)))
	})
	var c card.Card
	if len(list) == 1 {
		c = alone(list[0], name)
	} else {
		c = together(list, name)
	}
	if slices.ContainsFunc(list, func(t Tiding) bool { return t.News < Ended }) {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("alert.reply_hint")})
		c.Choices = []card.Choice{
			{Label: card.T("choice.ack"), Ask: "alert ack"}, {Label: card.T("choice.snooze_2h"), Ask: "alert snooze 2h"}, {Label: card.T("choice.who"), Ask: "alert who"},
		}
	}
	return c
}

// Fills are the texts of the templates that may stand for the message to those
// who have not written for 24 hours.
func Fills(list []Tiding, name func(analytics.Dim, string) card.Value) []card.Text {
	first := slices.MinFunc(list, func(a, b Tiding) int {
		return cmp.Or(cmp.Compare(a.News, b.News), -cmp.Compare(severity(a), severity(b)))
	})
	var rule card.Value = card.Said(RuleText(first.Rule, name))
	if more := len(list) - 1; more > 0 {
		rule = card.List{rule, card.Said(card.T("alert.others", "n", card.Count(more)))}
	}
	if first.News >= Ended {
		return []card.Text{card.T("template.resolved.body", "rule", rule, "duration", card.Duration(lasted(first.Alarm)))}
	}
	return []card.Text{card.T("template.alert.body", "rule", rule, "value", ruleValue(first.Rule, first.Alarm.Value), "since", card.Instant(first.Alarm.FiredAt))}
}

// severity orders alarms: critical ones first, then by how far beyond its
// threshold the figure is.
func severity(t Tiding) float64 {
	x := 0.0
	switch threshold, value := t.Rule.Threshold, t.Alarm.Value; {
	case t.Rule.Op == models.Silence:
		x = 1
	case t.Rule.Op == models.Below || t.Rule.Op == models.AtMost:
		x = threshold / max(value, threshold/1e6, 1e-9)
	case threshold > 0:
		x = value / threshold
	default:
		x = value
	}
	if t.Rule.Critical {
		x += 1e9
	}
	return x
}

// alone tells one alarm at length.
func alone(t Tiding, name func(analytics.Dim, string) card.Value) card.Card {
	r, a := t.Rule, t.Alarm
	rule := card.Said(RuleText(r, name))
	title := "alert.title"
	if r.Critical {
		title = "alert.title_critical"
	}
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T(title, "id", card.Count(r.ID))}}}
	add := func(x card.Text) { c.Blocks = append(c.Blocks, card.Line{Text: x}) }
	switch t.News {
	case Began, Unsteady, Still:
		key := map[News]string{Began: "alert.firing", Unsteady: "alert.flapping", Still: "alert.still"}[t.News]
		add(card.T(key, "rule", rule))
		add(levelText(r, a))
		if r.Op != models.Silence {
			c.Blocks = append(c.Blocks, card.Note{Text: card.T("alert.since", "at", card.Instant(a.FiredAt))})
		}
	case Ended:
		add(card.T("alert.resolved", "rule", rule))
		if r.Op == models.Silence {
			add(card.T("alert.lasted_only", "duration", card.Duration(lasted(a))))
		} else {
			add(card.T("alert.lasted", "duration", card.Duration(lasted(a)), "value", ruleValue(r, a.Worst)))
		}
	case Passed:
		c.Blocks = []card.Block{card.Title{Text: card.T("alert.overnight")}}
		add(card.T("alert.overnight_resolved", "rule", rule, "from", card.Instant(a.FiredAt), "to", card.Instant(a.ClearAt)))
	}
	return c
}

// levelText says where the figure of an alarm stands.
func levelText(r models.Rule, a models.Alarm) card.Text {
	metric := card.Metric(r.Metric)
	switch r.Op {
	case models.Drop:
		return card.T("alert.value_drop", "metric", metric, "share", card.Share(a.Value))
	case models.Rise:
		return card.T("alert.value_rise", "metric", metric, "share", card.Share(a.Value))
	case models.Silence:
		return card.T("alert.value_silence", "metric", metric, "at", card.Instant(a.FiredAt-r.For))
	}
	return card.T("alert.value", "metric", metric, "value", ruleValue(r, a.Value), "threshold", Level(r.Metric, r.Threshold))
}

// ruleValue is a value of a rule's figure as people read it.
func ruleValue(r models.Rule, x float64) card.Value {
	if r.Op == models.Drop || r.Op == models.Rise {
		return card.Share(x)
	}
	return Level(r.Metric, x)
}

func lasted(a models.Alarm) int64 { return max(0, a.ClearAt-a.FiredAt) }

// together tells many alarms with a line each.
func together(list []Tiding, name func(analytics.Dim, string) card.Value) card.Card {
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("alert.group", "n", card.Count(len(list)))}}}
	passed := false
	for _, t := range list[:min(len(list), mostTidings)] {
		if t.News == Passed && !passed {
			passed = true
			c.Blocks = append(c.Blocks, card.Note{Text: card.T("alert.overnight")})
		}
		c.Blocks = append(c.Blocks, card.Line{Text: lineOf(t, name)})
	}
	if more := len(list) - mostTidings; more > 0 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("alert.more", "n", card.Count(more))})
	}
	return c
}

func lineOf(t Tiding, name func(analytics.Dim, string) card.Value) card.Text {
	r, a := t.Rule, t.Alarm
	rule, value, since := card.Said(RuleText(r, name)), ruleValue(r, a.Value), card.Instant(a.FiredAt)
	switch {
	case t.News == Passed:
		return card.T("alert.overnight_resolved", "rule", rule, "from", since, "to", card.Instant(a.ClearAt))
	case t.News == Ended:
		return card.T("alert.resolved_after", "rule", rule, "duration", card.Duration(lasted(a)))
	case t.News == Unsteady:
		return card.T("alert.flapping", "rule", rule)
	case r.Op == models.Silence && t.News == Still:
		return card.T("alert.still", "rule", rule)
	case r.Op == models.Silence:
		return card.T("alert.told_silence", "rule", rule, "at", card.Instant(a.FiredAt-r.For))
	case t.News == Still:
		return card.T("alert.still_value", "rule", rule, "value", value, "at", since)
	case r.Critical:
		return card.T("alert.told_critical", "rule", rule, "value", value)
	}
	return card.T("alert.told", "rule", rule, "value", value)
}

// mostNamed is how many rules the key of a message names.
const mostNamed = 50

// AlertKey names a message about alarms: when it was made, and of which rules
// it tells, so that an answer to it finds them.
func AlertKey(now int64, list []Tiding) string {
	ids := make([]string, 0, len(list))
	for _, t := range list {
		ids = append(ids, strconv.FormatInt(t.Rule.ID, 10))
	}
	slices.Sort(ids)
	if ids = slices.Compact(ids); len(ids) > mostNamed {
		ids = []string{"all"}
	}
	return "alert/" + strconv.FormatInt(now/1000, 10) + "/" + strings.Join(ids, ".")
}

// AlertRules returns the numbers of the rules that a message of this key tells
// of; all is set when it tells of too many to be named. ok is false for the key
// of anything else.
func AlertRules(key string) (ids []int64, all, ok bool) {
	rest, found := strings.CutPrefix(key, "alert/")
	at, list, named := strings.Cut(rest, "/")
	if _, err := strconv.ParseInt(at, 10, 64); !found || !named || err != nil {
		return nil, false, false
	}
	if list == "all" {
		return nil, true, true
	}
	for _, s := range strings.Split(list, ".") {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return nil, false, false
		}
		ids = append(ids, id)
	}
	return ids, false, true
}
