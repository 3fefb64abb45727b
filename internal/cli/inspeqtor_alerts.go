package cli

import (
	"context"
	"fmt"
	"slices"

	"orderly/internal/alert"
	"orderly/internal/config"
	"orderly/internal/diag"
)

// tryAlerts sends a message through every route, those included that no check names. The answer is no unless somebody is
// reached and nobody is missed.
func (p *program) tryAlerts(ctx context.Context, o inspeqtorOptions) error {
	r := config.Read(o.reading())
	if err := p.printDiagnostics(r.Diagnostics); err != nil {
		return err
	}
	if r.Diagnostics.HasErrors() {
		return errNo
	}
	c := *r.Config
	c.Routes = slices.Concat(c.Routes, r.Idle)
	tried := alert.Try(ctx, p.means(), &c, "", "")
	failed := slices.ContainsFunc(r.Diagnostics, func(d diag.Diagnostic) bool { return d.Code == "inq/missing" })
	for _, t := range tried {
		failed = failed || t.Err != nil
		p.line(clean(cameOf(t)))
	}
	switch {
	case len(tried) == 0:
		return &exit{exitNo, "no route leads to anybody", ""}
	case failed:
		return errNo
	}
	return nil
}

// cameOf tells what came of a message.
func cameOf(t alert.Tried) string {
	text := fmt.Sprintf("%s to %s: ", t.Channel, t.Address)
	if t.Err != nil {
		return text + t.Err.Error()
	}
	return text + "sent (" + t.Reply + ")"
}
