package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot"
	"pulso/bot/card"
	"pulso/bot/demo"
	"pulso/bot/flow"
	"pulso/bot/render"
	"pulso/models"
	"pulso/models/store"
)

// shopAt returns the demo's shop with some days of history, on a clock that
// stands still at now.
func shopAt(t *testing.T, days int, now time.Time) *App {
	t.Helper()
	clock := &flow.Clock{Wall: func() time.Time { return now }}
	d := &demonstration{
		DemoSetup: DemoSetup{Days: days, Clock: clock, Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError})), Out: io.Discard, Progress: func(int64, int64) {}},
		dir:       t.TempDir(), owner: demo.Person{Name: "Olga Duarte", Phone: "+573001112233", Language: "es"},
		set: demo.Setup{Token: "token", AppSecret: "app", VerifyToken: "verify", EventsToken: "events", GraphURL: "http://127.0.0.1:1", Now: now},
	}
	var err error
	d.shop, err = demo.New(7, demoZone, d.owner)
	require.NoError(t, err)
	d.app, err = d.open(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.app.Close()) })
	require.NoError(t, d.past(t.Context()))
	return d.app
}

func rule(metric string, op models.Op, threshold float64, hold time.Duration) models.Rule {
	r := models.Rule{Metric: metric, Op: op, Threshold: threshold, For: hold.Milliseconds(), KeepFiring: 600_000, Repeat: 4 * 3_600_000}
	m, _ := analytics.MetricOf(metric)
	r.Clear = analytics.ClearLevel(m, op, threshold)
	return r
}

func TestPulseOnTheShop(t *testing.T) {
	days := 35
	if n, err := strconv.Atoi(os.Getenv("PULSO_TEST_DAYS")); err == nil {
		days = n
	}
	now := time.Date(2026, 3, 18, 16, 0, 0, 0, time.UTC) // a Wednesday, 11:00 in Bogotá
	a := shopAt(t, days, now)
	t.Run("a backtest says what happened", func(t *testing.T) {
		for _, c := range []struct {
			rule        models.Rule
			least, most int
		}{
			{rule("first_response", models.Above, 600, 15*time.Minute), 1, 200},
			{rule("first_response", models.Above, 1e6, 0), 0, 0},
			{rule("messages_received", models.AtLeast, 0, 0), 1, 1},
			{rule("conversations_waiting", models.Above, 3, 5*time.Minute), 1, 1000},
			{rule("conversations_waiting", models.Above, 1000, 0), 0, 0},
			{rule("longest_wait", models.Above, 1800, 0), 1, 1000},
			{rule("messages_received", models.Drop, 0.99, 0), 0, 1000},
			{rule("messages_received", models.Silence, 0, 2*time.Hour), 0, 100},
			{rule("delivery_rate", models.Below, 0.5, 0), 0, 500},
		} {
			began := time.Now()
			n, known, err := a.backtest(t.Context(), c.rule, now.UnixMilli())
			require.NoError(t, err)
			t.Logf("%s %s %v: %d in %s", c.rule.Metric, c.rule.Op, c.rule.Threshold, n, time.Since(began))
			assert.True(t, known, c.rule.Metric)
			assert.True(t, c.least <= n && n <= c.most, "%s %s: %d", c.rule.Metric, c.rule.Op, n)
		}
		_, known, err := a.backtest(t.Context(), rule("contacts_returning", models.Above, 3, 0), now.UnixMilli())
		require.NoError(t, err)
		assert.False(t, known)
	})
	t.Run("samples are the figures of a query", func(t *testing.T) { samplesAgree(t, a, now) })
	t.Run("a past figure is that of then", func(t *testing.T) { pastAgrees(t, a, now) })
	t.Run("a digest is one screen", func(t *testing.T) { digestSays(t, a, now) })
	t.Run("a digest says what else there is", func(t *testing.T) { digestVaries(t, a, now) })
	t.Run("a digest says who moved what", func(t *testing.T) { digestMoves(t, a, now) })
	t.Run("a digest corrects the one before", func(t *testing.T) { digestCorrects(t, a, now) })
	t.Run("it speaks", func(t *testing.T) { pulseSpeaks(t, a, now) })
}

