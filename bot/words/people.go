package words

import (
	"regexp"
	"slices"
	"strings"

	"pulso/analytics"
)

// people reads a line about who may write to the bot, and false when it is none.
func (l *line) people() (Reading, bool) {
	p := &PeopleDetail{Phone: l.phone()}
	person := l.person(p)
	role := l.role()
	switch {
	case l.revokes() && (p.Phone != "" || person):
		p.Action = "revoke"
	case p.Phone != "" && (l.any("cmd.invite", "cmd.access") || role != "") && !l.any("list.log"):
		p.Action = "invite"
	case person && role != "" && l.any("cmd.invite"):
		p.Action = "invite"
	case l.any("cmd.people") && l.asksPeople(), l.part(l.plain).asksAccess():
		return Reading{Language: l.lang.String(), Intent: ToPeople, People: &PeopleDetail{Action: "list"}}, true
	default:
		return Reading{}, false
	}
	if p.Action == "invite" {
		p.Role = role
		l.scope(p)
		if p.Name == "" {
			p.Name = l.inviteeName()
		}
	}
	return Reading{Language: l.lang.String(), Intent: ToPeople, People: p}, true
}

// revokes reports whether the line takes access away.
func (l *line) revokes() bool {
	return l.any("cmd.revoke") || l.any("cmd.stop") && (l.phone() != "" || l.any("cmd.access") ||
		!l.any("act.", "overview.", "noun.", "cmd.digest", "cmd.alert", "cmd.alerts", "cmd.chart", "cmd.trend", "list.", "mod.", "metric.", "dim."))
}

// asksPeople reports whether "people" means those who may write to the bot: said
// in full, or alone.
func (l *line) asksPeople() bool {
	k := l.find(0, "cmd.people")
	if strings.Contains(l.at(k).text, " ") && !l.is(k, "noun.contact", "cmd.list") {
		return true
	}
	return l.alone("cmd.people", "cmd.list", "cmd.drill", "ask.", "cmd.help", "noun.contact") && !l.any("ask.howmany", "when.")
}

// asksAccess reports whether the line asks who has access.
func (l *line) asksAccess() bool {
	return l.any("ask.who") && l.any("cmd.access") && l.phone() == "" && !l.any("act.", "noun.message", "noun.conversation", "overview.overview")
}

// phone returns the phone of the line in E.164. A national number takes the
// country of the people known.
func (l *line) phone() string {
	for i := range l.items {
		if l.at(i).kind == aPhone {
			return l.in.Book.e164(l.at(i).word)
		}
	}
	return ""
}

// e164 completes a phone as typed.
func (b *Book) e164(digits string) string {
	if strings.HasPrefix(digits, "+") {
		return digits
	}
	if rest, ok := strings.CutPrefix(digits, "00"); ok {
		return "+" + rest
	}
	for _, p := range b.phones {
		if n := len(p) - 1 - len(digits); n >= 1 && n <= 3 {
			return p[:n+1] + digits
		}
	}
	return "+" + digits
}

// person fills in whom of the people known the line names.
func (l *line) person(p *PeopleDetail) bool {
	for i := range l.items {
		for _, r := range l.at(i).refs {
			if r.person {
				p.Name = r.name
				if p.Phone == "" {
					p.Phone = r.value
				}
				return true
			}
		}
	}
	return p.Phone != "" && slices.Contains(l.in.Book.phones, p.Phone)
}

func (l *line) role() string {
	for _, role := range []string{"owner", "admin", "viewer", "manager"} {
		if l.any("role." + role) {
			return role
		}
	}
	return ""
}

// scope reads the teams and channels that an invitation is limited to.
func (l *line) scope(p *PeopleDetail) {
	for _, f := range l.names(0, len(l.items)).filters {
		switch f.Dim {
		case analytics.ByTeam:
			p.Teams = f.Values
		case analytics.ByChannel:
			p.Channels = f.Values
		}
	}
}

