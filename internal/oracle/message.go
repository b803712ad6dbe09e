package oracle

import (
	"sort"
	"strconv"
)

// message is what all sightings of one id within a channel add up to.
type message struct {
	id, channel string
	contact     string // person
	inbound     bool
	at          int64

	kind, template string
	class          string // sender class of a business message
	agent          string // roster key of a human author; "" nobody known

	deliveredAt, readAt, failedAt int64 // earliest of each; 0 never
	err                           string
	price                         *EventPricing

	// What its place in the thread tells.
	assignee string // customer message: the conversation's assignee at that moment
	inWindow bool   // business message: < 24 h after the last customer message or call
	conv     *conversation
}

// human reports whether a person of the business wrote it: "`agent` and `phone`
// are human".
func (m *message) human() bool { return m.class == "agent" || m.class == "phone" }

// delivered reports a "delivered, read or played status".
func (m *message) delivered() bool { return m.deliveredAt != 0 || m.readAt != 0 }

// failed reports "failed status and neither delivered nor read".
func (m *message) failed() bool { return m.failedAt != 0 && !m.delivered() }

// billable reports "delivered, with pricing type `regular` (old statuses without
// a type: `billable`)".
func (m *message) billable() bool {
	if !m.delivered() || m.price == nil {
		return false
	}
	if m.price.Type != "" {
		return m.price.Type == "regular"
	}
	return m.price.Billable != nil && *m.price.Billable
}

// noMessage lists the kinds that "never open a conversation, start a clock or
// count as messages".
func noMessage(kind string) bool {
	switch kind {
	case "reaction", "edit", "revoke", "system", "request_welcome":
		return true
	}
	return false
}

// gather joins the sightings of messages, "by wamid within a channel", from events
// in order of time. What is no message is left out.
func gather(events []Event, p *people, r *roster) []*message {
	sightings := map[[2]string][]*Event{}
	for i := range events {
		e := &events[i]
		switch e.Type {
		case received, sent, delivered, read, failed:
			key := [2]string{e.Channel, e.Message.ID}
			sightings[key] = append(sightings[key], e)
		}
	}
	var list []*message
	for _, seen := range sightings {
		if m := compose(seen, p, r); !noMessage(m.kind) {
			list = append(list, m)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		if a.at != b.at {
			return a.at < b.at
		}
		return a.channel+" "+a.id < b.channel+" "+b.id
	})
	return list
}

// compose makes one message of its sightings, given in order of time.
func compose(seen []*Event, p *people, r *roster) *message {
	first := telling(seen)
	m := &message{id: first.Message.ID, channel: first.Channel, at: first.ms(), inbound: first.Type == received}
	m.contact = p.named(p.shown[[2]string{m.channel, m.id}], m.at)
	var sender string
	var author *EventAgent
	for _, e := range seen {
		if e.Type == received || e.Type == sent {
			m.kind = either(m.kind, e.Message.Kind)
			sender = either(sender, e.Message.Sender)
			if e.Message.Template != nil {
				m.template = either(m.template, *e.Message.Template)
			}
			if author == nil {
				author = e.Agent
			}
		}
		m.learn(e)
	}
	if !m.inbound {
		m.classify(first.Type == sent, sender, author, r)
	}
	return m
}

// telling returns the sighting that dates a message: "the `at` of message.sent;
// without that, its earliest status".
func telling(seen []*Event) *Event {
	for _, e := range seen {
		if e.Type == received || e.Type == sent {
			return e
		}
	}
	return seen[0]
}

func either(known, told string) string {
	if known != "" {
		return known
	}
	return told
}

// learn adds what one sighting tells of the message's fate and price.
func (m *message) learn(e *Event) {
	switch at := e.ms(); {
	case e.Type == delivered && m.deliveredAt == 0:
		m.deliveredAt = at
	case e.Type == read && m.readAt == 0:
		m.readAt = at
	case e.Type == failed && m.failedAt == 0:
		m.failedAt = at
		if e.Error != nil {
			m.err = strconv.Itoa(e.Error.Code)
		}
	}
	if m.price == nil && e.Pricing != nil {
		m.price = e.Pricing
	}
}

// classify finds the sender class, and the agent when a person wrote it.
func (m *message) classify(told bool, sender string, author *EventAgent, r *roster) {
	switch {
	case !told:
		m.class = byPrice(m.price)
	case sender != "":
		m.class = sender
	case author != nil:
		m.class = "agent"
	case m.kind == "template" || m.template != "":
		m.class = "campaign"
	default:
		m.class = "automation"
	}
	switch m.class {
	case "agent":
		m.agent = r.key(author)
	case "phone":
		m.agent = phoneAgent
	}
}

// byPrice is the class of a message known only by its statuses: "`campaign` when
// its pricing category is marketing, utility or authentication, else `automation`".
func byPrice(p *EventPricing) string {
	if p != nil && (p.Category == "marketing" || p.Category == "utility" || p.Category == "authentication") {
		return "campaign"
	}
	return "automation"
}

// highest is the highest status reached. One that was delivered all the same has
// not failed.
func (m *message) highest() string {
	switch {
	case m.readAt != 0:
		return "read"
	case m.deliveredAt != 0:
		return "delivered"
	case m.failedAt != 0:
		return "failed"
	}
	return "sent"
}
