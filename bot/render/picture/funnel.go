package picture

// MaxSteps is how many steps of a funnel are drawn: the first ones.
const MaxSteps = 8

// Step is one step of a funnel.
type Step struct {
	Label string  // "Entregados"
	Value float64 // NaN or infinite: no bar
	Text  string  // the value as it is read: "1.204"
	Share string  // of the first step, as it is read: "96 %"
	Lost  string  // what happened since the step before: "−52 sin entregar"
}

// Funnel is what is left of a number step by step: sent, delivered, read. The
// bars share one scale; a step may be larger than the one before.
type Funnel struct {
	Heading
	Steps []Step
}

func (f Funnel) heading() Heading { return f.Heading }

func (f Funnel) empty() bool {
	for _, s := range first(f.Steps, MaxSteps) {
		if known(s.Value) {
			return false
		}
	}
	return true
}

// stages is a funnel laid out.
type stages struct {
	*canvas
	Funnel
	largest  span
	bar, way float32 // heights of a bar and of the way to the next
}

var (
	stepStyle  = medium(40)
	countStyle = bold(46)
	shareStyle = medium(36)
	lostStyle  = medium(30)
)

// caption is the height of the texts above a bar.
const caption = 64

func (f Funnel) draw(c *canvas, y int) {
	f.Steps = first(f.Steps, MaxSteps)
	const bar, way = 84, 76
	g := stages{canvas: c, Funnel: f}
	n := float32(len(f.Steps))
	fit := min((float32(c.room(y))-n*caption)/(n*bar+(n-1)*way), 1)
	g.bar, g.way = bar*fit, way*fit
	for _, s := range f.Steps {
		g.largest.add(s.Value)
	}
	at := float32(y)
	for i := range f.Steps {
		at = g.step(i, at)
	}
	c.y = int(at) + 8
}

// step draws a step from y on and returns where the next begins.
func (g *stages) step(i int, y float32) float32 {
	g.captions(g.Steps[i], y+8+countStyle.capital())
	top := y + caption
	bottom := top + g.bar
	g.box(track, left, top, right, bottom, 14)
	if x := g.reach(i); x > left {
		g.box(teal, left, top, x, bottom, 14)
	}
	if i+1 == len(g.Steps) {
		return bottom
	}
	mid := bottom + g.way/2
	if s := g.within(lostStyle, inner-80, g.clean(g.Steps[i+1].Lost)); s != "" {
		g.arrow(left+20, mid)
		g.text(lostStyle, grey, left+56, mid+lostStyle.capital()/2, s)
	}
	return bottom + g.way
}

// captions writes label, share and count.
func (g *stages) captions(s Step, base float32) {
	x := float32(right)
	count := g.within(countStyle, 400, g.clean(s.Text))
	g.textEnd(countStyle, black, x, base, count)
	x -= g.width(countStyle, count) + 24
	if share := g.within(shareStyle, 240, g.clean(s.Share)); share != "" {
		g.textEnd(shareStyle, grey, x, base, share)
		x -= g.width(shareStyle, share) + 24
	}
	g.text(stepStyle, black, left, base, g.within(stepStyle, x-left, g.clean(s.Label)))
}

// reach is the right end of a step's bar.
func (g *stages) reach(i int) float32 {
	share := float32(g.largest.share(g.Steps[i].Value))
	if share == 0 {
		return left
	}
	return left + max(share*inner, 14)
}

// arrow draws a small arrow downwards, its middle at x and y.
func (g *stages) arrow(x, y float32) {
	g.moveTo(x-14, y-8)
	g.lineTo(x+14, y-8)
	g.lineTo(x, y+12)
	g.fill(pale)
}
