package analytics

import (
	"cmp"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"sort"
)

// CellKey names a cell: a family of measures, at one level of detail, on one
// local day of the business, for one combination of dimension values.
type CellKey struct {
	Group Group
	Tier  Tier
	Day   Day
	Dims  string // packed values of the tier's dimensions
}

// Cell holds the summed contributions of its key, by quarter hour from the
// day's first instant (tierAgentDays: the whole day, slot 0). Cells form a
// commutative group: what was added can be taken back.
type Cell struct {
	slots []slot
}

type slot struct {
	at     int32
	values []value // one for each measure of the group
}

// value is a count, or the sums of a duration, or occurrences by previous day.
type value struct {
	n, sum int64
	top    []int64 // largest durations, descending; never misses one larger than its last
	bins   []bin
}

type bin struct {
	at int32 // duration bin, or 1 + day of the previous occurrence (0: none)
	n  int64
}

// slotLength is a quarter of an hour: every zone's offset is a multiple of it.
const slotLength = hour / 4

// maxSlot and maxBin are more than any day has, and more than there are.
const (
	maxSlot = 1 << 20
	maxBin  = 1 << 20
)

// slotRange is the slots from one up to, and without, another.
type slotRange struct{ from, to int64 }

// wholeDay is all slots of a day.
func wholeDay() slotRange { return slotRange{0, maxSlot + 1} }

// tops is how many of the largest durations a cell remembers, so that taking
// one back still leaves the exact maximum known.
const tops = 4

// Slot returns the local day and the quarter hour of it that hold ms.
func (z Zone) slot(ms int64) (Day, int32) {
	d := z.DayOf(ms)
	return d, int32((ms - z.Start(d)) / slotLength)
}

// keysOf calls yield with every cell that a contribution stands in.
func (r *Rules) keysOf(c *Contribution, yield func(CellKey, int32)) {
	g := groupOf[c.Measure]
	day, at := r.Zone.slot(c.At)
	for t := Tier(0); t < tiers; t++ {
		set, kept := g.dims(t)
		if !kept {
			continue
		}
		s := at
		if !t.slotted() {
			s = 0
		}
		yield(CellKey{g, t, day, c.Dims.pack(set)}, s)
	}
}

// add adds times copies of a contribution (negative: takes them back).
func (c *Cell) add(r *Rules, at int32, x *Contribution, times int64) {
	v := &c.slot(at, groupOf[x.Measure]).values[x.Measure-groupShapes[groupOf[x.Measure]].first]
	v.n += times
	switch x.Measure.nature() {
	case durations:
		v.sum += x.Value * times
		v.addBin(int32(binOf(x.Value)), times)
		v.addTop(x.Value, times)
	case distinct:
		prev := int32(0)
		if x.Prev != 0 {
			prev = int32(r.Zone.DayOf(x.Prev)) + 1
		}
		v.addBin(prev, times)
	}
}

func (c *Cell) slot(at int32, g Group) *slot {
	i := sort.Search(len(c.slots), func(i int) bool { return c.slots[i].at >= at })
	if i == len(c.slots) || c.slots[i].at != at {
		c.slots = slices.Insert(c.slots, i, slot{at: at, values: make([]value, groupShapes[g].width())})
	}
	return &c.slots[i]
}

func (v *value) addBin(at int32, times int64) {
	i := sort.Search(len(v.bins), func(i int) bool { return v.bins[i].at >= at })
	if i == len(v.bins) || v.bins[i].at != at {
		v.bins = slices.Insert(v.bins, i, bin{at: at})
	}
	if v.bins[i].n += times; v.bins[i].n == 0 {
		v.bins = slices.Delete(v.bins, i, i+1)
	}
}

// addTop runs after n was changed. The list is complete while it holds every
// duration; otherwise a smaller one than its last may not be appended, because
// larger ones may be unknown.
func (v *value) addTop(x, times int64) {
	for ; times > 0; times-- {
		complete := int64(len(v.top)) >= v.n-times
		i := sort.Search(len(v.top), func(i int) bool { return v.top[i] < x })
		if i < len(v.top) || complete && len(v.top) < tops {
			v.top = slices.Insert(v.top, i, x)
			v.top = v.top[:min(len(v.top), tops)]
		}
	}
	for ; times < 0; times++ {
		if i := slices.Index(v.top, x); i >= 0 {
			v.top = slices.Delete(v.top, i, i+1)
		}
	}
}

