package cloudapi

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"pulso/models"
)

const at = 1795440000000 // 2026-11-23T13:20:00Z, in ms

// decodeOne decodes one change and returns its only event.
func decodeOne(t *testing.T, field, value string) models.Event {
	t.Helper()
	d := Decode([]byte(one(field, value)), received)
	require.Empty(t, d.Faults)
	require.Len(t, d.Events, 1)
	return d.Events[0]
}

// message decodes an inbound message of Luz with more parts.
func message(t *testing.T, parts string) models.Event {
	t.Helper()
	return decodeOne(t, "messages", luz+`,"messages":[{"from":"573001112233","id":"wamid.A","timestamp":"1795440000",`+parts+`}]`)
}

// status decodes a status with more parts.
func status(t *testing.T, word, parts string) models.Event {
	t.Helper()
	return decodeOne(t, "messages", `"statuses":[{"id":"wamid.B","status":"`+word+`","timestamp":"1795440000","recipient_id":"573001112233"`+parts+`}]`)
}

func phone(digits string) models.Alias { return models.Alias{Kind: models.ByPhone, Value: digits} }

func TestInboundMessage(t *testing.T) {
	e := message(t, `"type":"text","text":{"body":"Hola"},"context":{"id":"wamid.Q","forwarded":true},"referral":{"source_type":"ad"}`)
	assert.Equal(t, models.Event{
		Source: "cloudapi", Key: "m:1060:wamid.A", Kind: models.MessageReceived, At: at, Channel: "whatsapp:1060",
		Party: []models.Alias{phone("573001112233")}, Name: "Luz", Text: "Hola",
		Details: []byte(`{"reply_to":"wamid.Q","forwarded":true}`),
		Message: &models.Message{Channel: "whatsapp:1060", ID: "wamid.A", Dir: models.In, Party: phone("573001112233"),
			ProviderAt: at, Kind: "text", Content: models.RankMeta, Ad: true},
	}, e)
}

// What is a customer message and what is not: metrics.md, base rule 5.
func TestKinds(t *testing.T) {
	for _, c := range []struct {
		kind, parts string
		want        models.Kind
		counted     string
	}{
		{"text", `"text":{"body":"x"}`, models.MessageReceived, "text"},
		{"image", `"image":{}`, models.MessageReceived, "image"},
		{"video", `"video":{}`, models.MessageReceived, "video"},
		{"audio", `"audio":{"voice":true}`, models.MessageReceived, "audio"},
		{"voice", `"voice":{}`, models.MessageReceived, "audio"},
		{"sticker", `"sticker":{}`, models.MessageReceived, "sticker"},
		{"document", `"document":{}`, models.MessageReceived, "document"},
		{"location", `"location":{}`, models.MessageReceived, "location"},
		{"contacts", `"contacts":[]`, models.MessageReceived, "contacts"},
		{"interactive", `"errors":[]`, models.MessageReceived, "interactive"},
		{"button", `"button":{}`, models.MessageReceived, "button"},
		{"order", `"order":{}`, models.MessageReceived, "order"},
		{"unsupported", `"errors":[]`, models.MessageReceived, "unsupported"},
		{"unknown", `"errors":[]`, models.MessageReceived, "unsupported"},
		{"unsupported", `"unsupported":{"type":"edit"}`, models.MessageEdited, ""},
		{"edit", `"edit":{}`, models.MessageEdited, ""},
		{"reaction", `"reaction":{}`, models.MessageReaction, ""},
		{"revoke", `"revoke":{}`, models.MessageRevoked, ""},
		{"system", `"system":{}`, models.Noted, ""},
		{"request_welcome", `"x":1`, models.Noted, ""},
		{"hologram", `"hologram":{}`, models.Noted, ""},
	} {
		t.Run(c.kind+" "+c.parts, func(t *testing.T) {
			e := message(t, `"type":"`+c.kind+`",`+c.parts)
			assert.Equal(t, c.want, e.Kind)
			assert.Equal(t, []models.Alias{phone("573001112233")}, e.Party)
			if c.counted == "" {
				assert.Nil(t, e.Message)
				return
			}
			assert.Equal(t, c.counted, e.Message.Kind)
		})
	}
}

