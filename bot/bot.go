package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/words"
	"pulso/models"
)

// Bot answers people. It is safe for concurrent use.
type Bot struct {
	Reader *words.Reader
	Record Record
	// Desk returns the desk that answers asks from the record as it is now.
	Desk func(ctx context.Context) (*report.Desk, error)
	// Book returns the names that people may use.
	Book func(ctx context.Context) (*words.Book, error)
	// Settings of the business.
	Company  string
	Channels map[string]string // names, by id
	MinN     int               // rankings leave out agents with fewer observations
	Zones    func(name string) (analytics.Zone, error)
	Failure  func(code string) string // the key of an error code's texts
	Export   Exporter
	Office   Office  // what may be changed by asking
	Guess    Guesser // nil: only the grammar reads
}

// Record is what the bot reads beside figures.
type Record interface {
	Faces(ctx context.Context, contacts []int64) (map[int64]Face, error)
	Find(ctx context.Context, text string) ([]words.Contact, error)
	Actions(ctx context.Context, agent string, span analytics.Span) (first, last int64, err error)
	Answered(ctx context.Context, agent string, span analytics.Span, n int) ([]*models.Conversation, error)
	Missed(ctx context.Context, span analytics.Span) ([]*models.Conversation, error)
	Notes(ctx context.Context, span analytics.Span) ([]*models.Fact, error)
	Story(ctx context.Context, contact int64) (*analytics.Rows, error)
	Newcomers(ctx context.Context, span analytics.Span) ([]*models.Contact, error)
	Texts(ctx context.Context, messages []int64) (map[int64]string, error)
	ByKey(ctx context.Context, key string) (int64, error)
}

// Face is what people know a contact by.
type Face struct {
	Key, Name, Phone, Username string
	hidden                     int // shown as "customer n" instead, for roles that may not see it
}

// value is the face as it is shown.
func (f Face) value() card.Value {
	switch {
	case f.hidden > 0:
		return card.Said(card.T("list.masked", "n", card.Count(f.hidden)))
	case f.Name != "":
		return card.Name(f.Name)
	case f.Username != "":
		return card.Name("@" + f.Username)
	case f.Phone != "":
		return card.Phone("+" + f.Phone)
	}
	return card.Said(card.T("list.unnamed"))
}

// Question is what somebody wrote.
type Question struct {
	Person   models.Person
	Text     string
	Now      int64 // ms
	Previous *Context
	Alert    bool   // it answers an alert
	Tapped   bool   // a button was tapped: its words are ours, and in no language
	About    string // the key of that alert's message, "" when not known
	Apply    bool   // changes are made, not only told
}

// Context is what a dialogue holds: the reading that the next line may go on
// from, and the contacts that the answer before numbered.
type Context struct {
	Reading words.Reading
	Ask     string // canonical, of the reading
	Items   []Item
	At      int64 // ms
	List    string
}

// Item is a numbered row of a list.
type Item struct {
	Contact      int64
	Conversation models.ConversationID
}

// dialogueTTL is how long a question can be gone on from, in ms.
const dialogueTTL = 30 * 60_000

// Reply is the answer to a question.
type Reply struct {
	Intent  words.Intent
	Reading words.Reading
	Denied  *Denied
	Answer  *report.Answer
	Desk    *report.Desk
	Card    card.Card
	Ask     string // canonical
	// Suggestions are asks to choose from, when nothing was understood or a name
	// was ambiguous.
	Suggestions []string
	Language    string
	Context     *Context // to go on from; nil leaves the dialogue as it is
	Resolved    *words.Contact
	Change      *Change // what was, or would be, changed
}

// Resume reads again what a dialogue was about: the canonical text of its last
// question, at the time of that question, in the person's language.
func (b *Bot) Resume(ctx context.Context, p models.Person, ask string, at int64) (words.Reading, error) {
	t, err := b.begin(ctx, Question{Person: p, Text: ask, Now: at})
	if err != nil {
		return words.Reading{}, fmt.Errorf("resume a dialogue: %w", err)
	}
	t.read.Language = p.Language
	return t.read, nil
}

// IntentDenied is the intent of what a person may not have.
const IntentDenied words.Intent = "denied"

// Answer reads a question and answers it.
func (b *Bot) Answer(ctx context.Context, q Question) (*Reply, error) {
	t, err := b.begin(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("answer a question: %w", err)
	}
	r := t.reply()
	if err := t.run(ctx, r); err != nil {
		return nil, fmt.Errorf("answer a question: %w", err)
	}
	if r.Context == nil {
		r.Context = t.after(r)
	}
	if r.Context != nil {
		r.Context.Ask = t.book.Canonical(r.Context.Reading)
	}
	t.mask(r)
	return r, nil
}

