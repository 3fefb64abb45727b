package control

import (
	"context"
	"fmt"
	"strings"

	"orderly/internal/child"
	"orderly/internal/model"
)

// Tell runs a program that tells somebody of something and waits until it has ended, at most for its timeout. Unlike
// with [Controller.Exec] its exit status decides; the end of what it wrote is in the error. It is ended when ctx ends.
func (c *Controller) Tell(ctx context.Context, p *model.Program, variables []string) error {
	spec, err := c.spec(ctx, p, variables)
	if err != nil {
		return fmt.Errorf("cannot run %s: %w", name(p), err)
	}
	spec.Timeout, spec.Keep, spec.Merge = p.Timeout, evidenceLimit, true
	res, err := child.Run(ctx, spec)
	switch {
	case err != nil:
		return err
	case res.TimedOut:
		return fmt.Errorf("%s was not done after %s and was ended%s", name(p), span(spec.Timeout), finalLine(res))
	case res.Status != 0 || res.Signaled:
		return fmt.Errorf("%s %s%s", name(p), ending(res), finalLine(res))
	}
	return nil
}

// finalLine is the last line that a program wrote, behind a colon; "" if it wrote none.
func finalLine(r child.Result) string {
	text := strings.TrimSpace(evidence(output(r)))
	if text == "" {
		return ""
	}
	return ": " + text[strings.LastIndexByte(text, '\n')+1:]
}
