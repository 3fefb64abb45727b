package alert

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// inspeqtorConfig is what Inspeqtor's files compile to: a host with a filesystem, a service, and a job.
func inspeqtorConfig() *model.Config {
	missing := model.Rule{Text: "does not exist", Metric: model.Exist, Implicit: true}
	c := &model.Config{Services: []*model.Service{
		{Name: "web1", Kind: model.KindSystem, Rules: []model.Rule{{Text: "cpu > 90%"}, {Text: "load:1 < 1"}}},
		{Name: "disk:/", Kind: model.KindFilesystem, Subject: model.Subject{Path: "/"}, Rules: []model.Rule{{Text: "disk:/ > 90%"}}},
		{Name: "puma", Kind: model.KindUnit, Rules: []model.Rule{missing, {Text: "memory:rss > 1g for 3 cycles"}, {Text: "restart loop"}}},
		{Name: "backup", Kind: model.KindHeartbeat, Rules: []model.Rule{{Text: "does not happen every 2 hours"}}},
	}}
	c.Settings.Host = "web1"
	return c
}

// Pins I-23: the subjects, and what stands in the body besides the date and the sign-off.
func TestInspeqtorMessage(t *testing.T) {
	for _, tt := range []struct {
		name          string
		ev            model.Event
		subject, body string
	}{
		{
			"a rule",
			model.Event{Service: "puma", Rule: "memory:rss > 1g for 3 cycles", Kind: model.EventFailed, Action: "alert", Text: "memory is 1.2 GB (limit: > 1 GB)"},
			"web1[puma] memory:rss has failed its check", "memory:rss is greater than 1g for web1[puma].\n\nCurrent: 1.2 GB\nThreshold: 1g\n",
		},
		{
			"restart",
			model.Event{Service: "puma", Rule: "memory:rss > 1g for 3 cycles", Kind: model.EventFailed, Action: "restart", Text: "memory is 1.2 GB (limit: > 1 GB)"},
			"web1[puma] memory:rss has failed its check, restarting", "memory:rss is greater than 1g for web1[puma].\n\nCurrent: 1.2 GB\nThreshold: 1g\n",
		},
		{
			"reload, text of another kind",
			model.Event{Service: "puma", Rule: "memory:rss > 1g for 3 cycles", Kind: model.EventFailed, Action: "reload", Text: "too much"},
			"web1[puma] memory:rss has failed its check, reloading", "memory:rss is greater than 1g for web1[puma].\n\nCurrent: too much\nThreshold: 1g\n",
		},
		{
			"recovery of what was restarted",
			model.Event{Service: "puma", Rule: "memory:rss > 1g for 3 cycles", Kind: model.EventRecovered, Action: "alert", Text: "memory is 0.2 GB, no longer > 1 GB"},
			"web1[puma] memory:rss has recovered", "memory:rss is no longer greater than 1g for web1[puma].\n\nCurrent: 0.2 GB\nThreshold: 1g\n",
		},
		{
			"the host",
			model.Event{Service: "web1", Rule: "load:1 < 1", Kind: model.EventFailed, Action: "alert", Text: "load average (1 min) is 0.5 (limit: < 1)"},
			"web1 load:1 has failed its check", "load:1 is less than 1 for web1.\n\nCurrent: 0.5\nThreshold: 1\n",
		},
		{
			"a nameless measurement",
			model.Event{Service: "web1", Rule: "cpu > 90%", Kind: model.EventRecovered, Text: "cpu is 3.0%, no longer > 90.0%"},
			"web1 cpu has recovered", "cpu is no longer greater than 90% for web1.\n\nCurrent: 3.0%\nThreshold: 90%\n",
		},
		{
			"a filesystem is the host's",
			model.Event{Service: "disk:/", Rule: "disk:/ > 90%", Kind: model.EventFailed, Text: "space used is 91.0% (limit: > 90.0%)"},
			"web1 disk:/ has failed its check", "disk:/ is greater than 90% for web1.\n\nCurrent: 91.0%\nThreshold: 90%\n",
		},
		{
			"gone",
			model.Event{Service: "puma", Rule: "does not exist", Kind: model.EventFailed, Topic: model.TopicNonexist, Text: "unit is not running: killed"},
			"web1[puma] does not exist.", "Nothing was found on web1 that is puma: unit is not running: killed\n",
		},
		{
			"there again",
			model.Event{Service: "puma", Rule: "does not exist", Kind: model.EventRecovered, Topic: model.TopicNonexist, Text: "unit is running, pid 4711"},
			"web1[puma] is now running.", "unit is running, pid 4711\n\nPID 4711\n",
		},
		{
			"a job",
			model.Event{Service: "backup", Rule: "does not happen every 2 hours", Kind: model.EventFailed, Topic: model.TopicHeartbeat, Text: "silent for 2 hours"},
			`[web1] Recurring job "backup" is overdue.`, "silent for 2 hours\n",
		},
		{
			"a job that ran",
			model.Event{Service: "backup", Rule: "does not happen every 2 hours", Kind: model.EventRecovered, Topic: model.TopicHeartbeat, Text: "heard again"},
			`[web1] Overdue job "backup" just ran successfully.`, "heard again\n",
		},
		{
			"what Inspeqtor does not tell",
			model.Event{Service: "puma", Kind: model.EventActionFailed, Topic: model.TopicExec, Action: "restart", Text: "cannot restart: timed out"},
			"web1[puma]: cannot restart: timed out", "cannot restart: timed out\n",
		},
		{
			"a rule in other words",
			model.Event{Service: "puma", Rule: "restart loop", Kind: model.EventFailed, Text: "ended 5 times in 1 minute"},
			"web1[puma]: ended 5 times in 1 minute", "ended 5 times in 1 minute\n",
		},
		{
			"a service that is gone from the files",
			model.Event{Service: "old", Rule: "memory:rss > 1g", Kind: model.EventFailed, Text: "memory is 2 GB"},
			"web1[old]: memory is 2 GB", "memory is 2 GB\n",
		},
		{
			"hostile text",
			model.Event{Service: "puma", Kind: model.EventActionFailed, Text: "a\r\nBcc: b@example.org"},
			"web1[puma]: a Bcc: b@example.org", "a\nBcc: b@example.org\n",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.ev.At, tt.ev.Host = time.Date(2026, 1, 31, 9, 8, 7, 0, time.UTC), "web1"
			m := render(inspeqtorConfig(), one(model.Route{Address: "a@example.org", Format: model.MailFormat{Style: model.StyleInspeqtor}}, tt.ev))
			head, body := headers(t, m)
			if got := head.Get("Subject"); got != tt.subject {
				t.Errorf("subject %q, want %q", got, tt.subject)
			}
			if want := tt.body + "Date: 2026-01-31T09:08:07Z\n\n" + signOff; body != want {
				t.Errorf("body\n%s\nwant\n%s", body, want)
			}
			for _, name := range []string{"Date", "Message-Id", "Mime-Version", "Content-Type"} {
				if head.Get(name) == "" {
					t.Errorf("there is no %s", name)
				}
			}
			if m.from != "inspeqtor@web1" {
				t.Errorf("it is from %q", m.from)
			}
		})
	}
}

