package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"pulso/cmd/pulso/app"
	"pulso/models"
)

// lines writes a table.
func (c *console) lines(rows [][]string) error {
	t := tabwriter.NewWriter(c.out, 0, 8, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(t, strings.Join(r, "\t"))
	}
	return t.Flush()
}

// told writes JSON, or a sentence.
func (c *console) told(asJSON bool, v any, format string, args ...any) error {
	if asJSON {
		return json.NewEncoder(c.out).Encode(v)
	}
	c.say(format, args...)
	return nil
}

// group is a command that only holds others.
func group(use, short string, asJSON *bool, under ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short}
	cmd.PersistentFlags().BoolVar(asJSON, "json", false, "as JSON")
	cmd.AddCommand(under...)
	umbrella(cmd)
	return cmd
}

func (c *console) under(use, short string, args cobra.PositionalArgs, mode app.Mode, do func(context.Context, *app.App, []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: usage(args), RunE: c.with(mode, do)}
}

func (c *console) people() *cobra.Command {
	var asJSON bool
	list := c.under("list", "who may ask, and who is invited", cobra.NoArgs, app.ReadOnly, func(ctx context.Context, a *app.App, _ []string) error {
		people, err := a.Members(ctx)
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(c.out).Encode(map[string]any{"people": people})
		}
		var rows [][]string
		for _, p := range people {
			scope := strings.Join(append(append([]string{}, p.Scope.Teams...), p.Scope.Channels...), ",")
			from := "chat"
			if p.FromFile {
				from = "file"
			}
			rows = append(rows, []string{p.Address(), p.Name, string(p.Role), p.Language, p.Timezone, scope, p.State, from})
		}
		return c.lines(rows)
	})
	var p models.Person
	var role string
	invite := c.under("invite PHONE", "invite somebody: prints a code that they write to the bot within 10 minutes", cobra.ExactArgs(1), app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		p.Phone, p.Role = args[0], models.Role(role)
		code, err := a.Invite(ctx, p)
		if errors.Is(err, app.ErrInvitation) {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		if err != nil {
			return err
		}
		return c.told(asJSON, map[string]any{"phone": args[0], "role": role, "code": code, "minutes": 10}, "%s\nThey write this code to the bot within 10 minutes, once.", code)
	})
	f := invite.Flags()
	f.StringVar(&role, "role", "viewer", "owner, admin, manager or viewer")
	f.StringVar(&p.Name, "name", "", "what they are called")
	f.StringVar(&p.Language, "language", "", "of their answers; default the business's")
	f.StringVar(&p.Zone, "timezone", "", "IANA name; default the business's")
	f.StringSliceVar(&p.Scope.Teams, "teams", nil, "they see these teams only")
	f.StringSliceVar(&p.Scope.Channels, "channels", nil, "they see these channels only, as platform:id")
	revoke := c.under("revoke WHO", "end somebody's rights, by name or phone", cobra.ExactArgs(1), app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		who, err := a.Revoke(ctx, args[0])
		if err != nil {
			return err
		}
		return c.told(asJSON, map[string]any{"revoked": who.Key}, "%s may no longer ask", args[0])
	})
	return group("people", "who may ask: list, invite, revoke", &asJSON, list, invite, revoke)
}

func (c *console) alerts() *cobra.Command {
	var asJSON bool
	var as string
	list := c.under("list", "the alerts and how they stand", cobra.NoArgs, app.ReadOnly, func(ctx context.Context, a *app.App, _ []string) error {
		alerts, err := a.Alerts(ctx)
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(c.out).Encode(map[string]any{"alerts": alerts})
		}
		var rows [][]string
		for _, g := range alerts {
			rows = append(rows, []string{strconv.FormatInt(g.ID, 10), g.Name, g.When(), g.State})
		}
		return c.lines(rows)
	})
	add := c.under(`add "words"`, `add an alert, as "first_response > 10m for 15m"`, cobra.MinimumNArgs(1), app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		said, err := a.AddAlert(ctx, as, strings.Join(args, " "))
		return c.said(said, err, asJSON)
	})
	remove := c.under("remove ID", "remove an alert", cobra.ExactArgs(1), app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		id, err := strconv.ParseInt(args[0], 10, 64)
		if err != nil {
			return fmt.Errorf("%w: %s is no number: see `pulso alerts list`", errUsage, args[0])
		}
		if err := a.RemoveAlert(ctx, id); err != nil {
			return err
		}
		return c.told(asJSON, map[string]any{"removed": id}, "alert %d is removed", id)
	})
	test := c.under(`test ID|"words"`, "how often it would have fired in the last 30 days", cobra.MinimumNArgs(1), app.ReadOnly, func(ctx context.Context, a *app.App, args []string) error {
		t, err := a.TestAlert(ctx, as, strings.Join(args, " "))
		if err != nil {
			return err
		}
		if !t.Known {
			return c.told(asJSON, t, "%s: the record is too short to tell", t.Rule)
		}
		return c.told(asJSON, t, "%s: %s in the last %d days", t.Rule, app.Plural(t.Times, "time", "times"), t.Days)
	})
	cmd := group("alerts", "list, add, remove and test alerts", &asJSON, list, add, remove, test)
	cmd.PersistentFlags().StringVar(&as, "as", "", "somebody of people, by name or phone, who is told; default every owner and admin")
	return cmd
}

