package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"pulso/models"
)

// List narrows a listing: moments in [From, To) (0: open), a limit (0: none),
// and conditions on columns, each met by one of its values.
type List struct {
	From, To int64
	Limit    int
	Where    []Match
}

// Match is a condition on one column of a listing.
type Match struct {
	Column string // one that the listing names
	Values []any
}

// listPiece is how many rows are read at a time, so that a listing of millions
// needs no more memory than one of a page.
const listPiece = 2000

func listing[T any](db *gorm.DB, moment, id string, l List, columns []string, at func(*T) (int64, any), yield func(*T) error) error {
	query := func() (*gorm.DB, error) {
		q := db.Order(moment + ", " + id)
		if l.From != 0 {
			q = q.Where(moment+" >= ?", l.From)
		}
		if l.To != 0 {
			q = q.Where(moment+" < ?", l.To)
		}
		for _, m := range l.Where {
			if !strings.Contains(" "+strings.Join(columns, " ")+" ", " "+m.Column+" ") {
				return nil, fmt.Errorf("cannot filter by %s; one of: %s", m.Column, strings.Join(columns, ", "))
			}
			q = q.Where("`"+m.Column+"` IN ?", m.Values)
		}
		return q, nil
	}
	var last *T
	for n := 0; l.Limit == 0 || n < l.Limit; {
		q, err := query()
		if err != nil {
			return err
		}
		if last != nil {
			when, key := at(last)
			q = q.Where("("+moment+" > ? OR "+moment+" = ? AND "+id+" > ?)", when, when, key)
		}
		size := listPiece
		if l.Limit > 0 {
			size = min(size, l.Limit-n)
		}
		var rows []T
		if err := q.Limit(size).Find(&rows).Error; err != nil {
			return err
		}
		for i := range rows {
			if err := yield(&rows[i]); err != nil {
				return err
			}
		}
		if len(rows) < size {
			return nil
		}
		n += len(rows)
		last = &rows[len(rows)-1]
	}
	return nil
}

// ListMessages yields messages by time.
func (s *Store) ListMessages(ctx context.Context, l List, yield func(*models.Placed) error) error {
	err := listing(s.read.WithContext(ctx).Where("dir > 0"), "at", "id", l,
		[]string{"channel", "dir", "kind", "template", "contact", "credited", "wamid", "error", "sender", "conversation"},
		func(r *messageRow) (int64, any) { return r.At, r.Row }, func(r *messageRow) error { return yield(&r.Placed) })
	if err != nil {
		return fmt.Errorf("list messages: %w", err)
	}
	return nil
}

// ListConversations yields conversations by opening.
func (s *Store) ListConversations(ctx context.Context, l List, yield func(*models.Conversation) error) error {
	err := listing(s.read.WithContext(ctx), "opened_at", "id", l,
		[]string{"channel", "contact", "assignee", "opened_by", "closed_by", "category", "label"},
		func(r *conversationRow) (int64, any) { return r.OpenedAt, r.ID[:] }, func(r *conversationRow) error { return yield(&r.Conversation) })
	if err != nil {
		return fmt.Errorf("list conversations: %w", err)
	}
	return nil
}

// ListContacts yields contacts by when they were first seen.
func (s *Store) ListContacts(ctx context.Context, l List, yield func(*models.Contact) error) error {
	err := listing(s.read.WithContext(ctx).Where("first_seen_at > 0"), "first_seen_at", "id", l, []string{"channel", "source", "id", "public_key"},
		func(r *models.Contact) (int64, any) { return r.FirstSeenAt, r.ID }, yield)
	if err != nil {
		return fmt.Errorf("list contacts: %w", err)
	}
	return nil
}

// ListFacts yields stored events of some kinds by time.
func (s *Store) ListFacts(ctx context.Context, kinds []models.Kind, l List, yield func(*models.Fact) error) error {
	err := listing(s.read.WithContext(ctx).Where("kind IN ?", kinds), "at", "id", l, []string{"channel", "contact", "agent", "kind", "notice"},
		func(r *factRow) (int64, any) { return r.At, r.Row }, func(r *factRow) error { return yield(&r.Fact) })
	if err != nil {
		return fmt.Errorf("list events: %w", err)
	}
	return nil
}

// ContactKeys returns what outsiders call the contacts.
func (s *Store) ContactKeys(ctx context.Context, ids []int64) (map[int64]*models.Contact, error) {
	found := map[int64]*models.Contact{}
	err := chunks(s, ids, 1, func(part []int64) error {
		var rows []*models.Contact
		if err := s.read.WithContext(ctx).Where("id IN ?", part).Find(&rows).Error; err != nil {
			return err
		}
		for _, c := range rows {
			found[c.ID] = c
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return found, nil
}

// StoredFault is an element that was not understood, as it was stored.
type StoredFault struct {
	models.Fault
	At int64
}

// Faults yields what could not be understood, newest first.
func (s *Store) Faults(ctx context.Context, limit int, yield func(*StoredFault) error) error {
	var rows []faultRow
	q := s.read.WithContext(ctx).Order("id DESC")
	if limit > 0 {
		q = q.Limit(limit)
	}
	if err := q.Find(&rows).Error; err != nil {
		return fmt.Errorf("list faults: %w", err)
	}
	for i := range rows {
		r := &rows[i]
		f := &StoredFault{models.Fault{Delivery: r.Delivery, Element: r.Element, Reason: r.Reason, Body: r.Body}, r.At}
		if err := yield(f); err != nil {
			return err
		}
	}
	return nil
}

// Conflicts returns identities that were shown together but would make one
// contact of two people.
func (s *Store) Conflicts(ctx context.Context) ([]models.Link, error) {
	var rows []linkRow
	if err := s.read.WithContext(ctx).Where("conflict = 1").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("list conflicts: %w", err)
	}
	links := make([]models.Link, len(rows))
	for i := range rows {
		links[i] = rows[i].link()
	}
	return links, nil
}

// ContactsNamed returns the contacts that outsiders call key: a source's id, one
// of ours, or a phone number or user id of theirs.
func (s *Store) ContactsNamed(ctx context.Context, key string) ([]int64, error) {
	var ids []int64
	db := s.read.WithContext(ctx)
	if err := db.Raw("SELECT id FROM contacts WHERE public_key = ?", key).Scan(&ids).Error; err != nil {
		return nil, fmt.Errorf("find contact: %w", err)
	}
	if a, ok := models.WhatsAppID(key); ok && len(ids) == 0 {
		if err := db.Raw("SELECT contact FROM aliases WHERE kind = ? AND value = ?", a.Kind, a.Value).Scan(&ids).Error; err != nil {
			return nil, fmt.Errorf("find contact: %w", err)
		}
	}
	return ids, nil
}
