package words

import (
	"slices"
	"strings"

	"pulso/analytics"
)

// rule says which metric a head — an act, a noun, a modifier — stands for
// when other classes stand in the same line. The first that fits counts.
type rule struct {
	head    string
	with    string // one of these is there too; "a+b" for both
	without string // none of these is
	metric  string
}

const (
	slowness = "mod.time mod.howlong mod.fast mod.slow mod.slower mod.faster"
	nobody   = "glue.not glue.nobody glue.without"
)

var rules = []rule{
	{"act.received", "noun.conversation", "noun.message", "conversations_opened"},
	{"act.received", "", "", "messages_received"},
	{"act.arrived", "value.ad value.import value.api", "noun.message noun.conversation act.new", "contacts_added"},
	{"act.arrived", "act.sent", "noun.contact", "messages_delivered"},
	{"act.arrived", "ask.who+noun.conversation", "noun.message", "conversations_assigned"},
	{"act.arrived", "noun.conversation", "noun.message", "conversations_opened"},
	{"act.arrived", "noun.contact", "noun.message", "contacts_new"},
	{"act.arrived", "", "", "messages_received"},
	{"act.sent", "", "", "messages_sent"},
	{"act.wrote", "noun.contact act.new act.returning", "name.agent", "messages_received"},
	{"act.wrote", "name.agent name.template ask.who dim.agent glue.we value.bot value.automation value.campaign", "", "messages_sent"},
	{"act.wrote", "", "", "messages_received"},
	{"act.delivered", "mod.rate", "", "delivery_rate"},
	{"act.delivered", "", "", "messages_delivered"},
	{"act.read", "mod.rate", "", "read_rate"},
	{"act.read", "", "", "messages_read"},
	{"act.failed", "mod.rate", "", "failure_rate"},
	{"act.failed", "", "", "messages_failed"},
	{"act.billable", "", "", "messages_billable"},
	{"act.cost", "noun.message time.flow when. glue.we glue.us dim. value.", "", "messages_billable"}, // of what else things cost nothing is known
	{"mod.receipt", "", "", "no_receipt"},
	{"mod.inwindow", "", "", "messages_in_window"},
	{"mod.outwindow", "", "", "messages_out_window"},
	{"act.reopened", "", "", "conversations_reopened"},
	{"act.opened", "", "", "conversations_opened"},
	{"value.timeout", "", "", "conversations_closed"},
	{"act.open", "op.rise op.drop cmd.change glue.vs", "when.now", "conversations_opened"},
	{"act.open", "dim.day dim.week dim.month dim.weekday dim.hour cmd.trend", "when.now", "conversations_opened"},
	{"act.open", "ask.hours ask.when ask.days overview.peak overview.peakday", "", "conversations_opened"},
	{"act.open", "when.now ask.exists", "time.flow act.closed", "conversations_open"},
	{"act.open", "time.flow act.closed value.contact value.agent dim.opened_by", "", "conversations_opened"},
	{"act.open", "", "", "conversations_open"},
	{"act.resolution", "", "", "resolution_time"},
	{"act.resolved", "glue.without", "time.flow", "conversations_open"},
	{"act.resolved", slowness, "", "resolution_time"},
	{"act.resolved", "", "", "conversations_closed"},
	{"act.closed", "glue.without", "time.flow", "conversations_open"},
	{"act.closed", slowness, "mod.target", "resolution_time"},
	{"act.closed", "", "", "conversations_closed"},
	{"act.transferred", "", "", "transfers"},
	{"act.assigned", slowness, "", "time_to_assignment"},
	{"act.assigned", nobody, "time.flow", "conversations_unassigned"},
	{"act.assigned", "", "", "conversations_assigned"},
	{"act.unanswered", "mod.target", "", "answered_in_target"},
	{"act.unanswered", "when.now", "time.flow", "conversations_waiting"},
	{"act.unanswered", "", "", "conversations_unanswered"},
	{"mod.target", "", "", "answered_in_target"},
	{"act.handled", nobody, "", "conversations_unanswered"},
	{"act.handled", slowness, "", "first_response"},
	{"act.handled", "", "", "conversations_handled"},
	{"act.replied", "noun.outreach+mod.rate noun.contact+mod.rate value.campaign", "", "contact_reply_rate"},
	{"act.replied", "mod.first", "", "first_response"},
	{"act.replied", "value.bot+ask.howmany value.bot+value.human value.automation+ask.howmany", "mod.time mod.fast mod.slow mod.slower mod.faster", "messages_sent"},
	{"act.replied", nobody, slowness, "conversations_unanswered"},
	{"act.replied", slowness + " stat. ask.hours", "", "response_time"},
	{"act.replied", "noun.message", "", "messages_sent"},
	{"act.replied", "rank.worst rank.best", "noun.conversation rank.most rank.least", "response_time"},
	{"act.replied", "rank. noun.conversation", "", "conversations_handled"},
	{"act.replied", "", "", "response_time"},
	{"noun.reply", "mod.rate noun.outreach", "mod.target", "contact_reply_rate"},
	{"noun.reply", "mod.first", "", "first_response"},
	{"noun.reply", "value.bot+act.wrote value.bot+act.sent value.automation+act.wrote value.automation+act.sent value.bot+ask.howmany value.human+act.wrote value.human+act.sent", slowness, "messages_sent"},
	{"noun.reply", "glue.without", "time.flow", "conversations_waiting"},
	{"noun.reply", "glue.without", "", "conversations_unanswered"},
	{"noun.reply", "", "", "response_time"},
	{"noun.outreach", "", "", "contact_reply_rate"},
	{"act.added", "", "noun.conversation noun.message", "contacts_added"},
	{"act.deleted", "", "", "contacts_deleted"},
	{"act.merged", "", "", "contacts_merged"},
	{"act.new", "act.replied+mod.first", "noun.contact", ""}, // "answer for the first time"
	{"act.new", "noun.conversation", "noun.contact", "conversations_opened"},
	{"act.new", "noun.message", "noun.contact", "messages_received"},
	{"act.new", "", "", "contacts_new"},
	{"act.returning", "", "", "contacts_returning"},
	{"act.expiring", "", "", "windows_expiring"},
	{"act.missed", "noun.window", "", "missed_windows"},
	{"act.missed", "", "noun.contact", "missed_windows"},
	{"act.missed", "noun.contact", "", "contacts_deleted"},
	{"act.waiting", "mod.howlong mod.maximum mod.time rank.most stat.max", "ask.howmany noun.conversation most.of", "longest_wait"},
	{"act.waiting", "", "", "conversations_waiting"},
	{"act.commented", "", "", "comments"},
	{"mod.volume", "", "", "messages_received"},
	{"mod.load", "", "", "conversations_open"},
	{"mod.work", "", "", "conversations_handled"},
}

