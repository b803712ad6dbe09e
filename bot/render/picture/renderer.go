package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"sync"
)

// Width is the width of every picture in pixels; MaxHeight bounds its height.
const (
	Width     = 1080
	MaxHeight = 1600
)

// Heading is what stands around every picture. Each text is in the reader's
// language, ready to be drawn, and may be empty.
type Heading struct {
	Title    string // what is shown, at most two lines: "Primera respuesta por agente"
	Subtitle string // period, unit, zone, at most two lines: "1–30 mar · mediana, minutos"
	Note     string // small print at the foot, at most three lines: n, what was left out
	Empty    string // said in place of the chart when there is nothing to draw
}

// Picture is one of Trend, Bars, Ranking, Heatmap and Funnel.
type Picture interface {
	heading() Heading
	empty() bool       // no value that could be drawn
	draw(*canvas, int) // the chart, from that line downwards; leaves the cursor below it
}

// Renderer turns pictures into PNGs. It may be used by many goroutines at once;
// each call draws on a canvas of its own, kept for the next one.
type Renderer struct {
	fonts    fonts
	canvases sync.Pool
}

// New reads the embedded fonts.
func New() (*Renderer, error) {
	f, err := loadFonts()
	if err != nil {
		return nil, fmt.Errorf("picture: read fonts: %w", err)
	}
	r := &Renderer{fonts: f}
	r.canvases.New = func() any { return newCanvas(f) }
	return r, nil
}

// Render draws the picture and encodes it. The bytes belong to the caller. The
// same picture always gives the same bytes. It fails only without a picture.
func (r *Renderer) Render(p Picture) ([]byte, error) {
	if p == nil {
		return nil, errors.New("picture: nothing to render")
	}
	c := r.canvases.Get().(*canvas)
	defer r.canvases.Put(c)
	c.reset()
	h := p.heading()
	top := c.head(h)
	c.foot = c.noteHeight(h.Note)
	if p.empty() {
		c.nothing(top, h.Empty)
	} else {
		p.draw(c, top)
	}
	c.note(h.Note)
	return c.encode()
}

// encoding is what a canvas keeps between two encodings: the zlib writer and the
// bytes, which are the costly part of a small PNG.
type encoding struct {
	buffer *png.EncoderBuffer
	out    bytes.Buffer
	image  image.Paletted
}

// Get gives the encoder the buffer of the last encoding.
func (e *encoding) Get() *png.EncoderBuffer { return e.buffer }

// Put keeps the buffer for the next encoding.
func (e *encoding) Put(b *png.EncoderBuffer) { e.buffer = b }

// encode cuts the canvas below its cursor and gives its PNG.
func (c *canvas) encode() ([]byte, error) {
	e := &c.encoding
	height := min(max(c.y, 1), MaxHeight)
	e.image.Pix = c.pix[:Width*height]
	e.image.Stride = Width
	e.image.Rect = image.Rect(0, 0, Width, height)
	e.image.Palette = c.boxed[:c.used]
	e.out.Reset()
	enc := png.Encoder{CompressionLevel: png.DefaultCompression, BufferPool: e}
	if err := enc.Encode(&e.out, &e.image); err != nil {
		return nil, fmt.Errorf("picture: encode: %w", err)
	}
	return bytes.Clone(e.out.Bytes()), nil
}
