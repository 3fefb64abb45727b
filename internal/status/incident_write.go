package status

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"reflect"
	"slices"
)

const (
	maxUpdates  = 1000 // of one incident
	maxAffected = 1000
)

// OpenIncident adds an incident; edit fills it in. The health of its components is set as well, and subscribers hear of
// the incident only.
func (b *Book) OpenIncident(ctx context.Context, by Actor, edit func(*Incident)) (*Incident, error) {
	var id int64
	return save(ctx, b, func(d *draft) error {
		i := &Incident{Visible: true, Notify: true, Occurred: d.now}
		edit(i)
		if err := d.checkIncident(by, nil, i); err != nil {
			return err
		}
		i.ID, i.GUID, i.By, i.Taken, i.Auto, i.Created, i.Updated = d.number(kindIncident), guid(), by.Name, "", nil, d.now, d.now
		i.Updates = nil
		id = i.ID
		d.setIncident(i)
		d.sayAffected(by, i.Components)
		if !i.Open() {
			d.letGo(i)
		}
		d.record(by, kindIncident, id, i.Name, nil, i)
		d.tellIncident(IncidentOpened, i, nil, i.Components)
		return nil
	}, func(v *View) *Incident { return v.Incident(id) })
}

// ChangeIncident changes an incident; edit gets a copy. What it does to updates and to the fields that follow from others
// does not count. An incident that checks opened belongs to whoever changes it from then on (P-325).
func (b *Book) ChangeIncident(ctx context.Context, by Actor, id int64, edit func(*Incident)) (*Incident, error) {
	return save(ctx, b, func(d *draft) error {
		old := d.view.Incident(id)
		if old == nil {
			return ErrNotFound
		}
		i := *old
		i.Components = slices.Clone(old.Components)
		edit(&i)
		if err := d.checkIncident(by, old, &i); err != nil {
			return err
		}
		i.ID, i.GUID, i.By, i.Auto, i.Taken, i.Updates, i.Created = old.ID, old.GUID, old.By, old.Auto, old.Taken, old.Updates, old.Created
		if reflect.DeepEqual(&i, old) {
			return nil
		}
		i.Updated = d.now
		d.take(&i, by, old.Phase, i.Phase != old.Phase)
		d.setIncident(&i)
		if !slices.Equal(i.Components, old.Components) {
			d.sayAffected(by, i.Components)
		}
		if old.Open() && !i.Open() {
			d.letGo(&i)
		}
		d.record(by, kindIncident, id, i.Name, old, &i)
		d.tellIncident(IncidentChanged, &i, nil, nil)
		return nil
	}, func(v *View) *Incident { return v.Incident(id) })
}

// take notes that somebody looks after an incident that checks opened, who may have set its phase. One that was over and
// is opened again is that person's alone: for the next failure there is another.
func (d *draft) take(i *Incident, by Actor, was Phase, said bool) {
	switch {
	case i.Auto == nil:
	case was == Fixed && i.Open():
		i.Auto = nil
	default:
		auto := *i.Auto
		if said {
			auto.Kept = i.Phase == Identified
		}
		i.Auto, i.Taken = &auto, cmp.Or(i.Taken, by.Name, "somebody")
	}
}

// DeleteIncident removes an incident and has its components be as their checks and people say (P-084, P-328). A check that
// goes on failing opens no other.
func (b *Book) DeleteIncident(ctx context.Context, by Actor, id int64) error {
	return b.write(ctx, func(d *draft) error {
		i := d.view.Incident(id)
		if i == nil {
			return ErrNotFound
		}
		if err := d.check(by, reachManage, components(i.Components)...); err != nil {
			return err
		}
		d.ignore(i)
		d.view.Incidents, d.changed = without(d.view.Incidents, id), true
		d.drop(kindIncident, id)
		d.record(by, kindIncident, id, i.Name, i, nil)
		return nil
	})
}

// ignore makes automation leave the components of an incident alone until they are well.
func (d *draft) ignore(i *Incident) {
	if i.Auto == nil || !i.Open() {
		return
	}
	for _, a := range i.Components {
		if c := d.view.Component(a.Component); c != nil && c.Reported.Bad() && !c.Ignored {
			one := *c
			one.Ignored = true
			d.setComponent(&one)
		}
	}
}

// letGo has the components of an incident that somebody closed be as their checks say, and well where nothing checks them
// (P-327). Those of another open incident stay as they are.
func (d *draft) letGo(i *Incident) {
	for _, a := range i.Components {
		c := d.view.Component(a.Component)
		if c == nil || slices.ContainsFunc(d.view.IncidentsOf(c.ID), func(o *Incident) bool { return o.ID != i.ID }) {
			continue
		}
		one := *c
		one.Said = nil
		one.Ignored = i.Auto != nil && one.Reported.Bad()
		if one.Reported == 0 {
			one.Base = Operational
		}
		d.settleHealth(&one)
		if !reflect.DeepEqual(&one, c) {
			one.Updated = d.now
			d.setComponent(&one)
		}
	}
}

func (d *draft) checkIncident(by Actor, old, i *Incident) error {
	touched := components(i.Components)
	if old != nil {
		touched = append(touched, components(old.Components)...)
	}
	if err := d.check(by, reachUpdate, touched...); err != nil {
		return err
	}
	var bad faults
	bad.text("name", i.Name, 1, maxTitle)
	bad.text("message", i.Message, 0, maxText)
	bad.text("post-mortem", i.PostMortem, 0, maxText)
	bad.when(!i.Phase.Valid(), "The status must be between 0 and 4.")
	bad.object("meta", i.Meta)
	d.checkAffected(&bad, i.Components, old)
	return bad.err()
}

// checkAffected wants components that exist; those that were affected before may be gone.
func (d *draft) checkAffected(bad *faults, list []Affected, old *Incident) {
	bad.when(len(list) > maxAffected, "There are too many components.")
	for _, a := range list {
		known := d.view.Component(a.Component) != nil || old != nil && affects(old.Components, a.Component)
		bad.when(!known, fmt.Sprintf("There is no component %d.", a.Component))
		bad.when(a.Health != 0 && !a.Health.Valid(), "The component status must be one of the states of a component.")
	}
}

// sayAffected sets the health of components, of which the incident tells.
func (d *draft) sayAffected(by Actor, list []Affected) {
	for _, a := range list {
		if c := d.view.Component(a.Component); c != nil && a.Health != 0 && a.Health != c.Health {
			d.say(by, a.Component, a.Health, How{Silent: true})
		}
	}
}

func components(list []Affected) []int64 {
	ids := make([]int64, len(list))
	for n, a := range list {
		ids[n] = a.Component
	}
	return ids
}

// guid is a random UUID.
func guid() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
