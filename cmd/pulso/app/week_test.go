package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
	"pulso/models"
	"pulso/models/store"
)

const weekPreface = `# A week in the life

Made of a week of the demonstration shop by ` + "`go test ./cmd/pulso/app -run AWeek -update`" + `: the shop's traffic goes in by the webhook and the
events, and what stands below is what its owner, Olga, saw on her phone. Nobody asked Pulso for most of it. Pictures and files are named in
brackets, buttons stand in round ones.
`

// diary is a story on a phone.
type diary struct {
	*world
	page    strings.Builder
	who     graph.Person
	told    int // bubbles that stand on the page
	last    []graph.Shown
	traffic []*models.Delivery // of the shop, still to come
	post    func(source string, body []byte) error
}

// TestAWeek plays a week in which Pulso speaks first: digests, an incident with
// its alert, an ack, a snooze, the resolved note, and templates when the window
// is shut. Both databases tell the same.
func TestAWeek(t *testing.T) {
	const path = "../../../docs/week.md"
	for dialect, dsn := range databases(t) {
		t.Run(dialect, func(t *testing.T) {
			w := newWeek(t, dsn)
			w.play()
			got := weekPreface + w.page.String()
			if *update && dialect == "sqlite" {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			same(t, string(want), got)
		})
	}
}

func newWeek(t *testing.T, dsn store.DSN) *diary {
	w := &diary{who: visitor("es")}
	shop, err := demo.New(1, demoZone, demo.Person{Name: w.who.Name, Phone: w.who.Phone, Language: "es"})
	require.NoError(t, err)
	start := time.Date(2026, 3, 16, 7, 50, 0, 0, shop.Zone())
	w.world = newWorld(t, dsn, start, shop.Numbers(), func(set demo.Setup) string {
		text := shop.Config(set)
		from, to := strings.Index(text, "alerts:\n"), strings.Index(text, "rates:\n")
		return text[:from] + text[to:] // Olga makes her own
	})
	require.NoError(t, shop.History(50, start.AddDate(0, 0, 7), func(source string, at time.Time, body []byte) error {
		w.traffic = append(w.traffic, &models.Delivery{Source: source, ReceivedAt: at.UnixMilli(), Body: body})
		return nil
	}))
	require.NoError(t, w.app.Store.Receive(t.Context(), w.due(start)))
	in := w.app.intake()
	_, err = in.Drain(t.Context())
	in.Release()
	require.NoError(t, err)
	w.graph.Add(w.who)
	w.serve()
	w.approve()
	w.post = w.set.Post(http.DefaultClient, w.base)
	w.calm()
	return w
}

// due takes the shop's traffic up to a time.
func (w *diary) due(at time.Time) []*models.Delivery {
	n := 0
	for n < len(w.traffic) && w.traffic[n].ReceivedAt <= at.UnixMilli() {
		n++
	}
	list := w.traffic[:n]
	w.traffic = w.traffic[n:]
	return list
}

// calm waits until nothing is under way, on a clock that stands.
func (w *diary) calm() { w.t.Helper(); w.await("it is calm", 0, w.quiet) }

// reach lets the shop work until a time, and then writes down what came.
func (w *diary) reach(day, hour, minute int) {
	w.t.Helper()
	l := w.clock.Start
	when := time.Date(l.Year(), l.Month(), 16+day, hour, minute, 0, 0, l.Location())
	eve := when.Add(-time.Minute) // all is in the record before anything is due
	w.at(eve)
	w.deliver(w.due(eve))
	w.at(when)
	w.calm()
}

func (w *diary) deliver(list []*models.Delivery) {
	w.t.Helper()
	for _, d := range list {
		require.NoError(w.t, w.post(d.Source, d.Body))
	}
	w.calm()
}

// minutes lets time pass as it does: each is judged.
func (w *diary) minutes(n int) {
	w.t.Helper()
	for range n {
		w.hands.pass(time.Minute)
		time.Sleep(150 * time.Millisecond)
		w.graph.Tick(w.clock.Now())
	}
	w.until("it is calm", w.quiet)
}

func (w *diary) heading(text string) { fmt.Fprintf(&w.page, "\n## %s\n", text) }
func (w *diary) prose(text string)   { fmt.Fprintf(&w.page, "\n%s\n", text) }

// shows waits for news and writes them down.
func (w *diary) shows(bubbles int) {
	w.t.Helper()
	w.until("she is told", func() bool { return len(w.received()) >= w.told+bubbles })
	w.until("all is told", w.quiet)
	all := w.received()
	w.last, w.told = all[w.told:], len(all)
	fmt.Fprintf(&w.page, "\n```text\n%s\n```\n", shown(w.last))
}

func (w *diary) received() []graph.Shown { return w.graph.Received(w.who.Phone) }

func (w *diary) writes(text string) {
	w.t.Helper()
	fmt.Fprintf(&w.page, "\n**Olga:** %s\n", text)
	if title, ok := strings.CutPrefix(text, "( "); ok {
		w.answers(w.who.Phone, tap(w.world, w.who.Phone, w.last, strings.TrimSuffix(title, " )")))
	} else {
		w.says(w.who.Phone, text)
	}
	w.shows(1)
}

// customers write to the sales line, all at once; nobody answers.
func (w *diary) customers(n int) {
	w.t.Helper()
	for i := range n {
		w.event("message.received", i, fmt.Sprintf("w-in-%d", i), nil)
	}
	w.calm()
}

func (w *diary) event(kind string, i int, id string, agent map[string]any) {
	w.t.Helper()
	message := map[string]any{"id": id, "kind": "text", "text": "Hola"}
	e := map[string]any{
		"id": "ev-" + id, "type": kind, "at": w.clock.Now().UTC().Format(time.RFC3339Nano), "channel": "instagram:casafrailejon",
		"contact": map[string]any{"id": fmt.Sprintf("week-%d", i), "name": fmt.Sprintf("Cliente %d", i)}, "message": message,
	}
	if agent != nil {
		e["agent"], message["sender"] = agent, "agent"
	}
	body, err := json.Marshal(e)
	require.NoError(w.t, err)
	require.NoError(w.t, w.post(demo.Events, body))
}

func (w *diary) play() {
	w.heading("Lunes")
	w.prose("_08:00. Olga no ha escrito nunca a Pulso: WhatsApp solo deja pasar una plantilla. Con un toque se abre la conversación._")
	w.reach(0, 8, 0)
	w.shows(1)
	w.reach(0, 8, 10)
	w.writes("( " + w.last[0].Buttons[0].Title + " )")
	w.prose("_08:30. El resumen de la semana ya llega entero._")
	w.reach(0, 8, 30)
	w.shows(1)
	w.reach(0, 8, 40)
	w.writes("avísame si hay más de 40 esperando por 10 min")

	w.heading("Martes")
	w.prose("_08:00_")
	w.reach(1, 8, 0)
	w.shows(1)
	w.prose("_11:00. Una promoción en Instagram: sesenta personas escriben a la vez y nadie contesta._")
	w.reach(1, 10, 59)
	held := w.due(w.clock.Now().Add(45 * time.Minute)) // the rest of the shop rests meanwhile
	w.minutes(1)
	w.customers(60)
	w.minutes(12)
	w.shows(1)
	w.writes("( Ok )")
	w.writes("por qué?")
	w.writes("pospón 15 min")
	w.minutes(5)
	for i := range 60 {
		w.event("message.sent", i, fmt.Sprintf("w-out-%d", i), map[string]any{"id": "a-sofia", "name": "Sofía", "team": "ventas"})
	}
	w.prose("_11:20. El equipo contesta a todos._")
	w.minutes(25)
	w.shows(1)
	w.deliver(held)

	w.heading("Miércoles")
	w.prose("_08:00. La ventana sigue abierta._")
	w.reach(2, 8, 0)
	w.shows(1)

	w.heading("Jueves")
	w.prose("_08:00. Hace más de 24 horas que Olga no escribe: vuelve la plantilla._")
	w.reach(3, 8, 0)
	w.shows(1)
	w.reach(3, 8, 20)
	w.writes("( " + w.last[0].Buttons[0].Title + " )")

	w.heading("Viernes")
	w.prose("_Meta pausa esa plantilla durante la noche. Olga lo sabe por la mañana, junto con su resumen._")
	w.reach(4, 7, 30)
	require.NoError(w.t, w.graph.SetTemplate(demo.Account, w.templateName(), "es", "PAUSED"))
	w.minutes(2)
	w.shows(1)
	w.reach(4, 8, 0)
	w.shows(1)

	w.heading("Sábado")
	w.prose("_08:00. La ventana está cerrada y la plantilla, en pausa: el resumen va con otra._")
	w.reach(5, 8, 0)
	w.shows(1)
}

// templateName is the template by which the latest digest outside the window went.
func (w *diary) templateName() string {
	w.t.Helper()
	for _, s := range w.received() {
		if s.Template != "" {
			return s.Template
		}
	}
	w.t.Fatal("no template was sent")
	return ""
}
