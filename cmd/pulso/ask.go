package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pulso/cmd/pulso/app"
)

// asking are the flags of ask.
type asking struct {
	as, now, out, session string
	json, apply           bool
}

func (c *console) ask() *cobra.Command {
	var o asking
	cmd := &cobra.Command{Use: `ask "words"`, Short: "what the bot would answer, here in the terminal", Args: usage(cobra.ExactArgs(1)),
		Long: "Answers as the bot would, and changes nothing unless --apply is given.\nWith - it reads one question a line from standard input."}
	f := cmd.Flags()
	f.StringVar(&o.as, "as", "", "somebody of people, by name or phone")
	f.StringVar(&o.now, "now", "", "answer as of this time")
	f.BoolVar(&o.json, "json", false, "as JSON, a line for each question")
	f.StringVar(&o.out, "out", "", "write images and files of the answer into this directory")
	f.StringVar(&o.session, "session", "", "the lines are one dialogue of this name")
	f.BoolVar(&o.apply, "apply", false, "do what is asked, instead of only telling what would be done")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		mode := app.ReadOnly
		if o.apply {
			mode = app.ReadWrite
		}
		a, err := c.open(cmd.Context(), mode)
		if err != nil {
			return err
		}
		defer a.Close()
		return c.answer(cmd.Context(), a, o, args[0])
	}
	return cmd
}

// answer answers one question, or each line of standard input.
func (c *console) answer(ctx context.Context, a *app.App, o asking, text string) error {
	fixed, err := c.instant(o.now)
	if err != nil {
		return err
	}
	now := func() time.Time {
		if o.now != "" {
			return fixed
		}
		return c.now()
	}
	d, err := a.Dialogue(ctx, o.as, now, o.apply, o.session != "")
	if err != nil {
		return err
	}
	if text != "-" {
		return c.utter(ctx, d, o, text)
	}
	lines := bufio.NewReader(c.in)
	for {
		line, err := lines.ReadString('\n')
		if line != "" {
			if err := c.utter(ctx, d, o, strings.TrimRight(line, "\r\n")); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read questions: %w", err)
		}
	}
}

func (c *console) utter(ctx context.Context, d *app.Dialogue, o asking, text string) error {
	said, err := d.Ask(ctx, text, o.out)
	if err != nil {
		return err
	}
	if o.json {
		return json.NewEncoder(c.out).Encode(said.JSON())
	}
	return said.Plain(c.out)
}
