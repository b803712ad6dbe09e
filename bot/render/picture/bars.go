package picture

// MaxBars is how many bars are drawn: the last ones.
const MaxBars = 60

// Bar is one period of a bar chart and, in a comparison, the one before it.
type Bar struct {
	Label        string  // below the bar: "9", "lun", "sem 12"
	Value        float64 // NaN or infinite: no bar
	Text         string  // the value as it is read
	Previous     float64 // drawn only if Bars.Previous is not empty
	PreviousText string  // written only where there is room
}

// Bars are upright bars, one a period. With Previous they come in pairs.
type Bars struct {
	Heading
	Bars     []Bar
	Current  string // legend of the bars, in a comparison: "esta semana"
	Previous string // legend of what they are compared with; empty: no comparison
}

func (b Bars) heading() Heading { return b.Heading }

func (b Bars) empty() bool {
	for _, r := range last(b.Bars, MaxBars) {
		if known(r.Value) || b.paired() && known(r.Previous) {
			return false
		}
	}
	return true
}

func (b Bars) paired() bool { return b.Previous != "" }

// columns is a bar chart laid out.
type columns struct {
	*canvas
	Bars
	tallest  span
	slot     float32 // from one bar to the next
	wide     float32 // of one bar
	st       style   // of the values
	turned   bool    // values stand upright
	only     bool    // only the highest value is written
	both     bool    // the previous values are written too
	base     int     // the line on which bars stand
	tall     float32 // of the highest bar
	headroom float32
}

func (b Bars) draw(c *canvas, y int) {
	b.Bars = last(b.Bars, MaxBars)
	if b.paired() {
		y = c.legend(y, entry{square(teal), b.Current}, entry{square(pale), b.Previous})
	}
	const high, labels = 640, 60
	g := columns{canvas: c, Bars: b, slot: float32(inner) / float32(len(b.Bars))}
	g.base = y + min(high, c.room(y)-labels)
	g.measure()
	g.tall = float32(g.base-y) - g.headroom
	c.rect(grey, left, g.base, right, g.base+3)
	for i := range b.Bars {
		g.bar(i)
	}
	for i := range b.Bars {
		g.values(i)
	}
	c.below(g.base, len(b.Bars), 0, g.x, func(i int) string { return b.Bars[i].Label })
	c.y = g.base + labels
}

// x is the middle of a bar or pair.
func (g *columns) x(i int) float32 { return left + (float32(i)+0.5)*g.slot }

// measure finds how wide bars are and how their values can be written.
func (g *columns) measure() {
	var text, previous float32 // widest, at 1 px a letter's height
	for i := range g.Bars.Bars {
		r := &g.Bars.Bars[i]
		g.tallest.add(r.Value)
		text = max(text, g.width(bold(100), g.short(r.Text))/100)
		if g.paired() {
			g.tallest.add(r.Previous)
			previous = max(previous, g.width(bold(100), g.short(r.PreviousText))/100)
		}
	}
	g.wide = min(g.slot*0.74, 104)
	if g.paired() {
		g.wide = min(g.slot*0.42, 92)
		g.both = g.fits(max(text, previous), g.wide-2)
	}
	if g.both || g.fits(text, g.slot-8) {
		g.headroom = g.st.size + 26
		return
	}
	g.st = bold(min(32, g.slot-6))
	g.turned, g.headroom = g.st.size >= 26, text*g.st.size+24
	if !g.turned || g.headroom > 240 {
		g.st, g.turned, g.only, g.headroom = bold(34), false, true, 64
	}
}

// short is a value as it is written on a bar.
func (g *columns) short(text string) plain { return g.within(bold(34), 300, g.clean(text)) }

// fits picks the largest size at which a text of that width fits.
func (g *columns) fits(text, wide float32) bool {
	for _, size := range [...]float32{38, 34, 30, 26} {
		if text*size <= wide {
			g.st = bold(size)
			return true
		}
	}
	return false
}

// bar draws one bar or pair, the previous at the left.
func (g *columns) bar(i int) {
	r, x := g.Bars.Bars[i], g.x(i)
	if !g.paired() {
		g.upright(teal, x-g.wide/2, r.Value)
		return
	}
	g.upright(pale, x-g.wide-1, r.Previous)
	g.upright(teal, x+1, r.Value)
}

// upright draws a bar; a value that is small but not nothing stays visible.
func (g *columns) upright(k ink, x float32, v float64) {
	if high := g.rise(v); high > 0 {
		g.pill(x, float32(g.base)-high, x+g.wide, float32(g.base), 12, 0)
		g.fill(k)
	}
}

func (g *columns) rise(v float64) float32 {
	share := g.tallest.share(v)
	if share == 0 {
		return 0
	}
	return max(float32(share)*g.tall, 5)
}

// values writes what a bar stands for above it.
func (g *columns) values(i int) {
	r, x := g.Bars.Bars[i], g.x(i)
	if g.only && !g.highest(i) || g.turned && g.tallest.share(r.Value) == 0 {
		return
	}
	if g.both {
		g.above(grey, x-g.wide/2-1, g.rise(r.Previous), r.PreviousText)
		g.above(black, x+g.wide/2+1, g.rise(r.Value), r.Text)
		return
	}
	high := g.rise(r.Value)
	if g.paired() {
		high = max(high, g.rise(r.Previous))
	}
	g.above(black, x, high, r.Text)
}

// highest tells whether no bar is higher and none before it as high: the one whose
// value is written when there is room for few.
func (g *columns) highest(i int) bool {
	v := g.Bars.Bars[i].Value
	for j, r := range g.Bars.Bars {
		if r.Value > v || r.Value == v && j < i {
			return false
		}
	}
	return known(v)
}

func (g *columns) above(k ink, x, high float32, text string) {
	s := g.short(text)
	y := float32(g.base) - high - 12
	if g.turned {
		g.textUp(g.st, k, x, y, s)
		return
	}
	w := g.width(g.st, s)
	x = min(max(x-w/2, left-20), right+20-w)
	g.text(g.st, k, x, y, s)
}
