package benchmark

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/gob"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
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

// pieceContacts is how many contacts are folded at a time.
const pieceContacts = 400

// bulk writes a history into a new database: every contact's messages go through the
// fold and its contributions into cells, as in a rebuild, and the rows through the
// store's own writer, in the order of time, so that they lie in the database as if they
// had come one by one. Only the decoding and the reading back of what is known to be
// absent are spared. See TestBulkIsTheFold.
func bulk(tb testing.TB, s *store.Store, h *history) {
	tb.Helper()
	ctx := context.Background()
	lease, err := s.Seize(ctx, "fold", "benchmark", time.Now().UnixMilli(), (24 * time.Hour).Milliseconds())
	require.NoError(tb, err)
	save := func(ch *ledger.Changes) {
		ch.At = h.end
		require.NoError(tb, s.Fold(ctx, lease, func(page ledger.Page) error { return page.Save(ch) }))
	}
	r, seen := rules(tb), h.sightings()
	roster := analytics.NewRoster(nil, seen)
	cells := map[analytics.CellKey]*analytics.Cell{}
	days := newDiary(tb, h)
	save(&ledger.Changes{Sightings: seen})
	pieces := func(yield func(*ledger.Changes, error) bool) {
		for from := 0; from < h.contacts(); from += pieceContacts {
			if !yield(h.piece(r, roster, from, min(from+pieceContacts, h.contacts()), cells)) {
				return
			}
		}
	}
	each(tb, pieces, func(ch *ledger.Changes) {
		require.NoError(tb, days.enter(ch))
		save(ch)
	})
	each(tb, days.read, save)
	require.NoError(tb, s.Replace(ctx, lease, r.Fingerprint(nil), cells))
	require.NoError(tb, s.Release(ctx, lease))
}

// each does something with every change of a sequence while the next is being made.
func each(tb testing.TB, seq iter.Seq2[*ledger.Changes, error], do func(*ledger.Changes)) {
	made, failed := make(chan *ledger.Changes, 2), error(nil)
	go func() {
		defer close(made)
		for ch, err := range seq {
			if failed = err; err != nil {
				return
			}
			made <- ch
		}
	}()
	for ch := range made {
		do(ch)
	}
	require.NoError(tb, failed)
}

// piece folds some contacts and adds what they contribute to cells.
func (h *history) piece(r *analytics.Rules, roster *analytics.Roster, from, to int, cells map[analytics.CellKey]*analytics.Cell) (*ledger.Changes, error) {
	rows := &analytics.Rows{}
	aliases := map[models.Alias]int64{}
	since, horizon := h.end, int64(0)
	for c := from; c < to; c++ {
		id := int64(c + 1)
		aliases[phone(c)] = id
		rows.Contacts = append(rows.Contacts, &models.Contact{ID: id, Key: phone(c).Value})
		for _, m := range h.of(c) {
			// An id as models.Sequence makes them, one a ms for each contact.
			rows.Messages = append(rows.Messages, &models.Placed{Row: m.At()<<21 | id, Contact: id, Message: m})
			since, horizon = min(since, m.At()), max(horizon, m.LastAt())
		}
	}
	tally := analytics.NewTally(r)
	ch, err := ledger.Refold(r, roster, rows, tally)
	if err != nil {
		return nil, err
	}
	tally.Apply(cells)
	ch.Aliases, ch.Since, ch.Horizon = aliases, since, horizon
	return ch, nil
}

// diary holds the messages and conversations of a history by day, in files, as one
// of twenty million messages does not fit into memory.
type diary struct {
	begin int64
	days  []sheet
}

// sheet is what a diary holds of a day.
type sheet struct {
	file *os.File
	out  *bufio.Writer
	enc  *gob.Encoder
}

// entry is one row of a day.
type entry struct {
	Message      *models.Placed
	Conversation *models.Conversation
}

func newDiary(tb testing.TB, h *history) *diary {
	d := &diary{begin: h.end - int64(h.days+1)*day}
	dir := tb.TempDir()
	for n := range h.days + 2 {
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(n)))
		require.NoError(tb, err)
		tb.Cleanup(func() { _ = f.Close() })
		out := bufio.NewWriterSize(f, 1<<18)
		d.days = append(d.days, sheet{f, out, gob.NewEncoder(out)})
	}
	return d
}

// enter takes messages and conversations out of changes, and keeps them for their day.
func (d *diary) enter(ch *ledger.Changes) error {
	write := func(at int64, e entry) error { return d.days[(at-d.begin)/day].enc.Encode(e) }
	for _, m := range ch.Messages {
		if err := write(m.At(), entry{Message: m}); err != nil {
			return err
		}
	}
	for _, c := range ch.Conversations {
		if err := write(c.OpenedAt, entry{Conversation: c}); err != nil {
			return err
		}
	}
	ch.Messages, ch.Conversations = nil, nil
	return nil
}

// read yields what each day holds, in the order of time.
func (d *diary) read(yield func(*ledger.Changes, error) bool) {
	for _, day := range d.days {
		if ch, err := day.read(); !yield(ch, err) {
			return
		}
	}
}

func (s *sheet) read() (*ledger.Changes, error) {
	if err := s.out.Flush(); err != nil {
		return nil, err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	ch := &ledger.Changes{}
	for dec := gob.NewDecoder(bufio.NewReaderSize(s.file, 1<<18)); ; {
		var e entry
		switch err := dec.Decode(&e); {
		case errors.Is(err, io.EOF):
			slices.SortFunc(ch.Messages, func(a, b *models.Placed) int { return cmp.Compare(a.Row, b.Row) })
			slices.SortFunc(ch.Conversations, func(a, b *models.Conversation) int { return bytes.Compare(a.ID[:], b.ID[:]) })
			return ch, nil
		case err != nil:
			return nil, err
		case e.Message != nil:
			ch.Messages = append(ch.Messages, e.Message)
		default:
			ch.Conversations = append(ch.Conversations, e.Conversation)
		}
	}
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
