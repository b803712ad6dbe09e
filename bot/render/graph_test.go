package render_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/card"
	"pulso/bot/demo/graph"
	"pulso/bot/render"
	"pulso/bot/whatsapp"
)

const (
	luz   = "+573001112233"
	token = "token-of-the-shop"
)

// simulated starts a WhatsApp in which Luz has just written, and a client of it.
func simulated(t *testing.T) (*graph.Server, *whatsapp.Client) {
	noon := time.Date(2026, time.November, 18, 12, 0, 0, 0, time.UTC)
	server := graph.New(graph.Options{
		Clock: func() time.Time { return noon }, AppSecret: "app", Token: token, Seed: 7, Throughput: 10_000,
		Numbers: []graph.Number{{ID: "1060", WABA: "2060", Display: "+57 601 5550100", Name: "Tienda Luna"}},
	})
	address := httptest.NewServer(server)
	client, err := whatsapp.New(whatsapp.Config{GraphURL: address.URL, PhoneNumberID: "1060", WABAID: "2060", AccessToken: token, Now: time.Now})
	require.NoError(t, err)
	t.Cleanup(func() {
		client.Close()
		server.Close()
		address.Close()
	})
	require.NotEmpty(t, server.Say(luz, "1060", "hola"))
	return server, client
}

// TestWhatsAppTakesEveryPart sends the samples in all languages to a simulated
// WhatsApp that refuses what Meta refuses.
func TestWhatsAppTakesEveryPart(t *testing.T) {
	r := renderer(t)
	for name, c := range samples() {
		_, client := simulated(t)
		for _, l := range locales() {
			parts, err := r.Voice(l).Parts(c)
			require.NoError(t, err)
			for _, p := range parts {
				m := message(p)
				switch p.Kind {
				case render.ImagePart:
					id, err := client.Upload(context.Background(), "image/png", "chart.png", p.Image.PNG)
					require.NoError(t, err, name)
					m.Content = whatsapp.Image{MediaID: id, Caption: p.Text}
				case render.DocumentPart:
					id, err := client.Upload(context.Background(), p.Document.MIME, p.Document.Name, p.Document.Body)
					require.NoError(t, err, name)
					m.Content = whatsapp.Document{MediaID: id, Filename: p.Document.Name, Caption: p.Text}
				}
				sent, err := client.Send(context.Background(), m)
				require.NoError(t, err, "%s in %s", name, l.Language)
				assert.NotEmpty(t, sent.WAMID)
			}
		}
	}
}

// TestMetaTakesEveryTemplate registers all templates in all languages, sees
// them approved, and sends each filled in.
func TestMetaTakesEveryTemplate(t *testing.T) {
	r := renderer(t)
	server, client := simulated(t)
	ctx := context.Background()
	names := []string{"digest", "digest_short", "alert", "resolved", "health", "invite"}
	for _, l := range locales() {
		for _, name := range names {
			reg, ok := r.Registration(l.Language, name)
			require.True(t, ok, name)
			d := whatsapp.Definition{
				Name: "pulso_" + name, Language: reg.Language, Category: "UTILITY",
				Header: reg.Header, Body: reg.Body, Footer: reg.Footer, QuickReplies: reg.QuickReplies,
			}
			for _, x := range reg.Examples {
				d.BodyExamples = append(d.BodyExamples, whatsapp.Param{Name: x.Name, Text: x.Text})
			}
			_, _, err := client.PushTemplate(ctx, d)
			require.NoError(t, err, "%s in %s", name, l.Language)
		}
	}
	server.Tick(time.Date(2026, time.November, 18, 13, 0, 0, 0, time.UTC))
	listed, err := client.Templates(ctx)
	require.NoError(t, err)
	assert.Len(t, listed, len(names)*len(locales()))
	for _, x := range listed {
		assert.Equal(t, whatsapp.StatusApproved, x.Status, "%s in %s: %s", x.Name, x.Language, x.Reason)
	}
	for _, l := range locales() {
		p, err := r.Voice(l).Filled("pulso_alert", card.T("template.alert.body", "rule", card.Name("a\nb {{1}}"), "value", 14*minute, "since", card.Instant(now)), "alert:ack:1", "alert:why:1")
		require.NoError(t, err)
		content := whatsapp.Filled{Name: p.Template.Name, Language: p.Template.Language, Payloads: p.Template.Payloads}
		for _, x := range p.Template.Body {
			content.Body = append(content.Body, whatsapp.Param{Name: x.Name, Text: x.Text})
		}
		_, err = client.Send(ctx, whatsapp.Message{To: luz, Content: content})
		require.NoError(t, err, l.Language)
	}
	_, ok := r.Registration("en", "nowhere")
	assert.False(t, ok)
}
