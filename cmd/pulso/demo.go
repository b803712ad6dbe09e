package main

import (
	"fmt"
	"log/slog"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"pulso/bot/flow"
	"pulso/cmd/pulso/app"
)

func (c *console) demo() *cobra.Command {
	set := app.DemoSetup{Out: c.out, Progress: func(int64, int64) {}}
	var clock string
	cmd := &cobra.Command{Use: "demo", Short: "a shop with history, a simulated WhatsApp, and a phone in the browser", Args: usage(cobra.NoArgs)}
	f := cmd.Flags()
	f.StringVar(&set.Listen, "listen", "127.0.0.1:8080", "host:port of the service and the phone page")
	f.IntVar(&set.Days, "days", 90, "days of history")
	f.Uint64Var(&set.Seed, "seed", 1, "decides everything that happens by chance")
	f.BoolVar(&set.Headless, "headless", false, "without the phone page, for scripts")
	f.StringVar(&clock, "clock", "", "for trials: START[,SPEED[,ANCHOR]]")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		log, err := c.log()
		if err != nil {
			return err
		}
		if !cmd.Flags().Changed("log-level") { // a visitor wants to see the phone, not every request
			log = slog.New(slog.NewTextHandler(c.errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
		}
		if set.Days < 1 || set.Days > 730 {
			return fmt.Errorf("%w: --days %d: want 1 to 730", errUsage, set.Days)
		}
		if set.Clock, err = c.hands(clock); err != nil {
			return err
		}
		set.Log, set.Language = log, visitorLanguage(os.Getenv)
		if bar := c.progress(); bar != nil {
			set.Progress = bar
		}
		return app.Demo(cmd.Context(), set)
	}
	return cmd
}

// visitorLanguage is the language of the terminal, if there are texts for it.
func visitorLanguage(env func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		for _, tag := range app.Languages() {
			if strings.HasPrefix(env(name), tag) {
				return tag
			}
		}
	}
	return "en"
}

// hands is the clock of --clock, without asking where it is used.
func (c *console) hands(text string) (*flow.Clock, error) {
	if text == "" {
		return &flow.Clock{Wall: c.now}, nil
	}
	return c.trial(text)
}
