package demo

import (
	"strconv"
	"time"
)

// dispatch is a business message on its way.
type dispatch struct {
	*world
	who   *customer
	line  *line
	id    string
	price object
}

// Shares of what becomes of messages.
const (
	neverArrives = 0.012 // phone lost, or never online again
	arrivesLate  = 0.04
	skipsArrival = 0.05 // read at once: Meta tells only that
	readsUsual   = 0.94
	readsPromo   = 0.58
)

// plan has the receipts of a message come, and returns when it has been seen.
func (d dispatch) plan(t time.Time, promotion bool) time.Time {
	sent := t.Add(300*time.Millisecond + d.upTo(600*time.Millisecond))
	arrived := sent.Add(500*time.Millisecond + d.upTo(4*time.Second))
	if d.chance(arrivesLate) {
		arrived = sent.Add(d.human(50*time.Minute, 0.8))
	}
	read, share := arrived.Add(d.human(90*time.Second, 1.1)), readsUsual
	if promotion {
		read, share = arrived.Add(d.human(40*time.Minute, 1.3)), readsPromo
	}
	reads := d.who.receipts && d.chance(share)
	d.at(sent, func(t time.Time) { d.status(t, "sent", true) })
	if d.chance(neverArrives) {
		return read
	}
	skipped := reads && d.chance(skipsArrival)
	if !skipped {
		d.at(arrived, func(t time.Time) { d.status(t, "delivered", true) })
	}
	if reads {
		d.at(read, func(t time.Time) { d.status(t, "read", skipped) })
	}
	return read
}

// status reports that a message has got so far.
func (d dispatch) status(t time.Time, word string, priced bool) {
	if !d.line.whatsApp() {
		if word != "sent" {
			e := d.event(t, "message."+word, d.line, d.who)
			e["message"] = object{"id": d.id}
			d.post.event(t, e)
		}
		return
	}
	element := d.element(t, word)
	if priced {
		element["pricing"] = d.price
	}
	d.post.hook(update{d.line, "messages", "statuses", element, d.who.contact(word != "sent"), t})
}

func (d dispatch) element(t time.Time, word string) object {
	element := object{"id": d.id, "status": word, "timestamp": seconds(t)}
	if d.who.hidden {
		element["recipient_user_id"] = d.who.user
	} else {
		element["recipient_id"] = d.who.phone
	}
	return element
}

// titles are Meta's words for what goes wrong in the shop.
var titles = map[string]string{
	"131000": "Something went wrong",
	"131026": "Message undeliverable",
	"131047": "Re-engagement message",
	"131049": "This message was not delivered to maintain healthy ecosystem engagement.",
	"131050": "User has stopped marketing messages",
	"131053": "Media upload error",
	"130472": "User's number is part of an experiment",
}

// fails reports that a message was not delivered; such a status introduces nobody.
func (d dispatch) fails(t time.Time, code string) {
	n, _ := strconv.Atoi(code)
	element := d.element(t, "failed")
	element["errors"] = []object{{"code": n, "title": titles[code], "message": titles[code], "error_data": object{"details": titles[code]}}}
	d.post.hook(update{d.line, "messages", "statuses", element, nil, t})
}

// serviceBilled is when Meta began to bill messages inside the window.
var serviceBilled = time.Date(2026, time.October, 1, 0, 0, 0, 0, time.UTC)

// price is what a message costs, as its statuses tell since July 2025.
func (w *world) price(t time.Time, c *customer, l *line, m content) object {
	category := "service"
	if m.category != "" {
		category = m.category
	}
	kind := "regular"
	if category != "marketing" && t.Before(serviceBilled) && inside(t, c, l) {
		kind = "free_customer_service"
	}
	return object{"billable": kind == "regular", "pricing_model": "PMP", "type": kind, "category": category}
}

// inside reports whether a customer's window on a line is open at t, with some
// minutes to spare.
func inside(t time.Time, c *customer, l *line) bool {
	last, ok := c.wrote[l]
	return ok && t.Sub(last) < 24*time.Hour-5*time.Minute
}
