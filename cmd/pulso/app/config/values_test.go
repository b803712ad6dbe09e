package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pgregory.net/rapid"
	"pulso/models"
)

func TestDuration(t *testing.T) {
	for s, want := range map[string]Duration{
		"0": 0, "0s": 0, "15m": 15 * minute, "24h": 24 * hour, "30d": 30 * day, "2w": 14 * day, "1h30m": 90 * minute,
		" 90 S ": 90 * second, "250ms": 250, "1d12h": 36 * hour,
	} {
		var d Duration
		require.NoError(t, d.UnmarshalText([]byte(s)), s)
		assert.Equal(t, want, d, s)
	}
	for _, s := range []string{"", "24", "-1h", "h", "1.5h", "1y", "ten", "1h30", "5200w1d1000000000h", "9223372036854775807w", "99999999999999999999s"} {
		d := Duration(7)
		require.Error(t, d.UnmarshalText([]byte(s)), s)
		assert.Equal(t, Duration(7), d, "a fault changes nothing: %s", s)
	}
	assert.Equal(t, 90*time.Minute, (90 * minute).Std())
}

func TestValuesReadWhatTheyWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Duration(rapid.Int64Range(0, int64(100*365*day)).Draw(t, "duration"))
		var gotD Duration
		require.NoError(t, gotD.UnmarshalText([]byte(d.String())))
		require.Equal(t, d, gotD)

		p := Price(rapid.Int64Range(0, 1e15-1).Draw(t, "price"))
		var gotP Price
		require.NoError(t, gotP.UnmarshalText([]byte(p.String())))
		require.Equal(t, p, gotP)

		q := Quiet{Minute(rapid.IntRange(0, 1439).Draw(t, "from")), Minute(rapid.IntRange(0, 1439).Draw(t, "to"))}
		var gotQ Quiet
		err := gotQ.UnmarshalText([]byte(q.String()))
		require.Equal(t, q.Set(), err == nil)
		if err == nil {
			require.Equal(t, q, gotQ)
		}

		w := Weekday(rapid.IntRange(1, 7).Draw(t, "weekday"))
		var gotW Weekday
		require.NoError(t, gotW.UnmarshalText([]byte(w.String())))
		require.Equal(t, w, gotW)
	})
}

func TestQuietHolds(t *testing.T) {
	night, noon := Quiet{22 * 60, 7 * 60}, Quiet{12 * 60, 13 * 60}
	for m, want := range map[Minute][2]bool{
		0: {true, false}, 7*60 - 1: {true, false}, 7 * 60: {false, false}, 12 * 60: {false, true},
		13 * 60: {false, false}, 22*60 - 1: {false, false}, 22 * 60: {true, false},
	} {
		assert.Equal(t, want, [2]bool{night.Holds(m), noon.Holds(m)}, "%v", m)
		assert.False(t, Quiet{}.Holds(m))
	}
}

func TestPhone(t *testing.T) {
	for s, want := range map[string]Phone{
		"+57 300 111 2233": "+573001112233", "+1 (415) 555-0100": "+14155550100", " +573001112233 ": "+573001112233",
	} {
		var p Phone
		require.NoError(t, p.UnmarshalText([]byte(s)))
		assert.Equal(t, want, p)
	}
	for _, s := range []string{"", "+", "573009998877", "005731077", "+0573009998877", "+57310", "+573009998877445566", "+57300999887x"} {
		var p Phone
		err := p.UnmarshalText([]byte(s))
		require.Error(t, err, s)
		if len(s) > 5 {
			assert.NotContains(t, err.Error(), s)
		}
	}
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("hello", "who", Phone("+573009998877"))
	assert.NotContains(t, out.String(), "9998877")
}

// A secret does not show, however it is printed and wherever it stands.
func TestSecretIsHidden(t *testing.T) {
	const canary = "s3cr3t-canary"
	s := NewSecret(canary)
	hidden := struct {
		Secret
		inner Secret
		List  []Secret
		Map   map[string]*Secret
		C     Config
	}{s, s, []Secret{s}, map[string]*Secret{"k": &s}, Config{Database: Database{DSN: s}, WhatsApp: []Number{{AccessToken: s, AppSecrets: []Secret{s}}}}}
	var out bytes.Buffer
	for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&out, format, hidden)
		fmt.Fprintf(&out, format, &hidden)
		fmt.Fprintf(&out, format, s)
		fmt.Fprintf(&out, format, hidden.C)
	}
	for _, v := range []any{s, hidden.List, hidden.C} {
		j, err := json.Marshal(v)
		require.NoError(t, err)
		y, err := yaml.Marshal(v)
		require.NoError(t, err)
		out.Write(append(j, y...))
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v, slog.Any("s", s))
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v, slog.Any("s", s))
	}
	assert.NotContains(t, out.String(), canary)
	assert.NotContains(t, out.String(), fmt.Sprintf("%x", canary))
	assert.Contains(t, out.String(), redacted)
	assert.Equal(t, canary, s.Reveal())
	assert.Equal(t, canary, hidden.inner.Reveal())

	assert.Equal(t, []any{"", "", false}, []any{Secret{}.String(), NewSecret("").Reveal(), NewSecret("").Set()})
	var read Secret
	require.NoError(t, json.Unmarshal([]byte(`" x "`), &read))
	assert.Equal(t, "x", read.Reveal())
}

