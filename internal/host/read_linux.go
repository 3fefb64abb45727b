package host

import (
	"os"

	"golang.org/x/sys/unix"
)

// openFlags never wait for a writer, never become the terminal of the daemon and are not inherited.
const openFlags = unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY

// uninterrupted repeats a system call that a signal ended.
func uninterrupted(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if err != unix.EINTR {
			return n, err
		}
	}
}

func openFile(name string) (int, error) {
	fd, err := uninterrupted(func() (int, error) { return unix.Open(name, openFlags, 0) })
	if err != nil {
		return -1, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return fd, nil
}

// readInto reads the begin of a small file, at most len(buf) bytes, in one call: the kernel makes up the text of its own
// files anew at each.
func readInto(name string, buf []byte) (int, error) {
	fd, err := openFile(name)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	n, err := uninterrupted(func() (int, error) { return unix.Pread(fd, buf, 0) })
	if err != nil {
		return 0, &os.PathError{Op: "read", Path: name, Err: err}
	}
	return max(n, 0), nil
}

// readSome reads a file, at most limit bytes of it.
func readSome(name string, limit int) ([]byte, error) {
	fd, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	text, err := readOpen(fd, limit)
	if err != nil {
		return nil, &os.PathError{Op: "read", Path: name, Err: err}
	}
	return text, nil
}

// readOpen is readSome for an open file.
func readOpen(fd, limit int) ([]byte, error) {
	buf := make([]byte, min(limit, 4<<10))
	filled := 0
	for {
		n, err := uninterrupted(func() (int, error) { return unix.Pread(fd, buf[filled:], int64(filled)) })
		if err != nil {
			return nil, err
		}
		filled += max(n, 0)
		if n <= 0 || filled == limit {
			return buf[:filled], nil
		}
		if filled == len(buf) {
			grown := make([]byte, min(limit, 2*len(buf)))
			copy(grown, buf)
			buf = grown
		}
	}
}
