package cloudapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func sign(body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func TestVerify(t *testing.T) {
	// RFC 4231, test case 2.
	assert.True(t, Verify([]byte("what do ya want for nothing?"),
		"sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", []string{"Jefe"}))

	body := []byte("{\"a\":\"\\u00e9\"}")
	good := sign(body, "new")
	assert.True(t, Verify(body, good, []string{"old", "new"}))
	assert.True(t, Verify(body, "sha256="+strings.ToUpper(good[7:]), []string{"new"}))
	assert.False(t, Verify([]byte(`{"a":"é"}`), good, []string{"new"}), "the bytes count, not what they mean")
	for name, header := range map[string]string{
		"empty": "", "no scheme": good[7:], "sha1": "sha1=" + good[7:], "short": good[:70], "long": good + "00",
		"not hex": "sha256=" + strings.Repeat("z", 64), "twice": good + "," + good, "spaces": " " + good, "upper scheme": "SHA256=" + good[7:],
	} {
		assert.False(t, Verify(body, header, []string{"new"}), name)
	}
	assert.False(t, Verify(body, sign(body, ""), []string{""}), "an empty secret signs nothing")
	assert.False(t, Verify(body, good, nil))
}

func TestChallenge(t *testing.T) {
	want := []string{"", "tok1", "tok2"}
	for _, c := range []struct {
		name, mode, token, challenge string
		ok                           bool
	}{
		{"first token", "subscribe", "tok1", "1158201444", true},
		{"second token", "subscribe", "tok2", "a-Z_9", true},
		{"no number", "subscribe", "tok2", "a/b=+ñ .", true},
		{"empty", "subscribe", "tok2", "", false},
		{"other mode", "unsubscribe", "tok1", "1", false},
		{"no mode", "", "tok1", "1", false},
		{"other token", "subscribe", "tok3", "1", false},
		{"part of a token", "subscribe", "tok", "1", false},
		{"empty token", "subscribe", "", "1", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.ok, Challenge(c.mode, c.token, c.challenge, want))
		})
	}
	assert.False(t, Challenge("subscribe", "x", "1", nil))
}

// FuzzVerify: only the signature itself is accepted.
func FuzzVerify(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte, header, secret string) {
		right := secret != "" && len(header) == 71 && header[:7] == "sha256=" && strings.EqualFold(header, sign(body, secret))
		assert.Equal(t, right, Verify(body, header, []string{"", secret}))
		assert.Equal(t, secret != "", Verify(body, sign(body, secret), []string{secret}))
	})
}
