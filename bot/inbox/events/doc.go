// Package events reads the canonical event: how any inbox, or a program of the
// business's own, tells what happened, by POST /v1/events or in a file of JSON
// lines. It is functions of their arguments: no clock, no network, no log.
//
// It is strict, because whoever writes to it can mend what they send: a field
// that is not known, a value of the wrong type and a part that is missing are
// refused with their place and how to mend them. Each event stands for itself: a
// refused one never spoils its batch. Nothing that a customer wrote, and no phone
// number, is repeated in a refusal.
package events
