package bot

import (
	"context"
	"sort"

	"pulso/analytics"
	"pulso/bot/card"
	"pulso/models"
)

// mostEvents is how many lines of a log fit on one screen.
const mostEvents = 15

// log tells what happened with a contact: who has it now, and before.
func (t *talk) log(ctx context.Context, r *Reply) error {
	d := t.read.List
	if d.Contact == nil && !t.faces() {
		r.Card = say(card.T("refuse.names"))
		return nil
	}
	if d.Contact == nil {
		r.Card = card.Card{Blocks: []card.Block{card.Line{Text: card.T("unknown.contact", "said", card.Name(d.Sought))}}}
		return nil
	}
	r.Resolved = d.Contact
	id, err := t.Record.ByKey(ctx, d.Contact.ID)
	if err != nil {
		return err
	}
	return t.logOf(ctx, r, id)
}

func (t *talk) logOf(ctx context.Context, r *Reply, contact int64) error {
	face, err := t.face(ctx, contact, t.faces())
	if err != nil {
		return err
	}
	rows, err := t.Record.Story(ctx, contact)
	if err != nil {
		return err
	}
	rows = t.scoped(rows)
	who := face.value()
	c := card.Card{Blocks: []card.Block{card.Title{Text: card.T("list.log.title", "contact", who)}}}
	events := t.events(rows)
	if len(events) == 0 {
		r.Card = card.Card{Blocks: []card.Block{card.Line{Text: card.T("list.log.empty", "contact", who)}}}
		return nil
	}
	c.Blocks = append(c.Blocks, card.Line{Text: t.holder(rows)})
	sort.SliceStable(events, func(i, j int) bool { return events[i].at > events[j].at })
	table := card.Table{}
	for _, e := range events[:min(len(events), mostEvents)] {
		table.Rows = append(table.Rows, card.Row{Cells: []card.Value{card.Instant(e.at), card.Said(e.text)}})
	}
	c.Blocks = append(c.Blocks, table)
	if more := len(events) - mostEvents; more > 0 {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("table.more", "n", card.Count(more))})
	}
	r.Card = c
	return nil
}

// scoped leaves out what the person may not see.
func (t *talk) scoped(rows *analytics.Rows) *analytics.Rows {
	if t.q.Person.Scope.All() {
		return rows
	}
	out := &analytics.Rows{}
	for _, c := range rows.Conversations {
		if t.sees(c.Channel, c.Assignee) {
			out.Conversations = append(out.Conversations, c)
		}
	}
	for _, f := range rows.Facts {
		if within(t.q.Person.Scope, analytics.ByChannel, f.Channel, t.desk.Roster) && within(t.q.Person.Scope, analytics.ByAgent, t.desk.Roster.Key(f.Agent), t.desk.Roster) {
			out.Facts = append(out.Facts, f)
		}
	}
	return out
}

// holder says with whom the contact is now.
func (t *talk) holder(rows *analytics.Rows) card.Text {
	for _, c := range rows.Conversations {
		if c.Open(t.q.Now) && c.Assignee != "" {
			return card.T("list.log.now", "agent", t.agentValue(c.Assignee))
		}
	}
	return card.T("list.log.nobody")
}

// happening is one line of a log.
type happening struct {
	at   int64
	text card.Text
}

func (t *talk) events(rows *analytics.Rows) []happening {
	var list []happening
	add := func(at int64, text card.Text) {
		if at != 0 && at <= t.q.Now {
			list = append(list, happening{at, text})
		}
	}
	for _, c := range rows.Conversations {
		if c.OpenedBy == models.ByContact {
			add(c.OpenedAt, card.T("event.opened_contact"))
		} else {
			add(c.OpenedAt, card.T("event.opened", "who", card.DimValue{Dim: analytics.ByOpener, Value: c.OpenedBy}))
		}
		for _, a := range c.Assignments {
			add(a.At, t.handover(a))
		}
		if c.FirstReplyAt != 0 {
			add(c.FirstReplyAt, card.T("event.first_reply", "agent", t.agentValue(c.FirstReplyBy), "duration", card.Duration(c.FirstReplyAt-c.FirstCustomerAt)))
		}
		add(c.ClosedAt, t.closing(c))
	}
	for _, f := range rows.Facts {
		t.eventOf(f, add)
	}
	return list
}

func (t *talk) handover(a models.Assignment) card.Text {
	switch {
	case a.Agent == "":
		return card.T("event.unassigned")
	case a.From != "" && a.From != a.Agent:
		return card.T("event.transferred", "from", t.agentValue(a.From), "to", t.agentValue(a.Agent))
	}
	return card.T("event.assigned", "agent", t.agentValue(a.Agent))
}

func (t *talk) closing(c *models.Conversation) card.Text {
	who := card.Value(card.DimValue{Dim: analytics.ByCloser, Value: c.ClosedBy})
	if c.Closer != "" {
		who = t.agentValue(c.Closer)
	}
	switch {
	case c.Category != "":
		return card.T("event.closed_category", "who", who, "category", card.Name(c.Category))
	case c.ClosedBy == models.ByTimeout:
		return card.T("event.closed_silence")
	}
	return card.T("event.closed", "who", who)
}

func (t *talk) eventOf(f *models.Fact, add func(int64, card.Text)) {
	switch f.Kind {
	case models.CommentAdded:
		agent := t.agentValue(t.desk.Roster.Key(f.Agent))
		if f.Text != "" && t.faces() {
			add(f.At, card.T("event.comment", "agent", agent, "text", card.Name(f.Text)))
		} else {
			add(f.At, card.T("event.comment_hidden", "agent", agent))
		}
	case models.CallReceived:
		add(f.At, card.T("event.call"))
	case models.ContactAdded:
		add(f.At, card.T("event.added", "source", card.DimValue{Dim: analytics.BySource, Value: f.Origin}))
	case models.ContactDeleted:
		add(f.At, card.T("event.deleted"))
	case models.ContactMerged:
		add(f.At, card.T("event.merged"))
	}
}

