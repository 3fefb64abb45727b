package cli_test

import (
	"context"
	"fmt"
	"slices"
	"time"

	"orderly/internal/client"
	"orderly/internal/model"
	"orderly/internal/story"
)

// Story tells of web that it fails, of flaky that it is mended all the time, of others what there is.
func (s *standIn) Story(ctx context.Context, name string) (story.Story, error) {
	all, err := s.Status(ctx, []string{name}, false)
	if err != nil || len(all.Services) != 1 {
		return story.Story{}, fmt.Errorf("there is no service %q: %w", name, err)
	}
	c := story.Case{Service: all.Services[0], Now: began.Add(2*time.Minute + 3*time.Second)}
	for ev := range s.Events(ctx, client.EventQuery{Service: name}) {
		c.Events = append(c.Events, ev)
	}
	switch name {
	case "web":
		failed := &c.Events[slices.IndexFunc(c.Events, func(ev model.Event) bool { return ev.Kind == model.EventFailed })]
		failed.Action, failed.Failure = "restart", &model.Failure{Since: began, LastOK: began.Add(-30 * time.Second), Bad: 3, Cycles: 1}
		failed.Diagnosis = "load 0.10 0.20 0.30 on 2 processors, 96 processes\nmemory: 22.9 GB of 23.5 GB free \x1b[31m"
		c.Told = map[uint64][]model.Told{failed.Seq: {
			{Seq: failed.Seq, At: began, Channel: "mail", Address: "ops@example.org", Error: "cannot reach mail.example.org:25: connect: connection refused"},
			{Seq: failed.Seq, At: began.Add(time.Minute), Channel: "sms", Address: "1234", Instead: "mail ops@example.org"},
		}}
		c.Incident = &story.Incident{ID: 3, Title: "web is down", Phase: "investigating", Opened: began.Add(10 * time.Second)}
	case "flaky":
		c.Events = nil
		for n := range 16 {
			at := began.Add(time.Duration(n) * time.Minute)
			c.Events = append(c.Events,
				model.Event{At: at, Service: name, Kind: model.EventFailed, Text: "unit is not running"},
				model.Event{At: at.Add(time.Second), Service: name, Kind: model.EventAction, Action: "restart", Text: "restarted, pid 1"},
				model.Event{At: at.Add(2 * time.Second), Service: name, Kind: model.EventRecovered, Text: "unit is running", Silenced: "it is flapping"})
		}
		c.Now = began.Add(24 * time.Hour)
	}
	return story.Of(c), nil
}
