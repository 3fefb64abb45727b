package host

import (
	"sync"
	"time"
)

// What no rule needs is read for people, who look now and then.
const (
	attention = 2 * time.Minute  // how long somebody who looked may look again
	courtesy  = 10 * time.Second // how old it may be meanwhile
	idle      = time.Minute      // how old it may be when nobody looks
)

// unasked is of how many subjects it is read in a second when nobody looks: some 50 µs each are not to be felt.
const unasked = 500

func (m *machine) attend(now time.Time) { m.audience.Store(now.UnixNano()) }

// pace is how long what is only shown is good for.
func (m *machine) pace(now time.Time) time.Duration {
	passed := now.Sub(time.Unix(0, m.audience.Load()))
	if passed < attention {
		return courtesy
	}
	return idle
}

// A shown keeps time for what is only shown of a subject. The first two visits read it, because a rate takes two.
type shown struct {
	last  time.Time
	count int8 // readings, until they are more than settling
}

// settling is how many readings it takes until everything can be shown.
const settling = 2

// due tells whether it is time to read, and takes it that this is done.
func (s *shown) due(v visit) bool {
	pace := v.pace
	if s.count < settling {
		pace = settle
	}
	if passed := v.now.Sub(s.last); s.count > 0 && passed >= 0 && passed < pace {
		return false
	}
	if v.pace == idle && !v.h.spare.take(v.now) {
		return false
	}
	s.last, s.count = v.now, min(s.count+1, settling+1)
	return true
}

// An allowance limits what is done in a second.
type allowance struct {
	mu    sync.Mutex
	since time.Time // begin of the second
	taken int
}

// take tells whether there was something left, and takes it.
func (a *allowance) take(now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if passed := now.Sub(a.since); passed >= time.Second || passed < 0 {
		a.since, a.taken = now, 0
	}
	a.taken++
	return a.taken <= unasked
}

// tableAge is how old a process table may be for what is only shown. Of a new process it has to be new too.
func (s *shown) tableAge(v visit) time.Duration {
	if s.count <= settling {
		return time.Second / 2
	}
	return v.pace
}
