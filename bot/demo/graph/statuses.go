package graph

import (
	"slices"
	"time"
)

// serviceBilled is when Meta began to bill free-form messages and utility
// templates inside the window (cloudapi.md §3).
var serviceBilled = time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)

// schedule plans what becomes of an accepted message. With first, its first
// status is not planned but returned, to be posted at once. s.mu is held.
func (s *Server) schedule(d *draft, first bool) []*parcel {
	at := d.at.Add(s.vary(s.options.Delays.Sent))
	if f := s.fate(d); f != nil {
		if first {
			return s.pack([]*update{s.failed(d, f, d.at)}, d.at)
		}
		s.later(at, func(at time.Time) { s.publish(s.failed(d, f, at), at) })
		return nil
	}
	s.later(at.Add(s.vary(s.options.Delays.Delivered)), func(at time.Time) { s.deliverTo(d, at) })
	if first {
		return s.pack([]*update{s.status(d, "sent", d.at, true)}, d.at)
	}
	s.later(at, func(at time.Time) { s.publish(s.status(d, "sent", at, true), at) })
	return nil
}

// fate returns why an accepted message will fail; nil = it will be sent.
func (s *Server) fate(d *draft) *failure {
	free := d.body.Template == nil && d.body.Category == ""
	switch {
	case d.to.Absent:
		return fail(131026, "Message Undeliverable.")
	case free && !d.open():
		return fail(131047, "Message failed to send because more than 24 hours have passed since the customer last replied to this number.")
	}
	return nil
}

// deliverTo puts a message on the person's phone, when it is online.
func (s *Server) deliverTo(d *draft, at time.Time) {
	if d.to.Offline {
		d.to.held = append(d.to.held, func(at time.Time) { s.deliverTo(d, at) })
		return
	}
	s.counts.delivered[d.body.Opaque]++
	delete(d.to.typing, d.number.ID)
	d.bubble.At = at
	if d.reactionTo != "" {
		s.reactTo(d)
	} else {
		s.show(d.to, d.bubble)
	}
	reads := !d.to.NoReceipts && s.options.Delays.Read > 0
	skipped := reads && s.happens(s.options.Chaos.SkipDelivered)
	if !skipped {
		s.publish(s.status(d, "delivered", at, true), at)
	}
	d.to.unread = append(d.to.unread, unread{d, skipped})
	if s.options.Delays.Read > 0 {
		s.later(at.Add(s.vary(s.options.Delays.Read)), func(at time.Time) { s.readBy(d.to, d.wamid, at) })
	}
}

// reactTo puts the business's reaction on the person's own bubble.
func (s *Server) reactTo(d *draft) {
	if b := d.to.bubble(d.reactionTo); b != nil {
		b.Reaction = d.bubble.Text
		s.fresh = append(s.fresh, *b)
	}
}

// unread is a message that the person has not looked at.
type unread struct {
	*draft
	skipped bool // there was no delivered status
}

// Open lets the person look at the chat with a number: everything in it is
// read, and the business is told so unless the person hides it.
func (s *Server) Open(name, number string) {
	defer s.tell()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(name)
	if p == nil {
		return
	}
	for _, u := range slices.Clone(p.unread) {
		if u.number.ID == number {
			s.readBy(p, u.wamid, s.options.Clock())
		}
	}
}

// readBy marks one message as read; the caller holds s.mu.
func (s *Server) readBy(p *person, wamid string, at time.Time) {
	i := slices.IndexFunc(p.unread, func(u unread) bool { return u.wamid == wamid })
	if i < 0 {
		return
	}
	u := p.unread[i]
	p.unread = slices.Delete(p.unread, i, i+1)
	if b := p.bubble(wamid); b != nil {
		b.Read = true
		s.fresh = append(s.fresh, *b)
	}
	if !p.NoReceipts {
		s.publish(s.status(u.draft, "read", at, u.skipped), at)
	}
}

// status is a status of a message. A price goes with sent and with the first
// of delivered and read.
func (s *Server) status(d *draft, name string, at time.Time, priced bool) *update {
	element := object{"id": d.wamid, "status": name, "timestamp": itoa(int(at.Unix()))}
	if id := d.to.waID(); id != "" {
		element["recipient_id"] = id
	}
	if d.byUser || d.to.HidePhone {
		element["recipient_user_id"] = d.to.UserID
	}
	if d.body.Opaque != "" {
		element["biz_opaque_callback_data"] = d.body.Opaque
	}
	if s.options.IdentityKeys {
		element["recipient_identity_key_hash"] = d.to.Identity
	}
	if priced {
		element["pricing"] = d.price()
	}
	return &update{
		account: d.number.WABA, number: d.number, field: "messages", array: "statuses",
		element: element, contact: s.contact(d.to, name != "sent"), at: at,
	}
}

// price is the pricing object since v24.0.
func (d *draft) price() object {
	kind := "regular"
	if d.at.Before(serviceBilled) && d.open() && (d.category == "service" || d.category == "utility") {
		kind = "free_customer_service"
	}
	return object{"billable": kind == "regular", "pricing_model": "PMP", "type": kind, "category": d.category}
}

// failed is the status of a message that was accepted and came to nothing; it
// carries no contact, and no user id if it was sent to a phone.
func (s *Server) failed(d *draft, f *failure, at time.Time) *update {
	u := s.status(d, "failed", at, false)
	u.contact = nil
	u.element["errors"] = []object{f.element()}
	if !d.byUser {
		delete(u.element, "recipient_user_id")
		u.element["recipient_id"] = digits(d.to.Phone)
	}
	delete(u.element, "recipient_identity_key_hash")
	return u
}
