package words

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/analytics/report"
)

// phrase is one thing a manager writes and the canonical texts it may mean; ""
// is what must not be understood. Follows continues the dialogue of the line
// before it.
type phrase struct {
	Area    string   `json:"area"`
	Text    string   `json:"text"`
	Means   []string `json:"means"`
	Follows bool     `json:"follows,omitempty"`
	Alert   bool     `json:"alert,omitempty"`
}

func readPhrases(t *testing.T, path string) []phrase {
	t.Helper()
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	var list []phrase
	lines := bufio.NewScanner(bytes.NewReader(body))
	for lines.Scan() {
		var p phrase
		require.NoError(t, json.Unmarshal(lines.Bytes(), &p), lines.Text())
		list = append(list, p)
	}
	return list
}

// corpus returns all phrases of a language.
func corpus(t *testing.T, tag string) []phrase {
	t.Helper()
	files, err := filepath.Glob("testdata/phrases/" + tag + "*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var list []phrase
	for _, path := range files {
		list = append(list, readPhrases(t, path)...)
	}
	return list
}

// TestPhrases holds the share of the phrases of each language that are
// understood.
func TestPhrases(t *testing.T) {
	const wanted = 0.97
	r, b := testReader(t)
	files, err := filepath.Glob("testdata/phrases/*.jsonl")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		tag := strings.TrimSuffix(filepath.Base(path), ".jsonl")
		t.Run(tag, func(t *testing.T) {
			list := readPhrases(t, path)
			understood := 0
			missed := map[string]int{}
			var previous *Reading
			for _, p := range list {
				in := input(b, tag[:2], p.Text)
				in.Alert = p.Alert
				if p.Follows {
					in.Previous = previous
				}
				got := r.Read(in)
				previous = &got
				if why := misread(r, b, tag[:2], p, got); why != "" {
					missed[p.Area]++
					t.Logf("%s: %q\n     got  %s\n     want %s", p.Area, p.Text, why, strings.Join(p.Means, " ; "))
					continue
				}
				understood++
			}
			share := float64(understood) / float64(len(list))
			t.Logf("%s: %d of %d (%.3f), missed %v", tag, understood, len(list), share, sorted(missed))
			assert.GreaterOrEqual(t, share, wanted)
		})
	}
}

func sorted(m map[string]int) []string {
	var out []string
	for k, n := range m {
		out = append(out, fmt.Sprintf("%s %d", k, n))
	}
	sort.Strings(out)
	return out
}

// misread says what was read when it is none of what the phrase may mean.
func misread(r *Reader, b *Book, tag string, p phrase, got Reading) string {
	for _, text := range p.Means {
		if text == "" {
			if got.Intent == Unknown {
				return ""
			}
			continue
		}
		in := input(b, tag, text)
		want := r.Read(in)
		if want.Intent == Unknown {
			return "the meaning itself is not read: " + text
		}
		if essence(got) == essence(want) {
			return ""
		}
	}
	return string(got.Intent) + " " + b.Canonical(got)
}

// essence writes what makes two readings the same, whatever their words.
func essence(r Reading) string {
	r.Ask.By = slices.Clone(r.Ask.By)
	slices.Sort(r.Ask.By)
	parts := []any{r.Intent, r.Ask.Metrics, r.Ask.By, filtersText(r.Ask.Where), direction(r.Ask), r.Ask.Limit, r.Ask.Stat, r.Ask.Period, r.Ask.Chart, r.Ask.Format}
	if r.Ask.Compare != "" {
		parts = append(parts, r.Ask.Compare, r.Ask.CompareSpan)
	}
	if a := r.Alert; a != nil {
		o := *a
		o.Op = strings.TrimSuffix(a.Op, "=")
		o.Until, o.Threshold = 0, nil
		parts = append(parts, fmt.Sprintf("%+v", o))
		if a.Threshold != nil {
			parts = append(parts, fmt.Sprintf("%.4f", *a.Threshold))
		}
	}
	if p := r.People; p != nil {
		parts = append(parts, *p)
	}
	for _, d := range []any{r.Digest, r.Setting, r.Drill} {
		text, _ := json.Marshal(d)
		parts = append(parts, string(text))
	}
	if d := r.List; d != nil {
		parts = append(parts, d.List, filtersText(d.Where), d.Agent, d.Page, d.Period, d.Sought, fmt.Sprint(d.Contact))
	}
	if r.Candidates != nil {
		parts = append(parts, r.Candidates.Names)
	}
	return fmt.Sprint(append(parts, r.How)...)
}

func filtersText(list []report.Filter) string {
	var out []string
	for _, f := range list {
		values := slices.Clone(f.Values)
		slices.Sort(values)
		out = append(out, f.Dim.String()+"="+strings.Join(values, ","))
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// direction tells best and desc apart only where they differ.
func direction(a report.Ask) report.Order {
	if len(a.Metrics) == 0 {
		return a.Order
	}
	m, _ := analytics.MetricOf(a.Metrics[0])
	switch {
	case a.Order == report.Best && m.Better == analytics.Higher, a.Order == report.Worst && m.Better == analytics.Lower:
		return report.Desc
	case a.Order == report.Best || a.Order == report.Worst:
		return report.Asc
	}
	return a.Order
}