func samplesAgree(t *testing.T, a *App, now time.Time) {
	s, err := a.samples(t.Context(), now.UnixMilli())
	require.NoError(t, err)
	for _, m := range analytics.Catalogue() {
		r := rule(m.Key, models.Above, 1, 0)
		r.Over = 3 * 3_600_000
		got, err := s.sample(t.Context(), &r)
		require.NoError(t, err, m.Key)
		q := Query{Metrics: []string{m.Key}, Now: now}
		if !m.Stock {
			to := now.Add(-time.Duration(m.Lag) * time.Millisecond)
			q.From, q.To = to.Add(-3*time.Hour).Format(time.RFC3339Nano), to.Format(time.RFC3339Nano)
		}
		_, answer, err := a.Query(t.Context(), q)
		require.NoError(t, err, m.Key)
		f := answer.Total.Figures[0]
		if f.Value == nil {
			assert.True(t, !got.Known || m.Stock && got.Value == 0, m.Key)
			continue
		}
		want := *f.Value
		if m.Unit == analytics.Seconds {
			want /= 1000
		}
		assert.True(t, got.Known, m.Key)
		assert.InDelta(t, want, got.Value, 1e-9, m.Key)
	}
}

func pastAgrees(t *testing.T, a *App, now time.Time) {
	s, err := a.samples(t.Context(), now.UnixMilli())
	require.NoError(t, err)
	for _, key := range []string{"messages_received", "first_response", "delivery_rate", "response_time", "messages_failed"} {
		m, _ := analytics.MetricOf(key)
		r := rule(key, models.Above, 1, 0)
		r.Over, r.Channels = 2*3_600_000, []string{"whatsapp:" + demo.Bot}
		for _, channels := range [][]string{nil, {a.Config.WhatsApp[0].Channel()}} {
			r.Channels = channels
			at, ok, err := s.past(t.Context(), &r, m, now.AddDate(0, 0, -20).UnixMilli())
			require.NoError(t, err)
			require.True(t, ok)
			for hours := 3; hours < 400; hours += 37 {
				then := now.Add(-time.Duration(hours) * time.Hour)
				q := Query{Metrics: []string{key}, Now: now, From: then.Add(-2 * time.Hour).Format(time.RFC3339), To: then.Format(time.RFC3339)}
				for _, c := range channels {
					q.Where = append(q.Where, "channel="+c)
				}
				_, answer, err := a.Query(t.Context(), q)
				require.NoError(t, err)
				got, f := at(then.UnixMilli()), answer.Total.Figures[0]
				require.Equal(t, f.Value != nil, got.Known, "%s %s", key, then)
				if f.Value != nil {
					want := *f.Value
					if m.Unit == analytics.Seconds {
						want /= 1000
					}
					assert.InDelta(t, want, got.Value, 1e-9, "%s %s", key, then)
				}
			}
		}
	}
}

func digestSays(t *testing.T, a *App, now time.Time) {
	b, err := a.Bot()
	require.NoError(t, err)
	people, err := a.everybody(t.Context())
	require.NoError(t, err)
	for _, language := range []string{"es", "en", "pt"} {
		p := people[0]
		p.Language = language
		x := bot.Issue{Digest: models.Digest{ID: "d", Person: p.Key, Ask: bot.DefaultDigest}, Person: p, Due: now.UnixMilli(), Now: now.UnixMilli()}
		sheet, err := b.Digest(t.Context(), x)
		require.NoError(t, err)
		voice, err := a.voice(p, language, now.UnixMilli())
		require.NoError(t, err)
		parts, err := voice.Parts(sheet.Card)
		require.NoError(t, err)
		require.NotEmpty(t, parts)
		t.Log("\n" + parts[0].Text)
		assert.LessOrEqual(t, len([]rune(parts[0].Text)), 1024, "one screen")
		assert.Len(t, sheet.Fills, 2)
		for _, f := range sheet.Fills {
			assert.NotContains(t, voice.Say(f), "{")
		}
	}
}

