package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/analytics"
	"pulso/bot/flow"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
	"pulso/models/store"
)

// recordOf is a record of its own, with some customers in it; now is the time.
func recordOf(t *testing.T, dsn store.DSN, now time.Time, change func(*config.Config)) *App {
	t.Helper()
	settings := config.Defaults()
	settings.Database.DSN = config.NewSecret(dsn.Full())
	settings.Business.Timezone = "America/Bogota"
	settings.WhatsApp = []config.Number{{PhoneNumberID: "1060", WABAID: "1", AppSecrets: []config.Secret{config.NewSecret("s")}}}
	if change != nil {
		change(&settings)
	}
	a, err := Open(t.Context(), &settings, &flow.Clock{Wall: ticking(now)}, slog.New(slog.NewTextHandler(io.Discard, nil)), ReadWrite)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, a.Close()) })
	return a
}

// ticking is a clock that moves on by a millisecond at each look: two writers
// would name their rows alike at the same instant.
func ticking(from time.Time) func() time.Time {
	var looks atomic.Int64
	return func() time.Time { return from.Add(time.Duration(looks.Add(1)) * time.Millisecond) }
}

// atOnce does not rest.
func atOnce(time.Duration) {}

func (a *App) take(t *testing.T, source string, at time.Time, body string) {
	t.Helper()
	require.NoError(t, a.Store.Receive(t.Context(), []*models.Delivery{{Source: source, ReceivedAt: at.UnixMilli(), Body: []byte(body)}}))
	in := a.intake()
	defer in.Release()
	_, err := in.Drain(t.Context())
	require.NoError(t, err)
}

const (
	luzPhone = "573009998877"
	luzWAMID = "wamid.HBgMNTczMDA5OTk4ODc3FQIAEhg="
)

var privacyNow = time.Date(2026, 3, 18, 17, 0, 0, 0, time.UTC)

func webhook(phone, name, wamid, text string, at time.Time) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"576010000000","phone_number_id":"1060"},`+
		`"contacts":[{"profile":{"name":%q},"wa_id":%q,"user_id":"CO.%s"}],"messages":[{"from":%q,"from_user_id":"CO.%s","id":%q,"timestamp":"%d","type":"text","text":{"body":%q}}]}}]}]}`,
		name, phone, phone[5:], phone, phone[5:], wamid, at.Unix(), text)
}

func status(phone, wamid, what string, at time.Time) string {
	return fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"576010000000","phone_number_id":"1060"},`+
		`"statuses":[{"id":%q,"status":%q,"timestamp":"%d","recipient_id":%q}]}}]}]}`, wamid, what, at.Unix(), phone)
}

// tale records what Luz and others wrote and were answered over some days. Some
// of it happens in the same second.
func tale(t *testing.T, a *App) {
	at := privacyNow.Add(-72 * time.Hour)
	for i := range 6 {
		when := at.Add(time.Duration(i) * 7 * time.Hour)
		for k, who := range []struct{ phone, name string }{{luzPhone, "Luz Marina"}, {"573005550000", "Pedro"}} {
			a.take(t, "cloudapi", when, webhook(who.phone, who.name, fmt.Sprintf("wamid.%d.%s.%d", 9-i, who.phone, k), "quiero pagar, soy "+who.name, when))
			a.take(t, "cloudapi", when, webhook(who.phone, who.name, fmt.Sprintf("wamid.%d.%s.%d", i, who.phone, k), "sigo aquí", when))
			a.take(t, "events", when, fmt.Sprintf(`{"events":[{"id":"o%d%d","type":"message.sent","at":%q,"channel":"whatsapp:1060","contact":{"phone":"+%s"},"agent":{"id":"a-1","name":"Ana"},"message":{"id":"wamid.out.%s.%d","kind":"text","text":"hola %s","sender":"agent"}}]}`,
				i, k, when.Add(time.Duration(i+1)*time.Minute).Format(time.RFC3339), who.phone, who.phone, i, who.name))
			a.take(t, "cloudapi", when, status(who.phone, fmt.Sprintf("wamid.out.%s.%d", who.phone, i), "delivered", when.Add(10*time.Minute)))
			a.take(t, "events", when, fmt.Sprintf(`{"events":[{"id":"k%d%d","type":"comment.added","at":%q,"channel":"whatsapp:1060","contact":{"phone":"+%s"},"agent":{"name":"Ana"},"comment":{"text":"%s pide rebaja"}},`+
				`{"id":"c%d%d","type":"conversation.closed","at":%q,"channel":"whatsapp:1060","contact":{"phone":"+%s"},"agent":{"name":"Ana"},"conversation":{"id":"chat-%s","category":"pagos","summary":"%s pagó"}}]}`,
				i, k, when.Add(time.Hour).Format(time.RFC3339), who.phone, who.name, i, k, when.Add(2*time.Hour).Format(time.RFC3339), who.phone, who.phone, who.name))
		}
	}
	a.take(t, "cloudapi", at, webhook(luzPhone, "Luz Marina", luzWAMID, "última", privacyNow.Add(-10*time.Minute)))
}

