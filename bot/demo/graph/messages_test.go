package graph_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo/graph"
)

func buttons(body string, titles ...string) object {
	var all []object
	for i, title := range titles {
		all = append(all, object{"type": "reply", "reply": object{"id": fmt.Sprint("b", i), "title": title}})
	}
	return object{"type": "interactive", "interactive": object{
		"type": "button", "body": object{"text": body}, "action": object{"buttons": all},
	}}
}

func section(title string, ids ...string) object {
	var rows []object
	for _, id := range ids {
		rows = append(rows, object{"id": id, "title": "Fila"})
	}
	return object{"title": title, "rows": rows}
}

func rowsList(body, button string, sections ...object) object {
	return object{"type": "interactive", "interactive": object{
		"type": "list", "body": object{"text": body}, "action": object{"button": button, "sections": sections},
	}}
}

// with sets a member of the interactive object.
func with(m object, key string, value any) object {
	m["interactive"].(object)[key] = value
	return m
}

func row(id, title, description string) object {
	return object{"rows": []object{{"id": id, "title": title, "description": description}}}
}

func TestMessagesAreRefusedAtOnce(t *testing.T) {
	ids := func(from, n int) []string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprint("r", from+i))
		}
		return out
	}
	cases := []struct {
		name    string
		message object
		code    int
	}{
		{"text at its limit", message(text(letters(4096))), 0},
		{"text too long", message(text(letters(4097))), 100},
		{"text empty", message(text(" ")), 100},
		{"text missing", message(object{"type": "text"}), 100},
		{"type left out means text", message(object{"text": object{"body": "hola"}}), 0},
		{"no product", message(text("hola"), object{"messaging_product": nil}), 100},
		{"no recipient", message(text("hola"), object{"to": nil}), 100},
		{"recipient is no number", message(text("hola"), object{"to": "+57 luz"}), 100},
		{"number written with spaces", message(text("hola"), object{"to": "+57 300 111-2233"}), 0},
		{"user id in to", message(text("hola"), object{"to": "CO.123456"}), 100},
		{"user id as recipient", message(text("hola"), object{"to": nil, "recipient": "CO.123456"}), 0},
		{"nonsense as recipient", message(text("hola"), object{"to": nil, "recipient": "57300"}), 100},
		{"phone wins over user id", message(text("hola"), object{"recipient": "CO.123456"}), 0},
		{"group", message(text("hola"), object{"recipient_type": "group"}), 100},
		{"to oneself", message(text("hola"), object{"to": "+57 601 5550100"}), 131021},
		{"unknown key", message(text("hola"), object{"tpye": "text"}), 100},
		{"unknown key inside", message(object{"type": "text", "text": object{"body": "hola", "boby": ""}}), 100},
		{"opaque at its limit", message(text("hola"), object{"biz_opaque_callback_data": letters(512)}), 0},
		{"opaque too long", message(text("hola"), object{"biz_opaque_callback_data": letters(513)}), 100},
		{"context of nothing", message(text("hola"), object{"context": object{"message_id": "7"}}), 131009},
		{"type unknown", message(object{"type": "poll"}), 131051},
		{"media without id", message(object{"type": "image", "image": object{}}), 131008},
		{"media missing", message(object{"type": "document"}), 131008},
		{"media unknown", message(object{"type": "image", "image": object{"id": "12"}}), 131009},
		{"caption too long", message(object{"type": "image", "image": object{"id": "12", "caption": letters(1025)}}), 131009},
		{"caption of audio", message(object{"type": "audio", "audio": object{"id": "12", "caption": "la"}}), 131009},
		{"reaction to nothing", message(object{"type": "reaction", "reaction": object{"message_id": "", "emoji": "👍"}}), 131009},

		{"buttons at their limits", message(with(with(buttons(letters(1024), letters(20), "dos", "tres"), "footer", object{"text": letters(60)}), "header", object{"type": "text", "text": letters(60)})), 0},
		{"button body too long", message(buttons(letters(1025), "uno")), 131009},
		{"button body empty", message(buttons("", "uno")), 131009},
		{"button title too long", message(buttons("hola", letters(21))), 131009},
		{"button title empty", message(buttons("hola", "")), 131009},
		{"button titles equal", message(buttons("hola", "uno", "uno")), 131009},
		{"no buttons", message(buttons("hola")), 131009},
		{"four buttons", message(buttons("hola", "1", "2", "3", "4")), 131009},
		{"header too long", message(with(buttons("hola", "uno"), "header", object{"type": "text", "text": letters(61)})), 131009},
		{"footer too long", message(with(buttons("hola", "uno"), "footer", object{"text": letters(61)})), 131009},
		{"button id too long", message(with(buttons("hola"), "action", object{"buttons": []object{{"type": "reply", "reply": object{"id": letters(257), "title": "uno"}}}})), 131009},
		{"button ids equal", message(with(buttons("hola"), "action", object{"buttons": []object{
			{"type": "reply", "reply": object{"id": "a", "title": "uno"}}, {"type": "reply", "reply": object{"id": "a", "title": "dos"}}}})), 131009},
		{"button of another type", message(with(buttons("hola"), "action", object{"buttons": []object{{"type": "url", "reply": object{"id": "a", "title": "uno"}}}})), 131009},
		{"header of unknown type", message(with(buttons("hola", "uno"), "header", object{"type": "poll"})), 131009},
		{"interactive type unknown", message(with(buttons("hola", "uno"), "type", "flow")), 131051},
		{"interactive missing", message(object{"type": "interactive"}), 131008},

		{"list at its limits", message(rowsList(letters(4096), letters(20), section(letters(24), ids(0, 5)...), section("B", ids(5, 5)...))), 0},
		{"list body too long", message(rowsList(letters(4097), "Ver", section("", "a"))), 131009},
		{"list button too long", message(rowsList("hola", letters(21), section("", "a"))), 131009},
		{"list button empty", message(rowsList("hola", "", section("", "a"))), 131009},
		{"eleven rows over sections", message(rowsList("hola", "Ver", section("A", ids(0, 6)...), section("B", ids(6, 5)...))), 131009},
		{"no sections", message(rowsList("hola", "Ver")), 131009},
		{"section without rows", message(rowsList("hola", "Ver", section("A"))), 131009},
		{"several sections, one untitled", message(rowsList("hola", "Ver", section("A", "a"), section("", "b"))), 131009},
		{"section title too long", message(rowsList("hola", "Ver", section(letters(25), "a"))), 131009},
		{"row ids equal", message(rowsList("hola", "Ver", section("A", "a"), section("B", "a"))), 131009},
		{"row at its limits", message(rowsList("hola", "Ver", row(letters(200), letters(24), letters(72)))), 0},
		{"row id too long", message(rowsList("hola", "Ver", row(letters(201), "Fila", ""))), 131009},
		{"row title too long", message(rowsList("hola", "Ver", row("a", letters(25), ""))), 131009},
		{"row description too long", message(rowsList("hola", "Ver", row("a", "Fila", letters(73)))), 131009},
		{"list with a picture", message(with(rowsList("hola", "Ver", section("", "a")), "header", object{"type": "image", "image": object{"id": "1"}})), 131009},

		{"Direct Send closed to the account", message(text("hola"), object{"category": "utility"}), 100},
		{"Direct Send of another category", message(text("hola"), object{"category": "marketing"}), 100},
		{"Direct Send of a picture", message(object{"type": "image", "image": object{"id": "12"}}, object{"category": "utility"}), 100},
		{"template without a name", message(object{"type": "template", "template": object{"language": object{"code": "es"}}}), 131008},
		{"template without a language", message(object{"type": "template", "template": object{"name": "x"}}), 131008},
		{"template unknown", message(object{"type": "template", "template": object{"name": "x", "language": object{"code": "es"}}}), 132001},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			got, details := w.refusal(c.message)
			assert.Equal(t, c.code, got, details)
			if c.code != 0 {
				assert.NotEmpty(t, details)
				assert.Empty(t, w.Accepted(), "a refused message counts for nothing")
			}
		})
	}
}

