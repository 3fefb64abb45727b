package inspeqtor

import (
	"context"
	"log/slog"
	"net"

	"golang.org/x/net/netutil"
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
	d.stop = d.serve(netutil.LimitListener(l, maxVisitors))
}

// lacking tells whether the door should be open and is not.
func (d *door) lacking() bool { return d.wanted != d.at }

func (d *door) shut() {
	if d.stop != nil {
		d.stop()
	}
	d.at, d.wanted, d.stop = "", "", nil
}
