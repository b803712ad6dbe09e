package models

import (
	"regexp"
	"strings"
)

// AliasKind ranks the identifiers a customer is known by, strongest first.
type AliasKind uint8

// A source's own contact id is one person for good; a business-scoped user id
// is one WhatsApp account; a phone number can be handed on to a stranger.
const (
	ByID       AliasKind = 1 // a source's contact id; Value is "namespace:id"
	ByUser     AliasKind = 2 // BSUID, "CO.123…" (Cloud API, business-scoped user ids)
	ByParent   AliasKind = 3 // parent BSUID
	ByPhone    AliasKind = 4 // wa_id or E.164, digits only
	ByGroup    AliasKind = 5 // a WhatsApp group, for messages in it
	ByUsername AliasKind = 6 // display data: shown, never used to recognise anybody
)

// Alias is one identifier of a customer. Values are compared byte for byte:
// user ids are case-sensitive.
type Alias struct {
	Kind  AliasKind
	Value string
}

// Stronger reports whether a names its owner more surely than b; among equals
// the smaller value wins, so that the choice never depends on order.
func (a Alias) Stronger(b Alias) bool {
	if b.Kind == 0 {
		return a.Kind != 0
	}
	if a.Kind != b.Kind {
		return a.Kind != 0 && a.Kind < b.Kind
	}
	return a.Value < b.Value
}

// Strongest returns the alias of party that names its owner most surely, and
// false when none of them can recognise anybody.
func Strongest(party []Alias) (Alias, bool) {
	var best Alias
	for _, a := range party {
		if a.Kind != ByUsername && a.Value != "" && a.Stronger(best) {
			best = a
		}
	}
	return best, best.Kind != 0
}

var bsuid = regexp.MustCompile(`^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$`)

// WhatsAppID reads a value that Meta or a gateway puts where a wa_id belongs:
// a phone number's digits, or a business-scoped user id. The pattern is tested
// first, because stripping letters from a user id would invent a phone number.
func WhatsAppID(s string) (Alias, bool) {
	s = strings.TrimSpace(s)
	if bsuid.MatchString(s) {
		return Alias{ByUser, s}, true
	}
	if d, ok := PhoneDigits(s); ok {
		return Alias{ByPhone, d}, true
	}
	return Alias{}, false
}

// PhoneDigits returns the digits of a phone number written with or without +,
// spaces, dots, dashes and brackets; false when anything else stands in it or
// it has fewer than 3 or more than 20 digits. Nothing is normalised: a wa_id
// and the number dialled may differ (Brazil, Mexico, Argentina).
func PhoneDigits(s string) (string, bool) {
	var b strings.Builder
	for i, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r == '+' && i == 0, r == ' ', r == '-', r == '.', r == '(', r == ')', r == '\u00a0':
		default:
			return "", false
		}
	}
	if b.Len() < 3 || b.Len() > 20 {
		return "", false
	}
	return b.String(), true
}
