package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo/graph"
)

func TestWebhooksComeAgainUntil200(t *testing.T) {
	for _, status := range []int{500, 503, 404, 302, 201, 204} {
		w := newWorld(t)
		w.business.answer = func(n int) int {
			if n < 6 {
				return status
			}
			return 200
		}
		w.Say(luz, shop, "hola")
		w.Tick(w.clock.Now())
		require.Len(t, w.business.got(), 1)
		w.pass(2 * time.Second)
		require.Len(t, w.business.got(), 2, "soon again")
		w.pass(10 * time.Minute)
		bodies := w.business.got()
		require.Len(t, bodies, 6, "until 200 and no more")
		assert.Equal(t, bodies[0], bodies[5])
	}
}

func TestWebhooksAreGivenUpInTheEnd(t *testing.T) {
	w := newWorld(t)
	w.business.answer = func(int) int { return 503 }
	w.Say(luz, shop, "hola")
	for range 200 {
		w.leap(time.Hour)
	}
	assert.Equal(t, 1, w.Undelivered())
	assert.Zero(t, w.Pending())
	assert.Greater(t, len(w.business.got()), 20)
}

func TestNoSubscriptionNoWebhooks(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.Unsubscribed = true })
	w.Say(luz, shop, "hola")
	w.pass(time.Second)
	assert.Empty(t, w.business.got())
	_, apps := w.call("GET", "/v25.0/"+waba+"/subscribed_apps", nil)
	assert.Empty(t, apps["data"])

	w = newWorld(t)
	w.SetWebhook("")
	w.Say(luz, shop, "hola")
	w.pass(time.Second)
	assert.Empty(t, w.business.got())
	assert.Zero(t, w.Pending())
}

func TestVerify(t *testing.T) {
	w := newWorld(t)
	answer := "$"
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("hub.mode") != "subscribe" || q.Get("hub.verify_token") != "verify-me" {
			rw.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(rw, strings.ReplaceAll(answer, "$", q.Get("hub.challenge")))
	}))
	defer server.Close()
	w.SetWebhook(server.URL)
	require.NoError(t, w.Verify(t.Context()))
	answer = `"$"`
	require.Error(t, w.Verify(t.Context()))
	w.SetWebhook("http://127.0.0.1:1/")
	require.Error(t, w.Verify(t.Context()))
	w.SetWebhook("::")
	require.Error(t, w.Verify(t.Context()))
}

// TestRun lets time pass by itself: the clock is real, the delays are short.
func TestRun(t *testing.T) {
	b := newBusiness(t)
	s := graph.New(graph.Options{
		Clock: time.Now, AppSecret: secret, Token: token, WebhookURL: b.server.URL,
		Numbers: []graph.Number{{ID: shop, WABA: waba, Display: "+57 601 5550100"}},
		Delays:  graph.Delays{Sent: 5 * time.Millisecond, Delivered: 5 * time.Millisecond, Read: 5 * time.Millisecond},
	})
	var ran sync.WaitGroup
	ran.Go(func() { s.Run(t.Context()) })
	var talking sync.WaitGroup
	for _, who := range []string{luz, ana} {
		talking.Go(func() {
			for range 10 {
				s.Say(who, shop, "hola")
				r := httptest.NewRequest("POST", "/v25.0/"+shop+"/messages", strings.NewReader(
					`{"messaging_product":"whatsapp","to":"`+who+`","type":"text","text":{"body":"hola"},"biz_opaque_callback_data":"`+who+`"}`))
				r.Header.Set("Authorization", "Bearer "+token)
				s.ServeHTTP(httptest.NewRecorder(), r)
			}
		})
	}
	talking.Wait()
	require.Eventually(t, func() bool { return len(b.words("")) == 60 }, 20*time.Second, 5*time.Millisecond)
	assert.Equal(t, map[string]int{luz: 10, ana: 10}, s.Delivered())
	s.Close()
	ran.Wait()
	s.Run(t.Context())
	s.Close()
}

// client makes requests over a real connection.
func (w *world) client(t *testing.T) (*http.Client, string) {
	server := httptest.NewServer(w)
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(func() {
		client.CloseIdleConnections()
		w.Close()
		server.Close()
	})
	return client, server.URL
}