// everyFigure is what every metric of the catalogue comes to, whole and by every
// dimension, now and as of earlier.
func everyFigure(t *testing.T, a *App) string {
	t.Helper()
	desk, err := a.Desk(t.Context())
	require.NoError(t, err)
	var b bytes.Buffer
	for _, now := range []time.Time{privacyNow, privacyNow.Add(-40 * time.Hour)} {
		for _, m := range analytics.Catalogue() {
			q := Query{Metrics: []string{m.Key}, From: "2026-03-10", To: "2026-03-19", Now: now}
			if m.Stock {
				q.From, q.To = "", ""
			}
			var by [][]string
			m.Dims.Each(func(d analytics.Dim) { by = append(by, []string{d.String()}) })
			for _, q.By = range append(by, nil) {
				_, answer, err := a.Query(t.Context(), q)
				if err != nil {
					fmt.Fprintln(&b, m.Key, q.By, err)
					continue
				}
				require.NoError(t, json.NewEncoder(&b).Encode(desk.JSON(answer)))
			}
		}
	}
	return b.String()
}

func audited(t *testing.T, a *App) {
	t.Helper()
	require.NoError(t, a.Audit(t.Context(), t.Logf))
}

// traces counts what a database still says of somebody.
func traces(t *testing.T, a *App, words ...string) (found []string) {
	t.Helper()
	db, err := a.Store.SQL()
	require.NoError(t, err)
	for _, table := range []string{"deliveries", "faults", "aliases", "links", "merges", "contacts", "messages", "texts", "facts", "conversations", "settings", "commands", "outgoing", "erased", "ahead", "imports", "cells"} {
		rows, err := db.Query("SELECT * FROM " + table)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			cells, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range cells {
				into[i] = &cells[i]
			}
			require.NoError(t, rows.Scan(into...))
			for i, c := range cells {
				text := fmt.Sprint(c)
				if raw, ok := c.([]byte); ok {
					text = string(raw)
				}
				for _, w := range words {
					if strings.Contains(text, w) {
						found = append(found, table+"."+columns[i]+": "+w)
					}
				}
			}
		}
		require.NoError(t, rows.Err())
		rows.Close()
	}
	return found
}

func eachDatabase(t *testing.T, try func(t *testing.T, dsn store.DSN)) {
	for name, dsn := range databases(t) {
		t.Run(name, func(t *testing.T) { try(t, dsn) })
	}
}

// forgets erases somebody: nothing names them any more, and every figure stays,
// also when all is counted anew.
func (a *App) forgets(t *testing.T, who string, names ...string) {
	t.Helper()
	before := everyFigure(t, a)
	require.NotEmpty(t, traces(t, a, names...))
	_, err := a.Erase(t.Context(), who)
	require.NoError(t, err)
	assert.Empty(t, traces(t, a, names...))
	assert.Equal(t, before, everyFigure(t, a))
	audited(t, a)
	require.NoError(t, a.Rebuild(t.Context(), t.Logf))
	assert.Equal(t, before, everyFigure(t, a))
}

