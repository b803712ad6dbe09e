package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo/graph"
)

const templatesPath = "/v25.0/" + waba + "/message_templates"

// body is a BODY component with positional examples.
func body(text string, examples ...string) object {
	c := object{"type": "BODY", "text": text}
	if len(examples) > 0 {
		c["example"] = object{"body_text": [][]string{examples}}
	}
	return c
}

func digest(components ...object) object {
	return object{"name": "daily_digest_v1", "language": "es", "category": "UTILITY", "components": components}
}

func set(m object, key string, value any) object {
	m[key] = value
	return m
}

// namedDigest is a template as a report would need it.
func namedDigest() object {
	return set(digest(
		object{"type": "HEADER", "format": "TEXT", "text": "Resumen de {{fecha}}", "example": object{"header_text_named_params": []object{{"param_name": "fecha", "example": "21 nov"}}}},
		object{"type": "BODY", "text": "Usted pidió este resumen diario. Recibidos {{recibidos}}, respondidos {{respondidos}} hasta ahora.\nToque el botón para ver más.",
			"example": object{"body_text_named_params": []object{{"param_name": "recibidos", "example": "412"}, {"param_name": "respondidos", "example": "397"}}}},
		object{"type": "FOOTER", "text": "Responda STOP para no recibirlo"},
		object{"type": "BUTTONS", "buttons": []object{{"type": "QUICK_REPLY", "text": "Ver todo"}, {"type": "QUICK_REPLY", "text": "Ayer"}}},
	), "parameter_format", "named")
}

