package words

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestFollowUps holds what lines that go on from another make of it: each change
// keeps the rest.
func TestFollowUps(t *testing.T) {
	r, b := testReader(t)
	for _, dialogue := range [][][2]string{
		{{"first response last week", "first_response last week"}, {"by agent", "first_response by agent last week"}, {"slowest 3", "first_response by agent worst 3 last week"}, {"more detail", "first_response by agent worst last week"}, {"more detail", "first_response by agent worst last week in detail"}},
		{{"primera respuesta de la semana pasada", "first_response last week"}, {"por canal", "first_response by channel last week"}, {"los 2 más lentos", "first_response by channel worst 2 last week"}},
		{{"primeira resposta da semana passada", "first_response last week"}, {"por agente", "first_response by agent last week"}, {"os 3 mais lentos", "first_response by agent worst 3 last week"}},
		{{"mensajes recibidos ayer", "messages_received yesterday"}, {"los 3 más lentos", "first_response by agent worst 3 yesterday"}},
		{{"top 3 agents by messages", "messages_sent by agent best 3 this week"}, {"export agents last month as pdf", "stats by agent last month as pdf"}},
		{{"messages received yesterday", "messages_received yesterday"}, {"by agent", "messages_received by agent yesterday"}, {"excel", "messages_received by agent yesterday as xlsx"}},
		{{"messages received yesterday", "messages_received yesterday"}, {"more detail", "messages_received by agent yesterday"}},
		{{"messages received by channel yesterday", "messages_received by channel yesterday"}, {"compared with last week", "messages_received by channel yesterday vs last week"}},
		{{"mensajes recibidos la semana pasada", "messages_received last week"}, {"por canal", "messages_received by channel last week"}, {"comparado con la semana anterior", "messages_received by channel last week vs previous"}},
		{{"mensagens recebidas na semana passada", "messages_received last week"}, {"por canal", "messages_received by channel last week"}, {"comparado com a semana anterior", "messages_received by channel last week vs previous"}},
	} {
		var previous *Reading
		for _, line := range dialogue {
			in := input(b, "", line[0])
			in.Previous = previous
			got := r.Read(in)
			assert.Equal(t, line[1], b.Canonical(got), "%v: %s", dialogue, line[0])
			previous = &got
		}
	}
}

// TestNoMoreDetail holds that asking for detail that there is not is answered.
func TestNoMoreDetail(t *testing.T) {
	r, b := testReader(t)
	first := r.Read(input(b, "es", "mensajes recibidos por agente ayer"))
	in := input(b, "es", "más detalle")
	in.Previous = &first
	got := r.Read(in)
	assert.Equal(t, "messages_received by agent yesterday", b.Canonical(got))
	assert.Contains(t, got.Said, Note{Key: SaidNoMore})
}

// TestNumbersHaveTheLanguageOfTheDialogue holds that a bare number is answered in
// the language of what it goes on from.
func TestNumbersHaveTheLanguageOfTheDialogue(t *testing.T) {
	r, b := testReader(t)
	first := r.Read(input(b, "en", "quién está esperando"))
	in := input(b, "en", "2")
	in.Previous = &first
	assert.Equal(t, "es", r.Read(in).Language)
	assert.Equal(t, "en", r.Read(input(b, "en", "2")).Language)
}

// TestDigestsKeepTheirRanking holds that a digest of a ranking is not one of everything.
func TestDigestsKeepTheirRanking(t *testing.T) {
	r, b := testReader(t)
	for text, want := range map[string]string{
		"digest every day at 8 with top agents":                  "first_response by agent best yesterday",
		"resumen todos los días a las 8 con los mejores agentes": "first_response by agent best yesterday",
		"resumo todo dia às 8 com os melhores agentes":           "first_response by agent best yesterday",
		"digest every day at 8 with top 3 agents by messages":    "messages_sent by agent best 3 yesterday",
		"digest every day at 8":                                  "stats yesterday",
	} {
		got := r.Read(input(b, "", text))
		if assert.NotNil(t, got.Digest, text) {
			assert.Equal(t, want, got.Digest.Ask, text)
		}
	}
}
