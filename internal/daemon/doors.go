package daemon

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"orderly/internal/api"
	"orderly/internal/model"
)

// doors are where clients come in. They are shut before anything that answers them is stopped.
type doors struct {
	ctx  context.Context // ends when they shut
	open sync.WaitGroup
	web  webDoor // of the dashboard and all else that a browser shows
	page webDoor // of the status page alone
}

// A webDoor is an address that people open in a browser.
type webDoor struct {
	at   string             // "" while it is not open
	shut context.CancelFunc // nil then
}

// closeDoors returns when nobody is inside any more. Answers under way may end, also when ctx has.
func (d *instance) closeDoors(ctx context.Context) {
	d.httpd.Close(context.WithoutCancel(ctx))
	d.pings.Close(ctx)
	d.doors.open.Wait()
}

// openControl answers on the control socket. That it breaks is what the channel tells of.
func (d *instance) openControl(socket net.Listener) <-chan error {
	broken := make(chan error, 1)
	server := api.New(d, d, d.engine, d.Version, d.log).WithWitness(d.alert).
		WithAccounts(d.front.guard).WithHistory(d.front.historian(d.store)).WithStories(d).WithPage(d.front.page)
	d.doors.open.Go(func() {
		if err := server.Serve(d.doors.ctx, socket); err != nil {
			broken <- fmt.Errorf("cannot answer on %s: %w", d.Socket, err)
		}
	})
	return broken
}

// retryAfter is how long a place that is taken, by a daemon that is still ending for example, is left alone.
const retryAfter = 5 * time.Second

// openHTTPD opens the web interface of the configuration, and tries again what cannot be opened yet until there is
// another configuration.
func (d *instance) openHTTPD(h *model.HTTPD) {
	err := d.httpd.Configure(d.doors.ctx, h)
	if err == nil {
		return
	}
	d.log.Warn("the web interface is not as configured", "err", err)
	d.doors.open.Go(func() {
		for d.doors.pause(retryAfter) {
			if d.retryHTTPD(h) {
				return
			}
		}
	})
}

// retryHTTPD tells whether there is nothing left to try.
func (d *instance) retryHTTPD(h *model.HTTPD) bool {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.current.Load().Settings.HTTPD != h {
		return true
	}
	if d.httpd.Configure(d.doors.ctx, h) != nil {
		return false
	}
	d.log.Info("the web interface is open now")
	return true
}

// pause waits, and tells whether the doors are still open then.
func (d *doors) pause(t time.Duration) bool {
	timer := time.NewTimer(t)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-d.ctx.Done():
		return false
	}
}
