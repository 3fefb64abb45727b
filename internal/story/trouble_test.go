package story

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// kinds are the numbers of events.
func kinds(events []model.Event) string {
	var out []string
	for _, ev := range events {
		out = append(out, fmt.Sprint(ev.Seq))
	}
	return strings.Join(out, " ")
}

func TestTrouble(t *testing.T) {
	minute, hour := time.Minute, time.Hour
	changed := func(d time.Duration) model.Event {
		return model.Event{At: ago(d), Kind: model.EventChanged, Rule: "changed checksum", Topic: model.TopicChecksum}
	}
	other := func(ev model.Event, rule string) model.Event {
		ev.Rule = rule
		return ev
	}
	off := func(d time.Duration) model.Event { return model.Event{At: ago(d), Kind: model.EventUnmonitored} }
	ok, bad := status(model.StateOK, minute), status(model.StateFailing, minute)
	for _, tt := range []struct {
		name    string
		service model.ServiceStatus
		events  []model.Event
		want    string
		ended   time.Duration // ago; 0: it goes on, or there was none
	}{
		{"nothing", ok, nil, "", 0},
		{"nothing but what was asked for", ok, []model.Event{done(hour, "restart"), off(minute)}, "", 0},
		{"the last of two", ok, []model.Event{failed(3 * hour), recovered(2*hour, hour), failed(hour), recovered(30*minute, 30*minute)}, "3 4", 30 * minute},
		{"not what was asked for long after", ok, []model.Event{failed(hour), recovered(30*minute, 30*minute), done(29*minute, "reload"), done(minute, "restart")}, "1 2 3", 30 * minute},
		{"it fails again at once", ok, []model.Event{failed(hour), recovered(50*minute, minute), failed(49 * minute), recovered(40*minute, minute)}, "1 2 3 4", 40 * minute},
		{"it goes on", bad, []model.Event{failed(3 * hour), recovered(2*hour, hour), failed(hour), notDone(hour, "restart")}, "3 4", 0},
		{"two faults", ok, []model.Event{failed(hour), other(failed(50*minute), "cpu"), recovered(40*minute, minute), other(recovered(30*minute, minute), "cpu")}, "1 2 3 4", 30 * minute},
		{"a rule that is gone", ok, []model.Event{other(failed(3*hour), "gone"), failed(hour), recovered(30*minute, 30*minute)}, "2 3", 30 * minute},
		{"a rule that goes", ok, []model.Event{other(failed(hour), "gone")}, "1", hour},
		{"nobody looks any more", status(model.StateUnmonitored, minute), []model.Event{failed(hour), off(30 * minute)}, "1 2", 30 * minute},
		{"a change", ok, []model.Event{failed(4 * hour), recovered(3*hour, hour), changed(2 * hour)}, "3", 2 * hour},
		{"a change that the repair made", ok, []model.Event{failed(hour), recovered(30*minute, minute), changed(29 * minute)}, "1 2 3", 30 * minute},
		{"an order that failed", bad, []model.Event{notDone(minute, "start")}, "1", 0},
		{"the beginning is forgotten", ok, []model.Event{done(hour, "restart"), recovered(30*minute, 30*minute)}, "2", 30 * minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events := numbered(slices.Clone(tt.events)...)
			found := find(tt.service, events)
			if got := kinds(found.events); got != tt.want || got != kinds(Trouble(tt.service, events)) {
				t.Errorf("it is told of the events %q, want %q", got, tt.want)
			}
			if over := tt.ended != 0; over == found.ended.IsZero() || over && !found.ended.Equal(ago(tt.ended)) {
				t.Errorf("it ended at %s", found.ended)
			}
		})
	}
}

func TestTroubleBeganBeforeWhatIsKnown(t *testing.T) {
	still := model.Event{At: ago(time.Hour), Kind: model.EventStillFailing, Rule: rule, Failure: &model.Failure{Since: ago(9 * time.Hour)}}
	if s := Of(Case{Service: status(model.StateFailing, 9*time.Hour), Events: numbered(still), Now: noon}); !s.Began.Equal(ago(9 * time.Hour)) {
		t.Errorf("it began at %s", s.Began)
	}
}
