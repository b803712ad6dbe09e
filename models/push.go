package models

// Digest is an ask that a clock sends to one person.
type Digest struct {
	ID       string `gorm:"primaryKey"`
	Person   string // key of the person who gets it
	At       int    // minutes after midnight in the person's zone
	Days     []int  `gorm:"serializer:json"` // 1 Monday … 7 Sunday; empty: every day, unless MonthDay is set
	MonthDay int    // 1..31, in shorter months the last day; 0 not monthly
	Ask      string // canonical words
	Language string // "" the person's
	FromFile bool   `gorm:"-"`
	Since    int64  // ms: slots before are not made up for
}

// Op says how an alert judges a figure.
type Op string

// Comparisons with a threshold; drop and rise compare with the same weekdays
// before; silence is a time without any.
const (
	Above   Op = ">"
	AtLeast Op = ">="
	Below   Op = "<"
	AtMost  Op = "<="
	Drop    Op = "drop"
	Rise    Op = "rise"
	Silence Op = "silence"
)

// Rule is an ask that a threshold sends. Threshold and Clear are in the
// metric's own unit (count, seconds, share), or a share of change for drop and
// rise. Durations are in ms; 0 is not said.
type Rule struct {
	ID         int64 `gorm:"primaryKey;autoIncrement:false"` // short, for people
	Name       string
	Metric     string
	Op         Op
	Threshold  float64
	Clear      float64 // over when "metric op clear" is false
	For        int64
	Over       int64
	MinN       int
	Teams      []string `gorm:"serializer:json"`
	Channels   []string `gorm:"serializer:json"`
	Agents     []string `gorm:"serializer:json"`
	To         []string `gorm:"serializer:json;column:recipients"` // keys of people; empty: every owner and admin
	QuietFrom  int      // minutes after midnight, in each person's zone
	QuietTo    int      // equal to QuietFrom: no quiet hours
	Repeat     int64    `gorm:"column:repeat_every"`
	KeepFiring int64
	Critical   bool
	Owner      string // who set it; "" the file
	FromFile   bool   `gorm:"-"`
}

// Health is the state of an alert.
type Health string

// The states of an alert.
const (
	Normal     Health = "normal"
	Pending    Health = "pending"    // true, but not for long enough
	Firing     Health = "firing"     // people have been, or are to be, told
	Recovering Health = "recovering" // false again, but not for long enough
)

// Alarm is a rule's state: a row that survives restarts. Times are ms, 0 none.
type Alarm struct {
	Rule      string `gorm:"primaryKey"` // the rule's key
	Health    Health
	Since     int64 // of the state
	Episode   int64 // counts firings
	FiredAt   int64
	ToldAt    int64 // the last message about it
	ClearAt   int64 // since when it is false again
	Value     float64
	Worst     float64
	Known     bool // Value is known
	AckedBy   string
	AckedAt   int64
	MutedTill int64
	JudgedAt  int64
	Flaps     []int64 `gorm:"serializer:json"` // recent changes
	Version   int64
}
