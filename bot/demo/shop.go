package demo

import (
	"fmt"
	"time"

	"pulso/bot/demo/graph"
)

// Business is the name of the shop.
const Business = "Casa Frailejón"

// Account is the id of the shop's WhatsApp business account.
const Account = "215589313241001"

// Bot is the phone number id of the number that managers write to. Customers
// write to the shop's other two.
const Bot = "106540352242009"

// Names under which sources are known to those who read deliveries.
const (
	CloudAPI = "cloudapi"
	Events   = "events"
)

// Shop is the shop and, once its past has been told, how things stand in it. It
// is not safe for concurrent use.
type Shop struct {
	seed    uint64
	zone    *time.Location
	manager Person
	lines   []*line
	staff   []*agent
	world   *world // nil until History
}

// New returns the shop with all chance in it fixed by seed. zone is the IANA
// name of the zone in which its days begin, as in America/Bogota; manager is who
// owns it, and to whom its agents appeal.
func New(seed uint64, zone string, manager Person) (*Shop, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil || zone == "" {
		return nil, fmt.Errorf("demo: %q is not a time zone", zone)
	}
	return &Shop{seed: seed, zone: loc, manager: manager, lines: lines(), staff: staff()}, nil
}

// Zone returns the shop's time zone.
func (s *Shop) Zone() *time.Location { return s.zone }

// line is a channel on which customers write.
type line struct {
	name     string
	phoneID  string // "" for what is not WhatsApp
	display  string
	channel  string // platform:id
	greeting string
	app      bool // also in a phone at the counter: the WhatsApp Business app
}

func (l *line) whatsApp() bool { return l.phoneID != "" }

// The lines by their place in Shop.lines.
const (
	sales = iota
	service
	instagram
)

func lines() []*line {
	return []*line{
		{name: "Ventas", phoneID: "106540352242001", display: "+57 601 555 0101", channel: "whatsapp:106540352242001",
			greeting: "¡Hola! 👋 Gracias por escribir a *Casa Frailejón*. ¿Qué estás buscando?"},
		{name: "Servicio", phoneID: "106540352242002", display: "+57 601 555 0102", channel: "whatsapp:106540352242002",
			greeting: "Hola, soy el asistente de *Servicio Casa Frailejón*. Cuéntame en qué te ayudamos y te paso con una persona.", app: true},
		{name: "Instagram", channel: "instagram:casafrailejon",
			greeting: "¡Hola! Gracias por escribirnos ✨ En un momento te atendemos."},
	}
}

// Numbers returns the shop's WhatsApp numbers for graph.Options, that of the
// bot included.
func (s *Shop) Numbers() []graph.Number {
	numbers := []graph.Number{{ID: Bot, WABA: Account, Display: "+57 601 555 0109", Name: "Pulso · " + Business}}
	for _, l := range s.lines {
		if l.whatsApp() {
			numbers = append(numbers, graph.Number{ID: l.phoneID, WABA: Account, Display: l.display, Name: Business + " " + l.name})
		}
	}
	return numbers
}

// local returns a moment on the shop's clock on the wall.
func (s *Shop) local(t time.Time) time.Time { return t.In(s.zone) }

// day returns the local date n days after that of t, at a minute of the day.
func (s *Shop) day(t time.Time, n, minute int) time.Time {
	l := s.local(t)
	return time.Date(l.Year(), l.Month(), l.Day()+n, minute/60, minute%60, 0, 0, s.zone)
}
