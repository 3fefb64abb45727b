// Package httpd is the web interface that `set httpd` asks for: pages for people, and for programs the texts, the status
// document and the commands of Monit's own interface.
//
// Entry point: [New], then [Server.Configure] for every configuration. Connections are bounded in number, size and time.
package httpd

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
	"orderly/internal/trust"
)

// A View tells what there is to see. Its methods are called from many goroutines.
type View interface {
	Instance() monit.Instance
	Snapshots(ctx context.Context) ([]model.Snapshot, error) // in file order
	Revision() uint64                                        // another one whenever more has changed than measurements
}

// A Commander does what users ask for.
type Commander interface {
	// Accept returns when the command cannot be lost any more, not when it is done.
	Accept(ctx context.Context, c model.Command) error
	// Awaken has everything checked now, and does not wait for it.
	Awaken(ctx context.Context)
}

// Options are what a Server needs. All of them are required, save those that say otherwise.
type Options struct {
	View      View
	Commander Commander
	Log       *slog.Logger
	Verbose   func(on bool) // more or less is logged from now on; nil: that cannot be chosen
}

// A Server is the web interface. It is closed until it is configured.
type Server struct {
	Options
	remarks   *remarks
	documents documents
	logs      lookout

	mu     sync.Mutex // guards all below
	doors  map[place]*door
	ended  bool
	errand sync.WaitGroup // what requests leave behind
}

// New returns a server that listens nowhere yet.
func New(o Options) *Server {
	return &Server{Options: o, remarks: &remarks{log: o.Log}, logs: newLookout(), doors: map[place]*door{}}
}

// Configure makes the server listen where the settings say, and let in whom they say. What listens there already goes on
// listening, by the new rules. Without settings, or when nobody at all may come in, it listens nowhere.
//
// If the settings cannot be used nothing changes. A place where it cannot listen is an error too, but the others are
// open then. Names of hosts are looked up now, for some seconds at most, or until ctx ends.
func (s *Server) Configure(ctx context.Context, h *model.HTTPD) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return errors.New("cannot open the web interface: it has ended")
	}
	wanted, err := s.plan(ctx, h)
	if err != nil {
		return err
	}
	for p, d := range s.doors {
		if wanted[p] == nil {
			delete(s.doors, p)
			d.close(ctx)
		}
	}
	var failed []error
	for p, e := range wanted {
		if d := s.doors[p]; d != nil {
			failed = append(failed, d.change(e))
			continue
		}
		d, err := openDoor(ctx, p, e, s, s.remarks)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		s.doors[p] = d
	}
	return errors.Join(failed...)
}

// plan says which doors there should be.
func (s *Server) plan(ctx context.Context, h *model.HTTPD) (map[place]*entrance, error) {
	if h == nil {
		return nil, nil
	}
	g := newGate(ctx, h.Allow, s.remarks, time.Now())
	if !g.open() && (h.TLS == nil || h.TLS.ClientPEM == "") {
		s.Log.Error("monit httpd not started since no connections are allowed")
		return nil, nil
	}
	wanted := map[place]*entrance{}
	if h.Port != 0 {
		e := &entrance{gate: g, readOnly: h.ReadOnly, anonymous: h.Anonymous}
		if h.TLS != nil {
			config, err := trust.Server(h.TLS)
			if err != nil {
				return nil, err
			}
			e.tls = config
		}
		wanted[tcpPlace(h.Address, h.Port)] = e
	}
	if u := h.Socket; u != nil {
		wanted[place{"unix", u.Path}] = &entrance{gate: g, readOnly: u.ReadOnly, anonymous: h.Anonymous, socket: u}
	}
	return wanted, nil
}

// Close stops listening and returns when no request is being answered any more. Answers have a short time left.
func (s *Server) Close(ctx context.Context) {
	s.shut(ctx, true)
	s.errand.Wait()
}

// shut closes all doors, for good or until the next configuration.
func (s *Server) shut(ctx context.Context, forGood bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = s.ended || forGood
	for p, d := range s.doors {
		delete(s.doors, p)
		d.close(ctx)
	}
}
