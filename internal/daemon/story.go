package daemon

import (
	"context"
	"fmt"
	"slices"
	"time"

	"orderly/internal/model"
	"orderly/internal/status"
	"orderly/internal/store"
	"orderly/internal/story"
)

// storyEvents is among how many of the newest events of a service its trouble is looked for.
const storyEvents = 2000

// Story answers api.Narrator and web.Narrator.
func (d *instance) Story(ctx context.Context, name string) (story.Story, error) {
	now, err := d.engine.Status(ctx, []string{name})
	if err != nil {
		return story.Story{}, err
	}
	if len(now.Services) != 1 {
		return story.Story{}, fmt.Errorf("there is no service %q", name)
	}
	c := story.Case{Service: now.Services[0], Now: time.Now()}
	if c.Events, err = d.store.Events(ctx, store.Query{Service: c.Service.Name, Limit: storyEvents}); err != nil {
		return story.Story{}, err
	}
	trouble := story.Trouble(c.Service, c.Events)
	var seqs []uint64
	for _, ev := range trouble {
		seqs = append(seqs, ev.Seq)
	}
	if c.Told, err = d.store.WhoWasTold(ctx, seqs); err != nil {
		return story.Story{}, err
	}
	c.Incident = incidentOf(d.front.page.book.Read(), c.Service.Name, trouble, c.Now)
	return story.Of(c), nil
}

// incidentLag is how long after the last that happened an incident about it may begin.
const incidentLag = 15 * time.Minute

// incidentOf is what the status page tells of a trouble of a service: the newest incident that was there meanwhile.
func incidentOf(v *status.View, service string, trouble []model.Event, now time.Time) *story.Incident {
	component := v.ComponentOf(service)
	if component == nil || len(trouble) == 0 {
		return nil
	}
	begin, end := trouble[0].At, trouble[len(trouble)-1].At.Add(incidentLag)
	for _, i := range v.SeenIncidents(false, now) {
		over := !i.Open() && i.Ended().Before(begin)
		about := slices.ContainsFunc(i.Components, func(a status.Affected) bool { return a.Component == component.ID })
		if about && !over && i.Occurred.Before(end) {
			return &story.Incident{ID: i.ID, Title: i.Name, Phase: i.Phase.String(), Opened: i.Created, Ended: i.Ended(), Hidden: !i.Shown(now)}
		}
	}
	return nil
}

// Story answers api.Narrator for everybody on this host.
func (p public) Story(ctx context.Context, name string) (story.Story, error) {
	told, err := p.instance.Story(ctx, name)
	return told.Public(), err
}
