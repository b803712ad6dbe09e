package ledger

import (
	"pulso/analytics"
	"pulso/models"
)

// recentRows is how many rows of contacts are kept at least, and at most twice as many.
const recentRows = 8_000

// recent keeps the rows of contacts that were folded lately, as they stand in
// the record, so that somebody who goes on writing is not read anew at every
// message. It holds two generations: what was not asked for while the younger
// one filled up is forgotten.
type recent struct {
	young, old map[int64]*tail
	rows       int // in the young
}

// tail holds a contact's rows from some moment on.
type tail struct {
	since         Since
	messages      map[int64]*models.Placed // by row
	facts         map[int64]*models.Fact
	conversations []*models.Conversation
}

func newRecent() *recent { return &recent{young: map[int64]*tail{}} }

// get returns a contact's rows, if all that are wanted are kept.
func (r *recent) get(want Since) *tail {
	t := r.young[want.Contact]
	if t == nil {
		if t = r.old[want.Contact]; t == nil {
			return nil
		}
		r.put(t)
	}
	if t.since.At > want.At || t.since.Opened > want.Opened {
		return nil
	}
	return t
}

func (r *recent) put(t *tail) {
	if r.rows >= recentRows {
		r.young, r.old, r.rows = map[int64]*tail{}, r.young, 0
	}
	r.young[t.since.Contact] = t
	r.rows += len(t.messages) + len(t.facts) + len(t.conversations)
}

func (r *recent) drop(contact int64) {
	delete(r.young, contact)
	delete(r.old, contact)
}

// addTo adds the rows to those of others.
func (t *tail) addTo(rows *analytics.Rows) {
	for _, m := range t.messages {
		rows.Messages = append(rows.Messages, m)
	}
	for _, f := range t.facts {
		rows.Facts = append(rows.Facts, f)
	}
	rows.Conversations = append(rows.Conversations, t.conversations...)
}

// remember keeps what the turn has saved. Rows are copied: those of a turn hold
// what they were before, and so on.
func (t *turn) remember() {
	for id, c := range t.contacts {
		if c.dirty {
			t.recent.drop(id)
		}
		if c.tail != nil {
			t.recent.put(c.tail)
		}
	}
	for _, id := range t.changes.Gone {
		t.recent.drop(id)
	}
	for _, m := range t.messages {
		if kept := t.kept(m.now.Contact); kept != nil && (m.old == nil || *m.old != m.now || kept.messages[m.now.Row] == nil) {
			row := m.now
			kept.messages[row.Row] = &row
		}
	}
	for _, f := range t.facts {
		if kept := t.kept(f.now.Contact); kept != nil {
			row := f.now
			kept.facts[row.Row] = &row
		}
	}
}

// kept returns what is kept of a contact, whatever its age.
func (t *turn) kept(contact int64) *tail {
	if k := t.recent.young[contact]; k != nil {
		return k
	}
	return t.recent.old[contact]
}
