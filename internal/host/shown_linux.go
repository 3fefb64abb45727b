package host

import "time"

// What no rule needs is read for people, who look now and then.
const (
	attention = 2 * time.Minute  // how long somebody who looked may look again
	courtesy  = 10 * time.Second // how old it may be meanwhile
	idle      = time.Minute      // how old it may be when nobody looks
)

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
	s.last, s.count = v.now, min(s.count+1, settling+1)
	return true
}

// tableAge is how old a process table may be for what is only shown. Of a new process it has to be new too.
func (s *shown) tableAge(v visit) time.Duration {
	if s.count <= settling {
		return time.Second / 2
	}
	return v.pace
}
