package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"pulso/models"
	"pulso/models/store"
)

type outgoingJSON struct {
	Key       string         `json:"key"`
	Part      int            `json:"part"`
	To        string         `json:"to"`
	Class     models.Promise `json:"class"`
	State     models.State   `json:"state"`
	Attempts  int            `json:"attempts"`
	Via       string         `json:"via"`
	WAMID     any            `json:"wamid"`
	Opaque    any            `json:"opaque"`
	CreatedAt string         `json:"created_at"`
	SentAt    any            `json:"sent_at"`
	Reason    any            `json:"reason"`
}

// Outbox writes what was and will be sent, of those planned in [from, to); 0 is
// without bound.
func (a *App) Outbox(ctx context.Context, w io.Writer, from, to int64, asJSON bool) error {
	list := []outgoingJSON{}
	err := a.Store.ListOutgoing(ctx, store.List{From: from, To: to}, func(o *models.Outgoing) error {
		j := outgoingJSON{
			Key: o.Key, Part: o.Part, To: o.To, Class: o.Class, State: o.State, Attempts: o.Attempts, Via: o.Via,
			WAMID: orNull(o.WAMID), Opaque: orNull(o.Opaque), CreatedAt: a.rfc(o.CreatedAt), Reason: orNull(o.Reason),
		}
		if o.SentAt != 0 {
			j.SentAt = a.rfc(o.SentAt)
		}
		list = append(list, j)
		return nil
	})
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(w).Encode(map[string]any{"outgoing": list})
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "PLANNED\tSTATE\tVIA\tTRIES\tTO\tKEY\tPART\tREASON")
	for _, j := range list {
		reason := ""
		if s, ok := j.Reason.(string); ok {
			reason = s
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\t%s\t%d\t%s\n", j.CreatedAt, j.State, j.Via, j.Attempts, j.To, j.Key, j.Part, reason)
	}
	return t.Flush()
}

// rfc writes a moment in the business's zone.
func (a *App) rfc(ms int64) string { return a.rules.Zone.Time(ms).Format(time.RFC3339Nano) }
