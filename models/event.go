package models

// Kind says what happened. The words are those of the canonical event
// (interfaces.md, "Canonical event"); kinds that no figure counts are listed
// after them and are recorded all the same.
type Kind string

// The kinds that figures are made of.
const (
	MessageReceived      Kind = "message.received"
	MessageSent          Kind = "message.sent"
	MessageDelivered     Kind = "message.delivered"
	MessageRead          Kind = "message.read"
	MessageFailed        Kind = "message.failed"
	MessageDeleted       Kind = "message.deleted"
	ConversationOpened   Kind = "conversation.opened"
	ConversationAssigned Kind = "conversation.assigned"
	ConversationClosed   Kind = "conversation.closed"
	CommentAdded         Kind = "comment.added"
	ContactAdded         Kind = "contact.added"
	ContactUpdated       Kind = "contact.updated"
	ContactDeleted       Kind = "contact.deleted"
	ContactMerged        Kind = "contact.merged"
	CallReceived         Kind = "call.received"
)

// The kinds that are understood and recorded, but are no figure.
const (
	// ContactRenumbered is a customer's change of number or user id: its
	// identities all belong to one person, whatever they were before.
	ContactRenumbered Kind = "contact.renumbered"
	// MessageReaction, MessageEdited and MessageRevoked speak about another message.
	MessageReaction Kind = "message.reaction"
	MessageEdited   Kind = "message.edited"
	MessageRevoked  Kind = "message.revoked"
	// AccountNotice is news of the account: a template paused, quality, a limit, a ban.
	AccountNotice Kind = "account.notice"
	// Noted is anything else that was understood well enough to be kept.
	Noted Kind = "noted"
)

// Event is one thing that happened, in no source's dialect. Source and Key
// together name it: the same pair again is the same event, and changes nothing.
type Event struct {
	Source  string // the inbox it came from: "cloudapi", "events", …
	Key     string // unique within Source
	Kind    Kind
	At      int64  // ms UTC, the provider's time
	Channel string // "platform:id", as in "whatsapp:1060"

	// Party lists the identifiers of the customer that were shown together.
	// Empty for an event that concerns nobody in particular.
	Party []Alias
	Name  string // the customer's display name, "" when not shown

	// Author lists the identifiers of who wrote in a group, which is the Party. It
	// tells people of the business from customers and is not recorded.
	Author []Alias

	// Agent is who did it (or, for an assignment, to whom; nil = unassigned).
	Agent *AgentSighting

	// Message is set for the kinds message.*: one sighting of that message.
	Message *Message
	Text    string // what it says; kept apart from the message

	Label    string // the source's own conversation id, a label only
	Category string // conversation.closed
	Summary  string // conversation.closed
	// By is the source's word for who opened or closed; "" when it gave none.
	By string
	// Origin says how a contact came, for contact.added.
	Origin   string
	Mentions []string // comment.added

	MergedInto []Alias // contact.merged: to whom later events belong; may be empty

	// Notice is the subject of an account.notice or a noted event, such as
	// "message_template_status_update"; Details its JSON as received.
	Notice  string
	Details []byte

	// Flags names what was odd about it: "future", "no_sender", "nul_removed".
	Flags []string
}

// Fault is one element that could not be understood. The element is kept, and
// tried again by a rebuild.
type Fault struct {
	Delivery int64
	Element  string // a path such as entry[0].changes[0].value.messages[2]
	Reason   string // why, in words for an engineer
	Body     []byte // the element as received, cut to 64 KiB
}

// Decoded is what one delivery amounts to. Every element of the body is in
// exactly one of Events and Faults; Events of a kind that no figure counts are
// what import reports as kept.
type Decoded struct {
	Events []Event
	Faults []Fault
	// Aside lists numbers (phone_number_id) the body spoke of that are not ours.
	Unknown []string // fields and types no decoder knows, such as "field:standby2"
}

// Counts reports whether the kind is one that figures are made of.
func (k Kind) Counts() bool {
	switch k {
	case MessageReceived, MessageSent, MessageDelivered, MessageRead, MessageFailed, MessageDeleted,
		ConversationOpened, ConversationAssigned, ConversationClosed, CommentAdded,
		ContactAdded, ContactUpdated, ContactDeleted, ContactMerged, CallReceived:
		return true
	}
	return false
}

// OfMessage reports whether the kind is a sighting of a message, to be joined
// with the other sightings of the same message.
func (k Kind) OfMessage() bool {
	switch k {
	case MessageReceived, MessageSent, MessageDelivered, MessageRead, MessageFailed, MessageDeleted:
		return true
	}
	return false
}
