package store

import (
	"context"
	"fmt"

	"pulso/models"
)

// What the gauges of a running service are read from.

// OutgoingStates counts outgoing messages by their state.
func (s *Store) OutgoingStates(ctx context.Context) (map[models.State]int64, error) {
	var rows []struct {
		State models.State
		N     int64
	}
	err := s.read.WithContext(ctx).Raw("SELECT state, COUNT(*) AS n FROM outgoing GROUP BY state").Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("count outgoing messages: %w", err)
	}
	all := map[models.State]int64{}
	for _, r := range rows {
		all[r.State] = r.N
	}
	return all, nil
}

// latestDeliveries is how far LastReceived looks back.
const latestDeliveries = 1000

// LastReceived returns when a source last delivered something, in ms, as far as
// the latest deliveries tell. What was imported does not count.
func (s *Store) LastReceived(ctx context.Context) (map[string]int64, error) {
	var rows []struct {
		Source string
		At     int64
	}
	err := s.read.WithContext(ctx).Raw("SELECT source, MAX(received_at) AS at FROM "+
		"(SELECT source, received_at, imported FROM deliveries ORDER BY id DESC LIMIT ?) latest WHERE imported = 0 GROUP BY source", latestDeliveries).Scan(&rows).Error
	if err != nil {
		return nil, fmt.Errorf("read last deliveries: %w", err)
	}
	last := map[string]int64{}
	for _, r := range rows {
		last[r.Source] = r.At
	}
	return last, nil
}