func TestCondition(t *testing.T) {
	for s, want := range map[string]Condition{
		"first_response > 10m":               {"first_response", models.Above, 600, ""},
		"first_response_business>=90s":       {"first_response_business", models.AtLeast, 90, ""},
		"  First_Response  <  1.5 h ":        {"first_response", models.Below, 5400, ""},
		"longest_wait <= 600":                {"longest_wait", models.AtMost, 600, ""},
		"waiting > 20":                       {"conversations_waiting", models.Above, 20, ""},
		"failure_rate > 3%":                  {"failure_rate", models.Above, 0.03, ""},
		"answered_in_target < 0.8":           {"answered_in_target", models.Below, 0.8, ""},
		"reply_ratio > 1.5":                  {"reply_ratio", models.Above, 1.5, ""},
		"reply_ratio > 150%":                 {"reply_ratio", models.Above, 1.5, ""},
		"messages_received drop 30%":         {"messages_received", models.Drop, 0.3, ""},
		"first_response rise 250 %":          {"first_response", models.Rise, 2.5, ""},
		"MESSAGES_RECEIVED SILENCE":          {"messages_received", models.Silence, 0, ""},
		"messages_failed > 0":                {"messages_failed", models.Above, 0, ""},
		"resolution_time silence":            {"resolution_time", models.Silence, 0, ""},
		"conversations_waiting >= 999999999": {"conversations_waiting", models.AtLeast, 999999999, ""},
	} {
		var c Condition
		require.NoError(t, c.UnmarshalText([]byte(s)), s)
		assert.Contains(t, s, c.String())
		c.text = ""
		assert.InDelta(t, want.Threshold, c.Threshold, 1e-9, s)
		c.Threshold = want.Threshold
		assert.Equal(t, want, c, s)
	}
}

func TestConditionFaults(t *testing.T) {
	for s, want := range map[string]string{
		"":                                "is not a condition such as",
		"first_response":                  "is not a condition such as",
		"frist_response > 1m":             "did you mean first_response?",
		"weather > 1":                     "pulso metrics lists them",
		"first_response = 10m":            `"=" is not an operator`,
		"first_response => 10m":           `"=" is not an operator`,
		"first_response above 10m":        `"above" is not an operator`,
		"first_response >":                `"" is not a number`,
		"first_response > ten":            `"ten" is not a number`,
		"first_response > 10 m now":       `"10mnow" is not a number`,
		"first_response > -1":             "is not a number",
		"first_response > 1e3":            "is not a number",
		"first_response > 10%":            "first_response is a time: write it as",
		"failure_rate > 3":                "failure_rate is a share: write 3%",
		"failure_rate > 3m":               "failure_rate is a share: write it as 80%",
		"waiting > 20m":                   "conversations_waiting is a count",
		"waiting > 20%":                   "conversations_waiting is a count",
		"waiting drop 30%":                "has no past to drop from",
		"waiting silence":                 "cannot be silent",
		"read_rate silence":               "cannot be silent",
		"messages_received silence 2h":    "silence takes no number",
		"messages_received drop":          `"" is not a number`,
		"messages_received drop 30":       "drop wants a percentage",
		"messages_received rise 0%":       "rise wants a percentage",
		"messages_received drop 101%":     "nothing can drop by more than 100%",
		"waiting > 9999999999999999":      "is not a number",
		"messages_received < 1 and more":  `"1andmore" is not a number`,
		"messages_received > 5 waiting<3": "is not a number",
	} {
		c := Condition{text: "before"}
		assert.ErrorContains(t, c.UnmarshalText([]byte(s)), want, s)
		assert.Equal(t, "before", c.String())
	}
}

func TestClearLevel(t *testing.T) {
	for _, c := range []struct {
		when, said string
		want       float64
	}{
		{"first_response > 10m", "", 480},
		{"first_response > 10m", "8 M", 480},
		{"first_response > 10m", "10m", 600},
		{"waiting >= 20", "", 16},
		{"messages_received < 10", "", 12},
		{"messages_received <= 10", "15", 15},
		{"answered_in_target < 50%", "", 0.6},
		{"answered_in_target < 90%", "", 0.95},
		{"answered_in_target < 90%", "92%", 0.92},
		{"reply_ratio < 2", "", 2.4},
		{"messages_received drop 30%", "", 0.24},
		{"messages_received rise 30%", "10%", 0.1},
		{"messages_received silence", "", 0},
	} {
		var w Condition
		require.NoError(t, w.UnmarshalText([]byte(c.when)))
		got, err := w.clearLevel(c.said)
		require.NoError(t, err, c.when)
		assert.InDelta(t, c.want, got, 1e-9, c.when)
	}
	for _, c := range [][2]string{
		{"first_response > 10m", "11m"}, {"first_response > 10m", "5%"}, {"first_response > 10m", "soon"}, {"answered_in_target < 80%", "70%"},
		{"messages_received drop 30%", "40%"}, {"messages_received silence", "1"},
	} {
		var w Condition
		require.NoError(t, w.UnmarshalText([]byte(c[0])))
		_, err := w.clearLevel(c[1])
		assert.Error(t, err, c)
	}
}

func TestNearest(t *testing.T) {
	words := []string{"access_token", "app_secrets", "name", "bot"}
	for s, want := range map[string]string{
		"acces_token": "access_token", "access-token": "access_token", "ACCESS_TOKEN": "access_token", "token": "access_token",
		"naem": "name", "bto": "bot", "bots": "bot", "secret": "app_secrets", "xyz": "", "": "", "a": "",
	} {
		assert.Equal(t, want, nearest(s, words), s)
	}
}

func TestSlips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abcé]{0,6}`)
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := slips(a, b)
		require.Equal(t, d, slips(b, a))
		require.Equal(t, a == b, d == 0)
		require.LessOrEqual(t, d, max(len([]rune(a)), len([]rune(b))))
	})
	assert.Equal(t, 1, slips("ab", "ba"))
	assert.Equal(t, 3, slips("kitten", "sitting"))
}
