package picture

import (
	"bytes"
	"encoding/binary"
	"image/png"
	"math"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// feed makes values and texts out of fuzzed bytes, again and again the same.
type feed struct {
	data []byte
	text string
	at   int
}

func (f *feed) value() float64 {
	if len(f.data) == 0 {
		return nan
	}
	var b [8]byte
	for i := range b {
		b[i] = f.data[(f.at+i)%len(f.data)]
	}
	f.at += 3
	if b[0]%2 == 0 { // an ordinary number
		return float64(int16(binary.LittleEndian.Uint16(b[1:])))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b[:]))
}

func (f *feed) string() string {
	f.at++
	n := utf8.RuneCountInString(f.text)
	if n == 0 {
		return ""
	}
	r := []rune(f.text)
	return string(r[f.at%n:])
}

func (f *feed) mark() Mark { return Mark{f.value(), f.string()} }

func (f *feed) heading() Heading {
	return Heading{f.string(), f.string(), f.string(), f.string()}
}

// picture of a kind, with about n values.
func (f *feed) picture(kind uint8, n int) Picture {
	switch kind % 5 {
	case 0:
		t := Trend{Heading: f.heading(), Line: f.string(), Usual: f.string(), Goal: f.mark()}
		for i := range n {
			t.Points = append(t.Points, Point{f.string(), f.value(), f.string()})
			if i%7 < 5 {
				t.Band = append(t.Band, Range{f.value(), f.value()})
			}
			if i%11 == 0 {
				t.Ticks = append(t.Ticks, f.mark())
			}
		}
		return t
	case 1:
		b := Bars{Heading: f.heading(), Current: f.string(), Previous: f.string()}
		for range n {
			b.Bars = append(b.Bars, Bar{f.string(), f.value(), f.string(), f.value(), f.string()})
		}
		return b
	case 2:
		r := Ranking{Heading: f.heading(), Median: f.mark()}
		for i := range n {
			r.Rows = append(r.Rows, Row{f.string(), f.value(), f.string(), f.string(), i%5 == 4})
		}
		return r
	case 3:
		return f.heatmap(n)
	default:
		u := Funnel{Heading: f.heading()}
		for range n {
			u.Steps = append(u.Steps, Step{f.string(), f.value(), f.string(), f.string(), f.string()})
		}
		return u
	}
}

func (f *feed) heatmap(n int) Heatmap {
	h := Heatmap{Heading: f.heading(), Low: f.string(), High: f.string(), Peak: f.string()}
	for range n % 40 {
		h.Rows = append(h.Rows, f.string())
		var row []Cell
		for range n / 7 % 40 {
			row = append(row, Cell{f.value(), f.string()})
		}
		h.Cells = append(h.Cells, row[:len(row)*(len(h.Rows)%3+1)/3])
	}
	for range n / 5 % 40 {
		h.Columns = append(h.Columns, f.string())
	}
	return h
}

func FuzzRender(f *testing.F) {
	r := newRenderer(f)
	f.Fuzz(func(t *testing.T, kind uint8, n uint16, text string, data []byte) {
		in := feed{data: data, text: text}
		out, err := r.Render(in.picture(kind, int(n)%500))
		require.NoError(t, err)
		cfg, err := png.DecodeConfig(bytes.NewReader(out))
		require.NoError(t, err)
		require.Equal(t, Width, cfg.Width)
		require.LessOrEqual(t, cfg.Height, MaxHeight)
	})
}

func FuzzClean(f *testing.F) {
	c := testCanvas(f)
	f.Fuzz(func(t *testing.T, text string) {
		requirePlain(t, c, text)
		for _, s := range c.wrap(titleStyle, inner, 2, c.clean(text)) {
			require.LessOrEqual(t, c.width(titleStyle, s), float32(inner))
		}
	})
}