// TestEraseSomebodyMerged: what tells who somebody is, merges and the sightings of
// a message under several identifiers, goes with them, and figures stay.
func TestEraseSomebodyMerged(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn store.DSN) {
		a := recordOf(t, dsn, privacyNow, nil)
		tale(t, a)
		at := privacyNow.Add(-48 * time.Hour)
		event := func(id, kind, contact, more string, after time.Duration) string {
			return fmt.Sprintf(`{"events":[{"id":%q,"type":%q,"at":%q,"channel":"whatsapp:1060","contact":%s%s}]}`, id, kind, at.Add(after).Format(time.RFC3339), contact, more)
		}
		a.take(t, "events", at, event("x1", "message.received", `{"id":"luz-old"}`, `,"message":{"id":"wamid.x1","kind":"text"}`, 0))
		a.take(t, "events", at, event("x2", "message.sent", `{"id":"luz-new"}`, `,"message":{"id":"wamid.x2","kind":"text"}`, time.Hour))
		a.take(t, "cloudapi", at, status(luzPhone, "wamid.x2", "delivered", at.Add(2*time.Hour)))
		a.take(t, "events", at, event("x3", "contact.merged", `{"id":"luz-old"}`, `,"merged_into":{"id":"luz-new"}`, 3*time.Hour))
		a.take(t, "events", at, event("x4", "message.received", `{"id":"luz-old"}`, `,"message":{"id":"wamid.x4","kind":"text"}`, 4*time.Hour))
		audited(t, a)
		a.forgets(t, "luz-new", luzPhone, "Luz", "luz-old", "luz-new")
	})
}

// TestEraseFromMessagesOfOthers: a message that was shown with identifiers of two
// customers who stay two is one's; the other is forgotten in it too.
func TestEraseFromMessagesOfOthers(t *testing.T) {
	for _, who := range []string{luzPhone, "573005550000"} {
		eachDatabase(t, func(t *testing.T, dsn store.DSN) {
			a := recordOf(t, dsn, privacyNow, nil)
			tale(t, a)
			at := privacyNow.Add(-48 * time.Hour)
			a.take(t, "events", at, fmt.Sprintf(`{"events":[{"id":"mix","type":"message.sent","at":%q,"channel":"whatsapp:1060","contact":{"phone":"+573005550000"},"message":{"id":"wamid.mix","kind":"text"}}]}`, at.Format(time.RFC3339)))
			a.take(t, "cloudapi", at, status(luzPhone, "wamid.mix", "delivered", at.Add(time.Hour)))
			conflicts, err := a.Store.Conflicts(t.Context())
			require.NoError(t, err)
			require.Len(t, conflicts, 1)
			audited(t, a)
			a.forgets(t, "+"+who, who, "CO."+who[5:])
		})
	}
}

func TestErase(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn store.DSN) {
		ctx := context.Background()
		a := recordOf(t, dsn, privacyNow, nil)
		tale(t, a)
		audited(t, a)
		said := &models.Outgoing{Key: "reply/x", Part: 1, To: "+573001112233", State: models.Sent, Payload: []byte(`{"part":{"Text":"Luz Marina espera"}}`), CreatedAt: 1}
		other := &models.Outgoing{Key: "reply/y", Part: 1, To: "+573001112233", State: models.Sent, Payload: []byte(`{"part":{"Text":"Pedro espera"}}`), CreatedAt: 1}
		_, err := a.Store.Plan(ctx, []*models.Outgoing{said, other}, nil)
		require.NoError(t, err)
		before := everyFigure(t, a)
		names := []string{luzPhone, "Luz", "HBgMNTczMDA5OTk4ODc3", "CO." + luzPhone[5:]}
		require.NotEmpty(t, traces(t, a, names...))

		var held bytes.Buffer
		require.NoError(t, a.ExportContact(ctx, "+"+luzPhone, &held))
		var export struct{ Contacts, Identifiers, Messages, Events, Conversations []map[string]any }
		require.NoError(t, json.Unmarshal(held.Bytes(), &export))
		assert.Len(t, export.Contacts, 1)
		assert.Len(t, export.Identifiers, 2)
		assert.Len(t, export.Messages, 17)
		assert.Len(t, export.Events, 12)
		assert.NotEmpty(t, export.Conversations)
		assert.Contains(t, held.String(), "quiero pagar, soy Luz Marina")
		assert.NotContains(t, held.String(), "Pedro")

		done, err := a.Erase(ctx, luzWAMID)
		require.NoError(t, err)
		assert.Equal(t, 17, done.Messages)
		assert.Equal(t, 1, done.Answers)
		assert.Empty(t, traces(t, a, names...))
		assert.NotEmpty(t, traces(t, a, "Pedro"), "nobody else is forgotten")
		if dsn.Dialect == "sqlite" {
			for _, path := range []string{dsn.Path, dsn.Path + "-wal"} {
				raw, err := os.ReadFile(path)
				require.NoError(t, err)
				for _, w := range names {
					assert.False(t, bytes.Contains(raw, []byte(w)), "%s in %s", w, path)
				}
			}
		}
		assert.Equal(t, before, everyFigure(t, a))
		audited(t, a)
		_, err = a.Erase(ctx, "+"+luzPhone)
		assert.ErrorIs(t, err, ErrNoContact)

		// What Meta delivers once more changes nothing, and a late status of an
		// erased message is counted without bringing anybody back.
		a.take(t, "cloudapi", privacyNow, webhook(luzPhone, "Luz Marina", luzWAMID, "última", privacyNow.Add(-10*time.Minute)))
		a.take(t, "events", privacyNow, `{"events":[{"id":"c00","type":"conversation.closed","at":"2026-03-15T19:00:00Z","channel":"whatsapp:1060","contact":{"phone":"+`+luzPhone+`"},"conversation":{"summary":"Luz pagó"}}]}`)
		assert.Equal(t, before, everyFigure(t, a))
		a.take(t, "cloudapi", privacyNow, status(luzPhone, "wamid.out."+luzPhone+".5", "read", privacyNow.Add(-time.Hour)))
		audited(t, a)
		late := everyFigure(t, a)
		assert.NotEqual(t, before, late, "it was read")
		require.NoError(t, a.prune(ctx, atOnce))
		assert.Empty(t, traces(t, a, names...))
		require.NoError(t, a.Rebuild(ctx, t.Logf))
		assert.Equal(t, late, everyFigure(t, a))
		assert.Empty(t, traces(t, a, names...))
		audited(t, a)

		// Who writes again is a new customer.
		a.take(t, "cloudapi", privacyNow, webhook(luzPhone, "Luz Marina", "wamid.new", "hola otra vez", privacyNow.Add(-time.Minute)))
		ids, err := a.Store.Bearers(ctx, "+"+luzPhone)
		require.NoError(t, err)
		assert.Len(t, ids, 1)
		audited(t, a)
	})
}

