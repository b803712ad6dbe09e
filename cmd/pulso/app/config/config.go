// Package config reads Pulso's settings from config.yaml and the environment
// and says everything that is wrong with them at once, each with its file, line
// and key. It may not open a database, send anything or read a clock.
package config

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"pulso/analytics"
)

// Config is every setting. Each key is explained in config.example.yaml, whose
// values are those of Defaults.
type Config struct {
	Business      Business      `yaml:"business"`
	Server        Server        `yaml:"server"`
	Database      Database      `yaml:"database"`
	WhatsApp      []Number      `yaml:"whatsapp"`
	Respondio     Respondio     `yaml:"respondio"`
	Chatwoot      Chatwoot      `yaml:"chatwoot"`
	Events        Events        `yaml:"events"`
	Rates         Rates         `yaml:"rates"`
	Staff         []Agent       `yaml:"agents"`
	People        []Person      `yaml:"people"`
	Alerts        []Alert       `yaml:"alerts"`
	LanguageModel LanguageModel `yaml:"language_model"`
}

// Business says whose figures these are and by which rules they are counted.
type Business struct {
	Name                string              `yaml:"name"`
	Timezone            string              `yaml:"timezone"` // IANA name
	Language            string              `yaml:"language"` // of people who have none of their own
	Hours               map[string][]string `yaml:"hours"`    // mon…sun → "09:00-13:00"; none: no schedule
	Holidays            []string            `yaml:"holidays"` // 2026-12-25
	IdleClose           Duration            `yaml:"idle_close"`
	InboxIdleClose      Duration            `yaml:"inbox_idle_close"`
	TargetFirstResponse Duration            `yaml:"target_first_response"`
	RankingMinN         int                 `yaml:"ranking_min_n"`
	SpeedValue          SpeedValue          `yaml:"speed_value"`
	StoreText           bool                `yaml:"store_text"`
	Retention           Retention           `yaml:"retention"`
}

// Retention says how long raw bodies and text are kept; 0 is for ever. Figures
// are never pruned.
type Retention struct {
	Raw  Duration `yaml:"raw"`
	Text Duration `yaml:"text"`
}

// Server says where the service listens and how the world reaches it.
type Server struct {
	Listen         string   `yaml:"listen"`          // host:port
	PublicURL      string   `yaml:"public_url"`      // without a trailing slash; "" unknown
	MetricsListen  string   `yaml:"metrics_listen"`  // host:port; "" serves /metrics beside the rest
	TrustedProxies []string `yaml:"trusted_proxies"` // addresses or CIDR whose X-Forwarded-For counts
}

// Database holds the data source: sqlite:PATH or mysql:user:password@tcp(host:3306)/name.
type Database struct {
	DSN Secret `yaml:"dsn"`
}

// Number is one WhatsApp number of the business.
type Number struct {
	PhoneNumberID string   `yaml:"phone_number_id"`
	WABAID        string   `yaml:"waba_id"`
	Name          string   `yaml:"name"`
	AccessToken   Secret   `yaml:"access_token"`
	AppSecrets    []Secret `yaml:"app_secrets"`
	VerifyToken   Secret   `yaml:"verify_token"`
	GraphURL      string   `yaml:"graph_url"` // without a trailing slash
	GraphVersion  string   `yaml:"graph_version"`
	Bot           bool     `yaml:"bot"`         // managers write to this number; at most one
	DirectSend    bool     `yaml:"direct_send"` // the account may send utility messages without a template
}

func (n *Number) defaults() {
	n.GraphURL, n.GraphVersion = "https://graph.facebook.com", "v25.0"
}

// Channel returns the number as figures name it, whatsapp:<phone_number_id>.
func (n Number) Channel() string { return "whatsapp:" + n.PhoneNumberID }

// Respondio holds the signing keys of respond.io, one for each of its webhooks.
type Respondio struct {
	SigningKeys []Secret          `yaml:"signing_keys"`
	Channels    map[string]string `yaml:"channels"` // respond.io channel id → platform:id
}

// Chatwoot holds the secrets of Chatwoot's webhooks.
type Chatwoot struct {
	Secrets   []Secret          `yaml:"secrets"`
	PathToken Secret            `yaml:"path_token"` // for servers too old to sign
	Channels  map[string]string `yaml:"channels"`   // Chatwoot inbox id → platform:id
}

// Events holds the bearer tokens of POST /v1/events.
type Events struct {
	Tokens []Secret `yaml:"tokens"`
}

// Rates is the business's rate card; without prices no money is shown.
type Rates struct {
	Currency string           `yaml:"currency"` // ISO 4217
	Prices   map[string]Price `yaml:"prices"`   // pricing category → price of one delivered message
}

// Price returns the price of one message of a category; Meta writes some with a
// dash and with an underscore, and both are the same.
func (r Rates) Price(category string) (Price, bool) {
	for name, p := range r.Prices {
		if sameCategory(name, category) {
			return p, true
		}
	}
	return 0, false
}

func sameCategory(a, b string) bool {
	return strings.ReplaceAll(a, "-", "_") == strings.ReplaceAll(b, "-", "_")
}

// Agent is one person who answers customers.
type Agent struct {
	Name string   `yaml:"name"`
	Team string   `yaml:"team"`
	IDs  []string `yaml:"ids"` // every id by which a source knows them
}

