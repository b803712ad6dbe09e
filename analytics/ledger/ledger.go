package ledger

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strconv"

	"pulso/analytics"
	"pulso/models"
)

// Ledger is the fold writer: one at a time may work on a database. It keeps
// what it knows of the roster and of lately folded contacts between pages; after
// a page that was not committed it must be forgotten and made anew, as after
// anybody else wrote rows.
type Ledger struct {
	rules      *analytics.Rules
	configured []analytics.Agent
	ids        models.Sequence
	sightings  map[sighted]analytics.Sighting
	roster     *analytics.Roster
	Rebuilding bool                        // this writer is the rebuild
	behind     bool                        // the settings have changed; the record still follows the old ones
	linked     *recent[models.Pair, since] // links known to be stored
	known      *recent[int64, known]
	owners     *recent[models.Alias, int64] // contacts of identifiers
}

// ErrRebuilding is returned while a rebuild was begun and not ended: the rows
// may follow other rules than the cells, so nothing can be added to them.
var ErrRebuilding = errors.New("a rebuild was not finished: run rebuild")

type sighted struct{ id, name, team string }

// New returns a writer under the given rules, with the agents of the configuration.
func New(rules *analytics.Rules, configured []analytics.Agent) *Ledger {
	return &Ledger{
		rules: rules, configured: configured, linked: newRecent[models.Pair, since](recentAliases),
		known: newRecent[int64, known](recentContacts), owners: newRecent[models.Alias, int64](recentAliases),
	}
}

// Batch is what one page absorbs.
type Batch struct {
	Now        int64   // the wall clock, ms
	Deliveries []int64 // marked as folded with it
	Events     []models.Event
	Faults     []models.Fault
	Unknown    []string         // words that no decoder knows
	Commands   []models.Command // the bot's own talk is no figure; it is stored with the rest
	Receipts   []models.Receipt
}

// Outcome counts the events of a batch: those that told something new, those
// that were known, and those that were recorded but are no figure.
type Outcome struct{ New, Duplicates, Kept int }

// Add sums two outcomes.
func (o *Outcome) Add(x Outcome) {
	o.New += x.New
	o.Duplicates += x.Duplicates
	o.Kept += x.Kept
}

// turn is the absorbing of one batch.
type turn struct {
	*Ledger
	page  Page
	batch *Batch
	out   Outcome

	contactOf map[models.Alias]int64 // after this batch's links, before mergers
	contacts  map[int64]*contact
	messages  map[MessageKey]*message
	facts     map[FactKey]*fact
	whole     []*models.Conversation // of contacts that were read whole

	changes Changes
	tally   *analytics.Tally
	was     *analytics.Roster // before this batch: what is stored stands in the cells under it
}

type contact struct {
	models.Contact
	old    *models.Contact // as stored; nil when new
	dirty  bool            // must be folded
	whole  bool            // must be folded from the beginning
	from   int64           // earliest moment that changed
	loaded bool            // all its rows are in the turn
	tip    *tip            // where its fold has come to
}

type message struct {
	now  models.Placed
	old  *models.Placed // as stored; nil when new
	text string
}

type fact struct {
	now models.Fact
	old *models.Fact
}

// Absorb turns a batch into changes and saves them on the page.
func (l *Ledger) Absorb(page Page, batch Batch) (Outcome, error) {
	t := &turn{
		Ledger: l, page: page, batch: &batch,
		contactOf: map[models.Alias]int64{}, contacts: map[int64]*contact{},
		messages: map[MessageKey]*message{}, facts: map[FactKey]*fact{},
	}
	t.changes = Changes{
		At: batch.Now, Folded: batch.Deliveries, Faults: batch.Faults, Commands: batch.Commands, Receipts: batch.Receipts,
		Aliases: map[models.Alias]int64{}, Texts: map[int64]string{}, Ahead: map[int64]int64{},
		OldMessages: map[int64]*models.Placed{}, OldConversations: map[models.ConversationID]*models.Conversation{},
	}
	t.changes.Odd.Unknown(batch.Unknown, batch.Now)
	for _, step := range []func() error{t.meetAgents, t.recall, t.identify, t.join, t.fold, t.save} {
		if err := step(); err != nil {
			return Outcome{}, fmt.Errorf("absorb events: %w", err)
		}
	}
	t.remember()
	return t.out, nil
}