func TestEraseOfTheShop(t *testing.T) {
	shop := shopAt(t, 4, privacyNow)
	ctx := t.Context()
	before := everyFigure(t, shop)
	for range 3 {
		var keys []string
		require.NoError(t, shop.Store.ListContacts(ctx, store.List{}, func(c *models.Contact) error {
			if !strings.HasPrefix(c.Key, store.ErasedName) {
				keys = append(keys, c.Key)
			}
			return nil
		}))
		require.NotEmpty(t, keys)
		_, err := shop.Erase(ctx, keys[len(keys)/2])
		require.NoError(t, err)
	}
	assert.Equal(t, before, everyFigure(t, shop))
	audited(t, shop)
	require.NoError(t, shop.Rebuild(ctx, t.Logf))
	assert.Equal(t, before, everyFigure(t, shop))
	audited(t, shop)
}

func TestRetention(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn store.DSN) {
		ctx := context.Background()
		now := privacyNow
		a := recordOf(t, dsn, now, func(c *config.Config) {
			c.Business.Retention = config.Retention{Raw: config.Duration((48 * time.Hour).Milliseconds()), Text: config.Duration((48 * time.Hour).Milliseconds())}
		})
		tale(t, a)
		require.NoError(t, a.Store.Receive(ctx, []*models.Delivery{{Source: "events", ReceivedAt: now.Add(-96 * time.Hour).UnixMilli(), Body: []byte(`{"id":"w","type":"message.received","at":"2026-03-14T10:00:00Z","contact":{"phone":"+573004440000"},"channel":"whatsapp:1060","message":{"id":"wamid.w","kind":"text","text":"sin contar"}}`)}}))
		old := now.Add(-49 * time.Hour).UnixMilli()
		var talk []*models.Outgoing
		for i, state := range []models.State{models.Sent, models.Planned, models.Dead} {
			talk = append(talk, &models.Outgoing{Key: "reply/" + string(state), Part: 1, To: "+573001112233", State: state, Payload: []byte(`{"part":"dicho"}`), CreatedAt: old, Intent: fmt.Sprint(i)})
		}
		_, err := a.Store.Plan(ctx, talk, nil)
		require.NoError(t, err)
		before := everyFigure(t, a)
		count := func(table string) (n int) {
			db, err := a.Store.SQL()
			require.NoError(t, err)
			require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM "+table).Scan(&n))
			return n
		}
		bodies, texts := count("deliveries"), count("texts")
		require.NoError(t, a.prune(ctx, atOnce))
		assert.Less(t, count("deliveries"), bodies)
		assert.Equal(t, []string{"outgoing.payload: dicho"}, traces(t, a, "dicho"), "what is to be sent stays")
		assert.NotEmpty(t, traces(t, a, "sin contar"), "what is not counted yet stays")
		assert.Less(t, count("texts"), texts)
		assert.NotZero(t, count("texts"))
		assert.Equal(t, before, everyFigure(t, a))
		audited(t, a)
		require.NoError(t, a.Rebuild(ctx, t.Logf))
		assert.Equal(t, before, everyFigure(t, a))
		audited(t, a)
	})
}

