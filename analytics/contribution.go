package analytics

import "pulso/models"

// Contribution is what one message, conversation, contact or fact adds to one
// measure. Every figure is a sum of contributions.
type Contribution struct {
	Measure Measure
	At      int64 // the moment it belongs to, which may lie in the future
	Dims    Dims
	Value   int64 // ms for durations, 1 otherwise
	Prev    int64 // distinct measures: the same entity's previous moment, 0 none
}

// Rules are the settings that decide what a figure is. A change of rules
// changes the past, and so wants a rebuild.
type Rules struct {
	Zone           Zone
	Hours          Hours
	IdleClose      int64 // ms of silence that close a conversation
	InboxIdleClose int64 // the same for conversations that their source opened
	Target         int64 // ms within which a first response counts as in target
}

const (
	hour   = int64(3_600_000)
	day24h = 24 * hour
)

// contact kinds
const (
	KindNew       = "new"
	KindReturning = "returning"
)

func contactKind(first bool) string {
	if first {
		return KindNew
	}
	return KindReturning
}

// OfMessage emits what a placed message contributes.
func (r *Rules) OfMessage(p *models.Placed, emit func(Contribution)) {
	switch p.Dir {
	case models.In:
		r.ofReceived(p, emit)
	case models.Out:
		r.ofSent(p, emit)
		r.ofReply(p, emit)
		ofOutreach(p, emit)
	}
}

func (r *Rules) ofReceived(p *models.Placed, emit func(Contribution)) {
	c := Contribution{Measure: mReceived, At: p.At(), Value: 1}
	c.Dims[ByAgent], c.Dims[ByChannel], c.Dims[ByType], c.Dims[BySource] = p.Credited, p.Channel, p.Kind, p.Source
	emit(c)
}

func (r *Rules) ofSent(p *models.Placed, emit func(Contribution)) {
	class := p.Class()
	c := Contribution{At: p.At(), Value: 1}
	c.Dims[ByAgent], c.Dims[ByChannel], c.Dims[ByType] = p.Credited, p.Channel, p.Kind
	c.Dims[BySender], c.Dims[ByTemplate], c.Dims[ByPricing] = string(class), p.Template, p.PriceCategory
	add := func(m Measure, holds bool) {
		if holds {
			c.Measure = m
			emit(c)
		}
	}
	delivered := p.Delivered()
	add(mSent, true)
	add(mDelivered, delivered)
	add(mRead, p.ReadAt != 0)
	add(mFailed, p.Failed())
	add(mNoReceipt, !delivered && p.FailedAt == 0 && class != models.ClassPhone)
	add(mInWindow, p.InWindow)
	add(mOutWindow, !p.InWindow)
	add(mBillable, delivered && (p.PriceType == "regular" || p.PriceType == "" && p.Billable))
	if p.Failed() {
		c.Dims[ByError] = p.Error
		add(mFailure, true)
	}
}

func (r *Rules) ofReply(p *models.Placed, emit func(Contribution)) {
	if p.WaitedFrom == 0 {
		return
	}
	var d Dims
	d[ByAgent], d[ByChannel], d[ByContactKind], d[ByOpener] = p.Credited, p.Channel, contactKind(p.First), p.OpenedBy
	r.duration(mResponse, p.WaitedFrom, p.At(), d, emit)
}

func ofOutreach(p *models.Placed, emit func(Contribution)) {
	if !p.Outreach {
		return
	}
	c := Contribution{Measure: mReach, At: p.At(), Value: 1, Prev: p.PrevReach}
	c.Dims[BySource] = p.Source
	emit(c)
	if p.RepliedAt != 0 {
		c.Measure = mReached
		emit(c)
	}
}

// duration emits a duration and, where a schedule is set, its twin in business
// time, which is the next measure.
func (r *Rules) duration(m Measure, from, to int64, d Dims, emit func(Contribution)) {
	emit(Contribution{Measure: m, At: to, Dims: d, Value: to - from})
	if open, ok := r.Hours.Business(r.Zone, from, to); ok {
		emit(Contribution{Measure: m + 1, At: to, Dims: d, Value: open})
	}
}

// OfConversation emits what a conversation contributes.
func (r *Rules) OfConversation(c *models.Conversation, emit func(Contribution)) {
	r.ofOpening(c, emit)
	r.ofClose(c, emit)
	r.ofFirst(c, emit)
	r.ofHands(c, emit)
	for _, at := range c.Missed {
		m := Contribution{Measure: mMissed, At: at + day24h, Value: 1}
		m.Dims[ByChannel] = c.Channel
		emit(m)
	}
}

