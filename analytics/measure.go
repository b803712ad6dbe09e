package analytics

// Measure is one summable number kept in the cells. A metric of the catalogue
// is a measure, or is worked out from several.
type Measure uint8

// The measures, by the group of cells they stand in.
const (
	mReceived Measure = iota

	mSent
	mDelivered
	mRead
	mFailed
	mNoReceipt
	mInWindow
	mOutWindow
	mBillable

	mFailure // mFailed once more, by error

	mOpened
	mReopened
	mNew

	mClosed
	mUnanswered
	mResolution
	mResolutionOpen

	mFirst
	mFirstOpen
	mFirstAny
	mFirstAnyOpen
	mResponse
	mResponseOpen
	mInTarget
	mTargeted

	mAssigned
	mHandled
	mTransfers
	mAssignment
	mAssignmentOpen

	mMissed

	mAdded
	mDeleted
	mMerged

	mReturning
	mReach
	mReached

	mComments

	measures
)

// nature says how a measure is summed.
type nature uint8

const (
	counts    nature = iota // occurrences
	durations               // ms: n, sum, largest, bins
	distinct                // occurrences by the day of the previous one, to count each entity once
)

func (m Measure) nature() nature {
	switch m {
	case mResolution, mResolutionOpen, mFirst, mFirstOpen, mFirstAny, mFirstAnyOpen, mResponse, mResponseOpen, mAssignment, mAssignmentOpen:
		return durations
	case mReturning, mReach, mReached:
		return distinct
	}
	return counts
}

// Group is a family of measures that share their dimensions and so their cells.
type Group uint8

// The groups: customer messages, business messages, failures by error,
// openings, closes, replies, hand-overs, missed windows, contacts come and gone,
// contacts that come back, outreach, comments.
const (
	GroupReceived Group = iota
	GroupSent
	GroupFailure
	GroupOpened
	GroupClosed
	GroupReply
	GroupHands
	GroupMissed
	GroupContacts
	GroupReturning
	GroupReach
	GroupComments
	groups
)

type groupShape struct {
	first, last Measure // inclusive
	dims        DimSet
}

// width is how many measures the group has.
func (s *groupShape) width() int { return int(s.last-s.first) + 1 }

var groupShapes = [groups]groupShape{
	GroupReceived:  {mReceived, mReceived, Set(ByAgent, ByChannel, ByType, BySource)},
	GroupSent:      {mSent, mBillable, Set(ByAgent, ByChannel, ByType, BySender, ByTemplate, ByPricing)},
	GroupFailure:   {mFailure, mFailure, Set(ByAgent, ByChannel, ByType, BySender, ByTemplate, ByPricing, ByError)},
	GroupOpened:    {mOpened, mNew, Set(ByAgent, ByChannel, ByOpener, ByContactKind, BySource)},
	GroupClosed:    {mClosed, mResolutionOpen, Set(ByAgent, ByChannel, ByCloser, ByCategory, ByContactKind)},
	GroupReply:     {mFirst, mTargeted, Set(ByAgent, ByChannel, ByContactKind, ByOpener)},
	GroupHands:     {mAssigned, mAssignmentOpen, Set(ByAgent, ByChannel)},
	GroupMissed:    {mMissed, mMissed, Set(ByChannel)},
	GroupContacts:  {mAdded, mMerged, Set(BySource, ByChannel)},
	GroupReturning: {mReturning, mReturning, 0},
	GroupReach:     {mReach, mReached, Set(BySource)},
	GroupComments:  {mComments, mComments, Set(ByAgent, ByChannel)},
}

var groupOf = func() (of [measures]Group) {
	for g, shape := range groupShapes {
		for m := shape.first; m <= shape.last; m++ {
			of[m] = Group(g)
		}
	}
	return of
}()

// Tier is one level of detail at which a group's cells are kept.
type Tier uint8

const (
	tierWhole     Tier = iota // no dimensions
	tierOthers                // every dimension but the agent
	tierAgentDays             // the agent only, whole days
	tierAgent                 // the agent only
	tierFull                  // every dimension
	tiers
)

// dims returns the dimensions of the group's cells in the tier, and whether
// the group keeps that tier.
func (g Group) dims(t Tier) (DimSet, bool) {
	full := groupShapes[g].dims
	agent := full & Set(ByAgent)
	switch t {
	case tierWhole:
		return 0, true
	case tierOthers:
		return full &^ agent, agent != 0 && full != agent
	case tierAgentDays:
		return agent, agent != 0
	case tierAgent:
		return agent, agent != 0 && full != agent
	default:
		return full, full != 0
	}
}

// slotted reports whether cells of the tier tell the quarter hours apart.
func (t Tier) slotted() bool { return t != tierAgentDays }

// FailuresByError is messages_failed where errors are told apart.
const FailuresByError = mFailure

// GroupOf returns the group of cells that a measure stands in.
func GroupOf(m Measure) Group { return groupOf[m] }

// LagOf returns how long after its moment a measure is known, in ms.
func LagOf(m Measure) int64 {
	if m == mNoReceipt {
		return day24h + 1
	}
	return 0
}

// Pending reports whether time alone brings the measure about, so that it may
// lie in the future: the moment stands in the cells before it has come.
func Pending(m Measure) bool {
	g := groupOf[m]
	return g == GroupClosed || g == GroupMissed || m == mTargeted
}

// OncePerConversation reports whether a row or a total counts a conversation
// once, however often it contributes (metrics.md: handled, assigned).
func OncePerConversation(m Measure) bool { return m == mAssigned || m == mHandled }

// OncePerContact reports whether a row or a total counts a contact once.
func OncePerContact(m Measure) bool { return m < measures && m.nature() == distinct }

// NeedsEarlier reports, for a measure that counts contacts once, whether it
// counts those with an earlier occurrence only.
func NeedsEarlier(m Measure) bool { return m == mReturning }

// RepliedOutreach counts those of them that the customer answered in time.
const RepliedOutreach = mReached
