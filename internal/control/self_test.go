package control

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
)

// Pins I-17: who is asked about itself knows, whatever else is there, and others hear nothing of it.
func TestSelf(t *testing.T) {
	u := &Units{systems: []initSystem{&fakeInit{label: "fake", known: missing("never heard of it")}, self{}}}
	_, err := u.Find(t.Context(), "", "web")
	if !errors.Is(err, ErrNoUnit) || err.Error() != "cannot find web: fake: never heard of it" {
		t.Errorf("another service: %v", err)
	}
	ref, err := u.Find(t.Context(), "", "inspeqtor")
	if err != nil {
		t.Fatal(err)
	}
	if now, err := u.Status(t.Context(), ref); err != nil || now.State != UnitRunning || now.PID != os.Getpid() {
		t.Errorf("got %+v, %v", now, err)
	}
	for _, verb := range []Verb{VerbStop, VerbRestart, VerbReload} {
		if _, out := u.Do(t.Context(), ref, verb); !strings.HasPrefix(out.Error, "cannot "+string(verb)+" inspeqtor: it is this very program") {
			t.Errorf("%s: %+v", verb, out)
		}
	}
	all := NewUnits(UnitOptions{Root: t.TempDir()})
	if last := all.systems[len(all.systems)-1]; last != (self{}) {
		t.Errorf("an init system that knows orderly as a service is asked after %s", last.name())
	}
	if slices.Contains(all.Detect(t.Context()), "self") {
		t.Error("orderly calls itself an init system")
	}
}
