package words

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"pulso/analytics"
	"pulso/analytics/report"
)

// Canonical returns the English text of a reading that Read gives back the same
// intent and ask for, in every language. Names that could be taken for
// something else stand in quotes. It is "" for what was not understood.
func (b *Book) Canonical(r Reading) string {
	switch {
	case r.Alert != nil:
		return b.alertText(r.Alert)
	case r.Digest != nil:
		return digestText(r.Digest)
	case r.People != nil:
		return peopleText(r.People)
	case r.Setting != nil:
		return strings.TrimSpace("set " + r.Setting.Setting + " " + r.Setting.Value)
	case r.List != nil:
		return b.listText(r.List)
	case r.Drill != nil:
		return "open " + strconv.Itoa(r.Drill.Index)
	case r.Intent == ToHow:
		return strings.TrimSpace("how " + strings.Join(r.How, ", "))
	case r.Intent == ToHelp:
		return "help"
	case r.Intent == ToGreet:
		return "hello"
	case len(r.Ask.Metrics) == 0 || r.Refused != nil:
		return ""
	}
	return b.AskText(r.Ask)
}

// AskText returns the canonical text of an ask: "first_response p90 by agent
// where team ventas worst 5 last week vs previous as chart".
func (b *Book) AskText(a report.Ask) string {
	var t strings.Builder
	t.WriteString(b.metricsText(a))
	if a.Stat != "" {
		t.WriteString(" " + a.Stat)
	}
	if len(a.By) > 0 {
		t.WriteString(" by " + dimsText(a.By))
	}
	t.WriteString(b.whereText(a.Where))
	if a.Order != "" {
		t.WriteString(" " + string(a.Order))
		if a.Limit > 0 {
			t.WriteString(" " + strconv.Itoa(a.Limit))
		}
	}
	if a.PeriodText != "" {
		t.WriteString(" " + a.PeriodText)
	}
	if a.CompareText != "" {
		t.WriteString(" vs " + a.CompareText)
	}
	if a.Detail {
		t.WriteString(" in detail")
	}
	if a.Chart {
		t.WriteString(" as chart")
	}
	if a.Format != "" {
		t.WriteString(" as " + a.Format)
	}
	return t.String()
}

// metricsText names the metrics; those of the overview that fit are "stats".
func (b *Book) metricsText(a report.Ask) string {
	if len(a.Metrics) > 3 && slices.Equal(a.Metrics, fittingOverview(a)) {
		return "stats"
	}
	text := strings.Join(a.Metrics, ", ")
	if text == "comments" {
		return "report comments" // the bare word is the list
	}
	return text
}

// fittingOverview returns the metrics of the overview that the ask's
// dimensions fit.
func fittingOverview(a report.Ask) []string {
	var out []string
	for _, m := range overview {
		one := report.Ask{Metrics: []string{m}, By: a.By, Where: a.Where}
		if one.Check() == nil {
			out = append(out, m)
		}
	}
	return out
}

func dimsText(by []analytics.Dim) string {
	list := make([]string, len(by))
	for i, d := range by {
		list[i] = d.String()
	}
	return strings.Join(list, ", ")
}

// whereText writes filters as " where team ventas and channel whatsapp:1060".
func (b *Book) whereText(list []report.Filter) string {
	var parts []string
	for _, f := range list {
		values := make([]string, len(f.Values))
		for i, v := range f.Values {
			values[i] = b.valueText(f.Dim, v)
		}
		parts = append(parts, f.Dim.String()+" "+strings.Join(values, ", "))
	}
	if len(parts) == 0 {
		return ""
	}
	return " where " + strings.Join(parts, " and ")
}

// valueText writes a filter's value: an agent by name where only one bears it.
func (b *Book) valueText(d analytics.Dim, v string) string {
	if d == analytics.ByAgent {
		for _, a := range b.agents {
			if a.Key == v && len(b.ofDim(a.Name, d)) == 1 {
				return quoted(a.Name)
			}
		}
	}
	if v == "" {
		return "none"
	}
	return quoted(v)
}

// ofDim returns the values of a dimension that a name is written in full for.
func (b *Book) ofDim(name string, d analytics.Dim) []string {
	k, _ := key(name)
	var out []string
	for _, r := range b.full[k] {
		if !r.person && r.dim == d {
			out = append(out, r.value)
		}
	}
	return out
}

