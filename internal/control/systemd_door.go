package control

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	busWriteLimit = 5 * time.Second       // a bus that takes nothing for so long has hung
	greetPatience = 5 * time.Second       // until a door has opened and the greetings are exchanged
	greetingLimit = 64 << 10              // bytes that a peer says before it is known as systemd
	firstKnock    = 20 * time.Millisecond // for the answer to the first call at a manager's own socket
)

// A door is a socket at which a systemd can be talked with.
type door struct {
	path string
	// own is the manager's own socket, which works without a message bus: nobody has a name there, signals come unasked,
	// and only root and the manager's user are let in.
	own bool
}

// greet logs in. A peer that does not answer is hung up on when ctx ends.
func greet(ctx context.Context, wire net.Conn, d door, signals dbus.SignalHandler) (*dbus.Conn, error) {
	defer context.AfterFunc(ctx, func() { _ = wire.Close() })()
	g := &gatekeeper{owner: nobody, next: signals}
	h := &hasty{Conn: wire, in: bufio.NewReader(wire), left: greetingLimit}
	conn, err := dbus.NewConn(h, dbus.WithSignalHandler(g))
	if err != nil {
		_ = wire.Close()
		return nil, err
	}
	err = conn.Auth([]dbus.Auth{dbus.AuthExternal(strconv.Itoa(os.Geteuid()))})
	switch {
	case err != nil:
	case d.own:
		g.admit(systemdName, conn)
		err = knock(ctx, conn)
	default:
		err = introduce(ctx, conn, g)
	}
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	h.known.Store(true)
	return conn, nil
}

// introduce enters the message bus and learns who on it is systemd.
func introduce(ctx context.Context, conn *dbus.Conn, g *gatekeeper) error {
	if err := conn.Hello(); err != nil {
		return err
	}
	err := conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, systemdName))
	if err != nil {
		return err
	}
	var owner string
	if err := conn.BusObject().CallWithContext(ctx, busName+".GetNameOwner", 0, systemdName).Store(&owner); err != nil {
		return err
	}
	g.admit(owner, conn)
	return nil
}

// knock calls until it is answered. A manager that reads a first call together with the end of the greeting lets it lie
// until it has something else to read.
func knock(ctx context.Context, conn *dbus.Conn) error {
	for pause := firstKnock; ; pause *= 2 {
		once, cancel := context.WithTimeout(ctx, pause)
		err := conn.Object(systemdName, systemdPath).CallWithContext(once, busName+".Peer.Ping", 0).Err
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return err
		}
	}
}

// nobody is the owner of a name that is not known yet; no peer has this name.
const nobody = "-"

// A gatekeeper lets only the signals of systemd itself pass: on a bus anybody can send any signal to anybody.
type gatekeeper struct {
	next dbus.SignalHandler

	mu    sync.Mutex
	owner string // the unique name of systemd on this bus
	conn  *dbus.Conn
}

func (g *gatekeeper) admit(owner string, conn *dbus.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.owner, g.conn = owner, conn
}

// DeliverSignal is called for each signal. When systemd appears anew on the bus it knows nothing of our subscriptions,
// so that ends the connection.
func (g *gatekeeper) DeliverSignal(iface, member string, s *dbus.Signal) {
	g.mu.Lock()
	owner, conn := g.owner, g.conn
	g.mu.Unlock()
	switch {
	case s.Sender == owner:
		g.next.DeliverSignal(iface, member, s)
	case s.Sender == busName && member == "NameOwnerChanged" && conn != nil:
		_ = conn.Close()
	}
}

// hasty is a connection whose peer must take what is written, and must not say much before it is known.
type hasty struct {
	net.Conn
	in    *bufio.Reader
	left  int // bytes that may still be read until it is known
	known atomic.Bool
}

func (h *hasty) Read(p []byte) (int, error) {
	n, err := h.in.Read(p)
	if !h.known.Load() {
		if h.left -= n; h.left < 0 {
			return 0, errors.New("it does not greet as systemd does")
		}
	}
	return n, err
}

func (h *hasty) Write(p []byte) (int, error) {
	if err := h.SetWriteDeadline(time.Now().Add(busWriteLimit)); err != nil {
		return 0, err
	}
	n, err := h.Conn.Write(p)
	if err != nil {
		_ = h.Close() // half a message cannot be taken back
	}
	return n, err
}
