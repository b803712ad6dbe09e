package render

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/bot/card"
	"pulso/bot/render/picture"
)

func TestAxesHaveRoundValues(t *testing.T) {
	v := voice(t, "es", "CO").bare()
	for want, values := range map[string][]card.Value{
		"0 5 min 10 min 15 min":     {card.Duration(2 * minute), card.Duration(18 * minute), nil},
		"0 1 h 2 h 3 h 4 h 5 h":     {card.Duration(5 * hour), card.Duration(2 * hour)},
		"0 24 h 2 d 3 d 4 d":        {card.Duration(98 * hour)},
		"0 100 d 200 d 300 d 400 d": {card.Duration(480 * day)},
		"0 1 2 3":                   {card.Count(3)},
		"0 500 1.000 1.500 2.000":   {card.Count(2040)},
		"0 0,5 1 1,5 2":             {card.Number(2.2)},
		"0 20 % 40 % 60 % 80 %":     {card.Share(0.93)},
		"0 0,50 1,00":               {card.Ratio(1.3)},
		"0 5,00 USD 10,00 USD":      {card.Money{Micros: 12_000_000, Currency: "USD"}},
		"-10 0 10 20":               {card.Count(-12), card.Count(25)},
		"":                          {card.Count(0), nil, card.Name("x")},
	} {
		var labels []string
		for _, m := range v.ticks(values) {
			labels = append(labels, m.Label)
		}
		assert.Equal(t, want, strings.Join(labels, " "))
	}
}

// TestAxesAreNeverCrowded holds for any values: few lines, rising, all different.
func TestAxesAreNeverCrowded(t *testing.T) {
	v := voice(t, "en", "").bare()
	rapid.Check(t, func(t *rapid.T) {
		high := rapid.Int64Range(1, 1<<50).Draw(t, "high")
		values := rapid.SampledFrom([]card.Value{card.Count(high), card.Duration(high), card.Number(float64(high) / 100), card.Share(float64(high) / (1 << 50))}).Draw(t, "value")
		marks := v.ticks([]card.Value{values})
		if len(marks) < 1 || len(marks) > mostTicks+1 {
			t.Fatalf("%v has %d lines", values, len(marks))
		}
		for i := 1; i < len(marks); i++ {
			if marks[i].Value <= marks[i-1].Value {
				t.Fatalf("%v", marks)
			}
		}
	})
}

func TestChartsSayTheirLabelsShort(t *testing.T) {
	v := voice(t, "es", "CO").bare()
	for want, label := range map[string]card.Value{
		"18 mar": card.Day(20530), "Mié": card.Weekday(3), "14": card.Hour(14), "": nil, "Feb": card.DimValue{Dim: analytics.ByMonth, Value: "2026-02"},
		"Dic 2025": card.DimValue{Dim: analytics.ByMonth, Value: "2025-12"}, "9 mar": card.DimValue{Dim: analytics.ByWeek, Value: "2026-03-09"},
		"Ventana de 24 h vencida": card.DimValue{Dim: analytics.ByError, Value: "131047"}, "1.ª resp.": card.Metric("first_response"),
	} {
		assert.Equal(t, want, v.axis(label))
	}
	assert.Equal(t, "2p", voice(t, "en", "US").axis(card.Hour(14)))
}

func TestChartBecomesPicture(t *testing.T) {
	v := voice(t, "es", "CO").bare()
	points := []card.Point{
		{Label: card.Name("*ana*"), Value: card.Duration(4 * minute), Earlier: card.Duration(5 * minute), N: card.Count(1200), Strong: true},
		{Label: card.DimValue{Dim: analytics.ByAgent}, Value: nil},
	}
	ranking := v.chart(card.Chart{Kind: card.Ranking, Points: points, Goal: &card.Level{Value: card.Duration(3 * minute), Label: card.T("chart.team_median", "value", card.Duration(3*minute))}}).(picture.Ranking)
	assert.Equal(t, "*ana*", ranking.Rows[0].Name, "nothing is formatting in a picture")
	assert.Equal(t, picture.Mark{Value: float64(3 * minute), Label: "Mediana del equipo 3 min"}, ranking.Median)
	assert.Equal(t, "n 1.200", ranking.Rows[0].N)
	assert.Equal(t, "4 min", ranking.Rows[0].Text)
	assert.Equal(t, "Sin agente", ranking.Rows[1].Name)
	assert.Equal(t, none, ranking.Rows[1].Text)
	assert.NotEqual(t, ranking.Rows[1].Value, ranking.Rows[1].Value, "a gap is not a number")
	assert.Equal(t, "Sin datos en este periodo", ranking.Heading.Empty)

	bars := v.chart(card.Chart{Kind: card.Bars, Points: points, Current: card.T("period.this_week"), Earlier: card.T("period.last_week")}).(picture.Bars)
	assert.Equal(t, "Semana pasada", bars.Previous)
	assert.Equal(t, "4min", bars.Bars[0].Text)
	assert.Equal(t, "5min", bars.Bars[0].PreviousText)

	funnel := v.chart(card.Chart{Kind: card.Funnel, Steps: []card.Step{
		{Label: card.T("report.funnel.sent"), Value: card.Count(1000), Share: card.Share(1), Lost: card.T("report.funnel.failed", "n", card.Count(30))},
		{Label: card.T("report.funnel.read"), Value: card.Count(970), Share: card.Share(0.97)},
	}}).(picture.Funnel)
	assert.Equal(t, []picture.Step{
		{Label: "Enviados", Value: 1000, Text: "1.000", Share: "100 %"},
		{Label: "Leídos", Value: 970, Text: "970", Share: "97 %", Lost: "30 fallidos"},
	}, funnel.Steps)

	trend := v.chart(card.Chart{Points: points}).(picture.Trend)
	assert.Nil(t, trend.Band, "no usual range was given")
	assert.Empty(t, trend.Usual)
}
