package oracle

import "strings"

// metric is a row of the catalogue.
type metric struct {
	unit     string // n, s, share
	dims     []string
	facts    string // what is counted or timed
	num, den string // what a share is made of
	distinct bool
	stock    bool
	business bool // measured in business time
	special  func(*query) map[string]Figure
}

// Keys returns the keys of all metrics, in no particular order.
func Keys() []string {
	var list []string
	for k := range catalogue() {
		list = append(list, k)
	}
	return list
}

// TimeDimensions are those that fit everything but stocks.
func TimeDimensions() []string { return strings.Fields("hour weekday day week month") }

// Dimensions returns the dimensions besides time that fit a metric.
func Dimensions(key string) []string { return catalogue()[key].dims }

// IsStock reports whether a metric is counted now and takes no period.
func IsStock(key string) bool { return catalogue()[key].stock }

// Unit returns the unit of a metric: "n", "s" or "share".
func Unit(key string) string { return catalogue()[key].unit }

// catalogue writes down the two tables of the definitions.
func catalogue() map[string]metric {
	all := map[string]metric{}
	addMessages(all)
	addConversations(all)
	addSpeeds(all)
	addContacts(all)
	addStocks(all)
	return all
}

func addMessages(all map[string]metric) {
	in := strings.Fields("agent team channel platform type source")
	out := strings.Fields("agent team channel platform sender type template pricing_category")
	both := strings.Fields("agent team channel platform type")
	all["messages_received"] = metric{unit: "n", dims: in, facts: "received"}
	for key, facts := range map[string]string{
		"messages_sent": "sent", "messages_delivered": "delivered", "messages_read": "read", "no_receipt": "no receipt",
		"messages_in_window": "in window", "messages_out_window": "out window", "messages_billable": "billable",
	} {
		all[key] = metric{unit: "n", dims: out, facts: facts}
	}
	all["messages_failed"] = metric{unit: "n", dims: append(out[:len(out):len(out)], "error"), facts: "failed"}
	all["delivery_rate"] = metric{unit: "share", dims: out, num: "delivered", den: "sent"}
	all["read_rate"] = metric{unit: "share", dims: out, num: "read", den: "delivered"}
	all["failure_rate"] = metric{unit: "share", dims: out, num: "failed", den: "sent"}
	all["reply_ratio"] = metric{unit: "share", dims: both, num: "received", den: "delivered"}
}

func addConversations(all map[string]metric) {
	openings := strings.Fields("agent team channel platform opened_by contact_kind source")
	closings := strings.Fields("agent team channel platform closed_by category contact_kind")
	hands := strings.Fields("agent team channel platform")
	all["conversations_opened"] = metric{unit: "n", dims: openings, facts: "opened"}
	all["conversations_reopened"] = metric{unit: "n", dims: openings, facts: "reopened"}
	all["contacts_new"] = metric{unit: "n", dims: openings, facts: "new"}
	all["contacts_returning"] = metric{unit: "n", dims: openings, special: returning}
	all["conversations_closed"] = metric{unit: "n", dims: closings, facts: "closed"}
	all["conversations_unanswered"] = metric{unit: "n", dims: closings, facts: "unanswered"}
	all["conversations_assigned"] = metric{unit: "n", dims: hands, facts: "assigned", distinct: true}
	all["conversations_handled"] = metric{unit: "n", dims: hands, facts: "handled", distinct: true}
	all["transfers"] = metric{unit: "n", dims: hands, facts: "transfers"}
}

// addSpeeds writes down the durations, each with its twin in business time, and
// the share that is made of first responses.
func addSpeeds(all map[string]metric) {
	replies := strings.Fields("agent team channel platform contact_kind opened_by")
	for key, dims := range map[string][]string{
		"first_response": replies, "first_response_any": replies, "response_time": replies,
		"resolution_time":    strings.Fields("agent team channel platform closed_by category contact_kind"),
		"time_to_assignment": strings.Fields("agent team channel platform"),
	} {
		all[key] = metric{unit: "s", dims: dims, facts: key}
		all[key+"_business"] = metric{unit: "s", dims: dims, facts: key, business: true}
	}
	all["answered_in_target"] = metric{unit: "share", dims: replies, num: "in target", den: "targeted"}
}

func addContacts(all map[string]metric) {
	origin := strings.Fields("source channel platform")
	all["missed_windows"] = metric{unit: "n", dims: strings.Fields("channel platform"), facts: "missed"}
	all["contacts_added"] = metric{unit: "n", dims: origin, facts: "added"}
	all["contacts_deleted"] = metric{unit: "n", facts: "contacts deleted"}
	all["contacts_merged"] = metric{unit: "n", facts: "contacts merged"}
	all["contact_reply_rate"] = metric{unit: "share", dims: origin, special: replyRate}
	all["comments"] = metric{unit: "n", dims: strings.Fields("agent team channel"), facts: "comments"}
}

func addStocks(all map[string]metric) {
	hands := strings.Fields("agent team channel platform")
	for key, facts := range map[string]string{
		"conversations_open": "open", "conversations_waiting": "waiting", "conversations_unassigned": "unassigned", "windows_expiring": "expiring",
	} {
		all[key] = metric{unit: "n", dims: hands, facts: facts, stock: true}
	}
	all["longest_wait"] = metric{unit: "s", dims: hands, stock: true, special: longestWait}
}
