package app

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/models"
	"pulso/models/store"
)

// Listing asks for the rows behind the figures.
type Listing struct {
	What  string // messages, conversations, contacts, assignments, comments
	From  string
	To    string
	Where []string // FIELD=VALUE
	Limit int      // 0: all
	CSV   bool
	Now   time.Time
}

// column is one field of a listing, in its order.
type column struct {
	name  string
	value any
}

// List writes a listing: one JSON object with one array, row by row, so that it
// may be as long as it likes; or CSV.
func (a *App) List(ctx context.Context, l Listing, w io.Writer) error {
	narrow, err := a.narrow(ctx, l)
	if err != nil {
		return err
	}
	roster, err := a.Roster(ctx)
	if err != nil {
		return err
	}
	out := &sheet{w: bufio.NewWriter(w), name: l.What, csv: l.CSV}
	ls := &lister{App: a, ctx: ctx, roster: roster, now: l.Now.UnixMilli(), keys: map[int64]string{}, out: out}
	if err := ls.run(l.What, narrow); err != nil {
		return err
	}
	return out.end()
}

// narrow reads the period and the conditions of a listing.
func (a *App) narrow(ctx context.Context, l Listing) (store.List, error) {
	narrow := store.List{Limit: l.Limit}
	var err error
	if l.From != "" {
		if narrow.From, err = a.moment(l.From); err != nil {
			return narrow, fmt.Errorf("--from %s: %w", l.From, err)
		}
	}
	if l.To != "" {
		if narrow.To, err = a.moment(l.To); err != nil {
			return narrow, fmt.Errorf("--to %s: %w", l.To, err)
		}
	}
	roster, err := a.Roster(ctx)
	if err != nil {
		return narrow, err
	}
	for _, w := range l.Where {
		m, err := a.match(ctx, w, roster)
		if err != nil {
			return narrow, err
		}
		narrow.Where = append(narrow.Where, m)
	}
	return narrow, nil
}

// match reads FIELD=VALUE,VALUE of a listing.
func (a *App) match(ctx context.Context, w string, roster *analytics.Roster) (store.Match, error) {
	field, text, ok := strings.Cut(w, "=")
	if !ok {
		return store.Match{}, fmt.Errorf("--where %s: want FIELD=VALUE", w)
	}
	m := store.Match{Column: field}
	for _, v := range strings.Split(text, ",") {
		switch field {
		case "direction":
			m.Column = "dir"
			m.Values = append(m.Values, map[string]models.Direction{"in": models.In, "out": models.Out}[v])
		case "channel":
			m.Values = append(m.Values, a.valueOf(analytics.ByChannel, v, roster))
		case "agent":
			m.Column = "credited"
			m.Values = append(m.Values, roster.Find(v))
		case "assignee":
			m.Values = append(m.Values, roster.Find(v))
		case "type":
			m.Column = "kind"
			m.Values = append(m.Values, v)
		case "contact":
			ids, err := a.Store.ContactsNamed(ctx, v)
			if err != nil {
				return m, err
			}
			for _, id := range ids {
				m.Values = append(m.Values, id)
			}
		default:
			m.Values = append(m.Values, v)
		}
	}
	if len(m.Values) == 0 {
		m.Values = []any{-1}
	}
	return m, nil
}

type lister struct {
	*App
	ctx    context.Context
	roster *analytics.Roster
	now    int64
	keys   map[int64]string // what outsiders call contacts
	out    *sheet
}

func (l *lister) run(what string, n store.List) error {
	switch what {
	case "messages":
		return l.Store.ListMessages(l.ctx, n, l.message)
	case "conversations":
		return l.Store.ListConversations(l.ctx, n, l.conversation)
	case "contacts":
		return l.Store.ListContacts(l.ctx, n, l.contact)
	case "assignments":
		return l.Store.ListFacts(l.ctx, []models.Kind{models.ConversationAssigned}, n, l.assignment)
	case "comments":
		return l.Store.ListFacts(l.ctx, []models.Kind{models.CommentAdded}, n, l.comment)
	}
	return fmt.Errorf("no listing is called %s", what)
}

func (l *lister) time(ms int64) any {
	if ms == 0 {
		return nil
	}
	return l.rules.Zone.Time(ms).Format(time.RFC3339Nano)
}

