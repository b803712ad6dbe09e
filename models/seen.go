package models

import (
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Seen is whom the sightings of one message show: its customer's identifiers,
// each since the earliest sighting that has it. Two that one message shows are
// one person's, from when both were shown.
type Seen struct {
	Party   Alias // the strongest
	PartyAt int64
	Others  string // the rest, strongest first: a line with kind, time and value of each
}

// Sight is an identifier and the earliest sighting with it.
type Sight struct {
	Alias
	At int64
}

// mostSights is how many identifiers of a message are kept: the strongest, so
// that which does not depend on order.
const mostSights = 32

// Seen returns whom the message was seen with.
func (m *Message) Seen() Seen { return Seen{m.Party, m.PartyAt, m.Others} }

// Identify sets whom the message was seen with.
func (m *Message) Identify(s Seen) { m.Party, m.PartyAt, m.Others = s.Party, s.PartyAt, s.Others }

// Rename gives the message another customer, as if no sighting had shown any other.
func (m *Message) Rename(party Alias) {
	at := int64(0)
	for _, x := range append(m.Seen().List(), Sight{At: m.ProviderAt}, Sight{At: m.SaidAt}, Sight{At: m.DeliveredAt},
		Sight{At: m.ReadAt}, Sight{At: m.FailedAt}, Sight{At: m.DeletedAt}) {
		at = earliest(at, x.At)
	}
	m.Identify(Seen{Party: party, PartyAt: at})
}

// Forget takes identifiers out, whatever sighting showed them.
func (m *Message) Forget(gone func(Alias) bool) {
	list := m.Seen().List()
	m.Identify(seenWith(slices.DeleteFunc(list, func(x Sight) bool { return gone(x.Alias) })))
}

// List returns the identifiers, strongest first.
func (s Seen) List() []Sight {
	if s.Party.Kind == 0 {
		return nil
	}
	list := []Sight{{s.Party, s.PartyAt}}
	for line := range strings.Lines(s.Others) {
		kind, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		at, value, _ := strings.Cut(rest, " ")
		k, _ := strconv.ParseUint(kind, 10, 8)
		t, _ := strconv.ParseInt(at, 10, 64)
		list = append(list, Sight{Alias{AliasKind(k), value}, t})
	}
	return list
}

// seenWith is the reverse of List: of an identifier that is listed twice the
// earlier counts.
func seenWith(list []Sight) Seen {
	sort.Slice(list, func(i, j int) bool {
		if list[i].Alias != list[j].Alias {
			return list[i].Stronger(list[j].Alias)
		}
		return list[i].At < list[j].At
	})
	var s Seen
	var b strings.Builder
	n := 0
	for i, x := range list {
		switch {
		case i > 0 && x.Alias == list[i-1].Alias || n == mostSights:
			continue
		case i == 0:
			s.Party, s.PartyAt = x.Alias, x.At
		default:
			b.WriteString(strconv.Itoa(int(x.Kind)) + " " + strconv.FormatInt(x.At, 10) + " " + x.Value + "\n")
		}
		n++
	}
	s.Others = b.String()
	return s
}

// Join adds what other sightings show.
func (s Seen) Join(o Seen) Seen {
	switch {
	case o.Party.Kind == 0:
		return s
	case s.Party.Kind == 0:
		return o
	case s.Party == o.Party && s.Others == o.Others:
		s.PartyAt = earliest(s.PartyAt, o.PartyAt)
		return s
	}
	return seenWith(append(s.List(), o.List()...))
}

// AsOf returns what the sightings up to now show.
func (s Seen) AsOf(now int64) Seen {
	if s.Others == "" {
		if s.PartyAt > now {
			return Seen{}
		}
		return s
	}
	var then []Sight
	for _, x := range s.List() {
		if x.At <= now {
			then = append(then, x)
		}
	}
	return seenWith(then)
}
