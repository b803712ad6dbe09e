package oracle

import "time"

// openWords: an opening that says another word than the one before it, and
// messages of a bot that name an agent. The definitions do not say who wins.
func (t *tale) openWords() {
	t.event(opened, EventConversation{OpenedBy: "contact"}, nil)
	t.wait(t.within(time.Hour))
	t.event(opened, EventConversation{OpenedBy: pick(t.story, "agent", "workflow")}, nil)
	t.say(EventMessage{Kind: "text", Sender: pick(t.story, "bot", "automation", "campaign")}, t.agent())
	t.ask()
}

// openSightings: one message told twice, at different times; and a reaction of
// the business that has statuses of its own.
func (t *tale) openSightings() {
	t.customer()
	e := t.events[len(t.events)-1]
	e.ID, e.At = e.ID+"-later", e.At.Add(8*time.Second)
	t.events = append(t.events, e)
	t.wait(t.within(time.Hour))
	t.say(EventMessage{Kind: "reaction", Text: "👍"}, t.agent())
	t.wait(t.within(time.Hour))
	t.human(t.agent())
}

// openTies: a contact is added in the same instant in which it writes.
func (t *tale) openTies() {
	t.customer()
	t.put(contactAdded).Contact.Source = "import"
}
