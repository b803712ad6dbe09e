package report

import (
	"maps"
	"slices"
	"strconv"

	"pulso/analytics"
	"pulso/models"
)

// A contact counts once in every row and once in the total. A row that is a
// day, a week or a month is a period of its own: what came before it began
// came earlier, so the row equals the same question asked of that time alone.

// start returns when a row's own period began.
func (s *session) start(values []string, span analytics.Span) int64 {
	at := span.From
	for i, d := range s.ask.By {
		if i >= len(values) {
			break
		}
		switch d {
		case analytics.ByDay, analytics.ByWeek, analytics.ByMonth:
			text := values[i]
			if d == analytics.ByMonth {
				text += "-01"
			}
			if day, err := analytics.ParseDay(text); err == nil {
				at = max(at, s.Rules.Zone.Start(day))
			}
		}
	}
	return at
}

// settle turns occurrences by the day of the previous one into contacts.
func (s *session) settle(sieve *analytics.Sieve, e errand) {
	for _, m := range e.measures {
		if !analytics.OncePerContact(m) {
			continue
		}
		sieve.Lines(func(l *analytics.Line) {
			day := s.Rules.Zone.DayOf(s.start(l.Values, e.span))
			sum := l.Sum(m)
			sum.N = sum.Before(day, !analytics.NeedsEarlier(m))
		})
	}
}

// visit is an occurrence that a contact may be counted for.
type visit struct {
	contact int64
	at      int64
	dims    analytics.Dims
	replied bool

	message      *models.Placed // the outreach
	conversation *models.Conversation
}

// contacts counts contacts from the rows themselves.
func (s *session) contacts(sieve *analytics.Sieve, e errand, rows *analytics.Rows, span analytics.Span) {
	first, earliest := s.firsts(sieve, e, rows, span)
	for l, of := range first {
		began := s.start(l.Values, span)
		for _, m := range e.measures {
			for contact, v := range of {
				if counts(m, contact, v, earliest, began) {
					l.Sum(m).N++
				}
			}
		}
	}
}

// firsts returns the first visit of each contact in every row and in the total,
// and for each contact a moment before which it is not known to have come.
func (s *session) firsts(sieve *analytics.Sieve, e errand, rows *analytics.Rows, span analytics.Span) (map[*analytics.Line]map[int64]visit, map[int64]int64) {
	visits, earliest := s.visits(e, rows, span)
	if e.group == analytics.GroupReach {
		visits = s.firstOutreach(sieve, visits)
	}
	first := map[*analytics.Line]map[int64]visit{}
	for _, v := range visits {
		line, ok := sieve.Line(&v.dims, v.at)
		if !ok {
			continue
		}
		for _, l := range []*analytics.Line{sieve.Total, line} {
			if l == nil {
				continue
			}
			if first[l] == nil {
				first[l] = map[int64]visit{}
			}
			if known, ok := first[l][v.contact]; !ok || v.at < known.at {
				first[l][v.contact] = v
			}
		}
	}
	return first, earliest
}

// firstOutreach keeps the first outreach of each contact among those that differ in
// nothing but the hour or the weekday: the figure belongs to that moment.
func (s *session) firstOutreach(sieve *analytics.Sieve, visits []visit) []visit {
	var scope []int // places of By that scope outreaches
	for i, d := range s.ask.By {
		if d != analytics.ByHour && d != analytics.ByWeekday {
			scope = append(scope, i)
		}
	}
	if len(scope) == len(s.ask.By) {
		return visits
	}
	first := map[string]visit{}
	for _, v := range visits {
		_, values, ok := sieve.Place(&v.dims, v.at)
		if !ok {
			continue
		}
		key := strconv.FormatInt(v.contact, 36)
		for _, i := range scope {
			key += "\x1f" + values[i]
		}
		if known, ok := first[key]; !ok || v.at < known.at {
			first[key] = v
		}
	}
	return slices.Collect(maps.Values(first))
}

// counts reports whether a measure counts a contact in a row whose own period
// began then.
func counts(m analytics.Measure, contact int64, v visit, earliest map[int64]int64, began int64) bool {
	if analytics.NeedsEarlier(m) && (earliest[contact] == 0 || earliest[contact] >= began) {
		return false
	}
	return m != analytics.RepliedOutreach || v.replied
}

// visits lists the occurrences of the errand's group in the span, and for each
// contact a moment before which nothing of the kind is known to have happened.
func (s *session) visits(e errand, rows *analytics.Rows, span analytics.Span) ([]visit, map[int64]int64) {
	var list []visit
	earliest := map[int64]int64{}
	if e.group == analytics.GroupReach {
		for _, m := range rows.Messages {
			if at := m.Message.At(); m.Outreach && span.Holds(at) {
				list = append(list, visit{contact: m.Contact, at: at, dims: outreachDims(m), replied: m.RepliedAt != 0, message: m})
			}
		}
		return list, earliest
	}
	for _, c := range rows.Conversations {
		if !span.Holds(c.OpenedAt) {
			continue
		}
		open := analytics.OpenOf(c)
		list = append(list, visit{contact: c.Contact, at: c.OpenedAt, dims: open.Dims(), conversation: c})
		before := c.OpenedAt
		if c.PrevOpenedAt != 0 {
			before = c.PrevOpenedAt
		}
		if known := earliest[c.Contact]; known == 0 || before < known {
			earliest[c.Contact] = before
		}
	}
	return list, earliest
}

func outreachDims(m *models.Placed) (d analytics.Dims) {
	d[analytics.BySource], d[analytics.ByChannel] = m.Source, m.Channel
	return d
}
