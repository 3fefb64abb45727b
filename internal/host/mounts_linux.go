package host

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// mountsLimit bounds the mount table; a line has some 100 bytes.
const mountsLimit = 16 << 20

// A mountTable keeps the table of mounts and reads it again when the kernel says that it has changed.
type mountTable struct {
	mu         sync.Mutex
	fd         int // of /proc/self/mountinfo, -1 until it is needed
	asOf       time.Time
	generation uint64 // 0: not read yet
	mounts     []mount
}

// mountsNow returns the mounts as of a time or newer, and a number that changes with them.
func (m *machine) mountsNow(asOf time.Time) ([]mount, uint64, error) {
	t := &m.mounts
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fd < 0 {
		fd, err := openFile(m.proc("self/mountinfo"))
		if err != nil {
			return nil, 0, fmt.Errorf("cannot read the mount table: %w", err)
		}
		t.fd = fd
	}
	if t.generation > 0 && !asOf.After(t.asOf) {
		return t.mounts, t.generation, nil
	}
	if t.generation > 0 && !changed(t.fd) {
		t.asOf = asOf
		return t.mounts, t.generation, nil
	}
	text, err := readOpen(t.fd, mountsLimit)
	if err != nil {
		t.generation = 0
		return nil, 0, fmt.Errorf("cannot read the mount table: %w", err)
	}
	t.mounts, t.asOf = parseMountinfo(text), asOf
	t.generation++
	return t.mounts, t.generation, nil
}

// changed tells whether there was a mount since the table was read or this was asked.
func changed(fd int) bool {
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLPRI}}
	n, err := unix.Poll(poll, 0)
	return n > 0 || err != nil
}

func (t *mountTable) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	closeFile(t.fd)
	t.fd, t.generation = -1, 0
}

// A place is what is known of where the files of a service are.
type place struct {
	path       string
	generation uint64 // of the mount table
	remote     bool
}

// remote tells whether a path lies on a mount whose calls may never return.
func (v visit) remote(path string) (bool, error) {
	mounts, generation, err := v.h.mountsNow(v.asOf)
	if err != nil {
		return false, nil // without a mount table there is no telling, and a look at the file is the better answer
	}
	if p := v.w.place; p.generation == generation && p.path == path {
		return p.remote, nil
	}
	over, _ := mountOver(mounts, path)
	remote := over.remote()
	if !remote { // the path begins on this machine, but a link may lead away
		real, err := await(v.ctx, &v.w.patience, path, func() (string, error) { return resolve(path), nil })
		if err != nil {
			return false, err
		}
		over, _ = mountOver(mounts, real)
		remote = over.remote()
	}
	v.w.place = place{path, generation, remote}
	return remote, nil
}

// patiently makes a call that concerns a path: at once where it cannot hang, else in a goroutine that is left behind.
func patiently[T any](v visit, path string, call func(context.Context) (T, error)) (T, error) {
	remote, err := v.remote(path)
	if err != nil {
		var none T
		return none, err
	}
	if !remote {
		return call(v.ctx)
	}
	return await(v.ctx, &v.w.patience, path, func() (T, error) { return call(v.ctx) })
}
