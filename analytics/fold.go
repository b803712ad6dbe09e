package analytics

import (
	"sort"

	"pulso/models"
)

// Fold cuts one contact's facts into conversations and places every message
// (metrics.md, "Conversation"). It is a function of the facts alone: they may
// come in any order, late, repeated or re-batched. A fold can be continued
// from a State instead of from the beginning, provided that every fact before
// the state's position is in the state and none comes before it later.

// Settled is how long after a fact another one can still change its place, in ms.
const Settled = day24h

// Pos is a fact's place in a contact's one total order: by the provider's
// time; at the same instant by kind; then by id, and where two sources or
// channels use one id, by them.
type Pos struct {
	At   int64  `json:"at"`
	Rank uint8  `json:"r"`
	Key  string `json:"k"`
}

// Before reports whether p stands before q.
func (p Pos) Before(q Pos) bool {
	switch {
	case p.At != q.At:
		return p.At < q.At
	case p.Rank != q.Rank:
		return p.Rank < q.Rank
	}
	return p.Key < q.Key
}

const (
	rankOpened uint8 = iota
	rankCustomer
	rankCall
	rankAssigned
	rankBusiness
	rankComment
	rankClosed
	rankContact
)

// PosOfMessage returns a message's place in the order.
func PosOfMessage(m *models.Message) Pos {
	rank := rankBusiness
	if m.Dir == models.In {
		rank = rankCustomer
	}
	return Pos{m.At(), rank, m.ID + "\x00" + m.Channel}
}

// PosOfFact returns a stored event's place in the order.
func PosOfFact(f *models.Fact) Pos {
	rank := rankContact
	switch f.Kind {
	case models.ConversationOpened:
		rank = rankOpened
	case models.CallReceived:
		rank = rankCall
	case models.ConversationAssigned:
		rank = rankAssigned
	case models.CommentAdded:
		rank = rankComment
	case models.ConversationClosed:
		rank = rankClosed
	}
	return Pos{f.At, rank, f.Key + "\x00" + f.Source}
}

// Folds reports whether a stored event of the kind takes part in the fold.
func Folds(k models.Kind) bool {
	switch k {
	case models.ConversationOpened, models.ConversationAssigned, models.ConversationClosed, models.CallReceived, models.ContactAdded:
		return true
	}
	return false
}

// State is a fold that has read everything up to a position.
type State struct {
	Upto       Pos                `json:"upto"`
	SeenAt     int64              `json:"seen,omitempty"` // when the contact was first seen
	Source     string             `json:"src,omitempty"`
	Channel    string             `json:"ch,omitempty"`
	LastOpened int64              `json:"last,omitempty"` // opening of the contact's latest conversation
	LastReach  int64              `json:"reach,omitempty"`
	Threads    map[string]*Thread `json:"threads,omitempty"`
}

// Thread is the state of one contact on one channel.
type Thread struct {
	Open     *models.Conversation `json:"open,omitempty"` // may be past its silent close
	Last     *models.Conversation `json:"prev,omitempty"` // the latest closed one
	AutoAt   int64                `json:"auto,omitempty"` // last non-human message since that close
	WindowAt int64                `json:"win,omitempty"`  // last customer message or call

	unfollowed *models.Conversation // that of the last customer message, while nothing decided its window
	reaches    []*models.Placed     // outreaches still waiting for their reply
}

// Story is what a fold makes of a contact.
type Story struct {
	Seen          models.Contact        // FirstSeenAt, Source and Channel only
	Conversations []models.Conversation // those in the state, and those since, by opening

	// Tip is the state before the facts of the last moment, TipAt. The fold may go
	// on from it with these and whatever else comes at or after that moment. It is
	// nil where an earlier message's place still waits for what follows.
	Tip   *State
	TipAt int64
}

type folder struct {
	rules  *Rules
	roster *Roster
	state  State
	keep   int64 // facts at or after it stay out of the next state
	next   *State
	tip    *State
	out    map[models.ConversationID]models.Conversation
}

