package graph_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pulso/bot/demo/graph"
)

// FuzzAnyRequest: whatever is asked, the answer is Graph's: JSON, an error
// object unless 200, and nothing accepted that was refused.
func FuzzAnyRequest(f *testing.F) {
	f.Fuzz(func(t *testing.T, method, path, contentType, body string) {
		r, err := http.NewRequest(method, "http://graph/"+strings.TrimLeft(path, "/"), strings.NewReader(body))
		if err != nil {
			return // no request at all
		}
		now := noon
		s := graph.New(graph.Options{
			Clock: func() time.Time { return now }, AppSecret: secret, Token: token,
			Numbers: []graph.Number{{ID: shop, WABA: waba, Display: "+57 601 5550100"}},
		})
		defer s.Close()
		s.Say(luz, shop, "hola")
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", contentType)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		var answer struct {
			Error *struct {
				Message string `json:"message"`
				Type    string `json:"type"`
				Code    int    `json:"code"`
			} `json:"error"`
			Messages []struct{ ID string }
		}
		if json.Unmarshal(rec.Body.Bytes(), &answer) != nil {
			t.Fatalf("no JSON: %q", rec.Body.String())
		}
		if (rec.Code == 200) != (answer.Error == nil) {
			t.Fatalf("%d with %s", rec.Code, rec.Body.String())
		}
		accepted := 0
		for _, n := range s.Accepted() {
			accepted += n
		}
		if accepted != len(answer.Messages) {
			t.Fatalf("accepted %d, answered %d", accepted, len(answer.Messages))
		}
		now = now.Add(time.Hour)
		s.Tick(now)
	})
}
