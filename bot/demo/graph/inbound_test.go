package graph_test

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo/graph"
)

// last returns the newest inbound message.
func (w *world) last() object {
	w.t.Helper()
	w.pass(time.Second)
	all := w.business.all("messages", "messages")
	require.NotEmpty(w.t, all)
	return all[len(all)-1]
}

func TestWhatPeopleWrite(t *testing.T) {
	w := newWorld(t)
	w.Add(graph.Person{Phone: luz, UserID: "CO.77", Name: "Luz", Username: "luz.m"})
	id := w.Say(luz, shop, "resumen de hoy")
	got := w.last()
	assert.Equal(t, object{
		"id": id, "from": "573001112233", "from_user_id": "CO.77", "timestamp": strconv.FormatInt(noon.Unix(), 10),
		"type": "text", "text": object{"body": "resumen de hoy"},
	}, got)
	value := w.business.values("messages")[0]
	assert.Equal(t, object{"profile": object{"name": "Luz", "username": "luz.m"}, "wa_id": "573001112233", "user_id": "CO.77"}, list(value["contacts"])[0])
	assert.Equal(t, object{"display_phone_number": "576015550100", "phone_number_id": shop}, value["metadata"])
	assert.Equal(t, "whatsapp_business_account", w.business.got()[0]["object"])
	assert.Equal(t, waba, list(w.business.got()[0]["entry"])[0]["id"])

	assert.Empty(t, w.Say(luz, "9999", "hola"), "no such number")
	assert.Empty(t, w.Call(luz, "9999", 0))
	assert.Empty(t, w.SendMedia(luz, "9999", graph.Media{}))
	assert.Empty(t, w.Reply(luz, "wamid.none", "ok"))
	assert.Empty(t, w.Reply("+573000000000", "wamid.none", "ok"))
	assert.Empty(t, w.React(luz, "wamid.none", "👍"))
}

func TestTaps(t *testing.T) {
	w := newWorld(t)
	w.Say(luz, shop, "hola")
	pressed := w.send(message(buttons("¿Qué desea?", "Hoy", "Ayer")))
	w.pass(time.Minute)

	_, err := w.Tap(luz, pressed, "b1")
	require.NoError(t, err)
	got := w.last()
	assert.Equal(t, object{"from": "576015550100", "id": pressed}, got["context"])
	assert.Equal(t, object{"type": "button_reply", "button_reply": object{"id": "b1", "title": "Ayer"}}, got["interactive"])

	_, err = w.Tap(luz, pressed, "b9")
	require.Error(t, err)
	_, err = w.Tap(luz, "wamid.none", "b1")
	require.Error(t, err)
}

func TestTapOnAList(t *testing.T) {
	w := newWorld(t)
	w.Say(luz, shop, "hola")
	second := row("r2", "Ayer", "Lo de ayer")
	second["title"] = "B"
	id := w.send(message(rowsList("Menú", "Ver", section("A", "r1"), second)))
	w.pass(time.Minute)
	seen := w.Received(luz)[0]
	assert.Equal(t, "Ver", seen.ListButton)
	assert.Equal(t, []graph.Section{
		{Title: "A", Rows: []graph.Choice{{ID: "r1", Title: "Fila"}}},
		{Title: "B", Rows: []graph.Choice{{ID: "r2", Title: "Ayer", Description: "Lo de ayer"}}},
	}, seen.Sections)
	_, err := w.Tap(luz, id, "r2")
	require.NoError(t, err)
	assert.Equal(t, object{"type": "list_reply", "list_reply": object{"id": "r2", "title": "Ayer", "description": "Lo de ayer"}}, w.last()["interactive"])
	_, err = w.Tap(luz, id, "r1")
	require.NoError(t, err)
	assert.Equal(t, object{"type": "list_reply", "list_reply": object{"id": "r1", "title": "Fila"}}, w.last()["interactive"])
}

