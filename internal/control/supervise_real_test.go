package control

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// services makes the directories of two services: web, which lives, and broken.
func services(t *testing.T, l living, dir string, web func(dir string)) {
	t.Helper()
	l.write(t, dir+"/web/run", "exec "+l.script+"\n")
	l.write(t, dir+"/broken/run", "echo no port >&2\nexit 3\n")
	web(filepath.Join(l.dir, dir, "web"))
	for _, name := range []string{"web", "broken"} {
		if err := os.WriteFile(filepath.Join(l.dir, dir, name, "down"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRealRunit(t *testing.T) { // S-20, S-21
	l := newLiving(t)
	checked := ""
	services(t, l, "svc", func(web string) {
		checked = filepath.Join(web, "checked")
		l.write(t, "svc/web/check", "test -e "+checked+" || { touch "+checked+"; exit 1; }\n")
	})
	dir := filepath.Join(l.dir, "svc")
	runsvdir := daemon(t, nil, "runsvdir", "-P", dir)
	t.Cleanup(func() { endTree(t, runsvdir, syscall.SIGHUP, dir) })
	u := onlyOn(t, "runit", UnitOptions{Runit: []string{dir}})
	poll(t, func() bool { _, err := u.Status(t.Context(), Ref{"runit", dir + "/broken"}); return err == nil })
	poll(t, func() bool { _, err := u.Status(t.Context(), Ref{"runit", dir + "/web"}); return err == nil })
	lifecycle(t, u, "runit", l, true)
	if _, err := os.Stat(checked); err != nil {
		t.Error("the check script was not asked")
	}
	fails(t, u, "broken", `it (ended at once|ended within .*|is restarting.*)`, "")
}

func TestRealS6(t *testing.T) { // S-22
	l := newLiving(t)
	services(t, l, "scan", func(string) {})
	dir := filepath.Join(l.dir, "scan")
	scan := daemon(t, nil, "s6-svscan", dir)
	t.Cleanup(func() { endTree(t, scan, syscall.SIGTERM, dir) })
	u := onlyOn(t, "s6", UnitOptions{S6: []string{dir}})
	poll(t, func() bool { _, err := u.Status(t.Context(), Ref{"s6", dir + "/broken"}); return err == nil })
	poll(t, func() bool { _, err := u.Status(t.Context(), Ref{"s6", dir + "/web"}); return err == nil })
	lifecycle(t, u, "s6", l, true)
	restarts(t, u, Ref{"s6", dir + "/web"})
	fails(t, u, "broken", `it (ended at once|ended within .*|is restarting.*): exit status 3`, "")
}

// restarts sees that s6's deaths are counted, and that its own command tells of a service what its status file does.
func restarts(t *testing.T, u *Units, ref Ref) {
	t.Helper()
	was, out := u.Do(t.Context(), ref, VerbStart)
	want(t, out, `started, pid \d+ after .*`, "")
	asked, err := askSvstat(t.Context(), newTools(UnitOptions{}), ref.Name)
	if asked.Ref = ref; err != nil || asked != was {
		t.Errorf("s6-svstat says %+v, %v, the status file %+v", asked, err, was)
	}
	if err := syscall.Kill(was.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	poll(t, func() bool {
		now, err := u.Status(t.Context(), ref)
		return err == nil && now.State == UnitRunning && !now.same(&was) && now.Restarts == was.Restarts+1
	})
	_, out = u.Do(t.Context(), ref, VerbStop)
	want(t, out, "stopped after .*", "")
}

// endTree asks a supervisor to end, and waits until nothing of what it supervised is left.
func endTree(t *testing.T, cmd *exec.Cmd, signal syscall.Signal, dir string) {
	_ = cmd.Process.Signal(signal)
	for _, name := range []string{"web", "broken"} {
		service := filepath.Join(dir, name)
		if supervisorRuns(service) {
			_ = order(service, "dx")
		}
		poll(t, func() bool { return !supervisorRuns(service) })
	}
}
