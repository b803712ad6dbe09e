package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/bot/render"
	"pulso/cmd/pulso/app"
	"pulso/cmd/pulso/app/config"
	"pulso/templates"
)

var update = flag.Bool("update", false, "write the generated parts of the manual anew")

const top = "../.." // the root of the tree

// holds compares what stands in a file between <!-- name --> and <!-- /name -->
// with what should stand there.
func holds(t *testing.T, path, name, want string) {
	body, err := os.ReadFile(filepath.Join(top, path))
	require.NoError(t, err)
	before, rest, opened := strings.Cut(string(body), "<!-- "+name+" -->\n")
	got, after, closed := strings.Cut(rest, "<!-- /"+name+" -->")
	require.True(t, opened && closed, "%s has no part called %s", path, name)
	if *update && got != want {
		whole := before + "<!-- " + name + " -->\n" + want + "<!-- /" + name + " -->" + after
		require.NoError(t, os.WriteFile(filepath.Join(top, path), []byte(whole), 0o644))
		got = want
	}
	assert.Equal(t, want, got, "run go test ./cmd/pulso -run Manual -update")
}

func program() *cobra.Command {
	c := &console{in: strings.NewReader(""), out: io.Discard, errs: io.Discard, now: time.Now}
	root := c.root()
	root.InitDefaultHelpCmd()
	return root
}

// TestManualCommands holds the README's table of commands.
func TestManualCommands(t *testing.T) {
	var b strings.Builder
	b.WriteString("| command | does |\n|---|---|\n")
	for _, c := range program().Commands() {
		if !c.IsAvailableCommand() || c.Name() == "help" {
			continue
		}
		use := c.Use
		if c.HasSubCommands() {
			var names []string
			for _, sub := range c.Commands() {
				names = append(names, sub.Name())
			}
			use += " " + strings.Join(names, "\\|")
		}
		fmt.Fprintf(&b, "| `pulso %s` | %s |\n", use, c.Short)
	}
	holds(t, "README.md", "commands", b.String())
}

var languageNames = map[string]string{"en": "English", "es": "Español", "pt": "Português"}

// TestManualMetrics holds docs/metrics.md, made of the catalogue and the texts
// that the chat answers "how" with.
func TestManualMetrics(t *testing.T) {
	texts, err := render.New(templates.Text())
	require.NoError(t, err)
	var b strings.Builder
	for _, m := range analytics.Catalogue() {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n", m.Key, facts(m))
		for _, language := range texts.Languages() {
			require.NotEmpty(t, languageNames[language], "no name for %s", language)
			text := func(field string) string {
				s, _, ok := texts.Pattern(language, "metric."+m.Key+"."+field)
				require.True(t, ok, "%s: no %s of %s", language, field, m.Key)
				return s
			}
			fmt.Fprintf(&b, "- **%s: %s.** %s %s\n", languageNames[language], text("name"), text("how"), text("excludes"))
		}
	}
	holds(t, "docs/metrics.md", "catalogue", b.String()+"\n")
}

// facts are what the catalogue knows of a metric, in a line each.
func facts(m analytics.Metric) string {
	unit := map[analytics.Unit]string{analytics.Count: "A count", analytics.Seconds: "A duration", analytics.Share: "A share"}[m.Unit]
	better := map[analytics.Better]string{analytics.Higher: "more is better", analytics.Lower: "less is better", analytics.Neither: "neither more nor less is better"}[m.Better]
	var own []string
	for d := analytics.ByAgent; d <= analytics.ByMonth; d++ {
		if m.Dims.Has(d) {
			own = append(own, "`"+d.String()+"`")
		}
	}
	by := "By time"
	if m.Stock {
		by = "Counted now, without a period"
	}
	if len(own) > 0 {
		by += ", " + strings.Join(own, ", ")
	}
	line := fmt.Sprintf("%s; %s. Belongs to: %s. %s.", unit, better, m.Anchor, by)
	if m.Twin {
		line += fmt.Sprintf(" In business time: `%s_business`.", m.Key)
	}
	return line
}

// papers lists the manual.
func papers(t *testing.T) map[string]string {
	all := map[string]string{}
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/adr/*.md"} {
		files, err := filepath.Glob(filepath.Join(top, pattern))
		require.NoError(t, err)
		for _, file := range files {
			body, err := os.ReadFile(file)
			require.NoError(t, err)
			all[file] = string(body)
		}
	}
	require.Greater(t, len(all), 10)
	return all
}

var (
	// code is a span or a fenced block.
	code    = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	command = regexp.MustCompile(`(?:^|[\s/` + "`" + `])pulso ([a-z][a-z-]*)((?: [a-z][a-z-]*)?)`)
	option  = regexp.MustCompile(`^(?:\$ )?(?:\./|bin/)?pulso ([a-z-]+).*`)
	flagged = regexp.MustCompile(`\s--([a-z-]+)`)
)

// TestManualNamesCommandsThatExist looks up every `pulso …` of the manual, with
// its flags.
func TestManualNamesCommandsThatExist(t *testing.T) {
	seen := 0
	for file, body := range papers(t) {
		for _, span := range code.FindAllString(body, -1) {
			for _, m := range command.FindAllStringSubmatch(span, -1) {
				c, _, err := program().Find([]string{m[1]})
				if !assert.NoError(t, err, "%s: pulso %s", file, m[1]) {
					continue
				}
				seen++
				if sub := strings.TrimSpace(m[2]); sub != "" && c.HasSubCommands() {
					found, _, err := c.Find([]string{sub})
					assert.True(t, err == nil && found != c, "%s: pulso %s %s", file, m[1], sub)
				}
			}
			for _, line := range strings.Split(strings.Trim(span, "`"), "\n") {
				m := option.FindStringSubmatch(strings.TrimSpace(line))
				if m == nil {
					continue
				}
				c, rest, err := program().Find(strings.Fields(line)[1:])
				if err != nil || c == nil {
					continue // said above
				}
				for _, f := range flagged.FindAllStringSubmatch(" "+strings.Join(rest, " "), -1) {
					known := c.Flags().Lookup(f[1]) != nil || c.InheritedFlags().Lookup(f[1]) != nil
					assert.True(t, known, "%s: pulso %s has no --%s", file, m[1], f[1])
				}
			}
		}
	}
	assert.Greater(t, seen, 30)
}

var settings = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestManualSettingsAreRead reads every piece of config.yaml in the manual.
func TestManualSettingsAreRead(t *testing.T) {
	seen := 0
	for file, body := range papers(t) {
		for _, m := range settings.FindAllStringSubmatch(body, -1) {
			seen++
			path := filepath.Join(t.TempDir(), "config.yaml")
			require.NoError(t, os.WriteFile(path, []byte(m[1]), 0o600))
			_, err := config.Load(config.Options{Path: path, Languages: app.Languages()})
			assert.NoError(t, err, "%s:\n%s", file, m[1])
		}
	}
	assert.GreaterOrEqual(t, seen, 2)
}