// digestVaries: a quiet day is one line, a late one says so, and several asks
// stand below each other.
func digestVaries(t *testing.T, a *App, now time.Time) {
	b, err := a.Bot()
	require.NoError(t, err)
	people, err := a.everybody(t.Context())
	require.NoError(t, err)
	say := func(ask string, due, at time.Time) string {
		x := bot.Issue{Digest: models.Digest{ID: "d", Ask: ask}, Person: people[0], Due: due.UnixMilli(), Now: at.UnixMilli()}
		x.Person.Language = "en"
		sheet, err := b.Digest(t.Context(), x)
		require.NoError(t, err)
		voice, err := a.voice(x.Person, "en", at.UnixMilli())
		require.NoError(t, err)
		parts, err := voice.Parts(sheet.Card)
		require.NoError(t, err)
		return parts[0].Text
	}
	later := now.AddDate(0, 0, 30)
	assert.Equal(t, "Yesterday: no customer wrote. Everything is working.", say(bot.DefaultDigest, later, later))
	assert.Contains(t, say(bot.DefaultDigest, now.Add(-20*time.Minute), now), "This one is late: the service was not running at 10:40.")
	assert.NotContains(t, say(bot.DefaultDigest, now.Add(-time.Minute), now), "late")
	text := say("first_response yesterday; messages_received yesterday; qwertz asdf", now, now)
	for _, want := range []string{"First response", "Messages received", "I could not read this part of your summary: qwertz asdf", "What needs you now: 14 waiting, the oldest for"} {
		assert.Contains(t, text, want)
	}
}

// digestMoves: what moved is told with names, within the person's scope, and the
// last two weeks come as a picture after the text.
func digestMoves(t *testing.T, a *App, now time.Time) {
	b, err := a.Bot()
	require.NoError(t, err)
	people, err := a.everybody(t.Context())
	require.NoError(t, err)
	desk, err := a.Desk(t.Context())
	require.NoError(t, err)
	zone := desk.Rules.Zone
	told := map[int]int{} // by how many teams it is narrowed to
	for back := analytics.Day(0); back <= 8; back += 2 {
		at := zone.Start(zone.DayOf(now.UnixMilli())-back) + 9*3_600_000
		yesterday := zone.Days(zone.DayOf(at)-1, zone.DayOf(at))
		for teams, scope := range []models.Scope{{}, {Teams: []string{"ventas"}}} {
			var where []report.Filter
			if teams > 0 {
				where = []report.Filter{{Dim: analytics.ByTeam, Values: scope.Teams}}
			}
			want, err := desk.Movers(t.Context(), yesterday, where, at)
			require.NoError(t, err)
			if len(want) == 0 || told[teams] >= 1 {
				continue
			}
			metrics := map[string]bool{}
			for _, m := range want {
				metrics[m.Metric.Key] = true
			}
			p := people[0]
			p.Scope = scope
			sheet, err := b.Digest(t.Context(), bot.Issue{Digest: models.Digest{ID: "d"}, Person: p, Due: at, Now: at})
			require.NoError(t, err)
			told[teams]++
			lines := 0
			for _, block := range sheet.Card.Blocks {
				if l, ok := block.(card.Line); ok && strings.HasPrefix(l.Text.Key, "report.movers.") {
					lines++
				}
			}
			assert.Equal(t, min(len(metrics), 3), lines)
			for _, tag := range Languages() {
				voice, err := a.voice(p, tag, at)
				require.NoError(t, err)
				parts, err := voice.Parts(sheet.Card)
				require.NoError(t, err)
				t.Log("\n" + parts[0].Text)
				assert.LessOrEqual(t, len([]rune(parts[0].Text)), 1024, "one screen")
				require.Len(t, parts, 2)
				assert.Equal(t, render.ImagePart, parts[1].Kind)
			}
		}
	}
	assert.Positive(t, told[0], "nothing moved")
	assert.Positive(t, told[1], "nothing moved in a team")
}