// Fold reads the facts of one contact that follow the state from (nil: all of
// them), writes each message's Place, and returns the story. When keep is not
// 0 it also returns the state after the last fact that is older than keep, from
// which a later fold may go on; nil when there is none. It may do so only while
// every fact that is new or changed since lies at least Settled after the
// state's position: a message's place can depend on what follows it so closely.
func Fold(rules *Rules, roster *Roster, from *State, messages []*models.Placed, facts []*models.Fact, keep int64) (Story, *State) {
	f := folder{rules: rules, roster: roster, keep: keep, out: map[models.ConversationID]models.Conversation{}}
	f.state = from.clone()
	f.putAll()
	steps := order(messages, facts)
	last := int64(0)
	if n := len(steps); n > 0 {
		last = steps[n-1].pos.At
	}
	for i := range steps {
		f.snapshot(&steps[i])
		if steps[i].pos.At == last && (i == 0 || steps[i-1].pos.At < last) {
			f.tip = f.state.before(last)
		}
		f.step(&steps[i])
		f.state.Upto = steps[i].pos
	}
	story := f.story()
	story.Tip, story.TipAt = f.tip, last
	for _, m := range messages {
		m.Source = f.state.Source
		if m.WaitedFrom != 0 { // an opened event may have told later who opened
			m.OpenedBy = f.out[m.Conversation].OpenedBy
		}
	}
	return story, f.next
}

type step struct {
	pos     Pos
	message *models.Placed
	fact    *models.Fact
}

func order(messages []*models.Placed, facts []*models.Fact) []step {
	steps := make([]step, 0, len(messages)+len(facts))
	for _, m := range messages {
		m.Place = models.Place{}
		if m.Dir != models.Unseen {
			steps = append(steps, step{pos: PosOfMessage(&m.Message), message: m})
		}
	}
	for _, x := range facts {
		if Folds(x.Kind) {
			steps = append(steps, step{pos: PosOfFact(x), fact: x})
		}
	}
	sort.Slice(steps, func(i, j int) bool { return steps[i].pos.Before(steps[j].pos) })
	return steps
}

// snapshot keeps the state reached before the first fact that is too young. A
// contact that nothing has added yet is not kept: its source is still open.
func (f *folder) snapshot(s *step) {
	if f.keep == 0 || f.next != nil || s.pos.At < f.keep || f.state.SeenAt == 0 || f.state.beyond() {
		return
	}
	c := f.state.clone()
	f.next = &c
}

func (f *folder) step(s *step) {
	t := f.thread(s)
	switch {
	case s.message != nil && s.message.Dir == models.In:
		f.customer(t, s.message)
	case s.message != nil:
		f.business(t, s.message)
	case s.fact.Kind == models.ConversationOpened:
		f.opened(t, s.fact)
	case s.fact.Kind == models.ConversationAssigned:
		f.assigned(t, s.fact)
	case s.fact.Kind == models.ConversationClosed:
		f.closed(t, s.fact)
	case s.fact.Kind == models.CallReceived:
		f.call(t, s.fact)
	case s.fact.Kind == models.ContactAdded:
		origin := s.fact.Origin
		if origin == "" {
			origin = "api"
		}
		f.seen(s.fact.At, origin, s.fact.Channel)
	}
}

// thread returns the thread of a step, with a silent close that came before it done.
func (f *folder) thread(s *step) *Thread {
	channel := ""
	if s.message != nil {
		channel = s.message.Channel
	} else {
		channel = s.fact.Channel
	}
	t := f.state.Threads[channel]
	if t == nil {
		t = &Thread{}
		f.state.Threads[channel] = t
	}
	if t.Open != nil && t.Open.ClosedAt <= s.pos.At {
		f.shut(t)
	}
	return t
}

// shut ends the open conversation as it stands.
func (f *folder) shut(t *Thread) {
	f.put(t.Open)
	t.Last, t.Open, t.AutoAt = t.Open, nil, 0
}

func (f *folder) put(c *models.Conversation) { f.out[c.ID] = *c }

