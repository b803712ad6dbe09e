package file

import (
	"errors"
	"fmt"

	"pulso/analytics"
	"pulso/analytics/report"
	"pulso/bot/card"
	"pulso/bot/render"
)

// Business is whom the files are about, and how that business reads.
type Business struct {
	Name     string            // "" leaves it out
	Region   string            // ISO 3166, for separators; "" is what the language is without one
	Zone     analytics.Zone    // days and times are told in it; the zero Zone is UTC
	Channels map[string]string // names, by id
	Stat     string            // the statistic of durations: "median" (also ""), "mean" or "p90"
}

// Writer makes files. It never changes, and may be used by many goroutines at once.
type Writer struct {
	renderer *render.Renderer
	business Business
	limits   limits
}

// limits bound a file.
type limits struct {
	bytes int // of a document in WhatsApp (cloudapi.md §2)
	sheet int // rows of a workbook; Excel has room for 1,048,576
	pages int // rows of a PDF, which is read and not worked with
}

// New returns the writer of a business's files.
func New(r *render.Renderer, b Business) *Writer {
	if b.Zone.Name() == "" {
		b.Zone = analytics.MustZone("UTC")
	}
	return &Writer{renderer: r, business: b, limits: limits{bytes: 100_000_000, sheet: 1_000_000, pages: 5_000}}
}

// The types of the files.
const (
	workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	pdfType      = "application/pdf"
)

// Report writes an answer as a file: a PDF for the format "pdf", a workbook for
// any other, since WhatsApp carries no CSV. What does not fit into a document
// of WhatsApp is left out from the end, and the file says so. The same answer
// always gives the same bytes. The caption is left to the caller.
func (w *Writer) Report(a *report.Answer, format, language string) (card.File, error) {
	if len(a.Metrics) == 0 {
		return card.File{}, errors.New("file: an answer without a metric")
	}
	p := w.paper(a, language)
	build, rows := p.workbook, w.limits.sheet
	out := card.File{Name: p.name() + ".xlsx", MIME: workbookType}
	if format == "pdf" {
		build, rows = p.pdf, w.limits.pages
		out = card.File{Name: p.name() + ".pdf", MIME: pdfType}
	}
	for rows = min(rows, len(p.rows)); ; rows /= 2 {
		p.rows = p.rows[:rows]
		body, err := build()
		if err != nil {
			return card.File{}, fmt.Errorf("file: %s: %w", out.Name, err)
		}
		if len(body) <= w.limits.bytes {
			out.Body = body
			return out, nil
		}
		if rows == 0 {
			return card.File{}, fmt.Errorf("file: %s: %d bytes, at most %d", out.Name, len(body), w.limits.bytes)
		}
	}
}
