package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"pulso/bot/render"
	"pulso/bot/whatsapp"
	"pulso/models"
)

// templateNames are the message templates that Pulso needs, as the language
// files know them.
func templateNames() []string {
	return []string{"digest", "digest_short", "alert", "resolved", "health"}
}

// metaName is a template's name at Meta.
func metaName(name string) string { return "pulso_" + name }

// templateOf returns the name at Meta of the template whose body a text is.
func templateOf(key string) string {
	return metaName(strings.TrimSuffix(strings.TrimPrefix(key, "template."), ".body"))
}

// tapPrefix begins what the button of a template brings back: the intent of the
// message that it stood for.
const tapPrefix = "tap:"

// tapsOf are the payloads of a template's buttons, in their order. Those of an
// alert answer it; that of any other brings the whole message.
func tapsOf(name, intent string) []string {
	switch name {
	case metaName("alert"):
		return []string{"ok " + tapPrefix + intent, "why " + tapPrefix + intent}
	}
	return []string{tapPrefix + intent}
}

// board knows which templates Meta lets us send: what it answered when asked,
// and what its webhooks said since.
type board struct{ app *App }

// posted is the state of one template in one language, and since when.
type posted struct {
	Status string `json:"status"`
	Reason string `json:"reason,omitempty"`
	At     int64  `json:"at"`
}

const boardSetting = "templates"

// states returns the state of each template, by name/language.
func (b *board) states(ctx context.Context) (map[string]posted, error) {
	all := map[string]posted{}
	if _, err := b.app.Store.Setting(ctx, boardSetting, &all); err != nil {
		return nil, err
	}
	told, err := b.app.Store.Notices(ctx, "message_template_status_update", 0)
	if err != nil {
		return nil, err
	}
	for _, f := range told {
		key, p, ok := readStatus(f)
		if ok && p.At >= all[key].At {
			all[key] = p
		}
	}
	return all, nil
}

// readStatus reads a message_template_status_update.
func readStatus(f *models.Fact) (string, posted, bool) {
	type update struct {
		Event    string `json:"event"`
		Name     string `json:"message_template_name"`
		Language string `json:"message_template_language"`
		Reason   string `json:"reason"`
	}
	var x struct {
		update
		Value update `json:"value"`
	}
	if json.Unmarshal(f.Details, &x) != nil {
		return "", posted{}, false
	}
	u := x.update
	if u.Name == "" {
		u = x.Value
	}
	if u.Event == "REINSTATED" || u.Event == "UNARCHIVED" {
		u.Event = whatsapp.StatusApproved
	}
	return u.Name + "/" + u.Language, posted{u.Event, u.Reason, f.At}, u.Name != "" && u.Event != ""
}

// learn asks Meta for the state of all templates; whole is set when all of ours
// are approved.
func (b *board) learn(ctx context.Context, client *whatsapp.Client) (whole bool, err error) {
	now := b.app.Clock.Now().UnixMilli()
	list, err := client.Templates(ctx)
	if err != nil {
		return false, err
	}
	all := map[string]posted{}
	whole = true
	for _, t := range list {
		if strings.HasPrefix(t.Name, metaName("")) {
			all[t.Name+"/"+t.Language] = posted{t.Status, t.Reason, now}
			whole = whole && t.Status == whatsapp.StatusApproved
		}
	}
	return whole && len(all) > 0, b.app.Store.Put(ctx, boardSetting, all)
}

// withdraw notes that Meta refused a template, and reports whether another may
// be tried for the message.
func (b *board) withdraw(o *models.Outgoing, refused *whatsapp.Error) bool {
	e, err := opened(o)
	if err != nil || o.Via != models.ViaTemplate {
		return false
	}
	ctx := context.Background()
	all, err := b.states(ctx)
	if err != nil {
		return false
	}
	for i, t := range e.Templates {
		key := t.Template.Name + "/" + t.Template.Language
		if all[key].Status != whatsapp.StatusApproved {
			continue
		}
		all[key] = posted{"REFUSED", fmt.Sprintf("%d %s", refused.Code, refused.Policy().Meaning), b.app.Clock.Now().UnixMilli()}
		return b.app.Store.Put(ctx, boardSetting, all) == nil && i+1 < len(e.Templates)
	}
	return false
}

