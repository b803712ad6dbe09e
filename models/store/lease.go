package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"pulso/models"
)

type leaseRow struct {
	Name  string `gorm:"primaryKey"`
	Owner string
	Fence int64
	Until int64
}

func (leaseRow) TableName() string { return "leases" }

// Acquire takes or renews a lease for ttl ms from now, which is read before
// the round trip so that nobody trusts it too long. It fails with models.ErrTaken
// while somebody else holds it.
func (s *Store) Acquire(ctx context.Context, name, owner string, now, ttl int64) (models.Lease, error) {
	db := s.write.WithContext(ctx)
	var row leaseRow
	err := db.Where("name = ?", name).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = db.Create(&leaseRow{name, owner, 1, now + ttl}).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return models.Lease{}, models.ErrTaken
		}
		if err != nil {
			return models.Lease{}, fmt.Errorf("acquire lease %s: %w", name, err)
		}
		return models.Lease{Name: name, Owner: owner, Fence: 1, Until: now + ttl}, nil
	}
	if err != nil {
		return models.Lease{}, fmt.Errorf("acquire lease %s: %w", name, err)
	}
	return s.take(db, row, owner, now, ttl)
}

func (s *Store) take(db *gorm.DB, row leaseRow, owner string, now, ttl int64) (models.Lease, error) {
	fence := row.Fence
	if row.Owner != owner {
		if row.Until > now {
			return models.Lease{}, models.ErrTaken
		}
		fence++
	}
	// It may have been renewed meanwhile by another loop of the owner; one that was
	// given back meanwhile is not taken again by a request that came late.
	set := db.Exec("UPDATE leases SET owner = ?, fence = ?, until = ? WHERE name = ? AND owner = ? AND fence = ? AND (until = ? OR owner = ? AND until > 0)",
		owner, fence, now+ttl, row.Name, row.Owner, row.Fence, row.Until, owner)
	if set.Error != nil {
		return models.Lease{}, fmt.Errorf("acquire lease %s: %w", row.Name, set.Error)
	}
	if set.RowsAffected != 1 {
		return models.Lease{}, models.ErrTaken
	}
	return models.Lease{Name: row.Name, Owner: owner, Fence: fence, Until: now + ttl}, nil
}

// Seize takes a lease whoever holds it, be it another loop of the same process: the
// former holder's next write fails.
func (s *Store) Seize(ctx context.Context, name, owner string, now, ttl int64) (models.Lease, error) {
	row := leaseRow{Name: name, Owner: owner, Until: now + ttl}
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		set := tx.Exec("UPDATE leases SET owner = ?, fence = fence + 1, until = ? WHERE name = ?", row.Owner, row.Until, name)
		if set.Error != nil {
			return set.Error
		}
		if set.RowsAffected == 0 {
			row.Fence = 1
			return tx.Create(&row).Error
		}
		return tx.Where("name = ?", name).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return models.Lease{}, models.ErrTaken
	}
	if err != nil {
		return models.Lease{}, fmt.Errorf("seize lease %s: %w", name, err)
	}
	return models.Lease{Name: name, Owner: owner, Fence: row.Fence, Until: row.Until}, nil
}

// Release gives a lease back, if it is still ours.
func (s *Store) Release(ctx context.Context, l models.Lease) error {
	err := s.write.WithContext(ctx).Exec("UPDATE leases SET until = 0 WHERE name = ? AND owner = ? AND fence = ?", l.Name, l.Owner, l.Fence).Error
	if err != nil {
		return fmt.Errorf("release lease %s: %w", l.Name, err)
	}
	return nil
}
