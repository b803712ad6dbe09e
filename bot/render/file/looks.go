package file

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// look is how a cell looks: what it holds says how it is written.
type look int

const (
	words look = iota
	quoted
	counts
	numbers
	shares
	ratios
	durations
	days
	months
	hours
	instants
	titles
	subtitles
	labels
	columnHeads
	notes
	wrapped
	allLooks
)

// looks are the styles of a file by the look they give.
type looks [allLooks]int

// Letters and colours.
const (
	family = "Calibri"
	ink    = "1F2933"
	muted  = "616E7C"
	accent = "0B7A5B"
	white  = "FFFFFF"
)

// countries are the codes by which Excel knows the language of a month's name;
// never written to.
var countries = map[string]string{"es": "[$-80A]", "pt": "[$-416]", "en": "[$-409]"}

func newLooks(f *excelize.File, language string) (looks, error) {
	var all looks
	styles := numberStyles(countries[language])
	middle := &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}
	styles[words] = &excelize.Style{Alignment: &excelize.Alignment{Horizontal: "left"}}
	styles[quoted] = &excelize.Style{Alignment: &excelize.Alignment{Horizontal: "left"}, NumFmt: 49}
	styles[titles] = &excelize.Style{Font: &excelize.Font{Family: family, Bold: true, Size: 16, Color: ink}}
	styles[subtitles] = &excelize.Style{Font: &excelize.Font{Family: family, Size: 12, Color: muted}}
	styles[labels] = &excelize.Style{Font: &excelize.Font{Family: family, Color: muted}, Alignment: &excelize.Alignment{Vertical: "top"}}
	styles[notes] = &excelize.Style{Font: &excelize.Font{Family: family, Italic: true, Color: muted}}
	styles[wrapped] = &excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}
	styles[columnHeads] = &excelize.Style{
		Font: &excelize.Font{Family: family, Bold: true, Color: white}, Alignment: middle,
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{accent}},
	}
	for l := range allLooks {
		id, err := f.NewStyle(styles[l])
		if err != nil {
			return all, fmt.Errorf("style: %w", err)
		}
		all[l] = id
	}
	return all, quote(f, all[quoted])
}

// numberStyles are those of figures. Lengths of time go on past 24 hours; names
// of months are in the language of the file.
func numberStyles(country string) map[look]*excelize.Style {
	styles := map[look]*excelize.Style{}
	for l, format := range map[look]string{
		counts: "#,##0", numbers: "#,##0.0", shares: "0.0%", ratios: "0.00", durations: "[h]:mm:ss", hours: `0" h"`,
		days: country + "d mmm yyyy", months: country + "mmmm yyyy", instants: country + "d mmm yyyy hh:mm",
	} {
		styles[l] = &excelize.Style{CustomNumFmt: &format}
	}
	for _, l := range []look{days, months, hours, instants} {
		styles[l].Alignment = &excelize.Alignment{Horizontal: "left"}
	}
	return styles
}

// quote marks a style as that of text which only looks like a formula: it stays
// text even when somebody edits the cell.
func quote(f *excelize.File, style int) error {
	if f.Styles == nil || f.Styles.CellXfs == nil || style >= len(f.Styles.CellXfs.Xf) {
		return fmt.Errorf("style %d does not exist", style)
	}
	yes := true
	f.Styles.CellXfs.Xf[style].QuotePrefix = &yes
	return nil
}
