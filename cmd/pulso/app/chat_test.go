package app

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
	"pulso/models"
	"pulso/models/store"
)

// The people of the small business that these tests talk to.
const (
	olga     = "+573001112233" // owner, es
	rita     = "+573001112234" // manager of ventas, es
	stranger = "+573009998877"
	newcomer = "+573001112299"
)

func smallShop(set demo.Setup) string {
	return fmt.Sprintf(`
business: {name: La Esquina, timezone: America/Bogota, language: es}
whatsapp:
  - {phone_number_id: %[1]q, waba_id: "2060", access_token: %[2]q, app_secrets: [%[3]q], verify_token: %[4]q, graph_url: %[5]q, bot: true}
  - {phone_number_id: "1061", waba_id: "2060", app_secrets: [%[3]q], verify_token: %[4]q, graph_url: %[5]q}
events: {tokens: [%[6]q]}
agents: [{name: Ana, team: ventas, ids: [a-1]}, {name: Luis, team: soporte, ids: [a-2]}]
people:
  - {phone: %[7]q, name: Olga, role: owner}
  - {phone: %[8]q, name: Rita, role: manager, scope: {teams: [ventas]}}
`, demo.Bot, set.Token, set.AppSecret, set.VerifyToken, set.GraphURL, set.EventsToken, olga, rita)
}

func smallWorld(t *testing.T, dsn store.DSN) *world {
	numbers := []graph.Number{{ID: demo.Bot, WABA: "2060", Display: "+57 601 5550100", Name: "La Esquina"}, {ID: "1061", WABA: "2060", Display: "+57 601 5550101", Name: "Ventas"}}
	w := newWorld(t, dsn, time.Date(2026, 3, 18, 15, 30, 0, 0, time.UTC), numbers, smallShop)
	for name, phone := range map[string]string{"Olga": olga, "Rita": rita, "Luz": stranger, "Nuevo": newcomer} {
		w.graph.Add(graph.Person{Phone: phone, Name: name})
	}
	w.serve()
	return w
}

// onBoth runs a test of the whole on both databases.
func onBoth(t *testing.T, do func(t *testing.T, w *world)) {
	for dialect, dsn := range databases(t) {
		t.Run(dialect, func(t *testing.T) { do(t, smallWorld(t, dsn)) })
	}
}

// received is the figure of messages that customers wrote.
func (w *world) received() float64 {
	_, a, err := w.app.Query(w.t.Context(), Query{Metrics: []string{"messages_received"}, Now: w.clock.Now()})
	require.NoError(w.t, err)
	return *a.Total.Figures[0].Value
}

func TestOnlyThoseWhoMayAreAnswered(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.graph.Say(stranger, demo.Bot, "stats today")
		w.graph.Say(stranger, "1061", "hola")
		w.until("both are counted", func() bool { return w.quiet() && w.received() == 2 })
		assert.Empty(t, w.graph.Received(stranger), "a stranger gets nothing")

		assert.Contains(t, shown(w.says(olga, "recibidos hoy")), "*2*")
		assert.Equal(t, 2.0, w.received(), "what people ask is no figure")

		assert.Contains(t, shown(w.says(rita, "cómo va Luis")), "Luis", "outside of the scope")
		assert.NotContains(t, shown(w.says(rita, "cómo va Luis")), "Ahora:")

		id := w.graph.Receive(olga, demo.Bot, map[string]any{"type": "text", "text": map[string]any{"body": "stats today"}, "context": map[string]any{"forwarded": true}})
		w.until("the forwarded words are put aside", func() bool { return w.quiet() && w.folded(id) })
		rows, err := w.app.Store.Sent(t.Context(), "reply/"+id, olga)
		require.NoError(t, err)
		assert.Empty(t, rows, "somebody else's words are no command")

		voice := w.graph.SendMedia(olga, demo.Bot, graph.Media{MIME: "audio/ogg", Data: []byte("x"), Voice: true})
		assert.Contains(t, shown(w.answers(olga, voice)), "solo leo texto")
	})
}

func TestAnsweredOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		id := w.graph.Say(olga, demo.Bot, "stats today")
		require.Len(t, w.answers(olga, id), 1)
		for range 3 {
			w.graph.Redeliver(id)
			w.until("it is quiet again", w.quiet)
		}
		w.halt()
		w.serve()
		w.graph.Redeliver(id)
		w.until("it is quiet after the restart", w.quiet)
		assert.Len(t, w.graph.Received(olga), 1, "one answer, however often it comes")
	})
}

