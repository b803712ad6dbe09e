package bot

import (
	"context"
	"strings"

	"pulso/analytics"
	"pulso/bot/words"
)

// Guesser turns words that the grammar did not understand into a canonical
// text, or fails.
type Guesser func(ctx context.Context, text string) (string, error)

// guess asks the language model, if there is one, for what was not understood.
// Its text is read like any other, and only what changes nothing is taken from
// it; a failure leaves everything as it was.
func (t *talk) guess(ctx context.Context, in words.Input) {
	r := &t.read
	if t.Guess == nil || r.Intent != words.Unknown || r.Candidates != nil || r.Refused != nil || strings.TrimSpace(in.Text) == "" {
		return
	}
	text, err := t.Guess(ctx, in.Text)
	if err != nil {
		return
	}
	again := in
	again.Text, again.Language, again.Previous = text, "en", nil
	got := t.Reader.Read(again)
	switch got.Intent {
	case words.ToReport, words.ToList, words.ToHow, words.ToExport, words.ToHelp:
		got.Language = r.Language
		t.read = got
	}
}

// Brief is what a language model is told of the canonical texts: the grammar and
// the catalogue, and nothing of the business.
func Brief() string {
	var b strings.Builder
	b.WriteString("You translate what a manager of a business texts (Spanish, English or Portuguese) into ONE line of a small query language about the business's WhatsApp traffic. " +
		"Answer with that line only. If it is about anything else, answer: unknown\n\n" +
		"Forms:\nstats PERIOD\nMETRIC[, METRIC] [p90|mean|max] [by DIM[, DIM]] [worst N|best N|desc N|asc N] [where DIM NAME] PERIOD [vs previous] [as chart|as xlsx|as pdf]\n" +
		"list waiting|unassigned|expiring|missed|mentions|comments|attention\nagent NAME PERIOD\nhow METRIC\nhelp\n\n" +
		"PERIOD: today, yesterday, this|last week|month|quarter|year, last N hours|days|weeks, from 2026-03-01 to 2026-03-15\n\nDIM: ")
	for d := analytics.ByAgent; d <= analytics.ByMonth; d++ {
		b.WriteString(d.String() + " ")
	}
	b.WriteString("\n\nMETRIC: ")
	for _, m := range analytics.Catalogue() {
		b.WriteString(m.Key + " ")
	}
	b.WriteString("\n\nExamples:\n¿cómo nos fue ayer? -> stats yesterday\nwho takes forever to reply -> first_response by agent worst 5 this week\nquantas mensagens falharam no mês -> messages_failed this month\n")
	return b.String()
}
