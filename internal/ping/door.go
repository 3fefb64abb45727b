package ping

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/net/netutil"

	"orderly/internal/model"
	"orderly/internal/trust"
)

// The limits of a door.
const (
	headerPatience = 5 * time.Second
	requestTime    = 10 * time.Second // from connecting to the end of a body
	idlePatience   = 10 * time.Second // between two requests of one client
	farewell       = 2 * time.Second  // for requests under way when it is closed
	maxHeader      = 16 << 10         // bytes
	maxConnections = 256
)

// A door is where jobs of other hosts come in.
type door struct {
	address string
	secure  bool
	tls     atomic.Pointer[tls.Config]
	server  *http.Server
	ended   chan struct{}
}

// Open has the server listen where the configuration says, and nowhere else. A door whose place is still wanted stays
// open, with the certificate as it is now. With an error, what was open stays so if it can.
func (s *Server) Open(ctx context.Context, p *model.Pings) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p == nil || p.Listen == "" {
		s.shut(ctx)
		return nil
	}
	var config *tls.Config
	if p.TLS != nil {
		var err error
		if config, err = trust.Server(p.TLS); err != nil {
			return fmt.Errorf("cannot hear jobs on %s: %w", p.Listen, err)
		}
	}
	if d := s.door; d != nil && d.address == p.Listen && d.secure == (config != nil) {
		d.tls.Store(config)
		return nil
	}
	s.shut(ctx)
	d, err := s.newDoor(ctx, p.Listen, config)
	if err != nil {
		return err
	}
	s.door = d
	return nil
}

// Close closes the door and returns when nobody is inside any more.
func (s *Server) Close(ctx context.Context) {
	s.mu.Lock()
	d := s.door
	s.door = nil
	s.mu.Unlock()
	d.close(ctx)
}

// shut closes the door while s.mu is held, which those inside may want.
func (s *Server) shut(ctx context.Context) {
	d := s.door
	s.door = nil
	s.mu.Unlock()
	defer s.mu.Lock()
	d.close(ctx)
}

func (s *Server) newDoor(ctx context.Context, address string, config *tls.Config) (*door, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	switch op := (*net.OpError)(nil); {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("cannot hear jobs on %s: another program listens there", address)
	case errors.As(err, &op):
		return nil, fmt.Errorf("cannot hear jobs on %s: %w", address, op.Err)
	case err != nil:
		return nil, fmt.Errorf("cannot hear jobs on %s: %w", address, err)
	}
	d := &door{address: address, secure: config != nil, ended: make(chan struct{})}
	l = netutil.LimitListener(l, maxConnections)
	if d.secure {
		d.tls.Store(config)
		l = tls.NewListener(l, &tls.Config{
			MinVersion:         tls.VersionTLS12,
			GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return d.tls.Load(), nil },
		})
	}
	d.server = &http.Server{
		Handler:           http.HandlerFunc(s.atDoor),
		ReadHeaderTimeout: headerPatience, ReadTimeout: requestTime, WriteTimeout: requestTime + hearPatience, IdleTimeout: idlePatience,
		MaxHeaderBytes:               maxHeader,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	go func() {
		defer close(d.ended)
		if err := d.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.log.Error("jobs are not heard any more", "address", address, "err", err)
		}
	}()
	return d, nil
}

// atDoor answers what there is nothing else to see here.
func (s *Server) atDoor(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.URL.EscapedPath(), Prefix) {
		answer(w, http.StatusNotFound, "not found")
		return
	}
	s.ServeHTTP(w, r)
}

// close lets requests under way end, for a short time.
func (d *door) close(ctx context.Context) {
	if d == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	if d.server.Shutdown(ctx) != nil {
		_ = d.server.Close()
	}
	<-d.ended
}
