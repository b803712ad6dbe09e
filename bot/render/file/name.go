package file

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"pulso/bot/card"
)

// name is the file's name without its extension, in ASCII:
// pulso-agentes-2026-03.
func (p *paper) name() string {
	subject := p.word("export.file")
	switch {
	case len(p.Ask.By) > 0:
		subject = p.word("dim." + p.Ask.By[0].String() + ".plural")
	case len(p.Metrics) == 1:
		subject = p.Format(card.Metric(p.Metrics[0].Key))
	}
	return "pulso-" + slug(subject) + "-" + p.dates()
}

// slug keeps the letters and figures of ASCII, hyphens between.
func slug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case unicode.Is(unicode.M, r):
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			b.WriteRune(r)
			gap = false
		default:
			gap = true
		}
	}
	return b.String()
}

// dates is the period as it sorts: a year, a month, a day, or two days.
func (p *paper) dates() string {
	zone := p.business.Zone
	from, to := zone.DayOf(p.Span.From), zone.DayOf(max(p.Span.To-1, p.Span.From))
	switch {
	case from == to:
		return from.String()
	case from == from.Year() && to+1 == from.AddMonths(12):
		return from.String()[:4]
	case from == from.Month() && to+1 == from.AddMonths(1):
		return from.String()[:7]
	}
	return from.String() + "_" + to.String()
}
