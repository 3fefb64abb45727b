package test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// A viewer is one `orderly top` in a terminal of its own.
type viewer struct {
	d      *daemon
	person *os.File // the end at which somebody sits
	far    *os.File // the end of the program
	cmd    *exec.Cmd
	mu     sync.Mutex
	text   bytes.Buffer // what was shown since the terminal was last resized
	all    bytes.Buffer
	width  uint16
}

// top begins to look at a daemon.
func (d *daemon) top(environ ...string) *viewer {
	d.t.Helper()
	v := &viewer{d: d, width: 80}
	var err error
	if v.person, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		d.t.Skipf("no terminals here: %v", err)
	}
	fd := int(v.person.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		d.t.Skipf("no terminals here: %v", err)
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		d.t.Skipf("no terminals here: %v", err)
	}
	if v.far, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		d.t.Skipf("no terminals here: %v", err)
	}
	v.resize()
	v.cmd = exec.Command(binary, "top", "--socket", d.path("sock"))
	v.cmd.Stdin, v.cmd.Stdout, v.cmd.Stderr = v.far, v.far, v.far
	v.cmd.Env = append(append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "TMUX="), environ...)
	v.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := v.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(v.read)
	d.t.Cleanup(func() {
		_ = v.cmd.Process.Kill()
		_ = v.cmd.Wait()
		_ = v.far.Close()
		reading.Wait() // which ends when nobody has the far end any more
		_ = v.person.Close()
	})
	return v
}

func (v *viewer) read() {
	buffer := make([]byte, 32<<10)
	for {
		n, err := v.person.Read(buffer)
		v.mu.Lock()
		v.text.Write(buffer[:n])
		v.all.Write(buffer[:n])
		v.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// resize makes the terminal a little wider or narrower, so that everything is shown anew.
func (v *viewer) resize() {
	v.d.t.Helper()
	v.mu.Lock()
	v.text.Reset()
	v.mu.Unlock()
	v.width ^= 1
	if err := unix.IoctlSetWinsize(int(v.person.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Row: 24, Col: v.width}); err != nil {
		v.d.t.Fatal(err)
	}
}

func (v *viewer) shown() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.text.String()
}

// everything is what was shown so far.
func (v *viewer) everything() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.all.String()
}

// sees waits until words are on the screen. It looks at the whole of it again and again.
func (v *viewer) sees(words string) {
	v.d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); v.resize() {
		for range 100 {
			if strings.Contains(v.shown(), words) {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
	v.d.t.Fatalf("never on the screen: %s\n%q", words, v.shown())
}

func (v *viewer) press(keys string) {
	v.d.t.Helper()
	if _, err := v.person.WriteString(keys); err != nil {
		v.d.t.Fatal(err)
	}
}

// ends waits for the end, and returns the exit status. The terminal is as it was before.
func (v *viewer) ends() int {
	v.d.t.Helper()
	err := v.cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		v.d.t.Fatal(err)
	}
	state, err := unix.IoctlGetTermios(int(v.far.Fd()), unix.TCGETS)
	if err != nil {
		v.d.t.Fatal(err)
	}
	if state.Lflag&unix.ECHO == 0 || state.Lflag&unix.ICANON == 0 {
		v.d.t.Error("the terminal does not show what is typed any more")
	}
	v.d.eventually("the screen is given back", func() bool {
		return strings.Contains(v.everything(), "\x1b[?1049l")
	})
	return v.cmd.ProcessState.ExitCode()
}

var colours = regexp.MustCompile("\x1b\\[(\\d+;)*(3[0-8]|9[0-7]|4[0-8])[;m]")

// Somebody looks at services in a terminal, has one restarted, and goes on looking while orderly is killed and comes back.
func TestTop(t *testing.T) {
	d := newDaemon(t, `set daemon 1
check process sleeper with pidfile @DIR@/pid
    start program = "/bin/sh -c 'sleep 1000 >/dev/null 2>&1 & echo $! >@DIR@/pid'"
    stop program = "/bin/sh -c 'kill $(cat @DIR@/pid)'"
check file lost with path @DIR@/nowhere
`)
	t.Cleanup(func() {
		if pid := d.pidIn("pid"); pid > 0 {
			killHard(pid)
		}
	})
	d.start()
	d.eventually("it runs", func() bool { return d.status("sleeper").State == "ok" && d.status("lost").State == "failing" })
	v := d.top()
	v.sees("1 service is failing")
	if text := v.shown(); strings.Index(text, "lost") > strings.Index(text, "sleeper") || !colours.MatchString(text) {
		t.Errorf("what fails is not the first, or there are no colours: %q", text)
	}
	v.press("/sleeper\r\r")
	v.sees("does not exist")
	before := d.status("sleeper").PID
	v.press("r")
	v.sees("restart sleeper?")
	v.press("y")
	d.eventually("it is another process", func() bool { s := d.status("sleeper"); return s.State == "ok" && s.PID != before })
	v.press("m")
	v.sees("no longer watch sleeper?")
	v.press("n")
	v.sees("unmonitor")
	v.press("s")
	v.sees("tell nobody of sleeper")
	v.press("y")
	d.eventually("it is silenced", func() bool { return strings.Contains(d.must("silence", "list"), "sleeper") })
	if !d.status("sleeper").Monitored {
		t.Error("a no was a yes")
	}

	d.kill9()
	v.sees("nothing new since")
	d.start()
	v.sees("checked 0 s ago")
	v.press("q")
	if status := v.ends(); status != 0 {
		t.Errorf("it ended with %d", status)
	}
}

func TestTopWithoutColours(t *testing.T) {
	d := newDaemon(t, "set daemon 1\ncheck file lost with path @DIR@/nowhere\n")
	d.start()
	v := d.top("NO_COLOR=please")
	v.sees("1 service is failing")
	_ = v.cmd.Process.Signal(syscall.SIGTERM)
	if status := v.ends(); status != 1 {
		t.Errorf("after SIGTERM it ended with %d", status)
	}
	if found := colours.FindString(v.everything()); found != "" {
		t.Errorf("there are colours: %q", found)
	}
}

// Who cannot be reached at the beginning is said to be that, and no screen is opened.
func TestTopOfNobody(t *testing.T) {
	v := newDaemon(t, "").top()
	if err := v.cmd.Wait(); v.cmd.ProcessState.ExitCode() != 3 {
		t.Errorf("it ended with %v", err)
	}
	v.d.eventually("it says why", func() bool { return strings.Contains(v.shown(), "orderly is not running") })
	if strings.Contains(v.shown(), "\x1b[") {
		t.Errorf("it shows %q", v.shown())
	}
}