const dayMS = 86_400_000

// meetAgents notes agents as events show them, and has contacts folded again
// whose agents turn out to be somebody else than was thought.
func (t *turn) meetAgents() error {
	if t.roster == nil {
		if err := t.loadRoster(); err != nil {
			return err
		}
	}
	t.tally, t.was = analytics.NewTally(t.rules), t.roster
	fresh := false
	for i := range t.batch.Events {
		e := &t.batch.Events[i]
		tidy(e)
		if e.Agent == nil || e.Agent.ID == "" && e.Agent.Name == "" {
			continue
		}
		key := sighted{e.Agent.ID, e.Agent.Name, e.Agent.Team}
		day := e.At / dayMS * dayMS // a day is exact enough to know the latest name
		known, ok := t.sightings[key]
		if !ok {
			known = analytics.Sighting{ID: key.id, Name: key.name, Team: key.team, First: e.At, At: day}
		} else if day <= known.At && e.At >= known.First {
			continue
		}
		fresh = true // also a later day can tell which name or team is the latest
		known.First, known.At = min(known.First, e.At), max(known.At, day)
		t.sightings[key] = known
		t.changes.Sightings = append(t.changes.Sightings, known)
	}
	if !fresh {
		return nil
	}
	return t.reroster()
}

func (t *turn) loadRoster() error {
	have, err := t.page.Find(Want{Sightings: true})
	if err != nil {
		return err
	}
	if have.Rebuilding && !t.Rebuilding {
		return ErrRebuilding
	}
	if err := t.followRules(have.Rules); err != nil {
		return err
	}
	t.sightings = map[sighted]analytics.Sighting{}
	for _, s := range have.Sightings {
		t.sightings[sighted{s.ID, s.Name, s.Team}] = s
	}
	t.roster = t.newRoster()
	return nil
}

// followRules goes on under the rules that the record was made under: figures
// of two rules never mix. A rebuild takes the new ones up.
func (t *turn) followRules(stored string) error {
	print := t.rules.Fingerprint(t.configured)
	if stored == print {
		return nil
	}
	if stored == "" {
		t.changes.Rules = print
		return nil
	}
	rules, agents, err := analytics.ParseFingerprint(stored)
	if err != nil {
		return err
	}
	t.rules, t.configured, t.behind = rules, agents, true
	return nil
}

// Behind reports whether the record follows older settings than the ones given
// to New, so that a rebuild is due. It is known after the first page.
func (l *Ledger) Behind() bool { return l.behind }

func (l *Ledger) newRoster() *analytics.Roster {
	return analytics.NewRoster(l.configured, slices.Collect(maps.Values(l.sightings)))
}

func (t *turn) reroster() error {
	before, after := t.roster, t.newRoster()
	var moved []string
	for s := range t.sightings {
		for _, node := range []string{"#" + s.id, "~" + analytics.FoldName(s.name)} {
			if len(node) > 1 && before.Key(node) != after.Key(node) {
				moved = append(moved, node)
			}
		}
	}
	t.roster = after
	if len(moved) == 0 {
		return nil
	}
	have, err := t.page.Find(Want{ByAgent: moved})
	if err != nil {
		return err
	}
	if err := t.loadContacts(have.ByAgent); err != nil {
		return err
	}
	for _, id := range have.ByAgent {
		t.refold(id)
	}
	return nil
}

