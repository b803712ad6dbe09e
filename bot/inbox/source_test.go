package inbox

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const received = 1795446000000 // 2026-11-23T15:00:00Z

// TestGoldens decodes every testdata/<source>/*.json and compares what it amounts
// to with the .events file beside it.
func TestGoldens(t *testing.T) {
	for _, s := range Sources() {
		bodies, err := filepath.Glob(filepath.Join("testdata", s.Name, "*.json"))
		require.NoError(t, err)
		require.NotEmpty(t, bodies, "source %s has no golden bodies", s.Name)
		for _, path := range bodies {
			t.Run(strings.TrimSuffix(path, ".json"), func(t *testing.T) {
				body, err := os.ReadFile(path)
				require.NoError(t, err)
				require.NoError(t, CheckJSON(body))
				got := readable(s.Decode(body, received))
				golden := strings.TrimSuffix(path, ".json") + ".events"
				if *update {
					require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
				}
				want, err := os.ReadFile(golden)
				require.NoError(t, err)
				assert.Equal(t, string(want), got)
			})
		}
	}
}

// TestBadSignatures alters proofs of every source in every way that matters.
func TestBadSignatures(t *testing.T) {
	body := []byte(`{"entry":[]}`)
	proofs := map[string]string{ // of body, with the secret "s3cret"
		"cloudapi": "sha256=55e94cedb4167d0e4e8c20f779a70292819e38da2afea51bf02dc6ecc52542ba",
		"events":   "Bearer s3cret",
	}
	for _, s := range Sources() {
		t.Run(s.Name, func(t *testing.T) {
			good, ok := proofs[s.Name]
			require.True(t, ok, "no proof is known for source %s", s.Name)
			assert.True(t, s.Verify(body, good, []string{"s3cret"}))
			assert.True(t, s.Verify(body, good, []string{"old", "", "s3cret"}), "any of the secrets")
			assert.False(t, s.Verify(body, good, []string{"other"}), "another secret")
			assert.False(t, s.Verify(body, good, []string{"", "s3cret "}), "a secret like it")
			assert.False(t, s.Verify(body, good, nil), "no secret")
			assert.False(t, s.Verify(body, "", []string{"s3cret"}), "no header")
			assert.False(t, s.Verify(body, "", []string{""}), "nothing at all")
			for i := range good {
				bad := []byte(good)
				bad[i] ^= 1
				assert.False(t, s.Verify(body, string(bad), []string{"s3cret"}), "byte %d altered", i)
				assert.False(t, s.Verify(body, good[:i], []string{"s3cret"}), "cut to %d bytes", i)
			}
			assert.False(t, s.Verify(body, good+","+good, []string{"s3cret"}), "two proofs")
			assert.False(t, s.Verify(body, good+"0", []string{"s3cret"}), "longer")
		})
	}
}

func TestDecodeByName(t *testing.T) {
	body := []byte(`{"object":"whatsapp_business_account","entry":[]}`)
	for _, name := range []string{"cloudapi", "whatsapp"} {
		d, err := Decode(name, body, received)
		require.NoError(t, err)
		assert.Empty(t, d.Faults)
	}
	d, err := Decode("events", body, received)
	require.NoError(t, err)
	assert.Len(t, d.Faults, 1)
	_, err = Decode("telegraph", body, received)
	assert.ErrorContains(t, err, "telegraph")
}

func TestSourcesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Sources() {
		for _, word := range []string{s.Name, s.Path} {
			assert.False(t, seen[word], "%s is taken twice", word)
			seen[word] = true
		}
		assert.NotEmpty(t, s.Import)
		assert.NotEmpty(t, s.Header)
	}
}

func TestCanonicalBodyRefusedWhole(t *testing.T) {
	long := `{"events":[],"x":"` + strings.Repeat("x", 70_000) + `"}`
	d := canonical([]byte(long), received)
	require.Len(t, d.Faults, 1)
	assert.Empty(t, d.Faults[0].Element)
	assert.Len(t, d.Faults[0].Body, 64<<10)
	assert.NotContains(t, d.Faults[0].Reason, "xxx")
}

