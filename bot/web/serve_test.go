package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBoundsOfTheServer(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	server := s.HTTPServer("127.0.0.1:8080", s.Handler())
	assert.Equal(t, "127.0.0.1:8080", server.Addr)
	assert.Equal(t, 5*time.Second, server.ReadHeaderTimeout)
	assert.Equal(t, 10*time.Second, server.ReadTimeout)
	assert.Equal(t, 60*time.Second, server.IdleTimeout)
	assert.Equal(t, 16<<10, server.MaxHeaderBytes)
	assert.Positive(t, server.WriteTimeout)
}

// hurried shortens the time-outs, so that tests need not wait.
func hurried(server *http.Server) {
	server.ReadHeaderTimeout, server.ReadTimeout, server.WriteTimeout, server.IdleTimeout =
		150*time.Millisecond, 300*time.Millisecond, 600*time.Millisecond, 300*time.Millisecond
}

// dripped sends head, then one byte every 20 ms until it is cut; it returns
// what came back.
func dripped(t *testing.T, address, head string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, head)
	require.NoError(t, err)
	answer := make(chan string, 1)
	go func() {
		b, _ := io.ReadAll(conn) // a reset is an end too
		answer <- string(b)
	}()
	limit := time.After(5 * time.Second)
	for {
		select {
		case text := <-answer:
			return text
		case <-limit:
			t.Fatal("the connection was not cut")
		case <-time.After(20 * time.Millisecond):
			_, _ = io.WriteString(conn, "x")
		}
	}
}

func TestSlowSendersAreCut(t *testing.T) {
	k := &keeper{}
	address := listening(t, serving(t, trial(k)), hurried)
	signed := "POST " + webhooks + " HTTP/1.1\r\nHost: pulso\r\nX-Hub-Signature-256: " + sign(message, appSecret) + "\r\n"
	for name, c := range map[string]struct{ head, want string }{
		"head":          {signed + "X-Slow: ", ""},
		"body":          {signed + "Content-Length: 100000\r\n\r\n", "HTTP/1.1 408 "},
		"chunks":        {signed + "Transfer-Encoding: chunked\r\n\r\n186a0\r\n", "HTTP/1.1 408 "},
		"unproved body": {"POST " + webhooks + " HTTP/1.1\r\nHost: pulso\r\nContent-Length: 100000\r\n\r\n", "HTTP/1.1 401 "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.True(t, strings.HasPrefix(dripped(t, address, c.head), c.want))
		})
	}
	t.Cleanup(func() { assert.Empty(t, k.all()) })
}

// TestSlowSendersHinderNobody holds many connections open while others post.
func TestSlowSendersHinderNobody(t *testing.T) {
	k := &keeper{}
	address := listening(t, serving(t, trial(k)), nil)
	for range 300 {
		conn, err := net.Dial("tcp", address)
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, "POST "+webhooks+" HTTP/1.1\r\nHost: pulso\r\nX-Hub-Signature-256: x\r\nContent-Length: 4000000\r\n\r\n{")
		require.NoError(t, err)
	}
	began := time.Now()
	for range 200 {
		status := send(t, over(address, webhook(message)))
		require.Equal(t, 200, status)
	}
	assert.Less(t, time.Since(began), 5*time.Second)
	assert.Len(t, k.all(), 200)
}

// exchange sends raw bytes and returns the status lines that come back.
func exchange(t *testing.T, address, raw string) []string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
	_, err = io.WriteString(conn, raw)
	require.NoError(t, err)
	var lines []string
	for read := bufio.NewScanner(conn); read.Scan(); {
		if strings.HasPrefix(read.Text(), "HTTP/1.1 ") {
			lines = append(lines, read.Text())
		}
	}
	return lines
}

func TestAmbiguousRequestsAreRefused(t *testing.T) {
	k := &keeper{}
	address := listening(t, serving(t, trial(k)), hurried)
	head := "POST " + webhooks + " HTTP/1.1\r\nHost: pulso\r\nX-Hub-Signature-256: " + sign(message, appSecret) + "\r\n"
	length := fmt.Sprintf("Content-Length: %d\r\n", len(message))
	for name, raw := range map[string]string{
		"two lengths":       head + length + "Content-Length: 5\r\n\r\n" + message,
		"negative length":   head + "Content-Length: -1\r\n\r\n" + message,
		"length with plus":  head + "Content-Length: +5\r\n\r\n" + message,
		"bad chunk":         head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + message,
		"unknown transfer":  head + "Transfer-Encoding: gzip\r\n\r\n" + message,
		"head of 100 KB":    head + "X-Long: " + strings.Repeat("x", 100_000) + "\r\n" + length + "\r\n" + message,
		"header in a proof": head + "X-Hub-Signature-256: x\r\n" + length + "Connection: close\r\n\r\n" + message,
		"proof of two lines": "POST " + webhooks + " HTTP/1.1\r\nHost: pulso\r\nX-Hub-Signature-256: sha256=\r\n " +
			sign(message, appSecret)[7:] + "\r\n" + length + "Connection: close\r\n\r\n" + message,
	} {
		t.Run(name, func(t *testing.T) {
			for _, line := range exchange(t, address, raw) {
				assert.NotContains(t, line, " 200 ")
			}
			assert.Empty(t, k.all())
		})
	}
	assert.Equal(t, []string{"HTTP/1.1 200 OK"}, exchange(t, address, head+length+"Connection: close\r\n\r\n"+message))
}

