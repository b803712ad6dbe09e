package analytics

// Unit is what a metric's value is measured in.
type Unit string

// Units of the catalogue.
const (
	Count   Unit = "n"
	Seconds Unit = "s"
	Share   Unit = "share" // 0..1
)

// Better says which direction of a metric is good.
type Better int8

// Directions. For a Neither metric "worst" and "best" are refused in words.
const (
	Neither Better = 0
	Higher  Better = 1
	Lower   Better = -1
)

// Metric is one row of the catalogue (metrics.md, "Catalogue"). Its texts in
// each language are in templates/lang under metric.<Key>.
type Metric struct {
	Key    string
	Unit   Unit
	Better Better
	Anchor string // the moment a figure belongs to, in a word
	Dims   DimSet // dimensions besides time
	Stock  bool   // counted now; takes no period and no time dimension

	Measure  Measure // what a count or duration is made of
	Num, Den Measure // what a share is made of
	Twin     bool    // has a twin in business time, Key + "_business"
	Business bool    // is such a twin
	Waits    bool    // the waiting count stands beside it
	Lag      int64   // ms after its moment before it is known (no_receipt)
}

var (
	dimsReceived = Set(ByAgent, ByTeam, ByChannel, ByPlatform, ByType, BySource)
	dimsSent     = Set(ByAgent, ByTeam, ByChannel, ByPlatform, BySender, ByType, ByTemplate, ByPricing)
	dimsFailed   = dimsSent | Set(ByError)
	dimsOpened   = Set(ByAgent, ByTeam, ByChannel, ByPlatform, ByOpener, ByContactKind, BySource)
	dimsClosed   = Set(ByAgent, ByTeam, ByChannel, ByPlatform, ByCloser, ByCategory, ByContactKind)
	dimsHands    = Set(ByAgent, ByTeam, ByChannel, ByPlatform)
	dimsReply    = Set(ByAgent, ByTeam, ByChannel, ByPlatform, ByContactKind, ByOpener)
	dimsChannel  = Set(ByChannel, ByPlatform)
	dimsContact  = Set(BySource, ByChannel, ByPlatform)
	dimsComment  = Set(ByAgent, ByTeam, ByChannel)
)

// NoMeasure marks a metric that is not summed from cells.
const NoMeasure = measures

