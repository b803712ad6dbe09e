package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/analytics/report"
	"pulso/bot/inbox/events"
	"pulso/internal/oracle"
	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

var server storetest.Server

func TestMain(m *testing.M) { storetest.Run(m, &server) }

// book is a record under some rules.
type book struct {
	store  *store.Store
	lease  models.Lease
	rules  *analytics.Rules
	agents []analytics.Agent
	now    int64
}

// settings are the rules of the shop in a zone, changed by those given.
func settings(t *testing.T, zone string, change func(*analytics.Rules)) *analytics.Rules {
	z := analytics.MustZone(zone)
	shop := oracle.Shop(z.Location())
	hours, faults := analytics.ParseHours(shop.Hours, shop.Holidays)
	require.Empty(t, faults)
	r := &analytics.Rules{Zone: z, Hours: hours, IdleClose: 24 * 3600_000, InboxIdleClose: 720 * 3600_000, Target: 600_000}
	change(r)
	return r
}

func same(*analytics.Rules) {}

func shopAgents() []analytics.Agent {
	var list []analytics.Agent
	for _, a := range oracle.Shop(time.UTC).Agents {
		list = append(list, analytics.Agent{Name: a.Name, Team: a.Team, IDs: a.IDs})
	}
	return list
}

// open makes a record of a history under some rules.
func open(t *testing.T, dsn store.DSN, rules *analytics.Rules, agents []analytics.Agent, history []oracle.Event) *book {
	ctx := context.Background()
	s, err := store.Open(dsn)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	_, err = s.Migrate(ctx, time.Now)
	require.NoError(t, err)
	lease, err := s.Acquire(ctx, "fold", "test", 1, math.MaxInt64/2)
	require.NoError(t, err)
	b := &book{store: s, lease: lease, rules: rules, agents: agents, now: history[len(history)-1].At.Add(48 * time.Hour).UnixMilli()}
	l := ledger.New(rules, agents)
	for _, batch := range oracle.Shuffle(history, 5, 0.1, 300) {
		require.NoError(t, b.absorb(l, decode(t, batch, b.now)))
	}
	return b
}

func decode(t *testing.T, list []oracle.Event, now int64) []models.Event {
	body, err := json.Marshal(map[string]any{"events": list})
	require.NoError(t, err)
	decoded, rejected, err := events.Decode(body, now)
	require.NoError(t, err)
	require.Empty(t, rejected)
	return decoded.Events
}

func (b *book) absorb(l *ledger.Ledger, list []models.Event) error {
	return b.store.Fold(context.Background(), b.lease, func(p ledger.Page) error {
		_, err := l.Absorb(p, ledger.Batch{Now: b.now, Events: list})
		return err
	})
}

// refold folds every contact and returns the cells they come to, and how many rows
// came out differently from how they are stored.
func (b *book) refold(t *testing.T, changed func(*ledger.Changes) error) (map[analytics.CellKey]*analytics.Cell, int) {
	ctx := context.Background()
	seen, err := b.store.Sightings(ctx)
	require.NoError(t, err)
	roster := analytics.NewRoster(b.agents, seen)
	cells, n := map[analytics.CellKey]*analytics.Cell{}, 0
	require.NoError(t, b.store.People(ctx, nil, func(rows *analytics.Rows) error {
		tally := analytics.NewTally(b.rules)
		ch, err := ledger.Refold(b.rules, roster, rows, tally)
		if err != nil {
			return err
		}
		tally.Apply(cells)
		n += len(ch.Messages) + len(ch.Conversations) + len(ch.Vanished) + len(ch.Contacts)
		return changed(ch)
	}))
	return cells, n
}

// audit counts what is stored otherwise than the record comes to: rows and cells.
func (b *book) audit(t *testing.T) (rows, cells int) {
	want, rows := b.refold(t, func(*ledger.Changes) error { return nil })
	require.NoError(t, b.store.EachCell(context.Background(), func(k analytics.CellKey, c *analytics.Cell) error {
		if w := want[k]; w == nil && !c.Empty() || w != nil && !w.Equal(c) {
			cells++
		}
		delete(want, k)
		return nil
	}))
	for _, c := range want {
		if !c.Empty() {
			cells++
		}
	}
	return rows, cells
}

