package host

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// longest is how long a call may take even when the caller has more time.
const longest = 30 * time.Second

// A patience waits for system calls that may never return, as they do on the mounts of a dead file server.
// Such calls cannot be cancelled. They are left behind, one at most, and the next is made when that one has returned.
type patience struct {
	mu    sync.Mutex
	since time.Time // begin of the call that has not returned; zero: there is none
}

// await makes a call that concerns a subject and returns its answer, or an error at the deadline of ctx.
// What the call touches belongs to it until it returns, which may be long after await did.
func await[T any](ctx context.Context, p *patience, subject string, call func() (T, error)) (T, error) {
	var none T
	type answer struct {
		value T
		err   error
	}
	begin := time.Now()
	if since, busy := p.begin(begin); busy {
		return none, noAnswer(subject, begin.Sub(since))
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	answers := make(chan answer, 1)
	go func() {
		value, err := call()
		p.end()
		answers <- answer{value, err}
	}()
	select {
	case a := <-answers:
		return a.value, a.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) {
			return none, fmt.Errorf("cannot wait for %s: %w", subject, ctx.Err())
		}
		return none, noAnswer(subject, time.Since(begin))
	}
}

func (p *patience) begin(now time.Time) (since time.Time, busy bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.since.IsZero() {
		return p.since, true
	}
	p.since = now
	return now, false
}

func (p *patience) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since = time.Time{}
}

func noAnswer(subject string, after time.Duration) error {
	unit := time.Second
	if after < unit {
		unit = time.Millisecond
	}
	return fmt.Errorf("no answer from %s for %s", subject, after.Round(unit))
}
