package control

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	busName        = "org.freedesktop.DBus"
	systemdName    = "org.freedesktop.systemd1"
	systemdPath    = "/org/freedesktop/systemd1"
	systemdManager = systemdName + ".Manager"

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

// A bus is how one systemd is talked with. It connects when it is needed, and again when the connection was lost.
type bus struct {
	doors []door // in the order in which they are tried
	dial  func(ctx context.Context, path string) (net.Conn, error)
	turn  chan struct{} // holds one token: who takes it may connect

	mu   sync.Mutex
	line *line // nil: not connected
}

// A line is a connection to systemd.
type line struct {
	*dbus.Conn
	jobs *jobs
}

func newBus(doors ...door) *bus {
	b := &bus{doors: doors, dial: dialUnix, turn: make(chan struct{}, 1)}
	b.turn <- struct{}{}
	return b
}

func dialUnix(ctx context.Context, path string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, "unix", path)
}

// get returns the connection for calls, a new one if necessary.
func (b *bus) get(ctx context.Context) (*line, error) {
	select {
	case <-b.turn:
		defer func() { b.turn <- struct{}{} }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l := b.current(); l != nil {
		return l, nil
	}
	l := &line{jobs: newJobs()}
	var err error
	if l.Conn, err = b.connect(ctx, l.jobs); err != nil {
		return nil, err
	}
	// Before any job is queued, so that the end of none is missed.
	if err := l.listen(ctx, dbus.WithMatchObjectPath(systemdPath), dbus.WithMatchInterface(systemdManager), dbus.WithMatchMember("JobRemoved")); err != nil {
		_ = l.Close()
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.line = l
	return l, nil
}

func (b *bus) current() *line {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.line != nil && !b.line.Connected() {
		b.line = nil
	}
	return b.line
}

// close hangs up. Calls under way fail.
func (b *bus) close() {
	if l := b.current(); l != nil {
		_ = l.Close()
	}
}

// connect makes a connection through the first door that opens. What systemd signals goes to a handler, in its order.
func (b *bus) connect(ctx context.Context, signals dbus.SignalHandler) (*dbus.Conn, error) {
	var errs []error
	for _, d := range b.doors {
		conn, err := b.enter(ctx, d, signals)
		if err == nil {
			return conn, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, list(errs)
}

// enter tries one door, for a while.
func (b *bus) enter(ctx context.Context, d door, signals dbus.SignalHandler) (*dbus.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, greetPatience)
	defer cancel()
	wire, err := b.dial(ctx, d.path)
	if err != nil {
		return nil, err
	}
	conn, err := greet(ctx, wire, d, signals)
	switch {
	case err == nil:
		return conn, nil
	case ctx.Err() != nil:
		err = ctx.Err()
	}
	return nil, fmt.Errorf("systemd does not answer at %s: %w", d.path, err)
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

// listen asks the bus for signals of systemd. The manager's own socket sends them without being asked.
func (l *line) listen(ctx context.Context, match ...dbus.MatchOption) error {
	if len(l.Names()) == 0 || l.Names()[0] == "" {
		return nil
	}
	return l.AddMatchSignalContext(ctx, append(match, dbus.WithMatchSender(systemdName))...)
}

// call calls a method of an object of systemd and stores what it returns.
func (l *line) call(ctx context.Context, path dbus.ObjectPath, method string, args []any, results ...any) error {
	call := l.Object(systemdName, path).CallWithContext(ctx, method, 0, args...)
	if call.Err != nil {
		return call.Err
	}
	return call.Store(results...)
}

// manager calls a method of the manager.
func (l *line) manager(ctx context.Context, method string, args []any, results ...any) error {
	return l.call(ctx, systemdPath, systemdManager+"."+method, args, results...)
}

// properties are what systemd tells of a unit.
type properties map[string]dbus.Variant

func (l *line) properties(ctx context.Context, path dbus.ObjectPath, iface string) (properties, error) {
	p := properties{}
	err := l.call(ctx, path, busName+".Properties.GetAll", []any{iface}, (*map[string]dbus.Variant)(&p))
	return p, err
}

func (p properties) text(name string) string {
	s, _ := p[name].Value().(string)
	return s
}

// number returns an integer property of any width, 0 if there is none.
func (p properties) number(name string) int64 {
	switch n := p[name].Value().(type) {
	case uint32:
		return int64(n)
	case int32:
		return int64(n)
	case uint64:
		return int64(n)
	}
	return 0
}

func (p properties) bytes(name string) []byte {
	b, _ := p[name].Value().([]byte)
	return b
}

// errBusLost is the end of a connection on which something was awaited.
var errBusLost = errors.New("the connection to systemd was lost")

// jobs hands the results of jobs to those who wait for them. systemd may tell a result before the answer that names the
// job has reached who asked for it, so while anybody waits for such an answer the results of all jobs are kept.
type jobs struct {
	mu      sync.Mutex
	asking  int // how many wait for the answer that names their job
	early   map[dbus.ObjectPath]string
	waiting map[dbus.ObjectPath]chan<- string
}

func newJobs() *jobs {
	return &jobs{early: map[dbus.ObjectPath]string{}, waiting: map[dbus.ObjectPath]chan<- string{}}
}

// DeliverSignal is called for each signal, in their order.
func (j *jobs) DeliverSignal(_, member string, s *dbus.Signal) {
	var id uint32
	var path dbus.ObjectPath
	var unit, result string
	if member != "JobRemoved" || dbus.Store(s.Body, &id, &path, &unit, &result) != nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if ch := j.waiting[path]; ch != nil {
		delete(j.waiting, path)
		ch <- result
	} else if j.asking > 0 {
		j.early[path] = result
	}
}

// queue has a job queued and returns where its result will be told, and a function to be called when nobody waits for
// that any more.
func (j *jobs) queue(ask func(path *dbus.ObjectPath) error) (<-chan string, func(), error) {
	j.mu.Lock()
	j.asking++
	j.mu.Unlock()
	var path dbus.ObjectPath
	err := ask(&path)
	j.mu.Lock()
	defer j.mu.Unlock()
	result := make(chan string, 1)
	if err == nil {
		if text, known := j.early[path]; known {
			result <- text
		} else {
			j.waiting[path] = result
		}
	}
	if j.asking--; j.asking == 0 {
		clear(j.early)
	}
	return result, func() { j.forget(path) }, err
}

func (j *jobs) forget(path dbus.ObjectPath) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.waiting, path)
}
