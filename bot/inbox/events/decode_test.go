package events

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/models"
)

const (
	received = 1795446000000 // 2026-11-23T15:00:00Z
	at       = 1795440000120 // 2026-11-23T13:20:00.120Z
)

// event returns an event's JSON: what every event has, and more parts.
func event(kind, parts string) string {
	if parts != "" {
		parts = "," + parts
	}
	return `{"id":"e-1","type":"` + kind + `","at":"2026-11-23T08:20:00.120-05:00","channel":"whatsapp:1060"` + parts + `}`
}

const (
	luz   = `"contact":{"id":"c-9","phone":"+57 300 111 2233","user_id":"CO.1349","name":"Luz","source":"import"}`
	wamid = `"message":{"id":"wamid.A"}`
)

func decodeOne(t *testing.T, body string) models.Event {
	t.Helper()
	d, rejected, err := Decode([]byte(body), received)
	require.NoError(t, err)
	require.Empty(t, rejected)
	require.Len(t, d.Events, 1)
	return d.Events[0]
}

func party() []models.Alias {
	return []models.Alias{{Kind: models.ByID, Value: "events:c-9"}, {Kind: models.ByUser, Value: "CO.1349"}, {Kind: models.ByPhone, Value: "573001112233"}}
}

func TestReceived(t *testing.T) {
	e := decodeOne(t, event("message.received", luz+`,"message":{"id":"wamid.A","kind":"text","text":"Hola","in_reply_to":"wamid.Q"},"conversation":{"id":"4711"}`))
	assert.Equal(t, models.Event{
		Source: "events", Key: "e-1", Kind: models.MessageReceived, At: at, Channel: "whatsapp:1060",
		Party: party(), Name: "Luz", Text: "Hola", Label: "4711", Details: []byte(`{"reply_to":"wamid.Q"}`),
		Message: &models.Message{Channel: "whatsapp:1060", ID: "wamid.A", Dir: models.In, Party: party()[0], SaidAt: at, Kind: "text", Content: models.RankInbox},
	}, e)
}

func TestSent(t *testing.T) {
	e := decodeOne(t, event("message.sent", luz+`,"agent":{"id":"a-17","name":"Ana","team":"ventas"},"message":{"id":"wamid.A","kind":"text","text":"Sí","sender":"agent"},"pricing":{"type":"regular","category":"SERVICE","billable":true}`))
	assert.Equal(t, &models.AgentSighting{ID: "a-17", Name: "Ana", Team: "ventas"}, e.Agent)
	assert.Equal(t, &models.Message{Channel: "whatsapp:1060", ID: "wamid.A", Dir: models.Out, Party: party()[0], SaidAt: at,
		Kind: "text", Content: models.RankInbox, Sender: models.ClassAgent, Agent: "#a-17", Author: models.RankInbox,
		PriceCategory: "service", PriceType: "regular", Billable: true, Price: models.RankSent, PriceAt: at}, e.Message)
}

func TestWhoWroteIt(t *testing.T) {
	for _, c := range []struct {
		name, parts string
		class       models.Class
		agent       string
		echo        bool
		rank        models.Rank
	}{
		{"nobody said", wamid, models.ClassAutomation, "", false, models.RankNone},
		{"a named agent", wamid + `,"agent":{"name":"Ana"}`, models.ClassAgent, "~Ana", false, models.RankInbox},
		{"the app", `"message":{"id":"wamid.A","sender":"phone"}`, models.ClassPhone, "", true, models.RankInbox},
		{"a bot by name", `"message":{"id":"wamid.A","sender":"bot"},"agent":{"name":"Asistente"}`, models.ClassBot, "~Asistente", false, models.RankInbox},
		{"a template", `"message":{"id":"wamid.A","template":"rebajas"}`, models.ClassCampaign, "", false, models.RankNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := decodeOne(t, event("message.sent", luz+","+c.parts)).Message
			assert.Equal(t, c.class, m.Class())
			assert.Equal(t, c.agent, m.Agent)
			assert.Equal(t, c.echo, m.Echo)
			assert.Equal(t, c.rank, m.Author)
		})
	}
}

