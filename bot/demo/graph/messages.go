package graph

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// message answers POST /{number}/messages.
func (s *Server) message(n *number, body []byte, statusFirst bool) any {
	var b sending
	if f := strictly(body, &b); f != nil {
		return f
	}
	if b.Product != "whatsapp" {
		return fail(100, "The parameter messaging_product is required.")
	}
	if b.Status != "" {
		return s.receipt(n, &b)
	}
	if f := b.check(); f != nil {
		return f
	}
	answer, first := s.accept(n, &b, statusFirst)
	s.tell()
	for _, p := range first {
		s.post(p, s.options.Clock())
	}
	return answer
}

// draft is a message that is being accepted.
type draft struct {
	number     *number
	to         *person
	given      string // recipient as given
	byUser     bool   // addressed by user id
	stranger   bool   // misdelivered
	body       *sending
	bubble     Shown
	category   string // of its price
	at         time.Time
	wamid      string
	reactionTo string
}

// accept checks a message against the state of things and takes it in. It
// returns the answer and, with statusFirst, the webhooks to post before it.
func (s *Server) accept(n *number, b *sending, statusFirst bool) (any, []*parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &draft{number: n, body: b, at: s.options.Clock(), category: defaulted(b.Category, "service")}
	if f := either(s.address(d), s.compose(d), s.admit(d)); f != nil {
		return f, nil
	}
	d.wamid = s.wamid(d.to)
	d.bubble.ID, d.bubble.Number, d.bubble.Opaque = d.wamid, n.ID, b.Opaque
	if b.Context != nil {
		d.bubble.Quote = b.Context.MessageID
	}
	if d.stranger {
		s.counts.misdelivered = append(s.counts.misdelivered, Misdelivery{d.wamid, d.given, d.to.Phone})
	}
	s.counts.accepted[b.Opaque]++
	return d.answer(), s.schedule(d, statusFirst)
}

var bsuidPattern = regexp.MustCompile(`^[A-Z]{2}\.[A-Za-z0-9.]{1,132}$`)

// address finds the recipient. A number without + gets the business's country
// code in front, whatever it was meant to be.
func (s *Server) address(d *draft) *failure {
	d.given = d.body.To
	if d.given == "" {
		d.given, d.byUser = d.body.Recipient, true
		if !bsuidPattern.MatchString(d.given) {
			return fail(100, "Param recipient must be a business-scoped user id")
		}
		if d.to = s.find(d.given); d.to == nil {
			d.to = s.meet(d.given)
			d.to.Absent = true
		}
		return nil
	}
	number := digits(d.given)
	if strings.Trim(d.given, "+0123456789 -().") != "" || len(number) < 6 || len(number) > 15 {
		return fail(100, "Param to must be a phone number")
	}
	if !strings.HasPrefix(d.given, "+") {
		number, d.stranger = dialCode(digits(d.number.Display))+number, true
	}
	if number == digits(d.number.Display) {
		return fail(131021, "The recipient is the sender")
	}
	d.to = s.meet("+" + number)
	return nil
}

// admit applies what limits sending: identity and paces.
func (s *Server) admit(d *draft) *failure {
	hash := d.body.IdentityKeyHash
	if hash != "" && hash != d.to.Identity {
		return fail(137000, "The recipient's identity key has changed")
	}
	if d.body.Category != "" && !s.options.DirectSend {
		return fail(100, "Param category is not available for this account")
	}
	pair := d.number.pairs[d.to]
	if pair == nil {
		pair = &pace{}
		d.number.pairs[d.to] = pair
	}
	if !pair.take(d.at, pairInterval, pairBurst) {
		return fail(131056, "Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.")
	}
	if !d.number.pace.take(d.at, time.Second/time.Duration(s.options.Throughput), s.options.Throughput) {
		return fail(130429, "Message failed to send because there were too many messages sent from this phone number in a short period of time")
	}
	return nil
}

