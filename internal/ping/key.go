package ping

import (
	"crypto/sha256"
	"crypto/subtle"
	"time"

	"orderly/internal/model"
)

// A digest stands for a key: all digests are equally long, so that comparing them tells nothing.
type digest [sha256.Size]byte

func digestOf(key string) digest { return sha256.Sum256([]byte(key)) }

func (d *digest) is(o *digest) bool { return subtle.ConstantTimeCompare(d[:], o[:]) == 1 }

// A keyring has the keys of one configuration.
type keyring struct {
	master *digest // opens every heartbeat by its slug; nil: there is none
	keys   []key
	slugs  map[string]string // names of services by slug; "" where several have one
}

type key struct {
	digest
	name string
}

func newKeyring(c *model.Config) *keyring {
	ring := &keyring{slugs: map[string]string{}}
	if p := c.Settings.Pings; p != nil && p.Key != "" {
		d := digestOf(p.Key)
		ring.master = &d
	}
	for _, s := range c.Services {
		if s.Kind != model.KindHeartbeat {
			continue
		}
		if s.Heartbeat != nil && s.Heartbeat.Key != "" {
			ring.keys = append(ring.keys, key{digestOf(s.Heartbeat.Key), s.Name})
		}
		name := slug(s.Name)
		if _, taken := ring.slugs[name]; taken || name == "" {
			ring.slugs[name] = ""
			continue
		}
		ring.slugs[name] = s.Name
	}
	return ring
}

func (ring *keyring) any() bool { return ring.master != nil || len(ring.keys) > 0 }

// find returns the service that parts of a path are about, and what they say of it. It takes as long for a key that is
// wrong as for one that is right.
func (ring *keyring) find(parts []string) (name, word string, known bool) {
	parts = append(parts, "", "", "")[:3]
	given := digestOf(parts[0])
	for i := range ring.keys {
		if k := &ring.keys[i]; k.is(&given) {
			name = k.name
		}
	}
	if ring.master != nil && ring.master.is(&given) {
		name = ring.slugs[parts[1]]
		return name, parts[2], name != ""
	}
	return name, parts[1], name != "" && parts[2] == ""
}

// How often a job may be heard, and how often somebody may guess a key, in a second and at once.
const (
	jobRate, jobBurst     = 1.0, 60.0
	guessRate, guessBurst = 10.0, 100.0
)

// A bucket bounds a rate.
type bucket struct {
	left float64
	at   time.Time
}

// take tells whether there may be one more.
func (b *bucket) take(now time.Time, rate, burst float64) bool {
	b.left = min(burst, b.left+rate*max(0, now.Sub(b.at).Seconds()))
	b.at = now
	if b.left < 1 {
		return false
	}
	b.left--
	return true
}
