package app

import (
	"context"
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
)

// everybody returns the people of the file and of the database who belong to
// the business now; the file wins. What somebody set for themself by chat holds
// where the file is silent.
func (a *App) everybody(ctx context.Context) ([]models.Person, error) {
	list, err := a.staff(ctx)
	return slices.DeleteFunc(list, func(p models.Person) bool { return p.Until != 0 }), err
}

// staff returns everybody who belongs, or ever belonged, to the business.
func (a *App) staff(ctx context.Context) ([]models.Person, error) {
	stored, err := a.Store.Persons(ctx)
	if err != nil {
		return nil, err
	}
	var list []models.Person
	for _, p := range a.Config.People {
		x := models.Person{
			Key: p.Key(), Phone: string(p.Phone), UserID: p.UserID, Name: p.Name, Role: models.Role(p.Role), Language: p.Language, Zone: p.Timezone,
			Scope: models.Scope{Teams: p.Scope.Teams, Channels: p.Scope.Channels}, FromFile: true,
		}
		for _, s := range stored {
			if s.Key == x.Key {
				x.Language, x.Zone = either(x.Language, s.Language), either(x.Zone, s.Zone)
				x.Identity, x.Suspended, x.UserID = s.Identity, s.Suspended, either(x.UserID, s.UserID)
			}
		}
		list = append(list, a.settled(x))
	}
	for _, s := range stored {
		if s.Role != "" && !slices.ContainsFunc(list, func(p models.Person) bool { return p.Key == s.Key }) {
			list = append(list, a.settled(s))
		}
	}
	return list, nil
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// settled fills in what the business decides where the person did not.
func (a *App) settled(p models.Person) models.Person {
	p.Language = either(p.Language, a.Config.Business.Language)
	p.Zone = either(p.Zone, a.Config.Business.Timezone)
	return p
}

// person finds somebody by name or phone, as --as gives them.
func (a *App) person(ctx context.Context, who string) (models.Person, bool, error) {
	people, err := a.everybody(ctx)
	if err != nil {
		return models.Person{}, false, err
	}
	digits, isPhone := models.PhoneDigits(who)
	for _, p := range people {
		if analytics.FoldName(p.Name) == analytics.FoldName(who) || p.Key == who || isPhone && strings.TrimPrefix(p.Phone, "+") == digits {
			return p, true, nil
		}
	}
	return models.Person{}, false, nil
}

// bears returns the person whose identifiers a sender shows.
func bears(people []models.Person, party []models.Alias) (models.Person, bool) {
	for _, p := range people {
		if p.Bears(party) {
			return p, true
		}
	}
	return models.Person{}, false
}

// botNumber is the number that managers write to.
func (a *App) botNumber() (config.Number, bool) { return a.Config.Bot() }