func TestTooOldToRun(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.halt() // nobody listens for a while
		id := w.graph.Say(olga, demo.Bot, "alert if waiting > 5")
		w.hands.pass(15 * time.Minute)
		w.serve()
		answer := w.answers(olga, id)
		require.Len(t, answer, 1)
		assert.Contains(t, shown(answer), "min de retraso")
		rules, err := w.app.Store.StoredRules(t.Context())
		require.NoError(t, err)
		assert.Empty(t, rules, "and it was not run")
	})
}

var codeForm = regexp.MustCompile(`[A-Z2-7]{4}(-[A-Z2-7]{4}){3}`)

func TestInvitation(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		code := codeForm.FindString(shown(w.says(olga, "invita a "+newcomer+" como manager de ventas")))
		require.NotEmpty(t, code)

		assert.Empty(t, w.says(newcomer, "stats today"), "nothing before the code")
		assert.Contains(t, shown(w.says(newcomer, "AAAA-BBBB-CCCC-DDDD")), "no funciona")
		assert.Contains(t, shown(w.says(newcomer, code)), "La Esquina")
		assert.NotEmpty(t, w.says(newcomer, "recibidos hoy"))
		assert.Zero(t, w.received(), "an invited person's words were never a customer's")

		answer := w.says(olga, "revoca a "+newcomer)
		id := tap(w, olga, answer, "Sí")
		w.answers(olga, id)
		w.hands.pass(2 * time.Second) // WhatsApp tells whole seconds
		w.graph.Say(newcomer, demo.Bot, "stats today")
		w.until("it is a customer's message now", func() bool { return w.quiet() && w.received() == 1 })
	})
}

func TestInvitationRunsOut(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		code := codeForm.FindString(shown(w.says(olga, "invita a "+newcomer+" como manager")))
		w.hands.pass(11 * time.Minute)
		assert.Contains(t, shown(w.says(newcomer, code)), "no funciona")

		code = codeForm.FindString(shown(w.says(olga, "invita a "+newcomer+" como manager")))
		for range 5 {
			w.hands.pass(10 * time.Second)
			w.says(newcomer, "AAAA-BBBB-CCCC-DDDD")
		}
		assert.Contains(t, shown(w.says(newcomer, code)), "no funciona", "after so many wrong ones the right one is void")
	})
}

func TestANewOwnerOfTheNumberLosesTheRights(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.says(olga, "hola") // opens the owner's window
		assert.NotEmpty(t, w.says(rita, "recibidos hoy"))
		before := len(w.graph.Received(olga))

		w.graph.Add(graph.Person{Phone: rita, Name: "Somebody", Identity: "another key"})
		assert.Empty(t, w.says(rita, "recibidos hoy"), "nothing goes to the new owner")
		w.until("the owner is told", func() bool { return w.quiet() && len(w.graph.Received(olga)) > before })
		assert.Contains(t, shown(w.graph.Received(olga)[before:]), "Rita")
		people, err := w.app.everybody(t.Context())
		require.NoError(t, err)
		for _, p := range people {
			assert.Equal(t, p.Key == rita, p.Suspended != "", "only that person's rights rest")
		}
	})
}

// command records a command as a webhook with an identity key hash brings it.
func (w *world) command(phone, wamid, text, identity string) {
	w.t.Helper()
	body := fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"2060","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"576015550100","phone_number_id":%q},"contacts":[{"wa_id":%q,"profile":{"name":"Rita"},"identity_key_hash":%q}],`+
		`"messages":[{"from":%q,"id":%q,"timestamp":"%d","type":"text","text":{"body":%q}}]}}]}]}`,
		demo.Bot, phone[1:], identity, phone[1:], wamid, w.clock.Now().Unix(), text)
	post := w.set.Post(http.DefaultClient, w.base)
	require.NoError(w.t, post(demo.CloudAPI, body))
}

func TestTooMuchAtOnce(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		for i := range mostAsked + 5 {
			w.command(olga, fmt.Sprintf("wamid.flood.%d", i), "stats today", "")
		}
		w.until("the flood has passed", w.quiet)
		rows := 0
		require.NoError(t, w.app.Store.ListOutgoing(t.Context(), store.List{}, func(o *models.Outgoing) error {
			rows++
			return nil
		}))
		assert.Equal(t, mostAsked+1, rows, "as many answers, and a word about it")
	})
}
