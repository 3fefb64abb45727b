// Package minitor says what a Minitor says to the outside while it runs: the metrics of its checks and alerts, under its
// names and in the text form of Prometheus, and whether all is well.
//
// Entry point: [New], then [Server.Checked] and [Server.Sent] for what happens, and [Server.Run]. Both may be called when
// nobody serves what they count.
package minitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/netutil"

	"orderly/internal/model"
)

// A Backend knows how services are. Its methods are called from many goroutines.
type Backend interface {
	// Snapshots tells of all services, in file order.
	Snapshots(ctx context.Context) ([]model.Snapshot, error)
}

// Options are what a Server needs. All of them are required.
type Options struct {
	Backend Backend
	Waiting func() int // alerts that wait to leave
	Address string     // HOST:PORT to listen on; Minitor's has no host, which means all of them
	Log     *slog.Logger
}

// A Server counts, and tells what it has counted to whoever asks.
type Server struct {
	Options
	mu     sync.Mutex // guards counts
	counts counts
}

// New returns a server that does not listen yet.
func New(o Options) *Server { return &Server{Options: o, counts: newCounts()} }

// Checked counts a check. It does not block.
func (s *Server) Checked(c model.Checked) {
	if c.Service.Kind != model.KindProgram {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.check(c)
}

// Sent counts an alert that has arrived. It does not block.
func (s *Server) Sent(r model.Route, ev model.Event) { s.tried(r, ev, true) }

// Failed counts an attempt at an alert that has come to nothing. It does not block.
func (s *Server) Failed(r model.Route, ev model.Event) { s.tried(r, ev, false) }

func (s *Server) tried(r model.Route, ev model.Event, ok bool) {
	if ev.Service == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.alert(alertKey{r.Address, ev.Service}, ok)
}

// Bounds of the server.
const (
	maxVisitors = 16               // connections at a time; others wait
	patience    = 5 * time.Second  // for the services to tell how they are
	slowness    = 10 * time.Second // of a client, in each direction
	maxHeader   = 16 << 10         // bytes
	retryAfter  = 5 * time.Second  // where the place is taken
)

// Run serves until ctx ends, then until nobody is answered any more, and returns nil. A place that is taken is told of
// once and tried again.
func (s *Server) Run(ctx context.Context) error {
	var listen net.ListenConfig
	for told := false; ; told = true {
		l, err := listen.Listen(ctx, "tcp", s.Address)
		if err == nil {
			return s.serve(ctx, l)
		}
		if !told {
			s.Log.Log(ctx, slog.LevelWarn, "the metrics are not to be had", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(retryAfter):
		}
	}
}

func (s *Server) serve(ctx context.Context, l net.Listener) error {
	server := &http.Server{
		Handler: s, ReadHeaderTimeout: slowness, ReadTimeout: slowness, WriteTimeout: slowness, IdleTimeout: time.Minute,
		MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if server.Shutdown(leaving) != nil {
			_ = server.Close()
		}
	})
	s.Log.Log(ctx, slog.LevelInfo, "the metrics are served", "address", l.Addr().String())
	err := server.Serve(netutil.LimitListener(l, maxVisitors))
	if stop() {
		_ = server.Close()
		return fmt.Errorf("cannot serve the metrics: %w", err)
	}
	<-ended
	return nil
}

// ServeHTTP answers at / and /metrics with the metrics and at /healthz with how all is.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD are understood", http.StatusMethodNotAllowed)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	var err error
	switch r.URL.Path {
	case "/metrics", "/":
		err = s.metrics(ctx, w)
	case "/healthz":
		err = s.health(ctx, w, r.URL.Query().Has("monitors"))
	default:
		http.NotFound(w, r)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		s.Log.Log(ctx, slog.LevelWarn, "the metrics could not be told", "err", err)
	}
}