func TestStatusEvents(t *testing.T) {
	base := models.Message{Channel: "whatsapp:1060", ID: "wamid.A", Dir: models.Out}
	delivered, read, failed := base, base, base
	delivered.DeliveredAt, delivered.PriceCategory, delivered.Price, delivered.PriceAt = at, "utility", models.RankMeta, at
	read.ReadAt, read.PriceCategory, read.Price, read.PriceAt = at, "utility", models.RankRead, at
	failed.FailedAt, failed.Error, failed.ErrorTitle = at, "131047", "Re-engagement message"
	for kind, c := range map[models.Kind]struct {
		parts string
		want  models.Message
	}{
		models.MessageDelivered: {`"pricing":{"category":"utility"}`, delivered},
		models.MessageRead:      {`"pricing":{"category":"utility"}`, read},
		models.MessageFailed:    {`"error":{"code":131047,"title":"Re-engagement message"}`, failed},
		models.MessageDeleted:   {`"pricing":{"category":"utility"}`, models.Message{Channel: "whatsapp:1060", ID: "wamid.A", DeletedAt: at}},
	} {
		e := decodeOne(t, event(string(kind), wamid+","+c.parts))
		assert.Equal(t, kind, e.Kind)
		assert.Equal(t, &c.want, e.Message)
		assert.Empty(t, e.Party, "what becomes of a message needs no contact")
	}
}

func TestEveryTypeIsRead(t *testing.T) {
	for _, kind := range kinds() {
		e := decodeOne(t, event(string(kind), luz+","+wamid))
		assert.Equal(t, kind, e.Kind)
		assert.Equal(t, kind.OfMessage(), e.Message != nil)
		assert.True(t, kind.Counts())
	}
}

func TestKeptKinds(t *testing.T) {
	for kind, want := range map[string]models.Kind{"reaction": models.MessageReaction, "edit": models.MessageEdited,
		"revoke": models.MessageDeleted, "system": models.Noted, "request_welcome": models.Noted} {
		e := decodeOne(t, event("message.received", luz+`,"message":{"id":"wamid.A","kind":"`+kind+`","in_reply_to":"wamid.Q"}`))
		assert.Equal(t, want, e.Kind, kind)
		assert.Equal(t, want.OfMessage(), e.Message != nil)
		if e.Message != nil {
			assert.Equal(t, "wamid.Q", e.Message.ID)
		}
	}
}

func TestOneBadEventNeverSpoilsItsBatch(t *testing.T) {
	body := `{"events":[` + event("call.received", luz) + `,` + event("call.received", "") + `,7,` + event("call.received", luz+`,"x":{"y":1}`) + `,` + event("contact.deleted", luz) + `]}`
	d, rejected, err := Decode([]byte(body), received)
	require.NoError(t, err)
	assert.Len(t, d.Events, 2)
	assert.Equal(t, []Rejection{
		{1, "contact: missing; give at least one of contact.id, contact.phone, contact.user_id"},
		{2, "event: must be an object in { }"},
		{3, "x: unknown field; leave it out"},
	}, rejected)
	require.Len(t, d.Faults, len(rejected))
	for i, f := range d.Faults {
		assert.Equal(t, fmt.Sprintf("events[%d]", rejected[i].Index), f.Element)
		assert.Equal(t, rejected[i].Error, f.Reason)
	}
	assert.Equal(t, event("call.received", ""), string(d.Faults[0].Body))
}

func TestWholeBodyRefused(t *testing.T) {
	many := strings.Repeat(`{},`, MaxEvents)
	for body, want := range map[string]error{
		``: ErrNotJSON, `{`: ErrNotJSON, `{}{}`: ErrNotJSON,
		`[]`: ErrEnvelope, `"x"`: ErrEnvelope, `null`: ErrEnvelope, `{"events":{}}`: ErrEnvelope, `{"events":[],"id":"x"}`: ErrEnvelope,
		`{"events":[` + many + `{}]}`: ErrTooMany,
	} {
		d, rejected, err := Decode([]byte(body), received)
		assert.ErrorIs(t, err, want)
		assert.Empty(t, d)
		assert.Empty(t, rejected)
	}
	_, rejected, err := Decode([]byte(`{"events":[`+many[:len(many)-1]+`]}`), received)
	require.NoError(t, err)
	assert.Len(t, rejected, MaxEvents)
}

func TestDecodeLine(t *testing.T) {
	d, err := DecodeLine([]byte(event("call.received", luz)), received)
	require.NoError(t, err)
	assert.Len(t, d.Events, 1)
	d, err = DecodeLine([]byte(event("call.received", "")), received)
	require.NoError(t, err)
	require.Len(t, d.Faults, 1)
	assert.Equal(t, event("call.received", ""), string(d.Faults[0].Body))
	_, err = DecodeLine([]byte(`{"id":`), received)
	assert.ErrorIs(t, err, ErrNotJSON)
	_, err = DecodeLine([]byte(`[]`), received)
	assert.ErrorIs(t, err, ErrEnvelope)
}