// A style is in place of what all messages look like, and not of what this one looks like.
func TestStyleOfMessages(t *testing.T) {
	ev := model.Event{Host: "web1", Service: "puma", Kind: model.EventActionFailed, Text: "no", Evidence: "seen"}
	styled := model.MailFormat{Style: model.StyleInspeqtor}
	worded := model.MailFormat{From: "all@example.org", ReplyTo: "r@example.org", Subject: "S $SERVICE", Message: "M"}
	for _, tt := range []struct {
		name                string
		global, route       model.MailFormat
		from, subject, body string
	}{
		{"of the route", worded, styled, "all@example.org", "web1[puma]: no", "seen"},
		{"of all", styled, model.MailFormat{Subject: "own"}, "inspeqtor@web1", "own", "seen"},
		{"words of the route", worded, model.MailFormat{Style: model.StyleInspeqtor, Subject: "$EVENT", Message: "own"}, "all@example.org", "Execution failed", "own"},
		{"none", model.MailFormat{}, model.MailFormat{}, "monit@web1", "monit alert --  Execution failed puma", "seen"},
	} {
		c := &model.Config{Settings: model.Settings{Mail: model.Mail{Format: tt.global}}}
		m := render(c, one(model.Route{Address: "a@example.org", Format: tt.route}, ev))
		head, body := headers(t, m)
		if m.from != tt.from || head.Get("Subject") != tt.subject || !strings.Contains(body, tt.body) {
			t.Errorf("%s: from %q, subject %q, body\n%s", tt.name, m.from, head.Get("Subject"), body)
		}
	}
}
