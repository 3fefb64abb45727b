// Package alert decides who hears of an event and delivers it.
//
// Each destination, be it a mail server or one hook of a chat, has a queue that follows the journal with a durable cursor
// of its own, so that messages leave beside the checks, in order, at least once, go on after a crash where they were,
// and wait for no other destination. How a message travels is the business of one file per channel (mail.go, slack.go);
// who gets one is route.go's, what it says message.go's, line.go's and text.go's, what is one destination outlet.go's, what
// leaves in one message parcel.go's, what comes of sending it attempt.go's and broken.go's, who is told instead
// fallback.go's, who is not to be disturbed quiet.go's, what is on record of all that told.go's, what it means when nobody
// is let in revoked.go's, where hosts were when names are not resolved phonebook.go's.
//
// Entry point: [New], then [Alert.Configure] and [Alert.Run]. [Try] sends a message for a test and needs no daemon.
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
	Means
	Journal Journal
	Report  func(model.Event) // takes the events that alerts themselves cause: "cannot deliver ..."

	// Attempted is told how each attempt to deliver an event has ended, and must not block; nil: nobody wants to know.
	Attempted func(r model.Route, ev model.Event, err error)

	// Noted is told how far it came with telling each recipient of each event, the latest counts, and must not block; nil:
	// nobody wants to know.
	Noted func(model.Told)

	Memory Memory // nil: what is known of hosts and of who was reached is forgotten with the process

	// Kept waits until what the journal was told to be done with is on disk: a daemon that is killed then repeats at
	// most the message that was leaving. nil: it is not waited for.
	Kept func(ctx context.Context) error
}

// A Memory keeps texts under names from one run to the next.
type Memory interface {
	Meta(key string) string // "" if there is none
	SetMeta(key, value string)
}

// Means are what channels need of the rest of the program.
type Means struct {
	Log *slog.Logger

	// Run runs a program within its timeout, with these variables beside its usual environment. An error tells how it
	// failed and the end of what it wrote. nil: programs cannot be run.
	Run func(ctx context.Context, p *model.Program, env []string) error
}

// A sender carries the messages of one destination. One goroutine uses it.
type sender interface {
	// send delivers one message and returns what the other side said to it, or why not: [errHopeless] and [errLater]
	// concern this message alone, any other error the destination as a whole. Secrets are in neither.
	send(ctx context.Context, c *model.Config, p parcel) (reply string, err error)
	// rest lets go of what is kept from one message to the next.
	rest()
}

// A channel is a way to tell people.
type channel struct {
	open func(Means) sender

	// check tells what is wrong with a route, before anything is sent; nil: nothing can be.
	check func(model.Route) error

	// fits is how many of the events of a parcel go into one message, at least one; nil: each is a message of its own.
	fits func(c *model.Config, p parcel) int

	gather time.Duration // for which further events wait after a message, to leave together; a route may say otherwise
	tries  int           // after so many attempts a message is given up; 0: after a day

	// where are the parameters that tell two destinations of one address from each other. The others say how.
	where []string

	// hosts are those that a route leads to; nil: none is known.
	hosts func(c *model.Config, r model.Route) []string

	// outlet names what serves many addresses, as a mail server does; nil: each address is on its own.
	outlet func(model.Route) string
}

// channels are the ways out, by the name that routes use.
var channels = map[string]channel{}

// An Alert delivers the events of one journal. Make it with [New].
type Alert struct {
	Options
	channels map[string]channel
	start    uint64 // the present as of New, where the first run on a journal begins

	configuring sync.Mutex // Configure is not done by two at once
	plan        atomic.Pointer[plan]
	changed     chan struct{} // capacity 1: there is a new plan
	moved       chan struct{} // likewise, for who looks up hosts

	running map[string]*handle // by name of the outlet; Run's own
	ailing  ailments
	record  record
	waiting atomic.Int64
}

// New prepares alerts about what happens from now on and what earlier runs left undelivered.
func New(o Options) *Alert {
	a := &Alert{
		Options: o, channels: channels, start: o.Journal.Last(),
		changed: make(chan struct{}, 1), moved: make(chan struct{}, 1), running: map[string]*handle{},
	}
	a.record.recall(o.Memory)
	return a
}

// Configure replaces the routes and the ways out. What waits for another attempt is tried again at once. A destination
// that was not there before hears of what happens from now on.
func (a *Alert) Configure(c *model.Config) {
	a.configuring.Lock()
	defer a.configuring.Unlock()
	present := a.start
	if a.plan.Load() != nil {
		present = a.Journal.Last()
	}
	p := newPlan(c, a.channels)
	for _, name := range p.unknown {
		a.Log.Warn("nobody is told by a channel that does not exist", "channel", name)
	}
	p.join(a.Journal, present)
	a.plan.Store(p)
	for _, c := range []chan struct{}{a.changed, a.moved} {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Run delivers until ctx ends, and then, for a few seconds, what happened before that. It begins when there is a
// configuration, and always returns nil.
func (a *Alert) Run(ctx context.Context) error {
	var lookups sync.WaitGroup
	lookups.Go(func() { a.lookUp(ctx) })
	defer lookups.Wait()
	defer func() {
		for _, h := range a.running {
			<-h.ended
		}
	}()
	for ctx.Err() == nil {
		select {
		case <-a.changed:
			a.relink(ctx)
		case <-ctx.Done():
		}
	}
	select {
	case <-a.changed: // whoever was configured at the last moment hears of what happened until then
		a.relink(ctx)
	default:
	}
	return nil
}

// A handle is what Run holds of a running queue.
type handle struct {
	queue *queue
	stop  context.CancelFunc // lets it go without waiting for anything
	ended chan struct{}
}

// relink stops the queues of destinations that are gone and starts those of new ones.
func (a *Alert) relink(ctx context.Context) {
	wanted := a.plan.Load().outlets
	var gone []*handle
	for name, h := range a.running {
		if wanted[name] == nil {
			h.stop()
			gone = append(gone, h)
			delete(a.running, name)
		}
	}
	for _, h := range gone { // one of them may go on under another name
		<-h.ended
	}
	for name, o := range wanted {
		if h := a.running[name]; h != nil {
			h.queue.nudge()
			continue
		}
		own, stop := context.WithCancel(context.WithoutCancel(ctx))
		h := &handle{newQueue(a, o), stop, make(chan struct{})}
		a.running[name] = h
		go func() {
			defer close(h.ended)
			defer stop()
			h.queue.run(ctx, own)
		}()
	}
}
