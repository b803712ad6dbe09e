package store

import (
	"slices"

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

// places lists the searches that find every row that may contribute to a group
// within a span. They use columns that are indexed, and what happens to a
// conversation is found by the message or event it happened with, so that a
// short span is read quickly however large the record is. With whole the
// messages of the span are read anyway.
func places(g analytics.Group, m analytics.Moments, whole bool) []place {
	from, to := m.Span.From, m.Span.To
	at := place{"messages", "at >= ? AND at < ?", []any{from, to}}
	some := func(where string) place {
		if !whole {
			at.where += where
		}
		return at
	}
	within := func(table, column string) place {
		return place{table, column + " >= ? AND " + column + " < ?", []any{from, to}}
	}
	talked := place{"conversations", "id IN (SELECT conversation FROM messages WHERE at >= ? AND at < ? AND dir = 2)", []any{from, to}}
	switch g {
	case analytics.GroupReceived, analytics.GroupSent, analytics.GroupFailure:
		return []place{at}
	case analytics.GroupReach:
		return []place{some(" AND outreach = 1")}
	case analytics.GroupMissed:
		return []place{{"conversations", "missed IS NOT NULL AND id IN (SELECT conversation FROM messages WHERE at >= ? AND at < ? AND dir = 1)", []any{from - day24h, to - day24h}}}
	case analytics.GroupOpened, analytics.GroupReturning:
		return []place{within("conversations", "opened_at")}
	case analytics.GroupClosed:
		return []place{within("conversations", "closed_at")}
	case analytics.GroupReply:
		late := m.Target + 1 // after the first message of the customer
		first := place{"conversations", talked.where + " AND (first_reply_at >= ? AND first_reply_at < ? OR first_any_at >= ? AND first_any_at < ?)", []any{from, to, from, to, from, to}}
		return []place{some(" AND waited_from > 0"), first, {"conversations",
			"first_reply_at = 0 AND id IN (SELECT conversation FROM messages WHERE at >= ? AND at < ? AND dir = 1)", []any{from - late, to - late}}}
	case analytics.GroupHands:
		return []place{talked, {"conversations",
			"opened_at < ? AND contact IN (SELECT contact FROM facts WHERE kind = 'conversation.assigned' AND at >= ? AND at < ?)", []any{to, from, to}}}
	case analytics.GroupContacts:
		return []place{within("contacts", "first_seen_at"),
			{"facts", "kind IN ('contact.deleted', 'contact.merged') AND at >= ? AND at < ?", []any{from, to}}}
	}
	return []place{{"facts", "kind = 'comment.added' AND at >= ? AND at < ?", []any{from, to}}}
}

// readMoments adds the rows that may contribute to groups within a span, each once.
func readMoments(db *gorm.DB, m analytics.Moments, rows *analytics.Rows) error {
	whole := slices.ContainsFunc(m.Groups, func(g analytics.Group) bool {
		return g == analytics.GroupReceived || g == analytics.GroupSent || g == analytics.GroupFailure
	})
	done := map[string]bool{}
	for _, g := range m.Groups {
		for _, p := range places(g, m, whole) {
			if done[p.table+p.where] {
				continue
			}
			done[p.table+p.where] = true
			if err := readPlace(db.Omit(spared(p.table, m)...), p, rows); err != nil {
				return err
			}
		}
	}
	rows.Messages = once(rows.Messages, func(x *models.Placed) int64 { return x.Row })
	rows.Conversations = once(rows.Conversations, func(x *models.Conversation) models.ConversationID { return x.ID })
	return nil
}

// spared are the columns of a table that bare rows do without: every column of every
// row has its price.
func spared(table string, m analytics.Moments) (columns []string) {
	if !m.Bare {
		return nil
	}
	switch table {
	case "messages":
		columns = []string{
			"hash", "at", "wamid", "party_kind", "party_value", "party_at", "party_others", "deleted_at", "content", "author",
			"error_title", "price", "price_at", "ad", "conversation",
		}
	case "conversations":
		columns = []string{"label", "inbox", "told", "summary", "waiting_since", "window_at", "last_visible_at", "explicit", "multi"}
		if !slices.Contains(m.Groups, analytics.GroupHands) {
			columns = append(columns, "assignments", "handlers")
		}
	}
	return columns
}

func readPlace(db *gorm.DB, p place, rows *analytics.Rows) error {
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
	rows.Contacts = append(rows.Contacts, contacts...)
	addRows(rows, ms, fs, cs)
	return err
}

// once returns the elements of a list without those whose key came before.
func once[T any, K comparable](list []T, key func(T) K) []T {
	seen := make(map[K]bool, len(list))
	return slices.DeleteFunc(list, func(x T) bool {
		k := key(x)
		known := seen[k]
		seen[k] = true
		return known
	})
}
