package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"orderly/internal/model"
)

func TestUnmonitorIsEffectiveWhileAPlanAndACheckHang(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		w.with(func() {
			w.hang["web"] = 25 * time.Second
		})
		defer w.run(config(process("web")), false)()
		before := time.Now()
		w.do(model.CommandUnmonitor, "WEB")
		if took := time.Since(before); took != 0 {
			t.Errorf("it took %v", took)
		}
		w.state("web", model.StateUnmonitored)
		w.sleep(time.Minute)
		w.state("web", model.StateUnmonitored)
		if !slices.Contains(w.forgot, "web") {
			t.Error("its process is still held")
		}
		expect(t, "events", w.story(), "web unmonitored")
	})
}

func TestMonitorBeginsAnew(t *testing.T) { // S-unmonitor-reset
	bubble(t, func(w *world) {
		w.set("f", model.Size, 20)
		defer w.run(config(gauge("f")), false)()
		w.do(model.CommandUnmonitor, "f")
		out := w.do(model.CommandUnmonitor, "f")
		expect(t, "again", out[0].Done, "is not monitored already")
		w.story()
		w.do(model.CommandMonitor, "f")
		w.sleep(0)
		expect(t, "events", w.story(), "f monitored, f failed")
		out = w.do(model.CommandMonitor, "f")
		expect(t, "again", out[0].Done, "is monitored already")
	})
}

func TestDependencyCommands(t *testing.T) { // S-dep-start, S-dep-stop, S-dep-restart, S-dep-monitor, S-dep-unmonitor
	family := func(w *world) (*model.Config, []string) {
		names := []string{"app", "db", "disk"}
		for _, n := range names {
			w.set(n, model.Exist, 1)
		}
		return config(process("app", "db"), process("db", "disk"), process("disk")), names
	}
	for _, c := range []struct {
		name    string
		do      func(w *world)
		actions string
		on      string
	}{
		{"stop takes children along, first", func(w *world) { w.do(model.CommandStop, "disk") }, "stop app, stop db, stop disk", ""},
		{"restart stops and starts children", func(w *world) { w.do(model.CommandRestart, "db") }, "stop app, restart db, start app", "app db disk"},
		{"start of a stopped chain starts what it needs", func(w *world) {
			w.do(model.CommandStop, "disk")
			w.actions()
			w.do(model.CommandStart, "app")
		}, "start disk, start db, start app", "app db disk"},
		{"unmonitor takes children along", func(w *world) { w.do(model.CommandUnmonitor, "db") }, "", "disk"},
		{"monitor takes parents along", func(w *world) {
			w.do(model.CommandUnmonitor, "disk")
			w.do(model.CommandMonitor, "db")
		}, "", "db disk"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				cfg, names := family(w)
				defer w.run(cfg, false)()
				c.do(w)
				w.sleep(0)
				expect(t, "actions", w.actions(), c.actions)
				var on []string
				for _, n := range names {
					if w.status(n).Monitored {
						on = append(on, n)
					}
				}
				expect(t, "monitored", strings.Join(on, " "), c.on)
			})
		})
	}
}

func TestChildIsNotCheckedWhileParentIsNotWell(t *testing.T) { // S-dep-order, S-dep-skip
	bubble(t, func(w *world) {
		w.set("db", model.Exist, 1)
		w.set("app", model.Exist, 1)
		w.with(func() {
			w.start["db"] = func() error { return errNotFound }
		})
		defer w.run(config(process("app", "db"), process("db")), false)()
		w.state("app", model.StateOK)
		w.set("db", model.Exist, 0)
		w.set("app", model.Exist, 0)
		w.with(func() {
			w.hang["db"] = time.Second // the child waits for it
		})
		w.sleep(61 * time.Second)
		if n := len(w.checksOf("app")); n != 1 {
			t.Errorf("app was checked %d times, want only before its parent failed", n)
		}
		expect(t, "only the parent is told of", strings.ReplaceAll(w.story(), "db ", ""), "failed, action_failed, action_failed")
	})
}

