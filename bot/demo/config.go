package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Person is the manager on whose phone the visitor writes.
type Person struct {
	Name     string
	Phone    string // "+573001112233"
	Language string // es, en or pt
}

// Setup is what the shop's settings need to know of where they are used.
type Setup struct {
	GraphURL    string    // where the simulated WhatsApp is
	Token       string    // access token of every number
	AppSecret   string    // signs webhooks
	VerifyToken string    // of the webhook's address
	EventsToken string    // bearer of /v1/events
	Now         time.Time // decides which years' holidays are listed
}

// Config returns Pulso's settings for the shop, as YAML. The manager is an
// owner with a digest in the morning; where the database is and where the
// service listens is not said.
func (s *Shop) Config(set Setup) string {
	y := &yaml{}
	s.business(y, set.Now)
	y.line(0, "whatsapp:")
	for _, n := range s.Numbers() {
		y.line(2, "- phone_number_id: %s", q(n.ID))
		y.line(4, "waba_id: %s", q(n.WABA))
		y.line(4, "name: %s", q(n.Name))
		y.line(4, "access_token: %s", q(set.Token))
		y.line(4, "app_secrets: [%s]", q(set.AppSecret))
		y.line(4, "verify_token: %s", q(set.VerifyToken))
		y.line(4, "graph_url: %s", q(set.GraphURL))
		y.line(4, "bot: %t", n.ID == Bot)
	}
	y.line(0, "events:")
	y.line(2, "tokens: [%s]", q(set.EventsToken))
	y.line(0, "agents:")
	for _, a := range s.staff {
		y.line(2, "- {name: %s, team: %s, ids: [%s]}", q(a.name), q(a.team), q(a.id))
	}
	s.people(y)
	y.text(alerts)
	return y.String()
}

func (s *Shop) business(y *yaml, now time.Time) {
	y.line(0, "business:")
	y.line(2, "name: %s", q(Business))
	y.line(2, "timezone: %s", q(s.zone.String()))
	y.line(2, "language: es")
	y.line(2, "target_first_response: 10m")
	y.line(2, "retention: {raw: 0, text: 0}")
	y.line(2, "hours:")
	for i := range 7 {
		day := time.Weekday((i + 1) % 7)
		if from, to := opening(day); to > from {
			y.line(4, "%s: [%s]", strings.ToLower(day.String()[:3]), q(fmt.Sprintf("%02d:%02d-%02d:%02d", from/60, from%60, to/60, to%60)))
		}
	}
	y.line(2, "holidays:")
	for year := now.Year() - 1; year <= now.Year()+1; year++ {
		for _, day := range holidays(year) {
			y.line(4, "- %s", q(day))
		}
	}
}

func (s *Shop) people(y *yaml) {
	y.line(0, "people:")
	y.line(2, "- name: %s", q(s.manager.Name))
	y.line(4, "phone: %s", q(s.manager.Phone))
	y.line(4, "role: owner")
	y.line(4, "language: %s", q(s.manager.Language))
	y.line(4, "digests:")
	y.line(6, `- {id: demo-daily, at: "08:00", ask: stats yesterday}`)
	y.line(6, `- {id: demo-weekly, at: "08:30", days: [mon], ask: stats last week}`)
	y.line(2, `- {name: "Rocío Peña", phone: "+573005550142", role: manager, language: es, scope: {teams: [ventas]}}`)
	y.line(2, `- {name: "Bruno Lima", phone: "+573005550143", role: viewer, language: pt}`)
}

// alerts and prices of the shop.
const alerts = `alerts:
  - name: Muchos esperando
    when: waiting > 25
    for: 10m
  - name: Respuestas lentas
    when: first_response > 20m
    over: 2h
    for: 15m
    min_n: 8
  - name: Mensajes que no llegan
    when: failure_rate > 12%
    over: 6h
    min_n: 40
rates:
  currency: USD
  prices: {marketing: 0.0125, utility: 0.0008, authentication: 0.0008, service: 0.0008}
`

// yaml writes settings line by line.
type yaml struct{ strings.Builder }

func (y *yaml) line(indent int, format string, args ...any) {
	y.WriteString(strings.Repeat(" ", indent))
	fmt.Fprintf(y, format, args...)
	y.WriteByte('\n')
}

func (y *yaml) text(s string) { y.WriteString(s) }

// q quotes a string as YAML does, which reads JSON's quotes.
func q(s string) string { return strconv.Quote(s) }
