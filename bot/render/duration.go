package render

import "pulso/bot/card"

const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

// duration says a length of time as people do: its largest unit and the next
// one below, as long as that matters. Seconds are told below ten minutes,
// minutes below a day, hours below a fortnight. In columns it is shorter: "95s",
// "23min", "1h20", and seconds are told below two minutes only.
func (v *Voice) duration(ms int64) string {
	if ms < 0 {
		if ms == -ms { // the one number that has no opposite
			return none
		}
		return "-" + v.duration(-ms)
	}
	ms = rounded(ms, v.narrow)
	switch {
	case ms < minute, v.narrow && ms < 2*minute:
		return v.unit("s", ms/second)
	case ms < hour:
		return v.pair("min", ms/minute, "s", ms%minute/second)
	case ms <= day:
		return v.pair("h", ms/hour, "min", ms%hour/minute)
	}
	return v.pair("d", ms/day, "h", ms%day/hour)
}

// rounded rounds to what is told at that length, before it is cut into units.
func rounded(ms int64, narrow bool) int64 {
	seconds := 10 * minute
	if narrow {
		seconds = 2 * minute
	}
	step := day
	switch {
	case ms < seconds:
		step = second
	case ms < day:
		step = minute
	case ms < 14*day:
		step = hour
	}
	if ms > 1<<62 {
		return ms / step * step
	}
	return (ms + step/2) / step * step
}

func (v *Voice) unit(name string, n int64) string {
	return v.word("duration."+v.style()+name, "n", v.count(n))
}

func (v *Voice) pair(upper string, n int64, lower string, rest int64) string {
	if rest == 0 {
		return v.unit(upper, n)
	}
	below := itoa(int(rest))
	if v.narrow && upper != "d" && rest < 10 {
		below = "0" + below // 1h05
	}
	return v.word("duration."+v.style()+upper+"_"+lower, "n", v.count(n), "rest", below)
}

// style is where the shorter forms stand.
func (v *Voice) style() string {
	if v.narrow {
		return "short."
	}
	return ""
}

// scalar is a value as a number for charts; false when it is none or not known.
func scalar(value card.Value) (float64, bool) {
	var x float64
	switch value := value.(type) {
	case card.Count:
		x = float64(value)
	case card.Number:
		x = float64(value)
	case card.Share:
		x = float64(value)
	case card.Ratio:
		x = float64(value)
	case card.Duration:
		x = float64(value)
	case card.Money:
		x = float64(value.Micros)
	default:
		return 0, false
	}
	return x, known(x)
}
