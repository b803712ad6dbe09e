package demo

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEveryLanguageSaysEverything(t *testing.T) {
	first := languages()[0]
	for _, p := range languages() {
		v := reflect.ValueOf(p)
		for i := range v.NumField() {
			assert.False(t, v.Field(i).IsZero(), "%s: %s", p.Tag, v.Type().Field(i).Name)
		}
		assert.Len(t, p.Try, len(first.Try), p.Tag)
		assert.Len(t, p.Asks, len(first.Asks), p.Tag)
		for _, month := range p.Month {
			assert.NotEmpty(t, month, p.Tag)
		}
	}
}

func TestSpoken(t *testing.T) {
	assert.Equal(t, "pt", spoken("pt", "en").Tag)
	assert.Equal(t, "en", spoken("xx", "en").Tag)
	assert.Equal(t, "es", spoken("", "de").Tag)
}