// weak heads stand for a metric only when nothing stronger does.
var weak = []rule{
	{"mod.slower", "", "", "first_response"},
	{"mod.faster", "", "", "first_response"},
	{"mod.slow", "", "", "first_response"},
	{"mod.fast", "", "", "first_response"},
	{"mod.lasting", "", "glue.vs glue.compare", "resolution_time"},
	{"mod.howlong", "", "", "first_response"},
	{"mod.time", "noun.conversation", "", "resolution_time"},
	{"mod.time", "", "", "first_response"},
	{"noun.conversation", "value.category dim.category", "", "conversations_closed"},
	{"noun.conversation", "when.now", "time.flow", "conversations_open"},
	{"noun.conversation", "name.agent+ask.exists", "time.flow", "conversations_open"},
	{"noun.conversation", "ask.who+ask.exists+rank.most ask.who+ask.exists+rank.least", "time.flow", "conversations_open"},
	{"noun.conversation", "name.agent dim.agent ask.who", "", "conversations_handled"},
	{"noun.conversation", "when.now ask.exists", "time.flow", "conversations_open"},
	{"noun.conversation", "", "", "conversations_opened"},
	{"noun.message", "name.agent name.template dim.agent dim.template dim.sender ask.who value.bot value.automation value.campaign value.human value.phone dim.pricing_category value.marketing value.utility value.authentication", "", "messages_sent"},
	{"noun.message", "", "", "messages_received"},
	{"noun.window", "", "", "windows_expiring"},
	{"overview.busy", "dim.", "", "messages_received"},
	{"noun.contact", "value.import value.ad value.api value.echo value.inbound value.user", "", "contacts_added"},
	{"noun.contact", "", "", "contacts_new"},
}

// found is a metric with the item that it was read from.
type found struct {
	metric string
	item   int
	weak   bool
}

// metrics reads which metrics the items [from, to) name, in their order.
func (l *line) metrics(from, to int) []found {
	classes := l.present(from, to)
	return l.refine(l.heads(from, to, classes), classes)
}

// heads reads the metrics as they stand, before one takes the place of another.
func (l *line) heads(from, to int, classes classSet) []found {
	var list []found
	for i := from; i < to; i++ {
		if key := l.at(i).key("metric"); key != "" {
			list = append(list, found{metric: key, item: i})
			continue
		}
		if m := l.head(rules, i, classes); m != "" {
			list = append(list, found{metric: m, item: i})
		}
	}
	if len(list) == 0 {
		for _, r := range weak {
			for i := from; i < to && len(list) == 0; i++ {
				if l.is(i, r.head) && !l.used[i] && !l.is(i, "filler.") && r.fits(classes) {
					list = append(list, found{r.metric, i, true})
				}
			}
		}
	}
	return list
}

// head applies the rules to item i.
func (l *line) head(rules []rule, i int, classes classSet) string {
	if l.used[i] || l.is(i, "cmd.send", "refuse.verb", "cmd.stop") && l.leads(i) {
		return ""
	}
	if l.is(i, "act.sent", "act.wrote") && l.toUs(i) {
		return "messages_received"
	}
	for _, r := range rules {
		if l.is(i, r.head) && r.fits(classes) {
			return r.metric
		}
	}
	return ""
}