// One message in 6 s to one person, 45 of them borrowed from later.
const (
	pairInterval = 6 * time.Second
	pairBurst    = 45
)

// Window is how long a person's message or call lets the business write freely.
const Window = 24 * time.Hour

// open reports whether the person's window is open at the time of the message.
func (d *draft) open() bool {
	last, ok := d.number.window[d.to]
	return ok && d.at.Sub(last) < Window
}

func (d *draft) answer() object {
	contact := object{"input": d.given}
	if d.byUser || d.to.HidePhone {
		contact["user_id"] = d.to.UserID
	}
	if !d.byUser {
		contact["wa_id"] = digits(d.to.Phone)
	}
	message := object{"id": d.wamid}
	if d.body.Template != nil {
		message["message_status"] = "accepted"
	}
	return object{"messaging_product": "whatsapp", "contacts": []object{contact}, "messages": []object{message}}
}

// wamid makes a message id; like Meta's it has the number inside, in base64.
func (s *Server) wamid(p *person) string {
	name := p.label()
	inner := fmt.Sprintf("\x1c\x18%c%s\x15\x02\x00\x11\x18\x12%018X\x00", len(name), name, s.random.Uint64())
	return "wamid." + base64.StdEncoding.EncodeToString([]byte(inner))
}

// compose makes the bubble that the person will see.
func (s *Server) compose(d *draft) *failure {
	b := d.body
	d.bubble.Kind = b.Type
	switch b.Type {
	case "", "text":
		d.bubble.Kind, d.bubble.Text = "text", b.Text.Body
	case "interactive":
		return s.composeInteractive(d)
	case "template":
		return s.composeTemplate(d)
	case "reaction":
		d.reactionTo, d.bubble.Text = b.Reaction.MessageID, b.Reaction.Emoji
	default:
		return s.attach(d, b.Type, b.attachment())
	}
	return nil
}

// attach puts a stored file on the bubble.
func (s *Server) attach(d *draft, kind string, ref *mediaBody) *failure {
	m := s.medium(ref.ID)
	if m == nil || m.number != d.number {
		return fail(131009, "Media id does not exist or has expired")
	}
	if found, _ := mediaKind(m.MIME); found != kind {
		return fail(131053, "Media of type %s cannot be sent as %s", m.MIME, kind)
	}
	media := m.Media
	media.Caption, media.Filename, media.Voice = ref.Caption, ref.Filename, ref.Voice
	d.bubble.Media = &media
	return nil
}

func (s *Server) composeInteractive(d *draft) *failure {
	i := d.body.Interactive
	d.bubble.Text = i.Body.Text
	if i.Footer != nil {
		d.bubble.Footer = i.Footer.Text
	}
	if i.Header != nil {
		d.bubble.Header = i.Header.Text
		if ref := i.Header.media(); ref != nil {
			if f := s.attach(d, i.Header.Type, ref); f != nil {
				return f
			}
		}
	}
	if i.Type == "button" {
		d.bubble.Kind = "buttons"
		for _, b := range i.Action.Buttons {
			d.bubble.Buttons = append(d.bubble.Buttons, Choice{ID: b.Reply.ID, Title: b.Reply.Title})
		}
		return nil
	}
	d.bubble.Kind, d.bubble.ListButton = "list", i.Action.Button
	for _, section := range i.Action.Sections {
		out := Section{Title: section.Title}
		for _, r := range section.Rows {
			out.Rows = append(out.Rows, Choice(r))
		}
		d.bubble.Sections = append(d.bubble.Sections, out)
	}
	return nil
}

