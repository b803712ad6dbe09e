package app

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pulso/bot/whatsapp"
	"pulso/cmd/pulso/app/config"
)

// Finding is one thing that doctor looked at.
type Finding struct {
	Check string `json:"check"`
	State string `json:"state"` // ok, warn or fail
	Says  string `json:"says"`
	Mend  string `json:"mend,omitempty"` // how to mend it
}

// States of a finding.
const (
	Well = "ok"
	Warn = "warn"
	Fail = "fail"
)

// doctorTime is how long one look over the network may take.
const doctorTime = 6 * time.Second

// checkup gathers what doctor finds.
type checkup struct {
	*App
	ctx  context.Context
	list []Finding
}

func (c *checkup) note(check, state, says, mend string) {
	if state == Well {
		mend = ""
	}
	c.list = append(c.list, Finding{check, state, says, mend})
}

// weigh notes ok, or else a state with a remedy.
func (c *checkup) weigh(check string, good bool, otherwise, says, mend string) {
	state := Well
	if !good {
		state = otherwise
	}
	c.note(check, state, says, mend)
}

// within runs a look over the network with a time-out.
func (c *checkup) within(do func(context.Context)) {
	ctx, cancel := context.WithTimeout(c.ctx, doctorTime)
	defer cancel()
	do(ctx)
}

// Doctor looks at everything that has to be right for the service to work, and
// says how to mend what is not. It changes nothing.
func (a *App) Doctor(ctx context.Context) []Finding {
	c := &checkup{App: a, ctx: ctx}
	if c.database() {
		c.record()
		c.people()
	}
	c.settings()
	for _, n := range a.Config.WhatsApp {
		c.number(n)
	}
	c.public()
	return c.list
}

// database reports whether it answers.
func (c *checkup) database() (answers bool) {
	c.within(func(ctx context.Context) {
		up, err := c.Store.Checkup(ctx)
		if err != nil {
			c.note("database", Fail, "it does not answer: "+c.Store.String(), "start it, and compare database.dsn with it")
			return
		}
		answers = true
		c.note("database", Well, c.Store.String(), "")
		if c.Store.Dialect() == "sqlite" {
			c.embedded(up.Settings)
			c.note("clock", Well, c.Clock.Now().In(c.rules.Zone.Location()).Format(time.RFC3339)+" in "+c.rules.Zone.Name(), "")
			return
		}
		c.durable(up.Settings)
		skew := time.Duration(c.Clock.Wall().UnixMilli()-up.Clock) * time.Millisecond
		state, says := Well, fmt.Sprintf("%s apart from the database's; the business's zone is %s", skew.Round(time.Millisecond), c.rules.Zone.Name())
		if skew.Abs() > 2*time.Second {
			state = Warn
		}
		if skew.Abs() > 30*time.Second {
			state = Fail
		}
		c.note("clock", state, says, "let NTP set the clocks of this machine and of the database's")
	})
	return answers
}

func (c *checkup) embedded(set map[string]string) {
	c.weigh("database synchronous", set["synchronous"] >= "2", Fail, "synchronous is "+set["synchronous"]+"; 2 is FULL", "the service sets FULL itself: look for something else that opens this file")
	c.weigh("database journal", set["journal_mode"] == "wal", Warn, "journal_mode is "+set["journal_mode"], "keep the file on a local disk: over a network there is no WAL")
}

// durable checks what a server must be set to so that what it has confirmed
// survives a loss of power.
func (c *checkup) durable(set map[string]string) {
	flush := set["innodb_flush_log_at_trx_commit"]
	c.weigh("database flush", flush == "1" || flush == "3", Warn, "innodb_flush_log_at_trx_commit is "+flush, "set it to 1: otherwise a loss of power can lose what was acknowledged")
	logs := set["log_bin"] == "1" || strings.EqualFold(set["log_bin"], "ON")
	c.weigh("database binlog", !logs || set["sync_binlog"] == "1", Warn, fmt.Sprintf("log_bin is %s, sync_binlog %s", set["log_bin"], set["sync_binlog"]), "set sync_binlog to 1, or replicas and backups can miss the last events after a loss of power")
	double := set["innodb_doublewrite"]
	c.weigh("database doublewrite", double != "0" && !strings.EqualFold(double, "OFF"), Warn, "innodb_doublewrite is "+double, "set it to ON unless the file system writes pages whole (ZFS)")
	c.weigh("database mode", strings.Contains(set["sql_mode"], "STRICT_TRANS_TABLES") || strings.Contains(set["sql_mode"], "STRICT_ALL_TABLES"), Fail, "sql_mode is "+set["sql_mode"], "the service asks for a strict mode itself: a proxy between may forget it")
}