// drill opens an item of the list before.
func (t *talk) drill(ctx context.Context, r *Reply) error {
	d := t.read.Drill
	if d.Contact != nil {
		r.Resolved = d.Contact
		id, err := t.Record.ByKey(ctx, d.Contact.ID)
		if err != nil {
			return err
		}
		return t.logOf(ctx, r, id)
	}
	if len(t.items) == 0 {
		r.Card = card.Card{Blocks: []card.Block{card.Line{Text: card.T("drill.no_list")}}, Choices: []card.Choice{{Label: card.T("choice.waiting"), Ask: "waiting"}}}
		return nil
	}
	if d.Index < 1 || d.Index > len(t.items) {
		r.Card = card.Card{Blocks: []card.Block{card.Line{Text: card.T("drill.out_of_range", "n", card.Count(len(t.items)))}}}
		return nil
	}
	item := t.items[d.Index-1]
	faces, err := t.Record.Faces(ctx, []int64{item.Contact})
	if err != nil {
		return err
	}
	f := faces[item.Contact]
	r.Resolved = f.contact()
	rows, err := t.Record.Story(ctx, item.Contact)
	if err != nil {
		return err
	}
	for _, c := range t.scoped(rows).Conversations {
		if c.ID == item.Conversation {
			return t.open(ctx, r, c, f, d.Index, rows)
		}
	}
	return t.logOf(ctx, r, item.Contact)
}

// open tells one conversation.
func (t *talk) open(ctx context.Context, r *Reply, c *models.Conversation, f Face, index int, rows *analytics.Rows) error {
	if !t.faces() {
		f = Face{hidden: index}
	}
	status := card.Word("value.status.closed")
	if c.Open(t.q.Now) {
		status = card.Word("value.status.open")
		if c.WaitingSince != 0 {
			status = card.Word("value.status.waiting")
		}
	}
	out := card.Card{Blocks: []card.Block{card.Title{Text: card.T("drill.title", "contact", f.value()),
		Sub: card.T("drill.sub", "channel", t.nameOf(analytics.ByChannel, c.Channel), "status", status)}}}
	add := func(key string, v card.Value) {
		out.Blocks = append(out.Blocks, card.Figure{Label: card.T("drill." + key), Value: v})
	}
	if f.Phone != "" && f.hidden == 0 {
		add("phone", card.Phone("+"+f.Phone))
	}
	add("agent", t.agentValue(c.Assignee))
	add("opened", card.Instant(c.OpenedAt))
	if c.FirstReplyAt != 0 {
		add("first_response", card.Duration(c.FirstReplyAt-c.FirstCustomerAt))
	}
	if c.Open(t.q.Now) {
		if c.WaitingSince != 0 {
			add("waiting_for", card.Duration(t.q.Now-c.WaitingSince))
		}
		if end := c.WindowAt + windowMS; c.WindowAt != 0 && end > t.q.Now {
			add("window_ends", card.Instant(end))
		} else if c.WindowAt != 0 {
			out.Blocks = append(out.Blocks, card.Line{Text: card.T("drill.window_over")})
		}
	} else {
		add("closed", card.Instant(c.ClosedAt))
	}
	if c.Category != "" {
		add("category", card.Name(c.Category))
	}
	if c.Summary != "" && t.faces() {
		add("summary", card.Name(c.Summary))
	}
	lines, err := t.lastWords(ctx, c, rows)
	if err != nil {
		return err
	}
	out.Blocks = append(out.Blocks, lines...)
	r.Card = out
	r.Context = &Context{Reading: t.read, Items: t.items, At: t.q.Now, List: t.list}
	if t.q.Previous != nil {
		r.Context.Reading = t.q.Previous.Reading
	}
	return nil
}

// lastWords are the latest messages of a conversation, for those who may read
// them.
func (t *talk) lastWords(ctx context.Context, c *models.Conversation, rows *analytics.Rows) ([]card.Block, error) {
	if !t.faces() {
		return nil, nil
	}
	var ms []*models.Placed
	for _, m := range rows.Messages {
		if m.Conversation == c.ID && m.Message.At() <= t.q.Now {
			ms = append(ms, m)
		}
	}
	sort.Slice(ms, func(i, j int) bool {
		return analytics.PosOfMessage(&ms[i].Message).Before(analytics.PosOfMessage(&ms[j].Message))
	})
	ms = ms[max(0, len(ms)-4):]
	var ids []int64
	for _, m := range ms {
		ids = append(ids, m.Row)
	}
	texts, err := t.Record.Texts(ctx, ids)
	if err != nil {
		return nil, err
	}
	var list []card.Block
	for _, m := range ms {
		said := card.Value(card.Name(texts[m.Row]))
		if texts[m.Row] == "" {
			said = card.Said(card.T("drill.media", "type", card.DimValue{Dim: analytics.ByType, Value: m.Kind}))
		}
		if m.Dir == models.In {
			list = append(list, card.Line{Text: card.T("drill.customer_said", "text", said)})
			continue
		}
		by := t.agentValue(m.Credited)
		if m.Credited == "" {
			by = card.DimValue{Dim: analytics.BySender, Value: string(m.Class())}
		}
		list = append(list, card.Line{Text: card.T("drill.agent_said", "agent", by, "text", said)})
	}
	return list, nil
}
