package bot

import (
	"slices"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/words"
	"pulso/models"
)

// act is something a person may or may not do: an intent, and for those that
// change something the action.
type act struct {
	intent words.Intent
	action string // "" for every action that has no line of its own
}

// permissions says which roles may do what (ask.md §4.6). Every act stands
// here: a test fails for any that is missing.
func permissions() map[act][]models.Role {
	everyone := []models.Role{models.Owner, models.Admin, models.Manager, models.Viewer}
	leaders := []models.Role{models.Owner, models.Admin, models.Manager}
	admins := []models.Role{models.Owner, models.Admin}
	return map[act][]models.Role{
		{words.ToReport, ""}:       everyone,
		{words.ToList, ""}:         everyone, // viewers without customers' names and numbers
		{words.ToDrill, ""}:        everyone,
		{words.ToHelp, ""}:         everyone,
		{words.ToHow, ""}:          everyone,
		{words.ToGreet, ""}:        everyone,
		{words.Unknown, ""}:        everyone,
		{words.ToExport, ""}:       leaders,
		{words.ToDigest, "add"}:    everyone, // their own
		{words.ToDigest, "list"}:   everyone,
		{words.ToDigest, "stop"}:   everyone,
		{words.ToDigest, "send"}:   everyone,
		{words.ToAlert, "add"}:     leaders,
		{words.ToAlert, "list"}:    leaders,
		{words.ToAlert, "remove"}:  leaders,
		{words.ToAlert, "test"}:    leaders,
		{words.ToAlert, "ack"}:     leaders,
		{words.ToAlert, "snooze"}:  leaders,
		{words.ToAlert, "who"}:     leaders,
		{words.ToAlert, "why"}:     leaders,
		{words.ToPeople, "invite"}: admins,
		{words.ToPeople, "revoke"}: admins,
		{words.ToPeople, "list"}:   admins,
		{words.ToSettings, ""}:     everyone,
	}
}

// Denied says what was wanted and who may have it.
type Denied struct {
	Wanted string `json:"wanted"`
	Needs  string `json:"needs"` // a role, or "scope"
	// What lies outside the scope, for the words of the answer.
	Dim   analytics.Dim `json:"-"`
	Value string        `json:"-"`
}

// actOf names what a reading wants.
func actOf(r *words.Reading) act {
	switch {
	case r.Digest != nil && r.Intent == words.ToDigest:
		return act{r.Intent, r.Digest.Action}
	case r.Alert != nil && r.Intent == words.ToAlert:
		return act{r.Intent, r.Alert.Action}
	case r.People != nil && r.Intent == words.ToPeople:
		return act{r.Intent, r.People.Action}
	}
	return act{r.Intent, ""}
}

// authorize decides whether a person may have what a reading wants; nil means yes.
func authorize(p *models.Person, r *words.Reading, roster *analytics.Roster) *Denied {
	a := actOf(r)
	roles, listed := permissions()[a]
	if !listed || !slices.Contains(roles, p.Role) {
		return &Denied{Wanted: string(a.intent), Needs: string(least(roles))}
	}
	return outside(p, r, roster)
}

// least is the lowest of the roles that may.
func least(roles []models.Role) models.Role {
	if len(roles) == 0 {
		return models.Owner
	}
	return roles[len(roles)-1]
}

// outside finds a name in the reading that the person's scope does not hold.
func outside(p *models.Person, r *words.Reading, roster *analytics.Roster) *Denied {
	if p.Scope.All() {
		return nil
	}
	var filters []report.Filter
	filters = append(filters, r.Ask.Where...)
	if r.List != nil {
		filters = append(filters, r.List.Where...)
		if r.List.Agent != "" {
			filters = append(filters, report.Filter{Dim: analytics.ByAgent, Values: []string{r.List.Agent}})
		}
	}
	if r.Alert != nil {
		filters = append(filters, r.Alert.Where...)
	}
	for _, f := range filters {
		for _, v := range f.Values {
			if !within(p.Scope, f.Dim, v, roster) {
				return &Denied{Wanted: string(r.Intent), Needs: "scope", Dim: f.Dim, Value: v}
			}
		}
	}
	return nil
}

// within reports whether a value lies in a scope.
func within(s models.Scope, d analytics.Dim, v string, roster *analytics.Roster) bool {
	switch d {
	case analytics.ByTeam:
		return len(s.Teams) == 0 || slices.Contains(s.Teams, v)
	case analytics.ByAgent:
		return len(s.Teams) == 0 || slices.Contains(s.Teams, roster.Agent(v).Team)
	case analytics.ByChannel:
		return len(s.Channels) == 0 || slices.Contains(s.Channels, v)
	case analytics.ByPlatform:
		return len(s.Channels) == 0 || slices.ContainsFunc(s.Channels, func(c string) bool { return analytics.Platform(c) == v })
	}
	return true
}

// confine narrows an ask to the person's scope: a filter that is not there is
// added, one that is there lies within it already. What the scope does not fit
// is refused, because it would show more than the person may see.
func confine(p *models.Person, ask *report.Ask) {
	add := func(d analytics.Dim, values []string) {
		if len(values) == 0 {
			return
		}
		for _, f := range ask.Where {
			if f.Dim == d || d == analytics.ByTeam && f.Dim == analytics.ByAgent {
				return
			}
		}
		ask.Where = append(ask.Where, report.Filter{Dim: d, Values: slices.Clone(values)})
	}
	add(analytics.ByTeam, p.Scope.Teams)
	add(analytics.ByChannel, p.Scope.Channels)
}
