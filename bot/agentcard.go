package bot

import (
	"context"
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/models"
)

// profile is what stands on an agent's card beside the overview's figures.
type profile struct {
	own, team *report.Answer
	first     int64 // first and last message of the agent in the period, ms
	last      int64
	slowest   []slowReply
}

// slowReply is a conversation that the agent answered late.
type slowReply struct {
	conversation *models.Conversation
	contact      Face
	took         int64 // ms
}

// profileMetrics are the speeds and volumes on an agent's card.
func profileMetrics() []string {
	return []string{"first_response", "response_time", "resolution_time", "conversations_handled", "messages_sent", "conversations_closed", "conversations_open", "conversations_waiting"}
}

// profile asks what an agent's card needs.
func (b *Bot) profile(ctx context.Context, desk *report.Desk, ask report.Ask, agent string, now int64, faces bool) (*profile, error) {
	p := &profile{}
	own := report.Ask{Metrics: profileMetrics(), Period: ask.Period, Where: ask.Where}
	team := own
	if ask.CompareText != "" {
		own.Compare, own.CompareSpan, own.CompareText = ask.Compare, ask.CompareSpan, ask.CompareText
	}
	team.Where = nil
	if name := desk.Roster.Agent(agent).Team; name != "" {
		team.Where = []report.Filter{{Dim: analytics.ByTeam, Values: []string{name}}}
	}
	var err error
	if p.own, err = desk.Answer(ctx, own, now); err != nil {
		return nil, err
	}
	if p.team, err = desk.Answer(ctx, team, now); err != nil {
		return nil, err
	}
	span := ask.Period.Cut(now + 1)
	if p.first, p.last, err = b.Record.Actions(ctx, agent, span); err != nil {
		return nil, err
	}
	if span.To-span.From > 8*24*3_600_000 {
		return p, nil // a long period has too many to look through
	}
	list, err := b.Record.Answered(ctx, agent, span, 3)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		face, err := b.face(ctx, c.Contact, faces)
		if err != nil {
			return nil, err
		}
		p.slowest = append(p.slowest, slowReply{c, face, c.FirstReplyAt - c.FirstCustomerAt})
	}
	return p, nil
}

// agentCard tells how one agent is doing, beside the team.
func (t *teller) agentCard() card.Card {
	key := t.agent()
	agent := t.answer.Roster.Agent(key)
	title := card.Title{Text: card.T("agent.title", "agent", t.dimValue(analytics.ByAgent, key)), Sub: t.agentSub(agent.Team)}
	c := card.Card{Blocks: []card.Block{title}}
	p := t.profile
	if p == nil {
		return c
	}
	c.Blocks = append(c.Blocks, t.load())
	for i, m := range p.own.Metrics {
		if m.Stock {
			continue
		}
		own, team := p.own.Total.Figures[i], p.team.Total.Figures[i]
		f := card.Figure{Label: metricName(m), Value: value(m, own, "")}
		if c := p.own.Compare; c != nil && t.judged() {
			f.Change = change(m, own, c.Total.Figures[i], t.against())
		}
		if v := value(m, team, ""); m.Unit == analytics.Seconds && v != nil {
			f.Details = append(details(m, own), card.T("agent.team_value", "value", v))
		}
		c.Blocks = append(c.Blocks, f)
	}
	if p.first != 0 {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("agent.actions", "first", card.Instant(p.first), "last", card.Instant(p.last))})
	} else {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("agent.no_actions")})
	}
	if len(p.slowest) > 0 {
		table := card.Table{Numbered: true}
		for _, s := range p.slowest {
			table.Rows = append(table.Rows, card.Row{Cells: []card.Value{s.contact.value(), card.Duration(s.took)}})
		}
		c.Blocks = append(c.Blocks, card.Title{Text: card.T("agent.slowest")}, table)
	}
	if key == models.Phone {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("agent.phone")})
	}
	return c
}

func (t *teller) agentSub(team string) card.Text {
	if team == "" {
		return card.T("report.sub", "period", t.period())
	}
	return card.T("agent.sub", "team", card.Name(team), "period", t.period())
}

// load is what the agent has open now.
func (t *teller) load() card.Block {
	count := func(key string) int64 {
		i := slices.IndexFunc(t.profile.own.Metrics, func(m analytics.Metric) bool { return m.Key == key })
		return t.profile.own.Total.Figures[i].N
	}
	open, waiting := count("conversations_open"), count("conversations_waiting")
	if open == 0 {
		return card.Line{Text: card.T("agent.no_load")}
	}
	return card.Line{Text: card.T("report.value", "label", card.Word("agent.now"),
		"value", card.Said(card.T("agent.load", "open", card.Count(open), "waiting", card.Count(waiting))))}
}
