package words

import (
	"slices"
	"strings"

	"pulso/analytics"
	"pulso/analytics/report"
)

// list reads what is to be listed, and false when the line asks for figures.
func (l *line) list() (Reading, bool) {
	name := l.listName()
	if name == "" {
		return Reading{}, false
	}
	d := &ListDetail{List: name, Page: 1}
	t := l.scanTimes(0, len(l.items))
	if t.never != "" && name != "expiring" {
		return Reading{Language: l.lang.String(), Intent: Unknown, Refused: &report.Refusal{Why: t.never}, Said: t.notes, Suggestions: l.suggest(nil)}, true
	}
	if t.main != nil && !l.is(t.main.first, "when.now") {
		d.Period, d.PeriodText = t.main.span, t.main.text
	}
	s := l.names(0, len(l.items))
	r := Reading{Language: l.lang.String(), Intent: ToList, List: d, Candidates: s.unclear, Said: append(t.notes, s.notes...), follows: true}
	d.Where = s.filters
	switch name {
	case "log":
		if !l.contact(d, &r) {
			return Reading{}, false
		}
	case "open":
		if !l.owner(d, &r) {
			return Reading{}, false
		}
	}
	l.platforms(d)
	return r, true
}

// platforms keeps a platform named in the list's filters.
func (l *line) platforms(d *ListDetail) {
	s := selection{filters: d.Where}
	for i := range l.items {
		for _, v := range valuesOf[l.at(i).key("value")] {
			if v.dim == analytics.ByPlatform && !l.used[i] {
				s.add(v.dim, v.values...)
			}
		}
	}
	d.Where = s.filters
}

// listName decides which list is asked for. How many, how long and by what make
// a figure of it.
func (l *line) listName() string {
	if l.any("list.log") && (l.phone() != "" || len(l.lookup(l.after("list.log"))) > 0) {
		return "log"
	}
	if l.any("ask.who") && l.any("act.") && !l.any("ask.howmany") && len(l.lookup(l.unknownWords())) > 0 {
		return "log"
	}
	if l.closing() && !l.any("ask.howmany", "mod.rate", "mod.howlong") && !l.past() {
		return "expiring"
	}
	if l.any("ask.howmany", "mod.rate", "mod.howlong", "glue.by", "cmd.chart", "cmd.trend", "cmd.xlsx", "cmd.pdf", "cmd.csv", "stat.", "metric.longest_wait") || l.ranked() {
		return ""
	}
	past := l.past()
	show := l.any("ask.which", "cmd.list", "ask.who", "list.who")
	switch {
	case l.any("list.mentions"):
		return "mentions"
	case l.any("list.contacts") && !l.any("act.waiting", "list.waiting", "act.unanswered"), l.any("cmd.list", "ask.who", "list.who") && (l.any("act.new", "act.returning", "act.added", "act.deleted") && l.any("noun.contact") || l.any("metric.contacts_new", "metric.contacts_returning", "metric.contacts_added")):
		return "contacts"
	case l.any("list.unassigned"):
		return "unassigned"
	case l.any("list.expiring"), l.any("act.expiring") && (show || l.any("noun.window")), l.any("metric.windows_expiring"):
		return "expiring"
	case l.any("list.missed"), l.any("metric.missed_windows", "act.missed") && l.any("noun.window", "metric.missed_windows") && show:
		return "missed"
	case l.any("list.comments") && !l.any("act.closed", "act.opened", "act.received"):
		return "comments"
	case l.any("list.log") && l.is(l.find(0, "list.log")+1, "rank."):
		return ""
	case l.any("list.log") && l.sought():
		return "log"
	case l.any("list.open") && l.anyNamed(analytics.ByAgent) && !past && (!l.any("overview.howgo") || l.any("ask.which")):
		return "open"
	case l.any("list.waiting") && !past, l.any("act.waiting", "act.unanswered") && l.any("ask.who", "list.who", "cmd.list", "ask.which", "when.now", "ask.exists", "noun.contact") && !past:
		return "waiting"
	case l.any("list.log"):
		return "log"
	case l.any("list.attention"):
		return "attention"
	}
	return ""
}

// closing reports whether windows are about to close: "a quién se le está por
// cerrar la ventana". What has closed is over.
func (l *line) closing() bool {
	if !l.any("noun.window") || l.any("act.missed", "act.sent", "act.received", "noun.message") {
		return false
	}
	for i := range l.items {
		if l.is(i, "act.closed", "act.expiring") && !slices.ContainsFunc(over, func(end string) bool { return strings.HasSuffix(l.at(i).text, end) }) {
			return true
		}
	}
	return false
}

// over are the endings of verbs of what has happened.
var over = []string{"aron", "eron", "ado", "ados", "ada", "adas", "ido", "idos", "ida", "idas", "ed", "aram", "eram", "iram", "ou", "eu", "iu"}

// mostOf reports whether the line asks who has most of something: "who has the
// most customers waiting".
func (l *line) mostOf() bool {
	for i := range l.items {
		if l.is(i, "rank.most", "rank.least") && l.is(l.skip(i+1, "glue.of", "act.waiting", "act.open", "act.unanswered"), "noun.contact", "noun.conversation") {
			return true
		}
	}
	return false
}

// ranked reports whether a comparison of agents is asked, so no list.
func (l *line) ranked() bool {
	return l.any("mod.slower", "mod.faster", "rank.worst", "rank.best", "rank.top") || l.any("ask.who", "list.who", "dim.agent", "dim.team", "dim.channel") && l.part(l.plain).mostOf() || l.any("rank.most", "rank.least") && l.any("ask.who", "list.who", "dim.agent") && !l.any("list.waiting", "list.log")
}

