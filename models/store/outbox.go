package store

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"pulso/models"
)

type outgoingRow struct {
	models.Outgoing
	Hash []byte
}

func (outgoingRow) TableName() string { return "outgoing" }

func newOutgoingRow(o *models.Outgoing) outgoingRow {
	return outgoingRow{Outgoing: *o, Hash: hash("o", o.Key, fmt.Sprint(o.Part), o.To)}
}

type commandRow struct {
	models.Command
	Hash []byte
}

func (commandRow) TableName() string { return "commands" }

// Plan stores outgoing messages that are not known yet by key, part and
// recipient, in one transaction with after, and reports how many were new.
func (s *Store) Plan(ctx context.Context, list []*models.Outgoing, after func(tx *gorm.DB) error) (int, error) {
	for try := 0; ; try++ {
		planned, err := s.plan(ctx, list, after)
		if errors.Is(err, gorm.ErrDuplicatedKey) && try < 3 { // another process planned it, or makes the same ids
			s.ids.Renode()
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("plan messages: %w", err)
		}
		return planned, nil
	}
}

func (s *Store) plan(ctx context.Context, list []*models.Outgoing, after func(tx *gorm.DB) error) (int, error) {
	var fresh []*models.Outgoing
	planned := 0
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		for _, o := range list {
			row := newOutgoingRow(o)
			var known int64
			if err := tx.Model(&outgoingRow{}).Where("hash = ?", row.Hash).Count(&known).Error; err != nil {
				return err
			}
			if known > 0 {
				continue
			}
			if row.ID == 0 {
				row.ID = s.ids.Next(o.CreatedAt)
				o.ID = row.ID
				fresh = append(fresh, o)
			}
			if err := tx.Create(&row).Error; err != nil {
				return err
			}
			planned++
		}
		if after != nil {
			return after(tx)
		}
		return nil
	})
	if err != nil {
		for _, o := range fresh {
			o.ID = 0
		}
	}
	return planned, err
}

// Replied stores the answers to a command and marks it as done, in one
// transaction; answers that are there already are left alone.
func (s *Store) Replied(ctx context.Context, command int64, answers []*models.Outgoing) error {
	_, err := s.Plan(ctx, answers, func(tx *gorm.DB) error {
		return tx.Exec("UPDATE commands SET done = 1 WHERE id = ?", command).Error
	})
	return err
}

// Commands returns commands that wait for an answer, oldest first.
func (s *Store) Commands(ctx context.Context, limit int) ([]models.Command, error) {
	var rows []commandRow
	if err := s.read.WithContext(ctx).Where("done = 0").Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read commands: %w", err)
	}
	list := make([]models.Command, len(rows))
	for i := range rows {
		list[i] = rows[i].Command
	}
	return list, nil
}

// LastHeard returns when a person last wrote to a number, 0 for never: the 24
// hour window runs from then.
func (s *Store) LastHeard(ctx context.Context, channel, phone, userID string) (int64, error) {
	var last int64
	err := s.read.WithContext(ctx).Raw("SELECT COALESCE(MAX(at), 0) FROM commands WHERE channel = ? AND (phone <> '' AND phone = ? OR user_id <> '' AND user_id = ?)",
		channel, phone, userID).Scan(&last).Error
	if err != nil {
		return 0, fmt.Errorf("read last command: %w", err)
	}
	return last, nil
}

// Due returns messages whose time has come: planned ones, and those whose
// outcome is waited for no longer. Oldest first.
func (s *Store) Due(ctx context.Context, now int64, limit int) ([]*models.Outgoing, error) {
	var rows []outgoingRow
	err := s.read.WithContext(ctx).Where("state IN ? AND due_at <= ?", []models.State{models.Planned, models.Unknown}, now).
		Order("due_at, id").Limit(limit).Find(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read due messages: %w", err)
	}
	return outgoings(rows), nil
}

func outgoings(rows []outgoingRow) []*models.Outgoing {
	list := make([]*models.Outgoing, len(rows))
	for i := range rows {
		list[i] = &rows[i].Outgoing
	}
	return list
}

// Move writes a message's new state, provided that its state and its number of
// attempts are still those given. It fails with models.ErrMoved otherwise.
func (s *Store) Move(ctx context.Context, o *models.Outgoing, was models.State, attempts int) error {
	set := s.write.WithContext(ctx).Model(&outgoingRow{}).Where("id = ? AND state = ? AND attempts = ?", o.ID, was, attempts).
		Select("state", "attempts", "via", "wamid", "opaque", "due_at", "attempted_at", "sent_at", "doubtful", "reason").Updates(newOutgoingRow(o))
	if set.Error != nil {
		return fmt.Errorf("move message: %w", set.Error)
	}
	if set.RowsAffected != 1 {
		return models.ErrMoved
	}
	return nil
}

// Outgoing returns one message as it stands.
func (s *Store) Outgoing(ctx context.Context, id int64) (*models.Outgoing, error) {
	var row outgoingRow
	if err := s.read.WithContext(ctx).Where("id = ?", id).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return &row.Outgoing, nil
}

