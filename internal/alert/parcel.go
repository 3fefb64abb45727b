package alert

import (
	"slices"
	"strconv"
	"time"

	"orderly/internal/model"
)

// A parcel is what one recipient gets in one message.
type parcel struct {
	route  model.Route
	events []model.Event // in order, at least one; several only where the channel gathers them
	now    time.Time     // of sending
}

// identity is the same for every attempt to send the same events, and for no others: what was told a second time together with
// what had happened since is not what was told before.
func (p parcel) identity(host string) string {
	first, last := p.events[0], p.events[len(p.events)-1]
	id := identity(host, first)
	if last.Seq > first.Seq {
		id += "-" + strconv.FormatUint(last.Seq, 10)
	}
	return id
}

// delayed is for how long the message has waited: nothing below what people would call late.
func (p parcel) delayed() time.Duration {
	if late := p.now.Sub(quietUntil(p.route, p.events[0], p.events[0].At)); late > lateness && len(p.events) == 1 {
		return late
	}
	return 0
}

// lateness is how long a message may take without a word about it.
const lateness = time.Minute

// gatherFor is for how long what follows a message to people waits for company: whoever was just told that a host is
// in trouble learns of the rest in one piece.
const gatherFor = 30 * time.Second

// A storm is more messages to a recipient in a span than are read. From then on he gets a digest now and then.
const (
	stormCount  = 10
	stormSpan   = 5 * time.Minute
	digestEvery = 5 * time.Minute
)

// pace says when a recipient may get his next message.
type pace struct {
	sent  []time.Time // messages within the last span
	storm bool
	free  time.Time // for the next
}

// spacing is how a route wants messages spaced: how long events gather, and after how many messages a storm begins; 0: never.
type spacing struct {
	gather time.Duration
	storm  int
}

// note counts a message about so many events. Nothing is spaced where nothing gathers.
func (p *pace) note(s spacing, events int, now time.Time) {
	if s.gather <= 0 {
		return
	}
	p.sent = slices.DeleteFunc(p.sent, func(at time.Time) bool { return now.Sub(at) >= stormSpan })
	p.sent = append(p.sent, now)
	if over := len(p.sent) - s.storm; s.storm > 0 && over > 0 {
		p.storm = true
		p.sent = slices.Delete(p.sent, 0, over) // more of them say no more
	} else if events <= max(s.storm, 1) {
		p.storm = false
	}
	p.free = now.Add(s.gather)
	if p.storm {
		p.free = now.Add(max(s.gather, digestEvery))
	}
}

// spacingOf is what a route and its channel want.
func spacingOf(ch channel, r model.Route) spacing {
	s := spacing{ch.gather, stormCount}
	if given, ok := r.Params.Find("group"); ok {
		s.gather, _ = time.ParseDuration(given.Value) // config says what is wrong with it
	}
	if given, ok := r.Params.Find("storm"); ok {
		s.storm, _ = strconv.Atoi(given.Value)
	}
	return s
}

// A chain is what can be told in one breath: how one rule of a service began to fail, went on and recovered.
type chain struct {
	first, last model.Event
}

// chains puts events together. Each belongs to one chain; the chains are in the order of their first events.
func chains(events []model.Event) []chain {
	var out []chain
	open := map[[2]string]int{}
	for _, ev := range events {
		key := [2]string{ev.Service, ev.Rule}
		at, failing := open[key]
		switch ev.Kind {
		case model.EventFailed, model.EventStillFailing, model.EventRecovered:
		default:
			out = append(out, chain{ev, ev})
			continue
		}
		if failing {
			out[at].last = ev
		} else {
			out = append(out, chain{ev, ev})
			open[key] = len(out) - 1
		}
		if ev.Kind == model.EventRecovered {
			delete(open, key)
		}
	}
	return out
}

// healed tells whether it failed and recovered within the chain.
func (c chain) healed() bool {
	return c.first.Kind != model.EventRecovered && c.last.Kind == model.EventRecovered
}

// state names what became of the chain, in a word or two.
func (c chain) state() string {
	switch {
	case c.healed():
		return "failed and recovered"
	case c.last.Kind == model.EventStillFailing:
		return "still failing"
	case c.last.Kind == model.EventFailed, c.last.Kind == model.EventRecovered, c.last.Kind == model.EventChanged:
		return string(c.last.Kind)
	}
	return "more"
}
