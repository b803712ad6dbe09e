package analytics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// shopfloor invents days of a business: bursty conversations, lognormal delays,
// a few failures.
type shopfloor struct {
	random *rand.Rand
	days   [5]map[string]map[Dim]map[string]*bag // by metric; day 0 is now
	plant  plant
}

// plant is what goes differently on day 0 for one value of a dimension.
type plant struct {
	dim    Dim
	value  string
	volume float64 // times as many conversations
	slower float64 // times as long delays
	fails  float64 // share of messages that fail
}

type bag struct {
	n, hits int64
	values  []float64
}

var floorMetrics = []string{"messages_received", "messages_sent", "conversations_opened", "conversations_closed", "first_response", "response_time", "failure_rate"}

func pick(r *rand.Rand, weights map[string]float64) string {
	keys := make([]string, 0, len(weights))
	sum := 0.0
	for k, w := range weights {
		keys = append(keys, k)
		sum += w
	}
	slices.Sort(keys)
	at := r.Float64() * sum
	for _, k := range keys {
		if at -= weights[k]; at < 0 {
			return k
		}
	}
	return keys[0]
}

func (f *shopfloor) put(day int, metric string, dims map[Dim]string, value float64, hit bool) {
	if f.days[day] == nil {
		f.days[day] = map[string]map[Dim]map[string]*bag{}
	}
	m := f.days[day][metric]
	if m == nil {
		m = map[Dim]map[string]*bag{}
		f.days[day][metric] = m
	}
	all := map[Dim]string{allDims: ""}
	for d, v := range dims {
		all[d] = v
	}
	for d, v := range all {
		if m[d] == nil {
			m[d] = map[string]*bag{}
		}
		b := m[d][v]
		if b == nil {
			b = &bag{}
			m[d][v] = b
		}
		b.n++
		if hit {
			b.hits++
		}
		b.values = append(b.values, value)
	}
}

// live invents a day.
func (f *shopfloor) live(day int, perDay float64) {
	r, p := f.random, plant{}
	if day == 0 {
		p = f.plant
	}
	agents := map[string]float64{"#ana": 1.3, "#bea": 1.1, "#ciro": 1, "#dora": 1, "#elsa": 0.9, "#fito": 0.6, "": 0.3}
	channels := map[string]float64{"whatsapp:1": 5, "whatsapp:2": 3.5, "instagram:x": 1.5}
	categories := map[string]float64{"pagos": 1, "compra": 2, "envío": 1.5, "garantía": 0.8, "": 1, "cotización": 2.5}
	hours := map[string]float64{}
	for h := 7; h < 20; h++ {
		hours[fmt.Sprint(h)] = 1 + 3*math.Exp(-math.Pow(float64(h-11)/4, 2))
	}
	n := perDay * math.Exp(r.NormFloat64()*0.07)
	for range poissonOf(r, n) {
		f.talk(day, r, map[Dim]string{ByAgent: pick(r, agents), ByChannel: pick(r, channels), ByCategory: pick(r, categories), ByHour: pick(r, hours)}, p)
	}
	if p.volume > 0 {
		of := map[Dim]map[string]float64{ByAgent: agents, ByChannel: channels, ByCategory: categories}[p.dim]
		sum := 0.0
		for _, w := range of {
			sum += w
		}
		for range poissonOf(r, n*of[p.value]/sum*(p.volume-1)) {
			dims := map[Dim]string{ByAgent: pick(r, agents), ByChannel: pick(r, channels), ByCategory: pick(r, categories), ByHour: pick(r, hours)}
			dims[p.dim] = p.value
			f.talk(day, r, dims, p)
		}
	}
}

func (f *shopfloor) talk(day int, r *rand.Rand, dims map[Dim]string, p plant) {
	slow, fails := 1.0, 0.02
	if p.dim != allDims && dims[p.dim] == p.value {
		slow, fails = max(p.slower, 1), max(p.fails, 0.02)
	}
	without := map[Dim]string{ByAgent: dims[ByAgent], ByChannel: dims[ByChannel], ByHour: dims[ByHour]}
	closed := map[Dim]string{ByAgent: dims[ByAgent], ByChannel: dims[ByChannel], ByHour: dims[ByHour], ByCategory: dims[ByCategory]}
	f.put(day, "conversations_opened", without, 1, false)
	f.put(day, "conversations_closed", closed, 1, false)
	f.put(day, "first_response", without, slow*240_000*math.Exp(r.NormFloat64()*1.1), false)
	turns := 1 + int(r.ExpFloat64()*3)
	for range turns {
		f.put(day, "messages_received", without, 1, false)
		f.put(day, "messages_sent", without, 1, false)
		f.put(day, "failure_rate", without, 0, r.Float64() < fails)
		f.put(day, "response_time", without, slow*180_000*math.Exp(r.NormFloat64()*1.2), false)
	}
}

