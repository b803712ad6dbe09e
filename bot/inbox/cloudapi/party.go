package cloudapi

import (
	"strings"

	"github.com/valyala/fastjson"

	"pulso/models"
)

// party gathers the identifiers that one element shows of one customer.
type party []models.Alias

func (p *party) add(kind models.AliasKind, value string) {
	if value == "" {
		return
	}
	a := models.Alias{Kind: kind, Value: value}
	for _, b := range *p {
		if a == b {
			return
		}
	}
	*p = append(*p, a)
}

// whatsApp adds what stands where a phone number belongs.
func (p *party) whatsApp(s string) {
	if a, ok := models.WhatsAppID(s); ok {
		p.add(a.Kind, a.Value)
	}
}

// user adds what stands where a user id and its parent belong. The field says
// what it is: ids of the drafts ("user.9373…") do not look like today's.
func (p *party) user(id, parent string) {
	if userID(id) {
		p.add(models.ByUser, id)
	}
	if userID(parent) {
		p.add(models.ByParent, parent)
	}
}

func userID(s string) bool {
	return len(s) >= 3 && len(s) <= 256 && !strings.ContainsAny(s, " <>")
}

// trimAt returns a username as it is compared: some of Meta's pages show the @.
func trimAt(username string) string { return strings.TrimPrefix(username, "@") }

// of returns the party's identifier of a kind, "" when it has none.
func (p party) of(kind models.AliasKind) string {
	for _, a := range p {
		if a.Kind == kind {
			return a.Value
		}
	}
	return ""
}

// with returns the identifiers of a thread's customer and those that one of its
// messages shows, unless the message comes from somebody else in a group.
func (p party) with(shown party) party {
	if shown.of(models.ByGroup) != "" || len(p) == 0 {
		return shown
	}
	all := append(party(nil), p...)
	if agree(p, shown, models.ByPhone) && agree(p, shown, models.ByUser) {
		for _, a := range shown {
			all.add(a.Kind, a.Value)
		}
	}
	return all
}

// contact is one row of contacts[].
type contact struct {
	ids      party
	name     string
	identity string // hash of the customer's key, when the number asks for it
	nul      bool
}

// contacts are the rows of a value, to be joined with its elements by the
// identifiers they share, never by their place.
type contacts struct {
	rows  []contact
	alone bool // one row, and one element it can belong to
	index map[models.Alias]int
}

// meetContacts reads contacts[] of the value.
func (c *change) meetContacts() {
	c.known = contacts{}
	v := c.value.Get("contacts")
	if absent(v) {
		return
	}
	c.list(c.at, "contacts", v, func(_ *decoder, _ *path, v *fastjson.Value) error {
		c.known.rows = append(c.known.rows, c.contact(v))
		return nil
	})
	c.known.alone = len(c.known.rows) == 1 && c.single()
	c.known.file()
}

// single reports whether the value holds one element in all.
func (c *change) single() bool {
	n := 0
	for _, key := range [...]string{"messages", "statuses", "message_echoes", "calls", "user_preferences"} {
		n += len(c.value.GetArray(key))
	}
	return n == 1
}

func (c *change) contact(v *fastjson.Value) contact {
	var row contact
	row.ids.whatsApp(c.str(v, "wa_id"))
	row.ids.user(c.str(v, "user_id"), c.str(v, "parent_user_id"))
	profile := v.Get("profile")
	row.ids.add(models.ByUsername, trimAt(c.str(profile, "username")))
	row.name = c.str(profile, "name")
	row.identity = c.str(v, "identity_key_hash")
	row.nul = c.nul
	return row
}

// file sorts the rows by what can recognise a customer. Rows that share a user
// id, or a phone and no other user ids, are one customer's and become one, as they
// would if each came with an element of its own; otherwise the first row wins.
func (k *contacts) file() {
	if len(k.rows) < 2 {
		return
	}
	k.index = make(map[models.Alias]int, 2*len(k.rows))
	for i := range k.rows {
		for into := i; into >= 0; {
			into = k.enter(into)
		}
	}
}

// enter files a row, or adds it to an earlier one of the same customer, which may
// then share more: it returns the one to enter again, -1 when there is none.
func (k *contacts) enter(i int) int {
	for _, a := range k.rows[i].ids {
		j, taken := k.index[a]
		switch {
		case !taken:
			k.index[a] = i
		case j != i && k.one(j, i, a.Kind):
			k.unite(min(i, j), max(i, j))
			return min(i, j)
		}
	}
	return -1
}

// one reports whether two rows that share an identifier of a kind are one customer's.
func (k *contacts) one(i, j int, kind models.AliasKind) bool {
	return kind == models.ByUser || kind == models.ByPhone && agree(k.rows[i].ids, k.rows[j].ids, models.ByUser)
}

