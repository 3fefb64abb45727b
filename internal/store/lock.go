package store

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ErrLocked is wrapped by the error of [Open] when another daemon uses the directory.
var ErrLocked = errors.New("another orderly is running on it")

// lockDir takes the lock of a directory until the returned file is closed or the process ends, however it ends.
// The directory itself is locked rather than a file in it, because that works on a read-only file system too.
func lockDir(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("cannot use %s: %w", dir, err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	defer f.Close()
	if !errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("cannot lock %s: %w", dir, err)
	}
	if pid := lockOwner(f); pid > 0 {
		return nil, fmt.Errorf("cannot use %s: %w", dir, lockedBy(pid))
	}
	return nil, fmt.Errorf("cannot use %s: %w", dir, ErrLocked)
}

// lockedBy is ErrLocked with the number of the process that holds the lock.
type lockedBy int

func (pid lockedBy) Error() string {
	return fmt.Sprintf("another orderly (pid %d) is running on it", int(pid))
}
func (lockedBy) Is(target error) bool { return target == ErrLocked }

// lockOwner asks the kernel who holds the lock on f. It is 0 where the kernel does not tell.
func lockOwner(f *os.File) int {
	var st unix.Stat_t
	if unix.Fstat(int(f.Fd()), &st) != nil {
		return 0
	}
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return 0
	}
	dev := uint64(st.Dev)
	id := fmt.Sprintf("%02x:%02x:%d", unix.Major(dev), unix.Minor(dev), st.Ino)
	for line := range strings.Lines(string(table)) {
		// 1: FLOCK  ADVISORY  WRITE 4711 fd:01:12345 0 EOF
		if w := strings.Fields(line); len(w) >= 6 && w[1] == "FLOCK" && w[5] == id {
			pid, _ := strconv.Atoi(w[4])
			return pid
		}
	}
	return 0
}