// A writer knows the contacts that it folded lately. Words that retention took
// away meanwhile do not come back with their next message.
func TestRetentionBesideTheFold(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn store.DSN) {
		a := recordOf(t, dsn, privacyNow, func(c *config.Config) {
			c.Business.Retention.Text = config.Duration((2 * time.Hour).Milliseconds())
		})
		in := a.intake()
		defer in.Release()
		fold := func(source, body string) error {
			require.NoError(t, a.Store.Receive(t.Context(), []*models.Delivery{{Source: source, ReceivedAt: privacyNow.UnixMilli(), Body: []byte(body)}}))
			_, err := in.Drain(t.Context())
			return err
		}
		opened := privacyNow.Add(-5 * time.Hour)
		require.NoError(t, fold("cloudapi", webhook(luzPhone, "Luz", "wamid.first", "hola", opened)))
		require.NoError(t, fold("events", fmt.Sprintf(`{"id":"closed","type":"conversation.closed","at":%q,"channel":"whatsapp:1060","contact":{"phone":"+%s"},"agent":{"name":"Ana"},"conversation":{"id":"chat","category":"pagos","summary":"pide rebaja"}}`,
			opened.Add(time.Hour).Format(time.RFC3339), luzPhone)))
		require.NotEmpty(t, a.summaries(t))
		require.NoError(t, a.prune(t.Context(), atOnce))
		require.Empty(t, a.summaries(t))
		reply := webhook(luzPhone, "Luz", "wamid.second", "sigo", opened.Add(30*time.Minute)) // late: her conversation changes
		if err := fold("cloudapi", reply); err != nil {
			require.ErrorIs(t, err, models.ErrTaken, "it begins anew")
			_, err = in.Drain(t.Context())
			require.NoError(t, err)
		}
		assert.Empty(t, a.summaries(t))
		audited(t, a)
	})
}

// summaries returns what conversations say in words.
func (a *App) summaries(t *testing.T) (list []string) {
	t.Helper()
	db, err := a.Store.SQL()
	require.NoError(t, err)
	rows, err := db.Query("SELECT summary FROM conversations WHERE LENGTH(summary) > 0")
	require.NoError(t, err)
	defer rows.Close()
	for rows.Next() {
		var s string
		require.NoError(t, rows.Scan(&s))
		list = append(list, s)
	}
	require.NoError(t, rows.Err())
	return list
}

func TestNoTextIsStored(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn store.DSN) {
		ctx := context.Background()
		kept := recordOf(t, dsn, privacyNow, nil)
		tale(t, kept)
		before := everyFigure(t, kept)
		words := []string{"quiero pagar", "sigo aqu", "pide rebaja", "Marina pag", "hola Luz"}
		require.NotEmpty(t, traces(t, kept, words...))
		a := recordOf(t, dsn, privacyNow, func(c *config.Config) { c.Business.StoreText = false })
		bodies := func() (n int) {
			db, err := a.Store.SQL()
			require.NoError(t, err)
			require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM deliveries").Scan(&n))
			return n
		}
		n := bodies()
		require.NoError(t, a.prune(ctx, atOnce))
		assert.Empty(t, traces(t, a, words...))
		assert.Equal(t, n, bodies(), "bodies stay, without words")
		assert.Equal(t, before, everyFigure(t, a))
		audited(t, a)
		a.take(t, "cloudapi", privacyNow, webhook("573005551111", "Rosa", "wamid.rosa", "quiero pagar ya", privacyNow.Add(-time.Minute)))
		assert.Equal(t, []string{"deliveries.body: quiero pagar"}, traces(t, a, words...), "until it is swept")
		refuse := map[string]string{"sqlite": "BEGIN SELECT RAISE(ABORT, 'no'); END", "mysql": "FOR EACH ROW SIGNAL SQLSTATE '45000'"}[dsn.Dialect]
		db, err := a.Store.SQL()
		require.NoError(t, err)
		_, err = db.Exec("CREATE TRIGGER refuse BEFORE UPDATE ON deliveries " + refuse)
		require.NoError(t, err)
		require.Error(t, a.sweep(ctx, atOnce))
		_, err = db.Exec("DROP TRIGGER refuse")
		require.NoError(t, err)
		require.NoError(t, a.sweep(ctx, atOnce))
		assert.Empty(t, traces(t, a, words...))
		require.NoError(t, a.Rebuild(ctx, t.Logf))
		assert.Empty(t, traces(t, a, words...))
		audited(t, a)
	})
}

