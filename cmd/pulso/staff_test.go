package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTree holds the command line to its table (docs: the command line is a
// contract).
func TestTree(t *testing.T) {
	have := map[string]*cobra.Command{}
	var walk func(prefix string, cmd *cobra.Command)
	walk = func(prefix string, cmd *cobra.Command) {
		for _, sub := range cmd.Commands() {
			name := strings.TrimSpace(prefix + " " + sub.Name())
			have[name] = sub
			walk(name, sub)
		}
	}
	c := &console{}
	root := c.root()
	walk("", root)
	for name, flags := range map[string]string{
		"serve": "clock", "demo": "listen days seed headless clock", "ask": "as now json out session apply", "query": "from to by where compare now json csv",
		"metrics": "json", "conversations": "from to where limit json csv", "messages": "from to where limit json csv", "contacts": "from to where limit json csv",
		"assignments": "from to where limit json csv", "comments": "from to where limit json csv", "import": "source json", "faults": "json", "rebuild": "", "audit": "",
		"people list": "json", "people invite": "json role name teams channels language", "people revoke": "json",
		"alerts list": "json as", "alerts add": "json as", "alerts remove": "json as", "alerts test": "json as",
		"digests list": "json as", "digests add": "json as", "digests remove": "json as", "digests send": "json as",
		"templates list": "json", "templates push": "json", "templates status": "json", "doctor": "json", "erase": "yes json", "export-contact": "",
		"outbox": "json from to", "migrate": "", "version": "",
	} {
		cmd := have[name]
		if !assert.NotNil(t, cmd, "pulso %s", name) {
			continue
		}
		assert.NotNil(t, cmd.RunE, "pulso %s does something", name)
		assert.NotEmpty(t, cmd.Short, "pulso %s", name)
		for _, f := range strings.Fields(flags) {
			assert.True(t, cmd.Flags().Lookup(f) != nil || cmd.InheritedFlags().Lookup(f) != nil, "pulso %s --%s", name, f)
		}
	}
	for _, f := range []string{"config", "database", "log-level"} {
		assert.NotNil(t, root.PersistentFlags().Lookup(f), "--%s", f)
	}
}

// shell runs the program in a directory of its own.
type shell struct {
	*testing.T
	config string
	stdin  string
}

func newShell(t *testing.T, graph, public string) *shell {
	dir := t.TempDir()
	s := &shell{T: t, config: filepath.Join(dir, "config.yaml")}
	require.NoError(t, os.WriteFile(s.config, fmt.Appendf(nil, `
business: {timezone: America/Bogota, language: es}
database: {dsn: "sqlite:%s"}
server: {public_url: %q}
whatsapp:
  - {phone_number_id: "1060", waba_id: "22", access_token: token, app_secrets: [secret], verify_token: verify-me, bot: true, graph_url: %q}
people:
  - {phone: "+573001112233", name: Olga, role: owner, digests: [{id: olga, at: "08:00", ask: "resumen de ayer"}]}
`, filepath.Join(dir, "pulso.db"), public, graph), 0o600))
	return s
}

func (s *shell) run(args ...string) (int, string, string) {
	s.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), append(args, "--config", s.config), strings.NewReader(s.stdin), &out, &errs)
	return code, out.String(), errs.String()
}

// does runs a command that must succeed and reads its JSON.
func (s *shell) does(args ...string) map[string]any {
	s.Helper()
	code, out, errs := s.run(append(args, "--json")...)
	require.Equal(s, 0, code, errs)
	var v map[string]any
	require.NoError(s, json.Unmarshal([]byte(out), &v), out)
	return v
}

func (s *shell) fails(code int, says string, args ...string) {
	s.Helper()
	got, _, errs := s.run(args...)
	assert.Equal(s, code, got, errs)
	assert.Contains(s, errs, says)
}

func nowhere(t *testing.T) string {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	return closed.URL
}