// rebuild takes the book's rules up.
func (b *book) rebuild(t *testing.T) {
	ctx := context.Background()
	print := b.rules.Fingerprint(b.agents)
	require.NoError(t, b.store.BeginRebuild(ctx, b.lease, print))
	cells, _ := b.refold(t, func(ch *ledger.Changes) error {
		return b.store.Fold(ctx, b.lease, func(p ledger.Page) error { return p.Save(ch) })
	})
	require.NoError(t, b.store.Replace(ctx, b.lease, print, cells))
}

// figures is the JSON of every metric over the whole history: in all, by agent, by
// day and by hour, as far as they fit.
func (b *book) figures(t *testing.T) []string {
	ctx := context.Background()
	seen, err := b.store.Sightings(ctx)
	require.NoError(t, err)
	desk := &report.Desk{Rules: b.rules, Roster: analytics.NewRoster(b.agents, seen), Print: b.rules.Fingerprint(b.agents), Read: b.store}
	standing, err := b.store.Standing(ctx, b.now)
	require.NoError(t, err)
	require.Equal(t, desk.Print, standing.Rules, "the cells hold, and answer")
	period := analytics.Span{From: b.now - 90*86_400_000, To: b.now}
	var list []string
	for _, by := range [][]analytics.Dim{nil, {analytics.ByAgent}, {analytics.ByDay}, {analytics.ByHour}, {analytics.ByChannel}} {
		ask := report.Ask{Period: period, By: by}
		for _, m := range analytics.Catalogue() {
			if len(by) == 0 || m.Fits(by[0]) {
				ask.Metrics = append(ask.Metrics, m.Key)
			}
		}
		a, err := desk.Answer(ctx, ask, b.now)
		require.NoError(t, err)
		text, err := json.MarshalIndent(desk.JSON(a), "", " ")
		require.NoError(t, err)
		list = append(list, string(text))
	}
	return list
}

func historyOf(zone string) []oracle.Event {
	return oracle.Generate(21, 900, oracle.Options{Zone: analytics.MustZone(zone).Location()})
}

// tampered takes a cell of a group away, or adds a cell twice.
func (b *book) tamper(t *testing.T, do func(analytics.CellKey, *analytics.Cell) bool) int {
	ctx := context.Background()
	cells := map[analytics.CellKey]*analytics.Cell{}
	n := 0
	require.NoError(t, b.store.EachCell(ctx, func(k analytics.CellKey, c *analytics.Cell) error {
		if n > 0 || !do(k, c) {
			cells[k] = c
		} else {
			n++
		}
		return nil
	}))
	require.NoError(t, b.store.Replace(ctx, b.lease, b.rules.Fingerprint(b.agents), cells))
	return n
}

// TestAuditFindsDriftAndRebuildMendsIt on both databases.
func TestAuditFindsDriftAndRebuildMendsIt(t *testing.T) {
	history := historyOf("America/Bogota")
	for name, dsn := range server.Databases(t) {
		t.Run(name, func(t *testing.T) {
			b := open(t, dsn, settings(t, "America/Bogota", same), shopAgents(), history)
			rows, cells := b.audit(t)
			assert.Zero(t, rows+cells, "an honest record has no drift")
			want := b.figures(t)

			gone := b.tamper(t, func(k analytics.CellKey, _ *analytics.Cell) bool { return k.Group == analytics.GroupReceived })
			require.Equal(t, 1, gone)
			rows, cells = b.audit(t)
			assert.Equal(t, []int{0, 1}, []int{rows, cells}, "a cell is gone")
			assert.NotEqual(t, want, b.figures(t))
			b.rebuild(t)
			rows, cells = b.audit(t)
			assert.Zero(t, rows+cells)
			assert.Equal(t, want, b.figures(t))

			var day analytics.Day
			b.tamper(t, func(k analytics.CellKey, _ *analytics.Cell) bool { day = k.Day; return false })
			b.misplace(t, day)
			rows, cells = b.audit(t)
			assert.Equal(t, []int{0, 2}, []int{rows, cells}, "one cell stands for another day's")
			b.rebuild(t)
			assert.Equal(t, want, b.figures(t))

			b.misfold(t)
			rows, _ = b.audit(t)
			assert.Equal(t, 2, rows, "a conversation and a contact are stored otherwise")
			b.rebuild(t)
			rows, cells = b.audit(t)
			assert.Zero(t, rows+cells)
			assert.Equal(t, want, b.figures(t))
		})
	}
}