// past reports whether a time before now is named.
func (l *line) past() bool {
	o := *l
	o.used = slices.Clone(l.used)
	t := o.scanTimes(0, len(l.items))
	return t.main != nil && t.never == "" && !(t.main.running && t.main.unit == "day")
}

// sought reports whether the line has somebody that can only be a customer.
func (l *line) sought() bool {
	if l.phone() != "" || l.strangers() > 0 {
		return true
	}
	name := l.after("list.log")
	return name != "" && len(l.lookup(name)) > 0
}

// lookup asks for the customers of a name.
func (l *line) lookup(name string) []Contact {
	if l.in.Contacts == nil || name == "" {
		return nil
	}
	return l.in.Contacts(name)
}

// after returns the words after the last item of a class, up to a mark or a word
// of time, as they were written.
func (l *line) after(class string) string {
	k := -1
	for i := range l.items {
		if l.is(i, class) {
			k = i
		}
	}
	if k < 0 {
		return ""
	}
	from := l.skip(k+1, "glue.art", "glue.of", "glue.a", "glue.with", "glue.for", "noun.contact", "noun.conversation", "glue.to", "glue.tothe")
	to := from
	for to < len(l.items) && !l.mark(to) && !l.is(to, "when.", "rel.", "cmd.thanks", "glue.in", "part.") {
		to++
	}
	for to > from && l.idle(to-1) {
		to--
	}
	if from >= to {
		return ""
	}
	return l.in.Text[l.items[from].start:l.items[to-1].last]
}

// contact finds whose log is asked for: by phone, by the words after the cue,
// by the words that nothing else knows.
func (l *line) contact(d *ListDetail, r *Reading) bool {
	for _, name := range []string{l.phone(), l.after("list.log"), l.unknownWords()} {
		found := l.lookup(name)
		if name != "" && len(found) == 0 {
			if d.Sought == "" {
				d.Sought = name
			}
			continue
		}
		if len(found) == 1 {
			d.Contact, d.Sought, d.Where, r.Candidates = &found[0], "", nil, nil
			return true
		}
		if len(found) > 1 {
			d.Sought, d.Where = name, nil
			r.Candidates = &Ambiguity{Said: name}
			for _, c := range found[:min(len(found), 10)] {
				r.Candidates.Names = append(r.Candidates.Names, c.Name)
			}
			return true
		}
	}
	if l.anyNamed(analytics.ByAgent) { // "who is Ana talking to": what she is handling
		d.List = "open"
		return l.owner(d, r)
	}
	return d.Sought != "" && (l.strangers() > 0 || l.phone() != "")
}

// unknownWords returns the run of words that no vocabulary knows.
func (l *line) unknownWords() string {
	var words []string
	for i := range l.items {
		it := l.at(i)
		if it.unknown {
			words = append(words, l.in.Text[it.start:it.last])
		} else if len(words) > 0 && !it.has("glue.of") {
			break
		}
	}
	return strings.Join(words, " ")
}

// owner moves the agent of a list of open conversations from its filters.
func (l *line) owner(d *ListDetail, r *Reading) bool {
	k := slices.IndexFunc(d.Where, func(f report.Filter) bool { return f.Dim == analytics.ByAgent })
	if k < 0 {
		return r.Candidates != nil
	}
	d.Agent = d.Where[k].Values[0]
	return true
}

// drill reads the number of an item of the list before, or "more" of it.
func (l *line) drill() (Reading, bool) {
	r := Reading{Language: l.lang.String(), follows: true}
	prev := l.in.Previous
	if prev != nil && prev.Intent == ToList && l.any("cmd.more") && l.alone("cmd.more", "cmd.drill", "cmd.list", "follow.", "cmd.detail", "rel.next", "rank.most", "mod.", "cmd.send") {
		next := *prev.List
		next.Page++
		r.Intent, r.List = ToList, &next
		return r, true
	}
	n, ok := l.index()
	if !ok {
		return Reading{}, false
	}
	r.Intent, r.Drill = ToDrill, &DrillDetail{Kind: "row", Index: n}
	if prev == nil || prev.List != nil || prev.Drill != nil && prev.Drill.Kind == "conversation" {
		r.Drill.Kind = "conversation"
	}
	return r, true
}

// index returns the number of a line that is nothing but that.
func (l *line) index() (int, bool) {
	n := 0
	for i := range l.items {
		switch k, ok := l.integer(i); {
		case n > 0 && l.is(i, "number.1"): // "the first one"
		case ok && n == 0 && k >= 1 && k <= 99:
			n = k
		case l.is(i, "weekday.") && (l.in.Previous == nil || l.any("overview.howgo")):
			return 0, false
		case l.ordinal(i) > 0 && n == 0:
			n = l.ordinal(i)
		case l.is(i, "act.opened", "act.open") && !l.is(i, "cmd.drill"):
			return 0, false
		case !ok && (l.idle(i) || l.is(i, "list.log") && l.in.Previous != nil || l.is(i, "cmd.drill", "cmd.detail", "noun.conversation", "cmd.list", "cmd.send", "dim.number", "noun.contact", "number.1", "cmd.more", "overview.howgo", "ask.which")):
		default:
			return 0, false
		}
	}
	return n, n > 0
}
