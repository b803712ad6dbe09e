package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/inbox"
	"pulso/models"
)

func TestProofs(t *testing.T) {
	good := sign(message, appSecret)
	for _, c := range []struct {
		name    string
		headers []string
		want    int
	}{
		{"right", []string{"X-Hub-Signature-256", good}, 200},
		{"secret before the change", []string{"X-Hub-Signature-256", sign(message, oldSecret)}, 200},
		{"header in another case", []string{"x-hub-signature-256", good}, 200},
		{"none", nil, 401},
		{"empty", []string{"X-Hub-Signature-256", ""}, 401},
		{"twice", []string{"X-Hub-Signature-256", good, "X-Hub-Signature-256", good}, 401},
		{"wrong, then right", []string{"X-Hub-Signature-256", sign("{}", appSecret), "X-Hub-Signature-256", good}, 401},
		{"right, then empty", []string{"X-Hub-Signature-256", good, "X-Hub-Signature-256", ""}, 401},
		{"two in one", []string{"X-Hub-Signature-256", good + "," + good}, 401},
		{"the old header", []string{"X-Hub-Signature", good}, 401},
		{"sha1", []string{"X-Hub-Signature-256", "sha1=" + good[7:]}, 401},
		{"prefix in capitals", []string{"X-Hub-Signature-256", "SHA256=" + good[7:]}, 401},
		{"no prefix", []string{"X-Hub-Signature-256", good[7:]}, 401},
		{"space", []string{"X-Hub-Signature-256", " " + good}, 401},
		{"short", []string{"X-Hub-Signature-256", good[:len(good)-2]}, 401},
		{"of nobody", []string{"X-Hub-Signature-256", sign(message, "")}, 401},
		{"another source's secret", []string{"X-Hub-Signature-256", sign(message, token)}, 401},
		{"another source's proof", []string{"Authorization", "Bearer " + token}, 401},
		{"the secret itself", []string{"X-Hub-Signature-256", appSecret}, 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := &keeper{}
			w := do(t, serving(t, trial(k)), post(webhooks, message, c.headers...))
			assert.Equal(t, c.want, w.Code)
			if c.want == 401 {
				assert.Equal(t, `{"error":"unauthorized"}`, w.Body.String(), "no reason is given")
				assert.Empty(t, k.all())
			}
		})
	}
}

func TestSecretsCanChangeWhileServing(t *testing.T) {
	var secrets []string
	o := trial(&keeper{})
	o.Secrets = func(string) []string { return secrets }
	s := serving(t, o)
	status := func(secret string) int {
		return do(t, s, post(webhooks, message, "X-Hub-Signature-256", sign(message, secret))).Code
	}
	assert.Equal(t, 401, status("a"), "without secrets everything is refused")
	assert.Equal(t, 401, status(""))
	secrets = []string{""}
	assert.Equal(t, 401, status(""), "an empty secret is none")
	secrets = []string{"a", "b"}
	assert.Equal(t, []int{200, 200, 401}, []int{status("a"), status("b"), status("c")})
	secrets = []string{"b", "c"}
	assert.Equal(t, []int{401, 200, 200}, []int{status("a"), status("b"), status("c")})
}

// plain is a response writer that costs nothing.
type plain struct {
	header http.Header
	status int
}

func (p *plain) Header() http.Header         { return p.header }
func (p *plain) Write(b []byte) (int, error) { return len(b), nil }
func (p *plain) WriteHeader(status int)      { p.status = status }

// TestNoMutationIsAccepted alters a signed body or its signature 120,000 times.
func TestNoMutationIsAccepted(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	random := rand.New(rand.NewPCG(1, 2))
	good := sign(message, appSecret)
	other := `{"object":"whatsapp_business_account","entry":[]}`
	for i := range 120_000 {
		body, header := []byte(message), []byte(good)
		if i%2 == 0 {
			body = mutate(random, body)
		} else {
			header = mutate(random, header)
		}
		switch {
		case i%1000 == 0: // the signature of another body
			body, header = []byte(message), []byte(sign(other, appSecret))
		case i%1000 == 1: // the same JSON, written anew
			body, header = rewritten(t, message), []byte(good)
		}
		if string(body) == message && strings.EqualFold(string(header), good) && strings.HasPrefix(string(header), "sha256=") {
			continue // hexadecimal in capitals is the same signature
		}
		r := &http.Request{
			Method: http.MethodPost, URL: target, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
			Header: http.Header{"X-Hub-Signature-256": {string(header)}},
		}
		w := &plain{header: http.Header{}}
		s.Handler().ServeHTTP(w, r)
		require.Equal(t, 401, w.status, "body %q, signature %q", body, header)
	}
	assert.Empty(t, k.all())
	assert.Equal(t, 200, do(t, s, webhook(message)).Code, "what was altered is otherwise accepted")
}

var target = httptest.NewRequest(http.MethodPost, webhooks, nil).URL

