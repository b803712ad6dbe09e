package report

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"pulso/analytics"
	"pulso/models"
)

// Desk answers asks under fixed rules and a roster. Making one costs nothing.
type Desk struct {
	Rules  *analytics.Rules
	Roster *analytics.Roster
	// RosterAt returns the roster as it was known at an earlier time, for answers
	// as of then; nil takes Roster.
	RosterAt func(now int64) *analytics.Roster
	// Print is the rules' fingerprint; where it differs from the record's, the
	// cells do not hold and figures are worked out from the rows.
	Print string
	// Stat is the statistic of durations that Value shows: "median", "mean" or "p90".
	Stat string
	Read Reader
	// Rates prices billable messages; nil for no money.
	Rates *Rates
}

// Answer works an Ask out as of now (ms). It returns a *Refusal when the Ask
// makes no sense.
func (d *Desk) Answer(ctx context.Context, ask Ask, now int64) (*Answer, error) {
	s, err := d.begin(ctx, ask, now)
	if err != nil {
		return nil, err
	}
	a := &Answer{Ask: ask, Roster: s.Roster, Span: ask.Period, Since: s.standing.Since, AsOf: now}
	a.Metrics = s.metrics
	if !s.flows {
		a.Span = analytics.Span{From: now, To: now}
	}
	err = s.both(
		func() error { return s.figures(a) },
		func() (err error) {
			if s.flows {
				a.Gaps, err = s.gaps(ask.Period)
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	s.rank(a)
	return a, nil
}

// figures works out the rows and totals of an answer, and what they are compared
// with.
func (s *session) figures(a *Answer) (err error) {
	period := s.ask.Period
	if a.Rows, a.Total, err = s.table(period, true); err != nil {
		return err
	}
	if err := s.price(a.Rows, &a.Total, period); err != nil || !s.flows {
		return err
	}
	if a.Compare, err = s.compare(); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	return nil
}

// begin checks an Ask and finds out how far the record has come.
func (d *Desk) begin(ctx context.Context, ask Ask, now int64) (*session, error) {
	if err := ask.Check(); err != nil {
		return nil, err
	}
	standing, err := d.Read.Standing(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("answer: %w", err)
	}
	s := &session{Desk: d, ctx: ctx, now: now, standing: standing, ask: ask}
	if !s.current() && d.RosterAt != nil {
		then := *d
		then.Roster = d.RosterAt(now)
		s.Desk = &then
	}
	for _, key := range ask.Metrics {
		m, _ := analytics.MetricOf(key)
		s.metrics = append(s.metrics, m)
		s.stocks = s.stocks || m.Stock
		s.flows = s.flows || !m.Stock
		s.waits = s.waits || m.Waits
	}
	return s, nil
}

// session is one question being answered.
type session struct {
	*Desk
	ctx                  context.Context
	now                  int64
	standing             Standing
	ask                  Ask
	metrics              []analytics.Metric
	stocks, flows, waits bool

	past  *analytics.Rows // everything as of now, where cells do not hold
	ahead *analytics.Rows // what contacts with facts from after now were at now
}

// current reports whether the cells hold for this question: same rules, and
// nothing in the record from after now but what was ahead of its time anyway.
func (s *session) current() bool {
	return s.standing.Rules == s.Print && s.now >= s.standing.Horizon
}

// table works out the rows and the total of a period, with what stands now
// beside them if present is set.
func (s *session) table(period analytics.Span, present bool) ([]Row, Row, error) {
	want := s.measures()
	sieve := analytics.NewSieve(s.Rules, s.Roster, s.ask.By, s.ask.Where, want)
	do := s.fill
	if !s.current() {
		do = s.replay
	}
	var p *standingNow
	err := s.both(
		func() error { return do(sieve, s.errands(want, period)) },
		func() (err error) {
			if present {
				p, err = s.present(sieve, period)
			}
			return err
		})
	if err != nil {
		return nil, Row{}, err
	}
	rows, total := s.rows(sieve, p, period)
	return rows, total, nil
}

// both does two things, at once where they need nothing in common.
func (s *session) both(one, other func() error) error {
	if !s.apart() {
		return cmp.Or(one(), other())
	}
	var missed error
	var beside sync.WaitGroup
	beside.Go(func() { missed = other() })
	err := one()
	beside.Wait()
	return cmp.Or(err, missed)
}

// apart reports whether readings have nothing in common: no rows that are folded
// once for all of them.
func (s *session) apart() bool { return s.current() && len(s.standing.Ahead) == 0 }

// tables works out the rows and totals of several periods without what stands
// now, at once where the answers need nothing in common.
func (s *session) tables(periods []analytics.Span) ([][]Row, []Row, error) {
	rows, totals, errs := make([][]Row, len(periods)), make([]Row, len(periods)), make([]error, len(periods))
	var all sync.WaitGroup
	for i, period := range periods {
		work := func() { rows[i], totals[i], errs[i] = s.table(period, false) }
		if s.apart() {
			all.Go(work)
		} else {
			work()
		}
	}
	all.Wait()
	return rows, totals, errors.Join(errs...)
}

// measures lists what the metrics are made of; failures by error, where errors
// are told apart.
func (s *session) measures() []analytics.Measure {
	var want []analytics.Measure
	add := func(m analytics.Measure) {
		if !slices.Contains(want, m) {
			want = append(want, m)
		}
	}
	for _, m := range s.metrics {
		switch {
		case m.Stock:
		case m.Unit == analytics.Share:
			add(m.Num)
			add(m.Den)
		default:
			add(s.measure(m))
		}
	}
	return want
}

func (s *session) measure(m analytics.Metric) analytics.Measure {
	byError := slices.Contains(s.ask.By, analytics.ByError) ||
		slices.ContainsFunc(s.ask.Where, func(f Filter) bool { return f.Dim == analytics.ByError })
	if byError && m.Fits(analytics.ByError) {
		return analytics.FailuresByError
	}
	return m.Measure
}

// errand is one group of cells to be summed over one span.
type errand struct {
	group    analytics.Group
	span     analytics.Span
	measures []analytics.Measure
	pending  bool // time alone brings them about: they may stand in cells of the future
}

// errands sorts the measures by where they are found. A period that reaches
// past now ends with now, included; what is known with a lag ends that much
// earlier.
func (s *session) errands(want []analytics.Measure, period analytics.Span) []errand {
	var list []errand
	for _, m := range want {
		g, span := analytics.GroupOf(m), period.Cut(s.now+1-analytics.LagOf(m))
		if span.Empty() {
			continue
		}
		pending := analytics.Pending(m)
		i := slices.IndexFunc(list, func(e errand) bool { return e.group == g && e.span == span && e.pending == pending })
		if i < 0 {
			list = append(list, errand{group: g, span: span, pending: pending})
			i = len(list) - 1
		}
		list[i].measures = append(list[i].measures, m)
	}
	return list
}

// piece is what of an errand is summed from rows: those of a span.
type piece struct {
	errand
	sieve *analytics.Sieve
	span  analytics.Span
}

// fill sums errands: whole days and quarter hours from cells, what is left at
// the ends from rows. Errands that are left with the same end share one reading.
func (s *session) fill(sieve *analytics.Sieve, list []errand) error {
	var pieces []piece
	var summed []errand
	for _, e := range list {
		part := sieve.Only(e.measures)
		if _, _, ok := part.Plan(e.group); !ok || !s.countable(e) {
			if err := s.reckon(part, e); err != nil {
				return err
			}
			continue
		}
		left, err := s.fromCells(part, e)
		if err != nil {
			return err
		}
		pieces, summed = append(pieces, left...), append(summed, e)
	}
	if err := s.fromRows(pieces); err != nil {
		return err
	}
	for _, e := range summed {
		if err := s.finish(sieve.Only(e.measures), e); err != nil {
			return err
		}
	}
	return nil
}

// reckon sums an errand from the rows of its span alone.
func (s *session) reckon(part *analytics.Sieve, e errand) error {
	rows, err := s.moments(analytics.Moments{Groups: []analytics.Group{e.group}, Span: e.span, Bare: true})
	if err != nil {
		return err
	}
	s.sum(part, e, rows, e.span)
	return nil
}

// finish turns the sums of an errand into figures: what counts once is counted
// once. Where a longest duration was taken back the rows have to tell the next.
func (s *session) finish(part *analytics.Sieve, e errand) error {
	if part.Blunt() {
		part.Clear()
		return s.reckon(part, e)
	}
	if e.group == analytics.GroupHands {
		return s.shared(part, e)
	}
	s.settle(part, e)
	return nil
}

// fromCells sums what cells hold of an errand and returns what is left. A period
// that ends with now takes the whole day: nothing in it has happened after now,
// but for what time brings about.
func (s *session) fromCells(part *analytics.Sieve, e errand) ([]piece, error) {
	zone, reach := s.Rules.Zone, e.span
	if e.span.To == s.now+1 && !e.pending {
		reach.To = zone.Start(zone.DayOf(s.now) + 1)
	}
	slots := zone.Slots(reach)
	if slots.Empty() {
		return []piece{{e, part, e.span}}, nil
	}
	if err := s.cells(part, e, slots); err != nil {
		return nil, err
	}
	var left []piece
	for _, end := range []analytics.Span{{From: e.span.From, To: slots.From}, {From: slots.To, To: e.span.To}} {
		if !end.Empty() {
			left = append(left, piece{e, part, end})
		}
	}
	return left, nil
}

// fromRows sums pieces; those of one span are read together.
func (s *session) fromRows(pieces []piece) error {
	of := map[analytics.Span][]piece{}
	for _, p := range pieces {
		of[p.span] = append(of[p.span], p)
	}
	for span, list := range of {
		var groups []analytics.Group
		for _, p := range list {
			groups = append(groups, p.group)
		}
		rows, err := s.moments(analytics.Moments{Groups: groups, Span: span, Bare: true})
		if err != nil {
			return err
		}
		s.Rules.Contributions(rows, s.Roster, func(c analytics.Contribution) {
			for i := range list {
				if p := &list[i]; analytics.GroupOf(c.Measure) == p.group && span.Holds(c.At) {
					p.sieve.Add(&c, 1)
				}
			}
		})
	}
	return nil
}

// countable reports whether cells can count contacts once for this errand:
// they know the day of a contact's previous occurrence, so the period and the
// rows must be stretches of whole days from their beginning.
func (s *session) countable(e errand) bool {
	if !slices.ContainsFunc(e.measures, analytics.OncePerContact) {
		return true
	}
	broken := func(d analytics.Dim) bool { return d == analytics.ByHour || d == analytics.ByWeekday }
	zone := s.Rules.Zone
	return zone.Start(zone.DayOf(e.span.From)) == e.span.From && !slices.ContainsFunc(s.ask.By, broken) &&
		!slices.ContainsFunc(s.ask.Where, func(f Filter) bool { return f.Dim.Time() })
}

// cells adds the cells of the span, whole days in the tier for days, others in
// the tier for parts of days.
func (s *session) cells(sieve *analytics.Sieve, e errand, span analytics.Span) error {
	days, parts, _ := sieve.Plan(e.group)
	zone := s.Rules.Zone
	from, to := zone.DayOf(span.From), zone.DayOf(span.To-1)+1
	whole, end := from, to
	if zone.Start(from) < span.From {
		whole++
	}
	if end > whole && zone.Start(to) > span.To {
		end--
	}
	read := func(t analytics.Tier, a, b analytics.Day) error {
		if a >= b {
			return nil
		}
		return s.Read.Cells(s.ctx, e.group, t, a, b, func(k analytics.CellKey, body []byte) error { return sieve.Cell(k, body, span) })
	}
	if whole >= end {
		whole, end = to, to
	}
	for _, err := range []error{read(parts, from, whole), read(days, whole, end), read(parts, end, to)} {
		if err != nil {
			return err
		}
	}
	return s.replaceAhead(sieve, e, span)
}

// moments reads the rows of a span; contacts with facts from after now stand
// in them as they were at now.
func (s *session) moments(want analytics.Moments) (*analytics.Rows, error) {
	want.Target = s.Rules.Target
	rows, err := s.Read.Moments(s.ctx, want)
	if err != nil {
		return nil, err
	}
	rows.Contacts = slices.CompactFunc(slices.SortedFunc(slices.Values(rows.Contacts), byContact), func(a, b *models.Contact) bool { return a.ID == b.ID })
	if len(s.standing.Ahead) == 0 {
		return rows, nil
	}
	if _, err := s.aheadNow(nil); err != nil {
		return nil, err
	}
	rows = rows.Without(s.aheadIDs())
	rows.Join(s.ahead)
	return rows, nil
}

// byContact orders contacts; one may be among those who came and again among
// those of whom something was told.
func byContact(a, b *models.Contact) int { return cmp.Compare(a.ID, b.ID) }

func (s *session) aheadIDs() map[int64]bool {
	ids := map[int64]bool{}
	for _, id := range s.standing.Ahead {
		ids[id] = true
	}
	return ids
}

// aheadNow reads what contacts with facts from after now were at now; stored is
// called with their rows as they stand.
func (s *session) aheadNow(stored func(*analytics.Rows)) (*analytics.Rows, error) {
	if s.ahead != nil && stored == nil {
		return s.ahead, nil
	}
	now := &analytics.Rows{}
	err := s.Read.People(s.ctx, s.standing.Ahead, func(rows *analytics.Rows) error {
		if stored != nil {
			stored(rows)
		}
		now.Join(s.Rules.AsOf(rows, s.Roster, s.now))
		return nil
	})
	s.ahead = now
	return now, err
}

// replaceAhead takes out of the cells what contacts with facts from after now
// contribute, and adds what they did until now.
func (s *session) replaceAhead(sieve *analytics.Sieve, e errand, span analytics.Span) error {
	if len(s.standing.Ahead) == 0 {
		return nil
	}
	now, err := s.aheadNow(func(rows *analytics.Rows) { s.add(sieve, e, rows, span, -1) })
	if err != nil {
		return err
	}
	s.add(sieve, e, now, span, 1)
	return nil
}

// add adds what rows contribute within a span, times times.
func (s *session) add(sieve *analytics.Sieve, e errand, rows *analytics.Rows, span analytics.Span, times int64) {
	s.Rules.Contributions(rows, s.Roster, func(c analytics.Contribution) {
		if analytics.GroupOf(c.Measure) == e.group && span.Holds(c.At) {
			sieve.Add(&c, times)
		}
	})
}

// shared takes back what conversations with several hand-overs count too often.
func (s *session) shared(sieve *analytics.Sieve, e errand) error {
	list, err := s.Read.Shared(s.ctx, e.span)
	if err != nil {
		return err
	}
	rows := &analytics.Rows{Conversations: list}
	if len(s.standing.Ahead) > 0 {
		now, err := s.aheadNow(nil)
		if err != nil {
			return err
		}
		rows = rows.Without(s.aheadIDs())
		rows.Conversations = append(rows.Conversations, now.Conversations...)
	}
	s.once(sieve, rows.Conversations, e.span)
	return nil
}

// once counts each conversation once in every row and once in all.
func (s *session) once(sieve *analytics.Sieve, list []*models.Conversation, span analytics.Span) {
	for _, c := range list {
		if !c.Multi() {
			continue
		}
		of := map[analytics.Measure][]analytics.Contribution{}
		s.Rules.OfConversation(c, func(x analytics.Contribution) {
			if analytics.OncePerConversation(x.Measure) && span.Holds(x.At) {
				of[x.Measure] = append(of[x.Measure], x)
			}
		})
		for _, list := range of {
			sieve.Once(list)
		}
	}
}

// replay sums errands from everything the record holds, folded as of now.
func (s *session) replay(sieve *analytics.Sieve, list []errand) error {
	if len(list) == 0 {
		return nil
	}
	rows, err := s.then()
	if err != nil {
		return err
	}
	for _, e := range list {
		s.sum(sieve.Only(e.measures), e, rows, e.span)
	}
	return nil
}

// then returns everything the record holds, folded as of now.
func (s *session) then() (*analytics.Rows, error) {
	if s.past != nil {
		return s.past, nil
	}
	past := &analytics.Rows{}
	err := s.Read.People(s.ctx, nil, func(rows *analytics.Rows) error {
		past.Join(s.Rules.AsOf(rows, s.Roster, s.now))
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.past = past
	return past, nil
}

// sum works an errand out from rows alone.
func (s *session) sum(sieve *analytics.Sieve, e errand, rows *analytics.Rows, span analytics.Span) {
	if slices.ContainsFunc(e.measures, analytics.OncePerContact) {
		s.contacts(sieve, e, rows, span)
		return
	}
	s.add(sieve, e, rows, span, 1)
	if e.group == analytics.GroupHands {
		s.once(sieve, rows.Conversations, span)
	}
}
