package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/cmd/pulso/app/config"
	"pulso/models/store/storetest"
)

// shopNow is a Wednesday, at half past ten in Bogotá.
var shopNow = time.Date(2026, 3, 18, 15, 30, 0, 0, time.UTC)

// corner is a shop whose record begins on 18 February: Ana and Luis answer
// customers on two numbers, Ana within five minutes, Luis within twenty. Of
// March's first three weeks each has more messages than the one before.
func corner(t *testing.T) *App {
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	for day := time.Date(2026, 2, 18, 14, 0, 0, 0, time.UTC); day.Before(shopNow); day = day.AddDate(0, 0, 1) {
		n := 2
		if day.Month() == time.March {
			n = 2 + day.Day()/7
		}
		for i := range 2 * n {
			id := fmt.Sprintf("%s-%d", day.Format("0102"), i)
			at := day.Add(time.Duration(i) * 7 * time.Minute)
			agent, team, wait := "Ana", "ventas", 5*time.Minute
			if i%2 == 1 {
				agent, team, wait = "Luis", "soporte", 20*time.Minute
			}
			where := fmt.Sprintf(`"channel":"whatsapp:106%d","contact":{"id":"c-%s","name":"Luz %s","phone":"+5730011%s%d"}`, i%2, id, id, day.Format("0102"), i)
			add(`{"id":"in-%s","type":"message.received","at":%q,%s,"message":{"id":"m-%s","kind":"text"}}`, id, at.Format(time.RFC3339), where, id)
			if i > 1 {
				add(`{"id":"out-%s","type":"message.sent","at":%q,%s,"agent":{"id":"a-%s","name":%q,"team":%q},"message":{"id":"r-%s","kind":"text","sender":"agent"}}`,
					id, at.Add(wait).Format(time.RFC3339), where, agent, agent, team, id)
				add(`{"id":"dl-%s","type":"message.delivered","at":%q,%s,"message":{"id":"r-%s"}}`, id, at.Add(wait+time.Minute).Format(time.RFC3339), where, id)
			}
		}
	}
	a := recordOf(t, storetest.SQLite(t), shopNow, func(c *config.Config) {
		c.People = []config.Person{
			{Phone: "+573100000001", Name: "Olga", Role: "owner", Language: "es"}, {Phone: "+573100000002", Name: "Adam", Role: "admin", Language: "en"},
			{Phone: "+573100000004", Name: "Paula", Role: "manager", Language: "pt"}, {Phone: "+573100000005", Name: "Vera", Role: "viewer", Language: "es"},
			{Phone: "+573100000006", Name: "Sergio", Role: "manager", Language: "es", Scope: config.Scope{Teams: []string{"ventas"}}},
		}
	})
	for len(lines) > 0 {
		n := min(len(lines), 1000)
		a.take(t, "events", shopNow, `{"events":[`+strings.Join(lines[:n], ",")+`]}`)
		lines = lines[n:]
	}
	return a
}

// said is an answer as `ask --json` writes it.
type said struct {
	Intent   string
	Language string
	Ask      string
	Result   json.RawMessage
	Detail   json.RawMessage
	Reply    []struct{ Type, Text, Caption string }
	raw      string
}

// text is all that is read of an answer.
func (s *said) text() string {
	var parts []string
	for _, p := range s.Reply {
		parts = append(parts, p.Text+p.Caption)
	}
	return strings.Join(parts, "\n\n")
}

// talk lets a person say lines, one going on from the other, and returns the answers.
func (a *App) talk(t *testing.T, who string, lines ...string) []*said {
	t.Helper()
	d, err := a.Dialogue(t.Context(), who, func() time.Time { return shopNow }, false, true)
	require.NoError(t, err)
	var list []*said
	for _, line := range lines {
		x, err := d.Ask(t.Context(), line, "")
		require.NoError(t, err, line)
		body, err := json.Marshal(x.JSON())
		require.NoError(t, err)
		s := &said{raw: string(body)}
		require.NoError(t, json.Unmarshal(body, s))
		for _, p := range s.Reply {
			assert.LessOrEqual(t, len([]rune(p.Text)), 4096, line)
			if p.Type == "buttons" {
				assert.LessOrEqual(t, len([]rune(p.Text)), 1024, line)
			}
		}
		list = append(list, s)
	}
	return list
}

// say is the last answer of a dialogue.
func (a *App) say(t *testing.T, who string, lines ...string) *said {
	t.Helper()
	list := a.talk(t, who, lines...)
	return list[len(list)-1]
}

