package alert

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"orderly/internal/model"
)

// works notes that the outlet takes messages.
func (q *queue) works() {
	if !q.broke.IsZero() {
		if q.revoked {
			q.rounds++
		}
		q.log.Info("messages leave again", "given_up", q.given)
		q.ailing.forget(q.name)
	}
	q.broke, q.revoked, q.told, q.spared, q.given, q.due = time.Time{}, false, false, false, 0, time.Time{}
}

// visibleAfter is how long an outlet may take no messages before the journal says so.
const visibleAfter = time.Minute

// broken notes that the outlet does not take messages, and gives up those that have waited for too long.
// It says each once until the outlet works again.
func (q *queue) broken(err error) {
	now := time.Now()
	if q.broke.IsZero() {
		q.broke = now
		q.log.Warn("messages cannot leave; they wait", "err", err)
	}
	wait := pauseOf(now.Sub(q.broke))
	if b := (busy{}); errors.As(err, &b) {
		wait = max(wait, min(b.after, longestBusy))
	}
	q.due = now.Add(wait)
	q.revoked = errors.Is(err, errRevoked)
	q.ailing.note(q.name, model.Ailment{Channel: q.channel, Address: q.address, Since: q.broke, Waiting: len(q.waiting), Error: err.Error()})
	q.holdUp(err)
	if !q.told && (q.revoked || now.Sub(q.broke) >= visibleAfter) && len(q.waiting) > 0 {
		q.told = true
		q.tell(q.waiting[0], "messages by "+q.what()+" cannot leave; they wait", err)
	}
	q.waiting = slices.DeleteFunc(q.waiting, func(d delivery) bool {
		if !d.expired(now) {
			return false
		}
		if q.given++; q.given == 1 {
			q.tell(d, "gave up delivering "+q.what()+" that is older than a day", err)
		}
		return true
	})
}

// tell reports an event that nobody is alerted of, lest the report of a failure fails in its turn.
func (q *queue) tell(d delivery, text string, err error) {
	q.log.Error(text, "service", d.event.Service, "err", err)
	q.report(model.Event{
		At: time.Now(), Host: d.event.Host, Service: d.event.Service, Kind: model.EventInternal, Topic: model.TopicInstance,
		Text: fmt.Sprintf("%s: %v", text, err), Evidence: d.event.Text, Silent: true,
	})
}
