package story

import (
	"time"

	"orderly/internal/model"
)

// aftermath is for how long after its end what happens belongs to a trouble: what fails again within that time was not mended.
const aftermath = 5 * time.Minute

// A trouble is a time in which something was wrong with a service.
type trouble struct {
	events       []model.Event // oldest first; none: there was none
	began, ended time.Time     // ended is zero while it goes on
}

// A fault is one thing that is wrong.
type fault struct {
	rule  string
	topic model.Topic
}

// A search goes through the events of a service.
type search struct {
	rules map[string]bool // that there are now; faults of others end unheard
	open  map[fault]bool
	begin int       // of the newest trouble; -1: none so far
	over  time.Time // when it ended; zero: it goes on
}

// find is the present trouble of a service, or the last one.
func find(s model.ServiceStatus, events []model.Event) trouble {
	f := search{rules: map[string]bool{}, open: map[fault]bool{}, begin: -1}
	for _, r := range s.Rules {
		f.rules[r.Text] = true
	}
	for i, ev := range events {
		f.take(i, ev)
	}
	if f.begin < 0 {
		return trouble{}
	}
	t := trouble{events: events[f.begin:], began: events[f.begin].At, ended: f.over}
	if since := events[f.begin].Failure; since != nil && !since.Since.IsZero() {
		t.began = since.Since
	}
	if t.ended.IsZero() && !s.Ails() {
		t.ended = events[len(events)-1].At // the rest was never told: what failed is not watched any more
	}
	if !t.ended.IsZero() {
		for i, ev := range t.events {
			if ev.At.Sub(t.ended) > aftermath {
				t.events = t.events[:i]
				break
			}
		}
	}
	return t
}

// take goes one event further.
func (f *search) take(i int, ev model.Event) {
	about := fault{ev.Rule, ev.Topic}
	switch {
	case ev.Kind == model.EventFailed, ev.Kind == model.EventActionFailed && ev.Rule == "":
		f.start(i, ev)
		f.open[about] = true
		f.over = time.Time{}
	case ev.Kind == model.EventStillFailing && f.begin < 0: // it began before what is known
		f.start(i, ev)
		f.open[about] = true
	case ev.Kind == model.EventChanged && len(f.open) == 0:
		if f.start(i, ev); f.begin == i {
			f.over = ev.At
		}
	case ev.Kind == model.EventRecovered:
		if f.begin < 0 {
			f.begin = i // likewise
		}
		delete(f.open, about)
		f.settle(ev)
	case ev.Kind == model.EventUnmonitored:
		clear(f.open)
		f.settle(ev)
	}
}

// start begins another trouble, unless one goes on or has just ended.
func (f *search) start(i int, ev model.Event) {
	for about := range f.open {
		if about.rule == "" || f.rules[about.rule] {
			return
		}
	}
	if f.begin >= 0 && !f.over.IsZero() && ev.At.Sub(f.over) <= aftermath {
		return
	}
	clear(f.open)
	f.begin = i
}

// settle ends the trouble when nothing is wrong any more.
func (f *search) settle(ev model.Event) {
	if len(f.open) == 0 && f.begin >= 0 && f.over.IsZero() {
		f.over = ev.At
	}
}
