package oracle

import "time"

// question: the customer asks, somebody answers, and perhaps closes.
func (t *tale) question() {
	if t.chance(0.1) {
		t.assign(t.agent())
	}
	t.ask()
	agent := pick(t.story, staff()...)
	if t.chance(0.3) {
		t.auto()
	}
	if t.chance(0.3) {
		t.wait(t.within(5 * time.Minute))
		t.assign(t.sighting(agent))
	}
	t.answer(agent)
	for t.chance(0.5) {
		t.ask()
		t.answer(agent)
	}
	if t.chance(0.5) {
		t.wait(t.within(2 * time.Hour))
		t.shut(t.sighting(agent))
	}
}

// ask is a run of customer messages.
func (t *tale) ask() {
	t.wait(t.within(40 * time.Minute))
	t.customer()
	for t.chance(0.4) {
		t.wait(t.within(3 * time.Minute))
		t.customer()
	}
	if t.chance(0.1) {
		t.noise()
	}
}

// answer comes soon, late, or exactly when the target runs out.
func (t *tale) answer(agent EventAgent) {
	switch t.rng.IntN(8) {
	case 0:
		t.jump(t.customerAt, t.Target)
	case 1:
		t.jump(t.customerAt, t.Target+time.Millisecond)
	case 2:
		t.wait(0)
	case 3:
		t.wait(t.within(12 * time.Hour))
	default:
		t.wait(t.within(30 * time.Minute))
	}
	t.human(t.sighting(agent))
	for t.chance(0.2) {
		t.wait(t.within(10 * time.Minute))
		t.human(t.agent())
	}
}

// unanswered: nobody answers, or only a bot does.
func (t *tale) unanswered() {
	t.ask()
	if t.chance(0.4) {
		t.wait(t.within(time.Minute))
		t.auto()
	}
	if t.chance(0.3) {
		t.assign(t.agent())
	}
	if t.chance(0.2) {
		t.wait(t.within(20 * time.Hour))
		t.shut(t.agent())
	}
}

// inbox: the source opens the conversation itself, and silence does not close it
// so soon.
func (t *tale) inbox() {
	c := EventConversation{ID: "label", OpenedBy: pick(t.story, "contact", "agent", "user", "automation", "workflow", "api", "bot", "", "")}
	if t.chance(0.3) {
		t.customer() // it joins the open one
		t.wait(t.within(time.Minute))
	}
	t.event(opened, c, nil)
	if t.chance(0.1) {
		t.wait(t.within(time.Hour))
		t.event(opened, c, nil)
	}
	switch t.rng.IntN(4) {
	case 0:
		t.ask()
	case 1:
		t.answer(pick(t.story, staff()...))
	case 2:
		t.auto()
		t.ask()
	}
	edge := pick(t.story, -time.Millisecond, 0, time.Millisecond)
	switch t.rng.IntN(6) {
	case 0, 1, 2:
		t.wait(24*time.Hour + t.within(5*24*time.Hour))
	case 3:
		t.jump(t.visibleAt, t.InboxIdleClose+edge)
	case 4:
		t.wait(t.InboxIdleClose + t.within(3*24*time.Hour))
	}
	if t.chance(0.6) {
		t.ask()
		t.answer(pick(t.story, staff()...))
	}
	if t.chance(0.7) {
		t.shut(t.agent())
	}
}

// campaign: a template outside any conversation, and perhaps a reply.
func (t *tale) campaign() {
	sentAt := t.at
	t.template()
	if t.chance(0.2) {
		t.wait(t.within(10 * time.Hour))
		t.template()
	}
	switch t.rng.IntN(6) {
	case 0:
		t.jump(sentAt, 24*time.Hour+pick(t.story, -time.Millisecond, 0, time.Millisecond))
	case 1, 2:
		t.wait(t.within(23 * time.Hour))
	case 3:
		t.wait(24*time.Hour + t.within(24*time.Hour))
	default:
		return
	}
	t.customer()
	if t.chance(0.5) {
		t.answer(pick(t.story, staff()...))
	}
}

// statusOnly: a message that nobody tells of but its statuses.
func (t *tale) statusOnly() {
	template := t.chance(0.6)
	e := Event{ID: "ev-" + t.token(), At: t.at.UTC(), Channel: t.channel, Contact: t.show(t.p, t.at)}
	e.Message = &EventMessage{ID: "wamid." + e.ID[len("ev-"):]}
	if template {
		e.Message.Template = name("any")
	}
	e.Pricing = pick(t.story, nil, t.price(template), t.price(template))
	before := len(t.events)
	t.fate(e)
	if len(t.events) > before {
		t.visibleAt = t.at
	}
}

