package app

import (
	"context"

	"pulso/models"
)

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
