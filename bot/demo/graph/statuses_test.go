package graph_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/bot/demo/graph"
)

func TestStatusesOfAMessage(t *testing.T) {
	w := newWorld(t)
	w.Add(graph.Person{Phone: luz, UserID: "CO.77", Name: "Luz", Username: "luz.m"})
	w.Say(luz, shop, "hola")
	id := w.send(message(text("buenos días"), object{"biz_opaque_callback_data": "a1.7.1.ab"}))
	require.Equal(t, []string{}, w.business.words(id), "nothing happens by itself")
	w.pass(time.Minute)

	statuses := w.business.all("messages", "statuses")
	require.Len(t, statuses, 3)
	last := int64(0)
	for i, name := range []string{"sent", "delivered", "read"} {
		s := statuses[i]
		assert.Equal(t, name, s["status"])
		assert.Equal(t, id, s["id"])
		assert.Equal(t, "573001112233", s["recipient_id"])
		assert.Equal(t, "a1.7.1.ab", s["biz_opaque_callback_data"])
		assert.NotContains(t, s, "conversation", "gone since v24.0")
		assert.NotContains(t, s, "recipient_user_id", "it was sent to a phone")
		at, err := strconv.ParseInt(s["timestamp"].(string), 10, 64)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, at, max(last, noon.Unix()))
		last = at
	}
	for i, value := range w.business.values("messages")[1:] {
		contact := list(value["contacts"])[0]
		assert.Equal(t, "CO.77", contact["user_id"])
		assert.Equal(t, i != 0, contact["profile"].(object)["username"] != nil, "no username on sent")
		assert.Equal(t, object{"display_phone_number": "576015550100", "phone_number_id": shop}, value["metadata"])
	}
	price := object{"billable": true, "pricing_model": "PMP", "type": "regular", "category": "service"}
	assert.Equal(t, price, statuses[0]["pricing"])
	assert.Equal(t, price, statuses[1]["pricing"])
	assert.NotContains(t, statuses[2], "pricing", "one of delivered and read carries it")
}

func TestServiceMessagesWereFreeOnce(t *testing.T) {
	w := newWorld(t)
	w.clock.now = time.Date(2026, time.September, 30, 23, 0, 0, 0, time.UTC)
	w.Say(luz, shop, "hola")
	w.send(message(text("hola")))
	w.pass(time.Minute)
	price := w.business.all("messages", "statuses")[0]["pricing"].(object)
	assert.Equal(t, object{"billable": false, "pricing_model": "PMP", "type": "free_customer_service", "category": "service"}, price)
}

func TestStatusesToAUserID(t *testing.T) {
	w := newWorld(t)
	w.Add(graph.Person{Phone: luz, UserID: "CO.77", HidePhone: true})
	w.Say("CO.77", shop, "hola")
	id := w.send(message(text("hola"), object{"to": nil, "recipient": "CO.77"}))
	w.pass(time.Minute)
	statuses := w.business.all("messages", "statuses")
	require.Len(t, statuses, 3)
	for _, s := range statuses {
		assert.Equal(t, id, s["id"])
		assert.Equal(t, "CO.77", s["recipient_user_id"])
		assert.NotContains(t, s, "recipient_id")
	}
	inbound := w.business.values("messages")[0]
	assert.NotContains(t, list(inbound["contacts"])[0], "wa_id")
	assert.NotContains(t, list(inbound["messages"])[0], "from")
	assert.Equal(t, "CO.77", list(inbound["messages"])[0]["from_user_id"])
}

func TestPeopleWhoAreOfflineOrHideReceipts(t *testing.T) {
	w := newWorld(t)
	w.Add(graph.Person{Phone: luz, Offline: true, NoReceipts: true})
	w.Say(luz, shop, "hola")
	id := w.send(message(text("hola")))
	w.pass(time.Minute)
	assert.Equal(t, []string{"sent"}, w.business.words(id))
	assert.Empty(t, w.Received(luz))
	w.Add(graph.Person{Phone: luz, NoReceipts: true})
	w.pass(time.Minute)
	assert.Equal(t, []string{"sent", "delivered"}, w.business.words(id))
	require.Len(t, w.Received(luz), 1)
	assert.True(t, w.Received(luz)[0].Read, "read without saying so")
}