// after is what the next line may go on from: what was asked, and after a word
// beside the matter what was asked before it. Only a list can be opened by
// number; what was not understood, and an opened item, leave it as it is.
func (t *talk) after(r *Reply) *Context {
	switch r.Intent {
	case words.Unknown, IntentDenied, words.ToDrill:
		return nil
	case words.ToHow, words.ToHelp, words.ToGreet:
		if t.before != nil {
			return &Context{Reading: *t.before, At: t.q.Now}
		}
		if r.Intent != words.ToHow {
			return nil
		}
	}
	return &Context{Reading: r.Reading, At: t.q.Now}
}

// mask takes out of an answer to those who may not know customers whom it was
// about; the dialogue goes on from what was asked.
func (t *talk) mask(r *Reply) {
	if t.faces() {
		return
	}
	r.Resolved = nil
	if d := r.Reading.Drill; d != nil && d.Contact != nil {
		hidden := *d
		hidden.Contact = nil
		r.Reading.Drill = &hidden
	}
	if l := r.Reading.List; l != nil && (l.Contact != nil || l.Sought != "") {
		hidden := *l
		hidden.Contact, hidden.Sought = nil, ""
		r.Reading.List = &hidden
		r.Ask = t.book.Canonical(r.Reading)
	}
}

// talk is one question being answered.
type talk struct {
	*Bot
	q      Question
	desk   *report.Desk
	book   *words.Book
	zone   analytics.Zone // of the business
	read   words.Reading
	before *words.Reading // what the line may go on from
	items  []Item
	list   string
	yes    bool // the question was asked back, and this is the yes to it
}

func (b *Bot) begin(ctx context.Context, q Question) (*talk, error) {
	desk, err := b.Desk(ctx)
	if err != nil {
		return nil, err
	}
	book, err := b.Book(ctx)
	if err != nil {
		return nil, err
	}
	t := &talk{Bot: b, q: q, desk: desk, book: book, zone: desk.Rules.Zone}
	q.Text, t.yes = confirmed(q.Text)
	in := words.Input{Text: q.Text, Language: q.Person.Language, Now: q.Now, Zone: t.zone, Book: book, Alert: q.Alert, MonthFirst: monthFirst(q.Person)}
	in.Contacts = func(text string) []words.Contact {
		found, err := b.Record.Find(ctx, text)
		if err != nil {
			return nil
		}
		return found
	}
	if p := q.Previous; p != nil && q.Now-p.At <= dialogueTTL {
		in.Previous, t.before = &p.Reading, &p.Reading
		t.items, t.list = p.Items, p.List
	}
	t.read = b.Reader.Read(in)
	if !q.Tapped {
		t.guess(ctx, in)
	} else {
		t.read.Language = q.Person.Language
		if in.Previous != nil {
			t.read.Language = in.Previous.Language
		}
	}
	return t, nil
}

// monthFirst reports whether somebody writes 03/04 for the 4th of March: who
// reads English and has a number of North America (ask.md §4.3).
func monthFirst(p models.Person) bool {
	return p.Language == "en" && strings.HasPrefix(p.Phone, "+1")
}

func (t *talk) reply() *Reply {
	return &Reply{Intent: t.read.Intent, Reading: t.read, Desk: t.desk, Language: t.read.Language, Suggestions: t.read.Suggestions, Ask: t.book.Canonical(t.read)}
}

// run answers by intent, once it is clear that the person may have it.
func (t *talk) run(ctx context.Context, r *Reply) error {
	if t.q.Text == leaveIt {
		t.left(r)
		return nil
	}
	if d := authorize(&t.q.Person, &t.read, t.desk.Roster); d != nil {
		r.Intent, r.Denied = IntentDenied, d
		r.Card = t.deniedCard(d)
		return nil
	}
	if t.read.Candidates != nil {
		t.ambiguous(r)
		return nil
	}
	switch t.read.Intent {
	case words.ToReport:
		return t.report(ctx, r)
	case words.ToExport:
		return t.export(ctx, r)
	case words.ToList:
		return t.listing(ctx, r)
	case words.ToDrill:
		return t.drill(ctx, r)
	case words.ToHow:
		return t.how(ctx, r)
	case words.ToHelp:
		r.Card = t.helpCard()
	case words.ToGreet:
		return t.greet(ctx, r)
	case words.ToDigest, words.ToAlert, words.ToPeople, words.ToSettings:
		return t.change(ctx, r)
	default:
		t.unknown(r)
	}
	return nil
}

// report answers a question about figures.
func (t *talk) report(ctx context.Context, r *Reply) error {
	ask := t.read.Ask
	ask.MinN = t.MinN
	confine(&t.q.Person, &ask)
	if t.comparesItself() {
		ask.Compare = report.Weekdays
	}
	answer, err := t.figures(ctx, r, ask)
	if answer == nil {
		return err
	}
	if t.comparesItself() {
		shown := *answer
		shown.Ask.Compare = report.CompareNone
		r.Answer = &shown
	}
	teller := t.teller(answer)
	if agent := teller.agent(); agent != "" {
		if teller.profile, err = t.profile(ctx, t.desk, ask, agent, t.q.Now, t.faces()); err != nil {
			return err
		}
		for _, s := range teller.profile.slowest {
			r.remember(t, Item{s.conversation.Contact, s.conversation.ID})
		}
	}
	if err := t.peersOf(ctx, teller); err != nil {
		return err
	}
	r.Card = teller.report()
	moved, err := teller.movers(ctx, t.desk, t.q.Now)
	if err != nil {
		return err
	}
	r.Card.Blocks = append(r.Card.Blocks, moved...)
	if err := t.reasons(ctx, answer, &r.Card); err != nil {
		return err
	}
	r.Card.Blocks = append(r.Card.Blocks, t.said()...)
	return nil
}

