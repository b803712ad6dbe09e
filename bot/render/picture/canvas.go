package picture

import (
	"image"
	"image/color"
	"image/draw"
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/vector"
)

// ink is a colour to draw with: an index into inks and into a canvas's palette.
type ink uint8

const (
	paper  ink = iota // the ground of every picture
	black             // titles, values
	grey              // labels, notes
	rule              // grid lines
	track             // the empty part of a bar
	teal              // the main colour
	deep              // teal for what stands out
	pale              // teal for what stands back: the previous period
	wash              // teal below a line, behind a band
	accent            // the one other colour: target, median, busiest
	white             // text on teal
	scale0            // heatmap: nothing, then ever more
)

// steps is the number of tones of the heatmap above scale0.
const steps = 8

const inkCount = int(scale0) + steps + 1

// inks are checked for contrast by a test: text at least 7:1 on paper, and each
// tone of the scale darker than the one before, so that they differ without hue.
var inks = [inkCount]color.RGBA{
	paper:  {0xFB, 0xFD, 0xFC, 0xFF},
	black:  {0x0E, 0x1F, 0x1D, 0xFF},
	grey:   {0x41, 0x54, 0x51, 0xFF},
	rule:   {0xD3, 0xDE, 0xDB, 0xFF},
	track:  {0xE6, 0xEE, 0xEC, 0xFF},
	teal:   {0x0F, 0x80, 0x75, 0xFF},
	deep:   {0x07, 0x4F, 0x49, 0xFF},
	pale:   {0x9C, 0xC9, 0xC3, 0xFF},
	wash:   {0xCD, 0xE6, 0xE2, 0xFF},
	accent: {0xC8, 0x4B, 0x0A, 0xFF},
	white:  {0xFF, 0xFF, 0xFF, 0xFF},
	scale0: {0xED, 0xF3, 0xF2, 0xFF},
	{0xCC, 0xE6, 0xE2, 0xFF},
	{0xA6, 0xD5, 0xCE, 0xFF},
	{0x7E, 0xC2, 0xB9, 0xFF},
	{0x52, 0xAB, 0xA1, 0xFF},
	{0x2A, 0x92, 0x88, 0xFF},
	{0x11, 0x78, 0x6F, 0xFF},
	{0x0A, 0x5E, 0x57, 0xFF},
	{0x05, 0x42, 0x3D, 0xFF},
}

// levels of coverage between nothing (0) and all (levels); few, so that edges
// share colours and the palette holds them.
const levels = 8

// near is how far two colours may differ in each channel and still share a place
// in the palette.
const near = 3

// canvas is an indexed image with its palette, a path to fill and a cursor y
// below which nothing is drawn yet. It is used by one goroutine at a time.
type canvas struct {
	pix   []uint8
	pal   [256]color.RGBA
	used  int
	mixes [inkCount][256][levels]uint16 // palette index + 1 of ink over index at level, 0 not known yet

	path []segment
	ras  vector.Rasterizer
	mask image.Alpha

	y    int // the first free line
	foot int // lines kept free for the note

	fonts  fonts
	glyphs sfnt.Buffer
	words  []byte
	taken  []box

	boxed    [256]color.Color // pal as the encoder wants it: points into it
	encoding encoding
}

func newCanvas(f fonts) *canvas {
	c := &canvas{pix: make([]uint8, Width*MaxHeight), fonts: f}
	for i := range c.pal {
		c.boxed[i] = &c.pal[i]
	}
	return c
}

// reset makes the canvas as good as new.
func (c *canvas) reset() {
	clear(c.pix)
	clear(c.mixes[:])
	c.used = copy(c.pal[:], inks[:])
	c.path, c.taken = c.path[:0], c.taken[:0]
	c.y, c.foot = 0, 0
}

// mix gives the palette index of k over the colour at index under, covering
// level of levels.
func (c *canvas) mix(k ink, under uint8, level int) uint8 {
	if level >= levels {
		return uint8(k)
	}
	known := &c.mixes[k][under][level]
	if *known == 0 {
		*known = uint16(c.index(blend(c.pal[under], c.pal[k], level))) + 1
	}
	return uint8(*known - 1)
}

func blend(under, over color.RGBA, level int) color.RGBA {
	m := func(u, o uint8) uint8 {
		return uint8((int(u)*(levels-level) + int(o)*level + levels/2) / levels)
	}
	return color.RGBA{m(under.R, over.R), m(under.G, over.G), m(under.B, over.B), 0xFF}
}

