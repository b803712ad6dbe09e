package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// The teams.
const (
	ventas    = "ventas"
	soporte   = "soporte"
	postventa = "postventa"
)

// agent is one of those who answer customers.
type agent struct {
	id, name, team string

	pace     time.Duration // half of the first answers take less
	uneven   float64       // how much they vary: the sigma of a lognormal
	from, to int           // the working day, in minutes
	lunch    int           // the minute at which an hour of lunch begins
	saturday bool
	tiring   bool // slower and slower as the history ends

	given time.Time // when they were last given a conversation
}

func staff() []*agent {
	return []*agent{
		{id: "a-11", name: "Ana Rojas", team: ventas, pace: 100 * time.Second, uneven: 0.6, from: 8 * 60, to: 17 * 60, lunch: 12 * 60, saturday: true},
		{id: "a-12", name: "Julián Mesa", team: ventas, pace: 4 * time.Minute, uneven: 0.7, from: 8 * 60, to: 17 * 60, lunch: 13 * 60, saturday: true, tiring: true},
		{id: "a-13", name: "Valentina Ruiz", team: ventas, pace: 150 * time.Second, uneven: 0.7, from: 9 * 60, to: 18 * 60, lunch: 13*60 + 30},
		{id: "a-21", name: "Andrés Pardo", team: soporte, pace: 3 * time.Minute, uneven: 0.7, from: 8 * 60, to: 17 * 60, lunch: 12 * 60, saturday: true},
		{id: "a-22", name: "Luisa Cano", team: soporte, pace: 4 * time.Minute, uneven: 0.7, from: 8 * 60, to: 17 * 60, lunch: 12*60 + 30},
		{id: "a-23", name: "Camilo Ortiz", team: soporte, pace: 6 * time.Minute, uneven: 0.9, from: 9 * 60, to: 18 * 60, lunch: 13 * 60},
		{id: "a-31", name: "Paola Vélez", team: postventa, pace: 3 * time.Minute, uneven: 0.7, from: 8 * 60, to: 17 * 60, lunch: 12 * 60, saturday: true},
		{id: "a-32", name: "Mateo Gil", team: postventa, pace: 5 * time.Minute, uneven: 0.8, from: 8*60 + 30, to: 18 * 60, lunch: 13 * 60},
	}
}

// span is a part of a day.
type span struct{ from, to time.Time }

// turns returns when an agent works on the local day n days after t.
func (s *Shop) turns(a *agent, t time.Time, n int) []span {
	noon := s.day(t, n, 12*60)
	at := func(minute int) time.Time { return s.day(noon, 0, minute) }
	switch {
	case s.holiday(noon), noon.Weekday() == time.Sunday, noon.Weekday() == time.Saturday && !a.saturday:
		return nil
	case noon.Weekday() == time.Saturday:
		return []span{{at(9 * 60), at(14 * 60)}}
	}
	return []span{{at(a.from), at(a.lunch)}, {at(a.lunch + 60), at(a.to)}}
}

// atWork returns t when the agent works then, else when they next do.
func (s *Shop) atWork(a *agent, t time.Time) time.Time {
	for n := 0; n < 15; n++ {
		for _, turn := range s.turns(a, t, n) {
			if t.Before(turn.from) {
				return turn.from
			}
			if t.Before(turn.to) {
				return t
			}
		}
	}
	return t
}

// patience is how much longer a conversation may wait for whose turn it is.
const patience = 45 * time.Minute

// near returns whose turn it is in a team, of those who are there soonest or
// nearly so, and when they are there. except is left out.
func (s *Shop) near(team string, t time.Time, except *agent) (best *agent, at time.Time) {
	soonest := s.soonest(team, t, except)
	for _, a := range s.staff {
		when := s.atWork(a, t)
		if a.team != team || a == except || when.After(soonest.Add(patience)) {
			continue
		}
		if best == nil || a.given.Before(best.given) {
			best, at = a, when
		}
	}
	return best, at
}

// soonest returns when anybody of a team is at work.
func (s *Shop) soonest(team string, t time.Time, except *agent) (first time.Time) {
	for _, a := range s.staff {
		if when := s.atWork(a, t); a.team == team && a != except && (first.IsZero() || when.Before(first)) {
			first = when
		}
	}
	return first
}

// weary is for how long before the end of the history somebody has been tiring.
const weary = 9 * 24 * time.Hour

// takes returns how long an agent needs for an answer at t, in a history that
// ends at end: what their pace, the day and chance make of it.
func (s *Shop) takes(r *rand.Rand, a *agent, t, end time.Time) time.Duration {
	d := vary(r, a.pace, a.uneven)
	if a.tiring && t.After(end.Add(-weary)) {
		d *= 7
	}
	if a.team == postventa && s.local(t).Weekday() == time.Friday {
		d = d * 5 / 2
	}
	return d
}

// vary returns a duration around the median d, never more than ten times d.
func vary(r *rand.Rand, d time.Duration, sigma float64) time.Duration {
	return time.Duration(float64(d) * min(math.Exp(sigma*r.NormFloat64()), 10))
}
