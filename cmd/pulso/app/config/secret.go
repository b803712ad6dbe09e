package config

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const redacted = "[redacted]"

// Secret is a text that never shows: fmt, encoding/json, YAML and slog print
// [redacted], or nothing when it is empty. Only Reveal gives it.
type Secret struct{ text *string } // a pointer, so that even an unexported field does not print it

// NewSecret wraps s.
func NewSecret(s string) Secret {
	if s == "" {
		return Secret{}
	}
	return Secret{&s}
}

// Reveal returns the secret itself, "" when it is not set.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Set reports whether there is a secret.
func (s Secret) Set() bool { return s.text != nil }

// String returns what may be shown.
func (s Secret) String() string {
	if s.text == nil {
		return ""
	}
	return redacted
}

// Format prints what may be shown, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) {
	_, _ = io.WriteString(f, s.String()) // fmt.State keeps no error
}

// MarshalText returns what may be shown.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns what may be shown.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalText takes the secret without the space around it.
func (s *Secret) UnmarshalText(b []byte) error {
	*s = NewSecret(strings.TrimSpace(string(b)))
	return nil
}

func (*Secret) want() string { return "a secret in quotes" }
