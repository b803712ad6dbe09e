package store

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"gorm.io/gorm"

	"pulso/models"
)

// Receive stores deliveries in one transaction and gives them their ids. When
// it returns nil they are durable.
func (s *Store) Receive(ctx context.Context, deliveries []*models.Delivery) error {
	return s.Gather(ctx, func() []*models.Delivery { return deliveries })
}

// Gather stores deliveries as Receive does. It takes them, once, when its
// transaction has begun.
func (s *Store) Gather(ctx context.Context, take func() []*models.Delivery) error {
	take = sync.OnceValue(take)
	for try := 0; ; try++ {
		err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			deliveries := take()
			rows := make([]models.Delivery, len(deliveries))
			for i, d := range deliveries {
				d.ID = s.ids.Next(d.ReceivedAt)
				rows[i] = *d
			}
			return s.enter(tx, rows)
		})
		if errors.Is(err, gorm.ErrDuplicatedKey) && try < 3 {
			s.ids.Renode()
			continue
		}
		if err != nil {
			return fmt.Errorf("store deliveries: %w", err)
		}
		return nil
	}
}

// enter adds deliveries, which wait to be folded from then on.
func (s *Store) enter(tx *gorm.DB, rows []models.Delivery) error {
	waiting := make([]pendingRow, len(rows))
	for i, d := range rows {
		waiting[i] = pendingRow{d.ID, d.ReceivedAt}
	}
	if err := add(s, tx, rows); err != nil {
		return err
	}
	return add(s, tx, waiting)
}

type importRow struct {
	Hash []byte `gorm:"primaryKey"`
	At   int64
}

func (importRow) TableName() string { return "imports" }

// Import stores those deliveries whose bodies, by their digests, were not
// imported before, and says which these are.
func (s *Store) Import(ctx context.Context, deliveries []*models.Delivery, digests [][32]byte) ([]bool, error) {
	fresh := make([]bool, len(deliveries))
	err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		known, err := s.imported(tx, digests)
		if err != nil {
			return err
		}
		var rows []models.Delivery
		var marks []importRow
		for i, d := range deliveries {
			key := string(digests[i][:16])
			if known[key] {
				continue
			}
			known[key], fresh[i] = true, true
			d.ID = s.ids.Next(d.ReceivedAt)
			rows = append(rows, *d)
			marks = append(marks, importRow{[]byte(key), d.ReceivedAt})
		}
		if err := put(s, tx, marks); err != nil {
			return err
		}
		return s.enter(tx, rows)
	})
	if err != nil {
		return nil, fmt.Errorf("store imported deliveries: %w", err)
	}
	return fresh, nil
}

func (s *Store) imported(tx *gorm.DB, digests [][32]byte) (map[string]bool, error) {
	known := map[string]bool{}
	err := chunks(s, digests, 1, func(part [][32]byte) error {
		keys := make([][]byte, len(part))
		for i := range part {
			keys[i] = part[i][:16]
		}
		var rows []importRow
		if err := tx.Where("hash IN ?", keys).Find(&rows).Error; err != nil {
			return err
		}
		for _, r := range rows {
			known[string(r.Hash)] = true
		}
		return nil
	})
	return known, err
}

// Pending returns deliveries with ids above after that are not in the figures yet,
// oldest first, at most limit of them and about maxBytes of bodies (at least one).
func (s *Store) Pending(ctx context.Context, after int64, limit, maxBytes int) ([]models.Delivery, error) {
	rows, err := find[models.Delivery](s.read.WithContext(ctx).Joins("JOIN pending ON pending.id = deliveries.id").Order("pending.id").Limit(limit), "pending.id > ?", after)
	if err != nil {
		return nil, fmt.Errorf("read pending deliveries: %w", err)
	}
	bytes := 0
	for i := range rows {
		if bytes += len(rows[i].Body); bytes > maxBytes && i > 0 {
			return rows[:i], nil
		}
	}
	return rows, nil
}

// Backlog is what has been received but is not in the figures yet.
type Backlog struct {
	Deliveries int64
	Oldest     int64 // received at, ms; 0 when there is none
	Faulty     int64 // deliveries with at least one element that was not understood
}

// Backlog counts what waits, and what could not be understood.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	db := s.read.WithContext(ctx)
	err := db.Raw("SELECT COUNT(*) AS deliveries, COALESCE(MIN(received_at), 0) AS oldest FROM pending").Scan(&b).Error
	if err == nil {
		err = db.Raw("SELECT COUNT(DISTINCT delivery) FROM faults").Scan(&b.Faulty).Error
	}
	if err != nil {
		return Backlog{}, fmt.Errorf("count backlog: %w", err)
	}
	return b, nil
}
