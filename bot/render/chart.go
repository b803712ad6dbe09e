package render

import (
	"math"

	"pulso/bot/card"
	"pulso/bot/render/picture"
)

// chart turns a chart into a picture. The voice is a bare one: nothing in a
// picture is formatting or a link.
func (v *Voice) chart(c card.Chart) picture.Picture {
	switch c.Kind {
	case card.Bars:
		return v.bars(c)
	case card.Ranking:
		return v.ranking(c)
	case card.Heatmap:
		return v.heatmap(c)
	case card.Funnel:
		return v.funnel(c)
	}
	return v.trend(c)
}

func (v *Voice) heading(c card.Chart) picture.Heading {
	h := picture.Heading{Title: v.opening(c.Title), Subtitle: v.opening(c.Subtitle), Note: v.opening(c.Note), Empty: v.opening(c.Empty)}
	if h.Empty == "" {
		h.Empty = v.word("chart.empty")
	}
	return h
}

// drawn is a value as charts want it; NaN for a gap.
func drawn(value card.Value) float64 {
	if x, ok := scalar(value); ok {
		return x
	}
	return math.NaN()
}

func (v *Voice) trend(c card.Chart) picture.Picture {
	t := picture.Trend{Heading: v.heading(c), Line: v.opening(c.Current), Goal: v.mark(c.Goal)}
	values := []card.Value{}
	banded := false
	for _, p := range c.Points {
		t.Points = append(t.Points, picture.Point{Label: v.axis(p.Label), Value: drawn(p.Value), Text: v.value(p.Value)})
		t.Band = append(t.Band, picture.Range{Low: drawn(p.Low), High: drawn(p.High)})
		values = append(values, p.Value, p.Low, p.High)
		banded = banded || p.Low != nil || p.High != nil
	}
	if banded {
		t.Usual = v.opening(c.Usual)
	} else {
		t.Band = nil
	}
	if c.Goal != nil {
		values = append(values, c.Goal.Value)
	}
	t.Ticks = v.ticks(values)
	return t
}

// axis is a label on an axis, as short as can be understood.
func (v *Voice) axis(label card.Value) string {
	if label == nil {
		return ""
	}
	return v.tight().cell(label)
}

func (v *Voice) mark(l *card.Level) picture.Mark {
	if l == nil {
		return picture.Mark{Value: math.NaN()}
	}
	return picture.Mark{Value: drawn(l.Value), Label: v.opening(l.Label)}
}

func (v *Voice) bars(c card.Chart) picture.Picture {
	b := picture.Bars{Heading: v.heading(c), Current: v.opening(c.Current), Previous: v.opening(c.Earlier)}
	narrow := v.tight()
	for _, p := range c.Points {
		b.Bars = append(b.Bars, picture.Bar{
			Label: v.axis(p.Label),
			Value: drawn(p.Value), Text: narrow.value(p.Value),
			Previous: drawn(p.Earlier), PreviousText: narrow.value(p.Earlier),
		})
	}
	return b
}

func (v *Voice) ranking(c card.Chart) picture.Picture {
	r := picture.Ranking{Heading: v.heading(c), Median: v.mark(c.Goal)}
	for _, p := range c.Points {
		row := picture.Row{Name: v.cell(p.Label), Value: drawn(p.Value), Text: v.value(p.Value), Strong: p.Strong}
		if p.N != nil {
			row.N = v.word("chart.n", "n", v.Format(p.N))
		}
		r.Rows = append(r.Rows, row)
	}
	return r
}

func (v *Voice) heatmap(c card.Chart) picture.Picture {
	h := picture.Heatmap{Heading: v.heading(c), Peak: v.opening(c.Peak)}
	narrow := v.tight()
	for _, x := range c.RowHeads {
		h.Rows = append(h.Rows, v.axis(x))
	}
	for _, x := range c.ColumnHeads {
		h.Columns = append(h.Columns, v.axis(x))
	}
	var low, high card.Value
	for _, row := range c.Cells {
		var cells []picture.Cell
		for _, x := range row {
			cells = append(cells, picture.Cell{Value: drawn(x), Text: narrow.value(x)})
			if low == nil || drawn(x) < drawn(low) {
				low = x
			}
			if high == nil || drawn(x) > drawn(high) {
				high = x
			}
		}
		h.Cells = append(h.Cells, cells)
	}
	if low != nil {
		h.Low, h.High = narrow.Format(low), narrow.Format(high)
	}
	return h
}

// funnel: a card tells what is lost after a step, a picture what was lost before it.
func (v *Voice) funnel(c card.Chart) picture.Picture {
	f := picture.Funnel{Heading: v.heading(c)}
	for i, s := range c.Steps {
		step := picture.Step{Label: v.opening(s.Label), Value: drawn(s.Value), Text: v.value(s.Value)}
		if i > 0 {
			step.Lost = v.say(c.Steps[i-1].Lost)
		}
		if s.Share != nil {
			step.Share = v.Format(s.Share)
		}
		f.Steps = append(f.Steps, step)
	}
	return f
}

// mostTicks is how many labelled lines a chart has at most.
const mostTicks = 5

// ticks are the labelled lines of a chart's axis: round values of the kind that
// is drawn, from the lowest to the highest.
func (v *Voice) ticks(values []card.Value) []picture.Mark {
	var kind card.Value
	low, high := 0.0, 0.0
	for _, x := range values {
		if y, ok := scalar(x); ok {
			low, high, kind = min(low, y), max(high, y), x
		}
	}
	if kind == nil || high <= low {
		return nil
	}
	step := roundStep((high-low)/mostTicks, kind)
	var marks []picture.Mark
	for i := math.Ceil(low / step); i*step <= high && len(marks) <= 2*mostTicks; i++ {
		marks = append(marks, picture.Mark{Value: i * step, Label: v.tick(valued(kind, i*step))})
	}
	return marks
}

// tick is the label of a line; nothing has no unit.
func (v *Voice) tick(value card.Value) string {
	if x, _ := scalar(value); x == 0 {
		return "0"
	}
	return v.Format(value)
}

// roundStep returns the smallest round step that is not below the least.
func roundStep(least float64, kind card.Value) float64 {
	if _, ok := kind.(card.Duration); ok {
		for _, s := range durationSteps {
			if float64(s) >= least {
				return float64(s)
			}
		}
		return decimalStep(least/float64(day)) * float64(day)
	}
	if _, ok := kind.(card.Count); ok {
		least = max(least, 1)
	}
	return decimalStep(least)
}

// decimalStep returns the smallest of 1, 2, 5, 10, 20 … that is not below the least.
func decimalStep(least float64) float64 {
	base := math.Pow(10, math.Floor(math.Log10(least)))
	for _, f := range []float64{1, 2, 5} {
		if f*base >= least*(1-1e-9) {
			return f * base
		}
	}
	return 10 * base
}

// durationSteps are lengths that clocks have; never written to.
var durationSteps = [...]int64{
	second, 2 * second, 5 * second, 10 * second, 20 * second, 30 * second,
	minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 20 * minute, 30 * minute,
	hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day, 2 * day, 5 * day, 7 * day, 14 * day, 30 * day,
}

// valued returns x as a value of the kind of another.
func valued(kind card.Value, x float64) card.Value {
	switch k := kind.(type) {
	case card.Count:
		return card.Count(math.Round(x))
	case card.Share:
		return card.Share(x)
	case card.Ratio:
		return card.Ratio(x)
	case card.Duration:
		return card.Duration(math.Round(x))
	case card.Money:
		k.Micros = int64(math.Round(x))
		return k
	}
	return card.Number(x)
}
