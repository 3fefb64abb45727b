package story

import (
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// noon is when the tests are told their stories.
var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// ago is a time before noon.
func ago(d time.Duration) time.Time { return noon.Add(-d) }

const rule = "failed port 80"

func failed(d time.Duration) model.Event {
	return model.Event{
		At: ago(d), Service: "web", Kind: model.EventFailed, Rule: rule, Topic: model.TopicConnection, Action: "restart",
		Text: "connection refused", Failure: &model.Failure{Since: ago(d), LastOK: ago(d + 10*time.Second), Bad: 3, Cycles: 1},
	}
}

func recovered(d, lasted time.Duration) model.Event {
	return model.Event{
		At: ago(d), Service: "web", Kind: model.EventRecovered, Rule: rule, Topic: model.TopicConnection, Action: "alert",
		Text: "answers again", Failure: &model.Failure{Since: ago(d + lasted)},
	}
}

func done(d time.Duration, what string) model.Event {
	return model.Event{At: ago(d), Service: "web", Kind: model.EventAction, Action: what, Text: "started, pid 4711 after 8 ms", Topic: model.TopicAction}
}

func notDone(d time.Duration, what string) model.Event {
	return model.Event{
		At: ago(d), Service: "web", Kind: model.EventActionFailed, Action: what, Text: "exit status 3", Evidence: "no such\nfile\n",
		Topic: model.TopicExec, Silent: true,
	}
}

func status(state model.ServiceState, since time.Duration) model.ServiceStatus {
	s := model.ServiceStatus{Name: "web", State: state, Since: ago(since), Rules: []model.RuleStatus{{Text: rule}}}
	if state == model.StateFailing {
		s.Problem = "connection refused"
	}
	return s
}

// told is a story in lines.
func told(s Story) string {
	lines := append([]string{s.Summary}, s.Remarks...)
	for _, step := range s.Steps {
		at := step.At.Format(time.TimeOnly)
		if step.More > 0 {
			at += "-" + step.Until.Format(time.TimeOnly)
		}
		lines = append(lines, at+" "+step.Word+": "+step.Text)
		for _, n := range step.Notes(noon) {
			lines = append(lines, "  "+n)
		}
	}
	return strings.Join(lines, "\n")
}

// numbered gives events their numbers, from 1.
func numbered(events ...model.Event) []model.Event {
	for i := range events {
		events[i].Seq = uint64(i + 1)
	}
	return events
}

func TestStory(t *testing.T) {
	minute := time.Minute
	silenced := failed(minute)
	silenced.Silenced = "silenced until 12:30:00 by ann: deploy"
	for _, tt := range []struct {
		name string
		c    Case
		want string
	}{
		{"well, and never failed", Case{Service: status(model.StateOK, 3*time.Hour)}, "web is ok, for 3 h; it never failed, as far as is remembered"},
		{
			"healed", Case{
				Service: status(model.StateOK, 9*minute),
				Events:  numbered(failed(10*minute), done(10*minute-2*time.Second, "restart"), recovered(9*minute, minute)),
				Told: map[uint64][]model.Told{
					1: {{Seq: 1, At: ago(10 * minute), Channel: "mail", Address: "ops@x"}},
					3: {{Seq: 3, At: ago(9 * minute), Channel: "mail", Address: "ops@x"}, {Seq: 3, At: ago(4 * minute), Channel: "slack", Address: "ops", Together: 4}},
				},
			}, `
web is ok, for 9 min; its last trouble lasted 1 min
11:50:00 failed: connection refused
  rule: failed port 80
  3 bad measurements in a row, seen well 10 s before
  what follows: restart
  told: mail ops@x
11:50:02 restart: started, pid 4711 after 8 ms
11:51:00 recovered: answers again
  it had been failing for 1 min
  told: mail ops@x, slack ops (5 min later, 4 events in one message)`,
		},
		{
			"repair fails, and telling does", Case{
				Service: status(model.StateFailing, minute),
				Events:  numbered(failed(minute), notDone(30*time.Second, "restart")),
				Told: map[uint64][]model.Told{1: {
					{Seq: 1, At: ago(minute), Channel: "mail", Address: "ops@x", Error: "connection refused"},
					{Seq: 1, At: ago(minute), Channel: "sms", Address: "1", Quiet: noon.Add(19 * time.Hour)},
					{Seq: 1, At: ago(minute), Channel: "sms", Address: "2", Quiet: ago(time.Second)},
					{Seq: 1, At: ago(0), Channel: "slack", Address: "ops", Instead: "mail ops@x"},
				}},
			}, `
web is failing, for 1 min: connection refused
11:59:00 failed: connection refused
  rule: failed port 80
  3 bad measurements in a row, seen well 10 s before
  what follows: restart
  told: slack ops (instead of mail ops@x, 1 min later)
  not told: mail ops@x: connection refused
  sms 1 is told at 2026-03-05 07:00, after quiet hours
  sms 2 was not told: it was quiet hours
11:59:30 restart failed: exit status 3
  no such
  file
  nobody was told: they know already`,
		},
		{"silenced", Case{Service: status(model.StateFailing, minute), Events: numbered(silenced)}, `
web is failing, for 1 min: connection refused
11:59:00 failed: connection refused
  rule: failed port 80
  3 bad measurements in a row, seen well 10 s before
  what follows: restart
  nobody was told: silenced until 12:30:00 by ann: deploy`},
		{"just failed", Case{Service: status(model.StateFailing, 0), Events: numbered(model.Event{At: ago(time.Second), Kind: model.EventFailed, Text: "gone"})}, `
web is failing, for less than 1 ms: connection refused
11:59:59 failed: gone
  nobody was told so far`},
		{"nobody is to be told", Case{Service: status(model.StateFailing, minute), Events: numbered(model.Event{At: ago(minute), Kind: model.EventFailed, Text: "gone"})}, `
web is failing, for 1 min: connection refused
11:59:00 failed: gone
  nobody was told: no alert is meant for it`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.c.Now = noon
			if got, want := told(Of(tt.c)), strings.TrimPrefix(tt.want, "\n"); got != want {
				t.Errorf("the story is\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestWhatIsRemarked(t *testing.T) {
	s := status(model.StateUnmonitored, time.Hour)
	s.GaveUp, s.Acked, s.Silenced, s.Needs = "gave up", "ann, since 11:00", "silenced until 13:00:00", "db"
	events := numbered(model.Event{At: ago(time.Hour), Kind: model.EventUnmonitored, Text: "monitoring is off on request"})
	want := `web is not monitored, for 1 h; it never failed, as far as is remembered
monitoring is off on request
gave up
looked after: ann, since 11:00
silenced until 13:00:00
waits for db, which is not well: orderly why db`
	if got := told(Of(Case{Service: s, Events: events, Now: noon})); got != want {
		t.Errorf("the story is\n%s\nwant\n%s", got, want)
	}
}

// Reminders are part of the story when somebody got them.
func TestReminders(t *testing.T) {
	still := func(d time.Duration) model.Event {
		return model.Event{At: ago(d), Kind: model.EventStillFailing, Rule: rule, Topic: model.TopicConnection, Text: "refused"}
	}
	c := Case{
		Service: status(model.StateFailing, time.Hour), Events: numbered(failed(time.Hour), still(50*time.Minute), still(40*time.Minute)),
		Told: map[uint64][]model.Told{3: {{Seq: 3, At: ago(40 * time.Minute), Channel: "mail", Address: "boss@x"}}}, Now: noon,
	}
	got := told(Of(c))
	if !strings.HasSuffix(got, "11:20:00 still failing: refused\n  told: mail boss@x") || strings.Count(got, "still failing") != 1 {
		t.Errorf("the story is\n%s", got)
	}
}

func TestPublicStoriesNameNobody(t *testing.T) {
	ev := failed(time.Minute)
	ev.Diagnosis = "secret load"
	s := Of(Case{
		Service: status(model.StateFailing, time.Minute), Events: numbered(ev), Incident: &Incident{ID: 3, Hidden: true}, Now: noon,
		Told: map[uint64][]model.Told{1: {
			{Channel: "mail", Address: "ops@x", Error: "host secret refused"}, {Channel: "slack", Address: "secret", Instead: "mail secret"},
		}},
	})
	p := s.Public()
	if p.Diagnosis != "" || p.Incident != nil || strings.Contains(told(p), "secret") || strings.Contains(told(p), "ops@x") {
		t.Errorf("the public is told %+v\n%s", p, told(p))
	}
	if s.Diagnosis == "" || s.Incident == nil || !strings.Contains(told(s), "ops@x") {
		t.Errorf("the story itself has changed: %+v", s)
	}
}
