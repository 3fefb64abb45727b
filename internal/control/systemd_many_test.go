package control

import (
	"fmt"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"orderly/internal/model"
)

const manyUnits = 100

// restartAll restarts units at once.
func restartAll(t *testing.T, u *Units, names []string) []model.Outcome {
	outcomes := make([]model.Outcome, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() { _, outcomes[i] = u.Do(t.Context(), ref(name), VerbRestart) })
	}
	wg.Wait()
	return outcomes
}

// A fate is what becomes of a restart: what systemd says of the job, and the truth.
type fate struct {
	result, state string
	late          bool // it comes into the state only a while after the end of the job
	done, fail    string
}

var fates = []fate{
	{"done", "active", false, `restarted, pid \d+ after 1 s`, ""},
	{"failed", "failed", false, "", "its job failed: exit status 3"},
	{"timeout", "failed", false, "", "its job took longer than systemd lets it: exit status 3"},
	{"done", "failed", true, "", "it ended within 1 s and has failed: exit status 3"},
	{"dependency", "inactive", false, "", "a unit that it needs failed"},
}

// oneOfMany is a unit beside others on a fake bus.
type oneOfMany struct {
	general, special map[string]any
	act              func(w *wire, reply func(job dbus.ObjectPath))
}

func (o *oneOfMany) become(state string, pid uint32) {
	o.general["ActiveState"], o.special["MainPID"] = state, pid
	if state == "failed" {
		o.special["Result"], o.special["ExecMainStatus"] = "exit-code", int32(3)
	}
}

// meet makes a unit that runs and is led to its fate by a restart. The result of the job is left to be told by told.
func (b *fakeBus) meet(name string, f fate, settle time.Duration, told func(w *wire, job dbus.ObjectPath)) *oneOfMany {
	one := &oneOfMany{
		general: map[string]any{"LoadState": "loaded", "InvocationID": []byte{1}, stateChange: uint64(1)},
		special: map[string]any{"Type": "simple", "Result": "success"},
	}
	one.become("active", 1)
	one.act = func(w *wire, reply func(dbus.ObjectPath)) {
		one.general["InvocationID"] = []byte{2}
		one.become("active", 2)
		if !f.late {
			one.become(f.state, 2)
		} else {
			time.AfterFunc(settle/2, func() {
				b.mu.Lock()
				defer b.mu.Unlock()
				one.become(f.state, 0)
			})
		}
		job := "/job" + unitPath(name)
		reply(job)
		told(w, job)
	}
	return one
}

// A hundred restarts at once, of which most fail in some way: each is told the truth, though the results come in another
// order, and none waits for the service of another to settle.
func TestSystemdMany(t *testing.T) { // S-11
	onBus(t, func(t *testing.T, b *fakeBus, u *Units) {
		b.many = map[string]*oneOfMany{}
		var names []string
		var results []func()
		for i := range manyUnits {
			name, f := fmt.Sprintf("many@%d.service", i), fates[i%len(fates)]
			names = append(names, name)
			b.many[name] = b.meet(name, f, u.settle, func(w *wire, job dbus.ObjectPath) {
				results = append(results, func() {
					w.signal(":1.0", systemdPath, systemdManager, "JobRemoved", uint32(i), job, name, f.result)
				})
				if len(results) < manyUnits {
					return
				}
				for _, tell := range slices.Backward(results) {
					tell()
				}
			})
		}
		begin := time.Now()
		for i, out := range restartAll(t, u, names) {
			f := fates[i%len(fates)]
			if f.fail != "" {
				f.fail = "cannot restart " + names[i] + ": " + f.fail
			}
			want(t, out, f.done, f.fail)
		}
		if took := time.Since(begin); took != u.settle {
			t.Errorf("took %v", took)
		}
	})
}

// many is the same with units of a real systemd, whose own limits must not turn one into another.
func (x *systemdWorld) many(t *testing.T) { // S-11
	kinds := []struct{ name, fail string }{
		{"many", ""},
		{"many-broken", `it (ended within .* and )?has failed: exit status 3`},
		{"many", ""},
		{"many-silent", `its job failed: it took longer than systemd lets it`},
		{"many-jobs", `its job failed: exit status 1`},
		{"many-absent", `(its job failed|it (ended within .* and )?has failed): exit status 203, its program cannot be run`},
		{"many", ""},
		{"many-needy", `a unit that it needs failed`},
		{"many-loops", `(it ended within .* and (is restarting|is starting|systemd started it again)|it is (re)?starting).*`},
		{"many", ""},
	}
	var names []string
	for i := range manyUnits {
		names = append(names, fmt.Sprintf("%s@%d.service", kinds[i%len(kinds)].name, i))
	}
	begin := time.Now()
	outcomes := restartAll(t, x.u, names)
	t.Logf("restarted %d units in %v", manyUnits, time.Since(begin))
	for i, out := range outcomes {
		if fail := kinds[i%len(kinds)].fail; fail != "" {
			want(t, out, "", "cannot restart "+names[i]+": "+fail)
			continue
		}
		want(t, out, `restarted, pid \d+ after .*`, "")
		if now, err := x.u.Status(t.Context(), ref(names[i])); err != nil || now.State != UnitRunning || !exists(now.PID) {
			t.Errorf("restarted, it is %+v, %v", now, err)
		}
	}
	_ = exec.Command("systemctl", "stop", "many*@*").Run()
}
