package whatsapp

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo/graph"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))))
	return b.Bytes()
}

const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// The JSON that leaves, against Meta's documented shapes.
func TestWire(t *testing.T) {
	cases := []struct {
		name    string
		message Message
		want    string
	}{
		{"text", to(Text{Body: "Hola", Preview: true}), `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"text",
			"text":{"body":"Hola","preview_url":true}}`},
		{"to a user id, in full dress", Message{To: "CO.1349", Content: Text{Body: "Hola"}, ReplyTo: "wamid.A", Opaque: "a1.x", IdentityKeyHash: "k=", Category: Utility},
			`{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"CO.1349","type":"text","text":{"body":"Hola","preview_url":false},
			"context":{"message_id":"wamid.A"},"biz_opaque_callback_data":"a1.x","recipient_identity_key_hash":"k=","category":"utility"}`},
		{"buttons", to(Buttons{Header: "H", Body: "B", Footer: "F", Replies: []Reply{{"a", "Uno"}, {"b", "Dos"}}}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"interactive","interactive":{"type":"button",
			"header":{"type":"text","text":"H"},"body":{"text":"B"},"footer":{"text":"F"},"action":{"buttons":[
			{"type":"reply","reply":{"id":"a","title":"Uno"}},{"type":"reply","reply":{"id":"b","title":"Dos"}}]}}}`},
		{"buttons under a picture", to(Buttons{HeaderImage: "77", Body: "B", Replies: []Reply{{"a", "Uno"}}}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"interactive","interactive":{"type":"button",
			"header":{"type":"image","image":{"id":"77"}},"body":{"text":"B"},"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"Uno"}}]}}}`},
		{"list", to(List{Body: "B", Button: "Ver", Sections: []Section{{"S", []Row{{"r", "Fila", "Nota"}, {"q", "Otra", ""}}}}}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"interactive","interactive":{"type":"list",
			"body":{"text":"B"},"action":{"button":"Ver","sections":[{"title":"S","rows":[{"id":"r","title":"Fila","description":"Nota"},{"id":"q","title":"Otra"}]}]}}}`},
		{"image", to(Image{MediaID: "77", Caption: "C"}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"image","image":{"id":"77","caption":"C"}}`},
		{"document", to(Document{MediaID: "77", Filename: "a.xlsx", Caption: "C"}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"document","document":{"id":"77","filename":"a.xlsx","caption":"C"}}`},
		{"template", to(Filled{Name: "d", Language: "en_US", Header: []Param{{"day", "21 Nov"}}, Body: []Param{{"n", "412"}}, Payloads: []string{"", "p"}}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"template","template":{"name":"d","language":{"code":"en_US"},
			"components":[{"type":"header","parameters":[{"type":"text","parameter_name":"day","text":"21 Nov"}]},
			{"type":"body","parameters":[{"type":"text","parameter_name":"n","text":"412"}]},
			{"type":"button","sub_type":"quick_reply","index":"1","parameters":[{"type":"payload","payload":"p"}]}]}}`},
		{"template without parameters", to(Filled{Name: "d", Language: "es"}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"template","template":{"name":"d","language":{"code":"es"}}}`},
		{"positional template", to(Filled{Name: "d", Language: "es", Body: []Param{{Text: "4"}}}),
			`{"messaging_product":"whatsapp","recipient_type":"individual","to":"+573001112233","type":"template","template":{"name":"d","language":{"code":"es"},
			"components":[{"type":"body","parameters":[{"type":"text","text":"4"}]}]}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := json.Marshal(c.message.wire())
			require.NoError(t, err)
			assert.JSONEq(t, c.want, string(data))
			assert.NoError(t, Check(c.message))
		})
	}
}

