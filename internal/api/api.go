// Package api answers the commands and the dashboards of this host over HTTP and JSON.
//
// Two doors lead to the same routes: the control socket, where root and the user of the daemon may do
// everything, and a read-only one for loopback addresses. Entry point: [New], then [Server.Serve] with a
// listener of [ListenControl]. [Server.Reads] is what others may read, behind a door of their own, which [Serve] opens with
// a listener of [ListenWeb].
//
// A client that is slow, silent or hostile costs a bounded amount of memory for a bounded time and
// nothing else: every request has limits and every write a deadline.
package api

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
)

// A View is what can be seen of the running orderly. Its methods are called from many goroutines and obey their
// context. Names are given as they are configured.
type View interface {
	// Status tells of the named services, or of all without names; now checks them first.
	Status(ctx context.Context, names []string, now bool) (model.HostStatus, error)
	// Events yields the journal, oldest first; with q.Follow until ctx is cancelled.
	Events(ctx context.Context, q client.EventQuery) iter.Seq2[model.Event, error]
	// Monit answers in the words of Monit; the error is for the user.
	Monit(ctx context.Context, q client.MonitQuery) (string, error)
}

// A Commander changes things, called as a View is.
type Commander interface {
	// Do returns when the command is done. What went wrong with one service is in its outcome.
	Do(ctx context.Context, c model.Command) ([]model.Outcome, error)
	// Accept returns when the command is sure to be carried out, even if orderly ends before that.
	Accept(ctx context.Context, c model.Command) error
	// Reload reads the configuration again; one that has errors is a reply, not an error.
	Reload(ctx context.Context) (client.ReloadReply, error)
	// Hear notes what a heartbeat says of itself, on disk; the error is for the user.
	Hear(ctx context.Context, name string, sig model.Signal) error
}

// The limits of one request and of all of them.
const (
	headerPatience = 5 * time.Second  // for the header of a request
	bodyPatience   = 5 * time.Second  // for its body
	writePatience  = 10 * time.Second // for a client to take a piece of a reply
	idlePatience   = 30 * time.Second // between two requests on a connection
	farewell       = 2 * time.Second  // for requests under way when the server stops
	maxHeader      = 16 << 10         // bytes
	maxBody        = 256 << 10        // bytes
	maxConnections = 256              // at one door; others wait in the queue of the kernel
)

// A Server answers requests from one running orderly, at as many doors as Serve is called for.
type Server struct {
	view      View
	commander Commander
	silencer  Silencer
	version   string
	log       *slog.Logger
	witness   Witness   // nil: nobody asks who was reached
	registrar Registrar // nil: there are no accounts
	historian Historian // nil: nothing is told of the past
	narrator  Narrator  // nil: nobody asks why
	exporter  Exporter  // nil: there is no status page
}

// New returns a server that has no door yet. The version is told to clients. A server that only reads needs no
// Commander and no Silencer.
func New(v View, c Commander, q Silencer, version string, log *slog.Logger) *Server {
	return &Server{view: v, commander: c, silencer: q, version: version, log: log}
}

// Serve answers everything on the control socket until ctx is cancelled, and returns when the last handler
// has. It closes the listener. The error tells of a listener that broke.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	return Serve(ctx, l, s.onlyOwner(s.control()), s.log)
}

// Serve answers with a handler until ctx is cancelled, and returns when the last request is answered. It closes the
// listener. Who connects is bounded in number, in the size of headers and in the time they take; bodies and replies are
// the handler's to bound. The error tells of a listener that broke.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	var conns sync.WaitGroup
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerPatience,
		IdleTimeout:       idlePatience,
		MaxHeaderBytes:    maxHeader,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ConnContext:       withPeer,
		ConnState:         counting(&conns),
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),

		DisableGeneralOptionsHandler: true, // which would answer without us
	}
	var closing sync.WaitGroup
	closing.Go(func() {
		<-ctx.Done()
		patience, done := context.WithTimeout(context.WithoutCancel(ctx), farewell)
		defer done()
		if server.Shutdown(patience) != nil {
			_ = server.Close() // the connections that are left did not take their reply in time
		}
	})
	err := server.Serve(limited(l, maxConnections))
	cancel()
	closing.Wait()
	conns.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// counting lets the owner of a server wait for its connections and their handlers, which closing them does not.
func counting(conns *sync.WaitGroup) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			conns.Add(1)
		case http.StateClosed:
			conns.Done()
		}
	}
}
