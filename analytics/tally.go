package analytics

import "pulso/models"

// Tally collects what rows stop and start to contribute, so that only what
// really changed touches a cell.
type Tally struct {
	rules *Rules
	net   map[Contribution]int64

	before, after []Contribution // used again by Recut
}

// NewTally returns an empty tally under the given rules.
func NewTally(rules *Rules) *Tally { return &Tally{rules: rules, net: map[Contribution]int64{}} }

func (t *Tally) count(c Contribution, times int64) {
	if n := t.net[c] + times; n != 0 {
		t.net[c] = n
	} else {
		delete(t.net, c)
	}
}

func (t *Tally) add(times int64) func(Contribution) {
	return func(c Contribution) { t.count(c, times) }
}

// Message adds (times 1) or takes back (-1) what a placed message contributes.
func (t *Tally) Message(p *models.Placed, times int64) { t.rules.OfMessage(p, t.add(times)) }

// Conversation does the same for a conversation.
func (t *Tally) Conversation(c *models.Conversation, times int64) {
	t.rules.OfConversation(c, t.add(times))
}

// Contact does the same for a contact.
func (t *Tally) Contact(c *models.Contact, times int64) { t.rules.OfContact(c, t.add(times)) }

// Fact does the same for a stored event of a contact that was first seen by source;
// roster resolves its agent.
func (t *Tally) Fact(f *models.Fact, source string, roster *Roster, times int64) {
	t.rules.OfFact(f, source, roster, t.add(times))
}

// Recut replaces what a conversation contributes; from its own earlier state most
// of it stays as it is.
func (t *Tally) Recut(old, now *models.Conversation) {
	t.before, t.after = t.before[:0], t.after[:0]
	t.rules.OfConversation(old, func(c Contribution) { t.before = append(t.before, c) })
	t.rules.OfConversation(now, func(c Contribution) { t.after = append(t.after, c) })
	for i := range max(len(t.before), len(t.after)) {
		switch {
		case i >= len(t.before):
			t.count(t.after[i], 1)
		case i >= len(t.after):
			t.count(t.before[i], -1)
		case t.before[i] != t.after[i]:
			t.count(t.before[i], -1)
			t.count(t.after[i], 1)
		}
	}
}

// Keys returns every cell that the tally touches.
func (t *Tally) Keys() []CellKey {
	seen := map[CellKey]bool{}
	var keys []CellKey
	for c := range t.net {
		t.rules.keysOf(&c, func(k CellKey, _ int32) {
			if !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		})
	}
	return keys
}

// Apply adds the tally to cells, making those that are missing. What is added
// goes in before anything is taken out, so that maxima stay known.
func (t *Tally) Apply(cells map[CellKey]*Cell) {
	for _, taking := range []bool{false, true} {
		for c, times := range t.net {
			if (times < 0) != taking {
				continue
			}
			t.rules.keysOf(&c, func(k CellKey, at int32) {
				cell := cells[k]
				if cell == nil {
					cell = &Cell{}
					cells[k] = cell
				}
				cell.add(t.rules, at, &c, times)
			})
		}
	}
}
