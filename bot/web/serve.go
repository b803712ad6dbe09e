package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

const (
	headWithin  = 5 * time.Second
	readWithin  = 10 * time.Second // head and body
	writeWithin = 30 * time.Second
	idleFor     = 60 * time.Second
	maxHead     = 16 << 10
	drainWithin = 6 * time.Second
)

// HTTPServer returns a server of h, which is Handler or MetricsHandler, with
// the bounds that keep slow and endless senders from holding it.
func (s *Server) HTTPServer(addr string, h http.Handler) *http.Server {
	server := &http.Server{
		Addr: addr, Handler: h, ErrorLog: s.errorLog("server"),
		ReadHeaderTimeout: headWithin, ReadTimeout: readWithin, WriteTimeout: writeWithin,
		IdleTimeout: idleFor, MaxHeaderBytes: maxHead,
	}
	server.RegisterOnShutdown(s.close)
	return server
}

// Serve serves l until ctx ends; then it takes no more requests, lets those under
// way come to their end for up to six seconds, and returns nil. Whatever was not
// answered by then is cut, and its sender tries again. The error says why it
// could not serve.
func Serve(ctx context.Context, server *http.Server, l net.Listener) error {
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		server.Close()
	}
	if err := <-served; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	}
	return nil
}
