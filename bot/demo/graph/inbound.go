package graph

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"
)

// received is a message of a person that the business got.
type received struct {
	update *update
	from   *person
	at     time.Time
}

// history keeps the last messages of people, for read receipts and repeats.
type history struct {
	all   map[string]*received
	order []string
}

const maxHistory = 20_000

func (h *history) keep(id string, r *received) {
	if h.all[id] == nil {
		h.order = append(h.order, id)
	}
	h.all[id] = r
	if len(h.order) > maxHistory {
		delete(h.all, h.order[0])
		h.order = h.order[1:]
	}
}

// Say lets a person write to a number: "+573001112233" or a user id, who is
// introduced if unknown. It opens the window and returns the message's id; ""
// when there is no such number.
func (s *Server) Say(name, number, text string) string {
	return s.receive(name, number, object{"type": "text", "text": object{"body": text}}, Shown{Kind: "text", Text: text})
}

// Reply lets a person answer to a bubble, quoting it; "" when they have none
// of that id.
func (s *Server) Reply(name, wamid, text string) string {
	number, context := s.quote(name, wamid)
	message := object{"type": "text", "text": object{"body": text}, "context": context}
	return s.receive(name, number, message, Shown{Kind: "text", Text: text, Quote: wamid})
}

// Receive lets a person send any message: its type and what belongs to it, as
// in a webhook. Who sent it and when is added, and so is an id, unless it has
// "id" or "timestamp". All types but reactions, and what is not a message at
// all, open the window. It returns the id; "" when there is no such number.
func (s *Server) Receive(name, number string, message map[string]any) string {
	kind, _ := message["type"].(string)
	return s.receive(name, number, maps.Clone(message), Shown{Kind: kind})
}

// SendMedia lets a person send a file; its MIME decides as what.
func (s *Server) SendMedia(name, number string, file Media) string {
	s.mu.Lock()
	n := s.numbers[number]
	if n == nil {
		s.mu.Unlock()
		return ""
	}
	kind, _ := mediaKind(file.MIME)
	kind = defaulted(kind, "document")
	file.ID = s.store(n, file, keepReceived)
	s.mu.Unlock()
	sum := sha256.Sum256(file.Data)
	content := object{
		"id": file.ID, "mime_type": file.MIME, "sha256": base64.StdEncoding.EncodeToString(sum[:]),
		"url": "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=" + file.ID,
	}
	if file.Caption != "" {
		content["caption"] = file.Caption
	}
	if kind == "document" {
		content["filename"] = file.Filename
	}
	if kind == "audio" {
		content["voice"] = file.Voice
	}
	return s.receive(name, number, object{"type": kind, kind: content}, Shown{Kind: kind, Text: file.Caption, Media: &file})
}

// Tap lets a person tap a button, a row or a quick reply of a bubble, by its
// id or payload. It is an error when the person has no such bubble or it no
// such choice.
func (s *Server) Tap(name, wamid, id string) (string, error) {
	number, context := s.quote(name, wamid)
	if number == "" {
		return "", errors.New("graph: the person has no such bubble")
	}
	choice, kind, ok := s.choice(name, wamid, id)
	if !ok {
		return "", errors.New("graph: the bubble has no such choice")
	}
	message := object{"context": context}
	switch kind {
	case "template":
		message["type"], message["button"] = "button", object{"payload": choice.ID, "text": choice.Title}
	case "list":
		row := object{"id": choice.ID, "title": choice.Title}
		if choice.Description != "" {
			row["description"] = choice.Description
		}
		message["type"], message["interactive"] = "interactive", object{"type": "list_reply", "list_reply": row}
	default:
		message["type"] = "interactive"
		message["interactive"] = object{"type": "button_reply", "button_reply": object{"id": choice.ID, "title": choice.Title}}
	}
	return s.receive(name, number, message, Shown{Kind: "tap", Text: choice.Title, Quote: wamid}), nil
}

// choice finds what can be tapped, and on what kind of bubble.
func (s *Server) choice(name, wamid, id string) (Choice, string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	bubble := s.find(name).bubble(wamid)
	if bubble == nil {
		return Choice{}, "", false
	}
	choices := slices.Clone(bubble.Buttons)
	for _, section := range bubble.Sections {
		choices = append(choices, section.Rows...)
	}
	for _, c := range choices {
		if c.ID == id {
			return c, bubble.Kind, true
		}
	}
	return Choice{}, "", false
}

// React lets a person put an emoji on a bubble of the business, or take it away
// with ""; it opens no window. It returns the reaction's own id.
func (s *Server) React(name, wamid, emoji string) string {
	number, _ := s.quote(name, wamid)
	reaction := object{"message_id": wamid}
	if emoji != "" {
		reaction["emoji"] = emoji
	}
	return s.receive(name, number, object{"type": "reaction", "reaction": reaction}, Shown{Kind: "reaction", Text: emoji, Quote: wamid})
}

