package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/analytics/report"
	"pulso/models"
	"pulso/models/store"
)

// Who is who must be a function of the set of events, now and as of any earlier
// moment: whatever order they come in, however often, and whatever pages they are
// cut into.

func id(s string) models.Alias    { return models.Alias{Kind: models.ByID, Value: "events:" + s} }
func phone(s string) models.Alias { return models.Alias{Kind: models.ByPhone, Value: s} }
func user(s string) models.Alias  { return models.Alias{Kind: models.ByUser, Value: s} }

// moment is an hour of a day of March 2026.
func moment(day, hour int) int64 {
	return time.Date(2026, 3, day, hour, 0, 0, 0, time.UTC).UnixMilli()
}

func message(kind models.Kind, wamid string, at int64, party ...models.Alias) models.Event {
	m := models.Message{Channel: "whatsapp:1060", ID: wamid, Dir: models.Out}
	switch kind {
	case models.MessageReceived:
		m.Dir, m.ProviderAt, m.Kind, m.Content = models.In, at, "text", models.RankMeta
	case models.MessageSent:
		m.SaidAt, m.Kind, m.Content, m.Sender, m.Author = at, "text", models.RankInbox, models.ClassAgent, models.RankInbox
	case models.MessageDelivered:
		m.DeliveredAt = at
	case models.MessageRead:
		m.ReadAt = at
	}
	return models.Event{Source: "test", Key: fmt.Sprint(kind, wamid, at, party), Kind: kind, At: at, Channel: m.Channel, Party: party, Message: &m}
}

func received(wamid string, at int64, party ...models.Alias) models.Event {
	return message(models.MessageReceived, wamid, at, party...)
}

func told(kind models.Kind, at int64, party ...models.Alias) models.Event {
	return models.Event{Source: "test", Key: fmt.Sprint(kind, at, party), Kind: kind, At: at, Channel: "whatsapp:1060", Party: party}
}

func mergedInto(at int64, from, into models.Alias) models.Event {
	e := told(models.ContactMerged, at, from)
	e.Key += fmt.Sprint(into)
	e.MergedInto = []models.Alias{into}
	return e
}

// shelf makes empty records quickly: migrated once, then copied.
type shelf struct {
	blank []byte
	rules *analytics.Rules
	dir   string
	n     int
}

func newShelf(t *testing.T) *shelf {
	s := &shelf{dir: t.TempDir(), rules: settings(t, "UTC", func(r *analytics.Rules) { r.Hours = analytics.Hours{} })}
	path := filepath.Join(s.dir, "blank.db")
	empty, err := store.Open(store.DSN{Dialect: "sqlite", Path: path})
	require.NoError(t, err)
	_, err = empty.Migrate(context.Background(), time.Now)
	require.NoError(t, err)
	require.NoError(t, empty.Compact(context.Background()))
	require.NoError(t, empty.Close())
	s.blank, err = os.ReadFile(path)
	require.NoError(t, err)
	return s
}

// record absorbs pages of events, every page by a writer that knows nothing if
// forgetful, and returns the record.
func (s *shelf) record(t require.TestingT, pages [][]models.Event, forgetful bool) *book {
	s.n++
	path := filepath.Join(s.dir, fmt.Sprintf("%d.db", s.n))
	require.NoError(t, os.WriteFile(path, s.blank, 0o600))
	st, err := store.Open(store.DSN{Dialect: "sqlite", Path: path})
	require.NoError(t, err)
	lease, err := st.Acquire(context.Background(), "fold", "test", 1, math.MaxInt64/2)
	require.NoError(t, err)
	b := &book{store: st, lease: lease, rules: s.rules, now: moment(31, 0)}
	l := ledger.New(s.rules, nil)
	for i, page := range pages {
		if b.now = moment(30, 0) + int64(i); forgetful { // ids are made of the time, and of what the writer knows
			l = ledger.New(s.rules, nil)
		}
		list := make([]models.Event, len(page))
		for i, e := range page { // the writer tidies what it is given
			if list[i] = e; e.Message != nil {
				m := *e.Message
				list[i].Message = &m
			}
			list[i].Party, list[i].MergedInto = slices.Clone(e.Party), slices.Clone(e.MergedInto)
		}
		require.NoError(t, b.absorb(l, list))
	}
	b.now = moment(31, 0)
	return b
}

