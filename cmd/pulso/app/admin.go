package app

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/bot"
	"pulso/bot/words"
	"pulso/models"
)

// What the chat commands do, for scripts.

// terminal is the key of whoever sits at the command line and stands in no list.
const terminal = "terminal"

// Member is somebody of people, as a list shows them.
type Member struct {
	Phone    string       `json:"phone,omitempty"`
	UserID   string       `json:"user_id,omitempty"`
	Name     string       `json:"name"`
	Role     models.Role  `json:"role"`
	Language string       `json:"language"`
	Timezone string       `json:"timezone"`
	Scope    models.Scope `json:"scope"`
	FromFile bool         `json:"from_file"`
	State    string       `json:"state"` // active, invited, or why their rights rest
}

// Address is the phone, or the user id of somebody who shows none.
func (m Member) Address() string { return either(m.Phone, m.UserID) }

// Members lists the people of the business.
func (a *App) Members(ctx context.Context) ([]Member, error) {
	people, err := a.everybody(ctx)
	if err != nil {
		return nil, err
	}
	list := []Member{}
	for _, p := range people {
		scope := models.Scope{Teams: append([]string{}, p.Scope.Teams...), Channels: append([]string{}, p.Scope.Channels...)}
		list = append(list, Member{p.Phone, p.UserID, p.Name, p.Role, p.Language, p.Zone, scope, p.FromFile, either(p.Suspended, "active")})
	}
	return list, nil
}

// ErrInvitation is returned for an invitation that makes no sense.
var ErrInvitation = errors.New("cannot invite")

// Invite invites somebody and returns the code that they write to the bot within
// ten minutes.
func (a *App) Invite(ctx context.Context, p models.Person) (string, error) {
	digits, ok := models.PhoneDigits(p.Phone)
	if !ok || len(digits) < 7 {
		return "", fmt.Errorf("%w: %q is no phone number; write it with its country, as +573001112233", ErrInvitation, p.Phone)
	}
	if !slices.Contains([]models.Role{models.Owner, models.Admin, models.Manager, models.Viewer}, p.Role) {
		return "", fmt.Errorf("%w: role %q: want owner, admin, manager or viewer", ErrInvitation, p.Role)
	}
	if p.Language != "" && !slices.Contains(Languages(), p.Language) {
		return "", fmt.Errorf("%w: language %q: want one of %s", ErrInvitation, p.Language, strings.Join(Languages(), ", "))
	}
	p.Phone = "+" + digits
	p.Key = p.Phone
	people, err := a.everybody(ctx)
	if err != nil {
		return "", err
	}
	for _, x := range people {
		if x.Key == p.Key && (x.FromFile || x.Suspended == "") {
			return "", fmt.Errorf("%w: this number belongs to people already, as %s", ErrInvitation, x.Role)
		}
	}
	return office{a}.Invite(ctx, p, models.Person{Key: terminal}, a.Clock.Now().UnixMilli())
}

// ErrFromFile is returned for a change of what the settings file says.
var ErrFromFile = errors.New("it stands in the file of settings: change it there")

// Revoke ends the rights of somebody, named or by phone, and returns who it was.
func (a *App) Revoke(ctx context.Context, who string) (models.Person, error) {
	p, ok, err := a.person(ctx, who)
	switch {
	case err != nil:
		return p, err
	case !ok:
		return p, fmt.Errorf("revoke %s: %w", who, ErrNobody)
	case p.FromFile:
		return p, fmt.Errorf("revoke %s: %w", who, ErrFromFile)
	}
	return p, office{a}.Revoke(ctx, p.Key)
}

