package bot

import (
	"context"
	"slices"
	"sort"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
	"pulso/models"
)

// pageRows is how many rows of a list fit on one screen.
const pageRows = 10

// entry is one row of a list before it is shown.
type entry struct {
	item    Item
	contact int64
	cells   []card.Value // after the contact's
	detail  card.Text
}

// listing answers "who is waiting" and its like: oldest first, ten to a page.
func (t *talk) listing(ctx context.Context, r *Reply) error {
	d := t.read.List
	switch d.List {
	case "log":
		return t.log(ctx, r)
	case "comments", "mentions":
		return t.notes(ctx, r)
	case "contacts":
		return t.newcomers(ctx, r)
	case "attention":
		return t.attention(ctx, r)
	case "missed":
		return t.missed(ctx, r)
	}
	entries, head, err := t.stockList(ctx, d)
	if err != nil {
		return err
	}
	return t.show(ctx, r, d, entries, head)
}

// stockList gathers open conversations by what is asked of them.
func (t *talk) stockList(ctx context.Context, d *words.ListDetail) ([]entry, []card.Text, error) {
	open, err := t.desk.Open(ctx, t.q.Now, d.List == "waiting" || d.List == "expiring")
	if err != nil {
		return nil, nil, err
	}
	open = slices.DeleteFunc(open, func(c analytics.OpenConversation) bool { return !t.sees(c.Channel, c.Assignee) || !t.listed(d, &c) })
	by := func(c *analytics.OpenConversation) int64 { return c.WaitingSince }
	if d.List == "unassigned" || d.List == "open" {
		by = func(c *analytics.OpenConversation) int64 { return c.OpenedAt }
	}
	if d.List == "expiring" {
		by = func(c *analytics.OpenConversation) int64 { return c.WindowAt }
	}
	sort.SliceStable(open, func(i, j int) bool { return by(&open[i]) < by(&open[j]) })
	last := card.T("list.head.wait")
	if d.List == "expiring" {
		last = card.T("list.head.left")
	}
	var list []entry
	for i := range open {
		c := &open[i]
		age := card.Duration(t.q.Now - by(c))
		if left, _ := c.WindowLeft(t.q.Now); d.List == "expiring" {
			age = card.Duration(left)
		}
		list = append(list, entry{Item{c.Contact, c.ID}, c.Contact, []card.Value{t.agentValue(c.Assignee), age}, card.Text{}})
	}
	return list, []card.Text{card.T("list.head.contact"), card.T("list.head.agent"), last}, nil
}

const windowMS = 24 * 3_600_000

func (t *talk) agentValue(key string) card.Value {
	if key != "" && key != models.Phone {
		return card.Name(t.desk.Roster.Agent(key).Name)
	}
	return card.DimValue{Dim: analytics.ByAgent, Value: key}
}

// listed reports whether an open conversation is on the list that was asked for.
func (t *talk) listed(d *words.ListDetail, c *analytics.OpenConversation) bool {
	for _, f := range d.Where {
		if !slices.Contains(f.Values, t.valueOf(f.Dim, c)) {
			return false
		}
	}
	switch d.List {
	case "waiting":
		return c.WaitingSince != 0
	case "unassigned":
		return c.Assignee == ""
	case "expiring":
		_, expiring := c.WindowLeft(t.q.Now)
		return expiring
	case "open":
		return d.Agent == "" || c.Assignee == d.Agent
	}
	return true
}

func (t *talk) valueOf(d analytics.Dim, c *analytics.OpenConversation) string {
	switch d {
	case analytics.ByAgent:
		return t.desk.Roster.Key(c.Assignee)
	case analytics.ByTeam:
		return t.desk.Roster.Agent(c.Assignee).Team
	case analytics.ByChannel:
		return c.Channel
	case analytics.ByPlatform:
		return analytics.Platform(c.Channel)
	}
	return ""
}

