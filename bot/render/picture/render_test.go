package picture

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func rgba(p *image.Paletted, i int) color.RGBA {
	return color.RGBAModel.Convert(p.Palette[p.Pix[i]]).(color.RGBA)
}

// count tells how many pixels have the colour of an ink.
func count(p *image.Paletted, k ink) (n int) {
	for i := range p.Pix {
		if rgba(p, i) == inks[k] {
			n++
		}
	}
	return n
}

func render(t testing.TB, p Picture) *image.Paletted {
	t.Helper()
	out, err := newRenderer(t).Render(p)
	require.NoError(t, err)
	return decode(t, out)
}

func TestRenderNothing(t *testing.T) {
	_, err := newRenderer(t).Render(nil)
	require.Error(t, err)
}

func TestRenderIsRepeatable(t *testing.T) {
	r := newRenderer(t)
	first := map[string][]byte{}
	for range 2 {
		for _, s := range samples() {
			out, err := r.Render(s.picture)
			require.NoError(t, err)
			if first[s.name] == nil {
				first[s.name] = out
			}
			require.Equal(t, first[s.name], out, s.name)
		}
	}
}

func TestRenderAtOnce(t *testing.T) {
	r := newRenderer(t)
	all := samples()
	want := make([][]byte, len(all))
	for i, s := range all {
		var err error
		want[i], err = r.Render(s.picture)
		require.NoError(t, err)
	}
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range all {
				k := (i + g*3) % len(all)
				out, err := r.Render(all[k].picture)
				assert.NoError(t, err)
				assert.Equal(t, want[k], out, all[k].name)
			}
		})
	}
	wg.Wait()
}

func TestPicturesAreSmallAndLight(t *testing.T) {
	r := newRenderer(t)
	for _, s := range samples() {
		var out []byte
		allocs := testing.AllocsPerRun(1, func() {
			var err error
			out, err = r.Render(s.picture)
			require.NoError(t, err)
		})
		require.LessOrEqual(t, allocs, 500.0, s.name)
		require.LessOrEqual(t, len(out), 150<<10, s.name)
		img := decode(t, out)
		require.Equal(t, Width, img.Rect.Dx(), s.name)
		require.LessOrEqual(t, img.Rect.Dy(), MaxHeight, s.name)
		require.True(t, img.Opaque(), s.name)
		require.Greater(t, count(img, paper), len(img.Pix)/4, s.name)
	}
}

// luminance and contrast are WCAG's.
func luminance(c color.RGBA) float64 {
	f := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*f(c.R) + 0.7152*f(c.G) + 0.0722*f(c.B)
}

func contrast(a, b ink) float64 {
	x, y := luminance(inks[a]), luminance(inks[b])
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestInksCanBeToldApart(t *testing.T) {
	for _, k := range []ink{black, grey} {
		require.GreaterOrEqual(t, contrast(k, paper), 7.0, "text %d", k)
	}
	require.GreaterOrEqual(t, contrast(white, deep), 7.0)
	for _, k := range []ink{teal, deep, accent} {
		require.GreaterOrEqual(t, contrast(k, paper), 4.5, "shape %d", k)
	}
	require.GreaterOrEqual(t, contrast(teal, pale), 2.5, "this period and the one before")
	for i := range ink(steps) {
		require.Greater(t, luminance(inks[scale0+i]), luminance(inks[scale0+i+1]), "tone %d", i)
	}
	for i := range ink(steps + 1) {
		require.GreaterOrEqual(t, contrast(on(scale0+i), scale0+i), 4.5, "text on tone %d", i)
	}
}

func TestEmptyPicturesSaySo(t *testing.T) {
	h := Heading{Title: "T", Empty: "Sin datos"}
	gaps := []float64{math.NaN(), math.Inf(1), math.Inf(-1)}
	points := make([]Point, 500)
	for i := range points {
		points[i].Value = gaps[i%3]
	}
	points[0].Value = 7 // before the last MaxPoints, so not drawn
	for name, p := range map[string]Picture{
		"no points":       Trend{Heading: h},
		"only gaps":       Trend{Heading: h, Points: points},
		"no bars":         Bars{Heading: h, Previous: "antes"},
		"bar of nothing":  Bars{Heading: h, Bars: []Bar{{Value: gaps[0], Previous: 3}}},
		"no rows":         Ranking{Heading: h, Median: Mark{3, "mediana"}},
		"rows of nothing": Ranking{Heading: h, Rows: []Row{{Name: "Ana", Value: gaps[1]}}},
		"no cells":        Heatmap{Heading: h, Rows: []string{"lun"}, Columns: []string{"9"}},
		"no columns":      Heatmap{Heading: h, Rows: []string{"lun"}, Cells: [][]Cell{{{Value: 3}}}},
		"no steps":        Funnel{Heading: h},
	} {
		t.Run(name, func(t *testing.T) {
			got := render(t, p)
			require.Equal(t, render(t, Trend{Heading: h}).Pix, got.Pix)
			require.Positive(t, count(got, black))
		})
	}
}

func TestBarsGrowWithTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := span{}
		a := rapid.Float64().Draw(t, "a")
		b := rapid.Float64().Draw(t, "b")
		s.add(a)
		s.add(b)
		for _, v := range []float64{a, b} {
			if x := s.share(v); x < 0 || x > 1 || math.IsNaN(x) {
				t.Fatalf("share of %v is %v", v, x)
			}
		}
		if a <= b && s.share(tame(a)) > s.share(tame(b)) {
			t.Fatalf("%v ≤ %v, yet %v > %v", a, b, s.share(a), s.share(b))
		}
	})
}

func TestAxisHoldsItsValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64(), 1, 9).Draw(t, "values")
		var s span
		for _, v := range values {
			s.add(v)
		}
		a := newAxis(s, 100, 700)
		for _, v := range values {
			if y := a.at(v); y < 99.9 || y > 700.1 || y != y {
				t.Fatalf("%v of %v stands at %v", v, values, y)
			}
		}
	})
}

func TestAxisBeginsAtZeroUnlessFarAboveIt(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		zero      bool
	}{{0, 0, true}, {5, 100, true}, {60, 100, true}, {92, 96, false}, {-4, 9, true}, {-4, -1, true}} {
		var s span
		s.add(c.low)
		s.add(c.high)
		a := newAxis(s, 0, 600)
		require.Equal(t, c.zero, a.zero, "%v", c)
		if !c.zero {
			moved := float64(a.at(c.low) - a.at(c.high))
			require.InDelta(t, 600*(c.high-c.low)/(c.high*closest), moved, 0.1, "a small change looks small")
		}
	}
}

// width of the bar in the row of pixels y, which must be drawn in that ink.
func run(p *image.Paletted, k ink, y int) (n int) {
	for x := range Width {
		if rgba(p, y*Width+x) == inks[k] {
			n++
		}
	}
	return n
}

func TestRankingBarsKeepProportion(t *testing.T) {
	img := render(t, Ranking{Rows: []Row{{Name: "Ana", Value: 200, Text: "200"}, {Name: "Luz", Value: 50, Text: "50"}}})
	var widths []int
	for y := 60; y < img.Rect.Dy(); y++ {
		if n := run(img, teal, y); n > 100 && run(img, teal, y-1) == n && run(img, teal, y-2) == n &&
			(len(widths) == 0 || widths[len(widths)-1] != n) {
			widths = append(widths, n)
		}
	}
	require.GreaterOrEqual(t, len(widths), 2)
	require.InDelta(t, inner, widths[0], 2)
	require.InDelta(t, inner/4, widths[len(widths)-1], 2)
}

func TestGapsBreakTheLine(t *testing.T) {
	points := make([]Point, 9)
	for i := range points {
		points[i].Value = 10
	}
	const strip = 14 * Width // along the top
	whole := count(render(t, Trend{Points: points}), teal) - strip
	for _, gap := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		points[4].Value = gap
		broken := count(render(t, Trend{Points: points}), teal) - strip
		require.InDelta(t, 0.75, float64(broken)/float64(whole), 0.05, "two of eight pieces are gone")
	}
}

func TestOnlyTheHighestCellIsOutlined(t *testing.T) {
	h := Heatmap{
		Rows: []string{"lun", "mar"}, Columns: []string{"9", "10", "11"},
		Cells: [][]Cell{{{Value: 3}, {Value: 9}}, {{Value: 9}, {Value: math.NaN()}}},
	}
	img := render(t, h)
	ring := count(img, accent)
	require.Positive(t, ring)
	h.Cells[1][0].Value = 2
	require.Equal(t, ring, count(render(t, h), accent), "of equals only the first has a ring")
	h.Cells = [][]Cell{{{Value: 0}, {Value: 0}}}
	require.Zero(t, count(render(t, h), accent), "nothing is no peak")
}

func TestMarksAreDrawnOnlyWhenKnown(t *testing.T) {
	trend := Trend{Points: []Point{{Value: 3}, {Value: 4}}}
	for _, m := range []Mark{{}, {5, ""}, {math.NaN(), "objetivo"}} {
		trend.Goal = m
		require.Zero(t, count(render(t, trend), accent), "%v", m)
	}
	trend.Goal = Mark{5, "objetivo"}
	require.Positive(t, count(render(t, trend), accent))
}

func TestMoreThanFits(t *testing.T) {
	r := newRenderer(t)
	long := Trend{}
	for i := range 2000 {
		long.Points = append(long.Points, Point{fmt.Sprint(i), float64(i % 9), "x"})
		long.Band = append(long.Band, Range{1, 5})
	}
	short := Trend{Points: long.Points[2000-MaxPoints:], Band: long.Band[:MaxPoints]}
	a, err := r.Render(long)
	require.NoError(t, err)
	b, err := r.Render(short)
	require.NoError(t, err)
	require.Equal(t, b, a, "the last points are drawn")

	many := Ranking{Rows: make([]Row, 300)}
	for i := range many.Rows {
		many.Rows[i] = Row{Name: fmt.Sprint(i), Value: float64(300 - i)}
	}
	a, err = r.Render(many)
	require.NoError(t, err)
	b, err = r.Render(Ranking{Rows: many.Rows[:MaxRows]})
	require.NoError(t, err)
	require.Equal(t, b, a, "the first rows are drawn")
}

func BenchmarkRender(b *testing.B) {
	r := newRenderer(b)
	for _, s := range samples() {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				out, err := r.Render(s.picture)
				if err != nil {
					b.Fatal(err)
				}
				n = len(out)
			}
			b.ReportMetric(float64(n), "bytes")
		})
	}
}
