package httpd

import (
	"context"
	"fmt"
)

// A lookout looks at files, one at a time. On a dead file server that may never end: then its one goroutine is left
// behind, and nobody else has to wait longer than he wants to.
type lookout chan struct{}

func newLookout() lookout { return make(lookout, 1) }

// look runs f and waits for its end until ctx ends, also for its turn.
func (l lookout) look(ctx context.Context, f func()) error {
	select {
	case l <- struct{}{}:
		return l.begin(ctx, f)
	case <-ctx.Done():
		return fmt.Errorf("cannot read the file: it does not answer: %w", ctx.Err())
	}
}

// glance does the same unless somebody looks already.
func (l lookout) glance(ctx context.Context, f func()) {
	select {
	case l <- struct{}{}:
		_ = l.begin(ctx, f) // what was known before is good enough
	default:
	}
}

func (l lookout) begin(ctx context.Context, f func()) error {
	done := make(chan struct{})
	go func() {
		defer func() {
			<-l
			close(done)
		}()
		f()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("cannot read the file: it does not answer: %w", ctx.Err())
	}
}