// Before returns the part that goes before a message to the same person, nil
// when there is none.
func (s *Store) Before(ctx context.Context, o *models.Outgoing) (*models.Outgoing, error) {
	var row outgoingRow
	err := s.read.WithContext(ctx).Where("hash = ?", newOutgoingRow(&models.Outgoing{Key: o.Key, Part: o.Part - 1, To: o.To}).Hash).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return &row.Outgoing, nil
}

// Orphans returns messages that were being sent when their sender stopped.
func (s *Store) Orphans(ctx context.Context) ([]*models.Outgoing, error) {
	var rows []outgoingRow
	if err := s.read.WithContext(ctx).Where("state = ?", models.Attempting).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read orphaned messages: %w", err)
	}
	return outgoings(rows), nil
}

// ListOutgoing yields what was and will be sent, by creation, without payloads.
func (s *Store) ListOutgoing(ctx context.Context, l List, yield func(*models.Outgoing) error) error {
	err := listing(s.read.WithContext(ctx).Omit("payload"), "created_at", "id", l, []string{"state", "class", "person", "recipient", "source_key"},
		func(r *outgoingRow) (int64, any) { return r.CreatedAt, r.ID }, func(r *outgoingRow) error { return yield(&r.Outgoing) })
	if err != nil {
		return fmt.Errorf("list outgoing messages: %w", err)
	}
	return nil
}

// saveTalk stores commands that are new, and applies receipts.
func (p *Page) saveTalk(commands []models.Command, receipts []models.Receipt, now int64) error {
	for _, c := range commands {
		row := commandRow{Command: c, Hash: hash("c", c.Channel, c.WAMID)}
		var known int64
		if err := p.tx.Model(&commandRow{}).Where("hash = ?", row.Hash).Count(&known).Error; err != nil {
			return err
		}
		if known > 0 {
			continue
		}
		row.ID = p.s.ids.Next(now)
		if err := p.tx.Create(&row).Error; err != nil {
			return err
		}
	}
	for _, r := range receipts {
		if err := p.hear(r, now); err != nil {
			return err
		}
	}
	return nil
}

// hear applies a receipt to its message, if it is one of ours. A message that
// its sender moved after the page began makes the page fail with models.ErrMoved.
func (p *Page) hear(r models.Receipt, now int64) error {
	var row outgoingRow
	err := p.tx.Where("intent = ?", r.Intent).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil
	}
	was, attempts := row.State, row.Attempts
	if err != nil || !row.Hear(r, now) {
		return err
	}
	set := p.tx.Model(&outgoingRow{}).Where("id = ? AND state = ? AND attempts = ?", row.ID, was, attempts).
		Select("state", "via", "wamid", "due_at", "sent_at", "reason").Updates(row)
	if set.Error == nil && set.RowsAffected != 1 {
		return models.ErrMoved
	}
	return set.Error
}

// Sent returns the messages of a key to a recipient, by part.
func (s *Store) Sent(ctx context.Context, key, to string) ([]*models.Outgoing, error) {
	return s.outgoing(ctx, "read messages of a key", "source_key = ? AND recipient = ?", key, to)
}

// Intended returns the message that an intent names, nil when there is none.
func (s *Store) Intended(ctx context.Context, intent string) (*models.Outgoing, error) {
	return s.one(ctx, "intent = ?", intent)
}

// Known returns the message that WhatsApp knows by an id, nil when there is none.
func (s *Store) Known(ctx context.Context, wamid string) (*models.Outgoing, error) {
	return s.one(ctx, "wamid = ?", wamid)
}

func (s *Store) one(ctx context.Context, where, name string) (*models.Outgoing, error) {
	if name == "" {
		return nil, nil
	}
	list, err := s.outgoing(ctx, "read message", where, name)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return list[0], nil
}

// Latest returns the messages that were sent to a recipient since a moment, the
// latest first.
func (s *Store) Latest(ctx context.Context, to string, since int64) ([]*models.Outgoing, error) {
	list, err := s.outgoing(ctx, "read latest messages", "recipient = ? AND sent_at >= ? AND sent_at > 0", to, since)
	slices.Reverse(list)
	return list, err
}

func (s *Store) outgoing(ctx context.Context, what, where string, args ...any) ([]*models.Outgoing, error) {
	var rows []outgoingRow
	if err := s.read.WithContext(ctx).Where(where, args...).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return outgoings(rows), nil
}

// Wrote counts what a person wrote to a number since a moment, up to a command.
func (s *Store) Wrote(ctx context.Context, c models.Command, since int64) (int, error) {
	var n int64
	err := s.read.WithContext(ctx).Model(&commandRow{}).
		Where("channel = ? AND id <= ? AND received_at >= ? AND (phone <> '' AND phone = ? OR user_id <> '' AND user_id = ?)", c.Channel, c.ID, since, c.Phone, c.UserID).
		Count(&n).Error
	if err != nil {
		return 0, fmt.Errorf("count commands: %w", err)
	}
	return int(n), nil
}