func TestChatGoesOn(t *testing.T) {
	a := corner(t)

	d := a.talk(t, "Adam", "first response last week", "how", "¿y ayer?", "por agente")
	assert.Equal(t, "first_response yesterday", d[2].Ask, "an explanation leaves the figure as it is")
	assert.Equal(t, "first_response by agent yesterday", d[3].Ask)

	d = a.talk(t, "Adam", "quién espera", "2", "3", "stats", "2")
	assert.Equal(t, []string{"list", "drill", "drill"}, []string{d[0].Intent, d[1].Intent, d[2].Intent})
	assert.Equal(t, "es", d[1].Language, "a number has the language of the dialogue")
	assert.Contains(t, d[1].text(), "Luz")
	assert.Contains(t, d[4].text(), "no list open", "the list is over")

	for _, beside := range []string{"how", "help", "thanks", "messages yesterday"} {
		assert.Contains(t, a.say(t, "Adam", "who is waiting", beside, "2").text(), "no list open", beside)
	}
	assert.Contains(t, a.say(t, "Adam", "who is waiting", "qwerty zxcv", "2").text(), "Luz", "what was not understood is no answer")

	assert.Contains(t, a.say(t, "Olga", "mensajes por agente ayer", "más detalle").text(), "no hay más detalle")
}

func TestChatTellsWhatItWouldDo(t *testing.T) {
	a := corner(t)
	for _, x := range []struct{ who, line, want string }{
		{"Olga", "invita a +573105550199 como manager de ventas", "como gerente para ventas"},
		{"Adam", "invite +573105550199 as manager for ventas", "as manager for ventas."},
		{"Paula", "resumo todo dia às 8 com os melhores agentes", "primeira resposta por agente, mais rápidos primeiro, ontem"},
		{"Adam", "digest every day at 8 with top agents", "“first response by agent, fastest first, yesterday” every day at 08:00"},
		{"Adam", "digest every day at 8", "comes tomorrow 08:00"},
		{"Adam", "digest every day at 11", "comes today 11:00"},
		{"Olga", "resumen todos los días a las 11", "llega hoy 11:00"},
	} {
		assert.Contains(t, a.say(t, x.who, x.line).text(), x.want, x.line)
	}
}

// TestChatHidesCustomers holds that nothing in an answer tells a viewer who a
// customer is, and that what is denied names no more than it must.
func TestChatHidesCustomers(t *testing.T) {
	a := corner(t)
	for _, line := range []string{"log of Luz 0310-3", "history of +573001103103", "log of Luz", "who is waiting", "list log contact \"Luz 0310-3\""} {
		s := a.say(t, "Vera", line)
		assert.NotContains(t, s.raw, "Luz", line)
		assert.NotContains(t, s.raw, "573001", line)
		assert.NotContains(t, s.raw, "c-03", line)
	}
	d := a.talk(t, "Vera", "who is waiting", "1")
	assert.NotContains(t, d[1].raw, "Luz")
	assert.Contains(t, a.say(t, "Adam", "log of Luz 0310-3").raw, "Luz 0310-3")

	denied := a.say(t, "Sergio", "agent Luis")
	assert.JSONEq(t, `{"wanted":"report","needs":"scope"}`, string(denied.Detail))
}

func TestChatRefusesTimesThatAreNone(t *testing.T) {
	a := corner(t)
	for _, x := range []struct{ who, line, want string }{
		{"Olga", "mensajes del 31 de febrero", "El 31 de febrero no existe."},
		{"Adam", "messages on february 30", "There is no 30 February."},
		{"Paula", "mensagens de 31 de abril", "O dia 31 de abril não existe."},
		{"Adam", "messages on 31/13", "There is no such date."},
		{"Olga", "mensajes recibidos mañana", "Eso todavía no ha pasado."},
		{"Paula", "mensagens de amanhã", "Isso ainda não aconteceu."},
		{"Adam", "messages next week", "That is still to come."},
		{"Adam", "last 0 days", "A period lasts a day at least."},
	} {
		s := a.say(t, x.who, x.line)
		assert.Equal(t, "unknown", s.Intent, x.line)
		assert.Contains(t, s.text(), x.want, x.line)
	}
}

// TestChatCompares holds that a comparison reaches every kind of answer: each row
// has what was before or how it moved, and a line names what it is held against.
func TestChatCompares(t *testing.T) {
	a := corner(t)
	for _, x := range []struct {
		who, line string
		want      []string
	}{
		{"Adam", "messages_received by channel yesterday vs last week", []string{"was", "▲33%", "Compared with Tue 10 Mar"}},
		{"Olga", "mensajes enviados por agente la semana pasada comparado con la semana anterior", []string{"antes", "▲", "Comparado con 2–8 mar"}},
		{"Paula", "mensagens enviadas por agente na semana passada comparado com a semana anterior", []string{"antes", "▲", "Comparado com 2–8 mar"}},
		{"Adam", "first response by agent last week vs the week before", []string{"med.  was", "5m   5m", "Compared with 2–8 Mar"}},
		{"Adam", "messages_received by day last week vs previous", []string{"9 Mar", "was", "Compared with 2–8 Mar"}},
		{"Adam", "messages_received by hour last week vs previous", []string{"Total", "vs. 2–8 Mar"}},
		{"Adam", "messages_received by weekday, hour last week vs previous", []string{"Total", "vs. 2–8 Mar"}},
		{"Adam", "messages_received by day last week vs previous as chart", []string{"Total", "vs. 2–8 Mar"}},
		{"Adam", "messages_received, messages_sent by agent last week vs previous", []string{"received", "▲", "Compared with 2–8 Mar"}},
		{"Adam", "messages_sent by agent desc last week vs previous", []string{"1 ", "was", "Compared with 2–8 Mar"}},
		{"Adam", "delivery_rate by channel last week vs previous", []string{"was", "Compared with 2–8 Mar"}},
		{"Adam", "agent Ana last week vs previous", []string{"▲", "2–8 Mar"}},
		{"Adam", "messages_received last week vs previous", []string{"▲", "vs. 2–8 Mar"}},
		{"Adam", "conversations_waiting by agent vs yesterday", []string{"is counted now"}},
	} {
		text := a.say(t, x.who, x.line).text()
		for _, want := range x.want {
			assert.Contains(t, text, want, x.line)
		}
	}
	d := a.talk(t, "Olga", "mensajes recibidos la semana pasada", "por canal", "comparado con la semana anterior")
	assert.Contains(t, d[2].text(), "Comparado con 2–8 mar")
	assert.Contains(t, d[2].text(), "antes")
}

