package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
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
		People: a.everybody, Rules: a.rulesAll, Zone: a.zoneOf, News: a.accountNews,
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

// press makes the messages of what there is to say; none where there is no
// number to say it from.
type press struct {
	*App
	bot *bot.Bot
}

func (p press) Digest(ctx context.Context, x bot.Issue, key string) ([]*models.Outgoing, error) {
	if _, ok := p.botNumber(); !ok {
		return nil, nil
	}
	x.Person.Language = either(x.Digest.Language, x.Person.Language)
	if err := p.recall(ctx, &x); err != nil {
		return nil, err
	}
	sheet, err := p.bot.Digest(ctx, x)
	if err != nil {
		return nil, err
	}
	list, err := p.compose(ctx, x.Person, key, models.Once, sheet.Card, sheet.Fills...)
	if err != nil || sheet.Told == nil {
		return list, err
	}
	return list, remark(list[0], sheet.Told)
}

// recallDays is how far back the issue before is looked for: a month and a
// little, for those that come monthly.
const recallDays = 40

// recall finds what the issue before told, and which ones after it were missed.
// What was told stands with the message that told it.
func (p press) recall(ctx context.Context, x *bot.Issue) error {
	to := either(x.Person.Phone, x.Person.UserID)
	before := analytics.Occurrences(&x.Digest, p.zoneOf(x.Person), x.Due-recallDays*dayMS, x.Due-1)
	for _, o := range slices.Backward(before) {
		rows, err := p.Store.Sent(ctx, "digest/"+x.Digest.ID+"/"+o.Date.String(), to)
		if err != nil || len(rows) == 0 {
			return err
		}
		if rows[0].State == models.Dead && rows[0].Reason == flow.Missed {
			x.Missed = append(x.Missed, o.At)
			continue
		}
		if e, err := opened(rows[0]); err == nil {
			x.Before = e.Told
		}
		return nil
	}
	return nil
}

func (p press) Alert(ctx context.Context, to models.Person, list []bot.Tiding, key string, _ int64, capped bool) ([]*models.Outgoing, error) {
	if _, ok := p.botNumber(); !ok {
		return nil, nil
	}
	name, err := p.labelled(ctx)
	if err != nil {
		return nil, err
	}
	c := bot.Tidings(list, name)
	if capped {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("alert.capped", "n", card.Count(flow.MostBulletins))})
	}
	return p.compose(ctx, to, key, models.Must, c, bot.Fills(list, name)...)
}

// labelled returns what people call agents and channels.
func (a *App) labelled(ctx context.Context) (func(analytics.Dim, string) card.Value, error) {
	roster, err := a.Roster(ctx)
	if err != nil {
		return nil, err
	}
	return func(d analytics.Dim, v string) card.Value {
		if d == analytics.ByAgent {
			return card.Name(roster.Agent(v).Name)
		}
		for _, n := range a.Config.WhatsApp {
			if d == analytics.ByChannel && n.Channel() == v && n.Name != "" {
				return card.Name(n.Name)
			}
		}
		return card.Name(v)
	}, nil
}

func (p press) Headline(ctx context.Context, to models.Person, h flow.Headline, key string) ([]*models.Outgoing, error) {
	if _, ok := p.botNumber(); !ok {
		return nil, nil
	}
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("health.title")}, card.Line{Text: h.Text}}}
	return p.compose(ctx, to, key, models.Must, c, card.T("template.health.body", "news", card.Said(h.Text)))
}

// newsTime is how old news of the account may be when it is told, in ms.
const newsTime = 24 * 3_600_000

// accountNews is what Meta told of the account within a day, and that nothing is
// paid for any more.
func (a *App) accountNews(ctx context.Context, now int64) ([]flow.Headline, error) {
	var list []flow.Headline
	err := a.Store.ListFacts(ctx, []models.Kind{models.AccountNotice}, store.List{From: now - newsTime}, func(f *models.Fact) error {
		if text, ok := bot.HealthNews(f); ok {
			list = append(list, flow.Headline{Key: fingerprint(f.Source, f.Key), Text: text})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if h, ok, err := a.haltNews(ctx, now); err != nil {
		return nil, err
	} else if ok {
		list = append(list, h)
	}
	unpaid := 0
	of := store.List{From: now - unpaidTime, Limit: 1, Where: []store.Match{{Column: "error", Values: []any{unpaidError}}}}
	if err := a.Store.ListMessages(ctx, of, func(*models.Placed) error { unpaid++; return nil }); err != nil || unpaid == 0 {
		return list, err
	}
	day := a.rules.Zone.DayOf(now).String()
	return append(list, flow.Headline{Key: "payment/" + day, Text: card.T("health.payment")}), nil
}

// unpaidError is Meta's code for a message that was not sent because of the
// payment method.
const unpaidError = "131042"

// unpaidTime is how far back such messages are looked for, in ms.
const unpaidTime = 3_600_000

// fingerprint names what a source calls by a key of any length.
func fingerprint(source, key string) string {
	sum := sha256.Sum256([]byte(source + "\n" + key))
	return hex.EncodeToString(sum[:12])
}
