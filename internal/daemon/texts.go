package daemon

import (
	"context"
	"fmt"

	"orderly/internal/client"
	"orderly/internal/model"
)

// Monit answers api.View: what Monit's command line shows.
func (d *instance) Monit(ctx context.Context, q client.MonitQuery) (string, error) {
	services, err := d.Snapshots(ctx)
	if err != nil {
		return "", err
	}
	_ = services
	return "", fmt.Errorf("cannot tell %q: there are status, summary and report", q.What)
}

// Snapshots tells of all services, in file order.
func (d *instance) Snapshots(ctx context.Context) ([]model.Snapshot, error) {
	services, _, err := d.engine.Snapshots(ctx, nil)
	return services, err
}
