package store

import (
	"context"
	"errors"
	"fmt"

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
	planned := 0
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		planned = 0
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
		return 0, fmt.Errorf("plan messages: %w", err)
	}
	return planned, nil
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

// ListOutgoing yields what was and will be sent, by creation.
func (s *Store) ListOutgoing(ctx context.Context, l List, yield func(*models.Outgoing) error) error {
	err := listing(s.read.WithContext(ctx), "created_at", "id", l, []string{"state", "class", "person", "recipient", "source_key"},
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
