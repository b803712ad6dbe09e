package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"pulso/bot/inbox/events"
	"pulso/models"
)

// knownWithin bounds the question which events are known; without an answer
// they count as new, which has no effect.
const knownWithin = 500 * time.Millisecond

// receipt is what the sender of canonical events is told.
type receipt struct {
	Accepted   int                `json:"accepted"`
	Duplicates int                `json:"duplicates"`
	Rejected   []events.Rejection `json:"rejected"`
}

// events takes canonical events: the body is stored as it came if any event in
// it is fit, and the sender is told of each that is not.
func (s *Server) events(c *gin.Context, body []byte) outcome {
	decoded, rejected, err := events.Decode(body, s.options.Now().UnixMilli())
	if err != nil {
		return outcome{status: http.StatusBadRequest, reason: "envelope", text: err.Error()}
	}
	told := receipt{Rejected: append([]events.Rejection{}, rejected...)}
	if len(decoded.Events) == 0 {
		return answer(c, http.StatusOK, told)
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), storeWithin)
	defer cancel()
	told.Duplicates = s.known(ctx, decoded.Events) // before the fold can see them
	told.Accepted = len(decoded.Events) - told.Duplicates
	out := s.store(ctx, c, events.Source, body)
	if !out.refused() {
		answer(c, http.StatusOK, told)
	}
	return out
}

// known counts the events that are recorded already; 0 when it cannot be told.
func (s *Server) known(ctx context.Context, list []models.Event) int {
	if s.options.Known == nil {
		return 0
	}
	ctx, cancel := context.WithTimeout(ctx, knownWithin)
	defer cancel()
	n, err := s.options.Known(ctx, list)
	if err != nil {
		if more, pass := s.sparing.pass(failure{"known", 0, ""}); pass {
			s.options.Log.Warn("known events", "error", err.Error(), "more", more)
		}
		return 0
	}
	return min(max(n, 0), len(list))
}

func (s *Server) openAPI(c *gin.Context) outcome {
	write(c, http.StatusOK, "application/yaml; charset=utf-8", events.OpenAPI)
	return outcome{}
}
