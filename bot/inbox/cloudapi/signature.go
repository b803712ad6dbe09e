package cloudapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"strings"
)

// Verify reports whether header, the value of X-Hub-Signature-256, is the
// signature of body, as received, under any of the app secrets. Empty secrets
// sign nothing. It takes the same time whichever secret fits.
func Verify(body []byte, header string, secrets []string) bool {
	digits, ok := strings.CutPrefix(header, "sha256=")
	if !ok || len(digits) != 2*sha256.Size {
		return false
	}
	given, err := hex.DecodeString(digits)
	if err != nil {
		return false
	}
	fits := false
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(body)
		if hmac.Equal(mac.Sum(nil), given) {
			fits = true
		}
	}
	return fits
}

// Challenge reports whether Meta's verification request is to be answered with
// the challenge that it bears: the token must be one of want (an empty one never
// is). What the challenge is made of is Meta's affair.
func Challenge(mode, token, challenge string, want []string) bool {
	known := false
	sum := sha256.Sum256([]byte(token))
	for _, w := range want {
		expected := sha256.Sum256([]byte(w))
		if w != "" && subtle.ConstantTimeCompare(sum[:], expected[:]) == 1 {
			known = true
		}
	}
	return mode == "subscribe" && known && challenge != ""
}
