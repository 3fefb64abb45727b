package alert

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// Pins I-23: the lines that Inspeqtor's users know, with one "than", and one for everything else that happens.
func TestLine(t *testing.T) {
	missing := model.Rule{Text: "does not exist", Metric: model.Exist, Implicit: true}
	c := &model.Config{
		Settings: model.Settings{Host: "web1"},
		Services: []*model.Service{
			{Name: "puma", Kind: model.KindUnit, Rules: []model.Rule{
				missing,
				{Text: "memory:rss > 64m for 2 cycles", Metric: model.Memory},
				{Text: "redis:connected_clients < 1"},
				{Text: "failed port 80 protocol http"},
				{Text: "restart loop", Metric: model.Deaths, Over: time.Minute},
			}},
			{Name: "web1", Kind: model.KindSystem, Rules: []model.Rule{{Text: "cpu > 90%", Metric: model.Cores}}},
			{Name: "disk:/", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/"}, Rules: []model.Rule{missing, {Text: "disk:/ > 80%"}}},
			{Name: "rootfs", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/"}, Rules: []model.Rule{{Text: "space usage > 80%"}}},
			{Name: "backup", Kind: model.KindHeartbeat, Rules: []model.Rule{{Text: "happens every 1 day", Metric: model.SilentFor}}},
		},
	}
	const (
		failed    = model.EventFailed
		still     = model.EventStillFailing
		recovered = model.EventRecovered
	)
	tests := []struct {
		service, rule string
		kind          model.EventKind
		text          string
		want          string
	}{
		{"puma", "memory:rss > 64m for 2 cycles", failed, "memory is 70 MB", "web1[puma]: memory:rss is greater than 64m"},
		{"puma", "memory:rss > 64m for 2 cycles", still, "memory is 70 MB", "web1[puma]: memory:rss is still greater than 64m"},
		{"puma", "memory:rss > 64m for 2 cycles", recovered, "memory is 60 MB", "web1[puma]: memory:rss has recovered."},
		{"puma", "redis:connected_clients < 1", failed, "0", "web1[puma]: redis:connected_clients is less than 1"},
		{"web1", "cpu > 90%", failed, "cpu is 95%", "web1: cpu is greater than 90%"},
		{"disk:/", "disk:/ > 80%", failed, "space is 90%", "web1: disk:/ is greater than 80%"},
		{"disk:/", "does not exist", failed, "filesystem is not mounted", "web1[disk:/] does not exist."},
		{"disk:/", "does not exist", recovered, "filesystem is mounted", "web1[disk:/] exists again."},
		{"rootfs", "space usage > 80%", failed, "space used is 90% (limit: > 80%)", "web1[rootfs]: space used is 90% (limit: > 80%)"},
		{"puma", "does not exist", failed, "unit is not running", "web1[puma] does not exist."},
		{"puma", "does not exist", failed, "unit is not running: killed by signal 9", "web1[puma] does not exist. Reason: killed by signal 9"},
		{"puma", "does not exist", failed, "unit is not running: ", "web1[puma] does not exist."},
		{"puma", "does not exist", still, "unit is not running", "web1[puma] still does not exist."},
		{"puma", "does not exist", recovered, "unit is running", "web1[puma] is now running."},
		{"puma", "does not exist", recovered, "unit is running, pid 4711", "web1[puma] now running with PID 4711"},
		{"backup", "happens every 1 day", failed, "silent for 25h", `[web1] Recurring job "backup" is overdue.`},
		{"backup", "happens every 1 day", still, "silent for 26h", `[web1] Recurring job "backup" is still overdue.`},
		{"backup", "happens every 1 day", recovered, "was heard", `[web1] Overdue job "backup" just ran successfully.`},
		{"puma", "failed port 80 protocol http", failed, "HTTP status 503", "web1[puma]: HTTP status 503"},
		{"puma", "failed port 80 protocol http", still, "HTTP status 503", "web1[puma]: still failing: HTTP status 503"},
		{"puma", "failed port 80 protocol http", recovered, "answers", "web1[puma]: recovered: answers"},
		{"puma", "restart loop", failed, "restart loop: ended 4 times in 1m0s", "web1[puma]: restart loop: ended 4 times in 1m0s"},
		{"puma", "", model.EventChanged, "ended unasked", "web1[puma]: ended unasked"},
		{"puma", "", model.EventAction, "restarted, pid 9", "web1[puma]: restarted, pid 9"},
		{"puma", "", model.EventActionFailed, "cannot restart: no", "web1[puma]: cannot restart: no"},
		{"puma", "", model.EventMonitored, "is monitored", "web1[puma]: is monitored"},
		{"puma", "", model.EventUnmonitored, "is not monitored", "web1[puma]: is not monitored"},
		{"puma", "", model.EventAdded, "", "web1[puma]: added"},
		{"gone", "cpu > 1%", failed, "cpu is 2%", "web1[gone]: cpu is 2%"},
		{"gone", "", model.EventRemoved, "", "web1[gone]: removed"},
		{"", "", model.EventStarted, "orderly 1.0 started", "web1: orderly 1.0 started"},
		{"", "", model.EventStopped, "orderly 1.0 stopped", "web1: orderly 1.0 stopped"},
		{"", "", model.EventReloaded, "reloaded", "web1: reloaded"},
		{"", "", model.EventSilenced, "nobody is told", "web1: nobody is told"},
		{"", "", model.EventUnsilenced, "the silence is over", "web1: the silence is over"},
		{"", "", model.EventInternal, "the disk\nis\x1b[31m full", "web1: the disk is [31m full"},
		{"", "", "action_failed", "", "web1: action failed"},
	}
	for _, test := range tests {
		ev := model.Event{Service: test.service, Rule: test.rule, Kind: test.kind, Text: test.text}
		if test.service == "backup" && test.rule != "" {
			ev.Topic = model.TopicHeartbeat
		}
		if got := line(c, model.Route{}, ev); got != test.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", test.kind, test.rule, got, test.want)
		}
	}
}

func TestLineTellsWhatFollows(t *testing.T) {
	for action, want := range map[string]string{
		"restart": "web1[nginx]: down (restart follows)", "reload": "web1[nginx]: down (reload follows)",
		"alert": "web1[nginx]: down", "exec": "web1[nginx]: down", "": "web1[nginx]: down",
	} {
		ev := incident()
		ev.Text, ev.Action = "down", action
		if got := line(&model.Config{}, model.Route{}, ev); got != want {
			t.Errorf("%s: got %s, want %s", action, got, want)
		}
	}
}

func TestLineIsBounded(t *testing.T) {
	ev := incident()
	ev.Text = strings.Repeat("ä\n", 1<<20)
	if got := []rune(line(&model.Config{}, model.Route{}, ev)); len(got) != lineLength || got[len(got)-1] != '…' {
		t.Errorf("%d characters, the last is %q", len(got), got[len(got)-1])
	}
}