// Empty reports whether nothing is left in the cell.
func (c *Cell) Empty() bool {
	for i := range c.slots {
		for j := range c.slots[i].values {
			if !c.slots[i].values[j].zero() {
				return false
			}
		}
	}
	return true
}

func (v *value) zero() bool { return v.n == 0 && v.sum == 0 && len(v.bins) == 0 }

// Encode packs the cell for storage; see eachValue for the layout.
func (c *Cell) Encode() []byte {
	b := make([]byte, 0, 64)
	prev := int32(-1)
	for i := range c.slots {
		s := &c.slots[i]
		var present uint64
		for j := range s.values {
			if !s.values[j].zero() {
				present |= 1 << j
			}
		}
		if present == 0 {
			continue
		}
		b = binary.AppendUvarint(b, uint64(s.at-prev))
		prev = s.at
		b = binary.AppendUvarint(b, present)
		for j := range s.values {
			if present&(1<<j) != 0 {
				b = s.values[j].encode(b)
			}
		}
	}
	return b
}

func (v *value) encode(b []byte) []byte {
	b = binary.AppendVarint(b, v.n)
	if len(v.bins) == 0 {
		return append(b, 0)
	}
	begin := len(b)
	b = binary.AppendVarint(b, v.sum)
	b = binary.AppendUvarint(b, uint64(len(v.top)))
	for _, t := range v.top {
		b = binary.AppendUvarint(b, uint64(t))
	}
	prev := int32(0)
	for _, x := range v.bins {
		b = binary.AppendUvarint(b, uint64(x.at-prev))
		b = binary.AppendVarint(b, x.n)
		prev = x.at
	}
	var room [binary.MaxVarintLen64]byte
	return slices.Insert(b, begin, binary.AppendUvarint(room[:0], uint64(len(b)-begin))...)
}

var errCell = errors.New("analytics: cell is damaged: run rebuild")

// DecodeCell reads what Encode wrote for a cell of the group.
func DecodeCell(g Group, b []byte) (*Cell, error) {
	if g >= groups {
		return nil, errCell
	}
	c := &Cell{}
	n := groupShapes[g].width()
	var room []value // of the slots to come, twice as many each time
	err := eachValue(g, b, ^uint64(0), wholeDay(), func(at int32, j int, v *value) {
		if k := len(c.slots); k == 0 || c.slots[k-1].at != at {
			if len(room) == 0 {
				room = make([]value, n*max(1, min(k, 32)))
			}
			c.slots = append(c.slots, slot{at: at, values: room[:n:n]})
			room = room[n:]
		}
		kept := &c.slots[len(c.slots)-1].values[j]
		*kept = *v
		kept.top, kept.bins = slices.Clone(v.top), slices.Clone(v.bins)
	})
	return c, err
}

// eachValue reads an encoded cell: for each slot its distance from the one
// before, a bit set of the measures present, and their values: a count, and how long
// the rest is, if any: a sum, the largest durations, the bins; all as varints. It
// yields the values of wanted measures (a bit each, from the group's first) in some
// slots; what it yields holds until yield returns.
func eachValue(g Group, b []byte, want uint64, in slotRange, yield func(at int32, j int, v *value)) error {
	if g >= groups {
		return errCell
	}
	r := reader{b: b}
	n := groupShapes[g].width()
	var v value
	at := int64(-1)
	for len(r.b) > 0 && r.err == nil {
		at += int64(r.uvarint())
		present := r.uvarint()
		if present == 0 || bits.Len64(present) > n || at > maxSlot {
			return errCell
		}
		if at >= in.to {
			return r.err
		}
		want := want
		if at < in.from {
			want = 0
		}
		for j := 0; j < n && r.err == nil; j++ {
			switch {
			case present&(1<<j) == 0:
			case want&(1<<j) == 0:
				r.skip()
			default:
				if r.value(&v); r.err == nil {
					yield(int32(at), j, &v)
				}
			}
		}
	}
	return r.err
}

// eachValue yields what a decoded cell holds of wanted measures in some slots.
func (c *Cell) eachValue(want uint64, in slotRange, yield func(at int32, j int, v *value)) {
	for i := range c.slots {
		if at := int64(c.slots[i].at); at < in.from || at >= in.to {
			continue
		}
		for j := range c.slots[i].values {
			if want&(1<<j) != 0 {
				yield(c.slots[i].at, j, &c.slots[i].values[j])
			}
		}
	}
}

