package bot

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/words"
	"pulso/models"
)

// wants are readings of everything that can be asked for, by what they want.
func wants() map[act]words.Reading {
	list := map[act]words.Reading{}
	for _, intent := range []words.Intent{words.ToReport, words.ToList, words.ToDrill, words.ToHelp, words.ToHow, words.ToSettings, words.ToExport, words.ToGreet, words.Unknown} {
		list[act{intent, ""}] = words.Reading{Intent: intent}
	}
	for _, a := range []string{"add", "list", "stop", "send"} {
		list[act{words.ToDigest, a}] = words.Reading{Intent: words.ToDigest, Digest: &words.DigestDetail{Action: a}}
	}
	for _, a := range []string{"add", "list", "remove", "test", "ack", "snooze", "who", "why"} {
		list[act{words.ToAlert, a}] = words.Reading{Intent: words.ToAlert, Alert: &words.AlertDetail{Action: a}}
	}
	for _, a := range []string{"invite", "revoke", "list"} {
		list[act{words.ToPeople, a}] = words.Reading{Intent: words.ToPeople, People: &words.PeopleDetail{Action: a}}
	}
	return list
}

func TestEveryWishStandsInTheTable(t *testing.T) {
	table := permissions()
	for a, reading := range wants() {
		require.Contains(t, table, a, "%s %s has no line in permissions", a.intent, a.action)
		assert.Equal(t, a, actOf(&reading))
	}
	assert.Len(t, table, len(wants()), "a line for something that cannot be asked for")
}

// TestRoles holds who may do what to the word of ask.md §4.6, for every wish.
func TestRoles(t *testing.T) {
	onlyLeaders := func(a act) bool { return a.intent == words.ToAlert || a.intent == words.ToExport }
	onlyAdmins := func(a act) bool { return a.intent == words.ToPeople }
	roster := analytics.NewRoster(nil, nil)
	for a, reading := range wants() {
		for _, role := range []models.Role{models.Owner, models.Admin, models.Manager, models.Viewer, "", "guest"} {
			may := slices.Contains([]models.Role{models.Owner, models.Admin, models.Manager, models.Viewer}, role)
			if onlyLeaders(a) && role == models.Viewer || onlyAdmins(a) && role != models.Owner && role != models.Admin {
				may = false
			}
			d := authorize(&models.Person{Role: role}, &reading, roster)
			assert.Equal(t, may, d == nil, "%s %s by %q", a.intent, a.action, role)
		}
	}
}

func TestScopeIsAWall(t *testing.T) {
	roster := analytics.NewRoster([]analytics.Agent{{Name: "Ana", Team: "ventas", IDs: []string{"a-1"}}, {Name: "Luis", Team: "soporte", IDs: []string{"a-2"}}}, nil)
	rita := &models.Person{Role: models.Manager, Scope: models.Scope{Teams: []string{"ventas"}, Channels: []string{"whatsapp:1060"}}}
	filter := func(d analytics.Dim, v string) []report.Filter { return []report.Filter{{Dim: d, Values: []string{v}}} }
	for name, x := range map[string]struct {
		reading words.Reading
		inside  bool
	}{
		"her agent":        {words.Reading{Intent: words.ToReport, Ask: report.Ask{Where: filter(analytics.ByAgent, roster.Find("Ana"))}}, true},
		"another agent":    {words.Reading{Intent: words.ToReport, Ask: report.Ask{Where: filter(analytics.ByAgent, roster.Find("Luis"))}}, false},
		"another team":     {words.Reading{Intent: words.ToExport, Ask: report.Ask{Where: filter(analytics.ByTeam, "soporte")}}, false},
		"another channel":  {words.Reading{Intent: words.ToReport, Ask: report.Ask{Where: filter(analytics.ByChannel, "whatsapp:1061")}}, false},
		"another platform": {words.Reading{Intent: words.ToReport, Ask: report.Ask{Where: filter(analytics.ByPlatform, "instagram")}}, false},
		"a list":           {words.Reading{Intent: words.ToList, List: &words.ListDetail{List: "open", Agent: roster.Find("Luis")}}, false},
		"an alert":         {words.Reading{Intent: words.ToAlert, Alert: &words.AlertDetail{Action: "add", Where: filter(analytics.ByTeam, "soporte")}}, false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, x.inside, authorize(rita, &x.reading, roster) == nil) })
	}

	ask := report.Ask{Metrics: []string{"messages_received"}}
	confine(rita, &ask)
	assert.Equal(t, append(filter(analytics.ByTeam, "ventas"), filter(analytics.ByChannel, "whatsapp:1060")...), ask.Where, "what she did not limit is limited for her")
}
