package differential

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// errLate tells that a step was not done before the cycle that was to see it: such a run proves nothing. errEnded tells that
// the program has ended, though nobody had asked it to.
var (
	errLate  = errors.New("a step came too late for its cycle")
	errEnded = errors.New("the program has ended")
)

// A run is one program living through one scenario, in a directory of its own.
type run struct {
	*scenario
	watchdog
	t     *testing.T
	dir   string
	pace  int // seconds between two cycles
	sink  *sink
	peer  *server
	cmd   *exec.Cmd
	ended chan struct{}
	seen  int // beats that steps have waited for
}

// A watchdog is what differs between the two programs.
type watchdog interface {
	// launch is how the program is started in the foreground.
	launch() *exec.Cmd
	// do gives a command and tells whether a cycle follows from it at once.
	do(verb string, args ...string) (cycle bool, err error)
	// reload has the control file read again and tells whether a cycle of all services follows from it at once.
	reload() (cycle bool, err error)
	// forgetBoot makes what was kept look as if it were from before the last start of the host.
	forgetBoot() error
	// states is what the program thinks of the services.
	states() (map[string]string, error)
}

func newRun(t *testing.T, s *scenario, program string, pace int) (*run, error) {
	dir, err := os.MkdirTemp("", "df")
	if err != nil {
		return nil, err
	}
	r := &run{scenario: s, t: t, dir: dir, pace: pace}
	switch program {
	case "monit":
		r.watchdog = monit{dir}
	default:
		r.watchdog = orderly{dir}
	}
	if err := os.Chmod(dir, 0o755); err != nil { // for programs of other users
		return nil, err
	}
	if r.sink, err = newSink(); err != nil {
		return nil, err
	}
	if r.peer, err = newServer(r.path("peer")); err != nil {
		return nil, err
	}
	for name, text := range programs {
		if err := r.write(name, "#!/bin/sh\n"+text+"\n", 0o755); err != nil {
			return nil, err
		}
	}
	for _, f := range s.files {
		text := string(f.Data)
		if f.Name == "control" {
			text = prelude + text + postlude
		}
		if err := r.write(f.Name, text, 0o600); err != nil {
			return nil, err
		}
	}
	return r, r.shell(s.setup)
}

func (r *run) path(name string) string { return filepath.Join(r.dir, name) }

func (r *run) fill(text string) string {
	return strings.NewReplacer("@DIR@", r.dir, "@PACE@", strconv.Itoa(r.pace),
		"@MAIL@", strconv.Itoa(r.sink.port()), "@PORT@", strconv.Itoa(r.peer.port)).Replace(text)
}

func (r *run) write(name, text string, mode os.FileMode) error {
	if err := os.WriteFile(r.path(name), []byte(r.fill(text)), mode); err != nil {
		return err
	}
	return os.Chmod(r.path(name), mode)
}

func (r *run) shell(script string) error {
	cmd := exec.Command("/bin/sh", "-e", "-c", r.fill(script))
	cmd.Dir, cmd.Env = r.dir, r.environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot run %q: %w\n%s", script, err, out)
	}
	return nil
}

// environment marks whatever this run starts, so that it can be ended with it.
func (r *run) environment() []string { return append(os.Environ(), "DIFFERENTIAL="+r.dir) }

// play lives through the scenario and returns the transcript. What is still under way at the end, mail for example, gets
// the time it takes to become what is wanted.
func (r *run) play(want string) (string, error) {
	if err := r.start(); err != nil {
		return "", err
	}
	for _, line := range r.steps {
		switch err := r.step(line); {
		case errors.Is(err, errEnded):
			return "the program has ended\n", nil
		case err != nil:
			return "", fmt.Errorf("%s: %w", line, err)
		}
	}
	ran := lines(r.path("ran")) // what later cycles run is not part of the scenario
	var got string
	err := errors.New("nothing is known of its services")
	until(settling, func() bool {
		if text, e := r.transcript(ran); e == nil || got == "" {
			got, err = text, e
		}
		return got == want
	})
	return got, err
}

// settling is how long what is under way at the end may take.
const settling = 4 * time.Second

// start runs the program until its first cycle is over.
func (r *run) start() error {
	r.cmd, r.ended = r.launch(), make(chan struct{})
	r.cmd.Env, r.cmd.Dir = r.environment(), "/"
	out, err := os.OpenFile(r.path("output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	r.cmd.Stdout, r.cmd.Stderr = out, out
	if err := r.cmd.Start(); err != nil {
		return err
	}
	cmd, ended := r.cmd, r.ended
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	return r.cycles(1)
}

func (r *run) signal(s syscall.Signal) error {
	_ = r.cmd.Process.Signal(s)
	select {
	case <-r.ended:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("it does not end after %v", s)
	}
}

// cycles waits for the ends of so many cycles.
func (r *run) cycles(n int) error {
	r.seen += n
	over := func() bool {
		beats := lines(r.path("beats"))
		return len(beats) >= r.seen && gone(beats[len(beats)-1])
	}
	alive := true
	limit := patience + time.Duration(n*r.pace)*time.Second
	if !until(limit, func() bool {
		select {
		case <-r.ended:
			alive = false
		default:
		}
		return !alive || over()
	}) {
		return fmt.Errorf("%d cycles are not over after %v", r.seen, limit)
	}
	if !alive {
		return errEnded
	}
	if len(lines(r.path("beats"))) > r.seen {
		return errLate
	}
	return nil
}

// inTime tells whether the next cycle has not begun yet.
func (r *run) inTime() error {
	info, err := os.Stat(r.path("begun"))
	if err != nil {
		return err
	}
	if len(lines(r.path("begun"))) > r.seen || time.Since(info.ModTime()) > time.Duration(r.pace)*time.Second*9/10 {
		return errLate
	}
	return nil
}

// history is what helps to understand what a run did.
func (r *run) history() string {
	text := ""
	for _, name := range []string{"output", "ran"} {
		if b, err := os.ReadFile(r.path(name)); err == nil {
			text += name + ":\n" + string(b)
		}
	}
	for _, m := range r.sink.received() {
		text += fmt.Sprintf("mail %+v\n", m)
	}
	return text
}

// end ends the program and everything it has started.
func (r *run) end() {
	if r.cmd != nil {
		_ = r.cmd.Process.Kill()
		<-r.ended
	}
	for _, pid := range marked("DIFFERENTIAL=" + r.dir) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	r.sink.close()
	r.peer.close()
	if err := os.RemoveAll(r.dir); err != nil {
		r.t.Error(err)
	}
}