func TestBodiesThatAreNoJSONObject(t *testing.T) {
	w := newWorld(t)
	for _, body := range []string{"", "null garbage", "[1]", `{"messaging_product":"whatsapp"} {}`, `{"messaging_product":7}`} {
		status, answer := w.call("POST", "/v25.0/"+shop+"/messages", body)
		assert.Equal(t, 400, status, body)
		got, _ := code(t, answer)
		assert.Equal(t, 100, got, body)
	}
}

func TestDoorsAreShut(t *testing.T) {
	w := newWorld(t)
	cases := []struct {
		method, path, bearer string
		status, code         int
	}{
		{"GET", "/v25.0/" + shop, "Bearer " + token, 200, 0},
		{"GET", "/v21.0/" + shop, "Bearer " + token, 200, 0},
		{"GET", "/v26.0/" + shop, "Bearer " + token, 200, 0},
		{"GET", "/v20.0/" + shop, "Bearer " + token, 400, 2635},
		{"GET", "/v3.1/" + shop, "Bearer " + token, 400, 2635},
		{"GET", "/v27.0/" + shop, "Bearer " + token, 400, 2500},
		{"GET", "/" + shop, "Bearer " + token, 400, 2500},
		{"GET", "/v25.0", "Bearer " + token, 400, 2500},
		{"GET", "/v25.0/" + shop, "", 401, 190},
		{"GET", "/v25.0/" + shop, "Bearer other", 401, 190},
		{"GET", "/v25.0/" + shop, token, 401, 190},
		{"GET", "/v25.0/9999", "Bearer " + token, 400, 100},
		{"POST", "/v25.0/9999/messages", "Bearer " + token, 400, 100},
		{"GET", "/v25.0/" + shop + "/messages", "Bearer " + token, 400, 100},
		{"POST", "/v25.0/" + shop, "Bearer " + token, 400, 100},
		{"GET", "/v25.0/" + waba + "/nothing", "Bearer " + token, 400, 100},
		{"GET", "/v25.0/a/b/c/d", "Bearer " + token, 400, 2500},
		{"GET", "/lookaside/12", "", 401, 190},
	}
	for _, c := range cases {
		t.Run(c.method+" "+c.path+" "+c.bearer, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, nil)
			r.Header.Set("Authorization", c.bearer)
			status, answer := w.do(r)
			assert.Equal(t, c.status, status, answer)
			if c.code != 0 {
				got, _ := code(t, answer)
				assert.Equal(t, c.code, got)
			}
		})
	}
}

