package picture

import (
	"fmt"
	"math"
	"strconv"
)

// sample is a picture with the name of its golden.
type sample struct {
	name    string
	picture Picture
}

func samples() []sample {
	return []sample{
		{"trend", trendSample()},
		{"trend-year", trendYear()},
		{"trend-short", trendShort()},
		{"bars-hours", barsHours()},
		{"bars-week", barsWeek()},
		{"bars-compare", barsCompare()},
		{"bars-days", barsDays()},
		{"ranking", rankingSample()},
		{"ranking-long", rankingLong()},
		{"ranking-strong", rankingStrong()},
		{"heatmap", heatmapSample()},
		{"heatmap-busy", heatmapBusy()},
		{"heatmap-tall", heatmapTall()},
		{"funnel", funnelSample()},
		{"empty", emptySample()},
		{"strange", strangeSample()},
	}
}

// wave is a repeatable number between 0 and 1.
func wave(i int) float64 {
	x := math.Sin(float64(i)*12.9898) * 43758.5453
	return x - math.Floor(x)
}

func minutes(s float64) string {
	if m := int(s) / 60; m > 0 {
		return fmt.Sprintf("%d min %02d s", m, int(s)%60)
	}
	return fmt.Sprintf("%d s", int(s))
}

func thousands(n float64, mark string) string {
	s := strconv.Itoa(int(n))
	if len(s) > 3 {
		return s[:len(s)-3] + mark + s[len(s)-3:]
	}
	return s
}

func trendSample() Trend {
	t := Trend{
		Heading: Heading{
			Title:    "Primera respuesta",
			Subtitle: "16 feb – 17 mar · mediana por día · hora de Bogotá",
			Note:     "n 1.284 conversaciones. El 8 y el 9 de marzo no hay registro.",
		},
		Line: "mediana", Usual: "lo habitual en ese día",
		Goal: Mark{600, "objetivo 10 min"},
	}
	for i := range 30 {
		v := 240 + 160*wave(i+3) + 6*float64(i)
		if i == 24 {
			v = 780
		}
		p := Point{fmt.Sprintf("%d feb", i+16), v, minutes(v)}
		if i > 12 {
			p.Label = fmt.Sprintf("%d mar", i-12)
		}
		if i == 20 || i == 21 {
			p.Value = math.NaN()
		}
		t.Points = append(t.Points, p)
		mid := 320 + 60*math.Sin(float64(i)*2*math.Pi/7)
		t.Band = append(t.Band, Range{mid - 110, mid + 130})
	}
	return t
}

func trendYear() Trend {
	t := Trend{
		Heading: Heading{
			Title:    "Mensagens recebidas",
			Subtitle: "12 meses até 17 de março · por dia · horário de São Paulo",
			Note:     "Total 148.212 mensagens de clientes.",
		},
		Ticks: []Mark{{0, "0"}, {200, "200"}, {400, "400"}, {600, "600"}, {800, "800"}},
	}
	months := []string{"abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez", "jan", "fev", "mar"}
	for i := range 365 {
		v := 340 + 120*math.Sin(float64(i)/60) + 90*wave(i)
		if i%7 > 4 {
			v *= 0.45
		}
		t.Points = append(t.Points, Point{fmt.Sprintf("%d %s", i%30+1, months[i/31]), v, thousands(v, ".")})
	}
	return t
}

func trendShort() Trend {
	t := Trend{Heading: Heading{Title: "Read rate", Subtitle: "last 8 weeks · share of delivered messages"}}
	for i, v := range []float64{0.912, 0.921, 0.934, 0.929, 0.915, 0.941, 0.938, 0.902} {
		t.Points = append(t.Points, Point{fmt.Sprintf("wk %d", 4+i), v, fmt.Sprintf("%.1f %%", v*100)})
	}
	return t
}

