package words

import (
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
)

// timeDims are the time dimensions by their unit.
var timeDims = map[string]analytics.Dim{
	"hour": analytics.ByHour, "day": analytics.ByDay, "week": analytics.ByWeek, "month": analytics.ByMonth, "weekday": analytics.ByWeekday,
}

// dims reads what the items [from, to) ask to be broken down by.
func (l *line) dims(from, to int) []analytics.Dim {
	var by []analytics.Dim
	add := func(d analytics.Dim) {
		if !slices.Contains(by, d) {
			by = append(by, d)
		}
	}
	after := false // still in the list that follows "by"
	for i := from; i < to; i++ {
		if l.used[i] {
			after = false
			continue
		}
		if l.is(i, "glue.by") {
			after = true
			continue
		}
		d, ok := l.dimAt(i, after)
		if ok && (after || l.standsAlone(i)) {
			add(d)
			l.use(i, i+1)
			if l.goesOn(i, d) {
				after = true
			}
			continue
		}
		after = after && (l.is(i, "glue.and", "glue.art", "glue.one", "glue.of", "filler.") || l.mark(i) && l.at(i).word == ",")
	}
	if l.asksWho() && !slices.Contains(by, analytics.ByAgent) && !l.anyNamed(analytics.ByAgent) {
		by = append(by, analytics.ByAgent)
	}
	return by
}

// goesOn reports whether another dimension is listed after the one at item i, of
// which "by" is a part: "por día y canal", "by weekday hour".
func (l *line) goesOn(i int, d analytics.Dim) bool {
	if !strings.Contains(l.at(i).text, " ") || !l.lex.starts(l.at(i).text, "glue.by") {
		return false
	}
	j := i + 1
	if l.is(j, "glue.and") || l.mark(j) && l.at(j).word == "," {
		j++
	}
	other, ok := l.dimAt(j, true)
	if !ok || other == d || l.used[j] || l.namedNear(j) {
		return false
	}
	return j > i+1 || d == analytics.ByWeekday && other == analytics.ByHour || d == analytics.ByHour && other == analytics.ByWeekday
}

// asksWho reports whether the line asks for people: "who", "los tres que más".
func (l *line) asksWho() bool {
	if l.any("ask.who") {
		return true
	}
	for i := range l.items {
		if _, ok := l.integer(i); ok && l.is(i-1, "glue.art") && l.is(i+1, "ask.which", "glue.than") && l.is(i+2, "rank.") {
			return true
		}
	}
	return false
}

// dimAt returns the dimension that item i names; units of time only after "by".
func (l *line) dimAt(i int, after bool) (analytics.Dim, bool) {
	key := l.at(i).key("dim")
	if key == "number" {
		key = "channel"
	}
	if d, ok := timeDims[key]; ok {
		return d, true
	}
	if d, ok := analytics.ParseDim(key); ok {
		return d, true
	}
	if after {
		d, ok := timeDims[l.at(i).key("unit")]
		return d, ok
	}
	return 0, false
}

// standsAlone reports whether a dimension's name needs no "by": it is in the
// plural, asked for, ranked, or only ever used so.
func (l *line) standsAlone(i int) bool {
	it := l.at(i)
	if _, isTime := timeDims[it.key("dim")]; isTime {
		return true
	}
	if l.is(i, "dim.opened_by", "dim.closed_by", "dim.contact_kind", "dim.pricing_category", "dim.error", "dim.sender", "dim.source") {
		return true
	}
	if l.namedNear(i) {
		return false
	}
	plural := len(it.text) > 3 && it.text[len(it.text)-1] == 's'
	if l.is(i-1, "ask.which") {
		return true
	}
	before := l.skipBack(i-1, "glue.art", "filler.", "number.", "rel.last")
	return plural && !l.is(i, "dim.number") || l.is(before, "ask.which", "rank.", "mod.slower", "mod.faster", "glue.each") || l.is(i+1, "rank.", "mod.slower", "mod.faster")
}

// skipBack is skip towards the start of the line.
func (l *line) skipBack(i int, classes ...string) int {
	for i >= 0 && (l.is(i, classes...) || l.at(i).kind == aNumber) {
		i--
	}
	return i
}

// namedNear reports whether a name of the dimension stands beside its word:
// "el canal Tienda Norte", "Tienda Norte number".
func (l *line) namedNear(i int) bool {
	d, _ := l.dimAt(i, false)
	for _, k := range []int{l.skip(i+1, "glue.of", "glue.art"), i - 1} {
		if slices.ContainsFunc(l.at(k).refs, func(r ref) bool { return !r.person && r.dim == d }) {
			return true
		}
	}
	return false
}

func (l *line) anyNamed(d analytics.Dim) bool {
	return slices.ContainsFunc(l.items, func(it item) bool {
		return slices.ContainsFunc(it.refs, func(r ref) bool { return !r.person && r.dim == d })
	})
}

