package cloudapi

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fastjson"
)

func TestStamp(t *testing.T) {
	for in, want := range map[string]int64{
		`"1795440000"`:       1795440000000,
		`1795440000`:         1795440000000,
		`" 1795440000 "`:     1795440000000,
		`1795440000123`:      1795440000123,
		`"1795440000123456"`: 1795440000123,
		`1795440000.75`:      1795440000000,
		`1.79544e9`:          1795440000000,
		`1230768000`:         earliest,
		`4102444799`:         latest - 1000,
	} {
		got, err := stamp(fastjson.MustParse(in))
		require.NoError(t, err, in)
		assert.Equal(t, want, got, in)
	}
	for _, in := range []string{`null`, `""`, `"x"`, `true`, `{}`, `[]`, `0`, `1`, `-1`, `"-9223372036854775808"`, `-9223371997680211456`, `1230767999`,
		`4102444800`, `9223372036854775807`, `99999999999999999999`, `1e300`, `"NaN"`, `"Infinity"`, `"0x6b000000"`} {
		_, err := stamp(fastjson.MustParse(in))
		assert.Error(t, err, in)
	}
	_, err := stamp(nil)
	assert.Error(t, err)
}

func TestClean(t *testing.T) {
	for _, c := range []struct{ in, short, text string }{
		{"Luz", "Luz", "Luz"},
		{"Luz\x00Mora", "LuzMora", "LuzMora"},
		{"a\x1fb\u0085c\x7f", "abc", "abc"},
		{"uno\ndos\ttres\r\n", "uno dos tres ", "uno\ndos\ttres\n"},
		{"\xff\xfe", "\uFFFD\uFFFD", "\uFFFD\uFFFD"},
		{`mitad \ud83d y \uDE4F`, "mitad \uFFFD y \uFFFD", "mitad \uFFFD y \uFFFD"},
		{`C:\users`, `C:\users`, `C:\users`},
		{"🙏 ñ", "🙏 ñ", "🙏 ñ"},
	} {
		var d decoder
		assert.Equal(t, c.short, d.clean(c.in, false))
		assert.Equal(t, c.text, d.clean(c.in, true))
		assert.Equal(t, strings.Contains(c.in, "\x00"), d.nul)
	}
}

func TestCutting(t *testing.T) {
	assert.Equal(t, "ñañ", runes("ñañu", 3))
	assert.Equal(t, "ñañu", runes("ñañu", 4))
	assert.Equal(t, "", runes("ñañu", 0))
	assert.Equal(t, "ña", head("ñañu", 4), "never half a character")
	assert.Equal(t, "ñañu", head("ñañu", 6))
	assert.Equal(t, "", head("ñ", 1))
}

func TestKey(t *testing.T) {
	assert.Equal(t, "m:1:w", key("m", "1", "w"))
	long := strings.Repeat("ñ", 200)
	assert.LessOrEqual(t, len(key("m", long)), longKey)
	assert.NotEqual(t, key("m", long, "a"), key("m", long, "b"))
	assert.NotEqual(t, digest("a", "bc"), digest("ab", "c"))
}

func TestPath(t *testing.T) {
	var root *path
	at := root.field("entry").item(0).field("changes").item(12)
	assert.Equal(t, "entry[0].changes[12]", at.String())
	assert.Equal(t, "", root.String())
	v := fastjson.MustParse(`{"entry":[{"changes":[1]}]}`)
	assert.Nil(t, at.in(v))
	assert.Equal(t, "1", root.field("entry").item(0).field("changes").item(0).in(v).String())
	assert.Nil(t, root.field("x").item(3).field("y").in(v))
}