func TestRevokeNamesOnlyTheMessage(t *testing.T) {
	e := message(t, `"type":"revoke","revoke":{"original_message_id":"wamid.OLD"}`)
	assert.Equal(t, models.MessageDeleted, e.Kind)
	assert.Equal(t, &models.Message{Channel: "whatsapp:1060", ID: "wamid.OLD", DeletedAt: at}, e.Message)
}

func TestStatuses(t *testing.T) {
	const marketing = `,"pricing":{"billable":true,"type":"regular","category":"MARKETING"}`
	base := models.Message{Channel: "whatsapp:1060", ID: "wamid.B", Dir: models.Out, Party: phone("573001112233")}
	priced := func(m models.Message, rank models.Rank) models.Message {
		m.PriceCategory, m.PriceType, m.Billable, m.Price, m.PriceAt = "marketing", "regular", true, rank, at
		return m
	}
	sent, delivered, read, failed := base, base, base, base
	sent.ProviderAt, delivered.DeliveredAt, read.ReadAt, failed.FailedAt = at, at, at, at
	for _, c := range []struct {
		word, parts string
		kind        models.Kind
		want        models.Message
	}{
		{"sent", marketing, models.MessageSent, priced(sent, models.RankSent)},
		{"delivered", marketing, models.MessageDelivered, priced(delivered, models.RankMeta)},
		{"read", marketing, models.MessageRead, priced(read, models.RankRead)},
		{"played", "", models.MessageRead, read},
		{"FAILED", "", models.MessageFailed, failed},
		{"deleted", marketing, models.MessageDeleted, models.Message{Channel: "whatsapp:1060", ID: "wamid.B", DeletedAt: at}},
	} {
		t.Run(c.word, func(t *testing.T) {
			e := status(t, c.word, c.parts)
			assert.Equal(t, c.kind, e.Kind)
			assert.Equal(t, c.want, *e.Message)
			assert.Equal(t, "s:1060:wamid.B:"+strings.ToLower(c.word)+":", e.Key)
		})
	}
}

func TestFailureCode(t *testing.T) {
	for _, code := range []string{`131047`, `"131047"`} {
		e := status(t, "failed", `,"errors":[{"code":`+code+`,"title":"Re-engagement message"},{"code":1}]`)
		assert.Equal(t, "131047", e.Message.Error)
		assert.Equal(t, "Re-engagement message", e.Message.ErrorTitle)
	}
}

func TestPriceOfOldAndGroupStatuses(t *testing.T) {
	for _, c := range []struct {
		name, parts, category, kind string
		billable                    bool
		rank                        models.Rank
	}{
		{"nothing", ``, "", "", false, models.RankNone},
		{"origin only", `,"conversation":{"id":"c","origin":{"type":"utility"}}`, "utility", "", false, models.RankMeta},
		{"2023", `,"pricing":{"billable":true,"pricing_model":"CBP","category":"service"}`, "service", "", true, models.RankMeta},
		{"in conversation", `,"conversation":{"pricing":{"type":"regular","category":"group_marketing","billable":true}}`, "group_marketing", "regular", true, models.RankMeta},
		{"free", `,"pricing":{"type":"free_customer_service","category":"service","billable":false}`, "service", "free_customer_service", false, models.RankMeta},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := status(t, "delivered", c.parts).Message
			assert.Equal(t, c.category, m.PriceCategory)
			assert.Equal(t, c.kind, m.PriceType)
			assert.Equal(t, c.billable, m.Billable)
			assert.Equal(t, c.rank, m.Price)
		})
	}
}

func TestGroupStatusesOfEachParticipant(t *testing.T) {
	var keys []string
	for _, who := range []string{`"recipient_participant_id":"573001112233"`, `"recipient_participant_user_id":"CO.7"`, `"participant_recipient_id":"573004445566"`} {
		e := decodeOne(t, "messages", `"statuses":[{"id":"wamid.G","status":"read","timestamp":1795440000,"recipient_id":"Y2FwaV9ncm91cDox","recipient_type":"group",`+who+`}]`)
		assert.Equal(t, []models.Alias{{Kind: models.ByGroup, Value: "Y2FwaV9ncm91cDox"}}, e.Party)
		keys = append(keys, e.Key)
	}
	assert.Equal(t, []string{"s:1060:wamid.G:read:573001112233", "s:1060:wamid.G:read:CO.7", "s:1060:wamid.G:read:573004445566"}, keys)
}