func TestAnswerToAMessage(t *testing.T) {
	w := newWorld(t)
	w.Add(graph.Person{Phone: luz, UserID: "CO.77", HidePhone: true})
	_, answer := w.call("POST", "/v25.0/"+shop+"/messages", message(text("hola")))
	assert.Equal(t, "whatsapp", answer["messaging_product"])
	contact := list(answer["contacts"])[0]
	assert.Equal(t, object{"input": luz, "wa_id": "573001112233", "user_id": "CO.77"}, contact)
	assert.Regexp(t, `^wamid\..+`, list(answer["messages"])[0]["id"])

	_, answer = w.call("POST", "/v25.0/"+shop+"/messages", message(text("hola"), object{"to": nil, "recipient": "CO.77"}))
	assert.Equal(t, object{"input": "CO.77", "user_id": "CO.77"}, list(answer["contacts"])[0])
}

func TestWindow(t *testing.T) {
	cases := []struct {
		name string
		open func(w *world)
		wait time.Duration
		want []string
	}{
		{"never wrote", func(*world) {}, 0, []string{"failed"}},
		{"just wrote", func(w *world) { w.Say(luz, shop, "hola") }, 0, []string{"sent", "delivered", "read"}},
		{"wrote almost 24 h ago", func(w *world) { w.Say(luz, shop, "hola") }, 24*time.Hour - time.Second, []string{"sent", "delivered", "read"}},
		{"wrote 24 h ago", func(w *world) { w.Say(luz, shop, "hola") }, 24 * time.Hour, []string{"failed"}},
		{"wrote to the other number", func(w *world) { w.Say(luz, "1061", "hola") }, 0, []string{"failed"}},
		{"somebody else wrote", func(w *world) { w.Say(ana, shop, "hola") }, 0, []string{"failed"}},
		{"called, answered", func(w *world) { w.Call(luz, shop, time.Minute) }, 0, []string{"sent", "delivered", "read"}},
		{"called, missed", func(w *world) { w.Call(luz, shop, 0) }, 0, []string{"sent", "delivered", "read"}},
		{"wrote before, called since", func(w *world) {
			w.Say(luz, shop, "hola")
			w.leap(23 * time.Hour)
			w.Call(luz, shop, 0)
		}, 23 * time.Hour, []string{"sent", "delivered", "read"}},
		{"only reacted", func(w *world) {
			w.Say(luz, shop, "hola")
			id := w.send(message(text("dime")))
			w.pass(time.Minute)
			w.leap(25 * time.Hour)
			require.NotEmpty(w.t, w.React(luz, id, "👍"))
		}, 0, []string{"failed"}},
		{"a message that was long on its way", func(w *world) {
			w.Receive(luz, shop, object{"type": "text", "text": object{"body": "hola"}, "timestamp": fmt.Sprint(noon.Add(-25 * time.Hour).Unix())})
		}, 0, []string{"failed"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			c.open(w)
			w.leap(c.wait)
			id := w.send(message(text("buenos días"), object{"biz_opaque_callback_data": "a1.x"}))
			w.pass(time.Minute)
			assert.Equal(t, c.want, w.business.words(id))
			seen := w.Delivered()["a1.x"]
			if c.want[0] == "failed" {
				assert.Zero(t, seen)
				failed := w.business.all("messages", "statuses")
				last := failed[len(failed)-1]
				assert.EqualValues(t, 131047, list(last["errors"])[0]["code"])
				assert.Equal(t, "a1.x", last["biz_opaque_callback_data"])
				assert.NotContains(t, last, "pricing")
			} else {
				assert.Equal(t, 1, seen)
			}
		})
	}
}

