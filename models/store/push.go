package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"pulso/models"
)

type digestRow struct{ models.Digest }

func (digestRow) TableName() string { return "digests" }

type ruleRow struct{ models.Rule }

func (ruleRow) TableName() string { return "rules" }

type alarmRow struct{ models.Alarm }

func (alarmRow) TableName() string { return "alarms" }

type slotRow struct {
	Name string `gorm:"primaryKey"`
	Slot string `gorm:"primaryKey"`
	At   int64
}

func (slotRow) TableName() string { return "slots" }

// StoredDigests returns the digests that were set by chat or command line; of
// one person, or of all when person is "".
func (s *Store) StoredDigests(ctx context.Context, person string) ([]models.Digest, error) {
	var rows []digestRow
	q := s.read.WithContext(ctx).Order("since, id")
	if person != "" {
		q = q.Where("person = ?", person)
	}
	if err := q.Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read digests: %w", err)
	}
	list := make([]models.Digest, len(rows))
	for i := range rows {
		list[i] = rows[i].Digest
	}
	return list, nil
}

// PutDigest stores a digest.
func (s *Store) PutDigest(ctx context.Context, d models.Digest) error {
	if err := put(s, s.write.WithContext(ctx), []digestRow{{d}}); err != nil {
		return fmt.Errorf("store digest: %w", err)
	}
	return nil
}

// DropDigests removes digests.
func (s *Store) DropDigests(ctx context.Context, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	if err := s.write.WithContext(ctx).Exec("DELETE FROM digests WHERE id IN ?", ids).Error; err != nil {
		return fmt.Errorf("remove digests: %w", err)
	}
	return nil
}

// StoredRules returns the alert rules that were set by chat or command line.
func (s *Store) StoredRules(ctx context.Context) ([]models.Rule, error) {
	var rows []ruleRow
	if err := s.read.WithContext(ctx).Order("id").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read alert rules: %w", err)
	}
	list := make([]models.Rule, len(rows))
	for i := range rows {
		list[i] = rows[i].Rule
	}
	return list, nil
}

// firstRule is the first number of a stored rule; those of the file come before.
const firstRule = 101

// AddRule stores a rule under the next free number.
func (s *Store) AddRule(ctx context.Context, r models.Rule) (models.Rule, error) {
	for try := 0; ; try++ {
		var last int64
		db := s.write.WithContext(ctx)
		if err := db.Raw("SELECT COALESCE(MAX(id), ?) FROM rules", firstRule-1).Scan(&last).Error; err != nil {
			return r, fmt.Errorf("store alert rule: %w", err)
		}
		r.ID = last + 1
		err := db.Create(&ruleRow{r}).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) && try < 20 {
			continue // another process took the number
		}
		if err != nil {
			return r, fmt.Errorf("store alert rule: %w", err)
		}
		return r, nil
	}
}

// DropRule removes a rule; its state goes with it.
func (s *Store) DropRule(ctx context.Context, id int64, key string) error {
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		if err := tx.Exec("DELETE FROM rules WHERE id = ?", id).Error; err != nil {
			return err
		}
		return tx.Exec("DELETE FROM alarms WHERE rule = ?", key).Error
	})
	if err != nil {
		return fmt.Errorf("remove alert rule: %w", err)
	}
	return nil
}

// Alarms returns the states of all rules, by key.
func (s *Store) Alarms(ctx context.Context) (map[string]models.Alarm, error) {
	var rows []alarmRow
	if err := s.read.WithContext(ctx).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read alarms: %w", err)
	}
	states := make(map[string]models.Alarm, len(rows))
	for i := range rows {
		states[rows[i].Rule] = rows[i].Alarm
	}
	return states, nil
}

// MoveAlarms writes the new states of rules together with the messages that
// tell of them, provided that no state was changed meanwhile: it fails with
// models.ErrMoved otherwise.
func (s *Store) MoveAlarms(ctx context.Context, alarms []models.Alarm, messages []*models.Outgoing) error {
	_, err := s.Plan(ctx, messages, func(tx *gorm.DB) error {
		for _, a := range alarms {
			if err := moveAlarm(tx, a); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

func moveAlarm(tx *gorm.DB, a models.Alarm) error {
	was := a.Version
	a.Version++
	if was == 0 {
		err := tx.Create(&alarmRow{a}).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.ErrMoved
		}
		return err
	}
	set := tx.Model(&alarmRow{}).Where("rule = ? AND version = ?", a.Rule, was).Select("*").Updates(&alarmRow{a})
	if set.Error != nil {
		return set.Error
	}
	if set.RowsAffected != 1 {
		return models.ErrMoved
	}
	return nil
}

// ClaimSlot claims an occurrence of something scheduled, together with the
// messages it gives rise to; it reports false when it was claimed before.
func (s *Store) ClaimSlot(ctx context.Context, name, slot string, now int64, messages []*models.Outgoing) (bool, error) {
	_, err := s.Plan(ctx, messages, func(tx *gorm.DB) error {
		return tx.Create(&slotRow{name, slot, now}).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return false, nil
	}
	return err == nil, err
}

// Claimed reports which of the slots of a name have been claimed.
func (s *Store) Claimed(ctx context.Context, name string, slots []string) (map[string]bool, error) {
	var rows []slotRow
	if err := s.read.WithContext(ctx).Where("name = ? AND slot IN ?", name, slots).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read slots: %w", err)
	}
	have := map[string]bool{}
	for _, r := range rows {
		have[r.Slot] = true
	}
	return have, nil
}
