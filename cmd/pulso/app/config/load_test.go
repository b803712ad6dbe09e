package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pgregory.net/rapid"
	"pulso/models"
)

// files stands for the file system of a test.
type files map[string]string

func (f files) read(path string) ([]byte, error) {
	if body, ok := f[path]; ok {
		return []byte(body), nil
	}
	return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}

func load(t *testing.T, yaml string, env ...string) *Config {
	t.Helper()
	c, err := Load(Options{Path: "config.yaml", Env: env, ReadFile: files{"config.yaml": yaml}.read})
	require.NoError(t, err)
	return c
}

// faults returns the faults of a file that must have some, one a line.
func faults(t *testing.T, o Options) []string {
	t.Helper()
	c, err := Load(o)
	require.Nil(t, c)
	var list Faults
	require.ErrorAs(t, err, &list)
	return strings.Split(err.Error(), "\n")
}

func faultsOf(t *testing.T, yaml string, env ...string) []string {
	t.Helper()
	return faults(t, Options{Path: "config.yaml", Env: env, ReadFile: files{"config.yaml": yaml}.read})
}

func TestNoFileGivesDefaults(t *testing.T) {
	c, err := Load(Options{})
	require.NoError(t, err)
	assert.Equal(t, Defaults(), *c)
	for _, empty := range []string{"", "# nothing yet\n", "---\n", "business:\nwhatsapp:\n", "\ufeffpeople: []\n", "business: {hours: {}}"} {
		assert.Equal(t, Defaults(), *load(t, empty), "%q", empty)
	}
}

const shop = `
business:
  name: Flores Luz
  timezone: America/Bogota
  language: es
  hours: {mon: ["09:00-13:00", "14:00-18:00"], sat: ["10:00-24:00"]}
  holidays: [2026-12-25]
  idle_close: 12h
  retention: {raw: 2w}
database: {dsn: 'mysql:pulso:pa@ss/w:rd@tcp(db:3306)/pulso?tls=true'}
server: {public_url: "https://pulso.example.com/", trusted_proxies: [10.0.0.0/8, "::1"]}
whatsapp:
  - &number
    phone_number_id: 2060
    access_token: token-one
    app_secrets: [secret-one, secret-two]
    graph_url: http://127.0.0.1:9000/
    bot: true
  - {phone_number_id: "2061", name: Norte}
respondio: {signing_keys: [key-one], channels: {77: "whatsapp:2060"}}
rates: {currency: COP, prices: {marketing: 52.5, authentication-international: 0.000001}}
agents:
  - {name: Ana, team: ventas, ids: [a-17, 18]}
people:
  - phone: +57 300 111-2233
    name: Luz
    role: owner
    digests:
      - {id: luz-daily, at: 08:00}
      - {id: luz-weekly, at: "9:30", days: [mon]}
      - {id: luz-monthly, at: "00:00", month_day: 31, ask: resumen}
  - {user_id: CO.1234567890, name: María José, role: Manager, scope: {teams: [ventas], channels: ["whatsapp:2061"]}}
alerts:
  - {when: waiting > 12, to: [maria jose, "+57 300 1112233"], scope: {channels: ["whatsapp:2060"]}}
  - {name: slow, when: first_response >= 10m, over: 48h, for: 15m, clear: 500, min_n: 5, quiet: 22:00-07:00, repeat: 0, severity: critical}
`

