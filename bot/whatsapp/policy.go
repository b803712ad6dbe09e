package whatsapp

import "time"

// Action is what Meta's table advises after an error.
type Action uint8

// Actions. What to do about the one message comes first, what to do about the
// channel or the person after it.
const (
	// Retry the same message after Backoff, if the outcome allows it.
	Retry Action = iota + 1
	// UseTemplate: free-form is not possible; send an approved template.
	UseTemplate
	// OtherTemplate: this template cannot go out; take another or another language.
	OtherTemplate
	// UsePhone: the same message to the phone number instead of the user id.
	UsePhone
	// GiveUp: this message will not go out; others may.
	GiveUp
	// Bug: the request was malformed; a person who programs must look.
	Bug
	// DropRecipient: this person cannot or does not want to be reached.
	DropRecipient
	// SuspendRecipient: the account behind the number is another one now; its
	// rights end until it enrols again.
	SuspendRecipient
	// Misconfigured: the recipient or the number is set up wrongly; tell the operator.
	Misconfigured
	// StopChannel: nothing goes out over this number until an operator acts.
	StopChannel
)

// String names the action.
func (a Action) String() string {
	names := [...]string{"none", "retry", "use template", "other template", "use phone", "give up", "bug",
		"drop recipient", "suspend recipient", "misconfigured", "stop channel"}
	return names[min(a, StopChannel)]
}

// Backoff is a class of waiting times before a retry.
type Backoff uint8

// Classes of waiting.
const (
	NoBackoff Backoff = iota
	Quick             // 2, 4, 8 … at most 60 s
	Pair              // 4ⁿ s, for this recipient only, at most 1 h
	Minutes           // 1, 2, 4 … at most 30 min
)

// Delay returns how long to wait after the attempts made so far (1 = after the
// first); 0 for NoBackoff.
func (b Backoff) Delay(attempts int) time.Duration {
	n := min(max(attempts, 1), 10)
	switch b {
	case Quick:
		return min(time.Second<<n, time.Minute)
	case Pair:
		return min(time.Second<<(2*n), time.Hour)
	case Minutes:
		return min(time.Minute<<(n-1), 30*time.Minute)
	}
	return 0
}

// Policy is one row's advice.
type Policy struct {
	Action  Action
	Backoff Backoff // for Retry
	Meaning string  // the code in a few words, for engineers
}

// rule is one row of cloudapi.md §4: a code, or a span of codes.
type rule struct {
	first, last int
	Policy
}

func one(code int, action Action, meaning string) rule {
	return rule{code, code, Policy{action, NoBackoff, meaning}}
}

func retry(code int, wait Backoff, meaning string) rule {
	return rule{code, code, Policy{Retry, wait, meaning}}
}

// rules is the table of cloudapi.md §4, one row a code; never written to.
var rules = []rule{
	one(0, StopChannel, "token invalid"),
	one(190, StopChannel, "token invalid or expired"),
	one(3, StopChannel, "permission missing"),
	one(10, StopChannel, "permission missing"),
	{200, 299, Policy{StopChannel, NoBackoff, "permission missing"}},
	one(131005, StopChannel, "permission missing"),
	retry(4, Minutes, "application's call limit"),
	retry(80007, Minutes, "account's call limit"),
	retry(130429, Quick, "number's throughput reached"),
	retry(131056, Pair, "too many messages to this person"),
	one(131048, GiveUp, "spam limit of the number"),
	one(131064, GiveUp, "template classification limit"),
	one(131047, UseTemplate, "24 h window closed"),
	one(131026, DropRecipient, "undeliverable: not on WhatsApp or too old an app"),
	one(131049, GiveUp, "marketing limit of this person"),
	one(131050, DropRecipient, "person stopped marketing messages"),
	one(130472, GiveUp, "held out by an experiment of Meta"),
	one(130403, DropRecipient, "person is blocked by the business"),
	one(130497, DropRecipient, "country not allowed"),
	one(131021, Misconfigured, "recipient is the sender"),
	one(131030, Misconfigured, "recipient not in the test number's list"),
	one(131031, StopChannel, "account locked"),
	one(368, StopChannel, "account blocked for policy"),
	one(131042, StopChannel, "payment missing"),
	one(131044, StopChannel, "payment missing"),
	one(131045, StopChannel, "number's registration incomplete"),
	one(133010, StopChannel, "number not registered"),
	one(131037, StopChannel, "number's display name not approved"),
	one(131051, Bug, "message type not supported"),
	one(131052, Bug, "media could not be downloaded"),
	one(131053, Bug, "media could not be uploaded"),
	retry(131057, Minutes, "number under maintenance"),
	one(131060, GiveUp, "message not available"),
	one(131062, UsePhone, "user id not allowed for this message"),
	one(132000, Bug, "template parameters do not match in number"),
	one(132012, Bug, "template parameters do not match in format"),
	one(132018, Bug, "template parameter holds a forbidden character"),
	one(132001, OtherTemplate, "template missing in that language"),
	one(132005, OtherTemplate, "template too long once filled"),
	one(132007, OtherTemplate, "template against policy"),
	one(132015, OtherTemplate, "template paused"),
	one(132016, OtherTemplate, "template disabled"),
	one(137000, SuspendRecipient, "person's identity key changed"),
	one(100, Bug, "bad parameter"),
	one(33, Bug, "no such object"),
	one(131008, Bug, "parameter missing"),
	one(131009, Bug, "parameter value not valid"),
	one(135000, Bug, "bad parameter"),
	retry(1, Quick, "temporary fault at Meta"),
	retry(2, Quick, "temporary fault at Meta"),
	retry(131000, Quick, "unknown fault at Meta"),
	retry(131016, Quick, "service overloaded"),
	retry(133004, Quick, "server away for a while"),
	one(139200, UseTemplate, "Direct Send blocked"),
	{2593107, 2593109, Policy{GiveUp, NoBackoff, "history sync limited or declined"}},
}

// PolicyOf returns the advice for a code, as it comes with a rejected call or
// in a failed status (the same codes come both ways); GiveUp for one that the
// table does not know.
func PolicyOf(code int) Policy {
	for _, r := range rules {
		if r.first <= code && code <= r.last {
			return r.Policy
		}
	}
	return unknownCode
}

var unknownCode = Policy{GiveUp, NoBackoff, "a code that this version does not know"}

// Policy returns what to do. A Retry is free only when Outcome is SurelyNotSent.
func (e *Error) Policy() Policy {
	switch e.Kind {
	case Refused:
		return Policy{Bug, NoBackoff, "refused before sending"}
	case Rejected:
		return e.advice()
	}
	return Policy{Retry, Quick, "network"}
}

func (e *Error) advice() Policy {
	p := PolicyOf(e.Code)
	switch {
	case e.Direct && e.Code == 100:
		return Policy{UseTemplate, NoBackoff, "Direct Send not open to this account"}
	case p != unknownCode:
		return p
	case e.HTTPStatus == 401 || e.HTTPStatus == 403:
		return Policy{StopChannel, NoBackoff, "not allowed"}
	case e.Transient || e.HTTPStatus == 429 || e.HTTPStatus >= 500:
		return Policy{Retry, Minutes, p.Meaning}
	}
	return p
}
