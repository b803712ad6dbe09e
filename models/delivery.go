package models

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
)

// Delivery is one HTTP body as it came. It is stored before it is understood,
// and acknowledged once it is stored.
type Delivery struct {
	ID         int64 `gorm:"primaryKey;autoIncrement:false"`
	Source     string
	ReceivedAt int64 // ms
	Imported   bool  // history: it counts every channel it names, and raises no alert
	Body       []byte
}

// Sequence makes ids that ascend with time: 42 bits of ms, 9 of a random node
// and 12 of a counter. Two processes share a node once in 512 starts; then an
// insert meets a duplicate key and is made again after Renode. The zero value
// is ready; it is safe for concurrent use.
type Sequence struct {
	mu   sync.Mutex
	node int64
	last int64 // ms<<12 | counter
}

// Next returns an id not returned before, given the current time in ms.
func (s *Sequence) Next(now int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.node == 0 {
		s.node = randomNode()
	}
	s.last = max(s.last+1, now<<12)
	return s.last>>12<<21 | s.node<<12 | s.last&0xfff
}

// Renode takes another random node, after a duplicate key.
func (s *Sequence) Renode() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.node = randomNode()
}

func randomNode() int64 {
	var b [2]byte
	rand.Read(b[:]) // never fails: see crypto/rand
	return int64(binary.BigEndian.Uint16(b[:])%511) + 1
}