// index finds the colour's place: one that is near enough, else a new one, else
// (the palette is full) the nearest.
func (c *canvas) index(want color.RGBA) uint8 {
	best, off := 0, math.MaxInt
	for i := range c.used {
		if d := apart(c.pal[i], want); d < off {
			best, off = i, d
		}
	}
	if off > near && c.used < len(c.pal) {
		best = c.used
		c.pal[best] = want
		c.used++
	}
	return uint8(best)
}

// apart is the greatest difference of two colours in a channel.
func apart(a, b color.RGBA) int {
	d := func(x, y uint8) int { return max(int(x)-int(y), int(y)-int(x)) }
	return max(d(a.R, b.R), d(a.G, b.G), d(a.B, b.B))
}

// segment is a step of a path: what to do and, as far as it needs them, x and y of
// its points, the one where it ends last.
type segment struct {
	op sfnt.SegmentOp
	p  [6]float32
}

func (c *canvas) moveTo(x, y float32) {
	c.path = append(c.path, segment{sfnt.SegmentOpMoveTo, [6]float32{x, y}})
}

func (c *canvas) lineTo(x, y float32) {
	c.path = append(c.path, segment{sfnt.SegmentOpLineTo, [6]float32{x, y}})
}

func (c *canvas) cubeTo(ax, ay, bx, by, x, y float32) {
	c.path = append(c.path, segment{sfnt.SegmentOpCubeTo, [6]float32{ax, ay, bx, by, x, y}})
}

// points is how many coordinates of a segment count.
func (s *segment) points() int {
	switch s.op {
	case sfnt.SegmentOpQuadTo:
		return 4
	case sfnt.SegmentOpCubeTo:
		return 6
	default:
		return 2
	}
}

// bounds of the path, whole pixels, within the canvas.
func (c *canvas) bounds() image.Rectangle {
	x0, y0 := float32(Width), float32(MaxHeight)
	var x1, y1 float32
	for i := range c.path {
		s := &c.path[i]
		for j := 0; j < s.points(); j += 2 {
			x0, x1 = min(x0, s.p[j]), max(x1, s.p[j])
			y0, y1 = min(y0, s.p[j+1]), max(y1, s.p[j+1])
		}
	}
	r := image.Rect(int(x0), int(y0), int(x1)+1, int(y1)+1)
	if x0 > x1 || y0 > y1 {
		return image.Rectangle{}
	}
	return r.Intersect(image.Rect(0, 0, Width, MaxHeight))
}

// fill paints the path with k and begins a new one.
func (c *canvas) fill(k ink) {
	b := c.bounds()
	if !b.Empty() {
		c.trace(b)
		c.paint(b, k)
	}
	c.path = c.path[:0]
}

// trace rasterizes the path's part within b into the mask.
func (c *canvas) trace(b image.Rectangle) {
	w, h := b.Dx(), b.Dy()
	c.ras.Reset(w, h)
	dx, dy := float32(b.Min.X), float32(b.Min.Y)
	for i := range c.path {
		switch s, p := &c.path[i], &c.path[i].p; s.op {
		case sfnt.SegmentOpMoveTo:
			c.ras.ClosePath()
			c.ras.MoveTo(p[0]-dx, p[1]-dy)
		case sfnt.SegmentOpLineTo:
			c.ras.LineTo(p[0]-dx, p[1]-dy)
		case sfnt.SegmentOpQuadTo:
			c.ras.QuadTo(p[0]-dx, p[1]-dy, p[2]-dx, p[3]-dy)
		case sfnt.SegmentOpCubeTo:
			c.ras.CubeTo(p[0]-dx, p[1]-dy, p[2]-dx, p[3]-dy, p[4]-dx, p[5]-dy)
		}
	}
	c.ras.ClosePath()
	if need := w * h; need > cap(c.mask.Pix) {
		c.mask.Pix = make([]uint8, need)
	}
	c.mask.Pix, c.mask.Stride, c.mask.Rect = c.mask.Pix[:w*h], w, image.Rect(0, 0, w, h)
	c.ras.DrawOp = draw.Src
	c.ras.Draw(&c.mask, c.mask.Rect, image.Opaque, image.Point{})
}

// paint lays k over the canvas through the mask.
func (c *canvas) paint(b image.Rectangle, k ink) {
	w := b.Dx()
	for y := range b.Dy() {
		row := c.pix[(b.Min.Y+y)*Width+b.Min.X:][:w]
		for x, a := range c.mask.Pix[y*w:][:w] {
			switch {
			case a == 0:
			case a == 0xFF:
				row[x] = uint8(k)
			default:
				if l := (int(a)*levels + 127) / 255; l > 0 {
					row[x] = c.mix(k, row[x], l)
				}
			}
		}
	}
}