func TestTemplatesAreRefusedAtOnce(t *testing.T) {
	header := func(text string, examples ...string) object {
		c := object{"type": "HEADER", "format": "TEXT", "text": text}
		if len(examples) > 0 {
			c["example"] = object{"header_text": examples}
		}
		return c
	}
	footer := func(text string) object { return object{"type": "FOOTER", "text": text} }
	tappable := func(texts ...string) object {
		var all []object
		for _, text := range texts {
			all = append(all, object{"type": "QUICK_REPLY", "text": text})
		}
		return object{"type": "BUTTONS", "buttons": all}
	}
	fine := body("Hola, aquí está su resumen.")
	cases := []struct {
		name     string
		template object
		subcode  int // -1 = accepted, 0 = refused without one
	}{
		{"plain", digest(fine), -1},
		{"named", namedDigest(), -1},
		{"all limits", digest(header(letters(60)), body(letters(1024)), footer(letters(60)), tappable(letters(25))), -1},
		{"name with capitals", set(digest(fine), "name", "Digest"), 0},
		{"name with dash", set(digest(fine), "name", "daily-digest"), 0},
		{"name too long", set(digest(fine), "name", strings.Repeat("a", 513)), 0},
		{"language odd", set(digest(fine), "language", "Spanish"), 0},
		{"category unknown", set(digest(fine), "category", "SERVICE"), 0},
		{"format unknown", set(digest(fine), "parameter_format", "numbered"), 0},
		{"time to live", set(digest(fine), "message_send_ttl_seconds", 3600), -1},
		{"time to live too short", set(digest(fine), "message_send_ttl_seconds", 29), 0},
		{"time to live too long", set(digest(fine), "message_send_ttl_seconds", 43201), 0},
		{"no components", object{"name": "x", "language": "es", "category": "UTILITY"}, 2388043},
		{"no body", digest(footer("hola")), 2388043},
		{"two bodies", digest(fine, fine), 2388072},
		{"component unknown", digest(fine, object{"type": "CAROUSEL"}), 0},
		{"key unknown", set(digest(fine), "colour", "red"), 0},
		{"body empty", digest(body(" ")), 2388043},
		{"body too long", digest(body(letters(1025))), 2388040},
		{"variable at the start", digest(body("{{1}} mensajes recibidos hoy por su tienda.", "4")), 2388299},
		{"variable at the end", digest(body("Los mensajes recibidos hoy son {{1}}", "4")), 2388299},
		{"only a full stop after it", digest(body("Los mensajes recibidos hoy son {{1}}.", "4")), 2388299},
		{"only a star before it", digest(body("*{{1}}* son los mensajes recibidos hoy", "4")), 2388299},
		{"variable inside", digest(body("Hoy llegaron {{1}} mensajes.", "4")), -1},
		{"too many variables", digest(body("Hoy {{1}}, ayer {{2}} más.", "4", "5")), 2388293},
		{"variables out of order", digest(body("Hoy llegaron {{2}} mensajes y se fueron {{1}} de ellos.", "4", "5")), 2388072},
		{"variable badly written", digest(body("Hoy llegaron {{ 1 }} mensajes.", "4")), 2388072},
		{"brace left open", digest(body("Hoy llegaron {{1 mensajes.", "4")), 2388072},
		{"named in a positional one", digest(body("Hoy llegaron {{recibidos}} mensajes.", "4")), 2388072},
		{"positional in a named one", set(digest(body("Hoy llegaron {{1}} mensajes.", "4")), "parameter_format", "NAMED"), 2388072},
		{"named with capitals", set(digest(body("Hoy llegaron {{Recibidos}} mensajes.", "4")), "parameter_format", "named"), 2388072},
		{"no example", digest(body("Hoy llegaron {{1}} mensajes.")), 2388043},
		{"one example too many", digest(body("Hoy llegaron {{1}} mensajes.", "4", "5")), 2388043},
		{"example empty", digest(body("Hoy llegaron {{1}} mensajes.", "")), 2388043},
		{"header too long", digest(header(letters(61)), fine), 2388040},
		{"header with a line break", digest(header("Hola\nLuz"), fine), 2388047},
		{"header with an emoji", digest(header("📊 Resumen"), fine), 2388047},
		{"header with a star", digest(header("*Resumen*"), fine), 2388047},
		{"header with two variables", digest(header("De {{1}} a {{2}} hoy", "a", "b"), fine), 2388047},
		{"header variable without example", digest(header("Resumen de {{1}}"), fine), 2388043},
		{"header with a variable", digest(header("Resumen de {{1}}", "hoy"), fine), -1},
		{"header picture", digest(object{"type": "HEADER", "format": "IMAGE"}, fine), 2388047},
		{"footer too long", digest(fine, footer(letters(61))), 2388040},
		{"footer with a variable", digest(fine, footer("Hasta {{1}}")), 2388073},
		{"eleven buttons", digest(fine, tappable(strings.Split("abcdefghijk", "")...)), 0},
		{"no buttons in buttons", digest(fine, tappable()), 0},
		{"button too long", digest(fine, tappable(letters(26))), 2388040},
		{"buttons equal", digest(fine, tappable("Ver", "Ver")), 0},
		{"button empty", digest(fine, tappable("")), 0},
		{"button of another type", digest(fine, object{"type": "BUTTONS", "buttons": []object{{"type": "OTP", "text": "Ver"}}}), 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			status, answer := w.call("POST", templatesPath, c.template)
			if c.subcode == -1 {
				require.Equal(t, 200, status, answer)
				assert.Equal(t, "PENDING", answer["status"])
				assert.Equal(t, "UTILITY", answer["category"])
				assert.NotEmpty(t, answer["id"])
				return
			}
			require.Equal(t, 400, status, answer)
			got, _ := code(t, answer)
			assert.Equal(t, 100, got)
			subcode, _ := answer["error"].(object)["error_subcode"].(float64)
			assert.EqualValues(t, c.subcode, subcode, answer)
		})
	}
}

