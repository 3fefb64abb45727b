package alert

import (
	"errors"
	"fmt"
)

// A hook that was revoked, or never was one, lets nobody in. So does a gatekeeper that finds fault with a message. One that is
// the first of those that wait would hold up all others for a day in the second case, and giving it up would lose
// everything in the first. So another one is sent for a trial: when that is taken, it was the message.

// another is the delivery to attempt in place of the one at i: itself, unless it was not let in and others were not tried.
func (q *queue) another(i int) int {
	if !q.revoked || q.waiting[i].refused == 0 {
		return i
	}
	for j := range q.waiting {
		if q.waiting[j].refused == 0 {
			return j
		}
	}
	return i
}

// blame tells whose fault it is that a message was not let in: its own, if others were let in since it was the first time.
func (q *queue) blame(at []int, err error) error {
	if !errors.Is(err, errRevoked) {
		return err
	}
	if d := &q.waiting[at[0]]; d.refused > 0 && d.refused <= q.rounds {
		return fmt.Errorf("%w: %w", errHopeless, err)
	}
	for _, i := range at {
		q.waiting[i].refused = q.rounds + 1
	}
	return err
}
