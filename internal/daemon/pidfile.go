package daemon

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// A pidfile tells which process is the daemon. It is locked while that lives, so a number that was left behind by a
// crash, and now belongs to somebody else, misleads nobody.
type pidfile struct {
	path string
	f    *os.File
}

// holdPidfile writes the number of this process. The error names the process that holds the file already.
func holdPidfile(path string) (*pidfile, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_CLOEXEC, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot write the pid file: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := io.ReadAll(io.LimitReader(f, 32))
		_ = f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("cannot start: process %s holds the pid file %s", strings.TrimSpace(string(holder)), path)
		}
		return nil, fmt.Errorf("cannot lock the pid file %s: %w", path, err)
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("cannot write the pid file: %w", err)
	}
	return &pidfile{path, f}, nil
}

// release removes the file, unless it is another one by now.
func (p *pidfile) release() {
	if p == nil {
		return
	}
	ours, err := p.f.Stat()
	if named, statErr := os.Lstat(p.path); err == nil && statErr == nil && os.SameFile(ours, named) {
		_ = os.Remove(p.path)
	}
	_ = p.f.Close()
}

// settlePidfile moves on to the pid file that the configuration names, if that is another one.
func (d *instance) settlePidfile(path string) error {
	switch {
	case d.pidfile != nil && d.pidfile.path == path:
		return nil
	case path == "":
		d.pidfile.release()
		d.pidfile = nil
		return nil
	}
	next, err := holdPidfile(path)
	if err != nil {
		return err
	}
	d.pidfile.release()
	d.pidfile = next
	return nil
}
