package words

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		d    int
	}{
		{"ayer", "ayer", 0}, {"ayre", "ayer", 1}, {"respusta", "respuesta", 1}, {"agnetes", "agentes", 1},
		{"resepuesta", "respuesta", 1}, {"abc", "cab", 2}, {"mesaje", "mensajes", 2}, {"hoy", "manana", 3},
	} {
		assert.Equal(t, c.d, distance(c.a, c.b, 2), "%s %s", c.a, c.b)
	}
}

func TestDistanceIsSymmetricAndZeroOnlyForEquals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abc]{0,8}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := distance(a, b, 8)
		assert.Equal(t, d, distance(b, a, 8))
		assert.Equal(t, a == b, d == 0)
		assert.LessOrEqual(t, d, max(len(a), len(b)))
	})
}