func TestTemplateLife(t *testing.T) {
	w := newWorld(t)
	_, made := w.call("POST", templatesPath, namedDigest())
	status, answer := w.call("POST", templatesPath, namedDigest())
	assert.Equal(t, 400, status)
	assert.EqualValues(t, 2388024, answer["error"].(object)["error_subcode"], "it exists")
	status, answer = w.call("POST", templatesPath, set(set(namedDigest(), "language", "en_US"), "category", "MARKETING"))
	assert.Equal(t, 400, status, "one name, one category: %v", answer)
	status, _ = w.call("POST", templatesPath, set(namedDigest(), "language", "en_US"))
	assert.Equal(t, 200, status)

	w.pass(10 * time.Second)
	values := w.business.values("message_template_status_update")
	require.Len(t, values, 2)
	if values[0]["message_template_language"] != "es" {
		values[0] = values[1]
	}
	assert.Equal(t, "APPROVED", values[0]["event"])
	assert.Equal(t, "daily_digest_v1", values[0]["message_template_name"])
	assert.Equal(t, "UTILITY", values[0]["message_template_category"])
	assert.Equal(t, made["id"], fmt.Sprintf("%.0f", values[0]["message_template_id"]))
	entry := list(w.business.got()[0]["entry"])[0]
	assert.Equal(t, waba, entry["id"])
	assert.InDelta(t, noon.Unix(), entry["time"], 10)

	_, listed := w.call("GET", templatesPath+"?fields=name,language,status,components,rejected_reason", nil)
	require.Len(t, listed["data"], 2)
	first := list(listed["data"])[0]
	assert.Equal(t, "APPROVED", first["status"])
	assert.Len(t, first["components"], 4)
	_, listed = w.call("GET", templatesPath+"?language=es&name=daily_digest_v1", nil)
	assert.Len(t, listed["data"], 1)
	_, listed = w.call("GET", templatesPath+"?status=PAUSED", nil)
	assert.Empty(t, listed["data"])
	status, _ = w.call("GET", templatesPath+"?fields=colour", nil)
	assert.Equal(t, 400, status)

	require.NoError(t, w.SetTemplate(waba, "daily_digest_v1", "es", "PAUSED"))
	w.pass(time.Second)
	values = w.business.values("message_template_status_update")
	assert.Equal(t, "PAUSED", values[len(values)-1]["event"])
	require.Error(t, w.SetTemplate(waba, "daily_digest_v1", "pt", "PAUSED"))
	require.Error(t, w.SetTemplate("9", "daily_digest_v1", "es", "PAUSED"))
	require.Error(t, w.SetTemplate(waba, "daily_digest_v1", "es", "LOST"))
}

func TestTemplatesRejectedLater(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) {
		o.Review = func(name, _, _ string) (string, string) {
			if name == "promo" {
				return "APPROVED", "MARKETING"
			}
			if name == "bad" {
				return "REJECTED", ""
			}
			return "APPROVED", ""
		}
	})
	fine := "Hoy llegaron varios mensajes a su tienda."
	for name, text := range map[string]string{"promo": fine + " Vea.", "bad": fine + " No.", "first": fine} {
		w.call("POST", templatesPath, set(digest(body(text)), "name", name))
	}
	w.pass(5 * time.Second)
	w.call("POST", templatesPath, set(digest(body(fine)), "name", "same_again"))
	w.call("POST", templatesPath, set(digest(body("Hoy llegaron {{1}} {{2}} a su tienda, y eso es todo por hoy.", "4", "mensajes")), "name", "adjacent"))
	w.pass(5 * time.Second)
	got := map[string]string{}
	for _, v := range w.business.values("message_template_status_update") {
		got[v["message_template_name"].(string)] = v["event"].(string) + " " + v["message_template_category"].(string)
		assert.Equal(t, v["event"] == "REJECTED", v["rejection_info"] != nil)
	}
	assert.Equal(t, map[string]string{
		"promo": "APPROVED MARKETING", "bad": "REJECTED UTILITY", "first": "APPROVED UTILITY",
		"same_again": "REJECTED UTILITY", "adjacent": "REJECTED UTILITY",
	}, got)
}

