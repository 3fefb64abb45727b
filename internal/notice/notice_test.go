package notice

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestOf(t *testing.T) { // M-034
	doubling := model.Route{Reminder: model.Reminder{Cycles: 1, Lag: 1, Doubling: true}}
	hourly := model.Route{Reminder: model.Reminder{Every: time.Hour}}
	failure := func(cycles int, long time.Duration) *model.Failure {
		return &model.Failure{Since: at.Add(-long), LastOK: at.Add(-long - time.Minute), Bad: cycles + 2, Cycles: cycles}
	}
	was := failure(9, 2*time.Hour+time.Minute)
	was.Before = at.Add(-2 * time.Minute)
	for _, tt := range []struct {
		name           string
		route          model.Route
		event          model.Event
		message        string
		up             bool
		alerts, failed int
		duration       time.Duration
	}{
		{"first", doubling, model.Event{Kind: model.EventFailed, Failure: failure(1, 0)}, "web check has failed 3 times", false, 1, 3, 0},
		{"reminder by cycles", doubling, model.Event{Kind: model.EventStillFailing, Failure: failure(4, time.Hour)}, "web check has failed 6 times", false, 3, 6, time.Hour},
		{"reminder by time", hourly, model.Event{Kind: model.EventStillFailing, Failure: failure(50, 3*time.Hour)}, "web check has failed 52 times", false, 4, 52, 3 * time.Hour},
		{"recovered", doubling, model.Event{Kind: model.EventRecovered, Failure: failure(8, 2*time.Hour)}, "web check is up again!", true, 4, 10, 2 * time.Hour},
		{"recovered before the next reminder was due", hourly, model.Event{Kind: model.EventRecovered, Failure: was}, "web check is up again!", true, 2, 11, 2*time.Hour + time.Minute},
		{"of an older journal", doubling, model.Event{Kind: model.EventFailed, Count: 1}, "web check has failed 1 times", false, 1, 1, 0},
		{"something done", doubling, model.Event{Kind: model.EventAction, Text: "restarted"}, "restarted", true, 0, 0, 0},
		{"something that could not be done", doubling, model.Event{Kind: model.EventActionFailed, Text: "cannot start"}, "cannot start", false, 0, 0, 0},
	} {
		tt.event.Service, tt.event.At = "web", at
		n := Of(tt.route, tt.event)
		if n.Message != tt.message || n.IsUp != tt.up || n.AlertCount != tt.alerts || n.FailureCount != tt.failed || n.Duration != tt.duration {
			t.Errorf("%s: %+v", tt.name, n)
		}
		if n.MonitorName != "web" || n.Service != "web" || !n.At.Equal(at) || n.Kind != string(tt.event.Kind) {
			t.Errorf("%s: %+v", tt.name, n)
		}
	}
}

// Two monitors of one name are two services, and alerts call both as their file does.
func TestCalls(t *testing.T) { // M-001
	n := Of(model.Route{Calls: "web"}, model.Event{Service: "web (2)", Kind: model.EventFailed, Failure: &model.Failure{Bad: 1, Cycles: 1}})
	if n.MonitorName != "web" || n.Message != "web check has failed 1 times" || n.Service != "web (2)" {
		t.Errorf("%+v", n)
	}
}

func TestOutputIsItsEnd(t *testing.T) { // M-045
	long := "first " + strings.Repeat("é", maxOutput) + "last\n\n"
	n := Of(model.Route{}, model.Event{Evidence: long})
	if len(n.LastCheckOutput) > maxOutput || !strings.HasSuffix(n.LastCheckOutput, "élast") || strings.Contains(n.LastCheckOutput, "first") {
		t.Errorf("%d bytes, ends with %q", len(n.LastCheckOutput), n.LastCheckOutput[len(n.LastCheckOutput)-10:])
	}
	if got := Of(model.Route{}, model.Event{Evidence: "a\xffb\r\n"}).LastCheckOutput; got != "a�b" {
		t.Errorf("%q", got)
	}
}

func TestSpan(t *testing.T) {
	for _, tt := range []struct {
		d    time.Duration
		want string
	}{
		{0, "0 s"},
		{-time.Hour, "0 s"},
		{45 * time.Second, "45 s"},
		{90 * time.Second, "1 min 30 s"},
		{time.Hour, "1 h"},
		{2*time.Hour + 14*time.Minute + 31*time.Second, "2 h 14 min"},
		{50 * time.Hour, "2 d 2 h"},
		{59*time.Second + 700*time.Millisecond, "1 min"},
	} {
		if got := Span(tt.d); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.d, got, tt.want)
		}
	}
}