func barsHours() Bars {
	b := Bars{Heading: Heading{
		Title:    "Mensajes recibidos por hora",
		Subtitle: "ayer, martes 17 de marzo · hora de Bogotá",
		Note:     "Total 1.406. La hora más cargada: 11 a 12.",
	}}
	for h := range 24 {
		v := math.Round(130 * math.Exp(-math.Pow((float64(h)-11)/3.2, 2)))
		v += math.Round(90 * math.Exp(-math.Pow((float64(h)-17)/2.6, 2)))
		b.Bars = append(b.Bars, Bar{Label: strconv.Itoa(h), Value: v, Text: thousands(v, ".")})
	}
	return b
}

func barsWeek() Bars {
	b := Bars{Heading: Heading{Title: "Conversaciones cerradas", Subtitle: "semana del 9 al 15 de marzo"}}
	for i, d := range []string{"lun", "mar", "mié", "jue", "vie", "sáb", "dom"} {
		v := []float64{184, 171, 202, 196, 233, 88, 0}[i]
		b.Bars = append(b.Bars, Bar{Label: d, Value: v, Text: thousands(v, ".")})
	}
	return b
}

func barsCompare() Bars {
	b := barsWeek()
	b.Title = "Conversas abertas: esta semana e a anterior"
	b.Subtitle = "9–15 de março contra 2–8 de março"
	b.Current, b.Previous = "esta semana (1.074)", "semana anterior (1.131)"
	b.Note = "−5,0 % no total."
	for i := range b.Bars {
		v := []float64{201, 190, 188, 214, 205, 121, 12}[i]
		b.Bars[i].Previous, b.Bars[i].PreviousText = v, thousands(v, ".")
	}
	return b
}

func barsDays() Bars {
	b := Bars{
		Heading: Heading{Title: "Mensajes enviados", Subtitle: "marzo frente a febrero, por día"},
		Current: "marzo", Previous: "febrero",
	}
	for i := range 31 {
		v, w := 800+700*wave(i), 700+600*wave(i+50)
		if i > 27 {
			w = math.NaN()
		}
		b.Bars = append(b.Bars, Bar{strconv.Itoa(i + 1), v, thousands(v, "."), w, thousands(w, ".")})
	}
	return b
}

var people = []string{
	"Ana Gómez", "Luz Marina Ávila", "João Conceição", "Andrés Peña", "Beatriz Ñáñez",
	"María Fernanda de los Ángeles Rodríguez Etxeberria", "Íñigo Ibáñez", "Sofía Müller", "Óscar", "Camila Araújo",
	"Luis", "Paola", "Thiago Magalhães", "Renée Côté", "Équipe du soir", "Teléfono de la tienda",
	"Valentina", "Diego", "Inês", "Jorge", "Lorena", "Martín", "Núria", "Úrsula", "Zoë",
}

func rankingRows(n int) (rows []Row) {
	for i := range n {
		v := 1620 / (1 + float64(i)*0.32)
		rows = append(rows, Row{Name: people[i], Value: v, Text: minutes(v), N: fmt.Sprintf("n %d", int(8+wave(i)*120))})
	}
	return rows
}

func rankingSample() Ranking {
	return Ranking{
		Heading: Heading{
			Title:    "Los más lentos en responder",
			Subtitle: "primera respuesta, mediana · últimos 30 días",
			Note:     "Quedan fuera Pedro y Rosa: menos de 5 respuestas. Aún esperan 12 clientes.",
		},
		Rows:   rankingRows(8),
		Median: Mark{432, "mediana del equipo: 7 min 12 s"},
	}
}

func rankingLong() Ranking {
	r := rankingSample()
	r.Title, r.Rows = "Primera respuesta por agente", rankingRows(25)
	return r
}

func rankingStrong() Ranking {
	r := rankingSample()
	r.Title, r.Rows = "Ana Gómez frente al equipo", rankingRows(14)
	r.Rows[0], r.Rows[5] = r.Rows[5], r.Rows[0]
	r.Rows[5].Strong = true
	r.Note = ""
	return r
}

