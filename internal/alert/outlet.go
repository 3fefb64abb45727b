package alert

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"orderly/internal/model"
)

// An outlet is one destination, with a queue of its own. Its name is that of its cursors.
type outlet struct {
	name    string
	channel string
	address string // "" where it serves many
	ways    channel
	former  []string // names under which it may have been known before
	since   string   // the one of them under which it was known until now; ""
	alone   bool     // nobody else goes on under that name
}

// A plan is what one configuration says of who is told and how. It never changes once it was joined.
type plan struct {
	config   *model.Config
	channels map[string]channel
	routes   []model.Route // that may lead somewhere, in file order
	outlets  map[string]*outlet
	shared   map[string]bool // plain names that several destinations have
	unknown  []string        // channels that do not exist
}

func newPlan(c *model.Config, known map[string]channel) *plan {
	p := &plan{config: c, channels: known, outlets: map[string]*outlet{}, shared: map[string]bool{}}
	for r := range allRoutes(c) {
		if _, ok := known[r.Channel]; ok {
			p.routes = append(p.routes, r)
		} else if !slices.Contains(p.unknown, r.Channel) {
			p.unknown = append(p.unknown, r.Channel)
		}
	}
	digests := map[string]string{}
	for _, r := range p.routes {
		plain, digest := p.plainName(r), digestOf(p.channels[r.Channel], r)
		if first, seen := digests[plain]; seen && first != digest {
			p.shared[plain] = true
		}
		digests[plain] = digest
	}
	for _, r := range p.routes {
		if name := p.name(r); p.outlets[name] == nil {
			p.outlets[name] = p.newOutlet(name, r)
		}
	}
	return p
}

// newOutlet makes the outlet of a route. It changes its name when its address begins or ceases to do for several; and
// before there were outlets, all of a channel went one way.
func (p *plan) newOutlet(name string, r model.Route) *outlet {
	ch, plain := p.channels[r.Channel], p.plainName(r)
	o := &outlet{name: name, channel: r.Channel, ways: ch, former: []string{plain, plain + "#" + digestOf(ch, r), r.Channel}}
	if ch.outlet == nil {
		o.address = r.Address
	}
	return o
}

// allRoutes yields the routes of everything, those of services that mute something not.
func allRoutes(c *model.Config) func(yield func(model.Route) bool) {
	return func(yield func(model.Route) bool) {
		lists := [][]model.Route{c.Routes}
		for _, s := range c.Services {
			lists = append(lists, s.Routes)
			for i := range s.Rules {
				lists = append(lists, s.Rules[i].Routes)
			}
		}
		for _, list := range lists {
			for _, r := range list {
				if !r.Mute && !yield(r) {
					return
				}
			}
		}
	}
}

// name is the name of the outlet of a route. Where its address alone would do for several, it tells where to as well.
func (p *plan) name(r model.Route) string {
	plain := p.plainName(r)
	if p.shared[plain] {
		return plain + "#" + digestOf(p.channels[r.Channel], r)
	}
	return plain
}

func (p *plan) plainName(r model.Route) string {
	if of := p.channels[r.Channel].outlet; of != nil {
		return of(r)
	}
	return strings.TrimSpace(r.Channel + " " + strings.ToLower(r.Address))
}

// digestOf stands for the parameters that say where a route leads to. They may be secret.
func digestOf(ch channel, r model.Route) string {
	hash := sha256.New()
	for _, name := range ch.where {
		fmt.Fprintf(hash, "%q ", r.Params.Get(name))
	}
	return hex.EncodeToString(hash.Sum(nil)[:4])
}

// renew brings the route of a message that waits at an outlet up to date. It is not ok when the recipient is now
// served elsewhere; whom no route names any more is still served.
func (p *plan) renew(name string, r model.Route) (renewed model.Route, ok bool) {
	elsewhere := false
	for _, now := range p.routes {
		if now.Channel != r.Channel || !strings.EqualFold(now.Address, r.Address) {
			continue
		}
		if p.name(now) == name {
			r.Server, r.Params, r.Program, r.Text = now.Server, now.Params, now.Program, now.Text
			r.Private = now.Private
			r.Fallback, r.FallbackAfter = now.Fallback, now.FallbackAfter
			r.Quiet, r.QuietBut = now.Quiet, now.QuietBut
			return r, true
		}
		elsewhere = true
	}
	return r, !elsewhere
}

// generation counts configurations. A destination that was in the last one goes on where it was; one that was not is new,
// even if it had been there long ago.
const generation = "alert/generation"

// join finds the place of each outlet in the journal, and notes it as part of this configuration.
func (p *plan) join(j Journal, present uint64) {
	last := j.Cursor(generation)
	known := func(name string) bool {
		return j.Cursor(name+"/began") > 0 && j.Cursor(name+"/generation") == last
	}
	for _, o := range p.outlets {
		if known(o.name) {
			continue
		}
		from := present
		if i := slices.IndexFunc(o.former, known); i >= 0 {
			o.since = o.former[i]
			o.alone = p.outlets[o.since] == nil
			from = place(j, o.since)
		}
		j.Done(o.name+"/began", from+1, sentKept)
	}
	for name := range p.outlets {
		j.Done(name+"/generation", last+1, sentKept)
	}
	j.Done(generation, last+1, sentKept)
}

// place is the number of the last event that a destination needs no more. Where it joined is kept apart, because its
// cursor is not moved while its very first event waits.
func place(j Journal, name string) uint64 {
	return max(j.Cursor(name), max(j.Cursor(name+"/began"), 1)-1)
}
