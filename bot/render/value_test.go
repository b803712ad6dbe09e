package render

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"pulso/analytics"
	"pulso/bot/card"
)

var bogota = analytics.MustZone("America/Bogota")

// wednesday is 18 March 2026, 10:30 in Bogotá.
var wednesday = dayIn(bogota, "2026-03-18") + 10*hour + 30*minute

func dayIn(z analytics.Zone, date string) int64 {
	d, err := analytics.ParseDay(date)
	if err != nil {
		panic(err)
	}
	return z.Start(d)
}

func voice(t testing.TB, language, region string) *Voice {
	return testRenderer(t).Voice(Locale{Language: language, Region: region, Zone: bogota, Now: wednesday})
}

func TestNumbersFollowTheRegion(t *testing.T) {
	for _, x := range []struct{ language, region, count, decimal, share string }{
		{"es", "CO", "1.234.567", "1.234", "4,2 %"},
		{"es", "", "1.234.567", "1.234", "4,2 %"},
		{"es", "MX", "1,234,567", "1,234", "4.2 %"},
		{"es", "zz", "1.234.567", "1.234", "4,2 %"},
		{"pt", "BR", "1.234.567", "1.234", "4,2%"},
		{"pt", "PT", "1\u00a0234\u00a0567", "1\u00a0234", "4,2%"},
		{"en", "US", "1,234,567", "1,234", "4.2%"},
		{"en", "!!", "1,234,567", "1,234", "4.2%"},
		{"xx", "CO", "1,234,567", "1,234", "4.2%"},
	} {
		v := voice(t, x.language, x.region)
		assert.Equal(t, x.count, v.Format(card.Count(1234567)), x)
		assert.Equal(t, "-"+x.count, v.Format(card.Count(-1234567)), x)
		assert.Equal(t, x.decimal, v.Format(card.Number(1234.4)), x)
		assert.Equal(t, x.share, v.Format(card.Share(0.042)), x)
	}
}

func TestFormatNumbers(t *testing.T) {
	v := voice(t, "es", "CO")
	inf, nan := math.Inf(1), math.NaN()
	for want, values := range map[string][]card.Value{
		"–":             {nil, card.Number(inf), card.Number(nan), card.Share(nan), card.Ratio(inf), card.List{}, card.Phone("x")},
		"0":             {card.Count(0), card.Number(0), card.Number(-0.04)},
		"12,5":          {card.Number(12.46), card.Number(12.54)},
		"12":            {card.Number(12), card.Number(12.04), card.Count(12)},
		"99,9":          {card.Number(99.94)},
		"100":           {card.Number(99.96), card.Number(100.4)},
		"93 %":          {card.Share(0.934)},
		"10 %":          {card.Share(0.0996), card.Share(0.1)},
		"4 %":           {card.Share(0.04)},
		"9,9 %":         {card.Share(0.0994)},
		"<0,1 %":        {card.Share(0.0004)},
		"0,1 %":         {card.Share(0.0006)},
		"0 %":           {card.Share(0)},
		"99 %":          {card.Share(0.9949)},
		"99,9 %":        {card.Share(0.99999)},
		"100 %":         {card.Share(1)},
		"250 %":         {card.Share(2.5)},
		"1,26":          {card.Ratio(1.256)},
		"1,00":          {card.Ratio(1)},
		"12,40 USD":     {card.Money{Micros: 12_400_000, Currency: "USD"}},
		"0,0008 USD":    {card.Money{Micros: 800, Currency: "USD"}},
		"0,00 USD":      {card.Money{Currency: "USD"}},
		"1.234.568 CLP": {card.Money{Micros: 1_234_567_900_000, Currency: "CLP"}},
		"1,50 ???":      {card.Money{Micros: 1_500_000, Currency: "???"}},
		"+573001112233": {card.Phone("+573001112233"), card.Phone("57 300 111-2233")},
	} {
		for _, x := range values {
			assert.Equal(t, want, v.Format(x), "%#v", x)
		}
	}
}

func TestDurationsAsPeopleSayThem(t *testing.T) {
	v := voice(t, "es", "CO")
	for _, x := range []struct {
		ms          int64
		said, tight string
	}{
		{0, "0 s", "0s"},
		{499, "0 s", "0s"},
		{35 * second, "35 s", "35s"},
		{59*second + 600, "1 min", "60s"},
		{95 * second, "1 min 35 s", "95s"},
		{4 * minute, "4 min", "4min"},
		{4*minute + 10*second, "4 min 10 s", "4min"},
		{10*minute - 400, "10 min", "10min"},
		{12*minute + 34*second, "13 min", "13min"},
		{hour - 20*second, "1 h", "1h"},
		{hour + 5*minute, "1 h 5 min", "1h05"},
		{80 * minute, "1 h 20 min", "1h20"},
		{day, "24 h", "24h"},
		{26*hour + 10*minute, "1 d 2 h", "1d2h"},
		{51 * hour, "2 d 3 h", "2d3h"},
		{20*day + 11*hour, "20 d", "20d"},
		{400 * day, "400 d", "400d"},
		{-80 * minute, "-1 h 20 min", "-1h20"},
	} {
		assert.Equal(t, x.said, v.Format(card.Duration(x.ms)), x.ms)
		assert.Equal(t, x.tight, v.tight().Format(card.Duration(x.ms)), x.ms)
	}
	assert.Equal(t, "1 h 20 min", voice(t, "en", "").Format(card.Duration(80*minute)))
	assert.Equal(t, "1h20", voice(t, "en", "").tight().Format(card.Duration(80*minute)))
}