func (f *folder) seen(at int64, source, channel string) {
	if f.state.SeenAt == 0 {
		f.state.SeenAt, f.state.Source, f.state.Channel = at, source, channel
	}
}

// begin opens a conversation.
func (f *folder) begin(t *Thread, at int64, channel, key string, contact int64) *models.Conversation {
	c := &models.Conversation{
		ID: models.NewConversationID(channel, at, key), Contact: contact, Channel: channel, OpenedAt: at,
		First: f.state.LastOpened == 0, PrevOpenedAt: f.state.LastOpened,
	}
	if t.Last != nil && at-t.Last.ClosedAt < day24h {
		c.Reopened = true
	}
	f.state.LastOpened = at
	t.Open = c
	f.extend(c, at)
	return c
}

// extend moves the silent close to after a message at at.
func (f *folder) extend(c *models.Conversation, at int64) {
	idle := f.rules.IdleClose
	if c.Inbox {
		idle = f.rules.InboxIdleClose
	}
	c.ClosedAt, c.ClosedBy = at+idle, models.ByTimeout
}

// lastStir is the moment from which silence is counted.
func lastStir(c *models.Conversation) int64 {
	if c.LastVisibleAt != 0 {
		return c.LastVisibleAt
	}
	return c.OpenedAt
}

func (f *folder) visible(c *models.Conversation, at int64) {
	c.LastVisibleAt = at
	f.extend(c, at)
}

func (f *folder) customer(t *Thread, m *models.Placed) {
	at := m.At()
	source := "inbound"
	if m.Ad {
		source = "ad"
	}
	f.seen(at, source, m.Channel)
	c := t.Open
	if c == nil {
		c = f.begin(t, at, m.Channel, "m:"+m.ID, m.Contact)
	}
	if c.OpenedBy == "" {
		c.OpenedBy = models.ByContact
		if t.AutoAt != 0 && at-t.AutoAt < day24h {
			c.OpenedBy = models.ByAutomation
		}
	}
	if c.FirstCustomerAt == 0 {
		c.FirstCustomerAt = at
	}
	if c.WaitingSince == 0 {
		c.WaitingSince = at
	}
	f.visible(c, at)
	t.WindowAt, c.WindowAt = at, at
	m.Conversation, m.Credited = c.ID, c.Assignee
	f.followed(t, at)
	c.Missed = append(c.Missed, at) // until something follows within 24 hours
	t.unfollowed = c
	t.replied(at)
}

// followed takes the last customer message off the missed ones when this one,
// or a human's, came within 24 hours of it.
func (f *folder) followed(t *Thread, at int64) {
	c := t.unfollowed
	t.unfollowed = nil
	if c == nil {
		return
	}
	if last := len(c.Missed) - 1; at-c.Missed[last] < day24h {
		if c.Missed = c.Missed[:last]; last == 0 {
			c.Missed = nil
		}
		if c != t.Open {
			f.put(c)
		}
	}
}

// replied tells outreaches that the customer wrote.
func (t *Thread) replied(at int64) {
	for _, m := range t.reaches {
		if at-m.At() < day24h {
			m.RepliedAt = at
		}
	}
	t.reaches = nil
}

func (f *folder) business(t *Thread, m *models.Placed) {
	at, class := m.At(), m.Class()
	m.Credited = f.author(m, class)
	f.seen(at, seenBy(m, class), m.Channel)
	m.InWindow = t.WindowAt != 0 && at-t.WindowAt < day24h
	if t.Open == nil {
		m.Outreach, m.PrevReach = true, f.state.LastReach
		f.state.LastReach = at
		t.reaches = append(t.reaches, m)
	}
	if !class.Human() {
		f.machine(t, m, at)
		return
	}
	c := t.Open
	if c == nil {
		c = f.begin(t, at, m.Channel, "m:"+m.ID, m.Contact)
	}
	if c.OpenedBy == "" {
		c.OpenedBy = models.ByAgent
	}
	m.Conversation = c.ID
	f.human(t, c, m, at)
}

