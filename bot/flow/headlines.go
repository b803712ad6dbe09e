package flow

import (
	"context"
	"errors"
	"slices"

	"pulso/bot/card"
	"pulso/models"
)

// Headline is news that owners and admins are told once, such as that a
// template was paused. Its key is the same however often it is found.
type Headline struct {
	Key  string
	Text card.Text
}

// headlines tells owners and admins what is new of the account. A headline is
// claimed together with the messages that tell it.
func (p *Pulse) headlines(ctx context.Context, now int64) error {
	list, err := p.News(ctx, now)
	if err != nil || len(list) == 0 {
		return err
	}
	keys := make([]string, len(list))
	for i, h := range list {
		keys[i] = h.Key
	}
	told, err := p.Agenda.Claimed(ctx, headlineClaim, keys)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(h Headline) bool { return told[h.Key] })
	if len(list) == 0 {
		return nil
	}
	people, err := p.People(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, h := range list {
		errs = append(errs, p.headline(ctx, h, people, now))
	}
	return errors.Join(errs...)
}

const headlineClaim = "headline"

func (p *Pulse) headline(ctx context.Context, h Headline, people []models.Person, now int64) error {
	var messages []*models.Outgoing
	for _, to := range people {
		if !to.May(now) || to.Role != models.Owner && to.Role != models.Admin {
			continue
		}
		made, err := p.Press.Headline(ctx, to, h, "alert/health/"+h.Key)
		if err != nil {
			return err
		}
		messages = append(messages, made...)
	}
	stamp(messages, models.Must, now)
	ours, err := p.Agenda.ClaimSlot(ctx, headlineClaim, h.Key, now, messages)
	if ours && err == nil && len(messages) > 0 {
		p.Wrote()
	}
	return err
}
