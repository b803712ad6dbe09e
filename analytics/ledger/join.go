package ledger

import (
	"strings"
	"unicode/utf8"

	"pulso/analytics"
	"pulso/models"
)

// join adds the batch's sightings to their messages, and its other events to
// the record, and notes which contacts that changes.
func (t *Turn) join() error {
	for i := range t.batch.Events {
		e := &t.batch.Events[i]
		fresh := false
		if e.Kind.OfMessage() {
			fresh = t.sight(e)
		} else {
			fresh = t.note(e)
		}
		if fresh {
			t.changes.Odd.Flag(e, t.batch.Now)
		}
		switch {
		case !e.Kind.Counts():
			t.out.Kept++
		case fresh:
			t.out.New++
		default:
			t.out.Duplicates++
		}
	}
	t.settle()
	return nil
}

// sight joins one sighting to its message and reports whether it told anything new.
func (t *Turn) sight(e *models.Event) bool {
	seen := sighting(e)
	k := MessageKey{seen.Channel, seen.ID}
	m := t.messages[k]
	if m == nil {
		m = &message{now: models.Placed{Row: t.newID(), Message: seen}}
		t.messages[k] = m
	} else {
		joined := models.Join(m.now.Message, seen)
		if joined == m.now.Message {
			return false
		}
		m.now.Message = joined
	}
	if e.Text != "" && (m.old == nil || seen.Content > m.old.Content) && m.text == "" {
		m.text = e.Text
	}
	return true
}

// sighting is what one event shows of its message.
func sighting(e *models.Event) models.Message {
	m := *e.Message
	m.Identify(models.Seen{})
	if party, ok := models.Strongest(e.Party); ok {
		m.Party, m.PartyAt = party, e.At
	}
	return m
}

// note records an event that is no sighting of a message. Of one call several
// events tell: it happened at the earliest, and the strongest identifier is whose
// it was.
func (t *Turn) note(e *models.Event) bool {
	k := FactKey{e.Source, e.Key}
	party, _ := models.Strongest(e.Party)
	f := t.facts[k]
	if f != nil {
		if e.Kind == models.CallReceived && (e.At < f.now.At || party.Stronger(f.now.Party)) {
			f.now.At = min(e.At, f.now.At)
			if party.Stronger(f.now.Party) {
				f.now.Party = party
			}
			return true
		}
		return false
	}
	t.facts[k] = &fact{now: models.Fact{
		Row: t.newID(), Source: e.Source, Key: e.Key, Kind: e.Kind, At: e.At, Channel: e.Channel, Party: party,
		Agent: node(e.Agent), By: e.By, Origin: e.Origin, Label: e.Label, Category: e.Category, Summary: e.Summary, Text: e.Text,
		Mentions: e.Mentions, Notice: e.Notice, Details: e.Details, Flags: e.Flags,
	}}
	return true
}

// settle gives every row that was read or made to its owner, and has contacts
// folded whose facts changed.
func (t *Turn) settle() {
	for _, m := range t.messages {
		m.now.Contact = t.owner(m.now.Party, m.now.Message.At())
		t.see(m)
		if m.old == nil {
			t.touch(m.now.Contact, m.now.Message.At())
			continue
		}
		if m.old.Contact != m.now.Contact {
			t.refold(m.old.Contact)
			t.refold(m.now.Contact)
		}
		if m.old.Message != m.now.Message && (t.bearing(&m.old.Message) != t.bearing(&m.now.Message)) {
			t.touch(m.now.Contact, min(m.old.Message.At(), m.now.Message.At()))
		}
	}
	for _, f := range t.facts {
		f.now.Contact = t.owner(f.now.Party, f.now.At)
		t.horizon(f.now.Contact, f.now.At)
		switch {
		case f.old != nil && f.old.Contact != f.now.Contact:
			t.refold(f.old.Contact)
			t.refold(f.now.Contact)
		case analytics.Folds(f.now.Kind) && (f.old == nil || f.old.At != f.now.At):
			t.touch(f.now.Contact, f.now.At)
		}
	}
}

// bearing is what of a message its neighbours depend on; a mere receipt
// changes nothing for them.
type bearing struct {
	dir      models.Direction
	at       int64
	class    models.Class
	agent    string
	echo, ad bool
}

func (t *Turn) bearing(m *models.Message) bearing {
	return bearing{m.Dir, m.At(), m.Class(), t.roster.Key(m.Agent), m.Echo, m.Ad}
}

// see keeps the horizon: the latest moment of anything that has come to pass.
func (t *Turn) see(m *message) {
	for _, at := range []int64{m.now.Message.At(), m.now.DeliveredAt, m.now.ReadAt, m.now.FailedAt, m.now.PartyAt} {
		if at != 0 {
			t.horizon(m.now.Contact, at)
		}
	}
	if m.now.Others != "" {
		for _, x := range m.now.Seen().List() {
			t.horizon(m.now.Contact, x.At)
		}
	}
}

func (t *Turn) horizon(contact, at int64) {
	if at > t.batch.Now {
		t.changes.Ahead[contact] = max(t.changes.Ahead[contact], at)
		return
	}
	t.changes.Horizon = max(t.changes.Horizon, at)
	if t.changes.Since == 0 || at < t.changes.Since {
		t.changes.Since = at
	}
}

// node is the roster's name of an agent; names are folded, so that however one
// is spelt it is one node.
func node(a *models.AgentSighting) string { return foldNode(a.Node()) }

func foldNode(n string) string {
	if strings.HasPrefix(n, "~") {
		return "~" + analytics.FoldName(n[1:])
	}
	return n
}

const (
	longest     = 512    // runes of a name, an id, a category
	longestText = 65_536 // bytes
)

// tidy makes an event fit for storing, whatever its source let pass: no
// control characters in short strings, nothing too long.
func tidy(e *models.Event) {
	for _, s := range []*string{&e.Key, &e.Channel, &e.Name, &e.Label, &e.Category, &e.By, &e.Origin, &e.Notice} {
		*s = short(*s)
	}
	e.Summary, e.Text = cut(e.Summary, 8192), cut(e.Text, longestText)
	for _, party := range [][]models.Alias{e.Party, e.MergedInto} {
		for i := range party {
			party[i].Value = short(party[i].Value)
		}
	}
	if a := e.Agent; a != nil {
		a.ID, a.Name, a.Team = cut(short(a.ID), 200), cut(short(a.Name), 200), cut(short(a.Team), 200)
	}
	if m := e.Message; m != nil {
		for _, s := range []*string{&m.Channel, &m.ID, &m.Template, &m.Kind, &m.Error, &m.ErrorTitle, &m.PriceCategory, &m.PriceType} {
			*s = short(*s)
		}
		if m.Agent == "" {
			m.Agent = node(e.Agent)
		}
		m.Agent = foldNode(short(m.Agent))
	}
}

func short(s string) string {
	if len(s) > longest {
		s = cut(s, longest)
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] == 0x7f {
			return strings.Map(func(r rune) rune {
				if r < 0x20 || r == 0x7f {
					return -1
				}
				return r
			}, s)
		}
	}
	return s
}

// cut shortens to at most n bytes, at a rune's edge, and drops U+0000.
func cut(s string, n int) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "")
	}
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
