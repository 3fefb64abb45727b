package inspeqtor

import (
	"context"
	"log/slog"
	"net"
	"sync"
)

// maxVisitors is how many connections there may be through one door; others wait until one of them ends.
const maxVisitors = 16

// A door is a place where clients come in, or would if it could be opened.
type door struct {
	what  string // is the case while it cannot be opened
	open  func(ctx context.Context, at string) (net.Listener, error)
	serve func(net.Listener) (stop func()) // stop returns when nobody is inside any more

	wanted, at string // where it should be, and where it is; "": nowhere
	told       bool   // that it cannot be opened
	stop       func()
}

// move opens the door at a place, unless it is there already, and nowhere else.
func (d *door) move(ctx context.Context, to string, log *slog.Logger) {
	if d.wanted != to {
		d.shut()
		d.wanted, d.told = to, false
	}
	if !d.lacking() {
		return
	}
	l, err := d.open(ctx, to)
	if err != nil {
		if !d.told {
			log.Log(ctx, slog.LevelWarn, d.what, "err", err)
		}
		d.told = true
		return
	}
	d.at, d.told = to, false
	d.stop = d.serve(newBounded(l, maxVisitors))
}

// lacking tells whether the door should be open and is not.
func (d *door) lacking() bool { return d.wanted != d.at }

func (d *door) shut() {
	if d.stop != nil {
		d.stop()
	}
	d.at, d.wanted, d.stop = "", "", nil
}

// A bounded listener has so many connections at a time at most.
type bounded struct {
	net.Listener
	slots chan struct{}
	done  chan struct{}
	close func() error
}

func newBounded(l net.Listener, most int) *bounded {
	b := &bounded{Listener: l, slots: make(chan struct{}, most), done: make(chan struct{})}
	b.close = sync.OnceValue(func() error {
		close(b.done)
		return l.Close()
	})
	return b
}

// Accept waits until there is room, and somebody who comes in.
func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.slots <- struct{}{}:
	case <-b.done:
		return nil, net.ErrClosed
	}
	conn, err := b.Listener.Accept()
	if err != nil {
		<-b.slots
		return nil, err
	}
	return &visitor{conn, sync.OnceFunc(func() { <-b.slots })}, nil
}

// Close stops listening. Who is inside already may stay.
func (b *bounded) Close() error { return b.close() }

// A visitor makes room when it leaves.
type visitor struct {
	net.Conn
	leave func()
}

func (v *visitor) Close() error {
	defer v.leave()
	return v.Conn.Close()
}
