package app

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"pulso/analytics/ledger"
	"pulso/bot/inbox"
	"pulso/models"
)

// alias is an identifier that WhatsApp showed together with one of a person's:
// who is configured by phone is known by their user id too, once both were seen.
type alias struct {
	Kind  models.AliasKind `json:"kind"`
	Value string           `json:"value"`
	// Bot says that it was shown to the number that people write to. User ids differ
	// between portfolios, so that only such a one can be held against another.
	Bot bool `json:"bot"`
}

// settingAliases keeps the aliases of people, by their keys.
const settingAliases = "people/aliases"

// colleague is somebody who belongs, or belonged, to the business, with every
// identifier that is known to be theirs.
type colleague struct {
	models.Person
	aliases []alias
}

// colleagues returns everybody who belongs, or ever belonged, to the business.
func (a *App) colleagues(ctx context.Context) ([]colleague, error) {
	people, err := a.staff(ctx)
	if err != nil {
		return nil, err
	}
	aliases := map[string][]alias{}
	if _, err := a.Store.Setting(ctx, settingAliases, &aliases); err != nil {
		return nil, err
	}
	list := make([]colleague, len(people))
	for i, p := range people {
		list[i] = colleague{p, aliases[p.Key]}
	}
	return list, nil
}

// whose returns the one among people whom identifiers shown together name: by
// what the settings say of them, else by an alias.
func whose(people []colleague, party []models.Alias) (*colleague, bool) {
	for i := range people {
		if people[i].Bears(party) {
			return &people[i], true
		}
	}
	for i := range people {
		if people[i].known(party) {
			return &people[i], true
		}
	}
	return nil, false
}

// known reports whether an alias of the person is among the identifiers.
func (c *colleague) known(party []models.Alias) bool {
	return slices.ContainsFunc(c.aliases, func(x alias) bool {
		return slices.Contains(party, models.Alias{Kind: x.Kind, Value: x.Value})
	})
}

// account is the user id that the person's rights are bound to: the one that is
// configured or wrote the code of an invitation, else the first that was shown;
// "" while none was.
func (c *colleague) account() string {
	if c.UserID != "" {
		return c.UserID
	}
	for _, x := range c.aliases {
		if x.Kind == models.ByUser && x.Bot {
			return x.Value
		}
	}
	return ""
}

// lacks reports whether no identifier of a kind is known to be the person's.
func (c *colleague) lacks(kind models.AliasKind) bool {
	if kind == models.ByUser && c.UserID != "" || kind == models.ByPhone && c.Phone != "" {
		return false
	}
	return !slices.ContainsFunc(c.aliases, func(x alias) bool { return x.Kind == kind })
}

// whole reports whether there is nothing more to learn about the person.
func (c *colleague) whole() bool { return c.account() != "" && !c.lacks(models.ByPhone) }

// learn takes an identifier that was shown together with one of the person's for
// theirs, and reports whether that is news. A second one of a kind is not taken:
// it may be that of whoever has the number now.
func (c *colleague) learn(shown models.Alias, bot bool) bool {
	i := slices.IndexFunc(c.aliases, func(x alias) bool { return x.Kind == shown.Kind && x.Value == shown.Value })
	bind := bot && shown.Kind == models.ByUser && c.account() == ""
	switch {
	case shown.Kind != models.ByUser && shown.Kind != models.ByPhone:
		return false
	case i >= 0 && bind:
		c.aliases[i].Bot = true
		return true
	case i < 0 && (bind || c.lacks(shown.Kind)):
		c.aliases = append(c.aliases, alias{shown.Kind, shown.Value, bot})
		return true
	}
	return false
}