// record looks at what was received.
func (c *checkup) record() {
	b, err := c.Store.Backlog(c.ctx)
	if err != nil {
		c.note("record", Fail, "it cannot be read", "run `pulso migrate`")
		return
	}
	age := time.Duration(0)
	if b.Oldest != 0 {
		age = time.Duration(c.Clock.Now().UnixMilli()-b.Oldest) * time.Millisecond
	}
	c.weigh("backlog", age < 5*time.Minute, Warn, fmt.Sprintf("%d deliveries are not in the figures yet, the oldest for %s", b.Deliveries, age.Round(time.Second)), "start `pulso serve`; while it runs, look at its log")
	c.weigh("faulty deliveries", b.Faulty == 0, Warn, fmt.Sprintf("%d deliveries hold something that was not understood", b.Faulty), "see `pulso faults`; after an upgrade `pulso rebuild` tries them again")
	c.oddities()
	var stored string
	known, err := c.Store.Setting(c.ctx, "rules", &stored)
	due, errDue := c.Store.RebuildDue(c.ctx)
	switch {
	case err != nil || errDue != nil:
		c.note("rules", Fail, "they cannot be read", "run `pulso rebuild`")
	case due:
		c.note("rules", Fail, "a rebuild is due, after an upgrade or because one was cut short", "start `pulso serve`, or run `pulso rebuild`")
	default:
		same := !known || stored == c.App.rules.Fingerprint(c.Config.Agents())
		says := map[bool]string{true: "the figures stand under the rules of the settings", false: "the settings that decide figures (zone, hours, idle times, target, agents) have changed"}[same]
		c.weigh("rules", same, Warn, says, "run `pulso rebuild`")
	}
	c.refusals()
}

// oddTime is how long doctor speaks of something odd that was received.
const oddTime = 7 * 24 * time.Hour

// oddities tells whether something odd was kept lately.
func (c *checkup) oddities() {
	all, err := c.App.Store.Oddities(c.ctx)
	if err != nil {
		c.note("kept with a flag", Fail, "it cannot be read", "run `pulso rebuild`")
		return
	}
	since := c.Clock.Now().Add(-oddTime).UnixMilli()
	senderless, future, words := false, false, 0
	for _, o := range all.Flagged {
		senderless = senderless || o.What == "no_sender" && o.Last >= since
		future = future || o.What == "future" && o.Last >= since
	}
	for _, o := range all.Words {
		if o.Last >= since {
			words++
		}
	}
	yes := map[bool]string{true: "messages", false: "none"}
	c.weigh("kept with a flag", !senderless && !future && words == 0, Warn,
		fmt.Sprintf("in the last 7 days: without a sender %s, dated ahead %s, words that are not known here %d", yes[senderless], yes[future], words),
		"see `pulso faults`: it was kept, and counted where it could be; a newer version may know the words")
}

// refusals tells whether Meta took what was sent last.
func (c *checkup) refusals() {
	h, known, err := c.halt(c.ctx)
	if err != nil {
		c.note("sending", Fail, "what was noted of it cannot be read", "run `pulso migrate`")
		return
	}
	if !known || h.Until != 0 {
		c.note("sending", Well, "Meta takes what is sent", "")
		return
	}
	since := time.UnixMilli(h.Since).In(c.App.rules.Zone.Location()).Format(time.RFC3339)
	c.note("sending", Fail, fmt.Sprintf("Meta refuses everything since %s with error %d; what is to be sent waits", since, h.Code), h.mend())
}

func (c *checkup) people() {
	list, err := c.everybody(c.ctx)
	if err != nil {
		c.note("people", Fail, "they cannot be read", "run `pulso migrate`")
		return
	}
	active, owners := 0, 0
	for _, p := range list {
		if p.Suspended == "" {
			active++
			if p.Role == "owner" || p.Role == "admin" {
				owners++
			}
		}
	}
	c.weigh("people", active > 0, Warn, fmt.Sprintf("%d may ask", active), "add people to the settings, or `pulso people invite PHONE --role manager`")
	if active > 0 {
		c.weigh("owners", owners > 0, Warn, fmt.Sprintf("%d owners and admins", owners), "alerts without recipients go to owners and admins: make somebody one")
	}
}

func (c *checkup) settings() {
	c.weigh("numbers", len(c.Config.WhatsApp) > 0, Warn, fmt.Sprintf("%d WhatsApp numbers", len(c.Config.WhatsApp)), "add them to whatsapp in the settings")
	_, ok := c.Config.Bot()
	c.weigh("bot", ok, Warn, map[bool]string{true: "people write to one of the numbers", false: "no number has bot: true"}[ok], "set bot: true on the number that managers write to")
	for _, w := range c.Config.Warnings() {
		c.note("settings", Warn, w, "see config.example.yaml")
	}
}

