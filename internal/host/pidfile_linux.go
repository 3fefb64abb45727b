package host

import (
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

func stampOf(st *unix.Stat_t) stamp {
	return stamp{st.Ino, uint64(st.Dev), st.Size, st.Mtim.Nano(), st.Ctim.Nano()}
}

// A pidfile is what a pidfile said when it was read.
type pidfile struct {
	stamp   stamp
	pid     int // 0: it is missing or holds no process number
	settled bool
}

// readPidfile reads the process number in a file. The file is not read if its stamp is the one of old and tells all.
// Anything that is no pidfile, missing or not, counts as one without a process; an error is one of reading.
func readPidfile(path string, old pidfile, now time.Time) (pidfile, error) {
	var st unix.Stat_t
	err := unix.Stat(path, &st)
	for err == unix.EINTR {
		err = unix.Stat(path, &st)
	}
	if err != nil {
		return pidfile{}, notThere(path, err)
	}
	s := stampOf(&st)
	if old.settled && s == old.stamp {
		return old, nil
	}
	out := pidfile{stamp: s, settled: s.settled(now)}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return out, nil
	}
	var buf [128]byte
	n, err := readInto(path, buf[:])
	if err != nil {
		return pidfile{}, notThere(path, err)
	}
	out.pid = parsePidfile(buf[:n])
	return out, nil
}

// notThere is nil if err means that there is nothing at path, else an error for people.
func notThere(path string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
		return nil
	}
	var inner *fs.PathError
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return fmt.Errorf("cannot read %s: %w", path, err)
}