// mutate alters b in one to three places.
func mutate(random *rand.Rand, b []byte) []byte {
	before := string(b)
	for string(b) == before {
		for range 1 + random.IntN(3) {
			b = alter(random, b)
		}
	}
	return b
}

func alter(random *rand.Rand, b []byte) []byte {
	if len(b) == 0 {
		return []byte{byte(random.IntN(256))}
	}
	i := random.IntN(len(b))
	switch random.IntN(6) {
	case 0:
		b[i] ^= 1 << random.IntN(8)
	case 1:
		b = append(b[:i:i], append([]byte{byte(random.IntN(256))}, b[i:]...)...)
	case 2:
		b = append(b[:i:i], b[i+1:]...)
	case 3:
		b = b[:i]
	case 4:
		b = append(b, b[i:]...)
	case 5:
		j := random.IntN(len(b))
		b[i], b[j] = b[j], b[i]
	}
	return b
}

func rewritten(t *testing.T, body string) []byte {
	var v any
	require.NoError(t, json.Unmarshal([]byte(body), &v))
	out, err := json.Marshal(v)
	require.NoError(t, err)
	require.NotEqual(t, body, string(out))
	return out
}

func TestEncodedBodies(t *testing.T) {
	for _, c := range []struct {
		encoding []string
		want     int
	}{
		{nil, 200}, {[]string{""}, 200}, {[]string{"identity"}, 200}, {[]string{"Identity"}, 200},
		{[]string{"gzip"}, 415}, {[]string{"GZIP"}, 415}, {[]string{"br"}, 415}, {[]string{"identity, gzip"}, 415},
		{[]string{"identity", "gzip"}, 415}, {[]string{"nonsense"}, 415},
	} {
		k := &keeper{}
		r := webhook(message)
		for _, e := range c.encoding {
			r.Header.Add("Content-Encoding", e)
		}
		assert.Equal(t, c.want, do(t, serving(t, trial(k)), r).Code, "%q", c.encoding)
	}
}

// sized returns a JSON string of n bytes.
func sized(n int) string { return `"` + strings.Repeat("x", n-2) + `"` }

func TestSizes(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	address := listening(t, s, nil)
	for _, n := range []int{2, firstRead - 1, firstRead, firstRead + 1, smallBody - 1, smallBody, smallBody + 1, 3 << 20, maxBody - 1, maxBody, maxBody + 1, maxBody + 100_000} {
		want := 200
		if n > maxBody {
			want = 413
		}
		body := sized(n)
		for name, length := range map[string]int64{"length told": int64(n), "chunked": -1} {
			before := len(k.all())
			r := over(address, webhook(body))
			r.ContentLength = length
			status := send(t, r)
			require.Equal(t, want, status, "%d bytes, %s", n, name)
			if all := k.all(); want == 200 {
				require.Equal(t, "cloudapi "+body, all[len(all)-1])
			} else {
				require.Len(t, all, before)
			}
		}
	}
	assert.Zero(t, s.memory.taken.Load(), "all memory was given back")
}

func TestEndlessChunksAreCut(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	address := listening(t, s, nil)
	r := post(webhooks, "", "X-Hub-Signature-256", sign("", appSecret))
	r.Body, r.ContentLength = io.NopCloser(endless{}), -1
	status := send(t, over(address, r))
	assert.Equal(t, 413, status)
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}

// TestMemoryIsBounded fills what large bodies may take: more of them are asked
// for later, small ones pass.
func TestMemoryIsBounded(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	s.memory.taken.Store(largeBodies - smallBody)
	w := do(t, s, webhook(sized(1<<20)))
	assert.Equal(t, 503, w.Code)
	assert.NotEmpty(t, w.Header().Get("Retry-After"))
	assert.Equal(t, 200, do(t, s, webhook(sized(smallBody))).Code)
	assert.Equal(t, 200, do(t, s, webhook(sized(2*smallBody))).Code)
	assert.EqualValues(t, largeBodies-smallBody, s.memory.taken.Load())
	s.memory.taken.Store(0)
	assert.Equal(t, 200, do(t, s, webhook(sized(1<<20))).Code)
}

// TestPromisesTakeNoMemory declares bodies of 4 MiB that never come.
func TestPromisesTakeNoMemory(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 100 {
		r := webhook("{")
		r.ContentLength = maxBody
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("{"), broken{}))
		assert.Equal(t, 400, do(t, s, r).Code)
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(100*2*smallBody))
	assert.Zero(t, s.memory.taken.Load())
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBadJSONIsKeptForNobody(t *testing.T) {
	bombs := map[string]string{
		"deep arrays":   strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000),
		"deep objects":  strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000),
		"a million":     "[" + strings.Repeat("0,", 1_000_000) + "0]",
		"keys":          "{" + strings.Repeat(`"k":0,`, 600_000) + `"k":0}`,
		"two values":    `{} {}`,
		"nothing":       "",
		"cut":           message[:len(message)-1],
		"not a number":  `{"a":NaN}`,
		"form":          "a=1&b=2",
		"XML":           "<a/>",
		"byte order":    "\ufeff{}",
		"lots of space": strings.Repeat(" ", 4<<20),
	}
	for name, body := range bombs {
		t.Run(name, func(t *testing.T) {
			k := &keeper{}
			s := serving(t, trial(k))
			for _, r := range []*http.Request{webhook(body), canonical(body)} {
				began := time.Now()
				w := do(t, s, r)
				took := time.Since(began)
				assert.Equal(t, 400, w.Code)
				assert.Less(t, took, 250*time.Millisecond)
			}
			assert.Empty(t, k.all())
		})
	}
}

