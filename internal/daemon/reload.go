package daemon

import (
	"context"
	"fmt"

	"orderly/internal/client"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// Reload reads the configuration again and returns when it is live. With errors nothing changes: the reply
// holds the findings, and the old configuration goes on.
func (d *instance) Reload(ctx context.Context) (client.ReloadReply, error) {
	d.reloading.Lock()
	defer d.reloading.Unlock()
	c, diags := d.load()
	if diags.HasErrors() {
		st, err := d.engine.Status(ctx, nil)
		if err != nil {
			return client.ReloadReply{}, err
		}
		errors, _ := diags.Count()
		d.log.Error("the configuration has errors: the old one goes on", "errors", errors, "gen", st.Generation)
		return client.Refuse(st.Generation, diags), nil
	}
	applied, err := d.engine.Apply(ctx, c)
	if err != nil {
		return client.ReloadReply{}, err
	}
	d.settle(c)
	d.hearJobs(c)
	for _, w := range diags {
		if w.Severity == diag.Warning {
			applied.Warnings = append(applied.Warnings, w.String())
		}
	}
	text := fmt.Sprintf("the configuration was reloaded: %s added, %d changed, %d removed, %d unchanged",
		counted(len(applied.Added), "service"), len(applied.Changed), len(applied.Removed), applied.Unchanged)
	d.tell(model.EventReloaded, c, text)
	return client.ReloadReply{Applied: applied}, d.store.Flush(ctx)
}
