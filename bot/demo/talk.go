package demo

import (
	"strings"
	"time"
)

// talk is a conversation as the shop lives it.
type talk struct {
	*world
	who     *customer
	line    *line
	topic   *topic
	product string
	agent   *agent    // nil while nobody has it
	left    int       // things the customer will still ask
	held    time.Time // nobody answers before
	mute    bool      // nobody ever answers
	counter bool      // answered from the phone at the counter
	first   bool      // answered once
	said    string    // the customer's last message
	since   time.Time // when it came
	over    bool      // dropped or closed
}

// Shares of what happens in conversations.
const (
	isGreeted   = 0.72 // by the bot
	tapsTopic   = 0.35 // then, of those
	writesTwice = 0.25
	isForgotten = 0.03
	atCounter   = 0.06 // of those on a line with a phone
	assigned    = 0.93 // by the inbox, else whoever answers has it
	goesOn      = 0.92 // asks again, of those who have more to ask
	isClosed    = 0.90 // by an agent, else by silence
	comesBack   = 0.06 // within a day of the close
	handedOver  = 0.07
	isNoted     = 0.10 // in a comment
	appealsUp   = 0.22 // of those, to the manager
)

// talk begins a conversation with a customer's first message.
func (w *world) talk(t time.Time, c *customer, l *line, about *topic, first content) *talk {
	k := &talk{world: w, who: c, line: l, topic: about, product: w.one(products), left: w.random.IntN(3)}
	k.mute = w.chance(isForgotten)
	k.counter = l.app && !c.hidden && w.chance(atCounter)
	c.busy = true
	if first.text == "" {
		first = text(k.fill(w.one(greetings) + w.one(about.opens)))
	}
	k.says(t, first)
	if w.chance(writesTwice) {
		w.at(t.Add(8*time.Second+w.upTo(40*time.Second)), func(t time.Time) { k.says(t, k.attachment()) })
	}
	if w.chance(isGreeted) && first.kind == "text" {
		w.at(t.Add(2*time.Second+w.upTo(2*time.Second)), k.greet)
	}
	if k.counter {
		w.at(t.Add(w.human(6*time.Minute, 0.8)), k.answer)
		return k
	}
	w.at(t.Add(15*time.Second+w.upTo(100*time.Second)), k.assign)
	return k
}

func (k *talk) fill(s string) string { return strings.ReplaceAll(s, "{p}", k.product) }

func (k *talk) says(t time.Time, m content) {
	k.said, k.since = k.world.says(t, k.who, k.line, m), t
}

// attachment is what somebody adds to what they wrote.
func (k *talk) attachment() content {
	switch n := k.random.IntN(12); {
	case n < 4:
		return content{kind: "image"}
	case n < 7:
		return content{kind: "audio"}
	case n == 7 && k.line.whatsApp():
		return content{kind: "location"}
	case n == 8:
		return content{kind: "document", text: "factura.pdf"}
	case n == 9 && k.line.whatsApp():
		return content{kind: "sticker"}
	}
	return text(k.one([]string{"¿Me ayudan por favor?", "Quedo pendiente", "Es urgente", "¿Hay alguien?", "Vivo en Suba, por si sirve"}))
}

// greet is the bot's answer to a first message.
func (k *talk) greet(t time.Time) {
	kind := "interactive"
	if !k.line.whatsApp() {
		kind = "text"
	}
	id, seen := k.writes(t, k.who, k.line, author{class: "bot"}, content{kind: kind, text: k.line.greeting}, "")
	if kind == "interactive" && k.chance(tapsTopic) {
		k.at(later(seen, t).Add(4*time.Second+k.upTo(20*time.Second)), func(t time.Time) {
			if !k.first && !k.over {
				k.says(t, content{kind: "interactive", text: k.topic.choice, payload: plain(strings.ReplaceAll(k.topic.choice, " ", "-")), about: id})
			}
		})
	}
}

// later is a moment at most two minutes after t.
func later(seen, t time.Time) time.Time {
	if most := t.Add(2 * time.Minute); seen.After(most) {
		return most
	}
	return seen
}

// assign gives the conversation to whoever of the team is there, or waits until
// somebody comes.
func (k *talk) assign(t time.Time) {
	a, when := k.shop.near(k.topic.team, t, nil)
	if !k.watched() && when.After(t) {
		k.at(when.Add(k.upTo(45*time.Minute)), k.assign)
		return
	}
	k.give(t, a, k.chance(assigned))
	k.at(k.ready(t, 1), k.answer)
}

func (k *talk) give(t time.Time, a *agent, told bool) {
	k.agent, a.given = a, t
	if told {
		e := k.event(t, "conversation.assigned", k.line, k.who)
		e["agent"] = a.object()
		k.post.event(t, e)
	}
}

// ready returns when the agent will have the next answer; ease shortens it.
func (k *talk) ready(t time.Time, ease float64) time.Time {
	if t.Before(k.held) {
		t = k.held
	}
	takes := time.Duration(float64(k.shop.takes(k.random, k.agent, t, k.end)) * ease)
	if k.watched() {
		return t.Add(takes / hurry)
	}
	done := k.shop.atWork(k.agent, t).Add(takes)
	if again := k.shop.atWork(k.agent, done); again.After(done) {
		return again.Add(takes / 3)
	}
	return done
}

