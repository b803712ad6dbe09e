package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestWarningsOfNothing(t *testing.T) {
	c := Defaults()
	matches(t, []string{
		"business.timezone is UTC: …",
		"business.hours has no opening hours: …",
		"server.public_url is not set: …",
		"database.dsn is the embedded database pulso.db …",
		"whatsapp has no number: the webhook route refuses everything, …",
		"people is empty: nobody may ask, …",
	}, c.Warnings())
}

const complete = `
business: {timezone: America/Bogota, hours: {mon: ["09:00-18:00"]}}
server: {public_url: https://pulso.example.com}
database: {dsn: mysql:root@tcp(db:3306)/pulso}
whatsapp: [{phone_number_id: 2060, waba_id: 1, access_token: a, app_secrets: [b], verify_token: c, bot: true}]
people: [{phone: "+573001112233", role: owner}]
`

func TestWarningsOfACompleteFile(t *testing.T) {
	assert.Empty(t, load(t, complete).Warnings())
	assert.Empty(t, load(t, complete, "PULSO_WHATSAPP_0_GRAPH_URL=http://127.0.0.1:9000").Warnings())
	assert.Empty(t, load(t, complete, "PULSO_WHATSAPP_0_GRAPH_URL=http://localhost:9000", "PULSO_RATES_PRICES_MARKETING_LITE=1").Warnings())
}

func TestWarningsOfInboxesThatAreNotReadYet(t *testing.T) {
	for key, section := range map[string]string{
		"RESPONDIO_SIGNING_KEYS=abcdefghijklmnop": "respondio", "RESPONDIO_CHANNELS_4=whatsapp:2060": "respondio",
		"CHATWOOT_SECRETS=abcdefghijklmnop": "chatwoot", "CHATWOOT_PATH_TOKEN=abcdefghijklmnop": "chatwoot", "CHATWOOT_CHANNELS_7=whatsapp:2060": "chatwoot",
	} {
		matches(t, []string{section + " is set and does nothing yet: this version has no route for its webhooks; post canonical events to /v1/events instead"},
			load(t, complete, "PULSO_"+key).Warnings())
	}
}

func TestWarningsNameWhatIsMissing(t *testing.T) {
	matches(t, []string{
		"whatsapp[1].access_token is not set: the health …",
		"whatsapp[1].graph_url is not https: …",
		"respondio is set and does nothing yet: this version has no route for its webhooks; …",
		"respondio.channels.4 is whatsapp:9, and whatsapp has no such number",
		"people[0].scope.channels[1] is whatsapp:8, and whatsapp has no such number",
		`people[0].scope.teams[1] is "sopote", and no agent of the file is in that team`,
		`alerts[0].scope.teams[0] is "x", and no agent of the file is in that team`,
		"rates.prices.marketng is not a pricing category known to Meta; did you mean marketing?",
	}, load(t, complete, "PULSO_WHATSAPP_1_PHONE_NUMBER_ID=2061", "PULSO_WHATSAPP_1_GRAPH_URL=http://graph:9000",
		"PULSO_RESPONDIO_CHANNELS_4=whatsapp:9", "PULSO_RESPONDIO_CHANNELS_5=instagram:tienda", "PULSO_RATES_PRICES_MARKETNG=1",
		"PULSO_AGENTS_0_NAME=Ana", "PULSO_AGENTS_0_TEAM=Ventas", "PULSO_PEOPLE_0_SCOPE_TEAMS=ventas,sopote", "PULSO_PEOPLE_0_SCOPE_CHANNELS=whatsapp:2061,whatsapp:8",
		"PULSO_ALERTS_0_WHEN=waiting > 3", "PULSO_ALERTS_0_SCOPE_TEAMS=x").Warnings())
	matches(t, []string{
		"whatsapp has no number with app_secrets: the webhook route refuses everything",
		"whatsapp has no number with a verify_token: …",
		"whatsapp[0].access_token is not set: the bot hears but …",
		"whatsapp[0].waba_id is not set: …",
		"people has no owner or admin: …",
	}, load(t, `
business: {timezone: America/Bogota, hours: {mon: ["09:00-18:00"]}}
server: {public_url: https://pulso.example.com}
database: {dsn: sqlite:other.db}
whatsapp: [{phone_number_id: 2060, bot: true}]
people: [{phone: "+573001112233", role: viewer}]
`).Warnings())
	matches(t, []string{"whatsapp has no number with bot: true: …"}, load(t, complete, "PULSO_WHATSAPP_0_BOT=false").Warnings())
}
