package demo

import (
	"fmt"
	"time"
)

// orders has the customer told where what they bought is.
func (w *world) orders(t time.Time, c *customer, l *line, product string) {
	if !l.whatsApp() {
		return
	}
	number := 20000 + w.number()%70000
	w.update(w.shop.day(t, 1, 9*60).Add(w.upTo(7*time.Hour)), c, l, "pedido_despachado",
		fmt.Sprintf("Tu pedido %d ya va en camino. Llega en 2 días hábiles.", number))
	w.update(w.shop.day(t, 3, 10*60).Add(w.upTo(7*time.Hour)), c, l, "pedido_entregado",
		fmt.Sprintf("Entregamos tu pedido %d. ¿Todo bien con %s?", number, product))
}

// update sends a utility template; some ask back.
func (w *world) update(t time.Time, c *customer, l *line, template, words string) {
	w.at(t, func(t time.Time) {
		m := content{kind: "template", template: template, category: "utility", text: words}
		_, seen := w.writes(t, c, l, author{class: "automation"}, m, "")
		if w.chance(0.1) {
			w.at(seen.Add(w.human(25*time.Minute, 1)), func(t time.Time) { w.returns(t, c, l, topicOf("envío"), content{}) })
		}
	})
}

// returns lets a customer begin a conversation, unless they are in one.
func (w *world) returns(t time.Time, c *customer, l *line, about *topic, first content) {
	if !c.busy {
		w.talk(t, c, l, about, first)
	}
}

func topicOf(category string) *topic {
	for _, t := range topics {
		if t.category == category {
			return t
		}
	}
	return topics[0]
}

// promotions are the campaigns, in turn.
var promotions = []struct{ template, words string }{
	{"promo_semana_hogar", "Semana del hogar en Casa Frailejón: hasta 25 % en neveras y lavadoras."},
	{"promo_freidoras", "Freidoras de aire desde $219.900, solo hasta el domingo."},
	{"promo_cuotas", "Estrena hoy y paga en 12 cuotas sin interés."},
	{"promo_aniversario", "Cumplimos 14 años y el regalo es para ti: bono de $50.000."},
}

const (
	campaignMost = 160 // addressees
	campaignGap  = 400 * time.Millisecond
	promoReplies = 0.10
	promoStops   = 0.01
)

// campaign sends a promotion to as many customers as the shop pays for.
func (w *world) campaign(t time.Time, which int) {
	p := promotions[which%len(promotions)]
	l := w.shop.lines[sales]
	var to []*customer
	for _, c := range w.customers {
		if !c.instant && !c.opted {
			to = append(to, c)
		}
	}
	w.random.Shuffle(len(to), func(i, j int) { to[i], to[j] = to[j], to[i] })
	for i, c := range to[:min(len(to), campaignMost)] {
		w.at(t.Add(time.Duration(i)*campaignGap), func(t time.Time) { w.promote(t, c, l, p.template, p.words) })
	}
}

// promote sends the promotion to one.
func (w *world) promote(t time.Time, c *customer, l *line, template, words string) {
	failed := ""
	switch n := w.random.IntN(100); {
	case n < 5:
		failed = "131049"
	case n < 7:
		failed = "131026"
	case n == 7:
		failed = "130472"
	case n == 8:
		failed, c.opted = "131050", true
	}
	m := content{kind: "template", template: template, category: "marketing", text: words}
	id, seen := w.writes(t, c, l, author{class: "campaign"}, m, failed)
	switch {
	case failed != "":
	case w.chance(promoReplies):
		w.at(seen.Add(w.human(10*time.Minute, 1)), func(t time.Time) {
			w.returns(t, c, l, topicOf("cotización"), content{kind: "button", text: "Quiero saber más", payload: "mas-info", about: id})
		})
	case w.chance(promoStops):
		c.opted = true
	}
}

// bring has contacts come to the shop otherwise than by writing to it: from a
// list, entered by an agent, from the web site's form.
func (w *world) bring(t time.Time, source string, by *agent) *customer {
	l := w.shop.lines[sales]
	c := w.meet(l)
	e := w.event(t, "contact.added", l, c)
	e["contact"].(object)["source"] = source
	if by != nil {
		e["agent"] = by.object()
	}
	w.post.event(t, e)
	return c
}

// enter lets an agent enter a contact and write to it first.
func (w *world) enter(t time.Time) {
	a, when := w.shop.near(ventas, t, nil)
	if when.After(t) {
		return
	}
	c, l := w.bring(t, "user", a), w.shop.lines[sales]
	w.at(t.Add(2*time.Minute), func(t time.Time) {
		m := content{kind: "template", template: "cotizacion_lista", category: "utility", text: "Tu cotización ya está lista. ¿Te la envío por aquí?"}
		_, seen := w.writes(t, c, l, author{"agent", a}, m, "")
		if w.chance(0.6) {
			w.at(seen.Add(w.human(15*time.Minute, 1)), func(t time.Time) {
				w.returns(t, c, l, topicOf("compra"), content{kind: "button", text: "Sí, por favor", payload: "enviar"})
			})
		}
	})
}

// atTheCounter lets somebody write to a stranger from the phone of the shop.
func (w *world) atTheCounter(t time.Time) {
	l := w.shop.lines[service]
	c := w.meet(l)
	if c.hidden {
		return
	}
	_, seen := w.writes(t, c, l, author{class: "phone"}, text("Hola, le escribe Casa Frailejón. Su reparación está lista."), "")
	w.at(seen.Add(w.human(10*time.Minute, 1)), func(t time.Time) { w.returns(t, c, l, topicOf("soporte técnico"), text("Gracias, paso en la tarde")) })
}

// call is a customer's call, which the shop takes.
func (w *world) call(t time.Time, c *customer) {
	l := w.shop.lines[service]
	c.wrote[l] = t
	id := "wacid." + w.wamid()[len("wamid."):]
	length := 20*time.Second + w.upTo(4*time.Minute)
	ring := func(t time.Time, event string) object {
		e := object{"id": id, "to": digits(l.display), "from_user_id": c.user, "event": event, "timestamp": seconds(t), "direction": "USER_INITIATED"}
		if !c.hidden {
			e["from"] = c.phone
		}
		return e
	}
	w.post.hook(update{l, "calls", "calls", ring(t, "connect"), c.contact(true), t})
	w.at(t.Add(length), func(end time.Time) {
		e := ring(end, "terminate")
		e["status"], e["start_time"], e["end_time"], e["duration"] = "COMPLETED", seconds(t), seconds(end), int(length/time.Second)
		w.post.hook(update{l, "calls", "calls", e, c.contact(true), end})
	})
}