// machine is a message that no person wrote: it opens and answers nothing.
func (f *folder) machine(t *Thread, m *models.Placed, at int64) {
	c := t.Open
	if c == nil {
		t.AutoAt = at
		return
	}
	m.Conversation = c.ID
	if c.OpenedBy == "" {
		c.OpenedBy = models.ByContact
	}
	f.any(c, m, at)
	f.visible(c, at)
}

func (f *folder) any(c *models.Conversation, m *models.Placed, at int64) {
	if c.FirstCustomerAt != 0 && c.FirstAnyAt == 0 {
		c.FirstAnyAt, c.FirstAnyBy = at, m.Credited
	}
}

func (f *folder) human(t *Thread, c *models.Conversation, m *models.Placed, at int64) {
	f.any(c, m, at)
	if c.FirstCustomerAt != 0 && c.FirstReplyAt == 0 {
		c.FirstReplyAt, c.FirstReplyBy = at, m.Credited
	}
	if c.LastHumanAt == 0 && !c.Explicit && m.Credited != "" {
		f.assign(c, models.Assignment{At: at, Agent: m.Credited, Implicit: true})
	}
	if c.WaitingSince != 0 {
		m.WaitedFrom, m.First = c.WaitingSince, c.First
		c.WaitingSince = 0
	}
	c.LastHumanAt = at
	handle(c, m.Credited, at)
	f.visible(c, at)
	f.followed(t, at)
}

func handle(c *models.Conversation, agent string, at int64) {
	for _, h := range c.Handlers {
		if h.Agent == agent {
			return
		}
	}
	c.Handlers = append(c.Handlers, models.Handler{Agent: agent, At: at})
}

// author is the roster key of who wrote a business message.
func (f *folder) author(m *models.Placed, class models.Class) string {
	if m.Agent != "" {
		return f.roster.Key(m.Agent)
	}
	if class == models.ClassPhone {
		return models.Phone
	}
	return ""
}

// seenBy says how a contact came whose first fact is this business message.
func seenBy(m *models.Placed, class models.Class) string {
	switch {
	case m.Echo || class == models.ClassPhone:
		return "echo"
	case class == models.ClassAgent:
		return "user"
	}
	return "api"
}

func (f *folder) opened(t *Thread, x *models.Fact) {
	c := t.Open
	if c == nil {
		c = f.begin(t, x.At, x.Channel, "e:"+x.Source+":"+x.Key, x.Contact)
	}
	if !c.Inbox {
		c.Inbox = true
		f.extend(c, lastStir(c))
	}
	if by := openedBy(x.By); by != "" && !c.Told {
		c.OpenedBy, c.Told = by, true
	}
	if c.Label == "" {
		c.Label = x.Label
	}
}

// openedBy reads the source's word for who opened.
func openedBy(word string) string {
	switch word {
	case "":
		return ""
	case "contact":
		return models.ByContact
	case "agent", "user":
		return models.ByAgent
	}
	return models.ByAutomation
}

func (f *folder) assigned(t *Thread, x *models.Fact) {
	c := t.Open
	if c == nil {
		return
	}
	c.Explicit = true
	f.assign(c, models.Assignment{At: x.At, Agent: f.roster.Key(x.Agent)})
}

func (f *folder) assign(c *models.Conversation, a models.Assignment) {
	a.From = c.Assignee
	c.Assignee = a.Agent
	c.Assignments = append(c.Assignments, a)
}

func (f *folder) closed(t *Thread, x *models.Fact) {
	c := t.Open
	if c == nil {
		f.explain(t.Last, x)
		return
	}
	c.ClosedAt, c.Closer, c.Category, c.Summary = x.At, f.roster.Key(x.Agent), x.Category, x.Summary
	c.ClosedBy = closedBy(x.By, x.Agent != "")
	if c.Label == "" {
		c.Label = x.Label
	}
	f.shut(t)
}

