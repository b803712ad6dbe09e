package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"pulso/cmd/pulso/app"
)

func (c *console) importing() *cobra.Command {
	var source string
	var asJSON bool
	cmd := &cobra.Command{Use: "import FILE…", Short: "history: canonical events as JSON lines, or raw webhook bodies", Args: usage(cobra.MinimumNArgs(1))}
	cmd.Flags().StringVar(&source, "source", "", "whatsapp: each file is one raw body (directories are walked)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "end with one line of JSON")
	cmd.RunE = c.with(app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		report, err := a.Import(ctx, source, args, c.progress())
		if err != nil {
			return err
		}
		if asJSON {
			if err := json.NewEncoder(c.out).Encode(report); err != nil {
				return err
			}
		} else {
			c.sayImport(report)
		}
		for _, f := range report.NoJSON {
			fmt.Fprintf(c.errs, "pulso: %s is no JSON\n", f)
		}
		if len(report.NoJSON) > 0 {
			return errQuiet
		}
		return nil
	})
	return cmd
}

func (c *console) sayImport(r *app.ImportReport) {
	fmt.Fprintf(c.out, "%d deliveries, %d events: %d new, %d known already, %d kept without being a figure, %d faulty\n",
		r.Deliveries, r.Events, r.New, r.Duplicates, r.Kept, r.Faulty)
	for i, f := range r.Faults {
		if i == 20 {
			fmt.Fprintf(c.out, "  … and %d more: see `pulso faults`\n", len(r.Faults)-i)
			break
		}
		at := f.File
		if f.Element != "" {
			at += ": " + f.Element
		}
		fmt.Fprintf(c.out, "  %s: %s\n", at, f.Error)
	}
}

// progress draws a bar where a person watches.
func (c *console) progress() func(done, total int64) {
	f, ok := c.errs.(*os.File)
	if !ok {
		return nil
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return func(done, total int64) { drawBar(f, done, total) }
}

func drawBar(w io.Writer, done, total int64) {
	const width = 40
	filled := width
	if total > 0 {
		filled = int(min(done, total) * width / total)
	}
	bar := make([]rune, width)
	for i := range bar {
		bar[i] = '░'
		if i < filled {
			bar[i] = '█'
		}
	}
	fmt.Fprintf(w, "\r%s %d%%", string(bar), filled*100/width)
	if done >= total {
		fmt.Fprintln(w)
	}
}

func (c *console) faults() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "faults", Short: "what was received and could not be understood, and why", Args: usage(cobra.NoArgs)}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.RunE = c.with(app.ReadOnly, func(ctx context.Context, a *app.App, _ []string) error { return a.Faults(ctx, c.out, asJSON) })
	return cmd
}

func (c *console) rebuild() *cobra.Command {
	return &cobra.Command{Use: "rebuild", Short: "replay everything from the record, under today's rules", Args: usage(cobra.NoArgs),
		RunE: c.with(app.ReadWrite, func(ctx context.Context, a *app.App, _ []string) error { return a.Rebuild(ctx, c.say) })}
}

func (c *console) audit() *cobra.Command {
	return &cobra.Command{Use: "audit", Short: "compare every stored figure with a replay; exit 1 on drift", Args: usage(cobra.NoArgs),
		RunE: c.with(app.ReadOnly, func(ctx context.Context, a *app.App, _ []string) error {
			if err := a.Audit(ctx, c.say); errors.Is(err, app.ErrDrift) {
				return errQuiet
			} else if err != nil {
				return err
			}
			return nil
		})}
}

// say writes a line for people.
func (c *console) say(format string, args ...any) { fmt.Fprintf(c.out, format+"\n", args...) }

func (c *console) migrate() *cobra.Command {
	return &cobra.Command{Use: "migrate", Short: "bring the database's schema up to date", Args: usage(cobra.NoArgs),
		RunE: c.with(app.ReadWrite, func(context.Context, *app.App, []string) error {
			fmt.Fprintln(c.out, "the schema is up to date")
			return nil
		})}
}

func (c *console) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "which Pulso this is", Args: usage(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			version := app.Version
			if info, ok := debug.ReadBuildInfo(); ok && version == "" {
				version = info.Main.Version
			}
			fmt.Fprintln(c.out, "pulso", version)
			return nil
		}}
}

func (c *console) metrics() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "metrics", Short: "the catalogue: what each figure means", Args: usage(cobra.NoArgs)}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.RunE = func(*cobra.Command, []string) error { return app.Metrics(c.out, asJSON) }
	return cmd
}
