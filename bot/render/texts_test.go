package render

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/bot/card"
	"pulso/bot/whatsapp"
	"pulso/models"
	"pulso/templates"
)

func allTexts(t testing.TB) map[string]texts {
	t.Helper()
	all, err := readTexts(templates.Text())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"en", "es", "pt"}, keysOf(all))
	return all
}

func keysOf[T any](m map[string]T) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestEveryLanguageHasEveryKeyWithTheSamePlaces(t *testing.T) {
	all := allTexts(t)
	base := all[fallback]
	for lang, ts := range all {
		assert.Equal(t, keysOf(base), keysOf(ts), lang)
		for key, e := range ts {
			assert.Equal(t, base[key].plural, e.plural, "%s: %s is a plural in one language only", lang, key)
			if !e.plural || !slices.Contains(e.places(), "n") {
				assert.Equal(t, base[key].places(), e.places(), "%s: %s", lang, key)
			}
		}
	}
}

func TestPluralTextsHaveTheFormsOfTheirLanguage(t *testing.T) {
	want := map[string][]string{"en": {"one", "other"}, "es": {"many", "one", "other"}, "pt": {"many", "one", "other"}}
	for lang, ts := range allTexts(t) {
		plural := 0
		for key, e := range ts {
			if !e.plural {
				continue
			}
			plural++
			assert.Equal(t, want[lang], namesOf(e.forms), "%s: %s", lang, key)
			for _, p := range e.forms { // a form may leave out the number ("the day before"), nothing else
				for _, place := range e.places() {
					assert.True(t, place == "n" || strings.Contains(p.String(), "{"+place+"}"), "%s: %s lacks {%s} in a form", lang, key, place)
				}
			}
		}
		assert.Greater(t, plural, 40, lang)
	}
}

var (
	doubled  = regexp.MustCompile(`\s\s|^\s|\s$|\s[,.;:!?](\s|$)`)
	sentence = regexp.MustCompile(`[.!?](\s|$)`)
)

// TestTextsAreTidy keeps formatting, stray spaces and straight quotes out.
func TestTextsAreTidy(t *testing.T) {
	for lang, ts := range allTexts(t) {
		for key, e := range ts {
			for _, p := range e.forms {
				form := p.name
				s := p.String()
				at := lang + ": " + key + "." + form
				assert.NotEmpty(t, s, at)
				assert.NotRegexp(t, doubled, strings.ReplaceAll(s, "…", "x"), at)
				literal := regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(s, "")
				assert.False(t, strings.ContainsAny(literal, "*_~`\"\t\r\n"), "%s holds a mark: %s", at, s)
				assert.Equal(t, strings.Count(s, "“"), strings.Count(s, "”"), at)
				assert.Equal(t, strings.Count(s, "¿"), strings.Count(s, "?")*boolInt(lang == "es"), at)
				assert.Equal(t, strings.Count(s, "¡"), strings.Count(s, "!")*boolInt(lang == "es"), at)
			}
		}
	}
}

func TestEveryMetricIsExplained(t *testing.T) {
	for lang, ts := range allTexts(t) {
		names, shorts := map[string]string{}, map[string]string{}
		for _, m := range analytics.Catalogue() {
			text := func(field string) string { return ts["metric."+m.Key+"."+field].in(other).String() }
			require.NotEmpty(t, text("name"), "%s %s", lang, m.Key)
			assert.Empty(t, names[text("name")], "%s: two figures called %q", lang, text("name"))
			assert.Empty(t, shorts[text("short")], "%s: two figures called %q", lang, text("short"))
			names[text("name")], shorts[text("short")] = m.Key, m.Key
			assert.LessOrEqual(t, utf8.RuneCountInString(text("short")), 12, "%s %s", lang, m.Key)
			assert.LessOrEqual(t, utf8.RuneCountInString(text("name")), 50, "%s %s", lang, m.Key)
			for _, field := range []string{"how", "excludes"} {
				n := len(sentence.FindAllString(text(field), -1))
				assert.True(t, n >= 1 && n <= 4, "%s: %s of %s has %d sentences", lang, field, m.Key, n)
			}
			assert.Equal(t, strings.ToLower(text("name")[:1]), text("name")[:1], "%s: %s begins a name with a capital", lang, m.Key)
		}
	}
}

