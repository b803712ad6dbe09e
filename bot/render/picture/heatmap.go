package picture

// MaxFields is how many rows and how many columns of a heatmap are drawn: the
// first ones.
const MaxFields = 31

// Cell is one field of a heatmap.
type Cell struct {
	Value float64 // NaN or infinite: not known, drawn as an outline
	Text  string  // the value as it is read; written if the texts of all cells fit
}

// Heatmap is a table in tones of teal, such as weekdays × hours. The highest
// cell, the first of equals, is outlined.
type Heatmap struct {
	Heading
	Rows, Columns []string // labels; there are as many rows and columns as labels
	Cells         [][]Cell // by row, then column; a missing cell is not known
	Low, High     string   // the ends of the scale: "0", "128"
	Peak          string   // what the outlined cell is: "hora pico: vie 11 h, 128"
}

func (h Heatmap) heading() Heading { return h.Heading }

func (h Heatmap) empty() bool {
	for row := range first(h.Rows, MaxFields) {
		for col := range first(h.Columns, MaxFields) {
			if v, _ := h.at(row, col); known(v) {
				return false
			}
		}
	}
	return true
}

// at is a cell's value and text.
func (h Heatmap) at(row, col int) (float64, string) {
	if row >= len(h.Cells) || col >= len(h.Cells[row]) {
		return nan, ""
	}
	return h.Cells[row][col].Value, h.Cells[row][col].Text
}

// fields is a heatmap laid out.
type fields struct {
	*canvas
	Heatmap
	highest    span
	row, col   int     // of the highest
	x, y       float32 // of the first cell
	wide, tall float32 // from one cell to the next
	st         style   // of the cells' texts; size 0: not written
}

// A heatmap takes more width than other pictures, so that 24 columns hold figures.
const (
	heatLeft  = left
	heatRight = Width - 28
	gap       = 3 // between cells
)

func (h Heatmap) draw(c *canvas, y int) {
	h.Rows = first(h.Rows, MaxFields)
	h.Columns = first(h.Columns, MaxFields)
	const header, legend = 48, 150
	g := fields{canvas: c, Heatmap: h, y: float32(y + header)}
	g.x = heatLeft + g.labels()
	g.wide = (heatRight - g.x) / float32(len(h.Columns))
	g.tall = min(float32(c.room(y)-header-legend)/float32(len(h.Rows)), 88)
	g.measure()
	g.headers()
	for row := range h.Rows {
		for col := range h.Columns {
			g.cell(row, col)
		}
	}
	g.outline()
	end := int(g.y+g.tall*float32(len(h.Rows))) + 24
	c.y = g.scale(end)
}

// labels is how wide the rows' labels are.
func (g *fields) labels() (wide float32) {
	for _, s := range g.Rows {
		wide = max(wide, g.width(labelStyle, g.label(s)))
	}
	return wide + 12
}

func (g *fields) label(s string) plain { return g.within(labelStyle, 200, g.clean(s)) }

// measure finds the highest cell and whether texts fit.
func (g *fields) measure() {
	var widest float32
	for row := range g.Rows {
		for col := range g.Columns {
			v, text := g.at(row, col)
			if known(v) && (!g.highest.any || tame(v) > g.highest.high) {
				g.row, g.col = row, col
			}
			g.highest.add(v)
			widest = max(widest, g.width(medium(100), g.clean(text))/100)
		}
	}
	for _, size := range [...]float32{34, 30, 28, 26, 24} {
		if widest*size <= g.wide-gap-2 && size <= g.tall*0.8 {
			g.st = medium(size)
			return
		}
	}
}

// headers writes the columns' labels, as many as fit, and the rows'.
func (g *fields) headers() {
	var widest float32
	for _, s := range g.Columns {
		widest = max(widest, g.width(labelStyle, g.label(s)))
	}
	step := 1
	for step < len(g.Columns) && widest+14 > g.wide*float32(step) {
		step++
	}
	for i := 0; i < len(g.Columns); i += step {
		s := g.label(g.Columns[i])
		x := g.x + (float32(i)+0.5)*g.wide - g.width(labelStyle, s)/2
		g.text(labelStyle, grey, min(x, heatRight+10-g.width(labelStyle, s)), g.y-16, s)
	}
	for i, s := range g.Rows {
		mid := g.y + (float32(i)+0.5)*g.tall - gap/2
		g.text(labelStyle, grey, heatLeft, mid+labelStyle.capital()/2, g.label(s))
	}
}

// corners of a cell.
func (g *fields) corners(row, col int) (x0, y0, x1, y1 float32) {
	x0, y0 = g.x+float32(col)*g.wide, g.y+float32(row)*g.tall
	return x0, y0, x0 + g.wide - gap, y0 + g.tall - gap
}

const cellRadius = 7

func (g *fields) cell(row, col int) {
	v, _ := g.at(row, col)
	x0, y0, x1, y1 := g.corners(row, col)
	if !known(v) {
		g.ring(rule, x0+3, y0+3, x1-3, y1-3, cellRadius-3, 3)
		return
	}
	g.box(g.tone(v), x0, y0, x1, y1, cellRadius)
	g.value(row, col)
}

// value writes a cell's text, if texts are written.
func (g *fields) value(row, col int) {
	if g.st.size > 0 {
		v, text := g.at(row, col)
		x0, y0, x1, y1 := g.corners(row, col)
		g.textMid(g.st, on(g.tone(v)), (x0+x1)/2, (y0+y1+g.st.capital())/2, g.clean(text))
	}
}

// tone is the colour of a value: its own for nothing, then even steps.
func (g *fields) tone(v float64) ink {
	share := g.highest.share(v)
	if share == 0 {
		return scale0
	}
	return scale0 + 1 + ink(min(int(share*steps), steps-1))
}

// on is the ink of a text on a tone.
func on(k ink) ink {
	switch {
	case k == scale0:
		return grey
	case k <= scale0+5:
		return black
	default:
		return white
	}
}

// outline draws a ring around the highest cell.
func (g *fields) outline() {
	x0, y0, x1, y1 := g.corners(g.row, g.col)
	if g.highest.high > 0 {
		g.ring(accent, x0+2, y0+2, x1-2, y1-2, cellRadius-2, 6)
		g.value(g.row, g.col)
	}
}

// scale draws the legend: the tones between their ends, and what the ring means.
func (g *fields) scale(y int) int {
	const wide, high, pad = 44, 34, 16
	low, top := g.within(labelStyle, 200, g.clean(g.Low)), g.within(labelStyle, 200, g.clean(g.High))
	x, mid := float32(left), float32(y)+26
	base := mid + labelStyle.capital()/2
	g.text(labelStyle, grey, x, base, low)
	if low != "" {
		x += g.width(labelStyle, low) + pad
	}
	for i := range steps + 1 {
		g.rect(scale0+ink(i), int(x)+i*wide, y+26-high/2, int(x)+(i+1)*wide, y+26+high/2)
	}
	g.text(labelStyle, grey, x+(steps+1)*wide+pad, base, top)
	y += 60
	if g.highest.high > 0 {
		y = g.legend(y, entry{ringed, g.Peak})
	}
	return y
}
