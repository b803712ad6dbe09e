package models

import "errors"

// Promise says what an outgoing message promises when its outcome is unclear
// (push.md; docs/adr on sending).
type Promise string

// Once: at most once (digests). Must: at least once, a repeat is labelled
// (alerts). Reply: at most twice (answers).
const (
	Once  Promise = "once"
	Must  Promise = "must"
	Reply Promise = "reply"
)

// State is where an outgoing message stands.
type State string

// The states of an outgoing message. Unknown: its outcome is open. Unconfirmed:
// nobody waits for its outcome any more, but a status that comes late still
// lifts it. Failed: WhatsApp said so. Dead: given up, or never tried.
const (
	Planned     State = "planned"
	Attempting  State = "attempting"
	Accepted    State = "accepted"
	Sent        State = "sent"
	Delivered   State = "delivered"
	Read        State = "read"
	Unknown     State = "unknown"
	Unconfirmed State = "unconfirmed"
	Failed      State = "failed"
	Dead        State = "dead"
)

// MostAttempts is how many requests are begun for one message, at most.
const MostAttempts = 5

// How long an unclear outcome is waited for, in ms (reliability reference, §2).
const (
	waitOnce  = 15 * 60_000
	waitMust  = 2 * 60_000
	waitReply = 30_000
)

// Outgoing is one message to one person: an intention first, then whatever
// became of it. The row is committed as attempting before any byte leaves.
type Outgoing struct {
	ID        int64  `gorm:"primaryKey;autoIncrement:false"`
	Key       string `gorm:"column:source_key"` // reply/<wamid>, digest/<id>/<date>, alert/…
	Part      int    // 1, 2, …
	To        string `gorm:"column:recipient"` // E.164, or a user id
	Person    string
	Channel   string // the number it leaves from
	Class     Promise
	State     State
	Attempts  int
	Via       string // text, buttons, list, image, document, template
	WAMID     string `gorm:"column:wamid"`
	Intent    string // names the row towards WhatsApp; the same in all attempts
	Opaque    string // biz_opaque_callback_data of the last attempt
	Payload   []byte // what to send, in the sender's own form
	CreatedAt int64  `gorm:"autoCreateTime:false"`
	DueAt     int64  // planned: not before; unknown: when the waiting ends
	// AttemptedAt is when the last request began.
	AttemptedAt int64
	SentAt      int64 // when WhatsApp accepted or sent it
	Doubtful    bool  // an attempt's outcome was unclear: the next copy may be the second
	Reason      string
}

// ViaTemplate is the route that is open outside the 24 hour window.
const ViaTemplate = "template"

// Begin makes the row an attempt; opaque is that of the attempt.
func (o *Outgoing) Begin(now int64, opaque string) {
	o.State, o.Attempts, o.AttemptedAt, o.Opaque, o.Reason = Attempting, o.Attempts+1, now, opaque, ""
}

// Outcome is how a request ended, as far as can be known.
type Outcome uint8

// Taken: WhatsApp has it. Refused: surely not sent. Unclear: it may have been.
const (
	Taken Outcome = iota
	Refused
	Unclear
)

// Result is the outcome of a request and what to do about a refusal.
type Result struct {
	Outcome  Outcome
	WAMID    string
	Reason   string // for people; no names, numbers or message text
	Retry    bool   // refused: try again after Delay ms
	Delay    int64
	Template bool  // refused: the window is closed, send the template
	Broken   bool  // the way to WhatsApp, or the number, is at fault, not the message
	Halt     int64 // the number rests for so long, in ms
}

// Settle records how the attempt ended. A clear outcome that comes while the
// attempt is in doubt ends the doubt.
func (o *Outgoing) Settle(r Result, now int64) {
	if o.State != Attempting && (o.State != Unknown || r.Outcome == Unclear) { // a status webhook was quicker
		if o.WAMID == "" {
			o.WAMID = r.WAMID
		}
		return
	}
	switch {
	case r.Outcome == Taken:
		o.State, o.WAMID, o.SentAt, o.Reason = Accepted, r.WAMID, now, ""
	case r.Outcome == Unclear:
		o.doubt(now)
		o.Reason = r.Reason
	default:
		o.refused(r, now)
	}
}

func (o *Outgoing) refused(r Result, now int64) {
	switch {
	case o.Attempts >= MostAttempts:
		o.State, o.Reason = Dead, r.Reason
	case r.Template && o.Via != ViaTemplate:
		o.State, o.Via, o.DueAt = Planned, ViaTemplate, now
	case r.Retry:
		o.State, o.DueAt = Planned, now+r.Delay
	default:
		o.State, o.Reason = Dead, r.Reason
	}
}

