package picture

import "math"

// MaxPoints is how many points of a trend are drawn: the last ones.
const MaxPoints = 400

// Point is one value of a line.
type Point struct {
	Label string  // on the time axis: "lun 2", "14 mar"
	Value float64 // NaN or infinite: a gap in the line
	Text  string  // the value as it is read: "4 min 10 s"
}

// Range is what is usual at a point. A bound that is NaN leaves the band open there.
type Range struct{ Low, High float64 }

// Mark is a value of its own on a chart's axis, and what it is called. It is
// drawn if it has a label and its value is a number.
type Mark struct {
	Value float64
	Label string
}

func (m Mark) drawn() bool { return m.Label != "" && known(m.Value) }

// Trend is a line over time. The highest, the lowest and the last value are
// written beside their points.
type Trend struct {
	Heading
	Points []Point
	Line   string  // what the line is, for the legend
	Band   []Range // the usual range, point by point; may be shorter than Points
	Usual  string  // what the band is, for the legend: "lo habitual"
	Goal   Mark    // a level across the chart, such as the target
	Ticks  []Mark  // labelled grid lines; without them the grid has no labels
}

func (t Trend) heading() Heading { return t.Heading }

func (t Trend) empty() bool {
	for _, p := range last(t.Points, MaxPoints) {
		if known(p.Value) {
			return false
		}
	}
	return true
}

// plot is a trend laid out: where its points are.
type plot struct {
	*canvas
	Trend
	axis
	x0, x1 float32
	thick  float32
}

func (t Trend) draw(c *canvas, y int) {
	if extra := len(t.Points) - MaxPoints; extra > 0 {
		t.Points = t.Points[extra:]
		t.Band = t.Band[min(extra, len(t.Band)):]
	}
	t.Band = first(t.Band, len(t.Points))
	y = t.legend(c, y)
	const high, labels = 580, 60
	top := y + headroom
	bottom := top + min(high, c.room(top)-labels)
	p := plot{canvas: c, Trend: t, axis: newAxis(t.span(), float64(top), float64(bottom))}
	p.x0, p.x1 = left+p.grid()+10, right-10
	p.thick = thickness(len(t.Points))
	p.band()
	p.rules()
	p.goal()
	p.line()
	p.marks()
	c.below(bottom, len(t.Points), len(t.Points)-1, p.x, func(i int) string { return t.Points[i].Label })
	c.y = bottom + labels
}

func (t Trend) legend(c *canvas, y int) int {
	usual, goal := t.Usual, t.Goal.Label
	if len(t.Band) == 0 {
		usual = ""
	}
	if !t.Goal.drawn() {
		goal = ""
	}
	line := t.Line
	if usual == "" && goal == "" {
		line = ""
	}
	return c.legend(y, entry{solid, line}, entry{square(wash), usual}, entry{dashed, goal})
}

// span is the range of all that is drawn.
func (t Trend) span() span {
	var s span
	for _, p := range t.Points {
		s.add(p.Value)
	}
	for _, r := range t.Band {
		s.add(r.Low)
		s.add(r.High)
	}
	for _, m := range t.Ticks {
		s.add(m.Value)
	}
	if t.Goal.drawn() {
		s.add(t.Goal.Value)
	}
	return s
}

func thickness(points int) float32 {
	switch {
	case points <= 60:
		return 8
	case points <= 180:
		return 6
	default:
		return 4
	}
}

// x is the column of a point: the first at the left end, the last at the right.
func (p *plot) x(i int) float32 {
	if len(p.Points) == 1 {
		return (p.x0 + p.x1) / 2
	}
	return p.x0 + float32(i)*(p.x1-p.x0)/float32(len(p.Points)-1)
}

// grid is how wide the labels of the ticks are.
func (p *plot) grid() float32 {
	var wide float32
	for _, m := range p.Ticks {
		if known(m.Value) {
			wide = max(wide, p.width(noteStyle, p.tick(m))+16)
		}
	}
	return wide
}

func (p *plot) tick(m Mark) plain { return p.within(noteStyle, 180, p.clean(m.Label)) }

