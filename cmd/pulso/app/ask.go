package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot"
	"pulso/bot/render"
	"pulso/bot/words"
	"pulso/models"
)

// ErrNobody is returned when nobody is called as --as says.
var ErrNobody = errors.New("nobody in people is called so")

// Dialogue answers questions in the terminal as the bot would in the chat.
type Dialogue struct {
	app     *App
	bot     *bot.Bot
	person  models.Person
	now     func() time.Time
	apply   bool
	goesOn  bool // a line may go on from the one before
	context *bot.Context
}

// Dialogue begins a conversation with a person of the business, named or by
// phone; "" speaks as an owner who stands in no list. Without apply nothing is
// changed by what is asked; goesOn makes the questions one dialogue.
func (a *App) Dialogue(ctx context.Context, who string, now func() time.Time, apply, goesOn bool) (*Dialogue, error) {
	b, err := a.Bot()
	if err != nil {
		return nil, err
	}
	p := a.settled(models.Person{Key: terminal, Name: terminal, Role: models.Owner})
	if who != "" {
		found, ok, err := a.person(ctx, who)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("--as %s: %w", who, ErrNobody)
		}
		p = found
	}
	return &Dialogue{app: a, bot: b, person: p, now: now, apply: apply, goesOn: goesOn}, nil
}

// Said is an answer, ready to be shown.
type Said struct {
	reply *bot.Reply
	parts []render.Part
	files []string // where the images and files of parts were written, "" for none
	plain string
}

// Ask answers one question; out is the directory for its images and files, ""
// for none.
func (d *Dialogue) Ask(ctx context.Context, text, out string) (*Said, error) {
	now := d.now().UnixMilli()
	q := bot.Question{Person: d.person, Text: text, Now: now, Apply: d.apply}
	if d.goesOn {
		q.Previous = d.context
	}
	r, err := d.bot.Answer(ctx, q)
	if err != nil {
		return nil, err
	}
	if d.goesOn && r.Context != nil {
		d.context = r.Context
	}
	voice, err := d.app.voice(d.person, r.Language, now)
	if err != nil {
		return nil, err
	}
	s := &Said{reply: r, plain: voice.Plain(r.Card)}
	if s.parts, err = voice.Parts(r.Card); err != nil {
		return nil, fmt.Errorf("set the answer: %w", err)
	}
	s.files = make([]string, len(s.parts))
	if out != "" {
		err = s.write(out)
	}
	return s, err
}