// value is what a word of the vocabulary keeps in a dimension.
type value struct {
	dim    analytics.Dim
	values []string
}

// valuesOf lists the dimensions that a class value.… may filter, the first that
// fits the metric counts.
var valuesOf = map[string][]value{
	"bot":            {{analytics.BySender, []string{"bot"}}, {analytics.ByCloser, []string{"bot"}}, {analytics.ByOpener, []string{"automation"}}},
	"automation":     {{analytics.BySender, []string{"automation"}}, {analytics.ByOpener, []string{"automation"}}, {analytics.ByCloser, []string{"automation"}}},
	"campaign":       {{analytics.BySender, []string{"campaign"}}},
	"human":          {{analytics.BySender, []string{"agent", "phone"}}, {analytics.ByOpener, []string{"agent"}}, {analytics.ByCloser, []string{"agent"}}, {analytics.BySource, []string{"user"}}},
	"phone":          {{analytics.BySender, []string{"phone"}}, {analytics.ByAgent, []string{"phone"}}},
	"contact":        {{analytics.ByOpener, []string{"contact"}}},
	"agent":          {{analytics.BySender, []string{"agent"}}, {analytics.ByOpener, []string{"agent"}}, {analytics.ByCloser, []string{"agent"}}},
	"timeout":        {{analytics.ByCloser, []string{"timeout"}}},
	"api":            {{analytics.BySource, []string{"api"}}, {analytics.ByCloser, []string{"api"}}},
	"ad":             {{analytics.BySource, []string{"ad"}}},
	"import":         {{analytics.BySource, []string{"import"}}},
	"echo":           {{analytics.BySource, []string{"echo"}}},
	"inbound":        {{analytics.BySource, []string{"inbound"}}},
	"user":           {{analytics.BySource, []string{"user"}}},
	"text":           {{analytics.ByType, []string{"text"}}},
	"image":          {{analytics.ByType, []string{"image"}}},
	"audio":          {{analytics.ByType, []string{"audio"}}},
	"video":          {{analytics.ByType, []string{"video"}}},
	"document":       {{analytics.ByType, []string{"document"}}},
	"sticker":        {{analytics.ByType, []string{"sticker"}}},
	"location":       {{analytics.ByType, []string{"location"}}},
	"template":       {{analytics.ByType, []string{"template"}}},
	"marketing":      {{analytics.ByPricing, []string{"marketing"}}},
	"utility":        {{analytics.ByPricing, []string{"utility"}}},
	"authentication": {{analytics.ByPricing, []string{"authentication"}}},
	"service":        {{analytics.ByPricing, []string{"service"}}},
	"whatsapp":       {{analytics.ByPlatform, []string{"whatsapp"}}},
	"instagram":      {{analytics.ByPlatform, []string{"instagram"}}},
	"messenger":      {{analytics.ByPlatform, []string{"messenger"}}},
	"telegram":       {{analytics.ByPlatform, []string{"telegram"}}},
	"email":          {{analytics.ByPlatform, []string{"email"}}},
	"web":            {{analytics.ByPlatform, []string{"web"}}},
	"new":            {{analytics.ByContactKind, []string{"new"}}},
	"returning":      {{analytics.ByContactKind, []string{"returning"}}},
}

// selection is what the names and values of a line keep.
type selection struct {
	filters []report.Filter
	unclear *Ambiguity
	notes   []Note
	versus  []analytics.Dim // dimensions of which several values are set against each other
	common  []analytics.Dim // dimensions of values whose names are common words too
}

// add keeps values of a dimension too.
func (s *selection) add(d analytics.Dim, values ...string) {
	for i := range s.filters {
		if s.filters[i].Dim == d {
			for _, v := range values {
				if !slices.Contains(s.filters[i].Values, v) {
					s.filters[i].Values = append(s.filters[i].Values, v)
				}
			}
			return
		}
	}
	s.filters = append(s.filters, report.Filter{Dim: d, Values: slices.Clone(values)})
}

// choices says by which dimension a choice between senders, openers or closers
// breaks a metric down.
var choices = []struct {
	dim     analytics.Dim
	metrics []string
}{
	{analytics.BySender, []string{"messages_sent", "messages_delivered", "messages_read", "messages_failed", "messages_billable"}},
	{analytics.ByCloser, []string{"conversations_closed", "conversations_unanswered", "resolution_time"}},
	{analytics.ByOpener, []string{"conversations_opened", "conversations_reopened"}},
}

