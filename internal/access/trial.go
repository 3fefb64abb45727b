package access

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"maps"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxHashing  = 2               // passwords that are compared at a time: each keeps a processor busy
	maxWaiting  = 32              // requests that wait for their turn
	turn        = 5 * time.Second // how long they wait
	remembering = 5 * time.Minute // how long the outcome of a comparison holds
	maxTrials   = 1024            // outcomes that are remembered
)

// Trials compare passwords. The same password for the same account is compared once in a while only, so that scripts
// that log in at each request cost nothing, and neither do those that are wrong the same way all the time.
type trials struct {
	key     [sha256.Size]byte // makes what is remembered useless to others
	hashing chan struct{}
	waiting atomic.Int32

	mu   sync.Mutex // guards what follows
	past map[[sha256.Size]byte]*trial
}

// A trial is one password that was tried.
type trial struct {
	done  chan struct{} // closed when what follows is known
	right bool
	err   error // why it was not compared
	until time.Time
}

func newTrials() *trials {
	t := &trials{hashing: make(chan struct{}, maxHashing), past: map[[sha256.Size]byte]*trial{}}
	_, _ = rand.Read(t.key[:]) // never fails
	return t
}

// A counter keeps count of passwords that are tried, but for those that are remembered.
type counter interface {
	// wait refuses whoever has to wait.
	wait() error
	// begin may refuse the trial. Until it ends, it counts as wrong.
	begin() error
	// end follows a begin that did not refuse.
	end(wrong bool)
}

// try compares a password with a hash.
func (t *trials) try(name, hash, password string, c counter) (bool, error) {
	id := t.id(name, hash, password)
	t.mu.Lock()
	known := t.past[id]
	if known == nil || !known.pending() && !time.Now().Before(known.until) {
		known = &trial{done: make(chan struct{})}
		t.forget(time.Now())
		t.past[id] = known
		t.mu.Unlock()
		t.run(id, known, hash, password, c)
		return known.right, known.err
	}
	t.mu.Unlock()
	<-known.done
	if err := c.wait(); err != nil { // who guesses must not learn either what somebody else has tried
		return false, err
	}
	return known.right, known.err
}

// run decides a trial that others may wait for. One that was not made is not remembered.
func (t *trials) run(id [sha256.Size]byte, it *trial, hash, password string, c counter) {
	defer close(it.done)
	if it.err = c.begin(); it.err == nil {
		it.err = t.compare(it, hash, password)
		c.end(it.err == nil && !it.right)
	}
	it.until = time.Now().Add(remembering)
	if it.err != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.past, id)
	}
}

// compare waits for its turn, for a while.
func (t *trials) compare(it *trial, hash, password string) error {
	defer t.waiting.Add(-1)
	if t.waiting.Add(1) > maxWaiting+maxHashing {
		return &ThrottledError{turn}
	}
	late := time.NewTimer(turn)
	defer late.Stop()
	select {
	case t.hashing <- struct{}{}:
		defer func() { <-t.hashing }()
	case <-late.C:
		return &ThrottledError{turn}
	}
	it.right = matches(hash, password)
	return nil
}

// forget makes room for more: first goes what no longer holds, then what was wrong, then all that is known.
func (t *trials) forget(now time.Time) {
	for _, dispensable := range []func(*trial) bool{
		func(it *trial) bool { return !now.Before(it.until) },
		func(it *trial) bool { return !it.right },
		func(*trial) bool { return true },
	} {
		if len(t.past) < maxTrials {
			return
		}
		maps.DeleteFunc(t.past, func(_ [sha256.Size]byte, it *trial) bool { return !it.pending() && dispensable(it) })
	}
}

func (it *trial) pending() bool {
	select {
	case <-it.done:
		return false
	default:
		return true
	}
}

// id stands for a password that is tried against a hash. A new hash makes all that is remembered of the old one void.
func (t *trials) id(name, hash, password string) [sha256.Size]byte {
	mac := hmac.New(sha256.New, t.key[:])
	for _, part := range []string{name, hash, password} {
		mac.Write([]byte{byte(len(part) >> 8), byte(len(part))})
		mac.Write([]byte(part))
	}
	return [sha256.Size]byte(mac.Sum(nil))
}
