package web

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
)

// stored is a receiver that does nothing.
type stored struct{}

func (stored) Accept(context.Context, string, []byte) error { return nil }

// bare is the least that a gin handler of signed webhooks does: it reads the
// body, checks the signature and decodes.
func bare() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.POST(webhooks, func(c *gin.Context) {
		body, err := io.ReadAll(c.Request.Body)
		if err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		mac := hmac.New(sha256.New, []byte(appSecret))
		mac.Write(body)
		if !hmac.Equal([]byte("sha256="+hex.EncodeToString(mac.Sum(nil))), []byte(c.GetHeader("X-Hub-Signature-256"))) {
			c.Status(http.StatusUnauthorized)
			return
		}
		var v struct {
			Object string
			Entry  []struct {
				ID      string
				Changes []struct {
					Field string
					Value struct {
						Metadata struct {
							PhoneNumberID string `json:"phone_number_id"`
						}
						Messages []struct {
							From, ID, Timestamp, Type string
							Text                      struct{ Body string }
						}
					}
				}
			}
		}
		if json.Unmarshal(body, &v) != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		c.Status(http.StatusOK)
	})
	return engine
}

func ours(b *testing.B) http.Handler {
	o := trial(stored{})
	o.Secrets = func(string) []string { return []string{appSecret} }
	return serving(b, o).Handler()
}

func BenchmarkHandler(b *testing.B) {
	proof := http.Header{"X-Hub-Signature-256": {sign(message, appSecret)}, "Content-Type": {"application/json"}}
	for name, h := range map[string]http.Handler{"bare": bare(), "pulso": ours(b)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			body := bytes.NewReader(nil)
			r := &http.Request{Method: http.MethodPost, URL: target, Header: proof, Body: io.NopCloser(body), ContentLength: int64(len(message))}
			w := &plain{header: http.Header{}}
			for b.Loop() {
				body.Reset([]byte(message))
				h.ServeHTTP(w, r)
			}
			if w.status != 0 && w.status != http.StatusOK {
				b.Fatal(w.status)
			}
		})
	}
}

func BenchmarkNetwork(b *testing.B) {
	proof := sign(message, appSecret)
	for name, h := range map[string]http.Handler{"bare": bare(), "pulso": ours(b)} {
		b.Run(name, func(b *testing.B) {
			server := httptest.NewServer(h)
			defer server.Close()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r, err := http.NewRequest(http.MethodPost, server.URL+webhooks, bytes.NewReader([]byte(message)))
					if err != nil {
						b.Error(err)
						return
					}
					r.Header.Set("X-Hub-Signature-256", proof)
					answer, err := client.Do(r)
					if err != nil || answer.StatusCode != http.StatusOK {
						b.Error(answer, err)
						return
					}
					_, _ = io.Copy(io.Discard, answer.Body)
					answer.Body.Close()
				}
			})
			client.CloseIdleConnections()
		})
	}
}