// TestOrderOfChecks gives requests with several faults: the first in the order
// is the one that is told.
func TestOrderOfChecks(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	gzip := []string{"Content-Encoding", "gzip"}
	assert.Equal(t, 405, do(t, s, httptest.NewRequest(http.MethodPut, webhooks, nil)).Code)
	assert.Equal(t, 415, do(t, s, post(webhooks, sized(maxBody+1), gzip...)).Code, "before the size")
	assert.Equal(t, 413, do(t, s, post(webhooks, sized(maxBody+1))).Code, "before the signature")
	assert.Equal(t, 401, do(t, s, post(webhooks, "no JSON")).Code, "before the JSON")
	assert.Equal(t, 400, do(t, s, webhook("no JSON")).Code)
	assert.Empty(t, k.all())
}

func TestUnprovedBodyIsNotRead(t *testing.T) {
	s := serving(t, trial(&keeper{}))
	r := post(webhooks, "")
	r.Body, r.ContentLength = io.NopCloser(forbidden{t}), 100
	assert.Equal(t, 401, do(t, s, r).Code)
}

type forbidden struct{ t *testing.T }

func (f forbidden) Read([]byte) (int, error) {
	f.t.Error("the body was read")
	return 0, io.EOF
}

func TestCutBody(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	r := webhook(message)
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(message[:50]), broken{}))
	assert.Equal(t, 400, do(t, s, r).Code)
	assert.Empty(t, k.all())
}

func TestStorageAway(t *testing.T) {
	for name, r := range map[string]*http.Request{"webhook": webhook(message), "events": canonical(event)} {
		t.Run(name, func(t *testing.T) {
			s := serving(t, trial(&keeper{accept: func(context.Context) error { return errors.New("away") }}))
			w := do(t, s, r)
			assert.Equal(t, 503, w.Code)
			assert.Equal(t, retryAfter, w.Header().Get("Retry-After"))
		})
	}
}

// TestHangingStorageIsAnsweredWithinTwoSeconds runs in a bubble of its own time.
func TestHangingStorageIsAnsweredWithinTwoSeconds(t *testing.T) {
	for _, r := range []*http.Request{webhook(message), canonical(event)} {
		synctest.Test(t, func(t *testing.T) {
			hang := func(ctx context.Context) error {
				<-ctx.Done()
				return ctx.Err()
			}
			k := &keeper{accept: hang}
			o := trial(k)
			o.Known = func(ctx context.Context, _ []models.Event) (int, error) { return 0, hang(ctx) }
			s := serving(t, o)
			began := time.Now()
			w := do(t, s, r.WithContext(t.Context()))
			assert.Equal(t, 503, w.Code)
			assert.Less(t, time.Since(began), 2*time.Second)
			assert.Empty(t, k.all())
		})
	}
}

// TestManyAtOnce posts from many senders over the network, some of them wrong,
// while the secret changes; nothing right is refused, nothing wrong is stored.
func TestManyAtOnce(t *testing.T) {
	k := &keeper{}
	s := serving(t, trial(k))
	address := listening(t, s, nil)
	var wait sync.WaitGroup
	for sender := range 8 {
		wait.Go(func() {
			for i := range 50 {
				body := fmt.Sprintf(`{"sender":%d,"i":%d}`, sender, i)
				secret, want := appSecret, 200
				switch i % 3 {
				case 1:
					secret = oldSecret
				case 2:
					secret, want = "guessed", 401
				}
				status := send(t, over(address, post(webhooks, body, "X-Hub-Signature-256", sign(body, secret))))
				assert.Equal(t, want, status)
			}
		})
	}
	wait.Wait()
	assert.Len(t, k.all(), 8*34)
	seen := map[string]bool{}
	for _, kept := range k.all() {
		assert.False(t, seen[kept])
		seen[kept] = true
	}
}

// TestEverySourceHasItsRoute posts to each source without and with a wrong proof.
func TestEverySourceHasItsRoute(t *testing.T) {
	for _, source := range inbox.Sources() {
		s := serving(t, trial(&keeper{}))
		assert.Equal(t, 401, do(t, s, post(source.Path, "{}")).Code, source.Name)
		assert.Equal(t, 401, do(t, s, post(source.Path, "{}", source.Header, "guess")).Code, source.Name)
		assert.Equal(t, 404, do(t, s, post(source.Path+"/", "{}")).Code, "no redirects")
	}
}
