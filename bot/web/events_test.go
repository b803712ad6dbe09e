package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"pulso/bot/inbox/events"
	"pulso/models"
)

func batch(list ...string) string { return `{"events":[` + strings.Join(list, ",") + `]}` }

func TestCanonicalEvents(t *testing.T) {
	const noID = `{"type":"message.received","at":"2026-11-23T10:00:00Z","channel":"whatsapp:1060"}`
	second := strings.Replace(event, "in-1", "in-2", 1)
	odd := strings.Replace(event, `"id":"in-1"`, `"id":"in-3","colour":"blue"`, 1)
	for _, c := range []struct {
		name, body string
		want       string
		stored     bool
	}{
		{"one", event, `{"accepted":1,"duplicates":0,"rejected":[]}`, true},
		{"several", batch(event, second), `{"accepted":2,"duplicates":0,"rejected":[]}`, true},
		{"one of them odd", batch(event, odd, second),
			`{"accepted":2,"duplicates":0,"rejected":[{"index":1,"error":"colour: unknown field; leave it out"}]}`, true},
		{"all refused", batch(odd),
			`{"accepted":0,"duplicates":0,"rejected":[{"index":0,"error":"colour: unknown field; leave it out"}]}`, false},
		{"none", batch(), `{"accepted":0,"duplicates":0,"rejected":[]}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := &keeper{}
			w := do(t, serving(t, trial(k)), canonical(c.body))
			assert.Equal(t, 200, w.Code)
			assert.JSONEq(t, c.want, w.Body.String())
			assert.Equal(t, "application/json; charset=utf-8", w.Header().Get("Content-Type"))
			if c.stored {
				assert.Equal(t, []string{"events " + c.body}, k.all(), "as it came")
			} else {
				assert.Empty(t, k.all())
			}
		})
	}
	var told receipt
	w := do(t, serving(t, trial(&keeper{})), canonical(noID))
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
	assert.Len(t, told.Rejected, 1)
}

func TestEventsRefusedWhole(t *testing.T) {
	many := make([]string, events.MaxEvents+1)
	for i := range many {
		many[i] = "{}"
	}
	for name, body := range map[string]string{
		"no JSON": "{", "a list": "[" + event + "]", "a word": `"hola"`, "something beside": `{"events":[],"x":1}`, "too many": batch(many...),
	} {
		k := &keeper{}
		w := do(t, serving(t, trial(k)), canonical(body))
		assert.Equal(t, 400, w.Code, name)
		assert.Empty(t, k.all(), name)
	}
	w := do(t, serving(t, trial(&keeper{})), canonical(batch(many[1:]...)))
	assert.Equal(t, 200, w.Code, "a thousand are not too many")
}

func TestDuplicatesAreThoseKnownBefore(t *testing.T) {
	k := &keeper{}
	o := trial(k)
	recorded := map[string]bool{}
	o.Known = func(_ context.Context, list []models.Event) (int, error) {
		n := 0
		for _, e := range list {
			if recorded[e.Key] {
				n++
			}
		}
		return n, nil
	}
	k.accept = func(context.Context) error {
		recorded["in-1"] = true // as a quick fold does
		return nil
	}
	s := serving(t, o)
	assert.JSONEq(t, `{"accepted":1,"duplicates":0,"rejected":[]}`, do(t, s, canonical(event)).Body.String())
	assert.JSONEq(t, `{"accepted":0,"duplicates":1,"rejected":[]}`, do(t, s, canonical(event)).Body.String())
	both := batch(event, strings.Replace(event, "in-1", "in-2", 1), "{}")
	var told receipt
	require.NoError(t, json.Unmarshal(do(t, s, canonical(both)).Body.Bytes(), &told))
	assert.Equal(t, []int{1, 1, 1}, []int{told.Accepted, told.Duplicates, len(told.Rejected)})
}

func TestUnknownDuplicatesCountAsNew(t *testing.T) {
	for _, answer := range []struct {
		n   int
		err error
	}{{0, errors.New("away")}, {1, errors.New("away")}, {-1, nil}} {
		k := &keeper{}
		o := trial(k)
		o.Known = func(context.Context, []models.Event) (int, error) { return answer.n, answer.err }
		w := do(t, serving(t, o), canonical(event))
		assert.JSONEq(t, `{"accepted":1,"duplicates":0,"rejected":[]}`, w.Body.String())
		assert.Len(t, k.all(), 1)
	}
}

func TestSlowAnswerAboutDuplicatesStopsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := trial(&keeper{})
		o.Known = func(ctx context.Context, _ []models.Event) (int, error) {
			<-ctx.Done()
			return 0, ctx.Err()
		}
		s := serving(t, o)
		began := time.Now()
		w := do(t, s, canonical(event).WithContext(t.Context()))
		assert.JSONEq(t, `{"accepted":1,"duplicates":0,"rejected":[]}`, w.Body.String())
		assert.Less(t, time.Since(began), time.Second)
	})
}

func TestTokens(t *testing.T) {
	for header, want := range map[string]int{
		"Bearer " + token: 200, "bearer " + token: 200, "Bearer another-token": 200,
		"": 401, token: 401, "Bearer": 401, "Bearer ": 401, "Basic " + token: 401, "Bearer " + token + " ": 401,
		"Bearer  " + token: 401, "Bearer " + token[:len(token)-1]: 401, "Bearer " + strings.ToUpper(token): 401,
		"Bearer " + appSecret: 401, "Bearer " + token + ",another-token": 401,
	} {
		w := do(t, serving(t, trial(&keeper{})), post("/v1/events", event, "Authorization", header))
		assert.Equal(t, want, w.Code, "%q", header)
		if want == 401 {
			assert.Equal(t, "Bearer", w.Header().Get("WWW-Authenticate"))
			assert.Equal(t, `{"error":"unauthorized"}`, w.Body.String())
		}
	}
	s := serving(t, trial(&keeper{}))
	assert.Equal(t, 401, do(t, s, post("/v1/events", event)).Code)
	assert.Equal(t, 401, do(t, s, post("/v1/events?access_token="+token, event)).Code)
	twice := canonical(event)
	twice.Header.Add("Authorization", "Bearer "+token)
	assert.Equal(t, 401, do(t, s, twice).Code)
}

func TestOpenAPIIsServed(t *testing.T) {
	w := do(t, serving(t, trial(&keeper{})), httptest.NewRequest(http.MethodGet, "/v1/openapi.yaml", nil))
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, events.OpenAPI, w.Body.Bytes())
	assert.Contains(t, w.Header().Get("Content-Type"), "yaml")
}

// TestEveryDocumentedStatus reaches each status that the OpenAPI document and
// the contract name, on both routes, and no other.
func TestEveryDocumentedStatus(t *testing.T) {
	var document struct {
		Paths map[string]struct {
			Post struct {
				Responses map[string]any `yaml:"responses"`
			} `yaml:"post"`
		} `yaml:"paths"`
	}
	require.NoError(t, yaml.Unmarshal(events.OpenAPI, &document))
	documented := document.Paths["/v1/events"].Post.Responses
	for name, request := range map[string]func(string) *http.Request{"webhook": webhook, "events": canonical} {
		k := &keeper{}
		s := serving(t, trial(k))
		reached := map[string]any{}
		reach := func(r *http.Request) { reached[fmt.Sprint(do(t, s, r).Code)] = documented["200"] }
		reach(request(event))
		reach(request("{"))
		reach(post(request("").URL.Path, event))
		reach(request(sized(maxBody + 1)))
		encoded := request(event)
		encoded.Header.Set("Content-Encoding", "gzip")
		reach(encoded)
		k.accept = func(context.Context) error { return errors.New("away") }
		reach(request(event))
		for status := range documented {
			assert.Contains(t, reached, status, name)
		}
		assert.Len(t, reached, len(documented), name)
	}
}