func (b *book) close() { _ = b.store.Close() }

// told is what the record says, without names that it makes itself: every row, and
// every figure as of each moment.
func (b *book) told(t require.TestingT, moments []int64) string {
	ctx := context.Background()
	var out []string
	all := func(rows *analytics.Rows) {
		of := map[int64][]string{}
		add := func(contact int64, row any) {
			text, err := json.Marshal(row)
			require.NoError(t, err)
			of[contact] = append(of[contact], string(text))
		}
		known := map[int64]bool{}
		var ids []int64
		for _, c := range rows.Contacts {
			known[c.ID] = true
			ids = append(ids, c.ID)
			x := *c
			x.ID, x.Name, x.NameAt, x.State, x.MergedInto = 0, "", 0, nil, min(1, c.MergedInto)
			if strings.HasPrefix(x.Key, "csm") || len(x.Key) > 6 {
				x.Key = "own"
			}
			add(c.ID, x)
		}
		have, err := b.store.Page(ctx).Find(ledger.Want{AliasesOf: ids})
		require.NoError(t, err)
		for a, c := range have.Aliases {
			add(c, a)
		}
		for _, m := range rows.Messages {
			require.True(t, m.Contact == 0 || known[m.Contact], "the contact of %s is gone", m.ID)
			x := *m
			x.Row, x.Contact = 0, 0
			add(m.Contact, x)
		}
		for _, f := range rows.Facts {
			require.True(t, f.Contact == 0 || known[f.Contact], "the contact of %s is gone", f.Key)
			x := *f
			x.Row, x.Contact = 0, 0
			add(f.Contact, x)
		}
		for _, c := range rows.Conversations {
			x := *c
			x.Contact = 0
			add(c.Contact, x)
		}
		for _, list := range of {
			sort.Strings(list)
			out = append(out, strings.Join(list, "\n"))
		}
		sort.Strings(out)
	}
	var whole analytics.Rows
	require.NoError(t, b.store.People(ctx, nil, func(rows *analytics.Rows) error { whole.Join(rows); return nil }))
	all(&whole)
	var ties []string
	for _, l := range whole.Links {
		ties = append(ties, fmt.Sprintf("%+v\n", l))
	}
	for _, m := range whole.Merges {
		ties = append(ties, fmt.Sprintf("%+v\n", m))
	}
	sort.Strings(ties)
	out = append(out, strings.Join(ties, ""))
	desk := &report.Desk{Rules: b.rules, Roster: analytics.NewRoster(nil, nil), Print: b.rules.Fingerprint(nil), Read: b.store}
	var ask report.Ask
	for _, m := range analytics.Catalogue() {
		ask.Metrics = append(ask.Metrics, m.Key)
	}
	ask.Period = analytics.Span{From: moment(1, 0), To: moment(31, 0)}
	for _, now := range append(moments, b.now) {
		a, err := desk.Answer(ctx, ask, now)
		require.NoError(t, err)
		var lines []string
		for i, m := range a.Metrics {
			f := a.Total.Figures[i]
			value := 0.0
			if f.Value != nil {
				value = *f.Value
			}
			if value != 0 || f.N != 0 || f.Den != 0 {
				lines = append(lines, fmt.Sprintf("%s %s=%v (%d %d/%d)", time.UnixMilli(now).UTC().Format(time.DateTime), m.Key, value, f.N, f.Num, f.Den))
			}
		}
		out = append(out, strings.Join(lines, "\n"))
	}
	return strings.Join(out, "\n\n")
}

