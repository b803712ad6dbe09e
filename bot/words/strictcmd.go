package words

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"pulso/analytics"
)

// alert reads "alert first_response > 600s for 15m over 1h where team ventas",
// "alert remove 3", "alert snooze 2h".
func (s *script) alert() (Reading, bool) {
	s.i++
	a := &AlertDetail{Action: s.word()}
	r := Reading{Intent: ToAlert, Alert: a}
	switch a.Action {
	case "remove", "test":
		s.i++
		a.ID = s.number()
	case "ack", "who", "why", "list":
		s.i++
	case "snooze":
		s.i++
		if s.take("until") {
			t, err := time.Parse(time.RFC3339, strings.ToUpper(s.word()))
			s.i++
			a.Until = t.UnixMilli()
			return r, err == nil && s.done()
		}
		var ok bool
		a.For, ok = s.length()
		a.Until = s.cal.now + a.For.Milliseconds()
		return r, ok && s.done()
	default:
		a.Action = "add"
		return r, s.rule(a) && s.done()
	}
	return r, s.done()
}

// rule reads a metric, an operator, a level and what limits it.
func (s *script) rule(a *AlertDetail) bool {
	m, ok := analytics.MetricOf(s.word())
	if !ok {
		return false
	}
	s.i++
	a.Metric, a.Op = m.Key, s.word()
	if !slices.Contains([]string{">", ">=", "<", "<=", "drop", "rise", "silence"}, a.Op) {
		return false
	}
	s.i++
	if v, ok := levelOf(s.word()); ok {
		a.Threshold = &v
		s.i++
	}
	for ok = true; ok && !s.done() && s.word() != "where"; {
		switch {
		case s.take("for"):
			a.For, ok = s.length()
		case s.take("over"):
			a.Over, ok = s.length()
		case s.take("repeat"):
			a.Repeat, ok = s.length()
		case s.take("min"):
			a.MinN = s.number()
		default:
			ok = false
		}
	}
	return ok && s.where(&a.Where)
}

// levelOf reads 600s, 10m, 3% and 20.
func levelOf(text string) (float64, bool) {
	if d, err := time.ParseDuration(text); err == nil && text != "0" {
		return d.Seconds(), true
	}
	number, share := strings.CutSuffix(text, "%")
	v, err := strconv.ParseFloat(number, 64)
	if share {
		v /= 100
	}
	return v, err == nil
}

// digest reads "digest add mon,wed at 09:00 in es: stats last week".
func (s *script) digest() (Reading, bool) {
	head, ask, _ := strings.Cut(s.in.Text, ": ")
	s.i++
	d := &DigestDetail{Action: s.word(), Language: s.in.Language}
	r := Reading{Intent: ToDigest, Digest: d}
	s.i++
	switch d.Action {
	case "list", "send":
		return r, s.done()
	case "stop":
		d.ID = s.number()
		return r, s.done()
	case "add":
	default:
		return r, false
	}
	d.Ask = strings.TrimSpace(ask)
	s.terms, _ = terms(head)
	s.i = 2
	if s.take("monthly") {
		d.MonthDay = s.number()
	} else {
		for slices.Contains(dayKeys[:], s.word()) {
			d.Days = append(d.Days, s.word())
			s.i++
			s.take(",")
		}
	}
	if s.take("at") {
		d.At = s.word()
		s.i++
	}
	if s.take("in") {
		d.Language = s.word()
		s.i++
	}
	return r, s.done() && d.Ask != "" && (d.MonthDay > 0 || len(d.Days) > 0)
}

// people reads "people invite +573001112233 as manager teams ventas".
func (s *script) people() (Reading, bool) {
	s.i++
	p := &PeopleDetail{Action: s.word()}
	r := Reading{Intent: ToPeople, People: p}
	s.i++
	switch p.Action {
	case "list":
		return r, s.done()
	case "invite", "revoke":
	default:
		return r, false
	}
	if strings.HasPrefix(s.word(), "+") {
		p.Phone = s.word()
		s.i++
	}
	if s.take("name") {
		t, _ := s.name()
		p.Name = t.text
	}
	if s.take("as") {
		p.Role = s.word()
		s.i++
	}
	for !s.done() {
		list := &p.Teams
		switch {
		case s.take("teams"):
		case s.take("channels"):
			list = &p.Channels
		default:
			return r, false
		}
		for ok := true; ok; ok = s.take(",") {
			t, _ := s.name()
			*list = append(*list, t.text)
		}
	}
	return r, true
}
