package models

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func planned(p Promise) *Outgoing { return &Outgoing{Class: p, State: Planned, Via: "text"} }

func TestUnclearOutcomeByPromise(t *testing.T) {
	for p, wait := range map[Promise]int64{Once: 15 * 60_000, Must: 2 * 60_000, Reply: 30_000} {
		o := planned(p)
		o.Begin(1000, "a1.x.1.mac")
		o.Settle(Result{Outcome: Unclear, Reason: "time-out"}, 2000)
		assert.Equal(t, Unknown, o.State)
		assert.Equal(t, 2000+wait, o.DueAt, p)
		o.Overdue(o.DueAt, true)
		if p == Once {
			assert.Equal(t, Unconfirmed, o.State, "a digest is given up")
			assert.NotEmpty(t, o.Reason)
			continue
		}
		assert.Equal(t, Planned, o.State, p)
		assert.True(t, o.Doubtful, "a second copy is labelled")
	}
}

func TestReplyIsRepeatedOnceAndOnlyInTheWindow(t *testing.T) {
	o := planned(Reply)
	o.Begin(0, "")
	o.Settle(Result{Outcome: Unclear}, 0)
	o.Overdue(30_000, false)
	assert.Equal(t, Unconfirmed, o.State)
	o = planned(Reply)
	o.Begin(0, "")
	o.Settle(Result{Outcome: Unclear}, 0)
	o.Overdue(30_000, true)
	o.Begin(30_000, "")
	o.Settle(Result{Outcome: Unclear}, 30_000)
	o.Overdue(60_000, true)
	assert.Equal(t, Unconfirmed, o.State)
	assert.Equal(t, 2, o.Attempts)
}

func TestStatusSettlesWhatWasUnclear(t *testing.T) {
	o := planned(Once)
	o.Begin(0, "")
	assert.True(t, o.Hear(Receipt{Attempt: 1, Status: Sent, At: 500, WAMID: "wamid.1"}, 600), "the status came before the response")
	o.Settle(Result{Outcome: Unclear}, 700)
	assert.Equal(t, Sent, o.State)
	o = planned(Once)
	o.Begin(0, "")
	o.Settle(Result{Outcome: Unclear}, 0)
	o.Overdue(o.DueAt, false)
	assert.True(t, o.Hear(Receipt{Attempt: 1, Status: Delivered, At: 9}, 10), "a late status lifts what was given up")
	assert.Equal(t, Delivered, o.State)
	assert.Empty(t, o.Reason)
}

func TestClosedWindowTakesTheTemplate(t *testing.T) {
	o := planned(Once)
	o.Begin(0, "")
	o.Settle(Result{Outcome: Taken, WAMID: "wamid.1"}, 10)
	o.Hear(Receipt{Attempt: 1, Status: Failed, Reason: "131047", Result: Result{Template: true}}, 20)
	assert.Equal(t, Planned, o.State)
	assert.Equal(t, ViaTemplate, o.Via)
	assert.False(t, o.Doubtful, "the first copy surely did not arrive")
	o.Begin(30, "")
	o.Settle(Result{Outcome: Taken, WAMID: "wamid.2"}, 40)
	assert.False(t, o.Hear(Receipt{Attempt: 1, Status: Failed}, 50), "old news")
	assert.Equal(t, Accepted, o.State)
}

func TestOrphanIsNeverSimplySentAgain(t *testing.T) {
	o := planned(Once)
	o.Begin(0, "")
	o.Orphan(1000)
	assert.Equal(t, Unknown, o.State)
}

// TestNoStateGoesBack drives a message with random news: it never loses what
// WhatsApp said, never begins more than five requests, and a digest begins a
// second one only after a sure refusal.
func TestNoStateGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		promise := rapid.SampledFrom([]Promise{Once, Must, Reply}).Draw(t, "promise")
		o := planned(promise)
		best, unclear := 0, false
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 3).Draw(t, "what") {
			case 0:
				if o.State == Planned {
					if promise == Once && unclear {
						t.Fatalf("a digest is sent again after an unclear outcome")
					}
					o.Begin(0, "")
				}
			case 1:
				r := Result{Outcome: rapid.SampledFrom([]Outcome{Taken, Refused, Unclear}).Draw(t, "outcome"), Retry: rapid.Bool().Draw(t, "retry"), Template: rapid.Bool().Draw(t, "template")}
				if o.State == Attempting {
					unclear = unclear || r.Outcome == Unclear
					o.Settle(r, 0)
				}
			case 2:
				if o.State == Unknown {
					o.Overdue(0, rapid.Bool().Draw(t, "open"))
				}
			case 3:
				if o.Attempts > 0 {
					o.Hear(Receipt{Attempt: o.Attempts, Status: rapid.SampledFrom([]State{Sent, Delivered, Read}).Draw(t, "status"), At: 1}, 0)
				}
			}
			if r := o.State.rank(); best >= Sent.rank() && r < best {
				t.Fatalf("%s after a better state", o.State)
			}
			best = max(best, o.State.rank())
			if o.Attempts > MostAttempts {
				t.Fatalf("%d attempts", o.Attempts)
			}
		}
	})
}

// The statuses of a copy that failed because the window was closed come in any
// order; a late "sent" must not stand for the template that is to follow.
func TestLateSentOfAFailedCopyIsOldNews(t *testing.T) {
	closed := Receipt{Attempt: 1, Status: Failed, WAMID: "wamid.1", Reason: "131047", Result: Result{Template: true}}
	late := Receipt{Attempt: 1, Status: Sent, At: 5, WAMID: "wamid.1"}
	for _, unclear := range []bool{false, true} {
		o := planned(Must)
		o.Begin(0, "")
		if o.Settle(Result{Outcome: Taken, WAMID: "wamid.1"}, 10); unclear {
			o = planned(Must)
			o.Begin(0, "")
			o.Settle(Result{Outcome: Unclear}, 10)
		}
		assert.True(t, o.Hear(closed, 20))
		assert.False(t, o.Hear(late, 30))
		assert.Equal(t, Planned, o.State, "the template is still to be sent")
		o.Begin(40, "")
		assert.False(t, o.Hear(late, 50))
		assert.Equal(t, Attempting, o.State)
		assert.True(t, o.Hear(Receipt{Attempt: 2, Status: Sent, At: 60, WAMID: "wamid.2"}, 60))
		o.Settle(Result{Outcome: Taken, WAMID: "wamid.2"}, 70)
		assert.Equal(t, Sent, o.State)
		assert.Equal(t, "wamid.2", o.WAMID)
	}
}

// An alert was sent again because nobody knew of its first copy, of which then
// comes first that it was sent, and then that it failed.
func TestFailureOfTheCopyThatTheStateTellsOf(t *testing.T) {
	o := planned(Must)
	o.Begin(0, "")
	o.Settle(Result{Outcome: Unclear}, 10)
	o.Overdue(o.DueAt, true)
	o.Begin(20, "")
	o.Settle(Result{Outcome: Unclear}, 30)
	assert.True(t, o.Hear(Receipt{Attempt: 1, Status: Sent, WAMID: "wamid.1"}, 40))
	assert.True(t, o.Hear(Receipt{Attempt: 1, Status: Failed, WAMID: "wamid.1", Reason: "131026"}, 50))
	assert.Equal(t, Failed, o.State)
	assert.True(t, o.Hear(Receipt{Attempt: 2, Status: Delivered, WAMID: "wamid.2"}, 60))
	assert.Equal(t, "wamid.2", o.WAMID)
}
