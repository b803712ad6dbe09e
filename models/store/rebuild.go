package store

import (
	"context"
	"database/sql"
	"fmt"
	"sort"

	"gorm.io/gorm"

	"pulso/analytics"
	"pulso/analytics/ledger"
	"pulso/models"
)

const settingRebuilding = "rebuilding" // fingerprint of the rules that an unfinished rebuild takes up

// Snapshot runs do on the record as it stands at one moment.
func (s *Store) Snapshot(ctx context.Context, do func(*Store) error) error {
	options := &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
	if s.dialect == "sqlite" {
		options = nil
	}
	return s.read.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		return do(&Store{read: tx, write: tx, dialect: s.dialect, dsn: s.dsn})
	}, options)
}

// Page returns a page for reading only: nothing may be saved on it.
func (s *Store) Page(ctx context.Context) ledger.Page {
	return &Page{s: s, tx: s.read.WithContext(s.unwatched(ctx))}
}

// Deliveries yields every delivery whose body is kept, oldest first, in pieces.
func (s *Store) Deliveries(ctx context.Context, yield func([]models.Delivery) error) error {
	last := int64(0)
	for {
		var rows []models.Delivery
		err := s.read.WithContext(ctx).Where("id > ? AND "+inFigures, last).Order("id").Limit(1000).Find(&rows).Error
		if err != nil {
			return fmt.Errorf("read deliveries: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		if err := yield(rows); err != nil {
			return err
		}
		last = rows[len(rows)-1].ID
	}
}

// EachCell yields every cell.
func (s *Store) EachCell(ctx context.Context, yield func(analytics.CellKey, *analytics.Cell) error) error {
	rows, err := s.read.WithContext(ctx).Raw("SELECT grp, tier, day, dims, body FROM cells").Rows()
	if err != nil {
		return fmt.Errorf("read cells: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var r cellRow
		if err := rows.Scan(&r.Grp, &r.Tier, &r.Day, &r.Dims, &r.Body); err != nil {
			return fmt.Errorf("read cells: %w", err)
		}
		c, err := analytics.DecodeCell(r.Grp, r.Body)
		if err != nil {
			return fmt.Errorf("read cells: %w", err)
		}
		if err := yield(r.key(), c); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read cells: %w", err)
	}
	return nil
}

// RebuildDue reports whether the cells hold for nothing: a rebuild was begun and not
// ended, or another version of the program made them.
func (s *Store) RebuildDue(ctx context.Context) (bool, error) {
	var rules string
	db := s.read.WithContext(ctx)
	if _, err := setting(db, settingRules, &rules); err != nil {
		return false, err
	}
	return rebuildDue(db, rules)
}

func rebuildDue(db *gorm.DB, rules string) (bool, error) {
	var taken string
	begun, err := setting(db, settingRebuilding, &taken)
	return begun || !analytics.SameVersion(rules), err
}

// BeginRebuild notes that rows are about to follow other rules than the cells.
func (s *Store) BeginRebuild(ctx context.Context, lease models.Lease, rules string) error {
	return s.Fold(ctx, lease, func(page ledger.Page) error { return page.(*Page).set(settingRebuilding, rules) })
}

// Replace puts new cells in the place of all others, and notes their rules.
func (s *Store) Replace(ctx context.Context, lease models.Lease, rules string, cells map[analytics.CellKey]*analytics.Cell) error {
	return s.Fold(ctx, lease, func(page ledger.Page) error {
		p := page.(*Page)
		if err := p.write(); err != nil {
			return err
		}
		if err := p.tx.Exec("DELETE FROM cells").Error; err != nil {
			return err
		}
		rows := make([]cellRow, 0, len(cells))
		for k, c := range cells {
			if !c.Empty() {
				rows = append(rows, cellRow{k.Group, k.Tier, k.Day, k.Dims, c.Encode()})
			}
		}
		sort.Slice(rows, func(i, j int) bool { return rows[i].before(&rows[j]) })
		if err := add(s, p.tx, rows); err != nil {
			return err
		}
		if err := p.set(settingRules, rules); err != nil {
			return err
		}
		return p.tx.Exec("DELETE FROM settings WHERE name = ?", settingRebuilding).Error
	})
}
