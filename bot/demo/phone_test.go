package demo_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
)

// get requests an address of the page.
func (p *phone) get(path string) (*http.Response, string) {
	p.t.Helper()
	r, err := http.Get(p.url() + path)
	require.NoError(p.t, err)
	body, err := io.ReadAll(r.Body)
	require.NoError(p.t, err)
	require.NoError(p.t, r.Body.Close())
	return r, string(body)
}

// post sends a form as the page does.
func (p *phone) post(path string, form url.Values) (int, string) {
	p.t.Helper()
	r, err := http.PostForm(p.url()+path, form)
	require.NoError(p.t, err)
	defer r.Body.Close()
	var answer struct{ ID string }
	_ = json.NewDecoder(r.Body).Decode(&answer)
	return r.StatusCode, answer.ID
}

// waits until the manager's phone shows n bubbles of the bot.
func (p *phone) shows(n int) []graph.Shown {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return len(p.whatsApp.Received(manager)) >= n }, 10*time.Second, 5*time.Millisecond)
	return p.whatsApp.Received(manager)
}

func TestPageInThreeLanguages(t *testing.T) {
	p := newPhone(t)
	for tag, want := range map[string]string{"es": "El teléfono de Olga Duarte", "en": "The phone of Olga Duarte", "pt": "O telefone de Olga Duarte"} {
		r, body := p.get("?lang=" + tag)
		assert.Equal(t, http.StatusOK, r.StatusCode)
		assert.Contains(t, body, `<html lang="`+tag+`">`)
		assert.Contains(t, body, want)
		assert.Contains(t, body, `href="/metrics"`)
	}
	_, body := p.get("")
	assert.Contains(t, body, `<html lang="es">`, "the person's own")
	assert.NotContains(t, body, "ZgotmplZ")
}

func TestPageLoadsNothingFromElsewhere(t *testing.T) {
	r, body := newPhone(t).get("")
	policy := r.Header.Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'")
	assert.NotContains(t, policy, "unsafe")
	for _, attribute := range []string{`src="http`, `src="//`, `url(`, "@import", `rel="stylesheet"`} {
		assert.NotContains(t, body, attribute)
	}
	assert.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"))
}

func TestPageEscapes(t *testing.T) {
	server := graph.New(graph.Options{Clock: time.Now, Numbers: newShop(t, 1).Numbers()})
	t.Cleanup(server.Close)
	evil := `"><script>alert(1)</script>`
	page := demo.Phone(server, demo.Handset{
		Person: demo.Person{Name: evil, Phone: manager}, Number: demo.Bot, Zone: time.UTC, Clock: time.Now,
		Links: []demo.Link{{Href: "javascript:alert(1)", Text: evil}},
	})
	w := httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.NotContains(t, w.Body.String(), "<script>alert")
	assert.NotContains(t, w.Body.String(), `href="javascript`)
	assert.NotContains(t, w.Body.String(), `id="silence"`, "no button for what cannot be done")
	w = httptest.NewRecorder()
	page.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/silence", nil))
	assert.Equal(t, http.StatusNotFound, w.Code)
}

func TestMountedWithoutASlash(t *testing.T) {
	p := newPhone(t)
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := client.Get(p.page.URL + "/bare?lang=en")
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	assert.Equal(t, http.StatusMovedPermanently, r.StatusCode)
	assert.Equal(t, "/bare/", r.Header.Get("Location"))
}

func TestSay(t *testing.T) {
	p := newPhone(t)
	code, id := p.post("say", url.Values{"text": {"  ¿qué tal?  "}})
	assert.Equal(t, http.StatusOK, code)
	assert.NotEmpty(t, id)
	answer := p.shows(1)[0]
	assert.Equal(t, "Dijiste: ¿qué tal?", answer.Text)
	code, id = p.post("say", url.Values{"text": {"ok"}, "quote": {answer.ID}})
	assert.Equal(t, http.StatusOK, code)
	all := p.whatsApp.Phone(manager)
	said := all[len(all)-1]
	for _, m := range all {
		if m.ID == id {
			said = m
		}
	}
	assert.Equal(t, answer.ID, said.Quote)
	for _, text := range []string{"", " \n", strings.Repeat("a", 4097), "\xff"} {
		code, _ = p.post("say", url.Values{"text": {text}})
		assert.Equal(t, http.StatusBadRequest, code)
	}
	code, _ = p.post("say", url.Values{"text": {strings.Repeat("a", 100<<10)}})
	assert.Equal(t, http.StatusBadRequest, code)
}

func TestStrangersPagesMayNotWrite(t *testing.T) {
	p := newPhone(t)
	for _, path := range []string{"say", "tap", "seen", "silence"} {
		r, err := http.NewRequest(http.MethodPost, p.url()+path, strings.NewReader("text=hola"))
		require.NoError(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		answer, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, path)
	}
	assert.Empty(t, p.whatsApp.Phone(manager))
}