// toUs reports whether what is sent at item i comes to the business: "nos han
// mandado".
func (l *line) toUs(i int) bool {
	return l.lang != en && l.is(l.skipBack(i-1, "filler."), "glue.us")
}

// leads reports whether nothing but idle words stands before item i: a verb
// there is a command.
func (l *line) leads(i int) bool {
	for k := range i {
		if !l.idle(k) && !l.is(k, "cmd.", "follow.") {
			return false
		}
	}
	return true
}

// classSet is the classes of some items.
type classSet map[string]bool

// present returns the classes of the items, with name.agent and so on for names
// and time.flow for a period that is not the present.
func (l *line) present(from, to int) classSet {
	set := classSet{"time.flow": l.flow, "ask.who": l.asksWho(), "name.agent": l.stranger() >= 0, "most.of": l.mostOf()}
	for i := from; i < to; i++ {
		it := l.at(i)
		if l.at(i-1).kind == aNumber && percent(it.text) {
			continue // a figure's unit
		}
		for _, c := range it.classes {
			set[c] = true
			group, _, _ := strings.Cut(c, ".")
			set[group+"."] = true
		}
		if it.named() {
			for _, r := range it.refs {
				if r.person {
					continue
				}
				set["name."+r.dim.String()] = true
				if r.dim == analytics.ByCategory {
					set["value.category"] = true
				}
			}
		}
	}
	return set
}

func (s classSet) any(list string) bool {
	for _, c := range strings.Fields(list) {
		all := true
		for _, part := range strings.Split(c, "+") {
			all = all && s[part]
		}
		if all {
			return true
		}
	}
	return false
}

func (r rule) fits(s classSet) bool {
	return (r.with == "" || s.any(r.with)) && !s.any(r.without)
}

// refine drops what another metric of the line already says, and turns metrics
// to their variants.
func (l *line) refine(list []found, classes classSet) []found {
	var out []found
	for _, f := range list {
		if slices.ContainsFunc(out, func(o found) bool { return o.metric == f.metric }) {
			continue
		}
		out = append(out, f)
	}
	has := func(m string) bool { return slices.ContainsFunc(out, func(f found) bool { return f.metric == m }) }
	drop := func(m string) { out = slices.DeleteFunc(out, func(f found) bool { return f.metric == m }) }
	if has("messages_failed") && !classes["glue.and"] && !classes["glue.vs"] {
		drop("messages_sent") // "failures in sending"
	}
	for _, o := range overlaps {
		if has(o[0]) {
			drop(o[1])
		}
	}
	if has("messages_received") && has("messages_delivered") && classes["mod.per"] {
		drop("messages_delivered")
		out[slices.IndexFunc(out, func(f found) bool { return f.metric == "messages_received" })].metric = "reply_ratio"
	}
	for i := range out {
		m, _ := analytics.MetricOf(out[i].metric)
		if m.Key == "first_response" && classes["mod.any"] {
			out[i].metric = "first_response_any"
			m, _ = analytics.MetricOf("first_response_any")
		}
		if m.Twin && (classes["mod.business"] || l.is(out[i].item+1, "mod.twin")) {
			out[i].metric += "_business"
		}
	}
	return out
}

// overlaps lists pairs of which the first, read in a line, is what the second
// was said for.
var overlaps = [][2]string{
	{"first_response", "response_time"}, {"first_response_any", "response_time"}, {"first_response_any", "first_response"},
	{"transfers", "messages_received"}, {"transfers", "conversations_assigned"}, {"conversations_assigned", "messages_received"},
	{"first_response", "longest_wait"}, {"first_response", "conversations_waiting"}, {"response_time", "conversations_waiting"},
	{"answered_in_target", "response_time"}, {"answered_in_target", "first_response"}, {"answered_in_target", "conversations_unanswered"},
	{"answered_in_target", "conversations_handled"},
	{"resolution_time", "response_time"}, {"time_to_assignment", "response_time"},
	{"time_to_assignment", "conversations_waiting"}, {"time_to_assignment", "longest_wait"},
	{"contact_reply_rate", "response_time"}, {"contact_reply_rate", "messages_sent"}, {"contact_reply_rate", "conversations_handled"},
	{"messages_billable", "answered_in_target"},
	{"no_receipt", "messages_sent"}, {"no_receipt", "messages_delivered"},
	{"messages_in_window", "messages_sent"}, {"messages_out_window", "messages_sent"},
	{"messages_billable", "messages_sent"}, {"messages_billable", "messages_delivered"}, {"messages_billable", "messages_received"},
	{"reply_ratio", "messages_received"}, {"reply_ratio", "messages_delivered"},
	{"conversations_reopened", "conversations_opened"}, {"conversations_reopened", "conversations_closed"},
	{"missed_windows", "conversations_unanswered"}, {"longest_wait", "conversations_waiting"},
	{"contacts_returning", "messages_received"}, {"contacts_new", "messages_received"},
	{"contacts_returning", "conversations_opened"},
	{"conversations_unassigned", "conversations_assigned"}, {"conversations_waiting", "conversations_unanswered"},
	{"conversations_opened", "conversations_open"},
}
