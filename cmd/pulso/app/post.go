package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"pulso/bot"
	"pulso/bot/card"
	"pulso/bot/flow"
	"pulso/bot/render"
	"pulso/bot/whatsapp"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
)

// envelope is the payload of an outgoing message: the part that it is, and the
// templates that may stand for it outside the 24 hour window, the best first.
type envelope struct {
	Part      render.Part   `json:"part"`
	Templates []render.Part `json:"templates,omitempty"`
	Repeat    string        `json:"repeat,omitempty"` // says that the copy may be the second
	Told      *bot.Told     `json:"told,omitempty"`   // what a digest tells, for the next one
}

// remark keeps with a message what its digest tells.
func remark(o *models.Outgoing, told *bot.Told) error {
	e, err := opened(o)
	if err != nil {
		return err
	}
	e.Told = told
	o.Payload, err = json.Marshal(e)
	return err
}

// compose makes the messages of a card to a person, in their language. Fills
// are the texts of the templates that may stand for the first part.
func (a *App) compose(_ context.Context, p models.Person, key string, class models.Promise, c card.Card, fills ...card.Text) ([]*models.Outgoing, error) {
	number, ok := a.Config.Bot()
	if !ok {
		return nil, errors.New("no number has bot: true, so nothing can be sent")
	}
	now := a.Clock.Now().UnixMilli()
	voice, err := a.voice(p, p.Language, now)
	if err != nil {
		return nil, err
	}
	parts, err := voice.Parts(c)
	if err != nil {
		return nil, fmt.Errorf("set %s: %w", class, err)
	}
	list := make([]*models.Outgoing, len(parts))
	for i, part := range parts {
		e := envelope{Part: part}
		if class != models.Once {
			e.Repeat = voice.Say(card.T("note.repeat"))
		}
		intent := newIntent()
		if i == 0 {
			if e.Templates, err = stand(voice, fills, intent); err != nil {
				return nil, err
			}
		}
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		list[i] = &models.Outgoing{
			Key: key, Part: i + 1, To: either(p.Phone, p.UserID), Person: p.Key, Channel: number.Channel(), Class: class, State: models.Planned,
			Via: string(part.Kind), Intent: intent, Payload: body, CreatedAt: now, DueAt: now,
		}
	}
	return list, nil
}

// stand fills the templates; a tap on one of them names the message it stood for.
func stand(voice *render.Voice, fills []card.Text, intent string) ([]render.Part, error) {
	var list []render.Part
	for _, f := range fills {
		name := templateOf(f.Key)
		part, err := voice.Filled(name, f, tapsOf(name, intent)...)
		if err != nil {
			return nil, fmt.Errorf("fill template %s: %w", name, err)
		}
		list = append(list, part)
	}
	return list, nil
}

// post carries messages to WhatsApp for the outbox.
type post struct {
	app    *App
	number config.Number
	client *whatsapp.Client
	seal   seal
	board  *board

	mu    sync.Mutex
	media map[string]string // ids of uploads, by intent: a retry does not upload again
}

// newPost returns the way to WhatsApp, nil when no number can send.
func (a *App) newPost(seal seal, b *board) (*post, error) {
	n, ok := a.Config.Bot()
	if !ok || !n.AccessToken.Set() {
		return nil, nil
	}
	client, err := a.client(n)
	if err != nil {
		return nil, err
	}
	return &post{app: a, number: n, client: client, seal: seal, board: b, media: map[string]string{}}, nil
}

// client speaks to WhatsApp for a number.
func (a *App) client(n config.Number) (*whatsapp.Client, error) {
	return whatsapp.New(whatsapp.Config{
		GraphURL: n.GraphURL, Version: n.GraphVersion, PhoneNumberID: n.PhoneNumberID, WABAID: n.WABAID,
		AccessToken: whatsapp.Token(n.AccessToken.Reveal()), Now: a.Clock.Wall,
	})
}

// windowTime is WhatsApp's customer service window, a little less than its 24
// hours: a message that leaves at its very end may arrive after it.
const windowTime = 24*time.Hour - 30*time.Second

func (p *post) Open(ctx context.Context, o *models.Outgoing, now int64) (bool, error) {
	digits, _ := models.PhoneDigits(o.To)
	user := ""
	if digits == "" {
		user = o.To
	}
	return p.app.heard(ctx, o.Channel, digits, user, now)
}

// heard reports whether somebody wrote to a number within the window.
func (a *App) heard(ctx context.Context, channel, digits, user string, now int64) (bool, error) {
	last, err := a.Store.LastHeard(ctx, channel, digits, user)
	return err == nil && last > 0 && now-last < windowTime.Milliseconds(), err
}

