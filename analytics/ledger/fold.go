package ledger

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"pulso/analytics"
	"pulso/models"
)

// A contact is folded on from a state once that spares reading at least
// stateGain facts, and the state lies so far back that facts which are merely
// late still come after it.
const (
	stateGain = 16
	stateLag  = 2 * analytics.Settled
)

// fold cuts the conversations of every contact that something changed for, and
// tallies what its rows stop and start to contribute.
func (t *Turn) fold() error {
	var near, far []*contact
	for _, id := range sortedIDs(t.contacts) {
		switch c := t.contacts[id]; {
		case !c.dirty:
		case !c.whole && c.tip.reaches(c.from):
			t.take(c.tip.latest())
			near = append(near, c)
		default:
			far = append(far, c)
		}
	}
	mine := t.sort()
	for _, c := range near {
		if !t.goOn(c, mine[c.ID]) {
			far = append(far, c)
		}
	}
	if err := t.foldRows(far); err != nil {
		return err
	}
	t.tallyRest()
	return nil
}

// goOn folds a contact from its tip, and reports whether that was enough.
func (t *Turn) goOn(c *contact, s *share) bool {
	k := c.tip
	messages, facts := s.since(func(at int64, _ func() analytics.Pos) bool { return at >= k.at })
	story, _ := analytics.Fold(t.rules, t.roster, k.state, messages, facts, 0)
	if reopened(k.state, k.rows, story.Conversations) || c.old != nil && c.old.Source != story.Seen.Source {
		return false // what came before is told otherwise now
	}
	c.FirstSeenAt, c.Source, c.Channel = story.Seen.FirstSeenAt, story.Seen.Source, story.Seen.Channel
	t.recut(c, k.before(), story.Conversations)
	c.tip = tipOf(&story, messages, facts)
	if c.tip != nil {
		c.tip.read, c.tip.since = k.read, k.since+len(messages)+len(facts)-len(k.messages)-len(k.facts)
	}
	return true
}

// foldRows folds contacts from their rows.
func (t *Turn) foldRows(contacts []*contact) error {
	if len(contacts) == 0 {
		return nil
	}
	states, tail, err := t.readTails(contacts)
	if err != nil {
		return err
	}
	t.take(*tail)
	mine := t.sort()
	for _, x := range tail.Conversations {
		if s := mine[x.Contact]; s != nil {
			s.conversations = append(s.conversations, x)
		}
	}
	for _, c := range contacts {
		if err := t.foldContact(c, states[c.ID], mine[c.ID]); err != nil {
			return err
		}
	}
	return nil
}

// readTails reads what must be folded, from each contact's state or from the
// beginning.
func (t *Turn) readTails(contacts []*contact) (map[int64]*analytics.State, *analytics.Rows, error) {
	states := map[int64]*analytics.State{}
	var since []Since
	for _, c := range contacts {
		s := Since{Contact: c.ID}
		if state, ok := t.usable(c); ok {
			states[c.ID] = state
			s.At, s.Opened = state.Upto.At, earliestOpen(state)
		}
		if c.old != nil {
			since = append(since, s)
		}
	}
	if len(since) == 0 {
		return states, &analytics.Rows{}, nil
	}
	have, err := t.find(Want{Tails: since})
	if err != nil {
		return nil, nil, err
	}
	return states, &have.Tail, nil
}

// usable returns the state from which a contact's fold may go on.
func (t *Turn) usable(c *contact) (*analytics.State, bool) {
	if c.whole || len(c.State) == 0 {
		return nil, false
	}
	var s analytics.State
	if json.Unmarshal(c.State, &s) != nil || c.from < s.Upto.At+analytics.Settled {
		return nil, false
	}
	return &s, true
}

func earliestOpen(s *analytics.State) int64 {
	at := s.Upto.At
	for _, th := range s.Threads {
		for _, c := range []*models.Conversation{th.Open, th.Last} {
			if c != nil {
				at = min(at, c.OpenedAt)
			}
		}
	}
	return at
}

// share is the part of a turn that belongs to one contact.
type share struct {
	messages      []*message
	facts         []*fact
	conversations []*models.Conversation
}

// sort divides the turn's rows among the contacts that must be folded.
func (t *Turn) sort() map[int64]*share {
	mine := map[int64]*share{}
	for id, c := range t.contacts {
		if c.dirty {
			mine[id] = &share{}
		}
	}
	for _, m := range t.messages {
		if s := mine[m.now.Contact]; s != nil {
			s.messages = append(s.messages, m)
		}
	}
	for _, f := range t.facts {
		if s := mine[f.now.Contact]; s != nil {
			s.facts = append(s.facts, f)
		}
	}
	return mine
}

