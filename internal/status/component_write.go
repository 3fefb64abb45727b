package status

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"
)

// How says what goes with a change of a component's health.
type How struct {
	Silent bool      // subscribers do not hear of it
	Until  time.Time // what is said counts until then; zero: without an end
}

// SaveComponent changes a component, or adds one if id is 0; edit gets a copy. A health that edit sets is what its author
// says of the component, as long as nothing else outweighs it (d.7): the component that is returned says what came of it.
// Saying what its checks say takes back what was said before. What edit does to the fields that follow from others
// (Source, Since, Checks, Reported, Said, Key and times) does not count.
func (b *Book) SaveComponent(ctx context.Context, by Actor, id int64, how How, edit func(*Component)) (*Component, error) {
	return save(ctx, b, func(d *draft) error {
		old := d.view.Component(id)
		if id != 0 && old == nil {
			return ErrNotFound
		}
		c := &Component{Enabled: true, Health: Unknown, Created: d.now}
		if old != nil {
			*c = *old
		}
		edit(c)
		if err := d.checkComponent(by, old, c); err != nil {
			return err
		}
		if old == nil {
			c.ID = d.number(kindComponent)
		}
		id = c.ID
		d.fixComponent(by, old, c, how)
		d.record(by, kindComponent, id, c.Name, old, d.view.Component(id))
		return nil
	}, func(v *View) *Component { return v.Component(id) })
}

// save is how most writes go: a change, then what the view has of it.
func save[R row](ctx context.Context, b *Book, change func(*draft) error, get func(*View) R) (R, error) {
	var out R
	err := b.write(ctx, change, func(v *View) { out = get(v) })
	return out, err
}

func (d *draft) checkComponent(by Actor, old, c *Component) error {
	if old == nil {
		if d.check(by, reachManage) != nil {
			return ErrForbidden
		}
	} else {
		need := reachUpdate
		if !alike(old, c) {
			need = reachManage
		}
		if err := d.check(by, need, old.ID); err != nil {
			return err
		}
		if moved := c.Group != old.Group; moved && by.Only != nil {
			return ErrForbidden // into a group that it may touch, or out of it
		}
	}
	var bad faults
	bad.text("name", c.Name, 1, maxTitle)
	bad.text("description", c.Description, 0, maxText)
	bad.link(c.Link)
	bad.object("meta", c.Meta)
	bad.when(!c.Health.Valid(), "The status must be one of the states of a component.")
	bad.when(len(c.Tags) > maxTags, "There are too many tags.")
	return bad.err()
}

// alike tells whether two states of a component differ in nothing but what its author says of its health.
func alike(a, b *Component) bool {
	x, y := *a, *b
	x.Health, y.Health = 0, 0
	return reflect.DeepEqual(x, y)
}

// fixComponent puts a changed component in place, with what follows from others as it was.
func (d *draft) fixComponent(by Actor, old, c *Component, how How) {
	said, fixed := c.Health, &Component{ID: c.ID, Base: c.Health, Created: d.now, Since: d.now}
	if old != nil {
		fixed = old
	}
	c.ID, c.Created, c.Updated, c.Tags = fixed.ID, fixed.Created, d.now, cleanTags(c.Tags)
	c.Source, c.Since, c.Key, c.Checks, c.Reported = fixed.Source, fixed.Since, fixed.Key, fixed.Checks, fixed.Reported
	c.Waits, c.Base, c.Said, c.Ignored, c.Gone = fixed.Waits, fixed.Base, fixed.Said, fixed.Ignored, fixed.Gone
	if old != nil {
		c.Health = old.Health
	}
	d.setComponent(c)
	if old != nil && (said != old.Health || how.Until.After(d.now)) {
		d.say(by, c.ID, said, how)
	}
}

// say notes what somebody says of a component's health.
func (d *draft) say(by Actor, id int64, h Health, how How) {
	old := d.view.Component(id)
	c := *old
	switch {
	case c.Reported == 0 && how.Until.IsZero():
		c.Said, c.Base = nil, h
	case c.Reported == h:
		c.Said = nil
	default:
		c.Said = &Said{Health: h, By: by.Name, Script: by.Script, Over: c.Reported, At: d.now, Until: how.Until}
	}
	c.Updated = d.now
	d.settleHealth(&c)
	d.setComponent(&c)
	if c.Health != old.Health && !how.Silent {
		d.tellHealth(&c, old.Health)
	}
}

// DeleteComponent removes a component for good and closes its incidents (P-328). A component of a service comes back at
// the next reload, as a new one.
func (b *Book) DeleteComponent(ctx context.Context, by Actor, id int64) error {
	return b.write(ctx, func(d *draft) error {
		c := d.view.Component(id)
		if c == nil {
			return ErrNotFound
		}
		if err := d.check(by, reachManage, id); err != nil {
			return err
		}
		for _, i := range d.view.IncidentsOf(id) {
			d.leave(i, id)
		}
		d.view.Components, d.changed = without(d.view.Components, id), true
		d.drop(kindComponent, id)
		d.forgetSubscriptions(func(s Subscription) bool { return s.Component == id })
		d.record(by, kindComponent, id, c.Name, c, nil)
		return nil
	})
}

// leave takes a component that is deleted out of an incident, which is over if it was its only one.
func (d *draft) leave(i *Incident, component int64) {
	one := *i
	rest := slices.DeleteFunc(slices.Clone(one.Components), func(a Affected) bool { return a.Component == component })
	one.Updated = d.now
	if len(rest) > 0 {
		one.Components = rest
	} else {
		d.addUpdate(&one, Update{Phase: Fixed, Message: wordGone})
	}
	d.setIncident(&one)
}

// Bounds of what is written.
const (
	maxTitle = 255
	maxText  = 64 << 10
	maxTags  = 50
)

// faults collects what is wrong with what was to be written.
type faults []string

func (f *faults) when(bad bool, text string) {
	if bad {
		*f = append(*f, text)
	}
}

func (f *faults) text(name, value string, least, most int) {
	switch {
	case len(strings.TrimSpace(value)) < least:
		*f = append(*f, fmt.Sprintf("The %s is required.", name))
	case len(value) > most:
		*f = append(*f, fmt.Sprintf("The %s may not be longer than %d bytes.", name, most))
	}
}

// link wants an address that a browser may be sent to, or nothing.
func (f *faults) link(text string) {
	u, err := url.Parse(text)
	f.when(text != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(text) > 2000),
		"The link must be an http or https URL.")
}

func (f *faults) object(name string, data json.RawMessage) {
	if data == nil {
		return
	}
	var members map[string]json.RawMessage
	f.when(len(data) > maxText || json.Unmarshal(data, &members) != nil || bytes.Equal(data, []byte("null")), "The "+name+" must be an object.")
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return &Invalid{Details: f}
}

// cleanTags leaves out blank names and those whose slug another has.
func cleanTags(tags []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, tag := range tags {
		slug := Slug(tag)
		if slug != "" && !seen[slug] && len(tag) <= maxTitle {
			seen[slug] = true
			out = append(out, strings.TrimSpace(tag))
		}
	}
	return out
}
