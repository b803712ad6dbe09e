package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/bot"
	"pulso/bot/card"
	"pulso/bot/flow"
	"pulso/models"
)

// office makes the changes that people ask for in the chat.
type office struct{ *App }

func (o office) Digests(ctx context.Context, person string) ([]models.Digest, error) {
	return o.digestsOf(ctx, person)
}

func (o office) AddDigest(ctx context.Context, d models.Digest) (models.Digest, error) {
	d.ID = "chat-" + o.Store.NewID(d.Since)
	return d, o.Store.PutDigest(ctx, d)
}

func (o office) StopDigests(ctx context.Context, ids []string) error {
	return o.Store.DropDigests(ctx, ids)
}

func (o office) Next(d models.Digest, zone analytics.Zone, now int64) int64 {
	return analytics.NextOccurrence(&d, zone, now)
}

func (o office) Rules(ctx context.Context) ([]bot.Guarded, error) { return o.rulesAll(ctx) }

func (o office) AddRule(ctx context.Context, r models.Rule) (models.Rule, error) {
	r.To = slices.DeleteFunc(slices.Clone(r.To), func(key string) bool { return key == terminal }) // nobody: every owner and admin
	return o.Store.AddRule(ctx, r)
}

func (o office) RemoveRule(ctx context.Context, id int64) error {
	return o.Store.DropRule(ctx, id, ruleKey(id))
}

func (o office) Backtest(ctx context.Context, r models.Rule, now int64) (int, bool, error) {
	return o.backtest(ctx, r, now)
}

// Ack notes who takes care of alerts, and tells the others who were told of them.
// Whoever was first stays.
func (o office) Ack(ctx context.Context, p models.Person, keys []string, now int64) ([]bot.Guarded, error) {
	name := either(p.Name, p.Key)
	ack := func(a *models.Alarm) {
		if a.AckedBy == "" {
			a.AckedBy, a.AckedAt = name, now
		}
	}
	return o.insist(ctx, keys, ack, func(list []bot.Guarded) ([]*models.Outgoing, error) { return o.acked(ctx, p, name, list, now) })
}

func (o office) Mute(ctx context.Context, _ models.Person, keys []string, until int64) ([]bot.Guarded, error) {
	silent := func([]bot.Guarded) ([]*models.Outgoing, error) { return nil, nil }
	return o.insist(ctx, keys, func(a *models.Alarm) { a.MutedTill = until }, silent)
}

// acked makes the messages that tell the others who takes care of alerts: those
// who were told of them and whose window is open. Nobody is sent a template for it.
func (o office) acked(ctx context.Context, by models.Person, name string, list []bot.Guarded, now int64) ([]*models.Outgoing, error) {
	number, ok := o.botNumber()
	if !ok {
		return nil, nil
	}
	told, err := agenda{o.Store}.Bulletins(ctx, now-dayMS)
	if err != nil {
		return nil, err
	}
	label, err := o.labelled(ctx)
	if err != nil {
		return nil, err
	}
	people, err := o.everybody(ctx)
	if err != nil {
		return nil, err
	}
	var messages []*models.Outgoing
	for _, p := range people {
		if p.Key == by.Key || !p.May(now) {
			continue
		}
		if open, err := o.open(ctx, number.Channel(), p, now); err != nil {
			return nil, err
		} else if !open {
			continue
		}
		var rules card.List
		for _, g := range list {
			if toldOf(told, p.Key, &g) {
				rules = append(rules, card.Said(bot.RuleText(g.Rule, label)))
			}
		}
		if len(rules) == 0 {
			continue
		}
		text := card.T("alert.acked_by", "name", card.Name(name), "rule", rules)
		key := fmt.Sprintf("alert/acked/%d/%d", list[0].Rule.ID, now)
		made, err := o.compose(ctx, p, key, models.Once, card.Card{Blocks: []card.Block{card.Line{Text: text}}})
		if err != nil {
			return nil, err
		}
		messages = append(messages, made...)
	}
	return messages, nil
}

// toldOf reports whether a person was told that a rule fires, in this episode.
func toldOf(told []flow.Bulletin, person string, g *bot.Guarded) bool {
	return slices.ContainsFunc(told, func(b flow.Bulletin) bool {
		ids, all, ok := bot.AlertRules(b.Key)
		return ok && b.Person == person && b.At >= g.Alarm.FiredAt && (all || slices.Contains(ids, g.Rule.ID))
	})
}

// insist tries again when a judgement came in between.
func (o office) insist(ctx context.Context, keys []string, change func(*models.Alarm), tell func([]bot.Guarded) ([]*models.Outgoing, error)) ([]bot.Guarded, error) {
	for try := 0; ; try++ {
		changed, err := o.moveRules(ctx, keys, change, tell)
		if !errors.Is(err, models.ErrMoved) || try == 5 {
			return changed, err
		}
	}
}

func (o office) People(ctx context.Context) ([]models.Person, error) { return o.everybody(ctx) }

// inviteTime is how long a code may be used.
const inviteTime = 10 * time.Minute

// Invite makes a one-time code of 80 random bits, of which only a hash is kept.
func (o office) Invite(ctx context.Context, p models.Person, by models.Person, now int64) (string, error) {
	var b [10]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	code := base32.StdEncoding.EncodeToString(b[:])
	if err := o.Store.Invite(ctx, p, by.Key, codeHash(p.Key, code), now, now+inviteTime.Milliseconds()); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s-%s-%s-%s", code[:4], code[4:8], code[8:12], code[12:]), nil
}

// codeHash is what is kept of a code, however it was typed.
func codeHash(key, code string) string {
	sum := sha256.Sum256([]byte(key + "\n" + plainCode(code)))
	return hex.EncodeToString(sum[:])
}

// plainCode is a code without what people put between its letters, and with the
// letters that they take for digits read as such.
func plainCode(text string) string {
	return strings.NewReplacer(" ", "", "-", "", "–", "", "\n", "", "0", "O", "1", "I", "8", "B").Replace(strings.ToUpper(strings.TrimSpace(text)))
}

// isCode reports whether a text may be a code.
func isCode(text string) bool {
	_, err := base32.StdEncoding.DecodeString(plainCode(text))
	return err == nil && len(plainCode(text)) == 16
}

func (o office) Revoke(ctx context.Context, key string) error {
	return o.Store.Revoke(ctx, key, o.Clock.Now().UnixMilli())
}

func (o office) SetLanguage(ctx context.Context, person, language string) error {
	return o.Store.SetPerson(ctx, person, map[string]any{"language": language})
}

func (o office) SetZone(ctx context.Context, person, zone string) error {
	return o.Store.SetPerson(ctx, person, map[string]any{"zone": zone})
}
