package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
	"pulso/bot/flow"
	"pulso/bot/inbox/cloudapi"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
	"pulso/models/store"
	"pulso/models/store/storetest"
)

// hands is a wall clock that a test moves. Its clock runs a thousand times as
// fast, so that no loop sleeps for long.
type hands struct {
	mu   sync.Mutex
	wall time.Time
}

const handSpeed = 1000

func (h *hands) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.wall
}

// pass lets d pass on the clock.
func (h *hands) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wall = h.wall.Add(d / handSpeed)
}

// world is a service with a simulated WhatsApp around it, on a clock that only
// the test moves.
type world struct {
	t       *testing.T
	hands   *hands
	clock   *flow.Clock
	graph   *graph.Server
	set     demo.Setup
	base    string
	app     *App
	stop    context.CancelFunc
	stopped chan error
	dsn     store.DSN
	yaml    func(demo.Setup) string
	lines   int           // of a chat: each has its time
	step    time.Duration // that passes on the clock between looks
	refuse  atomic.Int64  // the code with which every message is refused; 0: none
}

var server storetest.Server

func TestMain(m *testing.M) { storetest.Run(m, &server) }

// databases are what a test of the whole runs on: both; in the race run, which
// is long enough, SQLite only.
func databases(t *testing.T) map[string]store.DSN {
	if testing.Short() {
		return map[string]store.DSN{"sqlite": storetest.SQLite(t)}
	}
	return server.Databases(t)
}

// newWorld prepares a world that stands at start; the settings are made for its
// WhatsApp. serve starts the service.
func newWorld(t *testing.T, dsn store.DSN, start time.Time, numbers []graph.Number, yaml func(demo.Setup) string) *world {
	h := &hands{wall: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	w := &world{t: t, hands: h, dsn: dsn, yaml: yaml, step: 20 * time.Millisecond, clock: &flow.Clock{Wall: h.now, Start: start, Anchor: h.now(), Speed: handSpeed}}
	w.set = demo.Setup{Token: secret(), AppSecret: secret(), VerifyToken: secret(), EventsToken: secret(), Now: start}
	w.graph = graph.New(graph.Options{
		Clock: w.clock.Now, AppSecret: w.set.AppSecret, Token: w.set.Token, VerifyToken: w.set.VerifyToken, Numbers: numbers, Seed: 7, IdentityKeys: true,
		Fault: func(r graph.Request) graph.Fault {
			if code := w.refuse.Load(); r.Send && code != 0 {
				return graph.Fault{Kind: graph.Refuse, Code: int(code)}
			}
			return graph.Fault{}
		},
		Delays: graph.Delays{Sent: 100 * time.Millisecond, Delivered: 200 * time.Millisecond, Read: -1, Approval: time.Millisecond},
	})
	t.Cleanup(w.graph.Close)
	server := httptest.NewServer(w.graph)
	t.Cleanup(server.Close)
	w.set.GraphURL = server.URL
	w.app = w.open()
	t.Cleanup(func() {
		if w.stop != nil {
			w.halt()
		}
		require.NoError(t, w.app.Close())
	})
	return w
}

func (w *world) open() *App {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "config.yaml")
	require.NoError(w.t, os.WriteFile(path, []byte(w.yaml(w.set)), 0o600))
	settings, err := config.Load(config.Options{Path: path, Database: w.dsn.Full(), Languages: Languages()})
	require.NoError(w.t, err)
	out := io.Writer(io.Discard)
	if testing.Verbose() {
		out = w.t.Output()
	}
	a, err := Open(w.t.Context(), settings, w.clock, slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: slog.LevelWarn})), ReadWrite)
	require.NoError(w.t, err)
	return a
}

// approve registers the templates and has them approved.
func (w *world) approve() {
	w.t.Helper()
	_, err := w.app.PushTemplates(w.t.Context())
	require.NoError(w.t, err)
	w.until("the templates are approved", func() bool {
		list, err := w.app.Templates(w.t.Context(), true)
		require.NoError(w.t, err)
		return !slices.ContainsFunc(list, func(s TemplateState) bool { return s.Status != "APPROVED" })
	})
	_, err = w.app.PushTemplates(w.t.Context()) // learns that they are
	require.NoError(w.t, err)
}

// serve starts the service.
func (w *world) serve() {
	w.t.Helper()
	s, err := w.app.NewService("127.0.0.1:0", nil)
	require.NoError(w.t, err)
	w.base = "http://" + s.Addr().(*net.TCPAddr).String()
	w.graph.SetWebhook(w.base + "/webhooks/whatsapp")
	ctx, stop := context.WithCancel(context.Background())
	w.stop, w.stopped = stop, make(chan error, 1)
	go func() { w.stopped <- s.Run(ctx) }()
	w.until("the service is ready", func() bool {
		resp, err := http.Get(w.base + "/readyz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// halt stops the service.
func (w *world) halt() {
	w.t.Helper()
	w.stop()
	w.stop = nil
	select {
	case err := <-w.stopped:
		require.NoError(w.t, err)
	case <-time.After(20 * time.Second):
		w.t.Fatal("the service does not stop")
	}
}

// record has everything that WhatsApp tells stored, and nothing folded, until
// the service is started.
func (w *world) record() {
	mail := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = w.app.Store.Receive(r.Context(), []*models.Delivery{{Source: cloudapi.Source, ReceivedAt: w.clock.Now().UnixMilli(), Body: body}})
		}
		if err != nil {
			http.Error(rw, err.Error(), http.StatusServiceUnavailable)
		}
	}))
	w.t.Cleanup(mail.Close)
	w.graph.SetWebhook(mail.URL)
}

