package daemon

import (
	"context"
	"iter"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/store"
)

// Status answers api.Backend.
func (d *instance) Status(ctx context.Context, names []string, now bool) (model.HostStatus, error) {
	d.host.Look(time.Now())
	if now {
		c := model.Command{Kind: model.CommandCheck, Names: names, All: len(names) == 0}
		if _, err := d.engine.Do(ctx, c); err != nil {
			return model.HostStatus{}, err
		}
	}
	status, err := d.engine.Status(ctx, names)
	status.Ailing, status.Destinations = d.alert.Ailing(), d.alert.Destinations()
	return status, err
}

// Do answers api.Backend.
func (d *instance) Do(ctx context.Context, c model.Command) ([]model.Outcome, error) {
	return d.engine.Do(ctx, c)
}

// Hear answers api.Commander.
func (d *instance) Hear(ctx context.Context, name string, sig model.Signal) error {
	return d.engine.Hear(ctx, name, sig)
}

// Events answers api.Backend.
func (d *instance) Events(ctx context.Context, q client.EventQuery) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		var last uint64
		if q.Follow {
			last = d.store.Last()
		}
		past, err := d.store.Events(ctx, store.Query{Service: q.Service, Since: q.Since})
		if err != nil {
			yield(model.Event{}, err)
			return
		}
		for _, ev := range past {
			last = max(last, ev.Seq)
			if !yield(ev, nil) {
				return
			}
		}
		if !q.Follow {
			return
		}
		for ev := range d.diagnosed().Follow(ctx, last) {
			if (q.Service == "" || q.Service == ev.Service) && !yield(ev, nil) {
				return
			}
		}
	}
}

// A public view is that of everybody on this host: it has no diagnoses, with the logs that not everybody may read, and does
// not list whom people have told.
type public struct{ *instance }

// Status answers api.Backend.
func (p public) Status(ctx context.Context, names []string, now bool) (model.HostStatus, error) {
	status, err := p.instance.Status(ctx, names, now)
	status.Destinations = nil
	return status, err
}

// Events answers api.Backend.
func (p public) Events(ctx context.Context, q client.EventQuery) iter.Seq2[model.Event, error] {
	return func(yield func(model.Event, error) bool) {
		for ev, err := range p.instance.Events(ctx, q) {
			ev.Diagnosis = ""
			if !yield(ev, err) {
				return
			}
		}
	}
}