func TestGroupHidesItsMembers(t *testing.T) {
	for _, parts := range []string{`"type":"text","text":{"body":"x"}`, `"type":"reaction","reaction":{}`, `"type":"revoke","revoke":{}`, `"type":"hologram"`} {
		e := message(t, parts+`,"group_id":"G1@g.us","from_user_id":"CO.1"`)
		assert.Equal(t, []models.Alias{{Kind: models.ByGroup, Value: "G1@g.us"}}, e.Party)
		assert.Equal(t, []models.Alias{phone("573001112233"), {Kind: models.ByUser, Value: "CO.1"}}, e.Author, "but tells who wrote")
		assert.Empty(t, e.Name)
	}
}

func TestAuthor(t *testing.T) {
	for _, c := range []struct {
		opaque, agent string
		sender        models.Class
	}{
		{"agent=Ana", "?Ana", ""},
		{"v1|a=17|c=9931|k=cmd", "?17", ""},
		{"v1;agent=17,sender=agent", "?17", models.ClassAgent},
		{"k=1 agent=Ana Ruiz sender=bot", "?Ana Ruiz", models.ClassBot},
		{"AGENT=Ana&SENDER=Phone", "?Ana", models.ClassPhone},
		{"sender=automation", "", models.ClassAutomation},
		{"sender=robot", "", ""},
		{"agent=", "", ""},
		{"agent= ;x", "", ""},
		{"a=17", "", ""},
		{"data=agent", "", ""},
		{"agent=17=18", "?17=18", ""},
		{"a1.intent.1.mac", "", ""},
		{"=;=|,&", "", ""},
	} {
		t.Run(c.opaque, func(t *testing.T) {
			e := status(t, "sent", `,"biz_opaque_callback_data":`+quote(c.opaque))
			assert.Equal(t, c.opaque, e.Label)
			assert.Equal(t, c.agent, e.Message.Agent)
			assert.Equal(t, c.sender, e.Message.Sender)
			assert.Equal(t, c.agent != "" || c.sender != "", e.Message.Author == models.RankOpaque)
		})
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

func TestContactsAreJoinedById(t *testing.T) {
	const rows = `"contacts":[{"profile":{"name":"Ana"},"wa_id":"573004445566"},{"profile":{"name":"Luz"},"wa_id":"573001112233","user_id":"CO.1"},{"profile":{"name":"Leo"},"user_id":"CO.2"}]`
	for _, c := range []struct{ name, from, want string }{
		{"by phone", `"from":"573001112233"`, "Luz"},
		{"by user id", `"from_user_id":"CO.2"`, "Leo"},
		{"user id first", `"from":"573004445566","from_user_id":"CO.1"`, "Luz"},
		{"user id speaks against", `"from":"573001112233","from_user_id":"CO.9"`, ""},
		{"nobody's", `"from":"573009998877"`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := decodeOne(t, "messages", rows+`,"messages":[{`+c.from+`,"id":"wamid.A","timestamp":"1795440000","type":"text","text":{"body":"x"}}]`)
			assert.Equal(t, c.want, e.Name)
		})
	}
}

// Rows of one value that share an identifier are one customer's, as they would be
// if each stood in a delivery of its own.
func TestContactsThatShareAnIdentifierAreOne(t *testing.T) {
	const phoneOnly, both, other = `{"wa_id":"573001112233"}`, `{"profile":{"name":"Luz"},"wa_id":"573001112233","user_id":"CO.1"}`, `{"wa_id":"573001112233","user_id":"CO.2"}`
	luz := []models.Alias{phone("573001112233"), {Kind: models.ByUser, Value: "CO.1"}}
	for _, c := range []struct {
		name, rows string
		want       []models.Alias
	}{
		{"the phone first", phoneOnly + "," + both, luz},
		{"the phone last", both + "," + phoneOnly, luz},
		{"three", `{"user_id":"CO.1","parent_user_id":"CO.ENT.9"},` + phoneOnly + "," + both, append(slices.Clone(luz), models.Alias{Kind: models.ByParent, Value: "CO.ENT.9"})},
		{"another's", both + "," + other, luz},
		{"two people's", phoneOnly + "," + both + "," + other, luz},
		{"of a parent", `{"user_id":"CO.3","parent_user_id":"CO.ENT.9"},{"wa_id":"573001112233","user_id":"CO.1","parent_user_id":"CO.ENT.9"}`, append(slices.Clone(luz), models.Alias{Kind: models.ByParent, Value: "CO.ENT.9"})},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := Decode([]byte(one("messages", `"contacts":[`+c.rows+`],"messages":[{"from":"573001112233","id":"wamid.A","timestamp":"1795440000","type":"text","text":{"body":"x"}}],
				"statuses":[{"id":"wamid.B","status":"delivered","timestamp":"1795440000","recipient_id":"573001112233"}]`)), received)
			require.Len(t, d.Events, 2)
			for _, e := range d.Events {
				assert.ElementsMatch(t, c.want, e.Party)
			}
			assert.Equal(t, strings.Contains(c.rows, "Luz"), d.Events[0].Name == "Luz")
		})
	}
}