// inviteeName returns the words of the line that may be a new person's name:
// unknown ones with a capital, or any beside the phone.
func (l *line) inviteeName() string {
	var name []string
	for i := range l.items {
		it := l.at(i)
		ours := it.named() && slices.ContainsFunc(it.refs, func(r ref) bool { return !r.person && r.dim == analytics.ByAgent })
		if it.kind != aWord || !it.unknown && !ours || !it.upper && l.at(i-1).kind != aPhone && l.at(i+1).kind != aPhone {
			if len(name) > 0 {
				break
			}
			continue
		}
		name = append(name, l.in.Text[it.start:it.last])
	}
	return strings.Join(name, " ")
}

var reOffset = regexp.MustCompile(`\b(?:gmt|utc) ?([+-]) ?(\d{1,2})\b`)

// settings reads a line about the person's own language or time zone.
func (l *line) settings() (Reading, bool) {
	if l.format() != "" {
		return Reading{}, false
	}
	s := &SettingDetail{}
	r := Reading{Language: l.lang.String(), Intent: ToSettings, Setting: s}
	zone := l.any("setting.timezone") || l.placeTime()
	if place := l.place(); place != "" && zone {
		s.Setting, s.Value = "timezone", place
		return r, true
	}
	k := l.find(0, "language.")
	switch {
	case k >= 0 && (l.any("setting.language") || l.alone("language.", "setting.", "cmd.drill", "cmd.help", "glue.") || l.turned(k)) && !l.reports():
		s.Setting, s.Value = "language", l.at(k).key("language")
		return r, true
	case zone && l.alone("setting.", "ask.", "cmd.", "follow."):
		s.Setting = "timezone"
		return r, l.strongSetting("setting.timezone")
	case l.any("setting.language") && l.alone("setting.", "ask.", "cmd.", "follow."):
		s.Setting = "language"
		return r, l.strongSetting("setting.language")
	}
	return Reading{}, false
}

// turned reports whether the language at item k is what something is to be
// turned to: "switch me to spanish", whatever the verb.
func (l *line) turned(k int) bool {
	for i := range l.items {
		if i != k && !l.idle(i) && !l.is(i, "setting.", "cmd.", "follow.") && !l.at(i).unknown {
			return false
		}
	}
	return l.is(k-1, "glue.to", "glue.tothe", "glue.in", "glue.a", "glue.for") && l.strangers() <= 1
}

// placeTime reports whether the line is about the time of a place: "use Lima
// time", "hora de Bogotá".
func (l *line) placeTime() bool {
	k := l.find(0, "place.")
	if k < 0 || !l.alone("place.", "setting.", "mod.time", "unit.hour", "cmd.", "follow.") {
		return false
	}
	return l.any("mod.time", "unit.hour")
}

// strongSetting reports whether a setting is named by its own name.
func (l *line) strongSetting(class string) bool {
	k := l.find(0, class)
	it := l.at(k)
	return !it.has("filler.", "cmd.", "follow.", "glue.", "refuse.") && len(it.text) > 3
}

// reports reports whether the line has a report's own words.
func (l *line) reports() bool {
	return l.any("act.", "metric.", "overview.overview", "overview.howgo", "noun.message", "noun.conversation", "cmd.digest", "list.") && !l.alone("setting.", "language.", "act.replied", "act.wrote", "noun.reply", "noun.message", "cmd.", "list.")
}

// place returns the IANA name of the place that the line names.
func (l *line) place() string {
	for i := range l.items {
		if p := l.at(i).key("place"); p != "" {
			return p
		}
	}
	text := fold(l.in.Text).text
	for _, zone := range l.lex.places {
		if strings.Contains(text, strings.ToLower(zone)) {
			return zone
		}
	}
	if m := reOffset.FindStringSubmatch(text); m != nil {
		return "Etc/GMT" + map[string]string{"+": "-", "-": "+"}[m[1]] + strings.TrimLeft(m[2], "0")
	}
	return ""
}
