package flow

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"pulso/models"
)

// desk is a shelf that cannot keep some answers.
type desk struct {
	*shelf
	cannot string // key of an answer that cannot be stored
}

func (d *desk) Replied(ctx context.Context, command int64, answers []*models.Outgoing) error {
	for _, a := range answers {
		if a.Key == d.cannot {
			return errors.New("packet too large")
		}
	}
	return d.shelf.Replied(ctx, command, answers)
}

func (d *desk) ask(ids ...int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		d.commands = append(d.commands, models.Command{ID: id, WAMID: fmt.Sprint("wamid.", id)})
	}
}

func (d *desk) waiting() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.commands {
		if !c.Done {
			n++
		}
	}
	return n
}

// chats runs replicas of Chat over a desk for a while.
func chats(t *testing.T, d *desk, replicas int, span time.Duration, answer func(models.Command) error) (wrote int) {
	ctx, cancel := context.WithTimeout(t.Context(), span)
	defer cancel()
	done := make(chan int, replicas)
	for i := range replicas {
		n := 0
		c := &Chat{Desk: d, Owner: fmt.Sprint("owner ", i), Clock: wall(), Log: quiet(), Wrote: func() { n++ }}
		c.Answer = func(_ context.Context, c models.Command) ([]*models.Outgoing, error) {
			if err := answer(c); err != nil {
				return nil, err
			}
			o := message(models.Reply, "reply/"+c.WAMID, 1, "+573001112233", time.Now().UnixMilli())
			return []*models.Outgoing{&o}, nil
		}
		go func() {
			c.Run(ctx, nil)
			done <- n
		}()
	}
	for range replicas {
		wrote += <-done
	}
	return wrote
}

func TestEachCommandIsAnsweredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{shelf: newShelf()}
		for i := range int64(50) {
			d.ask(i + 1)
		}
		answered := map[int64]int{}
		wrote := chats(t, d, 3, 20*time.Second, func(c models.Command) error {
			answered[c.ID]++
			return nil
		})
		assert.Equal(t, 50, wrote)
		assert.Len(t, d.all(), 50)
		assert.Len(t, answered, 50)
		for id, n := range answered {
			assert.Equal(t, 1, n, id)
		}
		assert.Zero(t, d.waiting())
	})
}

func TestCommandIsPutAsideAfterFiveFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{shelf: newShelf()}
		d.ask(1, 2, 3)
		tries := 0
		chats(t, d, 1, 20*time.Second, func(c models.Command) error {
			if c.ID != 2 {
				return nil
			}
			tries++
			return errors.New("cannot")
		})
		assert.Equal(t, 5, tries)
		assert.Zero(t, d.waiting())
		assert.Len(t, d.all(), 2, "the others are answered")
	})
}

func TestWhoeverIsPutAsideIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{shelf: newShelf()}
		d.ask(77)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		wrote, told := 0, ""
		c := &Chat{Desk: d, Owner: "a", Clock: wall(), Log: quiet(), Wrote: func() { wrote++ }}
		c.Answer = func(context.Context, models.Command) ([]*models.Outgoing, error) { return nil, errors.New("cannot") }
		c.Sorry = func(_ context.Context, c models.Command, reference string) []*models.Outgoing {
			told = reference
			o := message(models.Reply, "reply/"+c.WAMID, 1, "+573001112233", 0)
			return []*models.Outgoing{&o}
		}
		c.Run(ctx, nil)
		assert.Equal(t, "25", told)
		assert.Equal(t, 1, wrote)
		assert.Len(t, d.all(), 1)
		assert.Zero(t, d.waiting())
	})
}

func TestAnswerThatCannotBeStoredBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{shelf: newShelf(), cannot: "reply/wamid.1"}
		d.ask(1, 2)
		chats(t, d, 1, 20*time.Second, func(models.Command) error { return nil })
		assert.Zero(t, d.waiting())
		assert.Len(t, d.all(), 1)
	})
}

func TestFailureThatPassesIsNotTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{shelf: newShelf()}
		d.ask(1)
		tries := 0
		chats(t, d, 1, 20*time.Second, func(models.Command) error {
			if tries++; tries < 4 {
				return errors.New("not now")
			}
			return nil
		})
		assert.Len(t, d.all(), 1)
	})
}

// The database goes away for a minute between asking and answering: the
// commands wait, and are answered once when it is back.
func TestChatOutlivesTheDatabase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &desk{shelf: newShelf()}
		d.ask(1, 2)
		d.broken = errors.New("gone away")
		time.AfterFunc(time.Minute, func() {
			d.mu.Lock()
			d.broken = nil
			d.mu.Unlock()
		})
		chats(t, d, 2, 3*time.Minute, func(models.Command) error { return nil })
		assert.Len(t, d.all(), 2)
		assert.Zero(t, d.waiting())
	})
}