var catalogue = withTwins([]Metric{
	{Key: "messages_received", Unit: Count, Better: Higher, Anchor: "sent time", Dims: dimsReceived, Measure: mReceived},
	{Key: "messages_sent", Unit: Count, Better: Higher, Anchor: "sent time", Dims: dimsSent, Measure: mSent},
	{Key: "messages_delivered", Unit: Count, Better: Higher, Anchor: "sent time", Dims: dimsSent, Measure: mDelivered},
	{Key: "messages_read", Unit: Count, Better: Higher, Anchor: "sent time", Dims: dimsSent, Measure: mRead},
	{Key: "messages_failed", Unit: Count, Better: Lower, Anchor: "sent time", Dims: dimsFailed, Measure: mFailed},
	{Key: "delivery_rate", Unit: Share, Better: Higher, Anchor: "sent time", Dims: dimsSent, Num: mDelivered, Den: mSent},
	{Key: "read_rate", Unit: Share, Better: Higher, Anchor: "sent time", Dims: dimsSent, Num: mRead, Den: mDelivered},
	{Key: "failure_rate", Unit: Share, Better: Lower, Anchor: "sent time", Dims: dimsSent, Num: mFailed, Den: mSent},
	{Key: "reply_ratio", Unit: Share, Better: Higher, Anchor: "sent time", Dims: dimsReceived & dimsSent, Num: mReceived, Den: mDelivered},
	{Key: "no_receipt", Unit: Count, Better: Lower, Anchor: "sent time", Dims: dimsSent, Measure: mNoReceipt, Lag: day24h + 1},
	{Key: "messages_in_window", Unit: Count, Better: Higher, Anchor: "sent time", Dims: dimsSent, Measure: mInWindow},
	{Key: "messages_out_window", Unit: Count, Better: Higher, Anchor: "sent time", Dims: dimsSent, Measure: mOutWindow},
	{Key: "messages_billable", Unit: Count, Better: Neither, Anchor: "sent time", Dims: dimsSent, Measure: mBillable},
	{Key: "conversations_opened", Unit: Count, Better: Higher, Anchor: "open", Dims: dimsOpened, Measure: mOpened},
	{Key: "conversations_closed", Unit: Count, Better: Higher, Anchor: "close", Dims: dimsClosed, Measure: mClosed},
	{Key: "conversations_reopened", Unit: Count, Better: Lower, Anchor: "open", Dims: dimsOpened, Measure: mReopened},
	{Key: "conversations_assigned", Unit: Count, Better: Higher, Anchor: "assignment", Dims: dimsHands, Measure: mAssigned},
	{Key: "conversations_handled", Unit: Count, Better: Higher, Anchor: "first message of the agent in it", Dims: dimsHands, Measure: mHandled},
	{Key: "transfers", Unit: Count, Better: Lower, Anchor: "assignment", Dims: dimsHands, Measure: mTransfers},
	{Key: "first_response", Unit: Seconds, Better: Lower, Anchor: "the reply", Dims: dimsReply, Measure: mFirst, Twin: true, Waits: true},
	{Key: "first_response_any", Unit: Seconds, Better: Lower, Anchor: "the reply", Dims: dimsReply, Measure: mFirstAny, Twin: true, Waits: true},
	{Key: "response_time", Unit: Seconds, Better: Lower, Anchor: "the reply", Dims: dimsReply, Measure: mResponse, Twin: true, Waits: true},
	{Key: "resolution_time", Unit: Seconds, Better: Lower, Anchor: "close", Dims: dimsClosed, Measure: mResolution, Twin: true, Waits: true},
	{Key: "conversations_unanswered", Unit: Count, Better: Lower, Anchor: "close", Dims: dimsClosed, Measure: mUnanswered},
	{Key: "time_to_assignment", Unit: Seconds, Better: Lower, Anchor: "assignment", Dims: dimsHands, Measure: mAssignment, Twin: true, Waits: true},
	{Key: "answered_in_target", Unit: Share, Better: Higher, Anchor: "the reply, or when the target ran out", Dims: dimsReply, Num: mInTarget, Den: mTargeted, Waits: true},
	{Key: "missed_windows", Unit: Count, Better: Lower, Anchor: "window end", Dims: dimsChannel, Measure: mMissed},
	{Key: "contacts_added", Unit: Count, Better: Higher, Anchor: "first seen", Dims: dimsContact, Measure: mAdded},
	{Key: "contacts_deleted", Unit: Count, Better: Lower, Anchor: "event", Measure: mDeleted},
	{Key: "contacts_merged", Unit: Count, Better: Neither, Anchor: "event", Measure: mMerged},
	{Key: "contacts_new", Unit: Count, Better: Higher, Anchor: "open", Dims: dimsOpened, Measure: mNew},
	{Key: "contacts_returning", Unit: Count, Better: Higher, Anchor: "open", Dims: dimsOpened, Measure: mReturning},
	{Key: "contact_reply_rate", Unit: Share, Better: Higher, Anchor: "first outreach", Dims: dimsContact, Num: mReached, Den: mReach},
	{Key: "comments", Unit: Count, Better: Higher, Anchor: "event", Dims: dimsComment, Measure: mComments},
	{Key: "conversations_open", Unit: Count, Better: Lower, Anchor: "now", Dims: dimsHands, Measure: NoMeasure, Stock: true},
	{Key: "conversations_waiting", Unit: Count, Better: Lower, Anchor: "now", Dims: dimsHands, Measure: NoMeasure, Stock: true},
	{Key: "conversations_unassigned", Unit: Count, Better: Lower, Anchor: "now", Dims: dimsHands, Measure: NoMeasure, Stock: true},
	{Key: "longest_wait", Unit: Seconds, Better: Lower, Anchor: "now", Dims: dimsHands, Measure: NoMeasure, Stock: true},
	{Key: "windows_expiring", Unit: Count, Better: Lower, Anchor: "now", Dims: dimsHands, Measure: NoMeasure, Stock: true},
})

// withTwins adds the twin in business time after each metric that has one.
func withTwins(list []Metric) []Metric {
	var out []Metric
	for _, m := range list {
		out = append(out, m)
		if m.Twin {
			b := m
			b.Key, b.Measure, b.Twin, b.Business = m.Key+"_business", m.Measure+1, false, true
			out = append(out, b)
		}
	}
	return out
}

var byKey = func() map[string]*Metric {
	m := map[string]*Metric{}
	for i := range catalogue {
		m[catalogue[i].Key] = &catalogue[i]
	}
	return m
}()

// Catalogue returns every metric, in the order of the catalogue.
func Catalogue() []Metric { return append([]Metric(nil), catalogue...) }

// MetricOf returns the metric of a key.
func MetricOf(key string) (Metric, bool) {
	if m, ok := byKey[key]; ok {
		return *m, true
	}
	return Metric{}, false
}

// Fits reports whether the metric can be broken down by d or filtered on it.
func (m Metric) Fits(d Dim) bool {
	if d.Time() {
		return !m.Stock
	}
	return m.Dims.Has(d)
}
