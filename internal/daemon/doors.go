package daemon

import (
	"context"
	"fmt"
	"net"
	"sync"

	"orderly/internal/api"
	"orderly/internal/model"
)

// doors are where clients come in. They are shut before anything that answers them is stopped.
type doors struct {
	ctx  context.Context // ends when they shut
	open sync.WaitGroup
	web  context.CancelFunc // shuts the read-only one; nil while it is not open
}

func (d *doors) wait() { d.open.Wait() }

// openControl answers on the control socket. That it breaks is what the channel tells of.
func (d *instance) openControl(socket net.Listener) <-chan error {
	broken := make(chan error, 1)
	server := api.New(d, d, d.Version, d.log)
	d.doors.open.Go(func() {
		if err := server.Serve(d.doors.ctx, socket); err != nil {
			broken <- fmt.Errorf("cannot answer on %s: %w", d.Socket, err)
		}
	})
	return broken
}

// openWeb answers on the read-only address, unless it is off, or taken, or the configuration has a web interface of its own.
func (d *instance) openWeb(c *model.Config) {
	wanted := d.Listen != "off" && d.Listen != "" && c.Settings.HTTPD == nil
	switch {
	case wanted == (d.doors.web != nil):
		return
	case !wanted:
		d.doors.web()
		d.doors.web = nil
		return
	}
	ctx, shut := context.WithCancel(d.doors.ctx)
	web, err := api.ListenWeb(ctx, d.Listen)
	if err != nil {
		shut()
		d.log.Warn("no web interface", "err", err)
		return
	}
	d.doors.web = shut
	server := api.New(d, nil, d.Version, d.log)
	d.doors.open.Go(func() {
		if err := server.ServeReadOnly(ctx, web); err != nil {
			d.log.Error("the web interface has stopped", "err", err)
		}
	})
}
