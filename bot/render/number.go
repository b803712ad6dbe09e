package render

import (
	"math"
	"strconv"
	"strings"

	"golang.org/x/text/currency"
	"golang.org/x/text/feature/plural"

	"pulso/bot/card"
)

// none stands for a value that is not known.
const none = "–"

// count writes a whole number with the region's separators.
func (v *Voice) count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = s[:1], s[1:]
	}
	return sign + v.grouped(s)
}

func (v *Voice) grouped(digits string) string {
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(v.group)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// decimal writes a number with at most so many decimals, none of them a
// trailing zero.
func (v *Voice) decimal(x float64, decimals int) string {
	s := v.fixed(x, decimals)
	if decimals > 0 {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), v.point)
	}
	return s
}

// fixed writes a number with exactly so many decimals.
func (v *Voice) fixed(x float64, decimals int) string {
	if !known(x) {
		return none
	}
	s := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, rest, _ := strings.Cut(s, ".")
	s = v.grouped(whole)
	if rest != "" {
		s += v.point + rest
	}
	if x < 0 && strings.Trim(whole+rest, "0") != "" {
		return "-" + s
	}
	return s
}

func known(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// number writes an average of counts: whole from 100 on, else with one decimal.
func (v *Voice) number(x float64) string {
	if math.Abs(x) >= 99.95 {
		return v.decimal(x, 0)
	}
	return v.decimal(x, 1)
}

// share writes 0..1 as a percentage: one decimal below 10 % and where whole
// ones would round to 100 %, none otherwise. It never says 0 or 100 for what is
// not quite that.
func (v *Voice) share(x float64) string {
	if !known(x) {
		return none
	}
	p := x * 100
	switch abs := math.Abs(p); {
	case p > 0 && p < 0.05:
		return "<" + v.percent(v.decimal(0.1, 1))
	case abs < 9.95:
		return v.percent(v.decimal(p, 1))
	case abs >= 99.5 && abs < 100:
		return v.percent(v.decimal(math.Trunc(p*10)/10, 1))
	}
	return v.percent(v.decimal(p, 0))
}

func (v *Voice) percent(s string) string { return v.word("number.percent", "x", s) }

// money writes an amount with its currency's decimals and code, because a $
// is another one in every country. Less than the smallest coin has four decimals.
func (v *Voice) money(m card.Money) string {
	decimals := 2
	if unit, err := currency.ParseISO(m.Currency); err == nil {
		decimals, _ = currency.Standard.Rounding(unit)
	}
	x := float64(m.Micros) / 1e6
	s := v.fixed(x, decimals)
	if m.Micros != 0 && math.Abs(x) < math.Pow10(-decimals) {
		s = v.decimal(x, max(decimals, 4))
	}
	code := v.name(m.Currency)
	return v.word("number.money", "x", s, "currency", code)
}

// form returns the plural form of a number in the voice's language, by CLDR's
// rules. Those of golang.org/x/text do not have the "many" yet that Romance
// languages use of whole millions ("1.000.000 de mensajes").
func (v *Voice) form(value card.Value) string {
	var f plural.Form
	base, _ := v.tag.Base()
	switch n := value.(type) {
	case card.Count:
		if n != 0 && n%1_000_000 == 0 && romance(base.String()) {
			return "many"
		}
		f = plural.Cardinal.MatchPlural(v.tag, digits(int64(n)), 0, 0, 0, 0)
	case card.Number:
		whole, tenth := math.Modf(math.Round(math.Abs(float64(n))*10) / 10)
		t := int(math.Round(tenth * 10))
		shown := min(t, 1)
		f = plural.Cardinal.MatchPlural(v.tag, digits(int64(whole)), shown, shown, t, t)
	default:
		return other
	}
	return forms[[...]int{plural.Other: 5, plural.Zero: 0, plural.One: 1, plural.Two: 2, plural.Few: 3, plural.Many: 4}[f]]
}

// digits keeps what the rules look at: the last seven digits, and whether there
// are more.
func digits(n int64) int {
	if n < 0 {
		n = -n
	}
	if n > 10_000_000 {
		return int(n%10_000_000) + 10_000_000
	}
	return int(n)
}

func romance(base string) bool {
	switch base {
	case "es", "pt", "fr", "it", "ca":
		return true
	}
	return false
}