func poissonOf(r *rand.Rand, mean float64) int {
	n := 0
	for t := r.ExpFloat64(); t < mean; t += r.ExpFloat64() {
		n++
	}
	return n
}

func (b *bag) point(u Unit) Point {
	switch {
	case b == nil:
		return Point{}
	case u == Count:
		return Point{Value: float64(b.n), N: b.n}
	case u == Share:
		return Point{Value: float64(b.hits) / float64(b.n), N: b.n}
	}
	slices.Sort(b.values)
	return Point{Value: b.values[(len(b.values)-1)/2], N: b.n}
}

func (f *shopfloor) movements() []Movement {
	var list []Movement
	for _, key := range floorMetrics {
		m, _ := MetricOf(key)
		course := func(d Dim, v string) Course {
			c := Course{Now: f.days[0][key][d][v].point(m.Unit)}
			for w := 1; w < 5; w++ {
				c.Before = append(c.Before, f.days[w][key][d][v].point(m.Unit))
			}
			return c
		}
		move := Movement{Metric: m, Total: course(allDims, "")}
		for d := range allDims {
			values := map[string]bool{}
			for w := range f.days {
				for v := range f.days[w][key][d] {
					values[v] = true
				}
			}
			for v := range values {
				move.Parts = append(move.Parts, Part{d, v, course(d, v)})
			}
		}
		list = append(list, move)
	}
	return list
}

func floorOf(seed uint64, perDay float64, p plant) []Movement {
	f := shopfloor{random: rand.New(rand.NewPCG(seed, 11)), plant: p}
	for d := range f.days {
		f.live(d, perDay)
	}
	return f.movements()
}

func TestNothingMovesWhereNothingChanged(t *testing.T) {
	for _, perDay := range []float64{12, 60, 250} {
		alarms := 0
		for seed := range uint64(100) {
			if found := Movers(floorOf(seed, perDay, plant{dim: allDims})); len(found) > 0 {
				alarms++
				m := found[0]
				t.Log(perDay, seed, m.Metric.Key, m.Dim, m.Value, m.Now, m.Usual, m.N, m.Score)
			}
		}
		assert.LessOrEqual(t, alarms, 5, "false alarms in 100 quiet days of %v conversations", perDay)
	}
}

func TestPlantedMoversAreFound(t *testing.T) {
	for name, c := range map[string]struct {
		perDay  float64
		plant   plant
		metrics []string
		good    int
	}{
		"an agent is slow":             {90, plant{dim: ByAgent, value: "#bea", slower: 5}, []string{"first_response", "response_time"}, -1},
		"an agent is swamped":          {90, plant{dim: ByAgent, value: "#dora", volume: 4}, []string{"messages_received", "messages_sent", "conversations_opened", "conversations_closed"}, 1},
		"a channel fails":              {90, plant{dim: ByChannel, value: "whatsapp:2", fails: 0.25}, []string{"failure_rate"}, -1},
		"a channel booms":              {90, plant{dim: ByChannel, value: "instagram:x", volume: 5}, []string{"messages_received", "messages_sent", "conversations_opened", "conversations_closed"}, 1},
		"a category booms":             {90, plant{dim: ByCategory, value: "garantía", volume: 5}, []string{"conversations_closed"}, 1},
		"a category booms, small shop": {30, plant{dim: ByCategory, value: "pagos", volume: 10}, []string{"conversations_closed"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			hits := 0
			for seed := range uint64(100) {
				found := Movers(floorOf(seed, c.perDay, c.plant))
				if len(found) == 0 {
					continue
				}
				m := found[0]
				if !m.Whole && m.Dim == c.plant.dim && m.Value == c.plant.value && slices.Contains(c.metrics, m.Metric.Key) && m.Good() == c.good {
					hits++
				} else {
					t.Log(seed, m.Metric.Key, m.Whole, m.Dim, m.Value, m.Now, m.Usual, m.N, m.Score)
				}
			}
			assert.GreaterOrEqual(t, hits, 95, "of 100")
		})
	}
}

func count(now float64, before ...float64) Course {
	c := Course{Now: Point{Value: now}}
	for _, v := range before {
		c.Before = append(c.Before, Point{Value: v})
	}
	return c
}

