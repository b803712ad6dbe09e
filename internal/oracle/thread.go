package oracle

import "sort"

// Order of what happens at the same instant: "opened, customer message, call,
// assignment, business message, comment, closed; then by id". (Comments cut no
// conversation and are not among the items.)
const (
	rankOpened = iota
	rankCustomer
	rankCall
	rankAssignment
	rankBusiness
	rankClosed
)

// item is one thing that happens in a thread: a message, or else an event.
type item struct {
	at   int64
	rank int
	id   string
	msg  *message
	ev   *Event
}

// conversation is "one span of one contact on one channel (a thread)".
type conversation struct {
	contact, channel string
	openedAt         int64
	word             string // the source's word for who opened it, mapped; "" none
	inbox            bool   // its source opened it, or joined it
	reopened         bool
	first            bool  // the contact's first conversation ever, on any channel
	autoAt           int64 // last bot, automation or campaign message since the previous close; -1 none

	messages    []*message
	lastVisible int64 // its last customer-visible message, its opening while there is none
	assignments []assignment
	assignEvent bool // has had an assignment event, unassigning included
	humanWrote  bool
	assignee    string // roster key; "" nobody

	closed            bool
	closedAt          int64
	closedBy          string
	closer            string // roster key of the agent the close event names
	category, summary string
}

// assignment is a conversation coming to somebody.
type assignment struct {
	at       int64
	agent    string
	transfer bool // from one agent to another
}

// outreach is "a business message on a thread with no conversation open".
type outreach struct {
	at      int64
	replied bool // a customer message on that thread < 24 h after it
}

// thread is all that happens between one contact and one channel.
type thread struct {
	contact, channel string
	items            []item
	conversations    []*conversation
	outreaches       []outreach
	misses           []int64 // ends of missed windows
	serviceAt        int64   // last customer message or call; -1 none
}

// threads sorts messages and events into threads, and each thread's items.
func threads(messages []*message, events []Event, p *people) []*thread {
	all := map[[2]string]*thread{}
	put := func(contact, channel string, it item) {
		key := [2]string{contact, channel}
		if contact == "" {
			return // a status that names nobody is in no thread
		}
		if all[key] == nil {
			all[key] = &thread{contact: contact, channel: channel, serviceAt: -1}
		}
		all[key].items = append(all[key].items, it)
	}
	for _, m := range messages {
		rank := rankBusiness
		if m.inbound {
			rank = rankCustomer
		}
		put(m.contact, m.channel, item{m.at, rank, m.id, m, nil})
	}
	ranks := map[string]int{opened: rankOpened, callReceived: rankCall, assigned: rankAssignment, closed: rankClosed}
	for i := range events {
		e := &events[i]
		if rank, ok := ranks[e.Type]; ok {
			put(p.of(e), e.Channel, item{e.ms(), rank, e.ID, nil, e})
		}
	}
	var list []*thread
	for _, t := range all {
		sort.Slice(t.items, func(i, j int) bool { return t.items[i].before(t.items[j]) })
		list = append(list, t)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].contact+" "+list[i].channel < list[j].contact+" "+list[j].channel })
	return list
}

func (a item) before(b item) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.rank != b.rank {
		return a.rank < b.rank
	}
	return a.id < b.id
}

// cutter walks one thread and cuts its conversations.
type cutter struct {
	*thread
	roster          *roster
	idle, inboxIdle int64
	now             int64
	open            *conversation // nil when none is
	last            *conversation // the latest, open or not
	autoAt          int64         // last non-human message since the previous close; -1 none
}

// cut makes the thread's conversations as they stand at now.
func (t *thread) cut(r *roster, idle, inboxIdle, now int64) {
	c := &cutter{thread: t, roster: r, idle: idle, inboxIdle: inboxIdle, now: now, autoAt: -1}
	for i, it := range t.items {
		c.silence(it.at)
		switch it.rank {
		case rankOpened:
			c.openedEvent(it)
		case rankCustomer:
			c.customerMessage(it.msg)
		case rankCall:
			t.serviceAt = it.at
		case rankAssignment:
			c.assignedEvent(it)
		case rankBusiness:
			c.businessMessage(i, it.msg)
		case rankClosed:
			c.closedEvent(it)
		}
	}
	c.silence(now)
	t.findMisses(now)
}

// silence closes the open conversation if its time is up at an instant: "the
// closing time is then that message + idle_close … A message exactly idle_close
// later finds it closed."
func (c *cutter) silence(at int64) {
	if c.open == nil {
		return
	}
	idle := c.idle
	if c.open.inbox {
		idle = c.inboxIdle
	}
	if end := c.open.lastVisible + idle; end <= at {
		c.close(end, "timeout")
	}
}

func (c *cutter) close(at int64, by string) {
	c.open.closed, c.open.closedAt, c.open.closedBy = true, at, by
	c.open, c.autoAt = nil, -1
}

// begin opens a conversation: "if that is < 24 h after the close, the new one is
// `reopened`".
func (c *cutter) begin(at int64) {
	n := &conversation{contact: c.contact, channel: c.channel, openedAt: at, lastVisible: at, autoAt: c.autoAt}
	n.reopened = c.last != nil && at-c.last.closedAt < day24
	c.open, c.last = n, n
	c.conversations = append(c.conversations, n)
}

// openedEvent opens a conversation, or joins the open one: "no second, its
// opening time stays".
func (c *cutter) openedEvent(it item) {
	if c.open == nil {
		c.begin(it.at)
	}
	c.open.inbox = true
	if said := it.ev.Conversation; said != nil && said.OpenedBy != "" && c.open.word == "" {
		c.open.word = openerWord(said.OpenedBy)
	}
}