func text(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (l *lister) agent(key string) any { return text(l.roster.Agent(key).Name) }

// key is what outsiders call a contact; contacts are read as they come up.
func (l *lister) key(id int64) (any, error) {
	if id == 0 {
		return nil, nil
	}
	if k, ok := l.keys[id]; ok {
		return k, nil
	}
	if len(l.keys) > 50_000 {
		clear(l.keys)
	}
	found, err := l.Store.ContactKeys(l.ctx, []int64{id})
	if err != nil || found[id] == nil {
		return nil, err
	}
	l.keys[id] = found[id].Key
	return found[id].Key, nil
}

func (l *lister) message(m *models.Placed) error {
	contact, err := l.key(m.Contact)
	if err != nil {
		return err
	}
	direction, agent, sentAt := "in", any(nil), any(nil)
	if m.Dir == models.Out {
		direction, agent, sentAt = "out", l.agent(m.Credited), l.time(m.Message.At())
	}
	return l.out.row([]column{
		{"id", m.ID}, {"channel", m.Channel}, {"direction", direction}, {"at", l.time(m.Message.At())}, {"contact", contact},
		{"agent", agent}, {"sender", text(string(m.Class()))}, {"kind", text(m.Kind)}, {"status", text(m.Status())}, {"sent_at", sentAt},
		{"delivered_at", l.time(m.DeliveredAt)}, {"read_at", l.time(m.ReadAt)}, {"failed_at", l.time(m.FailedAt)},
		{"error", text(m.Error)}, {"template", text(m.Template)},
	})
}

func (l *lister) conversation(c *models.Conversation) error {
	contact, err := l.key(c.Contact)
	if err != nil {
		return err
	}
	var response, closedAt, closedBy, waiting any
	if c.FirstReplyAt != 0 {
		response = float64(c.FirstReplyAt-c.FirstCustomerAt) / 1000
	}
	if c.Open(l.now) {
		waiting = l.time(c.WaitingSince)
	} else {
		closedAt, closedBy = l.time(c.ClosedAt), c.ClosedBy
	}
	return l.out.row([]column{
		{"id", c.ID.String()}, {"channel", c.Channel}, {"contact", contact}, {"opened_at", l.time(c.OpenedAt)}, {"opened_by", c.OpenedBy},
		{"assignee", l.agent(c.Assignee)}, {"first_response_seconds", response}, {"closed_at", closedAt}, {"closed_by", closedBy},
		{"category", text(c.Category)}, {"reopened", c.Reopened}, {"waiting_since", waiting}, {"label", text(c.Label)}, {"summary", text(c.Summary)},
	})
}

func (l *lister) contact(c *models.Contact) error {
	return l.out.row([]column{
		{"id", c.Key}, {"name", text(c.Name)}, {"first_seen_at", l.time(c.FirstSeenAt)}, {"source", text(c.Source)}, {"channel", text(c.Channel)},
		{"merged_at", l.time(c.MergedAt)},
	})
}

func (l *lister) assignment(f *models.Fact) error {
	contact, err := l.key(f.Contact)
	if err != nil {
		return err
	}
	return l.out.row([]column{
		{"id", f.Key}, {"at", l.time(f.At)}, {"channel", f.Channel}, {"contact", contact}, {"agent", l.agent(l.roster.Key(f.Agent))},
		{"conversation", text(f.Label)},
	})
}

func (l *lister) comment(f *models.Fact) error {
	contact, err := l.key(f.Contact)
	if err != nil {
		return err
	}
	mentions := f.Mentions
	if mentions == nil {
		mentions = []string{}
	}
	return l.out.row([]column{
		{"id", f.Key}, {"at", l.time(f.At)}, {"channel", f.Channel}, {"contact", contact}, {"agent", l.agent(l.roster.Key(f.Agent))},
		{"text", text(f.Text)}, {"mentions", mentions},
	})
}

// sheet writes rows as JSON or CSV as they come.
type sheet struct {
	w    *bufio.Writer
	name string
	csv  bool
	n    int
}

func (s *sheet) row(columns []column) error {
	s.n++
	if s.csv {
		return s.csvRow(columns)
	}
	if s.n == 1 {
		fmt.Fprintf(s.w, "{%q:[", s.name)
	} else {
		s.w.WriteString(",\n")
	}
	for i, c := range columns {
		b, err := json.Marshal(c.value)
		if err != nil {
			return err
		}
		fmt.Fprintf(s.w, "%s%q:%s", map[bool]string{true: "{", false: ","}[i == 0], c.name, b)
	}
	return s.w.WriteByte('}')
}

func (s *sheet) csvRow(columns []column) error {
	w := csv.NewWriter(s.w)
	names, values := make([]string, len(columns)), make([]string, len(columns))
	for i, c := range columns {
		names[i], values[i] = c.name, cell(c.value)
	}
	if s.n == 1 {
		if err := w.Write(names); err != nil {
			return err
		}
	}
	if err := w.Write(values); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

// cell writes a value for CSV. A text that a spreadsheet would take for a
// formula is marked as text; a negative number is none.
func cell(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		if lead := strings.TrimLeft(x, " \u00a0"); lead != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(lead)[0]) {
			if _, err := strconv.ParseFloat(x, 64); err != nil {
				return "'" + x
			}
		}
		return x
	case []string:
		return strings.Join(x, " ")
	}
	return fmt.Sprint(v)
}

func (s *sheet) end() error {
	if !s.csv {
		if s.n == 0 {
			fmt.Fprintf(s.w, "{%q:[", s.name)
		}
		s.w.WriteString("]}\n")
	}
	return s.w.Flush()
}
