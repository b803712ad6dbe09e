package oracle

import "strconv"

// labels are a fact's dimensions besides time; what is absent is null.
type labels map[string]string

// fact is one countable thing at the moment it belongs to.
type fact struct {
	at     int64
	who    string // what is counted once, for figures of distinct things
	start  int64  // durations: where it begins; it ends start+ms
	ms     int64
	yes    bool // contact_reply_rate: the customer answered
	labels labels
}

func (w *World) add(name string, f fact) { w.facts[name] = append(w.facts[name], f) }

// where returns the labels of a place and an agent.
func (w *World) where(channel, agent string) labels {
	return labels{"channel": channel, "platform": platform(channel), "agent": agent, "team": w.roster.team(agent)}
}

// with returns a copy of the labels with more.
func (l labels) with(pairs ...string) labels {
	out := labels{}
	for k, v := range l {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

// collect lists every fact there is at now.
func (w *World) collect() {
	w.facts = map[string][]fact{}
	for _, m := range w.messages {
		if m.inbound {
			w.customerFact(m)
		} else {
			w.businessFacts(m)
		}
	}
	for i, c := range w.talks {
		w.talkFacts(c, strconv.Itoa(i))
	}
	for _, t := range w.threads {
		w.threadFacts(t)
	}
	w.contactFacts()
	w.eventFacts()
}

func (w *World) customerFact(m *message) {
	w.add("received", fact{at: m.at, labels: w.where(m.channel, m.assignee).with("type", m.kind, "source", w.source(m.contact))})
}

func (w *World) businessFacts(m *message) {
	l := w.where(m.channel, m.agent).with("sender", m.class, "type", m.kind, "template", m.template, "error", m.err)
	if m.price != nil {
		l["pricing_category"] = m.price.Category
	}
	f := fact{at: m.at, labels: l}
	w.add("sent", f)
	for name, is := range map[string]bool{
		"delivered":  m.delivered(),
		"read":       m.readAt != 0,
		"failed":     m.failed(),
		"in window":  m.inWindow,
		"out window": !m.inWindow,
		"billable":   m.billable(),
		// "sent, over 24 h ago, neither delivered nor failed; `phone` messages left out"
		"no receipt": w.now-m.at > day24 && !m.delivered() && m.failedAt == 0 && m.class != "phone",
	} {
		if is {
			w.add(name, f)
		}
	}
}

// talkFacts lists what a conversation adds up to.
func (w *World) talkFacts(c *conversation, id string) {
	scope := labels{"opened_by": c.openedBy(), "contact_kind": c.contactKind(), "source": w.source(c.contact), "closed_by": c.closedBy, "category": c.category}
	under := func(agent string) labels {
		l := w.where(c.channel, agent)
		for k, v := range scope {
			l[k] = v
		}
		return l
	}
	w.openingFacts(c, under(c.assignee))
	w.handFacts(c, id, under)
	w.replyFacts(c, under)
	if c.closed {
		w.closeFacts(c, under)
	} else {
		w.stockFacts(c, under(c.assignee))
	}
}

func (w *World) openingFacts(c *conversation, last labels) {
	f := fact{at: c.openedAt, who: c.contact, labels: last}
	w.add("opened", f)
	if c.reopened {
		w.add("reopened", f)
	}
	if c.first {
		w.add("new", f)
	}
}

// handFacts lists assignments and the first message of each agent.
func (w *World) handFacts(c *conversation, id string, under func(string) labels) {
	for i, a := range c.assignments {
		w.add("assigned", fact{at: a.at, who: id, labels: under(a.agent)})
		if a.transfer {
			w.add("transfers", fact{at: a.at, labels: under(a.agent)})
		}
		if i == 0 {
			w.addSpan("time_to_assignment", c.openedAt, a.at, a.at, under(a.agent))
		}
	}
	wrote := map[string]bool{}
	for _, m := range c.messages {
		if m.human() && !wrote[m.agent] {
			wrote[m.agent] = true
			w.add("handled", fact{at: m.at, who: id, labels: under(m.agent)})
		}
	}
}

// addSpan adds a duration from start to end that belongs to a moment.
func (w *World) addSpan(name string, start, end, at int64, l labels) {
	w.add(name, fact{at: at, start: start, ms: end - start, labels: l})
}

// replyFacts lists responses, and first responses by the target.
func (w *World) replyFacts(c *conversation, under func(string) labels) {
	w.responses(c, under)
	start := c.firstCustomer()
	if start < 0 {
		return
	}
	asked := c.messages[start].at
	if m := c.firstReply(true); m != nil {
		w.addSpan("first_response_any", asked, m.at, m.at, under(m.agent))
	}
	if m := c.firstReply(false); m != nil {
		w.addSpan("first_response", asked, m.at, m.at, under(m.agent))
		w.add("targeted", fact{at: m.at, labels: under(m.agent)})
		if m.at-asked <= w.target {
			w.add("in target", fact{at: m.at, labels: under(m.agent)})
		}
	} else if w.now-asked > w.target {
		w.add("targeted", fact{at: asked + w.target, labels: under(c.assignee)})
	}
}

// responses: "for each run of customer messages: its first message → the next
// human message".
func (w *World) responses(c *conversation, under func(string) labels) {
	var asked *message
	for _, m := range c.messages {
		switch {
		case m.inbound && asked == nil:
			asked = m
		case m.human() && asked != nil:
			w.addSpan("response_time", asked.at, m.at, m.at, under(m.agent))
			asked = nil
		}
	}
}

func (w *World) closeFacts(c *conversation, under func(string) labels) {
	closer := under(either(c.closer, c.assignee))
	w.add("closed", fact{at: c.closedAt, labels: closer})
	if c.firstCustomer() >= 0 && c.firstReply(false) == nil {
		w.add("unanswered", fact{at: c.closedAt, labels: under(c.assignee)})
	}
	end := c.closedAt
	if c.closedBy == "timeout" {
		last := c.lastHuman()
		if last == nil {
			return
		}
		end = last.at
	}
	w.addSpan("resolution_time", c.openedAt, end, c.closedAt, closer)
}

// stockFacts lists what an open conversation is at now.
func (w *World) stockFacts(c *conversation, l labels) {
	w.add("open", fact{at: w.now, labels: l})
	if c.assignee == "" {
		w.add("unassigned", fact{at: w.now, labels: l})
	}
	if from := c.waitingFrom(); from != nil {
		w.add("waiting", fact{at: from.at, labels: l})
		if left := w.serviceAt(c) + day24 - w.now; left > 0 && left < hour {
			w.add("expiring", fact{at: w.now, labels: l})
		}
	}
}

// serviceAt returns the last customer message or call of a conversation's thread.
func (w *World) serviceAt(c *conversation) int64 {
	for _, t := range w.threads {
		if t.contact == c.contact && t.channel == c.channel {
			return t.serviceAt
		}
	}
	return -1
}

func (w *World) threadFacts(t *thread) {
	l := w.where(t.channel, "")
	for _, at := range t.misses {
		w.add("missed", fact{at: at, labels: l})
	}
	for _, o := range t.outreaches {
		w.add("outreach", fact{at: o.at, who: t.contact, yes: o.replied, labels: l.with("source", w.source(t.contact))})
	}
}

func (w *World) contactFacts() {
	for _, c := range w.contacts {
		w.add("added", fact{at: c.seenAt, labels: w.where(c.channel, "").with("source", c.source)})
	}
}

func (w *World) eventFacts() {
	for i := range w.events {
		e := &w.events[i]
		switch e.Type {
		case commentAdded:
			w.add("comments", fact{at: e.ms(), labels: w.where(e.Channel, w.roster.key(e.Agent))})
		case contactDeleted:
			w.add("contacts deleted", fact{at: e.ms()})
		case contactMerged:
			w.add("contacts merged", fact{at: e.ms()})
		}
	}
}