func digest() Definition {
	return Definition{
		Name: "daily_digest_v1", Language: "es", Category: "UTILITY", TTL: time.Hour,
		Header: "Resumen de {{fecha}}", HeaderExamples: []Param{{"fecha", "21 nov"}},
		Body:         "Usted pidió este resumen diario. Recibidos {{recibidos}}, respondidos {{respondidos}} hasta ahora.",
		BodyExamples: []Param{{"recibidos", "412"}, {"respondidos", "397"}},
		Footer:       "Responda STOP para no recibirlo", QuickReplies: []string{"Ver todo", "Ayer"},
	}
}

// Every kind of message reaches the phone as it was meant.
func TestRoundTrip(t *testing.T) {
	w := newWorld(t)
	w.Add(graph.Person{Phone: luz, UserID: "CO.77"})
	quoted := w.Say(luz, shop, "hola")
	_, _, err := w.PushTemplate(t.Context(), digest())
	require.NoError(t, err)
	w.pass()
	imageID, err := w.Upload(t.Context(), "image/png", "pico.png", picture(t))
	require.NoError(t, err)
	fileID, err := w.Upload(t.Context(), sheet, `agentes "marzo".xlsx`, []byte("PK-data"))
	require.NoError(t, err)

	cases := []struct {
		name    string
		content Content
		status  string
		want    graph.Shown
	}{
		{"text", Text{Body: "*Hoy*\n4 min"}, "", graph.Shown{Kind: "text", Text: "*Hoy*\n4 min"}},
		{"buttons", Buttons{Header: "H", Body: "B", Footer: "F", Replies: []Reply{{"a", "Uno"}, {"b", "Dos"}}}, "",
			graph.Shown{Kind: "buttons", Header: "H", Text: "B", Footer: "F", Buttons: []graph.Choice{{ID: "a", Title: "Uno"}, {ID: "b", Title: "Dos"}}}},
		{"buttons under a picture", Buttons{HeaderImage: imageID, Body: "B", Replies: []Reply{{"a", "Uno"}}}, "",
			graph.Shown{Kind: "buttons", Text: "B", Buttons: []graph.Choice{{ID: "a", Title: "Uno"}}, Media: &graph.Media{ID: imageID, MIME: "image/png", Data: picture(t)}}},
		{"list", List{Header: "H", Body: "B", Footer: "F", Button: "Ver", Sections: []Section{{"S", []Row{{"r", "Fila", "Nota"}}}, {"T", []Row{{"q", "Otra", ""}}}}}, "",
			graph.Shown{Kind: "list", Header: "H", Text: "B", Footer: "F", ListButton: "Ver", Sections: []graph.Section{
				{Title: "S", Rows: []graph.Choice{{ID: "r", Title: "Fila", Description: "Nota"}}}, {Title: "T", Rows: []graph.Choice{{ID: "q", Title: "Otra"}}}}}},
		{"image", Image{MediaID: imageID, Caption: "Horas pico"}, "",
			graph.Shown{Kind: "image", Media: &graph.Media{ID: imageID, MIME: "image/png", Caption: "Horas pico", Data: picture(t)}}},
		{"document", Document{MediaID: fileID, Filename: "agentes.xlsx", Caption: "Marzo"}, "",
			graph.Shown{Kind: "document", Media: &graph.Media{ID: fileID, MIME: sheet, Filename: "agentes.xlsx", Caption: "Marzo", Data: []byte("PK-data")}}},
		{"template", Filled{Name: "daily_digest_v1", Language: "es", Header: []Param{{"fecha", "18 nov"}}, Body: []Param{{"respondidos", "7"}, {"recibidos", "9"}}, Payloads: []string{"", "yesterday"}}, "accepted",
			graph.Shown{Kind: "template", Header: "Resumen de 18 nov", Text: "Usted pidió este resumen diario. Recibidos 9, respondidos 7 hasta ahora.", Footer: "Responda STOP para no recibirlo",
				Buttons: []graph.Choice{{ID: "Ver todo", Title: "Ver todo"}, {ID: "yesterday", Title: "Ayer"}}, Template: "daily_digest_v1", Language: "es"}},
	}
	for _, address := range []string{luz, "CO.77"} {
		for _, c := range cases {
			t.Run(c.name+" to "+address, func(t *testing.T) {
				before := len(w.Received(luz))
				sent, err := w.Send(t.Context(), Message{To: address, Content: c.content, ReplyTo: quoted, Opaque: "a1." + c.name})
				require.NoError(t, err)
				w.pass()
				seen := w.Received(luz)
				require.Len(t, seen, before+1)
				got := seen[before]
				assert.Equal(t, c.status, sent.Status)
				if address == luz {
					assert.Equal(t, "573001112233", sent.WAID)
				} else {
					assert.Equal(t, "CO.77", sent.UserID)
				}
				want := c.want
				want.ID, want.Number, want.Person, want.Quote, want.Opaque = sent.WAMID, shop, luz, quoted, "a1."+c.name
				want.At, want.Read = got.At, true
				assert.Equal(t, want, got)
			})
		}
	}
	assert.Empty(t, w.Misdelivered())
}