// What is refused tells where and how to mend it, and repeats nothing of what a
// customer wrote, nor their number.
func TestRefusalsRepeatNothing(t *testing.T) {
	for _, parts := range []string{
		`"contact":{"phone":"tel 573001112233 secreto"}`, `"contact":{"user_id":"573001112233 secreto"}`, `"contact":"573001112233 secreto"`,
		luz + `,"message":{"id":"wamid.A","text":["573001112233 secreto"]}`, luz + `,"message":{"id":"wamid.A","sender":"573001112233 secreto"}`,
		luz + `,"message":{"id":"wamid.A","kind":"573001112233 secreto"}`, luz + `,"conversation":{"closed_by":"573001112233 secreto"}`,
	} {
		_, rejected, err := Decode([]byte(event("message.sent", parts)), received)
		require.NoError(t, err)
		require.Len(t, rejected, 1, parts)
		assert.NotContains(t, rejected[0].Error, "573001112233 secreto")
		assert.Regexp(t, `^[a-z_.]+: .+`, rejected[0].Error)
	}
}

func TestAuthorized(t *testing.T) {
	assert.True(t, Authorized("Bearer abc", []string{"x", "abc"}))
	assert.True(t, Authorized("bearer abc", []string{"abc"}))
	for _, header := range []string{"", "abc", "Bearer", "Bearer ", "Bearer  abc", "Bearer abcd", "Bearer ab", "Basic abc", "Bearer abc "} {
		assert.False(t, Authorized(header, []string{"abc", ""}), header)
	}
	assert.False(t, Authorized("Bearer abc", nil))
}

func BenchmarkDecode(b *testing.B) {
	body := []byte(event("message.sent", luz+`,"agent":{"id":"a-17","name":"Ana","team":"ventas"},"message":{"id":"wamid.HBgMNTczMDAxMTEyMjMz","kind":"text","text":"Buenos días, ¿en qué le ayudo?","sender":"agent"}`))
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if d, rejected, err := Decode(body, received); err != nil || len(rejected) > 0 || len(d.Events) != 1 {
			b.Fatal(rejected, err)
		}
	}
}

// FuzzDecode holds whatever Decode makes of any body to what its readers rely on.
func FuzzDecode(f *testing.F) {
	f.Fuzz(func(t *testing.T, body []byte) {
		d, rejected, err := Decode(body, received)
		again, _, _ := Decode(body, received)
		require.True(t, reflect.DeepEqual(d, again), "not a function of its arguments")
		require.Len(t, d.Faults, len(rejected))
		if err != nil {
			require.Empty(t, d)
			require.False(t, json.Valid(body) && err == ErrNotJSON && depth(body) < 300)
			return
		}
		for _, e := range d.Events {
			checkEvent(t, e)
		}
		for i, x := range d.Faults {
			require.Equal(t, rejected[i].Error, x.Reason)
			checkShort(t, x.Reason)
		}
	})
}

func depth(body []byte) int {
	return strings.Count(string(body), "[") + strings.Count(string(body), "{")
}

func checkEvent(t *testing.T, e models.Event) {
	t.Helper()
	require.Equal(t, Source, e.Source)
	require.True(t, e.Key != "" && len(e.Key) <= longKey)
	require.NotEmpty(t, e.Kind)
	require.True(t, e.At >= earliest && e.At < latest)
	require.NotEmpty(t, e.Channel)
	require.Equal(t, e.Kind.OfMessage(), e.Message != nil)
	require.True(t, utf8.ValidString(e.Text) && len(e.Text) <= longText && !strings.ContainsRune(e.Text, 0))
	require.True(t, len(e.Details) == 0 || json.Valid(e.Details))
	shorts := append([]string{e.Key, e.Channel, e.Name, e.Label, e.Category, e.By, e.Origin, e.Notice}, e.Mentions...)
	for _, a := range append(e.Party, e.MergedInto...) {
		require.NotEmpty(t, a.Value)
		shorts = append(shorts, a.Value)
	}
	if m := e.Message; m != nil {
		require.Equal(t, e.Channel, m.Channel)
		require.NotEmpty(t, m.ID)
		shorts = append(shorts, m.ID, m.Kind, m.Template, m.Agent, m.Error, m.ErrorTitle, m.PriceCategory, m.PriceType)
	}
	for _, s := range shorts {
		checkShort(t, s)
	}
}

func checkShort(t *testing.T, s string) {
	t.Helper()
	require.True(t, utf8.ValidString(s), "%q", s)
	require.False(t, strings.ContainsFunc(s, unicode.IsControl), "%q", s)
}
