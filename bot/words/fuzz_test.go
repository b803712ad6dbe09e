package words

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRead reads anything without panic; the canonical text of what is
// understood means the same, and an answer is always there.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"", "cómo vamos hoy", "received vs delivered last week", "quem responde mais rápido esta semana", "del 1 al 15 de marzo por canal",
		"avísame si la primera respuesta > 10 min por 15 min en ventas", "top 3 agents by messages sent yesterday 9 to 12", "2", "más", "👍", "log of Rosa Elena Gil",
		`messages_received where agent "Ana \"x\"" from 2026-05-01 to now vs previous as chart`, "digest every monday at 8:30", "invita a +57 320 555 0199 como gerente",
		"99999999999999999999 últimos días", "31/02/2026", "-- ' or 1=1;", "a b c d e f g h i j k l m n o p q r s t u v w x y z",
	} {
		for tag := range languages {
			f.Add(text, uint8(tag), text == "más")
		}
	}
	r, b := testReader(f)
	listed := r.Read(input(b, "es", "list waiting"))
	asked := r.Read(input(b, "es", "messages_received by channel last week"))
	f.Fuzz(func(t *testing.T, text string, tag uint8, after bool) {
		in := input(b, languages[int(tag)%len(languages)], text)
		if after {
			in.Previous, in.Alert = &listed, true
		} else if tag > 3 {
			in.Previous = &asked
		}
		got := r.Read(in)
		require.NotEmpty(t, got.Intent)
		require.Contains(t, languages, got.Language)
		if got.Intent == Unknown {
			require.NotEmpty(t, got.Suggestions)
			return
		}
		if got.Intent != ToReport && got.Intent != ToExport || got.Candidates != nil {
			return
		}
		canonical := b.Canonical(got)
		again := r.Read(input(b, "en", canonical))
		require.Equal(t, canonical, b.Canonical(again))
		require.Equal(t, got.Ask.Metrics, again.Ask.Metrics)
		require.Equal(t, got.Ask.Period, again.Ask.Period, canonical)
	})
}

func BenchmarkRead(b *testing.B) {
	r, book := testReader(b)
	list := []string{
		"cuántos mensajes recibimos ayer por canal", "who is the slowest agent on the support team this week",
		"oi tudo bem olha só tô entrando numa reunião aqui e queria saber quantas mensagens a gente recebeu ontem em laureles obrigado",
		"mnsajes recividos la smana pasda x agnte",
	}
	for i := 0; b.Loop(); i++ {
		r.Read(input(book, "es", list[i%len(list)]))
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		if _, err := New(); err != nil {
			b.Fatal(err)
		}
	}
}