// TemplateState is a template that Pulso needs, in one language, and where it
// stands at Meta: MISSING, or what Meta calls it.
type TemplateState struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	Status   string `json:"status"`
	Reason   string `json:"reason,omitempty"`
	Body     string `json:"body"`
}

// languages returns the languages of everybody in people, sorted.
func (a *App) languages(ctx context.Context) ([]string, error) {
	people, err := a.everybody(ctx)
	if err != nil {
		return nil, err
	}
	list := []string{a.Config.Business.Language}
	for _, p := range people {
		list = append(list, p.Language)
	}
	return tidy(list), nil
}

// needed returns the definitions of the templates that Pulso needs.
func (a *App) needed(ctx context.Context) ([]whatsapp.Definition, error) {
	renderer, err := a.renderer()
	if err != nil {
		return nil, err
	}
	tags, err := a.languages(ctx)
	if err != nil {
		return nil, err
	}
	var list []whatsapp.Definition
	for _, name := range templateNames() {
		for _, tag := range tags {
			r, ok := renderer.Registration(tag, name)
			if !ok {
				return nil, fmt.Errorf("no template %s in %s", name, tag)
			}
			list = append(list, definition(name, r))
		}
	}
	return list, nil
}

func definition(name string, r render.Registration) whatsapp.Definition {
	d := whatsapp.Definition{
		Name: metaName(name), Language: r.Language, Category: "UTILITY", Header: r.Header, Body: r.Body, Footer: r.Footer, QuickReplies: r.QuickReplies,
	}
	for _, x := range r.Examples {
		d.BodyExamples = append(d.BodyExamples, whatsapp.Param{Name: x.Name, Text: x.Text})
	}
	return d
}

// ErrNoBot is returned where a number is needed that can send.
var ErrNoBot = errors.New("no number in whatsapp has bot: true and an access_token; both are needed to send")

func (a *App) sender() (*whatsapp.Client, error) {
	n, ok := a.Config.Bot()
	if !ok || !n.AccessToken.Set() {
		return nil, ErrNoBot
	}
	return a.client(n)
}

// PushTemplates registers at Meta what is missing there, and returns every
// template with its state. Failed ones are in the error, the others were pushed.
func (a *App) PushTemplates(ctx context.Context) ([]TemplateState, error) {
	client, err := a.sender()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	list, err := a.templateStates(ctx, client)
	if err != nil {
		return nil, err
	}
	needed, err := a.needed(ctx)
	if err != nil {
		return nil, err
	}
	var failed []error
	for i, d := range needed {
		if list[i].Status != missing {
			continue
		}
		status, _, err := client.PushTemplate(ctx, d)
		var e *whatsapp.Error
		switch {
		case errors.As(err, &e) && e.Exists():
			list[i].Status = whatsapp.StatusPending
		case err != nil:
			failed = append(failed, fmt.Errorf("template %s in %s: %w", d.Name, d.Language, err))
		default:
			list[i].Status = status
		}
	}
	b := &board{a}
	_, err = b.learn(ctx, client)
	return list, errors.Join(append(failed, err)...)
}

const missing = "MISSING"

// Templates returns the templates that Pulso needs; asked, with their state at
// Meta.
func (a *App) Templates(ctx context.Context, asked bool) ([]TemplateState, error) {
	if !asked {
		return a.templateStates(ctx, nil)
	}
	client, err := a.sender()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return a.templateStates(ctx, client)
}

func (a *App) templateStates(ctx context.Context, client *whatsapp.Client) ([]TemplateState, error) {
	needed, err := a.needed(ctx)
	if err != nil {
		return nil, err
	}
	var there []whatsapp.Template
	if client != nil {
		if there, err = client.Templates(ctx); err != nil {
			return nil, err
		}
	}
	list := make([]TemplateState, len(needed))
	for i, d := range needed {
		list[i] = TemplateState{Name: d.Name, Language: d.Language, Body: d.Body, Status: missing}
		if client == nil {
			list[i].Status = ""
		}
		k := slices.IndexFunc(there, func(t whatsapp.Template) bool { return t.Name == d.Name && t.Language == d.Language })
		if k >= 0 {
			list[i].Status, list[i].Reason = there[k].Status, there[k].Reason
		}
	}
	return list, nil
}
