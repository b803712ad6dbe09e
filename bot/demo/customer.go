package demo

import (
	"fmt"
	"math/rand/v2"
	"time"
)

// customer is somebody who writes to the shop, or to whom it writes.
type customer struct {
	id       string // the inbox's own
	name     string
	phone    string // digits; "" when only known on Instagram
	user     string // business-scoped user id
	username string
	hidden   bool // has a username, and WhatsApp withholds the phone
	receipts bool // of reading
	instant  bool // on Instagram
	opted    bool // wants no promotions any more
	ad       bool // came by one: the first message says so

	busy  bool                // in a conversation
	wrote map[*line]time.Time // last message on each line
}

var firstNames = []string{
	"Luz", "María", "Carlos", "Sandra", "Jorge", "Diana", "Fernando", "Adriana", "Wilson", "Gloria", "Óscar", "Natalia",
	"Hernán", "Liliana", "Edwin", "Carolina", "Álvaro", "Marcela", "Jairo", "Yolanda", "Sebastián", "Tatiana", "Gustavo",
	"Patricia", "Nicolás", "Angélica", "Rubén", "Milena", "Iván", "Catalina", "Fabio", "Rocío", "Esteban", "Lorena",
	"Germán", "Juliana", "Ramiro", "Beatriz", "Leonardo", "Ximena",
}

var lastNames = []string{
	"Acosta", "Barrera", "Cárdenas", "Duarte", "Espinosa", "Forero", "Guzmán", "Hurtado", "Infante", "Jaramillo", "Lozano",
	"Montoya", "Niño", "Ospina", "Peña", "Quintero", "Restrepo", "Salazar", "Tovar", "Useche", "Villamil", "Zapata",
	"Arango", "Bedoya", "Cifuentes", "Daza", "Gaitán", "Henao", "Marín", "Pineda",
}

// newcomer makes the nth customer of the shop.
func newcomer(r *rand.Rand, n int, on *line) *customer {
	first, last := firstNames[r.IntN(len(firstNames))], lastNames[r.IntN(len(lastNames))]
	c := &customer{
		id: fmt.Sprintf("c-%d", 1000+n), name: first + " " + last,
		receipts: r.Float64() < 0.86, wrote: map[*line]time.Time{},
	}
	if !on.whatsApp() {
		c.instant = true
		c.username = handle(first, last, n)
		return c
	}
	c.phone = fmt.Sprintf("573%02d555%04d", (n*7)%22, n*7919%10000)
	c.user = fmt.Sprintf("CO.%016d", r.Uint64N(1e16))
	if c.hidden = r.Float64() < 0.06; c.hidden {
		c.username = handle(first, last, n)
	}
	return c
}

// handle makes a username.
func handle(first, last string, n int) string {
	return fmt.Sprintf("%s.%s%02d", plain(first), plain(last), n%100)
}

// plain returns a name in small letters without accents.
func plain(name string) string {
	out := []rune{}
	for _, r := range name {
		switch {
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r == 'á', r == 'Á':
			r = 'a'
		case r == 'é':
			r = 'e'
		case r == 'í':
			r = 'i'
		case r == 'ó', r == 'Ó':
			r = 'o'
		case r == 'ú':
			r = 'u'
		case r == 'ñ':
			r = 'n'
		}
		out = append(out, r)
	}
	return string(out)
}

// person is the customer as the inbox shows them in an event.
func (c *customer) person() object {
	p := object{"id": c.id, "name": c.name}
	if c.phone != "" && !c.hidden {
		p["phone"] = "+" + c.phone
	}
	if c.user != "" {
		p["user_id"] = c.user
	}
	return p
}