// rules draws the ticks and the line of nothing; far above it, a faint ground.
func (p *plot) rules() {
	last := float32(-1000)
	for _, m := range p.Ticks {
		if !known(m.Value) {
			continue
		}
		y := p.at(m.Value)
		p.rect(rule, int(p.x0)-10, int(y)-1, right, int(y)+1)
		if max(y-last, last-y) > noteStyle.size {
			p.textEnd(noteStyle, grey, p.x0-26, y+noteStyle.capital()/2, p.tick(m))
			last = y
		}
	}
	k, y := rule, int(p.bottom)
	if p.zero {
		k, y = grey, int(p.at(0))
	}
	p.rect(k, int(p.x0)-10, y-1, right, y+2)
}

// band paints what is usual, in pieces where it is known.
func (p *plot) band() {
	for i := 0; i < len(p.Band); i++ {
		from := i
		for i < len(p.Band) && p.usual(i) {
			i++
		}
		if i-from > 1 {
			p.strip(from, i)
		}
	}
}

func (p *plot) usual(i int) bool { return known(p.Band[i].Low) && known(p.Band[i].High) }

// strip paints the band from one point to the one before another.
func (p *plot) strip(from, to int) {
	p.moveTo(p.x(from), p.at(p.Band[from].High))
	for i := from + 1; i < to; i++ {
		p.lineTo(p.x(i), p.at(p.Band[i].High))
	}
	for i := to - 1; i >= from; i-- {
		p.lineTo(p.x(i), p.at(p.Band[i].Low))
	}
	p.fill(wash)
}

func (p *plot) goal() {
	if y := p.at(p.Goal.Value); p.Goal.drawn() {
		p.dashes(accent, p.x0-10, y, right, y)
	}
}

// line draws the line, broken at gaps; a point between two gaps is a dot.
func (p *plot) line() {
	for i := range p.Points {
		if !known(p.Points[i].Value) {
			continue
		}
		x, y := p.x(i), p.at(p.Points[i].Value)
		dot := p.thick / 2
		if i > 0 && known(p.Points[i-1].Value) {
			p.stroke(p.x(i-1), p.at(p.Points[i-1].Value), x, y, p.thick)
		} else if i+1 == len(p.Points) || !known(p.Points[i+1].Value) {
			dot = p.thick
		}
		p.disc(x, y, dot)
	}
	p.fill(teal)
}

// area of a text that is in nobody else's way.
type box struct{ x0, y0, x1, y1 float32 }

func (b box) meets(o box) bool {
	return b.x0 < o.x1 && o.x0 < b.x1 && b.y0 < o.y1 && o.y0 < b.y1
}

func (b box) holds(x, y float32) bool {
	return x > b.x0 && x < b.x1 && y > b.y0 && y < b.y1
}

// valueStyle is of the values beside points, fewStyle where each point has one.
var (
	valueStyle = bold(38)
	fewStyle   = bold(32)
)

// marks writes the last, the highest and the lowest value beside their points, or
// all of them if there is room; the last one in a pill.
func (p *plot) marks() {
	last, high, low := p.notable()
	st, all := valueStyle, p.few()
	if all {
		st = fewStyle
	}
	chosen := func(i int) bool {
		return known(p.Points[i].Value) && i != last && (all || i == high || i == low)
	}
	for i := range p.Points {
		if chosen(i) {
			p.spot(i, 10)
		}
	}
	p.spot(last, 13)
	p.value(last, valueStyle, true)
	for i := range p.Points {
		if chosen(i) {
			p.value(i, st, false)
		}
	}
}

// few tells whether there are so few points that each one's value has room.
func (p *plot) few() bool {
	between := float32(inner)
	if n := len(p.Points); n > 1 {
		between = p.x(1) - p.x(0)
	}
	for _, q := range p.Points {
		if between < 60 || p.width(fewStyle, p.clean(q.Text)) > between-14 {
			return false
		}
	}
	return true
}

// notable are the last, the highest and the lowest known point; equals give the
// last of them.
func (p *plot) notable() (last, high, low int) {
	high, low = -1, -1
	for i, q := range p.Points {
		if !known(q.Value) {
			continue
		}
		if last = i; high < 0 || q.Value >= p.Points[high].Value {
			high = i
		}
		if low < 0 || q.Value <= p.Points[low].Value {
			low = i
		}
	}
	return last, high, low
}

