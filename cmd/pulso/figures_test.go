package main

import (
	"bytes"
	"encoding/csv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
)

func at[T any](v T) *T { return &v }

// metricsOf returns metrics by their keys.
func metricsOf(t *testing.T, keys ...string) (list []analytics.Metric) {
	for _, k := range keys {
		m, ok := analytics.MetricOf(k)
		require.True(t, ok, k)
		list = append(list, m)
	}
	return list
}

func sheetOf(t *testing.T, d *report.Desk, a *report.Answer) [][]string {
	var out bytes.Buffer
	require.NoError(t, (&console{out: &out}).csv(d, a))
	rows, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	return rows
}

func TestSheetTellsEverything(t *testing.T) {
	zone := analytics.MustZone("America/Bogota")
	roster := analytics.NewRoster([]analytics.Agent{{Name: "=Ana", IDs: []string{"a-1"}}, {Name: "Luis", IDs: []string{"a-2"}}}, nil)
	ana, luis := roster.Find("a-1"), roster.Find("a-2")
	speed := report.Figure{Unit: analytics.Seconds, N: 2, Value: at(240e3), Mean: at(250e3), P50: at(240e3), P90: at(260e3), Max: at(260e3), Waiting: at(int64(3))}
	before := report.Figure{Unit: analytics.Seconds, N: 1, Value: at(100e3), Mean: at(100e3), P50: at(100e3), P90: at(100e3), Max: at(100e3)}
	rate := report.Figure{Unit: analytics.Share, Num: 1, Den: 4, Value: at(0.25)}
	a := &report.Answer{
		Ask: report.Ask{By: []analytics.Dim{analytics.ByAgent}}, Roster: roster, Metrics: metricsOf(t, "first_response", "delivery_rate"),
		Rows:  []report.Row{{Values: []string{ana}, Figures: []report.Figure{speed, rate}}, {Values: []string{""}, Figures: []report.Figure{{Unit: analytics.Seconds}, {Unit: analytics.Share}}}},
		Total: report.Row{Figures: []report.Figure{speed, rate}},
		Compare: &report.Comparison{Kind: report.Previous, Rows: []report.Row{{Values: []string{luis}, Figures: []report.Figure{before, rate}}},
			Total: report.Row{Figures: []report.Figure{before, rate}}},
	}
	rows := sheetOf(t, &report.Desk{Rules: &analytics.Rules{Zone: zone}}, a)
	assert.Equal(t, []string{
		"agent", "agent_id", "first_response", "first_response_n", "first_response_mean", "first_response_p50", "first_response_p90", "first_response_max",
		"first_response_waiting", "delivery_rate", "delivery_rate_num", "delivery_rate_den",
		"compare_first_response", "compare_first_response_n", "compare_first_response_mean", "compare_first_response_p50", "compare_first_response_p90",
		"compare_first_response_max", "compare_delivery_rate", "compare_delivery_rate_num", "compare_delivery_rate_den",
	}, rows[0])
	assert.Equal(t, []string{"'=Ana", "a-1", "240", "2", "250", "240", "260", "260", "3", "0.25", "1", "4", "", "", "", "", "", "", "", "", ""}, rows[1])
	assert.Equal(t, []string{"", "", "", "0", "", "", "", "", "", "", "0", "0", "", "", "", "", "", "", "", "", ""}, rows[2])
	assert.Equal(t, []string{"Luis", "a-2", "", "", "", "", "", "", "", "", "", "", "100", "1", "100", "100", "100", "100", "0.25", "1", "4"}, rows[3], "only then")
	assert.Equal(t, []string{"total", "", "240", "2", "250", "240", "260", "260", "3", "0.25", "1", "4", "100", "1", "100", "100", "100", "100", "0.25", "1", "4"}, rows[4])
}

// Days stand beside the day as far on in the period compared with.
func TestSheetComparesDayByDay(t *testing.T) {
	zone := analytics.MustZone("America/Bogota")
	day := func(s string) analytics.Day {
		d, err := analytics.ParseDay(s)
		require.NoError(t, err)
		return d
	}
	count := func(n float64) []report.Figure {
		return []report.Figure{{Unit: analytics.Count, Value: &n, Cost: &report.Cost{Currency: "COP", Value: int64(n) * 12_500, Unpriced: []string{""}}}}
	}
	a := &report.Answer{
		Ask: report.Ask{By: []analytics.Dim{analytics.ByDay}}, Metrics: metricsOf(t, "messages_billable"), Span: zone.Days(day("2026-03-09"), day("2026-03-11")),
		Rows:  []report.Row{{Values: []string{"2026-03-09"}, Figures: count(4)}},
		Total: report.Row{Figures: count(4)},
		Compare: &report.Comparison{Kind: report.Previous, Span: zone.Days(day("2026-03-07"), day("2026-03-09")),
			Rows:  []report.Row{{Values: []string{"2026-03-07"}, Figures: count(2)}, {Values: []string{"2026-03-08"}, Figures: count(1)}},
			Total: report.Row{Figures: count(3)}},
	}
	rows := sheetOf(t, &report.Desk{Rules: &analytics.Rules{Zone: zone}}, a)
	assert.Equal(t, []string{"day", "messages_billable", "messages_billable_cost", "messages_billable_currency", "messages_billable_unpriced",
		"compare_messages_billable", "compare_messages_billable_cost", "compare_messages_billable_currency", "compare_messages_billable_unpriced"}, rows[0])
	assert.Equal(t, []string{"2026-03-09", "4"}, rows[1][:2])
	assert.Equal(t, "2", rows[1][5])
	assert.Equal(t, []string{"2026-03-10", ""}, rows[2][:2])
	assert.Equal(t, "1", rows[2][5])
	assert.Equal(t, []string{"total", "4", "", "COP", "none", "3", "", "COP", "none"}, rows[3], "an amount is told only where something has a price")
}