// since returns the share's messages and facts that are late enough.
func (s *share) since(late func(at int64, pos func() analytics.Pos) bool) (messages []*models.Placed, facts []*models.Fact) {
	for _, m := range s.messages {
		if late(m.now.Message.At(), func() analytics.Pos { return analytics.PosOfMessage(&m.now.Message) }) {
			messages = append(messages, &m.now)
		}
	}
	for _, f := range s.facts {
		if late(f.now.At, func() analytics.Pos { return analytics.PosOfFact(&f.now) }) {
			facts = append(facts, &f.now)
		}
	}
	return messages, facts
}

func (t *Turn) foldContact(c *contact, from *analytics.State, s *share) error {
	messages, facts := s.since(func(_ int64, pos func() analytics.Pos) bool { return from == nil || from.Upto.Before(pos()) })
	story, state, err := refold(t.rules, t.roster, from, messages, facts)
	if err != nil {
		return fmt.Errorf("contact %d: %w", c.ID, err)
	}
	if from != nil && reopened(from, s.conversations, story.Conversations) {
		if err := t.loadWhole([]int64{c.ID}); err != nil {
			return err
		}
		return t.foldContact(c, nil, t.shareOf(c.ID, s.conversations))
	}
	if from == nil || state != nil {
		c.State = state
	}
	c.FirstSeenAt, c.Source, c.Channel = story.Seen.FirstSeenAt, story.Seen.Source, story.Seen.Channel
	before := map[models.ConversationID]*models.Conversation{}
	for _, x := range s.conversations {
		if from == nil || x.OpenedAt >= from.Upto.At || holds(from, x.ID) {
			before[x.ID] = x
		}
	}
	t.recut(c, before, story.Conversations)
	if c.tip = tipOf(&story, messages, facts); c.tip != nil {
		c.tip.read = len(messages) + len(facts)
	}
	return nil
}

// reopened reports whether a conversation that is older than the state turned
// out to be opened by somebody else than the state says, or than is stored:
// replies in it say so too, also those from before the state.
func reopened(from *analytics.State, stored []*models.Conversation, cut []models.Conversation) bool {
	for _, th := range from.Threads {
		if th.Open == nil || th.Open.OpenedBy == "" {
			continue
		}
		by := ""
		for i := range cut {
			if cut[i].ID == th.Open.ID {
				by = cut[i].OpenedBy
			}
		}
		differs := func(c *models.Conversation) bool { return c.ID == th.Open.ID && c.OpenedBy != by }
		if differs(th.Open) || slices.ContainsFunc(stored, differs) {
			return true
		}
	}
	return false
}

// shareOf gathers all rows of a contact that was read whole.
func (t *Turn) shareOf(id int64, conversations []*models.Conversation) *share {
	s := &share{conversations: conversations}
	for _, m := range t.messages {
		if m.now.Contact == id {
			s.messages = append(s.messages, m)
		}
	}
	for _, f := range t.facts {
		if f.now.Contact == id {
			s.facts = append(s.facts, f)
		}
	}
	known := map[models.ConversationID]bool{}
	for _, c := range conversations {
		known[c.ID] = true
	}
	for _, c := range t.whole {
		if c.Contact == id && !known[c.ID] {
			s.conversations = append(s.conversations, c)
		}
	}
	return s
}

// refold folds a contact's facts and keeps a state where one spares enough.
func refold(rules *analytics.Rules, roster *analytics.Roster, from *analytics.State, messages []*models.Placed, facts []*models.Fact) (analytics.Story, []byte, error) {
	latest := int64(0)
	for _, m := range messages {
		latest = max(latest, m.Message.At())
	}
	for _, f := range facts {
		latest = max(latest, f.At)
	}
	keep := latest - stateLag
	story, next := analytics.Fold(rules, roster, from, messages, facts, keep)
	if next == nil || older(messages, facts, keep) < stateGain {
		return story, nil, nil
	}
	state, err := json.Marshal(next)
	if err != nil {
		return story, nil, fmt.Errorf("keep fold: %w", err)
	}
	return story, state, nil
}

// older counts the facts that a state at keep would spare.
func older(messages []*models.Placed, facts []*models.Fact, keep int64) int {
	n := 0
	for _, m := range messages {
		if m.Message.At() < keep {
			n++
		}
	}
	for _, f := range facts {
		if f.At < keep {
			n++
		}
	}
	return n
}

