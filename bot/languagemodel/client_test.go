package languagemodel

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// model is a stand-in that answers as told and keeps what it was asked.
type model struct {
	status int
	body   string
	wait   time.Duration
	asked  []message
	bearer string
}

func (m *model) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ Messages []message }
	_ = json.NewDecoder(r.Body).Decode(&in)
	m.asked, m.bearer = in.Messages, r.Header.Get("Authorization")
	select {
	case <-time.After(m.wait):
	case <-r.Context().Done():
		return
	}
	w.WriteHeader(m.status)
	_, _ = w.Write([]byte(m.body))
}

func says(text string) string {
	b, _ := json.Marshal(map[string]any{"choices": []any{map[string]any{"message": message{"assistant", text}}}})
	return string(b)
}

func ask(t *testing.T, m *model, words string) (string, error) {
	s := httptest.NewServer(m)
	t.Cleanup(s.Close)
	c := Client{URL: s.URL + "/v1/", Model: "small", Key: "sesame", Brief: "brief", Timeout: 200 * time.Millisecond, HTTP: s.Client()}
	return c.Canonical(t.Context(), words)
}

func TestCanonical(t *testing.T) {
	m := &model{status: 200, body: says("```\nstats today\n```")}
	_, err := ask(t, m, "qué tal la cosa")
	require.NoError(t, err)
	m.body = says(" stats today \n(that is it)")
	got, err := ask(t, m, "qué tal la cosa")
	require.NoError(t, err)
	assert.Equal(t, "stats today", got)
	assert.Equal(t, []message{{"system", "brief"}, {"user", "qué tal la cosa"}}, m.asked)
	assert.Equal(t, "Bearer sesame", m.bearer)
}

func TestNumbersStayHere(t *testing.T) {
	m := &model{status: 200, body: says("unknown")}
	_, err := ask(t, m, "qué pasó con +57 300 111 2233 el 12 de marzo? "+strings.Repeat("a", 1000))
	require.ErrorIs(t, err, ErrNothing)
	assert.NotContains(t, m.asked[1].Content, "111")
	assert.Contains(t, m.asked[1].Content, "12 de marzo")
	assert.LessOrEqual(t, len([]rune(m.asked[1].Content)), longestWords)
}

func TestFailures(t *testing.T) {
	for name, m := range map[string]*model{
		"refused": {status: 500, body: "no"}, "slow": {status: 200, body: says("stats"), wait: 2 * time.Second}, "garbage": {status: 200, body: "<html>"},
		"empty": {status: 200, body: `{"choices":[]}`}, "talkative": {status: 200, body: says(strings.Repeat("x", 400))},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ask(t, m, "hola")
			assert.Error(t, err)
		})
	}
}