func TestMoverTellsHowMuchAndHowMuchOfAll(t *testing.T) {
	m, _ := MetricOf("conversations_opened")
	found := Movers([]Movement{{Metric: m, Total: count(160, 100, 102, 98, 100), Parts: []Part{
		{ByChannel, "a:1", count(110, 50, 52, 48, 50)}, {ByChannel, "a:2", count(50, 50, 50, 50, 50)},
	}}})
	require.Len(t, found, 1)
	assert.Equal(t, "a:1", found[0].Value)
	assert.Equal(t, 50.0, found[0].Usual)
	change, ok := found[0].Change()
	assert.True(t, ok)
	assert.InDelta(t, 1.2, change, 1e-9)
	require.NotNil(t, found[0].Share)
	assert.InDelta(t, 1, *found[0].Share, 1e-9)
	assert.True(t, found[0].Up())
	assert.Equal(t, 1, found[0].Good())
}

func TestWhatGoesWithTheWholeIsToldOnce(t *testing.T) {
	m, _ := MetricOf("messages_received")
	found := Movers([]Movement{{Metric: m, Total: count(2000, 1000, 1010, 990, 1000), Parts: []Part{
		{ByChannel, "a:1", count(1210, 600, 606, 594, 600)}, {ByChannel, "a:2", count(790, 400, 404, 396, 400)},
	}}})
	require.Len(t, found, 1)
	assert.True(t, found[0].Whole)
}

func TestSomebodyNewHasNoRatio(t *testing.T) {
	m, _ := MetricOf("messages_sent")
	found := Movers([]Movement{{Metric: m, Total: count(360, 300, 310, 290, 300), Parts: []Part{
		{ByAgent, "#new", count(60, 0, 0, 0, 0)}, {ByAgent, "#old", count(300, 300, 310, 290, 300)},
	}}})
	require.NotEmpty(t, found)
	assert.Equal(t, "#new", found[0].Value)
	_, ok := found[0].Change()
	assert.False(t, ok)
}

func TestTooLittleMovesNothing(t *testing.T) {
	first, _ := MetricOf("first_response")
	opened, _ := MetricOf("conversations_opened")
	slow := func(v float64, n int64) Point { return Point{v, n} }
	for name, m := range map[string]Movement{
		"four replies":   {Metric: first, Total: Course{slow(9e6, 4), []Point{slow(6e4, 40), slow(6e4, 40), slow(6e4, 40), slow(6e4, 40)}}},
		"one week":       {Metric: first, Total: Course{slow(9e6, 40), []Point{slow(6e4, 40)}}},
		"no weeks":       {Metric: opened, Total: count(100)},
		"nothing at all": {Metric: opened},
		"three more":     {Metric: opened, Total: count(3, 0, 0, 0, 0)},
	} {
		assert.Empty(t, Movers([]Movement{m}), name)
	}
}

// TestMoversNeverStumble: whatever numbers come, scores are numbers, ordered, and
// the order of what is given does not matter.
func TestMoversNeverStumble(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		metrics := Catalogue()
		point := func(u Unit) Point {
			n := rapid.Int64Range(0, 1000).Draw(t, "n")
			switch u {
			case Count:
				return Point{float64(n), n}
			case Share:
				return Point{rapid.Float64Range(0, 1).Draw(t, "share"), n}
			}
			return Point{rapid.Float64Range(0, 1e9).Draw(t, "ms"), n}
		}
		course := func(u Unit) Course {
			c := Course{Now: point(u)}
			for range rapid.IntRange(0, 4).Draw(t, "weeks") {
				c.Before = append(c.Before, point(u))
			}
			return c
		}
		var list []Movement
		for range rapid.IntRange(0, 4).Draw(t, "metrics") {
			m := rapid.SampledFrom(metrics).Draw(t, "metric")
			move := Movement{Metric: m, Total: course(m.Unit)}
			for k := range rapid.IntRange(0, 5).Draw(t, "parts") {
				move.Parts = append(move.Parts, Part{ByAgent, fmt.Sprint(k), course(m.Unit)})
			}
			list = append(list, move)
		}
		found := Movers(list)
		for i, m := range found {
			require.False(t, math.IsNaN(m.Score) || math.IsInf(m.Score, 0))
			require.Equal(t, m.Score > 0, m.Up())
			if i > 0 {
				require.GreaterOrEqual(t, math.Abs(found[i-1].Score), math.Abs(m.Score))
			}
			if m.Share != nil {
				require.Positive(t, *m.Share)
			}
		}
		slices.Reverse(list)
		require.Len(t, Movers(list), len(found))
	})
}
