package daemon

import (
	"context"
	"fmt"
	"log/slog"

	"orderly/internal/model"
)

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