// open reports whether free-form messages reach a person now.
func (a *App) open(ctx context.Context, channel string, p models.Person, now int64) (bool, error) {
	digits, _ := models.PhoneDigits(p.Phone)
	return a.heard(ctx, channel, digits, p.UserID, now)
}

func (p *post) Route(ctx context.Context, o *models.Outgoing, now int64) (flow.Way, error) {
	people, err := p.app.staff(ctx)
	if err != nil {
		return flow.Way{}, err
	}
	i := slices.IndexFunc(people, func(x models.Person) bool { return x.Key == o.Person })
	// A digest or an alert never goes to somebody whose rights ended meanwhile.
	if o.Class != models.Reply && (i < 0 || !people[i].May(now)) {
		return flow.Way{Reason: "the person may no longer be told"}, nil
	}
	if o.Class == models.Reply && now-o.CreatedAt > replyTime.Milliseconds() {
		return flow.Way{Reason: "too late for an answer"}, nil
	}
	e, err := opened(o)
	if err != nil {
		return flow.Way{Reason: err.Error()}, nil
	}
	m := whatsapp.Message{To: o.To}
	if i >= 0 {
		m.IdentityKeyHash = people[i].Identity // WhatsApp refuses when the number has gone to somebody else
	}
	if o.Via == models.ViaTemplate {
		return p.byTemplate(ctx, o, e, m)
	}
	open, err := p.Open(ctx, o, now)
	switch {
	case err != nil:
		return flow.Way{}, err
	case !open && !p.direct(o):
		return p.byTemplate(ctx, o, e, m)
	case !open:
		m.Category = whatsapp.Utility
	}
	return flow.Way{Send: func(ctx context.Context, o *models.Outgoing) models.Result {
		if o.Doubtful && e.Repeat != "" {
			e.Part.Text = e.Repeat + "\n\n" + e.Part.Text
		}
		var err error
		if m.Content, err = p.content(ctx, o, &e.Part); err != nil {
			return p.result(err, o)
		}
		return p.send(ctx, o, m)
	}}, nil
}

// byTemplate is the way outside the 24 hour window.
func (p *post) byTemplate(ctx context.Context, o *models.Outgoing, e *envelope, m whatsapp.Message) (flow.Way, error) {
	if o.Part > 1 {
		return flow.Way{Reason: "outside the 24 hour window: it comes with the tap on the template"}, nil
	}
	t, err := p.template(ctx, e)
	if err != nil {
		return flow.Way{}, err
	}
	if t == nil {
		return flow.Way{Reason: "outside the 24 hour window, and no approved template: see pulso templates status"}, nil
	}
	m.Content = filled(t)
	return flow.Way{Via: models.ViaTemplate, Send: func(ctx context.Context, o *models.Outgoing) models.Result { return p.send(ctx, o, m) }}, nil
}

// replyTime is how long an answer is worth sending.
const replyTime = time.Hour

// direct reports whether the account may send this text outside the window.
func (p *post) direct(o *models.Outgoing) bool {
	return p.number.DirectSend && o.Via == string(render.TextPart)
}

