package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pulso/bot/words"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
)

// Asks returns what reads the asks of digests under settings that are being
// loaded: it says why a digest cannot tell what they ask. Names that only traffic
// shows are not known then, so that it gives the benefit of the doubt to words
// that are understood in part.
func Asks(now func() time.Time) func(*config.Config) func(text, language string) error {
	return func(c *config.Config) func(text, language string) error {
		reader, err := words.New()
		rules, bad := c.Rules()
		if err = errors.Join(err, bad); err != nil {
			return func(string, string) error { return err }
		}
		in := words.Input{Now: now().UnixMilli(), Zone: rules.Zone, Book: reader.Book(configured(c))}
		nothing := reader.Read(words.Input{Text: "?", Now: in.Now, Zone: in.Zone, Book: in.Book}).Suggestions
		return func(text, language string) error {
			parts := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' })
			for i, part := range parts {
				in.Text, in.Language = strings.TrimSpace(part), language
				err := tells(reader.Read(in), nothing)
				if err != nil && len(parts) > 1 {
					err = fmt.Errorf("part %d: %w", i+1, err)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}
	}
}

// tells says why a digest cannot tell what was read; nothing are the suggestions
// where no word at all was understood.
func tells(r words.Reading, nothing []string) error {
	switch r.Intent {
	case words.ToDigest, words.ToAlert, words.ToPeople, words.ToSettings:
		return fmt.Errorf("this would do something (%s) and tells nothing; write an ask such as stats yesterday", r.Intent)
	case words.ToGreet, words.ToHelp:
		return fmt.Errorf("this tells nothing (%s); write an ask such as stats yesterday", r.Intent)
	case words.Unknown:
		if r.Refused != nil || slices.Equal(r.Suggestions, nothing) {
			return errors.New("not understood; try it with pulso ask")
		}
	}
	return nil
}

// configured are the names that stand in the settings.
func configured(c *config.Config) words.Names {
	n := words.Names{Agents: c.Agents()}
	for _, agent := range n.Agents {
		n.Teams = append(n.Teams, agent.Team)
	}
	n.Teams = tidy(n.Teams)
	for _, w := range c.WhatsApp {
		n.Channels = append(n.Channels, words.Channel{ID: w.Channel(), Name: w.Name})
	}
	for _, p := range c.People {
		n.People = append(n.People, words.Person{Phone: string(p.Phone), Name: p.Name, Role: string(p.Role)})
	}
	return n
}

// digestsOf returns the digests of a person, those of the file first; of
// everybody when person is "".
func (a *App) digestsOf(ctx context.Context, person string) ([]models.Digest, error) {
	var list []models.Digest
	for _, p := range a.Config.People {
		if person != "" && p.Key() != person {
			continue
		}
		for _, d := range p.Digests {
			x := models.Digest{ID: d.ID, Person: p.Key(), At: int(d.At), MonthDay: d.MonthDay, Ask: d.Ask, Language: d.Language, FromFile: true}
			for _, w := range d.Days {
				x.Days = append(x.Days, int(w))
			}
			list = append(list, x)
		}
	}
	stored, err := a.Store.StoredDigests(ctx, person)
	return append(list, stored...), err
}
