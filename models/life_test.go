package models

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestNextState is the table of the machine: from a state, by an event, to a state.
func TestNextState(t *testing.T) {
	taken := func(o *Outgoing) { o.Settle(Result{Outcome: Taken, WAMID: "wamid.9"}, 50) }
	unclear := func(o *Outgoing) { o.Settle(Result{Outcome: Unclear, Reason: "no answer"}, 50) }
	refused := func(o *Outgoing) { o.Settle(Result{Outcome: Refused, Reason: "131026"}, 50) }
	retry := func(o *Outgoing) { o.Settle(Result{Outcome: Refused, Retry: true, Delay: 7}, 50) }
	closed := func(o *Outgoing) { o.Settle(Result{Outcome: Refused, Template: true}, 50) }
	orphan := func(o *Outgoing) { o.Orphan(50) }
	heard := func(s State) func(*Outgoing) {
		return func(o *Outgoing) { o.Hear(Receipt{Attempt: 1, Status: s, At: 40, WAMID: "wamid.9"}, 50) }
	}
	shut := func(o *Outgoing) {
		o.Hear(Receipt{Attempt: 1, Status: Failed, Reason: "131047", Result: Result{Template: true}}, 50)
	}
	for _, c := range []struct {
		from State
		what string
		by   func(*Outgoing)
		to   State
	}{
		{Attempting, "taken", taken, Accepted}, {Attempting, "unclear", unclear, Unknown},
		{Attempting, "refused for good", refused, Dead}, {Attempting, "refused for now", retry, Planned},
		{Attempting, "window closed", closed, Planned}, {Attempting, "orphaned", orphan, Unknown},
		{Attempting, "sent, before the response", heard(Sent), Sent}, {Attempting, "failed, before the response", heard(Failed), Failed},
		{Sent, "response after the status", taken, Sent}, {Delivered, "no response after the status", unclear, Delivered},
		{Failed, "response after the failure", taken, Failed}, {Planned, "response after 131047", taken, Planned},
		{Unknown, "taken after all", taken, Accepted}, {Unknown, "refused after all", refused, Dead}, {Unknown, "refused for now after all", retry, Planned},
		{Unknown, "unclear again", unclear, Unknown}, {Unconfirmed, "taken after all", taken, Unconfirmed},
		{Accepted, "orphaned", orphan, Accepted}, {Planned, "orphaned", orphan, Planned},
		{Accepted, "sent", heard(Sent), Sent}, {Accepted, "delivered", heard(Delivered), Delivered}, {Accepted, "read", heard(Read), Read},
		{Accepted, "failed", heard(Failed), Failed}, {Sent, "failed", heard(Failed), Failed}, {Sent, "window closed", shut, Planned},
		{Read, "delivered late", heard(Delivered), Read}, {Delivered, "sent late", heard(Sent), Delivered},
		{Delivered, "failed late", heard(Failed), Delivered}, {Delivered, "window closed late", shut, Delivered},
		{Failed, "sent late", heard(Sent), Failed}, {Failed, "delivered late", heard(Delivered), Delivered}, {Failed, "failed again", heard(Failed), Failed},
		{Unknown, "sent", heard(Sent), Sent}, {Unknown, "failed", heard(Failed), Failed}, {Unknown, "window closed", shut, Planned},
		{Unconfirmed, "sent late", heard(Sent), Sent}, {Unconfirmed, "read late", heard(Read), Read}, {Unconfirmed, "failed late", heard(Failed), Failed},
		{Dead, "read late", heard(Read), Read}, {Dead, "failed late", heard(Failed), Dead},
		{Planned, "sent before the repeat", heard(Sent), Sent}, {Planned, "failed before the repeat", heard(Failed), Planned},
	} {
		t.Run(string(c.from)+", "+c.what, func(t *testing.T) {
			o := &Outgoing{Class: Once, State: c.from, Via: "text", Attempts: 1}
			c.by(o)
			assert.Equal(t, c.to, o.State)
			if c.from == Attempting && c.to == Planned && c.what == "refused for now" {
				assert.Equal(t, int64(57), o.DueAt)
			}
			if c.to == Failed || c.to == Dead && c.from != Dead {
				assert.Equal(t, strings.HasPrefix(c.what, "refused"), o.Reason == "131026")
			}
		})
	}
}

func TestNoSixthRequest(t *testing.T) {
	assert.Equal(t, 5, MostAttempts)
	for _, r := range []Result{{Outcome: Refused, Retry: true, Reason: "130429"}, {Outcome: Refused, Template: true, Reason: "131047"}} {
		o := &Outgoing{Class: Must, State: Planned, Via: "text", Attempts: MostAttempts - 1}
		o.Begin(1, "a1.x.5.mac")
		o.Settle(r, 2)
		assert.Equal(t, Dead, o.State)
		assert.Equal(t, r.Reason, o.Reason)
	}
	o := &Outgoing{Class: Must, State: Accepted, Via: "text", Attempts: MostAttempts}
	o.Hear(Receipt{Attempt: MostAttempts, Status: Failed, Reason: "131047", Result: Result{Template: true}}, 3)
	assert.Equal(t, Failed, o.State)
}