// misplace moves one cell to a day far ahead.
func (b *book) misplace(t *testing.T, day analytics.Day) {
	ctx := context.Background()
	cells := map[analytics.CellKey]*analytics.Cell{}
	moved := false
	require.NoError(t, b.store.EachCell(ctx, func(k analytics.CellKey, c *analytics.Cell) error {
		if !moved && k.Day == day {
			moved, k.Day = true, k.Day+4000
		}
		cells[k] = c
		return nil
	}))
	require.True(t, moved)
	require.NoError(t, b.store.Replace(ctx, b.lease, b.rules.Fingerprint(b.agents), cells))
}

// misfold stores one conversation and one contact otherwise than their facts say.
func (b *book) misfold(t *testing.T) {
	ctx := context.Background()
	ch := &ledger.Changes{At: b.now}
	require.NoError(t, b.store.People(ctx, nil, func(rows *analytics.Rows) error {
		if len(ch.Conversations) == 0 && len(rows.Conversations) > 0 {
			c, who := *rows.Conversations[0], *rows.Contacts[0]
			c.Category, who.Source = "otherwise", "otherwise"
			ch.Conversations, ch.Contacts = append(ch.Conversations, &c), append(ch.Contacts, &who)
		}
		return nil
	}))
	require.NoError(t, b.store.Fold(ctx, b.lease, func(p ledger.Page) error { return p.Save(ch) }))
}

// TestRebuildTakesNewRulesUp: after a change of settings, a rebuilt record gives
// the figures of one that was made under them.
func TestRebuildTakesNewRulesUp(t *testing.T) {
	history := historyOf("Europe/Madrid")
	agents := append(shopAgents(), analytics.Agent{Name: "Mar", Team: "ventas", IDs: []string{"a-99"}})
	for name, c := range map[string]struct {
		rules  *analytics.Rules
		agents []analytics.Agent
	}{
		"idle_close": {settings(t, "Europe/Madrid", func(r *analytics.Rules) { r.IdleClose /= 6; r.InboxIdleClose /= 10 }), shopAgents()},
		"hours":      {settings(t, "Europe/Madrid", func(r *analytics.Rules) { r.Hours = analytics.Hours{} }), shopAgents()},
		"target":     {settings(t, "Europe/Madrid", func(r *analytics.Rules) { r.Target *= 6 }), shopAgents()},
		"zone":       {settings(t, "Asia/Kathmandu", same), shopAgents()},
		"agents":     {settings(t, "Europe/Madrid", same), agents},
	} {
		t.Run(name, func(t *testing.T) {
			fresh := open(t, storetest.SQLite(t), c.rules, c.agents, history).figures(t)
			for dialect, dsn := range server.Databases(t) {
				t.Run(dialect, func(t *testing.T) {
					b := open(t, dsn, settings(t, "Europe/Madrid", same), shopAgents(), history)
					before := b.figures(t)
					b.rules, b.agents = c.rules, c.agents
					b.rebuild(t)
					rows, cells := b.audit(t)
					assert.Zero(t, rows+cells)
					got := b.figures(t)
					assert.Equal(t, fresh, got)
					if name != "agents" {
						assert.NotEqual(t, before, got, "the change has an effect")
					}
				})
			}
		})
	}
}

