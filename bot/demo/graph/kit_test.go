package graph_test

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
	token  = "token-of-the-shop"
	secret = "secret-of-the-app"
	shop   = "1060"
	waba   = "2060"
	luz    = "+573001112233"
	ana    = "+573009998877"
)

type object = map[string]any

// noon is a Wednesday after Meta began to bill service messages.
var noon = time.Date(2026, time.November, 18, 12, 0, 0, 0, time.UTC)

// clock is turned by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// business is the webhook's owner: it records bodies and checks signatures.
type business struct {
	t      *testing.T
	server *httptest.Server
	mu     sync.Mutex
	bodies []object
	answer func(n int) int // status for the n-th body; nil = 200
}

func newBusiness(t *testing.T) *business {
	b := &business{t: t}
	b.server = httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(b.server.Close)
	return b
}

func (b *business) serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var decoded object
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil || json.Unmarshal(body, &decoded) != nil || r.Header.Get("X-Hub-Signature-256") != graph.Sign(secret, body) {
		b.t.Errorf("a webhook that is damaged or not signed: %s", body)
	}
	b.bodies = append(b.bodies, decoded)
	if b.answer != nil {
		w.WriteHeader(b.answer(len(b.bodies)))
	}
}

func (b *business) got() []object {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]object(nil), b.bodies...)
}

// values returns the value of every change of a field, in order of arrival.
func (b *business) values(field string) []object {
	var out []object
	for _, body := range b.got() {
		for _, entry := range list(body["entry"]) {
			for _, change := range list(entry["changes"]) {
				if change["field"] == field {
					out = append(out, change["value"].(object))
				}
			}
		}
	}
	return out
}

// all returns the elements of an array of all values of a field.
func (b *business) all(field, array string) []object {
	var out []object
	for _, value := range b.values(field) {
		out = append(out, list(value[array])...)
	}
	return out
}

// words returns the names of a message's statuses in order of arrival; "" = of
// all messages.
func (b *business) words(wamid string) []string {
	out := []string{}
	for _, s := range b.all("messages", "statuses") {
		if wamid == "" || s["id"] == wamid {
			out = append(out, s["status"].(string))
		}
	}
	return out
}

func list(x any) []object {
	var out []object
	items, _ := x.([]any)
	for _, item := range items {
		out = append(out, item.(object))
	}
	return out
}

// world is a simulated WhatsApp, its clock and a business.
type world struct {
	*graph.Server
	t        *testing.T
	clock    *clock
	business *business
}

func newWorld(t *testing.T, change ...func(*graph.Options)) *world {
	w := &world{t: t, clock: &clock{now: noon}, business: newBusiness(t)}
	options := graph.Options{
		Clock: w.clock.Now, AppSecret: secret, Token: token, VerifyToken: "verify-me", WebhookURL: w.business.server.URL,
		Numbers: []graph.Number{
			{ID: shop, WABA: waba, Display: "+57 601 5550100", Name: "Tienda Luna"},
			{ID: "1061", WABA: waba, Display: "+57 601 5550101", Name: "Tienda Sol"},
			{ID: "1070", WABA: "2070", Display: "+1 555 0100 200", Name: "Moon Shop"},
		},
		Seed: 7,
	}
	for _, c := range change {
		c(&options)
	}
	w.Server = graph.New(options)
	t.Cleanup(w.Server.Close)
	return w
}

// pass lets time go by in small steps, doing what falls due.
func (w *world) pass(d time.Duration) {
	const step = 500 * time.Millisecond
	for ; d > 0; d -= step {
		w.clock.Pass(min(step, d))
		w.Tick(w.clock.Now())
	}
}

// leap lets time go by at once.
func (w *world) leap(d time.Duration) {
	w.clock.Pass(d)
	w.Tick(w.clock.Now())
}

// call makes a request with the right token.
func (w *world) call(method, path string, body any) (int, object) {
	w.t.Helper()
	var reader io.Reader = http.NoBody
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		require.NoError(w.t, err)
		reader = bytes.NewReader(data)
	}
	r := httptest.NewRequest(method, path, reader)
	r.Header.Set("Authorization", "Bearer "+token)
	return w.do(r)
}

func (w *world) do(r *http.Request) (int, object) {
	w.t.Helper()
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	var answer object
	require.NoError(w.t, json.Unmarshal(rec.Body.Bytes(), &answer), rec.Body.String())
	return rec.Code, answer
}

// send posts a message and returns its id, which must be given.
func (w *world) send(message object) string {
	w.t.Helper()
	status, answer := w.call("POST", "/v25.0/"+shop+"/messages", message)
	require.Equal(w.t, 200, status, answer)
	return list(answer["messages"])[0]["id"].(string)
}

// refusal posts a message and returns the code and details of its refusal; 0 =
// it was accepted.
func (w *world) refusal(message object) (int, string) {
	w.t.Helper()
	status, answer := w.call("POST", "/v25.0/"+shop+"/messages", message)
	if status == 200 {
		return 0, ""
	}
	return code(w.t, answer)
}

func code(t *testing.T, answer object) (int, string) {
	t.Helper()
	e, ok := answer["error"].(object)
	require.True(t, ok, answer)
	require.NotEmpty(t, e["fbtrace_id"])
	require.NotEmpty(t, e["message"])
	require.NotEmpty(t, e["type"])
	data, _ := e["error_data"].(object)
	details, _ := data["details"].(string)
	return int(e["code"].(float64)), details
}

// message returns a message to Luz with changes.
func message(parts ...object) object {
	m := object{"messaging_product": "whatsapp", "to": luz}
	for _, part := range parts {
		for k, v := range part {
			m[k] = v
			if v == nil {
				delete(m, k)
			}
		}
	}
	return m
}

func text(body string) object { return object{"type": "text", "text": object{"body": body}} }

func letters(n int) string { return strings.Repeat("ñ", n) }
