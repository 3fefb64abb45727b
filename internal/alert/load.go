package alert

import "sync/atomic"

// A load is what one queue adds to the number of deliveries that wait for their time, or for their turn.
type load struct {
	all  *atomic.Int64
	mine int
}

// set says how many there are now.
func (l *load) set(n int) {
	l.all.Add(int64(n - l.mine))
	l.mine = n
}

// Waiting is how many deliveries wait to leave, those of quiet hours included. Events of the journal that no queue has
// taken yet are not among them. Any goroutine may ask.
func (a *Alert) Waiting() int { return int(a.waiting.Load()) }