// A business whose number is displayed otherwise than it is sent must not become
// one person with every customer of its history.
func TestHistoryNeverLinksTheBusiness(t *testing.T) {
	value := `"history":[{"threads":[{"id":"573001112233","messages":[
		{"from":"57300111","id":"wamid.1","timestamp":"1795440000","type":"text","text":{"body":"x"},"history_context":{"status":"READ"}},
		{"from":"573001112233","id":"wamid.2","timestamp":"1795440001","type":"text","text":{"body":"y"},"history_context":{"status":"READ"}},
		{"from":"57 300 111 0000","id":"wamid.3","timestamp":"1795440002","type":"text","text":{"body":"z"},"history_context":{"status":"READ"}}]}]}]`
	d := Decode([]byte(one("history", value)), received)
	require.Len(t, d.Events, 3)
	for i, dir := range []models.Direction{models.Out, models.In, models.Out} {
		assert.Equal(t, dir, d.Events[i].Message.Dir)
		assert.Equal(t, []models.Alias{phone("573001112233")}, d.Events[i].Party)
	}
}

// The placeholder of a message of the past gives way to the message itself.
func TestLateMediaOutranksPlaceholder(t *testing.T) {
	past := decodeOne(t, "history", `"history":[{"threads":[{"id":"573001112233","messages":[{"from":"573001110000","id":"wamid.P","timestamp":"1795440000","type":"media_placeholder","history_context":{"status":"PLAYED"}}]}]}]`)
	late := decodeOne(t, "history", `"messages":[{"from":"573001110000","id":"wamid.P","timestamp":"1795440000","type":"video","video":{}}]`)
	require.NotEqual(t, past.Key, late.Key, "the later one must not be taken for a repetition")
	for _, m := range []models.Message{models.Join(*past.Message, *late.Message), models.Join(*late.Message, *past.Message)} {
		assert.Equal(t, "video", m.Kind)
		assert.Equal(t, phone("573001112233"), m.Party)
		assert.Equal(t, int64(at), m.ReadAt)
		assert.Equal(t, models.ClassPhone, m.Class())
	}
}

func TestCallsAreOne(t *testing.T) {
	call := func(event, parts string) string {
		return `{"id":"wacid.1","event":"` + event + `","timestamp":"1795440000",` + parts + `}`
	}
	const user, business = `"from":"573001112233","direction":"USER_INITIATED"`, `"from":"573001110000","to":"573001112233","direction":"BUSINESS_INITIATED"`
	for _, c := range []struct {
		name, value string
		kind        models.Kind
		key         string
	}{
		{"customer calls", `"calls":[` + call("connect", user) + `]`, models.CallReceived, "c:1060:wacid.1"},
		{"and it ends", `"calls":[` + call("terminate", user) + `]`, models.CallReceived, "c:1060:wacid.1"},
		{"business calls", `"calls":[` + call("connect", business) + `]`, models.Noted, "c:1060:wacid.1:connect"},
		{"customer accepts", `"statuses":[{"id":"wacid.1","type":"call","status":"ACCEPTED","timestamp":"1795440000","recipient_id":"573001112233"}]`, models.CallReceived, "c:1060:wacid.1"},
		{"customer rejects", `"statuses":[{"id":"wacid.1","type":"call","status":"REJECTED","timestamp":"1795440000","recipient_id":"573001112233"}]`, models.Noted, "c:1060:wacid.1:rejected"},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := decodeOne(t, "calls", c.value)
			assert.Equal(t, c.kind, e.Kind)
			assert.Equal(t, c.key, e.Key)
			assert.Equal(t, []models.Alias{phone("573001112233")}, e.Party)
			assert.Nil(t, e.Message)
		})
	}
}