func TestShop(t *testing.T) {
	c := load(t, shop)
	b := c.Business
	assert.Equal(t, "America/Bogota", b.Timezone)
	assert.Equal(t, []string{"09:00-13:00", "14:00-18:00"}, b.Hours["mon"])
	assert.Equal(t, 12*hour, b.IdleClose)
	assert.Equal(t, 30*day, b.InboxIdleClose, "what is not said keeps its default")
	assert.Equal(t, Retention{14 * day, 90 * day}, b.Retention)
	assert.Equal(t, "mysql:pulso:pa@ss/w:rd@tcp(db:3306)/pulso?tls=true", c.Database.DSN.Reveal())
	assert.Equal(t, "https://pulso.example.com", c.Server.PublicURL)

	require.Len(t, c.WhatsApp, 2)
	one, two := c.WhatsApp[0], c.WhatsApp[1]
	assert.Equal(t, "whatsapp:2060", one.Channel())
	assert.Equal(t, "token-one", one.AccessToken.Reveal())
	assert.Equal(t, "secret-two", one.AppSecrets[1].Reveal())
	assert.Equal(t, "http://127.0.0.1:9000", one.GraphURL)
	assert.Equal(t, "https://graph.facebook.com", two.GraphURL)
	assert.Equal(t, "v25.0", two.GraphVersion)
	bot, ok := c.Bot()
	assert.True(t, ok)
	assert.Equal(t, "2060", bot.PhoneNumberID)
	assert.Equal(t, map[string]string{"77": "whatsapp:2060"}, c.Respondio.Channels)

	p, ok := c.Rates.Price("authentication_international")
	assert.True(t, ok)
	assert.Equal(t, Price(1), p)
	p, _ = c.Rates.Price("marketing")
	assert.Equal(t, Price(52_500_000), p)
	_, ok = c.Rates.Price("utility")
	assert.False(t, ok)

	luz, maria := c.People[0], c.People[1]
	assert.Equal(t, Phone("+573001112233"), luz.Phone)
	assert.Equal(t, "+573001112233", luz.Key())
	assert.True(t, luz.Scope.Empty())
	assert.Equal(t, "CO.1234567890", maria.Key())
	assert.Equal(t, Manager, maria.Role)
	assert.False(t, maria.Scope.Empty())
	assert.Equal(t, Digest{ID: "luz-daily", At: 480, Ask: "stats yesterday"}, luz.Digests[0])
	assert.Equal(t, Digest{ID: "luz-weekly", At: 570, Days: []Weekday{1}, Ask: "stats last week"}, luz.Digests[1])
	assert.Equal(t, Digest{ID: "luz-monthly", MonthDay: 31, Ask: "resumen"}, luz.Digests[2])

	waiting, slow := c.Alerts[0], c.Alerts[1]
	assert.Equal(t, "waiting > 12", waiting.Name)
	assert.Equal(t, "conversations_waiting", waiting.When.Metric)
	assert.Equal(t, []string{"CO.1234567890", "+573001112233"}, waiting.To)
	assert.InDelta(t, 9.6, waiting.ClearLevel, 1e-9)
	assert.Equal(t, []any{4 * hour, 10 * minute, Normal}, []any{waiting.Repeat, waiting.KeepFiring, waiting.Severity})
	assert.Equal(t, models.AtLeast, slow.When.Op)
	assert.InDelta(t, 600, slow.When.Threshold, 1e-9)
	assert.InDelta(t, 500, slow.ClearLevel, 1e-9)
	assert.Equal(t, []any{48 * hour, 15 * minute, Duration(0), Critical, Quiet{1320, 420}, 5}, []any{slow.Over, slow.For, slow.Repeat, slow.Severity, slow.Quiet, slow.MinN})
}

func TestRulesAndAgents(t *testing.T) {
	c := load(t, shop)
	rules, err := c.Rules()
	require.NoError(t, err)
	assert.Equal(t, "America/Bogota", rules.Zone.Name())
	assert.True(t, rules.Hours.Set())
	assert.Equal(t, []int64{43_200_000, 2_592_000_000, 600_000}, []int64{rules.IdleClose, rules.InboxIdleClose, rules.Target})
	agents := c.Agents()
	require.Len(t, agents, 1)
	assert.Equal(t, []any{"Ana", "ventas", []string{"a-17", "18"}}, []any{agents[0].Name, agents[0].Team, agents[0].IDs})

	c.Business.Timezone = "Mars/Olympus"
	_, err = c.Rules()
	assert.ErrorContains(t, err, "business.timezone")
	c = load(t, shop)
	c.Business.Hours["someday"] = nil
	_, err = c.Rules()
	assert.ErrorContains(t, err, "business.hours.someday")
}

