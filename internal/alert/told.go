package alert

import (
	"strings"
	"time"

	"orderly/internal/model"
)

// errorKept bounds what is on record of an error, in bytes.
const errorKept = 400

// labelOf names a recipient in words that give nothing away.
func labelOf(r model.Route) string { return strings.TrimSpace(r.Channel + " " + r.Address) }

// onRecord notes how an attempt has ended to tell a recipient of some events in one message, in place of somebody or of
// nobody.
func (q *queue) onRecord(p parcel, instead string, err error) {
	for _, ev := range p.events {
		t := model.Told{Seq: ev.Seq, At: time.Now(), Channel: p.route.Channel, Address: p.route.Address, Instead: instead}
		if len(p.events) > 1 {
			t.Together = len(p.events)
		}
		if err != nil {
			t.Error = model.Printable(err.Error(), errorKept)
		}
		q.put(t)
	}
}

// onHold notes why a recipient has not been told yet: it is quiet for him, or his way does not work.
func (q *queue) onHold(d *delivery, until time.Time, err error) {
	t := model.Told{Seq: d.event.Seq, At: time.Now(), Channel: d.route.Channel, Address: d.route.Address, Quiet: until}
	if err != nil {
		t.Error = model.Printable(err.Error(), errorKept)
	}
	q.put(t)
}

// holdUp notes once of each delivery that it waits because the outlet does not work.
func (q *queue) holdUp(err error) {
	for i := range q.waiting {
		if d := &q.waiting[i]; !d.noted {
			d.noted = true
			q.onHold(d, time.Time{}, err)
		}
	}
}

func (q *queue) put(t model.Told) {
	if q.noted != nil {
		q.noted(t)
	}
}
