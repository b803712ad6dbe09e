package words

import "pulso/analytics"

// Input is a line with everything that its meaning depends on.
type Input struct {
	Text       string
	Language   string // of the person: es, en or pt
	MonthFirst bool   // the person writes 03/04 for the 4th of March
	Now        int64  // ms UTC
	Zone       analytics.Zone
	Book       *Book
	// Contacts looks customers up by name or phone; nil when the person may not
	// see them. It is asked at most a few times a line.
	Contacts func(text string) []Contact
	// Previous is the dialogue's reading before this one, nil for none.
	Previous *Reading
	Alert    bool // the line answers an alert
}