// number looks at one WhatsApp number, here and at Meta.
func (c *checkup) number(n config.Number) {
	of := " of " + either(n.Name, n.PhoneNumberID)
	c.weigh("app secret"+of, len(n.AppSecrets) > 0, Fail, map[bool]string{true: "set", false: "without it every webhook is refused"}[len(n.AppSecrets) > 0], "set app_secrets: Meta's app dashboard, App settings, Basic")
	c.weigh("verify token"+of, n.VerifyToken.Set(), Warn, map[bool]string{true: "set", false: "not set"}[n.VerifyToken.Set()], "set verify_token, and the same in Meta's webhook settings")
	if !n.AccessToken.Set() {
		c.note("credentials"+of, Warn, "no access_token", "set the token of a system user: without it nothing can be sent or asked")
		return
	}
	client, err := c.client(n)
	if err != nil {
		c.note("credentials"+of, Fail, err.Error(), "see whatsapp in config.example.yaml")
		return
	}
	defer client.Close()
	c.within(func(ctx context.Context) {
		phone, err := client.Phone(ctx)
		if err != nil {
			c.note("credentials"+of, Fail, "the Graph API: "+plainly(err), "check access_token, phone_number_id and the network")
			return
		}
		c.weigh("credentials"+of, phone.Quality != "RED", Warn, strings.TrimSpace(fmt.Sprintf("%s %s, quality %s", phone.Display, phone.Name, either(phone.Quality, "unknown"))), "Meta may limit the number: fewer unasked messages")
	})
	if n.WABAID == "" {
		c.note("webhook subscription"+of, Warn, "waba_id is not set", "set it: without it subscriptions and templates cannot be asked for")
		return
	}
	c.within(func(ctx context.Context) {
		apps, err := client.Subscribed(ctx)
		if err != nil {
			c.note("webhook subscription"+of, Fail, "the Graph API: "+plainly(err), "check waba_id and the permission whatsapp_business_management")
			return
		}
		c.weigh("webhook subscription"+of, len(apps) > 0, Fail, fmt.Sprintf("%d apps get the account's webhooks", len(apps)), "POST /{waba_id}/subscribed_apps with the app's token: until then nothing comes in")
	})
	if n.Bot {
		c.within(func(ctx context.Context) { c.approved(ctx, client) })
	}
}

// plainly says what went wrong at Meta, without addresses.
func plainly(err error) string {
	text := err.Error()
	if i := strings.Index(text, "\n"); i >= 0 {
		text = text[:i]
	}
	return text
}

func (c *checkup) approved(ctx context.Context, client *whatsapp.Client) {
	list, err := c.templateStates(ctx, client)
	if err != nil {
		c.note("templates", Fail, "the Graph API: "+plainly(err), "check waba_id and the permission whatsapp_business_management")
		return
	}
	have, all, open := map[string]int{}, map[string]int{}, []string{}
	for _, t := range list {
		all[t.Language]++
		if t.Status == whatsapp.StatusApproved {
			have[t.Language]++
		} else {
			open = append(open, fmt.Sprintf("%s/%s %s", t.Name, t.Language, t.Status))
		}
	}
	var says []string
	for _, tag := range sortedNames(all) {
		says = append(says, fmt.Sprintf("%s %d of %d approved", tag, have[tag], all[tag]))
	}
	text := strings.Join(says, ", ")
	if len(open) > 0 {
		text += ": " + strings.Join(open, ", ")
	}
	c.weigh("templates", len(open) == 0, Warn, text, "`pulso templates push` submits what is missing; Meta decides within a day")
}

func sortedNames(m map[string]int) []string {
	var list []string
	for name := range m {
		list = append(list, name)
	}
	return tidy(list)
}

// public looks at the service from outside.
func (c *checkup) public() {
	base := c.Config.Server.PublicURL
	if base == "" {
		c.note("public URL", Warn, "server.public_url is not set", "set the address by which Meta reaches the service")
		return
	}
	c.within(func(ctx context.Context) {
		code, _, err := fetch(ctx, base+"/healthz")
		says := base + "/healthz does not answer"
		if err == nil {
			says = fmt.Sprintf("%s/healthz answers %d", base, code)
		}
		c.weigh("public URL", err == nil && code == http.StatusOK, Fail, says, "start `pulso serve`, and look at the proxy, the certificate and the name")
	})
	for _, n := range c.Config.WhatsApp {
		if !n.VerifyToken.Set() {
			continue
		}
		c.within(func(ctx context.Context) {
			const challenge = "1158201444"
			q := url.Values{"hub.mode": {"subscribe"}, "hub.challenge": {challenge}, "hub.verify_token": {n.VerifyToken.Reveal()}}
			code, body, err := fetch(ctx, base+"/webhooks/whatsapp?"+q.Encode())
			says := "no answer"
			if err == nil {
				says = fmt.Sprintf("it answers %d", code)
			}
			c.weigh("webhook handshake of "+either(n.Name, n.PhoneNumberID), err == nil && code == http.StatusOK && body == challenge, Fail, says, "the running service must have this verify_token, and the proxy must pass /webhooks/whatsapp with its query")
		})
		return
	}
}

// fetch gets a page; errors hold no address, which has a secret in it.
func fetch(ctx context.Context, address string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode, string(body), err
}
