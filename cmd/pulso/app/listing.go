package app

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
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
	out := &sheet{w: bufio.NewWriter(w), name: l.What, csv: l.CSV}
	ls, err := a.lister(ctx, l.Now, out)
	if err != nil {
		return err
	}
	narrow, err := ls.narrow(l)
	if err != nil {
		return err
	}
	if err := ls.run(l.What, narrow); err != nil && !errors.Is(err, errEnough) {
		return err
	}
	return out.end(nil)
}

// errEnough ends a listing that has reached its limit.
var errEnough = errors.New("enough rows")

// lister makes rows of things, and keeps those that pass its conditions.
type lister struct {
	*App
	ctx     context.Context
	roster  *analytics.Roster
	now     int64
	keys    map[int64]*models.Contact // contacts as they came up
	gone    map[int64]int64           // when contacts were deleted
	passes  []pass
	limit   int
	removed models.Kind // contacts: the event of their removal, "" for all contacts
	out     *sheet
}

// pass is a condition on a field of a row: one of the values stands there.
type pass struct {
	field  string
	values []string
}

func (a *App) lister(ctx context.Context, now time.Time, out *sheet) (*lister, error) {
	roster, err := a.Roster(ctx)
	if err != nil {
		return nil, err
	}
	return &lister{App: a, ctx: ctx, roster: roster, now: now.UnixMilli(), keys: map[int64]*models.Contact{}, out: out}, nil
}

// fields are what a listing can be narrowed by: those that the database knows
// by their column, those that are only worked out as "".
func fields(what string) map[string]string {
	switch what {
	case "messages":
		return map[string]string{"id": "wamid", "channel": "channel", "direction": "dir", "contact": "contact", "agent": "credited", "sender": "",
			"kind": "kind", "type": "kind", "status": "", "error": "error", "template": "template"}
	case "conversations":
		return map[string]string{"id": "", "channel": "channel", "contact": "contact", "opened_by": "opened_by", "assignee": "assignee", "agent": "assignee",
			"closed_by": "", "category": "category", "reopened": "", "label": "label", "open": "", "waiting": ""}
	case "contacts":
		return map[string]string{"id": "public_key", "name": "", "source": "source", "channel": "channel", "removed": "", "merged": ""}
	case "assignments":
		return map[string]string{"id": "", "channel": "channel", "contact": "contact", "agent": "", "conversation": ""}
	}
	return map[string]string{"id": "", "channel": "channel", "contact": "contact", "agent": "", "mention": ""}
}