// Each file has exactly these faults. "…" stands for the rest of a line.
func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		yaml string
		want []string
	}{
		"unknown keys say what was meant": {"busines: 5\nbusiness:\n  Time-Zone: UTC\n  tokn: x\ntimezone: UTC\nlistenn: x\n", []string{
			"config.yaml:1:1: busines: unknown key; did you mean business?",
			"config.yaml:3:3: business.Time-Zone: unknown key; did you mean timezone?",
			"config.yaml:4:3: business.tokn: unknown key; here may stand name, timezone, language, hours, holidays, …",
			"config.yaml:5:1: timezone: unknown key; did you mean business.timezone?",
			"config.yaml:6:1: listenn: unknown key; at the top may stand business, server, …",
		}},
		"part of a key": {"whatsapp:\n  - {phone_number_id: 1, token: t, access_tokn_file: x}\n", []string{
			"config.yaml:2:26: whatsapp[0].token: unknown key; …",
			"config.yaml:2:36: whatsapp[0].access_tokn_file: unknown key; did you mean access_token_file?",
		}},
		"wrong types": {"business: 5\nwhatsapp: {a: b}\nserver:\n  listen: [x]\n  trusted_proxies: x\nevents: {tokens: {a: b}}\nrates: {prices: [1], currency: true}\nrespondio: {channels: x}\n", []string{
			"config.yaml:1:11: business: a number is not a section with name, timezone, …",
			"config.yaml:2:12: whatsapp: a section is not a list; begin each entry with a dash",
			"config.yaml:4:11: server.listen: a list is not text",
			"config.yaml:5:20: server.trusted_proxies: text is not a list; …",
			"config.yaml:6:19: events.tokens: a section is not a list; …",
			"config.yaml:7:17: rates.prices: a list is not a section of key: value",
			"config.yaml:7:32: rates.currency: true/false is not text",
			"config.yaml:8:23: respondio.channels: text is not a section of key: value",
		}},
		"scalars": {"business:\n  store_text: yes\n  ranking_min_n: five\n  idle_close: 24\n  speed_value: avg\n  name:\n  retention: {raw: -1d, text: 200y}\n  target_first_response: 99999999999w\n", []string{
			`config.yaml:2:15: business.store_text: "yes" is not true or false`,
			`config.yaml:3:18: business.ranking_min_n: "five" is not a whole number`,
			`config.yaml:4:15: business.idle_close: "24" is not a duration such as 15m, 24h, 30d or 2w`,
			`config.yaml:5:16: business.speed_value: "avg" is not one of median, mean, p90`,
			`config.yaml:6:3: business.name: has no value; write text or remove the key`,
			`config.yaml:7:20: business.retention.raw: "-1d" is not a duration …`,
			`config.yaml:7:31: business.retention.text: "200y" is not a duration …`,
			`config.yaml:8:26: business.target_first_response: "99999999999w" is longer than a hundred years`,
		}},
		"business": {"business:\n  timezone: Bogota\n  language: Spanish\n  idle_close: 0\n  inbox_idle_close: 5s\n  target_first_response: 0\n  ranking_min_n: -1\n  holidays: [2026-02-30, soon]\n", []string{
			`config.yaml:2:13: business.timezone: "Bogota" is not a time zone; write an IANA name such as America/Bogota`,
			`config.yaml:3:13: business.language: "Spanish" is not a language; …`,
			`config.yaml:4:15: business.idle_close: want at least 1m; …`,
			`config.yaml:5:21: business.inbox_idle_close: want at least 1m; …`,
			`config.yaml:6:26: business.target_first_response: want more than 0; …`,
			`config.yaml:7:18: business.ranking_min_n: want 0 or more; …`,
			`config.yaml:8:14: business.holidays[0]: "2026-02-30" is not a date …`,
			`config.yaml:8:26: business.holidays[1]: "soon" is not a date …`,
		}},
		"hours": {"business:\n  hours:\n    mon: [09:00-13:00pm, 22:00-07:00]\n    tuesday: []\n    wed: [09:00-12:00, 11:00-13:00]\n    thu: 09:00-12:00\n", []string{
			`config.yaml:3:11: business.hours.mon[0]: "09:00-13:00pm" is not a part of the day such as "09:00-13:00"; …`,
			`config.yaml:3:26: business.hours.mon[1]: "22:00-07:00" is not a part …`,
			`config.yaml:4:14: business.hours.tuesday: "tuesday" is not one of mon, tue, wed, thu, fri, sat, sun; did you mean tue?`,
			`config.yaml:5:10: business.hours.wed: the intervals overlap`,
			`config.yaml:6:10: business.hours.thu: text is not a list; …`,
		}},
		"server": {"server:\n  listen: 8080\n  public_url: pulso.example.com\n  metrics_listen: \":99999\"\n  trusted_proxies: [proxy]\n", []string{
			`config.yaml:2:11: server.listen: "8080" is not an address to listen on; …`,
			`config.yaml:3:15: server.public_url: this is not a web address …`,
			`config.yaml:4:19: server.metrics_listen: ":99999" is not an address …`,
			`config.yaml:5:21: server.trusted_proxies[0]: "proxy" is not an address …`,
		}},
		"one address for two": {"server: {listen: \":80\", metrics_listen: \":80\"}\n", []string{
			`config.yaml:1:41: server.metrics_listen: this is server.listen; …`,
		}},
		"postgres":  {"database: {dsn: 'postgres://u:p@h/d'}\n", []string{`config.yaml:1:17: database.dsn: want sqlite:PATH or mysql:…`}},
		"bare path": {"database:\n  dsn: pulso.db\n", []string{`config.yaml:2:8: database.dsn: want sqlite:PATH or mysql:…`}},
		"no path":   {"database:\n  dsn: 'sqlite:'\n", []string{`config.yaml:2:8: database.dsn: the path of the database is missing; …`}},
		"no schema": {"database:\n  dsn: mysql:root@tcp(127.0.0.1:3306)/\n", []string{`config.yaml:2:8: database.dsn: write it as mysql:…`}},
		"numbers": {"whatsapp:\n  - {phone_number_id: 10, bot: true}\n  - name: x\n    bot: true\n  -\n  - phone_number_id: \"10\"\n    graph_version: 25.0\n    graph_url: ftp://x\n    app_secrets: [a, '']\n  - phone_number_id: 'whatsapp:1'\n", []string{
			`config.yaml:3:5: whatsapp[1].phone_number_id: missing; …`,
			`config.yaml:4:10: whatsapp[1].bot: whatsapp[0] is the bot already; …`,
			`config.yaml:5:4: whatsapp[2]: this entry is empty; …`,
			`config.yaml:6:22: whatsapp[3].phone_number_id: 10 is the number of whatsapp[0] already`,
			`config.yaml:7:20: whatsapp[3].graph_version: "25.0" is not a version such as v25.0`,
			`config.yaml:8:16: whatsapp[3].graph_url: this is not a web address …`,
			`config.yaml:9:22: whatsapp[3].app_secrets[1]: this secret is empty; …`,
			`config.yaml:10:22: whatsapp[4].phone_number_id: "whatsapp:1" is not an id; …`,
		}},
		"inboxes": {"respondio: {channels: {1: Instagram}}\nchatwoot: {path_token: short, channels: {2: 'whatsapp:'}}\nevents: {tokens: ['']}\nrates: {currency: pesos, prices: {utility: 1.0000001, service: free}}\n", []string{
			`config.yaml:1:27: respondio.channels.1: "Instagram" is not a channel; …`,
			`config.yaml:2:24: chatwoot.path_token: want at least 16 letters, …`,
			`config.yaml:2:45: chatwoot.channels.2: "whatsapp:" is not a channel; …`,
			`config.yaml:3:19: events.tokens[0]: this secret is empty; …`,
			`config.yaml:4:19: rates.currency: "pesos" is not a currency; …`,
			`config.yaml:4:44: rates.prices.utility: "1.0000001" is not a price …`,
			`config.yaml:4:64: rates.prices.service: "free" is not a price …`,
		}},
		"agents": {"agents:\n  - {name: José, ids: [a, b, a]}\n  - {name: JOSE}\n  - {team: ventas, ids: [b, '']}\n", []string{
			`config.yaml:3:12: agents[1].name: "JOSE" is agents[0] already; …`,
			`config.yaml:4:6: agents[2].name: missing; …`,
			`config.yaml:4:26: agents[2].ids[0]: "b" is an id of agents[0] already`,
			`config.yaml:4:29: agents[2].ids[1]: this id is empty; …`,
		}},
		"people": {"people:\n  - {phone: 3001112233, role: boss, language: Español, timezone: Here}\n  - {name: Ana, role: viewer}\n  - {phone: '+573001112233', user_id: CO.1}\n  - {phone: '+57 300 111 2233', user_id: CO.1, role: owner, scope: {teams: [''], channels: [whatsapp]}}\n  - {user_id: Ana, role: ownr}\n", []string{
			`config.yaml:2:13: people[0].phone: this is not a phone number with its country code, such as +573001112233`,
			`config.yaml:2:31: people[0].role: "boss" is not one of owner, admin, manager, viewer`,
			`config.yaml:2:47: people[0].language: "Español" is not a language; …`,
			`config.yaml:2:66: people[0].timezone: "Here" is not a time zone; …`,
			`config.yaml:3:6: people[1].phone: missing; write it as +573001112233, or give user_id`,
			`config.yaml:4:6: people[2].role: missing; write one of owner, …`,
			`config.yaml:5:13: people[3].phone: this phone is that of people[2] already`,
			`config.yaml:5:42: people[3].user_id: this user id is that of people[2] already`,
			`config.yaml:5:77: people[3].scope.teams[0]: this team is empty; …`,
			`config.yaml:5:93: people[3].scope.channels[0]: "whatsapp" is not a channel; …`,
			`config.yaml:6:15: people[4].user_id: this is not a WhatsApp user id …`,
			`config.yaml:6:26: people[4].role: "ownr" is not one of owner, admin, manager, viewer; did you mean owner?`,
		}},
		"digests": {"people:\n  - {phone: '+573001112233', role: owner, digests: [{id: a, at: 25:00}, {at: 9, days: [mon, funday]}]}\n  - {phone: '+573001112234', role: owner, digests: [{id: a, month_day: 32}, {id: b c, at: 8:00, days: [sun], month_day: 1, language: X}]}\n", []string{
			`config.yaml:2:65: people[0].digests[0].at: "25:00" is not a time of day such as 09:00`,
			`config.yaml:2:74: people[0].digests[1].id: missing; …`,
			`config.yaml:2:78: people[0].digests[1].at: "9" is not a time …`,
			`config.yaml:2:93: people[0].digests[1].days[1]: "funday" is not one of mon, tue, wed, thu, fri, sat, sun…`,
			`config.yaml:3:54: people[1].digests[0].at: missing; …`,
			`config.yaml:3:58: people[1].digests[0].id: "a" is the id of people[0].digests[0] already; …`,
			`config.yaml:3:72: people[1].digests[0].month_day: want a day of the month from 1 to 31`,
			`config.yaml:3:82: people[1].digests[1].id: "b c" is not an id; …`,
			`config.yaml:3:121: people[1].digests[1].month_day: days is given too; …`,
			`config.yaml:3:134: people[1].digests[1].language: "X" is not a language; …`,
		}},
		"alerts": {"people:\n  - {phone: '+573001112233', name: Luz, role: owner}\n  - {phone: '+573001112234', name: LUZ, role: owner}\nalerts:\n  - {when: first_respons > 10m, to: [Lus, luz, +573001119999, '573001119999']}\n  - {name: n, for: 1h, min_n: -1}\n  - {name: N, when: messages_received silence, over: 1h, clear: 5}\n  - {when: waiting > 3, over: 1h, clear: 4, quiet: 07:00-07:00, severity: loud}\n  - {when: missed_windows > 3, scope: {teams: [ventas]}}\n", []string{
			`config.yaml:5:12: alerts[0].when: "first_respons" is not a metric; did you mean first_response?`,
			`config.yaml:5:38: alerts[0].to[0]: nobody in people is called "Lus"; did you mean Luz?`,
			`config.yaml:5:43: alerts[0].to[1]: several people are called so; write the phone`,
			`config.yaml:5:48: alerts[0].to[2]: nobody in people has this phone`,
			`config.yaml:5:63: alerts[0].to[3]: nobody in people has this phone`,
			`config.yaml:6:6: alerts[1].when: missing; …`,
			`config.yaml:6:31: alerts[1].min_n: want 0 or more`,
			`config.yaml:7:6: alerts[2].for: missing; silence wants how long, …`,
			`config.yaml:7:12: alerts[2].name: alerts[1] is called "N" already; …`,
			`config.yaml:7:54: alerts[2].over: silence takes no window; …`,
			`config.yaml:7:65: alerts[2].clear: silence is over when something comes; …`,
			`config.yaml:8:31: alerts[3].over: conversations_waiting is counted now and has no window; …`,
			`config.yaml:8:42: alerts[3].clear: "4" lies beyond the threshold of "waiting > 3": …`,
			`config.yaml:8:52: alerts[3].quiet: "07:00-07:00" is not a part of the day …`,
			`config.yaml:8:75: alerts[3].severity: "loud" is not one of normal, critical`,
			`config.yaml:9:47: alerts[4].scope.teams: missed_windows is not known by team`,
		}},
		"language model": {"language_model: {url: model, timeout: 0}\n", []string{
			`config.yaml:1:18: language_model.model: missing; …`,
			`config.yaml:1:23: language_model.url: this is not a web address …`,
			`config.yaml:1:39: language_model.timeout: want more than 0; …`,
		}},
		"twice and merged, with the rest": {"business:\n  name: a\n  name: b\n  timezone: x\nserver: &s {listen: \":80\"}\nevents:\n  <<: *s\n", []string{
			`config.yaml:3:3: business.name: written twice; it stands on line 2 already`,
			`config.yaml:4:13: business.timezone: "x" is not a time zone; …`,
			`config.yaml:7:3: events.<<: << is not supported; …`,
		}},
		"alias of nothing":   {"server: *s\n", []string{`config.yaml:1:9: server: no anchor of this name stands above`}},
		"two documents":      {"server: {}\n---\nserver: {}\n", []string{`config.yaml:3:1: a second document begins here; …`}},
		"a list at the top":  {"- business\n", []string{`config.yaml:1:1: the file holds a list; …`}},
		"a word at the top":  {"hola\n", []string{`config.yaml:1:1: the file holds text; …`}},
		"a tab":              {"business:\n\tname: x\n", []string{`config.yaml:2:1: not YAML: found character '	' that cannot start any token`}},
		"an open bracket":    {"people: [\n", []string{`config.yaml:1:9: not YAML: …`}},
		"two colons":         {"business:\n  name: a: b\n", []string{`config.yaml:2:9: not YAML: …`}},
		"bytes that are not": {"business: \xff\n", []string{`config.yaml:1:1: the file is not UTF-8 text`}},
		"a book":             {"# " + strings.Repeat("x", maxFile), []string{`config.yaml:1:1: the file is larger than 1 MiB`}},
	} {
		t.Run(name, func(t *testing.T) { matches(t, c.want, faultsOf(t, c.yaml)) })
	}
}

