package alert

import (
	"errors"
	"time"

	"orderly/internal/model"
)

// delivery is one message to one recipient that has not arrived yet.
type delivery struct {
	route    model.Route
	event    model.Event
	failures int
	refused  int       // one more than the rounds before it was not let in; 0: it was not
	failing  time.Time // since when; zero: it was not refused so far
	due      time.Time // not before
	detour   time.Time // likewise, for those who are told instead
	quiet    time.Time // the recipient is not to be disturbed until then
	asked    time.Time // until then that is known
	loud     bool      // he is, all the same
	noted    bool      // it is on record that it waits
}

// giveUpAge is the age of an event that is not tried again.
const giveUpAge = 24 * time.Hour

func (d *delivery) expired(now time.Time) bool { return now.Sub(d.ripe()) >= giveUpAge }

// What a sender wraps to say how far an error reaches.
var (
	errHopeless = errors.New("refused for good") // this message will never be taken
	errLater    = errors.New("not taken now")    // this message, or this recipient, must wait
	errRevoked  = errors.New("not let in")       // nothing will be taken until people mend that
	errNoWay    = errors.New("the configuration names no way out")
)

// busy is the error of a destination that says when it wants to be asked again.
type busy struct {
	error
	after time.Duration
}

func (b busy) Unwrap() error { return b.error }

// backOff is the pause after each failure in a row of one message; the last one repeats.
var backOff = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, 30 * time.Minute}

func pause(failures int) time.Duration { return backOff[min(failures, len(backOff))-1] }

// lastTry is the age at which an event has had so many attempts, had they begun at once.
func lastTry(tries int) (age time.Duration) {
	for n := range tries - 1 {
		age += pause(n + 1)
	}
	return age
}

// How long an outlet that takes no messages at all is left alone: a tenth of the time for which it has been so already.
// After an outage of ten seconds messages leave within a second, after one of an hour within five minutes.
const (
	shortestPause = time.Second
	longestPause  = 5 * time.Minute
	longestBusy   = time.Hour // however long a destination wants to be left alone
)

func pauseOf(broken time.Duration) time.Duration {
	return min(max(broken/10, shortestPause), longestPause)
}
