package app

import (
	"context"
	"strings"
	"time"

	"pulso/bot"
	"pulso/bot/card"
	"pulso/bot/words"
	"pulso/models"
)

// chatting answers the commands of people. One loop uses it at a time.
type chatting struct {
	*App
	bot       *bot.Bot
	dialogues map[string]*bot.Context // by person
	alerted   map[string]alerted      // by person
}

const (
	tooOld     = 10 * time.Minute
	mostAsked  = 20 // commands of a person in a minute; further ones get no answer
	recentTime = 12 * time.Hour
)

// answer returns the messages that answer a command; none for those that get no
// answer: strangers', forwarded ones, groups'.
func (c *chatting) answer(ctx context.Context, command models.Command) ([]*models.Outgoing, error) {
	p, ok, err := c.asker(ctx, command)
	if err != nil || !ok {
		return nil, err
	}
	now := c.Clock.Now().UnixMilli()
	reply := func(text card.Text) ([]*models.Outgoing, error) {
		return c.reply(ctx, p, command, card.Card{Blocks: []card.Block{card.Line{Text: text}}})
	}
	switch {
	case p.Suspended == models.Invited:
		return c.enrol(ctx, p, command, now)
	case command.Kind == renumbered:
		return c.moved(ctx, p)
	case p.Suspended != "" || command.Forwarded:
		return nil, nil
	case p.Identity != "" && command.Identity != "" && p.Identity != command.Identity:
		return c.moved(ctx, p)
	case now-command.At > tooOld.Milliseconds():
		return reply(card.T("command.too_old", "age", card.Duration(now-command.At)))
	}
	if p.Identity == "" && command.Identity != "" {
		if err := c.Store.SetPerson(ctx, p.Key, map[string]any{"identity": command.Identity}); err != nil {
			return nil, err
		}
	}
	switch asked, err := c.Store.Wrote(ctx, command, command.ReceivedAt-time.Minute.Milliseconds()); {
	case err != nil:
		return nil, err
	case asked == mostAsked+1:
		return reply(card.T("refuse.too_many"))
	case asked > mostAsked:
		return nil, nil
	}
	if rows, tapped, err := c.tap(ctx, p, command); tapped || err != nil {
		return rows, err
	}
	text, ok := question(command)
	if !ok {
		return reply(card.T("refuse.media"))
	}
	return c.ask(ctx, p, command, text, now)
}

// asker returns who wrote a command, if they belong to the business now.
func (c *chatting) asker(ctx context.Context, command models.Command) (models.Person, bool, error) {
	people, err := c.everybody(ctx)
	if err != nil {
		return models.Person{}, false, err
	}
	p, ok := bears(people, []models.Alias{{Kind: models.ByPhone, Value: command.Phone}, {Kind: models.ByUser, Value: command.UserID}})
	return p, ok, nil
}

// question is what a command asks: a tap stands for the words of its button.
func question(c models.Command) (string, bool) {
	switch c.Kind {
	case "text", "button", "interactive":
		if c.Payload != "" {
			text, _, _ := strings.Cut(c.Payload, " "+tapPrefix)
			return text, true
		}
		return c.Text, true
	}
	return "", false
}

// ask lets the bot answer.
func (c *chatting) ask(ctx context.Context, p models.Person, command models.Command, text string, now int64) ([]*models.Outgoing, error) {
	about, err := c.about(ctx, p, command, now)
	if err != nil {
		return nil, err
	}
	q := bot.Question{Person: p, Text: text, Now: now, Previous: c.dialogue(ctx, p), Alert: about != "", About: about, Apply: true, Tapped: command.Payload != ""}
	r, err := c.bot.Answer(ctx, q)
	if err != nil {
		return nil, err
	}
	if r.Context != nil {
		c.remember(ctx, p, r)
	}
	delete(c.alerted, p.Key)
	if about != "" && r.Intent == words.ToAlert {
		c.alerted[p.Key] = alerted{"reply/" + command.WAMID, about}
	}
	p.Language = r.Language
	return c.reply(ctx, p, command, r.Card)
}

// reply makes the messages that answer a command.
func (c *chatting) reply(ctx context.Context, p models.Person, command models.Command, x card.Card) ([]*models.Outgoing, error) {
	return c.compose(ctx, p, "reply/"+command.WAMID, models.Reply, x)
}

