package storetest

import (
	"bytes"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
)

func people(b *bench) {
	set := func(key string, values map[string]any) { require.NoError(b, b.s.SetPerson(b.ctx, key, values)) }
	persons := func() map[string]models.Person {
		list, err := b.s.Persons(b.ctx)
		require.NoError(b, err)
		byKey := map[string]models.Person{}
		for _, p := range list {
			byKey[p.Key] = p
		}
		return byKey
	}
	set("+573001112233", map[string]any{"language": "es", "zone": "America/Bogota"})
	set("+573001112233", map[string]any{"language": "es", "zone": "America/Bogota"})
	set("+573001112233", map[string]any{"language": "en"})
	set("CO.Luz", map[string]any{"name": "Luz", "role": "manager", "scope": `{"teams":["ventas"],"channels":[]}`, "suspended": "identity"})
	set("CO.luz", map[string]any{"name": "Otra", "code": "hash", "identity": "k"})
	got := persons()
	require.Len(b, got, 3, "keys are compared byte for byte")
	assert.Equal(b, models.Person{Key: "+573001112233", Language: "en", Zone: "America/Bogota"}, got["+573001112233"])
	assert.Equal(b, models.Person{Key: "CO.Luz", Name: "Luz", Role: models.Manager, Suspended: "identity",
		Scope: models.Scope{Teams: []string{"ventas"}, Channels: []string{}}}, got["CO.Luz"])
	assert.Equal(b, "invited", got["CO.luz"].Suspended)
	set("CO.Luz", map[string]any{"suspended": ""})
	assert.Empty(b, persons()["CO.Luz"].Suspended)
}

func digests(b *bench) {
	daily := models.Digest{ID: "d1", Person: "+573001112233", At: 8 * 60, Days: []int{1, 5}, Ask: "resumen de ayer 😀", Language: "es", Since: 2000}
	monthly := models.Digest{ID: "D1", Person: "CO.Luz", At: 0, MonthDay: 31, Ask: "mes", Since: 1000}
	require.NoError(b, b.s.PutDigest(b.ctx, daily))
	require.NoError(b, b.s.PutDigest(b.ctx, monthly))
	list, err := b.s.StoredDigests(b.ctx, "")
	require.NoError(b, err)
	assert.Equal(b, []models.Digest{monthly, daily}, list, "oldest first")
	daily.At, daily.Days = 9*60, nil
	require.NoError(b, b.s.PutDigest(b.ctx, daily))
	list, err = b.s.StoredDigests(b.ctx, daily.Person)
	require.NoError(b, err)
	assert.Equal(b, []models.Digest{daily}, list, "replaced")
	require.NoError(b, b.s.DropDigests(b.ctx, nil))
	require.NoError(b, b.s.DropDigests(b.ctx, []string{"d1", "none"}))
	list, err = b.s.StoredDigests(b.ctx, "")
	require.NoError(b, err)
	assert.Equal(b, []models.Digest{monthly}, list)
}

