package demo

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"html/template"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"pulso/bot/demo/graph"
)

// Handset says whose phone the page is and what is around it. Person, Number,
// Zone and Clock are needed.
type Handset struct {
	Person Person
	Number string // phone number id of the chat's other side
	Zone   *time.Location
	Clock  func() time.Time
	Links  []Link          // for the curious
	Done   <-chan struct{} // when closed, streams end; nil never
	// Silence closes the person's 24 h window, as a day without a word does. The
	// page has no button for it when nil.
	Silence func()
}

// Link is an address worth a look, and what it is.
type Link struct{ Href, Text string }

// handset is a Handset at work.
type handset struct {
	Handset
	server *graph.Server
	pages  *template.Template
	style  template.CSS
	script template.JS
	policy string
}

//go:embed page
var pageFiles embed.FS

// Phone returns a page on which the person writes to the number and sees what
// it answers: GET / (with lang=es, en or pt), GET /events (server-sent), POST
// /say, POST /tap, POST /seen, POST /silence and GET /media/{id}, relative to
// where it is mounted. Whoever can reach it is the person: it belongs on this
// machine's own address. The page loads nothing from elsewhere.
func Phone(server *graph.Server, set Handset) http.Handler {
	h := &handset{Handset: set, server: server}
	h.pages = template.Must(template.ParseFS(pageFiles, "page/*.html"))
	h.style, h.script = template.CSS(asset("page/phone.css")), template.JS(asset("page/phone.js"))
	h.policy = "default-src 'none'; img-src 'self' data:; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'; " +
		"style-src " + fingerprint(string(h.style)) + "; script-src " + fingerprint(string(h.script))
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.page)
	mux.HandleFunc("GET /events", h.events)
	mux.HandleFunc("GET /media/{id}", h.media)
	mux.HandleFunc("POST /say", h.say)
	mux.HandleFunc("POST /tap", h.tap)
	mux.HandleFunc("POST /seen", h.seen)
	mux.HandleFunc("POST /silence", h.silence)
	own := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "" { // mounted without the slash that relative addresses need
			http.Redirect(w, r, path.Base(strings.SplitN(r.RequestURI, "?", 2)[0])+"/", http.StatusMovedPermanently)
			return
		}
		own.ServeHTTP(w, r)
	})
}

// asset returns an embedded file: that it is there, tests of the page see.
func asset(name string) string {
	data, err := pageFiles.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(data)
}

// fingerprint is how a content security policy names an inline text.
func fingerprint(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func (h *handset) words(r *http.Request) phrases {
	return spoken(r.URL.Query().Get("lang"), h.Person.Language)
}

func (h *handset) page(w http.ResponseWriter, r *http.Request) {
	var out bytes.Buffer
	words := h.words(r)
	err := h.pages.ExecuteTemplate(&out, "phone.html", map[string]any{
		"W": words, "Languages": languages(), "Person": h.Person, "Business": Business, "Welcome": format(words.Welcome),
		"Links": h.Links, "Silence": h.Silence != nil, "Style": h.style, "Script": h.script,
	})
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", h.policy)
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("Cache-Control", "no-store")
	_, _ = w.Write(out.Bytes())
}

const textMost = 4096 // characters of a message

// say has the person write, quoting a bubble when "quote" is given.
func (h *handset) say(w http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(h.form(w, r, "text"))
	if text == "" || utf8.RuneCountInString(text) > textMost || !utf8.ValidString(text) {
		http.Error(w, "text: 1 to 4096 characters", http.StatusBadRequest)
		return
	}
	id := ""
	if quote := r.PostFormValue("quote"); quote != "" {
		id = h.server.Reply(h.Person.Phone, quote, text)
	}
	if id == "" {
		id = h.server.Say(h.Person.Phone, h.Number, text)
	}
	answer(w, id)
}

// tap has the person tap a choice of a message.
func (h *handset) tap(w http.ResponseWriter, r *http.Request) {
	id, err := h.server.Tap(h.Person.Phone, h.form(w, r, "message"), r.PostFormValue("choice"))
	if err != nil {
		http.Error(w, "there is no such choice", http.StatusBadRequest)
		return
	}
	answer(w, id)
}

// form reads a value of a form that is not endless.
func (h *handset) form(w http.ResponseWriter, r *http.Request, name string) string {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	return r.PostFormValue(name)
}

// answer tells the id under which a message will come by the stream.
func answer(w http.ResponseWriter, id string) {
	if id == "" {
		http.Error(w, "the number is not there", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"id": id})
}

// seen has the person look at the chat.
func (h *handset) seen(w http.ResponseWriter, _ *http.Request) {
	h.server.Open(h.Person.Phone, h.Number)
	w.WriteHeader(http.StatusNoContent)
}

func (h *handset) silence(w http.ResponseWriter, r *http.Request) {
	if h.Silence == nil {
		http.NotFound(w, r)
		return
	}
	h.Silence()
	w.WriteHeader(http.StatusNoContent)
}

// media serves a file of the chat: pictures and sound to be shown, all else to
// be kept.
func (h *handset) media(w http.ResponseWriter, r *http.Request) {
	for _, m := range h.chat() {
		if m.Media == nil || m.Media.ID != r.PathValue("id") {
			continue
		}
		b := bubble{Shown: m, Words: h.words(r)}
		head := w.Header()
		head.Set("Content-Type", m.Media.MIME)
		head.Set("X-Content-Type-Options", "nosniff")
		head.Set("Content-Security-Policy", "default-src 'none'; sandbox")
		head.Set("Cache-Control", "private, max-age=3600")
		if !b.IsImage() && !b.IsAudio() && !b.IsVideo() {
			head.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": b.File()}))
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(m.Media.Data))
		return
	}
	http.NotFound(w, r)
}

// chat returns the bubbles between the person and the number.
func (h *handset) chat() []graph.Shown {
	var out []graph.Shown
	for _, m := range h.server.Phone(h.Person.Phone) {
		if m.Number == h.Number {
			out = append(out, m)
		}
	}
	return out
}