func TestTemplateNumbers(t *testing.T) {
	w := newWorld(t, func(o *graph.Options) { o.MaxTemplates = 130 })
	push := func(i int) (int, object) {
		return w.call("POST", templatesPath, set(digest(body(fmt.Sprint("Este es el resumen ", i))), "name", fmt.Sprint("t", i)))
	}
	for i := range 100 {
		status, answer := push(i)
		require.Equal(t, 200, status, answer)
	}
	_, answer := push(100)
	got, _ := code(t, answer)
	assert.Equal(t, 80007, got, "a hundred an hour")
	w.leap(2 * time.Hour)
	for i := range 30 {
		push(100 + i)
	}
	_, answer = push(131)
	assert.EqualValues(t, 2388019, answer["error"].(object)["error_subcode"])

	var names []string
	for after := ""; ; {
		_, page := w.call("GET", templatesPath+"?limit=50&fields=name&after="+after, nil)
		for _, t := range list(page["data"]) {
			names = append(names, t["name"].(string))
		}
		paging := page["paging"].(object)
		if paging["next"] == nil {
			break
		}
		after = paging["cursors"].(object)["after"].(string)
	}
	assert.Len(t, names, 130)
	assert.Equal(t, "t129", names[129])
	status, _ := w.call("GET", templatesPath+"?after=zzz", nil)
	assert.Equal(t, 400, status)
}

func params(kind string, named bool, texts ...string) object {
	var all []object
	for i, text := range texts {
		p := object{"type": "text", "text": text}
		if named {
			p["parameter_name"] = []string{"recibidos", "respondidos", "otro"}[i]
		}
		all = append(all, p)
	}
	return object{"type": kind, "parameters": all}
}

func filled(components ...object) object {
	return object{"type": "template", "template": object{
		"name": "daily_digest_v1", "language": object{"code": "es"}, "components": components,
	}}
}

func TestSendingTemplates(t *testing.T) {
	fecha := object{"type": "header", "parameters": []object{{"type": "text", "parameter_name": "fecha", "text": "18 nov"}}}
	payload := func(index any, text string) object {
		return object{"type": "button", "sub_type": "quick_reply", "index": index, "parameters": []object{{"type": "payload", "payload": text}}}
	}
	cases := []struct {
		name    string
		content object
		code    int
	}{
		{"filled", filled(fecha, params("body", true, "412", "397")), 0},
		{"with payloads", filled(fecha, params("body", true, "412", "397"), payload("1", "yesterday")), 0},
		{"four spaces", filled(fecha, params("body", true, "4    2", "397")), 0},
		{"one too few", filled(fecha, params("body", true, "412")), 132000},
		{"one too many", filled(fecha, params("body", true, "412", "397", "1")), 132000},
		{"no header", filled(params("body", true, "412", "397")), 132000},
		{"no names", filled(fecha, params("body", false, "412", "397")), 132012},
		{"a name of no variable", filled(fecha, object{"type": "body", "parameters": []object{{"type": "text", "parameter_name": "recibidos", "text": "1"}, {"type": "text", "parameter_name": "otro", "text": "1"}}}), 132012},
		{"a name twice", filled(fecha, object{"type": "body", "parameters": []object{{"type": "text", "parameter_name": "recibidos", "text": "1"}, {"type": "text", "parameter_name": "recibidos", "text": "1"}}}), 132012},
		{"another type", filled(fecha, object{"type": "body", "parameters": []object{{"type": "currency", "parameter_name": "recibidos", "text": "1"}, {"type": "text", "parameter_name": "respondidos", "text": "1"}}}), 132012},
		{"empty", filled(fecha, params("body", true, "", "397")), 100},
		{"line break", filled(fecha, params("body", true, "4\n12", "397")), 132018},
		{"tab", filled(fecha, params("body", true, "4\t12", "397")), 132018},
		{"five spaces", filled(fecha, params("body", true, "4     2", "397")), 132018},
		{"too long once filled", filled(fecha, params("body", true, letters(1000), "397")), 132005},
		{"header too long once filled", filled(object{"type": "header", "parameters": []object{{"type": "text", "parameter_name": "fecha", "text": letters(50)}}}, params("body", true, "412", "397")), 132005},
		{"button that is not there", filled(fecha, params("body", true, "412", "397"), payload("2", "x")), 132012},
		{"button index no number", filled(fecha, params("body", true, "412", "397"), payload("x", "x")), 132012},
		{"payload empty", filled(fecha, params("body", true, "412", "397"), payload("0", "")), 131009},
		{"payload too long", filled(fecha, params("body", true, "412", "397"), payload("0", letters(257))), 131009},
		{"payload missing", filled(fecha, params("body", true, "412", "397"), object{"type": "button", "sub_type": "quick_reply", "index": "0"}), 132012},
		{"component unknown", filled(fecha, params("body", true, "412", "397"), object{"type": "footer"}), 100},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.call("POST", templatesPath, namedDigest())
			got, _ := w.refusal(message(filled(fecha, params("body", true, "412", "397"))))
			assert.Equal(t, 132001, got, "not approved yet")
			w.pass(5 * time.Second)
			got, details := w.refusal(message(c.content))
			assert.Equal(t, c.code, got, details)
		})
	}
}

