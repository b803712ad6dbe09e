package render

import (
	"strconv"
	"strings"

	"pulso/analytics"
	"pulso/bot/card"
)

// Format puts a value into words for WhatsApp, as it stands within a sentence:
// names of metrics, dimensions and periods begin with a small letter. nil, and
// what is not known, is a dash.
func (v *Voice) Format(value card.Value) string {
	switch x := value.(type) {
	case card.Count:
		return v.count(int64(x))
	case card.Number:
		return v.number(float64(x))
	case card.Share:
		return v.share(float64(x))
	case card.Ratio:
		return v.fixed(float64(x), 2)
	case card.Duration:
		return v.duration(int64(x))
	case card.Money:
		return v.money(x)
	case card.Instant:
		return v.instant(int64(x))
	case card.Clock:
		return v.clock(int64(x))
	case card.Day:
		return v.date(analytics.Day(x))
	case card.Period:
		return v.period(analytics.Span(x), "")
	case card.Calendar:
		return v.period(analytics.Span(x.Period), x.Unit)
	case card.Change:
		return v.moved(&x)
	case card.Weekday:
		return v.weekday(int(x))
	case card.Hour:
		return v.hour(int(x))
	}
	return v.formatWords(value)
}

// formatWords formats what is no number.
func (v *Voice) formatWords(value card.Value) string {
	switch x := value.(type) {
	case card.Name:
		return v.name(string(x))
	case card.Phone:
		return phone(string(x))
	case card.Word:
		return v.say(card.Text{Key: string(x)})
	case card.Metric:
		return v.metric(string(x))
	case card.Dim:
		return v.word("dim." + analytics.Dim(x).String() + ".name")
	case card.List:
		return v.list(x)
	case card.Said:
		return v.say(card.Text(x))
	case card.DimValue:
		return v.dimValue(x)
	}
	return none
}

// metric says a metric's name, the short one in columns. One that is not of the
// catalogue is data.
func (v *Voice) metric(key string) string {
	if _, ok := analytics.MetricOf(key); !ok {
		return v.name(key)
	}
	if v.narrow {
		return v.word("metric." + key + ".short")
	}
	return v.word("metric." + key + ".name")
}

// phone shows the digits of a number in E.164; anything else in it is dropped.
func phone(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= '0' && r <= '9' && b.Len() <= 20 {
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return none
	}
	return "+" + b.String()
}

// list joins values: "Ana, Luis y Sofía".
func (v *Voice) list(l card.List) string {
	if len(l) == 0 {
		return none
	}
	s := v.Format(l[0])
	for i, x := range l[1:] {
		next := v.Format(x)
		if i == len(l)-2 {
			return v.word(v.and(next), "a", s, "b", next)
		}
		s += ", " + next
	}
	return s
}

// and returns the key of the word that joins the last of a list: Spanish says e
// before the sound of an i ("Ana e Inés", "Luis e Hilda", but "cobre y hierro").
func (v *Voice) and(next string) string {
	s := strings.ToLower(strings.TrimLeft(next, isolates))
	switch {
	case strings.HasPrefix(s, "hi"):
		s = s[1:]
	case !strings.HasPrefix(s, "i") && !strings.HasPrefix(s, "í"):
		return "join.and"
	}
	if len(s) > 1 && strings.ContainsRune("aeiouáéó", []rune(s)[1]) {
		return "join.and" // ie, ia, io sound like y
	}
	return "join.and_before_i"
}

// enumerated reports whether a dimension's values are words of ours.
func enumerated(d analytics.Dim) bool {
	switch d {
	case analytics.ByAgent, analytics.ByTeam, analytics.ByChannel, analytics.ByTemplate, analytics.ByCategory:
		return false
	}
	return true
}

// dimValue says a value of a dimension. Nobody and none have words of their
// own; a value that there is no word for is data.
func (v *Voice) dimValue(x card.DimValue) string {
	dim := x.Dim.String()
	if x.Value == "" {
		return v.word("dim." + dim + ".none")
	}
	if s, ok := v.moment(x); ok {
		return s
	}
	if x.Dim == analytics.ByError {
		return v.failure(x.Value)
	}
	key := "value." + dim + "." + strings.ToLower(strings.ReplaceAll(x.Value, "-", "_"))
	for _, k := range []string{key + "_short", key} {
		if _, ok := v.texts[k]; ok && !isData(x) && (v.narrow || k == key) {
			return v.word(k)
		}
	}
	return v.name(x.Value)
}

// moment says a value of a time dimension; false when it is none.
func (v *Voice) moment(x card.DimValue) (string, bool) {
	switch x.Dim {
	case analytics.ByHour, analytics.ByWeekday:
		n, err := strconv.Atoi(x.Value)
		if err != nil {
			return "", false
		}
		if x.Dim == analytics.ByHour {
			return v.hour(n), true
		}
		return v.weekday(n), true
	case analytics.ByDay, analytics.ByWeek:
		d, err := analytics.ParseDay(x.Value)
		if err != nil {
			return "", false
		}
		if x.Dim == analytics.ByDay || v.narrow {
			return v.date(d), true
		}
		return v.word("date.week_of", "day", v.date(d)), true
	case analytics.ByMonth:
		d, err := analytics.ParseDay(x.Value + "-01")
		return v.month(d), err == nil
	}
	return "", false
}

// failure says what an error code of Meta means, and the code.
func (v *Voice) failure(code string) string {
	key := FailureKey(code) + ".name"
	if v.narrow {
		return v.word(key)
	}
	return v.word("failure.coded", "name", v.word(key), "code", v.name(code))
}

// FailureKey returns the key under which the texts of an error code of Meta
// stand: name, in a few words, and advice.
func FailureKey(code string) string {
	n, err := strconv.Atoi(code)
	switch {
	case err != nil:
	case n == 190:
		n = 0
	case n == 3 || n == 131005 || 200 <= n && n <= 299:
		n = 10
	case n == 80007:
		n = 4
	case n == 368:
		n = 131031
	case n == 131044:
		n = 131042
	case n == 133010:
		n = 131045
	case n == 131053:
		n = 131052
	case n == 132012 || n == 132018:
		n = 132000
	case n == 33 || n == 131008 || n == 131009 || n == 135000:
		n = 100
	case n == 1 || n == 2 || n == 131016 || n == 133004:
		n = 131000
	case n == 132007 || n == 132016:
		n = 132015
	case 2593107 <= n && n <= 2593109:
		n = 2593107
	}
	for _, k := range failures {
		if k == n && err == nil {
			return "failure." + strconv.Itoa(n)
		}
	}
	return "failure.unknown"
}

// failures are the codes with texts of their own (cloudapi.md §4).
var failures = [...]int{
	0, 4, 10, 100, 130403, 130429, 130472, 130497, 131000, 131021, 131026, 131030, 131031, 131037, 131042, 131045,
	131047, 131048, 131049, 131050, 131051, 131052, 131056, 131057, 131060, 131062, 131064, 132000, 132001, 132005,
	132015, 137000, 139200, 2593107,
}
