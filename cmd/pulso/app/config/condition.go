package config

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"pulso/analytics"
	"pulso/models"
)

// Condition is what an alert waits for, written as "first_response > 10m",
// "messages_received drop 30%" or "messages_received silence".
type Condition struct {
	Metric    string    // a key of the catalogue
	Op        models.Op // how it is compared
	Threshold float64   // n, seconds or share 0..1 as the metric's unit; of Drop and Rise the share of change
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
	read := Condition{Metric: metric.Key, Op: models.Op(words[1]), text: strings.TrimSpace(string(b))}
	read.Threshold, err = level(read.Op, metric, strings.Join(words[2:], ""))
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
func level(o models.Op, m analytics.Metric, number string) (float64, error) {
	switch o {
	case models.Above, models.AtLeast, models.Below, models.AtMost:
		return amount(m, number)
	case models.Drop, models.Rise:
		return change(o, m, number)
	case models.Silence:
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
func change(o models.Op, m analytics.Metric, number string) (float64, error) {
	if m.Stock {
		return 0, fmt.Errorf("%s is counted now and has no past to %s from; compare it with > or <", m.Key, o)
	}
	n, unit, err := parseNumber(number)
	switch {
	case err != nil:
		return 0, err
	case unit != "%" || n == 0:
		return 0, fmt.Errorf("%s wants a percentage such as 30%%", o)
	case o == models.Drop && n > 100:
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

// clearLevel returns the level at which an alert is over.
func (c Condition) clearLevel(said string) (float64, error) {
	if c.Op == models.Silence {
		if said != "" {
			return 0, errors.New("silence is over when something comes; remove clear")
		}
		return 0, nil
	}
	t := c.Threshold
	upward := c.Op != models.Below && c.Op != models.AtMost
	m, err := metricOf(c.Metric)
	if err != nil {
		return 0, err
	}
	if said == "" {
		return analytics.ClearLevel(m, c.Op, t), nil
	}
	over, err := level(c.Op, m, strings.ToLower(strings.ReplaceAll(said, " ", "")))
	if err == nil && (upward && over > t || !upward && over < t) {
		err = fmt.Errorf("%q lies beyond the threshold of %q: it would be over before it began", said, c.text)
	}
	return over, err
}
