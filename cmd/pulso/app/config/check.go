package config

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"pulso/analytics"
	"pulso/models"
)

// check looks at what the types cannot say: forms, ranges and what depends on
// something else. It also brings values into their one form.
func (l *loader) check(c *Config) {
	l.checkBusiness(&c.Business)
	l.checkServer(&c.Server)
	l.checkDSN(c.Database.DSN)
	l.checkNumbers(c.WhatsApp)
	l.checkInboxes(c)
	l.checkRates(c.Rates)
	l.checkAgents(c.Staff)
	l.checkPeople(c.People)
	l.checkAlerts(c.Alerts, c.People)
	l.checkModel(&c.LanguageModel)
}

func (l *loader) checkBusiness(b *Business) {
	const at = "business"
	l.timezone(at+".timezone", b.Timezone)
	l.language(at+".language", b.Language)
	l.checkHours(b.Hours)
	l.checkHolidays(b.Holidays)
	l.must(b.IdleClose >= minute, at+".idle_close", "want at least 1m; 24h is usual")
	l.must(b.InboxIdleClose >= minute, at+".inbox_idle_close", "want at least 1m; 30d is usual")
	l.must(b.TargetFirstResponse > 0, at+".target_first_response", "want more than 0; 10m is usual")
	l.must(b.RankingMinN >= 0, at+".ranking_min_n", "want 0 or more; 5 is usual")
}

// timezone wants an IANA name.
func (l *loader) timezone(path, name string) {
	_, err := analytics.LoadZone(name)
	l.must(err == nil, path, "%q is not a time zone; write an IANA name such as America/Bogota", name)
}

var languageForm = regexp.MustCompile(`^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$`)

// language wants a tag there are texts for.
func (l *loader) language(path, tag string) {
	if !languageForm.MatchString(tag) {
		l.must(false, path, "%q is not a language; write a tag such as es, en or pt", tag)
		return
	}
	base, _, _ := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-")
	known := len(l.Languages) == 0 || slices.Contains(l.Languages, tag) || slices.Contains(l.Languages, base)
	l.must(known, path, "there are no texts in %q; there are %s", tag, strings.Join(l.Languages, ", "))
}

var intervalForm = regexp.MustCompile(`^\d{1,2}:\d{2}-\d{1,2}:\d{2}$`)

func (l *loader) checkHours(hours map[string][]string) {
	for _, day := range sortedKeys(hours) {
		at := join("business.hours", day)
		if _, err := pick([]byte(day), weekdays()); err != nil {
			l.must(false, at, "%v", err)
			continue
		}
		good := true
		for i, span := range hours[day] {
			_, faults := analytics.ParseHours(map[string][]string{day: {span}}, nil)
			ok := len(faults) == 0 && intervalForm.MatchString(strings.ReplaceAll(span, " ", ""))
			l.must(ok, fmt.Sprintf("%s[%d]", at, i), `%q is not a part of the day such as "09:00-13:00"; one that passes midnight is written as two`, span)
			good = good && ok
		}
		_, faults := analytics.ParseHours(map[string][]string{day: hours[day]}, nil)
		l.must(!good || len(faults) == 0, at, "the intervals overlap")
	}
}

func (l *loader) checkHolidays(days []string) {
	for i, s := range days {
		_, faults := analytics.ParseHours(nil, []string{s})
		l.must(len(faults) == 0, fmt.Sprintf("business.holidays[%d]", i), "%q is not a date such as 2026-12-25", s)
	}
}

func (l *loader) checkServer(s *Server) {
	l.hostPort("server.listen", s.Listen)
	if s.MetricsListen != "" {
		l.hostPort("server.metrics_listen", s.MetricsListen)
		l.must(s.MetricsListen != s.Listen, "server.metrics_listen", "this is server.listen; choose another port or leave it empty")
	}
	if s.PublicURL != "" {
		s.PublicURL = l.url("server.public_url", s.PublicURL)
	}
	for i, p := range s.TrustedProxies {
		_, errAddr := netip.ParseAddr(p)
		_, errRange := netip.ParsePrefix(p)
		l.must(errAddr == nil || errRange == nil, fmt.Sprintf("server.trusted_proxies[%d]", i),
			"%q is not an address such as 10.0.0.7 or a range such as 10.0.0.0/8", p)
	}
}

