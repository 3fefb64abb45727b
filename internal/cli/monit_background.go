package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// How a daemon in the background tells the process that started it how that went: what it says on standard error goes
// through a pipe until it is ready, which a zero byte says. The environment variable holds the number of the descriptor.
const (
	readyVariable = "ORDERLY_READY_FD"
	readyFD       = 3
	readyMark     = 0
)

const (
	startPatience = time.Minute
	maxStartWords = 64 << 10 // bytes of what a daemon says while it starts
)

// background starts the daemon in a session of its own, and returns when it is ready or has told why it cannot be.
func (m *monitRun) background(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return monitErrorf("Cannot start the monit daemon -- %v", err)
	}
	near, far, err := os.Pipe()
	if err != nil {
		return monitErrorf("Cannot start the monit daemon -- %v", err)
	}
	defer near.Close()
	keepDescriptors()
	child := exec.Command(self) // it outlives this process, so no context ends it
	child.Args = append([]string{monitName}, m.foregroundArgs()...)
	child.Env = append(os.Environ(), readyVariable+"="+strconv.Itoa(readyFD))
	child.ExtraFiles = []*os.File{far}
	child.Dir = "/"
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = child.Start()
	_ = far.Close()
	if err != nil {
		return monitErrorf("Cannot start the monit daemon -- %v", err)
	}
	defer func() { _ = child.Process.Release() }() // it is nobody's child soon
	words, ready := awaitReady(ctx, near)
	if !ready {
		m.complain(words)
		return monitErrorf("The monit daemon has not started")
	}
	m.line(m.greeting())
	if err := m.note(ctx, slog.LevelInfo, m.greeting()); err != nil {
		m.complain("The log is not written: " + err.Error())
	}
	return nil
}

// foregroundArgs are the command line of the daemon, with paths that hold in any directory.
func (m *monitRun) foregroundArgs() []string {
	args := []string{"-c", m.file, "-I"}
	if m.interval > 0 {
		args = append(args, "-d", strconv.Itoa(int(m.interval/time.Second)))
	}
	for _, o := range []struct{ letter, value string }{
		{"-l", m.logfile}, {"-p", absolute(m.pidfile)}, {"-s", absolute(m.statefile)},
	} {
		if o.value != "" {
			args = append(args, o.letter, o.value)
		}
	}
	if m.verbose {
		args = append(args, "-v")
	}
	return args
}

// awaitReady reads what a daemon says until it is ready, or has ended.
func awaitReady(ctx context.Context, from *os.File) (words string, ready bool) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = from.SetReadDeadline(time.Now()) })
	defer stop()
	text, err := io.ReadAll(io.LimitReader(from, maxStartWords))
	if before, _, found := bytes.Cut(text, []byte{readyMark}); found {
		return string(before), true
	}
	words = strings.TrimRight(string(text), "\n")
	if err != nil {
		words += fmt.Sprintf("\nIt is not ready after %v", startPatience)
	}
	return words, false
}

// A startReport is the daemon's end of the pipe. Once it is ready, nobody listens to what it says on standard error.
type startReport struct {
	mu   sync.Mutex
	pipe *os.File // nil when it is ready
}

// readiness returns where to report to, nil if this is no daemon in the background.
func readiness(getenv func(string) string) *startReport {
	if getenv(readyVariable) != strconv.Itoa(readyFD) {
		return nil
	}
	_ = os.Unsetenv(readyVariable) // programs that the daemon starts have nothing to report
	syscall.CloseOnExec(readyFD)
	return &startReport{pipe: os.NewFile(readyFD, "ready")}
}

// Write never fails: a daemon does not end because nobody hears it.
func (r *startReport) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pipe != nil {
		_, _ = r.pipe.Write(bytes.ReplaceAll(p, []byte{readyMark}, nil))
	}
	return len(p), nil
}

func (r *startReport) ready() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pipe != nil {
		_, _ = r.pipe.Write([]byte{readyMark})
		_ = r.pipe.Close()
		r.pipe = nil
	}
}