// openerWord maps the source's word: "contact → contact; agent, user → agent;
// anything else → automation".
func openerWord(word string) string {
	switch word {
	case "contact":
		return "contact"
	case "agent", "user":
		return "agent"
	}
	return "automation"
}

func (c *cutter) customerMessage(m *message) {
	if c.open == nil {
		c.begin(m.at)
	}
	m.assignee = c.open.assignee
	c.join(m)
	c.serviceAt = m.at
}

// join adds a customer-visible message to the open conversation.
func (c *cutter) join(m *message) {
	m.conv = c.open
	c.open.messages = append(c.open.messages, m)
	c.open.lastVisible = m.at
}

// businessMessage: a human message opens a conversation when none is open, and
// assigns its sender when it is the first of one that has had no assignment
// event; any other message opens none.
func (c *cutter) businessMessage(i int, m *message) {
	m.inWindow = c.serviceAt >= 0 && m.at-c.serviceAt < day24
	if c.open == nil {
		c.outreaches = append(c.outreaches, outreach{m.at, c.repliedWithin(i)})
		if !m.human() {
			c.autoAt = m.at
			return
		}
		c.begin(m.at)
	}
	c.join(m)
	if m.human() {
		if !c.open.humanWrote && !c.open.assignEvent && m.agent != "" {
			c.open.assign(m.at, m.agent)
		}
		c.open.humanWrote = true
	}
}

// repliedWithin reports whether a customer message follows the item < 24 h later.
func (t *thread) repliedWithin(i int) bool {
	for _, it := range t.items[i+1:] {
		if it.rank == rankCustomer {
			return it.at-t.items[i].at < day24
		}
	}
	return false
}

// assignedEvent: "the last assignment" is the assignee; one "while none is open
// is … counted nowhere".
func (c *cutter) assignedEvent(it item) {
	if c.open == nil {
		return
	}
	c.open.assignEvent = true
	c.open.assign(it.at, c.roster.key(it.ev.Agent))
}

func (c *conversation) assign(at int64, agent string) {
	if agent != "" {
		c.assignments = append(c.assignments, assignment{at, agent, c.assignee != "" && c.assignee != agent})
	}
	c.assignee = agent
}

// closedEvent closes the open conversation. "A close while none is open changes no
// figure, but gives category and summary to the thread's last conversation when
// that one timed out and has none."
func (c *cutter) closedEvent(it item) {
	var said EventConversation
	if it.ev.Conversation != nil {
		said = *it.ev.Conversation
	}
	if c.open == nil {
		if c.last != nil && c.last.closedBy == "timeout" {
			c.last.category = either(c.last.category, said.Category)
			c.last.summary = either(c.last.summary, said.Summary)
		}
		return
	}
	c.open.category, c.open.summary = said.Category, said.Summary
	c.open.closer = c.roster.key(it.ev.Agent)
	c.close(it.at, closerWord(said.ClosedBy, it.ev.Agent))
}

// closerWord is closed_by: "absent: agent if an agent is given, else api".
func closerWord(word string, agent *EventAgent) string {
	switch {
	case word != "":
		return word
	case agent != nil:
		return "agent"
	}
	return "api"
}

// findMisses finds the missed windows: "24 h passed since the thread's last
// customer message without any human message after it".
func (t *thread) findMisses(now int64) {
	for i, it := range t.items {
		if it.rank == rankCustomer && it.at+day24 <= now && !t.followed(i) {
			t.misses = append(t.misses, it.at+day24)
		}
	}
}

// followed reports whether another customer message or a human message follows
// the item < 24 h later.
func (t *thread) followed(i int) bool {
	for _, it := range t.items[i+1:] {
		if it.rank == rankCustomer || it.rank == rankBusiness && it.msg.human() {
			return it.at-t.items[i].at < day24
		}
	}
	return false
}

// openedBy is the source's word if it gave one; else "`agent` (the first message
// is a human's); `automation` (the first message is the customer's and came < 24 h
// after a bot, automation or campaign message …); else `contact`".
func (c *conversation) openedBy() string {
	if c.word != "" {
		return c.word
	}
	if len(c.messages) == 0 {
		return "contact"
	}
	first := c.messages[0]
	switch {
	case first.human():
		return "agent"
	case first.inbound && c.autoAt >= 0 && first.at-c.autoAt < day24:
		return "automation"
	}
	return "contact"
}

// contactKind is new for the contact's first conversation ever.
func (c *conversation) contactKind() string {
	if c.first {
		return "new"
	}
	return "returning"
}

// firstCustomer returns the place of the first customer message; -1 for none.
func (c *conversation) firstCustomer() int {
	for i, m := range c.messages {
		if m.inbound {
			return i
		}
	}
	return -1
}

// firstReply returns the first human message after the first customer message,
// or with any the first business message; nil for none.
func (c *conversation) firstReply(anyClass bool) *message {
	start := c.firstCustomer()
	if start < 0 {
		return nil
	}
	for _, m := range c.messages[start+1:] {
		if m.human() || anyClass && !m.inbound {
			return m
		}
	}
	return nil
}

// waitingFrom returns the first customer message that no human message follows;
// nil when the last message of a person is not the customer's.
func (c *conversation) waitingFrom() *message {
	var from *message
	for _, m := range c.messages {
		if m.human() {
			from = nil
		} else if m.inbound && from == nil {
			from = m
		}
	}
	return from
}

// lastHuman returns its last human message; nil for none.
func (c *conversation) lastHuman() *message {
	var last *message
	for _, m := range c.messages {
		if m.human() {
			last = m
		}
	}
	return last
}
