package monit

import (
	"slices"
	"strings"
	"testing"

	"orderly/internal/model"
)

func TestEvents(t *testing.T) {
	web := &model.Probe{Kind: model.ProbePort, Host: "127.0.0.1", Port: 80}
	h := &recorded{}
	h.add(&model.Service{Name: "app", Kind: model.KindProcess, Rules: []model.Rule{
		{Text: "cpu > 90%", Topic: model.TopicResource, Metric: model.CPU, Op: model.Greater},
		{Text: "response time < 1 s", Topic: model.TopicSpeed, Metric: model.Latency, Probe: web},
	}}, nil)
	h.add(&model.Service{Name: "log", Kind: model.KindFile, Rules: []model.Rule{
		{Text: "if not changed timestamp", Topic: model.TopicTimestamp, Metric: model.ModifyTime, Op: model.NotChanged},
	}}, nil)
	h.add(&model.Service{Name: "script", Kind: model.KindProgram, Rules: []model.Rule{
		{Text: "content = x", Topic: model.TopicContent, Metric: model.OK, Probe: &model.Probe{Kind: model.ProbeContent}},
	}}, nil)
	for _, c := range []struct {
		name string
		ev   model.Event
		want string // service type id@type id state action message
	}{
		{"started", model.Event{Kind: model.EventStarted, Topic: model.TopicInstance, Action: "start"}, "Monit 5 12 65536 2 6 Monit 6.1.0 started"},
		{"reloaded", model.Event{Kind: model.EventReloaded, Topic: model.TopicInstance, Action: "reload"}, "Monit 5 12 65536 2 6 Monit reloaded"},
		{"stopped", model.Event{Kind: model.EventStopped, Topic: model.TopicInstance, Action: "stop"}, "Monit 5 12 65536 2 3 Monit 6.1.0 stopped"},
		{"unmonitored", model.Event{Service: "log", Kind: model.EventUnmonitored, Topic: model.TopicAction, Action: "unmonitor", Text: "monitoring is off on request"}, "log 2 1 131072 2 1 unmonitor action done"},
		{"restarted", model.Event{Service: "app", Kind: model.EventAction, Topic: model.TopicAction, Action: "restart", Text: "restarted, pid 7"}, "app 3 1 131072 2 1 restart action done"},
		{"cannot start", model.Event{Service: "app", Kind: model.EventActionFailed, Topic: model.TopicExec, Action: "start", Text: "cannot start: exit status 5"}, "app 3 6 4096 1 1 cannot start: exit status 5"},
		{"too many restarts", model.Event{Service: "app", Kind: model.EventFailed, Topic: model.TopicTimeout, Rule: "3 restarts within 3 cycles", Action: "unmonitor", Text: "restarted"}, "app 3 19 4 1 5 restarted"},
		{"limit", model.Event{Service: "app", Kind: model.EventFailed, Topic: model.TopicResource, Rule: "cpu > 90%", Action: "restart", Text: "cpu is 95.0%"}, "app 3 26 2 1 2 cpu is 95.0%"},
		{"limit of a rule that is gone", model.Event{Service: "app", Kind: model.EventFailed, Topic: model.TopicResource, Rule: "cpu > 80%", Action: "exec", Text: "cpu"}, "app 3 - 2 1 4 cpu"},
		{"late", model.Event{Service: "app", Kind: model.EventRecovered, Topic: model.TopicSpeed, Rule: "response time < 1 s", Action: "alert", Text: "in time"}, "app 3 56 16777216 0 1 in time"},
		{"recovered, and nothing follows", model.Event{Service: "app", Kind: model.EventRecovered, Topic: model.TopicPID, Text: "x"}, "app 3 16 262144 0 1 x"},
		{"changed", model.Event{Service: "log", Kind: model.EventChanged, Topic: model.TopicChecksum, Action: "alert", Text: "checksum changed to X"}, "log 2 2 1 2 1 checksum changed to X"},
		{"not changed", model.Event{Service: "log", Kind: model.EventFailed, Topic: model.TopicTimestamp, Rule: "if not changed timestamp", Action: "alert", Text: "x"}, "log 2 51 8 4 1 x"},
		{"output", model.Event{Service: "script", Kind: model.EventChanged, Topic: model.TopicContent, Rule: "content = x", Action: "alert", Text: "the output matches", Evidence: "x <y>\n]]>"}, "script 7 63 32768 2 1 the output matches\nx <y>\n]]>"},
		{"gone service", model.Event{Service: "gone", Kind: model.EventFailed, Topic: model.TopicNonexist, Action: "restart", Text: "x"}, "gone 5 14 512 1 2 x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.ev.At = moment("19:33:15")
			got := map[string]string{"id@type": "-"}
			for _, line := range outline(t, Document(recordedInstance("19:33:05", "19:33:18"), h.services, FormatPost, &c.ev)) {
				if path, value, _ := strings.Cut(line, "="); strings.HasPrefix(path, "monit/event/") {
					got[strings.TrimPrefix(path, "monit/event/")] = value
				}
			}
			var words []string
			for _, key := range []string{"service", "type", "id@type", "id", "state", "action", "message"} {
				words = append(words, got[key])
			}
			want := strings.SplitN(c.want, " ", 7)
			if !slices.Equal(words, want) {
				t.Errorf("got %q, want %q", words, want)
			}
		})
	}
}
