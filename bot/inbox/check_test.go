package inbox

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckJSON(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	many := func(n int) string { return "[" + strings.Repeat("0,", n-2) + "0]" } // n values with the array
	for _, c := range []struct {
		name, body string
		want       error
	}{
		{"object", `{"a":[1,-2.5e+3,"x\u00e9\n",true,false,null],"b":{}}`, nil},
		{"space around", " \t\r\n[ ] \n", nil},
		{"bare word", `"hola"`, nil},
		{"empty", "", ErrNotJSON},
		{"space only", "  ", ErrNotJSON},
		{"two values", `{} {}`, ErrNotJSON},
		{"something after", `{}x`, ErrNotJSON},
		{"not a number", `{"a":NaN}`, ErrNotJSON},
		{"infinity", `[Infinity]`, ErrNotJSON},
		{"leading zero", `[01]`, ErrNotJSON},
		{"no digits after point", `[1.]`, ErrNotJSON},
		{"no exponent", `[1e]`, ErrNotJSON},
		{"plus", `[+1]`, ErrNotJSON},
		{"trailing comma", `[1,]`, ErrNotJSON},
		{"trailing comma in object", `{"a":1,}`, ErrNotJSON},
		{"key without quotes", `{a:1}`, ErrNotJSON},
		{"no colon", `{"a" 1}`, ErrNotJSON},
		{"no value", `{"a":}`, ErrNotJSON},
		{"open string", `"abc`, ErrNotJSON},
		{"open long string", `"abcdefghijklmnop`, ErrNotJSON},
		{"raw control", "\"a\x1fb\"", ErrNotJSON},
		{"raw control after eight", "\"abcdefgh\x00ijklmnop\"", ErrNotJSON},
		{"bad escape", `"\x41"`, ErrNotJSON},
		{"short escape", `"\u00e"`, ErrNotJSON},
		{"cut escape", `"\`, ErrNotJSON},
		{"cut literal", `tru`, ErrNotJSON},
		{"deep enough", nested(MaxDepth), nil},
		{"too deep", nested(MaxDepth + 1), ErrDepth},
		{"deep objects", strings.Repeat(`{"a":`, MaxDepth+1) + "1" + strings.Repeat("}", MaxDepth+1), ErrDepth},
		{"as many as may be", many(MaxTokens), nil},
		{"one too many", many(MaxTokens + 1), ErrTokens},
		{"keys count", "{" + strings.Repeat(`"k":0,`, MaxTokens/2) + `"k":0}`, ErrTokens},
		{"not UTF-8", "\"\xff\xfe\"", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, CheckJSON([]byte(c.body)))
		})
	}
}

func TestCheckJSONAllocatesNothing(t *testing.T) {
	body := []byte(`{"entry":[{"id":"2060","changes":[{"value":{"text":"hola, ¿qué tal?"}}]}]}`)
	assert.Zero(t, testing.AllocsPerRun(100, func() { _ = CheckJSON(body) }))
}

// FuzzCheckJSON compares the scanner with encoding/json.
func FuzzCheckJSON(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte) {
		err := CheckJSON(body)
		switch err {
		case nil:
			require.True(t, json.Valid(body), "passed, but is not JSON")
		case ErrNotJSON:
			require.False(t, json.Valid(body), "refused, but is JSON")
		default:
			require.True(t, strings.Count(string(body), "[")+strings.Count(string(body), "{") > MaxDepth || len(body) > MaxTokens)
		}
	})
}

func BenchmarkCheckJSON(b *testing.B) {
	const message = `{"from":"573001112233","id":"wamid.HBgMNTczMDAxMTEyMjMzFQIAEhgUM0E1QjdDOUQwRTFG","timestamp":"1795440000","type":"text","text":{"body":"hola"}}`
	body := []byte(`{"object":"whatsapp_business_account","entry":[{"id":"2060","changes":[{"field":"messages","value":{"messages":[` +
		message + strings.Repeat(","+message, 999) + `]}}]}]}`)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		if err := CheckJSON(body); err != nil {
			b.Fatal(err)
		}
	}
}
