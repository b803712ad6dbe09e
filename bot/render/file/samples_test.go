package file

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/render"
	"pulso/templates"
)

var zone = analytics.MustZone("America/Bogota")

// asOf is Wednesday 18 March 2026, 10:30 in Bogotá.
var asOf = zone.Start(analytics.DateOf(2026, 3, 18)) + 10*3_600_000 + 30*60_000

func writer(t testing.TB) *Writer {
	t.Helper()
	r, err := render.New(templates.Text())
	require.NoError(t, err)
	return New(r, Business{Name: "Panadería La Espiga", Region: "CO", Zone: zone, Channels: map[string]string{"whatsapp:1": "Ventas"}, Stat: "median"})
}

func ptr(x float64) *float64 { return &x }

func count(n int64) report.Figure {
	return report.Figure{Unit: analytics.Count, Value: ptr(float64(n)), N: n}
}

// lasting is a figure of durations, in ms.
func lasting(n int64, p50 float64) report.Figure {
	f := report.Figure{Unit: analytics.Seconds, N: n}
	if n > 0 {
		f.Value, f.P50, f.Mean, f.P90, f.Max = ptr(p50), ptr(p50), ptr(p50*1.4), ptr(p50*3), ptr(p50*400)
	}
	return f
}

func share(num, den int64) report.Figure {
	f := report.Figure{Unit: analytics.Share, Num: num, Den: den}
	if den > 0 {
		f.Value = ptr(float64(num) / float64(den))
	}
	return f
}

// march is the month, whole.
func march() analytics.Span {
	return zone.Days(analytics.DateOf(2026, 3, 1), analytics.DateOf(2026, 4, 1))
}

func answer(metrics []string, by []analytics.Dim, agents ...string) *report.Answer {
	a := &report.Answer{
		Ask: report.Ask{Metrics: metrics, By: by, Period: march()}, Span: march(), AsOf: asOf, Since: march().From,
		Roster: analytics.NewRoster(roster(agents), nil),
	}
	for _, key := range metrics {
		m, _ := analytics.MetricOf(key)
		a.Metrics = append(a.Metrics, m)
		a.Total.Figures = append(a.Total.Figures, report.Figure{Unit: m.Unit})
	}
	return a
}

func roster(names []string) []analytics.Agent {
	var list []analytics.Agent
	for i, name := range names {
		list = append(list, analytics.Agent{Name: name, IDs: []string{fmt.Sprint(i + 1)}})
	}
	return list
}

// hostile are names that somebody chose to be run, or to break a file.
var hostile = []string{
	`=HYPERLINK("http://example.com","Luz")`, "+573001112233", "-2+3+cmd|' /C calc'!A0", "@SUM(1+9)*cmd", "\t=1+1", "\r=1+1", "\n@x",
	"<b>Luz</b> & \"Ana\" ]]>", "\x00\x07Ana\u202eesrever", "😀 Luz 🎉", "علي", "王小明", "𝓐𝓷𝓪", "Ａｎａ",
	"María Fernanda de los Ángeles Restrepo Villamizar-Echeverría, atención a clientes mayoristas de la zona norte y la costa",
	"Sinespaciosenunnombremuylargoquenocabeenunasolalineadeningunamanerayquesigueysigueysigue", "_x000D_=1+1",
}

// speed is the slowness of agents with such names.
func speed(names ...string) *report.Answer {
	a := answer([]string{"first_response"}, []analytics.Dim{analytics.ByAgent}, names...)
	for i := range names {
		f := lasting(int64(5+i), float64(90_000*(i+1)))
		waits := int64(i % 3)
		f.Waiting = &waits
		a.Rows = append(a.Rows, report.Row{Values: []string{fmt.Sprintf("#%d", i+1)}, Figures: []report.Figure{f}})
	}
	a.Rows = append(a.Rows, report.Row{Values: []string{""}, Figures: []report.Figure{lasting(0, 0)}})
	a.Total.Figures[0] = lasting(412, 251_000)
	return a
}

