package benchmark

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// sightings are the agents of a history, half of them in each of two teams.
func (h *history) sightings() []analytics.Sighting {
	var list []analytics.Sighting
	first := (h.end - int64(h.days+1)*day) / day * day
	for n := range h.agents {
		list = append(list, analytics.Sighting{ID: agentID(n), Name: "Agente " + agentID(n), Team: []string{"ventas", "soporte"}[n%2], First: first, At: first})
	}
	return list
}

// pieceContacts is how many contacts are written in one transaction.
const pieceContacts = 400

// bulk writes a history into a new database as a rebuild would: every contact's
// messages go through the fold and its contributions into cells, and the rows
// through the store's own writer; only the decoding and the reading back of
// what is known to be absent are spared. See TestBulkIsTheFold.
func bulk(tb testing.TB, s *store.Store, h *history) {
	tb.Helper()
	ctx := context.Background()
	lease, err := s.Seize(ctx, "fold", "benchmark", time.Now().UnixMilli(), (24 * time.Hour).Milliseconds())
	require.NoError(tb, err)
	r, seen := rules(tb), h.sightings()
	roster := analytics.NewRoster(nil, seen)
	cells := map[analytics.CellKey]*analytics.Cell{}
	pieces := make(chan *ledger.Changes, 2)
	failed := make(chan error, 1)
	go func() {
		defer close(pieces)
		var ids models.Sequence
		for from := 0; from < h.contacts(); from += pieceContacts {
			ch, err := h.piece(r, roster, &ids, from, min(from+pieceContacts, h.contacts()), cells)
			if err != nil {
				failed <- err
				return
			}
			pieces <- ch
		}
	}()
	sightings := seen
	for ch := range pieces {
		ch.Sightings, sightings = sightings, nil
		require.NoError(tb, s.Fold(ctx, lease, func(page ledger.Page) error { return page.Save(ch) }))
	}
	select {
	case err := <-failed:
		require.NoError(tb, err)
	default:
	}
	require.NoError(tb, s.Replace(ctx, lease, r.Fingerprint(nil), cells))
	require.NoError(tb, s.Release(ctx, lease))
}

// piece folds some contacts and adds what they contribute to cells.
func (h *history) piece(r *analytics.Rules, roster *analytics.Roster, ids *models.Sequence, from, to int, cells map[analytics.CellKey]*analytics.Cell) (*ledger.Changes, error) {
	rows := &analytics.Rows{}
	aliases := map[models.Alias]int64{}
	since, horizon := h.end, int64(0)
	for c := from; c < to; c++ {
		id := int64(c + 1)
		aliases[phone(c)] = id
		rows.Contacts = append(rows.Contacts, &models.Contact{ID: id, Key: phone(c).Value})
		for _, m := range h.of(c) {
			rows.Messages = append(rows.Messages, &models.Placed{Row: ids.Next(m.At()), Contact: id, Message: m})
			since, horizon = min(since, m.At()), max(horizon, m.LastAt())
		}
	}
	tally := analytics.NewTally(r)
	ch, err := ledger.Refold(r, roster, rows, tally)
	if err != nil {
		return nil, err
	}
	tally.Apply(cells)
	ch.At, ch.Aliases, ch.Since, ch.Horizon = h.end, aliases, since, horizon
	return ch, nil
}

// events tells a history as an inbox would, piece by piece, in order of contacts.
func (h *history) events(contact int) []models.Event {
	var list []models.Event
	for _, m := range h.of(contact) {
		copied := m
		e := models.Event{Source: "cloudapi", Key: m.ID, Kind: models.MessageReceived, At: m.At(), Channel: m.Channel, Party: []models.Alias{m.Party}, Message: &copied}
		if m.Dir == models.Out {
			e.Kind = models.MessageSent
		}
		list = append(list, e)
	}
	return list
}

// absorb writes a history through the fold writer, message by message.
func absorb(t *testing.T, s *store.Store, h *history) {
	lease, err := s.Seize(t.Context(), "fold", "benchmark", time.Now().UnixMilli(), time.Hour.Milliseconds())
	require.NoError(t, err)
	l := ledger.New(rules(t), nil)
	var met []models.Event
	for _, a := range h.sightings() { // the agents are met before anything else, in events that are no figure
		met = append(met, models.Event{Source: "events", Key: "met-" + a.ID, Kind: models.Noted, At: a.First,
			Agent: &models.AgentSighting{ID: a.ID, Name: a.Name, Team: a.Team}})
	}
	page := func(list []models.Event) {
		require.NoError(t, s.Fold(t.Context(), lease, func(page ledger.Page) error {
			_, err := l.Absorb(page, ledger.Batch{Now: h.end, Events: list})
			return err
		}))
	}
	page(met)
	for c := 0; c < h.contacts(); c += 20 {
		var list []models.Event
		for i := c; i < min(c+20, h.contacts()); i++ {
			list = append(list, h.events(i)...)
		}
		page(list)
	}
	require.NoError(t, s.Release(t.Context(), lease))
}

// TestBulkIsTheFold holds the quick way of writing a history to the real one:
// the same cells, one by one, and an audit that finds nothing.
func TestBulkIsTheFold(t *testing.T) {
	h := standard(3_000)
	h.agents = 12
	quick, real := storetest.SQLite(t), storetest.SQLite(t)
	a, b := open(t, quick), open(t, real)
	bulk(t, a, h)
	absorb(t, b, h)
	want := allCells(t, b)
	got := allCells(t, a)
	require.NotEmpty(t, want)
	assert.Len(t, got, len(want))
	for k, c := range want {
		if assert.Contains(t, got, k) {
			assert.True(t, c.Equal(got[k]), "%+v", k)
		}
	}
	for _, dsn := range []store.DSN{quick, real} {
		assert.NoError(t, appOn(t, dsn, time.UnixMilli(h.end)).Audit(t.Context(), t.Logf))
	}
}

func allCells(t *testing.T, s *store.Store) map[analytics.CellKey]*analytics.Cell {
	cells := map[analytics.CellKey]*analytics.Cell{}
	require.NoError(t, s.EachCell(t.Context(), func(k analytics.CellKey, c *analytics.Cell) error {
		cells[k] = c
		return nil
	}))
	return cells
}