// quoted puts text in quotes unless it is one plain word that the grammar of
// canonical text has no use for.
func quoted(v string) string {
	plain := v != "" && !strings.ContainsFunc(v, func(r rune) bool {
		return r == '"' || r == ',' || r == '\\' || r <= ' ' || r == '\u00a0' || r == '\u2003'
	})
	if plain && v != "none" && strings.Join(strings.Fields(v), "") == v {
		return v
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(v) + `"`
}

func (b *Book) listText(d *ListDetail) string {
	text := "list " + d.List
	if d.Contact != nil {
		who := d.Contact.Phone
		if who == "" {
			who = d.Contact.Name
		}
		text += " contact " + quoted(who)
	} else if d.Sought != "" {
		text += " contact " + quoted(d.Sought)
	}
	text += b.whereText(d.Where)
	if d.PeriodText != "" {
		text += " " + d.PeriodText
	}
	if d.Page > 1 {
		text += " page " + strconv.Itoa(d.Page)
	}
	return text
}

func (b *Book) alertText(a *AlertDetail) string {
	switch a.Action {
	case "add":
		return b.ruleText(a)
	case "list":
		return "alerts"
	case "snooze":
		if a.For > 0 {
			return "alert snooze " + lengthText(a.For)
		}
		return "alert snooze until " + time.UnixMilli(a.Until).UTC().Format(time.RFC3339)
	case "remove", "test":
		if a.ID > 0 {
			return "alert " + a.Action + " " + strconv.Itoa(a.ID)
		}
	}
	return "alert " + a.Action
}

func (b *Book) ruleText(a *AlertDetail) string {
	text := "alert " + a.Metric + " " + a.Op
	if a.Threshold != nil {
		m, _ := analytics.MetricOf(a.Metric)
		text += " " + levelText(*a.Threshold, m, a.Op)
	}
	for _, x := range []struct {
		word string
		d    time.Duration
	}{{"for", a.For}, {"over", a.Over}, {"repeat", a.Repeat}} {
		if x.d > 0 {
			text += " " + x.word + " " + lengthText(x.d)
		}
	}
	if a.MinN > 0 {
		text += " min " + strconv.Itoa(a.MinN)
	}
	return text + b.whereText(a.Where)
}

// levelText writes a threshold with its unit: 10m, 3%, 20.
func levelText(v float64, m analytics.Metric, op string) string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	switch {
	case m.Unit == analytics.Share || op == "drop" || op == "rise":
		return number(v*100) + "%"
	case m.Unit == analytics.Seconds:
		return number(v) + "s"
	}
	return number(v)
}

// lengthText writes a length of time in its largest whole unit.
func lengthText(d time.Duration) string {
	for _, u := range []struct {
		unit string
		d    time.Duration
	}{{"h", time.Hour}, {"m", time.Minute}, {"s", time.Second}} {
		if d%u.d == 0 {
			return strconv.FormatInt(int64(d/u.d), 10) + u.unit
		}
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

func digestText(d *DigestDetail) string {
	switch d.Action {
	case "add":
	case "stop":
		if d.ID > 0 {
			return "digest stop " + strconv.Itoa(d.ID)
		}
		return "digest stop"
	default:
		return "digest " + d.Action
	}
	text := "digest add"
	if d.MonthDay > 0 {
		text += " monthly " + strconv.Itoa(d.MonthDay)
	} else {
		text += " " + strings.Join(d.Days, ",")
	}
	if d.At != "" {
		text += " at " + d.At
	}
	if d.Language != "" {
		text += " in " + d.Language
	}
	return text + ": " + d.Ask
}

func peopleText(p *PeopleDetail) string {
	text := "people " + p.Action
	for _, x := range []struct{ word, value string }{{"", p.Phone}, {"name ", p.Name}, {"as ", p.Role}} {
		if x.value != "" {
			text += " " + x.word + quoted(x.value)
		}
	}
	for _, x := range []struct {
		word   string
		values []string
	}{{"teams", p.Teams}, {"channels", p.Channels}} {
		if len(x.values) > 0 {
			list := make([]string, len(x.values))
			for i, v := range x.values {
				list[i] = quoted(v)
			}
			text += " " + x.word + " " + strings.Join(list, ", ")
		}
	}
	return text
}