func TestNoticeKeys(t *testing.T) {
	notice := func(time, value string, receivedAt int64) models.Event {
		d := Decode([]byte(`{"entry":[{"id":"2060",`+time+`"changes":[{"field":"account_update","value":`+value+`}]}]}`), receivedAt)
		require.Len(t, d.Events, 1)
		return d.Events[0]
	}
	dated := notice(`"time":1795440000,`, `{"event":"ACCOUNT_VIOLATION"}`, received)
	assert.Equal(t, models.AccountNotice, dated.Kind)
	assert.Equal(t, int64(at), dated.At)
	assert.Equal(t, "2060", dated.Label)
	assert.JSONEq(t, `{"event":"ACCOUNT_VIOLATION"}`, string(dated.Details))
	assert.Equal(t, dated.Key, notice(`"time":1795440000,`, ` { "event" : "ACCOUNT_VIOLATION" }`, received+5000).Key, "a repetition")
	assert.NotEqual(t, dated.Key, notice(`"time":1795440001,`, `{"event":"ACCOUNT_VIOLATION"}`, received).Key, "another time")
	assert.NotEqual(t, dated.Key, notice(`"time":1795440000,`, `{"event":"ACCOUNT_DELETED"}`, received).Key, "other news")

	undated := notice(``, `{"event":"ACCOUNT_VIOLATION"}`, received)
	assert.Equal(t, int64(received), undated.At)
	assert.Equal(t, undated.Key, notice(``, `{"event":"ACCOUNT_VIOLATION"}`, received+5000).Key, "a repetition within the day")
	assert.NotEqual(t, undated.Key, notice(``, `{"event":"ACCOUNT_VIOLATION"}`, received+86_400_000).Key, "it happened again")
}

func TestLongThings(t *testing.T) {
	name := strings.Repeat("ñ", 600)
	e := decodeOne(t, "messages", `"contacts":[{"profile":{"name":"`+name+`"},"wa_id":"573001112233"}],"messages":[{"from":"573001112233","id":"`+
		strings.Repeat("w", 512)+`","timestamp":"1795440000","type":"text","text":{"body":"`+strings.Repeat("ñ", 40_000)+`"}}]`)
	assert.Equal(t, strings.Repeat("ñ", 512), e.Name)
	assert.Equal(t, strings.Repeat("ñ", 32_768), e.Text)
	assert.Len(t, e.Message.ID, 512)
	assert.Len(t, e.Key, 200)
	other := decodeOne(t, "messages", `"messages":[{"from":"573001112233","id":"`+strings.Repeat("w", 511)+`x","timestamp":"1795440000","type":"text","text":{"body":"x"}}]`)
	assert.NotEqual(t, e.Key, other.Key, "shortened keys still differ")

	d := Decode([]byte(`{"entry":[{"id":"2060","time":1795440000,"changes":[{"field":"news","value":{"x":"`+strings.Repeat("x", 70_000)+`"}}]}]}`), received)
	require.Len(t, d.Events, 1)
	assert.Empty(t, d.Events[0].Details)
	assert.Equal(t, []string{"details_cut"}, d.Events[0].Flags)

	d = Decode([]byte(one("messages", `"messages":[{"id":"`+strings.Repeat("w", 70_000)+`"}]`)), received)
	require.Len(t, d.Faults, 1)
	assert.Len(t, d.Faults[0].Body, 64<<10)
}

