package benchmark

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

// serveBare is the limit: a handler that reads, verifies and decodes, and
// stores nothing.
func serveBare() {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.GET("/readyz", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"backlog": 0}) })
	engine.POST(hook, bareHook)
	if err := http.ListenAndServe(os.Getenv(bareEnv), engine); err != nil {
		os.Exit(1)
	}
}

func bareHook(c *gin.Context) {
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
	if json.Unmarshal(body, &v) != nil || len(v.Entry) == 0 {
		c.Status(http.StatusBadRequest)
		return
	}
	c.Status(http.StatusOK)
}
