package oracle

import "time"

// Event is a canonical event: its JSON is a body for POST /v1/events.
type Event struct {
	ID           string             `json:"id"`
	Type         string             `json:"type"`
	At           time.Time          `json:"at"`
	Channel      string             `json:"channel"`
	Contact      *EventContact      `json:"contact,omitempty"`
	Agent        *EventAgent        `json:"agent"` // null in conversation.assigned: nobody
	Message      *EventMessage      `json:"message,omitempty"`
	Conversation *EventConversation `json:"conversation,omitempty"`
	Comment      *EventComment      `json:"comment,omitempty"`
	MergedInto   *EventIdentity     `json:"merged_into,omitempty"`
	Error        *EventError        `json:"error,omitempty"`
	Pricing      *EventPricing      `json:"pricing,omitempty"`
}

// EventContact is the customer an event concerns, by at least one identifier.
type EventContact struct {
	ID     string `json:"id,omitempty"`
	Phone  string `json:"phone,omitempty"`
	UserID string `json:"user_id,omitempty"`
	Name   string `json:"name,omitempty"`
	Source string `json:"source,omitempty"` // contact.added
}

// EventAgent is an agent as one event shows them.
type EventAgent struct {
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
	Team string `json:"team,omitempty"`
}

// EventMessage is a message as one event shows it; "" and nil are not said.
type EventMessage struct {
	ID        string  `json:"id"`
	Kind      string  `json:"kind,omitempty"`
	Text      string  `json:"text,omitempty"`
	Sender    string  `json:"sender,omitempty"`
	Template  *string `json:"template"`
	InReplyTo *string `json:"in_reply_to"`
}

// EventConversation is what a source says of its own conversation.
type EventConversation struct {
	ID       string `json:"id,omitempty"`
	Category string `json:"category,omitempty"`
	Summary  string `json:"summary,omitempty"`
	OpenedBy string `json:"opened_by,omitempty"`
	ClosedBy string `json:"closed_by,omitempty"`
}

// EventComment is a private note.
type EventComment struct {
	Text     string   `json:"text"`
	Mentions []string `json:"mentions"`
}

// EventIdentity names the contact that another is merged into.
type EventIdentity struct {
	ID string `json:"id"`
}

// EventError is why a message failed.
type EventError struct {
	Code  int    `json:"code"`
	Title string `json:"title,omitempty"`
}

// EventPricing is what a message costs; Billable is nil when not said.
type EventPricing struct {
	Type     string `json:"type,omitempty"`
	Category string `json:"category,omitempty"`
	Billable *bool  `json:"billable,omitempty"`
}

// Types of events.
const (
	received       = "message.received"
	sent           = "message.sent"
	delivered      = "message.delivered"
	read           = "message.read"
	failed         = "message.failed"
	deleted        = "message.deleted"
	opened         = "conversation.opened"
	assigned       = "conversation.assigned"
	closed         = "conversation.closed"
	commentAdded   = "comment.added"
	contactAdded   = "contact.added"
	contactUpdated = "contact.updated"
	contactDeleted = "contact.deleted"
	contactMerged  = "contact.merged"
	callReceived   = "call.received"
)

// ms returns the event's time in milliseconds.
func (e *Event) ms() int64 { return e.At.UnixMilli() }
