// Package card says what is said, before language and medium: typed blocks
// whose texts are keys and whose numbers are numbers. Languages and media are
// renderers of it (package render). It may format nothing.
package card

import "pulso/analytics"

// Card is one answer, digest or alert. Blocks stand in their order; a tap on a
// choice asks its Ask as if it had been written.
type Card struct {
	Blocks  []Block
	Choices []Choice // up to 3 become buttons, up to 10 a list
	Menu    *Menu    // a list of many ways to go on; then Choices must be empty
}

// Block is one piece of a card: Title, Line, Figure, Table, Note, Picture, File.
type Block interface{ block() }

// Title is the card's headline; Sub, when its key is not "", stands below it.
type Title struct{ Text, Sub Text }

// Line is one sentence.
type Line struct{ Text Text }

// Figure is one number with its name, what it is compared with, and small
// details behind it (n, share of …).
type Figure struct {
	Label   Text
	Value   Value // nil: nothing to tell, shown as a dash
	Change  *Change
	Details []Text
}

// Change is how a figure moved against a baseline. Was nil: the baseline has no
// value; Was 0: "new", never ∞. As a value it is only how far, in a column of
// its own beside the figure.
type Change struct {
	Now, Was float64
	Known    bool // Was is known
	Better   int  // +1 more is better, -1 less is, 0 neither
	Points   bool // a share: the difference in percentage points is told
	Against  Text // what it is compared with
}

// Table is rows of values under heads. Numbered rows can be asked for by number,
// counting from First (0: from 1).
type Table struct {
	Head     []Text // empty: no heads
	Rows     []Row
	Numbered bool
	First    int
}

// Row is one row of a table; Strong stands out (the team's, the asked agent's)
// and, like one that is Beside, has no number among the others.
type Row struct {
	Cells  []Value
	Strong bool
	Beside bool // it belongs to the table and not to its order: what is nobody's
	Detail Text // a second line, such as a conversation's summary; Key "" for none
}

// Numbered reports whether the row has a number where rows are numbered.
func (r Row) Numbered() bool { return !r.Strong && !r.Beside }

// Note is small print: n, period, zone, freshness, what was left out.
type Note struct{ Text Text }

// Picture is a chart, sent as an image with the card's text as caption or
// before it.
type Picture struct{ Chart Chart }

// File is a document to send. Body is made by whoever builds the card.
type File struct {
	Name string // file name with extension
	MIME string
	Body []byte
	Text Text // caption
}

func (Title) block()   {}
func (Line) block()    {}
func (Figure) block()  {}
func (Table) block()   {}
func (Note) block()    {}
func (Picture) block() {}
func (File) block()    {}

// Choice is a way to go on: its label and the words that a tap stands for.
type Choice struct {
	Label  Text
	Detail Text   // second line of a list row; Key "" for none
	Ask    string // canonical words, or a control such as "alert:ack:12"
}

// Menu is a list message: a button that opens it, and rows in sections.
type Menu struct {
	Button   Text
	Sections []Section
}

// Section is a part of a menu; all sections together have at most 10 rows.
type Section struct {
	Title   Text
	Choices []Choice
}

// Text is a key of the language files with values for its places. A plural
// text is chosen by the argument "n". The zero Text is nothing.
type Text struct {
	Key  string
	Args Args
}

// Args are the values of a text, by the names of its places.
type Args map[string]Value

// T makes a text from a key and pairs of names and values.
func T(key string, pairs ...any) Text {
	t := Text{Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		value, okV := pairs[i+1].(Value)
		if !ok || !okV {
			continue
		}
		if t.Args == nil {
			t.Args = Args{}
		}
		t.Args[name] = value
	}
	return t
}

// Value is something a renderer formats for a person: a number in their locale,
// a moment in their zone, a name made harmless.
type Value interface{ value() }

// The values.
type (
	Count    int64          // 1,234
	Number   float64        // 12.5: an average of counts
	Share    float64        // 0..1, shown as a percentage
	Ratio    float64        // a share that may exceed 1, shown as 1.25
	Duration int64          // ms, shown as 4 min, 1 h 20 min, 35 s
	Instant  int64          // ms: date and time of day, today without the date
	Clock    int64          // ms: time of day only
	Day      analytics.Day  // 18 mar
	Period   analytics.Span // said in words: today, 9–15 mar, …; see Now
	Weekday  int            // 1 Monday … 7 Sunday, said in words
	Hour     int            // 0..23
	Name     string         // data: a person, team, channel, template; made harmless when shown
	Phone    string         // E.164
	Word     string         // a key of the language files without places
	Metric   string         // a metric's key, said by its name
	Dim      analytics.Dim  // a dimension, said by its name
	Money    struct {       // an amount in an ISO 4217 currency, in millionths
		Micros   int64
		Currency string
	}
	// Calendar is a period that was asked for by a unit of the calendar: in March
	// this year is not "this quarter", though both began on the same day.
	Calendar struct {
		Period Period
		Unit   string // week, month, quarter, year
	}
	List []Value // joined with commas and "and"
	Said Text    // a text within a text
)

// DimValue is a value of a dimension: words for enumerations (sender, source,
// opened_by, …), names for data; "" is nobody or none.
type DimValue struct {
	Dim   analytics.Dim
	Value string
}

func (Count) value()    {}
func (Number) value()   {}
func (Share) value()    {}
func (Ratio) value()    {}
func (Duration) value() {}
func (Instant) value()  {}
func (Clock) value()    {}
func (Day) value()      {}
func (Period) value()   {}
func (Calendar) value() {}
func (Change) value()   {}
func (Weekday) value()  {}
func (Hour) value()     {}
func (Name) value()     {}
func (Phone) value()    {}
func (Word) value()     {}
func (Metric) value()   {}
func (Dim) value()      {}
func (Money) value()    {}
func (List) value()     {}
func (Said) value()     {}
func (DimValue) value() {}