// FuzzDecode gives any body to every source.
func FuzzDecode(f *testing.F) {
	bodies, err := filepath.Glob(filepath.Join("testdata", "*", "*.json"))
	require.NoError(f, err)
	for _, path := range bodies {
		body, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, s := range Sources() {
			first, second := s.Decode(body, received), s.Decode(body, received)
			require.Equal(t, readable(first), readable(second))
			for _, e := range first.Events {
				require.Equal(t, s.Name, e.Source)
			}
			if CheckJSON(body) == ErrNotJSON {
				continue
			}
			for _, fault := range first.Faults {
				require.NotEmpty(t, fault.Reason)
			}
		}
	})
}

// readable writes what a body amounts to, one fact a line.
func readable(d models.Decoded) string {
	var b strings.Builder
	for _, e := range d.Events {
		writeEvent(&b, e)
	}
	for _, f := range d.Faults {
		fmt.Fprintf(&b, "fault %s: %s\n    %s\n", f.Element, f.Reason, excerpt(string(f.Body), 120))
	}
	for _, u := range d.Unknown {
		fmt.Fprintf(&b, "unknown %s\n", u)
	}
	return b.String()
}

func writeEvent(b *strings.Builder, e models.Event) {
	fmt.Fprintf(b, "%s %s\n    at %s", e.Kind, e.Key, moment(e.At))
	if e.Channel != "" {
		fmt.Fprintf(b, " on %s", e.Channel)
	}
	b.WriteByte('\n')
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "    %s %s\n", name, value)
		}
	}
	line("party", aliases(e.Party))
	line("author", aliases(e.Author))
	line("name", quoted(e.Name))
	if e.Agent != nil {
		line("agent", fmt.Sprintf("id=%q name=%q team=%q", e.Agent.ID, e.Agent.Name, e.Agent.Team))
	}
	if e.Message != nil {
		line("message", message(*e.Message))
	}
	line("text", quoted(e.Text))
	line("label", quoted(e.Label))
	line("category", quoted(e.Category))
	line("summary", quoted(e.Summary))
	line("by", e.By)
	line("origin", e.Origin)
	line("mentions", strings.Join(e.Mentions, ", "))
	line("merged into", aliases(e.MergedInto))
	line("notice", e.Notice)
	line("details", excerpt(string(e.Details), 300))
	line("flags", strings.Join(e.Flags, " "))
}

func message(m models.Message) string {
	parts := []string{fmt.Sprintf("%s %s", m.ID, [...]string{"?", "in", "out"}[m.Dir])}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	if m.Party.Value != "" {
		add("party", aliases([]models.Alias{m.Party}))
	}
	for _, at := range []struct {
		name string
		at   int64
	}{{"provider", m.ProviderAt}, {"said", m.SaidAt}, {"delivered", m.DeliveredAt}, {"read", m.ReadAt}, {"failed", m.FailedAt}, {"deleted", m.DeletedAt}} {
		if at.at != 0 {
			add(at.name, moment(at.at))
		}
	}
	add("kind", m.Kind)
	add("template", m.Template)
	add("content", rank(m.Content))
	add("sender", string(m.Sender))
	add("agent", m.Agent)
	add("author", rank(m.Author))
	add("error", m.Error)
	add("title", quoted(m.ErrorTitle))
	add("category", m.PriceCategory)
	add("price-type", m.PriceType)
	add("price", rank(m.Price))
	for name, on := range map[string]bool{"billable": m.Billable} {
		if on {
			parts = append(parts, name)
		}
	}
	if m.Echo {
		parts = append(parts, "echo")
	}
	if m.Ad {
		parts = append(parts, "ad")
	}
	return strings.Join(parts, " ")
}

func rank(r models.Rank) string {
	return map[models.Rank]string{models.RankHistory: "history", models.RankRead: "read", models.RankMeta: "meta",
		models.RankSent: "sent", models.RankOpaque: "opaque", models.RankProxy: "proxy", models.RankInbox: "inbox"}[r]
}

func aliases(list []models.Alias) string {
	names := map[models.AliasKind]string{models.ByID: "id", models.ByUser: "user", models.ByParent: "parent",
		models.ByPhone: "phone", models.ByGroup: "group", models.ByUsername: "username"}
	var parts []string
	for _, a := range list {
		parts = append(parts, names[a.Kind]+":"+a.Value)
	}
	return strings.Join(parts, " ")
}

func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999Z07:00") }

func quoted(s string) string {
	if s == "" {
		return ""
	}
	return fmt.Sprintf("%q", s)
}

func excerpt(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}
