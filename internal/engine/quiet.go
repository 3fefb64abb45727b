package engine

import "context"

// Quiet returns when nothing is done any more: no plan runs or waits, and no program of a rule runs.
func (e *Engine) Quiet(ctx context.Context) error {
	quiet := make(chan struct{})
	if err := e.ask(ctx, func() {
		e.quiet = append(e.quiet, quiet)
		e.tellQuiet()
	}); err != nil {
		return err
	}
	select {
	case <-quiet:
		return nil
	case <-e.stopped:
		return ErrStopped
	case <-ctx.Done():
		return ctx.Err()
	}
}

// acts counts actions under way.
func (e *Engine) acts(change int) {
	e.acting += change
	e.tellQuiet()
}

func (e *Engine) tellQuiet() {
	if e.acting > 0 || len(e.plans) > 0 {
		return
	}
	for _, q := range e.quiet {
		close(q)
	}
	e.quiet = nil
}