// matches compares lines; "…" at the end of a wanted line stands for any rest.
func matches(t *testing.T, want, got []string) {
	t.Helper()
	assert.Len(t, got, len(want), "%s", strings.Join(got, "\n"))
	for i := range min(len(want), len(got)) {
		if start, cut := strings.CutSuffix(want[i], "…"); cut {
			assert.True(t, strings.HasPrefix(got[i], start), "want %s\n got %s", want[i], got[i])
		} else {
			assert.Equal(t, want[i], got[i])
		}
	}
}

func TestMissingFile(t *testing.T) {
	want := []string{"nowhere.yaml: cannot read the file of settings: file does not exist"}
	assert.Equal(t, want, faults(t, Options{Path: "nowhere.yaml", ReadFile: files{}.read}))
	assert.Equal(t, want, faults(t, Options{Env: []string{"PULSO_CONFIG=nowhere.yaml"}, ReadFile: files{}.read}))
	got := faults(t, Options{Path: "x", ReadFile: func(string) ([]byte, error) { return nil, errors.New("disk on fire") }})
	assert.Equal(t, []string{"x: cannot read the file of settings: disk on fire"}, got)
}

func TestRealFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "config.yaml")
	require.NoError(t, os.WriteFile(path, []byte("database: {dsn_file: dsn}\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "dsn"), []byte("sqlite:here.db\n"), 0o600))
	c, err := Load(Options{Path: "", Env: []string{"PULSO_CONFIG=" + path}})
	require.NoError(t, err)
	assert.Equal(t, "sqlite:here.db", c.Database.DSN.Reveal())
}

func TestSecretFiles(t *testing.T) {
	yaml := `
whatsapp:
  - {phone_number_id: 1, access_token_file: secrets/token, app_secrets_file: /run/app}
events: {tokens_file: two}
`
	all := files{"etc/config.yaml": yaml, "etc/secrets/token": " tok\r\n", "/run/app": "new\nold\n\n", "etc/two": "x"}
	c, err := Load(Options{Path: "etc/config.yaml", ReadFile: all.read, Env: []string{"PULSO_EVENTS_TOKENS_0_FILE=etc/two", "PULSO_DATABASE_DSN_FILE=etc/dsn"}})
	require.Nil(t, c)
	assert.EqualError(t, err, "environment PULSO_DATABASE_DSN_FILE: database.dsn: cannot read the secret from etc/dsn: file does not exist")

	all["etc/dsn"] = "sqlite:x.db"
	c, err = Load(Options{Path: "etc/config.yaml", ReadFile: all.read, Env: []string{"PULSO_EVENTS_TOKENS_0_FILE=etc/two", "PULSO_DATABASE_DSN_FILE=etc/dsn", "PULSO_WHATSAPP_0_ACCESS_TOKEN=env"}})
	require.NoError(t, err)
	assert.Equal(t, "sqlite:x.db", c.Database.DSN.Reveal())
	assert.Equal(t, "env", c.WhatsApp[0].AccessToken.Reveal(), "a variable wins over the file of the file")
	assert.Equal(t, []Secret{NewSecret("new"), NewSecret("old")}, c.WhatsApp[0].AppSecrets)
	assert.Equal(t, []Secret{NewSecret("x")}, c.Events.Tokens)

	got := faults(t, Options{Path: "config.yaml", Env: []string{"PULSO_CHATWOOT_PATH_TOKEN=aaaaaaaaaaaaaaaa", "PULSO_CHATWOOT_PATH_TOKEN_FILE=b"}, ReadFile: files{"empty": "\n", "two": "a\nb", "config.yaml": `
database: {dsn: "sqlite:a", dsn_file: a}
chatwoot: {secrets_file: empty}
events: {tokens_file: [a]}
language_model: {api_key_file: two, url_file: two}
respondio: {signing_keys_file: }
`}.read})
	matches(t, []string{
		"config.yaml:2:29: database.dsn_file: dsn is given too; keep one of them",
		"config.yaml:3:26: chatwoot.secrets_file: empty is empty; it should hold the secret",
		"config.yaml:4:10: events.tokens_file: want the path of a file that holds the secret",
		"config.yaml:5:32: language_model.api_key_file: two holds more than one line; it should hold the secret alone",
		"config.yaml:5:37: language_model.url_file: unknown key; did you mean url?",
		"config.yaml:6:13: respondio.signing_keys_file: want the path of a file that holds the secret",
		"environment PULSO_CHATWOOT_PATH_TOKEN_FILE: chatwoot.path_token: given by PULSO_CHATWOOT_PATH_TOKEN too; keep one of them",
	}, got)
}

func TestEnvironment(t *testing.T) {
	c := load(t, "whatsapp:\n  - {phone_number_id: 1, name: Centro, app_secrets: [a, b, c]}\npeople: [&p {phone: '+573001112233', role: owner, scope: &s {teams: [x]}}, {phone: '+573001112234', role: viewer, scope: *s}]\n",
		"HOME=/root", "PULSO_TEST_MYSQL=root@tcp(x)/y", "PULSO_CONFIG=other.yaml", "PULSO_BUSINESS_NAME=",
		"PULSO_BUSINESS_TIMEZONE=UTC", "PULSO_BUSINESS_TIMEZONE=America/Bogota", "PULSO_BUSINESS_STORE_TEXT=False", "PULSO_BUSINESS_RANKING_MIN_N=7",
		"PULSO_BUSINESS_RETENTION_RAW=1w", "PULSO_BUSINESS_HOLIDAYS=2026-12-25, 2027-01-01,", "PULSO_BUSINESS_HOURS_MON=09:00-13:00,14:00-18:00",
		"PULSO_WHATSAPP_0_APP_SECRETS=x,y", "PULSO_WHATSAPP_0_APP_SECRETS_1=z", "PULSO_WHATSAPP_2_PHONE_NUMBER_ID=3", "PULSO_WHATSAPP_1_PHONE_NUMBER_ID=2", "PULSO_WHATSAPP_1_BOT=true",
		"PULSO_PEOPLE_1_SCOPE_TEAMS=ventas", "PULSO_PEOPLE_1_DIGESTS_0_AT=09:00", "PULSO_PEOPLE_1_DIGESTS_0_ID=d", "PULSO_PEOPLE_1_DIGESTS_0_DAYS=mon,tue",
		"PULSO_ALERTS_0_WHEN=answered_in_target < 80%", "PULSO_ALERTS_0_FOR=15m", "PULSO_RATES_PRICES_UTILITY=0.5", "PULSO_RESPONDIO_CHANNELS_9=whatsapp:1")
	assert.Equal(t, "America/Bogota", c.Business.Timezone, "the last of a name counts")
	assert.False(t, c.Business.StoreText)
	assert.Equal(t, 7, c.Business.RankingMinN)
	assert.Equal(t, 7*day, c.Business.Retention.Raw)
	assert.Equal(t, []string{"2026-12-25", "2027-01-01"}, c.Business.Holidays)
	assert.Equal(t, map[string][]string{"mon": {"09:00-13:00", "14:00-18:00"}}, c.Business.Hours)
	require.Len(t, c.WhatsApp, 3)
	assert.Equal(t, "Centro", c.WhatsApp[0].Name)
	assert.Equal(t, []Secret{NewSecret("x"), NewSecret("z")}, c.WhatsApp[0].AppSecrets)
	assert.Equal(t, "2", c.WhatsApp[1].PhoneNumberID)
	assert.Equal(t, "v25.0", c.WhatsApp[2].GraphVersion)
	assert.Equal(t, []string{"x"}, c.People[0].Scope.Teams, "an alias is a copy")
	assert.Equal(t, []string{"ventas"}, c.People[1].Scope.Teams)
	assert.Equal(t, Digest{ID: "d", At: 540, Days: []Weekday{1, 2}, Ask: "stats yesterday"}, c.People[1].Digests[0])
	assert.Equal(t, "answered_in_target", c.Alerts[0].When.Metric)
	assert.Equal(t, Price(500_000), c.Rates.Prices["utility"])
	assert.Equal(t, "whatsapp:1", c.Respondio.Channels["9"])
}

func TestEnvironmentFaults(t *testing.T) {
	got := faultsOf(t, "business:\n  timezone: nowhere\nevents: 5\n",
		"PULSO_BUSINES_NAME=x", "PULSO_WHATSAPP_0_ACES_TOKEN=hunter2", "PULSO_WHATSAPP_3_NAME=x", "PULSO_BUSINESS_STORE_TEXT=yes", "PULSO_LOUD=",
		"PULSO_PEOPLE_0_NAME=Ana", "PULSO_BUSINESS_NAME_FILE=x", "PULSO_EVENTS_TOKENS=a", "PULSO_WHATSAPP=1", "PULSO_BUSINESS_HOURS=x", "PULSO_=x")
	matches(t, []string{
		`config.yaml:2:13: business.timezone: "nowhere" is not a time zone; …`,
		`config.yaml:3:9: events: a number is not a section with tokens`,
		`environment PULSO_: no such setting`,
		`environment PULSO_BUSINESS_HOURS: no such setting; did you mean PULSO_BUSINESS_HOURS_KEY?`,
		`environment PULSO_BUSINESS_NAME_FILE: no such setting; …`,
		`environment PULSO_BUSINESS_STORE_TEXT: business.store_text: "yes" is not true or false`,
		`environment PULSO_BUSINES_NAME: no such setting; did you mean PULSO_BUSINESS_NAME?`,
		`environment PULSO_LOUD: no such setting`,
		`environment PULSO_PEOPLE_0_NAME: people[0].phone: missing; …`,
		`environment PULSO_PEOPLE_0_NAME: people[0].role: missing; …`,
		`environment PULSO_WHATSAPP: no such setting…`,
		`environment PULSO_WHATSAPP_0_ACES_TOKEN: no such setting; did you mean PULSO_WHATSAPP_0_ACCESS_TOKEN?`,
		`environment PULSO_WHATSAPP_3_NAME: whatsapp[3].name: the list is shorter than that; …`,
	}, got)
}

func TestDatabaseOption(t *testing.T) {
	c, err := Load(Options{Database: "sqlite:flag.db", Env: []string{"PULSO_DATABASE_DSN=sqlite:env.db"}})
	require.NoError(t, err)
	assert.Equal(t, "sqlite:flag.db", c.Database.DSN.Reveal())
	assert.Equal(t, []string{"--database: database.dsn: want sqlite:PATH or mysql:user:password@tcp(host:3306)/name"}, faults(t, Options{Database: "x"}))
	for _, dsn := range []string{"mysql:root@tcp(127.0.0.1:3306)/pulso", "mysql:root:@unix(/run/m.sock)/pulso_1?parseTime=true", "mysql:u:p/w@x@tcp([::1]:3306)/d", "sqlite::memory:", "sqlite:file:x?mode=ro"} {
		_, err := Load(Options{Database: dsn})
		assert.NoError(t, err, dsn)
	}
}

func TestLanguagesOption(t *testing.T) {
	o := Options{Path: "config.yaml", Languages: []string{"en", "es", "pt"}, ReadFile: files{"config.yaml": "business: {language: de}\npeople: [{phone: '+573001112233', role: owner, language: es-CO}]\n"}.read}
	assert.Equal(t, []string{`config.yaml:1:22: business.language: there are no texts in "de"; there are en, es, pt`}, faults(t, o))
	o.Languages = append(o.Languages, "de")
	_, err := Load(o)
	assert.NoError(t, err)
}

// A file whose aliases multiply is refused in time and space.
func TestAliasesThatMultiply(t *testing.T) {
	yaml := "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		prev := string(c - 1)
		yaml += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+prev+",", 10), ","))
	}
	got := strings.Join(faultsOf(t, yaml), "\n")
	assert.Equal(t, 1, strings.Count(got, "too much is nested or repeated here"))
	got = strings.Join(faultsOf(t, "people: &a [*a]\n"), "\n")
	assert.Contains(t, got, "too much is nested")
}

