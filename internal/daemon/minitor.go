package daemon

import (
	"context"
	"fmt"
	"log/slog"

	"orderly/internal/minitor"
	"orderly/internal/model"
)

// newMinitor makes what counts checks and alerts in Minitor's terms. It listens where the options say; nowhere without.
func (d *instance) newMinitor() *minitor.Server {
	return minitor.New(minitor.Options{Backend: d, Waiting: func() int { return d.alert.Waiting() }, Address: d.Metrics, Log: d.log})
}

// serveMinitor tells what was counted, if somebody wants to know.
func (d *instance) serveMinitor(ctx context.Context) {
	if d.Metrics == "" {
		return
	}
	d.doors.open.Go(func() {
		if err := d.minitor.Run(ctx); err != nil {
			d.log.Error("the metrics are no longer served", "err", err)
		}
	})
}

// checked hears of each check.
func (d *instance) checked(c model.Checked) {
	d.minitor.Checked(c)
	d.metrics.Checked(c)
	d.front.history.Checked(c)
	d.front.page.book.Checked(c)
	if c.Service.Subject.AsShell {
		d.log.Log(context.Background(), slog.LevelDebug, fmt.Sprintf("%s success=%t, alert=%t", c.Service.Name, !c.Failed, c.Told))
	}
}

// attempted hears of each attempt at telling somebody.
func (d *instance) attempted(r model.Route, ev model.Event, err error) {
	d.metrics.Tried(r.Channel, err)
	if err != nil {
		d.minitor.Failed(r, ev)
		return
	}
	d.minitor.Sent(r, ev)
}
