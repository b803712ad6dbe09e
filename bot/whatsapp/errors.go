package whatsapp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Kind says at which point a call failed.
type Kind uint8

// Kinds, in the order of a call's life.
const (
	// Refused: Check refused the message, or it could not be put on the wire.
	Refused Kind = iota + 1
	// Unreachable: no name, no connection, no TLS, or no time; nothing left.
	Unreachable
	// Unanswered: the request may have left and no complete answer came.
	Unanswered
	// Unreadable: an answer came that is none of the Graph API's.
	Unreadable
	// Rejected: the Graph API answered with its error object.
	Rejected
)

// String names the kind.
func (k Kind) String() string {
	return [...]string{"none", "refused here", "not reached", "no answer", "unreadable answer", "rejected"}[min(k, Rejected)]
}

// Outcome says what is known about a message whose send failed.
type Outcome uint8

// Outcomes. There is none for "sent": that is a nil error.
const (
	// SurelyNotSent: a retry cannot double the message.
	SurelyNotSent Outcome = iota + 1
	// Ambiguous: it may have been sent; only a status webhook can tell.
	Ambiguous
)

// String names the outcome.
func (o Outcome) String() string {
	return [...]string{"none", "surely not sent", "ambiguous"}[min(o, Ambiguous)]
}

// Error is what every method of Client returns when it fails. Its text holds
// codes and words of this package only; Title and Details are Meta's words and
// may name templates or parameters, so they are for an administrator's eyes.
type Error struct {
	Op         string // the call, as in "send"
	Kind       Kind
	Outcome    Outcome
	Code       int // Meta's error code, when Kind is Rejected
	Subcode    int
	HTTPStatus int           // 0 when there was no answer
	Title      string        // Meta's message without its "(#code)"
	Details    string        // Meta's details
	Trace      string        // fbtrace_id, which Meta's support asks for
	RetryAfter time.Duration // from the Retry-After header; 0 = not said
	Transient  bool          // Meta says that it will pass
	Direct     bool          // it was a Direct Send (utility without a template)

	err error
}

// Error describes the failure without anybody's number, name, text or token.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "whatsapp: %s: %s", e.Op, e.Kind)
	if e.Kind == Rejected {
		fmt.Fprintf(&b, " with code %d", e.Code)
		if e.Subcode != 0 {
			fmt.Fprintf(&b, "/%d", e.Subcode)
		}
		fmt.Fprintf(&b, " (%s)", e.Policy().Meaning)
	}
	if e.HTTPStatus != 0 {
		fmt.Fprintf(&b, ", HTTP %d", e.HTTPStatus)
	}
	if e.Trace != "" {
		fmt.Fprintf(&b, ", trace %s", e.Trace)
	}
	if e.err != nil {
		fmt.Fprintf(&b, ": %v", e.err)
	}
	return b.String()
}

// Unwrap returns the cause, if one is known.
func (e *Error) Unwrap() error { return e.err }

// Exists reports whether a template was refused because one of that name and
// language is there already.
func (e *Error) Exists() bool { return e.Kind == Rejected && e.Subcode == subcodeExists }

// subcodeExists is Meta's for "content in this language already exists".
const subcodeExists = 2388024

func refused(op string, err error) *Error {
	return &Error{Op: op, Kind: Refused, Outcome: SurelyNotSent, err: err}
}

func unanswered(op string, left bool, err error) *Error {
	if left {
		return &Error{Op: op, Kind: Unanswered, Outcome: Ambiguous, err: cause(err)}
	}
	return &Error{Op: op, Kind: Unreachable, Outcome: SurelyNotSent, err: cause(err)}
}

func unreadable(op string, status int, err error) *Error {
	return &Error{Op: op, Kind: Unreadable, Outcome: Ambiguous, HTTPStatus: status, err: err}
}

// cause strips the URL that net/http puts around errors.
func cause(err error) error {
	var about *url.Error
	if errors.As(err, &about) {
		return about.Err
	}
	return err
}

// graphError is the Graph API's error object (cloudapi.md §4).
type graphError struct {
	Error *struct {
		Message   string          `json:"message"`
		Code      *int            `json:"code"`
		Subcode   int             `json:"error_subcode"`
		Data      json.RawMessage `json:"error_data"`
		UserTitle string          `json:"error_user_title"`
		UserText  string          `json:"error_user_msg"`
		Trace     string          `json:"fbtrace_id"`
		Transient bool            `json:"is_transient"`
	} `json:"error"`
}

// rejected reads an answer that is no success. Only an error object with a 4xx
// is proof that nothing was sent; Meta uses 500 and 503 widely, also for
// messages that went out, and a page of some proxy proves nothing.
func rejected(op string, res *http.Response, data []byte, now time.Time) *Error {
	e := &Error{Op: op, Kind: Rejected, Outcome: Ambiguous, HTTPStatus: res.StatusCode, RetryAfter: retryAfter(res.Header, now)}
	var object graphError
	if json.Unmarshal(data, &object) != nil || object.Error == nil || object.Error.Code == nil {
		e.Kind = Unreadable
		return e
	}
	g := object.Error
	e.Code, e.Subcode, e.Trace, e.Transient = *g.Code, g.Subcode, g.Trace, g.Transient
	e.Title = firstOf(g.UserTitle, strings.TrimPrefix(g.Message, fmt.Sprintf("(#%d) ", e.Code)))
	e.Details = firstOf(details(g.Data), g.UserText)
	if res.StatusCode >= 400 && res.StatusCode < 500 {
		e.Outcome = SurelyNotSent
	}
	return e
}

// details reads error_data, which is an object for messages and at times a
// string for templates.
func details(data json.RawMessage) string {
	var object struct {
		Details string `json:"details"`
	}
	var text string
	if json.Unmarshal(data, &object) == nil {
		return object.Details
	}
	_ = json.Unmarshal(data, &text)
	return text
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// retryAfter reads the header in seconds or as a date; 0 when absent or past.
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(min(seconds, 86400)) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil && at.After(now) {
		return min(at.Sub(now), 24*time.Hour)
	}
	return 0
}