func TestNoTextOfAnImportIsStored(t *testing.T) {
	eachDatabase(t, func(t *testing.T, dsn store.DSN) {
		a := recordOf(t, dsn, privacyNow, func(c *config.Config) { c.Business.StoreText = false })
		path := filepath.Join(t.TempDir(), "body.json")
		require.NoError(t, os.WriteFile(path, []byte(webhook("573005551111", "Rosa", "wamid.rosa", "quiero pagar ya", privacyNow.Add(-time.Hour))), 0o600))
		for range 2 {
			_, err := a.Import(t.Context(), "whatsapp", []string{path}, nil)
			require.NoError(t, err)
			assert.Empty(t, traces(t, a, "quiero pagar"), "no service has to run for it")
		}
		audited(t, a)
	})
}

func TestWithoutText(t *testing.T) {
	for _, c := range [][2]string{
		{`{"text" : {"body": "hola \" 😀" , "n": 1.50} }`, `{"text" : {"body": "" , "n": 1.50} }`},
		{`{"text":["a","b"],"id":"a"}`, `{"text":["",""],"id":"a"}`},
		{`{"errors":[{"title":"Failed"}],"title":"x"}`, `{"errors":[{"title":"Failed"}],"title":""}`},
		{`[{"a":{"text":"x"},"k":"text"},"text"]`, `[{"a":{"text":""},"k":"text"},"text"]`},
		{`{"text":{"k":{}},"id":"stays"}`, `{"text":{"k":{}},"id":"stays"}`},
	} {
		got, err := withoutText([]byte(c[0]))
		require.NoError(t, err)
		assert.Equal(t, c[1], string(got))
	}
	_, err := withoutText([]byte(`{"text":`))
	assert.Error(t, err)
}

func TestLookedThroughOnce(t *testing.T) {
	var l looked
	l.begin(0, 10)
	for _, id := range []int64{11, 14, 12} { // 12 came last
		assert.False(t, l.already(id, true))
	}
	assert.False(t, l.already(9, false), "behind the mark soon")
	l.begin(0, 11)
	assert.Equal(t, []int64{12, 14}, l.ids)
	assert.True(t, l.already(12, true))
	assert.True(t, l.already(14, false))
	assert.False(t, l.already(13, true))
	assert.True(t, l.already(13, true))
	l.begin(1, 11)
	assert.False(t, l.already(12, true), "somebody else was forgotten since")
}

// TestSweepLetsABusyServiceBe runs in a bubble of its own time.
func TestSweepLetsABusyServiceBe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Service{App: &App{Clock: &flow.Clock{Wall: time.Now}}}
		took := func(rest func(time.Duration)) time.Duration {
			began := time.Now()
			rest(10 * time.Millisecond)
			return time.Since(began)
		}
		calm := time.Now().Add(5 * time.Second)
		busy := func() time.Duration { return sweepPatience }
		rest := s.aside(t.Context(), func() time.Duration {
			if time.Now().Before(calm) {
				return sweepPatience
			}
			return 0
		})
		assert.InDelta(t, 5, took(rest).Seconds(), 1.1, "until it is calm")
		assert.Equal(t, 30*time.Millisecond, took(rest), "three times the piece")

		rest = s.aside(t.Context(), busy)
		assert.InDelta(t, 60, took(rest).Seconds(), 1.1, "words must not stay for ever")
		assert.Equal(t, 30*time.Millisecond, took(rest))
	})
}
