package httpd

import (
	"net"
	"sync"
	"time"
)

const (
	maxVisitors = 256             // connections of one door at a time
	patience    = 5 * time.Second // how long an answer may keep others out when the door is crowded
)

// A visitor is one connection.
type visitor struct {
	net.Conn
	crowd *crowd
	door  *door

	// Guarded by the crowd's mutex.
	since   time.Time // when it came, or when its last request was complete
	serving bool      // a request is being answered
}

// Close leaves the crowd.
func (v *visitor) Close() error {
	v.crowd.leave(v)
	return v.Conn.Close()
}

// begin marks the visitor as busy with a request. It says no when the door is being closed.
func (v *visitor) begin(now time.Time) bool {
	c := v.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return false
	}
	c.serving++
	v.serving, v.since = true, now
	return true
}

// end marks the visitor as done with its request.
func (v *visitor) end(now time.Time) {
	c := v.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	c.serving--
	v.serving, v.since = false, now
	if c.closed && c.serving == 0 {
		close(c.quiet)
	}
}

// A crowd is the visitors of one door. Who says nothing, or takes too long, makes room for others when there are many.
type crowd struct {
	mu       sync.Mutex // guards all below
	visitors map[*visitor]struct{}
	serving  int // requests being answered
	closed   bool
	quiet    chan struct{} // closed when no request is being answered any more; nil until then
}

// drain lets no request begin any more, and waits for the end of those being answered.
func (c *crowd) drain() {
	c.mu.Lock()
	c.closed, c.quiet = true, make(chan struct{})
	if c.serving == 0 {
		close(c.quiet)
	}
	c.mu.Unlock()
	<-c.quiet
}

// enter adds a visitor. When the crowd is full it takes the place of the one who waits longest without asking anything,
// or else of the one whose answer takes too long; who that is must be closed. Without any there is no room.
func (c *crowd) enter(v *visitor, now time.Time) (replaced *visitor, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.visitors == nil {
		c.visitors = map[*visitor]struct{}{}
	}
	if len(c.visitors) >= maxVisitors {
		if replaced = c.idlest(now); replaced == nil {
			return nil, false
		}
		delete(c.visitors, replaced)
	}
	v.since = now
	c.visitors[v] = struct{}{}
	return replaced, true
}

func (c *crowd) idlest(now time.Time) (found *visitor) {
	for v := range c.visitors {
		switch {
		case v.serving && now.Sub(v.since) < patience:
		case found == nil, found.serving && !v.serving, found.serving == v.serving && v.since.Before(found.since):
			found = v
		}
	}
	return found
}

func (c *crowd) leave(v *visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.visitors, v)
}
