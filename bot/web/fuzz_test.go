package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzWebhook posts any body with any header: what is signed and JSON is stored
// as it came and answered 200, everything else is refused and not stored.
func FuzzWebhook(f *testing.F) {
	f.Fuzz(func(t *testing.T, body, proof, encoding string, signed bool) {
		k := &keeper{}
		s := serving(t, trial(k))
		if signed {
			proof = sign(body, appSecret)
		}
		r := post(webhooks, body, "X-Hub-Signature-256", proof)
		if encoding != "" {
			r.Header.Set("Content-Encoding", encoding)
		}
		w := do(t, s, r)
		switch w.Code {
		case http.StatusOK:
			require.Empty(t, w.Body.String())
			require.Equal(t, []string{"cloudapi " + body}, k.all())
			require.True(t, json.Valid([]byte(body)))
			given := strings.ToLower(proof) // hexadecimal in capitals is the same
			require.True(t, given == sign(body, appSecret) || given == sign(body, oldSecret))
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType:
			require.Empty(t, k.all())
		default:
			t.Fatalf("status %d", w.Code)
		}
	})
}

// FuzzEvents posts any body with the token: the receipt adds up, and the body is
// stored exactly if something of it was accepted.
func FuzzEvents(f *testing.F) {
	f.Fuzz(func(t *testing.T, body string) {
		k := &keeper{}
		w := do(t, serving(t, trial(k)), canonical(body))
		if w.Code != http.StatusOK {
			require.Contains(t, []int{400, 413}, w.Code)
			require.Empty(t, k.all())
			return
		}
		var told receipt
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &told))
		require.NotNil(t, told.Rejected)
		assert.Zero(t, told.Duplicates)
		if told.Accepted > 0 {
			require.Equal(t, []string{"events " + body}, k.all())
		} else {
			require.Empty(t, k.all())
		}
		at := -1
		for _, refused := range told.Rejected {
			require.Greater(t, refused.Index, at)
			require.NotEmpty(t, refused.Error)
			at = refused.Index
		}
	})
}

// FuzzVerification asks with any query: what comes back is the challenge of who
// knows the word, or a refusal that repeats nothing.
func FuzzVerification(f *testing.F) {
	s := serving(f, trial(&keeper{}))
	f.Fuzz(func(t *testing.T, query string) {
		r := get(webhooks)
		r.URL.RawQuery = query
		w := do(t, s, r)
		if w.Code == http.StatusOK {
			require.Contains(t, query, verify[:4])
			require.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
			require.Equal(t, r.URL.Query().Get("hub.challenge"), w.Body.String())
			return
		}
		require.Contains(t, []int{http.StatusForbidden, http.StatusBadRequest}, w.Code)
		require.NotContains(t, w.Body.String(), verify)
	})
}
