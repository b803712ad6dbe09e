package app

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"pulso/analytics"
	"pulso/bot/render"
	"pulso/templates"
)

// Version is the release; "" in builds that are none.
const Version = "0.1.0"

// Languages lists the tags that there are texts for.
func Languages() []string { return []string{"en", "es", "pt"} }

type metricJSON struct {
	Key        string            `json:"key"`
	Unit       string            `json:"unit"`
	Anchor     string            `json:"anchor"`
	Dimensions []string          `json:"dimensions"`
	Definition map[string]string `json:"definition"` // by language
}

// Metrics writes the catalogue: as JSON with the definitions in every language,
// else for people, in English.
func Metrics(w io.Writer, asJSON bool) error {
	texts, err := render.New(templates.Text())
	if err != nil {
		return err
	}
	var list []metricJSON
	for _, m := range analytics.Catalogue() {
		list = append(list, describe(m, texts))
	}
	if asJSON {
		return json.NewEncoder(w).Encode(map[string]any{"metrics": list})
	}
	for _, m := range list {
		fmt.Fprintf(w, "%-32s %-6s %s\n%s\n", m.Key, m.Unit, m.Anchor, wrap(m.Definition["en"], 4, 80))
	}
	return nil
}

// describe tells what a metric is: the same words as the chat's "how".
func describe(m analytics.Metric, texts *render.Renderer) metricJSON {
	j := metricJSON{Key: m.Key, Unit: string(m.Unit), Anchor: m.Anchor, Dimensions: []string{}, Definition: map[string]string{}}
	for d := analytics.ByAgent; d <= analytics.ByMonth; d++ {
		if m.Fits(d) {
			j.Dimensions = append(j.Dimensions, d.String())
		}
	}
	for _, language := range texts.Languages() {
		how, _, _ := texts.Pattern(language, "metric."+m.Key+".how")
		excludes, _, _ := texts.Pattern(language, "metric."+m.Key+".excludes")
		j.Definition[language] = how + " " + excludes
	}
	return j
}

// wrap breaks a text into lines of at most width letters, each indented.
func wrap(text string, indent, width int) string {
	var b strings.Builder
	column := width
	for _, word := range strings.Fields(text) {
		long := utf8.RuneCountInString(word)
		if column+1+long > width {
			b.WriteString("\n" + strings.Repeat(" ", indent) + word)
			column = indent + long
			continue
		}
		b.WriteString(" " + word)
		column += 1 + long
	}
	return strings.TrimPrefix(b.String(), "\n")
}

// Cell guards a text for CSV: one that a spreadsheet would take for a formula is
// marked as text; numbers stay numbers.
func Cell(s string) string { return cell(s) }
