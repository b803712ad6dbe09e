package graph

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Person is somebody with WhatsApp. Phone or UserID must be set; what is left
// empty is made up from them.
type Person struct {
	Phone    string // "+573001112233"; "" = known by user id only
	UserID   string // business-scoped user id, "CO.1234…"
	Name     string // profile name
	Username string
	Identity string // identity key hash; a new one is a new owner of the number

	HidePhone  bool // webhooks do not carry the phone
	Absent     bool // not on WhatsApp: what is sent fails with 131026
	Offline    bool // gets nothing until online again
	NoReceipts bool // no read statuses
}

// person is a Person with a phone to look at.
type person struct {
	Person
	shown  []*Shown
	unread []unread
	held   []func(at time.Time) // deliveries waiting for the person to be online
	typing map[string]time.Time // by number id: until when the business is typing
}

// Shown is one bubble of a chat, as the person sees it.
type Shown struct {
	ID     string // wamid
	Number string // phone number id of the chat
	Person string // phone, or user id
	At     time.Time
	Own    bool   // written by the person, not by the business
	Kind   string // text, buttons, list, template, image, document, …

	Header, Text, Footer string
	Buttons              []Choice  // reply buttons, or quick replies of a template
	ListButton           string    // opens Sections
	Sections             []Section // of a list
	Media                *Media
	Template, Language   string
	Quote                string // wamid of the quoted bubble
	Opaque               string // of the send that made it
	Reaction             string // the person's, on a bubble of the business
	Read                 bool   // by the other side
}

// Section is a titled part of a list.
type Section struct {
	Title string
	Rows  []Choice
}

// Choice is something to tap.
type Choice struct {
	ID, Title, Description string
}

// Media is a file in a chat.
type Media struct {
	ID       string
	MIME     string
	Filename string
	Caption  string
	Voice    bool
	Data     []byte
}

const maxShown = 1000 // bubbles kept of each phone

// Add introduces a person, or changes one that is known by the same phone or
// user id; going online brings what was held back.
func (s *Server) Add(p Person) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := s.find(p.Phone, p.UserID)
	if known == nil {
		known = &person{typing: map[string]time.Time{}}
	}
	held := known.held
	delete(s.people, known.UserID)
	known.Person = completed(p, known.Person)
	s.index(known)
	if known.Offline || len(held) == 0 {
		return
	}
	known.held = nil
	for _, deliver := range held {
		s.later(s.options.Clock(), deliver)
	}
}

// completed fills in what p leaves empty.
func completed(p, before Person) Person {
	p.Phone = defaulted(p.Phone, before.Phone)
	p.UserID = defaulted(p.UserID, before.UserID)
	p.Name = defaulted(p.Name, before.Name)
	p.Identity = defaulted(p.Identity, before.Identity)
	seed := sha256.Sum256([]byte(p.Phone + p.UserID))
	if p.UserID == "" {
		p.UserID = fmt.Sprintf("%s.%020d", countryOf(digits(p.Phone)), binary.BigEndian.Uint64(seed[:]))
	}
	if p.Identity == "" {
		p.Identity = base64.StdEncoding.EncodeToString(seed[8:16])
	}
	return p
}

func (s *Server) index(p *person) {
	s.people[p.UserID] = p
	if p.Phone != "" {
		s.people[digits(p.Phone)] = p
	}
}

// find returns whoever has one of these names; the caller holds s.mu.
func (s *Server) find(names ...string) *person {
	for _, name := range names {
		if p := s.people[name]; p != nil && name != "" {
			return p
		}
		if p := s.people[digits(name)]; p != nil && strings.HasPrefix(name, "+") {
			return p
		}
	}
	return nil
}

// meet returns the person with a phone or user id, introducing them if need be.
func (s *Server) meet(name string) *person {
	if p := s.find(name); p != nil {
		return p
	}
	p := &person{typing: map[string]time.Time{}}
	if strings.HasPrefix(name, "+") {
		p.Phone = "+" + digits(name)
		p.Absent = s.options.OnlyKnown
	} else {
		p.UserID = name
	}
	p.Person = completed(p.Person, Person{})
	s.index(p)
	return p
}

// label is the name under which methods of Server take and give the person.
func (p *person) label() string { return defaulted(p.Phone, p.UserID) }

// waID is the phone's digits, or "" when webhooks must not carry it.
func (p *person) waID() string {
	if p.HidePhone {
		return ""
	}
	return digits(p.Phone)
}

// contact is the person in a contacts array.
func (s *Server) contact(p *person, username bool) object {
	c := object{"user_id": p.UserID}
	profile := object{}
	if p.Name != "" {
		profile["name"] = p.Name
	}
	if p.Username != "" && username {
		profile["username"] = p.Username
	}
	if len(profile) > 0 {
		c["profile"] = profile
	}
	if p.waID() != "" {
		c["wa_id"] = p.waID()
	}
	if s.options.IdentityKeys {
		c["identity_key_hash"] = p.Identity
	}
	return c
}

// Phone returns the person's chats with the business's numbers, oldest bubble
// first; at most the last 1000. name is a phone or a user id.
func (s *Server) Phone(name string) []Shown {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(name)
	if p == nil {
		return nil
	}
	out := make([]Shown, 0, len(p.shown))
	for _, bubble := range p.shown {
		out = append(out, *bubble)
	}
	return out
}

// Received returns what the business sent of it, without the person's own.
func (s *Server) Received(name string) []Shown {
	return slices.DeleteFunc(s.Phone(name), func(b Shown) bool { return b.Own })
}

// Typing reports whether the person sees the business typing at this moment.
func (s *Server) Typing(name, number string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(name)
	return p != nil && s.options.Clock().Before(p.typing[number])
}

// Subscribe calls watch with every new or changed bubble of any phone, in
// order, until the returned func is called. watch must neither block nor call
// the server.
func (s *Server) Subscribe(watch func(Shown)) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watching++
	id := s.watching
	s.watchers[id] = watch
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, id)
	}
}

// show puts a bubble on a phone; the caller holds s.mu and calls tell after.
func (s *Server) show(p *person, bubble Shown) {
	bubble.Person = p.label()
	if len(p.shown) >= maxShown {
		p.shown = p.shown[1:]
	}
	p.shown = append(p.shown, &bubble)
	s.fresh = append(s.fresh, bubble)
}

// tell informs the watchers of what show put up, without holding s.mu.
func (s *Server) tell() {
	s.telling.Lock()
	defer s.telling.Unlock()
	s.mu.Lock()
	fresh := s.fresh
	s.fresh = nil
	var watchers []func(Shown)
	if len(fresh) > 0 {
		for _, watch := range s.watchers {
			watchers = append(watchers, watch)
		}
	}
	s.mu.Unlock()
	for _, bubble := range fresh {
		for _, watch := range watchers {
			watch(bubble)
		}
	}
}

// bubble finds one by its id; the caller holds s.mu.
func (p *person) bubble(id string) *Shown {
	for _, b := range p.shown {
		if b.ID == id {
			return b
		}
	}
	return nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

func itoa(n int) string { return strconv.Itoa(n) }