func rules(b *bench) {
	slow := models.Rule{Name: "lento", Metric: "first_response", Op: models.Above, Threshold: 900, Clear: 720, For: 300_000, Over: 3_600_000, MinN: 10,
		Teams: []string{"ventas"}, Channels: []string{"whatsapp:1060"}, Agents: []string{"Ana"}, To: []string{"+573001112233"},
		QuietFrom: 22 * 60, QuietTo: 7 * 60, Repeat: 4 * 3_600_000, KeepFiring: 600_000, Critical: true, Owner: "+573001112233"}
	stored, err := b.s.AddRule(b.ctx, slow)
	require.NoError(b, err)
	assert.Equal(b, int64(101), stored.ID, "those of the file come before")
	list, err := b.s.StoredRules(b.ctx)
	require.NoError(b, err)
	assert.Equal(b, []models.Rule{stored}, list)

	var mu sync.Mutex
	var got []int64
	b.race(func(_ int, s *store.Store) {
		r, err := s.AddRule(b.ctx, models.Rule{Name: "race", Metric: "waiting", Op: models.AtLeast, Threshold: 1.5})
		if err != nil {
			b.Error(err)
			return
		}
		mu.Lock()
		got = append(got, r.ID)
		mu.Unlock()
	})
	slices.Sort(got)
	assert.Equal(b, []int64{102, 103, 104, 105, 106, 107, 108, 109}, got, "no number twice")

	require.NoError(b, b.s.MoveAlarms(b.ctx, []models.Alarm{{Rule: "r101", Health: models.Firing}}, nil))
	require.NoError(b, b.s.DropRule(b.ctx, 101, "r101"))
	states, err := b.s.Alarms(b.ctx)
	require.NoError(b, err)
	assert.Empty(b, states, "a rule's state goes with it")
	list, err = b.s.StoredRules(b.ctx)
	require.NoError(b, err)
	assert.Len(b, list, 8)
}

func alarms(b *bench) {
	a := models.Alarm{Rule: "r1", Health: models.Pending, Since: 1000, Value: 0.1, Worst: 1e300, Known: true, JudgedAt: 1000}
	require.NoError(b, b.s.MoveAlarms(b.ctx, []models.Alarm{a}, nil))
	state := func() models.Alarm {
		states, err := b.s.Alarms(b.ctx)
		require.NoError(b, err)
		return states["r1"]
	}
	now := state()
	a.Version = 1
	assert.Equal(b, a, now)
	now.Health, now.Episode, now.FiredAt, now.Flaps = models.Firing, 1, 2000, []int64{1000, 2000}
	now.Known, now.Value = false, 0 // what became zero is written too
	message := outgoing("alert/r1/1", 1, "+573001112233")
	require.NoError(b, b.s.MoveAlarms(b.ctx, []models.Alarm{now}, []*models.Outgoing{message}))
	assert.Len(b, b.all(), 1)
	now.Version = 2
	assert.Equal(b, now, state())

	stale := now
	stale.Version = 1
	fresh := models.Alarm{Rule: "r2", Health: models.Normal}
	err := b.s.MoveAlarms(b.ctx, []models.Alarm{fresh, stale}, []*models.Outgoing{outgoing("alert/r1/2", 1, "+573001112233")})
	assert.ErrorIs(b, err, models.ErrMoved)
	assert.Len(b, b.all(), 1, "no message of a move that failed")
	states, err := b.s.Alarms(b.ctx)
	require.NoError(b, err)
	assert.Len(b, states, 1, "nor any other state")
	stale.Version = 0
	assert.ErrorIs(b, b.s.MoveAlarms(b.ctx, []models.Alarm{stale}, nil), models.ErrMoved, "somebody made it first")

	won := make(chan int, rivals)
	b.race(func(i int, s *store.Store) {
		mine := now
		mine.AckedBy = string(rune('a' + i))
		switch err := s.MoveAlarms(b.ctx, []models.Alarm{mine}, []*models.Outgoing{outgoing("ack", 1, mine.AckedBy)}); {
		case err == nil:
			won <- i
		case !errors.Is(err, models.ErrMoved):
			b.Error(err)
		}
	})
	require.Len(b, won, 1, "of those who read the same state, one moves it")
	assert.Equal(b, string(rune('a'+<-won)), state().AckedBy)
	assert.Len(b, b.all(), 2)
}

