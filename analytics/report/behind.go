package report

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"pulso/analytics"
	"pulso/models"
)

// Item is one thing that a figure counts: what it is, and what it is worth to
// the figure. Of what it is (Message, Conversation, Contact, Fact) at least one
// is set, and Hand beside Conversation when a hand-over is what is counted.
type Item struct {
	At     int64    // the moment the figure has it at, ms
	Values []string // of the ask's dimensions, in order; "" is null

	Message      *models.Placed
	Conversation *models.Conversation
	Hand         *models.Assignment
	Contact      int64 // counts of contacts: whom; 0 otherwise
	Seen         *models.Contact
	Fact         *models.Fact

	Unit  analytics.Unit
	Value int64 // durations: ms
	Num   bool  // shares: stands in the numerator
	Den   bool  // shares: stands in the denominator
}

// Behind yields the items that an ask's first metric counts, by time: those of
// a count number it, those of a duration are its observations, those of a share
// say in which of its two counts they stand. With dimensions the items of each
// combination of values make up its row; whoever a total counts once although
// several rows have them is an item of each. They come from the same
// contributions that the cells are summed from. It returns a *Refusal when the
// ask makes no sense, and stops with the error of yield.
func (d *Desk) Behind(ctx context.Context, ask Ask, now int64, yield func(*Item) error) error {
	ask.Metrics = ask.Metrics[:min(1, len(ask.Metrics))]
	s, err := d.begin(ctx, ask, now)
	if err != nil {
		return err
	}
	m := s.metrics[0]
	switch {
	case m.Stock:
		err = s.behindStock(m, yield)
	case m.Business && !s.Rules.Hours.Set(): // without a schedule there is no figure
	default:
		err = s.behindFlow(m, yield)
	}
	if err != nil {
		return fmt.Errorf("rows behind %s: %w", m.Key, err)
	}
	return nil
}

// behindStock yields the conversations that a stock counts now.
func (s *session) behindStock(m analytics.Metric, yield func(*Item) error) error {
	alive, err := s.alive()
	if err != nil {
		return err
	}
	sieve := analytics.NewSieve(s.Rules, s.Roster, s.ask.By, s.ask.Where, nil)
	var items []*Item
	for _, c := range alive {
		open := analytics.OpenOf(c)
		d, at := s.standingAt(&open)
		_, values, ok := sieve.Place(&d, at)
		if !ok {
			continue
		}
		var one stock
		s.count(&one, &open, analytics.Span{})
		f := stockFigure(m, &one)
		if f.N == 0 {
			continue
		}
		item := &Item{At: at, Values: values, Conversation: c, Unit: m.Unit}
		if f.Value != nil {
			item.Value = int64(*f.Value)
		}
		items = append(items, item)
	}
	return deliver(items, yield)
}

// behindPiece is how many local days are read at a time, so that the rows of
// years need no more memory than those of a month.
const behindPiece = 31

// behindFlow yields what contributes to a metric within the period. Whatever
// counts once however often it contributes is read as a whole.
func (s *session) behindFlow(m analytics.Metric, yield func(*Item) error) error {
	want := s.measures()
	sieve := analytics.NewSieve(s.Rules, s.Roster, s.ask.By, s.ask.Where, want)
	list := s.errands(want, s.ask.Period)
	if len(list) == 0 {
		return nil
	}
	whole := s.errandsSpan(list)
	for from := whole.From; from < whole.To; {
		to := whole.To
		if !slices.ContainsFunc(want, onceOnly) {
			to = min(to, s.Rules.Zone.Start(s.Rules.Zone.DayOf(from)+behindPiece))
		}
		w := &weigher{session: s, sieve: sieve, metric: m, of: map[string]*Item{}}
		for _, e := range list {
			e.span = analytics.Span{From: max(from, e.span.From), To: min(to, e.span.To)}
			if err := w.weigh(e); err != nil {
				return err
			}
		}
		if err := deliver(w.items, yield); err != nil {
			return err
		}
		from = to
	}
	return nil
}

func onceOnly(m analytics.Measure) bool {
	return analytics.OncePerContact(m) || analytics.OncePerConversation(m)
}

func (s *session) errandsSpan(list []errand) analytics.Span {
	span := list[0].span
	for _, e := range list {
		span = analytics.Span{From: min(span.From, e.span.From), To: max(span.To, e.span.To)}
	}
	return span
}

// deliver yields items by time.
func deliver(items []*Item, yield func(*Item) error) error {
	slices.SortStableFunc(items, func(a, b *Item) int { return cmp.Or(cmp.Compare(a.At, b.At), bytes.Compare(a.key(), b.key())) })
	for _, item := range items {
		if err := yield(item); err != nil {
			return err
		}
	}
	return nil
}

