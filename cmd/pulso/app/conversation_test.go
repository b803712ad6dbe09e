package app

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/demo"
	"pulso/bot/demo/graph"
	"pulso/models/store"
)

var update = flag.Bool("update", false, "write the generated files anew")

// chat is a conversation of ten minutes in one language.
type chat struct {
	title, language string
	lines           []string // a line that begins with "( " taps that button
}

func chats() []chat {
	return []chat{
		{"Español", "es", []string{
			"hola", "cómo vamos hoy?", "y ayer?", "agentes mas lentos esta semana", "( ¿Cómo? )", "quien esta esperando", "2", "como va Sofía", "horas pico del ultimo mes",
			"mensajes fallidos esta semana", "conversaciones por categoría el mes pasado", "en gráfico", "enviados por canal esta semana vs la anterior", "excel",
			"avisame si hay mas de 20 esperando por 10 min", "alertas", "resumen los lunes a las 9", "mis resumenes", "cuanto vendimos hoy?",
		}},
		{"English", "en", []string{
			"hi", "stats today", "slowest agents this week", "and by team?", "only on Tuesday", "who is waiting", "more", "log of the first one", "received vs delivered last week",
			"new vs returning customers last month", "trend of first response 30 days", "top 3 agents by messages", "how is read rate calculated", "export agents last month as pdf",
			"alert if first response > 10 min for 15 min", "send Luz a message saying hello", "help",
		}},
		{"Português", "pt", []string{
			"bom dia", "como estamos hoje", "e ontem?", "quem responde mais devagar essa semana", "quem está esperando", "janelas expirando", "conversas abertas por dia na última semana",
			"em gráfico", "novos contatos por origem", "taxa de leitura por modelo no mês passado", "me avisa se as mensagens recebidas caírem 30%", "resumo todo dia às 8", "o que você sabe fazer?",
		}},
	}
}

const preface = `# A conversation

Made of three chats with the demonstration shop by ` + "`go test ./cmd/pulso/app -run Conversation -update`" + `: the words go in by the webhook, and what
stands below left through the Graph API, as WhatsApp shows it. Pictures and files are named in brackets, buttons stand in round ones.
`

// TestConversation holds what a manager is answered in each language, on both
// databases.
func TestConversation(t *testing.T) {
	const path = "../../../docs/conversation.md"
	for dialect, dsn := range databases(t) {
		t.Run(dialect, func(t *testing.T) {
			got := preface
			w := chatWorld(t, dsn)
			for _, c := range chats() {
				got += "\n## " + c.title + "\n" + transcript(w, c)
			}
			if *update && dialect == "sqlite" {
				require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			same(t, string(want), got)
		})
	}
}

// visitors are the people who chat, one for each language.
func visitor(language string) graph.Person {
	return map[string]graph.Person{
		"es": {Phone: "+573001112233", Name: "Olga Duarte"}, "en": {Phone: "+573001112244", Name: "Mark Reed"}, "pt": {Phone: "+573001112255", Name: "Bia Rocha"},
	}[language]
}

func chatWorld(t *testing.T, dsn store.DSN) *world {
	start := time.Date(2026, 3, 18, 15, 30, 0, 0, time.UTC)
	shop, err := demo.New(1, demoZone, demo.Person{Name: visitor("es").Name, Phone: visitor("es").Phone, Language: "es"})
	require.NoError(t, err)
	w := newWorld(t, dsn, start, shop.Numbers(), func(set demo.Setup) string {
		text := shop.Config(set)
		var more strings.Builder
		for _, tag := range []string{"en", "pt"} {
			v := visitor(tag)
			fmt.Fprintf(&more, "  - {phone: %q, name: %q, role: admin, language: %s}\n", v.Phone, v.Name, tag)
		}
		return strings.Replace(text, "people:\n", "people:\n"+more.String(), 1)
	})
	w.past(shop, 60)
	for _, tag := range Languages() {
		w.graph.Add(visitor(tag))
	}
	w.serve()
	return w
}

// transcript holds a chat and writes it down.
func transcript(w *world, c chat) string {
	var b strings.Builder
	var last []graph.Shown
	who := visitor(c.language)
	for _, line := range c.lines {
		w.lines++
		w.at(w.clock.Start.Add(time.Duration(w.lines) * 2 * time.Minute))
		fmt.Fprintf(&b, "\n**%s:** %s\n\n", strings.Fields(who.Name)[0], line)
		if title, ok := strings.CutPrefix(line, "( "); ok {
			last = w.answers(who.Phone, tap(w, who.Phone, last, strings.TrimSuffix(title, " )")))
		} else {
			last = w.says(who.Phone, line)
		}
		require.NotEmpty(w.t, last, "%s: no answer", line)
		fmt.Fprintf(&b, "```text\n%s\n```\n", shown(last))
	}
	return b.String()
}

// tap lets a person tap a button of the latest answer.
func tap(w *world, phone string, last []graph.Shown, title string) string {
	for _, s := range last {
		for _, c := range s.Buttons {
			if c.Title == title {
				id, err := w.graph.Tap(phone, s.ID, c.ID)
				require.NoError(w.t, err)
				return id
			}
		}
	}
	require.Failf(w.t, "no such button", "%s in %s", title, shown(last))
	return ""
}

// same compares texts line by line and shows the first lines that differ.
func same(t *testing.T, want, got string) {
	t.Helper()
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i, told := 0, 0; i < max(len(a), len(b)) && told < 10; i++ {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			told++
			assert.Equal(t, x, y, "line %d", i+1)
		}
	}
}