// unlike is what two records tell differently.
func unlike(a, b string) string {
	var only []string
	for side, pair := range [][2]string{{a, b}, {b, a}} {
		for line := range strings.Lines(pair[0]) {
			if !strings.Contains(pair[1], line) {
				only = append(only, "-+"[side:side+1]+line)
			}
		}
	}
	if len(only) == 0 && a != b {
		return "the same rows of other contacts\n" + b
	}
	return strings.Join(only, "")
}

// figure asks for one figure as of a moment.
func (b *book) figure(t require.TestingT, metric string, now int64) float64 {
	desk := &report.Desk{Rules: b.rules, Roster: analytics.NewRoster(nil, nil), Print: b.rules.Fingerprint(nil), Read: b.store}
	a, err := desk.Answer(context.Background(), report.Ask{Metrics: []string{metric}, Period: analytics.Span{From: moment(1, 0), To: moment(31, 0)}}, now)
	require.NoError(t, err)
	return *a.Total.Figures[0].Value
}

// orders yields permutations of n things: all of them, or some when they are many
// or time is short.
func orders(n int, yield func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	if n > 5 || testing.Short() {
		random, most := rand.New(rand.NewPCG(uint64(n), 1)), 60
		if testing.Short() {
			most = 10
		}
		for range most {
			yield(order)
			random.Shuffle(n, func(i, j int) { order[i], order[j] = order[j], order[i] })
		}
		return
	}
	var permute func(k int)
	permute = func(k int) {
		if k == n {
			yield(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			permute(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	permute(0)
}

// want is a figure as of a moment.
type want struct {
	metric string
	now    int64
	value  float64
}

func TestWhoIsWhoInAnyOrder(t *testing.T) {
	end := moment(20, 0)
	p0, p1, c0, c1, c2, c3, c9, u1, u2 := phone("57100"), phone("57101"), id("c0"), id("c1"), id("c2"), id("c3"), id("c9"), user("CO.1"), user("CO.2")
	for name, c := range map[string]struct {
		events []models.Event
		want   []want
	}{
		"a status links from when it tells": {[]models.Event{
			received("w0", moment(1, 10), c1), message(models.MessageSent, "w1", moment(2, 10), c1), received("w4", moment(3, 10), p1),
			message(models.MessageRead, "w1", moment(6, 10), p1),
		}, []want{{"contacts_new", moment(4, 10), 2}, {"contacts_new", end, 1}, {"contacts_added", moment(4, 10), 2}, {"contacts_added", end, 1}}},
		"the earlier sighting comes later": {[]models.Event{
			message(models.MessageDelivered, "w1", moment(5, 10), p1), message(models.MessageRead, "w1", moment(3, 10), p1), message(models.MessageSent, "w1", moment(2, 10), c1),
			received("w2", moment(2, 11), p1),
		}, []want{{"contacts_added", moment(2, 20), 2}, {"contacts_added", moment(4, 10), 1}}},
		"whom the message was first seen with": {[]models.Event{
			message(models.MessageSent, "w1", moment(2, 10), p1), received("w2", moment(2, 11), p1), message(models.MessageRead, "w1", moment(6, 10), c1), received("w3", moment(7, 10), c1),
		}, []want{{"contacts_added", moment(4, 10), 1}, {"conversations_opened", moment(4, 10), 1}, {"contacts_added", end, 1}}},
		"three identifiers of one message": {[]models.Event{
			message(models.MessageSent, "w1", moment(1, 10), c1), message(models.MessageDelivered, "w1", moment(1, 11), u1), message(models.MessageRead, "w1", moment(1, 12), p1),
			received("w2", moment(4, 10), p1, c9),
		}, []want{{"contacts_added", end, 2}}},
		"a link that is told after the merge": {[]models.Event{
			mergedInto(moment(3, 10), c0, c1), told(models.ContactUpdated, moment(1, 10), c0, p0), received("w1", moment(5, 10), p0), received("w2", moment(5, 12), c1),
		}, []want{{"conversations_opened", end, 1}, {"contacts_new", end, 1}}},
		"a link after the merge": {[]models.Event{
			mergedInto(moment(3, 10), c0, c1), told(models.ContactUpdated, moment(4, 10), c0, p0), received("w1", moment(5, 10), p0), received("w2", moment(5, 12), c1),
		}, []want{{"conversations_opened", end, 1}, {"contacts_new", end, 1}}},
		"the target's link is told after the merge": {[]models.Event{
			mergedInto(moment(3, 10), c0, c1), told(models.ContactUpdated, moment(1, 10), c1, p0), received("w1", moment(5, 10), p0), received("w2", moment(5, 12), c0),
		}, []want{{"conversations_opened", end, 1}, {"contacts_new", end, 1}}},
		"the target shows who was merged": {[]models.Event{
			received("w1", moment(1, 10), p1), received("w2", moment(2, 10), c2), mergedInto(moment(4, 10), p1, c2), received("w3", moment(6, 10), c2, p1),
		}, []want{{"contacts_added", end, 2}, {"contacts_new", end, 2}, {"contacts_added", moment(3, 0), 2}, {"conversations_opened", end, 3}}},
		"opposite merges": {[]models.Event{
			mergedInto(moment(3, 10), c1, c2), mergedInto(moment(5, 10), c2, c1), received("w3", moment(4, 10), c1), received("w4", moment(4, 12), c2),
		}, []want{{"conversations_opened", end, 1}, {"contacts_new", end, 1}, {"contacts_merged", end, 2}}},
		"opposite merges of one instant": {[]models.Event{
			mergedInto(moment(3, 10), c1, c2), mergedInto(moment(3, 10), c2, c1), received("w3", moment(4, 10), c1), received("w4", moment(4, 12), c2),
		}, []want{{"conversations_opened", end, 1}}},
		"a ring of merges": {[]models.Event{
			mergedInto(moment(3, 10), c1, c2), mergedInto(moment(4, 10), c2, c3), mergedInto(moment(5, 10), c3, c1), received("w3", moment(6, 10), c1), received("w4", moment(6, 12), c2),
		}, []want{{"conversations_opened", end, 1}}},
		"merged twice": {[]models.Event{
			mergedInto(moment(3, 10), c1, c2), mergedInto(moment(5, 10), c1, c3), received("w3", moment(6, 10), c1), received("w4", moment(6, 12), c2), received("w5", moment(6, 13), c3),
		}, []want{{"conversations_opened", end, 2}}},
		"one after the other": {[]models.Event{
			mergedInto(moment(3, 10), c1, c2), mergedInto(moment(5, 10), c2, c3), received("w3", moment(4, 10), c1), received("w4", moment(6, 12), c1), received("w5", moment(4, 12), c2),
		}, []want{{"conversations_opened", end, 2}, {"contacts_new", end, 2}}},
		"a change of number after a merge": {[]models.Event{
			received("w1", moment(1, 10), p0, u1), mergedInto(moment(3, 10), u1, c1), told(models.ContactRenumbered, moment(4, 10), p0, p1, u1, u2), received("w2", moment(5, 10), u2), received("w3", moment(5, 11), c1),
		}, []want{{"conversations_opened", end, 2}, {"contacts_new", end, 2}}},
		"a change of number of somebody known apart": {[]models.Event{
			received("w1", moment(1, 10), p0, u1), received("w2", moment(1, 12), p1, u2), told(models.ContactUpdated, moment(2, 10), p0, u2), told(models.ContactRenumbered, moment(6, 10), p0, p1, u1, u2),
		}, []want{{"contacts_added", moment(4, 10), 2}, {"contacts_added", end, 1}}},
		"a status that tells only who it was to": {[]models.Event{
			message(models.MessageSent, "w1", moment(1, 10), c2), message(models.MessageDelivered, "w1", moment(2, 10), c2), message(models.MessageDelivered, "w1", moment(8, 10), c2, p0), received("w2", moment(3, 10), p0),
		}, []want{{"contacts_added", moment(4, 0), 2}, {"contacts_added", end, 1}}},
		"a call under two identifiers": {[]models.Event{
			told(models.CallReceived, moment(2, 10), p1), received("w1", moment(1, 10), c1), received("w2", moment(1, 12), p1, u1),
			func() models.Event {
				e := told(models.CallReceived, moment(2, 10), c1)
				e.Key = told(models.CallReceived, moment(2, 10), p1).Key
				return e
			}(),
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newShelf(t)
			moments := []int64{}
			for _, e := range c.events {
				moments = append(moments, e.At-1, e.At+1)
			}
			slices.Sort(moments)
			n, first := 0, ""
			orders(len(c.events), func(order []int) {
				var pages [][]models.Event
				for i, k := range order {
					if n%3 == 1 && i > 0 && i%2 == 1 { // pages of two
						pages[len(pages)-1] = append(pages[len(pages)-1], c.events[k])
						continue
					}
					pages = append(pages, []models.Event{c.events[k]})
				}
				b := s.record(t, pages, n%2 == 1)
				defer b.close()
				if got := b.told(t, moments); first == "" {
					first = got
				} else {
					require.Empty(t, unlike(first, got), "order %v", order)
				}
				rows, cells := b.audit(t)
				require.Zero(t, rows+cells, "order %v", order)
				if n++; n == 1 {
					for _, w := range c.want {
						assert.Equal(t, w.value, b.figure(t, w.metric, w.now), "%s as of %s", w.metric, time.UnixMilli(w.now).UTC().Format(time.DateTime))
					}
				}
			})
		})
	}
}

// anyTale draws a small history of a few identifiers: messages by one or several
// of them, statuses of one message under others, links, merges, changes of number.
func anyTale(t *rapid.T) []models.Event {
	one := rapid.SampledFrom([]models.Alias{phone("57100"), phone("57101"), user("CO.1"), user("CO.2"), id("c0"), id("c1"), id("c2")})
	party := rapid.SliceOfNDistinct(one, 1, 2, rapid.ID[models.Alias])
	wamid := rapid.SampledFrom([]string{"w1", "w2", "w3"})
	var list []models.Event
	for i := range rapid.IntRange(2, 9).Draw(t, "events") {
		at := moment(rapid.IntRange(1, 8).Draw(t, "day"), 0) + int64(rapid.IntRange(0, 2).Draw(t, "hour"))*3600_000
		with := party.Draw(t, "party")
		switch rapid.IntRange(0, 7).Draw(t, "kind") {
		case 0, 1:
			list = append(list, received(fmt.Sprint("in", i), at, with...))
		case 2:
			list = append(list, message(models.MessageSent, wamid.Draw(t, "id"), at, with...))
		case 3:
			list = append(list, message(models.MessageDelivered, wamid.Draw(t, "id"), at, with...))
		case 4:
			list = append(list, message(models.MessageRead, wamid.Draw(t, "id"), at, with...))
		case 5:
			list = append(list, told(models.ContactUpdated, at, with...))
		case 6:
			list = append(list, mergedInto(at, with[0], one.Draw(t, "into")))
		case 7:
			list = append(list, told(models.ContactRenumbered, at, with...))
		}
	}
	return list
}

func TestWhoIsWhoIsAFunctionOfTheSet(t *testing.T) {
	s := newShelf(t)
	rapid.Check(t, func(t *rapid.T) {
		list := anyTale(t)
		var moments []int64
		for day := range 8 {
			moments = append(moments, moment(day+1, 1)+1)
		}
		straight := s.record(t, [][]models.Event{list}, false)
		defer straight.close()
		want := straight.told(t, moments)
		for k := range 2 {
			again := rapid.Permutation(append(slices.Clone(list), list[:len(list)/3]...)).Draw(t, "order")
			var pages [][]models.Event
			for len(again) > 0 {
				n := min(len(again), rapid.IntRange(1, 3).Draw(t, "page"))
				pages = append(pages, again[:n])
				again = again[n:]
			}
			dealt := s.record(t, pages, k == 1)
			defer dealt.close()
			require.Empty(t, unlike(want, dealt.told(t, moments)))
		}
	})
}