func TestEveryDimensionAndItsWordsHaveNames(t *testing.T) {
	words := map[analytics.Dim][]string{
		analytics.BySender:      {string(models.ClassAgent), string(models.ClassPhone), string(models.ClassBot), string(models.ClassAutomation), string(models.ClassCampaign)},
		analytics.ByOpener:      {models.ByContact, models.ByAgent, models.ByAutomation},
		analytics.ByCloser:      {models.ByAgent, models.ByAutomation, models.ByTimeout, models.ByBot, models.ByAPI},
		analytics.ByContactKind: {analytics.KindNew, analytics.KindReturning},
		analytics.BySource:      {"inbound", "ad", "echo", "user", "api", "import"},
		analytics.ByType:        {"text", "image", "audio", "video", "sticker", "document", "location", "contacts", "interactive", "button", "order", "unsupported", "template"},
		analytics.ByPricing:     {"marketing", "marketing_lite", "utility", "authentication", "authentication-international", "service", "referral_conversion"},
		analytics.ByPlatform:    {"whatsapp", "instagram"},
		analytics.ByAgent:       {models.Phone},
	}
	r := testRenderer(t)
	for _, lang := range r.Languages() {
		v := r.Voice(Locale{Language: lang})
		for d := analytics.ByAgent; d <= analytics.ByMonth; d++ {
			for _, field := range []string{"name", "plural", "none"} {
				assert.True(t, r.Has("dim."+d.String()+"."+field), d)
			}
			assert.Equal(t, v.Format(card.DimValue{Dim: d}), v.word("dim."+d.String()+".none"), "%s: nobody of %s", lang, d)
		}
		for d, list := range words {
			for _, w := range list {
				key := "value." + d.String() + "." + strings.ReplaceAll(w, "-", "_")
				assert.True(t, r.Has(key), key)
				assert.Equal(t, v.word(key), v.Format(card.DimValue{Dim: d, Value: w}))
			}
		}
	}
}

// TestEveryErrorOfMetaHasAdvice holds the texts against what the sender knows
// of the codes.
func TestEveryErrorOfMetaHasAdvice(t *testing.T) {
	r := testRenderer(t)
	unknown := whatsapp.PolicyOf(987654).Meaning
	named := 0
	check := func(code int) {
		key := FailureKey(strconv.Itoa(code))
		assert.True(t, r.Has(key+".name") && r.Has(key+".advice"), "code %d: %s", code, key)
		if known := whatsapp.PolicyOf(code).Meaning != unknown; known {
			named++
			assert.NotEqual(t, "failure.unknown", key, "code %d", code)
		}
	}
	for code := range 1000 {
		check(code)
	}
	for code := 80000; code < 140000; code++ {
		check(code)
	}
	for code := 2593100; code < 2593120; code++ {
		check(code)
	}
	assert.Greater(t, named, 140)
	for _, odd := range []string{"", "0x0", "abc", "-1", "99999999999999999999", "987654"} {
		assert.Equal(t, "failure.unknown", FailureKey(odd))
	}
}

// TestLabelsFit keeps what stands on buttons, rows and templates within Meta's lengths.
func TestLabelsFit(t *testing.T) {
	l := whatsapp.Limits()
	limits := []struct {
		key  string
		most int
	}{
		{`^choice\.(?:body|plain)$`, 1024},
		{`^choice\.`, l.ButtonTitle},
		{`^help\.button$`, l.ListButton},
		{`^help\.section\.`, l.SectionTitle},
		{`^help\.[a-z]+_detail$`, l.RowDescription},
		{`^help\.(?:overview|waiting|attention|agents|speed|peak|messages|contacts|digest|alerts|people)$`, l.RowTitle},
		{`^template\.[a-z_]+\.header$`, l.TemplateHeader},
		{`^template\.[a-z_]+\.footer$`, l.TemplateFooter},
		{`^template\.[a-z_]+\.button`, l.TemplateButton},
		{`^template\.[a-z_]+\.body$`, l.TemplateBody / 2},
	}
	seen := map[string]int{}
	for lang, ts := range allTexts(t) {
		for key, e := range ts {
			for _, x := range limits {
				if !regexp.MustCompile(x.key).MatchString(key) {
					continue
				}
				seen[x.key]++
				s := regexp.MustCompile(`\{[a-z_]+\}`).ReplaceAllString(e.in(other).String(), "")
				assert.LessOrEqual(t, length(s), x.most, "%s: %s", lang, key)
				break
			}
		}
	}
	assert.Len(t, seen, len(limits))
}