func TestDirectSendNeedsNoWindow(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.DirectSend = true })
	id := w.send(message(text("Su pedido salió"), object{"category": "utility"}))
	w.pass(time.Minute)
	assert.Equal(t, []string{"sent", "delivered", "read"}, w.business.words(id))
	assert.Equal(t, "utility", w.business.all("messages", "statuses")[0]["pricing"].(object)["category"])

	got, _ := w.refusal(message(text(letters(1025)), object{"category": "utility"}))
	assert.Equal(t, 100, got)
	got, _ = w.refusal(message(rowsList(letters(1025), "Ver", section("", "a")), object{"category": "utility"}))
	assert.Equal(t, 131009, got)
}

func TestPairRate(t *testing.T) {
	w := newWorld(t)
	for range 45 {
		w.send(message(text("hola")))
	}
	got, details := w.refusal(message(text("hola")))
	assert.Equal(t, 131056, got, details)
	got, _ = w.refusal(message(text("hola"), object{"to": ana}))
	assert.Zero(t, got, "the other person is free")

	w.clock.Pass(6*time.Second - time.Millisecond)
	got, _ = w.refusal(message(text("hola")))
	assert.Equal(t, 131056, got, "refused ones cost nothing, but 6 s are not over")
	w.clock.Pass(time.Millisecond)
	w.send(message(text("hola")))
	got, _ = w.refusal(message(text("hola")))
	assert.Equal(t, 131056, got)

	w.clock.Pass(46 * 6 * time.Second)
	for range 45 {
		w.send(message(text("hola")))
	}
}

func TestThroughput(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.Throughput = 3 })
	to := func(i int) object { return message(text("hola"), object{"to": fmt.Sprintf("+57300111220%d", i)}) }
	for i := range 3 {
		w.send(to(i))
	}
	got, _ := w.refusal(to(4))
	assert.Equal(t, 130429, got)
	w.clock.Pass(time.Second)
	w.send(to(5))
}

func TestNumberWithoutPlusGoesToAStranger(t *testing.T) {
	w := newWorld(t)
	w.Say(luz, shop, "hola")
	id := w.send(message(text("su saldo"), object{"to": "573001112233", "biz_opaque_callback_data": "x"}))
	w.pass(time.Minute)
	assert.Equal(t, []graph.Misdelivery{{WAMID: id, Given: "573001112233", Went: "+57573001112233"}}, w.Misdelivered())
	assert.Empty(t, w.Received(luz))
	assert.Equal(t, []string{"failed"}, w.business.words(id), "the stranger never wrote")

	_, answer := w.call("POST", "/v25.0/1070/messages", message(text("hi"), object{"to": "3001112233"}))
	assert.Equal(t, "13001112233", list(answer["contacts"])[0]["wa_id"])
}

func TestAbsentPeople(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.OnlyKnown = true })
	w.Add(graph.Person{Phone: ana})
	w.Say(ana, shop, "hola")
	fine := w.send(message(text("hola"), object{"to": ana}))
	lost := w.send(message(text("hola")))
	nobody := w.send(message(text("hola"), object{"to": nil, "recipient": "CO.404"}))
	w.pass(time.Minute)
	assert.Equal(t, []string{"sent", "delivered", "read"}, w.business.words(fine))
	for _, id := range []string{lost, nobody} {
		assert.Equal(t, []string{"failed"}, w.business.words(id))
	}
	for _, s := range w.business.all("messages", "statuses") {
		if s["id"] == nobody {
			assert.Equal(t, "CO.404", s["recipient_user_id"])
		}
		if s["status"] == "failed" {
			assert.EqualValues(t, 131026, list(s["errors"])[0]["code"])
		}
	}
}

func TestIdentityKey(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.IdentityKeys = true })
	w.Say(luz, shop, "hola")
	w.pass(time.Second)
	key := list(w.business.values("messages")[0]["contacts"])[0]["identity_key_hash"].(string)
	require.NotEmpty(t, key)
	w.send(message(text("hola"), object{"recipient_identity_key_hash": key}))
	w.pass(time.Minute)
	assert.Equal(t, key, w.business.all("messages", "statuses")[0]["recipient_identity_key_hash"])

	w.Add(graph.Person{Phone: luz, Identity: "somebody-new"})
	got, _ := w.refusal(message(text("hola"), object{"recipient_identity_key_hash": key}))
	assert.Equal(t, 137000, got)
	assert.Len(t, w.Received(luz), 1)
}