// choice reads "agents, bot or timeout?", "por el cliente y cuántas por un
// agente": who did it is then what the figures are broken down by.
func (l *line) choice(from, to int) bool {
	last, said, parted := -1, "", false
	for i := from; i < to; i++ {
		who := l.doer(i)
		switch {
		case who != "" && last >= 0 && parted && who != said:
			l.use(last, last+1)
			l.use(i, i+1)
			return true
		case who != "":
			if last < 0 || !l.mark(i-1) {
				last, said, parted = i, who, false
				continue
			}
			l.use(i, i+1) // "agents, bot or …"
		case l.is(i, "glue.or", "glue.vs") || l.is(i, "glue.and") && l.is(i+1, "ask.howmany"):
			parted = true
		case !l.idle(i) && !l.is(i, "ask.howmany"):
			last, parted = -1, false
		}
	}
	return false
}

// doer returns who item i says did something, "" when it says nothing of it.
func (l *line) doer(i int) string {
	it := l.at(i)
	if l.used[i] || it.named() {
		return ""
	}
	switch key := it.key("value"); key {
	case "bot", "automation", "campaign", "human", "phone", "contact", "agent", "timeout", "api":
		return key
	}
	before := l.skipBack(i-1, "glue.art", "glue.one")
	switch {
	case it.has("dim.agent"):
		return "agent"
	case it.has("noun.contact") && l.is(before, "glue.by", "glue.or", "glue.vs"):
		return "contact"
	}
	return ""
}

// names reads which agents, teams, channels, categories and templates the items
// [from, to) keep.
func (l *line) names(from, to int) selection {
	var s selection
	last := map[analytics.Dim]int{}
	for i := from; i < to; i++ {
		it := l.at(i)
		refs := l.meant(i)
		if len(refs) == 0 || l.used[i] {
			continue
		}
		l.use(i, i+1)
		d := refs[0].dim
		if len(refs) > 1 {
			s.unclear = &Ambiguity{Dim: d, Said: it.text}
			for _, r := range refs {
				s.unclear.Names = append(s.unclear.Names, r.name)
			}
			continue
		}
		if prev, ok := last[d]; ok && l.cueBetween(prev, i) || ok && l.is(0, "glue.vs") {
			s.versus = append(s.versus, d)
		}
		last[d] = i + 1
		if len(it.classes) > 0 && !it.has("alias.") || len(it.classes) > 1 {
			s.common = append(s.common, d)
		}
		s.add(d, refs[0].value)
		if it.partial {
			s.notes = append(s.notes, Note{SaidName, refs[0].name})
		}
	}
	if s.unclear != nil && slices.ContainsFunc(s.filters, func(f report.Filter) bool { return f.Dim == s.unclear.Dim }) {
		s.unclear = nil // "Ana y Ana María": the other name is said as well
	}
	return s
}

// meant returns what a name may mean in a report: things of one dimension.
func (l *line) meant(i int) []ref {
	var refs []ref
	for _, r := range l.at(i).refs {
		if !r.person {
			refs = append(refs, r)
		}
	}
	if len(refs) < 2 {
		return l.cued(i, refs)
	}
	for _, k := range []int{l.skipBack(i-1, "glue.of", "glue.art"), i + 1} {
		if d, ok := l.dimAt(k, false); ok {
			if own := slices.DeleteFunc(slices.Clone(refs), func(r ref) bool { return r.dim != d }); len(own) > 0 {
				return own
			}
		}
	}
	d := refs[0].dim
	return slices.DeleteFunc(refs, func(r ref) bool { return r.dim != d })
}

// cued drops a category, template or team whose name is also a common word,
// unless something before it says that it is meant.
func (l *line) cued(i int, refs []ref) []ref {
	it := l.at(i)
	if len(refs) == 0 || refs[0].dim == analytics.ByAgent || refs[0].dim == analytics.ByChannel || len(it.classes) == 0 || it.quoted {
		return refs
	}
	if it.has("act.") {
		if !l.any("noun.conversation", "act.closed", "act.opened", "dim.category") || !l.is(i-1, "glue.", "dim.") {
			return nil
		}
		return refs
	}
	if it.has("refuse.", "alias.") || l.is(i+1, "noun.conversation") || l.is(i-1, "glue.of", "glue.about", "glue.only", "glue.in", "glue.for", "glue.by", "dim.") {
		return refs
	}
	return nil
}

// anyValues reads the values of a line that names no metric: "audios de ayer",
// "instagram vs whatsapp".
func (l *line) anyValues(s *selection, from, to int) {
	for i := from; i < to; i++ {
		for _, v := range valuesOf[l.at(i).key("value")] {
			if l.used[i] || l.is(i, "filler.", "cmd.") {
				break
			}
			s.add(v.dim, v.values...)
			l.use(i, i+1)
		}
	}
}

// values reads which senders, types, sources and so on the items keep, as far
// as the metric has such a dimension.
func (l *line) values(s *selection, m analytics.Metric, from, to int) {
	for i := from; i < to; i++ {
		key := l.at(i).key("value")
		if key == "" || l.used[i] {
			continue
		}
		for _, v := range valuesOf[key] {
			if m.Fits(v.dim) {
				s.add(v.dim, v.values...)
				l.use(i, i+1)
				break
			}
		}
	}
}