// sorry answers a command that could not be answered.
func (c *chatting) sorry(ctx context.Context, command models.Command, reference string) []*models.Outgoing {
	p, ok, err := c.asker(ctx, command)
	if err != nil || !ok || !p.May(c.Clock.Now().UnixMilli()) {
		return nil
	}
	rows, err := c.reply(ctx, p, command, card.Card{Blocks: []card.Block{card.Line{Text: card.T("error.internal", "reference", card.Name(reference))}}})
	if err != nil {
		c.Log.Error("chat: answer with an apology", "error", err)
	}
	return rows
}

// alerted says that our latest words to somebody, the reply, were about an alert.
type alerted struct{ reply, about string }

// about is the key of the alert that a command answers, "" when it answers none:
// the message it quotes, or the latest one if that was an alert or about one.
func (c *chatting) about(ctx context.Context, p models.Person, command models.Command, now int64) (string, error) {
	o, err := c.Store.Known(ctx, command.ReplyTo)
	if err != nil {
		return "", err
	}
	if o == nil {
		latest, err := c.Store.Latest(ctx, either(p.Phone, p.UserID), now-recentTime.Milliseconds())
		if err != nil || len(latest) == 0 {
			return "", err
		}
		o = latest[0]
	}
	if strings.HasPrefix(o.Key, "alert/") {
		return o.Key, nil
	}
	if last := c.alerted[p.Key]; last.reply == o.Key {
		return last.about, nil
	}
	return "", nil
}

// tap brings what a template stood for when its button is tapped: known by the
// payload, else by what it answers, else by its words (push.md §10).
func (c *chatting) tap(ctx context.Context, p models.Person, command models.Command) ([]*models.Outgoing, bool, error) {
	o, err := c.tapped(ctx, p, command)
	if err != nil || o == nil {
		return nil, false, err
	}
	parts, err := c.Store.Sent(ctx, o.Key, o.To)
	if err != nil {
		return nil, true, err
	}
	now := c.Clock.Now().UnixMilli()
	rows := make([]*models.Outgoing, len(parts))
	for i, part := range parts {
		e, err := opened(part)
		if err != nil {
			return nil, true, err
		}
		rows[i] = &models.Outgoing{
			Key: "reply/" + command.WAMID, Part: part.Part, To: part.To, Person: p.Key, Channel: part.Channel, Class: models.Reply, State: models.Planned,
			Via: string(e.Part.Kind), Intent: newIntent(), Payload: part.Payload, CreatedAt: now, DueAt: now,
		}
	}
	return rows, true, nil
}

// tapped is the message that the tapped template stood for, nil when the
// command is no such tap.
func (c *chatting) tapped(ctx context.Context, p models.Person, command models.Command) (*models.Outgoing, error) {
	if intent, ok := strings.CutPrefix(command.Payload, tapPrefix); ok {
		o, err := c.Store.Intended(ctx, intent)
		return mine(o, p), err
	}
	if command.Kind != "button" || strings.Contains(command.Payload, " "+tapPrefix) {
		return nil, nil
	}
	if command.ReplyTo != "" {
		if o, err := c.Store.Known(ctx, command.ReplyTo); err != nil || o != nil {
			return standing(mine(o, p)), err
		}
	}
	latest, err := c.Store.Latest(ctx, either(p.Phone, p.UserID), 0)
	for _, o := range latest {
		if o = standing(o); o != nil && c.offered(o, command.Text) {
			return o, err
		}
	}
	return nil, err
}

// offered reports whether a message's template has a button of these words.
func (c *chatting) offered(o *models.Outgoing, text string) bool {
	renderer, err := c.renderer()
	e, bad := opened(o)
	if err != nil || bad != nil {
		return false
	}
	for _, t := range e.Templates {
		r, ok := renderer.Registration(t.Template.Language, strings.TrimPrefix(t.Template.Name, metaName("")))
		for _, button := range r.QuickReplies {
			if ok && button == text {
				return true
			}
		}
	}
	return false
}

// mine is the message if it went to the person.
func mine(o *models.Outgoing, p models.Person) *models.Outgoing {
	if o == nil || o.Person != p.Key {
		return nil
	}
	return o
}

