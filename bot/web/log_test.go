package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// journal is a log of which tests read the lines.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(b)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

func (j *journal) lines(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	for line := range strings.Lines(j.String()) {
		var v map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &v), "%s", line)
		out = append(out, v)
	}
	return out
}

func logging(o Options, level slog.Level) (Options, *journal) {
	j := &journal{}
	o.Log = slog.New(slog.NewJSONHandler(j, &slog.HandlerOptions{Level: level}))
	return o, j
}

func TestLine(t *testing.T) {
	o, j := logging(trial(&keeper{}), slog.LevelDebug)
	now := time.UnixMilli(1795440000000)
	o.Now = func() time.Time {
		now = now.Add(1500 * time.Microsecond)
		return now
	}
	s := serving(t, o)
	s.Handle(http.MethodGet, "/r/{token}", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	do(t, s, webhook(message))
	do(t, s, post(webhooks, message))
	do(t, s, get("/r/secret"))
	lines := j.lines(t)
	require.Len(t, lines, 3)
	for _, l := range lines {
		delete(l, "time")
	}
	assert.Equal(t, map[string]any{"level": "DEBUG", "msg": "http", "method": "POST", "route": webhooks, "status": 200.0, "bytes": float64(len(message)), "ms": 1.5}, lines[0])
	assert.Equal(t, map[string]any{"level": "WARN", "msg": "http", "method": "POST", "route": webhooks, "status": 401.0, "bytes": 0.0, "ms": 1.5,
		"client": "192.0.2.1", "reason": "proof"}, lines[1])
	assert.Equal(t, "/r/{token}", lines[2]["route"])
}

func TestServedRequestsAreQuiet(t *testing.T) {
	o, j := logging(trial(&keeper{}), slog.LevelInfo)
	s := serving(t, o)
	do(t, s, webhook(message))
	do(t, s, canonical(event))
	assert.Empty(t, j.String())
}

func TestFloodIsOneLineASecond(t *testing.T) {
	o, j := logging(trial(&keeper{}), slog.LevelInfo)
	now := time.UnixMilli(1795440000000)
	o.Now = func() time.Time { return now }
	s := serving(t, o)
	for range 1000 {
		do(t, s, post(webhooks, message))
		do(t, s, get("/nothing"))
	}
	assert.Len(t, j.lines(t), 2, "one for each kind")
	now = now.Add(time.Second)
	do(t, s, post(webhooks, message))
	lines := j.lines(t)
	require.Len(t, lines, 3)
	assert.InDelta(t, 999, lines[2]["more"], 0)
	now = now.Add(-time.Hour)
	do(t, s, post(webhooks, message))
	assert.Len(t, j.lines(t), 4, "a clock set back silences nothing")
}

func TestPanicIsAnsweredAndTheServerLives(t *testing.T) {
	k := &keeper{}
	o, j := logging(trial(k), slog.LevelInfo)
	s := serving(t, o)
	k.accept = func(context.Context) error { panic("canary of a customer") }
	w := do(t, s, webhook(message))
	assert.Equal(t, 500, w.Code)
	assert.Equal(t, `{"error":"something went wrong here"}`, w.Body.String())
	k.accept = func(context.Context) error {
		var none []int
		return errors.New(fmt.Sprint(none[len(message)]))
	}
	assert.Equal(t, 500, do(t, s, canonical(event)).Code)
	k.accept = nil
	assert.Equal(t, 200, do(t, s, webhook(message)).Code)

	lines := j.lines(t)
	require.Len(t, lines, 2)
	assert.Equal(t, "panic: a value of type string", lines[0]["error"])
	assert.Contains(t, lines[0]["stack"], "log_test.go")
	assert.Contains(t, lines[1]["error"], "index out of range")
	assert.NotContains(t, j.String(), "canary")
}

func TestPanicInTheMiddleCutsTheAnswer(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	s.Handle(http.MethodGet, "/half", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic("half")
	}))
	address := listening(t, s, nil)
	answer, err := http.Get("http://" + address + "/half")
	if err == nil {
		_, err = io.ReadAll(answer.Body)
		answer.Body.Close()
	}
	assert.Error(t, err)
	status := send(t, over(address, webhook(message)))
	assert.Equal(t, 200, status)
}

