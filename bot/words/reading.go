package words

import (
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
)

// Intent says what is wanted. Whether a person may have it is not decided here.
type Intent string

// Intents.
const (
	ToReport   Intent = "report"
	ToList     Intent = "list"
	ToDrill    Intent = "drill"
	ToHelp     Intent = "help"
	ToHow      Intent = "how"
	ToDigest   Intent = "digest"
	ToAlert    Intent = "alert"
	ToPeople   Intent = "people"
	ToSettings Intent = "settings"
	ToExport   Intent = "export"
	ToGreet    Intent = "greeting"
	Unknown    Intent = "unknown"
)

// Reading is what a line means. The detail of its intent is set, the others
// are nil.
type Reading struct {
	Language string // es, en or pt: of the words, so of the answer
	Intent   Intent
	// Ask is the question of a report or an export; Ask.Format is set when the
	// answer is wanted as a file.
	Ask     report.Ask
	List    *ListDetail
	Drill   *DrillDetail
	How     []string // metrics to be explained
	Digest  *DigestDetail
	Alert   *AlertDetail
	People  *PeopleDetail
	Setting *SettingDetail

	// Candidates is set when a name could be several things: nothing was guessed.
	Candidates *Ambiguity
	// Said lists choices that the answer must state.
	Said []Note
	// Refused says why there is no such figure: a dimension that does not fit, a
	// period that is none; the intent is then Unknown.
	Refused *report.Refusal
	// Suggestions are canonical asks near to what was written.
	Suggestions []string
	// Others are further things asked for in the same line.
	Others []Reading

	follows bool // a figure, a list or a card: what a next line may change
}

// Note is a choice made in reading: which, and its value where it has one.
type Note struct{ Key, Value string }

// Keys of notes.
const (
	SaidDefaultPeriod = "default_period" // no period was named; Value is the one taken
	SaidPeriod        = "period"         // a period that may be meant otherwise; Value is the days taken: 2026-03-04..2026-03-17
	SaidPart          = "part_of_day"    // Value is the hours taken: 12:00-19:00
	SaidMetric        = "metric"         // several metrics could be meant; Value is the key taken
	SaidName          = "name"           // a name was not written in full; Value is the one taken
	SaidSmall         = "dropped"        // metrics that the asked dimension does not fit were left out; Value is their keys
	SaidNoDay         = "no_day"         // no calendar has it; Value is the day and the month: 31/2
	SaidNoMore        = "no_more"        // more detail was asked for than there is
	SaidElapsed       = "elapsed"        // a running period is compared with as much of the other
)

// Ambiguity is a name that fits several things.
type Ambiguity struct {
	Dim    analytics.Dim
	Person bool // of rows of people, not of Dim
	Said   string
	Names  []string
}

// ListDetail is a list: waiting, unassigned, expiring, missed, open, log,
// mentions, comments, attention or contacts.
type ListDetail struct {
	List       string
	Where      []report.Filter
	Agent      string   // key of the agent whose open conversations are meant
	Contact    *Contact // of a log
	Sought     string   // words of a log's contact that no look-up knew
	Page       int      // from 1
	Period     analytics.Span
	PeriodText string // "" when no period was said
}

// DrillDetail opens an item of the list before it.
type DrillDetail struct {
	Kind    string // what the list is of: conversation, agent, row
	Index   int    // from 1
	Contact *Contact
}

// DigestDetail is a subscription: add, list, stop or send.
type DigestDetail struct {
	Action   string
	At       string   // 08:30, "" when not said
	Days     []string // mon … sun; all seven for every day, none when monthly
	MonthDay int      // 1 … 31; 0 when not monthly
	Ask      string   // canonical text
	Language string
	ID       int // of a numbered digest
}

// AlertDetail is a rule or a word about one: add, list, remove, test, ack,
// snooze, who or why.
type AlertDetail struct {
	Action    string
	ID        int
	Metric    string
	Op        string   // > >= < <= drop rise silence
	Threshold *float64 // durations in seconds, shares and changes 0..1
	For       time.Duration
	Over      time.Duration
	Clear     *float64
	MinN      int
	Where     []report.Filter
	Quiet     string // 22:00-07:00
	Repeat    time.Duration
	Until     int64 // of a snooze, ms; 0 when a length was said
}

// PeopleDetail is invite, revoke or list.
type PeopleDetail struct {
	Action   string
	Phone    string // E.164
	Name     string
	Role     string // owner, admin, manager, viewer; "" when not said
	Teams    []string
	Channels []string
}

// SettingDetail is a person's own setting: language (es, en, pt) or timezone
// (IANA name). Value is "" when it is only asked for.
type SettingDetail struct{ Setting, Value string }