// Person is somebody who may ask. At least one of Phone and UserID is set.
type Person struct {
	Phone    Phone    `yaml:"phone"`
	UserID   string   `yaml:"user_id"`
	Name     string   `yaml:"name"`
	Role     Role     `yaml:"role"`
	Language string   `yaml:"language"` // "" not said: the business's
	Timezone string   `yaml:"timezone"` // "" not said: the business's
	Scope    Scope    `yaml:"scope"`
	Digests  []Digest `yaml:"digests"`
}

// Key returns what tells a person from all others: the phone in E.164, or the
// user id of one who has no phone.
func (p Person) Key() string {
	if p.Phone != "" {
		return string(p.Phone)
	}
	return p.UserID
}

// Scope narrows what is seen to teams and channels (platform:id). A list that
// is empty narrows nothing.
type Scope struct {
	Teams    []string `yaml:"teams"`
	Channels []string `yaml:"channels"`
}

// Empty reports whether the scope is everything.
func (s Scope) Empty() bool { return len(s.Teams) == 0 && len(s.Channels) == 0 }

// Digest is an ask that a clock sends to one person.
type Digest struct {
	ID       string    `yaml:"id"`        // unique among all people
	At       Minute    `yaml:"at"`        // wall time in the person's zone
	Days     []Weekday `yaml:"days"`      // empty: every day, unless MonthDay is set
	MonthDay int       `yaml:"month_day"` // 1..31; 0 not monthly
	Ask      string    `yaml:"ask"`       // any words that ask reads; Load fills it in when absent
	Language string    `yaml:"language"`  // "" not said: the person's
}

// Alert is an ask that a threshold sends.
type Alert struct {
	Name       string    `yaml:"name"` // unique; the text of When where absent
	When       Condition `yaml:"when"`
	Over       Duration  `yaml:"over"`  // the window the figure is taken from; 0 not said
	For        Duration  `yaml:"for"`   // how long it must hold; how long the silence must last
	Clear      string    `yaml:"clear"` // as written, "" not said
	ClearLevel float64   `yaml:"-"`     // in the unit of When.Threshold: over when "metric op ClearLevel" is false
	MinN       int       `yaml:"min_n"`
	Scope      Scope     `yaml:"scope"`
	To         []string  `yaml:"to"` // keys of people after Load; empty: every owner and admin
	Quiet      Quiet     `yaml:"quiet"`
	Repeat     Duration  `yaml:"repeat"` // 0 never
	KeepFiring Duration  `yaml:"keep_firing"`
	Severity   Severity  `yaml:"severity"`
}

func (a *Alert) defaults() {
	a.Repeat, a.KeepFiring, a.Severity = 4*hour, 10*minute, Normal
}

// LanguageModel is an optional model with an API like OpenAI's that helps to
// read words which the grammar does not know. "" for URL is none.
type LanguageModel struct {
	URL     string   `yaml:"url"`
	Model   string   `yaml:"model"`
	APIKey  Secret   `yaml:"api_key"`
	Timeout Duration `yaml:"timeout"`
}

// Defaults returns the settings of an empty file.
func Defaults() Config {
	return Config{
		Business: Business{
			Timezone:            "UTC",
			Language:            "en",
			IdleClose:           24 * hour,
			InboxIdleClose:      30 * day,
			TargetFirstResponse: 10 * minute,
			RankingMinN:         5,
			SpeedValue:          Median,
			StoreText:           true,
			Retention:           Retention{Raw: 30 * day, Text: 90 * day},
		},
		Server:        Server{Listen: ":8080"},
		Database:      Database{DSN: NewSecret("sqlite:pulso.db")},
		Rates:         Rates{Currency: "USD"},
		LanguageModel: LanguageModel{Timeout: 20 * second},
	}
}

// Rules returns the settings that decide what a figure is.
func (c *Config) Rules() (analytics.Rules, error) {
	zone, err := analytics.LoadZone(c.Business.Timezone)
	if err != nil {
		return analytics.Rules{}, fmt.Errorf("business.timezone: %w", err)
	}
	hours, faults := analytics.ParseHours(c.Business.Hours, c.Business.Holidays)
	if len(faults) > 0 {
		return analytics.Rules{}, fmt.Errorf("business.%w", faults[0])
	}
	return analytics.Rules{
		Zone:           zone,
		Hours:          hours,
		IdleClose:      int64(c.Business.IdleClose),
		InboxIdleClose: int64(c.Business.InboxIdleClose),
		Target:         int64(c.Business.TargetFirstResponse),
	}, nil
}

// Agents returns the agents of the file, for analytics.NewRoster.
func (c *Config) Agents() []analytics.Agent {
	list := make([]analytics.Agent, len(c.Staff))
	for i, a := range c.Staff {
		list[i] = analytics.Agent{Name: a.Name, Team: a.Team, IDs: append([]string(nil), a.IDs...)}
	}
	return list
}

// Bot returns the number that managers write to, false when there is none.
func (c *Config) Bot() (Number, bool) {
	for _, n := range c.WhatsApp {
		if n.Bot {
			return n, true
		}
	}
	return Number{}, false
}

// Loopback reports whether every graph_url is on this machine.
func (c *Config) Loopback() bool {
	for _, n := range c.WhatsApp {
		u, err := url.Parse(n.GraphURL)
		if err != nil {
			return false
		}
		if ip := net.ParseIP(u.Hostname()); u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return false
		}
	}
	return true
}
