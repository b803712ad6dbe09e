package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"pulso/analytics/ledger"
	"pulso/models"
)

// What is forgotten of a person, and what must be kept so that it stays so.

// ErasedName begins the names that stand where those of somebody stood who asked
// to be forgotten.
const ErasedName = "erased."

// Mark tells a message or an event without naming it: a digest of what its
// source calls it.
type Mark [16]byte

// MessageMark returns the mark of a message.
func MessageMark(channel, id string) Mark { return Mark(messageHash(channel, id)) }

// FactMark returns the mark of any other event.
func FactMark(source, key string) Mark { return Mark(factHash(source, key)) }

// Tomb is what is known of a message or an event that was erased: the name under
// which it goes on being counted, and whose it is.
type Tomb struct {
	Name  string
	Party models.Alias
}

type erasedRow struct {
	Hash       []byte `gorm:"primaryKey"`
	Name       string
	PartyKind  models.AliasKind
	PartyValue string
}

func (erasedRow) TableName() string { return "erased" }

// Erasure is what is written to forget a person: rows under other names.
type Erasure struct {
	Rows       *ledger.Changes // renamed: the same rows, so that figures stay
	Aliases    []models.Alias  // that go
	Links      []models.Link   // that go
	Merges     []models.Merge  // that go
	Texts      []int64         // messages whose text goes
	Tombs      map[Mark]Tomb
	Deliveries []int64 // whose bodies name the person
}

// settingErasures counts the erasures.
const settingErasures = "erasures"

// Erase writes an erasure.
func (p *Page) Erase(e *Erasure) error {
	if err := p.write(); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	for _, a := range e.Aliases {
		if err := p.tx.Exec("DELETE FROM aliases WHERE kind = ? AND value = ?", a.Kind, a.Value).Error; err != nil {
			return fmt.Errorf("erase: %w", err)
		}
	}
	for _, l := range e.Links {
		err := p.tx.Exec("DELETE FROM links WHERE a_kind = ? AND a_value = ? AND b_kind = ? AND b_value = ?", l.A.Kind, l.A.Value, l.B.Kind, l.B.Value).Error
		if err != nil {
			return fmt.Errorf("erase: %w", err)
		}
	}
	for _, m := range e.Merges {
		err := p.tx.Exec("DELETE FROM merges WHERE from_kind = ? AND from_value = ? AND into_kind = ? AND into_value = ?", m.From.Kind, m.From.Value, m.Into.Kind, m.Into.Value).Error
		if err != nil {
			return fmt.Errorf("erase: %w", err)
		}
	}
	rows := make([]erasedRow, 0, len(e.Tombs))
	for m, t := range e.Tombs {
		rows = append(rows, erasedRow{append([]byte(nil), m[:]...), t.Name, t.Party.Kind, t.Party.Value})
	}
	var done int64
	if _, err := setting(p.tx, settingErasures, &done); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	for _, err := range []error{
		p.Save(e.Rows), p.drop("texts", "message", e.Texts), dropDeliveries(p.s, p.tx, e.Deliveries), put(p.s, p.tx, rows), p.set(settingErasures, done+1),
	} {
		if err != nil {
			return fmt.Errorf("erase: %w", err)
		}
	}
	return nil
}

// Shown returns the messages of other customers that were shown with one of the
// identifiers as well.
func (p *Page) Shown(with map[models.Alias]int64, except []int64) ([]*models.Placed, error) {
	var list []*models.Placed
	for a := range with {
		rows, err := find[messageRow](p.tx, "party_others <> '' AND INSTR(party_others, ?) > 0", a.Value)
		if err != nil {
			return nil, fmt.Errorf("find messages: %w", err)
		}
		for i := range rows {
			m := &rows[i].Placed
			shown := func(x models.Sight) bool { return x.Alias == a }
			if !slices.Contains(except, m.Contact) && slices.ContainsFunc(m.Seen().List(), shown) && !slices.ContainsFunc(list, func(x *models.Placed) bool { return x.Row == m.Row }) {
				list = append(list, m)
			}
		}
	}
	return list, nil
}

func (p *Page) drop(table, column string, ids []int64) error {
	return chunks(p.s, ids, 1, func(part []int64) error {
		return p.tx.Exec("DELETE FROM "+table+" WHERE "+column+" IN ?", part).Error
	})
}

func dropDeliveries(s *Store, tx *gorm.DB, ids []int64) error {
	return chunks(s, ids, 1, func(part []int64) error {
		if err := tx.Exec("DELETE FROM faults WHERE delivery IN ?", part).Error; err != nil {
			return err
		}
		if err := tx.Exec("DELETE FROM pending WHERE id IN ?", part).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM deliveries WHERE id IN ?", part).Error
	})
}

// Erasures returns how many people were forgotten so far.
func (s *Store) Erasures(ctx context.Context) (int64, error) {
	var n int64
	_, err := s.Setting(ctx, settingErasures, &n)
	return n, err
}

// Tombs returns everything that was erased.
func (s *Store) Tombs(ctx context.Context) (map[Mark]Tomb, error) {
	var rows []erasedRow
	if err := s.read.WithContext(ctx).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read what was erased: %w", err)
	}
	tombs := make(map[Mark]Tomb, len(rows))
	for _, r := range rows {
		if len(r.Hash) == len(Mark{}) {
			tombs[Mark(r.Hash)] = Tomb{r.Name, models.Alias{Kind: r.PartyKind, Value: r.PartyValue}}
		}
	}
	return tombs, nil
}

