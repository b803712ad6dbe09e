package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// file writes a file to import and returns its path.
func (s *shell) file(name, body string) string {
	s.Helper()
	path := filepath.Join(s.TempDir(), name)
	require.NoError(s, os.WriteFile(path, []byte(body), 0o600))
	return path
}

// webhook is a body of Meta's with one change of a field.
func webhook(field, value string) string {
	return `{"object":"whatsapp_business_account","entry":[{"id":"22","changes":[{"field":"` + field + `","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"576010000000","phone_number_id":"1060"},` + value + `}}]}]}`
}

func TestWhatIsKeptWithAFlagIsShown(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	assert.Equal(t, []any{}, s.does("faults")["flagged"])
	odd := s.file("odd.json", webhook("messages", `"messages":[`+
		`{"id":"wamid.1","timestamp":"1773846000","type":"text","text":{"body":"who?"}},`+
		`{"from":"573009998877","id":"wamid.2","timestamp":"3918000000","type":"text","text":{"body":"when?"}},`+
		`{"from":"573009998877","id":"wamid.3","timestamp":"1773846000","type":"hologram"}],"novelty":[{"a":1}]`))
	field := s.file("field.json", webhook("standby2", `"x":[]`))
	report := s.does("import", "--source", "whatsapp", odd, field)
	assert.Equal(t, []any{5.0, 1.0, 4.0, 0.0}, []any{report["events"], report["new"], report["kept"], report["faulty"]}, "as the contract has it")
	assert.Len(t, report, 7)

	check := func() {
		t.Helper()
		shown := s.does("faults")
		assert.Empty(t, shown["faults"], "nothing of it is a fault")
		flags := map[string]float64{}
		for _, x := range shown["flagged"].([]any) {
			f := x.(map[string]any)
			flags[f["kind"].(string)+" "+f["flag"].(string)] = f["n"].(float64)
			assert.NotEmpty(t, f["last_at"])
		}
		assert.Equal(t, map[string]float64{"noted no_sender": 1, "noted no_time": 2, "message.received future": 1}, flags)
		words := map[string]float64{}
		for _, x := range shown["unknown"].([]any) {
			f := x.(map[string]any)
			words[f["kind"].(string)+" "+f["word"].(string)] = f["n"].(float64)
		}
		assert.Equal(t, map[string]float64{"message hologram": 1, "value novelty": 1, "field standby2": 1}, words)
	}
	check()
	s.does("import", "--source", "whatsapp", odd, field)
	check()
	code, _, errs := s.run("rebuild")
	require.Equal(t, 0, code, errs)
	check()

	code, out, _ := s.run("faults")
	assert.Equal(t, 0, code)
	for _, line := range []string{"kept, flagged no_sender: 1 noted", "kept, flagged future: 1 message.received", "not known here: message hologram, in 1 delivery"} {
		assert.Contains(t, out, line)
	}
	assert.Equal(t, "warn", s.checks(1)["kept with a flag"])
}

const bom = "\uFEFF"

// Windows begins files with a mark that is no JSON.
func TestImportOfAFileWithAByteOrderMark(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	event := func(id string) string {
		return `{"id":"` + id + `","type":"message.received","at":"2026-03-18T10:00:00Z","channel":"whatsapp:1060","contact":{"phone":"+573009998877"},"message":{"id":"wamid.` + id + `","kind":"text"}}`
	}
	for i, c := range []struct{ name, body string }{
		{"a.jsonl", bom + event("1") + "\r\n" + event("2") + "\r\n"},
		{"a.txt", bom + event("3") + "\n" + event("4") + "\n"},
		{"a.json", bom + `{"events":[` + event("5") + "," + event("6") + `]}`},
	} {
		report := s.does("import", s.file(c.name, c.body))
		assert.Equal(t, []any{2.0, 0.0}, []any{report["new"], report["faulty"]}, c.name)
		assert.Equal(t, float64(2*i+2), s.does("query", "messages_received", "--from", "2026-03-18", "--to", "2026-03-19")["total"].(map[string]any)["messages_received"].(map[string]any)["value"])
	}
	report := s.does("import", "--source", "whatsapp", s.file("b.json", bom+webhook("messages", `"messages":[{"from":"573009998877","id":"wamid.7","timestamp":"1773846000","type":"text","text":{"body":"x"}}]`)))
	assert.Equal(t, 1.0, report["new"])
}

func TestImportSaysWhatIsWrong(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	for _, c := range []struct {
		name, body, says string
		code             int
	}{
		{"a.json", "nonsense", "a.json: not JSON\n", 1},
		{"b.json", `{"events":[],"foo":1}`, "foo: unknown field beside events; leave it out", 0},
		{"c.json", `{"events":[],"events":[]}`, "events: given twice; leave one out", 0},
	} {
		code, out, _ := s.run("import", s.file(c.name, c.body))
		assert.Equal(t, c.code, code)
		assert.Contains(t, out, c.says)
	}
}
