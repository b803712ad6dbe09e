package ledger

import (
	"encoding/json"
	"fmt"
	"reflect"

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
func (t *turn) fold() error {
	states, tail, err := t.readTails()
	if err != nil {
		return err
	}
	mine := t.sort(tail)
	for _, id := range sortedIDs(mine) {
		if err := t.foldContact(t.contact(id), states[id], mine[id]); err != nil {
			return err
		}
	}
	t.tallyRest()
	return nil
}

// readTails reads what must be folded, from each contact's state or from the
// beginning.
func (t *turn) readTails() (map[int64]*analytics.State, *analytics.Rows, error) {
	states := map[int64]*analytics.State{}
	var since []Since
	rows := &analytics.Rows{}
	for _, id := range sortedIDs(t.contacts) {
		c := t.contacts[id]
		if !c.dirty {
			continue
		}
		s := Since{Contact: id}
		if state, ok := t.usable(c); ok {
			states[id] = state
			s.At, s.Opened = state.Upto.At, earliestOpen(state)
		}
		c.tail = &tail{since: s, messages: map[int64]*models.Placed{}, facts: map[int64]*models.Fact{}}
		if c.old == nil {
			continue
		}
		if kept := t.recent.get(s); kept != nil {
			c.tail.since = kept.since
			kept.addTo(rows)
			continue
		}
		since = append(since, s)
	}
	if len(since) == 0 {
		return states, rows, nil
	}
	have, err := t.page.Find(Want{Tails: since})
	if err != nil {
		return nil, nil, err
	}
	have.Tail.Messages = append(have.Tail.Messages, rows.Messages...)
	have.Tail.Facts = append(have.Tail.Facts, rows.Facts...)
	have.Tail.Conversations = append(have.Tail.Conversations, rows.Conversations...)
	return states, &have.Tail, nil
}

// usable returns the state from which a contact's fold may go on.
func (t *turn) usable(c *contact) (*analytics.State, bool) {
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

// sort divides rows among the contacts that must be folded.
func (t *turn) sort(tail *analytics.Rows) map[int64]*share {
	t.take(*tail)
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
	for _, c := range tail.Conversations {
		if s := mine[c.Contact]; s != nil {
			s.conversations = append(s.conversations, c)
		}
	}
	return mine
}

func (t *turn) foldContact(c *contact, from *analytics.State, s *share) error {
	var messages []*models.Placed
	var facts []*models.Fact
	for _, m := range s.messages {
		if from == nil || from.Upto.Before(analytics.PosOfMessage(&m.now.Message)) {
			messages = append(messages, &m.now)
		}
	}
	for _, f := range s.facts {
		if from == nil || from.Upto.Before(analytics.PosOfFact(&f.now)) {
			facts = append(facts, &f.now)
		}
	}
	story, state, err := refold(t.rules, t.roster, from, messages, facts)
	if err != nil {
		return fmt.Errorf("contact %d: %w", c.ID, err)
	}
	if from != nil && reopened(from, story.Conversations) {
		if err := t.loadWhole([]int64{c.ID}); err != nil {
			return err
		}
		return t.foldContact(c, nil, t.shareOf(c.ID, s.conversations))
	}
	if from == nil || state != nil {
		c.State = state
	}
	c.FirstSeenAt, c.Source, c.Channel = story.Seen.FirstSeenAt, story.Seen.Source, story.Seen.Channel
	t.recut(c, from, s.conversations, story.Conversations)
	return nil
}

// reopened reports whether a conversation that is older than the state turned
// out to be opened by somebody else: replies in it say so too, also those from
// before the state.
func reopened(from *analytics.State, cut []models.Conversation) bool {
	for _, th := range from.Threads {
		for i := range cut {
			if th.Open != nil && cut[i].ID == th.Open.ID && th.Open.OpenedBy != "" && cut[i].OpenedBy != th.Open.OpenedBy {
				return true
			}
		}
	}
	return false
}

// shareOf gathers all rows of a contact that was read whole.
func (t *turn) shareOf(id int64, conversations []*models.Conversation) *share {
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

// recut replaces the contact's conversations that the fold could touch.
func (t *turn) recut(c *contact, from *analytics.State, stored []*models.Conversation, cut []models.Conversation) {
	before := map[models.ConversationID]*models.Conversation{}
	for _, x := range stored {
		if from == nil || x.OpenedAt >= from.Upto.At || holds(from, x.ID) {
			before[x.ID] = x
		} else {
			c.tail.conversations = append(c.tail.conversations, x)
		}
	}
	for i := range cut {
		now := &cut[i]
		now.Contact = c.ID
		c.tail.conversations = append(c.tail.conversations, now)
		old := before[now.ID]
		delete(before, now.ID)
		if old != nil && same(old, now) {
			continue
		}
		if old != nil {
			t.tally.Conversation(old, -1)
		}
		t.tally.Conversation(now, 1)
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
	x, y := *a, *b
	if len(x.Assignments) != len(y.Assignments) || len(x.Handlers) != len(y.Handlers) {
		return false
	}
	for i := range x.Assignments {
		if x.Assignments[i] != y.Assignments[i] {
			return false
		}
	}
	for i := range x.Handlers {
		if x.Handlers[i] != y.Handlers[i] {
			return false
		}
	}
	x.Assignments, y.Assignments, x.Handlers, y.Handlers = nil, nil, nil, nil
	return reflect.DeepEqual(x, y)
}

// tallyRest tallies messages, facts and contacts, whose contributions are
// their rows' own, and lists the rows to write.
func (t *turn) tallyRest() {
	for _, m := range t.messages {
		if m.old != nil && *m.old == m.now {
			continue
		}
		if m.old != nil {
			t.tally.Message(m.old, -1)
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

func (t *turn) tallyFact(f *fact) {
	source := ""
	if c := t.contact(f.now.Contact); c != nil {
		source = c.Source
	}
	if f.old != nil {
		before := ""
		if c := t.contact(f.old.Contact); c != nil && c.old != nil {
			before = c.old.Source
		}
		t.tally.Fact(f.old, before, -1)
	}
	t.tally.Fact(&f.now, source, 1)
	if f.old == nil || f.old.At != f.now.At || f.old.Contact != f.now.Contact {
		t.changes.Facts = append(t.changes.Facts, &f.now)
	}
}

func (t *turn) tallyContact(c *contact, gone bool) {
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
func (t *turn) save() error {
	keys := t.tally.Keys()
	have, err := t.page.Find(Want{Cells: keys})
	if err != nil {
		return err
	}
	t.tally.Apply(have.Cells)
	rows := t.changes
	if err := t.page.Save(&rows); err != nil {
		return err
	}
	if err := t.sharpen(have.Cells); err != nil {
		return err
	}
	return t.page.Save(&Changes{At: t.batch.Now, Cells: have.Cells})
}

// sharpen finds the maxima again that were taken back, among the rows of their day.
func (t *turn) sharpen(cells map[analytics.CellKey]*analytics.Cell) error {
	blunt := analytics.FindBlunt(t.rules, cells)
	moments := blunt.Moments()
	if len(moments) == 0 {
		return nil
	}
	have, err := t.page.Find(Want{Moments: moments})
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