func TestBlockedStartIsTriedAgain(t *testing.T) { // S-dep-start-fail
	bubble(t, func(w *world) {
		w.set("db", model.Exist, 0)
		w.set("app", model.Exist, 0)
		w.with(func() {
			w.start["db"] = func() error { return errNotFound }
		})
		defer w.run(config(process("app", "db"), process("db")), false)()
		out := w.do(model.CommandStart, "app")
		last := out[len(out)-1]
		if last.Service != "app" || !strings.Contains(last.Error, "cannot start: db, which it depends on, is not well") {
			t.Errorf("outcomes: %+v", out)
		}
		w.with(func() {
			w.start["db"] = nil
		})
		w.actions()
		w.sleep(31 * time.Second)
		expect(t, "actions", w.actions(), "stop app, restart db, start app")
		w.state("app", model.StateOK)
	})
}

func TestWhatIsToldOfACommand(t *testing.T) {
	told := func(w *world) string {
		w.mu.Lock()
		defer w.mu.Unlock()
		var out []string
		for _, ev := range w.log {
			if !ev.Silent {
				out = append(out, ev.Service+" "+string(ev.Kind))
			}
		}
		w.log = nil
		return strings.Join(out, ", ")
	}
	bubble(t, func(w *world) {
		w.set("db", model.Exist, 1)
		w.set("app", model.Exist, 1)
		w.set("f", model.Size, 20)
		defer w.run(config(process("app", "db"), process("db"), gauge("f", model.Action{Kind: model.ActUnmonitor})), false)()
		expect(t, "of an action by a rule", told(w), "f failed")
		for _, c := range []struct {
			kind model.CommandKind
			name string
			want string
		}{
			{model.CommandRestart, "db", "db action"},
			{model.CommandStop, "db", "db action"},
			{model.CommandStart, "app", "app action"},
			{model.CommandUnmonitor, "db", "db unmonitored"},
			{model.CommandMonitor, "app", "app monitored"},
		} {
			w.do(c.kind, c.name)
			w.sleep(0)
			expect(t, string(c.kind)+" "+c.name, told(w), c.want)
		}
	})
}

func TestStopThatFails(t *testing.T) { // S-stop-timeout, S-dep-stop, S-dep-restart
	for _, c := range []struct {
		kind    model.CommandKind
		name    string
		actions string
		on      string
		fails   string
	}{
		{model.CommandStop, "app", "stop web, stop app", "db", "app"},
		{model.CommandStop, "db", "stop web, stop app", "db", "app db"},
		{model.CommandRestart, "db", "stop web, stop app, start web", "web app db", "app db"},
	} {
		t.Run(string(c.kind)+" "+c.name, func(t *testing.T) {
			bubble(t, func(w *world) {
				names := []string{"web", "app", "db"}
				for _, n := range names {
					w.set(n, model.Exist, 1)
				}
				w.stuck["app"] = true
				defer w.run(config(process("web", "app"), process("app", "db"), process("db")), false)()
				var fails, on []string
				for _, out := range w.do(c.kind, c.name) {
					if out.Error != "" {
						fails = append(fails, out.Service)
					}
				}
				w.sleep(0)
				expect(t, "fails", strings.Join(fails, " "), c.fails)
				expect(t, "actions", w.actions(), c.actions)
				for _, n := range names {
					if w.status(n).Monitored {
						on = append(on, n)
					}
				}
				expect(t, "monitored", strings.Join(on, " "), c.on)
			})
		})
	}
}

func TestSlowStopIsNotUndone(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		w.stuck["web"] = true
		defer w.run(config(process("web")), false)()
		w.do(model.CommandStop, "web")
		w.set("web", model.Exist, 0) // at last
		w.sleep(time.Hour)
		expect(t, "actions", w.actions(), "stop web")
	})
}

func TestOverlappingPlansQueue(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("a", model.Exist, 1)
		w.set("b", model.Exist, 1)
		w.with(func() { w.slowness = 10 * time.Second })
		defer w.run(config(process("a"), process("b")), false)()
		results := make(chan time.Duration, 3)
		begun := time.Now()
		for _, name := range []string{"a", "a", "b"} {
			go func() {
				w.do(model.CommandRestart, name)
				results <- time.Since(begun)
			}()
		}
		w.sleep(0)
		if st := w.status("a"); st.State != model.StateActing || st.Doing != "restart" {
			t.Errorf("meanwhile a is %s (%s)", st.State, st.Doing)
		}
		took := []time.Duration{<-results, <-results, <-results}
		expect(t, "a and b run side by side, a twice in a row", fmt.Sprint(took), "[10s 10s 20s]")
	})
}