// composeTemplate finds a template and fills it in.
func (s *Server) composeTemplate(d *draft) *failure {
	asked := d.body.Template
	t := s.accounts[d.number.WABA].template(asked.Name, asked.Language.Code)
	if f := t.sendable(asked); f != nil {
		return f
	}
	if d.byUser && t.category == "AUTHENTICATION" {
		return fail(131062, "Authentication templates go to phone numbers only")
	}
	d.category = strings.ToLower(t.category)
	header, f := parameters("header", t.headerVars, t.named, asked.Components)
	if f != nil {
		return f
	}
	body, f := parameters("body", t.bodyVars, t.named, asked.Components)
	if f != nil {
		return f
	}
	d.bubble.Header = fill(t.header, t.headerVars, header)
	d.bubble.Text = fill(t.body, t.bodyVars, body)
	d.bubble.Footer, d.bubble.Template, d.bubble.Language = t.footer, t.name, t.language
	if utf8.RuneCountInString(d.bubble.Text) > 1024 || utf8.RuneCountInString(d.bubble.Header) > 60 {
		return fail(132005, "The text is too long with its parameters filled in")
	}
	d.bubble.Buttons, f = t.tappable(asked.Components)
	return f
}

// sendable returns why a template cannot go out; t may be nil.
func (t *template) sendable(asked *templateSend) *failure {
	switch {
	case t == nil, t.status == pending, t.status == rejected:
		return fail(132001, "template name (%s) does not exist in %s", asked.Name, asked.Language.Code)
	case t.status == paused:
		return fail(132015, "Template is paused for low quality")
	case t.status == disabled:
		return fail(132016, "Template is disabled for low quality")
	}
	return nil
}

// parameters returns the values of a component's variables, in their order.
func parameters(kind string, vars []string, named bool, components []componentSend) ([]string, *failure) {
	var given []paramSend
	for _, c := range components {
		if strings.EqualFold(c.Type, kind) {
			given = append(given, c.Parameters...)
		}
	}
	if len(given) != len(vars) {
		return nil, fail(132000, "%s: number of localizable_params (%d) does not match the expected number of params (%d)", kind, len(given), len(vars))
	}
	values := make([]string, len(vars))
	for i, p := range given {
		if f := p.check(kind); f != nil {
			return nil, f
		}
		if named {
			i = slices.Index(vars, p.Name)
		}
		if i < 0 || values[i] != "" || (!named && p.Name != "") {
			return nil, fail(132012, "%s: parameter name %q does not belong to the template", kind, p.Name)
		}
		values[i] = p.Text
	}
	return values, nil
}

func (p paramSend) check(kind string) *failure {
	switch {
	case p.Type != "text":
		return fail(132012, "%s: Format mismatch, expected TEXT, received %s", kind, strings.ToUpper(p.Type))
	case strings.TrimSpace(p.Text) == "":
		return fail(100, "Parameter 'text' is mandatory for component parameter type 'text'")
	case strings.ContainsAny(p.Text, "\n\r\t") || strings.Contains(p.Text, "     "):
		return fail(132018, "%s: Param text cannot have new-line/tab characters or more than 4 consecutive spaces", kind)
	}
	return nil
}

// tappable returns the template's quick replies with their payloads, which are
// their texts unless the message says otherwise.
func (t *template) tappable(components []componentSend) ([]Choice, *failure) {
	payloads := map[int]string{}
	for _, c := range components {
		if !strings.EqualFold(c.Type, "button") {
			continue
		}
		i, err := strconv.Atoi(c.Index)
		if err != nil || i < 0 || i >= len(t.buttons) || c.SubType != "quick_reply" || t.buttons[i].Type != "QUICK_REPLY" {
			return nil, fail(132012, "button: index %q is no quick reply of the template", c.Index)
		}
		if len(c.Parameters) != 1 || c.Parameters[0].Type != "payload" {
			return nil, fail(132012, "button: one payload parameter is expected")
		}
		if f := span("Button payload", c.Parameters[0].Payload, 256); f != nil {
			return nil, f
		}
		payloads[i] = c.Parameters[0].Payload
	}
	var choices []Choice
	for i, b := range t.buttons {
		if b.Type == "QUICK_REPLY" {
			choices = append(choices, Choice{ID: defaulted(payloads[i], b.Text), Title: b.Text})
		}
	}
	return choices, nil
}
