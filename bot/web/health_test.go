package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
)

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func TestVerification(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	with := func(pairs ...string) string {
		query := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			query.Add(pairs[i], pairs[i+1])
		}
		return webhooks + "?" + query.Encode()
	}
	const mode, word, challenge = "hub.mode", "hub.verify_token", "hub.challenge"
	for _, c := range []struct {
		name, path, want string
	}{
		{"right", with(mode, "subscribe", word, verify, challenge, "1158201444"), "1158201444"},
		{"letters", with(mode, "subscribe", word, verify, challenge, "aZ-_09"), "aZ-_09"},
		{"nothing", webhooks, ""},
		{"no mode", with(word, verify, challenge, "1"), ""},
		{"another mode", with(mode, "unsubscribe", word, verify, challenge, "1"), ""},
		{"no word", with(mode, "subscribe", challenge, "1"), ""},
		{"empty word", with(mode, "subscribe", word, "", challenge, "1"), ""},
		{"wrong word", with(mode, "subscribe", word, verify+"x", challenge, "1"), ""},
		{"no challenge", with(mode, "subscribe", word, verify), ""},
		{"two words", with(mode, "subscribe", word, verify, word, "x", challenge, "1"), ""},
		{"two challenges", with(mode, "subscribe", word, verify, challenge, "1", challenge, "2"), ""},
		{"a dot", with(mode, "subscribe", word, verify, challenge, "a.b"), "a.b"},
		{"a plus", with(mode, "subscribe", word, verify, challenge, "a+b"), "a+b"},
		{"base64", with(mode, "subscribe", word, verify, challenge, "a/b="), "a/b="},
		{"a space", with(mode, "subscribe", word, verify, challenge, "a b"), "a b"},
		{"no ASCII", with(mode, "subscribe", word, verify, challenge, "ñ"), "ñ"},
		{"script", with(mode, "subscribe", word, verify, challenge, "<script>alert(1)</script>"), "<script>alert(1)</script>"},
		{"lines", with(mode, "subscribe", word, verify, challenge, "1\r\nSet-Cookie: a=b"), "1\r\nSet-Cookie: a=b"},
		{"65", with(mode, "subscribe", word, verify, challenge, strings.Repeat("1", 65)), strings.Repeat("1", 65)},
		{"4 KiB", with(mode, "subscribe", word, verify, challenge, strings.Repeat("1", 4<<10)), strings.Repeat("1", 4<<10)},
		{"ten million of a stranger", with(mode, "subscribe", word, verify+"x", challenge, strings.Repeat("1", 10_000_000)), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := do(t, s, get(c.path))
			assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
			if c.want == "" {
				assert.Equal(t, 403, w.Code)
				assert.Equal(t, `{"error":"forbidden"}`, w.Body.String())
				return
			}
			assert.Equal(t, 200, w.Code)
			assert.Equal(t, c.want, w.Body.String())
			assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
			assert.Len(t, w.Header(), 3, "nothing but how it is to be read: %v", w.Header())
		})
	}
	assert.Equal(t, 400, do(t, s, get(with(mode, "subscribe", word, verify, challenge, strings.Repeat("1", 4<<10+1)))).Code)
	o := trial(&keeper{})
	o.VerifyTokens = func() []string { return nil }
	assert.Equal(t, 403, do(t, serving(t, o), get(with(mode, "subscribe", word, "", challenge, "1"))).Code)
}

func TestReadiness(t *testing.T) {
	for _, c := range []struct {
		state  Readiness
		status int
		want   string
	}{
		{Readiness{Ready: true, Database: "ok"}, 200,
			`{"ready":true,"backlog":0,"oldest_backlog_seconds":0,"database":"ok","faulty_deliveries":0}`},
		{Readiness{Ready: true, Backlog: 12, OldestSeconds: 3, Database: "ok", Faulty: 2}, 200,
			`{"ready":true,"backlog":12,"oldest_backlog_seconds":3,"database":"ok","faulty_deliveries":2}`},
		{Readiness{Database: "unreachable"}, 503,
			`{"ready":false,"backlog":0,"oldest_backlog_seconds":0,"database":"unreachable","faulty_deliveries":0}`},
	} {
		o := trial(&keeper{accept: func(context.Context) error { return errors.New("away") }})
		o.Ready = func(context.Context) Readiness { return c.state }
		s := serving(t, o)
		w := do(t, s, get("/readyz"))
		assert.Equal(t, c.status, w.Code)
		assert.Equal(t, c.want, w.Body.String())
		assert.Equal(t, c.status, do(t, s, httptest.NewRequest(http.MethodHead, "/readyz", nil)).Code)
		assert.Equal(t, 200, do(t, s, get("/healthz")).Code, "alive all the same")
	}
}

func TestHangingReadinessIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := trial(&keeper{})
		o.Ready = func(ctx context.Context) Readiness {
			<-ctx.Done()
			return Readiness{Database: "slow"}
		}
		s := serving(t, o)
		began := time.Now()
		assert.Equal(t, 503, do(t, s, get("/readyz").WithContext(t.Context())).Code)
		assert.Less(t, time.Since(began), 2*time.Second)
	})
}

func TestMetrics(t *testing.T) {
	o := trial(&keeper{})
	o.Registry = prometheus.NewRegistry()
	s := serving(t, o)
	do(t, s, webhook(message))
	do(t, s, webhook(message))
	do(t, s, webhook("{"))
	do(t, s, post(webhooks, message))
	do(t, s, canonical(batch()))
	do(t, s, get("/nothing/573001112233"))
	do(t, s, httptest.NewRequest("BREW", webhooks, nil))
	shown := scrape(s)
	for series, want := range map[string]string{
		`pulso_http_refused_total{reason="json",route="/webhooks/whatsapp"}`:   "1",
		`pulso_http_refused_total{reason="method",route="unmatched"}`:          "1",
		`pulso_http_refused_total{reason="proof",route="/webhooks/whatsapp"}`:  "1",
		`pulso_http_refused_total{reason="route",route="unmatched"}`:           "1",
		`pulso_http_requests_total{route="/v1/events",status="200"}`:           "1",
		`pulso_http_requests_total{route="/webhooks/whatsapp",status="200"}`:   "2",
		`pulso_http_requests_total{route="/webhooks/whatsapp",status="400"}`:   "1",
		`pulso_http_requests_total{route="/webhooks/whatsapp",status="401"}`:   "1",
		`pulso_http_requests_total{route="unmatched",status="404"}`:            "1",
		`pulso_http_requests_total{route="unmatched",status="405"}`:            "1",
		`pulso_http_request_bytes_total{route="/webhooks/whatsapp"}`:           fmt.Sprint(2*len(message) + 1),
		`pulso_http_acknowledgement_seconds_count{route="/webhooks/whatsapp"}`: "2",
		`pulso_http_in_flight`: "0",
	} {
		assert.Equal(t, want, shown[series], series)
		delete(shown, series)
	}
	for series := range shown {
		assert.Regexp(t, `^pulso_http_(acknowledgement_seconds_(bucket|sum){.*route="/webhooks/whatsapp"|request_bytes_total{route="/v1/events")`, series,
			"only what was stored is timed, and no other labels are made")
	}
	w := do(t, s, get("/metrics"))
	assert.Equal(t, 200, w.Code)
	assert.Contains(t, w.Body.String(), "pulso_http_in_flight 1")
}

// scrape reads what the metrics handler shows: series to value.
func scrape(s *Server) map[string]string {
	w := httptest.NewRecorder()
	s.MetricsHandler().ServeHTTP(w, get("/metrics"))
	out := map[string]string{}
	for line := range strings.Lines(w.Body.String()) {
		if series, value, ok := strings.Cut(strings.TrimSpace(line), "} "); ok {
			out[series+"}"] = value
		} else if series, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok && series != "#" {
			out[series] = value
		}
	}
	return out
}

func TestInFlight(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	k.accept = func(context.Context) error {
		assert.Equal(t, "1", scrape(s)["pulso_http_in_flight"])
		return nil
	}
	assert.Equal(t, 200, do(t, s, webhook(message)).Code)
	assert.Equal(t, "0", scrape(s)["pulso_http_in_flight"])
}

func TestMetricsApart(t *testing.T) {
	o := trial(&keeper{})
	o.MetricsApart = true
	s := serving(t, o)
	assert.Equal(t, 404, do(t, s, get("/metrics")).Code)
	assert.Equal(t, "1", scrape(s)[`pulso_http_requests_total{route="unmatched",status="404"}`])
}

func TestNewRefuses(t *testing.T) {
	o := trial(&keeper{})
	o.TrustedProxies = []string{"the proxy"}
	_, err := New(o)
	assert.ErrorContains(t, err, "trusted proxies")

	o = trial(&keeper{})
	o.Registry = prometheus.NewRegistry()
	serving(t, o)
	_, err = New(o)
	assert.Error(t, err, "two servers cannot share a registry")
}
