package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pulso/bot/flow"
	"pulso/cmd/pulso/app"
	"pulso/cmd/pulso/app/config"
)

func (c *console) serve() *cobra.Command {
	var clock string
	cmd := &cobra.Command{Use: "serve", Short: "the service", Args: usage(cobra.NoArgs)}
	cmd.Flags().StringVar(&clock, "clock", "", "for trials: START[,SPEED[,ANCHOR]]")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		go tendHeap(cmd.Context())
		log, err := c.log()
		if err != nil {
			return err
		}
		settings, err := c.served()
		if err != nil {
			return err
		}
		hands, err := c.clock(clock, settings)
		if err != nil {
			return err
		}
		a, err := app.Open(cmd.Context(), settings, hands, log, app.Later)
		if err != nil {
			return err
		}
		defer a.Close()
		for _, w := range settings.Warnings() {
			log.Warn(w)
		}
		s, err := a.NewService(settings.Server.Listen, nil)
		if err != nil {
			return err
		}
		log.Info("pulso serves", "version", app.Version, "address", s.Addr().String(), "database", a.Store.String())
		err = s.Run(cmd.Context())
		log.Info("pulso has stopped")
		return err
	}
	return cmd
}

// clock is the clock of --clock; it is for trials against a WhatsApp on this
// machine only.
func (c *console) clock(text string, settings *config.Config) (*flow.Clock, error) {
	if text != "" && !settings.Loopback() {
		return nil, fmt.Errorf("%w: --clock is for trials: every graph_url must be on loopback", errUsage)
	}
	return c.hands(text)
}

// trial reads START[,SPEED[,ANCHOR]].
func (c *console) trial(text string) (*flow.Clock, error) {
	clock := &flow.Clock{Wall: c.now, Speed: 1, Anchor: c.now()}
	parts := strings.Split(text, ",")
	wrong := fmt.Errorf("%w: --clock %s: want START[,SPEED[,ANCHOR]], times in RFC 3339, such as 2026-03-18T08:00:00-05:00,60", errUsage, text)
	var err error
	if clock.Start, err = time.Parse(time.RFC3339Nano, parts[0]); err != nil || len(parts) > 3 {
		return nil, wrong
	}
	if len(parts) > 1 {
		if clock.Speed, err = strconv.ParseFloat(parts[1], 64); err != nil || clock.Speed <= 0 {
			return nil, wrong
		}
	}
	if len(parts) > 2 {
		if clock.Anchor, err = time.Parse(time.RFC3339Nano, parts[2]); err != nil {
			return nil, wrong
		}
	}
	return clock, nil
}