// ids stores ids that differ by case, trailing spaces, accents or width only.
func ids(b *bench) {
	twins := []string{"wamid.A", "wamid.a", "wamid.a ", "wamid.a  ", " wamid.a", "wamid.á", "wamid.a\u0301", "wamid.a\x00", "wamid.ａ", "wamid.😀", "wamid.😁", "ß", "ss", ""}
	c := &ledger.Changes{At: 1000, Aliases: map[models.Alias]int64{}}
	var keys []ledger.MessageKey
	var aliases []models.Alias
	for i, id := range twins {
		c.Messages = append(c.Messages, &models.Placed{Row: int64(i + 1), Contact: 1, Message: models.Message{Channel: "whatsapp:1", ID: id, Dir: models.In, ProviderAt: 5}})
		c.Facts = append(c.Facts, &models.Fact{Row: int64(i + 1), Contact: 1, Source: "events", Key: id, Kind: models.CommentAdded, At: 5})
		c.Aliases[models.Alias{Kind: models.ByUser, Value: id}] = int64(i + 1)
		c.Contacts = append(c.Contacts, &models.Contact{ID: int64(i + 1), Key: "key" + id, FirstSeenAt: 5})
		c.Sightings = append(c.Sightings, analytics.Sighting{ID: id, Name: id, Team: id, First: 1, At: int64(i)})
		c.Links = append(c.Links, models.NewLink(models.Alias{Kind: models.ByUser, Value: id}, models.Alias{Kind: models.ByPhone, Value: "1"}, 1, false))
		keys = append(keys, ledger.MessageKey{Channel: "whatsapp:1", ID: id})
		aliases = append(aliases, models.Alias{Kind: models.ByUser, Value: id})
		b.plan(outgoing(id, 1, "+573001112233"))
		require.NoError(b, b.s.PutDigest(b.ctx, models.Digest{ID: id, Person: id}))
		require.NoError(b, b.s.SetPerson(b.ctx, id, map[string]any{"name": id}))
		require.NoError(b, b.s.MoveAlarms(b.ctx, []models.Alarm{{Rule: id, Since: int64(i)}}, nil))
		ok, err := b.s.ClaimSlot(b.ctx, "d", id, 1, nil)
		require.NoError(b, err)
		assert.True(b, ok, "slot %q", id)
		l, err := b.s.Acquire(b.ctx, "lease "+id, "ana", 1000, 500)
		require.NoError(b, err, "lease %q", id)
		assert.Equal(b, int64(1), l.Fence)
	}
	b.fold(c)
	have, err := b.s.Page(b.ctx).Find(ledger.Want{Messages: keys, Aliases: aliases, TiesOf: aliases, Sightings: true})
	require.NoError(b, err)
	assert.Len(b, have.Messages, len(twins))
	assert.Len(b, have.Links, len(twins))
	assert.Len(b, have.Sightings, len(twins))
	states, err := b.s.Alarms(b.ctx)
	require.NoError(b, err)
	for i, id := range twins {
		assert.Equal(b, int64(i+1), have.Messages[keys[i]].Row, "message %q", id)
		assert.Equal(b, int64(i+1), have.Aliases[aliases[i]], "alias %q", id)
		assert.Equal(b, int64(i), states[id].Since, "alarm %q", id)
		list, err := b.s.StoredDigests(b.ctx, id)
		require.NoError(b, err)
		if id != "" {
			assert.Len(b, list, 1, "digest of %q", id)
		}
		contact, err := b.s.ByKey(b.ctx, "key"+id)
		require.NoError(b, err)
		assert.Equal(b, int64(i+1), contact, "contact %q", id)
	}
	assert.Len(b, b.all(), len(twins))
	persons, err := b.s.Persons(b.ctx)
	require.NoError(b, err)
	assert.Len(b, persons, len(twins))
}

