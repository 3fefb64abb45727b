package inq

import (
	"testing"

	"orderly/internal/diag"
	"orderly/internal/model"
)

// Pins I-18: a rule fails as soon as it says, and is content again after two good cycles in a row.
func TestRecovery(t *testing.T) {
	src := diag.NewSource("web.inq", []byte("check service web\n if memory:rss > 1g then alert\n if cpu:user > 5 for 3 cycles then restart\n"))
	var found diag.List
	made := Compile([]*diag.Source{src}, Env{Hostname: "h", Protocols: func(string) bool { return true }}, &found)
	want := map[string]model.Policy{
		"memory:rss > 1g":           {Pass: model.Rate{Count: 2, Window: 2}},
		"cpu:user > 5 for 3 cycles": {Fail: model.Rate{Count: 3, Window: 3}, Pass: model.Rate{Count: 2, Window: 2}},
	}
	for _, r := range made.Config.Services[0].Rules {
		if r.Implicit {
			continue
		}
		if r.Policy != want[r.Text] {
			t.Errorf("%s: %+v, want %+v", r.Text, r.Policy, want[r.Text])
		}
		delete(want, r.Text)
	}
	if len(want) > 0 || found.HasErrors() {
		t.Errorf("missing %v, found %v", want, found)
	}
}
