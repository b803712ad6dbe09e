package models

import (
	"cmp"
	"slices"
	"strings"
)

// Oddity is something that was understood well enough to be kept, and is odd all
// the same: events of a kind with a flag, or a word of Meta's that is not known
// here.
type Oddity struct {
	Kind string `json:"kind"` // of the events; field, message, status or value of a word
	What string `json:"what"` // the flag, or the word
	N    int64  `json:"n"`    // events; deliveries in which the word stood
	Last int64  `json:"last"` // ms: when the last of them was counted
}

// Oddities are what is odd in the record.
type Oddities struct {
	Flagged []Oddity `json:"flagged"`
	Words   []Oddity `json:"words"`
}

const mostOddities = 300 // of a list: who sends more makes them up

// Flag counts an event of a kind for each of its flags.
func (o *Oddities) Flag(e *Event, at int64) {
	for _, flag := range e.Flags {
		o.Flagged = count(o.Flagged, Oddity{string(e.Kind), flag, 1, at})
	}
}

// Unknown counts words that no decoder knows, such as "field:standby2".
func (o *Oddities) Unknown(words []string, at int64) {
	for _, word := range words {
		kind, what, _ := strings.Cut(word, ":")
		o.Words = count(o.Words, Oddity{kind, what, 1, at})
	}
}

// Add adds others.
func (o *Oddities) Add(x Oddities) {
	for _, y := range x.Flagged {
		o.Flagged = count(o.Flagged, y)
	}
	for _, y := range x.Words {
		o.Words = count(o.Words, y)
	}
}

// Empty reports whether there are none.
func (o *Oddities) Empty() bool { return len(o.Flagged)+len(o.Words) == 0 }

func count(list []Oddity, x Oddity) []Oddity {
	i, known := slices.BinarySearchFunc(list, x, func(a, b Oddity) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.What, b.What)) })
	switch {
	case known:
		list[i].N += x.N
		list[i].Last = max(list[i].Last, x.Last)
	case len(list) < mostOddities:
		list = slices.Insert(list, i, x)
	}
	return list
}