func TestBeginForgetsTheReason(t *testing.T) {
	o := &Outgoing{State: Planned, Reason: "busy", Attempts: 1}
	o.Begin(9, "a1.x.2.mac")
	assert.Equal(t, &Outgoing{State: Attempting, Attempts: 2, AttemptedAt: 9, Opaque: "a1.x.2.mac"}, o)
}

// world is what really becomes of the copies of one message: WhatsApp's side,
// which the row must guess at.
type world struct {
	*rapid.T
	o      *Outgoing
	copies []copied // by attempt
	now    int64
	open   bool // an answer to the last request is awaited
}

type copied struct {
	has       bool // WhatsApp has it
	failed    bool // and told that it failed
	delivered bool
}

// arrived counts copies that the person has, or may yet get.
func (w *world) arrived() int {
	n := 0
	for _, c := range w.copies {
		if c.has && !c.failed {
			n++
		}
	}
	return n
}

// failed counts copies that WhatsApp called undeliverable.
func (w *world) failed() int {
	n := 0
	for _, c := range w.copies {
		if c.failed {
			n++
		}
	}
	return n
}

func (w *world) step() {
	w.now++
	switch w.o.State {
	case Planned:
		if rapid.Bool().Draw(w.T, "send") {
			w.o.Begin(w.now, fmt.Sprint("a1.x.", w.o.Attempts+1))
			w.copies = append(w.copies, copied{has: rapid.Bool().Draw(w.T, "reaches WhatsApp")})
			w.open = true
			return
		}
	case Attempting:
		if !w.open || rapid.IntRange(0, 5).Draw(w.T, "crash") == 0 {
			w.open = w.open && rapid.Bool().Draw(w.T, "only paused")
			w.o.Orphan(w.now)
			return
		}
	case Unknown:
		if rapid.Bool().Draw(w.T, "waited long enough") {
			w.o.Overdue(w.now, rapid.Bool().Draw(w.T, "window open"))
			return
		}
	}
	if w.open && rapid.Bool().Draw(w.T, "answer") {
		w.answer()
	} else if len(w.copies) > 0 {
		w.status()
	}
}

// answer ends the open request truthfully.
func (w *world) answer() {
	w.open = false
	r := Result{Outcome: Unclear, Reason: "no answer"}
	switch has := w.copies[len(w.copies)-1].has; {
	case rapid.IntRange(0, 3).Draw(w.T, "unclear") == 0:
	case has:
		r = Result{Outcome: Taken, WAMID: fmt.Sprint("wamid.", len(w.copies))}
	default:
		r = Result{Outcome: Refused, Reason: "refused", Retry: rapid.Bool().Draw(w.T, "retry"), Template: rapid.Bool().Draw(w.T, "template")}
	}
	w.o.Settle(r, w.now)
}

// status tells of one copy that WhatsApp has, whichever attempt it was.
func (w *world) status() {
	n := rapid.IntRange(1, len(w.copies)).Draw(w.T, "attempt")
	c := &w.copies[n-1]
	if !c.has {
		return
	}
	r := Receipt{Attempt: n, At: w.now, WAMID: fmt.Sprint("wamid.", n)}
	r.Status = rapid.SampledFrom([]State{Sent, Delivered, Read, Failed}).Draw(w.T, "status")
	switch {
	case r.Status == Sent:
	case r.Status != Failed && !c.failed:
		c.delivered = true
	case r.Status == Failed && !c.delivered:
		c.failed = true
		r.Reason, r.Result = "131026", Result{Template: rapid.Bool().Draw(w.T, "131047")}
	default:
		return
	}
	before := *w.o
	changed := w.o.Hear(r, w.now)
	require.Equal(w.T, changed, before.State != w.o.State || before.WAMID != w.o.WAMID, "a change is reported")
	if c.delivered {
		require.GreaterOrEqual(w.T, w.o.State.rank(), Delivered.rank(), "what arrived is known to have arrived")
	}
}

// TestPromisesHoldWhateverHappens drives a message through a world that tells
// the truth, but late, in any order, or never.
func TestPromisesHoldWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		promise := rapid.SampledFrom([]Promise{Once, Must, Reply}).Draw(t, "promise")
		w := &world{T: t, o: planned(promise)}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			before := w.o.State.rank()
			w.step()
			require.LessOrEqual(t, w.o.Attempts, MostAttempts)
			if before >= Delivered.rank() {
				require.GreaterOrEqual(t, w.o.State.rank(), before, "what arrived has arrived")
			}
			if w.o.State == Unconfirmed || w.o.State == Failed || w.o.State == Dead {
				require.NotEmpty(t, w.o.Reason)
			}
			switch promise {
			case Once:
				require.LessOrEqual(t, w.arrived(), 1, "at most once")
			case Reply:
				require.LessOrEqual(t, w.arrived(), 2, "at most twice")
			}
			if (w.o.State == Accepted || w.o.State == Sent) && w.failed() <= 1 { // the row holds one copy's id
				require.Positive(t, w.arrived(), "%s, so a copy is on its way", w.o.State)
			}
			if w.arrived() > 1 {
				require.True(t, w.o.Doubtful, "a second copy is labelled")
			}
		}
	})
}
