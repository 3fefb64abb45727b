package test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A side is one of the two programs that speak as Monit does, as a daemon on a directory and a port of its own. Both
// live on the same control file, testdata/monit/control.
type side struct {
	t       *testing.T
	name    string   // "Monit" or "orderly"
	program []string // how it is called
	dir     string
	port    int
	web     *httptest.Server // one that answers
}

// bothSides prepares the real Monit and orderly, with more statements in their control file. Without a Monit the test is skipped.
func bothSides(t *testing.T, more ...string) (monit, orderly *side) {
	t.Helper()
	program, err := exec.LookPath("monit")
	if err != nil {
		t.Skip("there is no monit to compare with")
	}
	if out, _ := exec.Command(program, "-V").Output(); !strings.Contains(string(out), "Tildeslash") {
		t.Skip("monit is not Monit's own")
	}
	orderly = newSide(t, more...)
	monit = &side{t: t, name: "Monit", program: []string{program}, dir: filepath.Join(filepath.Dir(orderly.dir), "m"), web: orderly.web}
	monit.furnish(more)
	return monit, orderly
}

// newSide prepares orderly alone.
func newSide(t *testing.T, more ...string) *side {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("the control file is that of root")
	}
	parent, err := os.MkdirTemp("", "sides") // short, as a socket needs it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(parent) })
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "fine") }))
	t.Cleanup(web.Close)
	a := &side{t: t, name: "orderly", program: []string{binary, "monit"}, dir: filepath.Join(parent, "o"), web: web}
	a.furnish(more)
	return a
}

// furnish makes the control file, and what it names.
func (a *side) furnish(more []string) {
	t := a.t
	t.Helper()
	a.port = freePort(t)
	t.Cleanup(a.end)
	if err := os.CopyFS(a.dir, os.DirFS("testdata/monit")); err != nil {
		t.Fatal(err)
	}
	control, err := os.ReadFile(a.path("control"))
	if err != nil {
		t.Fatal(err)
	}
	_, web, _ := strings.Cut(a.web.Listener.Addr().String(), ":")
	text := strings.NewReplacer("@MORE@", strings.Join(more, "\n"), "@DIR@", a.dir, "@PORT@", strconv.Itoa(a.port), "@WEB@", web, "@NOBODY@", "9").Replace(string(control))
	a.write("monitrc", text, 0o600)
	a.write("app.conf", "key = value\n", 0o644)
	a.write("queue", "", 0o644)
	if err := errors.Join(os.Mkdir(a.path("spool"), 0o755), syscall.Mkfifo(a.path("app.fifo"), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func (a *side) path(name string) string { return filepath.Join(a.dir, name) }

// write makes a file, or replaces it in one step: nobody sees half of it.
func (a *side) write(name, text string, mode fs.FileMode) {
	a.t.Helper()
	draft := a.path(name) + ".new"
	if err := errors.Join(os.WriteFile(draft, []byte(text), mode), os.Chmod(draft, mode), os.Rename(draft, a.path(name))); err != nil {
		a.t.Fatal(err)
	}
}

// A reply is what a command printed, and its exit status.
type reply struct {
	stdout, stderr string
	status         int
}

// call runs a command of this side's program with a control file.
func (a *side) call(control string, args ...string) reply {
	a.t.Helper()
	args = append(append(append([]string{}, a.program[1:]...), "-c", control), args...)
	cmd := exec.CommandContext(a.t.Context(), a.program[0], args...)
	cmd.Dir = filepath.Dir(control)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second // a daemon that was started may hold them
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		a.t.Fatal(err)
	}
	return reply{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// do runs a command about this side's own daemon.
func (a *side) do(args ...string) reply {
	a.t.Helper()
	return a.call(a.path("monitrc"), args...)
}

// start runs the daemon in the background, as its user does.
func (a *side) start() {
	a.t.Helper()
	if r := a.do(); r.status != 0 || !strings.Contains(r.stdout, fmt.Sprintf("daemon with http interface at [127.0.0.1]:%d\n", a.port)) {
		a.t.Fatalf("%s does not start: %+v", a.name, r)
	}
}

// eventually waits until something holds.
func (a *side) eventually(what string, holds func() bool) {
	a.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	log, _ := os.ReadFile(a.path("log"))
	a.t.Fatalf("%s never: %s\nlog:\n%s", a.name, what, log)
}

// words waits until the summary says something of a service.
func (a *side) words(service, want string) {
	a.t.Helper()
	a.eventually(service+" is "+want, func() bool {
		for line := range strings.Lines(a.do("summary").stdout) {
			if fields := strings.Fields(line); len(fields) > 2 && fields[0] == service && strings.Contains(line, want) {
				return true
			}
		}
		return false
	})
}

// settle waits until both programs know all that there is to know.
func (a *side) settle() {
	a.t.Helper()
	for service, words := range map[string]string{"appd": "OK", "worker": "OK", "localweb": "Connection failed", "bad_script": "Status failed", "loop": "OK", "ok_script": "OK"} {
		a.words(service, words)
	}
	a.eventually("all is measured", func() bool {
		status := a.do("status").stdout
		return strings.Contains(status, "all is fine") && !strings.Contains(status, "cpu total                    -") && strings.Contains(status, "of which read")
	})
}

func (a *side) pid(name string) int {
	text, _ := os.ReadFile(a.path(name))
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}

// end ends the daemon and what it has started.
func (a *side) end() {
	for _, name := range []string{"pid", "appd.pid", "jobd.pid"} {
		if pid := a.pid(name); pid > 1 {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
}
