package store

import (
	"context"
	"fmt"

	"gorm.io/gorm"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/models"
)

// Page is one transaction of the fold writer. Until it first writes it only
// reads, and keeps no other writer waiting: what it found still holds then,
// because nobody but the holder of the lease writes such rows, and the
// transaction begins by making sure that this is still us.
type Page struct {
	s     *Store
	tx    *gorm.DB // reads until write was called
	lease models.Lease
	began bool
}

// ErrFenced is returned when another process has taken the fold over: nothing
// of the page was written, and its writer must not go on.
var ErrFenced = fmt.Errorf("the fold lease: %w", models.ErrTaken)

// Fold runs do on a page. What it writes is one transaction, which holds only
// while lease is ours.
func (s *Store) Fold(ctx context.Context, lease models.Lease, do func(ledger.Page) error) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("fold: %w", err)
	}
	p := &Page{s: s, tx: s.read.WithContext(s.unwatched(ctx)), lease: lease}
	defer p.undo()
	err := do(p)
	if err == nil {
		err = p.write()
	}
	if err == nil {
		p.began = false
		err = p.tx.Commit().Error
	}
	if err != nil {
		return fmt.Errorf("fold: %w", err)
	}
	return nil
}

// unwatched is a context for the queries of a page. On SQLite it does not end: a watch
// over each costs as much as the query, and none takes long.
func (s *Store) unwatched(ctx context.Context) context.Context {
	if s.dialect == "sqlite" {
		return context.WithoutCancel(ctx)
	}
	return ctx
}

func (p *Page) undo() {
	if p.began {
		p.tx.Rollback()
	}
}

// write begins the transaction, once.
func (p *Page) write() error {
	if p.began {
		return nil
	}
	tx := p.s.write.WithContext(p.tx.Statement.Context).Begin()
	if tx.Error != nil {
		return tx.Error
	}
	p.tx, p.began = tx, true
	held := tx.Exec("UPDATE leases SET until = until WHERE name = ? AND owner = ? AND fence = ?", p.lease.Name, p.lease.Owner, p.lease.Fence)
	if held.Error != nil {
		return held.Error
	}
	if held.RowsAffected != 1 {
		return ErrFenced
	}
	return nil
}

// Find reads the rows that a step of the fold wants.
func (p *Page) Find(want ledger.Want) (*ledger.Have, error) {
	have := &ledger.Have{Aliases: map[models.Alias]int64{}, Contacts: map[int64]*models.Contact{}}
	steps := []struct {
		what string
		do   func(*ledger.Want, *ledger.Have) error
	}{
		{"aliases", p.findAliases}, {"links", p.findTies}, {"contacts", p.findContacts}, {"messages", p.findMessages},
		{"facts", p.findFacts}, {"tails", p.findTails}, {"cells", p.findCells}, {"agents", p.findAgents}, {"moments", p.findMoments},
	}
	for _, s := range steps {
		if err := s.do(&want, have); err != nil {
			return nil, fmt.Errorf("find %s: %w", s.what, err)
		}
	}
	return have, nil
}

// pick reads rows that where, with one list of keys in it, holds for.
func pick[T, K any](p *Page, where string, keys []K) ([]T, error) {
	var all []T
	err := chunks(p.s, keys, 1, func(part []K) error {
		rows, err := find[T](p.tx, where, part)
		all = append(all, rows...)
		return err
	})
	return all, err
}

// byKind sorts the values of aliases by kind.
func byKind(aliases []models.Alias) map[models.AliasKind][]string {
	values := map[models.AliasKind][]string{}
	for _, a := range aliases {
		values[a.Kind] = append(values[a.Kind], a.Value)
	}
	return values
}

func (p *Page) findAliases(want *ledger.Want, have *ledger.Have) error {
	add := func(rows []aliasRow) {
		for _, r := range rows {
			have.Aliases[models.Alias{Kind: r.Kind, Value: r.Value}] = r.Contact
		}
	}
	for kind, values := range byKind(want.Aliases) {
		rows, err := pick[aliasRow](p, fmt.Sprintf("kind = %d AND value IN ?", kind), values)
		if err != nil {
			return err
		}
		add(rows)
	}
	rows, err := pick[aliasRow](p, "contact IN ?", want.AliasesOf)
	add(rows)
	return err
}

func (p *Page) findTies(want *ledger.Want, have *ledger.Have) error {
	links, merges := map[models.Pair]bool{}, map[models.Pair]bool{}
	for kind, values := range byKind(want.TiesOf) {
		for _, end := range []string{"a", "b"} {
			rows, err := pick[linkRow](p, fmt.Sprintf("%s_kind = %d AND %s_value IN ?", end, kind, end), values)
			if err != nil {
				return err
			}
			for i := range rows {
				if l := rows[i].link(); !links[l.Pair()] {
					links[l.Pair()] = true
					have.Links = append(have.Links, l)
				}
			}
		}
		for _, end := range []string{"from", "into"} {
			rows, err := pick[mergeRow](p, fmt.Sprintf("%s_kind = %d AND %s_value IN ?", end, kind, end), values)
			if err != nil {
				return err
			}
			for i := range rows {
				if m := rows[i].merge(); !merges[m.Ends()] {
					merges[m.Ends()] = true
					have.Merges = append(have.Merges, m)
				}
			}
		}
	}
	return nil
}

func (p *Page) findContacts(want *ledger.Want, have *ledger.Have) error {
	rows, err := pick[models.Contact](p, "id IN ?", want.Contacts)
	if err != nil {
		return err
	}
	merged, err := pick[models.Contact](p, "merged_into IN ?", want.ByMerge)
	rows = append(rows, merged...)
	for i := range rows {
		have.Contacts[rows[i].ID] = &rows[i]
	}
	return err
}

