package oracle

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Options shape a history. The zero value will do.
type Options struct {
	Zone  *time.Location // clock changes are looked for here; UTC when nil
	Start time.Time      // 2026-02-20 in Zone when zero
	Days  int            // 75 when zero
	// Boundaries that events hit to the millisecond, whole multiples of 4 s; the
	// defaults of Business when 0.
	IdleClose, InboxIdleClose, Target time.Duration
	// Undecided lets in what the definitions leave open, and where two careful
	// readers may differ: see the methods of story named open….
	Undecided bool
}

// Shop returns a business that suits the histories Generate invents: some of the
// agents are configured, and hours are open across the nights when clocks change.
func Shop(zone *time.Location) Business {
	week := []string{"09:00-13:00", "14:00-18:00"}
	return Business{
		Zone: zone,
		Hours: map[string][]string{
			"mon": week, "tue": week, "wed": week, "thu": week, "fri": append(week[:2:2], "20:00-24:00"),
			"sat": {"10:00-14:00"}, "sun": {"00:30-03:30", "22:00-24:00"},
		},
		Holidays:  []string{"2026-03-23", "2026-04-03"},
		IdleClose: 24 * time.Hour, InboxIdleClose: 30 * 24 * time.Hour, Target: 10 * time.Minute,
		Agents: []Agent{
			{Name: "Ana", Team: "ventas", IDs: []string{"a-17"}},
			{Name: "Luis", Team: "soporte", IDs: []string{"a-21", "luis@example.com"}},
			{Name: "María José", Team: "ventas", IDs: []string{"a-18"}},
			{Name: "Zoe", Team: "cobros"},
		},
	}
}

// Generate invents the history of a shop: n events in order of time, the same for
// the same arguments. Together they hold every situation the definitions speak of.
func Generate(seed uint64, n int, o Options) []Event {
	s := newStory(seed, o)
	for len(s.events) < n {
		s.scene()
	}
	slices.SortStableFunc(s.events, func(a, b Event) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
	})
	return s.events[:n]
}

// Shuffle deals events out in random batches of at most maxBatch in random order,
// the given share of them repeated somewhere.
func Shuffle(events []Event, seed uint64, dupShare float64, maxBatch int) [][]Event {
	rng := rand.New(rand.NewPCG(seed, 2))
	list := slices.Clone(events)
	for _, e := range events {
		if rng.Float64() < dupShare {
			list = append(list, e)
		}
	}
	rng.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	var batches [][]Event
	for len(list) > 0 {
		k := min(1+rng.IntN(max(maxBatch, 1)), len(list))
		batches = append(batches, list[:k:k])
		list = list[k:]
	}
	return batches
}

// story is a history being invented.
type story struct {
	Options
	rng     *rand.Rand
	end     time.Time
	changes []time.Time // clock changes of the zone
	serial  uint64
	events  []Event
	threads []*tale
	persons int
	merged  map[int]bool // persons who are merged into another
}

func newStory(seed uint64, o Options) *story {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Start.IsZero() {
		o.Start = time.Date(2026, 2, 20, 0, 0, 0, 0, o.Zone)
	}
	if o.Days == 0 {
		o.Days = 75
	}
	o.IdleClose = cmp.Or(o.IdleClose, 24*time.Hour)
	o.InboxIdleClose = cmp.Or(o.InboxIdleClose, 30*24*time.Hour)
	o.Target = cmp.Or(o.Target, 10*time.Minute)
	s := &story{Options: o, rng: rand.New(rand.NewPCG(seed, 1)), merged: map[int]bool{}}
	s.end = o.Start.AddDate(0, 0, o.Days)
	s.changes = clockChanges(o.Zone, o.Start, s.end)
	return s
}

// clockChanges finds when the zone's offset changes.
func clockChanges(zone *time.Location, from, to time.Time) []time.Time {
	var list []time.Time
	for t := from.Truncate(time.Hour); t.Before(to); t = t.Add(time.Hour) {
		_, a := t.In(zone).Zone()
		_, b := t.Add(time.Hour).In(zone).Zone()
		if a != b {
			list = append(list, t.Add(time.Hour))
		}
	}
	return list
}

// chance is true with a probability.
func (s *story) chance(p float64) bool { return s.rng.Float64() < p }

// within returns a random time of [0, d).
func (s *story) within(d time.Duration) time.Duration { return time.Duration(s.rng.Int64N(int64(d))) }

// pick returns one of a list.
func pick[T any](s *story, list ...T) T { return list[s.rng.IntN(len(list))] }

// token returns letters and digits that occur once in the story. Their order is
// random, and some differ from another's by case only.
func (s *story) token() string {
	s.serial++
	x := s.serial * 0x9e3779b97f4a7c15
	t := fmt.Sprintf("%012x", x>>16)
	if s.serial%2 == 0 {
		t = fmt.Sprintf("%012X", (s.serial-1)*0x9e3779b97f4a7c15>>16)
		if t == fmt.Sprintf("%012x", (s.serial-1)*0x9e3779b97f4a7c15>>16) {
			t += "Z" // no letters in it
		}
	}
	return t
}

// scene lets one thread go on: one whose time is not over, or a new one.
func (s *story) scene() {
	var alive []*tale
	for _, t := range s.threads {
		if t.at.Before(s.end) {
			alive = append(alive, t)
		}
	}
	if len(alive) < 8 || s.chance(0.1) {
		s.newcomer()
		return
	}
	pick(s, alive...).play()
}

// channels of the shop.
func channels() []string { return []string{"whatsapp:1060", "whatsapp:1061", "instagram:shop"} }

