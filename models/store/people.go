package store

import (
	"context"
	"encoding/json"
	"fmt"

	"gorm.io/gorm"

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
	RevokedAt int64
	CodeTries int64 // wrong codes since the invitation
}

func (personRow) TableName() string { return "people" }

func (r *personRow) person() (models.Person, error) {
	p := models.Person{Key: r.KeyName, Phone: r.Phone, UserID: r.UserID, Name: r.Name, Role: models.Role(r.Role), Language: r.Language, Zone: r.Zone, Identity: r.Identity, Suspended: r.Suspended, Since: r.InvitedAt, Until: r.RevokedAt}
	if r.Code != "" && p.Suspended == "" && r.JoinedAt == 0 {
		p.Suspended = models.Invited
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
	if err := put(s, db, []personRow{{KeyName: key}}); err != nil {
		return fmt.Errorf("set person: %w", err)
	}
	if err := db.Model(&personRow{}).Where("key_name = ?", key).Updates(set).Error; err != nil {
		return fmt.Errorf("set person: %w", err)
	}
	return nil
}

// Invite keeps an invitation: a person who may ask once they have written the
// code that hash is of, until the given time. An invitation for the same key
// replaces the one before.
func (s *Store) Invite(ctx context.Context, p models.Person, by string, hash string, now, until int64) error {
	scope, err := json.Marshal(p.Scope)
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	row := personRow{
		KeyName: p.Key, Phone: p.Phone, UserID: p.UserID, Name: p.Name, Role: string(p.Role), Language: p.Language, Zone: p.Zone, Scope: string(scope),
		InvitedBy: by, InvitedAt: now, Code: hash, CodeUntil: until,
	}
	err = s.write.WithContext(ctx).Transaction(func(tx *gorm.DB) error {
		var old personRow
		known := tx.Where("key_name = ?", p.Key).Limit(1).Find(&old)
		if known.Error != nil {
			return known.Error
		}
		if known.RowsAffected == 1 && old.Role != "" { // what they wrote then stays no customer's
			row.InvitedAt = old.InvitedAt
		}
		if err := tx.Exec("DELETE FROM people WHERE key_name = ?", p.Key).Error; err != nil {
			return err
		}
		return tx.Create(&row).Error
	})
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	return nil
}

// Codes a person may try before the invitation is void.
const mostTries = 5

// Enrol uses an invitation up: it reports whether the code was the right one, in
// time, and not used before. A wrong one is counted.
func (s *Store) Enrol(ctx context.Context, key, hash, userID, identity string, now int64) (bool, error) {
	db := s.write.WithContext(ctx)
	used := db.Exec("UPDATE people SET code = '', joined_at = ?, user_id = CASE WHEN user_id = '' THEN ? ELSE user_id END, identity = ? "+
		"WHERE key_name = ? AND code <> '' AND code = ? AND code_until >= ? AND code_tries < ?", now, userID, identity, key, hash, now, mostTries)
	if used.Error != nil {
		return false, fmt.Errorf("use an invitation: %w", used.Error)
	}
	if used.RowsAffected == 1 {
		return true, nil
	}
	if err := db.Exec("UPDATE people SET code_tries = code_tries + 1 WHERE key_name = ? AND code <> ''", key).Error; err != nil {
		return false, fmt.Errorf("count a wrong code: %w", err)
	}
	return false, nil
}

// Revoke ends a person's rights; the row stays, because what they wrote until
// then is no customer's.
func (s *Store) Revoke(ctx context.Context, key string, now int64) error {
	err := s.write.WithContext(ctx).Exec("UPDATE people SET revoked_at = ?, code = '' WHERE key_name = ?", now, key).Error
	if err != nil {
		return fmt.Errorf("revoke: %w", err)
	}
	return nil
}