// narrow reads the period and the conditions of a listing.
func (l *lister) narrow(ask Listing) (store.List, error) {
	var narrow store.List
	var err error
	if narrow.From, narrow.To, err = l.Bounds(ask.From, ask.To); err != nil {
		return narrow, err
	}
	if ask.Limit < 0 {
		return narrow, wrong("--limit %d: want 1 or more; 0 for all", ask.Limit)
	}
	known := fields(ask.What)
	for _, w := range ask.Where {
		field, text, ok := strings.Cut(w, "=")
		column, fits := known[field]
		if !ok || !fits {
			return narrow, wrong("--where %s: want FIELD=VALUE with one of %s", w, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if err := l.condition(&narrow, field, column, strings.Split(text, ",")); err != nil {
			return narrow, fmt.Errorf("--where %s: %w", w, err)
		}
	}
	if l.limit = ask.Limit; len(l.passes) == 0 && l.removed == "" {
		narrow.Limit = ask.Limit
	}
	return narrow, nil
}

// condition adds FIELD=VALUE,VALUE; null is nobody or none.
func (l *lister) condition(narrow *store.List, field, column string, values []string) error {
	if column == "" {
		return l.pass(field, values)
	}
	m := store.Match{Column: column}
	for _, v := range values {
		found, err := l.stored(field, v)
		if err != nil {
			return err
		}
		m.Values = append(m.Values, found...)
	}
	if len(m.Values) == 0 { // a contact that nobody knows
		m.Values = []any{-1}
	}
	narrow.Where = append(narrow.Where, m)
	return nil
}

// stored returns what the database holds for a value of a field.
func (l *lister) stored(field, v string) ([]any, error) {
	null := v == "null" || v == "none"
	switch field {
	case "direction":
		d, ok := map[string]models.Direction{"in": models.In, "out": models.Out}[v]
		if !ok {
			return nil, wrong("a direction is in or out")
		}
		return []any{d}, nil
	case "contact":
		if null {
			return []any{0}, nil
		}
		ids, err := l.Store.ContactsNamed(l.ctx, v)
		var list []any
		for _, id := range ids {
			list = append(list, id)
		}
		return list, err
	case "agent", "assignee":
		key, err := l.agentKey(v)
		return []any{key}, err
	case "channel":
		v = l.valueOf(analytics.ByChannel, v, l.roster)
	}
	if null {
		v = ""
	}
	return []any{v}, nil
}

// agentKey reads an agent's name or id; "" for null.
func (l *lister) agentKey(v string) (string, error) {
	if v == "null" || v == "none" {
		return "", nil
	}
	key := l.roster.Find(v)
	if key == "" {
		return "", wrong("nobody is called that")
	}
	return key, nil
}

// pass adds a condition on what is only worked out row by row.
func (l *lister) pass(field string, values []string) error {
	p := pass{field: field}
	for _, v := range values {
		switch field {
		case "removed", "merged", "open", "waiting", "reopened":
			if v != "true" && v != "false" {
				return wrong("want true or false")
			}
		case "agent":
			key, err := l.agentKey(v)
			if err != nil {
				return err
			}
			v = l.roster.Agent(key).Name
		}
		if v == "null" || v == "none" {
			v = ""
		}
		p.values = append(p.values, v)
	}
	switch {
	case field == "removed" && slices.Equal(values, []string{"true"}):
		l.removed = models.ContactDeleted
	case field == "merged" && slices.Equal(values, []string{"true"}):
		l.removed = models.ContactMerged
	}
	l.passes = append(l.passes, p)
	return nil
}

// put writes a row if it passes; extra are fields that rows are only narrowed by.
func (l *lister) put(row []column, extra ...column) error {
	for _, p := range l.passes {
		i := slices.IndexFunc(row, func(c column) bool { return c.name == p.field })
		var v any
		if i >= 0 {
			v = row[i].value
		} else if i = slices.IndexFunc(extra, func(c column) bool { return c.name == p.field }); i >= 0 {
			v = extra[i].value
		}
		if !holds(v, p.values) {
			return nil
		}
	}
	if err := l.out.row(row); err != nil {
		return err
	}
	if l.limit > 0 && l.out.n >= l.limit {
		return errEnough
	}
	return nil
}

// holds reports whether a field is one of the values, names compared as people
// compare them.
func holds(v any, values []string) bool {
	is := func(x string) bool {
		return slices.ContainsFunc(values, func(want string) bool {
			return x == want || x != "" && analytics.FoldName(x) == analytics.FoldName(want)
		})
	}
	switch x := v.(type) {
	case nil:
		return is("")
	case []string:
		return slices.ContainsFunc(x, is)
	}
	return is(fmt.Sprint(v))
}

func (l *lister) run(what string, n store.List) error {
	switch what {
	case "messages":
		return l.Store.ListMessages(l.ctx, n, l.message)
	case "conversations":
		return l.Store.ListConversations(l.ctx, n, l.conversation)
	case "contacts":
		return l.contacts(n)
	case "assignments":
		return l.Store.ListFacts(l.ctx, []models.Kind{models.ConversationAssigned}, n, l.assignment)
	case "comments":
		return l.Store.ListFacts(l.ctx, []models.Kind{models.CommentAdded}, n, l.comment)
	}
	return fmt.Errorf("no listing is called %s", what)
}

// contacts lists contacts by when they were first seen; those that were removed
// by when that was, once for each time that it was told.
func (l *lister) contacts(n store.List) error {
	l.gone = map[int64]int64{}
	gone := func(f *models.Fact) error {
		l.gone[f.Contact] = f.At
		return nil
	}
	if err := l.Store.ListFacts(l.ctx, []models.Kind{models.ContactDeleted}, store.List{}, gone); err != nil {
		return err
	}
	if l.removed == "" {
		return l.Store.ListContacts(l.ctx, n, l.contact)
	}
	for _, m := range n.Where { // those of the contact itself
		p := pass{field: map[string]string{"public_key": "id"}[m.Column]}
		if p.field == "" {
			p.field = m.Column
		}
		for _, v := range m.Values {
			p.values = append(p.values, fmt.Sprint(v))
		}
		l.passes = append(l.passes, p)
	}
	return l.Store.ListFacts(l.ctx, []models.Kind{l.removed}, store.List{From: n.From, To: n.To}, l.removal)
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

// known reads a contact; they are read as they come up. It is nil for nobody.
func (l *lister) known(id int64) (*models.Contact, error) {
	if id == 0 {
		return nil, nil
	}
	if c, ok := l.keys[id]; ok {
		return c, nil
	}
	if len(l.keys) > 50_000 {
		clear(l.keys)
	}
	found, err := l.Store.ContactKeys(l.ctx, []int64{id})
	if err != nil {
		return nil, err
	}
	l.keys[id] = found[id]
	return found[id], nil
}

// key is what outsiders call a contact.
func (l *lister) key(id int64) (any, error) {
	c, err := l.known(id)
	if c == nil {
		return nil, err
	}
	return c.Key, nil
}

func (l *lister) message(m *models.Placed) error {
	row, err := l.messageRow(m)
	if err != nil {
		return err
	}
	return l.put(row)
}

func (l *lister) messageRow(m *models.Placed) ([]column, error) {
	contact, err := l.key(m.Contact)
	direction, agent, sentAt := "in", any(nil), any(nil)
	if m.Dir == models.Out {
		direction, agent, sentAt = "out", l.agent(m.Credited), l.time(m.Message.At())
	}
	return []column{
		{"id", m.ID}, {"channel", m.Channel}, {"direction", direction}, {"at", l.time(m.Message.At())}, {"contact", contact},
		{"agent", agent}, {"sender", text(string(m.Class()))}, {"kind", text(m.Kind)}, {"status", text(m.Status())}, {"sent_at", sentAt},
		{"delivered_at", l.time(m.DeliveredAt)}, {"read_at", l.time(m.ReadAt)}, {"failed_at", l.time(m.FailedAt)},
		{"error", text(m.Error)}, {"template", text(m.Template)},
	}, err
}

func (l *lister) conversation(c *models.Conversation) error {
	row, err := l.conversationRow(c)
	if err != nil {
		return err
	}
	open := c.Open(l.now)
	return l.put(row, column{"open", open}, column{"waiting", open && c.WaitingSince != 0})
}

func (l *lister) conversationRow(c *models.Conversation) ([]column, error) {
	contact, err := l.key(c.Contact)
	var response, closedAt, closedBy, waiting any
	if c.FirstReplyAt != 0 {
		response = float64(c.FirstReplyAt-c.FirstCustomerAt) / 1000
	}
	if c.Open(l.now) {
		waiting = l.time(c.WaitingSince)
	} else {
		closedAt, closedBy = l.time(c.ClosedAt), c.ClosedBy
	}
	return []column{
		{"id", c.ID.String()}, {"channel", c.Channel}, {"contact", contact}, {"opened_at", l.time(c.OpenedAt)}, {"opened_by", c.OpenedBy},
		{"assignee", l.agent(c.Assignee)}, {"first_response_seconds", response}, {"closed_at", closedAt}, {"closed_by", closedBy},
		{"category", text(c.Category)}, {"reopened", c.Reopened}, {"waiting_since", waiting}, {"label", text(c.Label)}, {"summary", text(c.Summary)},
	}, err
}

func (l *lister) contact(c *models.Contact) error {
	return l.put(l.contactRow(c, l.gone[c.ID]), column{"removed", l.gone[c.ID] != 0}, column{"merged", c.MergedAt != 0})
}

func (l *lister) contactRow(c *models.Contact, gone int64) []column {
	return []column{
		{"id", c.Key}, {"name", text(c.Name)}, {"first_seen_at", l.time(c.FirstSeenAt)}, {"source", text(c.Source)}, {"channel", text(c.Channel)},
		{"merged_at", l.time(c.MergedAt)}, {"removed_at", l.time(gone)},
	}
}

// removal is a contact at the moment that it was deleted or merged.
func (l *lister) removal(f *models.Fact) error {
	c, err := l.known(f.Contact)
	if err != nil {
		return err
	}
	then := models.Contact{}
	if c != nil {
		then = *c
	}
	removed, merged := f.At, then.MergedAt
	if f.Kind == models.ContactMerged {
		removed, then.MergedAt = l.gone[f.Contact], f.At
		merged = f.At
	}
	return l.put(l.contactRow(&then, removed), column{"removed", removed != 0}, column{"merged", merged != 0})
}

func (l *lister) assignment(f *models.Fact) error {
	contact, err := l.key(f.Contact)
	if err != nil {
		return err
	}
	return l.put([]column{
		{"id", f.Key}, {"at", l.time(f.At)}, {"channel", f.Channel}, {"contact", contact}, {"agent", l.agent(l.roster.Key(f.Agent))},
		{"conversation", text(f.Label)},
	})
}

func (l *lister) comment(f *models.Fact) error {
	row, err := l.commentRow(f)
	if err != nil {
		return err
	}
	return l.put(row, column{"mention", f.Mentions})
}

func (l *lister) commentRow(f *models.Fact) ([]column, error) {
	contact, err := l.key(f.Contact)
	mentions := f.Mentions
	if mentions == nil {
		mentions = []string{}
	}
	return []column{
		{"id", f.Key}, {"at", l.time(f.At)}, {"channel", f.Channel}, {"contact", contact}, {"agent", l.agent(l.roster.Key(f.Agent))},
		{"text", text(f.Text)}, {"mentions", mentions}, {"conversation", text(f.Label)},
	}, err
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
		return cell(strings.Join(x, " "))
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// end closes the sheet; JSON goes on with the fields of rest, if there is any,
// and a CSV of no rows has none.
func (s *sheet) end(rest json.Marshaler) error {
	if !s.csv {
		if s.n == 0 {
			fmt.Fprintf(s.w, "{%q:[", s.name)
		}
		tail := []byte("}")
		if rest != nil {
			body, err := json.Marshal(rest)
			if err != nil {
				return err
			}
			tail = append([]byte(","), body[1:]...)
		}
		fmt.Fprintf(s.w, "]%s\n", tail)
	}
	return s.w.Flush()
}
