package oracle

import (
	"sort"
	"time"
)

// Lists are the rows behind the figures, each list in order of time. A zero time
// and "" are null.
type Lists struct {
	Conversations []ConversationRow
	Messages      []MessageRow
	Contacts      []ContactRow
}

// ConversationRow is a conversation. It has no id of its own: contact, channel and
// opening tell it apart, but for two opened at the same instant.
type ConversationRow struct {
	Channel, Contact     string
	OpenedAt             time.Time
	OpenedBy             string
	Assignee             string   // by name
	FirstResponseSeconds *float64 // nil: none
	ClosedAt             time.Time
	ClosedBy             string
	Category, Summary    string
	Reopened             bool
	WaitingSince         time.Time // first unanswered customer message of an open conversation
	Messages             []string  // ids, in order
}

// MessageRow is a message that counts as one.
type MessageRow struct {
	ID, Channel, Direction                string // direction: in, out
	At                                    time.Time
	Contact                               string
	Agent, Sender                         string // of a business message
	Kind, Template                        string
	Status                                string    // highest of sent, failed, delivered, read; "" inbound
	SentAt, DeliveredAt, ReadAt, FailedAt time.Time // earliest status of each
	Error, PricingCategory                string
	InWindow                              bool
	InConversation                        bool
	ConversationOpenedAt                  time.Time
}

// ContactRow is a person, known by Identifiers ("id:c-9", "phone:573001112233",
// "user:CO.123").
type ContactRow struct {
	Contact     string
	Identifiers []string
	FirstSeenAt time.Time // zero: nothing has added them
	Source      string
	Channel     string
}

// Lists returns every row there is at now.
func (w *World) Lists() Lists {
	names := map[string]string{}
	var out Lists
	for person, ids := range w.people.all() {
		names[person] = publicName(ids)
		out.Contacts = append(out.Contacts, w.contactRow(person, ids))
	}
	sort.Slice(out.Contacts, func(i, j int) bool {
		a, b := out.Contacts[i], out.Contacts[j]
		if !a.FirstSeenAt.Equal(b.FirstSeenAt) {
			return a.FirstSeenAt.Before(b.FirstSeenAt)
		}
		return a.Contact < b.Contact
	})
	for _, c := range w.talks {
		out.Conversations = append(out.Conversations, w.conversationRow(c, names[c.contact]))
	}
	for _, m := range w.messages {
		out.Messages = append(out.Messages, w.messageRow(m, names[m.contact]))
	}
	return out
}

// instant returns a time in UTC; 0 is the zero time.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (w *World) contactRow(person string, ids []string) ContactRow {
	row := ContactRow{Contact: publicName(ids), Identifiers: ids}
	if c := w.contacts[person]; c != nil {
		row.FirstSeenAt, row.Source, row.Channel = instant(c.seenAt), c.source, c.channel
	}
	return row
}

func (w *World) conversationRow(c *conversation, contact string) ConversationRow {
	row := ConversationRow{
		Channel: c.channel, Contact: contact, OpenedAt: instant(c.openedAt), OpenedBy: c.openedBy(), Assignee: w.roster.name(c.assignee),
		ClosedAt: instant(c.closedAt), ClosedBy: c.closedBy, Category: c.category, Summary: c.summary, Reopened: c.reopened,
	}
	if m := c.firstReply(false); m != nil {
		row.FirstResponseSeconds = seconds(m.at - c.messages[c.firstCustomer()].at)
	}
	if m := c.waitingFrom(); m != nil && !c.closed {
		row.WaitingSince = instant(m.at)
	}
	for _, m := range c.messages {
		row.Messages = append(row.Messages, m.id)
	}
	return row
}

func (w *World) messageRow(m *message, contact string) MessageRow {
	row := MessageRow{
		ID: m.id, Channel: m.channel, Direction: "in", At: instant(m.at), Contact: contact, Kind: m.kind, Template: m.template,
		Agent: w.roster.name(m.agent), Sender: m.class, InWindow: m.inWindow,
	}
	if m.conv != nil {
		row.InConversation, row.ConversationOpenedAt = true, instant(m.conv.openedAt)
	}
	if m.inbound {
		return row
	}
	row.Direction, row.Status, row.Error = "out", m.highest(), m.err
	row.SentAt, row.DeliveredAt, row.ReadAt, row.FailedAt = instant(m.at), instant(m.deliveredAt), instant(m.readAt), instant(m.failedAt)
	if m.price != nil {
		row.PricingCategory = m.price.Category
	}
	return row
}
