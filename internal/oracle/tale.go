package oracle

import (
	"time"
)

// tale is one thread while its story is told: at is its clock.
type tale struct {
	*story
	p       *person
	channel string
	lane    int // keeps moments of different threads of one customer apart
	at      time.Time

	visibleAt  time.Time // last customer-visible message
	customerAt time.Time // last customer message
	closedAt   time.Time // last close event
	lastID     string
}

// play goes on by a scene, after a pause; some customers never come back.
func (t *tale) play() {
	if t.chance(0.04) {
		t.at = t.end
		return
	}
	t.pause()
	scenes := []func(){
		t.question, t.question, t.question, t.question, t.unanswered, t.inbox, t.inbox, t.campaign, t.campaign, t.statusOnly,
		t.outbound, t.late, t.strayClose, t.strayAssignment, t.call, t.notes, t.cluster, t.hands, t.edges, t.clockChange,
	}
	if t.Undecided {
		scenes = append(scenes, t.openWords, t.openSightings, t.openTies)
	}
	pick(t.story, scenes...)()
}

// pause lets time pass between scenes; often to the very edge of a rule.
func (t *tale) pause() {
	edge := pick(t.story, -time.Millisecond, 0, time.Millisecond)
	switch t.rng.IntN(12) {
	case 0, 1, 2:
		t.wait(t.within(3 * time.Hour))
		t.untilMorning()
	case 3, 4, 5:
		t.wait(t.within(30 * time.Hour))
		t.untilMorning()
	case 6, 7:
		t.wait(t.within(6 * 24 * time.Hour))
		t.untilMorning()
	case 8:
		t.jump(t.visibleAt, t.IdleClose+edge)
	case 9:
		t.jump(t.closedAt, 24*time.Hour+edge)
	case 10:
		t.jump(t.customerAt, 24*time.Hour+edge)
	case 11:
		t.jump(t.visibleAt, t.IdleClose+24*time.Hour+edge)
	}
}

// untilMorning lets the night pass, mostly.
func (t *tale) untilMorning() {
	if t.chance(0.2) {
		return
	}
	for h := t.at.In(t.Zone).Hour(); h < 9 || h >= 17; h = t.at.In(t.Zone).Hour() {
		t.wait(time.Hour + t.within(20*time.Minute))
	}
}

// wait moves the clock, to a whole second or to a time with a fraction, so that
// the moments of the threads of one customer never meet: each has a second of
// every four, and the fourth is life's.
func (t *tale) wait(d time.Duration) {
	at := t.at.Add(d).Truncate(4 * time.Second).Add(time.Duration(t.lane) * time.Second)
	if t.chance(0.4) {
		at = at.Add(time.Duration(2+t.rng.IntN(495)) * time.Millisecond)
	}
	for at.Before(t.at) {
		at = at.Add(4 * time.Second)
	}
	t.at = at
}

// jump moves the clock to exactly so long after a moment, if that is to come.
func (t *tale) jump(since time.Time, d time.Duration) {
	if at := since.Add(d); !since.IsZero() && at.After(t.at) {
		t.at = at
	} else {
		t.wait(t.within(time.Hour))
	}
}

// put tells an event of this thread, now.
func (t *tale) put(kind string) *Event {
	t.events = append(t.events, Event{ID: "ev-" + t.token(), Type: kind, At: t.at.UTC(), Channel: t.channel, Contact: t.show(t.p, t.at)})
	return &t.events[len(t.events)-1]
}

// repeat tells an event once more under another id, at times with less in it.
func (t *tale) repeat(e Event) {
	if !t.chance(0.04) {
		return
	}
	e.ID += "-again"
	m := *e.Message
	e.Message = &m
	if t.chance(0.5) {
		m.Kind, m.Text = "", ""
	}
	if t.chance(0.5) {
		m.Sender, e.Agent = "", nil
	}
	if e.Agent == nil && m.Sender == "" {
		m.Template = nil
	}
	t.events = append(t.events, e)
}

// message puts a message event; its id and the event's sort alike.
func (t *tale) message(kind string, m EventMessage) *Event {
	e := t.put(kind)
	m.ID = "wamid." + e.ID[len("ev-"):]
	if t.lastID != "" && t.chance(0.1) {
		id := t.lastID
		m.InReplyTo = &id
	}
	t.lastID = m.ID
	e.Message = &m
	if t.chance(0.3) {
		e.Conversation = &EventConversation{ID: "label-" + t.channel}
	}
	return e
}

// customer writes.
func (t *tale) customer() {
	kind := pick(t.story, "text", "text", "text", "text", "image", "audio", "video", "sticker", "document", "location", "contacts", "interactive", "button", "order", "unsupported", "")
	e := t.message(received, EventMessage{Kind: kind, Text: t.words()})
	t.customerAt, t.visibleAt = t.at, t.at
	t.repeat(*e)
}

func (t *tale) words() string {
	return pick(t.story, "¿tienen talla M?", "hola 👋", "tem em azul? 💙", "where is my order", "你好，有货吗？", "👍🏽", "gràcies!", "مرحبا", "")
}

// noise is an inbound thing that is no message.
func (t *tale) noise() {
	t.message(received, EventMessage{Kind: pick(t.story, "reaction", "edit", "revoke", "system", "request_welcome"), Text: "👍"})
}

// staff are the agents of the shop by how events show them: with id, name, team.
func staff() []EventAgent {
	return []EventAgent{
		{"a-17", "Ana", "ventas"}, {"a-21", "Luis", "soporte"}, {"a-18", "María José", "otra"}, {"a-19", "Sofía", "ventas"},
		{"a-22", "João", "soporte"}, {"", "Olga", "soporte"}, {"", "Bruno", ""}, {"a-99", "", "cobros"}, {"a-30", "Chen", ""}, {"", "Zoe", ""},
	}
}

