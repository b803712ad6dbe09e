package app

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"

	"pulso/analytics"
	"pulso/bot"
	"pulso/bot/languagemodel"
	"pulso/bot/render"
	"pulso/bot/render/file"
	"pulso/bot/words"
	"pulso/models"
	"pulso/templates"
)

func newRenderer() (*render.Renderer, error) { return render.New(templates.Text()) }

// Bot returns the bot that answers people from this database.
func (a *App) Bot() (*bot.Bot, error) {
	reader, err := a.reader()
	if err != nil {
		return nil, err
	}
	renderer, err := a.renderer()
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, n := range a.Config.WhatsApp {
		if n.Name != "" {
			names[n.Channel()] = n.Name
		}
	}
	book := &shelf{app: a, reader: reader}
	files := file.New(renderer, file.Business{Name: a.Config.Business.Name, Zone: a.rules.Zone, Channels: names, Stat: string(a.Config.Business.SpeedValue)})
	b := &bot.Bot{
		Reader: reader, Record: a.Store, Desk: a.Desk, Book: book.open, Company: a.Config.Business.Name, Channels: names,
		MinN: a.Config.Business.RankingMinN, Zones: analytics.LoadZone, Failure: render.FailureKey, Export: files.Report, Office: office{a},
	}
	if m := a.Config.LanguageModel; m.URL != "" {
		model := &languagemodel.Client{URL: m.URL, Model: m.Model, Key: m.APIKey.Reveal(), Brief: bot.Brief(), Timeout: m.Timeout.Std(), HTTP: &http.Client{}}
		b.Guess = model.Canonical
	}
	return b, nil
}

// shelf keeps the names of the business for a while: they change seldom, and
// every question needs them.
type shelf struct {
	app    *App
	reader *words.Reader

	mu   sync.Mutex
	book *words.Book
	made time.Time
}

const bookFresh = 15 * time.Second

func (s *shelf) open(ctx context.Context) (*words.Book, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.book != nil && s.app.Clock.Wall().Sub(s.made) < bookFresh {
		return s.book, nil
	}
	names, err := s.app.names(ctx)
	if err != nil {
		return nil, err
	}
	s.book, s.made = s.reader.Book(names), s.app.Clock.Wall()
	return s.book, nil
}

// names collects what the business calls its own things: from the settings and
// from what figures have seen.
func (a *App) names(ctx context.Context) (words.Names, error) {
	roster, err := a.Roster(ctx)
	if err != nil {
		return words.Names{}, err
	}
	n := words.Names{Agents: roster.Agents()}
	for _, agent := range n.Agents {
		n.Teams = append(n.Teams, agent.Team)
	}
	seen, err := a.labels(ctx)
	if err != nil {
		return words.Names{}, err
	}
	called := map[string]string{}
	for _, w := range a.Config.WhatsApp {
		called[w.Channel()] = w.Name
		seen[analytics.ByChannel] = append(seen[analytics.ByChannel], w.Channel())
	}
	for _, id := range tidy(seen[analytics.ByChannel]) {
		n.Channels = append(n.Channels, words.Channel{ID: id, Name: called[id]})
		n.Platforms = append(n.Platforms, analytics.Platform(id))
	}
	n.Teams, n.Platforms = tidy(n.Teams), tidy(n.Platforms)
	n.Categories, n.Templates, n.Types = tidy(seen[analytics.ByCategory]), tidy(seen[analytics.ByTemplate]), tidy(seen[analytics.ByType])
	n.Sources, n.Errors = tidy(seen[analytics.BySource]), tidy(seen[analytics.ByError])
	people, err := a.everybody(ctx)
	if err != nil {
		return words.Names{}, err
	}
	for _, p := range people {
		n.People = append(n.People, words.Person{Phone: p.Phone, Name: p.Name, Role: string(p.Role)})
	}
	return n, nil
}

// labels returns the values that figures hold of each dimension.
func (a *App) labels(ctx context.Context) (map[analytics.Dim][]string, error) {
	seen := map[analytics.Dim][]string{}
	for _, g := range analytics.LabelGroups() {
		list, err := a.Store.Labels(ctx, g)
		if err != nil {
			return nil, err
		}
		for _, dims := range list {
			for d, v := range dims {
				if !slices.Contains(seen[analytics.Dim(d)], v) {
					seen[analytics.Dim(d)] = append(seen[analytics.Dim(d)], v)
				}
			}
		}
	}
	return seen, nil
}

// tidy sorts a list of names, without the empty one and repeats.
func tidy(list []string) []string {
	list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	slices.Sort(list)
	return slices.Compact(list)
}

// voice is how a person is spoken to.
func (a *App) voice(p models.Person, language string, now int64) (*render.Voice, error) {
	renderer, err := a.renderer()
	if err != nil {
		return nil, err
	}
	zone := a.rules.Zone // figures are told in the zone in which their days begin
	return renderer.Voice(render.Locale{Language: either(language, p.Language), Region: render.RegionOf(p.Phone), Zone: zone, Now: now}), nil
}
