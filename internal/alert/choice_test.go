package alert

import (
	"testing"
	"time"

	"orderly/internal/model"
)

func TestRoutesChoose(t *testing.T) {
	began := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC) // a Friday
	c := &model.Config{Services: []*model.Service{{Name: "web", Groups: []string{"shop"}, Severity: model.Critical}, {Name: "cron"}}}
	failed := model.Event{Service: "web", Kind: model.EventFailed, Severity: model.Critical, At: began, Failure: &model.Failure{Since: began}, Count: 1}
	of := func(change func(*model.Event)) model.Event {
		ev := failed
		f := *failed.Failure
		ev.Failure = &f
		change(&ev)
		return ev
	}
	cron := of(func(ev *model.Event) { ev.Service, ev.Severity = "cron", "" })
	self := model.Event{Kind: model.EventStarted, At: began}
	still := func(minutes int) model.Event {
		return of(func(ev *model.Event) {
			ev.Kind, ev.At = model.EventStillFailing, began.Add(time.Duration(minutes)*time.Minute)
			ev.Failure.Before = ev.At.Add(-time.Minute)
		})
	}
	recovered := func(minutes int) model.Event {
		return of(func(ev *model.Event) {
			ev.Kind, ev.At = model.EventRecovered, began.Add(time.Duration(minutes)*time.Minute)
		})
	}
	hourly := model.Reminder{Every: time.Hour}
	for _, tt := range []struct {
		name  string
		route model.Route
		event model.Event
		told  bool
	}{
		{"everything", model.Route{}, failed, true},
		{"grave enough", model.Route{Least: model.Critical}, failed, true},
		{"not grave enough", model.Route{Least: model.Critical}, cron, false},
		{"what says nothing is major", model.Route{Least: model.Major}, cron, true},
		{"orderly itself, whatever the gravity", model.Route{Least: model.Critical}, self, true},
		{"of the group", model.Route{Groups: []string{"lab", "shop"}}, failed, true},
		{"of no such group", model.Route{Groups: []string{"shop"}}, cron, false},
		{"orderly itself is in no group", model.Route{Groups: []string{"shop"}}, self, false},
		{"at that time", model.Route{Hours: []string{"mon 00:00-24:00 UTC", "fri 22:00-06:00 UTC"}}, failed, true},
		{"at another time", model.Route{Hours: []string{"mon-fri 08:00-18:00 UTC"}}, failed, false},
		{"too early", model.Route{After: 10 * time.Minute}, failed, false},
		{"still too early", model.Route{After: 10 * time.Minute}, still(9), false},
		{"after so long", model.Route{After: 10 * time.Minute}, still(10), true},
		{"that is once", model.Route{After: 10 * time.Minute}, still(11), false},
		{"a reminder of it", model.Route{After: 10 * time.Minute, Reminder: hourly}, still(60), true},
		{"no reminder before it", model.Route{After: 90 * time.Minute, Reminder: hourly}, still(60), false},
		{"its end", model.Route{After: 10 * time.Minute}, recovered(20), true},
		{"the end of what was not told", model.Route{After: 10 * time.Minute}, recovered(5), false},
	} {
		tt.route.Topics = model.AllTopics
		if told := suits(c, tt.route, tt.event) && wants(tt.route, tt.event); told != tt.told {
			t.Errorf("%s: told %v, want %v", tt.name, told, tt.told)
		}
	}
}