func (l *loader) hostPort(path, s string) {
	_, port, err := net.SplitHostPort(s)
	n, errPort := strconv.Atoi(port)
	l.must(err == nil && errPort == nil && n >= 0 && n <= 65535, path,
		`%q is not an address to listen on; write :8080 or 127.0.0.1:8080`, s)
}

// url wants http or https and a host, and returns it without a trailing slash.
func (l *loader) url(path, s string) string {
	u, err := url.Parse(s)
	ok := err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		u.User == nil && u.RawQuery == "" && u.Fragment == ""
	l.must(ok, path, "this is not a web address such as https://pulso.example.com")
	return strings.TrimRight(s, "/")
}

var mysqlForm = regexp.MustCompile(`(^|@)(tcp|unix)\([^)]+\)/[^/?@]+(\?.*)?$`)

func (l *loader) checkDSN(dsn Secret) {
	const at = "database.dsn"
	scheme, rest, _ := strings.Cut(dsn.Reveal(), ":")
	switch scheme {
	case "sqlite":
		l.must(rest != "", at, "the path of the database is missing; write sqlite:pulso.db")
	case "mysql":
		l.must(mysqlForm.MatchString(rest), at, "write it as mysql:user:password@tcp(host:3306)/name")
	default:
		l.must(false, at, "want sqlite:PATH or mysql:user:password@tcp(host:3306)/name")
	}
}

var (
	idForm      = regexp.MustCompile(`^[^\s:/]+$`)
	versionForm = regexp.MustCompile(`^v\d+\.\d+$`)
)

func (l *loader) checkNumbers(numbers []Number) {
	seen, bot := map[string]int{}, -1
	for i := range numbers {
		n, at := &numbers[i], fmt.Sprintf("whatsapp[%d]", i)
		l.must(n.PhoneNumberID != "", at+".phone_number_id", "missing; copy it from the API setup page of the app at Meta")
		l.must(n.PhoneNumberID == "" || idForm.MatchString(n.PhoneNumberID), at+".phone_number_id", "%q is not an id; it has no spaces, colons or slashes", n.PhoneNumberID)
		if first, twice := seen[n.PhoneNumberID]; twice && n.PhoneNumberID != "" {
			l.must(false, at+".phone_number_id", "%s is the number of whatsapp[%d] already", n.PhoneNumberID, first)
		} else {
			seen[n.PhoneNumberID] = i
		}
		l.filled(at+".app_secrets", n.AppSecrets)
		n.GraphURL = l.url(at+".graph_url", n.GraphURL)
		l.must(versionForm.MatchString(n.GraphVersion), at+".graph_version", "%q is not a version such as v25.0", n.GraphVersion)
		l.must(!n.Bot || bot < 0, at+".bot", "whatsapp[%d] is the bot already; only one number can be", bot)
		if n.Bot && bot < 0 {
			bot = i
		}
	}
}

// filled wants no secret of a list to be empty.
func (l *loader) filled(path string, secrets []Secret) {
	for i, s := range secrets {
		l.must(s.Set(), fmt.Sprintf("%s[%d]", path, i), "this secret is empty; fill it in or remove it")
	}
}

