package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"pulso/bot/inbox"
	"pulso/bot/inbox/cloudapi"
	"pulso/bot/inbox/events"
	"pulso/models"
)

// Receiver stores what comes in.
type Receiver interface {
	// Accept returns nil once the body is durably stored, and returns soon after
	// ctx ends whatever happens. It may keep the body.
	Accept(ctx context.Context, source string, body []byte) error
}

// Options say what a Server stands before. Receiver, Secrets, VerifyTokens,
// Ready, Now and Log are needed.
type Options struct {
	Receiver Receiver
	// Secrets returns the secrets or tokens of a source, any of which proves a
	// sender. It is asked at every request, so that they can change. A source
	// without secrets is refused everything.
	Secrets func(source string) []string
	// VerifyTokens returns the words by which Meta's verification is known.
	VerifyTokens func() []string
	// Ready tells how the service stands. It returns soon after ctx ends.
	Ready func(ctx context.Context) Readiness
	// Known counts the events that are recorded already. It returns soon after ctx
	// ends. Nil: none is.
	Known func(ctx context.Context, events []models.Event) (int, error)
	// Now is the wall clock: requests are timed by it.
	Now func() time.Time
	Log *slog.Logger
	// Registry takes the figures of this package and is what /metrics shows. Nil:
	// one of its own.
	Registry *prometheus.Registry
	// TrustedProxies lists the addresses and ranges whose X-Forwarded-For is
	// believed. None: nobody's.
	TrustedProxies []string
	// MetricsApart leaves /metrics to a listener of its own: see MetricsHandler.
	MetricsApart bool
}

// Server is the HTTP edge, and safe for concurrent use once it serves.
type Server struct {
	options Options
	engine  *gin.Engine
	vitals  *vitals
	sparing *sparing
	memory  memory
	closing context.Context // ends when a shutdown begins
	close   context.CancelFunc
}

// New returns a server with the routes of every source. The error is that of a
// proxy that is no address, or of a registry that has these figures already.
func New(options Options) (*Server, error) {
	if options.Registry == nil {
		options.Registry = prometheus.NewRegistry()
	}
	vitals, err := newVitals(options.Registry)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	gin.SetMode(gin.ReleaseMode) // otherwise it writes to standard output
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	if err := engine.SetTrustedProxies(options.TrustedProxies); err != nil {
		return nil, fmt.Errorf("web: trusted proxies: %w", err)
	}
	s := &Server{options: options, engine: engine, vitals: vitals, sparing: newSparing(options.Now)}
	s.closing, s.close = context.WithCancel(context.Background())
	s.routes()
	return s, nil
}

func (s *Server) routes() {
	for _, source := range inbox.Sources() {
		take := s.webhook(source.Name)
		if source.Name == events.Source {
			take = s.events
		}
		s.add(http.MethodPost, source.Path, s.inbound(source, take))
		if source.Name == cloudapi.Source {
			s.add(http.MethodGet, source.Path, s.verification)
		}
	}
	s.add(http.MethodGet, "/v1/openapi.yaml", s.openAPI)
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		s.add(method, "/healthz", s.alive)
		s.add(method, "/readyz", s.ready)
	}
	if !s.options.MetricsApart {
		s.Handle(http.MethodGet, "/metrics", s.MetricsHandler())
	}
	s.engine.NoRoute(s.visit(unmatched, func(*gin.Context) outcome {
		return outcome{status: http.StatusNotFound, reason: "route", text: "there is nothing here"}
	}))
	s.engine.NoMethod(s.visit(unmatched, func(*gin.Context) outcome {
		return outcome{status: http.StatusMethodNotAllowed, reason: "method", text: "not by this method"}
	}))
}

// unmatched is how requests that have no route are counted and logged.
const unmatched = "unmatched"

// Handler serves every route.
func (s *Server) Handler() http.Handler { return s.engine }

// MetricsHandler serves what the registry holds, for Prometheus.
func (s *Server) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(s.options.Registry, promhttp.HandlerOpts{ErrorLog: s.errorLog("metrics"), ErrorHandling: promhttp.ContinueOnError})
}

// Handle adds a route that somebody else answers; it is counted, logged and
// guarded against panics like every other. A path may have parts such as {token},
// or {rest...} at its end, which h reads by PathValue. To be called before
// serving; a route that is taken already panics.
func (s *Server) Handle(method, path string, h http.Handler) {
	s.add(method, path, func(c *gin.Context) outcome {
		for _, p := range c.Params {
			c.Request.SetPathValue(p.Key, strings.TrimPrefix(p.Value, "/"))
		}
		h.ServeHTTP(c.Writer, c.Request)
		return outcome{bytes: int(max(c.Request.ContentLength, 0))}
	})
}

// Stream is Handle for a GET whose answer has no end, such as server-sent
// events: no time-out cuts it, and its context ends when a shutdown begins.
func (s *Server) Stream(path string, h http.Handler) {
	s.Handle(http.MethodGet, path, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A writer that has no deadline, as in a test, needs none lifted.
		_ = http.NewResponseController(w).SetWriteDeadline(time.Time{})
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(s.closing, cancel)()
		h.ServeHTTP(w, r.WithContext(ctx))
	}))
}

// add registers a handler under a path, by which it is also counted and logged.
func (s *Server) add(method, path string, handle func(*gin.Context) outcome) {
	s.engine.Handle(method, ginPath(path), s.visit(path, handle))
}

// ginPath turns the parts {name} and {name...} of a path into gin's :name and *name.
func ginPath(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		name, ok := strings.CutPrefix(part, "{")
		if !ok {
			continue
		}
		name = strings.TrimSuffix(name, "}")
		parts[i] = ":" + name
		if rest, ok := strings.CutSuffix(name, "..."); ok {
			parts[i] = "*" + rest
		}
	}
	return strings.Join(parts, "/")
}