func TestTap(t *testing.T) {
	p := newPhone(t)
	p.post("say", url.Values{"text": {"resumen de hoy"}})
	summary := p.shows(1)[0]
	code, id := p.post("tap", url.Values{"message": {summary.ID}, "choice": {"chart"}})
	assert.Equal(t, http.StatusOK, code)
	assert.NotEmpty(t, id)
	assert.Equal(t, "Tocaste *En gráfico* (chart)", p.shows(2)[1].Text)
	for _, form := range []url.Values{{"message": {summary.ID}, "choice": {"other"}}, {"message": {"wamid.none"}, "choice": {"chart"}}, {}} {
		code, _ = p.post("tap", form)
		assert.Equal(t, http.StatusBadRequest, code)
	}
}

func TestSeen(t *testing.T) {
	p := newPhone(t)
	p.post("say", url.Values{"text": {"hola"}})
	require.False(t, p.shows(1)[0].Read)
	code, _ := p.post("seen", nil)
	assert.Equal(t, http.StatusNoContent, code)
	assert.True(t, p.whatsApp.Received(manager)[0].Read)
}

func TestSilence(t *testing.T) {
	p := newPhone(t)
	code, _ := p.post("silence", nil)
	assert.Equal(t, http.StatusNoContent, code)
	assert.True(t, <-p.silent)
}

func TestMedia(t *testing.T) {
	p := newPhone(t)
	p.picture()
	p.document()
	p.post("say", url.Values{"text": {"en gráfico"}})
	p.post("say", url.Values{"text": {"excel"}})
	for _, m := range p.shows(2) {
		r, body := p.get("media/" + m.Media.ID)
		assert.Equal(t, http.StatusOK, r.StatusCode)
		assert.Equal(t, m.Media.MIME, r.Header.Get("Content-Type"))
		assert.Equal(t, string(m.Media.Data), body)
		assert.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"))
		assert.Contains(t, r.Header.Get("Content-Security-Policy"), "sandbox")
		disposition := ""
		if m.Kind == "document" {
			disposition = `attachment; filename="agentes octubre.pdf"`
		}
		assert.Equal(t, disposition, r.Header.Get("Content-Disposition"))
	}
	r, _ := p.get("media/123")
	assert.Equal(t, http.StatusNotFound, r.StatusCode)
}

// listen opens the stream and returns the data of its events as they come.
func (p *phone) listen() (next func(event string) string, end func()) {
	r, err := http.Get(p.url() + "events?lang=en")
	require.NoError(p.t, err)
	require.Equal(p.t, "text/event-stream", r.Header.Get("Content-Type"))
	lines := bufio.NewScanner(r.Body)
	lines.Buffer(nil, 1<<20)
	next = func(event string) string {
		for at := ""; lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				at = name
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && at == event {
				return data
			}
		}
		return ""
	}
	return next, func() { _ = r.Body.Close() }
}

// drawn is what the stream tells of a bubble.
type drawn struct {
	ID, Day, HTML string
	Own, Read     bool
}

func read(t *testing.T, data string) (d drawn) {
	require.NoError(t, json.Unmarshal([]byte(data), &d))
	return d
}

func TestStream(t *testing.T) {
	p := newPhone(t)
	p.post("say", url.Values{"text": {"antes <b>"}})
	p.shows(1)
	next, end := p.listen()
	defer end()
	first := read(t, next("bubble"))
	assert.True(t, first.Own)
	assert.Equal(t, "Today", first.Day)
	assert.Contains(t, first.HTML, "antes &lt;b&gt;")
	assert.Contains(t, next("bubble"), "Dijiste")
	assert.Equal(t, "true", next("ready"))
	_, id := p.post("say", url.Values{"text": {"piensa"}})
	said := read(t, next("bubble"))
	assert.Equal(t, id, said.ID)
	assert.Equal(t, "true", next("typing"), "the bot types")
	p.text("*listo*")
	for {
		if b := read(t, next("bubble")); !b.Own {
			assert.Contains(t, b.HTML, "<strong>listo</strong>")
			break
		}
	}
	assert.Equal(t, "false", next("typing"))
}

func TestStreamTellsOfReading(t *testing.T) {
	p := newPhone(t)
	next, end := p.listen()
	defer end()
	_, id := p.post("say", url.Values{"text": {"hola"}})
	for {
		if b := read(t, next("bubble")); b.ID == id && b.Read {
			assert.Contains(t, b.HTML, `class="ticks read"`)
			return
		}
	}
}

func TestStreamsEndWithTheServer(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	server := graph.New(graph.Options{Clock: time.Now, Numbers: newShop(t, 1).Numbers()})
	defer server.Close()
	done := make(chan struct{})
	page := httptest.NewServer(demo.Phone(server, demo.Handset{Person: demo.Person{Phone: manager}, Number: demo.Bot, Zone: time.UTC, Clock: time.Now, Done: done}))
	client := page.Client()
	r, err := client.Get(page.URL + "/events")
	require.NoError(t, err)
	go close(done)
	_, err = io.ReadAll(r.Body)
	assert.NoError(t, err)
	require.NoError(t, r.Body.Close())
	client.CloseIdleConnections()
	page.Close()
}