// TestTheWriterKeepsToTheRecordsRules until a rebuild, and refuses to add to a
// record whose rebuild did not end.
func TestTheWriterKeepsToTheRecordsRules(t *testing.T) {
	history := historyOf("America/Bogota")
	for name, dsn := range server.Databases(t) {
		t.Run(name, func(t *testing.T) {
			b := open(t, dsn, settings(t, "America/Bogota", same), shopAgents(), history[:600])
			whole := open(t, storetest.SQLite(t), b.rules, b.agents, history)
			changed := ledger.New(settings(t, "Asia/Kathmandu", func(r *analytics.Rules) { r.IdleClose /= 2 }), b.agents)
			require.NoError(t, b.absorb(changed, decode(t, history[600:], whole.now)))
			assert.True(t, changed.Behind())
			b.now = whole.now
			assert.Equal(t, whole.figures(t), b.figures(t), "under the old rules, all of it")

			require.NoError(t, b.store.BeginRebuild(context.Background(), b.lease, "new"))
			err := b.absorb(ledger.New(b.rules, b.agents), decode(t, history[:1], b.now))
			assert.ErrorIs(t, err, ledger.ErrRebuilding)
			b.rebuild(t)
			require.NoError(t, b.absorb(ledger.New(b.rules, b.agents), decode(t, history[:1], b.now)))
			assert.Equal(t, whole.figures(t), b.figures(t))
		})
	}
}

// TestVerifyMissesWhatIsNotThere: a sighting that the record lacks, or would be
// changed by, is told.
func TestVerifyMissesWhatIsNotThere(t *testing.T) {
	history := historyOf("America/Bogota")
	b := open(t, storetest.SQLite(t), settings(t, "America/Bogota", same), shopAgents(), history[:600])
	page := b.store.Page(context.Background())
	told := func(list []oracle.Event) int {
		n := 0
		require.NoError(t, ledger.Verify(page, decode(t, list, b.now), func(string) { n++ }))
		return n
	}
	assert.Zero(t, told(history[:600]))
	assert.Positive(t, told(history[600:]))
	known, err := ledger.Known(page, decode(t, history[:600], b.now))
	require.NoError(t, err)
	assert.Equal(t, 600, known)
}

// TestAsItHappens: events that come nearly in order, a few at a time, fold on from
// what the writer still knows; the record must be what folding everything at once
// makes of it.
func TestAsItHappens(t *testing.T) {
	seeds := 8
	if testing.Short() {
		seeds = 2
	}
	for seed := range uint64(seeds) {
		zone := []string{"America/Bogota", "Europe/Madrid"}[seed%2]
		rules := settings(t, zone, same)
		history := oracle.Generate(40+seed, 1200, oracle.Options{Zone: rules.Zone.Location()})
		random := rand.New(rand.NewPCG(seed, 7))
		late := slices.Clone(history)
		for range len(late) / 10 { // a tenth comes late, by up to a day's worth of events
			i := random.IntN(len(late))
			to := min(len(late)-1, i+random.IntN(40))
			e := late[i]
			late = slices.Insert(slices.Delete(late, i, i+1), to, e)
			if random.IntN(3) == 0 {
				late = append(late, e)
			}
		}
		b := open(t, storetest.SQLite(t), rules, shopAgents(), history[:1])
		b.now = history[len(history)-1].At.Add(48 * time.Hour).UnixMilli()
		l := ledger.New(rules, b.agents)
		for len(late) > 0 {
			n := min(len(late), 1+random.IntN(5))
			require.NoError(t, b.absorb(l, decode(t, late[:n], b.now)))
			late = late[n:]
		}
		rows, cells := b.audit(t)
		assert.Zero(t, rows, "seed %d: rows", seed)
		assert.Zero(t, cells, "seed %d: cells", seed)
	}
}

