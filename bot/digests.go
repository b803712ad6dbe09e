package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
	"pulso/models"
)

// DefaultDigest is what a digest asks when nobody said.
const DefaultDigest = "stats yesterday"

// lateAfter is from when on a digest says that it is late, in ms.
const lateAfter = 5 * 60_000

// Issue is one issue of a digest.
type Issue struct {
	Digest models.Digest
	Person models.Person
	Due    int64 // ms
	Now    int64
	// More are blocks that stand after the figures, such as what moved.
	More []card.Block
}

// Digest answers what a digest asks, and says beside it what needs the person
// now, and how far the figures reach. Several asks are parted by a semicolon. A
// period in which nothing happened is one line. The texts are those of the
// templates that may stand for it to somebody who has not written for 24 hours,
// the best first.
func (b *Bot) Digest(ctx context.Context, x Issue) (card.Card, []card.Text, error) {
	p := x.Person
	var replies []*Reply
	for _, ask := range asks(x.Digest.Ask) {
		r, err := b.Answer(ctx, Question{Person: p, Text: ask, Now: x.Now})
		if err != nil {
			return card.Card{}, nil, fmt.Errorf("digest: %w", err)
		}
		replies = append(replies, r)
	}
	shown := slices.ContainsFunc(replies, func(r *Reply) bool { return r.Answer != nil && words.Overall(r.Answer.Ask) })
	needs, err := b.needs(ctx, replies[0].Desk, p, x.Now, shown)
	if err != nil {
		return card.Card{}, nil, fmt.Errorf("digest: %w", err)
	}
	if len(replies) == 1 && len(needs) == 0 && deserted(replies[0]) {
		return say(card.T("digest.quiet_one_line", "period", card.Period(replies[0].Answer.Span))), b.fills(x, replies[0]), nil
	}
	c := card.Card{Choices: replies[0].Card.Choices}
	for i, r := range replies {
		if r.Intent == words.Unknown {
			c.Blocks = append(c.Blocks, card.Line{Text: card.T("digest.unclear", "ask", card.Name(asks(x.Digest.Ask)[i]))})
			continue
		}
		c.Blocks = append(c.Blocks, r.Card.Blocks...)
		if r.Card.Menu != nil && len(replies) == 1 {
			c.Choices, c.Menu = nil, r.Card.Menu
		}
	}
	c.Blocks = slices.Concat(c.Blocks, x.More, needs)
	if x.Now-x.Due >= lateAfter {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("digest.late", "time", card.Clock(x.Due))})
	}
	alive, err := b.pulse(ctx, replies[0].Desk, p, x.Now)
	if err != nil {
		return card.Card{}, nil, fmt.Errorf("digest: %w", err)
	}
	c.Blocks = append(c.Blocks, alive...)
	return c, b.fills(x, replies[0]), nil
}

// fills are the texts of the templates that may stand for an issue.
func (b *Bot) fills(x Issue, r *Reply) []card.Text {
	var name card.Value = card.Name(x.Person.Name)
	if x.Person.Name == "" {
		name = card.Phone(x.Person.Phone)
	}
	short := card.T("template.digest_short.body", "name", name, "title", card.Name(asks(x.Digest.Ask)[0]))
	if r.Answer == nil || !words.Overall(r.Answer.Ask) {
		return []card.Text{short}
	}
	t := &teller{answer: r.Answer}
	args := []any{"name", name, "period", card.Period(r.Answer.Span)}
	for place, key := range map[string]string{"received": "messages_received", "first_response": "first_response", "waiting": "conversations_waiting"} {
		m, f, _, ok := t.figureOf(key)
		v := value(m, f, r.Answer.Ask.Stat)
		if !ok || v == nil {
			v = card.Name("–")
		}
		args = append(args, place, v)
	}
	return []card.Text{card.T("template.digest.body", args...), short}
}

// asks parts what a digest asks.
func asks(text string) []string {
	var list []string
	for _, a := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' }) {
		if a = strings.TrimSpace(a); a != "" {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		return []string{DefaultDigest}
	}
	return list
}

// deserted reports whether everything was asked for and nothing happened.
func deserted(r *Reply) bool {
	if r.Answer == nil || !words.Overall(r.Answer.Ask) {
		return false
	}
	return !slices.ContainsFunc(r.Answer.Total.Figures, func(f report.Figure) bool {
		return f.N != 0 || f.Num != 0 || f.Den != 0
	})
}

// needs says what waits for somebody now, within the person's scope; nothing
// when nothing does. Those who wait are left out where they are shown already.
func (b *Bot) needs(ctx context.Context, desk *report.Desk, p models.Person, now int64, shown bool) ([]card.Block, error) {
	ask := report.Ask{Metrics: []string{"conversations_waiting", "longest_wait", "conversations_unassigned", "windows_expiring"}, PeriodText: "today"}
	confine(&p, &ask)
	a, err := desk.Answer(ctx, ask, now)
	if err != nil {
		return nil, err
	}
	f := a.Total.Figures
	var list card.List
	if n := f[0].N; n > 0 && !shown {
		waiting := card.T("digest.needs.waiting", "n", card.Count(n))
		if f[1].Value != nil {
			waiting = card.T("digest.needs.oldest", "waiting", card.Said(waiting), "age", card.Duration(*f[1].Value))
		}
		list = append(list, card.Said(waiting))
	}
	for i, key := range []string{"digest.needs.unassigned", "digest.needs.expiring"} {
		if n := f[2+i].N; n > 0 && (i == 1 || assigns(desk.Roster)) {
			list = append(list, card.Said(card.T(key, "n", card.Count(n))))
		}
	}
	if len(list) == 0 {
		return nil, nil
	}
	return []card.Block{card.Line{Text: card.T("digest.needs_you", "list", list)}}, nil
}

// assigns reports whether the business knows its agents: without any, nothing
// can be assigned and nothing is missing.
func assigns(r *analytics.Roster) bool { return len(r.Agents()) > 0 }

// pulse is the proof that the service lives: how far the figures reach, and how
// much was recorded of late.
func (b *Bot) pulse(ctx context.Context, desk *report.Desk, p models.Person, now int64) ([]card.Block, error) {
	ask := report.Ask{Metrics: []string{"messages_received", "messages_sent"}, PeriodText: "today", Period: analytics.Span{From: now - 24*3_600_000, To: now}}
	confine(&p, &ask)
	a, err := desk.Answer(ctx, ask, now)
	if err != nil {
		return nil, err
	}
	standing, err := desk.Read.Standing(ctx, now)
	if err != nil || standing.Horizon == 0 {
		return nil, err
	}
	n := a.Total.Figures[0].N + a.Total.Figures[1].N
	return []card.Block{card.Note{Text: card.T("digest.alive", "at", card.Instant(min(standing.Horizon, now)), "n", card.Count(n))}}, nil
}
