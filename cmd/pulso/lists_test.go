package main

import (
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAlertsAreListedAsPeopleWriteThem(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	body, err := os.ReadFile(s.config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(s.config, append(body, `alerts:
  - {name: a, when: "messages_received drop 30%"}
  - {name: b, when: "messages_received silence", for: 2h}
  - {name: c, when: "first_response > 10m"}
  - {name: d, when: "first_response > 90s"}
  - {name: e, when: "delivery_rate < 92.5%"}
  - {name: f, when: "waiting >= 20"}
`...), 0o600))
	code, out, errs := s.run("alerts", "list")
	require.Equal(t, 0, code, errs)
	for _, want := range []string{"messages_received drop 30%", "messages_received silence 2h", "first_response > 10m", "first_response > 90s", "delivery_rate < 92.5%", "conversations_waiting >= 20"} {
		assert.Regexp(t, `(?m)  `+want+`  +normal$`, out)
	}
	assert.Equal(t, 0.3, s.does("alerts", "list")["alerts"].([]any)[0].(map[string]any)["threshold"], "scripts get the number")
}

func TestDigestsNameTheirDays(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	for _, words := range []string{"every monday at 9", "every day at 7", "digest add monthly 1 at 09:00: stats last month"} {
		s.does("digests", "add", words, "--as", "Olga")
	}
	days := map[string]any{}
	for _, x := range s.does("digests", "list")["digests"].([]any) {
		d := x.(map[string]any)
		days[d["at"].(string)+" "+d["ask"].(string)] = d["days"]
	}
	all := []any{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
	assert.Equal(t, map[string]any{"08:00 resumen de ayer": all, "09:00 stats last week": []any{"mon"}, "07:00 stats yesterday": all, "09:00 stats last month": []any{}}, days)
}

func TestEraseCountsInWords(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	s.does("import", s.file("e.jsonl", `{"id":"e1","type":"message.received","at":"2026-03-18T10:00:00Z","channel":"whatsapp:1060","contact":{"phone":"+573009998877","name":"Luz"},"message":{"id":"wamid.1","kind":"text","text":"hola"}}`+"\n"))
	s.stdin = "no\n"
	s.fails(1, "This forgets 1 contact with 1 message and 1 conversation, for good.", "erase", "Luz")
	_, out, _ := s.run("erase", "Luz", "--yes")
	assert.Equal(t, "forgotten: 1 message, 0 events, 1 conversation, 1 raw body, 0 answers of the bot\n", out)
}

// The port is looked at before the 730 days are made up.
func TestDemoSaysAtOnceThatThePortIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	s := &shell{T: t}
	began := time.Now()
	code, out, errs := s.run("demo", "--headless", "--days", "730", "--listen", l.Addr().String())
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "address already in use")
	assert.Empty(t, strings.TrimSpace(out))
	assert.Less(t, time.Since(began), 10*time.Second)
}
