package words

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/analytics/report"
)

// oddNames is a business whose names hold everything that canonical text gives
// a meaning to.
func oddNames() Names {
	n := testNames()
	n.Agents = append(n.Agents,
		analytics.Agent{Key: "#u-8", ID: "u-8", Name: `Ana "la Jefa"`, IDs: []string{"u-8"}},
		analytics.Agent{Key: "#u-9", ID: "u-9", Name: "Vs, Today", IDs: []string{"u-9"}},
		analytics.Agent{Key: "#u-10", ID: "u-10", Name: "Ana", IDs: []string{"u-10"}})
	n.Teams = append(n.Teams, "by agent", "último mes", `a\b`)
	n.Categories = append(n.Categories, "none", "no, gracias")
	return n
}

var periodTexts = []string{
	"today", "yesterday", "this week", "last week", "this month", "last quarter", "this year", "last 7 days", "last 3 hours", "last 2 months",
	"monday", "2026-04", "q1 2026", "2025", "2026-05-04", "from 2026-05-04 to 2026-05-09", "from 2026-05-01 to now",
	"yesterday 09:00 to 12:00", "2026-05-11 14:00 to 24:00", "from 2026-05-20T08:00 to now",
}

// filterValues lists values that an ask may keep in a dimension.
func filterValues(n Names, d analytics.Dim) []string {
	switch d {
	case analytics.ByAgent:
		var keys []string
		for _, a := range n.Agents {
			keys = append(keys, a.Key)
		}
		return keys
	case analytics.ByTeam:
		return n.Teams
	case analytics.ByChannel:
		return []string{"whatsapp:2001", "whatsapp:2002", "instagram:cafesol"}
	case analytics.ByPlatform:
		return n.Platforms
	case analytics.ByCategory:
		return append([]string{""}, n.Categories...)
	case analytics.ByTemplate:
		return n.Templates
	case analytics.BySender:
		return []string{"agent", "bot", "automation", "campaign"}
	}
	return nil
}

func fittingDims(m analytics.Metric) []analytics.Dim {
	var list []analytics.Dim
	for d := analytics.Dim(0); d.String() != "" && d < 32; d++ {
		if m.Fits(d) {
			list = append(list, d)
		}
	}
	return list
}

// drawAsk draws any ask that can be answered; its period is only a text.
func drawAsk(t *rapid.T, n Names) report.Ask {
	m := rapid.SampledFrom(analytics.Catalogue()).Draw(t, "metric")
	a := report.Ask{Metrics: []string{m.Key}}
	dims := fittingDims(m)
	if rapid.Bool().Draw(t, "by") {
		a.By = append(a.By, rapid.SampledFrom(dims).Draw(t, "dim"))
	}
	if d := rapid.SampledFrom(dims).Draw(t, "filter"); filterValues(n, d) != nil {
		a.Where = []report.Filter{{Dim: d, Values: rapid.SliceOfNDistinct(rapid.SampledFrom(filterValues(n, d)), 1, 2, rapid.ID).Draw(t, "values")}}
	}
	a.Detail = timed(m.Key) && rapid.Bool().Draw(t, "detail")
	orders := []report.Order{"", report.Asc, report.Desc}
	if m.Better != analytics.Neither {
		orders = append(orders, report.Worst, report.Best)
	}
	if a.Order = rapid.SampledFrom(orders).Draw(t, "order"); a.Order != "" {
		a.Limit = rapid.IntRange(0, 20).Draw(t, "limit")
	}
	if m.Unit == analytics.Seconds && !m.Stock {
		a.Stat = rapid.SampledFrom([]string{"", "mean", "p50", "p90", "max"}).Draw(t, "stat")
	}
	if !m.Stock {
		a.PeriodText = rapid.SampledFrom(periodTexts).Draw(t, "period")
		a.CompareText = rapid.SampledFrom([]string{"", "previous", "weekdays", "last week", "2026-03"}).Draw(t, "compare")
	}
	a.Format = rapid.SampledFrom([]string{"", "", "xlsx", "pdf"}).Draw(t, "format")
	return a
}

// TestCanonicalReadsBack writes any ask and reads it back, in every language.
func TestCanonicalReadsBack(t *testing.T) {
	r, _ := testReader(t)
	names := oddNames()
	b := r.Book(names)
	rapid.Check(t, func(t *rapid.T) {
		want := drawAsk(t, names)
		text := b.AskText(want)
		got := r.Read(input(b, rapid.SampledFrom([]string{"es", "en", "pt"}).Draw(t, "language"), text))
		require.Contains(t, []Intent{ToReport, ToExport}, got.Intent, text)
		require.Equal(t, want.Metrics, got.Ask.Metrics, text)
		require.ElementsMatch(t, want.By, got.Ask.By, text)
		require.Equal(t, want.Where, got.Ask.Where, text)
		require.Equal(t, want.Order, got.Ask.Order, text)
		require.Equal(t, want.Limit, got.Ask.Limit, text)
		require.Equal(t, want.Stat, got.Ask.Stat, text)
		require.Equal(t, want.Format, got.Ask.Format, text)
		if want.PeriodText != "" {
			require.Equal(t, want.PeriodText, got.Ask.PeriodText, text)
		}
		again := r.Read(input(b, "en", b.Canonical(got)))
		require.Equal(t, essence(got), essence(again), text)
		require.Equal(t, got.Ask.Period, again.Ask.Period, text)
	})
}

// TestCanonicalTexts reads texts that others rely on and expects them back.
func TestCanonicalTexts(t *testing.T) {
	r, b := testReader(t)
	for _, text := range []string{
		"first_response by agent worst 5 from 2026-03-16 to now", "stats today", "first_response by agent last 30 days",
		"first_response p90 by agent last 30 days", "messages_received by weekday, hour last 90 days", "contacts_new, contacts_returning last month",
		"list waiting", "list waiting where team soporte page 2", "list log contact +573150000001", "list open where agent Ana",
		"alerts", "alert first_response > 600s for 15m where team soporte", "alert messages_received silence for 2h", "alert remove 3", "alert snooze 2h", "alert ack",
		"digest add mon at 09:00 in es: stats last week", "digest add monthly 1 at 09:00 in pt: stats last month", "digest stop", "digest list",
		"people invite +573105550101 as manager teams ventas", "people list", "set language en", "set timezone America/Mexico_City", "how read_rate", "help", "hello", "open 2",
	} {
		for _, tag := range languages {
			assert.Equal(t, text, b.Canonical(r.Read(input(b, tag, text))), tag)
		}
	}
}

// TestCanonicalOfPhrases reads back the canonical text of everything that the
// phrases of the corpora mean.
func TestCanonicalOfPhrases(t *testing.T) {
	r, b := testReader(t)
	for _, tag := range languages {
		for _, p := range corpus(t, tag) {
			got := r.Read(input(b, tag, p.Text))
			text := b.Canonical(got)
			if text == "" || got.Candidates != nil || slices.Contains([]Intent{ToDrill, ToHow}, got.Intent) {
				continue
			}
			again := r.Read(input(b, tag, text))
			assert.Equal(t, text, b.Canonical(again), p.Text)
			assert.Equal(t, got.Ask.Period, again.Ask.Period, p.Text)
		}
	}
}