func TestServeDrains(t *testing.T) {
	k := &keeper{}
	entered, leave := make(chan struct{}), make(chan struct{})
	k.accept = func(context.Context) error {
		close(entered)
		<-leave
		return nil
	}
	s := serving(t, trial(k))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, s.HTTPServer("", s.Handler()), l) }()

	status := make(chan int, 1)
	go func() {
		code := send(t, over(l.Addr().String(), webhook(message)))
		status <- code
	}()
	<-entered
	stop()
	select {
	case <-served:
		t.Fatal("it did not wait for the request under way")
	case <-time.After(50 * time.Millisecond):
	}
	close(leave)
	assert.Equal(t, 200, <-status)
	assert.NoError(t, <-served)
	_, err = net.Dial("tcp", l.Addr().String())
	assert.Error(t, err, "nobody listens any more")
	http.DefaultClient.CloseIdleConnections()
}

func TestServeReportsWhatKeepsIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	s := serving(t, trial(&keeper{}))
	assert.ErrorIs(t, Serve(t.Context(), s.HTTPServer("", s.Handler()), l), net.ErrClosed)
}

// TestStreamOutlivesTimeouts reads a stream for longer than every time-out, and
// sees it end when a shutdown begins.
func TestStreamOutlivesTimeouts(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	s.Stream("/stream/{name}", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		beat := time.NewTicker(50 * time.Millisecond)
		defer beat.Stop()
		for {
			select {
			case <-r.Context().Done():
				_, _ = io.WriteString(w, "end of "+r.PathValue("name"))
				return
			case <-beat.C:
				_, _ = io.WriteString(w, "beat\n")
				_ = http.NewResponseController(w).Flush()
			}
		}
	}))
	server := s.HTTPServer("", s.Handler())
	hurried(server)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, server, l) }()
	answer, err := http.Get("http://" + l.Addr().String() + "/stream/ana")
	require.NoError(t, err)
	defer answer.Body.Close()
	read := bufio.NewReader(answer.Body)
	for range 16 { // 800 ms
		line, err := read.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, "beat\n", line)
	}
	stop()
	rest, err := io.ReadAll(read)
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(string(rest), "end of ana"))
	assert.NoError(t, <-served)
	http.DefaultClient.CloseIdleConnections()
}

func TestHandle(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	echo := func(names ...string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			for _, name := range names {
				fmt.Fprintf(w, "%s=%s ", name, r.PathValue(name))
			}
		})
	}
	s.Handle(http.MethodGet, "/r/{token}", echo("token"))
	s.Handle(http.MethodPost, "/graph/{version}/{phone_number_id}/messages", echo("version", "phone_number_id"))
	s.Handle(http.MethodGet, "/demo/{rest...}", echo("rest"))
	s.Handle(http.MethodGet, "/busy", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	for path, want := range map[string]string{
		"/r/abc": "token=abc ", "/r/a%2520b": "token=a%20b ", "/demo/a/b.js": "rest=a/b.js ", "/demo/": "rest= ",
	} {
		w := do(t, s, get(path))
		assert.Equal(t, 200, w.Code)
		assert.Equal(t, want, w.Body.String())
	}
	assert.Equal(t, "version=v25.0 phone_number_id=1060 ", do(t, s, post("/graph/v25.0/1060/messages", "{}")).Body.String())
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, get("/busy"))
	assert.Equal(t, http.StatusTeapot, w.Code)
	assert.Equal(t, "1", scrape(s)[`pulso_http_requests_total{route="/graph/{version}/{phone_number_id}/messages",status="200"}`])
	assert.Panics(t, func() { s.Handle(http.MethodGet, "/busy", echo()) })
}

func TestSenderWhoLeaves(t *testing.T) {
	k := &keeper{accept: func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}}
	s := serving(t, trial(k))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.Equal(t, 503, do(t, s, webhook(message).WithContext(ctx)).Code)
	assert.Equal(t, "1", scrape(s)[`pulso_http_refused_total{reason="gone",route="/webhooks/whatsapp"}`])
	k.accept = func(context.Context) error { return errors.New("away") }
	do(t, s, webhook(message))
	assert.Equal(t, "1", scrape(s)[`pulso_http_refused_total{reason="store",route="/webhooks/whatsapp"}`])
}