// own are the identifiers by which the person can be looked for.
func (c *colleague) own() []models.Alias {
	var list []models.Alias
	if digits, ok := models.PhoneDigits(c.Phone); ok {
		list = append(list, models.Alias{Kind: models.ByPhone, Value: digits})
	}
	if c.UserID != "" {
		list = append(list, models.Alias{Kind: models.ByUser, Value: c.UserID})
	}
	for _, x := range c.aliases {
		list = append(list, models.Alias{Kind: x.Kind, Value: x.Value})
	}
	return list
}

// acquaint learns further identifiers of people from deliveries that are about
// to be read, and from what other numbers showed before. Whoever calls it holds
// the fold.
func (a *App) acquaint(ctx context.Context, list []models.Delivery) error {
	number, ok := a.Config.Bot()
	if !ok {
		return nil
	}
	list = mentioning(list, []byte(number.PhoneNumberID))
	if len(list) == 0 {
		return nil
	}
	people, err := a.colleagues(ctx)
	if err != nil || !slices.ContainsFunc(people, func(c colleague) bool { return !c.whole() }) {
		return err
	}
	news := met(people, list, number.Channel())
	linked, err := a.linked(ctx, people)
	if err != nil || !news && !linked {
		return err
	}
	aliases := map[string][]alias{}
	for _, c := range people {
		if len(c.aliases) > 0 {
			aliases[c.Key] = c.aliases
		}
	}
	return a.Store.Put(ctx, settingAliases, aliases)
}

// mentioning returns the deliveries in whose body one of the words stands.
func mentioning(list []models.Delivery, words ...[]byte) []models.Delivery {
	var found []models.Delivery
	for _, d := range list {
		if slices.ContainsFunc(words, func(w []byte) bool { return bytes.Contains(d.Body, w) }) {
			found = append(found, d)
		}
	}
	return found
}

// met learns from what was shown to the bot's number, and reports whether it
// learned anything. A change of number teaches nothing: it passes no rights on.
func met(people []colleague, list []models.Delivery, channel string) bool {
	var words [][]byte
	for i := range people {
		if people[i].whole() {
			continue
		}
		for _, x := range people[i].own() {
			words = append(words, []byte(x.Value))
		}
	}
	news := false
	for _, d := range mentioning(list, words...) {
		decoded, err := inbox.Decode(d.Source, d.Body, d.ReceivedAt)
		if err != nil {
			continue
		}
		for _, e := range decoded.Events {
			if e.Channel == channel && e.Kind != models.ContactRenumbered {
				news = meet(people, append(slices.Clone(e.Party), e.Author...), e.At) || news
			}
		}
	}
	return news
}

func meet(people []colleague, shown []models.Alias, at int64) bool {
	c, ok := whose(people, shown)
	if !ok || !c.Belongs(at) {
		return false
	}
	news := false
	for _, x := range shown {
		if _, taken := whose(people, []models.Alias{x}); !taken || c.known([]models.Alias{x}) {
			news = c.learn(x, true) || news
		}
	}
	return news
}

// linked learns from the record what other numbers showed, where people are
// customers like everybody. Links that a change of number forced, and those that
// contradict others, are nobody's alias.
func (a *App) linked(ctx context.Context, people []colleague) (bool, error) {
	var want []models.Alias
	for i := range people {
		if people[i].lacks(models.ByUser) || people[i].lacks(models.ByPhone) {
			want = append(want, people[i].own()...)
		}
	}
	if len(want) == 0 {
		return false, nil
	}
	have, err := a.Store.Page(ctx).Find(ledger.Want{TiesOf: want})
	if err != nil {
		return false, fmt.Errorf("look for aliases of people: %w", err)
	}
	news := false
	for _, l := range have.Links {
		if l.ForcedAt != 0 || l.Conflict {
			continue
		}
		for _, ends := range [][2]models.Alias{{l.A, l.B}, {l.B, l.A}} {
			c, ok := whose(people, ends[:1])
			if _, taken := whose(people, ends[1:]); ok && !taken {
				news = c.learn(ends[1], false) || news
			}
		}
	}
	return news, nil
}