// TestAUserNameOfAContactThatIsGone: a user name shown with an identifier goes with
// it when its contact turns out to be another.
func TestAUserNameOfAContactThatIsGone(t *testing.T) {
	b := open(t, storetest.SQLite(t), settings(t, "America/Bogota", same), nil, historyOf("America/Bogota")[:1])
	l := ledger.New(b.rules, b.agents)
	phone := models.Alias{Kind: models.ByPhone, Value: "573001112233"}
	user := models.Alias{Kind: models.ByUser, Value: "CO.77"}
	name := models.Alias{Kind: models.ByUsername, Value: "luz"}
	write := func(id string, at int64, party ...models.Alias) {
		m := models.Message{Channel: "whatsapp:1060", ID: id, Dir: models.In, Party: party[0], ProviderAt: at, Kind: "text", Content: models.RankMeta}
		require.NoError(t, b.absorb(l, []models.Event{{Source: "cloudapi", Key: id, Kind: models.MessageReceived, At: at, Channel: "whatsapp:1060", Party: party, Message: &m}}))
	}
	write("a", 1_000_000, phone)
	write("b", 2_000_000, user, name)
	write("c", 3_000_000, user, phone)
	for _, l = range []*ledger.Ledger{l, ledger.New(b.rules, b.agents)} {
		write("d", 4_000_000, user, name)
		write("e", 5_000_000, name, phone)
	}
	rows, cells := b.audit(t)
	assert.Zero(t, rows+cells)
}

// tell absorbs events of the canonical form as one page.
func (b *book) tell(t *testing.T, l *ledger.Ledger, page ...map[string]any) {
	b.now++ // two writers would name their rows alike at one instant
	body, err := json.Marshal(map[string]any{"events": page})
	require.NoError(t, err)
	decoded, rejected, err := events.Decode(body, b.now)
	require.NoError(t, err)
	require.Empty(t, rejected)
	require.NoError(t, b.absorb(l, decoded.Events))
}

// TestWhoOpenedIsTakenBack: a source told who opened a conversation that had been
// going on for days; then it turns out that it was another, because this one had
// been closed before. Its replies say again what they said at first.
func TestWhoOpenedIsTakenBack(t *testing.T) {
	b := open(t, storetest.SQLite(t), settings(t, "America/Bogota", same), shopAgents(), oracle.Generate(1, 5, oracle.Options{}))
	b.now = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	event := func(kind string, after time.Duration, more map[string]any) map[string]any {
		at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(after).Format(time.RFC3339)
		e := map[string]any{"id": kind + at, "type": kind, "at": at, "channel": "whatsapp:1060", "contact": map[string]any{"phone": "+573001112233"}}
		if strings.HasPrefix(kind, "message.") {
			e["message"] = map[string]any{"id": "wamid." + kind + at, "kind": "text"}
		}
		maps.Copy(e, more)
		return e
	}
	ana := map[string]any{"agent": map[string]any{"id": "a-17", "name": "Ana"}}
	for hours := range 12 {
		at := time.Duration(hours) * 12 * time.Hour
		b.tell(t, ledger.New(b.rules, b.agents),
			event("message.received", at, nil), event("message.sent", at+time.Minute, ana),
			event("message.received", at+2*time.Minute, nil), event("message.sent", at+3*time.Minute, ana))
	}
	b.tell(t, ledger.New(b.rules, b.agents), event("conversation.opened", 140*time.Hour, map[string]any{"conversation": map[string]any{"opened_by": "agent"}}))
	rows, cells := b.audit(t)
	require.Zero(t, rows+cells)
	b.tell(t, ledger.New(b.rules, b.agents), event("conversation.closed", 138*time.Hour, map[string]any{"conversation": map[string]any{"closed_by": "agent"}}))
	rows, cells = b.audit(t)
	require.Zero(t, rows, "rows")
	require.Zero(t, cells, "cells")
}

// instants at which something may happen to one contact: some at once, some
// within a quarter of an hour, some after the silence that closes a conversation.
var instants = []time.Duration{0, 0, time.Second, 10 * time.Minute, 5 * time.Hour, 20 * time.Hour, 30 * time.Hour, 50 * time.Hour, 70 * time.Hour, 75 * time.Hour, 90 * time.Hour, 800 * time.Hour}

