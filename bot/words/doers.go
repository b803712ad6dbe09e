package words

import (
	"pulso/analytics"
)

// opener reads "conversaciones que abrió el cliente".
func (l *line) opener(s *selection, m analytics.Metric, from, to int) {
	k := l.find(from, "act.opened")
	if m.Key != "conversations_opened" || k < 0 || k >= to {
		return
	}
	next := l.skip(k+1, "glue.art", "glue.by", "glue.of", "filler.")
	switch {
	case l.is(next, "noun.contact"):
		s.add(analytics.ByOpener, "contact")
	case l.is(next, "glue.us", "glue.we") || l.is(next, "dim.agent") && l.is(next-1, "glue.art", "glue.by") && !l.is(next-1, "glue.by"):
		s.add(analytics.ByOpener, "agent")
	}
}

// byAgent reports whether "by agent" is said in so many words.
func (l *line) byAgent(from, to int) bool {
	for i := from; i < to; i++ {
		if l.is(i, "dim.agent") && l.is(i-1, "glue.by") && l.any("dim.closed_by", "dim.opened_by") && l.lex.starts(l.at(l.find(from, "dim.closed_by", "dim.opened_by")).text, "ask.who") {
			return true
		}
	}
	return false
}