func TestFaults(t *testing.T) {
	type outcome struct {
		status   int
		failed   bool // no whole answer
		accepted int
	}
	cases := []struct {
		name  string
		fault graph.Fault
		want  outcome
	}{
		{"none", graph.Fault{}, outcome{200, false, 1}},
		{"throughput", graph.Fault{Kind: graph.Refuse, Code: 130429}, outcome{429, false, 0}},
		{"token", graph.Fault{Kind: graph.Refuse, Code: 190}, outcome{401, false, 0}},
		{"unknown code", graph.Fault{Kind: graph.Refuse, Code: 424242, HTTP: 418}, outcome{418, false, 0}},
		{"500", graph.Fault{Kind: graph.Refuse, Code: 131000}, outcome{500, false, 0}},
		{"503 though accepted", graph.Fault{Kind: graph.FailAccepted, Code: 2}, outcome{503, false, 1}},
		{"reset", graph.Fault{Kind: graph.Reset}, outcome{0, true, 0}},
		{"reset though accepted", graph.Fault{Kind: graph.ResetAccepted}, outcome{0, true, 1}},
		{"no answer", graph.Fault{Kind: graph.Hang}, outcome{0, true, 0}},
		{"no answer though accepted", graph.Fault{Kind: graph.HangAccepted}, outcome{0, true, 1}},
		{"answer cut", graph.Fault{Kind: graph.CutAccepted}, outcome{200, true, 1}},
		{"status first", graph.Fault{Kind: graph.StatusFirst}, outcome{200, false, 1}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			asked := make(chan graph.Request, 1)
			w := newWorld(t, func(o *graph.Options) {
				o.Fault = func(r graph.Request) graph.Fault { asked <- r; return c.fault }
			})
			w.Say(luz, shop, "hola")
			client, address := w.client(t)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			data, err := json.Marshal(message(text("hola"), object{"biz_opaque_callback_data": "a1.x"}))
			require.NoError(t, err)
			r, err := http.NewRequestWithContext(ctx, "POST", address+"/v25.0/"+shop+"/messages", strings.NewReader(string(data)))
			require.NoError(t, err)
			r.Header.Set("Authorization", "Bearer "+token)
			got := outcome{}
			if res, err := client.Do(r); err != nil {
				got.failed = true
			} else {
				_, err = io.ReadAll(res.Body)
				got.status, got.failed = res.StatusCode, err != nil
				_ = res.Body.Close()
			}
			got.accepted = w.Accepted()["a1.x"]
			assert.Equal(t, c.want, got)
			assert.Equal(t, graph.Request{Method: "POST", Path: "/v25.0/1060/messages", Edge: "messages", Send: true, To: luz, Type: "text", Opaque: "a1.x"}, <-asked)

			early := w.business.words("")
			assert.Equal(t, c.fault.Kind == graph.StatusFirst, len(early) == 1)
			w.pass(time.Minute)
			assert.Len(t, w.business.words(""), 3*c.want.accepted)
			assert.Equal(t, c.want.accepted, w.Delivered()["a1.x"])
		})
	}
}

func TestStatusFirstOfAMessageThatFails(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) {
		o.Fault = func(graph.Request) graph.Fault { return graph.Fault{Kind: graph.StatusFirst} }
	})
	id := w.send(message(text("hola")))
	assert.Equal(t, []string{"failed"}, w.business.words(id))
	got, _ := w.refusal(message(text("")))
	assert.Equal(t, 100, got, "a refusal is a refusal")
}

func TestHangingRequestsEndWithTheServer(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) {
		o.Fault = func(graph.Request) graph.Fault { return graph.Fault{Kind: graph.Hang} }
	})
	client, address := w.client(t)
	done := make(chan error, 1)
	go func() {
		res, err := client.Get(address + "/v25.0/" + shop)
		if err == nil {
			_ = res.Body.Close()
		}
		done <- err
	}()
	require.Eventually(t, func() bool { return len(w.Calls()) == 1 }, 10*time.Second, time.Millisecond)
	w.Close()
	require.Error(t, <-done)
}

func TestSometimes(t *testing.T) {
	faults := []graph.Fault{{Kind: graph.Reset}, {Kind: graph.Hang}}
	pick := graph.Sometimes(3, 0.2, faults...)
	again := graph.Sometimes(3, 0.2, faults...)
	count := map[graph.FaultKind]int{}
	for range 10_000 {
		f := pick(graph.Request{Send: true})
		assert.Equal(t, f, again(graph.Request{Send: true}))
		count[f.Kind]++
		assert.Zero(t, pick(graph.Request{}), "only messages")
		again(graph.Request{})
	}
	assert.InDelta(t, 1000, count[graph.Reset], 150)
	assert.InDelta(t, 1000, count[graph.Hang], 150)
	assert.Zero(t, graph.Sometimes(3, 1)(graph.Request{Send: true}))
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, errors.New("broken") }

func TestBrokenBody(t *testing.T) {
	w := newWorld(t)
	status, answer := w.do(httptest.NewRequest("POST", "/v25.0/"+shop+"/messages", broken{}))
	assert.Equal(t, 400, status)
	got, _ := code(t, answer)
	assert.Equal(t, 100, got)
}
