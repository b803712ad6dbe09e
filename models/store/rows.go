package store

import (
	"crypto/sha256"

	"pulso/analytics"
	"pulso/models"
)

// The rows of the tables, where they hold more than the noun itself.

// pendingRow stands for a delivery that is not in the figures yet. It is a row of
// its own, so that the body need not be written again when it is.
type pendingRow struct {
	ID         int64 `gorm:"primaryKey;autoIncrement:false"`
	ReceivedAt int64
}

func (pendingRow) TableName() string { return "pending" }

// inFigures holds for deliveries that are in the figures.
const inFigures = "NOT EXISTS (SELECT 1 FROM pending WHERE pending.id = deliveries.id)"

type messageRow struct {
	models.Placed
	At   int64 // Placed.At(), to order and search by
	Hash []byte
}

func (messageRow) TableName() string { return "messages" }

func newMessageRow(p *models.Placed) messageRow {
	return messageRow{Placed: *p, At: p.Message.At(), Hash: messageHash(p.Channel, p.ID)}
}

type textRow struct {
	Message int64 `gorm:"primaryKey;autoIncrement:false"`
	At      int64
	Body    []byte
}

func (textRow) TableName() string { return "texts" }

type factRow struct {
	models.Fact
	Hash []byte
}

func (factRow) TableName() string { return "facts" }

func newFactRow(f *models.Fact) factRow { return factRow{Fact: *f, Hash: factHash(f.Source, f.Key)} }

type conversationRow struct {
	models.Conversation
	Multi bool // Conversation.Multi(), to find them by
}

func newConversationRow(c *models.Conversation) conversationRow {
	return conversationRow{*c, c.Multi()}
}

// standsLike reports whether the row is found where the conversation was before,
// but for when it closes.
func (r *conversationRow) standsLike(old *models.Conversation) bool {
	return old.Contact == r.Contact && old.Multi() == r.Multi && old.FirstReplyBy == r.FirstReplyBy && old.FirstReplyAt == r.FirstReplyAt
}

func (conversationRow) TableName() string { return "conversations" }

type aliasRow struct {
	Kind    models.AliasKind `gorm:"primaryKey"`
	Value   string           `gorm:"primaryKey"`
	Contact int64
}

func (aliasRow) TableName() string { return "aliases" }

type linkRow struct {
	AKind    models.AliasKind `gorm:"primaryKey"`
	AValue   string           `gorm:"primaryKey"`
	BKind    models.AliasKind `gorm:"primaryKey"`
	BValue   string           `gorm:"primaryKey"`
	At       int64
	ForcedAt int64
	Conflict bool
}

func (linkRow) TableName() string { return "links" }

func newLinkRow(l models.Link) linkRow {
	return linkRow{l.A.Kind, l.A.Value, l.B.Kind, l.B.Value, l.At, l.ForcedAt, l.Conflict}
}

func (r *linkRow) link() models.Link {
	return models.Link{A: models.Alias{Kind: r.AKind, Value: r.AValue}, B: models.Alias{Kind: r.BKind, Value: r.BValue},
		At: r.At, ForcedAt: r.ForcedAt, Conflict: r.Conflict}
}

type mergeRow struct {
	FromKind  models.AliasKind `gorm:"primaryKey"`
	FromValue string           `gorm:"primaryKey"`
	IntoKind  models.AliasKind `gorm:"primaryKey"`
	IntoValue string           `gorm:"primaryKey"`
	At        int64
}

func (mergeRow) TableName() string { return "merges" }

func newMergeRow(m models.Merge) mergeRow {
	return mergeRow{m.From.Kind, m.From.Value, m.Into.Kind, m.Into.Value, m.At}
}

func (r *mergeRow) merge() models.Merge {
	return models.Merge{From: models.Alias{Kind: r.FromKind, Value: r.FromValue}, Into: models.Alias{Kind: r.IntoKind, Value: r.IntoValue}, At: r.At}
}

type faultRow struct {
	ID       int64 `gorm:"primaryKey;autoIncrement:false"`
	Delivery int64
	At       int64
	Element  string
	Reason   string
	Body     []byte
}

func (faultRow) TableName() string { return "faults" }

type cellRow struct {
	Grp  analytics.Group `gorm:"primaryKey"`
	Tier analytics.Tier  `gorm:"primaryKey"`
	Day  analytics.Day   `gorm:"primaryKey"`
	Dims string          `gorm:"primaryKey"`
	Body []byte
}

func (cellRow) TableName() string { return "cells" }

func (r *cellRow) key() analytics.CellKey {
	return analytics.CellKey{Group: r.Grp, Tier: r.Tier, Day: r.Day, Dims: r.Dims}
}

type sightingRow struct {
	ID    string `gorm:"primaryKey"`
	Name  string `gorm:"primaryKey"`
	Team  string `gorm:"primaryKey"`
	First int64
	At    int64
}

func (sightingRow) TableName() string { return "agents_seen" }

type settingRow struct {
	Name  string `gorm:"primaryKey"`
	Value []byte
}

func (settingRow) TableName() string { return "settings" }

type aheadRow struct {
	Contact int64 `gorm:"primaryKey;autoIncrement:false"`
	At      int64 `gorm:"primaryKey;autoIncrement:false"`
}

func (aheadRow) TableName() string { return "ahead" }

// messageHash is the key under which a message is unique: its channel and id,
// byte for byte.
func messageHash(channel, id string) []byte { return hash("m", channel, id) }

func factHash(source, key string) []byte { return hash("f", source, key) }

func hash(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)[:16]
}