func TestDirectSend(t *testing.T) {
	m := Message{To: luz, Content: Text{Body: "Su alerta"}, Category: Utility}
	w := newWorld(t, func(o *graph.Options) { o.DirectSend = true })
	_, err := w.Send(t.Context(), m)
	require.NoError(t, err)
	w.pass()
	assert.Len(t, w.Received(luz), 1, "no window is needed")

	w = newWorld(t)
	_, err = w.Send(t.Context(), m)
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, UseTemplate, e.Policy().Action, "the account may not")
	assert.Equal(t, SurelyNotSent, e.Outcome)
}

func TestIdentityKeyHash(t *testing.T) {
	w := newWorld(t)
	w.Add(graph.Person{Phone: luz, Identity: "old"})
	_, err := w.Send(t.Context(), Message{To: luz, Content: Text{Body: "a"}, IdentityKeyHash: "old"})
	require.NoError(t, err)
	w.Add(graph.Person{Phone: luz, Identity: "new"})
	_, err = w.Send(t.Context(), Message{To: luz, Content: Text{Body: "a"}, IdentityKeyHash: "old"})
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, SuspendRecipient, e.Policy().Action)
}

func TestMarkRead(t *testing.T) {
	w := newWorld(t)
	id := w.Say(luz, shop, "resumen")
	require.NoError(t, w.MarkRead(t.Context(), id, false))
	assert.True(t, w.Server.Phone(luz)[0].Read)
	assert.False(t, w.Typing(luz, shop))
	require.NoError(t, w.MarkRead(t.Context(), id, true))
	assert.True(t, w.Typing(luz, shop))
	require.Error(t, w.MarkRead(t.Context(), "wamid.none", true))
}

func TestUpload(t *testing.T) {
	w := newWorld(t)
	cases := []struct {
		name string
		mime string
		data []byte
		fine bool
	}{
		{"picture", "image/png", picture(t), true},
		{"text", "text/plain", []byte("hola"), true},
		{"CSV", "text/csv", []byte("a,b"), false},
		{"voice", "audio/ogg", []byte("a"), false},
		{"empty", "text/plain", nil, false},
		{"picture too big", "image/png", append(picture(t), make([]byte, 5<<20)...), false},
		{"document too big", "application/pdf", make([]byte, 100_000_001), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := len(w.Calls())
			id, err := w.Upload(t.Context(), c.mime, "f", c.data)
			if c.fine {
				require.NoError(t, err)
				assert.NotEmpty(t, id)
				return
			}
			var e *Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, Refused, e.Kind)
			assert.Len(t, w.Calls(), before, "nothing was asked")
			assert.Empty(t, id)
		})
	}
	_, err := w.Upload(t.Context(), "image/png", "f", []byte("no picture"))
	var e *Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 131053, e.Code)

	w.Client.http.Transport = answering{status: 200, body: `{"success":true}`}
	_, err = w.Upload(t.Context(), "text/plain", "f", []byte("a"))
	require.ErrorAs(t, err, &e)
	assert.Equal(t, Unreadable, e.Kind)
}
