package render

import (
	"math"
	"strings"

	"pulso/bot/card"
)

// Sizes of a change that are told apart: from loud on it is marked as better or
// worse, from manifold on it is told as a multiple.
const (
	loudShare  = 0.10
	loudPoints = 0.05
	manifold   = 10.0
)

// moved is a change in words.
type moved struct {
	text  string // "▲ 12 %"; "" when there is nothing to compare with
	tone  int    // +1 better, -1 worse, 0 neither or too little to say
	other string // what it is compared with, "" when not named
}

// change puts a change into words. A baseline of nothing makes it "new", never
// a percentage; a share moves by percentage points.
func (v *Voice) change(c *card.Change) moved {
	if c == nil || !c.Known || !known(c.Now) || !known(c.Was) {
		return moved{}
	}
	m := moved{other: v.say(c.Against)}
	diff := c.Now - c.Was
	switch {
	case diff == 0:
		m.text = v.word("change.same")
	case c.Points:
		m.text, m.tone = v.points(diff), tone(diff, loudPoints, c.Better)
	case c.Was == 0:
		m.text = v.word("change.up", "x", v.word("change.new"))
	default:
		share := diff / math.Abs(c.Was)
		m.text, m.tone = v.shift(share), tone(share, loudShare, c.Better)
	}
	return m
}

// moved is how far a figure moved, in a column as short as can be.
func (v *Voice) moved(c *card.Change) string {
	m := v.change(c)
	switch {
	case m.text == "":
		return none
	case !v.narrow:
		return m.text
	case m.text == v.word("change.same"):
		return "="
	}
	return strings.Join(strings.Fields(m.text), "")
}

func (v *Voice) points(diff float64) string {
	x := math.Abs(diff) * 100
	decimals := 0
	if x < 9.95 {
		decimals = 1
	}
	if x < 0.05 {
		return v.word("change.same")
	}
	return v.word(direction(diff), "x", v.word("change.points", "x", v.decimal(x, decimals)))
}

func (v *Voice) shift(share float64) string {
	x := math.Abs(share)
	switch {
	case x < 0.005:
		return v.word("change.same")
	case share >= manifold-1:
		return v.word("change.up", "x", v.word("change.times", "x", v.decimal(share+1, 0)))
	}
	return v.word(direction(share), "x", v.percent(v.decimal(x*100, 0)))
}

func direction(x float64) string {
	if x < 0 {
		return "change.down"
	}
	return "change.up"
}

func tone(x, loud float64, better int) int {
	switch {
	case math.Abs(x) < loud:
		return 0
	case x < 0:
		return -better
	}
	return better
}

// signal is a tone as a coloured dot, for media that have no colour of their own.
func signal(tone int) string {
	switch tone {
	case 1:
		return " 🟢"
	case -1:
		return " 🔴"
	}
	return ""
}

// against returns what all changes of a card are compared with, when it is the
// same for all of them and there are at least two: it is then said once.
func (v *Voice) against(c card.Card) string {
	shared, n := "", 0
	for _, b := range c.Blocks {
		f, ok := b.(card.Figure)
		if !ok || f.Change == nil {
			continue
		}
		m := v.change(f.Change)
		switch {
		case m.text == "" || m.other == "":
		case n > 0 && m.other != shared:
			return ""
		default:
			shared = m.other
			n++
		}
	}
	if n < 2 {
		return ""
	}
	return shared
}
