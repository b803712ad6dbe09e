package bot_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/bot"
	"pulso/bot/card"
	"pulso/bot/render"
	"pulso/bot/words"
	"pulso/models"
	"pulso/templates"
)

const (
	alertNow = int64(1_773_331_200_000) // Thursday 12 March 2026, 11:00 in Bogotá
	oneMin   = int64(60_000)
)

func named(_ analytics.Dim, v string) card.Value { return card.Name(v) }

func tiding(id int64, news bot.News) bot.Tiding {
	return bot.Tiding{News: news, Guarded: bot.Guarded{
		Rule:  models.Rule{ID: id, Metric: "conversations_waiting", Op: models.Above, Threshold: 20, Clear: 16, For: 10 * oneMin, Teams: []string{"ventas"}},
		Alarm: models.Alarm{Value: 26, Worst: 31, FiredAt: alertNow - 40*oneMin, ClearAt: alertNow - 15*oneMin, ToldAt: alertNow - oneMin},
	}}
}

func with(t bot.Tiding, change func(*bot.Tiding)) bot.Tiding {
	change(&t)
	return t
}

// told is a card as a person reads it.
func told(t *testing.T, language string, c card.Card) string {
	t.Helper()
	r, err := render.New(templates.Text())
	require.NoError(t, err)
	parts, err := r.Voice(render.Locale{Language: language, Zone: analytics.MustZone("America/Bogota"), Now: alertNow}).Parts(c)
	require.NoError(t, err)
	require.Len(t, parts, 1)
	return parts[0].Text
}

func TestTidingsTellOneAlarm(t *testing.T) {
	drop := with(tiding(3, bot.Began), func(x *bot.Tiding) {
		x.Rule = models.Rule{ID: 3, Metric: "messages_received", Op: models.Drop, Threshold: 0.3, Critical: true}
		x.Alarm.Value = 0.62
	})
	silence := with(tiding(4, bot.Began), func(x *bot.Tiding) {
		x.Rule = models.Rule{ID: 4, Metric: "messages_received", Op: models.Silence, For: 45 * oneMin}
	})
	slow := with(tiding(5, bot.Ended), func(x *bot.Tiding) {
		x.Rule = models.Rule{ID: 5, Metric: "first_response", Op: models.Above, Threshold: 600}
		x.Alarm.Worst = 1500
	})
	for name, c := range map[string]struct {
		tiding   bot.Tiding
		language string
		want     []string
	}{
		"began":    {tiding(7, bot.Began), "es", []string{"Alerta 7", "por encima de 20, durante 10 min y solo ventas", "26; tu límite es 20.", "Desde 10:20", "Responde “ok”"}},
		"still":    {tiding(7, bot.Still), "en", []string{"Still going on: ", "is at 26; your limit is 20."}},
		"unsteady": {tiding(7, bot.Unsteady), "pt", []string{"fica subindo e descendo"}},
		"ended":    {slow, "es", []string{"Volvió a la normalidad: primera respuesta por encima de 10 min", "Duró 25 min; lo peor fue 25 min."}},
		"passed":   {tiding(7, bot.Passed), "en", []string{"During your quiet hours", "from 10:20 to 10:45, over already"}},
		"drop":     {drop, "en", []string{"Critical alert 3", "30% below the usual", "is 62% below the usual."}},
		"silence":  {silence, "pt", []string{"Nada em “mensagens recebidas” por 45 min", "desde 09:35"}},
	} {
		t.Run(name, func(t *testing.T) {
			c0 := bot.Tidings([]bot.Tiding{c.tiding}, named)
			text := told(t, c.language, c0)
			for _, w := range c.want {
				assert.Contains(t, text, w)
			}
			on := c.tiding.News < bot.Ended
			assert.Equal(t, on, len(c0.Choices) == 3, "buttons only while it is on")
		})
	}
}