// doubt begins the waiting for a status that settles an unclear outcome.
func (o *Outgoing) doubt(now int64) {
	wait := int64(waitOnce)
	switch o.Class {
	case Must:
		wait = waitMust
	case Reply:
		wait = waitReply
	}
	o.State, o.DueAt, o.Doubtful = Unknown, now+wait, true
}

// Orphan settles an attempt whose sender is gone: its outcome is unclear, and
// it is never simply sent again.
func (o *Outgoing) Orphan(now int64) {
	if o.State == Attempting {
		o.doubt(now)
		o.Reason = "the sender stopped while sending"
	}
}

// Overdue ends the waiting of a row whose outcome is still open: a digest is
// given up, an alert is sent again up to three times in all, an answer once
// more while the window is open.
func (o *Outgoing) Overdue(now int64, windowOpen bool) {
	again := o.Class == Must && o.Attempts < 3 || o.Class == Reply && o.Attempts < 2 && windowOpen
	if again && o.Attempts < MostAttempts {
		o.State, o.DueAt = Planned, now
		return
	}
	o.State, o.Reason = Unconfirmed, "WhatsApp did not say whether it was sent"
}

// Receipt is a status webhook about one of our own messages.
type Receipt struct {
	Intent  string
	Attempt int
	Status  State // Sent, Delivered, Read or Failed
	At      int64
	WAMID   string
	Reason  string // failed
	Result  Result // failed: what to do about it
}

// rank orders what is known of a message; statuses never move backwards.
func (s State) rank() int {
	switch s {
	case Accepted:
		return 1
	case Sent:
		return 2
	case Failed:
		return 3
	case Delivered:
		return 4
	case Read:
		return 5
	}
	return 0
}

// Hear applies a receipt and reports whether it changed anything.
func (o *Outgoing) Hear(r Receipt, now int64) bool {
	if r.Status == Failed {
		return o.hearFailure(r, now)
	}
	if r.Status.rank() <= o.State.rank() || r.Status == Sent && o.superseded(r) {
		return false
	}
	o.State, o.Reason = r.Status, ""
	o.name(r)
	if o.SentAt == 0 || r.At < o.SentAt {
		o.SentAt = r.At
	}
	return true
}

// name notes the id of the copy that the state tells of.
func (o *Outgoing) name(r Receipt) {
	if r.WAMID != "" {
		o.WAMID = r.WAMID
	}
}

// superseded reports whether the receipt is of a copy that failed: one whose id
// is known although the state does not tell of it.
func (o *Outgoing) superseded(r Receipt) bool {
	return r.WAMID != "" && r.WAMID == o.WAMID && (r.Attempt < o.Attempts || o.State.rank() == 0)
}

// hearFailure sends by template what failed because the window was closed;
// other failures are final. Of the failure of a copy that the state does not
// tell of, its id is noted.
func (o *Outgoing) hearFailure(r Receipt, now int64) bool {
	if Failed.rank() <= o.State.rank() {
		return false
	}
	known := r.WAMID == o.WAMID
	current := r.Attempt == o.Attempts || o.State == Sent && r.WAMID != "" && known
	if !current || o.State == Planned || o.State == Dead {
		if o.State.rank() == 0 {
			o.name(r)
		}
		return !known && o.State.rank() == 0
	}
	o.name(r)
	if r.Result.Template && o.Via != ViaTemplate && o.Attempts < MostAttempts {
		o.State, o.Via, o.DueAt, o.Reason = Planned, ViaTemplate, now, ""
		return true
	}
	o.State, o.Reason = Failed, r.Reason
	return true
}

// Command is what a person of the business wrote to the bot's number.
type Command struct {
	ID         int64 `gorm:"primaryKey;autoIncrement:false"`
	Channel    string
	WAMID      string `gorm:"column:wamid"`
	Phone      string // digits; "" when WhatsApp shows only a user id
	UserID     string
	Name       string
	At         int64 // the provider's time
	ReceivedAt int64
	Kind       string
	Text       string
	Payload    string // of the button or list row that was tapped
	ReplyTo    string // wamid it answers
	Forwarded  bool
	Identity   string // hash of the sender's key
	Done       bool
}

// ErrMoved is returned when a row is no longer as it was read.
var ErrMoved = errors.New("the message was changed meanwhile")
