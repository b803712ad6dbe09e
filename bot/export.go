package bot

import (
	"context"

	"pulso/analytics/report"
	"pulso/bot/card"
)

// Exporter makes a file of an answer, in the person's language.
type Exporter func(a *report.Answer, format, language string) (card.File, error)

// export answers with a file.
func (t *talk) export(ctx context.Context, r *Reply) error {
	ask := t.read.Ask
	confine(&t.q.Person, &ask)
	answer, err := t.figures(ctx, r, ask)
	if answer == nil {
		return err
	}
	teller := t.teller(answer)
	if teller.unrecorded() {
		r.Card = teller.noRecordCard()
		return nil
	}
	file, err := t.Export(answer, ask.Format, r.Language)
	if err != nil {
		return err
	}
	file.Text = card.T("export.caption", "title", card.Said(teller.title()), "period", teller.period())
	r.Card = card.Card{Blocks: append([]card.Block{file}, t.said()...)}
	if ask.Format == "csv" {
		r.Card.Blocks = append(r.Card.Blocks, card.Note{Text: card.T("export.no_csv")})
	}
	return nil
}
