package models

// Direction tells who wrote a message.
type Direction uint8

// A message known only by its deletion has no direction and is counted nowhere.
const (
	Unseen Direction = 0
	In     Direction = 1 // the customer wrote it
	Out    Direction = 2 // the business wrote it
)

// Class is the sender class of a business message (metrics.md, base rule 4).
type Class string

// Agent and phone are people; the rest are not.
const (
	ClassAgent      Class = "agent"
	ClassPhone      Class = "phone"
	ClassBot        Class = "bot"
	ClassAutomation Class = "automation"
	ClassCampaign   Class = "campaign"
)

// Human reports whether a person wrote it.
func (c Class) Human() bool { return c == ClassAgent || c == ClassPhone }

// Valid reports whether c is one of the five classes.
func (c Class) Valid() bool {
	switch c {
	case ClassAgent, ClassPhone, ClassBot, ClassAutomation, ClassCampaign:
		return true
	}
	return false
}

// Rank says how much a source knows about one side of a message; the higher
// word stands. Equal ranks are settled by value, never by order of arrival.
type Rank uint8

// The ranks of a message's author, content and price.
const (
	RankNone    Rank = 0
	RankHistory Rank = 1 // author and content from the coexistence history sync
	RankRead    Rank = 2 // price in a read status
	RankMeta    Rank = 3 // price in a delivered status; content of webhooks and echoes; author of an echo
	RankSent    Rank = 4 // price in a sent status
	RankOpaque  Rank = 5 // author in biz_opaque_callback_data
	RankProxy   Rank = 6 // author and content seen by the recording proxy
	RankInbox   Rank = 7 // author and content from an inbox or the events API
)

// Message is what all sightings of one WhatsApp message add up to. Two
// sightings are joined by Join, which is commutative, associative and
// idempotent: order, repetition and batching of deliveries do not matter.
//
// All times are ms UTC; 0 means not seen.
type Message struct {
	Channel string
	ID      string `gorm:"column:wamid"` // or the platform's own id; case-sensitive
	Dir     Direction

	Party   Alias  `gorm:"embedded;embeddedPrefix:party_"` // the strongest identifier it was seen with
	PartyAt int64  // since when
	Others  string `gorm:"column:party_others"` // the others it was seen with and since when: see Seen

	ProviderAt  int64 // Meta: inbound timestamp; echo or sent status of a business message
	SaidAt      int64 // any other source's time of writing
	DeliveredAt int64
	ReadAt      int64 // read, or played
	FailedAt    int64
	DeletedAt   int64

	Kind     string // text, image, … template; "" while only statuses are known
	Template string
	Content  Rank // who told Kind and Template

	Sender Class  // as told; "" when nobody did: see Class
	Agent  string // node of the roster, "" when unknown
	Author Rank   // who told Sender and Agent

	Error      string // code of the earliest failure
	ErrorTitle string

	PriceCategory string
	PriceType     string // regular, free_customer_service, free_entry_point; "" in old statuses
	Billable      bool
	Price         Rank  // which status told the price
	PriceAt       int64 // when; the earliest to tell it stands

	Echo bool // written in the WhatsApp Business app
	Ad   bool // carries a referral of type ad
}

// At is the moment the message belongs to (metrics.md, "Time of a business
// message"): Meta's own time; else the writing source's; else its earliest status.
func (m *Message) At() int64 {
	if m.ProviderAt != 0 {
		return m.ProviderAt
	}
	if m.SaidAt != 0 {
		return m.SaidAt
	}
	return earliest(earliest(m.DeliveredAt, m.ReadAt), m.FailedAt)
}

// Class is the sender class of a business message; "" for a customer's.
func (m *Message) Class() Class {
	switch {
	case m.Dir != Out:
		return ""
	case m.Sender != "":
		return m.Sender
	case m.Agent != "":
		return ClassAgent
	case m.Echo:
		return ClassPhone
	case m.Kind == "template" || m.Template != "":
		return ClassCampaign
	case m.Kind == "" && campaignPrice(m.PriceCategory):
		return ClassCampaign
	}
	return ClassAutomation
}

// campaignPrice reports whether a message known only by its statuses was a
// template (metrics.md, "Time of a business message").
func campaignPrice(category string) bool {
	return category == "marketing" || category == "utility" || category == "authentication"
}

// Delivered reports whether the customer's device has it; a receipt of reading
// implies it, because Meta sends only that when both coincide.
func (m *Message) Delivered() bool { return m.DeliveredAt != 0 || m.ReadAt != 0 }

// Failed reports whether it failed for good: a failed status and no receipt.
func (m *Message) Failed() bool { return m.FailedAt != 0 && !m.Delivered() }

// Status is the highest state reached: sent, delivered, read, failed; "" for a
// customer's message.
func (m *Message) Status() string {
	switch {
	case m.Dir != Out:
		return ""
	case m.ReadAt != 0:
		return "read"
	case m.DeliveredAt != 0:
		return "delivered"
	case m.FailedAt != 0:
		return "failed"
	}
	return "sent"
}

// LastAt is the latest moment anything is known of the message.
func (m *Message) LastAt() int64 {
	return max(m.At(), m.DeliveredAt, m.ReadAt, m.FailedAt)
}

