package oracle

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The cases in testdata/*.txt are written so that they can be read as a manual.
// A case begins with a sentence of the definitions behind "#"; then come
//
//	set KEY=VALUE …     the business: zone, idle, inbox, target, team.NAME, ids.NAME, MON=09:00-13:00,14:00-18:00, holiday
//	[Nd]HH:MM[:SS[.mmm]] VERB [WHO] [KEY=VALUE …]     an event, N days after Monday 2026-03-02
//	now TIME            as of when; 90d00:00 when not said
//	> QUESTION = ANSWER
//
// WHO is an agent's name, "-" for nobody, and after "out" also a sender class. A
// question is METRIC[.FIELD] [by DIM,DIM] [where DIM=VALUE]… [from TIME to TIME],
// or a column of a list: conversation.FIELD, message.FIELD, contact.FIELD.
func TestSentences(t *testing.T) {
	for _, file := range []string{"base", "conversation", "catalogue", "dimensions", "identity"} {
		text, err := os.ReadFile("testdata/" + file + ".txt")
		require.NoError(t, err)
		cases := strings.Split("\n"+string(text), "\n# ")[1:]
		require.NotEmpty(t, cases)
		for _, c := range cases {
			sentence, body, _ := strings.Cut(c, "\n")
			t.Run(file+"/"+sentence, func(t *testing.T) { play(t, body) })
		}
	}
}

// play runs one case; it must ask something.
func play(t *testing.T, body string) {
	s := script{now: "90d00:00", serial: 100}
	asked := 0
	for _, line := range strings.Split(body, "\n") {
		line, _, _ = strings.Cut(line, "//")
		words := strings.Fields(line)
		switch {
		case len(words) == 0:
		case words[0] == "set":
			s.set(t, words[1:])
		case words[0] == "now":
			s.now = words[1]
		case words[0] == ">":
			question, want, ok := strings.Cut(strings.TrimSpace(line)[1:], " = ")
			require.True(t, ok, line)
			require.Equal(t, strings.TrimSpace(want), s.answer(t, question), line)
			asked++
		default:
			s.events = append(s.events, s.event(t, words))
		}
	}
	require.Positive(t, asked, "the case asks nothing")
}

type script struct {
	business Business
	events   []Event
	now      string
	serial   int
}

func (s *script) zone() *time.Location {
	if s.business.Zone == nil {
		return time.UTC
	}
	return s.business.Zone
}

// time reads [Nd]HH:MM[:SS[.mmm]] on the wall clock of the business.
func (s *script) time(t *testing.T, word string) time.Time {
	days := 0
	if n, rest, ok := strings.Cut(word, "d"); ok {
		d, err := strconv.Atoi(n)
		require.NoError(t, err, word)
		days, word = d, rest
	}
	for _, layout := range []string{"15:04", "15:04:05"} { // a fraction is read by either
		if c, err := time.Parse(layout, word); err == nil {
			return time.Date(2026, 3, 2+days, c.Hour(), c.Minute(), c.Second(), c.Nanosecond(), s.zone())
		}
	}
	require.Fail(t, "not a time", word)
	return time.Time{}
}

func (s *script) set(t *testing.T, pairs []string) {
	for _, pair := range pairs {
		key, value, _ := strings.Cut(pair, "=")
		var err error
		switch name, who, _ := strings.Cut(key, "."); name {
		case "zone":
			s.business.Zone, err = time.LoadLocation(value)
		case "idle":
			s.business.IdleClose, err = time.ParseDuration(value)
		case "inbox":
			s.business.InboxIdleClose, err = time.ParseDuration(value)
		case "target":
			s.business.Target, err = time.ParseDuration(value)
		case "team":
			s.business.Agents = append(s.business.Agents, Agent{Name: who, Team: value})
		case "ids":
			s.business.Agents = append(s.business.Agents, Agent{Name: who, IDs: strings.Split(value, ",")})
		case "holiday":
			s.business.Holidays = append(s.business.Holidays, value)
		default:
			if s.business.Hours == nil {
				s.business.Hours = map[string][]string{}
			}
			s.business.Hours[strings.ToLower(name)] = strings.Split(value, ",")
		}
		require.NoError(t, err, pair)
	}
}

// event reads one line that tells an event.
func (s *script) event(t *testing.T, words []string) Event {
	s.serial++
	e := Event{ID: fmt.Sprintf("e%d", s.serial), At: s.time(t, words[0]), Channel: "whatsapp:1060", Contact: &EventContact{}}
	verbs := map[string]string{
		"in": received, "out": sent, "delivered": delivered, "read": read, "failed": failed, "removed": deleted, "opened": opened,
		"assigned": assigned, "closed": closed, "comment": commentAdded, "added": contactAdded, "updated": contactUpdated,
		"deleted": contactDeleted, "merged": contactMerged, "call": callReceived,
	}
	require.Contains(t, verbs, words[1])
	e.Type = verbs[words[1]]
	if strings.HasPrefix(e.Type, "message.") {
		e.Message = &EventMessage{ID: fmt.Sprintf("m%d", s.serial)}
		if e.Type == received || e.Type == sent {
			e.Message.Kind = "text"
		}
	}
	for _, word := range words[2:] {
		if key, value, ok := strings.Cut(word, "="); ok {
			e.say(t, key, value)
		} else {
			e.by(word)
		}
	}
	if *e.Contact == (EventContact{}) || *e.Contact == (EventContact{Source: e.Contact.Source}) {
		e.Contact.ID = "c-1"
	}
	return e
}

// by sets who does it.
func (e *Event) by(who string) {
	switch {
	case e.Type == sent && (who == "phone" || who == "bot" || who == "automation" || who == "campaign"):
		e.Message.Sender = who
	case e.Type == sent && who == "-":
		e.Message.Sender = "agent"
	case who != "-":
		e.Agent = &EventAgent{Name: who}
	}
}

// say sets one field.
func (e *Event) say(t *testing.T, key, value string) {
	if e.Conversation == nil {
		e.Conversation = &EventConversation{}
	}
	if e.Pricing == nil && strings.HasPrefix(key, "price") {
		e.Pricing = &EventPricing{}
	}
	if e.Agent == nil && strings.HasPrefix(key, "agent.") {
		e.Agent = &EventAgent{}
	}
	fields := map[string]*string{"event": &e.ID, "channel": &e.Channel, "contact": &e.Contact.ID, "phone": &e.Contact.Phone, "user": &e.Contact.UserID, "source": &e.Contact.Source,
		"category": &e.Conversation.Category, "summary": &e.Conversation.Summary, "opened_by": &e.Conversation.OpenedBy, "closed_by": &e.Conversation.ClosedBy}
	if e.Message != nil {
		fields["id"], fields["kind"] = &e.Message.ID, &e.Message.Kind
	}
	if e.Agent != nil {
		fields["agent.id"], fields["agent.team"] = &e.Agent.ID, &e.Agent.Team
	}
	if e.Pricing != nil {
		fields["price"], fields["price.type"] = &e.Pricing.Category, &e.Pricing.Type
	}
	switch field, ok := fields[key]; {
	case ok:
		*field = value
	case key == "template":
		e.Message.Template = &value
	case key == "into":
		e.MergedInto = &EventIdentity{ID: value}
	case key == "error":
		code, err := strconv.Atoi(value)
		require.NoError(t, err)
		e.Error = &EventError{Code: code}
	case key == "price.billable":
		yes := value == "true"
		e.Pricing.Billable = &yes
	default:
		require.Fail(t, "no such field", key)
	}
}

// answer answers one question in the words of the cases.
func (s *script) answer(t *testing.T, question string) string {
	w := Replay(s.business, s.events, s.time(t, s.now))
	words := strings.Fields(question)
	name, field, _ := strings.Cut(words[0], ".")
	if name == "conversation" || name == "message" || name == "contact" {
		return s.column(w.Lists(), name, field)
	}
	from, to := s.time(t, "0d00:00").AddDate(0, -2, 0), s.time(t, "0d00:00").AddDate(1, 0, 0)
	var by []string
	where := map[string][]string{}
	for i := 1; i < len(words); i += 2 {
		switch words[i] {
		case "by":
			by = strings.Split(words[i+1], ",")
		case "where":
			dim, value, _ := strings.Cut(words[i+1], "=")
			where[dim] = append(where[dim], value)
		case "from":
			from = s.time(t, words[i+1])
		case "to":
			to = s.time(t, words[i+1])
		default:
			require.Fail(t, "not a question", question)
		}
	}
	return written(w.Query(name, from, to, by, where), Unit(name), field, len(by) > 0)
}

// written writes a result: its rows if it was asked by something, else its total.
func written(r Result, unit, field string, rows bool) string {
	if r.Refused != "" {
		return "refused"
	}
	if !rows {
		return r.Total.written(unit, field)
	}
	var parts []string
	for _, row := range r.Rows {
		key := strings.Join(row.Key, "|")
		if key == "" {
			key = "null"
		}
		parts = append(parts, key+": "+row.written(unit, field))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}

func (f Figure) written(unit, field string) string {
	switch {
	case f.NoSchedule:
		return "no schedule"
	case field != "":
		return map[string]string{"n": strconv.Itoa(f.N), "waiting": strconv.Itoa(f.Waiting), "mean": null(f.Mean), "p50": null(f.P50), "p90": null(f.P90), "max": null(f.Max)}[field]
	case unit == "share":
		return fmt.Sprintf("%d/%d", f.Num, f.Den)
	}
	return null(f.Value)
}

func null(v *float64) string {
	if v == nil {
		return "null"
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}

// column writes a field of every row of a list.
func (s *script) column(l Lists, name, field string) string {
	var out []string
	add := func(fields map[string]string) {
		v, ok := fields[field]
		if !ok {
			v = "no such field"
		}
		if v == "" {
			v = "null"
		}
		out = append(out, v)
	}
	switch name {
	case "conversation":
		for _, c := range l.Conversations {
			add(map[string]string{"opened_at": s.clock(c.OpenedAt), "opened_by": c.OpenedBy, "closed_at": s.clock(c.ClosedAt), "closed_by": c.ClosedBy,
				"assignee": c.Assignee, "category": c.Category, "summary": c.Summary, "reopened": strconv.FormatBool(c.Reopened), "waiting_since": s.clock(c.WaitingSince),
				"first_response": null(c.FirstResponseSeconds), "contact": c.Contact, "messages": strings.Join(c.Messages, "+")})
		}
	case "message":
		for _, m := range l.Messages {
			add(map[string]string{"at": s.clock(m.At), "status": m.Status, "sender": m.Sender, "agent": m.Agent, "kind": m.Kind, "contact": m.Contact, "direction": m.Direction,
				"delivered_at": s.clock(m.DeliveredAt), "id": m.ID})
		}
	case "contact":
		for _, c := range l.Contacts {
			add(map[string]string{"name": c.Contact, "source": c.Source, "ids": strings.Join(c.Identifiers, "+"), "seen": s.clock(c.FirstSeenAt)})
		}
	}
	return strings.Join(out, ", ")
}

// clock writes a time as the cases do.
func (s *script) clock(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	at = at.In(s.zone())
	days := int(time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC).Sub(time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)).Hours() / 24)
	clock := at.Format("15:04:05.000")
	clock = strings.TrimSuffix(strings.TrimSuffix(clock, ".000"), ":00")
	if days == 0 {
		return clock
	}
	return fmt.Sprintf("%dd%s", days, clock)
}