// Guard is an alert rule with its state, as a list shows it.
type Guard struct {
	ID         int64    `json:"id"`
	Name       string   `json:"name"`
	Metric     string   `json:"metric"`
	Op         string   `json:"op"`
	Threshold  float64  `json:"threshold"`
	Clear      float64  `json:"clear"`
	For        float64  `json:"for_seconds"`
	Over       float64  `json:"over_seconds"`
	Repeat     float64  `json:"repeat_seconds"`
	MinN       int      `json:"min_n"`
	Teams      []string `json:"teams"`
	Channels   []string `json:"channels"`
	Agents     []string `json:"agents"`
	To         []string `json:"to"`
	FromFile   bool     `json:"from_file"`
	State      string   `json:"state"`
	Since      *string  `json:"since"`
	Value      *float64 `json:"value"`
	AckedBy    *string  `json:"acked_by"`
	MutedUntil *string  `json:"muted_until"`
}

// When is the condition as people write it: first_response > 10m.
func (g Guard) When() string {
	m, _ := analytics.MetricOf(g.Metric)
	level := strconv.FormatFloat(g.Threshold, 'f', -1, 64)
	switch op := models.Op(g.Op); {
	case op == models.Silence:
		level = length(g.For)
	case op == models.Drop, op == models.Rise, m.Unit == analytics.Share:
		level = strconv.FormatFloat(math.Round(g.Threshold*1e6)/1e4, 'f', -1, 64) + "%"
	case m.Unit == analytics.Seconds:
		level = length(g.Threshold)
	}
	return g.Metric + " " + g.Op + " " + level
}

// length writes seconds in the largest unit of which they are a whole number.
func length(seconds float64) string {
	unit := "s"
	for _, u := range []struct {
		name string
		in   float64
	}{{"m", 60}, {"h", 60}} {
		if seconds == 0 || math.Mod(seconds, u.in) != 0 {
			break
		}
		seconds, unit = seconds/u.in, u.name
	}
	return strconv.FormatFloat(seconds, 'f', -1, 64) + unit
}

// Alerts lists the alert rules with their states.
func (a *App) Alerts(ctx context.Context) ([]Guard, error) {
	rules, err := a.rulesAll(ctx)
	if err != nil {
		return nil, err
	}
	list := []Guard{}
	for _, g := range rules {
		list = append(list, a.guard(g))
	}
	return list, nil
}

func (a *App) guard(g bot.Guarded) Guard {
	when := func(at int64) *string {
		if at == 0 {
			return nil
		}
		s := a.rules.Zone.Time(at).Format(time.RFC3339)
		return &s
	}
	seconds := func(ms int64) float64 { return float64(ms) / 1000 }
	some := func(list []string) []string { return append([]string{}, list...) }
	r, s := g.Rule, g.Alarm
	x := Guard{
		ID: r.ID, Name: r.Name, Metric: r.Metric, Op: string(r.Op), Threshold: r.Threshold, Clear: r.Clear, For: seconds(r.For), Over: seconds(r.Over),
		Repeat: seconds(r.Repeat), MinN: r.MinN, Teams: some(r.Teams), Channels: some(r.Channels), Agents: some(r.Agents), To: some(r.To), FromFile: r.FromFile,
		State: either(string(s.Health), string(models.Normal)), Since: when(s.Since), MutedUntil: when(s.MutedTill),
	}
	if s.Known {
		x.Value = &s.Value
	}
	if s.AckedBy != "" {
		x.AckedBy = &s.AckedBy
	}
	return x
}

// RemoveAlert removes a rule that was set by chat or command line.
func (a *App) RemoveAlert(ctx context.Context, id int64) error {
	g, err := a.alert(ctx, id)
	if err != nil {
		return err
	}
	if g.Rule.FromFile {
		return fmt.Errorf("remove alert %d: %w", id, ErrFromFile)
	}
	return office{a}.RemoveRule(ctx, id)
}

func (a *App) alert(ctx context.Context, id int64) (bot.Guarded, error) {
	rules, err := a.rulesAll(ctx)
	if err != nil {
		return bot.Guarded{}, err
	}
	i := slices.IndexFunc(rules, func(g bot.Guarded) bool { return g.Rule.ID == id })
	if i < 0 {
		return bot.Guarded{}, fmt.Errorf("there is no alert %d: see `pulso alerts list`", id)
	}
	return rules[i], nil
}

