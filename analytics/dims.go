package analytics

import "strings"

// Dim is a dimension a figure can be broken down by or filtered on.
type Dim uint8

// Stored dimensions stand in the cells. Team and platform are read off the
// agent and the channel, and the time dimensions off the moment.
const (
	ByAgent Dim = iota
	ByChannel
	ByType
	BySource
	BySender
	ByTemplate
	ByPricing
	ByError
	ByOpener
	ByCloser
	ByCategory
	ByContactKind
	storedDims

	ByTeam Dim = iota - 1
	ByPlatform
	ByHour
	ByWeekday
	ByDay
	ByWeek
	ByMonth
	allDims
)

var dimKeys = [allDims]string{
	ByAgent: "agent", ByChannel: "channel", ByType: "type", BySource: "source", BySender: "sender", ByTemplate: "template",
	ByPricing: "pricing_category", ByError: "error", ByOpener: "opened_by", ByCloser: "closed_by", ByCategory: "category",
	ByContactKind: "contact_kind", ByTeam: "team", ByPlatform: "platform",
	ByHour: "hour", ByWeekday: "weekday", ByDay: "day", ByWeek: "week", ByMonth: "month",
}

// String returns the dimension's key, as in the catalogue.
func (d Dim) String() string {
	if d < allDims {
		return dimKeys[d]
	}
	return "?"
}

// ParseDim returns the dimension of a key.
func ParseDim(key string) (Dim, bool) {
	for i, k := range dimKeys {
		if k == key {
			return Dim(i), true
		}
	}
	return 0, false
}

// Time reports whether d is read off the moment, and so fits everything but stocks.
func (d Dim) Time() bool { return d >= ByHour && d < allDims }

// DimSet is a set of dimensions.
type DimSet uint32

// Set returns the set of the given dimensions.
func Set(dims ...Dim) DimSet {
	var s DimSet
	for _, d := range dims {
		s |= 1 << d
	}
	return s
}

// Has reports whether d is in the set.
func (s DimSet) Has(d Dim) bool { return s&(1<<d) != 0 }

// Within reports whether every dimension of s is in t.
func (s DimSet) Within(t DimSet) bool { return s&^t == 0 }

// Each calls yield with the dimensions of the set, in order.
func (s DimSet) Each(yield func(Dim)) {
	for d := Dim(0); d < allDims; d++ {
		if s.Has(d) {
			yield(d)
		}
	}
}

// Dims holds a value for each stored dimension; "" is nobody or none.
type Dims [storedDims]string

// pack writes the values of the dimensions in set, in order, as one key.
func (d *Dims) pack(set DimSet) string {
	if set == 0 {
		return ""
	}
	var b strings.Builder
	for i := Dim(0); i < storedDims; i++ {
		if set.Has(i) {
			b.WriteString(d[i])
			b.WriteByte(sep)
		}
	}
	return b.String()
}

// sep stands between packed values; Clean keeps it out of them.
const sep = 0x1f

// unpack reads what pack wrote for the same set.
func unpack(set DimSet, key string) Dims {
	var d Dims
	for i := Dim(0); i < storedDims && key != ""; i++ {
		if set.Has(i) {
			d[i], key, _ = strings.Cut(key, string(rune(sep)))
		}
	}
	return d
}

// Platform returns the part of a channel before the colon.
func Platform(channel string) string {
	p, _, _ := strings.Cut(channel, ":")
	return p
}
