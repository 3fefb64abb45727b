package daemon

import (
	"context"

	"orderly/internal/minitor"
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
