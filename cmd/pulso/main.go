// Command pulso answers a business's questions about its own WhatsApp traffic,
// inside WhatsApp. This package reads flags and sets exit codes; everything
// else is in package app.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // zones are needed on machines that bring none

	"github.com/spf13/cobra"

	"pulso/bot/flow"
	"pulso/cmd/pulso/app"
	"pulso/cmd/pulso/app/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// errUsage marks mistakes in how a command was called.
var errUsage = errors.New("usage")

// run is the whole program with its edges given; it returns the exit code: 0,
// 1 for a failure, 2 for a wrong call.
func run(ctx context.Context, args []string, in io.Reader, out, errs io.Writer) int {
	c := &console{in: in, out: out, errs: errs, now: time.Now}
	root := c.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errs)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errQuiet):
		return 1
	case errors.Is(err, errUsage), errors.Is(err, app.ErrUsage):
		fmt.Fprintf(errs, "pulso: %v\nsee `pulso help`\n", err)
		return 2
	}
	fmt.Fprintf(errs, "pulso: %v\n", err)
	return 1
}

// errQuiet ends with exit code 1 after everything has been said.
var errQuiet = errors.New("failed")

// console is one run of the program: its edges and its global flags.
type console struct {
	in        io.Reader
	out, errs io.Writer
	now       func() time.Time

	config, database, level string
}

func (c *console) root() *cobra.Command {
	root := &cobra.Command{
		Use: "pulso", Short: "Answers a business's questions about its own WhatsApp traffic, inside WhatsApp.",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&c.config, "config", "", "settings, as in config.example.yaml")
	flags.StringVar(&c.database, "database", "", "sqlite:PATH or mysql:user:password@tcp(host:3306)/name")
	flags.StringVar(&c.level, "log-level", "info", "debug, info, warn or error")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w: %w", errUsage, err) })
	root.AddCommand(c.commands()...)
	umbrella(root)
	return root
}

// umbrella makes a command that only holds others show them; a word that is none of
// them is a mistake of use.
func umbrella(cmd *cobra.Command) {
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		_, path, _ := strings.Cut(cmd.CommandPath()+" "+args[0], " ")
		hint := ""
		if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
			hint = "; did you mean " + strings.Join(near, " or ") + "?"
		}
		return fmt.Errorf("%w: %s is no command%s", errUsage, path, hint)
	}
	cmd.SuggestionsMinimumDistance = 2
}

// either refuses two forms of output at once.
func either(asJSON, asCSV bool) error {
	if asJSON && asCSV {
		return fmt.Errorf("%w: --json or --csv, not both", errUsage)
	}
	return nil
}

// usage makes wrong arguments a mistake of use.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return fmt.Errorf("%w: %s: %w", errUsage, cmd.Name(), err)
		}
		return nil
	}
}

func (c *console) log() (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.level)); err != nil {
		return nil, fmt.Errorf("%w: --log-level %s: want debug, info, warn or error", errUsage, c.level)
	}
	return slog.New(slog.NewTextHandler(c.errs, &slog.HandlerOptions{Level: level})), nil
}

func (c *console) settings() (*config.Config, error) { return config.Load(c.sources()) }

func (c *console) sources() config.Options {
	return config.Options{Path: c.config, Env: os.Environ(), Database: c.database, Languages: app.Languages()}
}

// served loads the settings of what is to run for long: words that it will be
// asked in time are read now.
func (c *console) served() (*config.Config, error) {
	o := c.sources()
	o.Asks = app.Asks(c.now)
	return config.Load(o)
}

// open loads the settings and opens the database.
func (c *console) open(ctx context.Context, mode app.Mode) (*app.App, error) {
	log, err := c.log()
	if err != nil {
		return nil, err
	}
	load := c.settings
	if mode == app.Later {
		load = c.served
	}
	settings, err := load()
	if err != nil {
		return nil, err
	}
	return app.Open(ctx, settings, &flow.Clock{Wall: c.now}, log, mode)
}

// with opens the app for one command.
func (c *console) with(mode app.Mode, do func(ctx context.Context, a *app.App, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		a, err := c.open(cmd.Context(), mode)
		if err != nil {
			return err
		}
		defer a.Close()
		return do(cmd.Context(), a, args)
	}
}

// instant reads --now; "" is the present.
func (c *console) instant(s string) (time.Time, error) {
	if s == "" {
		return c.now(), nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return t, fmt.Errorf("%w: --now %s: want RFC 3339, such as 2026-03-18T10:30:00-05:00", errUsage, s)
	}
	return t, nil
}
