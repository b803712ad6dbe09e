package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"pulso/cmd/pulso/app"
)

func (c *console) outbox() *cobra.Command {
	var from, to string
	var asJSON bool
	cmd := &cobra.Command{Use: "outbox", Short: "what was and will be sent, and what became of it", Args: usage(cobra.NoArgs)}
	f := cmd.Flags()
	f.StringVar(&from, "from", "", "planned since: RFC 3339 or a local date")
	f.StringVar(&to, "to", "", "planned before")
	f.BoolVar(&asJSON, "json", false, "as JSON")
	cmd.RunE = c.with(app.ReadOnly, func(ctx context.Context, a *app.App, _ []string) error {
		since, before, err := a.Bounds(from, to)
		if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		return a.Outbox(ctx, c.out, since, before, asJSON)
	})
	return cmd
}

func (c *console) templates() *cobra.Command {
	cmd := &cobra.Command{Use: "templates", Short: "the message templates for writing outside the 24 hour window"}
	var asJSON bool
	cmd.PersistentFlags().BoolVar(&asJSON, "json", false, "as JSON")
	show := func(list []app.TemplateState, err error) error {
		if list == nil {
			return err
		}
		if asJSON {
			return errors.Join(json.NewEncoder(c.out).Encode(map[string]any{"templates": list}), err)
		}
		t := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
		for _, x := range list {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\n", x.Name, x.Language, x.Status, x.Reason)
		}
		return errors.Join(t.Flush(), err)
	}
	add := func(use, short string, mode app.Mode, do func(context.Context, *app.App) ([]app.TemplateState, error)) {
		cmd.AddCommand(&cobra.Command{Use: use, Short: short, Args: usage(cobra.NoArgs), RunE: c.with(mode, func(ctx context.Context, a *app.App, _ []string) error {
			return show(do(ctx, a))
		})})
	}
	add("list", "the templates that Pulso needs", app.ReadOnly, func(ctx context.Context, a *app.App) ([]app.TemplateState, error) { return a.Templates(ctx, false) })
	add("status", "where they stand at Meta", app.ReadOnly, func(ctx context.Context, a *app.App) ([]app.TemplateState, error) { return a.Templates(ctx, true) })
	umbrella(cmd)
	add("push", "submit those that are missing to Meta", app.ReadWrite, func(ctx context.Context, a *app.App) ([]app.TemplateState, error) { return a.PushTemplates(ctx) })
	return cmd
}