// rect paints whole pixels, x1 and y1 excluded.
func (c *canvas) rect(k ink, x0, y0, x1, y1 int) {
	x0, x1 = max(x0, 0), min(x1, Width)
	for y := max(y0, 0); y < min(y1, MaxHeight) && x0 < x1; y++ {
		row := c.pix[y*Width+x0 : y*Width+x1]
		for x := range row {
			row[x] = uint8(k)
		}
	}
}

// round is the share of a radius at which a curve's handles stand to come
// closest to a quarter circle.
const round = 0.5523

// pill adds a rectangle with rounded corners to the path: radius top above and
// bottom below, no more than fits.
func (c *canvas) pill(x0, y0, x1, y1, top, bottom float32) {
	most := min(x1-x0, y1-y0) / 2
	if most <= 0 {
		return
	}
	t, b := min(top, most), min(bottom, most)
	kt, kb := t*(1-round), b*(1-round)
	c.moveTo(x0+t, y0)
	c.lineTo(x1-t, y0)
	c.cubeTo(x1-kt, y0, x1, y0+kt, x1, y0+t)
	c.lineTo(x1, y1-b)
	c.cubeTo(x1, y1-kb, x1-kb, y1, x1-b, y1)
	c.lineTo(x0+b, y1)
	c.cubeTo(x0+kb, y1, x0, y1-kb, x0, y1-b)
	c.lineTo(x0, y0+t)
	c.cubeTo(x0, y0+kt, x0+kt, y0, x0+t, y0)
}

// box paints a rounded rectangle.
func (c *canvas) box(k ink, x0, y0, x1, y1, radius float32) {
	c.pill(x0, y0, x1, y1, radius, radius)
	c.fill(k)
}

// ring paints the outline, thick wide, around a rounded rectangle.
func (c *canvas) ring(k ink, x0, y0, x1, y1, radius, thick float32) {
	c.pill(x0-thick, y0-thick, x1+thick, y1+thick, radius+thick, radius+thick)
	from := len(c.path)
	c.pill(x0, y0, x1, y1, radius, radius)
	c.reverse(from)
	c.fill(k)
}

// reverse turns the direction of the closed curve that begins at from, so that
// it cuts a hole. The curve must end where it began.
func (c *canvas) reverse(from int) {
	s := c.path[from:]
	if len(s) == 0 {
		return
	}
	end := func(i int) (x, y float32) { n := s[i].points(); return s[i].p[n-2], s[i].p[n-1] }
	turned := make([]segment, 0, len(s))
	x, y := end(len(s) - 1)
	turned = append(turned, segment{sfnt.SegmentOpMoveTo, [6]float32{x, y}})
	for i := len(s) - 1; i > 0; i-- {
		x, y = end(i - 1)
		t := segment{op: s[i].op, p: [6]float32{x, y}}
		if s[i].op == sfnt.SegmentOpCubeTo {
			p := s[i].p
			t.p = [6]float32{p[2], p[3], p[0], p[1], x, y}
		}
		turned = append(turned, t)
	}
	copy(s, turned)
}

// disc adds a circle to the path.
func (c *canvas) disc(x, y, r float32) { c.pill(x-r, y-r, x+r, y+r, r, r) }

// stroke adds the line between two points, without caps, turning as pill does.
func (c *canvas) stroke(x0, y0, x1, y1, thick float32) {
	dx, dy := x1-x0, y1-y0
	long := float32(math.Hypot(float64(dx), float64(dy)))
	if long == 0 {
		return
	}
	nx, ny := -dy/long*thick/2, dx/long*thick/2
	c.moveTo(x0-nx, y0-ny)
	c.lineTo(x1-nx, y1-ny)
	c.lineTo(x1+nx, y1+ny)
	c.lineTo(x0+nx, y0+ny)
}

// dashes paints a broken line along one axis.
func (c *canvas) dashes(k ink, x0, y0, x1, y1 float32) {
	const on, off, thick = 16, 10, 5
	long := max(x1-x0, y1-y0)
	for d := float32(0); d < long; d += on + off {
		e := min(d+on, long)
		if x1-x0 > y1-y0 {
			c.pill(x0+d, y0-thick/2, x0+e, y0+thick/2, thick, thick)
		} else {
			c.pill(x0-thick/2, y0+d, x0+thick/2, y0+e, thick, thick)
		}
	}
	c.fill(k)
}
