package store

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"pulso/models"
)

// prunePiece is how many rows are removed in one transaction.
const prunePiece = 500

// PruneRaw removes bodies that are in the figures and were received before a
// moment, with their faults, and returns how many.
func (s *Store) PruneRaw(ctx context.Context, before int64) (int, error) {
	return s.pieces(ctx, "prune deliveries", func(tx *gorm.DB) (int, error) {
		var ids []int64
		// Ids are made of the time of receipt: see models.Sequence.
		if err := tx.Raw("SELECT id FROM deliveries WHERE id < ? AND "+inFigures+" ORDER BY id LIMIT ?", before<<21, prunePiece).Scan(&ids).Error; err != nil {
			return 0, err
		}
		return len(ids), dropDeliveries(s, tx, ids)
	})
}

// pieces repeats a transaction until it finds nothing more to do.
func (s *Store) pieces(ctx context.Context, what string, do func(tx *gorm.DB) (int, error)) (int, error) {
	sum := 0
	for {
		n := 0
		err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) (err error) {
			n, err = do(tx)
			return err
		})
		if err != nil {
			return sum, fmt.Errorf("%s: %w", what, err)
		}
		if sum += n; n == 0 {
			return sum, nil
		}
	}
}

// PruneTexts removes the texts of messages from before a moment.
func (s *Store) PruneTexts(ctx context.Context, before int64) (int, error) {
	return s.pieces(ctx, "prune texts", func(tx *gorm.DB) (int, error) {
		var ids []int64
		if err := tx.Raw("SELECT message FROM texts WHERE at < ? ORDER BY at LIMIT ?", before, prunePiece).Scan(&ids).Error; err != nil {
			return 0, err
		}
		return len(ids), chunks(s, ids, 1, func(part []int64) error { return tx.Exec("DELETE FROM texts WHERE message IN ?", part).Error })
	})
}

// PruneTalk empties what people of the business wrote to the bot and were
// answered before a moment; that it was said, and what became of it, stays.
func (s *Store) PruneTalk(ctx context.Context, before int64) (int, error) {
	sum := 0
	for _, q := range [][2]string{
		{"SELECT id FROM commands WHERE done = 1 AND received_at < ? AND LENGTH(text) > 0 LIMIT ?", "UPDATE commands SET text = '' WHERE id IN ?"},
		{"SELECT id FROM outgoing WHERE created_at < ? AND LENGTH(payload) > 2 AND state NOT IN ('planned', 'attempting', 'unknown') LIMIT ?", "UPDATE outgoing SET payload = '{}' WHERE id IN ?"},
	} {
		n, err := s.pieces(ctx, "prune talk", func(tx *gorm.DB) (int, error) {
			var ids []int64
			if err := tx.Raw(q[0], before, prunePiece).Scan(&ids).Error; err != nil {
				return 0, err
			}
			return len(ids), chunks(s, ids, 1, func(part []int64) error { return tx.Exec(q[1], part).Error })
		})
		if sum += n; err != nil {
			return sum, err
		}
	}
	return sum, nil
}

// PruneNotes empties what events from before a moment say in words, comments and
// summaries, of a few hundred of them; it returns their contacts, whose
// conversations must be told again. What was kept of their folds is forgotten,
// because it holds summaries too.
func (p *Page) PruneNotes(before int64) ([]int64, error) {
	if err := p.write(); err != nil {
		return nil, fmt.Errorf("prune notes: %w", err)
	}
	var rows []struct{ ID, Contact int64 }
	err := p.tx.Raw("SELECT id, contact FROM facts WHERE at < ? AND (LENGTH(text) > 0 OR LENGTH(summary) > 0 OR LENGTH(details) > 0) AND kind <> 'account.notice' ORDER BY at LIMIT ?",
		before, prunePiece).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("prune notes: %w", err)
	}
	var ids, contacts []int64
	for _, r := range rows {
		ids, contacts = append(ids, r.ID), append(contacts, r.Contact)
	}
	slices.Sort(contacts)
	contacts = slices.Compact(contacts)
	for sql, list := range map[string][]int64{
		"UPDATE facts SET text = '', summary = '', details = NULL WHERE id IN ?": ids,
		"UPDATE contacts SET state = NULL WHERE id IN ?":                         contacts,
	} {
		if err := chunks(p.s, list, 1, func(part []int64) error { return p.tx.Exec(sql, part).Error }); err != nil {
			return nil, fmt.Errorf("prune notes: %w", err)
		}
	}
	return contacts, nil
}

// Bodies returns deliveries that are in the figures, after an id, oldest first.
func (s *Store) Bodies(ctx context.Context, after int64, limit int) ([]models.Delivery, error) {
	var rows []models.Delivery
	if err := s.read.WithContext(ctx).Where("id > ? AND "+inFigures, after).Order("id").Limit(limit).Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return rows, nil
}

// Redact writes bodies anew, by id, and removes those that are nil. What is kept
// of their faults goes.
func (s *Store) Redact(ctx context.Context, bodies map[int64][]byte) error {
	var gone []int64
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		gone = gone[:0]
		for id, body := range bodies {
			if body == nil {
				gone = append(gone, id)
				continue
			}
			if err := tx.Exec("UPDATE deliveries SET body = ? WHERE id = ?", body, id).Error; err != nil {
				return err
			}
			if err := tx.Exec("UPDATE faults SET body = NULL WHERE delivery = ?", id).Error; err != nil {
				return err
			}
		}
		return dropDeliveries(s, tx, gone)
	})
	if err != nil {
		return fmt.Errorf("redact deliveries: %w", err)
	}
	return nil
}