// outbound: a person of the business writes first.
func (t *tale) outbound() {
	t.human(t.agent())
	if t.chance(0.5) {
		t.wait(t.within(26 * time.Hour))
		t.ask()
	}
	if t.chance(0.3) {
		t.wait(t.within(time.Hour))
		t.shut(t.agent())
	}
}

// late: a human answers when the conversation is over, by little or much.
func (t *tale) late() {
	t.ask()
	edge := pick(t.story, -time.Millisecond, 0, time.Millisecond)
	t.jump(t.customerAt, pick(t.story, 24*time.Hour, t.IdleClose, 40*time.Hour, t.IdleClose+24*time.Hour)+edge)
	t.human(t.agent())
}

// strayClose: a close when nothing is open, that may give words to what timed out.
func (t *tale) strayClose() {
	if t.chance(0.7) {
		t.ask()
		t.jump(t.visibleAt, t.IdleClose+pick(t.story, -time.Millisecond, 0, time.Millisecond))
		if t.chance(0.3) {
			t.wait(t.within(9 * time.Hour))
		}
	}
	t.shut(t.agent())
	if t.chance(0.3) {
		t.wait(t.within(time.Hour))
		t.shut(nil)
	}
}

// strayAssignment: an assignment when nothing is open, then perhaps an opening.
func (t *tale) strayAssignment() {
	t.assign(t.agent())
	if t.chance(0.5) {
		t.ask()
		t.human(t.agent())
	}
}

// call: a customer calls, which opens the window and nothing else.
func (t *tale) call() {
	callAt := t.at
	t.put(callReceived)
	if t.chance(0.5) {
		t.jump(callAt, 24*time.Hour+pick(t.story, -time.Millisecond, 0, time.Millisecond))
	} else {
		t.wait(t.within(30 * time.Hour))
	}
	t.auto()
}

// notes: comments, reactions and deletions, which open nothing.
func (t *tale) notes() {
	for t.chance(0.7) {
		e := t.put(commentAdded)
		e.Comment = &EventComment{Text: "@Luis ¿puedes ver esto? 🙏", Mentions: []string{pick(t.story, "Luis", "Ana", "a-22")}}
		if t.chance(0.9) {
			e.Agent = t.agent()
		}
		t.wait(t.within(time.Hour))
	}
	t.noise()
	if t.lastID != "" && t.chance(0.5) {
		t.put(deleted).Message = &EventMessage{ID: t.lastID}
	}
}

// cluster: many things in the same instant, told in any order.
func (t *tale) cluster() {
	at := t.at
	parts := []func(){
		t.customer, t.customer, t.auto, t.noise,
		func() { t.event(opened, EventConversation{OpenedBy: pick(t.story, "contact", "agent", "")}, nil) },
		func() { t.put(callReceived) },
		func() { t.assign(t.agent()) },
		func() { t.human(t.agent()) },
		func() { t.shut(t.agent()) },
		func() {
			e := t.put(commentAdded)
			e.Comment, e.Agent = &EventComment{Text: "nota", Mentions: []string{}}, t.agent()
		},
	}
	t.rng.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	for _, part := range parts[:2+t.rng.IntN(len(parts)-2)] {
		t.at = at
		part()
	}
}

// hands: a conversation goes from hand to hand, and to nobody.
func (t *tale) hands() {
	t.ask()
	for range 2 + t.rng.IntN(4) {
		t.wait(t.within(30 * time.Minute))
		switch t.rng.IntN(6) {
		case 0:
			t.assign(nil)
		case 1:
			a := t.agent()
			t.assign(a)
			t.wait(t.within(time.Minute))
			t.assign(a)
		case 2:
			t.human(t.agent())
		case 3:
			t.ask()
		default:
			t.assign(t.agent())
		}
	}
	if t.chance(0.5) {
		t.shut(t.agent())
	}
}

// edges: messages exactly a day, or exactly the idle time, apart.
func (t *tale) edges() {
	for range 1 + t.rng.IntN(3) {
		edge := pick(t.story, -time.Millisecond, 0, time.Millisecond)
		t.customer()
		t.jump(t.customerAt, pick(t.story, 24*time.Hour, t.IdleClose)+edge)
		pick(t.story, t.customer, t.auto, func() { t.human(t.agent()) }, func() { t.shut(nil) })()
		t.jump(t.visibleAt, t.IdleClose+edge)
	}
}

// clockChange: a question shortly before the clock is changed, answered after it.
func (t *tale) clockChange() {
	for _, change := range t.changes {
		if before := change.Sub(t.at); before > 0 && before < 30*24*time.Hour {
			t.wait(max(before-t.within(8*time.Hour)-4*time.Second, 0))
			t.customer()
			t.jump(change, t.within(10*time.Hour).Truncate(4*time.Second)+time.Duration(t.lane)*time.Second)
			t.human(t.agent())
			return
		}
	}
	t.ask()
}