// Trial says how often a rule would have fired in the last 30 days.
type Trial struct {
	Rule  string `json:"rule"`
	Days  int    `json:"days"`
	Known bool   `json:"known"` // false: the record cannot tell
	Times int    `json:"times"`
}

// TestAlert tries a rule, by its number or in words, on the last 30 days.
func (a *App) TestAlert(ctx context.Context, as, text string) (*Trial, error) {
	rule := models.Rule{}
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		g, err := a.alert(ctx, id)
		if err != nil {
			return nil, err
		}
		rule = g.Rule
	} else {
		said, err := a.instruct(ctx, as, text, words.ToAlert, false)
		if err != nil {
			return nil, err
		}
		if said.reply.Change == nil || said.reply.Change.Rule == nil {
			return nil, fmt.Errorf("%w: %s", ErrNotRead, said.plain)
		}
		rule = *said.reply.Change.Rule
	}
	times, known, err := a.backtest(ctx, rule, a.Clock.Now().UnixMilli())
	return &Trial{rule.Name, backDays, known, times}, err
}

// ErrNotRead is returned for words that were not understood as what they were
// to be.
var ErrNotRead = errors.New("not understood")

// instruct lets the bot's own grammar read words that are to add something.
func (a *App) instruct(ctx context.Context, as, text string, want words.Intent, apply bool) (*Said, error) {
	d, err := a.Dialogue(ctx, as, a.Clock.Now, apply, false)
	if err != nil {
		return nil, err
	}
	lead := map[words.Intent]string{words.ToAlert: "alert ", words.ToDigest: "digest "}[want]
	var said *Said
	for _, line := range []string{text, lead + text, lead + "if " + text} {
		if said != nil && said.reply.Intent == want {
			break
		}
		try := *d
		try.apply = false
		if said, err = try.Ask(ctx, line, ""); err != nil {
			return nil, err
		}
		if apply && said.reply.Intent == want && said.reply.Change != nil {
			said, err = d.Ask(ctx, line, "")
			return said, err
		}
	}
	if said.reply.Intent != want {
		return nil, fmt.Errorf("%w: %s", ErrNotRead, said.plain)
	}
	return said, nil
}

// AddAlert adds a rule in words of any language, for somebody of people.
func (a *App) AddAlert(ctx context.Context, as, text string) (*Said, error) {
	return a.added(a.instruct(ctx, as, text, words.ToAlert, true))
}

// AddDigest adds a digest in words of any language, for somebody of people.
func (a *App) AddDigest(ctx context.Context, as, text string) (*Said, error) {
	if as == "" {
		return nil, wrong("a digest is somebody's: say whose with --as")
	}
	return a.added(a.instruct(ctx, as, text, words.ToDigest, true))
}

func (a *App) added(said *Said, err error) (*Said, error) {
	if err != nil {
		return nil, err
	}
	if said.reply.Change == nil {
		return nil, fmt.Errorf("%w: %s", ErrNotRead, said.plain)
	}
	return said, nil
}

// Schedule is a digest, as a list shows it.
type Schedule struct {
	ID       string   `json:"id"`
	Person   string   `json:"person"`
	At       string   `json:"at"`
	Days     []string `json:"days"` // mon … sun; none for a monthly one
	MonthDay *int     `json:"month_day"`
	Ask      string   `json:"ask"`
	Language string   `json:"language"`
	FromFile bool     `json:"from_file"`
	Next     *string  `json:"next"`
}

// Digests lists the digests of somebody, or of everybody when as is "".
func (a *App) Digests(ctx context.Context, as string) ([]Schedule, error) {
	people, err := a.everybody(ctx)
	if err != nil {
		return nil, err
	}
	key := ""
	if as != "" {
		p, ok, err := a.person(ctx, as)
		if err != nil || !ok {
			return nil, errors.Join(err, fmt.Errorf("--as %s: %w", as, ErrNobody))
		}
		key = p.Key
	}
	all, err := a.digestsOf(ctx, key)
	if err != nil {
		return nil, err
	}
	list := []Schedule{}
	for _, d := range all {
		i := slices.IndexFunc(people, func(p models.Person) bool { return p.Key == d.Person })
		if i >= 0 {
			list = append(list, a.schedule(d, people[i]))
		}
	}
	return list, nil
}

