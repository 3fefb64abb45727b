// Package collector tells collectors, which are servers in the role of M/Monit, how all services are and what happened.
//
// Each collector has a link: a goroutine that posts a status at regular times and follows the journal with a durable
// cursor of its own. The journal is the queue: whatever happens while a collector is down is posted in order once it
// is up again, and neither a collector that hangs nor one that is gone delays the checks or the other collectors.
// Entry point: [New], then [Agent.Configure] and [Agent.Run].
package collector

import (
	"context"
	"iter"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"orderly/internal/model"
	"orderly/internal/monit"
)

// A Journal is the numbered list of events that collectors are told of.
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

// A Backend knows what every post tells of.
type Backend interface {
	Instance() monit.Instance
	// Snapshots tells of all services, in file order. It may fail once the daemon stops.
	Snapshots(ctx context.Context) ([]model.Snapshot, error)
}

// Options are what the agent needs of the rest of the program.
type Options struct {
	Journal Journal
	Backend Backend
	Log     *slog.Logger
}

// An Agent posts to collectors. Make it with [New].
type Agent struct {
	Options
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	start   uint64        // the present as of New, where the first run on a journal begins
	changed chan struct{} // capacity 1: there is a new configuration

	mu     sync.Mutex
	wanted []setting
	known  []model.Snapshot // at the last post; the very last ones tell of them when the services are gone already
}

// A setting is what a link is to do.
type setting struct {
	model.Collector
	beat time.Duration // between two posts of the status
}

// maxBeat is the longest time between two posts of the status, however seldom services are checked.
const maxBeat = 17 * time.Second

// patience is how long the services may take to tell how they are.
const patience = 5 * time.Second

// New prepares an agent that tells of what happens from now on, and of what earlier runs did not get rid of.
func New(o Options) *Agent {
	return &Agent{
		Options: o, dial: (&net.Dialer{}).DialContext, start: o.Journal.Last(), changed: make(chan struct{}, 1),
	}
}

// Configure replaces the collectors, of which there may be none; poll is the time between two checks. Collectors that
// stay are asked anew what they understand, and told the status at once.
func (a *Agent) Configure(collectors []model.Collector, poll time.Duration) {
	if poll <= 0 || poll > maxBeat {
		poll = maxBeat
	}
	wanted := make([]setting, len(collectors))
	for i, c := range collectors {
		wanted[i] = setting{c, poll}
	}
	a.mu.Lock()
	a.wanted = wanted
	a.mu.Unlock()
	select {
	case a.changed <- struct{}{}:
	default:
	}
}

// Run posts until ctx ends, and then, for a few seconds, what happened before that. It begins when there is a
// configuration, and always returns nil.
func (a *Agent) Run(ctx context.Context) error {
	running := map[string]*handle{}
	defer func() {
		for _, h := range running {
			<-h.ended
		}
	}()
	for first := true; ; first = false {
		select {
		case <-a.changed:
			start := a.start
			if !first { // collectors that join later begin with their present
				start = a.Journal.Last()
			}
			a.relink(ctx, running, start)
		case <-ctx.Done():
			return nil
		}
	}
}

// A handle is how Run holds a link.
type handle struct {
	link  *link
	stop  context.CancelFunc // lets it go without waiting for anything
	ended chan struct{}
}

// relink lets links go that are not wanted any more, gives the others their settings, and starts new ones, which
// begin after the event numbered start unless an earlier run has left them something.
func (a *Agent) relink(ctx context.Context, running map[string]*handle, start uint64) {
	wanted := a.settings()
	for name, h := range running {
		if _, stays := wanted[name]; !stays {
			h.stop()
			<-h.ended
			delete(running, name)
		}
	}
	for name, s := range wanted {
		if h := running[name]; h != nil {
			h.link.configure(s)
			continue
		}
		own, stop := context.WithCancel(context.WithoutCancel(ctx))
		h := &handle{newLink(a, name, start, s), stop, make(chan struct{})}
		running[name] = h
		go func() {
			defer close(h.ended)
			defer stop()
			h.link.run(ctx, own)
		}()
	}
}

// settings are what is wanted, by the names of the collectors: one of each.
func (a *Agent) settings() map[string]setting {
	a.mu.Lock()
	defer a.mu.Unlock()
	wanted := map[string]setting{}
	for _, s := range a.wanted {
		wanted[nameOf(&s.Collector)] = s
	}
	return wanted
}

// services are all services as they are now. When nobody knows any more, they are as they were last.
func (a *Agent) services(ctx context.Context) ([]model.Snapshot, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	services, err := a.Backend.Snapshots(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil && a.known != nil {
		return a.known, nil
	}
	a.known = services
	return services, err
}

// nameOf is the place of a collector, without anything that is secret. Its cursor goes by it.
func nameOf(c *model.Collector) string {
	return c.Scheme + "://" + net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) + c.Path
}

// shownAs is a collector in the log, as Monit writes it.
func shownAs(c *model.Collector) string {
	return c.Scheme + "://[" + c.Host + "]:" + strconv.Itoa(c.Port) + c.Path
}
