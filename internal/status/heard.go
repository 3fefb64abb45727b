package status

import (
	"slices"

	"orderly/internal/model"
)

// hear takes in what an event says of a service.
func (d *draft) hear(ev model.Event) {
	c := d.view.ComponentOf(ev.Service)
	if c == nil {
		return
	}
	switch ev.Kind {
	case model.EventAction, model.EventActionFailed:
		d.hearRepair(c, ev)
	case model.EventAcknowledged:
		d.noteCase(c, ev, Update{Phase: Identified, Message: d.text(textAttended, nil)})
	case model.EventFlapping:
		d.hearCheck(c, ev, func(k *Check) {
			if !slices.Contains(k.Flapping, ev.Rule) && len(k.Flapping) < maxTags {
				k.Flapping = append(slices.Clip(k.Flapping), ev.Rule)
			}
		})
	case model.EventSteady:
		d.hearCheck(c, ev, func(k *Check) {
			k.Flapping = slices.DeleteFunc(slices.Clone(k.Flapping), func(rule string) bool { return rule == ev.Rule })
		})
	case model.EventUnmonitored, model.EventMonitored:
		d.pause(c, ev)
	}
}

// hearCheck changes what is remembered of a check.
func (d *draft) hearCheck(c *Component, ev model.Event, edit func(*Check)) {
	one := *c
	one.Checks = slices.Clone(c.Checks)
	for n := range one.Checks {
		if one.Checks[n].Service == ev.Service {
			edit(&one.Checks[n])
		}
	}
	d.setComponent(&one)
}

// pause is for a service that is no longer monitored, or is again: what was known of it counts no longer.
func (d *draft) pause(c *Component, ev model.Event) {
	off := ev.Kind == model.EventUnmonitored
	d.hearCheck(c, ev, func(k *Check) {
		k.Paused, k.Flapping = off, nil
	})
	in := &d.b.inbox
	in.mu.Lock()
	defer in.mu.Unlock()
	if w := in.watched[ev.Service]; w != nil && w.at.Before(ev.At) {
		w.forget()
	}
}

// healing are actions that are meant to heal.
var healing = []string{string(model.ActStart), string(model.ActRestart), string(model.ActReload)}

// hearRepair tells of an attempt to heal something (P-323).
func (d *draft) hearRepair(c *Component, ev model.Event) {
	if ev.Rule == "" || !slices.Contains(healing, ev.Action) {
		return
	}
	i := d.autoCase(c, ev)
	if i == nil {
		return
	}
	one := i.withAuto()
	one.Auto.Tries++
	one.Auto.Event = ev.Seq
	d.setIncident(one)
	slug := textRepair
	if ev.Kind == model.EventActionFailed {
		slug = textFailed
	}
	vars := d.about(one)
	vars["done"] = ev.Action
	if of := d.tries(ev.Service); of >= one.Auto.Tries {
		vars["of"] = of
	}
	if n := len(one.Updates); one.Auto.Tries > 3 && n > 0 && d.now.Before(one.Updates[n-1].Created.Add(talk)) {
		return // it is tried again and again, which is no news
	}
	d.noteCase(c, ev, Update{Phase: Identified, Message: d.text(slug, vars), Private: d.view.Page.Discreet})
}

// tries is how often something is tried to heal a service before it is given up; 0: without end.
func (d *draft) tries(service string) int {
	in := &d.b.inbox
	in.mu.Lock()
	defer in.mu.Unlock()
	w := in.watched[service]
	if w == nil {
		return 0
	}
	if w.spec.Repair != nil && w.spec.Repair.Times > 0 {
		return w.spec.Repair.Times
	}
	most := 0
	for _, l := range w.spec.RestartLimits {
		most = max(most, l.Restarts)
	}
	return most
}

// autoCase is the open incident of a component that is told of by checks, unless the event was taken in before.
func (d *draft) autoCase(c *Component, ev model.Event) *Incident {
	if d.maintained()[c.ID] {
		return nil
	}
	for _, i := range d.view.IncidentsOf(c.ID) {
		if i.Auto != nil && (ev.Seq == 0 || ev.Seq > i.Auto.Event) {
			return i
		}
	}
	return nil
}

// noteCase adds an update to the incident of a component while it fails, unless somebody has taken it over.
func (d *draft) noteCase(c *Component, ev model.Event, u Update) {
	for _, i := range d.view.IncidentsOf(c.ID) {
		if i.Auto == nil || i.Taken != "" || i.Phase == Watching || len(i.Updates) >= maxUpdates || d.maintained()[c.ID] {
			continue
		}
		one := i.withAuto()
		one.Auto.Event = max(one.Auto.Event, ev.Seq)
		added := *d.addUpdate(one, u)
		d.setIncident(one)
		d.tellIncident(IncidentUpdated, one, &added, nil)
	}
}
