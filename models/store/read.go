package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/analytics/report"
	"pulso/models"
)

// Settings the record keeps about itself.
const (
	settingRules   = "rules"   // fingerprint of the rules the cells were summed under
	settingHorizon = "horizon" // latest fact that had come to pass when it was recorded
	settingSince   = "since"   // earliest fact

	settingOddities = "oddities" // what was kept and is odd
)

// Setting reads a setting as JSON into v; it reports false when there is none.
func (s *Store) Setting(ctx context.Context, name string, v any) (bool, error) {
	return setting(s.read.WithContext(ctx), name, v)
}

func setting(db *gorm.DB, name string, v any) (bool, error) {
	var row settingRow
	err := db.Where("name = ?", name).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return false, nil
	}
	if err == nil {
		err = json.Unmarshal(row.Value, v)
	}
	if err != nil {
		return false, fmt.Errorf("read setting %s: %w", name, err)
	}
	return true, nil
}

// Oddities returns what was kept and is odd.
func (s *Store) Oddities(ctx context.Context) (models.Oddities, error) {
	var all models.Oddities
	_, err := s.Setting(ctx, settingOddities, &all)
	return all, err
}

// PutOddities replaces what was kept and is odd, after it was counted anew.
func (s *Store) PutOddities(ctx context.Context, all models.Oddities) error {
	return s.Put(ctx, settingOddities, all)
}

// Standing says how far the record has come and under which rules.
func (s *Store) Standing(ctx context.Context, now int64) (report.Standing, error) {
	var st report.Standing
	db := s.read.WithContext(ctx)
	var rows []settingRow
	if err := db.Where("name IN ?", []string{settingRules, settingHorizon, settingSince}).Find(&rows).Error; err != nil {
		return st, fmt.Errorf("read standing: %w", err)
	}
	for _, r := range rows {
		into := map[string]any{settingRules: &st.Rules, settingHorizon: &st.Horizon, settingSince: &st.Since}[r.Name]
		if err := json.Unmarshal(r.Value, into); err != nil {
			return st, fmt.Errorf("read standing: %s: %w", r.Name, err)
		}
	}
	err := db.Raw("SELECT DISTINCT contact FROM ahead WHERE at > ?", now).Scan(&st.Ahead).Error
	if err != nil {
		return st, fmt.Errorf("read standing: %w", err)
	}
	return st, nil
}