// A fault keeps its element as it was received, escapes and all, although others
// of the same body were read before it.
func TestFaultKeepsTheElementAsReceived(t *testing.T) {
	const bad = `{"id":"wamid.X","text":{"body":"\u00f1\ud83d \"\/\u001f"},"timestamp":"soon"}`
	d := Decode([]byte(one("messages", luz+`,"messages":[{"from":"573001112233","id":"wamid.A","timestamp":"1795440000","type":"text","text":{"body":"a\nb"}}, `+bad+`]`)), received)
	require.Len(t, d.Events, 1)
	require.Len(t, d.Faults, 1)
	assert.Equal(t, bad, string(d.Faults[0].Body))
	assert.Equal(t, "entry[0].changes[0].value.messages[1]", d.Faults[0].Element)
}

func TestNotAWebhook(t *testing.T) {
	for _, body := range []string{``, `{`, `null`, `7`, `"x"`, `[]`, `[{"entry":[]}]`, `{}`, `{"entry":null}`, `{"object":"page","entry":[]}`, "\x00"} {
		d := Decode([]byte(body), received)
		assert.Empty(t, d.Events, body)
		require.Len(t, d.Faults, 1, body)
		assert.Empty(t, d.Faults[0].Element, body)
		assert.Equal(t, body, string(d.Faults[0].Body))
	}
	for _, body := range []string{`{"entry":[]}`, `{"entry":[{"changes":[]}]}`} {
		d := Decode([]byte(body), received)
		assert.Empty(t, d.Events, body)
		assert.Empty(t, d.Faults, body)
	}
}

func TestKeyOrderDoesNotMatter(t *testing.T) {
	a := Decode([]byte(`{"object":"whatsapp_business_account","entry":[{"id":"2","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"1"},"messages":[{"type":"text","id":"w","text":{"body":"x"},"timestamp":"1795440000","from":"573001112233"}]}}]}]}`), received)
	b := Decode([]byte(`{"entry":[{"changes":[{"value":{"messages":[{"from":"573001112233","timestamp":"1795440000","text":{"body":"x"},"id":"w","type":"text"}],"metadata":{"phone_number_id":"1"}},"field":"messages"}],"id":"2"}],"object":"whatsapp_business_account"}`), received)
	require.Len(t, a.Events, 1)
	assert.Equal(t, a, b)
}

// element is one element of an array that webhooks carry, sound or broken.
type element struct{ array, json string }

func elements(t *rapid.T) []element {
	id := rapid.StringMatching(`[a-z]{1,6}`)
	good := []func() element{
		func() element {
			return element{"messages", fmt.Sprintf(`{"from":"573001112233","id":%q,"timestamp":"1795440000","type":"text","text":{"body":"x"}}`, id.Draw(t, "id"))}
		},
		func() element {
			return element{"messages", fmt.Sprintf(`{"from":"573001112233","id":%q,"timestamp":1795440000,"type":"reaction","reaction":{"emoji":"👍"}}`, id.Draw(t, "id"))}
		},
		func() element {
			return element{"messages", fmt.Sprintf(`{"id":%q,"timestamp":1795440000,"type":"riddle","riddle":[1]}`, id.Draw(t, "id"))}
		},
		func() element {
			return element{"statuses", fmt.Sprintf(`{"recipient_id":"573001112233","id":%q,"timestamp":"1795440000","status":"read"}`, id.Draw(t, "id"))}
		},
		func() element { return element{"errors", `{"code":130429}`} },
	}
	array := rapid.SampledFrom([]string{"messages", "statuses", "errors"})
	broken := rapid.SampledFrom([]string{`{}`, `null`, `7`, `"x"`, `[[]]`, `{"id":7}`, `{"id":"x","timestamp":"x"}`, `{"id":"x","timestamp":1795440000}`})
	n := rapid.IntRange(0, 8).Draw(t, "n")
	list := make([]element, n)
	for i := range list {
		if rapid.Bool().Draw(t, "sound") {
			list[i] = good[rapid.IntRange(0, len(good)-1).Draw(t, "which")]()
		} else {
			list[i] = element{array.Draw(t, "array"), broken.Draw(t, "broken")}
		}
	}
	return list
}

func value(list []element) string {
	parts := []string{luz}
	for _, array := range []string{"messages", "statuses", "errors"} {
		var in []string
		for _, e := range list {
			if e.array == array {
				in = append(in, e.json)
			}
		}
		parts = append(parts, `"`+array+`":[`+strings.Join(in, ",")+`]`)
	}
	return strings.Join(parts, ",")
}