// TestDurationsNeverLie holds what is told within half of the last unit that is.
func TestDurationsNeverLie(t *testing.T) {
	v := voice(t, "en", "")
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.Int64Range(0, 1000*day).Draw(t, "ms")
		said := v.Format(card.Duration(ms))
		var total int64
		for rest := said; rest != ""; {
			var n int64
			var unit string
			n, unit, rest = scanUnit(t, rest)
			total += n * map[string]int64{"s": second, "min": minute, "h": hour, "d": day}[unit]
		}
		within := day / 2
		switch {
		case ms < 10*minute:
			within = second / 2
		case ms < day:
			within = minute / 2
		case ms < 14*day:
			within = hour / 2
		}
		if diff := max(total-ms, ms-total); diff > within {
			t.Fatalf("%d ms is told as %q, %d ms off", ms, said, diff)
		}
	})
}

func TestMomentsAndDays(t *testing.T) {
	day := func(date string, after int64) card.Instant { return card.Instant(dayIn(bogota, date) + after) }
	for _, x := range []struct {
		value      card.Value
		en, us, es string
	}{
		{day("2026-03-18", 14*hour+5*minute), "14:05", "2:05 pm", "14:05"},
		{day("2026-03-18", 0), "00:00", "12:00 am", "00:00"},
		{day("2026-03-17", 14*hour+5*minute), "yesterday 14:05", "yesterday 2:05 pm", "ayer 14:05"},
		{day("2026-03-19", 8*hour), "tomorrow 08:00", "tomorrow 8:00 am", "mañana 08:00"},
		{day("2026-03-03", 14*hour+5*minute), "Tue 3 Mar 14:05", "Tue Mar 3 2:05 pm", "martes 3 mar 14:05"},
		{day("2025-12-31", 12*hour), "31 Dec 2025 12:00", "Dec 31, 2025 12:00 pm", "31 dic 2025 12:00"},
		{card.Clock(wednesday), "10:30", "10:30 am", "10:30"},
		{card.Day(20530), "18 Mar", "Mar 18", "18 mar"},
		{card.Day(20000), "4 Oct 2024", "Oct 4, 2024", "4 oct 2024"},
		{card.Weekday(3), "Wednesday", "Wednesday", "miércoles"},
		{card.Weekday(8), "–", "–", "–"},
		{card.Hour(14), "14:00", "2 pm", "14 h"},
		{card.Hour(-1), "23:00", "11 pm", "23 h"},
		{card.DimValue{Dim: analytics.ByHour, Value: "9"}, "9:00", "9 am", "9 h"},
		{card.DimValue{Dim: analytics.ByWeekday, Value: "7"}, "Sunday", "Sunday", "domingo"},
		{card.DimValue{Dim: analytics.ByDay, Value: "2026-03-01"}, "1 Mar", "Mar 1", "1 mar"},
		{card.DimValue{Dim: analytics.ByWeek, Value: "2026-03-09"}, "week of 9 Mar", "week of Mar 9", "semana del 9 mar"},
		{card.DimValue{Dim: analytics.ByMonth, Value: "2025-12"}, "December 2025", "December 2025", "diciembre de 2025"},
		{card.DimValue{Dim: analytics.ByDay, Value: "soon"}, "soon", "soon", "soon"},
	} {
		assert.Equal(t, x.en, voice(t, "en", "").Format(x.value), x)
		assert.Equal(t, x.us, voice(t, "en", "US").Format(x.value), x)
		assert.Equal(t, x.es, voice(t, "es", "CO").Format(x.value), x)
	}
}