func TestPeopleCommands(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	invited := s.does("people", "invite", "+57 300 555 6677", "--role", "manager", "--name", "Ana", "--teams", "ventas")
	assert.Regexp(t, `^[A-Z2-7]{4}(-[A-Z2-7]{4}){3}$`, strings.NewReplacer("0", "O", "1", "I", "8", "B").Replace(invited["code"].(string)))
	list := s.does("people", "list")["people"].([]any)
	require.Len(t, list, 2)
	olga, ana := list[0].(map[string]any), list[1].(map[string]any)
	assert.Equal(t, []any{"Olga", "owner", true, "active", "America/Bogota"}, []any{olga["name"], olga["role"], olga["from_file"], olga["state"], olga["timezone"]})
	assert.Equal(t, []any{"+573005556677", "manager", false, "invited"}, []any{ana["phone"], ana["role"], ana["from_file"], ana["state"]})
	assert.Equal(t, map[string]any{"teams": []any{"ventas"}, "channels": []any{}}, ana["scope"])
	s.fails(2, "no phone number", "people", "invite", "Ana")
	s.fails(2, "want owner, admin, manager or viewer", "people", "invite", "+573005556677", "--role", "boss")
	s.fails(2, "belongs to people already", "people", "invite", "+573001112233")
	s.fails(2, "accepts 1 arg", "people", "revoke")
	s.fails(1, "file of settings", "people", "revoke", "Olga")
	s.fails(1, "nobody", "people", "revoke", "Pedro")
	assert.Equal(t, "+573005556677", s.does("people", "revoke", "ana")["revoked"])
	assert.Len(t, s.does("people", "list")["people"], 1)
}

func TestAlertCommands(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	s.does("alerts", "add", "first_response > 10m for 15m")
	s.does("alerts", "add", "avisame si hay mas de 20 esperando por 10 min", "--as", "Olga")
	list := s.does("alerts", "list")["alerts"].([]any)
	require.Len(t, list, 2)
	first, second := list[0].(map[string]any), list[1].(map[string]any)
	assert.Equal(t, []any{"first_response", ">", 600.0, 900.0, "normal", []any{}}, []any{first["metric"], first["op"], first["threshold"], first["for_seconds"], first["state"], first["to"]}, "nobody named: owners and admins")
	assert.Equal(t, []any{"conversations_waiting", 20.0, []any{"+573001112233"}}, []any{second["metric"], second["threshold"], second["to"]})
	assert.Equal(t, false, s.does("alerts", "test", "101")["known"], "there is no record")
	assert.Equal(t, false, s.does("alerts", "test", "first_response > 5m")["known"])
	assert.Len(t, s.does("alerts", "list")["alerts"], 2, "a trial adds nothing")
	s.fails(1, "not understood", "alerts", "add", "tralala")
	s.fails(2, "no number", "alerts", "remove", "x")
	s.fails(1, "no alert 7", "alerts", "remove", "7")
	s.does("alerts", "remove", "101")
	assert.Len(t, s.does("alerts", "list")["alerts"], 1)
}

func TestDigestCommands(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	s.fails(2, "--as", "digests", "add", "every day at 8")
	s.does("digests", "add", "every day at 8", "--as", "Olga")
	list := s.does("digests", "list", "--as", "+573001112233")["digests"].([]any)
	require.Len(t, list, 2)
	added := list[1].(map[string]any)
	assert.Equal(t, []any{"Olga", "08:00", false}, []any{added["person"], added["at"], added["from_file"]})
	assert.NotNil(t, added["next"])
	key := s.does("digests", "send", "olga")["key"].(string)
	assert.Regexp(t, `^digest/olga/\d{4}-\d\d-\d\d$`, key)
	rows := s.does("outbox")["outgoing"].([]any)
	require.NotEmpty(t, rows)
	row := rows[0].(map[string]any)
	assert.Equal(t, []any{key, "once", "planned", "+573001112233"}, []any{row["key"], row["class"], row["state"], row["to"]})
	s.fails(1, "already", "digests", "send", "olga")
	assert.Len(t, s.does("outbox")["outgoing"], len(rows), "once a day")
	s.fails(1, "file of settings", "digests", "remove", "olga")
	s.fails(1, "no digest", "digests", "send", "none")
	s.does("digests", "remove", added["id"].(string))
	assert.Len(t, s.does("digests", "list")["digests"], 1)
}

// checks runs doctor and returns the state of each check.
func (s *shell) checks(code int) map[string]string {
	s.Helper()
	got, out, errs := s.run("doctor", "--json")
	require.Equal(s, code, got, errs)
	var v struct {
		OK     bool
		Checks []struct{ Check, State, Says, Mend string }
	}
	require.NoError(s, json.Unmarshal([]byte(out), &v))
	assert.Equal(s, code == 0, v.OK)
	states := map[string]string{}
	for _, c := range v.Checks {
		states[c.Check] = c.State
		assert.NotEmpty(s, c.Says, c.Check)
		assert.Equal(s, c.State == "ok", c.Mend == "", "%s says how to mend it", c.Check)
		for _, secret := range []string{"verify-me", "secret", "Bearer"} {
			assert.NotContains(s, c.Says+c.Mend, secret)
		}
	}
	return states
}

