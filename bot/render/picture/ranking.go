package picture

// MaxRows is how many rows of a ranking are drawn: the first ones.
const MaxRows = 25

// Row is one line of a ranking.
type Row struct {
	Name   string
	Value  float64 // NaN or infinite: no bar, the text alone
	Text   string  // the value as it is read
	N      string  // what the value rests on: "n 48"
	Strong bool    // stands out among the others: the one that was asked about
}

// Ranking are lying bars, names at the left, values at the right, in the order in
// which the rows come.
type Ranking struct {
	Heading
	Rows   []Row
	Median Mark // a line across the bars: the team's median
}

func (r Ranking) heading() Heading { return r.Heading }

func (r Ranking) empty() bool {
	for _, row := range first(r.Rows, MaxRows) {
		if known(row.Value) {
			return false
		}
	}
	return true
}

// rows is a ranking laid out.
type rows struct {
	*canvas
	Ranking
	longest   span
	y         int
	high      int // from one row to the next
	x0, x1    float32
	figure    style // of values
	small     style // of n
	name      style
	textWidth float32
	nWidth    float32
	marked    bool // some row stands out
}

// spacious is the height from which a row has two lines: texts, then the bar.
const spacious = 96

func (r Ranking) draw(c *canvas, y int) {
	r.Rows = first(r.Rows, MaxRows)
	if r.Median.drawn() {
		y = c.legend(y, entry{stem, r.Median.Label})
	}
	g := rows{canvas: c, Ranking: r, y: y}
	if g.high = min(c.room(y)/len(r.Rows), 116); g.high < spacious {
		g.high = min(g.high, 66)
	}
	for _, row := range r.Rows {
		g.longest.add(row.Value)
		g.marked = g.marked || row.Strong
	}
	if r.Median.drawn() {
		g.longest.add(r.Median.Value)
	}
	if g.high >= spacious {
		g.roomy()
	} else {
		g.narrow()
	}
	c.y = y + g.high*len(r.Rows)
}

// widths measures the values' and the n's columns.
func (g *rows) widths() {
	for _, r := range g.Rows {
		g.textWidth = max(g.textWidth, g.width(g.figure, g.clean(r.Text)))
		g.nWidth = max(g.nWidth, g.width(g.small, g.clean(r.N)))
	}
	g.textWidth, g.nWidth = min(g.textWidth, 320), min(g.nWidth, 200)
}

// roomy draws rows of two lines: name, n and value, and the bar below them.
func (g *rows) roomy() {
	g.name, g.figure, g.small = medium(38), bold(40), medium(30)
	g.x0, g.x1 = left, right
	g.widths()
	for i, r := range g.Rows {
		y := float32(g.y + i*g.high)
		base := y + 16 + g.figure.capital()
		end := g.ends(r, base)
		g.names(r, base, end-left-24)
		g.lying(r, y+60, y+60+28)
	}
}

// narrow draws rows of one line: name, bar, value, n.
func (g *rows) narrow() {
	size := min(max(float32(g.high)*0.62, 28), 36)
	g.name, g.figure, g.small = medium(size), bold(size), medium(26)
	g.widths()
	var widest float32
	for _, r := range g.Rows {
		widest = max(widest, g.width(g.nameStyle(r), g.clean(r.Name)))
	}
	wide := min(widest, max(inner-g.textWidth-g.nWidth-360, 260))
	g.x0, g.x1 = left+wide+24, right-g.textWidth-24
	if g.nWidth > 0 {
		g.x1 -= g.nWidth + 20
	}
	for i, r := range g.Rows {
		mid := float32(g.y+i*g.high) + float32(g.high)/2
		base := mid + g.figure.capital()/2
		g.ends(r, base)
		g.names(r, base, wide)
		thick := min(float32(g.high)*0.52, 34) / 2
		g.lying(r, mid-thick, mid+thick)
	}
}

// ends writes value and n at the right and returns where they begin.
func (g *rows) ends(r Row, base float32) float32 {
	x := float32(right)
	if g.high < spacious && g.nWidth > 0 {
		g.textEnd(g.small, grey, x, base, g.within(g.small, g.nWidth, g.clean(r.N)))
		x -= g.nWidth + 20
	}
	s := g.within(g.figure, g.textWidth, g.clean(r.Text))
	g.textEnd(g.figure, black, x, base, s)
	x -= g.width(g.figure, s)
	if n := g.within(g.small, g.nWidth, g.clean(r.N)); g.high >= spacious && n != "" {
		x -= 20
		g.textEnd(g.small, grey, x, base, n)
		x -= g.width(g.small, n)
	}
	return x
}

func (g *rows) nameStyle(r Row) style {
	st := g.name
	st.bold = r.Strong
	return st
}

func (g *rows) names(r Row, base, wide float32) {
	st := g.nameStyle(r)
	g.text(st, black, left, base, g.within(st, wide, g.clean(r.Name)))
}

// lying draws the bar on its track, and the median across.
func (g *rows) lying(r Row, y0, y1 float32) {
	g.box(track, g.x0, y0, g.x1, y1, 10)
	if share := float32(g.longest.share(r.Value)); share > 0 {
		g.box(g.tone(r), g.x0, y0, g.x0+max(share*(g.x1-g.x0), 10), y1, 10)
	}
	if g.Median.drawn() {
		x := g.x0 + float32(g.longest.share(g.Median.Value))*(g.x1-g.x0)
		x = min(max(x, g.x0+4), g.x1-4)
		g.box(paper, x-6, y0-6, x+6, y1+6, 6)
		g.box(accent, x-3.5, y0-6, x+3.5, y1+6, 3.5)
	}
}

func (g *rows) tone(r Row) ink {
	switch {
	case r.Strong:
		return deep
	case g.marked:
		return pale
	default:
		return teal
	}
}
