package demo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
)

const (
	manager = "+573001112233"
	token   = "token-of-a-test"
)

type object = map[string]any

func bogota(t *testing.T) *time.Location {
	zone, err := time.LoadLocation("America/Bogota")
	require.NoError(t, err)
	return zone
}

func newShop(t *testing.T, seed uint64) *demo.Shop {
	shop, err := demo.New(seed, "America/Bogota", demo.Person{Name: "Olga Duarte", Phone: manager, Language: "es"})
	require.NoError(t, err)
	return shop
}

// phone is a simulated WhatsApp with a bot that answers, and the page on it.
type phone struct {
	t        *testing.T
	whatsApp *graph.Server
	page     *httptest.Server
	silent   chan bool
}

// newPhone starts one; it ends with the test.
func newPhone(t *testing.T) *phone {
	p := &phone{t: t, silent: make(chan bool, 1)}
	hook := httptest.NewServer(http.HandlerFunc(p.hear))
	shop := newShop(t, 1)
	p.whatsApp = graph.New(graph.Options{
		Clock: time.Now, AppSecret: "secret", Token: token, WebhookURL: hook.URL, Numbers: shop.Numbers(), Seed: 1,
		Delays: graph.Delays{Sent: 20 * time.Millisecond, Delivered: 60 * time.Millisecond, Read: -1},
	})
	p.whatsApp.Add(graph.Person{Phone: manager, Name: "Olga Duarte"})
	done := make(chan struct{})
	handler := demo.Phone(p.whatsApp, demo.Handset{
		Person: demo.Person{Name: "Olga Duarte", Phone: manager, Language: "es"}, Number: demo.Bot, Zone: bogota(t), Clock: time.Now,
		Links: []demo.Link{{Href: "/metrics", Text: "Prometheus"}, {Href: "/readyz", Text: "salud"}},
		Done:  done, Silence: func() { p.silent <- true },
	})
	mux := http.NewServeMux()
	mux.Handle("/phone/", http.StripPrefix("/phone", handler))
	mux.Handle("/bare", http.StripPrefix("/bare", handler))
	p.page = httptest.NewServer(mux)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { p.whatsApp.Run(ctx); close(ended) }()
	t.Cleanup(func() {
		close(done)
		cancel()
		<-ended
		p.page.Close()
		p.whatsApp.Close()
		hook.Close()
	})
	return p
}

// url is the page's address.
func (p *phone) url() string { return p.page.URL + "/phone/" }

// hear is the bot: it answers what it is told.
func (p *phone) hear(_ http.ResponseWriter, r *http.Request) {
	var body struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Messages []struct {
						ID          string
						Text        struct{ Body string }
						Interactive object
					}
				}
			}
		}
	}
	if json.NewDecoder(r.Body).Decode(&body) != nil {
		return
	}
	for _, e := range body.Entry {
		for _, c := range e.Changes {
			for _, m := range c.Value.Messages {
				p.answer(m.ID, m.Text.Body, m.Interactive)
			}
		}
	}
}

func (p *phone) answer(id, text string, tapped object) {
	p.send(object{"status": "read", "message_id": id, "typing_indicator": object{"type": "text"}})
	if tapped != nil {
		reply, _ := tapped[tapped["type"].(string)].(object)
		p.text("Tocaste *" + reply["title"].(string) + "* (" + reply["id"].(string) + ")")
		return
	}
	switch text {
	case "hola":
		p.menu()
	case "resumen de hoy":
		p.summary()
	case "en gráfico":
		p.picture()
	case "excel":
		p.document()
	case "piensa": // and goes on typing
	default:
		p.text("Dijiste: " + text)
	}
}

func (p *phone) text(s string) { p.send(object{"type": "text", "text": object{"body": s}}) }

func (p *phone) menu() {
	row := func(id, title, description string) object {
		return object{"id": id, "title": title, "description": description}
	}
	p.send(object{"type": "interactive", "interactive": object{
		"type": "list", "body": object{"text": "Hola, Olga. Esto es lo que puedo contarte de *Casa Frailejón*:"}, "footer": object{"text": "También puedes escribirlo con tus palabras"},
		"action": object{"button": "Ver opciones", "sections": []object{
			{"title": "Hoy", "rows": []object{row("today", "Resumen de hoy", "Mensajes, conversaciones, tiempos"), row("waiting", "Quién espera", "Del que más lleva al que menos")}},
			{"title": "Equipo", "rows": []object{row("slow", "Los más lentos", "Esta semana, contra el equipo"), row("agents", "Agentes", "Uno por uno")}},
		}},
	}})
}

func (p *phone) summary() {
	p.send(object{"type": "interactive", "interactive": object{
		"type": "button",
		"body": object{"text": "*Hoy*, hasta las 11:20\n\nRecibidos  *214*  _+12 %_\nEnviados  263 · leídos 81 %\nPrimera respuesta  *5 min 26 s*  ~4 min~\n\n```Ana      3 min  n 22\nJulián  32 min  n 22```\n- Esperan 15, el más antiguo hace 23 h\n- 2 ventanas vencen en una hora\n> n = 172, hora de Bogotá"},
		"action": object{"buttons": []object{
			{"type": "reply", "reply": object{"id": "waiting", "title": "Quién espera"}},
			{"type": "reply", "reply": object{"id": "chart", "title": "En gráfico"}},
		}},
	}})
}

func (p *phone) picture() {
	img := image.NewRGBA(image.Rect(0, 0, 640, 400))
	for x := range 640 {
		for y := range 400 {
			img.Set(x, y, color.RGBA{uint8(20 + x/6), uint8(110 + y/5), 110, 255})
		}
	}
	var data bytes.Buffer
	require.NoError(p.t, png.Encode(&data, img))
	id := p.upload("grafico.png", "image/png", data.Bytes())
	p.send(object{"type": "image", "image": object{"id": id, "caption": "*Primera respuesta*, últimos 30 días"}})
}

func (p *phone) document() {
	id := p.upload("agentes.pdf", "application/pdf", bytes.Repeat([]byte("%PDF-1.7 agentes\n"), 1200))
	p.send(object{"type": "document", "document": object{"id": id, "filename": "agentes octubre.pdf", "caption": "Agentes, octubre de 2026"}})
}

// send posts a message to the manager as the bot does.
func (p *phone) send(message object) {
	message["messaging_product"] = "whatsapp"
	if message["status"] == nil {
		message["to"], message["recipient_type"] = manager, "individual"
	}
	body, err := json.Marshal(message)
	require.NoError(p.t, err)
	p.call("/messages", "application/json", body)
}

func (p *phone) upload(name, kind string, data []byte) string {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(p.t, form.WriteField("messaging_product", "whatsapp"))
	require.NoError(p.t, form.WriteField("type", kind))
	head := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="` + name + `"`}, "Content-Type": {kind}}
	part, err := form.CreatePart(head)
	require.NoError(p.t, err)
	_, err = part.Write(data)
	require.NoError(p.t, err)
	require.NoError(p.t, form.Close())
	var answer struct{ ID string }
	require.NoError(p.t, json.Unmarshal(p.call("/media", form.FormDataContentType(), body.Bytes()), &answer))
	return answer.ID
}

func (p *phone) call(edge, kind string, body []byte) []byte {
	r := httptest.NewRequest(http.MethodPost, "/v25.0/"+demo.Bot+edge, bytes.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	p.whatsApp.ServeHTTP(w, r)
	require.Equal(p.t, http.StatusOK, w.Code, w.Body.String())
	return w.Body.Bytes()
}