// show puts a page of entries on a card, numbered, so that one can be opened.
func (t *talk) show(ctx context.Context, r *Reply, d *words.ListDetail, entries []entry, heads []card.Text) error {
	c := card.Card{Blocks: []card.Block{t.listTitle(d, len(entries))}}
	if len(entries) == 0 {
		r.Card = card.Card{Blocks: []card.Block{card.Line{Text: card.T("list." + d.List + ".empty")}}}
		r.Context = t.context(d, nil)
		return nil
	}
	page := max(d.Page, 1)
	from := min((page-1)*pageRows, len(entries))
	shown := entries[from:min(from+pageRows, len(entries))]
	if len(shown) == 0 {
		r.Card = card.Card{Blocks: []card.Block{card.Line{Text: card.T("list.no_more")}}}
		r.Context = t.context(d, nil)
		return nil
	}
	var ids []int64
	for _, e := range shown {
		ids = append(ids, e.contact)
	}
	faces, err := t.Record.Faces(ctx, ids)
	if err != nil {
		return err
	}
	table := card.Table{Head: heads, Numbered: true, First: from + 1}
	var items []Item
	for i, e := range shown {
		f := faces[e.contact]
		if !t.faces() {
			f = Face{hidden: from + i + 1}
		}
		table.Rows = append(table.Rows, card.Row{Cells: append([]card.Value{f.value()}, e.cells...), Detail: e.detail})
	}
	for _, e := range entries {
		items = append(items, e.item)
	}
	c.Blocks = append(c.Blocks, table)
	if d.List == "expiring" {
		c.Blocks = append(c.Blocks, card.Line{Text: card.T("list.expiring.advice")})
	}
	if !t.faces() {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("note.names_hidden")})
	}
	c.Blocks = append(c.Blocks, card.Note{Text: card.T("list.open_one")})
	if len(entries) > from+len(shown) {
		c.Blocks = append(c.Blocks, card.Note{Text: card.T("list.more")})
	}
	r.Card = c
	r.Context = t.context(d, items)
	return nil
}

// context is what the next line may go on from.
func (t *talk) context(d *words.ListDetail, items []Item) *Context {
	return &Context{Reading: t.read, Items: items, At: t.q.Now, List: d.List}
}

func (t *talk) listTitle(d *words.ListDetail, n int) card.Block {
	if d.List == "open" && d.Agent != "" {
		return card.Title{Text: card.T("list.open.title_agent", "agent", t.agentValue(d.Agent), "n", card.Count(n)), Sub: t.listSub(d)}
	}
	return card.Title{Text: card.T("list."+d.List+".title", "n", card.Count(n)), Sub: t.listSub(d)}
}

// listSub names what a list is narrowed to, and its period.
func (t *talk) listSub(d *words.ListDetail) card.Text {
	var names card.List
	for _, f := range d.Where {
		for _, v := range f.Values {
			names = append(names, t.nameOf(f.Dim, v))
		}
	}
	switch {
	case d.PeriodText != "" && len(names) > 0:
		return card.T("report.sub_filter", "period", card.Period(d.Period), "names", names)
	case d.PeriodText != "":
		return card.T("report.sub", "period", card.Period(d.Period))
	case len(names) > 0:
		return card.T("note.filter", "names", names)
	}
	return card.Text{}
}

// span is the period of a list, today when none was named.
func (t *talk) span(d *words.ListDetail) analytics.Span {
	if d.PeriodText == "" {
		day := t.zone.DayOf(t.q.Now)
		return t.zone.Days(day, day+1).Cut(t.q.Now + 1)
	}
	return d.Period.Cut(t.q.Now + 1)
}

// missed lists chats whose 24 hours ran out without an answer.
func (t *talk) missed(ctx context.Context, r *Reply) error {
	d := t.read.List
	span := t.span(d)
	list, err := t.Record.Missed(ctx, span)
	if err != nil {
		return err
	}
	var entries []entry
	var ends []int64 // when each entry's window ended
	for _, c := range list {
		if !within(t.q.Person.Scope, analytics.ByChannel, c.Channel, t.desk.Roster) || !t.matches(d.Where, analytics.ByChannel, c.Channel) {
			continue
		}
		for _, at := range c.Missed {
			if end := at + windowMS; span.Holds(end) {
				i, _ := slices.BinarySearch(ends, end)
				ends = slices.Insert(ends, i, end)
				entries = slices.Insert(entries, i, entry{Item{c.Contact, c.ID}, c.Contact, []card.Value{card.Instant(end)}, card.Text{}})
			}
		}
	}
	return t.show(ctx, r, d, entries, []card.Text{card.T("list.head.contact"), card.T("list.head.when")})
}

// matches reports whether filters on a dimension, if any, hold for a value.
func (t *talk) matches(where []report.Filter, d analytics.Dim, v string) bool {
	for _, f := range where {
		if f.Dim == d && !slices.Contains(f.Values, v) {
			return false
		}
	}
	return true
}