// AsOf returns the message as it was known to be at now: what later statuses
// told is taken away. The second result is false when it did not exist yet.
func (m Message) AsOf(now int64) (Message, bool) {
	if m.Dir == Out {
		m.unsay(now)
	}
	if at := m.At(); at == 0 || at > now {
		return m, false
	}
	m.Identify(m.Seen().AsOf(now))
	if m.DeliveredAt > now {
		m.DeliveredAt = 0
	}
	if m.ReadAt > now {
		m.ReadAt = 0
	}
	if m.FailedAt > now {
		m.FailedAt, m.Error, m.ErrorTitle = 0, "", ""
	}
	if m.PriceAt > now {
		m.PriceCategory, m.PriceType, m.Billable, m.Price, m.PriceAt = "", "", false, RankNone, 0
	}
	return m, true
}

// unsay takes away what Meta and the writing source tell of a business message
// only after now: until then it is known by its receipts, if at all.
func (m *Message) unsay(now int64) {
	if m.SaidAt <= now && m.ProviderAt <= now {
		return
	}
	if m.SaidAt > now {
		m.SaidAt = 0
		m.forget(func(r Rank) bool { return r >= RankProxy })
	}
	if m.ProviderAt > now {
		m.ProviderAt = 0
		m.forget(func(r Rank) bool { return r <= RankMeta })
	}
	m.Echo = m.Echo && (m.SaidAt != 0 || m.ProviderAt != 0)
}

// forget drops content and author where they were told with one of the ranks.
func (m *Message) forget(of func(Rank) bool) {
	if of(m.Content) {
		m.Kind, m.Template, m.Content = "", "", RankNone
	}
	if of(m.Author) {
		m.Sender, m.Agent, m.Author = "", "", RankNone
	}
}

// Join adds another sighting of the same message.
func Join(a, b Message) Message {
	m := a
	if m.Channel == "" {
		m.Channel, m.ID = b.Channel, b.ID
	}
	m.Dir = joinDir(a, b)
	m.Identify(a.Seen().Join(b.Seen()))
	m.ProviderAt = earliest(a.ProviderAt, b.ProviderAt)
	m.SaidAt = earliest(a.SaidAt, b.SaidAt)
	m.DeliveredAt = earliest(a.DeliveredAt, b.DeliveredAt)
	m.ReadAt = earliest(a.ReadAt, b.ReadAt)
	m.DeletedAt = earliest(a.DeletedAt, b.DeletedAt)
	m.joinFailure(b)
	m.joinContent(b)
	m.joinAuthor(b)
	m.joinPrice(b)
	m.Echo = a.Echo || b.Echo
	m.Ad = a.Ad || b.Ad
	return m
}

// joinDir lets content speak before statuses do: a status can name a message
// that one of our own numbers wrote to another.
func joinDir(a, b Message) Direction {
	if a.Content != b.Content {
		if a.Content > b.Content {
			return orDir(a.Dir, b.Dir)
		}
		return orDir(b.Dir, a.Dir)
	}
	if a.Dir == Unseen || b.Dir == Unseen {
		return max(a.Dir, b.Dir)
	}
	return min(a.Dir, b.Dir)
}

func orDir(first, second Direction) Direction {
	if first != Unseen {
		return first
	}
	return second
}

func (m *Message) joinFailure(b Message) {
	if b.FailedAt == 0 {
		return
	}
	newer := m.FailedAt == 0 || b.FailedAt < m.FailedAt
	if newer || b.FailedAt == m.FailedAt && lessFailure(b, *m) {
		m.FailedAt, m.Error, m.ErrorTitle = b.FailedAt, b.Error, b.ErrorTitle
	}
}

// lessFailure prefers a failure that names its reason, then the smaller one.
func lessFailure(a, b Message) bool {
	if (a.Error == "") != (b.Error == "") {
		return a.Error != ""
	}
	if a.Error != b.Error {
		return a.Error < b.Error
	}
	if (a.ErrorTitle == "") != (b.ErrorTitle == "") {
		return a.ErrorTitle != ""
	}
	return a.ErrorTitle < b.ErrorTitle
}

func (m *Message) joinContent(b Message) {
	if prefer(b.Content, m.Content, b.Kind, m.Kind, b.Template, m.Template) {
		m.Kind, m.Template, m.Content = b.Kind, b.Template, b.Content
	}
}

func (m *Message) joinAuthor(b Message) {
	if prefer(b.Author, m.Author, string(b.Sender), string(m.Sender), b.Agent, m.Agent) {
		m.Sender, m.Agent, m.Author = b.Sender, b.Agent, b.Author
	}
}

// joinPrice keeps the price that was known first: it holds at every later moment.
func (m *Message) joinPrice(b Message) {
	bill := func(x bool) string {
		if x {
			return "1"
		}
		return "0"
	}
	if b.PriceAt == 0 || m.PriceAt != 0 && m.PriceAt < b.PriceAt {
		return
	}
	if m.PriceAt == 0 || b.PriceAt < m.PriceAt ||
		prefer(b.Price, m.Price, b.PriceCategory, m.PriceCategory, b.PriceType+bill(b.Billable), m.PriceType+bill(m.Billable)) {
		m.PriceCategory, m.PriceType, m.Billable, m.Price, m.PriceAt = b.PriceCategory, b.PriceType, b.Billable, b.Price, b.PriceAt
	}
}

// prefer reports whether the pair (a1, a2) told with rank ra stands before
// (b1, b2) told with rank rb: the higher rank, else the one that says more,
// else the smaller value.
func prefer(ra, rb Rank, a1, b1, a2, b2 string) bool {
	switch {
	case ra != rb:
		return ra > rb
	case (a1 == "") != (b1 == ""):
		return a1 != ""
	case a1 != b1:
		return a1 < b1
	case (a2 == "") != (b2 == ""):
		return a2 != ""
	}
	return a2 < b2
}

// earliest returns the smaller of two moments of which 0 means none.
func earliest(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
