package words

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"pulso/analytics"
)

// TestStranger holds that nobody's figures are given for somebody unknown: the
// agent whose name sounds alike is offered, or nothing is answered.
func TestStranger(t *testing.T) {
	r, b := testReader(t)
	for text, want := range map[string]string{
		"how many did annie close yesterday":      "Ana",
		"cuántos cerró annie ayer":                "Ana",
		"quantas a annie fechou ontem":            "Ana",
		"how many did zachary close yesterday":    "",
		"cuantas conversaciones cerró rigoberto":  "",
		"conversas fechadas pelo roberto ontem":   "",
		"closed conversations of Grubnik for may": "",
	} {
		got := r.Read(input(b, "", text))
		if want == "" {
			assert.Equal(t, Unknown, got.Intent, text)
			assert.NotEmpty(t, got.Suggestions, text)
			continue
		}
		assert.Equal(t, ToReport, got.Intent, text)
		assert.Equal(t, &Ambiguity{Dim: analytics.ByAgent, Said: "annie", Names: []string{want}}, got.Candidates, text)
		assert.Empty(t, got.Ask.Where, text)
	}
}

// TestCorrections holds that what is said last of a thing counts, and that
// politeness takes nothing back.
func TestCorrections(t *testing.T) {
	r, b := testReader(t)
	for text, same := range map[string]string{
		"recibidos de ayer, perdón, de hoy":           "messages_received today",
		"closed by camila, sorry i mean beatriz":      "conversations_closed where agent Beatriz today",
		"enviadas ontem, quer dizer, lidas ontem":     "messages_read yesterday",
		"perdón la molestia, recibidos de ayer":       "messages_received yesterday",
		"sorry to bother, how many closed yesterday":  "conversations_closed yesterday",
		"desculpa incomodar, quantas recebidas ontem": "messages_received yesterday",
	} {
		assert.Equal(t, same, b.Canonical(r.Read(input(b, "", text))), text)
	}
}
