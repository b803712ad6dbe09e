package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"pulso/bot/inbox/cloudapi"
)

// Readiness is how the service stands. Anybody may read it.
type Readiness struct {
	Ready         bool   `json:"ready"`
	Backlog       int64  `json:"backlog"`                // deliveries stored, not yet in the figures
	OldestSeconds int64  `json:"oldest_backlog_seconds"` // age of the oldest of them
	Database      string `json:"database"`               // "ok", or a few words without addresses or names
	Faulty        int64  `json:"faulty_deliveries"`
}

const readyWithin = 1500 * time.Millisecond

// verification answers Meta's question whether this address is ours.
func (s *Server) verification(c *gin.Context) outcome {
	query := c.Request.URL.Query()
	one := func(name string) string {
		if len(query[name]) != 1 {
			return ""
		}
		return query[name][0]
	}
	challenge, ok := cloudapi.Challenge(one("hub.mode"), one("hub.verify_token"), one("hub.challenge"), s.options.VerifyTokens())
	if !ok {
		return outcome{status: http.StatusForbidden, reason: "verification", text: "forbidden"}
	}
	write(c, http.StatusOK, "text/plain; charset=utf-8", []byte(challenge))
	return outcome{}
}

func (s *Server) alive(c *gin.Context) outcome {
	write(c, http.StatusOK, "text/plain; charset=utf-8", []byte("ok\n"))
	return outcome{}
}

func (s *Server) ready(c *gin.Context) outcome {
	ctx, cancel := context.WithTimeout(c.Request.Context(), readyWithin)
	defer cancel()
	state := s.options.Ready(ctx)
	status := http.StatusOK
	if !state.Ready {
		status = http.StatusServiceUnavailable
	}
	return answer(c, status, state)
}
