package events

import (
	"encoding/json"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// kinds are the types an event may have.
func kinds() []models.Kind {
	return []models.Kind{models.MessageReceived, models.MessageSent, models.MessageDelivered, models.MessageRead,
		models.MessageFailed, models.MessageDeleted, models.ConversationOpened, models.ConversationAssigned,
		models.ConversationClosed, models.CommentAdded, models.ContactAdded, models.ContactUpdated,
		models.ContactDeleted, models.ContactMerged, models.CallReceived}
}

// event reads one event; d.err is set when it must be refused.
func (d *decoder) event(v *fastjson.Value) models.Event {
	if v.Type() != fastjson.TypeObject {
		d.refused("event", "must be an object in { }")
		return models.Event{}
	}
	if d.err = check(v, d.shape, ""); d.err != nil {
		return models.Event{}
	}
	e := models.Event{
		Source:  Source,
		Key:     d.need(v, "id", "id", "give every event an id that no other event of yours has", longKey),
		Kind:    d.kind(v),
		At:      d.moment(v),
		Channel: d.channel(v),
	}
	d.contact(v.Get("contact"), &e)
	d.conversation(v.Get("conversation"), &e)
	if doneByAgent(e.Kind) {
		e.Agent = d.agent(v.Get("agent"))
	}
	switch e.Kind {
	case models.MessageReceived, models.MessageSent, models.MessageDelivered, models.MessageRead, models.MessageFailed,
		models.MessageDeleted:
		d.message(v, &e)
	case models.CommentAdded:
		d.comment(v.Get("comment"), &e)
	case models.ContactAdded:
		if e.Origin = runes(d.word(v.Get("contact"), "source"), longWord); e.Origin == "" {
			e.Origin = "api"
		}
	case models.ContactMerged:
		d.merged(v.Get("merged_into"), &e)
	}
	return e
}

// doneByAgent reports whether the agent of an event is who did it, or got it.
func doneByAgent(k models.Kind) bool {
	switch k {
	case models.MessageReceived, models.MessageDelivered, models.MessageRead, models.MessageFailed:
		return false
	}
	return true
}

// refused remembers the first thing that is wrong.
func (d *decoder) refused(path, how string) {
	if d.err == nil {
		d.err = wrong(path, how)
	}
}

// need reads an identifier that must be there, at most most bytes long.
func (d *decoder) need(v *fastjson.Value, name, path, how string, most int) string {
	s := d.id(v, name, path, most)
	if s == "" {
		d.refused(path, "missing; "+how)
	}
	return s
}

func (d *decoder) kind(v *fastjson.Value) models.Kind {
	k := models.Kind(d.word(v, "type"))
	if k.Counts() {
		return k
	}
	var all []string
	for _, k := range kinds() {
		all = append(all, string(k))
	}
	d.refused("type", "missing or unknown; one of "+strings.Join(all, ", "))
	return ""
}

// moment reads the time of the event, to the millisecond.
func (d *decoder) moment(v *fastjson.Value) int64 {
	const how = "write RFC 3339 with an offset, as in 2026-03-18T10:29:58.120-05:00"
	s := d.word(v, "at")
	if s == "" {
		d.refused("at", "missing; "+how)
		return 0
	}
	var t time.Time
	if err := t.UnmarshalText([]byte(s)); err != nil {
		d.refused("at", "not a time; "+how)
		return 0
	}
	at := t.UnixMilli()
	if at < earliest || at >= latest {
		d.refused("at", "out of range; between 2009 and 2100")
	}
	return at
}

var platform = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// isChannel reports whether s is platform:id, the id of at most 128 characters
// without spaces and controls. As one expression it would take megabytes.
func isChannel(s string) bool {
	name, id, ok := strings.Cut(s, ":")
	odd := func(r rune) bool { return r == ' ' || unicode.Is(unicode.C, r) }
	return ok && platform.MatchString(name) && id != "" && utf8.RuneCountInString(id) <= 128 && !strings.ContainsFunc(id, odd)
}

func (d *decoder) channel(v *fastjson.Value) string {
	const how = "write platform:id, as in whatsapp:1060 or instagram:mitienda"
	s := d.word(v, "channel")
	switch {
	case s == "":
		d.refused("channel", "missing; "+how)
	case !isChannel(s):
		d.refused("channel", "malformed; "+how)
	}
	return s
}

// contact reads whom the event concerns. What becomes of a message is known by
// the message's id, and needs no contact.
func (d *decoder) contact(v *fastjson.Value, e *models.Event) {
	e.Party = d.party(v, "contact")
	e.Name = d.word(v, "name")
	switch e.Kind {
	case models.MessageDelivered, models.MessageRead, models.MessageFailed, models.MessageDeleted:
		return
	}
	if len(e.Party) == 0 {
		d.refused("contact", "missing; give at least one of contact.id, contact.phone, contact.user_id")
	}
}

// party reads the identifiers of a customer.
func (d *decoder) party(v *fastjson.Value, path string) []models.Alias {
	var party []models.Alias
	if id := d.id(v, "id", path+".id", longID); id != "" {
		party = append(party, models.Alias{Kind: models.ByID, Value: Source + ":" + id})
	}
	if id := d.id(v, "user_id", path+".user_id", longID); id != "" {
		a, ok := models.WhatsAppID(id)
		if !ok || a.Kind != models.ByUser {
			d.refused(path+".user_id", "not a business-scoped user id; write it as WhatsApp gives it, as in CO.7001122334, and a phone number as phone")
		}
		party = append(party, a)
	}
	if phone := d.word(v, "phone"); phone != "" {
		digits, ok := models.PhoneDigits(phone)
		if !ok {
			d.refused(path+".phone", "not a phone number; write country code and number, as in +573001112233")
		}
		party = append(party, models.Alias{Kind: models.ByPhone, Value: digits})
	}
	return party
}

func (d *decoder) agent(v *fastjson.Value) *models.AgentSighting {
	if absent(v) {
		return nil
	}
	a := &models.AgentSighting{ID: d.word(v, "id"), Name: d.word(v, "name"), Team: d.word(v, "team")}
	if a.Node() == "" {
		d.refused("agent", "names nobody; give agent.id or agent.name, or null for nobody")
	}
	return a
}

var source = regexp.MustCompile(`^[a-z0-9_-]{1,32}$`)

func (d *decoder) conversation(v *fastjson.Value, e *models.Event) {
	e.Label = d.word(v, "id")
	opened, closed := d.by(v, "opened_by"), d.by(v, "closed_by")
	switch e.Kind {
	case models.ConversationOpened:
		e.By = opened
	case models.ConversationClosed:
		e.By, e.Category, e.Summary = closed, d.word(v, "category"), d.prose(v, "summary")
	}
}

func (d *decoder) by(v *fastjson.Value, name string) string {
	s := d.lower(v, name)
	if s != "" && !source.MatchString(s) {
		d.refused("conversation."+name, "not one word; such as contact, agent, workflow, api or bot")
	}
	return s
}

func (d *decoder) comment(v *fastjson.Value, e *models.Event) {
	e.Text = d.prose(v, "text")
	list := v.GetArray("mentions")
	if len(list) > 100 {
		d.refused("comment.mentions", "too many; at most 100")
		return
	}
	for _, m := range list {
		if s := d.short(m); s != "" {
			e.Mentions = append(e.Mentions, s)
		}
	}
}

func (d *decoder) merged(v *fastjson.Value, e *models.Event) {
	if absent(v) {
		return
	}
	if e.MergedInto = d.party(v, "merged_into"); len(e.MergedInto) == 0 {
		d.refused("merged_into", "names nobody; give id, phone or user_id, or leave it out")
	}
}

// message reads a sighting of a message.
func (d *decoder) message(v *fastjson.Value, e *models.Event) {
	m := v.Get("message")
	id := d.need(m, "id", "message.id", "give the id that WhatsApp or the platform knows the message by", longID)
	s := models.Message{Channel: e.Channel, ID: id}
	s.Party, _ = models.Strongest(e.Party)
	switch e.Kind {
	case models.MessageReceived:
		s.Dir = models.In
		d.written(v, e, &s)
	case models.MessageSent:
		s.Dir = models.Out
		d.price(v, &s, models.RankSent, e.At)
		d.author(v, &s)
		d.written(v, e, &s)
	case models.MessageDeleted:
		e.Message = &models.Message{Channel: e.Channel, ID: id, DeletedAt: e.At}
	default:
		s.Dir = models.Out
		d.status(v, e, &s)
	}
}

// status reads what became of a business message.
func (d *decoder) status(v *fastjson.Value, e *models.Event, s *models.Message) {
	rank := models.RankRead
	switch e.Kind {
	case models.MessageDelivered:
		s.DeliveredAt, rank = e.At, models.RankMeta
	case models.MessageRead:
		s.ReadAt = e.At
	case models.MessageFailed:
		s.FailedAt = e.At
		s.Error, s.ErrorTitle = runes(d.word(v.Get("error"), "code"), longWord), d.word(v.Get("error"), "title")
	}
	d.price(v, s, rank, e.At)
	e.Message = s
}

func (d *decoder) price(v *fastjson.Value, s *models.Message, rank models.Rank, at int64) {
	p := v.Get("pricing")
	category, kind := d.lower(p, "category"), d.lower(p, "type")
	billable := p.GetBool("billable")
	if category == "" && kind == "" && !billable {
		return
	}
	s.PriceCategory, s.PriceType, s.Billable, s.Price, s.PriceAt = category, kind, billable, rank, at
}

// author reads who wrote a business message.
func (d *decoder) author(v *fastjson.Value, s *models.Message) {
	s.Sender = models.Class(d.word(v.Get("message"), "sender"))
	if s.Sender != "" && !s.Sender.Valid() {
		d.refused("message.sender", "one of agent, phone, bot, automation, campaign")
	}
	s.Agent = d.agent(v.Get("agent")).Node()
	s.Echo = s.Sender == models.ClassPhone
	if s.Sender != "" || s.Agent != "" {
		s.Author = models.RankInbox
	}
}

var content = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// written reads what a message says. Reactions, edits and the like are kept
// under their own kinds: they are no messages.
func (d *decoder) written(v *fastjson.Value, e *models.Event, s *models.Message) {
	m := v.Get("message")
	kind := d.lower(m, "kind")
	if kind != "" && !content.MatchString(kind) {
		d.refused("message.kind", "not one word; such as text, image or template")
	}
	e.Text = d.prose(m, "text")
	about := d.id(m, "in_reply_to", "message.in_reply_to", longID)
	switch kind {
	case "reaction", "edit":
		e.Kind = models.MessageReaction
		if kind == "edit" {
			e.Kind = models.MessageEdited
		}
		e.Details = detail("about", about)
		return
	case "revoke":
		d.revoked(e, about)
		return
	case "system", "request_welcome":
		e.Kind, e.Notice = models.Noted, "message:"+kind
		return
	}
	e.Details = detail("reply_to", about)
	s.SaidAt = e.At
	s.Template = d.word(m, "template")
	s.Kind = counted(kind, s.Template)
	if s.Kind != "" {
		s.Content = models.RankInbox
	}
	e.Message = s
}

// revoked records the deletion of the message that is named, if one is.
func (d *decoder) revoked(e *models.Event, about string) {
	e.Kind, e.Text = models.MessageRevoked, ""
	if about != "" {
		e.Kind = models.MessageDeleted
		e.Message = &models.Message{Channel: e.Channel, ID: about, DeletedAt: e.At}
	}
}

// counted returns the name under which a kind of message is counted.
func counted(kind, template string) string {
	switch {
	case kind == "voice":
		return "audio"
	case kind == "unknown":
		return "unsupported"
	case kind == "" && template != "":
		return "template"
	}
	return kind
}

// detail is a JSON object of one string, nil when it is empty.
func detail(name, value string) []byte {
	if value == "" {
		return nil
	}
	b, _ := json.Marshal(map[string]string{name: value}) // strings: it cannot fail
	return b
}
