package models

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
)

// ConversationID names a conversation by its opening: 6 bytes of opening time
// and 10 of a digest of what opened it, so that folding the same facts anywhere
// gives the same id, and ids sort by time.
type ConversationID [16]byte

// NewConversationID returns the id of the conversation on channel that the
// message or event key opened at openedAt.
func NewConversationID(channel string, openedAt int64, key string) ConversationID {
	var id ConversationID
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(openedAt))
	copy(id[:6], b[2:])
	sum := sha256.Sum256([]byte(channel + "\x00" + key))
	copy(id[6:], sum[:10])
	return id
}

// None reports whether it is the zero id: in no conversation.
func (id ConversationID) None() bool { return id == ConversationID{} }

// String returns 32 hexadecimal digits; "" for none.
func (id ConversationID) String() string {
	if id.None() {
		return ""
	}
	return hex.EncodeToString(id[:])
}

// MarshalText writes the hexadecimal digits.
func (id ConversationID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (id *ConversationID) UnmarshalText(b []byte) error {
	*id = ConversationID{}
	if len(b) == 0 {
		return nil
	}
	raw, err := hex.DecodeString(string(b))
	if err != nil || len(raw) != len(id) {
		return fmt.Errorf("conversation id: want %d hexadecimal digits", 2*len(id))
	}
	copy(id[:], raw)
	return nil
}

// How a conversation was opened or closed (metrics.md, "Conversation").
const (
	ByContact    = "contact"
	ByAgent      = "agent"
	ByAutomation = "automation"
	ByTimeout    = "timeout"
	ByBot        = "bot"
	ByAPI        = "api"
)

// Value stores the 16 bytes.
func (id ConversationID) Value() (driver.Value, error) { return id[:], nil }

// Scan reads the 16 bytes that Value stored.
func (id *ConversationID) Scan(v any) error {
	b, ok := v.([]byte)
	if s, isString := v.(string); isString {
		b, ok = []byte(s), true
	}
	if !ok || len(b) != len(id) {
		return fmt.Errorf("conversation id: cannot read %T of %d bytes", v, len(b))
	}
	copy(id[:], b)
	return nil
}

// Conversation is one span of one contact on one channel, as the fold cut it.
// Agents are roster keys ("" = nobody, Phone = the app); times are ms UTC, 0 = none.
type Conversation struct {
	ID      ConversationID `gorm:"primaryKey"`
	Contact int64
	Channel string
	Label   string // the source's own id, if it gave one

	OpenedAt     int64
	OpenedBy     string
	Inbox        bool  // its source opened it: silence closes it only after inbox_idle_close
	Told         bool  // OpenedBy is its source's word, the first that it gave
	Reopened     bool  // opened less than 24 h after the previous close on its thread
	First        bool  // the contact's first conversation ever, on any channel
	PrevOpenedAt int64 // when the contact's previous conversation opened, on any channel
	Source       string

	// ClosedAt is when it closed, or when silence will close it if nothing else
	// happens; a reader compares it with now.
	ClosedAt int64
	ClosedBy string
	Closer   string
	Category string
	Summary  string

	FirstCustomerAt int64
	FirstReplyAt    int64 // first human message after it
	FirstReplyBy    string
	FirstAnyAt      int64 // the same, any sender class
	FirstAnyBy      string
	WaitingSince    int64 // first customer message that no human has answered yet
	WindowAt        int64 // last customer message or call of the thread while it was open
	LastHumanAt     int64
	LastVisibleAt   int64 // last message the customer wrote or could see

	// Missed are the customer messages that were the thread's last and that no
	// human followed within 24 hours; the latest may still be followed.
	Missed []int64 `gorm:"serializer:json"`

	Assignee    string
	Explicit    bool         // it has had an assignment event
	Assignments []Assignment `gorm:"serializer:json"`
	Handlers    []Handler    `gorm:"serializer:json"`
}

// Assignment is one hand-over inside a conversation, Agent "" when it was unassigned.
type Assignment struct {
	At       int64  `json:"at"`
	Agent    string `json:"a,omitempty"`
	From     string `json:"f,omitempty"` // who had it before
	Implicit bool   `json:"i,omitempty"` // by the first human message, not by an event
}

// Handler is a person who wrote in the conversation, and when they first did.
type Handler struct {
	Agent string `json:"a"`
	At    int64  `json:"at"`
}

// Open reports whether the conversation is open at now.
func (c *Conversation) Open(now int64) bool { return c.OpenedAt <= now && now < c.ClosedAt }

// Answered reports whether a human message follows the first customer message.
func (c *Conversation) Answered() bool { return c.FirstReplyAt != 0 }

// Multi reports whether more than one hand-over or handler is recorded, so that
// counting distinct conversations needs a look at the row itself.
func (c *Conversation) Multi() bool {
	n := 0
	for _, a := range c.Assignments {
		if a.Agent != "" {
			n++
		}
	}
	return n > 1 || len(c.Handlers) > 1
}

// Place is what the fold found out about a message: derived, never received.
type Place struct {
	Conversation ConversationID
	// Credited is the roster key of the agent it counts for: the author of a
	// business message, the conversation's assignee at the moment of a customer's.
	Credited   string
	InWindow   bool   // business message sent < 24 h after the thread's last customer message or call
	WaitedFrom int64  // human reply: first message of the customer's run that it answers
	First      bool   // human reply: in the contact's first conversation
	OpenedBy   string // human reply: who opened the conversation
	Source     string // how the contact was first seen
	Outreach   bool   // business message while no conversation was open
	PrevReach  int64  // outreach: the contact's previous one, on any channel
	RepliedAt  int64  // outreach: first customer message on the thread < 24 h after it
}

// Placed is a message with its place.
type Placed struct {
	Row     int64 `gorm:"column:id;primaryKey;autoIncrement:false"` // the record's own id
	Contact int64
	Message
	Place
}

// Fact is a stored event that is not a sighting of a message.
type Fact struct {
	Row      int64 `gorm:"column:id;primaryKey;autoIncrement:false"`
	Contact  int64
	Source   string
	Key      string `gorm:"column:source_key"`
	Kind     Kind
	At       int64
	Channel  string
	Party    Alias  `gorm:"embedded;embeddedPrefix:party_"`
	Agent    string // node of the roster: who did it, or to whom it was assigned
	By       string // who opened or closed, as told
	Origin   string // contact.added
	Label    string
	Category string
	Summary  string
	Text     string
	Mentions []string `gorm:"serializer:json"`
	Notice   string
	Details  []byte
	Flags    []string `gorm:"serializer:json"`
}

// Contact is a person, or a group, that the business exchanges messages with.
type Contact struct {
	ID     int64  `gorm:"primaryKey;autoIncrement:false"`
	Key    string `gorm:"column:public_key"` // what outsiders call it: the source's own id, or one of ours
	Name   string
	NameAt int64 // when the name was last shown

	FirstSeenAt int64 // 0: nothing that adds a contact has happened yet
	Source      string
	Channel     string // where it was first seen

	MergedInto int64 // contact that later events belong to; 0 none
	MergedAt   int64

	State []byte // a fold to go on from (analytics.State), nil to fold from the beginning
}
