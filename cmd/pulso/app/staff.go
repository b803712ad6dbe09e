package app

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"pulso/analytics/ledger"
	"pulso/bot/inbox"
	"pulso/bot/inbox/cloudapi"
	"pulso/bot/whatsapp"
	"pulso/cmd/pulso/app/config"
	"pulso/models"
	"pulso/models/store"
)

// reading decodes deliveries: what customers and agents did becomes events,
// what the business's own people say to the bot becomes commands, and what
// becomes of the bot's own messages receipts. Only the first is counted.
type reading struct {
	numbers []config.Number
	bot     string // channel of the number that people write to, "" for none
	people  []colleague
	seal    seal
	tombs   map[store.Mark]store.Tomb // of those who were forgotten
	texts   bool                      // what messages say is kept
	decode  func(source string, body []byte, receivedAt int64) (models.Decoded, error)
}

// reading is how deliveries are read now: it depends on who belongs to the business.
func (a *App) reading(ctx context.Context) (*reading, error) {
	people, err := a.colleagues(ctx)
	if err != nil {
		return nil, err
	}
	s, err := a.seal(ctx, false)
	if err != nil {
		return nil, err
	}
	tombs, err := a.graves.tombs(ctx, a.Store)
	if err != nil {
		return nil, err
	}
	r := &reading{numbers: a.Config.WhatsApp, people: people, seal: s, tombs: tombs, texts: a.Config.Business.StoreText, decode: inbox.Decoder()}
	if n, ok := a.Config.Bot(); ok {
		r.bot = n.Channel()
	}
	return r, nil
}

// batch decodes a delivery. What a webhook says of a number that is not ours is
// kept aside; history counts every channel that it names.
func (r *reading) batch(d models.Delivery) ledger.Batch {
	decoded, err := r.decode(d.Source, d.Body, d.ReceivedAt)
	if err != nil {
		return ledger.Batch{Faults: []models.Fault{{Reason: err.Error()}}}
	}
	batch := ledger.Batch{Faults: decoded.Faults, Unknown: decoded.Unknown}
	for _, e := range decoded.Events {
		switch {
		case !d.Imported && !r.ours(d.Source, e.Channel):
			batch.Faults = append(batch.Faults, models.Fault{Element: e.Key, Reason: fmt.Sprintf("number %s is not in whatsapp[]: kept aside, not counted", strings.TrimPrefix(e.Channel, "whatsapp:"))})
		case r.talk(&batch, d, &e):
		default:
			batch.Events = append(batch.Events, r.discreet(e))
		}
	}
	if d.Imported { // the past is not answered
		batch.Commands, batch.Receipts = nil, nil
	}
	return batch
}

// ours reports whether what a source tells of a channel is counted: of a
// webhook, only the configured numbers.
func (r *reading) ours(source, channel string) bool {
	if source != cloudapi.Source || channel == "" {
		return true
	}
	return slices.ContainsFunc(r.numbers, func(n config.Number) bool { return n.Channel() == channel })
}

// talk takes what is between the bot and the business's own people, and reports
// whether the event was such. What they write in a group is no figure either, and
// no command. That their number changed hands matters wherever it was told.
func (r *reading) talk(batch *ledger.Batch, d models.Delivery, e *models.Event) bool {
	own := r.bot != "" && e.Channel == r.bot
	if r.bot == "" || !own && e.Kind != models.ContactRenumbered {
		return false
	}
	if receipt, ok := r.receipt(e); ok && own {
		batch.Receipts = append(batch.Receipts, receipt)
		return true
	}
	p, ok := whose(r.people, append(slices.Clone(e.Party), e.Author...))
	if !ok || !p.Belongs(e.At) {
		return false
	}
	group := slices.ContainsFunc(e.Party, func(a models.Alias) bool { return a.Kind == models.ByGroup })
	if !group && (e.Kind == models.MessageReceived || e.Kind == models.ContactRenumbered) {
		batch.Commands = append(batch.Commands, commandOf(d, e, p))
	}
	return own
}

// renumbered is the kind of a command that says that a person's number or
// identity went to another account.
const renumbered = "renumbered"