var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{16,}$`)

func (l *loader) checkInboxes(c *Config) {
	l.filled("respondio.signing_keys", c.Respondio.SigningKeys)
	l.channels("respondio.channels", c.Respondio.Channels)
	l.filled("chatwoot.secrets", c.Chatwoot.Secrets)
	l.channels("chatwoot.channels", c.Chatwoot.Channels)
	l.must(!c.Chatwoot.PathToken.Set() || tokenForm.MatchString(c.Chatwoot.PathToken.Reveal()), "chatwoot.path_token",
		"want at least 16 letters, digits, dashes or underscores: it stands in an address and is all that guards it")
	l.filled("events.tokens", c.Events.Tokens)
}

var channelForm = regexp.MustCompile(`^[a-z][a-z0-9_]*:[^\s]+$`)

func (l *loader) channels(path string, channels map[string]string) {
	for _, id := range sortedKeys(channels) {
		l.channel(join(path, id), channels[id])
	}
}

func (l *loader) channel(path, s string) {
	l.must(channelForm.MatchString(s), path, "%q is not a channel; write platform:id, such as whatsapp:PHONE_NUMBER_ID or instagram:mitienda", s)
}

var currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)

func (l *loader) checkRates(r Rates) {
	l.must(currencyForm.MatchString(r.Currency), "rates.currency", "%q is not a currency; write its three letters, such as USD", r.Currency)
}

func (l *loader) checkAgents(agents []Agent) {
	names, ids := map[string]int{}, map[string]int{}
	for i, a := range agents {
		at := fmt.Sprintf("agents[%d]", i)
		l.must(a.Name != "", at+".name", "missing; write the name that figures should show")
		if first, twice := names[analytics.FoldName(a.Name)]; twice && a.Name != "" {
			l.must(false, at+".name", "%q is agents[%d] already; put all ids under one entry", a.Name, first)
		} else {
			names[analytics.FoldName(a.Name)] = i
		}
		for j, id := range a.IDs {
			here := fmt.Sprintf("%s.ids[%d]", at, j)
			first, twice := ids[id]
			l.must(id != "", here, "this id is empty; fill it in or remove it")
			l.must(!twice || first == i, here, "%q is an id of agents[%d] already", id, first)
			if !twice {
				ids[id] = i
			}
		}
	}
}

func (l *loader) checkPeople(people []Person) {
	phones, users, digests := map[string]int{}, map[string]int{}, map[string]string{}
	for i := range people {
		p, at := &people[i], fmt.Sprintf("people[%d]", i)
		l.must(p.Phone != "" || p.UserID != "" || l.bad[at+".phone"], at+".phone", "missing; write it as +573001112233, or give user_id")
		user, ok := models.WhatsAppID(p.UserID)
		l.must(p.UserID == "" || ok && user.Kind == models.ByUser, at+".user_id", "this is not a WhatsApp user id such as CO.1234567890")
		l.once(phones, string(p.Phone), i, at+".phone", "this phone")
		l.once(users, p.UserID, i, at+".user_id", "this user id")
		l.must(p.Role != "" || l.has(at+".role"), at+".role", "missing; write %s", oneOf(roles()))
		if p.Language != "" {
			l.language(at+".language", p.Language)
		}
		if p.Timezone != "" {
			l.timezone(at+".timezone", p.Timezone)
		}
		l.scope(at+".scope", p.Scope)
		for j := range p.Digests {
			l.checkDigest(fmt.Sprintf("%s.digests[%d]", at, j), &p.Digests[j], digests)
		}
	}
}

// once wants a value to stand with one person only.
func (l *loader) once(seen map[string]int, value string, i int, path, what string) {
	if value == "" {
		return
	}
	first, twice := seen[value]
	l.must(!twice, path, "%s is that of people[%d] already", what, first)
	if !twice {
		seen[value] = i
	}
}

func (l *loader) scope(path string, s Scope) {
	for i, t := range s.Teams {
		l.must(t != "", fmt.Sprintf("%s.teams[%d]", path, i), "this team is empty; fill it in or remove it")
	}
	for i, c := range s.Channels {
		l.channel(fmt.Sprintf("%s.channels[%d]", path, i), c)
	}
}

var digestForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func (l *loader) checkDigest(at string, d *Digest, seen map[string]string) {
	l.must(d.ID != "", at+".id", "missing; choose a short name such as olga-daily and never change it")
	l.must(d.ID == "" || digestForm.MatchString(d.ID), at+".id", "%q is not an id; use up to 64 letters, digits, dots, dashes and underscores", d.ID)
	if first, twice := seen[d.ID]; twice {
		l.must(d.ID == "", at+".id", "%q is the id of %s already; one digest belongs to one person", d.ID, first)
	} else {
		seen[d.ID] = at
	}
	l.must(l.has(at+".at"), at+".at", "missing; write a time of day such as 09:00")
	l.must(!l.has(at+".month_day") || d.MonthDay >= 1 && d.MonthDay <= 31, at+".month_day", "want a day of the month from 1 to 31")
	l.must(d.MonthDay == 0 || len(d.Days) == 0, at+".month_day", "days is given too; a digest is weekly or monthly")
	if d.Language != "" {
		l.language(at+".language", d.Language)
	}
	if d.Ask == "" {
		d.Ask = d.usualAsk()
	}
}

// checkAsks wants every digest to ask for something that can be told. Where
// nobody can read asks, or none is written, nothing is looked at.
func (l *loader) checkAsks(c *Config) {
	if _, err := c.Rules(); err != nil || l.Asks == nil {
		return
	}
	read := sync.OnceValue(func() func(text, language string) error { return l.Asks(c) })
	for i, p := range c.People {
		for j, d := range p.Digests {
			at := fmt.Sprintf("people[%d].digests[%d].ask", i, j)
			if !l.has(at) {
				continue
			}
			err := read()(d.Ask, cmp.Or(d.Language, p.Language, c.Business.Language))
			l.must(err == nil, at, "%v", err)
		}
	}
}

// usualAsk returns the overview of the time since the digest before.
func (d *Digest) usualAsk() string {
	switch {
	case d.MonthDay > 0:
		return "stats last month"
	case len(d.Days) == 1:
		return "stats last week"
	}
	return "stats yesterday"
}

func (l *loader) checkAlerts(alerts []Alert, people []Person) {
	names := map[string]int{}
	for i := range alerts {
		a, at := &alerts[i], fmt.Sprintf("alerts[%d]", i)
		if a.Name == "" {
			a.Name = a.When.String()
		}
		if first, twice := names[analytics.FoldName(a.Name)]; twice && a.Name != "" {
			l.must(false, at+".name", "alerts[%d] is called %q already; give each a name of its own", first, a.Name)
		} else {
			names[analytics.FoldName(a.Name)] = i
		}
		l.must(a.MinN >= 0, at+".min_n", "want 0 or more")
		l.scope(at+".scope", a.Scope)
		for j := range a.To {
			l.recipient(fmt.Sprintf("%s.to[%d]", at, j), &a.To[j], people)
		}
		l.must(l.has(at+".when"), at+".when", "missing; write %s", a.When.want())
		if a.When.Metric != "" {
			l.checkCondition(at, a)
		}
	}
}

// checkCondition looks at what goes with the condition of an alert.
func (l *loader) checkCondition(at string, a *Alert) {
	m, err := metricOf(a.When.Metric)
	l.must(err == nil, at+".when", "%v", err)
	level, err := a.When.clearLevel(a.Clear)
	l.must(err == nil, at+".clear", "%v", err)
	a.ClearLevel = level
	silence := a.When.Op == models.Silence
	l.must(!silence || a.For > 0, at+".for", "missing; silence wants how long, such as for: 2h")
	l.must(!silence || a.Over == 0, at+".over", "silence takes no window; write how long under for")
	l.must(!m.Stock || a.Over == 0, at+".over", "%s is counted now and has no window; remove over", m.Key)
	l.must(len(a.Scope.Teams) == 0 || m.Fits(analytics.ByTeam), at+".scope.teams", "%s is not known by team", m.Key)
	l.must(len(a.Scope.Channels) == 0 || m.Fits(analytics.ByChannel), at+".scope.channels", "%s is not known by channel", m.Key)
}

// recipient replaces a name, phone or user id by the key of its person.
func (l *loader) recipient(path string, to *string, people []Person) {
	var found, names []string
	for _, p := range people {
		if p.called(*to) {
			found = append(found, p.Key())
		}
		names = append(names, p.Name)
	}
	_, phone := models.PhoneDigits(*to)
	switch {
	case len(found) == 1:
		*to = found[0]
	case len(found) > 1:
		l.must(false, path, "several people are called so; write the phone")
	case phone:
		l.must(false, path, "nobody in people has this phone")
	default:
		l.must(false, path, "nobody in people is called %q%s", *to, didYouMean(nearest(*to, names)))
	}
}

// called reports whether s is the person's name, phone or user id.
func (p Person) called(s string) bool {
	if name := analytics.FoldName(s); name != "" && name == analytics.FoldName(p.Name) {
		return true
	}
	digits, ok := models.PhoneDigits(s)
	return ok && "+"+digits == string(p.Phone) || s != "" && s == p.UserID
}

func (l *loader) checkModel(m *LanguageModel) {
	const at = "language_model"
	l.must(m.Timeout > 0, at+".timeout", "want more than 0; 20s is usual")
	if m.URL == "" {
		return
	}
	m.URL = l.url(at+".url", m.URL)
	l.must(m.Model != "", at+".model", "missing; write the name of the model at this address")
}

func sortedKeys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	sort.Strings(list)
	return list
}
