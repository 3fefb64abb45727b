package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// daemonPID returns the process of the daemon that a pid file names; false if it is not running.
//
// Our daemon, and Monit from 6.0 on, hold a lock on the file. An older Monit does not; then the process must at least be
// called like one, because the number that a crash left behind may belong to somebody else by now.
func daemonPID(pidfile string) (int, bool) {
	f, err := os.OpenFile(pidfile, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 64))
	if err != nil {
		return 0, false
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid < 1 || pid == os.Getpid() || !running(pid) {
		return 0, false
	}
	if errors.Is(syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK) {
		return pid, true
	}
	return pid, looksLikeMonit(pid)
}

func signalDaemon(pid int, s syscall.Signal) error {
	if err := syscall.Kill(pid, s); err != nil {
		return monitErrorf("Cannot signal the monit daemon process %d -- %s", pid, capital(err.Error()))
	}
	return nil
}

// running tells whether there is a process of this number that has not ended.
func running(pid int) bool {
	if err := syscall.Kill(pid, 0); err != nil && !errors.Is(err, syscall.EPERM) {
		return false
	}
	_, state := processName(pid)
	return state != 'Z' && state != 'X'
}

// looksLikeMonit goes by the name of the process where that can be known.
func looksLikeMonit(pid int) bool {
	if runtime.GOOS != "linux" {
		return true
	}
	name, _ := processName(pid)
	return strings.Contains(name, monitName)
}

// processName is how the kernel calls a process, and the letter of its state; both are empty where that is not known.
func processName(pid int) (name string, state byte) {
	f, err := os.Open(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return "", 0
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, 4096))
	from, to := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if err != nil || from < 0 || to < from || to+2 >= len(text) {
		return "", 0
	}
	return string(text[from+1 : to]), text[to+2]
}

// How long a daemon may take to end, and how often it is looked whether it has.
const (
	endPatience = 30 * time.Second
	endPeriod   = 20 * time.Millisecond
)

// awaitEnd returns when a process has ended.
func awaitEnd(ctx context.Context, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, endPatience)
	defer cancel()
	look := time.NewTicker(endPeriod)
	defer look.Stop()
	for running(pid) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
		}
	}
	return nil
}
