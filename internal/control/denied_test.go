package control

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deniedVariable names the directory of the init systems that TestDenied asks as an ordinary user.
const deniedVariable = "ORDERLY_TEST_DENIED"

// Pins S-29: what an ordinary user may not see or do is told as that, with what would help, and not as a service that is
// not there. systemd has tests of its own.
func TestDenied(t *testing.T) {
	if dir := os.Getenv(deniedVariable); dir != "" {
		for system, may := range map[string]string{"runit": "", "s6": "", "docker": "", "supervisord": "", "openrc": "look", "sysv": "look", "upstart": "look"} {
			deny(t, dir, system, may == "look")
		}
		return
	}
	if os.Geteuid() != 0 {
		t.Skip("only root has what is denied to others")
	}
	dir := openToAll(t)
	for name, text := range map[string]string{
		"run/openrc/softlevel": "default\n", "proc/1/comm": "init\n", "etc/init/web.conf": "",
		"etc/init.d/web": "#!/bin/sh\ncase $1 in start|stop) exit 1 ;; status) exit 3 ;; esac\n",
		"bin/initctl":    "#!/bin/sh\ncase $1 in version) echo upstart ;; *) echo web stop/waiting ;; esac\n",
		"bin/sudo":       "#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n",
		"runit/web/run":  "#!/bin/sh\n", "s6/web/run": "#!/bin/sh\n", "s6/.s6-svscan/lock": "",
	} {
		root{dir}.write(t, name, text)
	}
	for _, place := range []string{"runit", "s6"} {
		if err := os.Mkdir(filepath.Join(dir, place, "web/supervise"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, socket := range []string{"docker", "supervisord"} {
		l, err := net.Listen("unix", filepath.Join(dir, socket))
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if err := os.Chmod(filepath.Join(dir, socket), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	program, err := os.ReadFile("/proc/self/exe")
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "test"), program, 0o755)
	}
	if err != nil {
		t.Skipf("cannot run the test as somebody else: %v", err)
	}
	cmd := exec.Command(filepath.Join(dir, "test"), "-test.v", "-test.run", "^TestDenied$")
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), deniedVariable+"="+dir, "HOME=/")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestDenied") {
		t.Errorf("%v: %s", err, out)
	}
}

// openToAll is a directory into which everybody may look.
func openToAll(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// deny has an init system find the service web and start it.
func deny(t *testing.T, dir, system string, look bool) {
	t.Helper()
	for _, path := range []string{filepath.Join(dir, "bin") + ":/usr/bin:/bin", filepath.Join(dir, "none")} {
		u := NewUnits(UnitOptions{
			Root: dir, Order: []string{system}, Patience: 10 * time.Second, Settle: time.Millisecond,
			Environment: []string{"PATH=" + path},
			Runit:       []string{filepath.Join(dir, "runit")}, S6: []string{filepath.Join(dir, "s6")},
			Engines: []string{filepath.Join(dir, "docker")}, Supervisord: []string{"unix://" + filepath.Join(dir, "supervisord")},
		})
		if system == "upstart" && !strings.HasSuffix(path, "/bin") {
			continue // which is not there without its command
		}
		ref, err := u.Find(t.Context(), "", "web")
		switch {
		case look && err != nil:
			t.Errorf("%s: cannot find it: %v", system, err)
		case look:
			if _, out := u.Do(t.Context(), ref, VerbStart); !strings.Contains(out.Error, "permission denied; ") || !strings.Contains(out.Error, "sudoers") {
				t.Errorf("%s: with %s: %+v", system, path, out)
			}
		case !errors.Is(err, fs.ErrPermission) || errors.Is(err, ErrNoUnit) || !strings.Contains(err.Error(), "must be open to orderly"):
			t.Errorf("%s: found %v, %v", system, ref, err)
		}
		u.Close()
	}
}