// key orders the items of one moment, the same way each time.
func (i *Item) key() []byte {
	switch {
	case i.Message != nil:
		return fmt.Append(nil, i.Message.Channel, i.Message.ID)
	case i.Conversation != nil:
		return i.Conversation.ID[:]
	case i.Fact != nil:
		return fmt.Append(nil, i.Fact.Source, i.Fact.Key)
	}
	return fmt.Append(nil, i.Contact)
}

// weigher makes items of contributions. A thing is one item in a row however
// often it contributes there, unless each time counts.
type weigher struct {
	*session
	sieve  *analytics.Sieve
	metric analytics.Metric
	of     map[string]*Item // by row and thing, of those that are one item
	items  []*Item
}

// weigh makes the items of an errand.
func (w *weigher) weigh(e errand) error {
	if e.span.Empty() {
		return nil
	}
	rows, err := w.read(e)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(e.measures, analytics.OncePerContact) {
		w.contacts(e, rows)
		return nil
	}
	w.rows(e, rows)
	return nil
}

// read returns the rows of an errand as they were at now.
func (s *session) read(e errand) (*analytics.Rows, error) {
	if s.current() {
		return s.moments(analytics.Moments{Groups: []analytics.Group{e.group}, Span: e.span})
	}
	return s.then()
}

// rows makes items of whatever contributes each time for itself.
func (w *weigher) rows(e errand, rows *analytics.Rows) {
	source := map[int64]string{}
	each := func(thing Item) func(analytics.Contribution) {
		return func(c analytics.Contribution) { w.add(e, thing, &c) }
	}
	for _, c := range rows.Contacts {
		source[c.ID] = c.Source
		w.Rules.OfContact(c, each(Item{Seen: c, Contact: c.ID}))
	}
	for _, m := range rows.Messages {
		w.Rules.OfMessage(m, each(Item{Message: m}))
	}
	for _, c := range rows.Conversations {
		w.Rules.OfConversation(c, each(Item{Conversation: c}))
	}
	for _, f := range rows.Facts {
		w.Rules.OfFact(f, source[f.Contact], w.Roster, each(Item{Fact: f, Contact: f.Contact}))
	}
}

// add makes an item of a contribution, or adds it to the item of its thing.
func (w *weigher) add(e errand, thing Item, c *analytics.Contribution) {
	if !slices.Contains(e.measures, c.Measure) || !e.span.Holds(c.At) {
		return
	}
	row, values, ok := w.sieve.Place(&c.Dims, c.At)
	if !ok {
		return
	}
	item := &thing
	item.At, item.Values, item.Unit = c.At, values, w.metric.Unit
	key := row + string(thing.key())
	one := w.metric.Unit == analytics.Share || analytics.OncePerConversation(c.Measure)
	switch known := w.of[key]; {
	case one && known != nil:
		item = known
		item.At = min(item.At, c.At)
	default:
		w.of[key] = item
		w.items = append(w.items, item)
	}
	switch w.metric.Unit {
	case analytics.Seconds:
		item.Value = c.Value
	case analytics.Share:
		item.Num = item.Num || c.Measure == w.metric.Num
		item.Den = item.Den || c.Measure == w.metric.Den
	}
	if thing.Conversation != nil && w.metric.Anchor == "assignment" {
		item.Hand = handAt(thing.Conversation, c)
	}
	if w.metric.Key == "contacts_new" {
		item.Contact = thing.Conversation.Contact
	}
}

// handAt is the hand-over that a contribution was made by.
func handAt(c *models.Conversation, x *analytics.Contribution) *models.Assignment {
	for i := range c.Assignments {
		if a := &c.Assignments[i]; a.At == x.At && a.Agent == x.Dims[analytics.ByAgent] {
			return a
		}
	}
	return nil
}

// contacts makes items of contacts that count once in a row.
func (w *weigher) contacts(e errand, rows *analytics.Rows) {
	first, earliest := w.firsts(w.sieve, e, rows, e.span)
	for l, of := range first {
		if (l == w.sieve.Total) != (len(w.ask.By) == 0) {
			continue
		}
		began := w.start(l.Values, e.span)
		for contact, v := range of {
			item := &Item{At: v.at, Values: l.Values, Unit: w.metric.Unit, Contact: contact, Message: v.message, Conversation: v.conversation}
			counted := func(m analytics.Measure) bool { return counts(m, contact, v, earliest, began) }
			if w.metric.Unit == analytics.Share {
				item.Num, item.Den = counted(w.metric.Num), counted(w.metric.Den)
			} else if !counted(w.metric.Measure) {
				continue
			}
			w.items = append(w.items, item)
		}
	}
}
