package demo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"pulso/bot/demo/graph"
)

// Post returns the Post of a Live: it delivers to a service at base (as in
// "http://127.0.0.1:8080") as the real sources do, webhooks signed and events
// with their bearer token. Only 200 is success.
func (set Setup) Post(client *http.Client, base string) func(source string, body []byte) error {
	return func(source string, body []byte) error {
		path, header, proof := "/webhooks/whatsapp", "X-Hub-Signature-256", graph.Sign(set.AppSecret, body)
		if source == Events {
			path, header, proof = "/v1/events", "Authorization", "Bearer "+set.EventsToken
		}
		r, err := http.NewRequest(http.MethodPost, base+path, bytes.NewReader(body))
		if err != nil {
			return fmt.Errorf("demo: post: %w", err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(header, proof)
		res, err := client.Do(r)
		if err != nil {
			return fmt.Errorf("demo: post: %w", err)
		}
		defer func() { _ = res.Body.Close() }()
		_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
		if res.StatusCode != http.StatusOK {
			return fmt.Errorf("demo: post: answered %d", res.StatusCode)
		}
		return nil
	}
}
