package bot

import (
	"context"
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/bot/card"
	"pulso/bot/words"
	"pulso/models"
)

func (t *talk) settings(ctx context.Context, r *Reply) error {
	s := t.read.Setting
	p := t.q.Person
	switch {
	case s.Value == "" && s.Setting == "language":
		r.Card = say(card.T("settings.language_unknown"))
	case s.Value == "" && s.Setting == "timezone":
		r.Card = say(card.T("settings.timezone_unknown"))
	case s.Setting == "language":
		r.Card = t.dry(say(card.T("settings.language_set", "language", card.Word("settings.language_name."+s.Value))))
		r.Language = s.Value
		if t.q.Apply {
			return t.Office.SetLanguage(ctx, p.Key, s.Value)
		}
	case s.Setting == "timezone":
		zone, err := t.Zones(s.Value)
		if err != nil {
			r.Card = say(card.T("settings.timezone_unknown"))
			return nil
		}
		r.Card = t.dry(say(card.T("settings.timezone_set", "zone", card.Name(zone.Name()), "time", card.Name(zone.Time(t.q.Now).Format("15:04"))),
			card.T("settings.timezone_note", "zone", card.Name(t.zone.Name()))))
		if t.q.Apply {
			return t.Office.SetZone(ctx, p.Key, s.Value)
		}
	}
	return nil
}

func (t *talk) people(ctx context.Context, r *Reply) error {
	d := t.read.People
	people, err := t.Office.People(ctx)
	if err != nil {
		return err
	}
	switch d.Action {
	case "invite":
		return t.invite(ctx, r, d, people)
	case "revoke":
		return t.revoke(ctx, r, d, people)
	}
	table := card.Table{}
	for _, p := range people {
		row := card.Row{Cells: []card.Value{card.Name(p.Name), card.Word("people.role." + string(p.Role))}}
		switch {
		case p.Suspended != "":
			row.Detail = card.T("people.suspended")
		case p.FromFile:
			row.Detail = card.T("people.fixed")
		}
		table.Rows = append(table.Rows, row)
	}
	r.Card = card.Card{Blocks: []card.Block{card.Title{Text: card.T("people.title", "n", card.Count(len(people)))}, table}}
	return nil
}

func (t *talk) invite(ctx context.Context, r *Reply, d *words.PeopleDetail, people []models.Person) error {
	switch {
	case d.Phone == "":
		r.Card = say(card.T("people.need_phone"))
		return nil
	case d.Role == "":
		r.Card = say(card.T("people.need_role"))
		return nil
	}
	for _, p := range people {
		if p.Phone == d.Phone && p.Suspended == "" {
			r.Card = say(card.T("people.known", "name", card.Name(p.Name), "role", card.Word("people.role."+string(p.Role))))
			return nil
		}
	}
	x := models.Person{Key: d.Phone, Phone: d.Phone, Name: d.Name, Role: models.Role(d.Role), Language: r.Language, Scope: models.Scope{Teams: d.Teams, Channels: d.Channels}}
	r.Change = &Change{Person: &x}
	if !t.q.Apply || grave(d.Role) && !t.sure() {
		r.Card = t.confirm(r, t.invitation("people.would_invite", d))
		return nil
	}
	code, err := t.Office.Invite(ctx, x, t.q.Person, t.q.Now)
	if err != nil {
		return err
	}
	r.Card = say(t.invitation("people.invited", d), card.T("people.code", "code", card.Name(code), "duration", card.Duration(10*60_000)), card.T("people.code_once"))
	return nil
}

// invitation says who is invited as what, and for which teams and channels where
// that is not everything.
func (t *talk) invitation(key string, d *words.PeopleDetail) card.Text {
	var names card.List
	for _, team := range d.Teams {
		names = append(names, t.nameOf(analytics.ByTeam, team))
	}
	for _, channel := range d.Channels {
		names = append(names, t.nameOf(analytics.ByChannel, channel))
	}
	phone, role := card.Phone(d.Phone), card.Word("people.role."+d.Role)
	if len(names) == 0 {
		return card.T(key, "phone", phone, "role", role)
	}
	return card.T(key+"_for", "phone", phone, "role", role, "names", names)
}

func (t *talk) revoke(ctx context.Context, r *Reply, d *words.PeopleDetail, people []models.Person) error {
	if d.Phone == "" && d.Name == "" {
		r.Card = say(card.T("people.need_who"))
		return nil
	}
	i := slices.IndexFunc(people, func(p models.Person) bool {
		return d.Phone != "" && p.Phone == d.Phone || d.Phone == "" && strings.EqualFold(p.Name, d.Name)
	})
	switch {
	case i < 0:
		r.Card = say(card.T("people.not_found"))
		return nil
	case people[i].Key == t.q.Person.Key:
		r.Card = say(card.T("people.self"))
		return nil
	case people[i].FromFile && t.q.Apply:
		r.Card = say(card.T("people.fixed_row"))
		return nil
	case !t.sure():
		r.Card = t.confirm(r, card.T("people.would_revoke", "name", card.Name(people[i].Name)))
		return nil
	}
	if err := t.Office.Revoke(ctx, people[i].Key); err != nil {
		return err
	}
	r.Card = say(card.T("people.revoked", "name", card.Name(people[i].Name)))
	return nil
}
