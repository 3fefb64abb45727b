package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/user"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A fakeInit is an init system with one service, whose looks follow a script.
type fakeInit struct {
	label  string
	absent bool
	known  error // of find
	looks  []Unit
	err    error // of do
	hang   bool  // do does not return before ctx ends
	asked  []Verb
	said   string
}

func (f *fakeInit) name() string                 { return f.label }
func (f *fakeInit) present(context.Context) bool { return !f.absent }

func (f *fakeInit) find(ctx context.Context, name string) (string, error) {
	if f.hang {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return name + ".found", f.known
}

func (f *fakeInit) status(context.Context, string) (Unit, error) {
	u := f.looks[0]
	if len(f.looks) > 1 {
		f.looks = f.looks[1:]
	}
	return u, nil
}

func (f *fakeInit) do(ctx context.Context, _ Unit, verb Verb) error {
	f.asked = append(f.asked, verb)
	if f.hang {
		<-ctx.Done()
		return fmt.Errorf("cannot wait: %w", ctx.Err())
	}
	return f.err
}

func (f *fakeInit) tell(context.Context, string, time.Time) string { return f.said }

func TestDo(t *testing.T) {
	up := func(run string, pid int) Unit { return Unit{State: UnitRunning, Run: run, PID: pid} }
	down := Unit{State: UnitStopped}
	bad := Unit{State: UnitFailed, Result: "exit status 3"}
	task := Unit{State: UnitStopped, Task: true}
	sure := up("2", 2)
	sure.vouched = true
	tests := []struct {
		name       string
		verb       Verb
		looks      []Unit
		err        error
		done, fail string
		idle       bool
	}{
		{"starts", VerbStart, []Unit{down, up("1", 1)}, nil, `started, pid 1 after 500 ms`, "", false},
		{"runs already", VerbStart, []Unit{up("1", 1)}, nil, `already running, pid 1`, "", true},
		{"has done its work", VerbStart, []Unit{task, task}, nil, `started after 1 ms`, "", false},
		{"is vouched for", VerbRestart, []Unit{up("1", 1), sure}, nil, `restarted, pid 2 after 1 ms`, "", false},
		{"is not the old one", VerbRestart, []Unit{up("1", 1), up("1", 1)}, nil, "", "cannot restart web: it is the same as before, pid 1", false},
		{"ends at once", VerbStart, []Unit{down, bad}, nil, "", "cannot start web: it has failed: exit status 3", false},
		{"ends a little later", VerbStart, []Unit{down, up("1", 1), bad}, nil, "", "cannot start web: it ended within 500 ms and has failed: exit status 3", false},
		{"is started again", VerbStart, []Unit{down, up("1", 1), up("2", 2)}, nil, "", "cannot start web: it ended within 500 ms and fake started it again, pid 2", false},
		{"cannot", VerbStart, []Unit{down, bad}, errors.New("no"), "", "cannot start web: no: exit status 3", false},
		{"cannot, as already said", VerbStart, []Unit{down, bad}, errors.New("no: exit status 3"), "", "cannot start web: no: exit status 3", false},
		{"stops", VerbStop, []Unit{up("1", 1), down}, nil, "stopped after 1 ms", "", false},
		{"stops badly", VerbStop, []Unit{up("1", 1), bad}, nil, "stopped after 1 ms", "", false},
		{"does not stop", VerbStop, []Unit{up("1", 1), up("1", 1)}, nil, "", "cannot stop web: it is running still, pid 1", false},
		{"does not run", VerbStop, []Unit{bad}, nil, "not running", "", true},
		{"reloads", VerbReload, []Unit{sure}, nil, "reloaded, pid 2 after 500 ms", "", false},
		{"dies of its reload", VerbReload, []Unit{sure, sure, bad}, nil, "", "cannot reload web: it ended within 500 ms and has failed: exit status 3", false},
		{"cannot reload what does not run", VerbReload, []Unit{down}, nil, "", "cannot reload web: it is stopped", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeInit{label: "fake", looks: tt.looks, err: tt.err}
				u := &Units{systems: []initSystem{f}, patience: time.Minute, settle: defaultSettle}
				_, out := u.Do(t.Context(), Ref{"fake", "web"}, tt.verb)
				if out.Done != tt.done || out.Error != tt.fail || out.Idle != tt.idle {
					t.Errorf("got %+v", out)
				}
				if acted := len(f.asked) == 1; acted == (tt.idle || strings.HasSuffix(tt.name, "what does not run")) {
					t.Errorf("asked for %v", f.asked)
				}
			})
		})
	}
}

