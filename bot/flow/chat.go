package flow

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"pulso/models"
)

// Desk is where commands wait and answers are put.
type Desk interface {
	Leases
	Commands(ctx context.Context, limit int) ([]models.Command, error)
	Replied(ctx context.Context, command int64, answers []*models.Outgoing) error
}

// Chat answers what people of the business write to the bot's number. Each
// command is answered once: its answers are stored together with the mark that
// it is done.
type Chat struct {
	Desk   Desk
	Owner  string
	Clock  *Clock
	Log    *slog.Logger
	Answer func(ctx context.Context, c models.Command) ([]*models.Outgoing, error)
	// Sorry returns what is said instead of an answer that cannot be made; the
	// reference stands in the log too.
	Sorry func(ctx context.Context, c models.Command, reference string) []*models.Outgoing
	Wrote func() // called when answers wait to be sent

	holder *Holder
	tries  map[int64]int // commands whose answering failed
}

const (
	chatBatch = 20
	chatTries = 5 // after so many failures a command is put aside
)

// Run answers until the context ends, waiting for wake when nothing waits.
func (c *Chat) Run(ctx context.Context, wake <-chan struct{}) {
	c.holder = &Holder{Leases: c.Desk, Clock: c.Clock, Name: "chat", Owner: c.Owner}
	c.tries = map[int64]int{}
	defer func() {
		if err := c.holder.Release(); err != nil {
			c.Log.Error("chat", "error", err)
		}
	}()
	for {
		n, err := c.step(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil && !errors.Is(err, models.ErrTaken) {
			c.Log.Error("chat", "error", err)
		}
		if n > 0 && err == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-c.Clock.After(chatWait):
		}
	}
}

const chatWait = 500 * time.Millisecond

func (c *Chat) step(ctx context.Context) (int, error) {
	if _, err := c.holder.Hold(ctx); err != nil {
		return 0, err
	}
	list, err := c.Desk.Commands(ctx, chatBatch)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, command := range list {
		if err := c.answer(ctx, command); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// answer answers one command. One that cannot be answered several times over,
// or whose answer cannot be stored, is put aside with an apology, so that the
// others are answered.
func (c *Chat) answer(ctx context.Context, command models.Command) error {
	answers, err := c.Answer(ctx, command)
	if err == nil {
		err = c.Desk.Replied(ctx, command.ID, answers)
	}
	if err != nil {
		if c.tries[command.ID]++; c.tries[command.ID] < chatTries {
			return err
		}
		if answers, err = c.putAside(ctx, command, err); err != nil {
			return err
		}
	}
	delete(c.tries, command.ID)
	if len(answers) > 0 {
		c.Wrote()
	}
	return nil
}

// putAside marks a command as done that cannot be answered, and says so to its
// sender where it can.
func (c *Chat) putAside(ctx context.Context, command models.Command, cause error) ([]*models.Outgoing, error) {
	reference := strconv.FormatInt(command.ID, 36)
	var sorry []*models.Outgoing
	if c.Sorry != nil {
		sorry = c.Sorry(ctx, command, reference)
	}
	if err := c.Desk.Replied(ctx, command.ID, sorry); err != nil {
		return nil, errors.Join(cause, err)
	}
	c.Log.Error("chat: command put aside", "command", command.ID, "reference", reference, "error", cause)
	return sorry, nil
}
