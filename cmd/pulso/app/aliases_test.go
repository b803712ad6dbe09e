package app

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
)

// newUser is a business-scoped user id that nobody of the shop had before.
const newUser = "CO.99000000000000000001"

// resting says whose rights rest.
func (w *world) resting() map[string]string {
	people, err := w.app.everybody(w.t.Context())
	require.NoError(w.t, err)
	list := map[string]string{}
	for _, p := range people {
		if p.Suspended != "" {
			list[p.Key] = p.Suspended
		}
	}
	return list
}

func TestAPersonIsKnownByWhatWasShownTogether(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		require.NotEmpty(t, w.says(olga, "recibidos hoy"))
		w.graph.Add(graph.Person{Phone: olga, HidePhone: true, Username: "olga"})
		assert.NotEmpty(t, w.says(olga, "recibidos hoy"), "the phone is withheld now")
		assert.Zero(t, w.received(), "neither is a customer's")

		w.halt()
		require.NoError(t, w.app.Rebuild(t.Context(), func(string, ...any) {}))
		assert.Zero(t, w.received(), "nor after a rebuild")
		assert.NoError(t, w.app.Audit(t.Context(), t.Logf))
		assert.Empty(t, w.resting())
	})
}

func TestAPersonIsKnownAtTheFirstSightOfBoth(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.halt()
		w.record() // so that it is folded in one page
		w.graph.Say(olga, demo.Bot, "recibidos hoy")
		w.graph.Add(graph.Person{Phone: olga, HidePhone: true})
		id := w.graph.Say(olga, demo.Bot, "recibidos ayer")
		w.until("it is recorded", func() bool { return w.told(id) })
		w.serve()
		assert.NotEmpty(t, w.answers(olga, id))
		assert.Zero(t, w.received())
	})
}

func TestAPersonIsKnownFromAnotherNumber(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.graph.Say(rita, "1061", "¿tienen cajas?")
		w.until("it is a customer's message there", func() bool { return w.quiet() && w.received() == 1 })
		w.graph.Add(graph.Person{Phone: rita, HidePhone: true})
		assert.NotEmpty(t, w.says(rita, "recibidos hoy"))
		assert.Equal(t, 1.0, w.received())
	})
}

func TestWhatPeopleWriteInAGroupIsNoFigure(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		said := func(who, text string) string {
			return w.graph.Receive(who, demo.Bot, map[string]any{"type": "text", "text": map[string]any{"body": text}, "group_id": "Y2FwaV9ncm91cDox"})
		}
		id := said(olga, "stats today")
		w.graph.Receive(olga, demo.Bot, map[string]any{"type": "reaction", "reaction": map[string]any{"message_id": id, "emoji": "👍"}, "group_id": "Y2FwaV9ncm91cDox"})
		w.graph.Add(graph.Person{Phone: olga, HidePhone: true})
		said(olga, "stats today")
		said(stranger, "hola a todos")
		w.until("the stranger's words are counted", func() bool { return w.quiet() && w.received() > 0 })
		assert.Equal(t, 1.0, w.received(), "the stranger's only")
		assert.Empty(t, w.graph.Received(olga), "and in a group nobody is answered")
	})
}

func TestAnotherUserIDTakesTheRights(t *testing.T) {
	onBoth(t, func(t *testing.T, w *world) {
		w.says(olga, "hola") // opens the owner's window
		require.NotEmpty(t, w.says(rita, "recibidos hoy"))
		before := len(w.graph.Received(olga))

		w.graph.Add(graph.Person{Phone: rita, UserID: newUser})
		assert.Empty(t, w.says(rita, "recibidos hoy"), "the number may be somebody else's now")
		w.until("the owner is told", func() bool { return w.quiet() && len(w.graph.Received(olga)) > before })
		assert.Len(t, w.resting(), 1)
		assert.Contains(t, w.resting(), rita)
		assert.Zero(t, w.received())
	})
}

func TestAChangeOfNumberDoesNotPassTheRightsOn(t *testing.T) {
	for name, number := range map[string]string{"told to the bot's number": demo.Bot, "told to another": "1061"} {
		t.Run(name, func(t *testing.T) {
			onBoth(t, func(t *testing.T, w *world) {
				w.says(olga, "hola")
				require.NotEmpty(t, w.says(rita, "recibidos hoy"))
				before := len(w.graph.Received(olga))

				w.graph.Receive(rita, number, map[string]any{"type": "system", "system": map[string]any{
					"type": "user_changed_number", "wa_id": newcomer[1:], "user_id": newUser, "body": "User changed"}})
				w.until("the owner is told", func() bool { return w.quiet() && len(w.graph.Received(olga)) > before })
				assert.Contains(t, w.resting(), rita)

				w.hands.pass(time.Second)
				w.graph.Add(graph.Person{Phone: newcomer, UserID: newUser})
				w.graph.Say(newcomer, demo.Bot, "recibidos hoy")
				w.until("the new number is folded", w.quiet)
				assert.Empty(t, w.graph.Received(newcomer), "nothing goes to the new number")
			})
		})
	}
}
