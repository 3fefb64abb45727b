// Package alert decides who hears of an event and delivers it.
//
// Each channel has a queue that follows the journal with a durable cursor of its own, so that messages leave beside
// the checks, in order, at least once, and go on after a crash where they were. How a message travels is the
// business of one file per channel (mail.go); who gets one is route.go's, what it says message.go's.
// Entry point: [New], then [Alert.Configure] and [Alert.Run].
package alert

import (
	"context"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"orderly/internal/model"
)

// A Journal is the numbered list of events that alerts follow.
type Journal interface {
	// Follow yields the events after from, then waits for new ones until ctx ends.
	Follow(ctx context.Context, from uint64) iter.Seq[model.Event]
	// Cursor is the number last given to Done under a name, 0 if there is none.
	Cursor(name string) uint64
	// Done notes that nothing up to seq is needed any more under a name, durably within the given time.
	Done(name string, seq uint64, within time.Duration)
	// Last is the number of the newest event.
	Last() uint64
}

// Options are what alerts need of the rest of the program.
type Options struct {
	Journal Journal
	Log     *slog.Logger
	Report  func(model.Event) // takes the events that alerts themselves cause: "cannot deliver ..."
}

// A sender carries the messages of one channel. One goroutine uses it.
type sender interface {
	// send delivers one message or returns why not: [errHopeless] and [errLater] concern this message alone, any other
	// error the channel as a whole.
	send(ctx context.Context, c *model.Config, r model.Route, ev model.Event) error
	// rest lets go of what is kept from one message to the next.
	rest()
}

// channels are the ways out, by the name that routes use.
var channels = map[string]func() sender{}

// An Alert delivers the events of one journal. Make it with [New].
type Alert struct {
	config     atomic.Pointer[model.Config]
	configured chan struct{} // closed by the first Configure
	first      sync.Once
	queues     []*queue
}

// New prepares alerts about what happens from now on and what earlier runs left undelivered.
func New(o Options) *Alert {
	a := &Alert{configured: make(chan struct{})}
	for name, open := range channels {
		a.queues = append(a.queues, newQueue(name, open(), o, a.config.Load))
	}
	return a
}

// Configure replaces the routes and the ways out. What waits for another attempt is tried again at once.
func (a *Alert) Configure(c *model.Config) {
	a.config.Store(c)
	a.first.Do(func() { close(a.configured) })
	for _, q := range a.queues {
		q.nudge()
	}
}

// Run delivers until ctx ends, and then, for a few seconds, what happened before that. It begins when there is a
// configuration, and always returns nil.
func (a *Alert) Run(ctx context.Context) error {
	select {
	case <-a.configured:
	case <-ctx.Done():
		return nil
	}
	var work sync.WaitGroup
	for _, q := range a.queues {
		work.Go(func() { q.run(ctx) })
	}
	work.Wait()
	return nil
}