// standing is the message if a template stood for it, and its button brings it
// rather than answers it.
func standing(o *models.Outgoing) *models.Outgoing {
	if o == nil || o.Via != models.ViaTemplate || strings.HasPrefix(o.Key, "alert/") {
		return nil
	}
	return o
}

// enrol lets somebody in who writes the code of their invitation.
func (c *chatting) enrol(ctx context.Context, p models.Person, command models.Command, now int64) ([]*models.Outgoing, error) {
	if !isCode(command.Text) || command.Forwarded {
		return nil, nil
	}
	ok, err := c.Store.Enrol(ctx, p.Key, codeHash(p.Key, command.Text), command.UserID, command.Identity, now)
	if err != nil {
		return nil, err
	}
	blocks := []card.Block{card.Line{Text: card.T("people.code_wrong")}}
	var choices []card.Choice
	if ok {
		blocks = []card.Block{
			card.Title{Text: card.T("people.welcome", "name", card.Name(p.Name), "role", card.Word("people.role."+string(p.Role)), "business", card.Name(c.Config.Business.Name))},
			card.Line{Text: card.T("people.can." + string(p.Role))}, card.Line{Text: card.T("people.welcome_next")},
		}
		choices = []card.Choice{{Label: card.T("choice.help"), Ask: "help"}, {Label: card.T("choice.today"), Ask: "stats today"}}
	}
	return c.reply(ctx, p, command, card.Card{Blocks: blocks, Choices: choices})
}

// moved takes the rights of somebody whose number or account is another's now,
// and tells the owners.
func (c *chatting) moved(ctx context.Context, p models.Person) ([]*models.Outgoing, error) {
	if p.Suspended != "" {
		return nil, nil
	}
	return c.suspend(ctx, p)
}

// suspend takes a person's rights until they are invited again, and returns the
// messages that tell the owners.
func (a *App) suspend(ctx context.Context, p models.Person) ([]*models.Outgoing, error) {
	if err := a.Store.SetPerson(ctx, p.Key, map[string]any{"suspended": "their WhatsApp account changed"}); err != nil {
		return nil, err
	}
	people, err := a.everybody(ctx)
	if err != nil {
		return nil, err
	}
	now := a.Clock.Now().UnixMilli()
	var rows []*models.Outgoing
	told := card.T("people.identity_changed", "name", card.Name(p.Name))
	for _, owner := range people {
		if owner.Role != models.Owner || owner.Key == p.Key || !owner.May(now) {
			continue
		}
		list, err := a.compose(ctx, owner, "alert/identity/"+a.Store.NewID(now), models.Must,
			card.Card{Blocks: []card.Block{card.Line{Text: told}}}, card.T("template.health.body", "news", card.Said(told)))
		if err != nil {
			return nil, err
		}
		rows = append(rows, list...)
	}
	return rows, nil
}

// saved is a dialogue as it is kept for another process.
type saved struct {
	Ask   string     `json:"ask"`
	Lang  string     `json:"language"`
	At    int64      `json:"at"`
	List  string     `json:"list"`
	Items []bot.Item `json:"items"`
}

// dialogue is what a person's last question was about; nil for nothing.
func (c *chatting) dialogue(ctx context.Context, p models.Person) *bot.Context {
	if d, known := c.dialogues[p.Key]; known {
		return d
	}
	var s saved
	known, err := c.Store.Setting(ctx, "dialogue/"+p.Key, &s)
	if err != nil || !known {
		return nil
	}
	if s.Lang != "" {
		p.Language = s.Lang
	}
	reading, err := c.bot.Resume(ctx, p, s.Ask, s.At)
	if err != nil || reading.Intent == words.Unknown {
		return nil
	}
	return &bot.Context{Reading: reading, Ask: s.Ask, Items: s.Items, At: s.At, List: s.List}
}

func (c *chatting) remember(ctx context.Context, p models.Person, r *bot.Reply) {
	c.dialogues[p.Key] = r.Context
	err := c.Store.Put(ctx, "dialogue/"+p.Key, saved{r.Context.Ask, r.Context.Reading.Language, r.Context.At, r.Context.List, r.Context.Items})
	if err != nil {
		c.Log.Error("chat: keep the dialogue", "error", err)
	}
}