func (c *console) said(said *app.Said, err error, asJSON bool) error {
	if err != nil {
		return err
	}
	if asJSON {
		return json.NewEncoder(c.out).Encode(said.JSON())
	}
	return said.Plain(c.out)
}

func (c *console) digests() *cobra.Command {
	var asJSON bool
	var as string
	list := c.under("list", "the digests and when they come next", cobra.NoArgs, app.ReadOnly, func(ctx context.Context, a *app.App, _ []string) error {
		digests, err := a.Digests(ctx, as)
		if err != nil {
			return err
		}
		if asJSON {
			return json.NewEncoder(c.out).Encode(map[string]any{"digests": digests})
		}
		var rows [][]string
		for _, d := range digests {
			next := ""
			if d.Next != nil {
				next = *d.Next
			}
			rows = append(rows, []string{d.ID, d.Person, d.At, d.Ask, next})
		}
		return c.lines(rows)
	})
	add := c.under(`add "words" --as PERSON`, `add a digest, as "every day at 8"`, cobra.MinimumNArgs(1), app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		said, err := a.AddDigest(ctx, as, strings.Join(args, " "))
		return c.said(said, err, asJSON)
	})
	remove := c.under("remove ID", "remove a digest", cobra.ExactArgs(1), app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		if err := a.RemoveDigest(ctx, args[0]); err != nil {
			return err
		}
		return c.told(asJSON, map[string]any{"removed": args[0]}, "digest %s is removed", args[0])
	})
	send := c.under("send ID", "plan today's now; a running service sends it", cobra.ExactArgs(1), app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		key, err := a.SendDigest(ctx, args[0])
		if err != nil {
			return err
		}
		return c.told(asJSON, map[string]any{"key": key}, "planned as %s: see `pulso outbox`", key)
	})
	cmd := group("digests", "list, add, remove and send digests", &asJSON, list, add, remove, send)
	cmd.PersistentFlags().StringVar(&as, "as", "", "somebody of people, by name or phone")
	return cmd
}

func (c *console) doctor() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{Use: "doctor", Short: "looks whether everything is as it must be, and says how to mend what is not", Args: usage(cobra.NoArgs)}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.RunE = c.with(app.Later, func(ctx context.Context, a *app.App, _ []string) error {
		found := a.Doctor(ctx)
		failed := false
		for _, f := range found {
			failed = failed || f.State == app.Fail
			if asJSON {
				continue
			}
			c.say("%-4s  %s: %s", f.State, f.Check, f.Says)
			if f.Mend != "" {
				c.say("      → %s", f.Mend)
			}
		}
		if asJSON {
			if err := json.NewEncoder(c.out).Encode(map[string]any{"ok": !failed, "checks": found}); err != nil {
				return err
			}
		}
		if failed {
			return errQuiet
		}
		return nil
	})
	return cmd
}

func (c *console) erase() *cobra.Command {
	var yes, asJSON bool
	cmd := &cobra.Command{Use: "erase CONTACT", Short: "forget a contact: names, numbers and texts; figures stay", Args: usage(cobra.ExactArgs(1)),
		Long: "CONTACT is an id, a phone, a user id or name, the id of a message, or a whole name.\nIt cannot be undone. Copies outside this database, such as backups, are yours to remove."}
	cmd.Flags().BoolVar(&yes, "yes", false, "without asking")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	cmd.RunE = c.with(app.ReadWrite, func(ctx context.Context, a *app.App, args []string) error {
		if !yes {
			what, err := a.Describe(ctx, args[0])
			if err != nil {
				return err
			}
			fmt.Fprintf(c.errs, "This forgets %s with %s and %s, for good. Type yes: ", app.Plural(what.Contacts, "contact", "contacts"),
				app.Plural(what.Messages, "message", "messages"), app.Plural(what.Conversations, "conversation", "conversations"))
			answer, _ := bufio.NewReader(c.in).ReadString('\n')
			if strings.TrimSpace(answer) != "yes" {
				return errors.New("nothing was erased")
			}
		}
		done, err := a.Erase(ctx, args[0])
		if err != nil {
			return err
		}
		return c.told(asJSON, done, "forgotten: %s, %s, %s, %s, %s of the bot", app.Plural(done.Messages, "message", "messages"), app.Plural(done.Events, "event", "events"),
			app.Plural(done.Conversations, "conversation", "conversations"), app.Plural(done.Deliveries, "raw body", "raw bodies"), app.Plural(done.Answers, "answer", "answers"))
	})
	return cmd
}

func (c *console) exportContact() *cobra.Command {
	return c.under("export-contact CONTACT", "everything that is held of a contact, as JSON", cobra.ExactArgs(1), app.ReadOnly, func(ctx context.Context, a *app.App, args []string) error {
		return a.ExportContact(ctx, args[0], c.out)
	})
}
