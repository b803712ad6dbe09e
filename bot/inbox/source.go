package inbox

import (
	"fmt"

	"pulso/bot/inbox/cloudapi"
	"pulso/bot/inbox/events"
	"pulso/models"
)

// Source is one inbox that Pulso understands.
type Source struct {
	Name   string // as deliveries and events record it
	Import string // what `pulso import --source` calls it
	Path   string // where its deliveries are posted
	Header string // the request header that proves the sender

	// Verify reports whether the header proves that body comes from who knows one
	// of the secrets. Without secrets nothing is proved.
	Verify func(body []byte, header string, secrets []string) bool

	// Decode reads a body received at receivedAt (ms UTC). It is a function of its
	// arguments; what cannot be read is among the faults.
	Decode func(body []byte, receivedAt int64) models.Decoded
}

// Sources returns every source, in the order in which they are documented.
func Sources() []Source {
	return []Source{
		{Name: cloudapi.Source, Import: "whatsapp", Path: "/webhooks/whatsapp", Header: "X-Hub-Signature-256",
			Verify: cloudapi.Verify, Decode: cloudapi.Decoder()},
		{Name: events.Source, Import: "events", Path: "/v1/events", Header: "Authorization",
			Verify: bearer, Decode: canonical},
	}
}

// Decode reads a body of the source with this name, or with this name for import.
func Decode(source string, body []byte, receivedAt int64) (models.Decoded, error) {
	return Decoder()(source, body, receivedAt)
}

// Decoder returns a Decode for many bodies. It is safe for concurrent use.
func Decoder() func(source string, body []byte, receivedAt int64) (models.Decoded, error) {
	sources := Sources()
	return func(source string, body []byte, receivedAt int64) (models.Decoded, error) {
		for _, s := range sources {
			if s.Name == source || s.Import == source {
				return s.Decode(body, receivedAt), nil
			}
		}
		return models.Decoded{}, fmt.Errorf("decode: no source is called %q", source)
	}
}

// Named returns the name under which deliveries of a source are recorded, given
// that name or the one for import.
func Named(source string) (string, bool) {
	for _, s := range Sources() {
		if s.Name == source || s.Import == source {
			return s.Name, true
		}
	}
	return "", false
}

// Names lists what import calls the sources.
func Names() []string {
	var names []string
	for _, s := range Sources() {
		names = append(names, s.Import)
	}
	return names
}

func bearer(_ []byte, header string, tokens []string) bool { return events.Authorized(header, tokens) }

// canonical reads canonical events. A body that is refused whole is one fault,
// as those of every other source are.
func canonical(body []byte, receivedAt int64) models.Decoded {
	d, _, err := events.Decode(body, receivedAt)
	if err != nil {
		d.Faults = []models.Fault{{Reason: err.Error(), Body: append([]byte(nil), body[:min(len(body), 64<<10)]...)}}
	}
	return d
}
