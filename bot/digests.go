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
	// Before is what the issue before told, nil when there was none.
	Before *Told
	// Missed are the times of the issues since then that were never sent.
	Missed []int64
	// Plain leaves the picture out.
	Plain bool
}

// Sheet is what an issue of a digest says.
type Sheet struct {
	Card  card.Card
	Fills []card.Text // of the templates that may stand for it, the best first
	Told  *Told       // for the next issue; nil when the digest does not ask for everything
}

// Digest answers what a digest asks, and says beside it what moved, what needs
// the person now, what became of the figures of the issue before, and how far the
// figures reach; a picture shows the last two weeks. Several asks are parted by a
// semicolon. A period in which nothing happened is one line.
func (b *Bot) Digest(ctx context.Context, x Issue) (Sheet, error) {
	s, err := b.digest(ctx, x)
	if err != nil {
		return Sheet{}, fmt.Errorf("digest: %w", err)
	}
	return s, nil
}

func (b *Bot) digest(ctx context.Context, x Issue) (Sheet, error) {
	p := x.Person
	var replies []*Reply
	for _, ask := range asks(x.Digest.Ask) {
		r, err := b.Answer(ctx, Question{Person: p, Text: ask, Now: x.Now})
		if err != nil {
			return Sheet{}, err
		}
		replies = append(replies, r)
	}
	first := replies[0]
	sheet := Sheet{Told: toldBy(first)}
	t := &talk{Bot: b, q: Question{Person: p, Now: x.Now}, desk: first.Desk, zone: first.Desk.Rules.Zone}
	var err error
	if t.book, err = b.Book(ctx); err != nil {
		return Sheet{}, err
	}
	sheet.Fills = t.fills(x, first)
	shown := slices.ContainsFunc(replies, func(r *Reply) bool { return r.Answer != nil && words.Overall(r.Answer.Ask) })
	needs, err := b.needs(ctx, t.desk, p, x.Now, shown)
	if err != nil {
		return Sheet{}, err
	}
	revised, err := t.revised(ctx, x.Before)
	if err != nil {
		return Sheet{}, err
	}
	revised = append(revised, x.missed()...)
	if len(replies) == 1 && len(needs) == 0 && deserted(first) {
		sheet.Card = say(card.T("digest.quiet_one_line", "period", card.Period(first.Answer.Span)))
		sheet.Card.Blocks = append(sheet.Card.Blocks, revised...)
		return sheet, nil
	}
	c := gathered(x, replies)
	alive, err := b.pulse(ctx, t.desk, p, x.Now)
	if err != nil {
		return Sheet{}, err
	}
	c.Blocks = slices.Concat(c.Blocks, needs, revised, x.late(), alive)
	if !x.Plain && !pictured(c.Blocks) {
		picture, err := t.trend(ctx, first)
		if err != nil {
			return Sheet{}, err
		}
		c.Blocks = append(c.Blocks, picture...)
	}
	sheet.Card = c
	return sheet, nil
}

// gathered sets the answers below each other; the first offers how to go on.
func gathered(x Issue, replies []*Reply) card.Card {
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
	return c
}

// late says that an issue is late.
func (x *Issue) late() []card.Block {
	if x.Now-x.Due < lateAfter {
		return nil
	}
	return []card.Block{card.Note{Text: card.T("digest.late", "time", card.Clock(x.Due))}}
}

// missed names the issues that were never sent.
func (x *Issue) missed() []card.Block {
	if len(x.Missed) == 0 {
		return nil
	}
	return []card.Block{card.Note{Text: card.T("digest.missed", "n", card.Count(len(x.Missed)), "at", card.Instant(slices.Max(x.Missed)))}}
}

// fills are the texts of the templates that may stand for an issue.
func (t *talk) fills(x Issue, r *Reply) []card.Text {
	var name card.Value = card.Name(x.Person.Name)
	if x.Person.Name == "" {
		name = card.Phone(x.Person.Phone)
	}
	short := card.T("template.digest_short.body", "name", name, "title", t.wording(asks(x.Digest.Ask)[0]))
	if r.Answer == nil || !words.Overall(r.Answer.Ask) {
		return []card.Text{short}
	}
	told := &teller{answer: r.Answer}
	args := []any{"name", name, "period", card.Period(r.Answer.Span)}
	for place, key := range map[string]string{"received": "messages_received", "first_response": "first_response", "waiting": "conversations_waiting"} {
		m, f, _, ok := told.figureOf(key)
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