// until lets a little time pass on the clock, again and again, until something
// is so. The look may change the step.
func (w *world) until(what string, so func() bool) {
	w.t.Helper()
	w.waiting(what, &w.step, so)
}

// await lets step pass on the clock at each look.
func (w *world) await(what string, step time.Duration, so func() bool) {
	w.t.Helper()
	w.waiting(what, &step, so)
}

func (w *world) waiting(what string, step *time.Duration, so func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); {
		w.graph.Tick(w.clock.Now())
		if so() {
			return
		}
		w.hands.pass(*step)
		time.Sleep(2 * time.Millisecond)
	}
	w.t.Fatalf("waited in vain until %s", what)
}

// at moves the clock to a time that is not before now.
func (w *world) at(when time.Time) {
	w.t.Helper()
	if d := when.Sub(w.clock.Now()); d > 0 {
		w.hands.pass(d)
	}
}

// says lets a person write to the bot and returns what it answers, once all of
// that has been delivered.
func (w *world) says(phone, text string) []graph.Shown {
	w.t.Helper()
	return w.answers(phone, w.graph.Say(phone, demo.Bot, text))
}

// answers waits for the answers to a command.
func (w *world) answers(phone, wamid string) []graph.Shown {
	w.t.Helper()
	require.NotEmpty(w.t, wamid)
	w.until("WhatsApp has told it", func() bool { return w.told(wamid) })
	// Until it is answered the clock nearly stands, so that a slow machine answers the same.
	w.await("it is answered", 100*time.Microsecond, func() bool { return w.folded(wamid) })
	w.until("everything has been delivered", w.quiet)
	rows, err := w.app.Store.Sent(w.t.Context(), "reply/"+wamid, phone)
	require.NoError(w.t, err)
	var list []graph.Shown
	for _, row := range rows {
		for _, shown := range w.graph.Received(phone) {
			if shown.ID == row.WAMID {
				list = append(list, shown)
			}
		}
	}
	return list
}

// told reports whether what speaks of a message has been recorded.
func (w *world) told(wamid string) bool {
	db, err := w.app.Store.SQL()
	require.NoError(w.t, err)
	var n int
	require.NoError(w.t, db.QueryRow("SELECT COUNT(*) FROM deliveries WHERE INSTR(body, ?) > 0", wamid).Scan(&n))
	return n > 0
}

// folded reports whether a message to the bot has become a command that is done.
func (w *world) folded(wamid string) bool {
	db, err := w.app.Store.SQL()
	require.NoError(w.t, err)
	var done int
	if err := db.QueryRow("SELECT COUNT(*) FROM commands WHERE wamid = ? AND done = 1", wamid).Scan(&done); err != nil {
		w.t.Fatal(err)
	}
	return done == 1
}

// quiet reports whether nothing waits to be folded, answered or sent.
func (w *world) quiet() bool {
	db, err := w.app.Store.SQL()
	require.NoError(w.t, err)
	for _, q := range []string{
		"SELECT COUNT(*) FROM commands WHERE done = 0",
		"SELECT COUNT(*) FROM outgoing WHERE state IN ('planned', 'attempting', 'accepted', 'sent', 'unknown')",
	} {
		var n int
		require.NoError(w.t, db.QueryRow(q).Scan(&n))
		if n > 0 {
			return false
		}
	}
	backlog, err := w.app.Store.Backlog(w.t.Context())
	require.NoError(w.t, err)
	return backlog.Deliveries == 0 && w.graph.Pending() == 0
}

// shown writes bubbles as text: what stands in them, then their choices.
func shown(list []graph.Shown) string {
	var b strings.Builder
	for _, s := range list {
		if s.Media != nil {
			fmt.Fprintf(&b, "[%s %s]\n", s.Kind, s.Media.Filename)
			if s.Media.Caption != "" {
				fmt.Fprintln(&b, s.Media.Caption)
			}
		}
		for _, text := range []string{s.Header, s.Text, s.Footer} {
			if text != "" {
				fmt.Fprintln(&b, text)
			}
		}
		for _, c := range s.Buttons {
			fmt.Fprintf(&b, "( %s )\n", c.Title)
		}
		if s.ListButton != "" {
			fmt.Fprintf(&b, "( ☰ %s )\n", s.ListButton)
		}
	}
	return strings.TrimRight(b.String(), "\n")
}

// past records the history of a shop.
func (w *world) past(shop *demo.Shop, days int) {
	w.t.Helper()
	var batch []*models.Delivery
	require.NoError(w.t, shop.History(days, w.clock.Now(), func(source string, at time.Time, body []byte) error {
		batch = append(batch, &models.Delivery{Source: source, ReceivedAt: at.UnixMilli(), Body: body})
		return nil
	}))
	for len(batch) > 0 {
		n := min(len(batch), 2000)
		require.NoError(w.t, w.app.Store.Receive(w.t.Context(), batch[:n]))
		batch = batch[n:]
	}
	in := w.app.intake()
	in.PageTime = time.Second
	defer in.Release()
	_, err := in.Drain(w.t.Context())
	require.NoError(w.t, err)
}
