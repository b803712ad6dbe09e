package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	webhooks  = "/webhooks/whatsapp"
	appSecret = "app-secret-of-a-trial"
	oldSecret = "app-secret-before-it"
	token     = "token-of-a-trial"
	verify    = "word-of-a-trial"

	// message is a webhook of one message; event a canonical event.
	message = `{"object":"whatsapp_business_account","entry":[{"id":"2060","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"576015550100","phone_number_id":"1060"},"contacts":[{"profile":{"name":"Luz"},"wa_id":"573001112233"}],` +
		`"messages":[{"from":"573001112233","id":"wamid.HBgMNTczMDAxMTEyMjMzFQIAEhgUM0E1QjdDOUQwRTFG","timestamp":"1795440000","type":"text","text":{"body":"hola"}}]}}]}]}`
	event = `{"id":"in-1","type":"message.received","at":"2026-11-23T10:00:00-05:00","channel":"whatsapp:1060",` +
		`"contact":{"phone":"+573001112233","name":"Luz"},"message":{"id":"wamid.A","kind":"text","text":"hola"}}`
)

// keeper is a receiver that keeps in memory; accept, if set, decides instead.
type keeper struct {
	mu     sync.Mutex
	kept   []string // "source body"
	accept func(ctx context.Context) error
}

func (k *keeper) Accept(ctx context.Context, source string, body []byte) error {
	if k.accept != nil {
		if err := k.accept(ctx); err != nil {
			return err
		}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.kept = append(k.kept, source+" "+string(body))
	return nil
}

func (k *keeper) all() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return append([]string(nil), k.kept...)
}

// trial returns options of a server that stores with k and logs to nobody.
func trial(k Receiver) Options {
	return Options{
		Receiver: k,
		Secrets: func(source string) []string {
			return map[string][]string{"cloudapi": {oldSecret, appSecret}, "events": {"another-token", token}}[source]
		},
		VerifyTokens: func() []string { return []string{"", verify} },
		Ready:        func(context.Context) Readiness { return Readiness{Ready: true, Database: "ok"} },
		Now:          time.Now,
		Log:          slog.New(slog.DiscardHandler),
	}
}

func serving(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	require.NoError(t, err)
	return s
}

func sign(body, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

// post makes a request; headers are names and values in turn.
func post(path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func webhook(body string) *http.Request {
	return post(webhooks, body, "X-Hub-Signature-256", sign(body, appSecret))
}

func canonical(body string) *http.Request {
	return post("/v1/events", body, "Authorization", "Bearer "+token)
}

// do answers a request and checks what holds for every answer.
func do(t testing.TB, s *Server, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	if w.Code >= 400 && r.URL.Path != "/readyz" {
		requireProblem(t, w.Body.Bytes())
	}
	return w
}

// requireProblem checks the body of a refusal: small, and of one field.
func requireProblem(t testing.TB, body []byte) {
	t.Helper()
	var p problem
	read := json.NewDecoder(bytes.NewReader(body))
	read.DisallowUnknownFields()
	require.NoError(t, read.Decode(&p), "%s", body)
	require.NotEmpty(t, p.Error)
	require.LessOrEqual(t, len(body), 200)
}

// listening serves on a real listener until the test ends.
func listening(t *testing.T, s *Server, change func(*http.Server)) string {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config = s.HTTPServer("", s.Handler())
	if change != nil {
		change(server.Config)
	}
	server.Start()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		server.Close()
	})
	return server.Listener.Addr().String()
}

// send makes a request over the network and returns the status; 0 when there is
// none. Any goroutine may call it.
func send(t *testing.T, r *http.Request) int {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if !assert.NoError(t, err) {
		return 0
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	assert.NoError(t, err)
	return answer.StatusCode
}

// over turns a request for a recorder into one for the network.
func over(address string, r *http.Request) *http.Request {
	r.URL.Scheme, r.URL.Host, r.RequestURI, r.Host = "http", address, "", ""
	return r
}

func TestWebhookIsStoredAsItCame(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	for _, body := range []string{message, ` {"object" : "whatsapp_business_account" } `, `"nonsense"`, `[1e400]`, "\"\xff\xfe\""} {
		w := do(t, s, webhook(body))
		assert.Equal(t, http.StatusOK, w.Code)
		assert.Empty(t, w.Body.String())
		all := k.all()
		assert.Equal(t, "cloudapi "+body, all[len(all)-1])
	}
	assert.Len(t, k.all(), 5)
}
