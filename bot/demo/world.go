package demo

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// world is what happens in the shop as time passes. Everything that is to
// happen stands in the agenda with its moment; chance is drawn in the order of
// events, so that the same seed gives the same past.
type world struct {
	shop   *Shop
	random *rand.Rand
	agenda agenda
	post   post

	begin, end time.Time // of the history
	customers  []*customer
	count      int // of what needs a number of its own

	stream int  // of arrivals; an older one has ended
	live   bool // the history has been told
	calm   bool // live, and the clock runs so fast that nobody watches
}

// item is something that will happen.
type item struct {
	at    time.Time
	order int // of entry, among equal times
	do    func(at time.Time)
}

// agenda holds what is to come, earliest first.
type agenda struct {
	items []item
	count int
}

func (a *agenda) Len() int { return len(a.items) }
func (a *agenda) Less(i, j int) bool {
	if !a.items[i].at.Equal(a.items[j].at) {
		return a.items[i].at.Before(a.items[j].at)
	}
	return a.items[i].order < a.items[j].order
}
func (a *agenda) Swap(i, j int) { a.items[i], a.items[j] = a.items[j], a.items[i] }
func (a *agenda) Push(x any)    { a.items = append(a.items, x.(item)) }
func (a *agenda) Pop() any {
	last := a.items[len(a.items)-1]
	a.items = a.items[:len(a.items)-1]
	return last
}

// at enters something into the agenda.
func (w *world) at(t time.Time, do func(at time.Time)) {
	w.agenda.count++
	heap.Push(&w.agenda, item{t.Truncate(time.Millisecond), w.agenda.count, do})
}

// run does all that is due until a moment, and has it delivered.
func (w *world) run(until time.Time) error {
	for len(w.agenda.items) > 0 && !w.agenda.items[0].at.After(until) {
		next := heap.Pop(&w.agenda).(item)
		if err := w.post.due(next.at); err != nil {
			return err
		}
		next.do(next.at)
	}
	return w.post.send(until)
}

// chance is true in a share of cases.
func (w *world) chance(share float64) bool { return w.random.Float64() < share }

// vary returns a duration around a median.
func (w *world) vary(d time.Duration, sigma float64) time.Duration { return vary(w.random, d, sigma) }

// human returns how long a person takes for what usually takes d; whoever
// watches live is shown the same a little faster.
func (w *world) human(d time.Duration, sigma float64) time.Duration {
	d = w.vary(d, sigma)
	if w.watched() {
		d /= hurry
	}
	return d
}

// hurry is by how much faster people are while somebody watches.
const hurry = 5

func (w *world) watched() bool { return w.live && !w.calm }

// upTo returns a duration below d, all equally likely.
func (w *world) upTo(d time.Duration) time.Duration {
	return time.Duration(w.random.Int64N(int64(d)))
}

// one returns one of several sentences.
func (w *world) one(of []string) string { return of[w.random.IntN(len(of))] }

// number returns a number that was not returned before.
func (w *world) number() int {
	w.count++
	return w.count
}

// progress is how far the history has come at t, from 0 to 1.
func (w *world) progress(t time.Time) float64 {
	return float64(t.Sub(w.begin)) / float64(w.end.Sub(w.begin))
}
