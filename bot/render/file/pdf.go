package file

import (
	"bytes"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"pulso/bot/card"
)

// Lengths of a page in mm, sizes of letters in points.
const (
	short      = 210.0 // an A4 page upright
	margin     = 12.0
	bottom     = 15.0
	textSize   = 8
	lineHeight = 4.2
	face       = "Inter"
)

// pdf is a report being drawn.
type pdf struct {
	*paper
	*fpdf.Fpdf
	letters  letters
	sideways bool
}

func (p *paper) pdf() ([]byte, error) {
	letters, err := newLetters(interMedium)
	if err != nil {
		return nil, err
	}
	d := &pdf{paper: p, Fpdf: fpdf.New("P", "mm", "A4", ""), letters: letters}
	d.begin()
	totals, rows := d.totalsGrid(), d.rowsGrid()
	d.sideways = max(d.natural(&totals), d.natural(&rows)) > short-2*margin
	d.turn()
	d.top()
	d.draw(totals)
	if err := d.drawPicture(); err != nil {
		return nil, err
	}
	if len(p.Ask.By) > 0 && len(p.rows) > 0 {
		d.draw(rows)
	}
	d.small(p.notes("file.cut_pdf"))
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// begin sets what holds for the whole file. It is dated as of its answer.
func (d *pdf) begin() {
	made := time.UnixMilli(d.AsOf).UTC()
	d.SetCreationDate(made)
	d.SetModificationDate(made)
	d.SetCatalogSort(true)
	d.SetProducer("Pulso", true)
	d.SetTitle(d.clean(d.title()), true)
	d.SetLang(d.Language())
	d.AddUTF8FontFromBytes(face, "", interMedium)
	d.AddUTF8FontFromBytes(face, "B", interBold)
	d.AliasNbPages(pages)
	d.SetMargins(margin, margin, margin)
	d.SetAutoPageBreak(false, 0)
	d.SetCellMargin(0)
	d.SetHeaderFunc(d.header)
	d.SetFooterFunc(d.footer)
	d.SetFont(face, "", textSize)
}

// turn begins a new page.
func (d *pdf) turn() {
	way := "P"
	if d.sideways {
		way = "L"
	}
	d.AddPageFormat(way, d.GetPageSizeStr("A4"))
}

// room turns the page when less than h mm are left on it.
func (d *pdf) room(h float64) (turned bool) {
	_, height := d.GetPageSize()
	if d.GetY()+h <= height-bottom {
		return false
	}
	d.turn()
	return true
}

// inside is the width between the margins.
func (d *pdf) inside() float64 {
	width, _ := d.GetPageSize()
	return width - 2*margin
}

func (d *pdf) ink(hex string)  { d.SetTextColor(rgb(hex)) }
func (d *pdf) fill(hex string) { d.SetFillColor(rgb(hex)) }

func rgb(hex string) (r, g, b int) {
	digit := func(i int) int { return strings.IndexByte("0123456789ABCDEF", hex[i]) }
	return digit(0)*16 + digit(1), digit(2)*16 + digit(3), digit(4)*16 + digit(5)
}

// pages stands for the number of pages until it is known.
const pages = "{nb}"

// header says on every page but the first what the file is about.
func (d *pdf) header() {
	if d.PageNo() == 1 {
		return
	}
	d.SetFont(face, "", 8)
	d.ink(muted)
	d.CellFormat(0, 4, d.fitted(d.clean(d.title()), d.inside()), "", 1, "L", false, 0, "")
	d.Ln(3)
}

func (d *pdf) footer() {
	d.SetY(-bottom + 5)
	d.SetFont(face, "", 8)
	d.ink(muted)
	left := d.period()
	if d.business.Name != "" {
		left = d.business.Name + " · " + left
	}
	number := d.Say(card.T("file.page", "page", card.Count(d.PageNo()), "pages", card.Name(pages)))
	d.CellFormat(d.inside()-40, 4, d.fitted(d.clean(left), d.inside()-40), "", 0, "L", false, 0, "")
	d.CellFormat(40, 4, number, "", 0, "R", false, 0, "")
}

// top is the head of the first page.
func (d *pdf) top() {
	d.SetFont(face, "B", 16)
	d.ink(ink)
	d.MultiCell(0, 7, d.clean(d.title()), "", "L", false)
	if d.business.Name != "" {
		d.SetFont(face, "", 11)
		d.ink(muted)
		d.MultiCell(0, 5.5, d.clean(d.business.Name), "", "L", false)
	}
	d.Ln(3)
	const labelled = 42.0
	for _, f := range d.facts() {
		d.SetFont(face, "", textSize)
		label, value := d.SplitText(d.clean(f.label), labelled-3), d.SplitText(d.clean(d.text(f.value)), d.inside()-labelled)
		d.room(float64(max(len(label), len(value))) * lineHeight)
		y := d.GetY()
		d.ink(muted)
		d.lines(label, margin, y, labelled, "L")
		d.ink(ink)
		d.lines(value, margin+labelled, y, d.inside()-labelled, "L")
		d.SetXY(margin, y+float64(max(len(label), len(value)))*lineHeight)
	}
	d.Ln(4)
}

// lines writes lines below each other into a box.
func (d *pdf) lines(lines []string, x, y, width float64, align string) {
	for i, s := range lines {
		d.SetXY(x, y+float64(i)*lineHeight)
		d.CellFormat(width, lineHeight, s, "", 0, align, false, 0, "")
	}
}

// fitted cuts a text of the file's own running heads to one line.
func (d *pdf) fitted(s string, width float64) string {
	lines := d.SplitText(s, width-3)
	if len(lines) < 2 {
		return s
	}
	return lines[0] + "…"
}

// small writes notes.
func (d *pdf) small(notes []string) {
	d.Ln(2)
	for _, s := range notes {
		d.SetFont(face, "", 8)
		lines := d.SplitText(d.clean(s), d.inside())
		d.room(float64(len(lines)) * lineHeight)
		d.SetFont(face, "", 8)
		d.ink(muted)
		y := d.GetY()
		d.lines(lines, margin, y, d.inside(), "L")
		d.SetXY(margin, y+float64(len(lines))*lineHeight+1)
	}
}

// drawPicture draws the chart on what is left of the page, at most half of it,
// or on the next when that is too little.
func (d *pdf) drawPicture() error {
	image, err := d.picture()
	if err != nil || image == nil {
		return err
	}
	options := fpdf.ImageOptions{ImageType: "PNG"}
	info := d.RegisterImageOptionsReader("chart", options, bytes.NewReader(image))
	if d.Err() {
		return d.Error()
	}
	const legible = 60.0
	_, height := d.GetPageSize()
	d.room(legible)
	w := min(d.inside(), 125)
	h := w * info.Height() / info.Width()
	if most := min(height*0.5, height-bottom-d.GetY()); h > most {
		w, h = w*most/h, most
	}
	d.ImageOptions("chart", margin, d.GetY(), w, h, false, options, 0, "")
	d.SetXY(margin, d.GetY()+h+5)
	return nil
}