// TestChatKnowsItsRecord holds that no figure is given for a time before the
// record, and that nothing is judged by a part of a period.
func TestChatKnowsItsRecord(t *testing.T) {
	a := corner(t)
	for _, line := range []string{"messages received in january", "stats in january", "stats in 2019", "messages received in 1999", "messages_received last year vs this year",
		"first response by agent in january", "messages by day in january as chart", "agent Ana in january", "compare january and february"} {
		s := a.say(t, "Adam", line)
		assert.Equal(t, "report", s.Intent, line)
		assert.NotEmpty(t, s.Result, line)
		assert.Contains(t, s.text(), "No record before 18 Feb", line)
		assert.NotRegexp(t, `\*0\*|[▲▼]`, s.text(), line)
	}
	assert.Contains(t, a.say(t, "Adam", "compare january and february").raw, "stats 2026-02", "the other of the two is offered")
	assert.Contains(t, a.say(t, "Olga", "recibidos en enero").text(), "No hay registro antes del 18 feb")
	assert.Contains(t, a.say(t, "Paula", "recebidas em janeiro").text(), "Não há registro antes de 18 fev")

	file := a.say(t, "Adam", "messages received in january as xlsx")
	assert.Equal(t, "export", file.Intent)
	assert.NotContains(t, file.raw, `"document"`, "a file of nothing")
	assert.Contains(t, file.text(), "No record before 18 Feb")

	for line, want := range map[string]string{
		"messages sent in march vs previous month":        "the record begins on 18 Feb, so that is only a part of it",
		"messages sent by agent this month vs last month": "the record begins on 18 Feb, so that is only a part of it",
		"stats this month vs last month":                  "the record begins on 18 Feb, so that is only a part of it",
		"messages received last week vs january":          "January: there is no record before 18 Feb.",
		"messages by agent last month vs previous":        "January: there is no record before 18 Feb.",
		"messages received last month vs this month":      "The record begins on 18 Feb",
		"messages received this month vs usual":           "there is no record before 18 Feb.",
	} {
		text := a.say(t, "Adam", line).text()
		assert.Contains(t, text, want, line)
		assert.NotRegexp(t, `[▲▼]`, text, line)
	}
	assert.Contains(t, a.say(t, "Adam", "stats yesterday").text(), "▲", "what is whole is judged")
}

func TestChatTables(t *testing.T) {
	a := corner(t)

	text := a.say(t, "Adam", "Ana vs Luis last week").text()
	for _, want := range []string{"*Ana and Luis*", "Team", "1st resp.", "P90", "Cases"} {
		assert.Contains(t, text, want)
	}
	assert.Equal(t, 1, strings.Count(a.say(t, "Adam", "first_response p90 by agent last 30 days").text(), "p90"))
	assert.NotContains(t, a.say(t, "Adam", "messages_received, messages_sent by agent last week").text(), "still waiting", "no speed is shown")
	assert.Contains(t, a.say(t, "Adam", "messages received this year by month").text(), "This year (1 Jan–18 Mar)")
	assert.Contains(t, a.say(t, "Adam", "messages received this quarter").text(), "This quarter (1 Jan–18 Mar)")

	ranked := a.say(t, "Adam", "conversations_opened by agent desc last week").text()
	assert.Regexp(t, `(?m)^1 (Ana|Luis)`, ranked)
	assert.NotRegexp(t, `(?m)^\d+ (▸|No agent)`, ranked)
	assert.NotContains(t, a.say(t, "Adam", "conversations_opened by agent desc 2 last week").text(), "No agent")

	detail := a.say(t, "Olga", "primera respuesta por agente la semana pasada", "más detalle").text()
	for _, want := range []string{"med.", "p90", "prom.", "máx."} {
		assert.Contains(t, detail, want)
	}
	chart := a.say(t, "Adam", "received vs delivered last week as chart")
	assert.Contains(t, chart.text(), "Messages received: *")
	assert.Contains(t, chart.text(), "Messages delivered: *")
	assert.Contains(t, a.say(t, "Olga", "mensajes recibidos por día y canal la semana pasada en gráfico").raw, `"image"`)
	assert.Contains(t, a.say(t, "Olga", "cuánto gastamos en mensajes este mes").text(), "No hay precios configurados")
}
