package app

import (
	"context"
	"strings"

	"pulso/analytics"
	"pulso/bot"
	"pulso/bot/card"
	"pulso/bot/flow"
	"pulso/models"
	"pulso/models/store"
)

// pulse returns the loop of this process that speaks first; wrote is called
// when messages wait to be sent.
func (a *App) pulse(wrote func()) (*flow.Pulse, error) {
	b, err := a.Bot()
	if err != nil {
		return nil, err
	}
	p := &flow.Pulse{
		Agenda: agenda{a.Store}, Press: press{a, b}, Clock: a.Clock, Log: a.Log, Wrote: wrote,
		People: a.everybody, Rules: a.rulesAll, Zone: a.zoneOf,
		Digests: func(ctx context.Context) ([]models.Digest, error) { return a.digestsOf(ctx, "") },
		Sampler: func(ctx context.Context, now int64) (flow.Sampler, error) {
			s, err := a.samples(ctx, now)
			if err != nil {
				return nil, err
			}
			return s.sample, nil
		},
	}
	if n, ok := a.botNumber(); ok {
		p.Channel = n.Channel()
	}
	return p, nil
}

// zoneOf is the zone of a person's days.
func (a *App) zoneOf(p models.Person) analytics.Zone {
	if zone, err := analytics.LoadZone(p.Zone); err == nil && p.Zone != "" {
		return zone
	}
	return a.rules.Zone
}

// agenda is the store as the pulse sees it.
type agenda struct{ *store.Store }

// Bulletins lists the messages about alarms that were made since.
func (g agenda) Bulletins(ctx context.Context, since int64) ([]flow.Bulletin, error) {
	var list []flow.Bulletin
	of := store.List{From: since, Where: []store.Match{{Column: "class", Values: []any{models.Must}}}}
	err := g.ListOutgoing(ctx, of, func(o *models.Outgoing) error {
		if o.Part == 1 && strings.HasPrefix(o.Key, "alert/") {
			list = append(list, flow.Bulletin{Person: o.Person, At: o.CreatedAt, Key: o.Key})
		}
		return nil
	})
	return list, err
}

// press makes the messages of what there is to say.
type press struct {
	*App
	bot *bot.Bot
}

func (p press) Digest(ctx context.Context, x bot.Issue, key string) ([]*models.Outgoing, error) {
	x.Person.Language = either(x.Digest.Language, x.Person.Language)
	c, fills, err := p.bot.Digest(ctx, x)
	if err != nil {
		return nil, err
	}
	return p.compose(ctx, x.Person, key, models.Once, c, fills...)
}

func (p press) Alert(ctx context.Context, to models.Person, list []bot.Tiding, key string, _ int64, capped bool) ([]*models.Outgoing, error) {
	desk, err := p.Desk(ctx)
	if err != nil {
		return nil, err
	}
	name := func(d analytics.Dim, v string) card.Value {
		switch {
		case d == analytics.ByAgent:
			return card.Name(desk.Roster.Agent(v).Name)
		case d == analytics.ByChannel && p.bot.Channels[v] != "":
			return card.Name(p.bot.Channels[v])
		}
		return card.Name(v)
	}
	c := bot.Tidings(list, name)
	if capped {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("alert.capped", "n", card.Count(flow.MostBulletins))})
	}
	return p.compose(ctx, to, key, models.Must, c, bot.Fills(list, name)...)
}
