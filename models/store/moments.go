package store

import (
	"gorm.io/gorm"

	"pulso/analytics"
	"pulso/models"
)

const day24h = 86_400_000 // ms

// place is a search for rows of one table.
type place struct {
	table string
	where string
	args  []any
}

// places lists the searches that find every row that may contribute to the
// group within the span. They use columns that are indexed, so that a short
// span is read quickly however large the record is.
func places(m analytics.Moments) []place {
	from, to := m.Span.From, m.Span.To
	at := place{"messages", "at >= ? AND at < ?", []any{from, to}}
	within := func(column string) place {
		return place{"conversations", column + " >= ? AND " + column + " < ?", []any{from, to}}
	}
	brief := place{"conversations", "opened_at >= ? AND opened_at < ? AND last_at >= ?", []any{from - lastingTime, to, from}}
	lasting := place{"conversations", "lasting = 1 AND last_at >= ? AND opened_at < ?", []any{from, to}}
	switch m.Group {
	case analytics.GroupReceived, analytics.GroupSent, analytics.GroupFailure:
		return []place{at}
	case analytics.GroupReach:
		at.where += " AND outreach = 1"
		return []place{at}
	case analytics.GroupMissed:
		return []place{{"messages", "at >= ? AND at < ? AND missed = 1", []any{from - day24h, to - day24h}}}
	case analytics.GroupOpened, analytics.GroupReturning:
		return []place{within("opened_at")}
	case analytics.GroupClosed:
		return []place{within("closed_at")}
	case analytics.GroupReply:
		at.where += " AND waited_from > 0"
		return []place{at, brief, lasting}
	case analytics.GroupHands:
		return []place{brief, lasting}
	case analytics.GroupContacts:
		return []place{{"contacts", "first_seen_at >= ? AND first_seen_at < ?", []any{from, to}},
			{"facts", "kind IN ('contact.deleted', 'contact.merged') AND at >= ? AND at < ?", []any{from, to}}}
	}
	return []place{{"facts", "kind = 'comment.added' AND at >= ? AND at < ?", []any{from, to}}}
}

// readGroup adds the rows that may contribute to a group within a span.
func readGroup(db *gorm.DB, m analytics.Moments, rows *analytics.Rows) error {
	for _, p := range places(m) {
		var ms []messageRow
		var fs []factRow
		var cs []conversationRow
		var contacts []*models.Contact
		var err error
		switch p.table {
		case "messages":
			ms, err = find[messageRow](db, p.where, p.args...)
		case "facts":
			fs, err = find[factRow](db, p.where, p.args...)
		case "contacts":
			err = db.Where(p.where, p.args...).Find(&contacts).Error
		default:
			cs, err = find[conversationRow](db, p.where, p.args...)
		}
		if err != nil {
			return err
		}
		rows.Contacts = append(rows.Contacts, contacts...)
		addRows(rows, ms, fs, cs)
	}
	rows.Conversations = uniqueConversations(rows.Conversations)
	return nil
}
