package daemon

import (
	"context"
	"errors"
	"time"

	"orderly/internal/engine"
	"orderly/internal/model"
	"orderly/internal/ping"
)

// metaAlive is the key of when orderly was last at work.
const metaAlive = "alive"

// aliveAt is when an earlier run was last at work; zero: never.
func (d *instance) aliveAt() time.Time {
	at, err := time.Parse(time.RFC3339Nano, d.store.Meta(metaAlive))
	if err != nil {
		return time.Time{}
	}
	return at
}

func (d *instance) markAlive(at time.Time) {
	d.store.SetMeta(metaAlive, at.UTC().Format(time.RFC3339Nano))
}

// An ear hears jobs that ping us.
type ear struct{ engine *engine.Engine }

// Hear answers ping.Hearer.
func (e ear) Hear(ctx context.Context, name string, sig model.Signal) error {
	err := e.engine.Hear(ctx, name, sig)
	switch unknown := (*engine.UnknownError)(nil); {
	case errors.As(err, &unknown):
		return ping.ErrUnknown
	case errors.Is(err, engine.ErrNoStatus):
		return ping.ErrUseless
	}
	return err
}

// newPings makes what hears jobs over HTTP, and what gives our own sign of life.
func (d *instance) newPings() {
	d.pings = ping.New(ear{d.engine}, d.log)
	d.sender = ping.NewSender(ping.SenderOptions{
		Progress: d.engine.Ping, Agent: "orderly/" + d.Version, Log: d.log,
		Report: func(text string) {
			ev := model.Event{Kind: model.EventInternal, At: time.Now(), Host: d.current.Load().Settings.Host, Topic: model.TopicInstance, Text: text}
			d.journal().Append(ev)
		},
	})
}

// hearJobs hears those of a configuration from now on, which the engine must know already.
func (d *instance) hearJobs(c *model.Config) {
	d.pings.Configure(c)
	d.sender.Configure(c.Settings.Outgoing)
	p := c.Settings.Pings
	d.openPings(p)
	if d.pings.Hears() && d.doors.web.at == "" && (p == nil || p.Listen == "") {
		d.log.Warn("jobs cannot ping: the read-only web interface, where they would, is not open",
			"next", "give them an address of their own: pings: {listen: 127.0.0.1:2813}")
	}
}

// openPings opens the door for jobs, and tries again what cannot be opened yet until there is another configuration.
func (d *instance) openPings(p *model.Pings) {
	err := d.pings.Open(d.doors.ctx, p)
	if err == nil {
		return
	}
	d.log.Warn("jobs are not heard", "err", err)
	d.doors.open.Go(func() {
		for d.doors.pause(retryAfter) {
			if d.retryPings(p) {
				return
			}
		}
	})
}

// retryPings tells whether there is nothing left to try.
func (d *instance) retryPings(p *model.Pings) bool {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	if d.current.Load().Settings.Pings != p || d.doors.ctx.Err() != nil {
		return true
	}
	if d.pings.Open(d.doors.ctx, p) != nil {
		return false
	}
	d.log.Info("jobs are heard now")
	return true
}
