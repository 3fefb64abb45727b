package child

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"
)

// Output beyond what is kept is read and dropped, so the program can go on. After freeBytes that happens slowly, some
// 4 MB a second, so a program that only writes does not take the host's CPU.
const (
	freeBytes  = 1 << 20
	pause      = time.Millisecond
	readBytes  = 4 << 10
	drainBytes = 1 << 20 // read at most after the program's end: what a pipe can hold
)

// output is what a program writes: two pipes, or nothing when it is discarded.
type output struct {
	keep    int
	streams []*stream   // standard output and standard error; none when discarded
	child   [2]*os.File // the ends the program gets; nil: /dev/null
	readers sync.WaitGroup
}

// stream is our end of one pipe. Only its reader touches it until that has ended.
type stream struct {
	file *os.File
	tail collector
	open bool // there may be more, because somebody still holds the other end
}

func newOutput(spec *Spec) (*output, error) {
	o := &output{keep: max(spec.Keep, 0)}
	if spec.Discard {
		return o, nil
	}
	for i := range o.child {
		r, w, err := pipe()
		if err != nil {
			o.closeChild()
			o.close()
			return nil, err
		}
		o.child[i] = w
		o.streams = append(o.streams, &stream{file: r, tail: collector{limit: o.keep}})
	}
	return o, nil
}

// pipe is a pipe whose reading end waits in the runtime's poller and whose writing end is an ordinary blocking one.
func pipe() (r, w *os.File, err error) {
	var p [2]int
	if err := openPipe(&p); err != nil {
		return nil, nil, err
	}
	if err := syscall.SetNonblock(p[0], true); err != nil {
		_ = syscall.Close(p[0])
		_ = syscall.Close(p[1])
		return nil, nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(uintptr(p[0]), "output"), os.NewFile(uintptr(p[1]), "output"), nil
}

// read starts to read what the program writes.
func (o *output) read() {
	for _, s := range o.streams {
		o.readers.Go(s.read)
	}
}

// finish ends the reading: at the end of the output, which is at once when nobody holds the pipes any more, and after
// the given time at the latest.
func (o *output) finish(linger time.Duration) {
	limit := time.Now().Add(linger)
	for _, s := range o.streams {
		_ = s.file.SetReadDeadline(limit)
	}
	o.readers.Wait()
	for _, s := range o.streams {
		s.drain()
	}
}

// text is what was kept, and whether that is not all.
func (o *output) text() (stderr, stdout string, truncated bool) {
	if o.streams == nil {
		return "", "", false
	}
	out, err := &o.streams[0].tail, &o.streams[1].tail
	room := min(o.keep-len(err.kept), len(out.kept))
	return string(err.kept), string(out.kept[:room]), err.dropped || out.dropped || room < len(out.kept)
}

func (o *output) closeChild() { closeAll(o.child[:]) }

func (o *output) close() {
	for _, s := range o.streams {
		_ = s.file.Close()
	}
}

func (s *stream) read() {
	buf := make([]byte, readBytes)
	for {
		n, err := s.file.Read(buf)
		s.tail.add(buf[:n])
		if err != nil {
			s.open = errors.Is(err, os.ErrDeadlineExceeded)
			return
		}
		if s.tail.total > freeBytes {
			time.Sleep(pause)
		}
	}
}

// drain takes what is in the pipe when reading was cut short: all that the program itself wrote is there.
func (s *stream) drain() {
	if !s.open {
		return
	}
	conn, err := s.file.SyscallConn()
	if err != nil {
		return
	}
	buf := make([]byte, readBytes)
	_ = conn.Control(func(fd uintptr) {
		for total := 0; total < drainBytes; {
			n, err := syscall.Read(int(fd), buf)
			if err == syscall.EINTR {
				continue
			}
			if err != nil || n <= 0 {
				return
			}
			s.tail.add(buf[:n])
			total += n
		}
	})
}

// collector keeps the beginning of what it is given.
type collector struct {
	limit   int
	kept    []byte
	total   int64
	dropped bool
}

// add takes some bytes. It does not keep p.
func (c *collector) add(p []byte) {
	c.total += int64(len(p))
	room := min(c.limit-len(c.kept), len(p))
	c.kept = append(c.kept, p[:room]...)
	c.dropped = c.dropped || room < len(p)
}
