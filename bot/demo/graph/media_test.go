package graph_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http/httptest"
	"net/textproto"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4))))
	return b.Bytes()
}

// form is a multipart body and its content type.
func form(t *testing.T, mime string, data []byte, fields ...string) (string, *bytes.Buffer) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		require.NoError(t, w.WriteField(fields[i], fields[i+1]))
	}
	if mime != "" {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="file"; filename="f"`}, "Content-Type": {mime},
		})
		require.NoError(t, err)
		_, err = part.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return w.FormDataContentType(), &b
}

func (w *world) upload(path, mime string, data []byte, fields ...string) (int, object) {
	w.t.Helper()
	contentType, b := form(w.t, mime, data, fields...)
	r := httptest.NewRequest("POST", path, b)
	r.Header.Set("Content-Type", contentType)
	r.Header.Set("Authorization", "Bearer "+token)
	return w.do(r)
}

func TestUploads(t *testing.T) {
	product := []string{"messaging_product", "whatsapp"}
	const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	big := append(picture(t), make([]byte, 5<<20)...)
	cases := []struct {
		name   string
		mime   string
		data   []byte
		fields []string
		code   int
	}{
		{"picture", "image/png", picture(t), product, 0},
		{"picture with its type", "image/png", picture(t), append(product, "type", "image/png"), 0},
		{"sheet", sheet, []byte("PK"), product, 0},
		{"text", "text/plain", []byte("hola"), product, 0},
		{"type of another file", "image/png", picture(t), append(product, "type", "image/jpeg"), 100},
		{"no product", "image/png", picture(t), nil, 100},
		{"no file", "", nil, product, 100},
		{"CSV", "text/csv", []byte("a,b"), product, 100},
		{"empty", "text/plain", nil, product, 131053},
		{"picture too big", "image/png", big, product, 131053},
		{"picture that is none", "image/png", []byte("hola"), product, 131053},
		{"picture of another kind", "image/jpeg", picture(t), product, 131053},
		{"sticker too big", "image/webp", make([]byte, 500<<10+1), product, 131053},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			status, answer := w.upload("/v25.0/"+shop+"/media", c.mime, c.data, c.fields...)
			if c.code == 0 {
				assert.Equal(t, 200, status, answer)
				assert.NotEmpty(t, answer["id"])
				return
			}
			got, details := code(t, answer)
			assert.Equal(t, c.code, got, details)
		})
	}
	w := newWorld(t)
	status, _ := w.call("POST", "/v25.0/"+shop+"/media", object{"messaging_product": "whatsapp"})
	assert.Equal(t, 400, status, "JSON is no form")
}

func TestMediaLife(t *testing.T) {
	w := newWorld(t)
	w.Say(luz, shop, "hola")
	_, answer := w.upload("/v25.0/"+shop+"/media", "image/png", picture(t), "messaging_product", "whatsapp")
	id := answer["id"].(string)

	status, about := w.call("GET", "/v25.0/"+id+"?phone_number_id="+shop, nil)
	require.Equal(t, 200, status, about)
	assert.Equal(t, "image/png", about["mime_type"])
	assert.EqualValues(t, len(picture(t)), about["file_size"])
	r := httptest.NewRequest("GET", about["url"].(string), nil)
	r.Header.Set("Authorization", "Bearer "+token)
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	assert.Equal(t, picture(t), rec.Body.Bytes())
	assert.Equal(t, "image/png", rec.Header().Get("Content-Type"))
	status, _ = w.call("GET", "/v25.0/"+id+"?phone_number_id=1061", nil)
	assert.Equal(t, 400, status)

	w.send(message(object{"type": "image", "image": object{"id": id, "caption": "Horas pico"}}))
	w.pass(time.Minute)
	w.send(message(with(buttons("¿Más?", "Sí"), "header", object{"type": "image", "image": object{"id": id}})))
	w.pass(time.Minute)
	seen := w.Received(luz)
	require.Len(t, seen, 2)
	assert.Equal(t, picture(t), seen[0].Media.Data)
	assert.Equal(t, "Horas pico", seen[0].Media.Caption)
	assert.Equal(t, picture(t), seen[1].Media.Data)

	for name, c := range map[string]struct {
		path    string
		content object
		code    int
	}{
		"as a document":        {shop, object{"type": "document", "document": object{"id": id}}, 131053},
		"from another number":  {"1061", object{"type": "image", "image": object{"id": id}}, 131009},
		"in a header not seen": {shop, with(buttons("a", "b"), "header", object{"type": "document", "document": object{"id": id}}), 131053},
	} {
		_, answer := w.call("POST", "/v25.0/"+c.path+"/messages", message(c.content))
		got, _ := code(t, answer)
		assert.Equal(t, c.code, got, name)
	}

	w.clock.Pass(30 * 24 * time.Hour)
	got, _ := w.refusal(message(object{"type": "image", "image": object{"id": id}}))
	assert.Equal(t, 131009, got, "expired")

	_, answer = w.upload("/v25.0/"+shop+"/media", "text/plain", []byte("hola"), "messaging_product", "whatsapp")
	path := fmt.Sprint("/v25.0/", answer["id"])
	status, _ = w.call("DELETE", path, nil)
	assert.Equal(t, 200, status)
	status, _ = w.call("DELETE", path, nil)
	assert.Equal(t, 400, status)
	status, _ = w.call("GET", "/lookaside/"+answer["id"].(string), nil)
	assert.Equal(t, 400, status)
}

func TestNodes(t *testing.T) {
	w := newWorld(t)
	_, phone := w.call("GET", "/v25.0/"+shop, nil)
	assert.Equal(t, object{"id": shop, "verified_name": "Tienda Luna", "display_phone_number": "+57 601 5550100", "quality_rating": "GREEN"}, phone)
	_, phone = w.call("GET", "/v25.0/"+shop+"?fields=quality_rating,throughput,whatsapp_business_manager_messaging_limit", nil)
	assert.Equal(t, object{"id": shop, "quality_rating": "GREEN", "throughput": object{"level": "STANDARD"}, "whatsapp_business_manager_messaging_limit": "TIER_2K"}, phone)
	status, answer := w.call("GET", "/v25.0/"+shop+"?fields=messaging_limit_tier", nil)
	assert.Equal(t, 400, status)
	got, _ := code(t, answer)
	assert.Equal(t, 100, got)

	_, account := w.call("GET", "/v25.0/"+waba+"?fields=name,country", nil)
	assert.Equal(t, object{"id": waba, "name": "Tienda Luna", "country": "CO"}, account)
	_, numbers := w.call("GET", "/v25.0/"+waba+"/phone_numbers?fields=id", nil)
	assert.Len(t, numbers["data"], 2)
	_, apps := w.call("GET", "/v25.0/"+waba+"/subscribed_apps", nil)
	assert.Len(t, apps["data"], 1)
	status, _ = w.call("POST", "/v25.0/"+waba+"/subscribed_apps", nil)
	assert.Equal(t, 200, status)
	assert.Equal(t, []string{"GET /v25.0/1060", "GET /v25.0/1060"}, w.Calls()[:2])
}
