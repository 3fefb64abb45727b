package control

import (
	"sync"
	"syscall"
	"testing"
	"time"
)

// followed collects what a watch tells.
type followed struct {
	mu   sync.Mutex
	seen []Unit
}

func (f *followed) add(u Unit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, u)
}

func (f *followed) has(what func(Unit) bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, u := range f.seen {
		if what(u) {
			return true
		}
	}
	return false
}

func (x *systemdWorld) follow(t *testing.T, refs ...Ref) *followed {
	f := &followed{}
	var wg sync.WaitGroup
	ctx, cancel := cancelled(t)
	wg.Go(func() { x.u.Watch(ctx, refs, f.add) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return f
}

func (x *systemdWorld) watch(t *testing.T) { // S-12, S-14
	before, out := x.u.Do(t.Context(), ref("web.service"), VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
	f := x.follow(t, ref("web.service"), ref("job.service"))
	poll(t, func() bool { return f.has(func(u Unit) bool { return u.same(&before) }) })
	if err := syscall.Kill(before.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	poll(t, func() bool {
		return f.has(func(u Unit) bool {
			return u.State == UnitRestarting && u.Result == "killed by signal 9" && u.PID == 0
		})
	})
	poll(t, func() bool {
		return f.has(func(u Unit) bool {
			return u.State == UnitRunning && u.Restarts == 1 && u.PID != before.PID && u.Run != before.Run
		})
	})
	// Whatever happens to the manager and the bus, the next change is told.
	manage(t, "daemon-reload")
	manage(t, "daemon-reexec")
	manage(t, "stop", "web")
	poll(t, func() bool {
		return f.has(func(u Unit) bool { return u.State == UnitStopped && u.Name == "web.service" })
	})
	_, out = x.u.Do(t.Context(), ref("web.service"), VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
}

// anew restarts the bus itself, and then kills it. Who watches learns of all that comes after.
func (x *systemdWorld) anew(t *testing.T) { // S-12
	f := x.follow(t, ref("web.service"))
	_, out := x.u.Do(t.Context(), ref("dbus.service"), VerbRestart)
	want(t, out, `restarted, pid \d+ after .*`, "")
	for range 2 {
		now, out := x.u.Do(t.Context(), ref("web.service"), VerbRestart)
		want(t, out, `restarted, pid \d+ after .*`, "")
		poll(t, func() bool { return f.has(func(u Unit) bool { return u.same(&now) }) })
		bus, err := x.u.Status(t.Context(), ref("dbus.service"))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(bus.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
}

// known measures how long it takes until the death of a service is known, whether it is started again or not.
func (x *systemdWorld) known(t *testing.T) { // S-14
	for name, state := range map[string]UnitState{"web.service": UnitRestarting, "once.service": UnitFailed} {
		was, out := x.u.Do(t.Context(), ref(name), VerbRestart)
		want(t, out, `restarted, pid \d+ after .*`, "")
		dead := make(chan time.Time, 1)
		ctx, cancel := cancelled(t)
		var wg sync.WaitGroup
		watched := make(chan bool, 1)
		wg.Go(func() {
			x.u.Watch(ctx, []Ref{ref(name)}, func(u Unit) {
				if u.same(&was) {
					watched <- true
				} else if u.State == state && u.Result == "killed by signal 9" {
					dead <- time.Now()
				}
			})
		})
		<-watched
		begin := time.Now()
		if err := syscall.Kill(was.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		select {
		case then := <-dead:
			t.Logf("the death of %s was known after %v", name, then.Sub(begin))
		case <-time.After(time.Minute):
			t.Errorf("the death of %s was not told", name)
		}
		cancel()
		wg.Wait()
	}
}
