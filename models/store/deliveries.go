package store

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"pulso/models"
)

// Receive stores deliveries in one transaction and gives them their ids. When
// it returns nil they are durable.
func (s *Store) Receive(ctx context.Context, deliveries []*models.Delivery) error {
	for try := 0; ; try++ {
		rows := make([]models.Delivery, len(deliveries))
		for i, d := range deliveries {
			d.ID = s.ids.Next(d.ReceivedAt)
			rows[i] = *d
		}
		err := s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
			return chunks(s, rows, 6, func(part []models.Delivery) error { return tx.Create(&part).Error })
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

// Pending returns deliveries that are not in the figures yet, oldest first, at
// most limit of them and about maxBytes of bodies (at least one).
func (s *Store) Pending(ctx context.Context, limit, maxBytes int) ([]models.Delivery, error) {
	var rows []models.Delivery
	err := s.read.WithContext(ctx).Where("folded = 0").Order("id").Limit(limit).Find(&rows).Error
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
	err := db.Raw("SELECT COUNT(*) AS deliveries, COALESCE(MIN(received_at), 0) AS oldest FROM deliveries WHERE folded = 0").Scan(&b).Error
	if err == nil {
		err = db.Raw("SELECT COUNT(DISTINCT delivery) FROM faults").Scan(&b.Faulty).Error
	}
	if err != nil {
		return Backlog{}, fmt.Errorf("count backlog: %w", err)
	}
	return b, nil
}