func heatmapOf(most float64) Heatmap {
	h := Heatmap{
		Heading: Heading{
			Title:    "Horas pico",
			Subtitle: "mensajes recibidos, media por hora · últimos 90 días · hora de Bogotá",
			Note:     "La espera crece los viernes desde las 11.",
		},
		Rows: []string{"lun", "mar", "mié", "jue", "vie", "sáb", "dom"},
		Low:  "0",
	}
	for hour := range 24 {
		h.Columns = append(h.Columns, strconv.Itoa(hour))
	}
	high := 0.0
	for day, strength := range []float64{0.82, 0.74, 0.79, 0.77, 1, 0.48, 0.2} {
		var row []Cell
		for hour := range 24 {
			x := float64(hour)
			v := math.Exp(-math.Pow((x-11)/2.9, 2)) + 0.7*math.Exp(-math.Pow((x-17.5)/2.4, 2))
			v = math.Round(most * strength * v * (0.85 + 0.2*wave(day*24+hour)))
			if v > high {
				high = v
				h.Peak = fmt.Sprintf("hora pico: %s a las %d, %s mensajes", h.Rows[day], hour, thousands(v, "."))
			}
			row = append(row, Cell{v, thousands(v, ".")})
		}
		h.Cells = append(h.Cells, row)
	}
	h.High = thousands(high, ".")
	return h
}

func heatmapSample() Heatmap { return heatmapOf(78) }

func heatmapBusy() Heatmap {
	h := heatmapOf(1240)
	h.Note = "Sin registro el domingo de 0 a 6."
	for hour := range 6 {
		h.Cells[6][hour] = Cell{Value: math.NaN()}
	}
	return h
}

// heatmapTall has hours down, those of the shop, and weekdays across.
func heatmapTall() Heatmap {
	h := heatmapOf(1240)
	const open, closed = 8, 19
	h.Rows, h.Columns = h.Columns[open:closed], h.Rows
	cells := make([][]Cell, closed-open)
	for row := range cells {
		for day := range 7 {
			cells[row] = append(cells[row], h.Cells[day][open+row])
		}
	}
	h.Cells = cells
	for hour := range h.Rows {
		h.Rows[hour] += " h"
	}
	return h
}

func funnelSample() Funnel {
	return Funnel{
		Heading: Heading{
			Title:    "Del envío a la respuesta",
			Subtitle: "campañas · 1–17 de marzo",
			Note:     "Leídos: al menos; algunos clientes ocultan la confirmación de lectura.",
		},
		Steps: []Step{
			{"Enviados", 12480, "12.480", "100 %", ""},
			{"Entregados", 11901, "11.901", "95,4 %", "−579: 402 fallidos, 177 sin confirmación"},
			{"Leídos", 8214, "8.214", "65,8 %", "−3.687 sin leer"},
			{"Respondidos", 1036, "1.036", "8,3 %", "−7.178 sin respuesta en 24 h"},
		},
	}
}

func emptySample() Trend {
	return Trend{Heading: Heading{
		Title:    "Primera respuesta",
		Subtitle: "1–7 de enero",
		Empty:    "No hay registro antes del 12 de enero.",
	}}
}

// strangeSample has names that the font cannot write, and values that are none.
func strangeSample() Ranking {
	return Ranking{
		Heading: Heading{
			Title:    "📊 Nomes  estranhos \u202e e   acentos soltos: Jose\u0301, Na\u0303o",
			Subtitle: "𝓛𝓾𝔃 🌸 ﬁn ＡＢＣ ½ ⏰",
			Note:     "z\u0335\u0327\u0310a\u0336l\u0334go",
		},
		Rows: []Row{
			{Name: "🔥🔥🔥", Value: 12, Text: "12"},
			{Name: "محمد", Value: 11, Text: "11"},
			{Name: "Ana 🌷 Gómez", Value: 10, Text: "10"},
			{Name: "王小明 (Wang)", Value: math.NaN(), Text: "—"},
			{Name: "\u2067Lui\u0301s\u2069", Value: -4, Text: "−4"},
			{Name: "Дмитрий · Ελένη", Value: math.Inf(1), Text: "∞"},
			{Name: "", Value: 1, Text: "1", N: "n 3"},
		},
	}
}
