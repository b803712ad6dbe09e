package bot

import (
	"context"
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
)

// mostSides is how many agents or channels stand side by side.
const mostSides = 3

// versus reports whether two or three agents, teams or channels are set against
// each other as a whole: "Ana vs Luis".
func (t *teller) versus() bool {
	if len(t.ask.By) != 1 || !words.Overall(*t.ask) || t.ask.Order != report.Natural || t.ask.Chart || t.answer.Compare != nil {
		return false
	}
	n := len(t.answer.Rows)
	return n >= 2 && n <= mostSides && slices.ContainsFunc(t.ask.Where, func(f report.Filter) bool { return f.Dim == t.ask.By[0] && len(f.Values) > 1 })
}

// peersOf asks the same of all of the team that those who are compared are of, or
// of everybody.
func (t *talk) peersOf(ctx context.Context, w *teller) error {
	if !w.versus() || w.ask.By[0] != analytics.ByAgent {
		return nil
	}
	ask := *w.ask
	ask.By = nil
	ask.Where = slices.DeleteFunc(slices.Clone(ask.Where), func(f report.Filter) bool { return f.Dim == analytics.ByAgent })
	team := t.desk.Roster.Agent(w.answer.Rows[0].Values[0]).Team
	if team != "" && !slices.ContainsFunc(w.answer.Rows, func(r report.Row) bool { return t.desk.Roster.Agent(r.Values[0]).Team != team }) {
		ask.Where = append(ask.Where, report.Filter{Dim: analytics.ByTeam, Values: []string{team}})
	}
	confine(&t.q.Person, &ask)
	var err error
	w.peers, err = t.desk.Answer(ctx, ask, t.q.Now)
	return err
}

// versusCard sets the figures of two or three side by side, each with a line of
// its own, and beside agents those of their team.
func (t *teller) versusCard() card.Card {
	var names card.List
	head := []card.Text{{}}
	for _, r := range t.answer.Rows {
		name := t.dimValue(t.ask.By[0], r.Values[0])
		names = append(names, name)
		head = append(head, card.T("choice.ask", "ask", name))
	}
	if t.peers != nil {
		head = append(head, card.T("report.team"))
	}
	table := card.Table{Head: head}
	for _, key := range []string{"messages_received", "messages_sent", "conversations_opened", "conversations_closed", "conversations_waiting", "answered_in_target"} {
		if m, _, i, ok := t.figureOf(key); ok {
			table.Rows = append(table.Rows, t.side(i, card.Said(metricShort(m)), func(f report.Figure) card.Value { return value(m, f, "") }))
		}
	}
	if m, _, i, ok := t.figureOf("first_response"); ok {
		table.Rows = append(table.Rows, t.side(i, card.Said(metricShort(m)), func(f report.Figure) card.Value { return value(m, f, t.stat) }),
			t.side(i, card.Word("stat.p90.name"), func(f report.Figure) card.Value { return card.ValueOf(m, f.P90) }),
			t.side(i, card.Word("stat.n.name"), func(f report.Figure) card.Value { return card.Count(f.N) }))
	}
	return card.Card{Blocks: []card.Block{card.Title{Text: card.T("report.title", "metric", names), Sub: card.T("report.sub_stat", "period", t.period(), "stat", card.Word("stat."+t.statName()+".name"))}, table}}
}

// side is one line: a metric's figure of each.
func (t *teller) side(metric int, label card.Value, figure func(report.Figure) card.Value) card.Row {
	row := card.Row{Cells: []card.Value{label}}
	for _, r := range t.answer.Rows {
		row.Cells = append(row.Cells, figure(r.Figures[metric]))
	}
	if t.peers == nil {
		return row
	}
	key := t.answer.Metrics[metric].Key
	for i, m := range t.peers.Metrics {
		if m.Key == key {
			row.Cells = append(row.Cells, figure(t.peers.Total.Figures[i]))
		}
	}
	return row
}
