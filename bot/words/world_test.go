package words

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/analytics"
)

// The business of these tests: three teams, two numbers and an Instagram inbox
// in Bogotá, on Wednesday 2026-05-20 at 15:20.
var (
	testZone = analytics.MustZone("America/Bogota")
	testNow  = time.Date(2026, 5, 20, 15, 20, 0, 0, testZone.Location()).UnixMilli()
)

func testNames() Names {
	agent := func(id, name, team string) analytics.Agent {
		return analytics.Agent{Key: "#" + id, ID: id, Name: name, Team: team, IDs: []string{id}}
	}
	return Names{
		Agents: []analytics.Agent{
			agent("u-1", "Ana", "ventas"), agent("u-2", "Camila", "ventas"), agent("u-3", "Juan Pablo", "ventas"),
			agent("u-4", "Juan Diego", "soporte"), agent("u-5", "Beatriz", "soporte"), agent("u-6", "Mateus", "soporte"),
			agent("u-7", "Luz Marina", "cobranza"),
		},
		Teams:      []string{"cobranza", "soporte", "ventas"},
		Channels:   []Channel{{"whatsapp:2001", "Sede Chapinero"}, {"whatsapp:2002", "Sede Laureles"}, {"instagram:cafesol", ""}},
		Platforms:  []string{"instagram", "whatsapp"},
		Categories: []string{"garantía", "envíos", "facturas", "cambios"},
		Templates:  []string{"aviso_pago", "promo_abril", "encuesta"},
		Errors:     []string{"131026", "131047"},
		People: []Person{
			{"+573200000001", "Diana", "owner"}, {"+573200000003", "Peter", "manager"},
			{"+573200000004", "Renata", "manager"}, {"+573200000005", "Hugo", "viewer"},
		},
	}
}

var testContacts = []Contact{
	{"k-1", "Rosa Elena Gil", "+573150000001"}, {"k-2", "Pedro Nava", "+573150000002"},
	{"k-3", "Luz", "+573150000003"}, {"k-4", "Pedro Osorio", "+573150000004"},
}

// findContact looks a test contact up as the record would: by phone, by name, by
// a word of the name.
func findContact(text string) []Contact {
	sought := analytics.FoldName(text)
	var exact, part []Contact
	for _, c := range testContacts {
		name := analytics.FoldName(c.Name)
		switch {
		case name == sought || c.Phone == text || c.ID == text:
			exact = append(exact, c)
		case strings.HasPrefix(name, sought+" ") || strings.HasSuffix(name, " "+sought):
			part = append(part, c)
		}
	}
	if exact != nil {
		return exact
	}
	return part
}

func testReader(t testing.TB) (*Reader, *Book) {
	t.Helper()
	r, err := New()
	require.NoError(t, err)
	return r, r.Book(testNames())
}

func input(b *Book, language, text string) Input {
	return Input{Text: text, Language: language, Now: testNow, Zone: testZone, Book: b, Contacts: findContact}
}
