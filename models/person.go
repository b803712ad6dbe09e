package models

// Role says what a person of the business may do.
type Role string

// The roles, from the one who may do everything to the one who may only look.
const (
	Owner   Role = "owner"
	Admin   Role = "admin"
	Manager Role = "manager"
	Viewer  Role = "viewer"
)

// Scope narrows what a person sees to teams and channels (platform:id); an
// empty list narrows nothing.
type Scope struct {
	Teams    []string `json:"teams"`
	Channels []string `json:"channels"`
}

// All reports whether the scope is everything.
func (s Scope) All() bool { return len(s.Teams) == 0 && len(s.Channels) == 0 }

// Person is somebody of the business who may ask. Phone is E.164, UserID a
// business-scoped user id; at least one is set.
type Person struct {
	Key       string // the phone, else the user id: names the person in the database
	Phone     string
	UserID    string
	Name      string
	Role      Role
	Language  string // of the answers
	Zone      string // IANA name
	Scope     Scope
	Identity  string // hash of their WhatsApp key, once known
	FromFile  bool   // configured: the file wins over what was said by chat
	Suspended string // why the person's rights rest: Invited, or words; "" not
	// Since and Until bound, in ms, the time in which the person belongs to the
	// business; 0 is without bound. What they wrote before and after is a customer's.
	Since, Until int64
}

// Invited is why the rights of somebody rest who has not used their code yet.
const Invited = "invited"

// Belongs reports whether the person was one of the business at a moment, in ms,
// as a provider tells it: in whole seconds, by a clock of its own.
func (p *Person) Belongs(at int64) bool {
	return at >= p.Since-clockSlack && (p.Until == 0 || at < p.Until)
}

const clockSlack = 60_000 // ms

// May reports whether the person may ask now.
func (p *Person) May(now int64) bool { return p.Suspended == "" && p.Belongs(now) }

// Bears reports whether one of a sender's identifiers is the person's.
func (p *Person) Bears(party []Alias) bool {
	digits, _ := PhoneDigits(p.Phone)
	for _, a := range party {
		if a.Kind == ByPhone && digits != "" && a.Value == digits || a.Kind == ByUser && p.UserID != "" && a.Value == p.UserID {
			return true
		}
	}
	return false
}
