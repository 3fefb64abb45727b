package daemon

import (
	"context"
	"errors"
	"fmt"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/monit"
)

// Monit answers api.View: what Monit's command line shows.
func (d *instance) Monit(ctx context.Context, q client.MonitQuery) (string, error) {
	services, err := d.Snapshots(ctx)
	if err != nil {
		return "", err
	}
	chosen, err := monit.Select(services, q.Services, q.Group)
	if unknown := (*monit.NotFoundError)(nil); errors.As(err, &unknown) && unknown.Group && q.What == "report" {
		err = nil // a group that nobody is in has nothing to count
	}
	if err != nil {
		return "", err
	}
	in := d.Instance()
	switch q.What {
	case "status":
		return monit.Status(in, chosen), nil
	case "summary":
		return monit.Summary(in, chosen, len(q.Services) == 0 && q.Group == ""), nil
	case "report":
		return monit.Report(chosen, q.Type)
	}
	return "", fmt.Errorf("cannot tell %q: there are status, summary and report", q.What)
}

// Snapshots tells of all services, in file order, to somebody who looks.
func (d *instance) Snapshots(ctx context.Context) ([]model.Snapshot, error) {
	d.host.Look(time.Now())
	services, _, err := d.engine.Snapshots(ctx, nil)
	return services, err
}

// Revision changes whenever more than a measurement does.
func (d *instance) Revision() uint64 { return d.engine.Revision() }