// explain gives a conversation that silence closed what its source says of it
// later.
func (f *folder) explain(c *models.Conversation, x *models.Fact) {
	if c == nil || c.ClosedBy != models.ByTimeout {
		return
	}
	if c.Category == "" {
		c.Category = x.Category
	}
	if c.Summary == "" {
		c.Summary = x.Summary
	}
	f.put(c)
}

// closedBy reads the source's word for who closed.
func closedBy(word string, agent bool) string {
	switch word {
	case "agent", "automation", "timeout", "bot", "api":
		return word
	case "user":
		return models.ByAgent
	case "ai_agent", "captain":
		return models.ByBot
	case "workflow", "auto_close":
		return models.ByAutomation
	case "":
		if agent {
			return models.ByAgent
		}
	}
	return models.ByAPI
}

func (f *folder) call(t *Thread, x *models.Fact) {
	t.WindowAt = x.At
	if t.Open != nil {
		t.Open.WindowAt = x.At
	}
}

// putAll puts down every thread's conversations as they stand.
func (f *folder) putAll() {
	for _, t := range f.state.Threads {
		for _, c := range []*models.Conversation{t.Last, t.Open} {
			if c != nil {
				f.put(c)
			}
		}
	}
}

func (f *folder) story() Story {
	f.putAll()
	var s Story
	s.Seen = models.Contact{FirstSeenAt: f.state.SeenAt, Source: f.state.Source, Channel: f.state.Channel}
	for id, c := range f.out {
		if c.OpenedBy == "" {
			c.OpenedBy = models.ByContact
		}
		c.Source = f.state.Source
		f.out[id] = c
		s.Conversations = append(s.Conversations, c)
	}
	sort.Slice(s.Conversations, func(i, j int) bool {
		a, b := &s.Conversations[i], &s.Conversations[j]
		if a.OpenedAt != b.OpenedAt {
			return a.OpenedAt < b.OpenedAt
		}
		return a.ID.String() < b.ID.String()
	})
	return s
}

// before returns a copy of the state to go on from with what comes at a moment or
// later; nil when it does not hold all that this may change.
func (s *State) before(at int64) *State {
	if s.SeenAt == 0 && len(s.Threads) > 0 || s.beyond() {
		return nil
	}
	for _, t := range s.Threads {
		for _, m := range t.reaches {
			if at-m.At() < day24h {
				return nil
			}
		}
	}
	c := s.clone()
	return &c
}

func (s *State) clone() State {
	if s == nil {
		return State{Threads: map[string]*Thread{}}
	}
	c := *s
	c.Threads = make(map[string]*Thread, len(s.Threads))
	for channel, t := range s.Threads {
		n := *t
		n.Open, n.Last = cloneConversation(t.Open), cloneConversation(t.Last)
		n.unfollowed, n.reaches = n.lastMissed(), nil
		c.Threads[channel] = &n
	}
	return c
}

// beyond reports whether what follows can still change a conversation that the
// state does not hold.
func (s *State) beyond() bool {
	for _, t := range s.Threads {
		if t.unfollowed != nil && t.unfollowed != t.Open && t.unfollowed != t.Last {
			return true
		}
	}
	return false
}

// lastMissed returns the conversation with the thread's latest message that nobody
// has followed; where that was decided long ago, nothing more can come of it.
func (t *Thread) lastMissed() *models.Conversation {
	last := func(c *models.Conversation) int64 {
		if c == nil || len(c.Missed) == 0 {
			return 0
		}
		return c.Missed[len(c.Missed)-1]
	}
	switch open, closed := last(t.Open), last(t.Last); {
	case open == 0 && closed == 0:
		return nil
	case open >= closed:
		return t.Open
	}
	return t.Last
}

func cloneConversation(c *models.Conversation) *models.Conversation {
	if c == nil {
		return nil
	}
	n := *c
	n.Assignments = append([]models.Assignment(nil), c.Assignments...)
	n.Handlers = append([]models.Handler(nil), c.Handlers...)
	n.Missed = append([]int64(nil), c.Missed...)
	return &n
}