func TestFormatWords(t *testing.T) {
	v := voice(t, "es", "CO")
	for _, x := range []struct {
		value card.Value
		want  string
	}{
		{card.Metric("first_response"), "primera respuesta"},
		{card.Metric("no_such_metric"), "no_such_metric"},
		{card.Dim(analytics.ByTeam), "equipo"},
		{card.DimValue{Dim: analytics.ByAgent, Value: ""}, "sin agente"},
		{card.DimValue{Dim: analytics.ByAgent, Value: "phone"}, "desde la app del celular"},
		{card.DimValue{Dim: analytics.ByAgent, Value: "Phone"}, "Phone"},
		{card.DimValue{Dim: analytics.ByCategory, Value: "none"}, "none"},
		{card.DimValue{Dim: analytics.ByPricing, Value: "authentication-international"}, "autenticación internacional"},
		{card.DimValue{Dim: analytics.BySource, Value: "zapier"}, "zapier"},
		{card.DimValue{Dim: analytics.ByError, Value: "131047"}, "ventana de 24 h vencida (131047)"},
		{card.DimValue{Dim: analytics.ByError, Value: "7"}, "otro motivo (7)"},
		{card.List{card.Name("Ana")}, "Ana"},
		{card.List{card.Name("Ana"), card.Name("Luis")}, "Ana y Luis"},
		{card.List{card.Name("Ana"), card.Name("Luis"), card.Name("Inés")}, "Ana, Luis e Inés"},
		{card.List{card.Name("Ana"), card.Name("Hilda")}, "Ana e Hilda"},
		{card.List{card.Name("Ana"), card.Name("Hielo")}, "Ana y Hielo"},
		{card.List{card.Name("Ana"), card.Name("Íñigo")}, "Ana e Íñigo"},
		{card.Said(card.T("note.messages", "n", card.Count(1))), "1 mensaje"},
		{card.Word("report.total"), "Total"},
		{card.Word("no.such.key"), "no.such.key"},
		{card.Said{}, ""},
	} {
		assert.Equal(t, x.want, v.Format(x.value), x.value)
	}
	assert.Equal(t, "–", v.Say(card.T("report.sub")), "a place without a value")
	assert.Equal(t, "app cel.", v.tight().Format(card.DimValue{Dim: analytics.ByAgent, Value: "phone"}))
}

func TestPluralsFollowCLDR(t *testing.T) {
	for _, x := range []struct {
		language string
		n        card.Value
		want     string
	}{
		{"en", card.Count(0), "0 messages"}, {"en", card.Count(1), "1 message"}, {"en", card.Count(1_000_000), "1,000,000 messages"},
		{"es", card.Count(0), "0 mensajes"}, {"es", card.Count(1), "1 mensaje"}, {"es", card.Count(1_000_000), "1.000.000 de mensajes"},
		{"es", card.Count(1_000_001), "1.000.001 mensajes"}, {"es", card.Count(20_000_000), "20.000.000 de mensajes"},
		{"pt", card.Count(0), "0 mensagem"}, {"pt", card.Count(1), "1 mensagem"}, {"pt", card.Count(2), "2 mensagens"},
		{"pt", card.Count(3_000_000), "3.000.000 de mensagens"},
		{"es", card.Number(1), "1 mensaje"}, {"es", card.Number(1.5), "1,5 mensajes"}, {"pt", card.Number(1.5), "1,5 mensagem"},
		{"en", card.Number(1.5), "1.5 messages"}, {"en", nil, "– messages"}, {"en", card.Name("x"), "x messages"},
	} {
		assert.Equal(t, x.want, voice(t, x.language, "").Say(card.Text{Key: "note.messages", Args: card.Args{"n": x.n}}))
	}
}

func TestRegionOf(t *testing.T) {
	for phone, region := range map[string]string{
		"+573001112233": "CO", "+5215512345678": "MX", "+5511912345678": "BR", "+351912345678": "PT", "+34612345678": "ES",
		"+12025550101": "US", "+17875550101": "PR", "+18095550101": "DO", "+447700900123": "GB", "+50688887777": "CR",
		"573001112233": "", "": "", "+": "", "+999": "", "CO.123": "",
	} {
		assert.Equal(t, region, RegionOf(phone), phone)
	}
}

func TestLinesBeginWithACapitalAndDataStays(t *testing.T) {
	v := voice(t, "es", "CO")
	for _, x := range []struct {
		text card.Text
		want string
	}{
		{card.T("metric.first_response.name"), "Primera respuesta"},
		{card.T("report.title", "metric", card.Metric("first_response")), "Primera respuesta"},
		{card.T("agent.title", "agent", card.DimValue{Dim: analytics.ByAgent, Value: "ana"}), "ana"},
		{card.T("agent.title", "agent", card.DimValue{Dim: analytics.ByAgent, Value: ""}), "Sin agente"},
		{card.T("report.sub", "period", card.Period{From: wednesday, To: wednesday}), "Ahora"},
		{card.T("unknown.similar", "names", card.List{card.Name("ana")}), "Lo más parecido: ana"},
		{card.Text{Key: "no.such"}, "no.such"},
		{card.Text{}, ""},
	} {
		assert.Equal(t, x.want, v.opening(x.text))
	}
}