// texts stores what people write: emoji, NUL bytes, quotes, a lot.
func texts(b *bench) {
	huge := strings.Repeat("Luz ñ 😀 ", 1_000_000) // 13 MB
	odd := "👩‍👩‍👧‍👦 \x00 ' \" \\ % _ ` ; -- ? ?? \u202e"
	c := &ledger.Changes{At: 1000, Texts: map[int64]string{1: odd, 2: strings.Repeat("é", 2_000_000)}}
	for i := range 2 {
		c.Messages = append(c.Messages, &models.Placed{Row: int64(i + 1), Contact: 1, Message: models.Message{Channel: "whatsapp:1", ID: string(rune('a' + i)), Dir: models.In, ProviderAt: 5}})
	}
	long := strings.Repeat("😀", 512)
	c.Contacts = []*models.Contact{{ID: 1, Key: "k", Name: long, FirstSeenAt: 5, State: []byte(odd)}, {ID: 2, Key: "k2", Name: odd, FirstSeenAt: 6}}
	c.Facts = []*models.Fact{{Row: 1, Contact: 1, Source: "events", Key: "k", Kind: models.CommentAdded, At: 5, Summary: odd, Text: odd, Mentions: []string{odd}, Notice: odd, Details: []byte(odd), Flags: []string{odd}}}
	c.Faults = []models.Fault{{Delivery: 1, Element: strings.Repeat("e", 5000), Reason: odd, Body: []byte(odd)}}
	b.fold(c)
	got, err := b.s.Texts(b.ctx, []int64{1, 2, 3})
	require.NoError(b, err)
	assert.Equal(b, c.Texts, got)
	contacts, err := b.s.ContactKeys(b.ctx, []int64{1, 2})
	require.NoError(b, err)
	assert.Equal(b, c.Contacts[0], contacts[1])
	assert.Equal(b, c.Contacts[1], contacts[2])
	require.NoError(b, b.s.ListFacts(b.ctx, []models.Kind{models.CommentAdded}, store.List{}, func(f *models.Fact) error {
		assert.Equal(b, c.Facts[0], f)
		return nil
	}))

	o := outgoing("k", 1, "+573001112233")
	o.Payload = []byte(huge)
	b.plan(o)
	assert.True(b, bytes.Equal(o.Payload, b.stands(o.ID).Payload))
	shout := command("wamid.1")
	shout.Text = huge
	b.fold(&ledger.Changes{At: 1, Commands: []models.Command{shout}})
	waiting, err := b.s.Commands(b.ctx, 1)
	require.NoError(b, err)
	require.Len(b, waiting, 1)
	assert.True(b, huge == waiting[0].Text)
}

func listings(b *bench) {
	c := &ledger.Changes{At: 1000}
	const n = 4100 // more than two pieces, many at one moment
	for i := range n {
		c.Messages = append(c.Messages, &models.Placed{Row: int64(i + 1), Contact: int64(i % 3),
			Message: models.Message{Channel: "whatsapp:1", ID: string(rune(0x4e00 + i)), Dir: models.Direction(i % 3), Kind: []string{"text", "image"}[i%2], ProviderAt: int64(1000 + i/1000)}})
	}
	for i := range 5 {
		c.Conversations = append(c.Conversations, &models.Conversation{ID: models.NewConversationID("whatsapp:1", 10, string(rune('a'+i))), Contact: 1, Channel: "whatsapp:1", OpenedAt: 10, ClosedAt: 20, Assignee: "#a-1"})
	}
	b.fold(c)
	rows := func(l store.List) []int64 {
		var rows []int64
		require.NoError(b, b.s.ListMessages(b.ctx, l, func(p *models.Placed) error {
			rows = append(rows, p.Row)
			return nil
		}))
		return rows
	}
	seen := rows(store.List{})
	assert.Len(b, seen, n-(n+2)/3, "what has no direction is not listed")
	assert.True(b, slices.IsSorted(seen))
	assert.Len(b, slices.Compact(seen), len(seen), "no row twice where pieces meet")
	assert.Equal(b, seen[:7], rows(store.List{Limit: 7}))
	assert.Equal(b, seen[:2500], rows(store.List{Limit: 2500}))
	some := rows(store.List{From: 1001, To: 1002, Where: []store.Match{{Column: "kind", Values: []any{"text"}}, {Column: "contact", Values: []any{1, 2}}}})
	for _, r := range some {
		assert.True(b, r > 1000 && r <= 2000 && r%2 == 1, r)
	}
	assert.NotEmpty(b, some)
	assert.Empty(b, rows(store.List{Where: []store.Match{{Column: "kind", Values: []any{"TEXT"}}}}))
	err := b.s.ListMessages(b.ctx, store.List{Where: []store.Match{{Column: "id` = 1 OR `id", Values: []any{1}}}}, nil)
	assert.ErrorContains(b, err, "cannot filter")
	stop := errors.New("enough")
	assert.ErrorIs(b, b.s.ListMessages(b.ctx, store.List{}, func(*models.Placed) error { return stop }), stop)

	var conversations []*models.Conversation
	require.NoError(b, b.s.ListConversations(b.ctx, store.List{Where: []store.Match{{Column: "assignee", Values: []any{"#a-1"}}}}, func(x *models.Conversation) error {
		conversations = append(conversations, x)
		return nil
	}))
	assert.ElementsMatch(b, c.Conversations, conversations)
}