// recut replaces conversations of a contact by what the fold made of them.
func (t *Turn) recut(c *contact, before map[models.ConversationID]*models.Conversation, cut []models.Conversation) {
	for i := range cut {
		now := &cut[i]
		now.Contact = c.ID
		old := before[now.ID]
		delete(before, now.ID)
		if old != nil && same(old, now) {
			continue
		}
		if old != nil {
			t.tally.Recut(old, now)
			t.changes.OldConversations[now.ID] = old
		} else {
			t.tally.Conversation(now, 1)
		}
		t.changes.Conversations = append(t.changes.Conversations, now)
	}
	for id, old := range before {
		t.tally.Conversation(old, -1)
		t.changes.Vanished = append(t.changes.Vanished, id)
	}
}

func holds(s *analytics.State, id models.ConversationID) bool {
	for _, th := range s.Threads {
		if th.Open != nil && th.Open.ID == id || th.Last != nil && th.Last.ID == id {
			return true
		}
	}
	return false
}

// same compares two conversations; a nil list equals an empty one.
func same(a, b *models.Conversation) bool {
	if !slices.Equal(a.Assignments, b.Assignments) || !slices.Equal(a.Handlers, b.Handlers) || !slices.Equal(a.Missed, b.Missed) {
		return false
	}
	x, y := *a, *b
	x.Assignments, y.Assignments, x.Handlers, y.Handlers, x.Missed, y.Missed = nil, nil, nil, nil, nil, nil
	return reflect.DeepEqual(x, y)
}

// tallyRest tallies messages, facts and contacts, whose contributions are
// their rows' own, and lists the rows to write.
func (t *Turn) tallyRest() {
	for _, m := range t.messages {
		if m.old != nil && *m.old == m.now {
			continue
		}
		if m.old != nil {
			t.tally.Message(m.old, -1)
			t.changes.OldMessages[m.now.Row] = m.old
		}
		t.tally.Message(&m.now, 1)
		t.changes.Messages = append(t.changes.Messages, &m.now)
		if m.text != "" {
			t.changes.Texts[m.now.Row] = m.text
		}
	}
	for _, f := range t.facts {
		t.tallyFact(f)
	}
	gone := map[int64]bool{}
	for _, id := range t.changes.Gone {
		gone[id] = true
	}
	for id, c := range t.contacts {
		t.tallyContact(c, gone[id])
	}
}

func (t *Turn) tallyFact(f *fact) {
	source := ""
	if c := t.contact(f.now.Contact); c != nil {
		source = c.Source
	}
	if f.old != nil {
		before := ""
		if c := t.contact(f.old.Contact); c != nil && c.old != nil {
			before = c.old.Source
		}
		t.tally.Fact(f.old, before, t.was, -1)
	}
	t.tally.Fact(&f.now, source, t.roster, 1)
	if f.old == nil || f.old.At != f.now.At || f.old.Contact != f.now.Contact || f.old.Party != f.now.Party {
		t.changes.Facts = append(t.changes.Facts, &f.now)
	}
}

func (t *Turn) tallyContact(c *contact, gone bool) {
	if c.old != nil {
		t.tally.Contact(c.old, -1)
	}
	if gone {
		return
	}
	t.tally.Contact(&c.Contact, 1)
	if c.old == nil || !reflect.DeepEqual(*c.old, c.Contact) {
		t.changes.Contacts = append(t.changes.Contacts, &c.Contact)
	}
}

// save writes the changes; cells whose maximum was taken back are first summed
// again from the rows just written.
func (t *Turn) save() error {
	keys := t.tally.Keys()
	have, err := t.find(Want{Cells: keys})
	if err != nil {
		return err
	}
	t.tally.Apply(have.Cells)
	rows := t.changes
	rows.Folded, rows.Faults = nil, nil // last: receivers add to what is pending meanwhile
	if err := t.page.Save(&rows); err != nil {
		return err
	}
	if err := t.sharpen(have.Cells); err != nil {
		return err
	}
	return t.page.Save(&Changes{At: t.batch.Now, Cells: have.Cells, Folded: t.changes.Folded, Faults: t.changes.Faults})
}

// sharpen finds the maxima again that were taken back, among the rows of their day.
func (t *Turn) sharpen(cells map[analytics.CellKey]*analytics.Cell) error {
	blunt := analytics.FindBlunt(t.rules, cells)
	moments := blunt.Moments()
	if len(moments) == 0 {
		return nil
	}
	have, err := t.find(Want{Moments: moments})
	if err != nil {
		return err
	}
	for _, m := range have.Tail.Messages {
		t.rules.OfMessage(m, blunt.Offer)
	}
	for _, c := range have.Tail.Conversations {
		t.rules.OfConversation(c, blunt.Offer)
	}
	blunt.Sharpen(cells)
	return nil
}