// write stores images and files.
func (s *Said) write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i, p := range s.parts {
		name, body := "", []byte(nil)
		switch {
		case p.Image != nil:
			name, body = fmt.Sprintf("pulso-%d.png", i+1), p.Image.PNG
		case p.Document != nil:
			name, body = filepath.Base(p.Document.Name), p.Document.Body
		default:
			continue
		}
		path := filepath.Join(dir, name)
		for n := 2; exists(path); n++ {
			ext := filepath.Ext(name)
			path = filepath.Join(dir, fmt.Sprintf("%s-%d%s", name[:len(name)-len(ext)], n, ext))
		}
		if err := os.WriteFile(path, body, 0o644); err != nil {
			return err
		}
		s.files[i] = path
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Plain writes the answer for a person at the terminal.
func (s *Said) Plain(w io.Writer) error {
	if _, err := fmt.Fprintln(w, s.plain); err != nil {
		return err
	}
	for _, f := range s.files {
		if f == "" {
			continue
		}
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	return nil
}

type saidJSON struct {
	Understood  bool           `json:"understood"`
	Intent      words.Intent   `json:"intent"`
	Language    string         `json:"language"`
	Ask         *string        `json:"ask"`
	Result      json.Marshaler `json:"result"`
	Detail      any            `json:"detail,omitempty"`
	Reply       []replyJSON    `json:"reply"`
	Suggestions []string       `json:"suggestions"`
}

type replyJSON struct {
	Type    render.Kind  `json:"type"`
	Text    string       `json:"text,omitempty"`
	Caption string       `json:"caption,omitempty"`
	File    string       `json:"file,omitempty"`
	Name    string       `json:"name,omitempty"`
	Buttons []choiceJSON `json:"buttons,omitempty"`
	Button  string       `json:"button,omitempty"`
	Rows    []choiceJSON `json:"rows,omitempty"`
}

type choiceJSON struct {
	Title string `json:"title"`
	Ask   string `json:"ask"`
}

// JSON is the answer as `ask --json` writes it (ask.md).
func (s *Said) JSON() any {
	r := s.reply
	j := saidJSON{
		Understood: r.Intent != words.Unknown, Intent: r.Intent, Language: r.Language, Detail: detail(r),
		Reply: []replyJSON{}, Suggestions: append([]string{}, r.Suggestions...),
	}
	if r.Ask != "" {
		j.Ask = &r.Ask
	}
	if r.Answer != nil {
		j.Result = r.Desk.JSON(r.Answer)
	}
	for i, p := range s.parts {
		j.Reply = append(j.Reply, partJSON(p, s.files[i]))
	}
	return j
}

func partJSON(p render.Part, file string) replyJSON {
	j := replyJSON{Type: p.Kind, Text: p.Text, File: file}
	if p.Kind == render.ImagePart || p.Kind == render.DocumentPart {
		j.Text, j.Caption = "", p.Text
	}
	if p.Document != nil {
		j.Name = p.Document.Name
	}
	for _, b := range p.Buttons {
		j.Buttons = append(j.Buttons, choiceJSON{b.Title, b.ID})
	}
	if p.List != nil {
		j.Button = p.List.Button
		for _, section := range p.List.Sections {
			for _, row := range section.Rows {
				j.Rows = append(j.Rows, choiceJSON{row.Title, row.ID})
			}
		}
	}
	return j
}

// detail is what an intent other than report was understood to be (ask.md, §3).
func detail(r *bot.Reply) any {
	x := r.Reading
	switch {
	case r.Denied != nil:
		return r.Denied
	case r.Intent == words.ToExport:
		return map[string]any{"format": x.Ask.Format}
	case r.Intent == words.ToHow:
		return map[string]any{"metrics": x.How}
	case r.Intent == words.ToList && x.List != nil:
		return listDetail(r, x.List)
	case r.Intent == words.ToDrill && x.Drill != nil:
		return map[string]any{"kind": x.Drill.Kind, "index": x.Drill.Index, "contact": contactDetail(r.Resolved)}
	case r.Intent == words.ToDigest && x.Digest != nil:
		return digestDetail(x.Digest)
	case r.Intent == words.ToAlert && x.Alert != nil:
		return alertDetail(r, x.Alert)
	case r.Intent == words.ToPeople && x.People != nil:
		return peopleDetail(x.People)
	case r.Intent == words.ToSettings && x.Setting != nil:
		return map[string]any{"setting": x.Setting.Setting, "value": orNull(x.Setting.Value)}
	}
	return nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func secondsOrNull(d time.Duration) any {
	if d == 0 {
		return nil
	}
	return d.Seconds()
}

func contactDetail(c *words.Contact) any {
	if c == nil {
		return nil
	}
	return map[string]any{"id": c.ID, "name": orNull(c.Name), "phone": orNull(c.Phone)}
}

// whereDetail names what a list or an alert is narrowed to.
func whereDetail(r *bot.Reply, filters []report.Filter) any {
	out := map[string]any{}
	for _, f := range filters {
		var names []string
		for _, v := range f.Values {
			if f.Dim == analytics.ByAgent {
				v = r.Desk.Roster.Agent(v).Name
			}
			names = append(names, v)
		}
		if len(names) == 1 {
			out[f.Dim.String()] = names[0]
		} else {
			out[f.Dim.String()] = names
		}
	}
	return out
}

func listDetail(r *bot.Reply, l *words.ListDetail) any {
	d := map[string]any{"list": l.List, "where": whereDetail(r, l.Where), "page": l.Page, "from": nil, "to": nil}
	if l.Agent != "" {
		d["agent"] = r.Desk.Roster.Agent(l.Agent).Name
	}
	if l.List == "log" {
		c := r.Resolved
		if c == nil {
			c = l.Contact
		}
		d["contact"] = contactDetail(c)
	}
	if l.Period.To != 0 {
		zone := r.Desk.Rules.Zone
		d["from"], d["to"] = zone.Time(l.Period.From).Format(time.RFC3339), zone.Time(l.Period.To).Format(time.RFC3339)
	}
	return d
}

func digestDetail(d *words.DigestDetail) any {
	out := map[string]any{"action": d.Action}
	if d.ID > 0 {
		out["id"] = d.ID
	}
	if d.Action != "add" {
		return out
	}
	out["at"], out["days"], out["month_day"] = orNull(d.At), append([]string{}, d.Days...), nil
	if d.MonthDay > 0 {
		out["month_day"] = d.MonthDay
	}
	out["ask"], out["language"] = orNull(d.Ask), orNull(d.Language)
	return out
}

func alertDetail(r *bot.Reply, d *words.AlertDetail) any {
	out := map[string]any{"action": d.Action}
	if d.ID > 0 {
		out["id"] = d.ID
	}
	switch d.Action {
	case "snooze":
		out["for"] = secondsOrNull(d.For)
		if d.Until != 0 {
			out["until"] = r.Desk.Rules.Zone.Time(d.Until).Format(time.RFC3339)
		}
	case "add":
		out["metric"], out["op"], out["threshold"] = orNull(d.Metric), orNull(d.Op), d.Threshold
		out["for"], out["over"], out["repeat"], out["clear"] = secondsOrNull(d.For), secondsOrNull(d.Over), secondsOrNull(d.Repeat), d.Clear
		out["where"], out["quiet"], out["min_n"] = whereDetail(r, d.Where), orNull(d.Quiet), nil
		if d.MinN > 0 {
			out["min_n"] = d.MinN
		}
	}
	return out
}

func peopleDetail(d *words.PeopleDetail) any {
	out := map[string]any{"action": d.Action}
	if d.Action == "list" {
		return out
	}
	out["phone"], out["name"] = orNull(d.Phone), orNull(d.Name)
	if d.Action == "invite" {
		out["role"], out["scope"] = orNull(d.Role), nil
		if len(d.Teams)+len(d.Channels) > 0 {
			out["scope"] = map[string]any{"teams": append([]string{}, d.Teams...), "channels": append([]string{}, d.Channels...)}
		}
	}
	return out
}
