package analytics

import (
	"cmp"
	"slices"
)

// Blunt collects the places of cells where taking durations back has left the
// maximum unknown, and finds it again among the contributions offered to it.
type Blunt struct {
	rules *Rules
	spots map[spot][]int64
}

type spot struct {
	key     CellKey
	at      int32
	measure Measure
}

// FindBlunt looks for unknown maxima.
func FindBlunt(rules *Rules, cells map[CellKey]*Cell) *Blunt {
	b := &Blunt{rules: rules, spots: map[spot][]int64{}}
	for k, c := range cells {
		for i := range c.slots {
			for j := range c.slots[i].values {
				m := groupShapes[k.Group].first + Measure(j)
				if v := &c.slots[i].values[j]; v.n > 0 && len(v.top) == 0 && m.nature() == durations {
					b.spots[spot{k, c.slots[i].at, m}] = nil
				}
			}
		}
	}
	return b
}

// Moments lists what must be offered; nothing when no maximum is unknown.
func (b *Blunt) Moments() []Moments {
	days := map[CellKey]bool{}
	var list []Moments
	for s := range b.spots {
		k := CellKey{Group: s.key.Group, Day: s.key.Day}
		if !days[k] {
			days[k] = true
			list = append(list, Moments{Groups: []Group{k.Group}, Span: b.rules.Zone.Days(k.Day, k.Day+1), Target: b.rules.Target})
		}
	}
	return list
}

// Offer shows a contribution.
func (b *Blunt) Offer(c Contribution) {
	b.rules.keysOf(&c, func(k CellKey, at int32) {
		s := spot{k, at, c.Measure}
		if values, ok := b.spots[s]; ok {
			b.spots[s] = append(values, c.Value)
		}
	})
}

// Sharpen writes the maxima found into the cells.
func (b *Blunt) Sharpen(cells map[CellKey]*Cell) {
	for s, values := range b.spots {
		slices.SortFunc(values, func(x, y int64) int { return cmp.Compare(y, x) })
		v := &cells[s.key].slot(s.at, s.key.Group).values[s.measure-groupShapes[s.key.Group].first]
		v.top = values[:min(len(values), tops)]
	}
}