// comparesItself reports whether an overview is held against what is usual
// without being asked to.
func (t *talk) comparesItself() bool {
	a := t.read.Ask
	return words.Overall(a) && len(a.By) == 0 && a.Compare == report.CompareNone
}

// figures answers an ask; nil, with a card that says why, when it makes no sense.
func (t *talk) figures(ctx context.Context, r *Reply, ask report.Ask) (*report.Answer, error) {
	answer, err := t.desk.Answer(ctx, ask, t.q.Now)
	if refusal, ok := report.Refused(err); ok {
		r.Intent = words.Unknown
		r.Card = t.refusalCard(refusal)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.Answer = answer
	return answer, nil
}

// reasons adds why messages failed, and what to do, to a bare count of those
// that did.
func (t *talk) reasons(ctx context.Context, a *report.Answer, c *card.Card) error {
	ask := a.Ask
	if !slices.Equal(ask.Metrics, []string{"messages_failed"}) || len(ask.By) > 0 || a.Total.Figures[0].N == 0 {
		return nil
	}
	ask.By, ask.Order, ask.Limit, ask.Compare = []analytics.Dim{analytics.ByError}, report.Desc, 5, report.CompareNone
	why, err := t.desk.Answer(ctx, ask, t.q.Now)
	if err != nil {
		return err
	}
	c.Blocks = append(c.Blocks, t.teller(why).failureCard().Blocks[1:]...)
	return nil
}

// remember numbers an item that the answer shows.
func (r *Reply) remember(t *talk, item Item) {
	if r.Context == nil {
		r.Context = &Context{Reading: t.read, At: t.q.Now, List: "agent"}
	}
	r.Context.Items = append(r.Context.Items, item)
}

func (t *talk) teller(a *report.Answer) *teller {
	return &teller{
		answer: a, ask: &a.Ask, rules: t.desk.Rules, names: t.Channels, company: t.Company, target: t.desk.Rules.Target,
		stat: t.desk.Stat, text: t.book.AskText, failure: t.Failure,
	}
}

// faces reports whether the person may see customers' names and numbers.
func (t *talk) faces() bool { return t.q.Person.Role != models.Viewer }

// face reads what a contact is known by.
func (b *Bot) face(ctx context.Context, contact int64, shown bool) (Face, error) {
	faces, err := b.Record.Faces(ctx, []int64{contact})
	f := faces[contact]
	if !shown {
		f = Face{hidden: 1}
	}
	return f, err
}

// said are the choices that were made in reading, which the answer must state.
func (t *talk) said() []card.Block {
	var list []card.Block
	for _, n := range t.read.Said {
		if text, ok := t.saidText(n); ok {
			list = append(list, card.Note{Text: text})
		}
	}
	if len(t.read.Others) > 0 {
		list = append(list, card.Note{Text: card.T("said.several")})
	}
	return list
}

func (t *talk) saidText(n words.Note) (card.Text, bool) {
	switch n.Key {
	case words.SaidDefaultPeriod:
		return card.T("said.default_period", "period", card.Period(t.read.Ask.Period)), t.read.Ask.PeriodText != "today"
	case words.SaidPeriod:
		from, to, ok := spanOf(n.Value)
		return card.T("said.days", "from", card.Day(from), "to", card.Day(to)), ok
	case words.SaidPart:
		from, to, ok := hoursOf(n.Value, t.zone, t.q.Now)
		return card.T("said.part_of_day", "from", card.Clock(from), "to", card.Clock(to)), ok
	case words.SaidMetric:
		return card.T("said.metric", "metric", card.Metric(n.Value)), true
	case words.SaidName:
		return card.T("said.name", "name", card.Name(n.Value)), true
	case words.SaidNoMore:
		return card.T("said.no_more"), true
	case words.SaidElapsed:
		return card.T("said.elapsed"), true
	case words.SaidSmall:
		var list card.List
		for _, key := range splitKeys(n.Value) {
			list = append(list, card.Metric(key))
		}
		return card.T("said.dropped", "metrics", list), len(list) > 0 && !slices.Contains(t.read.Ask.Metrics, n.Value)
	}
	return card.Text{}, false
}

// contact is the face as a reading names contacts.
func (f Face) contact() *words.Contact {
	c := &words.Contact{ID: f.Key, Name: f.Name}
	if f.Phone != "" {
		c.Phone = "+" + f.Phone
	}
	return c
}