// spot draws a point's dot and keeps its place.
func (p *plot) spot(i int, r float32) {
	x, y := p.x(i), p.at(p.Points[i].Value)
	p.disc(x, y, r+5)
	p.fill(paper)
	p.disc(x, y, r)
	p.fill(deep)
	p.taken = append(p.taken, box{x - r, y - r, x + r, y + r})
}

// value writes a point's text where it hides least.
func (p *plot) value(i int, st style, filled bool) {
	s := p.within(st, inner/2, p.clean(p.Points[i].Text))
	if s == "" {
		return
	}
	pad := float32(6)
	if filled {
		pad = 16
	}
	b := p.room(i, p.width(st, s)+2*pad, st.capital()+2*pad)
	p.taken = append(p.taken, b)
	x, base := b.x0+pad, b.y1-pad
	if filled {
		p.box(deep, b.x0, b.y0, b.x1, b.y1, 16)
		p.text(st, white, x, base, s)
		return
	}
	p.halo(st, x, base, s)
	p.text(st, black, x, base, s)
}

// room finds a place for a box near a point: above, below or to a side, without
// meeting another box, over as little of the line as can be.
func (p *plot) room(i int, w, h float32) (best box) {
	const off = 20
	x, y := p.x(i), p.at(p.Points[i].Value)
	least := math.MaxInt
	for n, at := range [...][2]float32{
		{-w / 2, -h - off}, {-w / 2, off},
		{-w - off, -h / 2}, {off, -h / 2},
		{-w - off, -h - off}, {off, -h - off},
		{-w - off, off}, {off, off},
		{-w / 2, -h - 3*off}, {-w / 2, 3 * off},
	} {
		b := p.inside(box{x + at[0], y + at[1], x + at[0] + w, y + at[1] + h})
		if cost := p.cost(b)*16 + n; cost < least {
			least, best = cost, b
		}
	}
	return best
}

// headroom is kept above the highest point for its value.
const headroom = 76

// inside moves a box into the chart, or a little beside it.
func (p *plot) inside(b box) box {
	const beside = 36
	dx := max(left-beside-b.x0, 0) - max(b.x1-right-beside, 0)
	dy := max(float32(p.top)-headroom-b.y0, 0) - max(b.y1-float32(p.bottom)+6, 0)
	return box{b.x0 + dx, b.y0 + dy, b.x1 + dx, b.y1 + dy}
}

// cost counts what a box would hide: other boxes above all, then parts of the line.
func (p *plot) cost(b box) (n int) {
	for _, t := range p.taken {
		if b.meets(t) {
			n += 1000
		}
	}
	for i := 1; i < len(p.Points); i++ {
		v, w := p.Points[i-1].Value, p.Points[i].Value
		if !known(v) || !known(w) || p.x(i) < b.x0 || p.x(i-1) > b.x1 {
			continue
		}
		n += p.crossed(b, p.x(i-1), p.at(v), p.x(i), p.at(w))
	}
	return n
}

// crossed is how much of a piece of the line lies in a box, in eighths.
func (p *plot) crossed(b box, x0, y0, x1, y1 float32) (n int) {
	for k := range 8 {
		at := (float32(k) + 0.5) / 8
		if b.holds(x0+(x1-x0)*at, y0+(y1-y0)*at) {
			n++
		}
	}
	return n
}

// below writes the labels of n places under the line y: as many as fit, evenly,
// the one at anchor among them.
func (c *canvas) below(y, n, anchor int, x func(int) float32, label func(int) string) {
	var widest float32
	for i := range n {
		widest = max(widest, c.width(labelStyle, c.under(label(i))))
	}
	step := 1
	if n > 1 {
		between := (x(n-1) - x(0)) / float32(n-1)
		for step < n && between*float32(step) < widest+18 {
			step++
		}
	}
	edge := float32(Width)
	for i := n - 1 - (n-1-anchor)%step; i >= 0; i -= step {
		s := c.under(label(i))
		w := c.width(labelStyle, s)
		at := min(max(x(i)-w/2, left-30), right+30-w)
		if at+w+12 > edge {
			continue
		}
		c.text(labelStyle, grey, at, float32(y)+26+labelStyle.capital(), s)
		edge = at
	}
}

// under is a label of the axis as it is written.
func (c *canvas) under(label string) plain { return c.within(labelStyle, 220, c.clean(label)) }
