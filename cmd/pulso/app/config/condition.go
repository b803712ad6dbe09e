package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"pulso/analytics"
)

// Op says how a figure is held against a threshold.
type Op string

// Ops. Drop and Rise compare with the same weekdays before, Silence waits for
// nothing to come.
const (
	Above   Op = ">"
	AtLeast Op = ">="
	Below   Op = "<"
	AtMost  Op = "<="
	Drop    Op = "drop"
	Rise    Op = "rise"
	Silence Op = "silence"
)

// Condition is what an alert waits for, written as "first_response > 10m",
// "messages_received drop 30%" or "messages_received silence".
type Condition struct {
	Metric    string  // a key of the catalogue
	Op        Op      // how it is compared
	Threshold float64 // n, seconds or share 0..1 as the metric's unit; of Drop and Rise the share of change
	text      string
}

// String returns the condition as it was written.
func (c Condition) String() string { return c.text }

var comparison = regexp.MustCompile(`[<>]=?`)

// UnmarshalText reads "METRIC OP NUMBER[s|m|h|%]", "METRIC drop|rise NUMBER%" or
// "METRIC silence". The metric "waiting" is conversations_waiting.
func (c *Condition) UnmarshalText(b []byte) error {
	words := strings.Fields(comparison.ReplaceAllString(strings.ToLower(string(b)), " $0 "))
	if len(words) < 2 {
		return fmt.Errorf("%q is not %s", b, c.want())
	}
	metric, err := metricOf(words[0])
	if err != nil {
		return err
	}
	read := Condition{Metric: metric.Key, Op: Op(words[1]), text: strings.TrimSpace(string(b))}
	read.Threshold, err = read.Op.level(metric, strings.Join(words[2:], ""))
	if err != nil {
		return err
	}
	*c = read
	return nil
}

func (*Condition) want() string {
	return `a condition such as "first_response > 10m", "messages_received drop 30%" or "messages_received silence"`
}

func metricOf(word string) (analytics.Metric, error) {
	if word == "waiting" {
		word = "conversations_waiting"
	}
	if m, ok := analytics.MetricOf(word); ok {
		return m, nil
	}
	var keys []string
	for _, m := range analytics.Catalogue() {
		keys = append(keys, m.Key)
	}
	hint := didYouMean(nearest(word, keys))
	if hint == "" {
		hint = "; pulso metrics lists them"
	}
	return analytics.Metric{}, fmt.Errorf("%q is not a metric%s", word, hint)
}

// level reads the number beside the operator, in the unit in which the figure
// is compared.
func (o Op) level(m analytics.Metric, number string) (float64, error) {
	switch o {
	case Above, AtLeast, Below, AtMost:
		return amount(m, number)
	case Drop, Rise:
		return o.change(m, number)
	case Silence:
		if m.Stock || m.Unit == analytics.Share {
			return 0, fmt.Errorf("%s cannot be silent: only what happens can, such as messages_received", m.Key)
		}
		if number != "" {
			return 0, errors.New("silence takes no number; write how long under for")
		}
		return 0, nil
	}
	return 0, fmt.Errorf("%q is not an operator; use >, >=, <, <=, drop, rise or silence", string(o))
}

// change reads the share of a drop or rise.
func (o Op) change(m analytics.Metric, number string) (float64, error) {
	if m.Stock {
		return 0, fmt.Errorf("%s is counted now and has no past to %s from; compare it with > or <", m.Key, o)
	}
	n, unit, err := parseNumber(number)
	switch {
	case err != nil:
		return 0, err
	case unit != "%" || n == 0:
		return 0, fmt.Errorf("%s wants a percentage such as 30%%", o)
	case o == Drop && n > 100:
		return 0, errors.New("nothing can drop by more than 100%")
	}
	return n / 100, nil
}

// amount reads a number in the metric's unit: seconds take s, m or h, shares
// take %, counts nothing.
func amount(m analytics.Metric, text string) (float64, error) {
	n, unit, err := parseNumber(text)
	if err != nil {
		return 0, err
	}
	switch {
	case m.Unit == analytics.Seconds && unit != "%":
		if unit != "" {
			n *= float64(unitOf(unit)) / float64(second)
		}
		return n, nil
	case m.Unit == analytics.Seconds:
		return 0, fmt.Errorf("%s is a time: write it as 90s, 10m or 2h", m.Key)
	case m.Unit == analytics.Share && unit == "%":
		return n / 100, nil
	case m.Unit == analytics.Share && unit == "":
		if n > 1 && m.Key != "reply_ratio" {
			return 0, fmt.Errorf("%s is a share: write %s%% or a number from 0 to 1", m.Key, text)
		}
		return n, nil
	case m.Unit == analytics.Share:
		return 0, fmt.Errorf("%s is a share: write it as 80%%", m.Key)
	case unit != "":
		return 0, fmt.Errorf("%s is a count: write a plain number such as 20", m.Key)
	}
	return n, nil
}

var numberForm = regexp.MustCompile(`^(\d{1,15}(?:\.\d{1,9})?)([smh%]?)$`)

// parseNumber parts a number and its unit.
func parseNumber(s string) (float64, string, error) {
	m := numberForm.FindStringSubmatch(s)
	if m == nil {
		return 0, "", fmt.Errorf("%q is not a number; write one such as 20, 90s, 10m, 2h or 80%%", s)
	}
	n, err := strconv.ParseFloat(m[1], 64)
	return n, m[2], err
}

// clearLevel returns the level at which an alert is over. Not said it is 20 %
// inside the threshold; a share that must not fall is asked for no more than
// half of what is missing to 1.
func (c Condition) clearLevel(said string) (float64, error) {
	if c.Op == Silence {
		if said != "" {
			return 0, errors.New("silence is over when something comes; remove clear")
		}
		return 0, nil
	}
	t := c.Threshold
	upward := c.Op != Below && c.Op != AtMost
	m, err := metricOf(c.Metric)
	if err != nil {
		return 0, err
	}
	if said == "" {
		switch {
		case upward:
			return t * 0.8, nil
		case m.Unit == analytics.Share && t < 1:
			return min(t*1.2, (1+t)/2), nil
		}
		return t * 1.2, nil
	}
	level, err := c.Op.level(m, strings.ToLower(strings.ReplaceAll(said, " ", "")))
	if err == nil && (upward && level > t || !upward && level < t) {
		err = fmt.Errorf("%q lies beyond the threshold of %q: it would be over before it began", said, c.text)
	}
	return level, err
}