func TestTemplateOnThePhone(t *testing.T) {
	w := newWorld(t)
	w.call("POST", templatesPath, namedDigest())
	w.pass(5 * time.Second)
	fecha := object{"type": "header", "parameters": []object{{"type": "text", "parameter_name": "fecha", "text": "18 nov"}}}
	shuffled := object{"type": "body", "parameters": []object{
		{"type": "text", "parameter_name": "respondidos", "text": "{{recibidos}}"}, {"type": "text", "parameter_name": "recibidos", "text": "412"},
	}}
	id := w.send(message(filled(fecha, shuffled, object{"type": "button", "sub_type": "quick_reply", "index": "1", "parameters": []object{{"type": "payload", "payload": "digest yesterday"}}})))
	w.pass(time.Minute)
	require.Len(t, w.Received(luz), 1, "no window is needed")
	seen := w.Received(luz)[0]
	assert.Equal(t, "Resumen de 18 nov", seen.Header)
	assert.Equal(t, "Usted pidió este resumen diario. Recibidos 412, respondidos {{recibidos}} hasta ahora.\nToque el botón para ver más.", seen.Text)
	assert.Equal(t, "Responda STOP para no recibirlo", seen.Footer)
	assert.Equal(t, []graph.Choice{{ID: "Ver todo", Title: "Ver todo"}, {ID: "digest yesterday", Title: "Ayer"}}, seen.Buttons)
	assert.Equal(t, "utility", w.business.all("messages", "statuses")[0]["pricing"].(object)["category"])

	got, _ := w.refusal(message(text("hola")))
	assert.Zero(t, got, "accepted, but the window is closed until the tap")
	_, err := w.Tap(luz, id, "digest yesterday")
	require.NoError(t, err)
	w.pass(time.Second)
	tapped := w.business.all("messages", "messages")[0]
	assert.Equal(t, "button", tapped["type"])
	assert.Equal(t, object{"payload": "digest yesterday", "text": "Ayer"}, tapped["button"])
	assert.Equal(t, object{"from": "576015550100", "id": id}, tapped["context"])
	free := w.send(message(text("Ayer: 412")))
	w.pass(time.Minute)
	assert.Equal(t, []string{"sent", "delivered", "read"}, w.business.words(free))

	for status, want := range map[string]int{"PAUSED": 132015, "DISABLED": 132016, "REJECTED": 132001} {
		require.NoError(t, w.SetTemplate(waba, "daily_digest_v1", "es", status))
		got, _ = w.refusal(message(filled(fecha, shuffled)))
		assert.Equal(t, want, got, status)
	}
}

func TestAuthenticationTemplatesGoToPhonesOnly(t *testing.T) {
	w := newWorld(t)
	w.call("POST", templatesPath, set(digest(body("Su código llega por otro camino.")), "category", "AUTHENTICATION"))
	w.pass(5 * time.Second)
	got, _ := w.refusal(message(filled(), object{"to": nil, "recipient": "CO.12"}))
	assert.Equal(t, 131062, got)
	got, _ = w.refusal(message(filled()))
	assert.Zero(t, got)
}