// template returns the first template that may be sent now, nil when there is none.
func (p *post) template(ctx context.Context, e *envelope) (*render.Template, error) {
	if len(e.Templates) == 0 {
		return nil, nil
	}
	all, err := p.board.states(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range e.Templates {
		if all[t.Template.Name+"/"+t.Template.Language].Status == whatsapp.StatusApproved {
			return t.Template, nil
		}
	}
	return nil, nil
}

func opened(o *models.Outgoing) (*envelope, error) {
	var e envelope
	if err := json.Unmarshal(o.Payload, &e); err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	return &e, nil
}

func (p *post) Opaque(o *models.Outgoing, attempt int) string {
	return p.seal.opaque(o.Intent, attempt)
}

// send makes one request.
func (p *post) send(ctx context.Context, o *models.Outgoing, m whatsapp.Message) models.Result {
	m.Opaque = o.Opaque
	sent, err := p.client.Send(ctx, m)
	if err != nil {
		return p.result(err, o)
	}
	p.mu.Lock()
	delete(p.media, o.Intent)
	p.mu.Unlock()
	p.app.resumed(ctx)
	return models.Result{Outcome: models.Taken, WAMID: sent.WAMID}
}

// content puts a part into WhatsApp's words; files are uploaded first.
func (p *post) content(ctx context.Context, o *models.Outgoing, part *render.Part) (whatsapp.Content, error) {
	switch {
	case part.Image != nil:
		id, err := p.upload(ctx, o, "image/png", "pulso.png", part.Image.PNG)
		return whatsapp.Image{MediaID: id, Caption: part.Text}, err
	case part.Document != nil:
		id, err := p.upload(ctx, o, part.Document.MIME, part.Document.Name, part.Document.Body)
		return whatsapp.Document{MediaID: id, Filename: part.Document.Name, Caption: part.Text}, err
	case part.List != nil:
		list := whatsapp.List{Body: part.Text, Button: part.List.Button}
		for _, s := range part.List.Sections {
			section := whatsapp.Section{Title: s.Title}
			for _, r := range s.Rows {
				section.Rows = append(section.Rows, whatsapp.Row{ID: r.ID, Title: r.Title, Description: r.Detail})
			}
			list.Sections = append(list.Sections, section)
		}
		return list, nil
	case len(part.Buttons) > 0:
		b := whatsapp.Buttons{Body: part.Text}
		for _, x := range part.Buttons {
			b.Replies = append(b.Replies, whatsapp.Reply{ID: x.ID, Title: x.Title})
		}
		return b, nil
	}
	return whatsapp.Text{Body: part.Text}, nil
}

func (p *post) upload(ctx context.Context, o *models.Outgoing, mime, name string, body []byte) (string, error) {
	p.mu.Lock()
	id := p.media[o.Intent]
	p.mu.Unlock()
	if id != "" {
		return id, nil
	}
	id, err := p.client.Upload(ctx, mime, name, body)
	if err != nil {
		return "", errUpload{err}
	}
	p.mu.Lock()
	p.media[o.Intent] = id
	p.mu.Unlock()
	return id, nil
}

// errUpload is a failure before the message itself: nothing was sent, whatever
// became of the file.
type errUpload struct{ error }

func (e errUpload) Unwrap() error { return e.error }

func filled(t *render.Template) whatsapp.Filled {
	f := whatsapp.Filled{Name: t.Name, Language: t.Language, Payloads: t.Payloads}
	for _, x := range t.Body {
		f.Body = append(f.Body, whatsapp.Param{Name: x.Name, Text: x.Text})
	}
	return f
}

// haltTime is how long a number rests that Meta has stopped: until somebody
// acts, every message would only fail.
const haltTime = 5 * time.Minute

// result says what became of a request and what to do (cloudapi.md §4).
func (p *post) result(err error, o *models.Outgoing) models.Result {
	var e *whatsapp.Error
	if !errors.As(err, &e) {
		return models.Result{Outcome: models.Unclear, Reason: "no answer", Broken: true}
	}
	policy := e.Policy()
	r := models.Result{Outcome: models.Refused, Reason: reason(e, policy)}
	var before errUpload
	if e.Outcome == whatsapp.Ambiguous && !errors.As(err, &before) {
		r.Outcome = models.Unclear
	}
	r.Broken = e.Kind != whatsapp.Rejected && e.Kind != whatsapp.Refused || e.HTTPStatus >= 500
	switch policy.Action {
	case whatsapp.Retry:
		r.Retry, r.Delay = true, max(policy.Backoff.Delay(o.Attempts), e.RetryAfter).Milliseconds()
	case whatsapp.UseTemplate:
		r.Template = true
	case whatsapp.OtherTemplate:
		r.Retry = p.board.withdraw(o, e)
	case whatsapp.StopChannel:
		p.app.halted(context.Background(), e.Code)
		r.Retry, r.Broken, r.Delay, r.Halt = true, true, haltTime.Milliseconds(), haltTime.Milliseconds()
	case whatsapp.SuspendRecipient:
		p.refused(o.Person)
	}
	return r
}

// refused takes the rights of a person because WhatsApp says that the account
// behind the number is another one.
func (p *post) refused(person string) {
	ctx := context.Background()
	people, err := p.app.staff(ctx)
	for _, x := range people {
		if x.Key != person || x.Suspended != "" {
			continue
		}
		var told []*models.Outgoing
		if told, err = p.app.suspend(ctx, x); err == nil {
			_, err = p.app.Store.Plan(ctx, told, nil)
		}
	}
	if err != nil {
		p.app.Log.Error("suspend a person whose account changed", "error", err)
	}
}

// reason tells why, for people: no names, numbers or text.
func reason(e *whatsapp.Error, policy whatsapp.Policy) string {
	if e.Code != 0 {
		return fmt.Sprintf("%d %s", e.Code, policy.Meaning)
	}
	return e.Kind.String()
}
