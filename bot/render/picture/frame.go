package picture

// The measures of the frame, in pixels of a picture Width wide.
const (
	margin = 56
	inner  = Width - 2*margin // between the margins
	left   = margin
	right  = Width - margin
)

// The texts of the frame.
var (
	titleStyle    = bold(58)
	subtitleStyle = medium(35)
	labelStyle    = medium(30)
	noteStyle     = medium(28)
	emptyStyle    = medium(40)
)

// head draws title and subtitle and returns the first line below them.
func (c *canvas) head(h Heading) int {
	c.rect(teal, 0, 0, Width, 14)
	y := 56
	y = c.lines(titleStyle, black, y, 2, h.Title)
	if h.Subtitle != "" {
		y = c.lines(subtitleStyle, grey, y+8, 2, h.Subtitle)
	}
	return y + 32
}

// lines draws a wrapped text from y on and returns the first line below it.
func (c *canvas) lines(st style, k ink, y, most int, text string) int {
	for _, s := range c.wrap(st, inner, most, c.clean(text)) {
		c.text(st, k, left, float32(y)+st.capital()+st.size*0.14, s)
		y += st.line()
	}
	return y
}

const noteLines = 3

// noteHeight is how many lines of pixels the note and the lower margin take.
func (c *canvas) noteHeight(note string) int {
	n := len(c.wrap(noteStyle, inner, noteLines, c.clean(note)))
	if n == 0 {
		return 44
	}
	return 72 + n*noteStyle.line()
}

// note draws the small print below the chart and moves the cursor to the end.
func (c *canvas) note(note string) {
	end := min(c.y+c.foot, MaxHeight)
	c.lines(noteStyle, grey, end-c.foot+32, noteLines, note)
	c.y = end
}

// room is how many lines of pixels are left from y on for a chart.
func (c *canvas) room(y int) int { return MaxHeight - c.foot - y }

// nothing draws, in place of a chart, a panel that says so.
func (c *canvas) nothing(y int, text string) {
	const high = 420
	c.box(scale0, left, float32(y), right, float32(y+high), 28)
	for i, h := range [...]float32{44, 84, 60} {
		x := float32(Width/2 - 66 + i*48)
		base := float32(y + 170)
		c.box(pale, x, base-h, x+36, base, 10)
	}
	at := y + 260
	for _, s := range c.wrap(emptyStyle, inner-120, 2, c.clean(text)) {
		c.textMid(emptyStyle, black, Width/2, float32(at), s)
		at += emptyStyle.line()
	}
	c.y = y + high
}

// swatch paints the sign of a legend entry around its middle, at most 42 px wide.
type swatch func(c *canvas, x, y float32)

func square(k ink) swatch {
	return func(c *canvas, x, y float32) { c.box(k, x-21, y-15, x+21, y+15, 8) }
}

func dashed(c *canvas, x, y float32) { c.dashes(accent, x-21, y, x+21, y) }

func solid(c *canvas, x, y float32) { c.box(teal, x-21, y-4, x+21, y+4, 4) }

func stem(c *canvas, x, y float32) {
	c.box(track, x-21, y-11, x+21, y+11, 8)
	c.box(accent, x-3.5, y-18, x+3.5, y+18, 3.5)
}

func ringed(c *canvas, x, y float32) { c.ring(accent, x-15, y-11, x+15, y+11, 6, 6) }

// entry is one sign of a legend and what it means.
type entry struct {
	sign swatch
	text string
}

// legend draws the entries that have a text, as many lines as they need, and
// returns the first line below them.
func (c *canvas) legend(y int, entries ...entry) int {
	const sign, gap, high = 58, 44, 52
	x, any := float32(left), false
	for _, e := range entries {
		s := c.within(labelStyle, inner-sign, c.clean(e.text))
		if s == "" {
			continue
		}
		w := sign + c.width(labelStyle, s)
		if any && x+w > right {
			x, y = left, y+high
		}
		mid := float32(y + high/2)
		e.sign(c, x+21, mid)
		c.text(labelStyle, grey, x+sign, mid+labelStyle.capital()/2, s)
		x, any = x+w+gap, true
	}
	if !any {
		return y
	}
	return y + high + 12
}