func (p *Page) findMessages(want *ledger.Want, have *ledger.Have) error {
	hashes := make([][]byte, len(want.Messages))
	for i, k := range want.Messages {
		hashes[i] = messageHash(k.Channel, k.ID)
	}
	rows, err := pick[messageRow](p, "hash IN ?", hashes)
	have.Messages = make(map[ledger.MessageKey]*models.Placed, len(rows))
	for i := range rows {
		m := &rows[i].Placed
		have.Messages[ledger.MessageKey{Channel: m.Channel, ID: m.ID}] = m
	}
	return err
}

func (p *Page) findFacts(want *ledger.Want, have *ledger.Have) error {
	hashes := make([][]byte, len(want.Facts))
	for i, k := range want.Facts {
		hashes[i] = factHash(k.Source, k.Key)
	}
	rows, err := pick[factRow](p, "hash IN ?", hashes)
	have.Facts = make(map[ledger.FactKey]*models.Fact, len(rows))
	for i := range rows {
		f := &rows[i].Fact
		have.Facts[ledger.FactKey{Source: f.Source, Key: f.Key}] = f
	}
	return err
}

func (p *Page) findTails(want *ledger.Want, have *ledger.Have) error {
	return chunks(p.s, want.Tails, 2, func(part []ledger.Since) error {
		for len(part) > 0 {
			n := min(len(part), 200)
			if err := readTail(p.tx, part[:n], &have.Tail); err != nil {
				return err
			}
			part = part[n:]
		}
		return nil
	})
}

// readTail adds the rows of contacts to a tail.
func readTail(tx *gorm.DB, since []ledger.Since, t *analytics.Rows) error {
	at := anyOf("at", since, func(x ledger.Since) int64 { return x.At })
	opened := anyOf("opened_at", since, func(x ledger.Since) int64 { return x.Opened })
	ms, err := find[messageRow](tx, at.sql, at.args...)
	if err != nil {
		return err
	}
	fs, err := find[factRow](tx, at.sql, at.args...)
	if err != nil {
		return err
	}
	cs, err := find[conversationRow](tx, opened.sql, opened.args...)
	if err != nil {
		return err
	}
	addRows(t, ms, fs, cs)
	return nil
}

func addRows(t *analytics.Rows, ms []messageRow, fs []factRow, cs []conversationRow) {
	for i := range ms {
		t.Messages = append(t.Messages, &ms[i].Placed)
	}
	for i := range fs {
		t.Facts = append(t.Facts, &fs[i].Fact)
	}
	for i := range cs {
		t.Conversations = append(t.Conversations, &cs[i].Conversation)
	}
}

type condition struct {
	sql  string
	args []any
}

// anyOf is true for each contact's rows from its own moment on.
func anyOf(column string, part []ledger.Since, from func(ledger.Since) int64) condition {
	var c condition
	var all []int64
	for _, x := range part {
		if from(x) == 0 {
			all = append(all, x.Contact)
			continue
		}
		c.or("contact = ? AND `"+column+"` >= ?", x.Contact, from(x))
	}
	if len(all) > 0 {
		c.or("contact IN ?", all)
	}
	return c
}

func (c *condition) or(sql string, args ...any) {
	if c.sql != "" {
		c.sql += " OR "
	}
	c.sql += sql
	c.args = append(c.args, args...)
}

func (p *Page) findCells(want *ledger.Want, have *ledger.Have) error {
	have.Cells = make(map[analytics.CellKey]*analytics.Cell, len(want.Cells))
	shelves := map[analytics.CellKey][]string{}
	for _, k := range want.Cells {
		shelf := k
		shelf.Dims = ""
		shelves[shelf] = append(shelves[shelf], k.Dims)
	}
	for s, dims := range shelves {
		rows, err := pick[cellRow](p, fmt.Sprintf("grp = %d AND tier = %d AND day = %d AND dims IN ?", s.Group, s.Tier, s.Day), dims)
		if err != nil {
			return err
		}
		for i := range rows {
			c, err := analytics.DecodeCell(rows[i].Grp, rows[i].Body)
			if err != nil {
				return err
			}
			have.Cells[rows[i].key()] = c
		}
	}
	return nil
}

func (p *Page) findAgents(want *ledger.Want, have *ledger.Have) (err error) {
	if want.Sightings {
		if have.Sightings, err = sightings(p.tx); err != nil {
			return err
		}
		if _, err := setting(p.tx, settingRules, &have.Rules); err != nil {
			return err
		}
		if have.Rebuilding, err = rebuildDue(p.tx, have.Rules); err != nil {
			return err
		}
	}
	if len(want.ByAgent) == 0 {
		return nil
	}
	for _, table := range []string{"messages", "facts"} {
		var ids []int64
		sql := "SELECT DISTINCT contact FROM " + table + " WHERE agent IN ? OR agent LIKE '?%'"
		if err := p.tx.Raw(sql, want.ByAgent).Scan(&ids).Error; err != nil {
			return err
		}
		have.ByAgent = append(have.ByAgent, ids...)
	}
	return nil
}

func sightings(tx *gorm.DB) ([]analytics.Sighting, error) {
	var rows []sightingRow
	if err := tx.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read agents: %w", err)
	}
	seen := make([]analytics.Sighting, len(rows))
	for i, r := range rows {
		seen[i] = analytics.Sighting{ID: r.ID, Name: r.Name, Team: r.Team, First: r.First, At: r.At}
	}
	return seen, nil
}

func (p *Page) findMoments(want *ledger.Want, have *ledger.Have) error {
	for _, m := range want.Moments {
		if err := readMoments(p.tx, m, &have.Tail); err != nil {
			return err
		}
	}
	return nil
}
