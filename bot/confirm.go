package bot

import (
	"strings"

	"pulso/bot/card"
	"pulso/bot/words"
	"pulso/models"
)

// What the buttons under "shall I do it?" stand for: the ask goes on, or is left.
const (
	yesPrefix = "yes: "
	leaveIt   = "no:"
)

// confirmed takes a "yes" off a question, and says whether there was one.
func confirmed(text string) (string, bool) {
	rest, ok := strings.CutPrefix(text, yesPrefix)
	return rest, ok
}

// confirm asks back before something that is hard to undo is done.
func (t *talk) confirm(r *Reply, would card.Text) card.Card {
	c := say(would)
	if !t.q.Apply {
		return t.dry(c)
	}
	c.Blocks = append(c.Blocks, card.Line{Text: card.T("command.confirm")})
	c.Choices = []card.Choice{{Label: card.T("choice.yes"), Ask: yesPrefix + r.Ask}, {Label: card.T("choice.no"), Ask: leaveIt}}
	return c
}

// sure reports whether something sensitive may be done now.
func (t *talk) sure() bool { return t.q.Apply && t.yes }

// grave reports whether inviting somebody in a role wants a second thought.
func grave(role string) bool {
	return role == string(models.Owner) || role == string(models.Admin)
}

// left answers a "no".
func (t *talk) left(r *Reply) {
	r.Intent = words.ToHelp
	r.Card = say(card.T("command.cancelled"))
}