// something makes up an event of one contact.
func something(random *rand.Rand, instants []time.Duration, phone string, n int) map[string]any {
	of := func(words ...string) string { return words[random.IntN(len(words))] }
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).Add(instants[random.IntN(len(instants))])
	e := map[string]any{"id": fmt.Sprintf("%s-%d", phone, n), "at": at.Format(time.RFC3339Nano), "channel": "whatsapp:1060", "contact": map[string]any{"phone": phone}}
	message := map[string]any{"id": fmt.Sprintf("wamid.%s-%d", phone, n), "kind": "text"}
	agent := map[string]any{"id": "a-17", "name": "Ana"}
	kind := of("message.received", "message.received", "message.sent", "message.sent", "conversation.opened", "conversation.closed", "conversation.assigned", "call.received", "contact.added",
		"message.delivered", "message.read", "message.failed", "contact.deleted", "comment.added")
	e["type"], e["channel"] = kind, of("whatsapp:1060", "whatsapp:1060", "instagram:shop")
	switch kind {
	case "message.delivered", "message.read", "message.failed": // of some message, told before or after it
		message["id"] = fmt.Sprintf("wamid.%s-%d", phone, random.IntN(n+3))
		e["message"] = map[string]any{"id": message["id"]}
	case "comment.added":
		e["agent"], e["comment"] = agent, map[string]any{"text": "ojo"}
	case "message.received":
		e["message"] = message
	case "message.sent":
		if sender := of("agent", "agent", "bot", "automation"); sender == "agent" {
			e["agent"] = agent
		} else {
			message["sender"] = sender
		}
		e["message"] = message
	case "conversation.opened":
		e["conversation"] = map[string]any{}
		if by := of("", "agent", "contact", "automation"); by != "" {
			e["conversation"] = map[string]any{"opened_by": by}
		}
	case "conversation.closed":
		e["conversation"] = map[string]any{"closed_by": of("agent", "timeout")}
	case "conversation.assigned":
		e["agent"], e["conversation"] = agent, map[string]any{}
	}
	return e
}

// TestOneContactInAnyOrder: however the events of a contact follow each other, in
// whatever order they are told, the rows are those of all that was told so far.
func TestOneContactInAnyOrder(t *testing.T) {
	ctx := context.Background()
	rules, agents := settings(t, "America/Bogota", same), shopAgents()
	b := open(t, storetest.SQLite(t), rules, agents, oracle.Generate(1, 5, oracle.Options{}))
	b.now = time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	l := ledger.New(rules, agents)
	contacts := 400
	if testing.Short() {
		contacts = 100
	}
	for c := range contacts {
		phone := fmt.Sprintf("+57300%07d", c)
		random := rand.New(rand.NewPCG(uint64(c), 11))
		some := make([]time.Duration, 2+random.IntN(6))
		for i := range some {
			some[i] = instants[random.IntN(len(instants))]
		}
		for n, most := 0, []int{4, 6, 10, 20, 50}[random.IntN(5)]; n < most; {
			var page []map[string]any
			for range 1 + random.IntN(2) {
				page = append(page, something(random, some, phone, n))
				n++
			}
			b.tell(t, l, page...)
			ids, err := b.store.Bearers(ctx, phone)
			require.NoError(t, err)
			require.NoError(t, b.store.People(ctx, ids, func(rows *analytics.Rows) error {
				ch, err := ledger.Refold(rules, analytics.NewRoster(agents, nil), rows, analytics.NewTally(rules))
				if err == nil {
					require.Zero(t, len(ch.Messages)+len(ch.Conversations)+len(ch.Vanished)+len(ch.Contacts), "contact %d after %d events: rows are stored otherwise", c, n)
				}
				return err
			}))
		}
	}
	rows, cells := b.audit(t)
	require.Zero(t, rows)
	require.Zero(t, cells)
}