// Cells yields the cells of a group and tier on the days [from, to), encoded;
// the bytes hold until yield returns.
func (s *Store) Cells(ctx context.Context, g analytics.Group, t analytics.Tier, from, to analytics.Day, yield func(analytics.CellKey, []byte) error) error {
	rows, err := s.read.WithContext(ctx).Raw("SELECT day, dims, body FROM cells WHERE grp = ? AND tier = ? AND day >= ? AND day < ?", g, t, from, to).Rows()
	if err != nil {
		return fmt.Errorf("read cells: %w", err)
	}
	defer rows.Close()
	key := analytics.CellKey{Group: g, Tier: t}
	var body sql.RawBytes
	for rows.Next() {
		err := rows.Scan(&key.Day, &key.Dims, &body)
		if err == nil {
			err = yield(key, body)
		}
		if err != nil {
			return fmt.Errorf("read cells: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read cells: %w", err)
	}
	return nil
}

// Moments returns the rows that may contribute to groups within a span.
func (s *Store) Moments(ctx context.Context, m analytics.Moments) (*analytics.Rows, error) {
	rows := &analytics.Rows{}
	db := s.read.WithContext(ctx)
	err := readMoments(db, m, rows)
	if err == nil {
		err = addContacts(s, db, rows)
	}
	if err != nil {
		return nil, fmt.Errorf("read moments: %w", err)
	}
	return rows, nil
}

// addContacts reads the contacts of facts, whose source they count under.
func addContacts(s *Store, db *gorm.DB, rows *analytics.Rows) error {
	var ids []int64
	for _, f := range rows.Facts {
		ids = append(ids, f.Contact)
	}
	return chunks(s, ids, 1, func(part []int64) error {
		var list []*models.Contact
		if err := db.Where("id IN ?", part).Find(&list).Error; err != nil {
			return err
		}
		rows.Contacts = append(rows.Contacts, list...)
		return nil
	})
}

// Open returns the conversations that are open at now, only those that wait if
// waiting is set.
func (s *Store) Open(ctx context.Context, now int64, waiting bool) ([]analytics.OpenConversation, error) {
	where := "closed_at > ? AND opened_at <= ?"
	if waiting { // the index tells who waits: the others need not be looked at
		where = "id IN (SELECT id FROM conversations WHERE closed_at > ? AND waiting_since > 0) AND opened_at <= ?"
	}
	rows, err := s.read.WithContext(ctx).Raw("SELECT id, contact, channel, assignee, opened_at, opened_by, first, source, waiting_since, window_at FROM conversations WHERE "+where, now, now).Rows()
	if err != nil {
		return nil, fmt.Errorf("read open conversations: %w", err)
	}
	defer rows.Close()
	var list []analytics.OpenConversation
	for rows.Next() {
		var c analytics.OpenConversation
		if err := rows.Scan(&c.ID, &c.Contact, &c.Channel, &c.Assignee, &c.OpenedAt, &c.OpenedBy, &c.First, &c.Source, &c.WaitingSince, &c.WindowAt); err != nil {
			return nil, fmt.Errorf("read open conversations: %w", err)
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read open conversations: %w", err)
	}
	return list, nil
}

// Alive returns the whole of the conversations that are open at now.
func (s *Store) Alive(ctx context.Context, now int64) ([]*models.Conversation, error) {
	return s.conversations(ctx, "closed_at > ? AND opened_at <= ?", now, now)
}

// Shared returns the conversations that had more than one hand-over or handler,
// opened before the span's end and not over before its start.
func (s *Store) Shared(ctx context.Context, span analytics.Span) ([]*models.Conversation, error) {
	return s.conversations(ctx, "multi = 1 AND closed_at >= ? AND opened_at < ?", span.From, span.To)
}

func (s *Store) conversations(ctx context.Context, where string, args ...any) ([]*models.Conversation, error) {
	rows, err := find[conversationRow](s.read.WithContext(ctx), where, args...)
	if err != nil {
		return nil, fmt.Errorf("read conversations: %w", err)
	}
	list := make([]*models.Conversation, len(rows))
	for i := range rows {
		list[i] = &rows[i].Conversation
	}
	return list, nil
}

// peoplePiece is how many contacts are read at a time.
const peoplePiece = 500

// People yields everything the record holds of the contacts, all of them when
// ids is nil, in pieces of whole contacts. What belongs to nobody comes first.
func (s *Store) People(ctx context.Context, ids []int64, yield func(*analytics.Rows) error) error {
	db := s.read.WithContext(ctx)
	if ids != nil {
		for len(ids) > 0 {
			n := min(len(ids), peoplePiece)
			if err := s.piece(db, "contact IN ?", "id IN ?", []any{ids[:n]}, yield); err != nil {
				return err
			}
			ids = ids[n:]
		}
		return nil
	}
	if err := s.piece(db, "contact = ?", "id = ?", []any{0}, yield); err != nil {
		return err
	}
	last := int64(0)
	for {
		var page []int64
		if err := db.Raw("SELECT id FROM contacts WHERE id > ? ORDER BY id LIMIT ?", last, peoplePiece).Scan(&page).Error; err != nil {
			return fmt.Errorf("read contacts: %w", err)
		}
		if len(page) == 0 {
			return nil
		}
		end := page[len(page)-1]
		if err := s.piece(db, "contact > ? AND contact <= ?", "id > ? AND id <= ?", []any{last, end}, yield); err != nil {
			return err
		}
		last = end
	}
}

func (s *Store) piece(db *gorm.DB, where, whereContact string, args []any, yield func(*analytics.Rows) error) error {
	rows := &analytics.Rows{}
	ms, failed := find[messageRow](db, where, args...)
	fs, err := find[factRow](db, where, args...)
	failed = errors.Join(failed, err)
	cs, err := find[conversationRow](db, where, args...)
	failed = errors.Join(failed, err, db.Where(whereContact, args...).Find(&rows.Contacts).Error)
	if failed != nil {
		return fmt.Errorf("read people: %w", failed)
	}
	addRows(rows, ms, fs, cs)
	if err := s.ties(db, where, args, rows); err != nil {
		return fmt.Errorf("read people: %w", err)
	}
	return yield(rows)
}

// ties adds the links and merges of the identifiers of contacts, and those that
// hang together with them.
func (s *Store) ties(db *gorm.DB, where string, args []any, rows *analytics.Rows) error {
	inside := map[models.Alias]bool{}
	links, merges := map[models.Pair]models.Link{}, map[models.Pair]models.Merge{}
	add := func(have *ledger.Have) {
		for _, l := range have.Links {
			links[l.Pair()] = l
		}
		for _, m := range have.Merges {
			merges[m.Ends()] = m
		}
	}
	for _, end := range []string{"a", "b"} {
		var ls []linkRow
		if err := db.Raw("SELECT x.* FROM links x JOIN aliases a ON a.kind = x."+end+"_kind AND a.value = x."+end+"_value WHERE a."+where, args...).Scan(&ls).Error; err != nil {
			return err
		}
		for i := range ls {
			l := ls[i].link()
			links[l.Pair()], inside[map[string]models.Alias{"a": l.A, "b": l.B}[end]] = l, true
		}
	}
	for _, end := range []string{"from", "into"} {
		var ms []mergeRow
		if err := db.Raw("SELECT x.* FROM merges x JOIN aliases a ON a.kind = x."+end+"_kind AND a.value = x."+end+"_value WHERE a."+where, args...).Scan(&ms).Error; err != nil {
			return err
		}
		for i := range ms {
			m := ms[i].merge()
			merges[m.Ends()], inside[map[string]models.Alias{"from": m.From, "into": m.Into}[end]] = m, true
		}
	}
	page := &Page{s: s, tx: db}
	for {
		var fresh []models.Alias
		for p := range maps.Keys(links) {
			fresh = append(fresh, p.A, p.B)
		}
		for p := range maps.Keys(merges) {
			fresh = append(fresh, p.A, p.B)
		}
		fresh = slices.DeleteFunc(fresh, func(a models.Alias) bool { known := inside[a]; inside[a] = true; return known })
		if len(fresh) == 0 {
			break
		}
		have := &ledger.Have{}
		if err := page.findTies(&ledger.Want{TiesOf: fresh}, have); err != nil {
			return err
		}
		add(have)
	}
	rows.Links, rows.Merges = slices.Collect(maps.Values(links)), slices.Collect(maps.Values(merges))
	return nil
}

// Roster returns the agents that events showed.
func (s *Store) Sightings(ctx context.Context) ([]analytics.Sighting, error) {
	return sightings(s.read.WithContext(ctx))
}

// Once stores v as a setting unless there is one already, and reads into v what
// stands then. Of several processes that do so at once all read the same.
func (s *Store) Once(ctx context.Context, name string, v any) error {
	if known, err := s.Setting(ctx, name, v); err != nil || known {
		return err
	}
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("store setting %s: %w", name, err)
	}
	err = s.write.WithContext(ctx).Create(&settingRow{name, body}).Error
	if err != nil && !errors.Is(err, gorm.ErrDuplicatedKey) {
		return fmt.Errorf("store setting %s: %w", name, err)
	}
	_, err = s.Setting(ctx, name, v)
	return err
}

// Put stores v as a setting, over what stood there.
func (s *Store) Put(ctx context.Context, name string, v any) error {
	body, err := json.Marshal(v)
	if err == nil {
		err = put(s, s.write.WithContext(ctx), []settingRow{{name, body}})
	}
	if err != nil {
		return fmt.Errorf("store setting %s: %w", name, err)
	}
	return nil
}
