package events

import (
	"crypto/sha256"
	"crypto/subtle"
	"strings"
)

// Authorized reports whether header, the value of Authorization, bears one of
// the tokens. An empty token opens nothing. It takes the same time whichever fits.
func Authorized(header string, tokens []string) bool {
	scheme, given, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	sum := sha256.Sum256([]byte(given))
	fits := false
	for _, token := range tokens {
		expected := sha256.Sum256([]byte(token))
		if token != "" && subtle.ConstantTimeCompare(sum[:], expected[:]) == 1 {
			fits = true
		}
	}
	return fits
}