func TestRepliesReactionsAndRepeats(t *testing.T) {
	w := newWorld(t)
	w.Say(luz, shop, "hola")
	id := w.send(message(text("Alerta: hay 7 esperando")))
	w.pass(time.Minute)

	reply := w.Reply(luz, id, "ok")
	got := w.last()
	assert.Equal(t, reply, got["id"])
	assert.Equal(t, object{"from": "576015550100", "id": id}, got["context"])

	require.NotEmpty(t, w.React(luz, id, "👍"))
	got = w.last()
	assert.Equal(t, "reaction", got["type"])
	assert.Equal(t, object{"message_id": id, "emoji": "👍"}, got["reaction"])
	assert.Equal(t, "👍", w.Received(luz)[0].Reaction)
	w.React(luz, id, "")
	assert.Equal(t, object{"message_id": id}, w.last()["reaction"])
	assert.Empty(t, w.Received(luz)[0].Reaction)
	assert.Len(t, w.Phone(luz), 3, "reactions are no bubbles")

	require.True(t, w.Redeliver(reply))
	again := w.last()
	assert.Equal(t, reply, again["id"])
	assert.Equal(t, "ok", again["text"].(object)["body"])
	assert.False(t, w.Redeliver("wamid.none"))

	quoted := w.Reply(luz, reply, "¿sigue ahí?")
	require.NotEmpty(t, quoted)
	assert.Equal(t, object{"from": "573001112233", "id": reply}, w.last()["context"], "their own bubble quoted")

	own := w.Received(luz)[0]
	w.send(message(object{"type": "reaction", "reaction": object{"message_id": reply, "emoji": "✅"}}))
	w.pass(time.Minute)
	assert.Equal(t, "✅", w.Phone(luz)[2].Reaction)
	assert.Equal(t, own.ID, w.Received(luz)[0].ID)
	assert.Len(t, w.Received(luz), 1)
}

func TestAnyMessage(t *testing.T) {
	w := newWorld(t)
	given := object{"type": "location", "id": "wamid.mine", "location": object{"latitude": 4.6, "longitude": -74.1}, "context": object{"forwarded": true}}
	assert.Equal(t, "wamid.mine", w.Receive("CO.88", shop, given))
	assert.NotContains(t, given, "timestamp", "what was given is not changed")
	got := w.last()
	assert.Equal(t, "wamid.mine", got["id"])
	assert.Equal(t, "CO.88", got["from_user_id"])
	assert.Equal(t, object{"forwarded": true}, got["context"])
	assert.NotContains(t, got, "from", "the phone is not known")
	w.send(message(text("hola"), object{"to": nil, "recipient": "CO.88"}))
	w.pass(time.Minute)
	assert.Len(t, w.Received("CO.88"), 1)
}

func TestFilesFromPeople(t *testing.T) {
	w := newWorld(t)
	data := []byte("voz")
	for kind, file := range map[string]graph.Media{
		"audio":    {MIME: "audio/ogg", Voice: true, Data: data},
		"image":    {MIME: "image/jpeg", Caption: "mire", Data: data},
		"document": {MIME: "application/pdf", Filename: "factura.pdf", Data: data},
	} {
		require.NotEmpty(t, w.SendMedia(luz, shop, file))
		got := w.last()
		require.Equal(t, kind, got["type"])
		content := got[kind].(object)
		sum := sha256.Sum256(data)
		assert.Equal(t, base64.StdEncoding.EncodeToString(sum[:]), content["sha256"])
		assert.Equal(t, file.MIME, content["mime_type"])
		assert.Equal(t, file.Caption != "", content["caption"] != nil)
		assert.Equal(t, kind == "audio", content["voice"] == true)
		assert.Equal(t, kind == "document", content["filename"] == "factura.pdf")
		status, described := w.call("GET", "/v25.0/"+content["id"].(string), nil)
		require.Equal(t, 200, status, described)
		w.leap(7 * 24 * time.Hour)
		status, _ = w.call("GET", "/v25.0/"+content["id"].(string), nil)
		assert.Equal(t, 400, status, "expired")
	}
	assert.Equal(t, data, w.Phone(luz)[0].Media.Data)
}

