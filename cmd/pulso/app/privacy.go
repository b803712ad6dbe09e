package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/bot/flow"
	"pulso/bot/inbox"
	"pulso/models"
	"pulso/models/store"
)

// graveyard knows what was erased, so that a late redelivery does not bring
// anybody back. It is read again when somebody more was forgotten.
type graveyard struct {
	mu    sync.Mutex
	count int64
	all   map[store.Mark]store.Tomb
}

func (g *graveyard) tombs(ctx context.Context, s *store.Store) (map[store.Mark]store.Tomb, error) {
	n, err := s.Erasures(ctx)
	if err != nil || n == 0 {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if n != g.count {
		if g.all, err = s.Tombs(ctx); err != nil {
			return nil, err
		}
		g.count = n
	}
	return g.all, nil
}

// tomb returns where an event lies that was erased.
func (r *reading) tomb(e *models.Event) (store.Tomb, bool) {
	if len(r.tombs) == 0 {
		return store.Tomb{}, false
	}
	m := store.FactMark(e.Source, e.Key)
	if e.Kind.OfMessage() {
		m = store.MessageMark(e.Message.Channel, e.Message.ID)
	}
	t, ok := r.tombs[m]
	return t, ok
}

// discreet takes from an event what must not be kept: words, where the settings
// say so, and everything that names somebody who was forgotten.
func (r *reading) discreet(e models.Event) models.Event {
	t, erased := r.tomb(&e)
	if erased || !r.texts {
		e.Text, e.Summary = "", ""
		if e.Kind != models.AccountNotice {
			e.Details = nil
		}
	}
	if !erased {
		return e
	}
	e.Party, e.Name, e.Label, e.MergedInto = []models.Alias{t.Party}, "", "", nil
	if e.Kind.OfMessage() {
		m := *e.Message
		m.ID, m.Party = t.Name, t.Party
		e.Message = &m
	} else {
		e.Key = t.Name
	}
	return e
}

// ErrNoContact is returned when no contact is called so.
var ErrNoContact = errors.New("no contact has this id, phone, name or message")

// ErrManyContacts is returned when several are.
var ErrManyContacts = errors.New("several contacts are called so: give the id or the phone")

// subject is everything that the record holds of one person: a contact, and
// those it was merged with.
type subject struct {
	ids        []int64
	rows       analytics.Rows
	aliases    map[models.Alias]int64
	links      []models.Link
	merges     []models.Merge
	texts      map[int64]string
	deliveries []int64 // whose bodies name the person
}

// subject finds a person and gathers the rows.
func (a *App) subject(ctx context.Context, who string) (*subject, error) {
	found, err := a.Store.Bearers(ctx, strings.TrimSpace(who))
	if err != nil {
		return nil, err
	}
	switch {
	case len(found) == 0:
		return nil, ErrNoContact
	case len(found) > 1:
		return nil, ErrManyContacts
	}
	return a.gather(a.Store.Page(ctx), found[0])
}

// gather reads the rows of a contact and of those it was merged with.
func (a *App) gather(page ledger.Page, id int64) (*subject, error) {
	s := &subject{}
	contacts := map[int64]*models.Contact{}
	for fresh := []int64{id}; len(fresh) > 0; {
		have, err := page.Find(ledger.Want{Contacts: fresh, ByMerge: fresh})
		if err != nil {
			return nil, err
		}
		fresh = nil
		for id, c := range have.Contacts {
			if contacts[id] == nil {
				contacts[id] = c
				fresh = append(fresh, id)
				if c.MergedInto != 0 && contacts[c.MergedInto] == nil {
					fresh = append(fresh, c.MergedInto)
				}
			}
		}
	}
	s.ids = slices.Sorted(maps.Keys(contacts))
	var tails []ledger.Since
	for _, id := range s.ids {
		tails = append(tails, ledger.Since{Contact: id})
	}
	have, err := page.Find(ledger.Want{AliasesOf: s.ids, Tails: tails})
	if err != nil {
		return nil, err
	}
	s.rows, s.aliases = have.Tail, have.Aliases
	for _, id := range s.ids {
		s.rows.Contacts = append(s.rows.Contacts, contacts[id])
	}
	ties, err := page.Find(ledger.Want{TiesOf: slices.Collect(maps.Keys(s.aliases))})
	if err != nil {
		return nil, err
	}
	s.links, s.merges = ties.Links, ties.Merges
	return s, nil
}

// scan looks through every kept body for the person.
func (a *App) scan(ctx context.Context, s *subject) error {
	messages, facts := map[ledger.MessageKey]bool{}, map[ledger.FactKey]bool{}
	for _, m := range s.rows.Messages {
		messages[ledger.MessageKey{Channel: m.Channel, ID: m.ID}] = true
	}
	for _, f := range s.rows.Facts {
		facts[ledger.FactKey{Source: f.Source, Key: f.Key}] = true
	}
	of := func(e models.Event) bool {
		for _, party := range [][]models.Alias{e.Party, e.MergedInto} {
			for _, p := range party {
				if _, ok := s.aliases[p]; ok {
					return true
				}
			}
		}
		if e.Kind.OfMessage() {
			return messages[ledger.MessageKey{Channel: e.Message.Channel, ID: e.Message.ID}]
		}
		return facts[ledger.FactKey{Source: e.Source, Key: e.Key}]
	}
	needles := s.needles()
	s.deliveries = nil
	return a.Store.Deliveries(ctx, func(list []models.Delivery) error {
		for _, d := range list {
			decoded, err := inbox.Decode(d.Source, d.Body, d.ReceivedAt)
			if err == nil && slices.ContainsFunc(decoded.Events, of) || contains(d.Body, needles) {
				s.deliveries = append(s.deliveries, d.ID)
			}
		}
		return nil
	})
}

// needles are the words that name the person wherever they stand.
func (s *subject) needles() [][]byte {
	var list [][]byte
	add := func(word string, least int) {
		if len(word) >= least {
			list = append(list, []byte(word))
		}
	}
	for a := range s.aliases {
		add(a.Bare(), 6)
	}
	return list
}

// names adds what people call the person.
func (s *subject) names() [][]byte {
	list := s.needles()
	for _, c := range s.rows.Contacts {
		for _, word := range []string{c.Name, c.Key} {
			if len([]rune(word)) >= 3 {
				list = append(list, []byte(word))
			}
		}
	}
	return list
}

func contains(body []byte, needles [][]byte) bool {
	return slices.ContainsFunc(needles, func(n []byte) bool { return bytes.Contains(body, n) })
}

// Erased says what an erasure came to.
type Erased struct {
	Contacts      int `json:"contacts"`
	Messages      int `json:"messages"`
	Events        int `json:"events"`
	Conversations int `json:"conversations"`
	Deliveries    int `json:"deliveries"` // raw bodies removed
	Answers       int `json:"answers"`    // what the bot was asked or said of the person, emptied
}

// Describe counts what an erasure would come to.
func (a *App) Describe(ctx context.Context, who string) (*Erased, error) {
	s, err := a.subject(ctx, who)
	if err != nil {
		return nil, err
	}
	return s.counted(), nil
}

func (s *subject) counted() *Erased {
	return &Erased{Contacts: len(s.ids), Messages: len(s.rows.Messages), Events: len(s.rows.Facts), Conversations: len(s.rows.Conversations), Deliveries: len(s.deliveries)}
}

// Erase forgets a person: every identifier, name and text of theirs is gone, and
// bodies that name them are removed. Their messages go on being counted under
// names that nobody can trace back, so that no figure changes; a redelivery is
// known by its digest and brings nothing back. A service may run beside it.
func (a *App) Erase(ctx context.Context, who string) (*Erased, error) {
	in := a.intake()
	in.PageTime = time.Second
	lease, give, err := flow.Seize(ctx, a.Store, a.Clock, a.owner)
	if err != nil {
		return nil, err
	}
	defer give()
	defer in.Release()
	if _, err := in.Drain(ctx); err != nil {
		return nil, fmt.Errorf("erase: %w", err)
	}
	s, err := a.subject(ctx, who)
	if err != nil {
		return nil, err
	}
	if err := a.scan(ctx, s); err != nil {
		return nil, fmt.Errorf("erase: %w", err)
	}
	done := s.counted()
	names := s.names()
	if err := a.rename(ctx, lease, s); err != nil {
		return nil, fmt.Errorf("erase: %w", err)
	}
	// A report that was sent as a file cannot be looked into.
	done.Answers, err = a.Store.Hush(ctx, "what it told was erased", func(body []byte) bool {
		return contains(body, names) || bytes.Contains(body, []byte(`"Document":{`))
	})
	if err != nil {
		return nil, fmt.Errorf("erase: %w", err)
	}
	return done, a.Store.Compact(ctx)
}

// rename writes a person's rows under other names, provided that they come to
// the same figures.
func (a *App) rename(ctx context.Context, lease models.Lease, s *subject) error {
	rules, roster, err := a.standing(ctx)
	if err != nil {
		return err
	}
	now := a.Clock.Now().UnixMilli()
	return a.Store.Fold(ctx, lease, func(page ledger.Page) error {
		e, renamed := s.erasure(now)
		before, _, err := figures(rules, roster, &s.rows)
		if err != nil {
			return err
		}
		after, changed, err := figures(rules, roster, renamed)
		if err != nil {
			return err
		}
		if !maps.EqualFunc(before, after, (*analytics.Cell).Equal) {
			return errors.New("the figures would not stay as they are; nothing was erased")
		}
		placed := map[int64]*models.Placed{}
		for _, m := range changed.Messages {
			placed[m.Row] = m
		}
		for i, m := range e.Rows.Messages {
			if p := placed[m.Row]; p != nil {
				e.Rows.Messages[i] = p
			}
		}
		e.Rows.Conversations, e.Rows.Vanished = changed.Conversations, changed.Vanished
		others, err := page.(*store.Page).Shown(s.aliases, s.ids)
		if err != nil {
			return err
		}
		for _, m := range others {
			m.Forget(func(a models.Alias) bool { _, gone := s.aliases[a]; return gone })
			e.Rows.Messages = append(e.Rows.Messages, m)
		}
		return page.(*store.Page).Erase(e)
	})
}

// standing returns the rules and the agents under which the record stands, which
// are not today's while a rebuild is due.
func (a *App) standing(ctx context.Context) (*analytics.Rules, *analytics.Roster, error) {
	rules, agents := a.rules, a.Config.Agents()
	var print string
	known, err := a.Store.Setting(ctx, "rules", &print)
	if err == nil && known && print != "" {
		rules, agents, err = analytics.ParseFingerprint(print)
	}
	if err != nil {
		return nil, nil, err
	}
	seen, err := a.Store.Sightings(ctx)
	return rules, analytics.NewRoster(agents, seen), err
}

// figures folds rows and returns what they come to, and what comes out otherwise
// than it is stored.
func figures(rules *analytics.Rules, roster *analytics.Roster, rows *analytics.Rows) (map[analytics.CellKey]*analytics.Cell, *ledger.Changes, error) {
	tally := analytics.NewTally(rules)
	changed, err := ledger.Refold(rules, roster, rows, tally)
	if err != nil {
		return nil, nil, err
	}
	cells := map[analytics.CellKey]*analytics.Cell{}
	tally.Apply(cells)
	return cells, changed, nil
}

// erasure gives everything of the person other names. They sort as the old ones
// did, because at one instant the order decides which message answers which.
func (s *subject) erasure(now int64) (*store.Erasure, *analytics.Rows) {
	var b [10]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	stem := store.ErasedName + strings.ToLower(base32.StdEncoding.EncodeToString(b[:])) + "."
	nobody := s.renamedAliases(stem)
	names := s.renamedKeys(stem)
	e := &store.Erasure{Rows: &ledger.Changes{At: now, Aliases: map[models.Alias]int64{}}, Tombs: map[store.Mark]store.Tomb{}, Deliveries: s.deliveries}
	rows := &analytics.Rows{Conversations: s.rows.Conversations}
	for a, id := range s.aliases {
		e.Aliases = append(e.Aliases, a)
		if to, ok := nobody[a]; ok {
			e.Rows.Aliases[to] = id
		}
	}
	for _, l := range s.links {
		e.Links = append(e.Links, l)
		from, ok := nobody[l.A]
		if to, both := nobody[l.B]; ok && both {
			x := models.NewLink(from, to, l.At, false)
			x.ForcedAt, x.Conflict = l.ForcedAt, l.Conflict
			e.Rows.Links = append(e.Rows.Links, x)
		}
	}
	e.Merges = s.merges
	for _, m := range s.merges {
		from, ok := nobody[m.From]
		if into, both := nobody[m.Into]; ok && both {
			e.Rows.Merges = append(e.Rows.Merges, models.Merge{From: from, Into: into, At: m.At})
		}
	}
	for i, c := range s.rows.Contacts {
		x := *c
		x.Key, x.Name, x.NameAt, x.State = fmt.Sprintf("%s%d", stem, i+1), "", 0, nil
		rows.Contacts = append(rows.Contacts, &x)
	}
	for _, m := range s.rows.Messages {
		x := *m
		x.ID = names[m.ID]
		x.Rename(nobody[m.Party])
		e.Tombs[store.MessageMark(m.Channel, m.ID)] = store.Tomb{Name: x.ID, Party: x.Party}
		e.Texts = append(e.Texts, m.Row)
		rows.Messages = append(rows.Messages, &x)
	}
	for _, f := range s.rows.Facts {
		x := *f
		x.Key, x.Party, x.Label, x.Summary, x.Text, x.Details = names[f.Key], nobody[f.Party], "", "", "", nil
		e.Tombs[store.FactMark(f.Source, f.Key)] = store.Tomb{Name: x.Key, Party: x.Party}
		rows.Facts = append(rows.Facts, &x)
	}
	e.Rows.Contacts, e.Rows.Messages, e.Rows.Facts = rows.Contacts, slices.Clone(rows.Messages), rows.Facts
	return e, rows
}

// renamedAliases gives identifiers other values of the same kinds, in the same
// order; user names, which recognise nobody, get none.
func (s *subject) renamedAliases(stem string) map[models.Alias]models.Alias {
	known := map[models.Alias]bool{}
	for a := range s.aliases {
		known[a] = a.Kind != models.ByUsername
	}
	for _, m := range s.rows.Messages {
		known[m.Party] = m.Party.Kind != 0
	}
	for _, f := range s.rows.Facts {
		known[f.Party] = f.Party.Kind != 0
	}
	list := slices.DeleteFunc(slices.Collect(maps.Keys(known)), func(a models.Alias) bool { return !known[a] })
	slices.SortFunc(list, func(a, b models.Alias) int {
		if a.Stronger(b) {
			return -1
		}
		return 1
	})
	nobody := map[models.Alias]models.Alias{}
	for i, a := range list {
		space := strings.TrimSuffix(a.Value, a.Bare()) // "source:" of a source's own id
		nobody[a] = models.Alias{Kind: a.Kind, Value: fmt.Sprintf("%s%s%04d", space, stem, i+1)}
	}
	return nobody
}

func (s *subject) renamedKeys(stem string) map[string]string {
	known := map[string]bool{}
	for _, m := range s.rows.Messages {
		known[m.ID] = true
	}
	for _, f := range s.rows.Facts {
		known[f.Key] = true
	}
	names := map[string]string{}
	for i, key := range slices.Sorted(maps.Keys(known)) {
		names[key] = fmt.Sprintf("%s%08d", stem, i+1)
	}
	return names
}

// ExportContact writes everything that is held of a person as JSON.
func (a *App) ExportContact(ctx context.Context, who string, w io.Writer) error {
	s, err := a.subject(ctx, who)
	if err != nil {
		return err
	}
	if err := a.scan(ctx, s); err != nil {
		return err
	}
	rows := make([]int64, len(s.rows.Messages))
	for i, m := range s.rows.Messages {
		rows[i] = m.Row
	}
	if s.texts, err = a.Store.Texts(ctx, rows); err != nil {
		return err
	}
	roster, err := a.Roster(ctx)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(s.export(a.rules.Zone, roster))
}

// export is the person's data in the words of the listings.
func (s *subject) export(zone analytics.Zone, roster *analytics.Roster) map[string]any {
	when := func(at int64) any {
		if at == 0 {
			return nil
		}
		return zone.Time(at).Format(time.RFC3339)
	}
	agent := func(node string) any { return orNull(roster.Agent(roster.Key(node)).Name) }
	kinds := map[models.AliasKind]string{models.ByID: "id", models.ByUser: "user_id", models.ByParent: "parent_user_id", models.ByPhone: "phone", models.ByGroup: "group", models.ByUsername: "username"}
	contacts, identifiers, messages, events, conversations := []any{}, []any{}, []any{}, []any{}, []any{}
	for _, c := range s.rows.Contacts {
		contacts = append(contacts, map[string]any{"id": c.Key, "name": orNull(c.Name), "first_seen_at": when(c.FirstSeenAt), "source": orNull(c.Source), "channel": orNull(c.Channel), "merged_at": when(c.MergedAt)})
	}
	for _, a := range slices.SortedFunc(maps.Keys(s.aliases), func(a, b models.Alias) int {
		if a.Stronger(b) {
			return -1
		}
		return 1
	}) {
		identifiers = append(identifiers, map[string]any{"kind": kinds[a.Kind], "value": a.Bare()})
	}
	for _, m := range s.rows.Messages {
		messages = append(messages, map[string]any{
			"id": m.ID, "channel": m.Channel, "direction": map[models.Direction]string{models.In: "in", models.Out: "out"}[m.Dir], "at": when(m.At()), "kind": m.Kind,
			"text": orNull(s.texts[m.Row]), "agent": agent(m.Agent), "status": orNull(m.Status()), "delivered_at": when(m.DeliveredAt), "read_at": when(m.ReadAt),
			"failed_at": when(m.FailedAt), "deleted_at": when(m.DeletedAt), "error": orNull(m.Error), "template": orNull(m.Template), "conversation": orNull(m.Conversation.String()),
		})
	}
	for _, f := range s.rows.Facts {
		x := map[string]any{"id": f.Key, "source": f.Source, "type": f.Kind, "at": when(f.At), "channel": orNull(f.Channel), "agent": agent(f.Agent), "text": orNull(f.Text), "summary": orNull(f.Summary), "category": orNull(f.Category), "label": orNull(f.Label)}
		if json.Valid(f.Details) {
			x["details"] = json.RawMessage(f.Details)
		}
		events = append(events, x)
	}
	for _, c := range s.rows.Conversations {
		conversations = append(conversations, map[string]any{"id": c.ID.String(), "channel": c.Channel, "opened_at": when(c.OpenedAt), "opened_by": c.OpenedBy, "closed_at": when(c.ClosedAt), "closed_by": orNull(c.ClosedBy), "assignee": agent(c.Assignee), "category": orNull(c.Category), "summary": orNull(c.Summary), "label": orNull(c.Label)})
	}
	return map[string]any{"contacts": contacts, "identifiers": identifiers, "messages": messages, "events": events, "conversations": conversations, "raw_bodies": len(s.deliveries)}
}