// newcomers lists contacts that came.
func (t *talk) newcomers(ctx context.Context, r *Reply) error {
	d := t.read.List
	list, err := t.Record.Newcomers(ctx, t.span(d))
	if err != nil {
		return err
	}
	var entries []entry
	for _, c := range list {
		if within(t.q.Person.Scope, analytics.ByChannel, c.Channel, t.desk.Roster) && t.matches(d.Where, analytics.ByChannel, c.Channel) && t.matches(d.Where, analytics.BySource, c.Source) {
			entries = append(entries, entry{Item{Contact: c.ID}, c.ID, []card.Value{card.DimValue{Dim: analytics.BySource, Value: c.Source}, card.Instant(c.FirstSeenAt)}, card.Text{}})
		}
	}
	return t.show(ctx, r, d, entries, []card.Text{card.T("list.head.contact"), card.T("dim.source.name"), card.T("list.head.when")})
}

// notes lists comments, or those that mention the person.
func (t *talk) notes(ctx context.Context, r *Reply) error {
	d := t.read.List
	list, err := t.Record.Notes(ctx, t.span(d))
	if err != nil {
		return err
	}
	var entries []entry
	for _, f := range slices.Backward(list) {
		agent := t.desk.Roster.Key(f.Agent)
		if d.List == "mentions" && !t.mentioned(f) || !within(t.q.Person.Scope, analytics.ByAgent, agent, t.desk.Roster) || !t.matches(d.Where, analytics.ByAgent, agent) {
			continue
		}
		e := entry{Item{Contact: f.Contact}, f.Contact, []card.Value{t.agentValue(agent), card.Instant(f.At)}, card.Text{}}
		if f.Text != "" && t.faces() {
			e.detail = card.T("drill.agent_said", "agent", t.agentValue(agent), "text", card.Name(f.Text))
		}
		entries = append(entries, e)
	}
	return t.show(ctx, r, d, entries, []card.Text{card.T("list.head.contact"), card.T("list.head.agent"), card.T("list.head.when")})
}

func (t *talk) mentioned(f *models.Fact) bool {
	return slices.ContainsFunc(f.Mentions, func(m string) bool { return analytics.FoldName(m) == analytics.FoldName(t.q.Person.Name) })
}

// attention gathers what needs somebody: windows about to close, those who wait
// longest, conversations with nobody, mentions of today.
func (t *talk) attention(ctx context.Context, r *Reply) error {
	open, err := t.desk.Open(ctx, t.q.Now, true)
	if err != nil {
		return err
	}
	d := t.read.List
	sort.SliceStable(open, func(i, j int) bool { return open[i].WaitingSince < open[j].WaitingSince })
	var urgent, waiting, nobody []entry
	for i := range open {
		c := &open[i]
		if !t.sees(c.Channel, c.Assignee) {
			continue
		}
		e := entry{item: Item{c.Contact, c.ID}, contact: c.Contact}
		left, expiring := c.WindowLeft(t.q.Now)
		switch {
		case expiring:
			e.cells = []card.Value{card.Said(card.T("list.attention.expiring", "left", card.Duration(left)))}
			urgent = append(urgent, e)
		case t.q.Now-c.WaitingSince > max(t.desk.Rules.Target, 30*60_000):
			e.cells = []card.Value{card.Said(card.T("list.attention.waiting", "age", card.Duration(t.q.Now-c.WaitingSince)))}
			waiting = append(waiting, e)
		case c.Assignee == "":
			e.cells = []card.Value{card.Said(card.T("list.attention.unassigned", "age", card.Duration(t.q.Now-c.OpenedAt)))}
			nobody = append(nobody, e)
		}
	}
	day := t.zone.DayOf(t.q.Now)
	notes, err := t.Record.Notes(ctx, t.zone.Days(day, day+1).Cut(t.q.Now+1))
	if err != nil {
		return err
	}
	entries := slices.Concat(urgent, waiting, nobody)
	for _, f := range notes {
		if t.mentioned(f) {
			entries = append(entries, entry{Item{Contact: f.Contact}, f.Contact, []card.Value{card.Said(card.T("list.attention.mention", "agent", t.agentValue(t.desk.Roster.Key(f.Agent))))}, card.Text{}})
		}
	}
	return t.show(ctx, r, d, entries, nil)
}
