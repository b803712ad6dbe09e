package benchmark

import (
	"fmt"
	"math/rand/v2"
	"time"

	"pulso/models"
)

// A history of a business of some size, made of nothing but a number: each
// contact's part follows from the contact's own seed, so that it can be made in
// any order and in pieces.
type history struct {
	messages int // about so many
	agents   int
	days     int
	end      int64 // ms, exclusive; nothing in the history lies after it
}

const (
	minute = int64(60_000)
	hour   = 60 * minute
	day    = 24 * hour
)

// perContact is about how many messages a contact's part has.
const perContact = 34

func (h *history) contacts() int { return max(1, h.messages/perContact) }

// standard is the history that the questions of the reference are asked of: 200
// agents, 90 days.
func standard(messages int) *history {
	end := time.Date(2026, 3, 18, 16, 7, 0, 0, time.UTC).UnixMilli()
	return &history{messages: messages, agents: 200, days: 90, end: end}
}

// phone is the identifier of a contact.
func phone(contact int) models.Alias {
	return models.Alias{Kind: models.ByPhone, Value: fmt.Sprintf("5730%08d", contact)}
}

func agentID(n int) string { return fmt.Sprintf("agent%03d", n) }

// of returns a contact's messages by time: talks that the customer begins, days
// apart, in each of which a person answers most runs and sometimes another
// takes over; and now and then a template between them.
func (h *history) of(contact int) []models.Message {
	r := rand.New(rand.NewPCG(uint64(contact), 20260318))
	var list []models.Message
	begin := h.end - int64(h.days)*day
	at := begin + r.Int64N(int64(h.days)*day*3/5)
	for at < h.end {
		at = h.talk(r, contact, at, &list)
		gap := 49*hour + r.Int64N(24*day)
		if r.IntN(4) == 0 && at+gap/2 < h.end {
			list = append(list, h.template(r, contact, len(list), at+gap/2))
		}
		at += gap
	}
	kept := list[:0]
	for _, m := range list {
		if m.At() < h.end {
			kept = append(kept, m)
		}
	}
	return kept
}

// talk adds one conversation from at on and returns the moment of its last message.
func (h *history) talk(r *rand.Rand, contact int, at int64, list *[]models.Message) int64 {
	at = busyHour(r, at)
	agent := r.IntN(h.agents)
	agent = agent * (1 + r.IntN(h.agents)) / h.agents // some are busier than others
	for runs := 1 + r.IntN(5); runs > 0; runs-- {
		for said := 1 + r.IntN(2); said > 0; said-- {
			*list = append(*list, h.received(contact, len(*list), at))
			at += 1 + r.Int64N(3*minute)
		}
		if r.IntN(12) == 0 {
			break // nobody answers
		}
		if r.IntN(15) == 0 {
			agent = r.IntN(h.agents)
		}
		at += 5_000 + int64(r.ExpFloat64()*float64(6*minute))
		*list = append(*list, h.sent(r, contact, len(*list), at, agent))
		at += 20_000 + r.Int64N(40*minute)
	}
	return (*list)[len(*list)-1].At()
}

// busyHour moves a moment to the day's working hours, as far as people keep them.
func busyHour(r *rand.Rand, at int64) int64 {
	start := (at-5*hour)/day*day + 5*hour // local midnight in Bogotá
	minutes := 8*60 + (r.Int64N(6*60)+r.Int64N(6*60))%(12*60)
	return start + minutes*minute + r.Int64N(minute)
}

func (h *history) message(contact, n int, at int64, dir models.Direction) models.Message {
	return models.Message{
		Channel: fmt.Sprintf("whatsapp:10000000000000%d", contact%3), ID: fmt.Sprintf("wamid.h%07dx%d", contact, n),
		Dir: dir, Party: phone(contact), ProviderAt: at, Kind: "text", Content: models.RankMeta,
	}
}

func (h *history) received(contact, n int, at int64) models.Message {
	m := h.message(contact, n, at, models.In)
	if n%9 == 4 {
		m.Kind = "image"
	}
	return m
}

// receipts gives a business message what became of it.
func receipts(r *rand.Rand, m *models.Message, end int64) {
	at := m.ProviderAt
	delivered, read := at+500+r.Int64N(4_000), at+10_000+r.Int64N(20*minute)
	switch luck := r.IntN(100); {
	case luck < 3:
		m.FailedAt, m.Error, m.ErrorTitle = at+900, "131026", "Message undeliverable"
		return
	case luck < 8:
		return
	case luck < 70 && read < end:
		m.ReadAt = read
	}
	if delivered < end {
		m.DeliveredAt = delivered
		m.PriceCategory, m.PriceType, m.Price, m.PriceAt = "service", "free_customer_service", models.RankMeta, delivered
	}
}

func (h *history) sent(r *rand.Rand, contact, n int, at int64, agent int) models.Message {
	m := h.message(contact, n, at, models.Out)
	m.Sender, m.Agent, m.Author = models.ClassAgent, "#"+agentID(agent), models.RankOpaque
	receipts(r, &m, h.end)
	return m
}

func (h *history) template(r *rand.Rand, contact, n int, at int64) models.Message {
	m := h.message(contact, n, at, models.Out)
	m.Kind, m.Template = "template", fmt.Sprintf("promo_%d", n%5)
	m.Sender, m.Author = models.ClassCampaign, models.RankOpaque
	receipts(r, &m, h.end)
	if m.PriceCategory != "" {
		m.PriceCategory, m.PriceType, m.Billable = "marketing", "regular", true
	}
	return m
}
