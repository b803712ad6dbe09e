package store

import (
	"context"
	"encoding/json"
	"fmt"

	"pulso/models"
)

type personRow struct {
	KeyName   string `gorm:"primaryKey"`
	Phone     string
	UserID    string
	Name      string
	Role      string
	Language  string
	Zone      string
	Scope     string
	Identity  string
	Suspended string
	InvitedBy string
	InvitedAt int64
	Code      string // hash of the invitation's code, "" once it was used
	CodeUntil int64
	JoinedAt  int64
}

func (personRow) TableName() string { return "people" }

func (r *personRow) person() (models.Person, error) {
	p := models.Person{Key: r.KeyName, Phone: r.Phone, UserID: r.UserID, Name: r.Name, Role: models.Role(r.Role), Language: r.Language, Zone: r.Zone, Identity: r.Identity, Suspended: r.Suspended}
	if r.Code != "" && p.Suspended == "" && r.JoinedAt == 0 {
		p.Suspended = "invited"
	}
	if r.Scope != "" {
		if err := json.Unmarshal([]byte(r.Scope), &p.Scope); err != nil {
			return p, fmt.Errorf("read person: scope: %w", err)
		}
	}
	return p, nil
}

// Persons returns the people that are kept in the database: those invited by
// chat, and the settings of those in the file (whose Role is "").
func (s *Store) Persons(ctx context.Context) ([]models.Person, error) {
	var rows []personRow
	if err := s.read.WithContext(ctx).Order("key_name").Find(&rows).Error; err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	list := make([]models.Person, 0, len(rows))
	for i := range rows {
		p, err := rows[i].person()
		if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// SetPerson writes settings of a person: language, zone, identity or suspended.
func (s *Store) SetPerson(ctx context.Context, key string, set map[string]any) error {
	db := s.write.WithContext(ctx)
	changed := db.Model(&personRow{}).Where("key_name = ?", key).Updates(set)
	if changed.Error != nil {
		return fmt.Errorf("set person: %w", changed.Error)
	}
	if changed.RowsAffected > 0 {
		return nil
	}
	if err := put(s, db, []personRow{{KeyName: key}}, 15); err != nil {
		return fmt.Errorf("set person: %w", err)
	}
	if err := db.Model(&personRow{}).Where("key_name = ?", key).Updates(set).Error; err != nil {
		return fmt.Errorf("set person: %w", err)
	}
	return nil
}
