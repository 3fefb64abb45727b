package httpd

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
)

// How long a client may take.
const (
	headerTime  = 5 * time.Second // from connecting to the end of the headers
	requestTime = 15 * time.Second
	answerTime  = 30 * time.Second // from the end of the headers to the end of the answer
	idleTime    = 30 * time.Second // between two requests, when the client asked to stay
	farewell    = 2 * time.Second  // for answers under way when a door is closed
	maxHeader   = 64 << 10         // bytes
)

// A place is what a door is known by: one whose place is still wanted stays open over a reload.
type place struct {
	network, address string
}

// An entrance is what may change about an open door.
type entrance struct {
	gate      *gate
	tls       *tls.Config // nil: plain text
	readOnly  bool
	anonymous bool
	socket    *model.HTTPSocket // nil: TCP
}

// A door is one listener and the connections that came through it.
type door struct {
	place   place
	remarks *remarks
	now     atomic.Pointer[entrance]
	server  *http.Server
	crowd   crowd
	work    sync.WaitGroup
	net.Listener
}

// openDoor listens at a place and answers there until the door is closed.
func openDoor(ctx context.Context, p place, e *entrance, handler http.Handler, remarks *remarks) (*door, error) {
	d := &door{place: p, remarks: remarks}
	d.now.Store(e)
	if err := d.listen(ctx, e); err != nil {
		return nil, err
	}
	d.serve(handler)
	return d, nil
}

// serve answers until the door is closed.
func (d *door) serve(handler http.Handler) {
	d.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: answerTime, IdleTimeout: idleTime,
		MaxHeaderBytes:               maxHeader,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     log.New(d.remarks, "", 0),
		ConnContext:                  withVisitor,
	}
	d.work.Go(func() {
		if err := d.server.Serve(d); err != nil && err != http.ErrServerClosed {
			d.remarks.warn("the web interface on "+d.place.address+" has stopped", err)
		}
	})
}

func (d *door) listen(ctx context.Context, e *entrance) (err error) {
	ctx, cancel := context.WithTimeout(ctx, resolving)
	defer cancel()
	if e.socket != nil {
		d.Listener, err = ListenSocket(ctx, e.socket)
		return err
	}
	var config net.ListenConfig
	if d.Listener, err = config.Listen(ctx, d.place.network, d.place.address); err != nil {
		return fmt.Errorf("cannot listen on %s: %w", d.place.address, plain(err))
	}
	return nil
}

// tcpPlace is where a port of an address is; without an address all of this host.
func tcpPlace(address string, port int) place {
	return place{"tcp", net.JoinHostPort(strings.Trim(address, "[]"), strconv.Itoa(port))}
}

// change lets the door go on with other rules. Those who are inside already are asked again with each request.
func (d *door) change(e *entrance) error {
	if e.socket != nil {
		if err := dress(e.socket.Path, e.socket); err != nil {
			return fmt.Errorf("cannot give %s to its owner: %w", e.socket.Path, plain(err))
		}
	}
	d.now.Store(e)
	return nil
}

// close lets the answers under way end, for a short time.
func (d *door) close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	if d.server.Shutdown(ctx) != nil {
		_ = d.server.Close()
	}
	d.crowd.drain()
	d.work.Wait()
}

// Accept waits for the next visitor that may come in. The others are reset without a word.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		now := time.Now()
		e := d.now.Load()
		if from := conn.RemoteAddr(); !e.gate.lets(from) {
			d.remarks.add(now, slog.LevelError, "Denied connection from non-authorized client [%s]", clientOf(from.String()))
			reset(conn)
			continue
		}
		v := &visitor{Conn: conn, crowd: &d.crowd, door: d}
		replaced, ok := d.crowd.enter(v, now)
		if replaced != nil {
			reset(replaced.Conn)
		}
		if !ok {
			reset(conn)
			continue
		}
		if e.tls != nil {
			return tls.Server(v, e.tls), nil
		}
		return v, nil
	}
}

// reset closes a connection at once, without keeping what it has not read yet.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// clientOf is what the log calls a client: its address without the port.
func clientOf(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return "unix socket"
	}
	return host
}

// visitorKey is where a request finds the connection it came by.
type visitorKey struct{}

func withVisitor(ctx context.Context, conn net.Conn) context.Context {
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	return context.WithValue(ctx, visitorKey{}, conn)
}
