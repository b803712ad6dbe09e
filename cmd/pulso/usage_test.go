package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is wrong with a call ends with 2, what goes wrong with 1.
func TestWrongCalls(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	for _, c := range []struct {
		says string
		args []string
	}{
		{"serv is no command; did you mean serve?", []string{"serv"}},
		{"xyzzy is no command", []string{"xyzzy"}},
		{"people lst is no command; did you mean list?", []string{"people", "lst"}},
		{"--from yesterday: want RFC 3339", []string{"query", "messages_received", "--from", "yesterday"}},
		{"--to 2026-13-01", []string{"query", "messages_received", "--to", "2026-13-01"}},
		{"the period ends before it begins", []string{"query", "messages_received", "--from", "2026-03-02", "--to", "2026-03-01"}},
		{"--where agent=Zoe: nobody is called that", []string{"query", "messages_received", "--where", "agent=Zoe"}},
		{"--where x=1: want DIM=VALUE", []string{"query", "messages_received", "--where", "x=1"}},
		{"--compare lastweek", []string{"query", "messages_received", "--compare", "lastweek"}},
		{"--compare-from", []string{"query", "messages_received", "--compare-from", "x"}},
		{"no metric is called \"messages\"", []string{"query", "messages"}},
		{"no metric is called \"\"", []string{"query", "messages_received,"}},
		{"--by planet: no such dimension", []string{"query", "messages_received", "--by", "planet"}},
		{"does not go with", []string{"query", "missed_windows", "--by", "agent"}},
		{"--by agent: given twice", []string{"query", "messages_sent", "--by", "agent,agent"}},
		{"--by agent,team,day: want one or two dimensions", []string{"query", "messages_sent", "--by", "agent,team,day"}},
		{"--order up: want worst, best, desc or asc", []string{"query", "messages_received", "--order", "up"}},
		{"--limit -1", []string{"query", "messages_received", "--limit", "-1"}},
		{"--json or --csv, not both", []string{"query", "messages_received", "--json", "--csv"}},
		{"--json or --csv, not both", []string{"messages", "--json", "--csv"}},
		{"a stock takes neither --from nor --to", []string{"query", "conversations_waiting", "--from", "2026-03-01"}},
		{"a stock takes neither --from nor --to", []string{"query", "conversations_waiting,conversations_open", "--to", "2026-03-01"}},
		{"--rows shows the rows of one metric", []string{"query", "messages_received,messages_sent", "--rows"}},
		{"--from yesterday", []string{"messages", "--from", "yesterday"}},
		{"--where x=1: want FIELD=VALUE", []string{"messages", "--where", "x=1"}},
		{"a direction is in or out", []string{"messages", "--where", "direction=up"}},
		{"want true or false", []string{"conversations", "--where", "open=perhaps"}},
		{"nobody is called that", []string{"assignments", "--where", "agent=Zoe"}},
		{"--limit -1", []string{"contacts", "--limit", "-1"}},
		{"--from yesterday", []string{"outbox", "--from", "yesterday"}},
		{"--source fax: want one of", []string{"import", "--source", "fax", s.file("x.json", "{}")}},
		{"--now never", []string{"ask", "--now", "never", "stats today"}},
		{"say whose with --as", []string{"digests", "add", "every day at 8"}},
		{"unknown flag", []string{"query", "messages_received", "--form", "x"}},
		{"accepts 1 arg", []string{"query"}},
	} {
		s.fails(2, c.says, c.args...)
	}
	s.fails(1, "no contact", "erase", "nobody", "--yes")
	code, out, _ := s.run("people")
	assert.Equal(t, 0, code, "a group alone shows what it holds")
	assert.Contains(t, out, "invite")
	code, out, _ = s.run()
	assert.Equal(t, 0, code)
	assert.Contains(t, out, "serve")
}

func TestMetricsAskedTwiceAreToldOnce(t *testing.T) {
	s := newShell(t, nowhere(t), nowhere(t))
	code, out, errs := s.run("query", "messages_received,messages_sent,messages_received", "--json")
	require.Equal(t, 0, code, errs)
	var v struct{ Metrics []string }
	require.NoError(t, json.Unmarshal([]byte(out), &v))
	assert.Equal(t, []string{"messages_received", "messages_sent"}, v.Metrics)
	_, out, _ = s.run("query", "messages_received,messages_received", "--csv")
	assert.Equal(t, "messages_received\n0\n", out)
}