func (k *contacts) unite(i, j int) {
	to, from := &k.rows[i], &k.rows[j]
	for _, a := range from.ids {
		to.ids.add(a.Kind, a.Value)
		if k.index[a] == j {
			k.index[a] = i
		}
	}
	if to.name == "" {
		to.name = from.name
	}
	if to.identity == "" {
		to.identity = from.identity
	}
	to.nul = to.nul || from.nul
	from.ids = nil
}

// of returns the row of the customer with these identifiers, nil when there is
// none: the one with the same user id; else with the same phone and no other
// user id; else the only row beside the only element, if nothing speaks against it.
func (k *contacts) of(ids party) *contact {
	if row := k.sharing(ids, models.ByUser); row != nil {
		return row
	}
	if row := k.sharing(ids, models.ByPhone); row != nil && agree(row.ids, ids, models.ByUser) {
		return row
	}
	if k.alone && agree(k.rows[0].ids, ids, models.ByUser) && agree(k.rows[0].ids, ids, models.ByPhone) {
		return &k.rows[0]
	}
	return nil
}

func (k *contacts) sharing(ids party, kind models.AliasKind) *contact {
	value := ids.of(kind)
	switch {
	case value == "" || len(k.rows) == 0:
	case k.index != nil:
		if i, ok := k.index[models.Alias{Kind: kind, Value: value}]; ok {
			return &k.rows[i]
		}
	case k.rows[0].ids.of(kind) == value:
		return &k.rows[0]
	}
	return nil
}

// agree reports whether a and b do not show different identifiers of a kind.
func agree(a, b party, kind models.AliasKind) bool {
	x, y := a.of(kind), b.of(kind)
	return x == "" || y == "" || x == y
}

// introduce gives an event its customer: the identifiers its element shows and
// those of the contact row they belong to. It returns that row, or nil.
func (c *change) introduce(e *models.Event, ids party) *contact {
	all, row := c.together(ids)
	if row != nil {
		e.Name = row.name
		c.nul = c.nul || row.nul
	}
	e.Party = all
	return row
}

// together returns an element's identifiers with those of the contact row they
// belong to, and that row, or nil.
func (c *change) together(ids party) (party, *contact) {
	row := c.known.of(ids)
	if row != nil {
		for _, a := range row.ids {
			ids.add(a.Kind, a.Value)
		}
	}
	return ids, row
}

// sender gives an event the customer that an inbound element comes from. In a
// group the customer is the group: the thread is everybody's, whoever wrote.
func (c *change) sender(v *fastjson.Value, e *models.Event) *contact {
	var ids party
	ids.whatsApp(c.str(v, "from"))
	ids.user(c.str(v, "from_user_id"), c.str(v, "from_parent_user_id"))
	if c.group(e, c.str(v, "group_id")) {
		e.Author, _ = c.together(ids)
		return nil
	}
	return c.introduce(e, ids)
}

// addressee gives an event the customer that a business message goes to.
func (c *change) addressee(v *fastjson.Value, e *models.Event, more ...models.Alias) {
	to := c.firstOf(v, "to", "recipient")
	if c.group(e, c.str(v, "group_id")) || groupID(to, c.lower(v, "recipient_type")) && c.group(e, to) {
		return
	}
	var ids party
	ids.whatsApp(to)
	ids.whatsApp(c.str(v, "recipient"))
	ids.user(c.str(v, "to_user_id"), c.str(v, "to_parent_user_id"))
	for _, a := range more {
		ids.add(a.Kind, a.Value)
	}
	c.introduce(e, ids)
}

// recipient gives an event the customer that a status speaks of, whose parent
// id is spelled differently from page to page.
func (c *change) recipient(v *fastjson.Value, e *models.Event) {
	to := c.str(v, "recipient_id")
	if groupID(to, c.lower(v, "recipient_type")) && c.group(e, to) {
		return
	}
	var ids party
	ids.whatsApp(to)
	ids.user(c.str(v, "recipient_user_id"),
		c.firstOf(v, "recipient_parent_user_id", "parent_recipient_user_id", "parent_user_id"))
	c.introduce(e, ids)
}

// group makes a group the customer of an event; false when id names none.
func (c *change) group(e *models.Event, id string) bool {
	if id == "" || len(id) > 256 {
		return false
	}
	e.Party = []models.Alias{{Kind: models.ByGroup, Value: id}}
	return true
}

// groupID reports whether a recipient is a group: by its type, or because the id
// is one of the API ("capi_group:" in base64) or of the app.
func groupID(id, recipientType string) bool {
	return recipientType == "group" || strings.HasPrefix(id, "Y2FwaV9ncm91cD") || strings.HasSuffix(id, "@g.us")
}