// agent returns somebody of the staff as one event shows them.
func (t *tale) agent() *EventAgent {
	a := pick(t.story, staff()...)
	return t.sighting(a)
}

// sighting shows an agent by id and name, or by either; João changes his team.
func (t *tale) sighting(a EventAgent) *EventAgent {
	if a.ID == "a-22" && t.at.After(t.Start.AddDate(0, 0, t.Days/2)) {
		a.Team = "cobros"
	}
	if a.ID == "a-21" && t.chance(0.3) {
		a.ID = "luis@example.com"
	}
	if t.chance(0.4) {
		a.Team = ""
	}
	if a.ID != "" && a.Name != "" {
		switch t.rng.IntN(4) {
		case 0:
			a.ID = ""
		case 1:
			a.Name = ""
		}
	}
	return &a
}

// human writes: an agent, at times without a name, or somebody in the app.
func (t *tale) human(agent *EventAgent) {
	m := EventMessage{Kind: pick(t.story, "text", "text", "text", "image", "document", "interactive"), Text: "con gusto"}
	switch {
	case t.chance(0.12):
		m.Sender, agent = "phone", nil
	case t.chance(0.03):
		m.Sender, agent = "agent", nil
	case t.chance(0.6):
		m.Sender = "agent"
	}
	if agent != nil && t.chance(0.05) {
		m.Kind, m.Template = "template", name("seguimiento")
	}
	t.say(m, agent)
}

// auto writes: what no person sent.
func (t *tale) auto() {
	switch t.rng.IntN(5) {
	case 0, 1:
		t.say(EventMessage{Kind: "text", Text: "soy un bot 🤖", Sender: "bot"}, nil)
	case 2:
		t.say(EventMessage{Kind: "interactive", Sender: "automation"}, nil)
	case 3:
		t.say(EventMessage{Kind: pick(t.story, "text", "")}, nil)
	default:
		t.template()
	}
}

// template sends a campaign's template.
func (t *tale) template() {
	m := EventMessage{Kind: "template", Template: name(pick(t.story, "rebajas", "rebajas", "recordatorio", "código"))}
	m.Sender = pick(t.story, "campaign", "")
	t.say(m, nil)
}

func name(s string) *string { return &s }

// say sends a business message and tells what becomes of it.
func (t *tale) say(m EventMessage, agent *EventAgent) {
	e := t.message(sent, m)
	e.Agent = agent
	if t.chance(0.1) {
		e.Pricing = t.price(e.Message.Template != nil)
	}
	t.visibleAt = t.at
	told := *e
	t.repeat(told)
	t.fate(told)
}

// price is what a message costs, in the manner of today or of old.
func (t *tale) price(template bool) *EventPricing {
	yes, no := true, false
	p := &EventPricing{Type: "regular", Category: pick(t.story, "marketing", "utility", "authentication", "marketing_lite"), Billable: &yes}
	if !template {
		p = &EventPricing{Type: pick(t.story, "free_customer_service", "free_entry_point"), Category: "service", Billable: &no}
	}
	if t.chance(0.15) {
		p.Type = ""
	}
	return p
}

// fate tells the statuses of a message: some, all, none; late, early, in any order.
func (t *tale) fate(of Event) {
	price := of.Pricing
	if price == nil && t.chance(0.6) {
		price = t.price(of.Message.Template != nil)
	}
	status := func(kind, mark string, after time.Duration) {
		e := Event{ID: of.ID + mark, Type: kind, At: of.At.Add(after), Channel: t.channel, Contact: of.Contact, Message: &EventMessage{ID: of.Message.ID}}
		if t.chance(0.3) {
			e.Contact = t.show(t.p, e.At)
		}
		if t.chance(0.7) {
			e.Pricing = price
		}
		if kind == failed {
			e.Error = &EventError{Code: pick(t.story, 131047, 131026, 130472), Title: "not delivered"}
		}
		t.events = append(t.events, e)
	}
	soon := func() time.Duration { return 4 * t.within(20*time.Second).Truncate(time.Second) }
	switch t.rng.IntN(12) {
	case 0, 1:
	case 2, 3, 4:
		status(delivered, "-d", soon())
	case 5, 6, 7:
		status(delivered, "-d", soon())
		status(read, "-r", soon()+4*t.within(20*time.Hour).Truncate(time.Second))
	case 8:
		status(read, "-r", soon())
	case 9:
		status(failed, "-f", soon())
	case 10:
		status(failed, "-f", soon())
		status(delivered, "-d", soon())
		status(delivered, "-e", soon())
	case 11:
		status(read, "-r", -soon())
		status(delivered, "-d", -soon())
	}
}

// event puts an event about the conversation.
func (t *tale) event(kind string, c EventConversation, agent *EventAgent) {
	e := t.put(kind)
	e.Conversation, e.Agent = &c, agent
	if kind == closed {
		t.closedAt = t.at
	}
}

// shut closes by event, with or without words.
func (t *tale) shut(agent *EventAgent) {
	c := EventConversation{Category: pick(t.story, "pagos", "envíos", "reclamos", "")}
	c.ClosedBy = pick(t.story, "", "", "agent", "automation", "timeout", "bot", "api")
	if t.chance(0.5) {
		c.Summary = "resuelto"
	}
	if t.chance(0.4) {
		agent = nil
	}
	t.event(closed, c, agent)
}

// assign assigns somebody, or nobody.
func (t *tale) assign(agent *EventAgent) { t.event(assigned, EventConversation{}, agent) }
