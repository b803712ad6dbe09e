// Package ledger turns events into changes of the record: it joins sightings
// of the same message, finds out whose they are, folds the contacts they touch
// and moves the cells by exactly what changed. It reads and writes through a
// Page, one transaction of the single fold writer, and knows no database.
package ledger

import (
	"pulso/analytics"
	"pulso/models"
)

// Page is one transaction of the fold writer, or one for reading only: what it finds
// holds until the fold writer saves.
type Page interface {
	Find(Want) (*Have, error)
	Save(*Changes) error
}

// Want names the rows that a step needs.
type Want struct {
	Aliases   []models.Alias // their contacts
	AliasesOf []int64        // all aliases of these contacts
	TiesOf    []models.Alias // all links and merges that end in one of these
	Contacts  []int64
	Messages  []MessageKey
	Facts     []FactKey
	Tails     []Since
	Cells     []analytics.CellKey
	Sightings bool                // agents as events showed them, and the rules
	ByMerge   []int64             // contacts that were merged into one of these
	ByAgent   []string            // contacts with messages or events of these nodes
	Moments   []analytics.Moments // rows that contribute durations within these
}

// Have holds what was found; what does not exist is absent.
type Have struct {
	Aliases   map[models.Alias]int64
	Links     []models.Link
	Merges    []models.Merge
	Contacts  map[int64]*models.Contact
	Messages  map[MessageKey]*models.Placed
	Facts     map[FactKey]*models.Fact
	Tail      analytics.Rows
	Cells     map[analytics.CellKey]*analytics.Cell
	Sightings []analytics.Sighting
	ByAgent   []int64
	Rules     string // fingerprint; "" while nothing is recorded
	// Rebuilding says that a rebuild is due: one was begun and not ended, or another
	// version of the program made the cells.
	Rebuilding bool
}

// MessageKey names a message as its sources do.
type MessageKey struct{ Channel, ID string }

// FactKey names a stored event as its source does.
type FactKey struct{ Source, Key string }

// Since names a contact and from when its rows are wanted: messages and facts
// at or after At, conversations opened at or after Opened. 0 wants all.
type Since struct {
	Contact    int64
	At, Opened int64
}

// Changes is what one page writes, all of it or nothing.
type Changes struct {
	At     int64   // when, ms
	Folded []int64 // deliveries that are now in the figures
	Faults []models.Fault

	Aliases   map[models.Alias]int64
	Links     []models.Link
	Merges    []models.Merge
	Contacts  []*models.Contact
	States    []*models.Contact // their fold states only
	Gone      []int64           // contacts that were joined to another
	Sightings []analytics.Sighting

	Messages []*models.Placed // new or changed
	Texts    map[int64]string // by message row
	Facts    []*models.Fact

	Conversations []*models.Conversation
	Vanished      []models.ConversationID // cut differently now

	// New are the ids of contacts, messages and facts that were made for this page. One
	// that stands in the record already fails it: two writers may have made the same.
	New map[int64]bool

	// What stood there before, where it is known: less need be written then.
	OldMessages      map[int64]*models.Placed
	OldConversations map[models.ConversationID]*models.Conversation

	Cells map[analytics.CellKey]*analytics.Cell

	// Since and Horizon are the earliest and the latest moment of any fact that
	// had come to pass when it was folded; Ahead lists contacts with facts from
	// after that.
	Since, Horizon int64
	Ahead          map[int64]int64
	Rules          string // the fingerprint of the rules, when they are new

	Odd      models.Oddities  // what came to those that the record knows of
	Commands []models.Command // what people of the business wrote to the bot
	Receipts []models.Receipt // what became of the bot's own messages
}
