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

// longestChallenge bounds what is repeated to Meta, in bytes.
const longestChallenge = 4 << 10

// verification answers Meta's question whether this address is ours, with the
// challenge as it came: never as anything that a browser would run.
func (s *Server) verification(c *gin.Context) outcome {
	query := c.Request.URL.Query()
	one := func(name string) string {
		if len(query[name]) != 1 {
			return ""
		}
		return query[name][0]
	}
	challenge := one("hub.challenge")
	switch {
	case !cloudapi.Challenge(one("hub.mode"), one("hub.verify_token"), challenge, s.options.VerifyTokens()):
		return outcome{status: http.StatusForbidden, reason: "verification", text: "forbidden"}
	case len(challenge) > longestChallenge:
		return outcome{status: http.StatusBadRequest, reason: "challenge", text: "the challenge is longer than 4 KiB"}
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
