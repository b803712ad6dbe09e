package store

import (
	"context"
	"fmt"
	"strings"

	"pulso/analytics"
	"pulso/bot"
	"pulso/bot/words"
	"pulso/models"
)

// What the bot reads beside figures: see bot.Record.

// Faces returns what people know contacts by.
func (s *Store) Faces(ctx context.Context, contacts []int64) (map[int64]bot.Face, error) {
	found, err := s.ContactKeys(ctx, contacts)
	if err != nil {
		return nil, err
	}
	faces := make(map[int64]bot.Face, len(found))
	for id, c := range found {
		faces[id] = bot.Face{Key: c.Key, Name: c.Name}
	}
	err = chunks(s, contacts, 1, func(part []int64) error {
		var rows []aliasRow
		if err := s.read.WithContext(ctx).Where("contact IN ? AND kind IN ?", part, []models.AliasKind{models.ByPhone, models.ByUsername}).Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			f := faces[r.Contact]
			if strings.HasPrefix(r.Value, ErasedName) {
				continue
			}
			if r.Kind == models.ByPhone && (f.Phone == "" || r.Value < f.Phone) {
				f.Phone = r.Value
			}
			if r.Kind == models.ByUsername {
				f.Username = r.Value
			}
			faces[r.Contact] = f
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return faces, nil
}

// mostFound is how many contacts a look-up returns.
const mostFound = 6

// Find returns contacts whose name, phone or id fits what was written: all
// words of it begin words of the name, accents and case aside.
func (s *Store) Find(ctx context.Context, text string) ([]words.Contact, error) {
	folded := analytics.FoldName(text)
	if folded == "" {
		return nil, nil
	}
	ids, err := s.ContactsNamed(ctx, strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	if len(ids) == 0 {
		if ids, err = s.named(ctx, folded); err != nil {
			return nil, err
		}
	}
	faces, err := s.Faces(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []words.Contact
	for _, id := range ids {
		f := faces[id]
		c := words.Contact{ID: f.Key, Name: f.Name}
		if f.Phone != "" {
			c.Phone = "+" + f.Phone
		}
		list = append(list, c)
	}
	return list, nil
}

// named looks for names. The database narrows by the longest word as it was
// written; accents are compared here.
func (s *Store) named(ctx context.Context, folded string) ([]int64, error) {
	var ids []int64
	want := strings.Fields(folded)
	rows, err := s.read.WithContext(ctx).Raw("SELECT id, name FROM contacts WHERE name <> '' ORDER BY name_at DESC LIMIT 200000").Rows()
	if err != nil {
		return nil, fmt.Errorf("find contact: %w", err)
	}
	defer rows.Close()
	var whole []int64
	for rows.Next() {
		var id int64
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, fmt.Errorf("find contact: %w", err)
		}
		name = analytics.FoldName(name)
		if name == folded {
			whole = append(whole, id)
		} else if len(ids) < mostFound && begins(name, want) {
			ids = append(ids, id)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find contact: %w", err)
	}
	if len(whole) > 0 {
		return whole[:min(len(whole), mostFound)], nil
	}
	return ids, nil
}

// begins reports whether every wanted word begins one of the name's.
func begins(name string, want []string) bool {
	have := strings.Fields(name)
	for _, w := range want {
		ok := false
		for _, h := range have {
			ok = ok || strings.HasPrefix(h, w) && (len(w) > 2 || h == w)
		}
		if !ok {
			return false
		}
	}
	return true
}

// ByKey returns the contact that outsiders call key, 0 for none.
func (s *Store) ByKey(ctx context.Context, key string) (int64, error) {
	ids, err := s.ContactsNamed(ctx, key)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	return ids[0], nil
}

// Actions returns when an agent first and last wrote in a span, 0 for never.
func (s *Store) Actions(ctx context.Context, agent string, span analytics.Span) (first, last int64, err error) {
	row := s.read.WithContext(ctx).Raw("SELECT COALESCE(MIN(at), 0), COALESCE(MAX(at), 0) FROM messages WHERE at >= ? AND at < ? AND dir = 2 AND credited = ?",
		span.From, span.To, agent).Row()
	if err := row.Scan(&first, &last); err != nil {
		return 0, 0, fmt.Errorf("read agent's actions: %w", err)
	}
	return first, last, nil
}

// Answered returns the conversations that an agent was slowest to answer first.
func (s *Store) Answered(ctx context.Context, agent string, span analytics.Span, n int) ([]*models.Conversation, error) {
	var rows []conversationRow
	err := s.read.WithContext(ctx).Where("first_reply_by = ? AND first_reply_at >= ? AND first_reply_at < ?", agent, span.From, span.To).
		Order("first_reply_at - first_customer_at DESC").Limit(n).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read slow replies: %w", err)
	}
	list := make([]*models.Conversation, len(rows))
	for i := range rows {
		list[i] = &rows[i].Conversation
	}
	return list, nil
}

// Missed returns conversations in which 24 hours may have run out in a span.
func (s *Store) Missed(ctx context.Context, span analytics.Span) ([]*models.Conversation, error) {
	rows, err := s.Moments(ctx, analytics.Moments{Groups: []analytics.Group{analytics.GroupMissed}, Span: span})
	if err != nil {
		return nil, err
	}
	return rows.Conversations, nil
}

// Notes returns comments in a span.
func (s *Store) Notes(ctx context.Context, span analytics.Span) ([]*models.Fact, error) {
	rows, err := s.Moments(ctx, analytics.Moments{Groups: []analytics.Group{analytics.GroupComments}, Span: span})
	if err != nil {
		return nil, err
	}
	return rows.Facts, nil
}

// Newcomers returns contacts first seen in a span.
func (s *Store) Newcomers(ctx context.Context, span analytics.Span) ([]*models.Contact, error) {
	var list []*models.Contact
	err := s.read.WithContext(ctx).Where("first_seen_at >= ? AND first_seen_at < ?", span.From, span.To).Order("first_seen_at DESC").Limit(1000).Find(&list).Error
	if err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return list, nil
}

// Story returns everything the record holds of a contact.
func (s *Store) Story(ctx context.Context, contact int64) (*analytics.Rows, error) {
	all := &analytics.Rows{}
	err := s.People(ctx, []int64{contact}, func(rows *analytics.Rows) error {
		all.Join(rows)
		return nil
	})
	return all, err
}

// Texts returns what messages say, by the record's ids, where it is still kept.
func (s *Store) Texts(ctx context.Context, messages []int64) (map[int64]string, error) {
	texts := map[int64]string{}
	err := chunks(s, messages, 1, func(part []int64) error {
		var rows []textRow
		if err := s.read.WithContext(ctx).Where("message IN ?", part).Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			texts[r.Message] = string(r.Body)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read texts: %w", err)
	}
	return texts, nil
}

// Labels returns every combination of dimension values that a group's cells
// hold, agents aside.
func (s *Store) Labels(ctx context.Context, g analytics.Group) ([]analytics.Dims, error) {
	var packed []string
	tier := analytics.TierByOthers
	if !g.Keeps(tier) {
		tier = analytics.TierFull
	}
	err := s.read.WithContext(ctx).Raw("SELECT DISTINCT dims FROM cells WHERE grp = ? AND tier = ?", g, tier).Scan(&packed).Error
	if err != nil {
		return nil, fmt.Errorf("read labels: %w", err)
	}
	list := make([]analytics.Dims, len(packed))
	for i, p := range packed {
		list[i] = analytics.CellKey{Group: g, Tier: tier, Dims: p}.Values()
	}
	return list, nil
}

// Notices returns what the account was told of a subject since a moment, in
// order, such as message_template_status_update.
func (s *Store) Notices(ctx context.Context, subject string, since int64) ([]*models.Fact, error) {
	var rows []factRow
	err := s.read.WithContext(ctx).Where("kind = ? AND at >= ? AND notice = ?", models.AccountNotice, since, subject).Order("at, id").Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	list := make([]*models.Fact, len(rows))
	for i := range rows {
		list[i] = &rows[i].Fact
	}
	return list, nil
}