// Whatever is wrong, no secret and no phone number is repeated.
func TestFaultsKeepSecrets(t *testing.T) {
	yaml := `
database: {dsn: "mysql:canary:canary"}
whatsapp:
  - {phone_number_id: 1, access_token: [canary], app_secrets: canary, verify_token: {canary-1: 1}}
chatwoot: {path_token: canary}
people:
  - {phone: "300canary", user_id: canary, role: owner}
  - {phone: "+573001117777", role: owner}
  - {phone: "+573001117777", role: owner}
alerts:
  - {when: waiting > 1, to: ["+573001118888", "57 300 1118888"]}
`
	got := strings.Join(faultsOf(t, yaml, "PULSO_RESPONDIO_SIGNING_KEYS_X=canary", "PULSO_WHATSAPP_5_ACCESS_TOKEN=canary"), "\n")
	assert.NotContains(t, got, "canary")
	assert.NotContains(t, strings.ReplaceAll(got, " ", ""), "300111777")
	assert.NotContains(t, strings.ReplaceAll(got, " ", ""), "300111888")
	assert.GreaterOrEqual(t, strings.Count(got, "\n"), 9)
}

// Every setting can be reached from the environment by the name documented.
func TestEverySettingHasItsVariable(t *testing.T) {
	for _, s := range allSettings() {
		c := &loader{places: map[string]place{}, bad: map[string]bool{}}
		vars := c.variables([]string{s.env + "=x"})
		require.Empty(t, c.faults, s.env)
		require.Len(t, vars, 1)
		got := strings.ReplaceAll(pathOf(vars[0].path), "[0]", "[]")
		assert.Equal(t, s.path, strings.TrimSuffix(got, ".key"))
		if secret(s.Type) {
			vars = c.variables([]string{s.env + "_FILE=x"})
			require.Len(t, vars, 1, s.env)
			assert.True(t, vars[0].file)
		}
	}
}

// However faults are mixed, each is told once and in the order of the file.
func TestAllFaultsInOrder(t *testing.T) {
	lines := []string{"  name: ok", "  timezone: nowhere", "  language: X", "  idle_close: x", "  wrong: 1", "  ranking_min_n: x", "  speed_value: x", "  store_text: 3"}
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.SliceOfNDistinct(rapid.IntRange(0, len(lines)-1), 1, len(lines), rapid.ID[int]).Draw(t, "lines")
		yaml, bad := "business:\n", 0
		for _, i := range order {
			yaml += lines[i] + "\n"
			if i > 0 {
				bad++
			}
		}
		_, err := Load(Options{Path: "c", ReadFile: files{"c": yaml}.read})
		var list Faults
		errors.As(err, &list)
		if len(list) != bad {
			t.Fatalf("%d faults, want %d:\n%v", len(list), bad, err)
		}
		for i := 1; i < len(list); i++ {
			if list[i].Line <= list[i-1].Line {
				t.Fatalf("out of order:\n%v", err)
			}
		}
	})
}
