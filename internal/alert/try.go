package alert

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"orderly/internal/model"
)

// triedAtOnce bounds how many destinations are tried at a time.
const triedAtOnce = 16

// Tried tells what came of a test message to one recipient. There are no secrets in it.
type Tried struct {
	Channel string
	Address string
	Reply   string // what the other side said: "250 2.0.0 queued as 4711", "200 OK: ok"
	Err     error  // why it did not arrive
}

// Try sends a test message to everybody whom a configuration names, those told instead of others included: by one
// channel, to those of one address or, with "", to all. It returns what
// came of it in the order of the configuration: nothing where nobody is named. The messages say that they come from host;
// "" stands for the name in the configuration. It needs no daemon and leaves no trace. Each destination is tried on
// its own, with the deadlines of its channel.
func Try(ctx context.Context, m Means, c *model.Config, channel, host string) []Tried {
	p := newPlan(c, channels)
	var tried []*trial
	byOutlet := map[string][]*trial{}
	seen := map[string]bool{}
	for r := range everyone(c) {
		name := p.name(r)
		key := name + " " + strings.ToLower(r.Address)
		if channel != "" && r.Channel != channel && !strings.EqualFold(r.Address, channel) || seen[key] {
			continue
		}
		seen[key] = true
		t := &trial{route: r, Tried: Tried{Channel: r.Channel, Address: r.Address}}
		tried = append(tried, t)
		byOutlet[name] = append(byOutlet[name], t)
		if _, known := p.channels[r.Channel]; known && p.outlets[name] == nil {
			p.outlets[name] = p.newOutlet(name, r)
		}
	}
	ev := model.Event{
		At: time.Now(), Host: cmp.Or(host, c.Settings.Host), Kind: model.EventInternal, Topic: model.TopicInstance,
	}
	slots := make(chan struct{}, triedAtOnce)
	var work sync.WaitGroup
	for name, all := range byOutlet {
		work.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			p.try(ctx, m, p.outlets[name], all, ev)
		})
	}
	work.Wait()
	out := make([]Tried, len(tried))
	for i, t := range tried {
		out[i] = t.Tried
	}
	return out
}

// everyone yields the routes of everything, each followed by those that stand in for it.
func everyone(c *model.Config) func(yield func(model.Route) bool) {
	return func(yield func(model.Route) bool) {
		for r := range allRoutes(c) {
			for _, each := range append([]model.Route{r}, r.Fallback...) {
				if !yield(each) {
					return
				}
			}
		}
	}
}

// A trial is a test message on its way.
type trial struct {
	Tried
	route model.Route
}

// try sends what goes to one outlet; nil stands for that of a channel that does not exist.
func (p *plan) try(ctx context.Context, m Means, o *outlet, all []*trial, ev model.Event) {
	if o == nil {
		for _, t := range all {
			t.Err = fmt.Errorf("cannot tell anybody by %q: there is no such channel", t.Channel)
		}
		return
	}
	s := o.ways.open(m)
	defer s.rest()
	for _, t := range all {
		ev.Text = "this is a test: alerts by " + t.Channel + " arrive here"
		t.Reply, t.Err = s.send(ctx, p.config, parcel{t.route, []model.Event{ev}, ev.At})
	}
}