// TestNothingSecretIsLogged puts marks everywhere a request, a setting or a
// panic can carry one, and looks for them in all that is written.
func TestNothingSecretIsLogged(t *testing.T) {
	const mark = "canary"
	k := &keeper{}
	o, j := logging(trial(k), slog.LevelDebug)
	o.Secrets = func(string) []string { return []string{mark + "-secret", appSecret, token} }
	o.VerifyTokens = func() []string { return []string{mark + "-word"} }
	s := serving(t, o)
	s.Handle(http.MethodGet, "/r/{token}", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { panic(r.PathValue("token")) }))
	body := `{"text":"` + mark + ` +573001112233"}`
	odd := strings.Replace(event, "hola", mark, 1)
	requests := []*http.Request{
		get(webhooks + "?hub.mode=subscribe&hub.verify_token=" + mark + "&hub.challenge=" + mark),
		get(webhooks + "?" + mark + "=%zz"),
		get("/" + mark), get("/" + mark + "%0d%0alevel=ERROR"), get("/r/" + mark + "?" + mark),
		httptest.NewRequest("CANARY", webhooks, nil), httptest.NewRequest(http.MethodPut, webhooks+"?"+mark, nil),
		post(webhooks+"?"+mark, body, "X-Hub-Signature-256", sign(body, "wrong")),
		post(webhooks, body, "X-Hub-Signature-256", mark),
		webhook(body), webhook(body + "x"), canonical(odd), canonical(odd + "x"), canonical(batch(odd, strings.Replace(odd, "in-1", "", 1))),
		post("/v1/events", odd, "Authorization", "Bearer "+mark),
	}
	for _, r := range requests {
		r.Header.Set("User-Agent", mark)
		r.Header.Set("Referer", "https://"+mark)
		r.Header.Set("X-Forwarded-For", mark)
		r.Header.Set("Cookie", mark)
		assert.NotContains(t, strings.ToLower(do(t, s, r).Body.String()), mark)
	}
	k.accept = func(context.Context) error { panic(errors.New(mark)) }
	do(t, s, webhook(body))
	metrics := do(t, s, get("/metrics")).Body.String()
	for _, written := range []string{j.String(), metrics} {
		assert.NotContains(t, strings.ToLower(written), mark)
		assert.NotContains(t, written, "573001112233")
		assert.NotContains(t, written, appSecret)
		assert.NotContains(t, written, token)
	}
	assert.GreaterOrEqual(t, len(j.lines(t)), len(requests)/2, "the log was looked at")
}

func TestForwardedAddressIsBelievedOnlyFromProxies(t *testing.T) {
	client := func(proxies ...string) any {
		o, j := logging(trial(&keeper{}), slog.LevelInfo)
		o.TrustedProxies = proxies
		do(t, serving(t, o), post(webhooks, message, "X-Forwarded-For", "203.0.113.9")) // from 192.0.2.1
		return j.lines(t)[0]["client"]
	}
	assert.Equal(t, "192.0.2.1", client())
	assert.Equal(t, "192.0.2.1", client("10.0.0.0/8"))
	assert.Equal(t, "203.0.113.9", client("192.0.2.0/24"))
}

func TestVoiceOfTheServerIsLogged(t *testing.T) {
	o, j := logging(trial(&keeper{}), slog.LevelInfo)
	s := serving(t, o)
	l := s.HTTPServer("", nil).ErrorLog
	for range 100 {
		l.Print("http: accept error")
	}
	lines := j.lines(t)
	require.NotEmpty(t, lines)
	assert.Less(t, len(lines), 3)
	assert.Equal(t, "http: accept error", lines[0]["text"])
}
