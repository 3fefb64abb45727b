package alert

import (
	"os"
	"strings"
	"testing"
	"time"

	"orderly/internal/config/monit"
	"orderly/internal/config/native"
	"orderly/internal/diag"
	"orderly/internal/model"
)

// The example of the page on alerts does what the page says.
func TestEscalationOfThePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/notify.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := strings.Cut(string(page), "```yaml escalation.yaml\n")
	text, _, closed := strings.Cut(text, "```")
	if !found || !closed {
		t.Fatal("the page has no example of an escalation")
	}
	var diags diag.List
	env := native.Env{Env: monit.Env{Hostname: "box", Executable: func(string) error { return nil }}}
	c := native.Compile(diag.NewSource("escalation.yaml", []byte(text)), env, &diags).Config
	c.Seal()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	if c.Settings.AckFor != 4*time.Hour {
		t.Errorf("an acknowledgement holds for %v", c.Settings.AckFor)
	}

	began := time.Date(2026, 11, 20, 23, 0, 0, 0, time.UTC)
	at := func(minutes int, kind model.EventKind, silenced string) string {
		now := began.Add(time.Duration(minutes) * time.Minute)
		var told []string
		for _, r := range recipients(c, model.Event{
			Service: "web", Topic: model.TopicNonexist, Kind: kind, At: now, Severity: model.Critical, Silenced: silenced, Count: minutes + 1,
			Failure: &model.Failure{Since: began, Before: now.Add(-time.Minute), Cycles: minutes + 1},
		}) {
			told = append(told, r.Address)
		}
		return strings.Join(told, " ")
	}
	for _, tt := range []struct {
		minutes  int
		kind     model.EventKind
		silenced string
		told     string
	}{
		{0, model.EventFailed, "", "team"},
		{9, model.EventStillFailing, "", ""},
		{10, model.EventStillFailing, "", "call"},
		{10, model.EventStillFailing, "acknowledged by ann", ""},
		{11, model.EventStillFailing, "", ""},
		{30, model.EventStillFailing, "", "all"},
		{60, model.EventStillFailing, "", "all"},
		{5, model.EventRecovered, "", "team"},
		{15, model.EventRecovered, "", "team call"},
		{70, model.EventRecovered, "", "team call all"},
	} {
		if got := at(tt.minutes, tt.kind, tt.silenced); got != tt.told {
			t.Errorf("after %d min, %s %s: told are %q, want %q", tt.minutes, tt.kind, tt.silenced, got, tt.told)
		}
	}
}