// longestWord bounds what a sender's text may put into a column, in runes.
const longestWord = 400

// commandOf makes a command of what a person wrote. It bears their own phone,
// even where WhatsApp withheld it or showed another one.
func commandOf(d models.Delivery, e *models.Event, p *colleague) models.Command {
	c := models.Command{Channel: e.Channel, Name: clip(e.Name), At: e.At, ReceivedAt: d.ReceivedAt, Text: e.Text}
	for _, a := range e.Party {
		switch a.Kind {
		case models.ByPhone:
			c.Phone = clip(a.Value)
		case models.ByUser:
			c.UserID = clip(a.Value)
		}
	}
	account := p.account()
	moved := account != "" && c.UserID != "" && c.UserID != account && p.Suspended == ""
	if digits, ok := models.PhoneDigits(p.Phone); ok {
		c.Phone = digits
	}
	if e.Kind == models.ContactRenumbered || c.UserID == "" || moved {
		c.UserID = p.UserID
	}
	switch {
	case e.Kind == models.ContactRenumbered:
		c.Kind, c.WAMID = renumbered, clip(e.Key)
		return c
	case moved: // another account writes from their number
		c.Kind, c.WAMID, c.Text = renumbered, clip(e.Message.ID), ""
		return c
	}
	c.Kind, c.WAMID = e.Message.Kind, clip(e.Message.ID)
	var x cloudapi.Extra
	if json.Unmarshal(e.Details, &x) == nil {
		c.Payload, c.ReplyTo, c.Forwarded, c.Identity = clip(x.Payload), clip(x.ReplyTo), x.Forwarded, clip(x.Identity)
	}
	return c
}

func clip(s string) string {
	if r := []rune(s); len(r) > longestWord {
		return string(r[:longestWord])
	}
	return s
}

// receipt reads a status of one of our own messages, known by its opaque data.
func (r *reading) receipt(e *models.Event) (models.Receipt, bool) {
	intent, attempt, ok := r.seal.open(e.Label)
	if !ok || e.Message == nil {
		return models.Receipt{}, false
	}
	x := models.Receipt{Intent: intent, Attempt: attempt, At: e.At, WAMID: clip(e.Message.ID)}
	switch e.Kind {
	case models.MessageSent:
		x.Status = models.Sent
	case models.MessageDelivered:
		x.Status = models.Delivered
	case models.MessageRead:
		x.Status = models.Read
	case models.MessageFailed:
		x.Status = models.Failed
		code, _ := strconv.Atoi(e.Message.Error)
		policy := whatsapp.PolicyOf(code)
		x.Reason = fmt.Sprintf("%d %s", code, policy.Meaning)
		x.Result = models.Result{Outcome: models.Refused, Reason: x.Reason, Template: policy.Action == whatsapp.UseTemplate}
	default:
		return models.Receipt{}, false
	}
	return x, true
}

// seal marks our own messages towards WhatsApp, so that nobody else's status
// can be taken for theirs: a1.<intent>.<attempt>.<mac>.
type seal []byte

// seal reads the key of this database's seal. Until a service made one, with
// make, no message can be ours.
func (a *App) seal(ctx context.Context, make bool) (seal, error) {
	var b [32]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	key := hex.EncodeToString(b[:])
	if make {
		err := a.Store.Once(ctx, "seal", &key)
		return seal(key), err
	}
	_, err := a.Store.Setting(ctx, "seal", &key)
	return seal(key), err
}

func (s seal) opaque(intent string, attempt int) string {
	head := "a1." + intent + "." + strconv.Itoa(attempt)
	return head + "." + s.mac(head)
}

func (s seal) mac(head string) string {
	h := hmac.New(sha256.New, s)
	h.Write([]byte(head))
	return hex.EncodeToString(h.Sum(nil)[:12])
}

func (s seal) open(opaque string) (intent string, attempt int, ok bool) {
	part := strings.Split(opaque, ".")
	if len(part) != 4 || part[0] != "a1" || !hmac.Equal([]byte(part[3]), []byte(s.mac(strings.Join(part[:3], ".")))) {
		return "", 0, false
	}
	attempt, err := strconv.Atoi(part[2])
	return part[1], attempt, err == nil
}