func TestUserUnmonitorsDuringRestart(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 0)
		w.with(func() { w.slowness = 10 * time.Second })
		defer w.run(config(process("web")), false)()
		w.sleep(time.Second)
		w.do(model.CommandUnmonitor, "web")
		w.sleep(time.Minute)
		w.state("web", model.StateUnmonitored)
		expect(t, "actions", w.actions(), "restart web")
	})
}

func TestGroupsAndAll(t *testing.T) {
	bubble(t, func(w *world) {
		a, b, c := process("a"), process("b", "a"), process("c")
		a.Groups, b.Groups = []string{"g"}, []string{"g"}
		for _, n := range []string{"a", "b", "c"} {
			w.set(n, model.Exist, 1)
		}
		defer w.run(config(a, b, c), false)()
		if _, err := w.engine.Do(context.Background(), model.Command{Kind: model.CommandRestart, Group: "g"}); err != nil {
			t.Fatal(err)
		}
		expect(t, "a child goes with its parent", w.actions(), "stop b, restart a, start b")
		if _, err := w.engine.Do(context.Background(), model.Command{Kind: model.CommandUnmonitor, All: true}); err != nil {
			t.Fatal(err)
		}
		w.state("c", model.StateUnmonitored)
	})
}

func TestUnknownNames(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(gauge("nginx")), false)()
		for _, c := range []struct {
			command model.Command
			want    string
		}{
			{model.Command{Kind: model.CommandStop, Names: []string{"ngnix"}}, `no service is named "ngnix"; did you mean "nginx"?`},
			{model.Command{Kind: model.CommandStop, Group: "web"}, `no group is named "web"`},
		} {
			_, err := w.engine.Do(context.Background(), c.command)
			var unknown *UnknownError
			if !errors.As(err, &unknown) || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		}
		if _, err := w.engine.Status(context.Background(), []string{"x"}); err == nil {
			t.Error("status of an unknown service")
		}
	})
}

func TestFullDiskIsTold(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(gauge("f")), false)()
		w.with(func() { w.disk = errors.New("disk is full") })
		out := w.do(model.CommandUnmonitor, "f")
		if len(out) != 1 || !strings.Contains(out[0].Error, "cannot be saved") {
			t.Errorf("outcomes: %+v", out)
		}
		w.state("f", model.StateUnmonitored)
	})
}

func TestCheckNow(t *testing.T) {
	bubble(t, func(w *world) {
		defer w.run(config(gauge("f"), gauge("off")), false)()
		w.do(model.CommandUnmonitor, "off")
		w.sleep(10 * time.Second)
		w.set("f", model.Size, 20)
		w.with(func() {
			w.hang["f"] = 2 * time.Second
		})
		w.do(model.CommandCheck, "f", "off")
		w.state("f", model.StateFailing)
		expect(t, "checks", fmt.Sprint(w.checksOf("f")), "[0s 10s]")
	})
}

func TestCheckOfEverythingKeepsToTheClock(t *testing.T) {
	bubble(t, func(w *world) {
		hour := fmt.Sprintf("* %d * * *", time.Now().Local().Hour())
		due, leftOut, nightly := gauge("due"), gauge("leftOut"), gauge("nightly")
		due.Schedule.Cron = hour
		leftOut.Schedule.Cron, leftOut.Schedule.Not = hour, true
		nightly.Schedule.Cron = "0 0 31 12 *"
		defer w.run(config(due, leftOut, nightly), false)()
		w.sleep(5 * time.Second)
		if _, err := w.engine.Do(context.Background(), model.Command{Kind: model.CommandCheck, All: true}); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]string{"due": "[5s]", "leftOut": "[]", "nightly": "[]"} {
			expect(t, name, fmt.Sprint(w.checksOf(name)), want)
		}
		w.do(model.CommandCheck, "nightly") // who names it means it
		expect(t, "by its name", fmt.Sprint(w.checksOf("nightly")), "[5s]")
	})
}

func TestActionThatPanics(t *testing.T) {
	bubble(t, func(w *world) {
		w.set("web", model.Exist, 1)
		w.with(func() {
			w.start["web"] = func() error { panic("a bug") }
		})
		defer w.run(config(process("web")), false)()
		out := w.do(model.CommandRestart, "web")
		if len(out) != 1 || !strings.Contains(out[0].Error, "the action itself broke") {
			t.Errorf("outcomes: %+v", out)
		}
	})
}
