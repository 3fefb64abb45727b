package public

import (
	"net/netip"
	"sync"
	"time"
)

// How often visitors may have a message sent to an address that they name.
const (
	perSource   = 5 // subscriptions in a row from one place
	perEveryone = 60
	refill      = 2 * time.Minute // until one more is possible from one place
	refillAll   = 2 * time.Second
	remindAfter = time.Hour // between messages to one who has subscribed before
	maxSources  = 4096
)

// A gate keeps visitors from having others flooded. Its zero value lets in.
type gate struct {
	mu       sync.Mutex
	sources  map[netip.Prefix]bucket
	all      bucket
	reminded map[int64]time.Time
}

// A bucket is how much was asked for, and when that was so. What was asked for is forgotten little by little.
type bucket struct {
	used float64
	at   time.Time
}

func (b *bucket) take(now time.Time, most float64, every time.Duration) bool {
	b.used = max(0, b.used-float64(now.Sub(b.at))/float64(every))
	b.at = now
	if b.used+1 > most {
		return false
	}
	b.used++
	return true
}

// enter tells whether somebody may ask for one more message.
func (g *gate) enter(from netip.Addr, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sources == nil || len(g.sources) >= maxSources {
		g.sources = map[netip.Prefix]bucket{}
	}
	key := neighbourhood(from)
	b := g.sources[key]
	ok := b.take(now, perSource, refill) && g.all.take(now, perEveryone, refillAll)
	g.sources[key] = b
	return ok
}

// neighbourhood is what one visitor is taken to own of the addresses.
func neighbourhood(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, _ := a.Prefix(bits) // all without an address share the one that is not valid
	return p
}

// remind tells whether somebody who has subscribed before may get a message about that once more.
func (g *gate) remind(subscriber int64) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.reminded == nil || len(g.reminded) >= maxSources {
		g.reminded = map[int64]time.Time{}
	}
	if now.Sub(g.reminded[subscriber]) < remindAfter {
		return false
	}
	g.reminded[subscriber] = now
	return true
}