// heavy: what is more than a server takes in one statement is written in several.
func heavy(b *bench) {
	var list []*models.Delivery
	for i := range 9 {
		list = append(list, &models.Delivery{Source: "events", ReceivedAt: int64(1000 + i), Body: bytes.Repeat([]byte{'\'', 0}, 2<<20)})
	}
	require.NoError(b, b.s.Receive(b.ctx, list))
	got, err := b.s.Pending(b.ctx, 0, 20, 1<<30)
	require.NoError(b, err)
	require.Len(b, got, len(list))
	assert.Equal(b, list[8].Body, got[8].Body)
}

// touched: whatever went on during a span is found, however long its
// conversation began before, and each row comes once.
func touched(b *bench) {
	const hour = 3_600_000
	c := &ledger.Changes{At: 1000}
	row := int64(0)
	say := func(x *models.Conversation, at int64, dir models.Direction) *models.Placed {
		row++
		m := &models.Placed{Row: row, Contact: x.Contact, Message: models.Message{Channel: x.Channel, ID: strconv.FormatInt(row, 10), Dir: dir, ProviderAt: at, Kind: "text"}}
		m.Conversation = x.ID
		c.Messages = append(c.Messages, m)
		return m
	}
	for opened := int64(1); opened < 12*24; opened += 7 { // hours
		for _, lasted := range []int64{0, 1, 23, 47, 48, 49, 120, 400} {
			row++
			x := &models.Conversation{ID: models.NewConversationID("whatsapp:1", opened, strconv.FormatInt(row, 10)), Contact: row, Channel: "whatsapp:1",
				OpenedAt: opened * hour, FirstCustomerAt: opened * hour, ClosedAt: (opened + lasted + 24) * hour}
			say(x, x.OpenedAt, models.In)
			switch opened % 3 {
			case 0:
				x.FirstReplyAt, x.FirstReplyBy = (opened+lasted)*hour, "#a-1"
				say(x, x.FirstReplyAt, models.Out).WaitedFrom = x.OpenedAt
			case 1:
				at := (opened + lasted) * hour
				x.Assignments = []models.Assignment{{At: at, Agent: "#a-1"}}
				c.Facts = append(c.Facts, &models.Fact{Row: row, Contact: x.Contact, Source: "events", Key: strconv.FormatInt(row, 10), Kind: models.ConversationAssigned, At: at, Channel: x.Channel})
			}
			c.Conversations = append(c.Conversations, x)
		}
	}
	b.fold(c)
	for from := int64(0); from < 14*24; from += 31 {
		for _, long := range []int64{1, 24, 100} {
			span := analytics.Span{From: from*hour + 60_000, To: (from + long) * hour}
			touchedIn(b, c, span, 10*60_000)
		}
	}
}