// person is a customer with all their identifiers.
type person struct {
	full     EventContact
	phone2   string    // a later number
	phone2At time.Time // zero: never
}

// newcomer brings a new customer, on one channel or several.
func (s *story) newcomer() {
	s.persons++
	p := s.invent(s.persons)
	start := s.Start.Add(s.within(s.end.Sub(s.Start) * 3 / 4))
	if len(s.changes) > 0 && s.chance(0.3) {
		start = pick(s, s.changes...).Add(-s.within(40 * time.Hour))
	}
	for lane, channel := range channels() {
		if lane == s.persons%3 || s.chance(0.25) {
			t := &tale{story: s, p: p, channel: channel, lane: lane, at: start.Add(s.within(72 * time.Hour))}
			s.threads = append(s.threads, t)
		}
	}
	s.life(p, start)
}

// invent makes a customer who is known by one identifier or more.
func (s *story) invent(i int) *person {
	p := &person{full: EventContact{ID: fmt.Sprintf("c-%d", i), Phone: fmt.Sprintf("+5730%08d", 11000000+i*137), UserID: fmt.Sprintf("CO.%d", 7000000+i*31)}}
	switch s.rng.IntN(6) {
	case 0:
		p.full.Phone, p.full.UserID = "", ""
	case 1:
		p.full.ID, p.full.UserID = "", ""
	case 2:
		p.full.ID = ""
	}
	p.full.Name = pick(s, "Luz", "Ana Gómez", "João", "Chen 陈", "Zoë 🌸", "", "Omar")
	return p
}

// show returns the customer as one event shows them: some identifiers at random.
func (s *story) show(p *person, at time.Time) *EventContact {
	for {
		c := p.full
		if !p.phone2At.IsZero() && at.After(p.phone2At) && s.chance(0.7) {
			c.Phone = p.phone2
		}
		if s.chance(0.5) {
			c.ID = ""
		}
		if s.chance(0.5) {
			c.Phone = ""
		}
		if s.chance(0.5) {
			c.UserID = ""
		}
		if s.chance(0.5) {
			c.Name = ""
		}
		if c.ID != "" || c.Phone != "" || c.UserID != "" {
			return &c
		}
	}
}

// life is what happens to a customer's card. Its moments end in half a second,
// which no moment of a thread does: see tale.align.
func (s *story) life(p *person, start time.Time) {
	channel := pick(s, channels()...)
	put := func(kind string, c EventContact, at time.Time) *Event {
		at = at.Truncate(4 * time.Second).Add(3*time.Second + 500*time.Millisecond)
		s.events = append(s.events, Event{ID: "ev-" + s.token(), Type: kind, At: at.UTC(), Channel: channel, Contact: &c})
		return &s.events[len(s.events)-1]
	}
	added := func(at time.Time) {
		put(contactAdded, p.full, at).Contact.Source = pick(s, "import", "user", "api", "ad", "inbound", "")
	}
	if s.chance(0.3) {
		added(start.Add(-s.within(48 * time.Hour)))
	}
	if s.chance(0.2) {
		added(start.Add(s.within(20 * 24 * time.Hour)))
	}
	if s.chance(0.2) {
		put(contactUpdated, p.full, start.Add(s.within(10*24*time.Hour)))
	}
	if s.chance(0.1) && p.full.ID != "" && p.full.Phone != "" {
		p.phone2, p.phone2At = p.full.Phone+"9", start.Add(s.within(15*24*time.Hour))
		moved := p.full
		moved.Phone = p.phone2
		put(contactUpdated, moved, p.phone2At)
	}
	if s.chance(0.12) {
		put(contactDeleted, p.full, start.Add(s.within(30*24*time.Hour)))
	}
	if s.chance(0.2) && p.full.ID != "" {
		s.merge(p, put, start)
	}
}

// merge merges a customer into another. Half of them show all their identifiers
// together long before; of the rest it turns out after the merge whose they are.
func (s *story) merge(p *person, put func(string, EventContact, time.Time) *Event, start time.Time) {
	subject, plain := EventContact{ID: p.full.ID}, s.chance(0.5)
	if plain {
		subject = p.full
		put(contactUpdated, p.full, s.Start.Add(-time.Hour))
		if p.phone2 != "" {
			moved := p.full
			moved.Phone = p.phone2
			put(contactUpdated, moved, s.Start.Add(-time.Hour))
		}
	}
	at := start.Add(s.within(12 * 24 * time.Hour))
	e := put(contactMerged, subject, at)
	into := s.persons - 1 - s.rng.IntN(3)
	if into <= 0 || s.chance(0.2) {
		return
	}
	other := fmt.Sprintf("c-%d", into)
	e.MergedInto = &EventIdentity{ID: other}
	s.merged[s.persons] = true
	switch s.rng.IntN(4) {
	case 0: // the other way round, before or after
		if !s.merged[into] {
			s.merged[into] = true
			put(contactMerged, EventContact{ID: other}, at.Add(s.within(72*time.Hour)-36*time.Hour)).MergedInto = &EventIdentity{ID: p.full.ID}
		}
	case 1: // once more, into somebody else
		put(contactMerged, EventContact{ID: p.full.ID}, at.Add(s.within(72*time.Hour)-36*time.Hour)).MergedInto = &EventIdentity{ID: fmt.Sprintf("c-%d", max(1, into-1))}
	default: // the other shows what was theirs
		if plain && p.full.Phone != "" {
			put(contactUpdated, EventContact{ID: other, Phone: p.full.Phone}, at.Add(time.Hour+s.within(72*time.Hour)))
		}
	}
}