// answer is a person's message.
func (k *talk) answer(t time.Time) {
	switch {
	case k.over:
		return
	case k.mute:
		k.drop(t)
		return
	case k.line.whatsApp() && !k.counter && !inside(t, k.who, k.line):
		k.reach(t)
		return
	}
	_, seen := k.reply(t, text(k.fill(k.one(k.topic.answers))))
	if !k.first && k.agent != nil && k.chance(handedOver) {
		k.first = true
		k.handOver(t.Add(k.human(3*time.Minute, 0.6)))
		return
	}
	k.first = true
	if k.agent != nil && k.chance(isNoted) {
		k.at(t.Add(k.human(time.Minute, 0.5)), k.note)
	}
	k.goOn(seen)
}

// reply sends a message of whoever answers; a few fail.
func (k *talk) reply(t time.Time, m content) (string, time.Time) {
	by := author{class: "agent", agent: k.agent}
	if k.counter {
		by = author{class: "phone"}
	}
	failed := ""
	switch n := k.random.IntN(300); {
	case n < 2 && k.line.whatsApp():
		failed = []string{"131000", "131053"}[n]
	case n < 30 && !k.counter:
		m = content{kind: "document", text: "cotizacion.pdf"}
	case n < 55 && !k.counter:
		m = content{kind: "image", text: m.text}
	}
	return k.writes(t, k.who, k.line, by, m, failed)
}

// goOn lets the customer ask again, or thank, or fall silent.
func (k *talk) goOn(seen time.Time) {
	next := seen.Add(k.human(2*time.Minute, 1))
	if k.left == 0 || !k.chance(goesOn) {
		k.finish(seen)
		return
	}
	k.left--
	k.at(next, func(t time.Time) {
		if k.over {
			return
		}
		k.says(t, text(k.one(k.topic.asks)))
		if k.agent == nil {
			k.at(t.Add(k.human(5*time.Minute, 0.8)), k.answer)
			return
		}
		k.at(k.ready(t, 0.7), k.answer)
	})
}

// finish ends the conversation: thanks, a farewell, the close; or nothing.
func (k *talk) finish(seen time.Time) {
	if k.chance(0.45) {
		k.at(seen.Add(k.human(time.Minute, 0.8)), k.thank)
		return
	}
	k.at(seen.Add(k.human(12*time.Minute, 0.8)), k.close)
}

func (k *talk) thank(t time.Time) {
	if k.over {
		return
	}
	k.says(t, text(k.one(thanks)))
	if k.agent == nil {
		k.at(t.Add(time.Minute), k.drop)
		return
	}
	k.at(k.ready(t, 0.4), func(t time.Time) {
		if inside(t, k.who, k.line) {
			id, seen := k.reply(t, text(k.one(farewells)))
			if k.line.whatsApp() && k.chance(0.08) {
				k.at(seen.Add(5*time.Second), func(t time.Time) { k.reacts(t, k.who, k.line, id, "❤️") })
			}
		}
		k.at(t.Add(k.human(4*time.Minute, 0.8)), k.close)
	})
}

// close is the agent's, in the inbox.
func (k *talk) close(t time.Time) {
	if k.over {
		return
	}
	if k.agent == nil || !k.chance(isClosed) {
		k.drop(t)
		return
	}
	if when := k.shop.atWork(k.agent, t); !k.watched() && when.After(t) {
		k.at(when.Add(k.upTo(20*time.Minute)), k.close)
		return
	}
	e := k.event(t, "conversation.closed", k.line, k.who)
	e["agent"] = k.agent.object()
	e["conversation"] = object{"category": k.topic.category, "summary": k.fill(k.topic.summary), "closed_by": "agent"}
	k.post.event(t, e)
	k.done()
	k.afterwards(t)
}

func (k *talk) done() { k.over, k.who.busy = true, false }

// drop leaves the conversation to silence, which closes it a day later.
func (k *talk) drop(t time.Time) {
	k.at(t.Add(24*time.Hour), func(time.Time) { k.done() })
}

// afterwards is what a conversation leads to: somebody comes back, an order is sent.
func (k *talk) afterwards(t time.Time) {
	if k.chance(k.topic.sells) {
		k.world.orders(t, k.who, k.line, k.product)
	}
	if k.chance(comesBack) {
		k.at(t.Add(time.Hour+k.upTo(18*time.Hour)), func(t time.Time) {
			if !k.who.busy {
				k.world.talk(t, k.who, k.line, k.topic, text("Hola de nuevo, "+strings.ToLower(k.one(k.topic.asks))))
			}
		})
	}
}

// reach writes to somebody whose window has closed: some agents try it as if it
// had not, and all end with a template.
func (k *talk) reach(t time.Time) {
	by := author{class: "agent", agent: k.agent}
	if k.chance(0.5) {
		k.writes(t, k.who, k.line, by, text(k.fill(k.one(k.topic.answers))), "131047")
		t = t.Add(40*time.Second + k.upTo(2*time.Minute))
	}
	k.at(t, func(t time.Time) {
		m := content{kind: "template", template: "retomar_conversacion", category: "utility", text: "Hola, retomamos tu consulta. ¿Seguimos por aquí?"}
		_, seen := k.writes(t, k.who, k.line, by, m, "")
		k.first = true
		if !k.chance(0.55) {
			k.at(seen.Add(k.human(time.Hour, 0.5)), k.close)
			return
		}
		k.at(seen.Add(k.human(20*time.Minute, 1)), func(t time.Time) {
			k.says(t, content{kind: "button", text: "Sí, sigamos", payload: "seguir"})
			k.at(k.ready(t, 1), k.answer)
		})
	})
}