// Bearers returns the contacts that somebody calls so: as outsiders do, by a
// phone, a user id or a user name, by the id of one of their messages, or by
// their whole name.
func (s *Store) Bearers(ctx context.Context, who string) ([]int64, error) {
	ids, err := s.ContactsNamed(ctx, who)
	db := s.read.WithContext(ctx)
	for _, q := range []string{
		"SELECT contact FROM aliases WHERE kind = 6 AND value = ?",
		"SELECT DISTINCT contact FROM messages WHERE wamid = ? AND contact <> 0",
		"SELECT id FROM contacts WHERE name = ?",
	} {
		if err != nil || len(ids) > 0 {
			return ids, err
		}
		if err = db.Raw(q, strings.TrimPrefix(who, "@")).Scan(&ids).Error; err != nil {
			return nil, fmt.Errorf("find contact: %w", err)
		}
	}
	return ids, nil
}

// hushPiece is how many rows are looked through at a time.
const hushPiece = 200

// Hush empties what people of the business wrote to the bot and were told by
// it, where tells says that it tells of somebody. What waits to be sent is given
// up. It returns how many it emptied.
func (s *Store) Hush(ctx context.Context, reason string, tells func([]byte) bool) (int, error) {
	silence := map[string]func(tx *gorm.DB, ids []int64) error{
		"commands": func(tx *gorm.DB, ids []int64) error {
			return tx.Exec("UPDATE commands SET text = '', payload = '' WHERE id IN ?", ids).Error
		},
		"outgoing": func(tx *gorm.DB, ids []int64) error {
			err := tx.Exec("UPDATE outgoing SET state = ?, reason = ? WHERE id IN ? AND state IN ?", models.Dead, reason, ids, []models.State{models.Planned}).Error
			if err != nil {
				return err
			}
			return tx.Exec("UPDATE outgoing SET payload = ? WHERE id IN ?", []byte("{}"), ids).Error
		},
	}
	n := 0
	for table, body := range map[string]string{"commands": "text", "outgoing": "payload"} {
		done, err := s.hush(ctx, table, body, tells, silence[table])
		if err != nil {
			return n, fmt.Errorf("hush %s: %w", table, err)
		}
		n += done
	}
	return n, nil
}

func (s *Store) hush(ctx context.Context, table, body string, tells func([]byte) bool, silence func(*gorm.DB, []int64) error) (int, error) {
	n, last := 0, int64(0)
	for {
		var rows []struct {
			ID   int64
			Body []byte
		}
		err := s.write.WithContext(ctx).Raw("SELECT id, "+body+" AS body FROM "+table+" WHERE id > ? ORDER BY id LIMIT ?", last, hushPiece).Scan(&rows).Error
		if err != nil || len(rows) == 0 {
			return n, err
		}
		var ids []int64
		for _, r := range rows {
			if last = r.ID; tells(r.Body) {
				ids = append(ids, r.ID)
			}
		}
		if len(ids) == 0 {
			continue
		}
		n += len(ids)
		if err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error { return silence(tx, ids) }); err != nil {
			return n, err
		}
	}
}

// Compact writes an embedded database's file anew, so that nothing that was
// deleted is left in its free space or in its log. It waits for writers.
func (s *Store) Compact(ctx context.Context) error {
	if s.dialect != "sqlite" {
		return nil
	}
	if err := s.write.WithContext(ctx).Exec("VACUUM").Error; err != nil {
		return fmt.Errorf("compact database: %w", err)
	}
	for tries := 0; ; tries++ {
		var busy, pages, moved int
		err := s.write.WithContext(ctx).Raw("PRAGMA wal_checkpoint(TRUNCATE)").Row().Scan(&busy, &pages, &moved)
		if err == nil && busy == 0 {
			return nil
		}
		if err == nil && tries == compactTries {
			err = errors.New("its log is in use: try again")
		}
		if err != nil {
			return fmt.Errorf("compact database: %w", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(checkpointEvery):
		}
	}
}

// compactTries is how often the log is tried to be emptied: somebody else may be
// moving it to the file, or reading it.
const compactTries = 40

// Checkup is what the database says of itself: its settings by name, and its
// clock in ms, 0 when it has none of its own.
type Checkup struct {
	Settings map[string]string
	Clock    int64
}

// Checkup asks the database for the settings that decide whether what it has
// confirmed survives a loss of power. Those it does not know are absent.
func (s *Store) Checkup(ctx context.Context) (Checkup, error) {
	c := Checkup{Settings: map[string]string{}}
	db := s.write.WithContext(ctx)
	names := []string{"innodb_flush_log_at_trx_commit", "sync_binlog", "innodb_doublewrite", "sql_mode", "log_bin", "version"}
	ask := func(name string) string { return "SELECT @@" + name }
	if s.dialect == "sqlite" {
		names, ask = []string{"synchronous", "journal_mode"}, func(name string) string { return "PRAGMA " + name }
	} else if err := db.Raw("SELECT CAST(ROUND(UNIX_TIMESTAMP(NOW(3)) * 1000) AS SIGNED)").Scan(&c.Clock).Error; err != nil {
		return c, fmt.Errorf("ask database: %w", err)
	}
	for _, name := range names {
		var value string
		if err := db.Raw(ask(name)).Scan(&value).Error; err == nil {
			c.Settings[name] = value
		} else if ctx.Err() != nil {
			return c, fmt.Errorf("ask database: %w", err)
		}
	}
	return c, nil
}
