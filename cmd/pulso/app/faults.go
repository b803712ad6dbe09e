package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"pulso/models/store"
)

type faultJSON struct {
	Delivery string `json:"delivery"`
	At       string `json:"at"`
	Element  string `json:"element"`
	Error    string `json:"error"`
}

type flaggedJSON struct {
	Kind   string `json:"kind"`
	Flag   string `json:"flag"`
	N      int64  `json:"n"`
	LastAt string `json:"last_at"`
}

type unknownJSON struct {
	Kind   string `json:"kind"`
	Word   string `json:"word"`
	N      int64  `json:"n"`
	LastAt string `json:"last_at"`
}

// findings are what `pulso faults` tells.
type findings struct {
	Faults    []faultJSON   `json:"faults"`
	Flagged   []flaggedJSON `json:"flagged"`
	Unknown   []unknownJSON `json:"unknown"`
	Conflicts int           `json:"identity_conflicts"`
}

// Faults writes what could not be understood, newest first; what was kept but is
// odd; and how many identities were shown together but not joined.
func (a *App) Faults(ctx context.Context, w io.Writer, asJSON bool) error {
	f, err := a.findings(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(f)
	}
	for _, x := range f.Faults {
		fmt.Fprintf(w, "%s  delivery %s  %s: %s\n", x.At, x.Delivery, x.Element, x.Error)
	}
	for _, x := range f.Flagged {
		fmt.Fprintf(w, "%s  kept, flagged %s: %d %s\n", x.LastAt, x.Flag, x.N, x.Kind)
	}
	for _, x := range f.Unknown {
		fmt.Fprintf(w, "%s  not known here: %s %s, in %s\n", x.LastAt, x.Kind, x.Word, Plural(x.N, "delivery", "deliveries"))
	}
	if f.Conflicts > 0 {
		fmt.Fprintf(w, "%s shown together with those of another contact; nobody's was taken away\n", Plural(f.Conflicts, "identifier was", "identifiers were"))
	}
	return nil
}

// Plural counts in English.
func Plural[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (a *App) findings(ctx context.Context) (*findings, error) {
	f := &findings{Faults: []faultJSON{}, Flagged: []flaggedJSON{}, Unknown: []unknownJSON{}}
	when := func(at int64) string { return a.rules.Zone.Time(at).Format(time.RFC3339) }
	err := a.Store.Faults(ctx, 0, func(x *store.StoredFault) error {
		f.Faults = append(f.Faults, faultJSON{fmt.Sprint(x.Delivery), when(x.At), x.Element, x.Reason})
		return nil
	})
	if err != nil {
		return nil, err
	}
	odd, err := a.Store.Oddities(ctx)
	if err != nil {
		return nil, err
	}
	for _, o := range odd.Flagged {
		f.Flagged = append(f.Flagged, flaggedJSON{o.Kind, o.What, o.N, when(o.Last)})
	}
	for _, o := range odd.Words {
		f.Unknown = append(f.Unknown, unknownJSON{o.Kind, o.What, o.N, when(o.Last)})
	}
	links, err := a.Store.Conflicts(ctx)
	f.Conflicts = len(links)
	return f, err
}
