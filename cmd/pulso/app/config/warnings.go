package config

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Warnings lists what is not configured yet, in the order of the file, each
// with what is missing because of it. Nothing in it is secret.
func (c *Config) Warnings() []string {
	var w warnings
	c.warnBusiness(&w)
	c.warnNumbers(&w)
	c.warnInboxes(&w)
	c.warnChannels(&w)
	c.warnRates(&w)
	c.warnPeople(&w)
	return w
}

type warnings []string

func (w *warnings) add(when bool, format string, args ...any) {
	if when {
		*w = append(*w, fmt.Sprintf(format, args...))
	}
}

func (c *Config) warnBusiness(w *warnings) {
	d := Defaults()
	w.add(c.Business.Timezone == d.Business.Timezone, "business.timezone is %s: days and weeks begin at midnight there", c.Business.Timezone)
	w.add(len(c.Business.Hours) == 0, "business.hours has no opening hours: figures in business time have no schedule to go by")
	w.add(c.Server.PublicURL == "", "server.public_url is not set: doctor cannot tell whether Meta reaches this service")
	w.add(c.Database.DSN.Reveal() == d.Database.DSN.Reveal(), "database.dsn is the embedded database pulso.db in the working directory: good for one process; name a MySQL server for more")
}

func (c *Config) warnNumbers(w *warnings) {
	w.add(len(c.WhatsApp) == 0, "whatsapp has no number: the webhook route refuses everything, and nobody can ask in the chat")
	unsigned, unverified := len(c.WhatsApp) > 0, len(c.WhatsApp) > 0
	for _, n := range c.WhatsApp {
		unsigned = unsigned && len(n.AppSecrets) == 0
		unverified = unverified && !n.VerifyToken.Set()
	}
	w.add(unsigned, "whatsapp has no number with app_secrets: the webhook route refuses everything")
	w.add(unverified, "whatsapp has no number with a verify_token: Meta cannot verify the webhook address")
	for i, n := range c.WhatsApp {
		at := fmt.Sprintf("whatsapp[%d]", i)
		w.add(!n.AccessToken.Set() && n.Bot, "%s.access_token is not set: the bot hears but can neither answer nor send digests and alerts", at)
		w.add(!n.AccessToken.Set() && !n.Bot, "%s.access_token is not set: the health of this number cannot be read", at)
		w.add(n.WABAID == "" && n.Bot, "%s.waba_id is not set: templates cannot be submitted, so nobody outside the 24 h window is reached", at)
		w.add(plain(n.GraphURL), "%s.graph_url is not https: the access token travels in the clear", at)
	}
	_, bot := c.Bot()
	w.add(!bot && len(c.WhatsApp) > 0, "whatsapp has no number with bot: true: nobody can ask in the chat, and no digest or alert is sent")
}

// plain reports whether a web address leaves this machine without TLS.
func plain(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return ip == nil || !ip.IsLoopback()
}

// warnInboxes names the inboxes that the settings know and this version does not
// read.
func (c *Config) warnInboxes(w *warnings) {
	const idle = "%s is set and does nothing yet: this version has no route for its webhooks; post canonical events to /v1/events instead"
	w.add(len(c.Respondio.SigningKeys)+len(c.Respondio.Channels) > 0, idle, "respondio")
	w.add(len(c.Chatwoot.Secrets)+len(c.Chatwoot.Channels) > 0 || c.Chatwoot.PathToken.Set(), idle, "chatwoot")
}

// warnChannels looks for channels and teams that nothing else in the file knows.
func (c *Config) warnChannels(w *warnings) {
	c.warnMap(w, "respondio.channels", c.Respondio.Channels)
	c.warnMap(w, "chatwoot.channels", c.Chatwoot.Channels)
	for i, p := range c.People {
		c.warnScope(w, fmt.Sprintf("people[%d].scope", i), p.Scope)
	}
	for i, a := range c.Alerts {
		c.warnScope(w, fmt.Sprintf("alerts[%d].scope", i), a.Scope)
	}
}

func (c *Config) warnMap(w *warnings, at string, channels map[string]string) {
	for _, id := range sortedKeys(channels) {
		c.warnChannel(w, join(at, id), channels[id])
	}
}

func (c *Config) warnScope(w *warnings, at string, s Scope) {
	for i, channel := range s.Channels {
		c.warnChannel(w, fmt.Sprintf("%s.channels[%d]", at, i), channel)
	}
	var teams []string
	for _, a := range c.Staff {
		teams = append(teams, a.Team)
	}
	for i, team := range s.Teams {
		known := slices.ContainsFunc(teams, func(t string) bool { return strings.EqualFold(t, team) })
		w.add(len(teams) > 0 && !known, "%s.teams[%d] is %q, and no agent of the file is in that team", at, i, team)
	}
}

func (c *Config) warnChannel(w *warnings, at, channel string) {
	known := slices.ContainsFunc(c.WhatsApp, func(n Number) bool { return n.Channel() == channel })
	w.add(strings.HasPrefix(channel, "whatsapp:") && !known, "%s is %s, and whatsapp has no such number", at, channel)
}

func (c *Config) warnRates(w *warnings) {
	known := []string{"marketing", "marketing_lite", "utility", "authentication", "authentication_international", "service", "referral_conversion"}
	for _, name := range sortedKeys(c.Rates.Prices) {
		ok := slices.ContainsFunc(known, func(k string) bool { return sameCategory(k, name) })
		w.add(!ok, "rates.prices.%s is not a pricing category known to Meta%s", name, didYouMean(nearest(name, known)))
	}
}

func (c *Config) warnPeople(w *warnings) {
	w.add(len(c.People) == 0, "people is empty: nobody may ask, and nobody gets digests or alerts")
	leads := slices.ContainsFunc(c.People, func(p Person) bool { return p.Role == Owner || p.Role == Admin })
	w.add(len(c.People) > 0 && !leads, "people has no owner or admin: nobody can invite others or hears of trouble with the account")
}