func TestReadOnlyWhenOpened(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.Delays.Read = -1 })
	w.Say(luz, shop, "hola")
	w.Say(luz, "1061", "hola")
	here := w.send(message(text("uno")))
	_, answer := w.call("POST", "/v25.0/1061/messages", message(text("dos")))
	there := list(answer["messages"])[0]["id"].(string)
	w.pass(time.Minute)
	assert.Equal(t, []string{"sent", "delivered"}, w.business.words(here))
	w.Open(luz, shop)
	w.Open(luz, shop)
	w.pass(time.Minute)
	assert.Equal(t, []string{"sent", "delivered", "read"}, w.business.words(here))
	assert.Equal(t, []string{"sent", "delivered"}, w.business.words(there))
	w.Open("+10000000000", shop)
}

// However unpleasantly webhooks come, each status comes at least once, with the
// time at which it happened; and nothing comes that did not happen.
func TestChaosLosesNothing(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		share := rapid.Float64Range(0, 0.9)
		suffer(t, r, rapid.Uint64().Draw(r, "seed"), rapid.IntRange(1, 8).Draw(r, "messages"), graph.Chaos{
			Shuffle: share.Draw(r, "shuffle"), Duplicate: share.Draw(r, "duplicate"),
			Batch: share.Draw(r, "batch"), SkipDelivered: share.Draw(r, "skip"),
		})
	})
}

// TestChaosHappens holds that each kind of it comes, so that the property above
// says something.
func TestChaosHappens(t *testing.T) {
	for kind, chaos := range map[string]graph.Chaos{
		"shuffled": {Shuffle: .9}, "duplicated": {Duplicate: .9}, "batched": {Batch: .9}, "skipped": {SkipDelivered: .9},
	} {
		assert.True(t, suffer(t, t, 1, 20, chaos)[kind], kind)
	}
}

// suffer sends messages through a world of that chaos, fails r if anything is
// lost or invented, and says which kinds of chaos were seen.
func suffer(t *testing.T, r rapid.TB, seed uint64, messages int, chaos graph.Chaos) map[string]bool {
	w := newWorld(t, func(o *graph.Options) { o.Chaos, o.Seed = chaos, seed })
	said := w.Say(luz, shop, "hola")
	var sent []string
	for range messages {
		sent = append(sent, w.send(message(text("hola"))))
		w.pass(time.Second)
	}
	w.pass(40 * time.Second)
	if w.Pending() != 0 {
		r.Fatal("something is still to come")
	}
	seen := map[string]bool{}
	for _, id := range sent {
		words := w.business.words(id)
		times := map[string]string{}
		for _, s := range w.business.all("messages", "statuses") {
			if s["id"] == id {
				name := s["status"].(string)
				if before, ok := times[name]; ok && before != s["timestamp"] {
					r.Fatalf("%s at two times", name)
				}
				times[name] = s["timestamp"].(string)
			}
		}
		if !slices.Contains(words, "sent") || !slices.Contains(words, "read") || len(words) > 6 {
			r.Fatalf("statuses %v", words)
		}
		if times["read"] < times["sent"] || (times["delivered"] != "" && times["delivered"] < times["sent"]) {
			r.Fatalf("times %v", times)
		}
		seen["skipped"] = seen["skipped"] || !slices.Contains(words, "delivered")
		seen["shuffled"] = seen["shuffled"] || words[0] != "sent"
		seen["duplicated"] = seen["duplicated"] || len(words) > 3
	}
	for _, value := range w.business.values("messages") {
		seen["batched"] = seen["batched"] || len(list(value["statuses"])) > 1
	}
	if !slices.ContainsFunc(w.business.all("messages", "messages"), func(m object) bool { return m["id"] == said }) {
		r.Fatal("the person's own message is lost")
	}
	w.business.server.Close()
	w.Close()
	return seen
}

func TestSameSeedSameWorld(t *testing.T) {
	run := func() []string {
		w := newWorld(t, func(o *graph.Options) { o.Chaos = graph.Chaos{Shuffle: .5, Duplicate: .5, Batch: .5} })
		w.Say(luz, shop, "hola")
		for range 5 {
			w.send(message(text("hola")))
		}
		w.pass(time.Minute)
		return w.business.words("")
	}
	assert.Equal(t, run(), run())
}
