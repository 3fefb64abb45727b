package cli

import (
	"context"
	"fmt"
	"slices"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/model"
)

// startupAlerts runs the alerts that the options name, once each, as for a monitor that is up. It fails when one of them
// does, unless that may be.
func (p *program) startupAlerts(ctx context.Context, o minitorOptions) error {
	r := config.Read(o.reading())
	if r.Diagnostics.HasErrors() {
		if err := p.printDiagnostics(r.Diagnostics); err != nil {
			return err
		}
		return errNo
	}
	for _, name := range o.alerts {
		routes := routesTo(r, name)
		if len(routes) == 0 {
			return &exit{exitNo, fmt.Sprintf("cannot run the alert %q at the start: it is not defined", name), ""}
		}
		for _, route := range routes {
			if err := p.startupAlert(ctx, r.Config, route); err != nil && o.fatal {
				return &exit{exitNo, fmt.Sprintf("the alert %q failed at the start: %v", name, err), "-startup-alerts-fatal=false starts all the same"}
			} else if err != nil {
				complain(p.stderr, fmt.Sprintf("the alert %q failed at the start: %v", name, err), "")
			}
		}
	}
	return nil
}

func (p *program) startupAlert(ctx context.Context, c *model.Config, r model.Route) error {
	now := p.now()
	_, err := alert.Send(ctx, p.means(), c, r, model.Event{
		At: now, Host: c.Settings.Host, Service: "First Run Alert Test: " + r.Address, Kind: model.EventRecovered,
		Topic: model.TopicStatus, Text: "this is a test", Failure: &model.Failure{Since: now, LastOK: now},
	})
	return err
}

// routesTo are the ways that an alert goes, each once.
func routesTo(r *config.Reading, name string) (out []model.Route) {
	all := slices.Clone(r.Idle)
	for _, s := range r.Config.Services {
		all = append(all, s.Routes...)
	}
	seen := map[string]bool{}
	for _, route := range all {
		if key := route.Channel + " " + route.Params.Get("url"); route.Address == name && !seen[key] {
			seen[key] = true
			out = append(out, route)
		}
	}
	return out
}
