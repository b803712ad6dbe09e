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

// ErrRebuilding is returned while a rebuild is due: the rows may follow other rules
// than the cells, or another version made these, so nothing can be added to them.
var ErrRebuilding = errors.New("a rebuild is due, after an upgrade or because one was cut short: start `pulso serve`, or run `pulso rebuild`")

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

// Turn is the absorbing of one batch.
type Turn struct {
	*Ledger
	page   Page
	batch  *Batch
	out    Outcome
	before *Turn         // while it is being saved
	stored chan struct{} // closed when this turn is
	failed error         // why it was not

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
	t, err := l.Reckon(page, batch, nil)
	if err != nil {
		return Outcome{}, err
	}
	return t.Save(page)
}

// Reckon works out what a batch changes, with what it finds on a page that is only
// read. The turn before may be saved meanwhile, nil if none is: what that one
// changed is taken from it, and where it could change more of what is wanted, it is
// waited for until it is Stored. Turns are saved in the order they were reckoned.
func (l *Ledger) Reckon(page Page, batch Batch, before *Turn) (*Turn, error) {
	t := &Turn{
		Ledger: l, page: page, batch: &batch, before: before, stored: make(chan struct{}),
		contactOf: map[models.Alias]int64{}, contacts: map[int64]*contact{},
		messages: map[MessageKey]*message{}, facts: map[FactKey]*fact{},
	}
	t.changes = Changes{
		At: batch.Now, Folded: batch.Deliveries, Faults: batch.Faults, Commands: batch.Commands, Receipts: batch.Receipts,
		Aliases: map[models.Alias]int64{}, Texts: map[int64]string{}, Ahead: map[int64]int64{}, New: map[int64]bool{},
		OldMessages: map[int64]*models.Placed{}, OldConversations: map[models.ConversationID]*models.Conversation{},
	}
	t.changes.Odd.Unknown(batch.Unknown, batch.Now)
	for _, step := range []func() error{t.meetAgents, t.recall, t.identify, t.join, t.fold} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("absorb events: %w", err)
		}
	}
	t.remember()
	t.before = nil
	return t, nil
}

// Save writes what the turn changes.
func (t *Turn) Save(page Page) (Outcome, error) {
	t.page = page
	if err := t.save(); err != nil {
		return Outcome{}, fmt.Errorf("absorb events: %w", err)
	}
	return t.out, nil
}

// Stored tells the turn that its page was committed, or why not: then the whole
// writer is to be forgotten.
func (t *Turn) Stored(err error) {
	t.failed = err
	close(t.stored)
}

// errBefore is returned when the turn before could not be saved.
var errBefore = errors.New("the page before failed")

// find reads rows, as they are once the turn before is saved. It is waited for
// only where it may have changed what is wanted.
func (t *Turn) find(want Want) (*Have, error) {
	b := t.before
	if b == nil {
		return t.page.Find(want)
	}
	if b.moves(&want) {
		if <-b.stored; b.failed != nil {
			return nil, errBefore
		}
		t.before = nil
		return t.page.Find(want)
	}
	messages, facts := map[MessageKey]*models.Placed{}, map[FactKey]*models.Fact{}
	want.Messages = slices.DeleteFunc(want.Messages, func(k MessageKey) bool {
		m, ok := b.messages[k]
		if ok {
			row := m.now
			messages[k] = &row
		}
		return ok
	})
	want.Facts = slices.DeleteFunc(want.Facts, func(k FactKey) bool {
		f, ok := b.facts[k]
		if ok {
			row := f.now
			facts[k] = &row
		}
		return ok
	})
	have, err := t.page.Find(want)
	if err == nil {
		maps.Copy(have.Messages, messages)
		maps.Copy(have.Facts, facts)
	}
	return have, err
}

// moves reports whether the turn may change other rows that are wanted than
// messages and events by their keys. All rows of a contact that it does not hold
// stay as they are.
func (t *Turn) moves(want *Want) bool {
	alias := func(a models.Alias) bool { return t.contactOf[a] != 0 }
	contact := func(id int64) bool { return t.contacts[id] != nil }
	return want.Sightings || len(want.Cells)+len(want.ByMerge)+len(want.ByAgent)+len(want.Moments) > 0 ||
		slices.ContainsFunc(want.Aliases, alias) || slices.ContainsFunc(want.TiesOf, alias) ||
		slices.ContainsFunc(want.Contacts, contact) || slices.ContainsFunc(want.AliasesOf, contact) ||
		slices.ContainsFunc(want.Tails, func(s Since) bool { return contact(s.Contact) })
}

const dayMS = 86_400_000

// meetAgents notes agents as events show them, and has contacts folded again
// whose agents turn out to be somebody else than was thought.
func (t *Turn) meetAgents() error {
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

func (t *Turn) loadRoster() error {
	have, err := t.find(Want{Sightings: true})
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
func (t *Turn) followRules(stored string) error {
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

func (t *Turn) reroster() error {
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
	have, err := t.find(Want{ByAgent: moved})
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
func (t *Turn) recall() error {
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
	have, err := t.find(want)
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
func (t *Turn) contact(id int64) *contact { return t.contacts[id] }

func (t *Turn) loadContacts(ids []int64) error {
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
		have, err := t.find(Want{Contacts: missing})
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

func (t *Turn) newContact() *contact {
	id := t.newID()
	c := &contact{Contact: models.Contact{ID: id, Key: ownKey(id)}}
	t.contacts[id] = c
	return c
}

func (t *Turn) newID() int64 {
	id := t.ids.Next(t.batch.Now)
	t.changes.New[id] = true
	return id
}

// ownKey is what outsiders call a contact whose sources give it no id.
func ownKey(id int64) string { return "c" + strconv.FormatInt(id, 36) }

// touch has a contact folded because of something new at a moment.
func (t *Turn) touch(id, at int64) {
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
func (t *Turn) refold(id int64) {
	if c := t.contact(id); c != nil {
		c.dirty, c.whole = true, true
	}
}

// owner returns the contact that a fact of an identifier at a moment belongs
// to: after a merger its identifiers are another contact's.
func (t *Turn) owner(a models.Alias, at int64) int64 {
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