type reader struct {
	b   []byte
	err error
}

func (r *reader) uvarint() uint64 {
	if len(r.b) > 0 && r.b[0] < 0x80 { // most are
		x := r.b[0]
		r.b = r.b[1:]
		return uint64(x)
	}
	x, n := binary.Uvarint(r.b)
	if n <= 0 {
		r.b, r.err = nil, errCell
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) varint() int64 {
	x := r.uvarint()
	return int64(x>>1) ^ -int64(x&1)
}

// skip goes over a value.
func (r *reader) skip() {
	i := 0
	for i < len(r.b) && r.b[i] >= 0x80 {
		i++
	}
	r.pass(uint64(i) + 1)
	if n := r.uvarint(); n > 0 {
		r.pass(n)
	}
}

// pass goes over n bytes.
func (r *reader) pass(n uint64) {
	if n > uint64(len(r.b)) {
		r.b, r.err = nil, errCell
		return
	}
	r.b = r.b[n:]
}

// value reads one into v, whose lists are used again.
func (r *reader) value(v *value) {
	*v = value{n: r.varint(), top: v.top[:0], bins: v.bins[:0]}
	n := r.uvarint()
	part := reader{b: r.b}
	if r.pass(n); n == 0 || r.err != nil {
		return
	}
	part.b = part.b[:n]
	v.sum = part.varint()
	top := part.uvarint()
	if top > tops {
		r.b, r.err = nil, errCell
		return
	}
	for ; top > 0; top-- {
		v.top = append(v.top, int64(part.uvarint()))
	}
	for at := int64(0); len(part.b) > 0; {
		at += int64(part.uvarint())
		if at < 0 || at > maxBin {
			part = reader{err: errCell}
			break
		}
		v.bins = append(v.bins, bin{int32(at), part.varint()})
	}
	if r.err = cmp.Or(r.err, part.err); len(v.bins) == 0 {
		r.err = errCell
	}
}

// SlotMS is the length of a slot in ms.
const SlotMS = slotLength

// TierByOthers is the tier that tells everything but agents apart, by quarter hour.
const TierByOthers = tierOthers

// TrafficGroups are the groups whose cells show that a channel is alive.
func TrafficGroups() []Group { return []Group{GroupReceived, GroupSent} }

// ChannelOf returns the channel of a cell of TierByOthers.
func ChannelOf(k CellKey) string {
	set, _ := k.Group.dims(k.Tier)
	d := unpack(set, k.Dims)
	return d[ByChannel]
}

// EachSlot calls yield with the start of each slot of an encoded cell and how
// much its group's first measure counts.
func EachSlot(k CellKey, body []byte, z Zone, yield func(at, n int64)) error {
	start := z.Start(k.Day)
	return eachValue(k.Group, body, 1, wholeDay(), func(at int32, _ int, v *value) { yield(start+int64(at)*slotLength, v.n) })
}

// Equal reports whether two cells hold the same sums. How many of the largest
// durations each remembers does not matter, only the largest.
func (c *Cell) Equal(o *Cell) bool {
	a, b := c.trimmed(), o.trimmed()
	return slices.EqualFunc(a, b, func(x, y slot) bool {
		return x.at == y.at && slices.EqualFunc(x.values, y.values, func(v, w value) bool {
			return v.n == w.n && v.sum == w.sum && slices.Equal(v.bins, w.bins) && (len(v.top) == 0 || len(w.top) == 0 || v.top[0] == w.top[0])
		})
	})
}

// trimmed returns the slots that hold anything.
func (c *Cell) trimmed() []slot {
	return slices.DeleteFunc(slices.Clone(c.slots), func(s slot) bool {
		return !slices.ContainsFunc(s.values, func(v value) bool { return !v.zero() })
	})
}

// TierFull tells every dimension apart.
const TierFull = tierFull

// Keeps reports whether the group has cells of a tier.
func (g Group) Keeps(t Tier) bool {
	_, kept := g.dims(t)
	return kept
}

// Values returns the dimension values of a cell.
func (k CellKey) Values() Dims {
	set, _ := k.Group.dims(k.Tier)
	return unpack(set, k.Dims)
}