func (r *Rules) ofOpening(c *models.Conversation, emit func(Contribution)) {
	open := OpenOf(c)
	o := Contribution{Measure: mOpened, At: c.OpenedAt, Dims: open.Dims(), Value: 1}
	emit(o)
	if c.Reopened {
		o.Measure = mReopened
		emit(o)
	}
	if c.First {
		o.Measure = mNew
		emit(o)
	}
	emit(Contribution{Measure: mReturning, At: c.OpenedAt, Value: 1, Prev: c.PrevOpenedAt})
}

func (r *Rules) ofClose(c *models.Conversation, emit func(Contribution)) {
	d := Contribution{Measure: mClosed, At: c.ClosedAt, Value: 1}
	d.Dims[ByChannel], d.Dims[ByCloser], d.Dims[ByCategory], d.Dims[ByContactKind] = c.Channel, c.ClosedBy, c.Category, contactKind(c.First)
	closer := c.Closer
	if closer == "" {
		closer = c.Assignee
	}
	d.Dims[ByAgent] = closer
	emit(d)
	until := c.ClosedAt
	if c.ClosedBy == models.ByTimeout {
		until = c.LastHumanAt
	}
	if until != 0 {
		r.resolution(c, until, d.Dims, emit)
	}
	if c.FirstCustomerAt != 0 && !c.Answered() {
		d.Measure, d.Dims[ByAgent] = mUnanswered, c.Assignee
		emit(d)
	}
}

// resolution is anchored at the close, even where it is measured to an earlier
// moment.
func (r *Rules) resolution(c *models.Conversation, until int64, d Dims, emit func(Contribution)) {
	r.duration(mResolution, c.OpenedAt, until, d, func(x Contribution) {
		x.At = c.ClosedAt
		emit(x)
	})
}

func (r *Rules) ofFirst(c *models.Conversation, emit func(Contribution)) {
	if c.FirstCustomerAt == 0 {
		return
	}
	var d Dims
	d[ByChannel], d[ByContactKind], d[ByOpener] = c.Channel, contactKind(c.First), c.OpenedBy
	if c.FirstAnyAt != 0 {
		d[ByAgent] = c.FirstAnyBy
		r.duration(mFirstAny, c.FirstCustomerAt, c.FirstAnyAt, d, emit)
	}
	if !c.Answered() {
		d[ByAgent] = c.Assignee
		// "older than the target": the target has run out the moment after.
		emit(Contribution{Measure: mTargeted, At: c.FirstCustomerAt + r.Target + 1, Dims: d, Value: 1})
		return
	}
	d[ByAgent] = c.FirstReplyBy
	r.duration(mFirst, c.FirstCustomerAt, c.FirstReplyAt, d, emit)
	emit(Contribution{Measure: mTargeted, At: c.FirstReplyAt, Dims: d, Value: 1})
	if c.FirstReplyAt-c.FirstCustomerAt <= r.Target {
		emit(Contribution{Measure: mInTarget, At: c.FirstReplyAt, Dims: d, Value: 1})
	}
}

func (r *Rules) ofHands(c *models.Conversation, emit func(Contribution)) {
	var d Dims
	d[ByChannel] = c.Channel
	first := true
	for _, a := range c.Assignments {
		if a.Agent == "" {
			continue
		}
		d[ByAgent] = a.Agent
		emit(Contribution{Measure: mAssigned, At: a.At, Dims: d, Value: 1})
		if first {
			r.duration(mAssignment, c.OpenedAt, a.At, d, emit)
		}
		if a.From != "" && a.From != a.Agent {
			emit(Contribution{Measure: mTransfers, At: a.At, Dims: d, Value: 1})
		}
		first = false
	}
	for _, h := range c.Handlers {
		d[ByAgent] = h.Agent
		emit(Contribution{Measure: mHandled, At: h.At, Dims: d, Value: 1})
	}
}

// OfContact emits what a contact contributes.
func (r *Rules) OfContact(c *models.Contact, emit func(Contribution)) {
	if c.FirstSeenAt == 0 {
		return
	}
	a := Contribution{Measure: mAdded, At: c.FirstSeenAt, Value: 1}
	a.Dims[BySource], a.Dims[ByChannel] = c.Source, c.Channel
	emit(a)
}

// OfFact emits what a stored event contributes by itself; roster resolves its agent.
func (r *Rules) OfFact(f *models.Fact, source string, roster *Roster, emit func(Contribution)) {
	c := Contribution{At: f.At, Value: 1}
	c.Dims[ByChannel] = f.Channel
	switch f.Kind {
	case models.CommentAdded:
		c.Measure, c.Dims[ByAgent] = mComments, roster.Key(f.Agent)
	case models.ContactDeleted:
		c.Measure, c.Dims[BySource] = mDeleted, source
	case models.ContactMerged:
		c.Measure, c.Dims[BySource] = mMerged, source
	default:
		return
	}
	emit(c)
}
