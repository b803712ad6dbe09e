package whatsapp

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"pulso/bot/demo/graph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	token = "EAAB-secret-token"
	shop  = "1060"
	waba  = "2060"
	luz   = "+573001112233"
)

var noon = time.Date(2026, time.November, 18, 12, 0, 0, 0, time.UTC)

// world is the simulated WhatsApp with a client of it.
type world struct {
	*graph.Server
	*Client
	t       *testing.T
	address string
	mu      sync.Mutex
	now     time.Time
}

func newWorld(t *testing.T, change ...func(*graph.Options)) *world {
	w := quietWorld(t, change...)
	server := httptest.NewServer(w.Server)
	w.address = server.URL
	w.Client = newClient(t, server.URL)
	t.Cleanup(func() {
		w.Client.Close()
		w.Server.Close()
		server.Close()
	})
	return w
}

// quietWorld is a world without a network, for raw only.
func quietWorld(t *testing.T, change ...func(*graph.Options)) *world {
	w := &world{t: t, now: noon}
	options := graph.Options{
		Clock: w.clock, AppSecret: "app", Token: token, Seed: 3,
		Numbers: []graph.Number{
			{ID: shop, WABA: waba, Display: "+57 601 5550100", Name: "Tienda Luna"},
			{ID: "1061", WABA: waba, Display: "+57 601 5550101", Name: "Tienda Sol"},
		},
	}
	for _, c := range change {
		c(&options)
	}
	w.Server = graph.New(options)
	return w
}

func newClient(t *testing.T, address string, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{GraphURL: address, PhoneNumberID: shop, WABAID: waba, AccessToken: token, Now: time.Now}
	for _, c := range change {
		c(&config)
	}
	c, err := New(config)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass lets a minute of the simulated time go by.
func (w *world) pass() {
	w.mu.Lock()
	w.now = w.now.Add(time.Minute)
	now := w.now
	w.mu.Unlock()
	w.Tick(now)
}

// raw sends a message without asking Check, and returns the code that the
// simulated WhatsApp refuses it with; 0 = accepted.
func (w *world) raw(m Message) int {
	w.t.Helper()
	data, err := json.Marshal(m.wire())
	require.NoError(w.t, err)
	r := httptest.NewRequest("POST", "/v25.0/"+shop+"/messages", bytes.NewReader(data))
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	var answer graphError
	require.NoError(w.t, json.Unmarshal(rec.Body.Bytes(), &answer))
	if answer.Error == nil {
		return 0
	}
	return *answer.Error.Code
}

// answering is a transport that answers every request in the same way.
type answering struct {
	status int
	header http.Header
	body   string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	return &http.Response{
		StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}, nil
}

func letters(n int) string { return strings.Repeat("ñ", n) }

func to(content Content) Message { return Message{To: luz, Content: content} }
