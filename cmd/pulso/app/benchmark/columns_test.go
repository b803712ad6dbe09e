package benchmark

import (
	"slices"
	"sync"

	"pulso/models"
)

// columns is a history as arrays in memory, cut into conversations by a plain
// loop that shares no code with the product: what a question costs at the very
// least, and what its answer must be.
type columns struct {
	at    []int64 // of messages
	flags []uint8
	who   []int32 // the contact
	by    []int32 // the agent who wrote it, -1 nobody

	reply, wait []int64 // of answered conversations: moment of the first response, and how long it took
	agent       []int32
	opened      []int64 // of conversations
	contact     []int32
	previous    []int64 // opening of the contact's conversation before, 0 none
}

const (
	flagOut = 1 << iota
	flagDelivered
	flagRead
	flagFailed
)

func newColumns(h *history) *columns {
	c := &columns{}
	number := map[string]int32{"": -1}
	for n := range h.agents {
		number["#"+agentID(n)] = int32(n)
	}
	for contact := range h.contacts() {
		c.add(int32(contact), h.of(contact), number)
	}
	return c
}

// add cuts one contact's messages: a day of silence ends a conversation, and
// only people's messages begin or answer one.
func (c *columns) add(contact int32, list []models.Message, number map[string]int32) {
	var last, before, opened, asked int64
	open, answered := false, false
	for i := range list {
		m := &list[i]
		at := m.ProviderAt
		c.at = append(c.at, at)
		c.flags = append(c.flags, flagsOf(m))
		c.who, c.by = append(c.who, contact), append(c.by, number[m.Agent])
		if open && at-last >= day {
			open, before = false, opened
		}
		if m.Sender == models.ClassCampaign {
			continue
		}
		if !open {
			open, answered, opened, asked = true, false, at, 0
			c.opened, c.contact, c.previous = append(c.opened, at), append(c.contact, contact), append(c.previous, before)
		}
		last = at
		switch {
		case m.Dir == models.In && asked == 0:
			asked = at
		case m.Dir == models.Out && asked != 0 && !answered:
			answered = true
			c.reply, c.wait, c.agent = append(c.reply, at), append(c.wait, at-asked), append(c.agent, number[m.Agent])
		}
	}
}

func flagsOf(m *models.Message) (f uint8) {
	if m.Dir == models.Out {
		f |= flagOut
	}
	if m.DeliveredAt != 0 || m.ReadAt != 0 {
		f |= flagDelivered
	}
	if m.ReadAt != 0 {
		f |= flagRead
	}
	if m.FailedAt != 0 && f&flagDelivered == 0 {
		f |= flagFailed
	}
	return f
}

// halves runs do on two halves of n at once, as a machine of two cores can.
func halves(n int, do func(half, from, to int)) {
	var both sync.WaitGroup
	both.Add(2)
	for half := range 2 {
		go func() {
			defer both.Done()
			do(half, half*n/2, (half+1)*n/2)
		}()
	}
	both.Wait()
}

// answer is what a question came to: numbers under a name.
type answer map[string][]float64

func (c *columns) statuses(from, to int64) answer {
	var sums [2][4]float64
	halves(len(c.at), func(half, a, b int) {
		var n [16]int
		for i, at := range c.at[a:b] {
			if at >= from && at < to {
				n[c.flags[a+i]]++
			}
		}
		for f, k := range n {
			if f&flagOut == 0 {
				continue
			}
			for j, bit := range []int{flagOut, flagDelivered, flagRead, flagFailed} {
				if f&bit != 0 {
					sums[half][j] += float64(k)
				}
			}
		}
	})
	var out []float64
	for j := range 4 {
		out = append(out, sums[0][j]+sums[1][j])
	}
	return answer{"": out}
}

// responses gives each agent's n, mean and p90 of the first response, in ms.
func (c *columns) responses(agents int, from, to int64, quantile bool) answer {
	waits := [2][][]int64{make([][]int64, agents), make([][]int64, agents)}
	halves(len(c.reply), func(half, a, b int) {
		for i := a; i < b; i++ {
			if c.reply[i] >= from && c.reply[i] < to {
				waits[half][c.agent[i]] = append(waits[half][c.agent[i]], c.wait[i])
			}
		}
	})
	out := answer{}
	for n := range agents {
		all := append(waits[0][n], waits[1][n]...)
		if len(all) == 0 {
			continue
		}
		sum := int64(0)
		for _, w := range all {
			sum += w
		}
		row := []float64{float64(len(all)), float64(sum) / float64(len(all))}
		if quantile {
			slices.Sort(all)
			row = append(row, float64(all[(len(all)*9+9)/10-1]))
		}
		out["#"+agentID(n)] = row
	}
	return out
}

// hours counts customers' messages by local weekday and hour, UTC−5.
func (c *columns) hours(from, to int64) answer {
	var n [2][7][24]int
	halves(len(c.at), func(half, a, b int) {
		for i, at := range c.at[a:b] {
			if at >= from && at < to && c.flags[a+i]&flagOut == 0 {
				local := at/hour - 5
				n[half][(local/24+3)%7][local%24]++
			}
		}
	})
	out := answer{}
	for d := range 7 {
		for h := range 24 {
			if k := n[0][d][h] + n[1][d][h]; k > 0 {
				out[hourKey(h, d+1)] = []float64{float64(k)}
			}
		}
	}
	return out
}

// comers counts new and returning contacts.
func (c *columns) comers(from, to int64) answer {
	var n [2][2]int
	halves(len(c.opened), func(half, a, b int) {
		for i := a; i < b; i++ {
			switch {
			case c.opened[i] < from || c.opened[i] >= to:
			case c.previous[i] == 0:
				n[half][0]++
			case c.previous[i] < from: // the contact's first one of the period
				n[half][1]++
			}
		}
	})
	return answer{"": {float64(n[0][0] + n[1][0]), float64(n[0][1] + n[1][1])}}
}