func (a *App) schedule(d models.Digest, p models.Person) Schedule {
	s := Schedule{ID: d.ID, Person: either(p.Name, p.Key), At: fmt.Sprintf("%02d:%02d", d.At/60, d.At%60), Days: daysOf(d), Ask: d.Ask, Language: either(d.Language, p.Language), FromFile: d.FromFile}
	if d.MonthDay > 0 {
		s.MonthDay = &d.MonthDay
	}
	zone := a.zoneOf(p)
	if at := analytics.NextOccurrence(&d, zone, a.Clock.Now().UnixMilli()); at != 0 {
		next := zone.Time(at).Format(time.RFC3339)
		s.Next = &next
	}
	return s
}

// daysOf names the days of the week on which a digest comes.
func daysOf(d models.Digest) []string {
	list := []string{}
	for i, name := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		if d.MonthDay == 0 && (len(d.Days) == 0 || slices.Contains(d.Days, i+1)) {
			list = append(list, name)
		}
	}
	return list
}

// digest finds a digest and the person who gets it.
func (a *App) digest(ctx context.Context, id string) (models.Digest, models.Person, error) {
	all, err := a.digestsOf(ctx, "")
	if err != nil {
		return models.Digest{}, models.Person{}, err
	}
	people, err := a.everybody(ctx)
	if err != nil {
		return models.Digest{}, models.Person{}, err
	}
	for _, d := range all {
		for _, p := range people {
			if d.ID == id && p.Key == d.Person {
				return d, p, nil
			}
		}
	}
	return models.Digest{}, models.Person{}, fmt.Errorf("there is no digest %s: see `pulso digests list`", id)
}

// RemoveDigest removes a digest that was set by chat or command line.
func (a *App) RemoveDigest(ctx context.Context, id string) error {
	d, _, err := a.digest(ctx, id)
	if err != nil {
		return err
	}
	if d.FromFile {
		return fmt.Errorf("remove digest %s: %w", id, ErrFromFile)
	}
	return a.Store.DropDigests(ctx, []string{id})
}

// ErrClaimed is returned for a digest that was sent already, or that a running
// service sends: one of each local date.
var ErrClaimed = errors.New("today's was sent already")

// SendDigest plans today's issue of a digest now; a running service sends it. It
// returns the key of its rows in the outbox. The day's own time then passes
// without another one.
func (a *App) SendDigest(ctx context.Context, id string) (string, error) {
	d, person, err := a.digest(ctx, id)
	if err != nil {
		return "", err
	}
	now := a.Clock.Now().UnixMilli()
	if !person.May(now) {
		return "", fmt.Errorf("send digest %s: the person's rights rest", id)
	}
	b, err := a.Bot()
	if err != nil {
		return "", err
	}
	claim, date := "digest/"+d.ID, a.zoneOf(person).Time(now).Format(time.DateOnly)
	key := claim + "/" + date
	taken, err := a.Store.Claimed(ctx, claim, []string{date})
	if err != nil {
		return "", err
	}
	if taken[date] {
		return "", fmt.Errorf("send digest %s: %w (%s): see `pulso outbox`", id, ErrClaimed, key)
	}
	messages, err := press{a, b}.Digest(ctx, bot.Issue{Digest: d, Person: person, Due: now, Now: now}, key)
	if err != nil {
		return "", fmt.Errorf("send digest %s: %w", id, err)
	}
	for _, o := range messages {
		o.Class = models.Once
	}
	ours, err := a.Store.ClaimSlot(ctx, claim, date, now, messages)
	if err == nil && !ours {
		err = fmt.Errorf("send digest %s: %w (%s)", id, ErrClaimed, key)
	}
	return key, err
}