func TestCalls(t *testing.T) {
	w := newWorld(t)
	answered := w.Call(luz, shop, 90*time.Second)
	w.leap(2 * time.Minute)
	calls := w.business.all("calls", "calls")
	require.Len(t, calls, 2)
	assert.Equal(t, "connect", calls[0]["event"])
	assert.Equal(t, answered, calls[0]["id"])
	assert.Equal(t, "USER_INITIATED", calls[0]["direction"])
	assert.Equal(t, "terminate", calls[1]["event"])
	assert.Equal(t, "COMPLETED", calls[1]["status"])
	assert.EqualValues(t, 90, calls[1]["duration"])

	w.Call(luz, shop, 0)
	w.leap(time.Minute)
	missed := w.business.all("calls", "calls")[3]
	assert.NotContains(t, missed, "duration")
	assert.NotContains(t, missed, "start_time")
}

func TestReadReceiptsAndTyping(t *testing.T) {
	w := newWorld(t)
	first := w.Say(luz, shop, "hola")
	w.clock.Pass(time.Second)
	second := w.Say(luz, shop, "¿están?")
	w.clock.Pass(time.Second)
	third := w.Say(luz, shop, "resumen")
	receipt := func(id string, extra ...object) (int, object) {
		return w.call("POST", "/v25.0/"+shop+"/messages", message(append([]object{{"to": nil, "status": "read", "message_id": id}}, extra...)...))
	}
	status, answer := receipt(second, object{"typing_indicator": object{"type": "text"}})
	require.Equal(t, 200, status)
	assert.Equal(t, object{"success": true}, answer)
	phone := w.Phone(luz)
	assert.Equal(t, []string{first, second, third}, []string{phone[0].ID, phone[1].ID, phone[2].ID})
	assert.Equal(t, []bool{true, true, false}, []bool{phone[0].Read, phone[1].Read, phone[2].Read})

	assert.True(t, w.Typing(luz, shop))
	assert.False(t, w.Typing(luz, "1061"))
	w.clock.Pass(25 * time.Second)
	assert.False(t, w.Typing(luz, shop), "25 s at most")
	receipt(third, object{"typing_indicator": object{"type": "text"}})
	w.send(message(text("hola")))
	w.pass(3 * time.Second)
	assert.False(t, w.Typing(luz, shop), "the answer ends it")

	for name, c := range map[string]struct {
		extra object
		code  int
	}{
		"unknown message": {object{"message_id": "wamid.none"}, 131009},
		"unknown status":  {object{"status": "delivered"}, 100},
		"unknown typing":  {object{"typing_indicator": object{"type": "audio"}}, 100},
	} {
		status, answer = receipt(first, c.extra)
		require.Equal(t, 400, status, name)
		got, _ := code(t, answer)
		assert.Equal(t, c.code, got, name)
	}
}

func TestWatchersSeeEverythingInOrder(t *testing.T) {
	w := newWorld(t)
	var seen []string
	cancel := w.Subscribe(func(b graph.Shown) { seen = append(seen, b.Person+" "+b.Text) })
	w.Say(luz, shop, "hola")
	w.Say(ana, shop, "oi")
	w.send(message(text("buenos días")))
	w.pass(3 * time.Second)
	assert.Equal(t, []string{luz + " hola", ana + " oi", luz + " buenos días"}, seen)
	cancel()
	w.Say(luz, shop, "otra")
	assert.Len(t, seen, 3)
}

func TestPeopleAreOneUnderBothNames(t *testing.T) {
	w := newWorld(t)
	w.Say(luz, shop, "hola")
	w.Add(graph.Person{Phone: luz, UserID: "CO.99", Name: "Luz"})
	w.Say("CO.99", shop, "soy yo")
	assert.Len(t, w.Phone(luz), 2)
	assert.Len(t, w.Phone("CO.99"), 2)
	assert.Nil(t, w.Phone("CO.1"))
}