// recall reads what the record already holds of the batch's subjects.
func (t *turn) recall() error {
	var want Want
	aliases := map[models.Alias]bool{}
	for i := range t.batch.Events {
		e := &t.batch.Events[i]
		for _, a := range append(e.Party, e.MergedInto...) {
			aliases[a] = true
		}
		if e.Kind.OfMessage() {
			want.Messages = append(want.Messages, MessageKey{e.Message.Channel, e.Message.ID})
		} else {
			want.Facts = append(want.Facts, FactKey{e.Source, e.Key})
		}
	}
	for a := range aliases {
		if id, ok := t.owners.get(a); ok {
			t.contactOf[a] = id
		} else {
			want.Aliases = append(want.Aliases, a)
		}
	}
	want.Messages, want.Facts = unique(want.Messages), unique(want.Facts)
	have, err := t.page.Find(want)
	if err != nil {
		return err
	}
	maps.Copy(t.contactOf, have.Aliases)
	var parties []models.Alias
	for k, m := range have.Messages {
		t.messages[k] = &message{now: *m, old: m}
		parties = append(parties, m.Party)
	}
	for k, f := range have.Facts {
		t.facts[k] = &fact{now: *f, old: f}
		parties = append(parties, f.Party)
	}
	return t.learn(unique(parties))
}

func unique[T comparable](list []T) []T {
	seen := make(map[T]bool, len(list))
	out := list[:0]
	for _, x := range list {
		if !seen[x] {
			seen[x] = true
			out = append(out, x)
		}
	}
	return out
}

// contact returns a contact that was loaded or made in this turn.
func (t *turn) contact(id int64) *contact { return t.contacts[id] }

func (t *turn) loadContacts(ids []int64) error {
	for len(ids) > 0 {
		var missing, next []int64
		for _, id := range unique(slices.Clone(ids)) {
			if id == 0 || t.contacts[id] != nil {
				continue
			}
			if k, ok := t.known.get(id); ok {
				old := k.contact
				t.contacts[id] = &contact{Contact: k.contact, old: &old, tip: k.tip}
				next = append(next, k.contact.MergedInto)
				continue
			}
			missing = append(missing, id)
		}
		if ids = next; len(missing) == 0 {
			continue
		}
		have, err := t.page.Find(Want{Contacts: missing})
		if err != nil {
			return err
		}
		for _, id := range missing {
			c := have.Contacts[id]
			if c == nil {
				return fmt.Errorf("contact %d is missing: run rebuild", id)
			}
			t.contacts[id] = &contact{Contact: *c, old: c}
			ids = append(ids, c.MergedInto)
		}
	}
	return nil
}

func (t *turn) newContact() *contact {
	id := t.ids.Next(t.batch.Now)
	c := &contact{Contact: models.Contact{ID: id, Key: ownKey(id)}}
	t.contacts[id] = c
	return c
}

// ownKey is what outsiders call a contact whose sources give it no id.
func ownKey(id int64) string { return "c" + strconv.FormatInt(id, 36) }

// touch has a contact folded because of something new at a moment.
func (t *turn) touch(id, at int64) {
	c := t.contact(id)
	if c == nil {
		return
	}
	if !c.dirty || at < c.from {
		c.from = at
	}
	c.dirty = true
}

// refold has a contact folded from the beginning.
func (t *turn) refold(id int64) {
	if c := t.contact(id); c != nil {
		c.dirty, c.whole = true, true
	}
}

// owner returns the contact that a fact of an identifier at a moment belongs
// to: after a merger its identifiers are another contact's.
func (t *turn) owner(a models.Alias, at int64) int64 {
	id := t.contactOf[a]
	for range t.contacts { // as long as no chain is
		c := t.contact(id)
		if c == nil || c.MergedInto == 0 || at <= c.MergedAt {
			break
		}
		id = c.MergedInto
	}
	return id
}

func sortedIDs[V any](m map[int64]V) []int64 {
	ids := make([]int64, 0, len(m))
	for id := range m {
		ids = append(ids, id)
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids
}
