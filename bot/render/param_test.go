package render

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/card"
	"pulso/bot/whatsapp"
)

func TestParam(t *testing.T) {
	for _, x := range []struct {
		in   string
		most int
		want string
	}{
		{"412", 10, "412"},
		{"two\nlines\tand      more", 40, "two lines and more"},
		{"", 10, "–"}, {" \u200b\n", 10, "–"}, {"abc", 0, "–"},
		{"one two three four", 12, "one two…"},
		{"{{2}}", 10, "{ {2}}"},
		{"שלום", 10, "\u2068שלום\u2069"},
	} {
		assert.Equal(t, x.want, Param(x.in, x.most), x)
	}
}

// FuzzParam fills a template with anything and lets the sender's check judge it.
func FuzzParam(f *testing.F) {
	v := testRenderer(f).Voice(Locale{Language: "pt", Region: "BR"})
	f.Fuzz(func(t *testing.T, name, rule string, most int) {
		if got := Param(rule, most%2000); length(got) > max(most%2000, 1) {
			t.Fatalf("%q has %d characters, at most %d", got, length(got), most%2000)
		}
		part, err := v.Filled("pulso_alert_v1", card.T("template.alert.body", "rule", card.Name(rule), "value", card.Name(name), "since", card.List{card.Name(name), card.Name(rule), card.Name(rule + name)}), "alert:ack:1")
		if err != nil {
			t.Fatal(err)
		}
		if err := whatsapp.Check(whatsapp.Message{To: "+573001112233", Content: filled(part)}); err != nil {
			t.Fatal(err)
		}
		hydrated := part.Template.Body
		body, _, _ := v.r.Pattern("pt", "template.alert.body")
		for _, p := range hydrated {
			body = strings.Replace(body, "{"+p.Name+"}", p.Text, 1)
		}
		if n := length(body); n > whatsapp.Limits().TemplateBody {
			t.Fatalf("filled it has %d characters", n)
		}
	})
}

func filled(p Part) whatsapp.Filled {
	out := whatsapp.Filled{Name: p.Template.Name, Language: p.Template.Language, Payloads: p.Template.Payloads}
	for _, x := range p.Template.Body {
		out.Body = append(out.Body, whatsapp.Param{Name: x.Name, Text: x.Text})
	}
	return out
}

func TestFilled(t *testing.T) {
	v := voice(t, "es", "CO")
	text := card.T("template.resolved.body", "rule", card.Said(card.T("alert.rule.above", "metric", card.Metric("first_response"), "threshold", card.Duration(10*minute))), "duration", card.Duration(25*minute))
	p, err := v.Filled("pulso_resolved_v1", text, "alert:why:3")
	require.NoError(t, err)
	assert.Equal(t, Part{
		Kind: TemplatePart,
		Text: "La alerta que pusiste ya terminó: primera respuesta por encima de 10 min. Duró 25 min. Puedes pedir el detalle aquí cuando quieras.",
		Template: &Template{Name: "pulso_resolved_v1", Language: "es", Payloads: []string{"alert:why:3"}, Body: []Parameter{
			{"rule", "primera respuesta por encima de 10 min"}, {"duration", "25 min"},
		}},
	}, p)

	long, err := v.Filled("x", card.T("template.health.body", "news", card.List{card.Name(strings.Repeat("palabra ", 5)), card.Word("metric.first_response.how"), card.Word("metric.response_time.how"), card.Word("metric.resolution_time.how"), card.Word("metric.contact_reply_rate.how")}))
	require.NoError(t, err)
	assert.NoError(t, whatsapp.Check(whatsapp.Message{To: "+573001112233", Content: filled(long)}))

	_, err = v.Filled("x", card.T("template.nowhere.body"))
	assert.ErrorContains(t, err, "template.nowhere.body")
	_, err = v.Filled("x", text, strings.Repeat("x", 257))
	assert.ErrorContains(t, err, "payload")
}
