package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"github.com/godbus/dbus/v5"
)

const (
	busName        = "org.freedesktop.DBus"
	systemdName    = "org.freedesktop.systemd1"
	systemdPath    = "/org/freedesktop/systemd1"
	systemdManager = systemdName + ".Manager"
)

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

// talk has something asked over the bus. It is asked anew if meanwhile the connection was lost, which one learns only by using it:
// what we ask for is no other thing when it happens twice. Where there is no bus at all, otherwise is called.
func (b *bus) talk(ctx context.Context, ask func(l *line) error, otherwise func(noBus error) error) error {
	for anew := false; ; anew = true {
		l, err := b.get(ctx)
		if err != nil {
			return otherwise(err)
		}
		var broken *net.OpError
		err = ask(l)
		if err == nil || anew || ctx.Err() != nil || l.Connected() && !errors.As(err, &broken) {
			return err
		}
		_ = l.Close()
	}
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
