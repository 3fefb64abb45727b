// Package inspeqtor says what an Inspeqtor says to the outside while it runs: it answers inspeqtorctl on a unix socket and
// programs on a port of loopback, and sends measurements to statsd. Texts, names and forms are Inspeqtor's, because scripts
// and dashboards depend on them.
//
// Entry point: [New], then [Server.Configure] for every configuration and [Server.Run]. Connections are bounded in number,
// size and time, and a server that takes the measurements, or does not, delays nothing.
package inspeqtor

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
)

// DefaultSocket is where Inspeqtor's own command line looks for it.
const DefaultSocket = "/var/run/inspeqtor.sock"

// ErrNoJob tells that there is no job of a name.
var ErrNoJob = errors.New("there is no such job")

// A Backend knows what is asked for, and does it. Its methods are called from many goroutines.
type Backend interface {
	// Snapshots tells of all services, in file order.
	Snapshots(ctx context.Context) ([]model.Snapshot, error)
	// Silences lists those in force.
	Silences(ctx context.Context) ([]model.Silence, error)
	// Deploy begins or ends the silence of a deploy. It returns when that is in force and on disk.
	Deploy(ctx context.Context, begin bool) error
	// Beat notes a sign of life of a job, on disk. Its error is ErrNoJob if there is no such job.
	Beat(ctx context.Context, job string) error
}

// Options are what a Server needs. All of them are required, save those that say otherwise.
type Options struct {
	Backend Backend
	// Listen opens a unix socket for those who may use Inspeqtor's.
	Listen func(ctx context.Context, path string) (net.Listener, error)
	// Socket is the path of it; "": DefaultSocket. It is there while the configuration has something of Inspeqtor's.
	Socket  string
	Events  func() uint64 // how many events there were since Started
	Started time.Time
	Log     *slog.Logger
}

// A Server is the outside of an Inspeqtor. It is closed until it is configured.
type Server struct {
	Options
	settings atomic.Pointer[model.Settings]
	history  history
	statsd   sender
	changed  chan struct{} // capacity 1: there is a new configuration

	mu     sync.Mutex // guards all below
	socket door
	pages  door
	ended  bool
}

// patience is how long the services may take to tell how they are.
const patience = 5 * time.Second

// retryAfter is how long a place that is taken, by an Inspeqtor that is still ending for example, is left alone.
const retryAfter = 5 * time.Second

// New returns a server that listens nowhere yet.
func New(o Options) *Server {
	s := &Server{Options: o, changed: make(chan struct{}, 1), statsd: newSender(o.Log)}
	s.settings.Store(&model.Settings{})
	s.socket = door{what: "inspeqtorctl is not answered", open: o.Listen, serve: s.converse}
	s.pages = door{what: "what Inspeqtor exposes is not to be had", open: listenLoopback, serve: s.servePages}
	return s
}

// Configure makes the server listen where a configuration says. What listens there already goes on, and what was measured
// is kept. A place where it cannot listen is told of once, and tried again by Run. It does nothing once Run has ended.
func (s *Server) Configure(ctx context.Context, c *model.Config) {
	s.settings.Store(&c.Settings)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	path, port := s.places()
	s.socket.move(ctx, path, s.Log)
	s.pages.move(ctx, port, s.Log)
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// places are where the server should listen; "" is nowhere.
func (s *Server) places() (path, port string) {
	in := s.settings.Load().Inspeqtor
	if in == nil {
		return "", ""
	}
	if in.Expose != 0 {
		port = strconv.Itoa(in.Expose)
	}
	return cmp.Or(s.Socket, DefaultSocket), port
}

// Run looks at the services in every cycle, for those who ask what they were like and for statsd. It returns nil when ctx
// has ended, nobody is answered any more and all places are left.
func (s *Server) Run(ctx context.Context) error {
	var work sync.WaitGroup
	work.Go(func() { s.statsd.run(ctx) })
	defer work.Wait()
	defer s.shut()
	cycle, again := time.NewTicker(time.Hour), time.NewTimer(retryAfter)
	defer cycle.Stop()
	defer again.Stop()
	cycle.Stop()
	var every time.Duration // 0: nobody wants to know
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.changed:
			if now := s.interval(); now != every {
				every = now
				cycle.Stop()
				if every > 0 {
					cycle.Reset(every)
				}
			}
			again.Reset(retryAfter)
		case <-cycle.C:
			s.look(ctx, every)
		case <-again.C:
			if s.retry(ctx) {
				again.Reset(retryAfter)
			}
		}
	}
}

// interval is the time between two looks at the services, 0 when nobody wants them.
func (s *Server) interval() time.Duration {
	path, port := s.places()
	settings := s.settings.Load()
	if path == "" && port == "" && settings.Statsd == "" {
		return 0
	}
	return cmp.Or(settings.Interval, model.DefaultInterval)
}

// look keeps what is measured now, and sends it. What takes longer than a cycle is left out.
func (s *Server) look(ctx context.Context, every time.Duration) {
	v, err := s.view(ctx, min(every, patience))
	if err != nil {
		s.Log.Log(ctx, slog.LevelDebug, "the measurements of a cycle are lost", "err", err)
		return
	}
	if path, port := s.places(); path != "" || port != "" {
		s.history.record(v)
	}
	if to := s.settings.Load().Statsd; to != "" {
		s.statsd.offer(batch{to, v.datagrams()})
	}
}

// view is how everything is now.
func (s *Server) view(ctx context.Context, within time.Duration) (view, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	services, err := s.Backend.Snapshots(ctx)
	if err != nil {
		return view{}, err
	}
	return newView(services, s.settings.Load()), nil
}

// retry tries again what could not be opened, and tells whether there is something left to try.
func (s *Server) retry(ctx context.Context) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.socket.move(ctx, s.socket.wanted, s.Log)
	s.pages.move(ctx, s.pages.wanted, s.Log)
	return s.socket.lacking() || s.pages.lacking()
}

// shut leaves all places for good.
func (s *Server) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.socket.shut()
	s.pages.shut()
}
