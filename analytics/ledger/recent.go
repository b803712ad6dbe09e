package ledger

import (
	"pulso/analytics"
	"pulso/models"
)

// How many contacts and identifiers are kept at least; at most twice as many.
const (
	recentContacts = 4_000
	recentAliases  = 20_000
)

// recent keeps what was asked for lately, so that somebody who goes on writing is
// not read anew at every message. It holds two generations: what was not asked
// for while the younger one filled up is forgotten.
type recent[K comparable, V any] struct {
	young, old map[K]V
	most       int // in a generation
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{young: map[K]V{}, most: most}
}

func (r *recent[K, V]) get(k K) (V, bool) {
	v, ok := r.young[k]
	if !ok {
		if v, ok = r.old[k]; ok {
			r.put(k, v)
		}
	}
	return v, ok
}

func (r *recent[K, V]) put(k K, v V) {
	if len(r.young) >= r.most {
		r.young, r.old = map[K]V{}, r.young
	}
	r.young[k] = v
}

func (r *recent[K, V]) drop(k K) {
	delete(r.young, k)
	delete(r.old, k)
}

// known is a contact as it stands in the record, and its fold.
type known struct {
	contact models.Contact
	tip     *tip // nil when its rows must be read to fold it
}

// tip is where a contact's fold has come to: its state before the facts of the
// latest moment, and these. What comes at that moment or later can be folded from
// here without reading what came before.
type tip struct {
	at       int64
	state    *analytics.State
	messages []*models.Placed // of the latest moment
	facts    []*models.Fact
	rows     []*models.Conversation // as stored: those that the fold may go on to change
	read     int                    // facts that the last fold from rows read
	since    int                    // facts folded since
}

// tipOf returns where a fold of messages and facts has come to, nil when it cannot
// go on from there.
func tipOf(story *analytics.Story, messages []*models.Placed, facts []*models.Fact) *tip {
	if story.Tip == nil {
		return nil
	}
	t := &tip{at: story.TipAt, state: story.Tip}
	for _, m := range messages {
		if m.Message.At() >= t.at {
			row := *m
			t.messages = append(t.messages, &row)
		}
	}
	for _, f := range facts {
		if f.At >= t.at {
			row := *f
			t.facts = append(t.facts, &row)
		}
	}
	for i := range story.Conversations {
		if c := &story.Conversations[i]; c.OpenedAt >= t.at || holds(story.Tip, c.ID) {
			row := *c // not the whole story
			t.rows = append(t.rows, &row)
		}
	}
	return t
}

// reaches reports whether what changed at a moment or later can be folded from
// the tip. Once as much was folded as the rows held, it is time to read them
// again: that keeps the stored state near, from which a writer that knows nothing
// begins.
func (t *tip) reaches(from int64) bool {
	return t != nil && from >= t.at && t.since < max(stateGain, t.read)
}

// latest are the rows of the latest moment.
func (t *tip) latest() analytics.Rows { return analytics.Rows{Messages: t.messages, Facts: t.facts} }

// before returns the conversations that the fold may go on to change, by id.
func (t *tip) before() map[models.ConversationID]*models.Conversation {
	rows := make(map[models.ConversationID]*models.Conversation, len(t.rows))
	for _, c := range t.rows {
		rows[c.ID] = c
	}
	return rows
}

// remember keeps what the turn has saved.
func (t *Turn) remember() {
	for id, c := range t.contacts {
		t.known.put(id, known{c.Contact, c.tip})
	}
	for _, id := range t.changes.Gone {
		t.known.drop(id)
	}
	for a, id := range t.contactOf {
		t.owners.put(a, id)
	}
	for _, m := range t.changes.Messages {
		if k, ok := t.known.get(m.Contact); ok && k.tip != nil {
			for _, x := range k.tip.messages {
				if x.Row == m.Row {
					*x = *m
				}
			}
		}
	}
}
