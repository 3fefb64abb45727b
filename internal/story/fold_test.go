package story

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

// series makes events a minute apart: F fails, R recovers, A restarts, X fails to.
func series(letters string) (out []model.Event) {
	for i, l := range letters {
		d := time.Duration(len(letters)-i) * time.Minute
		out = append(out, map[rune]model.Event{'F': failed(d), 'R': recovered(d, time.Second), 'A': done(d, "restart"), 'X': notDone(d, "restart")}[l])
	}
	return numbered(out...)
}

func TestFold(t *testing.T) {
	for _, tt := range []struct{ name, events, want string }{
		{"once", "FAR", "failed, restart, recovered"},
		{"twice", "FARFAR", "failed, restart, recovered, failed, restart, recovered"},
		{"again and again", "F" + strings.Repeat("A", 16), "failed, restart, restart (14 more times), restart"},
		{"rounds", strings.Repeat("FAR", 10), "failed, restart, recovered, again (failed 8 more times, restart 8 more times, recovered 8 more times), failed, restart, recovered"},
		{"what is special stays", "FAAAAXAAAAR", "failed, restart, restart (3 more times), restart failed, restart (3 more times), restart, recovered"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			total := 0
			for _, s := range Of(Case{Service: status(model.StateOK, 0), Events: series(tt.events), Now: noon}).Steps {
				text := s.Word
				if s.More > 0 {
					text += " (" + s.Text + ")"
				}
				got = append(got, text)
				total += max(1, s.More)
			}
			if text := strings.Join(got, ", "); text != tt.want {
				t.Errorf("got  %s\nwant %s", text, tt.want)
			}
			if total != len(tt.events) {
				t.Errorf("%d of %d events are told", total, len(tt.events))
			}
		})
	}
}

// However different everything is, a story is no longer than a screen or two.
func TestStoriesAreBounded(t *testing.T) {
	var events []model.Event
	service := status(model.StateFailing, time.Minute)
	for n := range 500 {
		ev := failed(time.Duration(500-n) * time.Second)
		ev.Rule = fmt.Sprint("rule ", n)
		events = append(events, ev)
		service.Rules = append(service.Rules, model.RuleStatus{Text: ev.Rule})
	}
	s := Of(Case{Service: service, Events: numbered(events...), Now: noon})
	if n := len(s.Steps); n > mostSteps {
		t.Fatalf("it has %d steps", n)
	}
	if middle := s.Steps[firstSteps]; middle.More != 500-firstSteps-lastSteps {
		t.Errorf("the step in the middle stands for %d", middle.More)
	}
}

// What is folded says how many messages there were.
func TestMessagesOfFoldedSteps(t *testing.T) {
	told := map[uint64][]model.Told{}
	events := series(strings.Repeat("FR", 6))
	for _, ev := range events {
		told[ev.Seq] = []model.Told{{Channel: "mail", Address: "a@x"}, {Channel: "sms", Address: "1", Error: "refused"}}
	}
	steps := Of(Case{Service: status(model.StateOK, 0), Events: events, Told: told, Now: noon}).Steps
	if text := steps[2].Text; text != "failed 4 more times, recovered 4 more times; 8 messages about it arrived" {
		t.Errorf("the middle says %q", text)
	}
}
