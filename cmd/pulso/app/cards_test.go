package app

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/bot"
	"pulso/bot/demo"
	"pulso/bot/render"
	"pulso/bot/whatsapp"
	"pulso/models"
	"pulso/models/store/storetest"
)

// questions are what can be asked of everything, in canonical words.
func questions() []string {
	list := []string{
		"stats today", "stats yesterday", "stats last month", "help", "hello", "people", "alerts", "digests", "waiting", "more", "2", "list unassigned", "list expiring",
		"list missed", "list mentions", "list comments", "list attention", "list contacts", "agent Ana", "agent Nobody", "sales today", "", "language es", "timezone America/Lima",
		"alert if first response > 10 min for 15 min", "digest every day at 8", "stop digest", "remove alert 3", "remove alert 99", "messages_received by category", "ok", "who?",
		"invite +573105550101 as manager for ventas", "revoke Rocío", "messages_sent last month as xlsx", "first_response by agent last month as pdf",
	}
	for _, m := range analytics.Catalogue() {
		list = append(list, "how "+m.Key, m.Key+" yesterday", m.Key+" last week vs previous")
		for d := analytics.ByAgent; d <= analytics.ByMonth; d++ {
			if m.Fits(d) {
				list = append(list, fmt.Sprintf("%s by %s last 14 days", m.Key, d))
			}
		}
		if !m.Stock {
			list = append(list, m.Key+" by day last 14 days as chart")
		}
	}
	return list
}

// TestEveryAnswerCanBeSent asks everything in each language and holds the
// answers to WhatsApp's limits: no text is missing, none is too long.
func TestEveryAnswerCanBeSent(t *testing.T) {
	shop, err := demo.New(1, demoZone, demo.Person{Name: "Olga Duarte", Phone: olga, Language: "es"})
	require.NoError(t, err)
	w := newWorld(t, storetest.SQLite(t), time.Date(2026, 3, 18, 15, 30, 0, 0, time.UTC), shop.Numbers(), shop.Config)
	w.past(shop, 30)
	b, err := w.app.Bot()
	require.NoError(t, err)
	renderer, err := w.app.renderer()
	require.NoError(t, err)
	asked := questions()
	if testing.Short() {
		asked = asked[:60]
	}
	now := w.clock.Now().UnixMilli()
	for _, language := range Languages() {
		t.Run(language, func(t *testing.T) {
			p := w.app.settled(models.Person{Key: olga, Name: "Olga Duarte", Phone: olga, Role: models.Owner, Language: language})
			var previous *bot.Context
			for _, text := range asked {
				r, err := b.Answer(t.Context(), bot.Question{Person: p, Text: text, Now: now, Previous: previous, Tapped: true})
				require.NoError(t, err, text)
				previous = r.Context
				assert.NoError(t, renderer.Check(r.Card), text)
				voice, err := w.app.voice(p, language, now)
				require.NoError(t, err)
				parts, err := voice.Parts(r.Card)
				require.NoError(t, err, text)
				for _, part := range parts {
					assert.NoError(t, sendable(part), text)
				}
			}
		})
	}
}

// sendable reports what WhatsApp would refuse of a part.
func sendable(part render.Part) error {
	p := &post{media: map[string]string{"": "media"}}
	content, err := p.content(context.Background(), &models.Outgoing{}, &part)
	if err != nil {
		return err
	}
	return whatsapp.Check(whatsapp.Message{To: olga, Content: content})
}