func TestDoctor(t *testing.T) {
	t.Run("offline", func(t *testing.T) {
		s := newShell(t, nowhere(t), nowhere(t))
		s.run("migrate")
		states := s.checks(1)
		for check, state := range map[string]string{
			"database": "ok", "database synchronous": "ok", "database journal": "ok", "people": "ok", "bot": "ok", "app secret of 1060": "ok",
			"credentials of 1060": "fail", "webhook subscription of 1060": "fail", "templates": "fail", "public URL": "fail", "webhook handshake of 1060": "fail",
		} {
			assert.Equal(t, state, states[check], check)
		}
		code, out, _ := s.run("doctor")
		assert.Equal(t, 1, code)
		assert.Contains(t, out, "fail  public URL: ")
	})
	t.Run("no database", func(t *testing.T) {
		s := newShell(t, nowhere(t), nowhere(t))
		code, out, _ := s.run("doctor", "--database", "mysql:u:p@tcp(127.0.0.1:1)/none")
		assert.Equal(t, 1, code)
		assert.Contains(t, out, "fail  database: it does not answer")
		assert.NotContains(t, out, ":p@")
	})
	t.Run("all well", func(t *testing.T) {
		meta := http.NewServeMux()
		answer := func(path, body string) {
			meta.HandleFunc("/v25.0/"+path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		}
		answer("1060", `{"id":"1060","display_phone_number":"+57 601 0000000","quality_rating":"GREEN"}`)
		answer("22/subscribed_apps", `{"data":[{"whatsapp_business_api_data":{"id":"9","name":"Pulso"}}]}`)
		var list []string
		for _, name := range []string{"digest", "digest_short", "alert", "resolved", "health"} {
			list = append(list, fmt.Sprintf(`{"name":"pulso_%s","language":"es","status":"APPROVED","category":"UTILITY","id":"1"}`, name))
		}
		answer("22/message_templates", `{"data":[`+strings.Join(list, ",")+`]}`)
		meta.HandleFunc("/healthz", func(http.ResponseWriter, *http.Request) {})
		meta.HandleFunc("/webhooks/whatsapp", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("hub.verify_token") == "verify-me" {
				fmt.Fprint(w, r.URL.Query().Get("hub.challenge"))
			}
		})
		web := httptest.NewServer(meta)
		defer web.Close()
		s := newShell(t, web.URL, web.URL)
		s.run("migrate")
		for check, state := range s.checks(0) {
			if check != "settings" { // opening hours are not said
				assert.Equal(t, "ok", state, check)
			}
		}
	})
}

func TestEraseCommand(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	events := filepath.Join(t.TempDir(), "events.jsonl")
	require.NoError(t, os.WriteFile(events, []byte(`{"id":"e1","type":"message.received","at":"2026-03-18T10:00:00Z","channel":"whatsapp:1060","contact":{"phone":"+573009998877","name":"Luz"},"message":{"id":"wamid.1","kind":"text","text":"hola"}}`+"\n"), 0o600))
	s.does("import", events)
	figures := func() any {
		return s.does("query", "messages_received,contacts_new", "--from", "2026-03-01", "--to", "2026-04-01")["total"]
	}
	before := figures()
	code, out, _ := s.run("export-contact", "Luz")
	assert.Equal(t, 0, code)
	assert.Contains(t, out, "573009998877")
	assert.Contains(t, out, "hola")
	s.stdin = "no\n"
	s.fails(1, "nothing was erased", "erase", "Luz")
	code, _, _ = s.run("export-contact", "Luz")
	assert.Equal(t, 0, code)
	s.stdin = "yes\n"
	code, out, errs := s.run("erase", "Luz")
	assert.Equal(t, 0, code, errs)
	assert.Contains(t, out, "forgotten: 1 message")
	s.fails(1, "no contact", "export-contact", "+573009998877")
	s.does("import", events) // the same file again brings nobody back
	s.fails(1, "no contact", "export-contact", "+573009998877")
	assert.Equal(t, before, figures())
	code, out, _ = s.run("audit")
	assert.Equal(t, 0, code, out)
}
