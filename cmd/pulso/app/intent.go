package app

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// newIntent names an outgoing message towards WhatsApp: 80 random bits, which
// tell nobody anything.
func newIntent() string {
	var b [10]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	return strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
}
