package access

import (
	"maps"
	"math/rand/v2"
	"net/netip"
	"time"
)

// How often somebody may be wrong before there is a pause, which doubles with each time.
const (
	freeBySource = 5
	freeByName   = 10
	longestPause = 15 * time.Minute
	sharedPause  = 30 * time.Second // at most, for a name or this host: a stranger must not keep others out
	forgiving    = 15 * time.Minute // without a wrong login, and all is forgotten
	maxTracks    = 4096             // of sources, and as many of names
)

// When so many are wrong at all within a time, the journal says so, once in that time.
const (
	manyWrong = 20
	manyTime  = 10 * time.Minute
)

// A throttle counts wrong logins by where they come from and by the name that they are for.
type throttle struct {
	sources map[netip.Prefix]track
	names   map[string]track
	recent  []time.Time // of the last wrong logins, manyWrong at most
	warned  time.Time
}

// A track is what is known of one source or one name.
type track struct {
	wrong int
	last  time.Time
	until time.Time // before that nothing is looked at
}

func newThrottle() throttle {
	return throttle{sources: map[netip.Prefix]track{}, names: map[string]track{}}
}

// pause tells how long somebody must wait; the name counts unless its owner is known to come from there.
func (t *throttle) pause(from netip.Prefix, name string, owner bool, now time.Time) time.Duration {
	wait := t.sources[from].until.Sub(now)
	if !owner {
		wait = max(wait, t.names[name].until.Sub(now))
	}
	return max(0, wait)
}

// count notes a wrong login.
func (t *throttle) count(from netip.Prefix, name string, now time.Time) {
	longest := longestPause
	if !from.IsValid() || from.Addr().IsLoopback() {
		longest = sharedPause
	}
	add(t.sources, from, freeBySource, longest, now)
	if name != "" {
		add(t.names, name, freeByName, sharedPause, now)
	}
}

// discount takes one back that was not wrong after all.
func (t *throttle) discount(from netip.Prefix, name string) {
	remove(t.sources, from)
	remove(t.names, name)
}

// many tells whether a wrong login, one more, makes so many that the journal should know.
func (t *throttle) many(now time.Time) bool {
	t.recent = append(t.recent, now)
	if len(t.recent) > manyWrong {
		t.recent = t.recent[1:]
	}
	if len(t.recent) < manyWrong || now.Sub(t.recent[0]) > manyTime || now.Sub(t.warned) < manyTime {
		return false
	}
	t.warned = now
	return true
}

func add[K comparable](tracks map[K]track, key K, free int, longest time.Duration, now time.Time) {
	was, known := tracks[key]
	if now.Sub(was.last) > forgiving {
		was = track{}
	}
	if !known && len(tracks) >= maxTracks {
		makeRoom(tracks, now)
	}
	was.wrong, was.last = was.wrong+1, now
	if over := was.wrong - free; over > 0 {
		was.until = now.Add(min(longest, time.Second<<min(over, 20)))
	}
	tracks[key] = was
}

func remove[K comparable](tracks map[K]track, key K) {
	was, known := tracks[key]
	if was.wrong--; known && was.wrong > 0 {
		was.until = time.Time{}
		tracks[key] = was
		return
	}
	delete(tracks, key)
}

// makeRoom forgets what is forgiven, and if that is too little, half of all by chance: whoever comes from everywhere at
// once cannot choose which.
func makeRoom[K comparable](tracks map[K]track, now time.Time) {
	maps.DeleteFunc(tracks, func(_ K, it track) bool { return now.Sub(it.last) > forgiving })
	if len(tracks) > maxTracks/2 {
		maps.DeleteFunc(tracks, func(K, track) bool { return rand.IntN(2) == 0 })
	}
}