// digestCorrects: what late data changed by a hundredth is told once more, and
// so are issues that were missed.
func digestCorrects(t *testing.T, a *App, now time.Time) {
	b, err := a.Bot()
	require.NoError(t, err)
	people, err := a.everybody(t.Context())
	require.NoError(t, err)
	p := people[0]
	p.Language = "en"
	first, err := b.Digest(t.Context(), bot.Issue{Digest: models.Digest{ID: "d"}, Person: p, Due: now.UnixMilli(), Now: now.UnixMilli()})
	require.NoError(t, err)
	require.NotNil(t, first.Told)
	next := now.Add(24 * time.Hour).UnixMilli()
	say := func(x bot.Issue) string {
		x.Digest, x.Person, x.Due, x.Now = models.Digest{ID: "d"}, p, next, next
		sheet, err := b.Digest(t.Context(), x)
		require.NoError(t, err)
		voice, err := a.voice(p, "en", next)
		require.NoError(t, err)
		parts, err := voice.Parts(sheet.Card)
		require.NoError(t, err)
		return parts[0].Text
	}
	assert.NotContains(t, say(bot.Issue{Before: first.Told}), "Corrected")
	was := first.Told.Figures["messages_received"]
	for _, c := range []struct {
		told float64
		want bool
	}{{math.Ceil(was / 1.005), false}, {math.Floor(was / 1.02), true}, {0, true}, {math.Ceil(was * 1.02), true}} {
		old := *first.Told
		old.Figures = map[string]float64{"messages_received": c.told}
		text := say(bot.Issue{Before: &old})
		line := fmt.Sprintf("messages received, %v instead of %v", was, c.told)
		assert.Equal(t, c.want, strings.Contains(text, line), "%v: %s", c.told, text)
	}
	assert.Contains(t, say(bot.Issue{Missed: []int64{next - 2*dayMS, next - dayMS}}), "2 summaries were not sent while the service was down, the last one:")
}

// pulseSpeaks runs the loop by hand until an alert and a digest are planned.
func pulseSpeaks(t *testing.T, a *App, now time.Time) {
	at := now
	a.Clock.Wall = func() time.Time { return at }
	defer func() { a.Clock.Wall = func() time.Time { return now } }()
	r := rule("messages_received", models.AtLeast, 0, 2*time.Minute)
	r.To = []string{"+573001112233"}
	r, err := a.Store.AddRule(t.Context(), r)
	require.NoError(t, err)
	require.NoError(t, a.Store.PutDigest(t.Context(), models.Digest{ID: "chat-1", Person: "+573001112233", At: 11*60 + 4, Ask: "stats yesterday", Since: now.UnixMilli()}))
	wrote := 0
	p, err := a.pulse(func() { wrote++ })
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p.Run(ctx) // one look
	for range 8 {
		at = at.Add(time.Minute)
		require.NoError(t, p.Step(t.Context()))
	}
	kinds := map[string]int{}
	require.NoError(t, a.Store.ListOutgoing(t.Context(), store.List{}, func(o *models.Outgoing) error {
		require.Equal(t, models.Planned, o.State)
		kinds[fmt.Sprint(o.Class, " ", o.Part)]++
		if ids, _, ok := bot.AlertRules(o.Key); ok {
			assert.Contains(t, ids, r.ID)
			assert.LessOrEqual(t, o.CreatedAt-now.UnixMilli(), int64((2*time.Minute + 180*time.Second).Milliseconds()))
		}
		o, err := a.Store.Outgoing(t.Context(), o.ID) // with what it says
		require.NoError(t, err)
		e, err := opened(o)
		require.NoError(t, err)
		if o.Part == 1 {
			assert.NotEmpty(t, e.Templates, o.Key)
			assert.Contains(t, []render.Kind{render.ButtonsPart, render.ListPart, render.TextPart}, e.Part.Kind)
		}
		return nil
	}))
	assert.GreaterOrEqual(t, kinds["must 1"], 1)
	assert.Equal(t, 1, kinds["once 1"])
	assert.GreaterOrEqual(t, wrote, 2)
}