// TestTemplatesAreWhatMetaTakes: no place at the beginning or the end of a body,
// none beside another, none in footers and buttons, an example for each.
func TestTemplatesAreWhatMetaTakes(t *testing.T) {
	r := testRenderer(t)
	bodies := 0
	for _, lang := range r.Languages() {
		for key := range r.languages[lang] {
			if !strings.HasPrefix(key, "template.") || strings.HasPrefix(key, "template.example.") {
				continue
			}
			text, places, ok := r.Pattern(lang, key)
			require.True(t, ok)
			if !strings.HasSuffix(key, ".body") {
				assert.Empty(t, places, key)
				continue
			}
			bodies++
			assert.NotRegexp(t, `^\{|\}[\s.!]*$|\}\s*\{`, text, "%s %s", lang, key)
			assert.GreaterOrEqual(t, len(strings.Fields(text)), 3*len(places)+1, "%s: %s has many places for its length", lang, key)
			for _, place := range places {
				assert.True(t, r.Has("template.example."+place), "%s: no example of {%s}", key, place)
			}
		}
	}
	assert.GreaterOrEqual(t, bodies, 15)
}

func TestFaultyTextsAreNamedByKey(t *testing.T) {
	for name, x := range map[string]struct{ toml, want string }{
		"open place":     {`a = "x {y"`, "a: a place is not written {name}"},
		"closed place":   {`[a]` + "\n" + `b = "x y}"`, "a.b: a place is closed that was not opened"},
		"spaced place":   {`a = "{x y}"`, "a: a place is not written {name}"},
		"no other":       {`a = { one = "x" }`, `a: has no form "other"`},
		"plural number":  {`a = { one = 1, other = "x" }`, "a.one: is no text"},
		"number":         {`a = 1`, "a: is neither a text nor a table"},
		"faulty plural":  {`a = { other = "{" }`, "a.other: a place is not written {name}"},
		"no TOML at all": {`a = `, "en.toml: "},
	} {
		_, err := New(fstest.MapFS{"en.toml": {Data: []byte(x.toml)}})
		assert.ErrorContains(t, err, x.want, name)
	}
	_, err := New(fstest.MapFS{"es.toml": {Data: []byte(`a = "x"`)}})
	assert.ErrorContains(t, err, "no en.toml")
}

func TestCheckNamesWhatATextLacks(t *testing.T) {
	r := testRenderer(t)
	line := func(t card.Text) card.Card { return card.Card{Blocks: []card.Block{card.Line{Text: t}}} }
	assert.NoError(t, r.Check(line(card.T("report.total"))))
	assert.NoError(t, r.Check(line(card.T("against.days_before", "n", card.Count(1)))))
	assert.ErrorContains(t, r.Check(line(card.T("report.nonsense"))), `"report.nonsense"`)
	assert.ErrorContains(t, r.Check(line(card.T("report.title"))), "{metric}")
	assert.ErrorContains(t, r.Check(line(card.T("report.total", "x", card.Count(1)))), "{x}")
	deep := card.List{card.Said(card.T("report.value", "label", card.Word("nowhere"), "value", card.Count(1)))}
	assert.ErrorContains(t, r.Check(line(card.T("note.filter", "names", deep))), `"nowhere"`)
	cell := card.Card{Blocks: []card.Block{card.Table{Rows: []card.Row{{Cells: []card.Value{card.Word("gone")}}}}}}
	assert.ErrorContains(t, r.Check(cell), `"gone"`)
}

func testRenderer(t testing.TB) *Renderer {
	t.Helper()
	r, err := New(templates.Text())
	require.NoError(t, err)
	return r
}

// TestTheRenderersOwnTextsExist reads the keys out of the sources: a word of
// the renderer's own that a language lacked would be shown as its key.
func TestTheRenderersOwnTextsExist(t *testing.T) {
	r := testRenderer(t)
	sources, err := filepath.Glob("*.go")
	require.NoError(t, err)
	own := regexp.MustCompile(`(?:word|plural|card\.T)\("([a-z_.]+[a-z_])"[,)]`)
	seen := 0
	for _, file := range sources {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		code, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range own.FindAllStringSubmatch(string(code), -1) {
			assert.True(t, r.Has(m[1]), "%s: %s", file, m[1])
			seen++
		}
	}
	assert.Greater(t, seen, 35)
}

func namesOf(forms []form) []string {
	var names []string
	for _, f := range forms {
		names = append(names, f.name)
	}
	return names
}