// quote returns the number whose chat a bubble is in and the context of a
// message that quotes it; "" when the person has no such bubble.
func (s *Server) quote(name, wamid string) (number string, context object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(name)
	if p == nil {
		return "", nil
	}
	b := p.bubble(wamid)
	if b == nil {
		return "", nil
	}
	from := digits(s.numbers[b.Number].Display)
	if b.Own {
		from = digits(p.Phone)
	}
	return b.Number, object{"from": from, "id": wamid}
}

// receive takes a message of a person in.
func (s *Server) receive(name, number string, message object, bubble Shown) string {
	defer s.tell()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[number]
	if n == nil {
		return ""
	}
	p := s.meet(name)
	at := s.stamp(p, message)
	id := message["id"].(string)
	if opensWindow(bubble.Kind) && at.After(n.window[p]) {
		n.window[p] = at
	}
	bubble.ID, bubble.Number, bubble.At, bubble.Own = id, number, at, true
	if bubble.Kind != "reaction" {
		s.show(p, bubble)
	} else if b := p.bubble(bubble.Quote); b != nil {
		b.Reaction = bubble.Text
		s.fresh = append(s.fresh, *b)
	}
	u := &update{account: n.WABA, number: n, field: "messages", array: "messages", element: message, contact: s.contact(p, true), at: at}
	s.inbound.keep(id, &received{u, p, at})
	s.publish(u, s.options.Clock())
	return id
}

// stamp adds sender, id and time to a message and returns the time.
func (s *Server) stamp(p *person, message object) time.Time {
	at := s.options.Clock()
	given, _ := message["timestamp"].(string)
	if seconds, err := strconv.ParseInt(given, 10, 64); err == nil {
		at = time.Unix(seconds, 0)
	}
	message["timestamp"] = strconv.FormatInt(at.Unix(), 10)
	if id, ok := message["id"].(string); !ok || id == "" {
		message["id"] = s.wamid(p)
	}
	message["from_user_id"] = p.UserID
	if p.waID() != "" {
		message["from"] = p.waID()
	}
	return at
}

// opensWindow tells messages of a customer from what only looks like one.
func opensWindow(kind string) bool {
	switch kind {
	case "reaction", "system", "unsupported", "edit", "revoke", "request_welcome":
		return false
	}
	return true
}

// Redeliver posts the webhook of a message once more, as Meta does when it is
// not sure of the first; false when there is no such message.
func (s *Server) Redeliver(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.inbound.all[id]
	if r != nil {
		s.publish(r.update, s.options.Clock())
	}
	return r != nil
}

// Call lets a person call a number, which opens the window, answered or not. A
// length of 0 is a missed call. It returns the call's id; "" when there is no
// such number.
func (s *Server) Call(name, number string, length time.Duration) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.numbers[number]
	if n == nil {
		return ""
	}
	p, now := s.meet(name), s.options.Clock()
	if now.After(n.window[p]) {
		n.window[p] = now
	}
	id := "wacid." + s.wamid(p)[len("wamid."):]
	call := func(event string, at time.Time) *update {
		element := object{
			"id": id, "to": digits(n.Display), "from_user_id": p.UserID, "event": event,
			"timestamp": itoa(int(at.Unix())), "direction": "USER_INITIATED",
		}
		if p.waID() != "" {
			element["from"] = p.waID()
		}
		return &update{account: n.WABA, number: n, field: "calls", array: "calls", element: element, contact: s.contact(p, true), at: at}
	}
	s.publish(call("connect", now), now)
	end := now.Add(defaulted(length, 20*time.Second))
	s.later(end, func(at time.Time) {
		u := call("terminate", at)
		u.element["status"] = "FAILED"
		if length > 0 {
			u.element["status"], u.element["duration"] = "COMPLETED", int(length/time.Second)
			u.element["start_time"], u.element["end_time"] = itoa(int(now.Unix())), itoa(int(at.Unix()))
		}
		s.publish(u, at)
	})
	return id
}

// receipt takes a read receipt of the business in, and shows it typing.
func (s *Server) receipt(n *number, b *sending) any {
	defer s.tell()
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.inbound.all[b.MessageID]
	switch {
	case b.Status != "read":
		return fail(100, "Param status must be one of {read}")
	case r == nil || r.update.number != n:
		return fail(131009, "Message id does not exist")
	case b.Typing != nil && b.Typing.Type != "text":
		return fail(100, "Param typing_indicator type must be one of {text}")
	}
	for _, bubble := range r.from.shown {
		if bubble.Own && bubble.Number == n.ID && !bubble.Read && !bubble.At.After(r.at) {
			bubble.Read = true
			s.fresh = append(s.fresh, *bubble)
		}
	}
	if b.Typing != nil {
		r.from.typing[n.ID] = s.options.Clock().Add(typingLasts)
	}
	return object{"success": true}
}

const typingLasts = 25 * time.Second