func touchedIn(b *bench, c *ledger.Changes, span analytics.Span, target int64) {
	rules := analytics.Rules{Zone: analytics.MustZone("America/Bogota"), Target: target}
	want := map[analytics.Group]map[models.ConversationID]bool{analytics.GroupReply: {}, analytics.GroupHands: {}}
	var answered []models.ConversationID
	for _, x := range c.Conversations {
		rules.OfConversation(x, func(y analytics.Contribution) {
			if of := want[analytics.GroupOf(y.Measure)]; of != nil && span.Holds(y.At) {
				of[x.ID] = true
			}
		})
		if span.Holds(x.FirstReplyAt) {
			answered = append(answered, x.ID)
		}
	}
	for g, ids := range want {
		rows, err := b.s.Moments(b.ctx, analytics.Moments{Groups: []analytics.Group{g}, Span: span, Target: target})
		require.NoError(b, err)
		for _, x := range rows.Conversations {
			delete(ids, x.ID)
		}
		assert.Empty(b, ids, "not found")
		assert.Equal(b, contributed(b, &rules, g, span, false), contributed(b, &rules, g, span, true), "bare rows of group %d", g)
	}
	rows, err := b.s.Moments(b.ctx, analytics.Moments{Groups: []analytics.Group{analytics.GroupReply, analytics.GroupReceived, analytics.GroupHands}, Span: span, Target: target})
	require.NoError(b, err)
	seen := map[any]int{}
	for _, x := range rows.Conversations {
		seen[x.ID]++
	}
	for _, x := range rows.Messages {
		seen[x.Row]++
	}
	for key, n := range seen {
		assert.Equal(b, 1, n, key)
	}
	list, err := b.s.Answered(b.ctx, "#a-1", span, 1000)
	require.NoError(b, err)
	var got []models.ConversationID
	for _, x := range list {
		got = append(got, x.ID)
	}
	assert.ElementsMatch(b, answered, got)
}

// contributed lists what the rows found for a group contribute to it in a span.
func contributed(b *bench, rules *analytics.Rules, g analytics.Group, span analytics.Span, bare bool) (list []analytics.Contribution) {
	rows, err := b.s.Moments(b.ctx, analytics.Moments{Groups: []analytics.Group{g}, Span: span, Target: rules.Target, Bare: bare})
	require.NoError(b, err)
	rules.Contributions(rows, analytics.NewRoster(nil, nil), func(c analytics.Contribution) {
		if analytics.GroupOf(c.Measure) == g && span.Holds(c.At) {
			list = append(list, c)
		}
	})
	return list
}

func settings(b *bench) {
	var none string
	found, err := b.s.Setting(b.ctx, "rules", &none)
	require.NoError(b, err)
	assert.False(b, found)
	b.fold(&ledger.Changes{At: 1, Rules: "print 😀", Since: 500, Horizon: 1000, Ahead: map[int64]int64{7: 5000}})
	b.fold(&ledger.Changes{At: 2, Since: 600, Horizon: 900})
	st, err := b.s.Standing(b.ctx, 2000)
	require.NoError(b, err)
	assert.Equal(b, "print 😀", st.Rules)
	assert.Equal(b, int64(1000), st.Horizon, "never back")
	assert.Equal(b, []int64{7}, st.Ahead)
	var since int64
	found, err = b.s.Setting(b.ctx, "since", &since)
	require.NoError(b, err)
	assert.True(b, found)
	assert.Equal(b, int64(500), since)
	assert.Error(b, func() error { _, err := b.s.Setting(b.ctx, "rules", &since); return err }(), "not a number")
}

func snapshots(b *bench) {
	b.plan(outgoing("one", 1, "a"))
	require.NoError(b, b.s.Snapshot(b.ctx, func(s *store.Store) error {
		count := func() (n int) {
			require.NoError(b, s.ListOutgoing(b.ctx, store.List{}, func(*models.Outgoing) error { n++; return nil }))
			return n
		}
		assert.Equal(b, 1, count())
		b.plan(outgoing("two", 1, "a"))
		assert.Equal(b, 1, count())
		return nil
	}))
	assert.Len(b, b.all(), 2)
}
