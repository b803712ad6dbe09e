package ledger

import (
	"pulso/analytics"
	"pulso/models"
)

// How many contacts and identifiers are kept at least; at most twice as many.
const (
	recentContacts = 6_000
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

// tip is a contact's fold after its last fact. What comes after that fact can be
// folded from here without reading what came before.
type tip struct {
	state *analytics.State
	rows  map[models.ConversationID]*models.Conversation // as stored: those that the fold may go on to change
	read  int                                            // facts that the last fold from rows read
	since int                                            // facts folded since
}

// tipOf returns where a fold has come to, nil when it cannot go on from there.
func tipOf(story *analytics.Story, read, since int) *tip {
	if story.Tip == nil {
		return nil
	}
	t := &tip{state: story.Tip, rows: map[models.ConversationID]*models.Conversation{}, read: read, since: since}
	for i := range story.Conversations {
		if c := &story.Conversations[i]; holds(story.Tip, c.ID) {
			t.rows[c.ID] = c
		}
	}
	return t
}

// spent reports whether so much was folded since the rows were read that it is time
// to read them again: that keeps the stored state near, from which a writer that
// knows nothing begins.
func (t *tip) spent() bool { return t.since >= max(stateGain, t.read) }

// remember keeps what the turn has saved.
func (t *turn) remember() {
	for id, c := range t.contacts {
		t.known.put(id, known{c.Contact, c.tip})
	}
	for _, id := range t.changes.Gone {
		t.known.drop(id)
	}
	for a, id := range t.contactOf {
		t.owners.put(a, id)
	}
}