// daily is a count over the days of March.
func daily() *report.Answer {
	a := answer([]string{"messages_received"}, []analytics.Dim{analytics.ByDay})
	sum := int64(0)
	for i := range int64(31) {
		n := 900 + 137*i%800
		sum += n
		day := analytics.DateOf(2026, 3, 1) + analytics.Day(i)
		a.Rows = append(a.Rows, report.Row{Values: []string{day.String()}, Figures: []report.Figure{count(n)}})
	}
	a.Total.Figures[0] = count(sum)
	february := zone.Days(analytics.DateOf(2026, 2, 1), analytics.DateOf(2026, 3, 1))
	a.Compare = &report.Comparison{Kind: report.Previous, Span: february, Total: report.Row{Figures: []report.Figure{count(sum - 4000)}}}
	a.Gaps = []analytics.Span{{From: asOf - 7_200_000, To: asOf - 3_600_000}}
	return a
}

// team is many metrics by agent, narrowed, with what was before.
func team() *report.Answer {
	names := []string{"Luz Marina", "Ana Sofía", "Íñigo", "Zoé"}
	keys := []string{"messages_sent", "messages_read", "read_rate", "first_response", "response_time", "resolution_time", "conversations_closed", "transfers", "answered_in_target", "reply_ratio"}
	a := answer(keys, []analytics.Dim{analytics.ByAgent}, names...)
	a.Ask.Where = []report.Filter{{Dim: analytics.ByTeam, Values: []string{"Ventas", "Mostrador"}}, {Dim: analytics.ByChannel, Values: []string{"whatsapp:1"}}}
	figures := func(k int64) []report.Figure {
		return []report.Figure{count(1200 * k), count(900 * k), share(900*k, 1100*k), lasting(80*k, 240_000), lasting(300*k, 95_500), lasting(60*k, 90_000_000),
			count(55 * k), count(3 * k), share(70*k, 80*k), share(1300*k, 1200*k)}
	}
	a.Compare = &report.Comparison{Kind: report.Previous, Span: zone.Days(analytics.DateOf(2026, 1, 29), analytics.DateOf(2026, 3, 1)), Total: report.Row{Figures: figures(8)}}
	for i := range names {
		r := report.Row{Values: []string{fmt.Sprintf("#%d", i+1)}, Figures: figures(int64(i + 1))}
		a.Rows = append(a.Rows, r)
		if i > 0 {
			a.Compare.Rows = append(a.Compare.Rows, report.Row{Values: r.Values, Figures: figures(int64(i))})
		}
	}
	a.Total.Figures = figures(10)
	return a
}

// rhythm is a count by weekday and hour.
func rhythm() *report.Answer {
	a := answer([]string{"messages_received"}, []analytics.Dim{analytics.ByWeekday, analytics.ByHour})
	for w := range 7 {
		for h := range 24 {
			f := count(int64(w*24 + h + 1))
			f.Average = ptr(float64(f.N) / 4)
			a.Rows = append(a.Rows, report.Row{Values: []string{fmt.Sprint(w + 1), fmt.Sprint(h)}, Figures: []report.Figure{f}})
		}
	}
	a.Total.Figures[0] = count(168 * 169 / 2)
	return a
}

// overall is a few figures without a breakdown.
func overall() *report.Answer {
	a := answer([]string{"messages_received", "messages_sent", "first_response", "read_rate", "conversations_waiting", "longest_wait"}, nil)
	a.Total.Figures = []report.Figure{count(1204), count(1530), lasting(210, 245_000), share(1001, 1400), count(3), {Unit: analytics.Seconds, Value: ptr(5_400_000), N: 1}}
	return a
}

func answers() map[string]*report.Answer {
	monthly := answer([]string{"read_rate"}, []analytics.Dim{analytics.ByMonth})
	monthly.Span = zone.Days(analytics.DateOf(2025, 1, 1), analytics.DateOf(2026, 1, 1))
	for i := range int64(12) {
		monthly.Rows = append(monthly.Rows, report.Row{Values: []string{fmt.Sprintf("2025-%02d", i+1)}, Figures: []report.Figure{share(700+20*i, 1000)}})
	}
	monthly.Total.Figures[0] = share(9720, 12000)
	empty := answer([]string{"messages_received"}, []analytics.Dim{analytics.ByAgent})
	empty.Total.Figures[0] = count(0)
	return map[string]*report.Answer{
		"hostile": speed(hostile...), "speed": speed("Luz", "Ana", "Íñigo"), "daily": daily(), "team": team(),
		"rhythm": rhythm(), "overall": overall(), "monthly": monthly, "empty": empty,
	}
}