// Every element ends in exactly one event or fault, and what becomes of it does
// not depend on its neighbours.
func TestNothingIsLostAndNobodySpoilsAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := elements(t)
		if len(list) == 0 {
			return
		}
		together := Decode([]byte(one("messages", value(list))), received)
		require.Equal(t, len(list), len(together.Events)+len(together.Faults))
		var events, faults []string
		for _, e := range list {
			alone := Decode([]byte(one("messages", value([]element{e}))), received)
			require.Equal(t, 1, len(alone.Events)+len(alone.Faults), e.json)
			for _, x := range alone.Events {
				events = append(events, x.Key)
			}
			for _, x := range alone.Faults {
				faults = append(faults, x.Reason)
			}
		}
		var gotEvents, gotFaults []string
		for _, x := range together.Events {
			gotEvents = append(gotEvents, x.Key)
		}
		for _, x := range together.Faults {
			gotFaults = append(gotFaults, x.Reason)
		}
		require.ElementsMatch(t, events, gotEvents)
		require.ElementsMatch(t, faults, gotFaults)
	})
}

// FuzzDecode holds whatever Decode makes of any body to what its readers rely on.
func FuzzDecode(f *testing.F) {
	decode := Decoder()
	f.Fuzz(func(t *testing.T, body []byte) {
		d := decode(body, received)
		decode(noise, received)
		require.True(t, reflect.DeepEqual(d, Decode(body, received)), "not a function of its arguments")
		sound := json.Valid(body)
		for _, e := range d.Events {
			checkEvent(t, e)
			if sound && len(e.Details) > 0 {
				require.True(t, json.Valid(e.Details), "details are no JSON: %q", e.Details)
			}
		}
		for _, x := range d.Faults {
			require.NotEmpty(t, x.Reason)
			require.LessOrEqual(t, len(x.Body), 64<<10)
			require.True(t, x.Element == "" || strings.HasPrefix(x.Element, "entry"), x.Element)
		}
		for _, u := range d.Unknown {
			checkShort(t, u)
		}
	})
}

func checkEvent(t *testing.T, e models.Event) {
	t.Helper()
	require.Equal(t, Source, e.Source)
	require.NotEmpty(t, e.Key)
	require.LessOrEqual(t, len(e.Key), 200)
	require.NotEmpty(t, e.Kind)
	require.True(t, e.At >= earliest && e.At < latest, "at %d", e.At)
	require.Equal(t, e.Kind.OfMessage(), e.Message != nil)
	require.True(t, utf8.ValidString(e.Text) && len(e.Text) <= longText && !strings.ContainsRune(e.Text, 0))
	shorts := append([]string{e.Key, e.Channel, e.Name, e.Label, e.Notice, e.Origin}, e.Flags...)
	for _, a := range e.Party {
		require.NotEmpty(t, a.Value)
		shorts = append(shorts, a.Value)
	}
	if m := e.Message; m != nil {
		require.Equal(t, e.Channel, m.Channel)
		require.NotEmpty(t, m.ID)
		require.NotEmpty(t, m.Channel)
		shorts = append(shorts, m.ID, m.Kind, m.Template, m.Agent, string(m.Sender), m.Error, m.ErrorTitle, m.PriceCategory, m.PriceType)
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

// A value full of unknown parts is noted whole, and what is listed is bounded.
func TestMuchUnknown(t *testing.T) {
	var parts []string
	for i := range 200 {
		parts = append(parts, fmt.Sprintf(`"k%d":[]`, i))
	}
	d := Decode([]byte(one("messages", strings.Join(parts, ",")+`,"messages":[{"from":"573001112233","id":"w","timestamp":1795440000,"type":"text"}]`)), received)
	require.Len(t, d.Events, 2)
	assert.Equal(t, models.MessageReceived, d.Events[0].Kind)
	assert.Equal(t, "messages", d.Events[1].Notice)
	assert.Len(t, d.Unknown, 100)

	d = Decode([]byte(one("messages", strings.Join(parts[:16], ","))), received)
	require.Len(t, d.Events, 1, "nothing known was read: noted whole")
	assert.Equal(t, "messages", d.Events[0].Notice)
}