func TestDoEvidence(t *testing.T) {
	long := strings.Repeat("a line\n", 1000)
	for said, want := range map[string]string{
		"":                              "",
		"port 80\x1b[1m in use\n":       "port 80?[1m in use",
		"no redis://u:hunter2@here now": "no redis://u:********@here now",
		long:                            strings.TrimSpace(long[len(long)-len("a line\n")*(evidenceLimit/len("a line\n")):]),
		strings.Repeat("é", 5000):       strings.Repeat("é", evidenceLimit/2),
	} {
		f := &fakeInit{label: "fake", looks: []Unit{{State: UnitStopped}}, err: errors.New("no"), said: said}
		u := &Units{systems: []initSystem{f}, patience: time.Minute}
		if _, out := u.Do(t.Context(), Ref{"fake", "web"}, VerbStart); out.Evidence != want {
			t.Errorf("%.40q: got %.80q", said, out.Evidence)
		}
	}
}

func TestDoTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeInit{label: "fake", looks: []Unit{{State: UnitStarting, PID: 3}}, hang: true}
		u := &Units{systems: []initSystem{f}, patience: 10 * time.Second}
		_, out := u.Do(t.Context(), Ref{"fake", "web"}, VerbStart)
		if out.Error != "cannot start web: it was not done after 10 s; fake goes on, and it is starting, pid 3" {
			t.Errorf("got %+v", out)
		}
		_, out = u.Do(t.Context(), Ref{"other", "web"}, VerbStart)
		if out.Error != `cannot start web: there is no init system "other"` {
			t.Errorf("got %+v", out)
		}
	})
}

func TestFind(t *testing.T) {
	none := missing("never heard of it")
	secret := denied("ask root")
	tests := []struct {
		name    string
		systems []initSystem
		system  string
		want    Ref
		fail    string
		is      error
	}{
		{"the first that knows it", []initSystem{&fakeInit{label: "a", known: none}, &fakeInit{label: "b"}, &fakeInit{label: "c"}}, "", Ref{"b", "web.found"}, "", nil},
		{"not what is not there", []initSystem{&fakeInit{label: "a", absent: true}, &fakeInit{label: "b"}}, "", Ref{"b", "web.found"}, "", nil},
		{"only where it is wanted", []initSystem{&fakeInit{label: "a"}, &fakeInit{label: "b"}}, "b", Ref{"b", "web.found"}, "", nil},
		{
			"nowhere",
			[]initSystem{&fakeInit{label: "a", known: none}, &fakeInit{label: "b", known: none}},
			"",
			Ref{},
			"cannot find web: a: never heard of it; b: never heard of it", ErrNoUnit,
		},
		{"no init system", nil, "", Ref{}, "cannot find web: no init system of this host knows it", ErrNoUnit},
		{"absent", []initSystem{&fakeInit{label: "a", absent: true}}, "a", Ref{}, "cannot find web: a does not run here: no init system of this host knows it", ErrNoUnit},
		{
			"what cannot be asked may know it",
			[]initSystem{&fakeInit{label: "a", known: secret}, &fakeInit{label: "b", known: none}},
			"",
			Ref{},
			"cannot find web: a: permission denied; ask root", fs.ErrPermission,
		},
		{"one that hangs", []initSystem{&fakeInit{label: "a", hang: true}, &fakeInit{label: "b"}}, "", Ref{"b", "web.found"}, "", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := &Units{systems: tt.systems}
				got, err := u.Find(t.Context(), tt.system, "web")
				if got != tt.want || (err == nil) != (tt.fail == "") || err != nil && err.Error() != tt.fail || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("got %v, %v", got, err)
				}
			})
		})
	}
}

func TestDetect(t *testing.T) {
	if got := NewUnits(UnitOptions{Root: t.TempDir(), Order: []string{"systemd", "openrc", "sysv", "docker", "upstart", "launchd"}}).Detect(t.Context()); got != nil {
		t.Errorf("in an empty directory there is %v", got)
	}
	u := NewUnits(UnitOptions{Order: []string{"sysv", "nonsense", "systemd"}})
	if len(u.systems) != 2 || u.systems[0].name() != "sysv" || u.systems[1].name() != "systemd" {
		t.Errorf("got %v", u.systems)
	}
}

// The manager of a user is asked when somebody names it, and else not.
func TestFindUserManager(t *testing.T) { // S-15
	if _, err := user.Lookup("nobody"); err != nil {
		t.Skip("there is no user nobody")
	}
	root := t.TempDir()
	u := NewUnits(UnitOptions{Root: root, Order: []string{"systemd"}})
	for range 2 {
		_, err := u.Find(t.Context(), "systemd --user nobody", "web")
		if want := "cannot find web: systemd --user nobody does not run here: " + ErrNoUnit.Error(); err == nil || err.Error() != want {
			t.Errorf("got %v", err)
		}
	}
	if s, err := u.system("systemd --user nobody"); err != nil || len(u.users) != 1 || s != u.users[0] {
		t.Errorf("got %v, %v of %d", s, err, len(u.users))
	}
	for _, name := range []string{"systemd --user no such user", "systemd --userx", "sysv"} {
		if got := u.named(name); got != nil {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got := u.named(""); len(got) != 1 {
		t.Errorf("of all are asked %v", got)
	}
	u.Close()
}