func TestTidingsOfManyAreOneMessageWorstFirst(t *testing.T) {
	var list []bot.Tiding
	for id := range int64(24) {
		list = append(list, with(tiding(id+1, bot.Began), func(x *bot.Tiding) { x.Alarm.Value = 21 + float64(id) }))
	}
	list = append(list, with(tiding(99, bot.Began), func(x *bot.Tiding) { x.Rule.Critical = true }), tiding(100, bot.Ended))
	text := told(t, "en", bot.Tidings(list, named))
	lines := strings.Split(text, "\n")
	assert.Contains(t, lines[0], "26 alerts")
	first := slices.IndexFunc(lines, func(s string) bool { return strings.HasPrefix(s, "Critical: ") })
	require.Positive(t, first)
	assert.Contains(t, lines[first+1], "now 44")
	assert.Contains(t, text, "16 more: write “alerts”")
	assert.NotContains(t, text, "Back to normal", "what is on comes first")
	assert.Less(t, len(text), 4096)
}

func TestTidingsTogetherInThreeLanguages(t *testing.T) {
	list := []bot.Tiding{tiding(1, bot.Passed), tiding(2, bot.Ended), tiding(3, bot.Still), tiding(4, bot.Began), tiding(5, bot.Unsteady)}
	for language, want := range map[string][]string{
		"en": {"5 alerts", "now 26", "it keeps going up and down", "Still going on: ", "Back to normal: ", "after 25 min", "During your quiet hours"},
		"es": {"5 alertas", "ahora 26", "sube y baja", "Sigue igual: ", "Volvió a la normalidad: ", "tras 25 min", "Durante tus horas de silencio"},
		"pt": {"5 alertas", "agora 26", "subindo e descendo", "Continua: ", "Voltou ao normal: ", "depois de 25 min", "Durante suas horas de silêncio"},
	} {
		text := told(t, language, bot.Tidings(list, named))
		at := 0
		for _, w := range want {
			i := strings.Index(text[at:], w)
			require.GreaterOrEqual(t, i, 0, "%s: %q in order in\n%s", language, w, text)
			at += i
		}
	}
}

// TestTidingsButtonsAreRead: what a tap stands for is understood as an answer to
// the alert.
func TestTidingsButtonsAreRead(t *testing.T) {
	reader, err := words.New()
	require.NoError(t, err)
	want := []string{"ack", "snooze", "who"}
	for i, c := range bot.Tidings([]bot.Tiding{tiding(1, bot.Began)}, named).Choices {
		r := reader.Read(words.Input{Text: c.Ask, Language: "es", Now: alertNow, Zone: analytics.MustZone("America/Bogota"), Book: reader.Book(words.Names{}), Alert: true})
		require.Equal(t, words.ToAlert, r.Intent, c.Ask)
		assert.Equal(t, want[i], r.Alert.Action)
	}
}

func TestFillsStandForAMessage(t *testing.T) {
	r, err := render.New(templates.Text())
	require.NoError(t, err)
	say := func(list ...bot.Tiding) string {
		fills := bot.Fills(list, named)
		require.Len(t, fills, 1)
		return r.Voice(render.Locale{Language: "en", Zone: analytics.MustZone("America/Bogota"), Now: alertNow}).Say(fills[0])
	}
	one := say(tiding(1, bot.Began))
	assert.Contains(t, one, "Value now: 26, since 10:20")
	assert.NotContains(t, one, "{")
	assert.Contains(t, say(tiding(1, bot.Ended), tiding(2, bot.Began), tiding(3, bot.Began)), "2 other alerts")
	assert.Contains(t, say(tiding(1, bot.Ended)), "It lasted 25 min")
}

func TestAlertKeysNameTheirRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.Int64Range(1, 100_000), 1, 80).Draw(t, "ids")
		var list []bot.Tiding
		for _, id := range ids {
			list = append(list, tiding(id, bot.Began))
		}
		key := bot.AlertKey(alertNow, list)
		got, all, ok := bot.AlertRules(key)
		slices.Sort(ids)
		ids = slices.Compact(ids)
		if !ok || len(key) > 400 {
			t.Fatal(key)
		}
		if all != (len(ids) > 50) {
			t.Fatal("all", key)
		}
		slices.Sort(got)
		if !all && !slices.Equal(got, ids) {
			t.Fatal(got, ids)
		}
	})
	for _, key := range []string{"", "alert/", "alert/5", "digest/d/2026-03-01", "alert/identity/17", "alert/5/x", "alert/5/"} {
		_, _, ok := bot.AlertRules(key)
		assert.False(t, ok, key)
	}
}
