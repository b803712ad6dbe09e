package analytics

import "pulso/models"

// OpenConversation is what the present asks of a conversation that is open.
type OpenConversation struct {
	ID       models.ConversationID
	Contact  int64
	Channel  string
	Assignee string // roster key, "" nobody
	OpenedAt int64
	OpenedBy string
	First    bool   // the contact's first conversation ever
	Source   string // how the contact was first seen

	WaitingSince int64 // first customer message that no human has answered, 0 none
	WindowAt     int64 // last customer message or call
}

// OpenOf returns what the present asks of a conversation.
func OpenOf(c *models.Conversation) OpenConversation {
	return OpenConversation{
		ID: c.ID, Contact: c.Contact, Channel: c.Channel, Assignee: c.Assignee, OpenedAt: c.OpenedAt, OpenedBy: c.OpenedBy,
		First: c.First, Source: c.Source, WaitingSince: c.WaitingSince, WindowAt: c.WindowAt,
	}
}

// Dims are the dimensions of the conversation's opening.
func (c *OpenConversation) Dims() (d Dims) {
	d[ByAgent], d[ByChannel], d[ByOpener] = c.Assignee, c.Channel, c.OpenedBy
	d[ByContactKind], d[BySource] = contactKind(c.First), c.Source
	return d
}

const windowEnds = hour // before its end a window is expiring

// WindowLeft returns how much of the 24 h window is left at now, ms, and whether
// it is about to expire: the customer waits and it ends within the hour.
func (c *OpenConversation) WindowLeft(now int64) (left int64, expiring bool) {
	left = c.WindowAt + day24h - now
	return left, c.WaitingSince != 0 && left > 0 && left <= windowEnds
}
