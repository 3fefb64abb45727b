package child

import (
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	readBytes = 4 << 10
	takeBytes = 64 << 10 // taken from one pipe at a look: what it holds usually
	restBytes = 1 << 20  // taken from one pipe at the end: the most it can hold
)

// output is what a program writes: two pipes, or nothing when it is discarded.
type output struct {
	keep    int
	streams []stream // standard output and standard error, or both in one; none when discarded
}

// stream is a pipe and what was kept of what came through it. The child's end belongs to the forker.
type stream struct {
	fd, child int
	open      bool
	collector
}

func newOutput(spec *Spec) (*output, error) {
	o := &output{keep: max(spec.Keep, 0)}
	if spec.Discard {
		return o, nil
	}
	n := 2
	if spec.Merge {
		n = 1
	}
	o.streams = make([]stream, 0, n)
	for range n {
		var p [2]int
		if err := openPipe(&p); err != nil {
			o.abandon()
			return nil, err
		}
		o.streams = append(o.streams, stream{fd: p[0], child: p[1], open: true, collector: collector{limit: o.keep, end: spec.Merge}})
		if _, err := unix.FcntlInt(uintptr(p[0]), unix.F_SETFL, unix.O_NONBLOCK); err != nil {
			o.abandon()
			return nil, os.NewSyscallError("fcntl", err)
		}
	}
	return o, nil
}

// abandon closes both ends of the pipes.
func (o *output) abandon() {
	for i := range o.streams {
		_ = syscall.Close(o.streams[i].child)
	}
	o.close()
}

// close closes our ends of the pipes.
func (o *output) close() {
	for i := range o.streams {
		_ = syscall.Close(o.streams[i].fd)
	}
	o.streams = nil
}

// take takes what has been written so far and tells whether there was so much that more can be expected.
func (o *output) take() (filled bool) {
	for i := range o.streams {
		filled = o.streams[i].read(takeBytes) >= takeBytes || filled
	}
	return filled
}

// finish takes the rest, once the program has ended or is given up. All it wrote itself is in the pipes by then; for
// output of others that hold them it waits for the given time.
func (o *output) finish(linger time.Duration) {
	for end := time.Now().Add(linger); ; time.Sleep(lookFilled) {
		open := false
		for i := range o.streams {
			o.streams[i].read(restBytes)
			open = open || o.streams[i].open
		}
		if !open || !time.Now().Before(end) {
			return
		}
	}
}

// text is what was kept, and whether that is not all.
func (o *output) text() (stderr, stdout string, truncated bool) {
	if o.streams == nil {
		return "", "", false
	}
	out := &o.streams[0]
	if len(o.streams) == 1 {
		return "", string(out.last()), out.dropped
	}
	err := &o.streams[1]
	room := min(o.keep-len(err.kept), len(out.kept))
	return string(err.kept), string(out.kept[:room]), err.dropped || out.dropped || room < len(out.kept)
}

// read takes some limit of bytes, or less if there are not so many, and returns how many it took.
func (s *stream) read(limit int) (total int) {
	var buf [readBytes]byte
	for s.open && total < limit {
		n, err := syscall.Read(s.fd, buf[:])
		switch {
		case n > 0:
			s.add(buf[:n])
			total += n
		case err == syscall.EAGAIN:
			return total
		case err != syscall.EINTR:
			s.open = false
		}
	}
	return total
}

// collector keeps the beginning of what it is given, or the end.
type collector struct {
	limit   int
	end     bool
	kept    []byte // of the end, up to twice as much
	dropped bool
}

// add takes some bytes. It does not keep p.
func (c *collector) add(p []byte) {
	if c.end {
		if c.kept = append(c.kept, p...); len(c.kept) > 2*c.limit {
			c.kept = append(c.kept[:0], c.last()...)
			c.dropped = true
		}
		return
	}
	room := min(c.limit-len(c.kept), len(p))
	c.kept = append(c.kept, p[:room]...)
	c.dropped = c.dropped || room < len(p)
}

// last is the end of what was taken.
func (c *collector) last() []byte {
	c.dropped = c.dropped || len(c.kept) > c.limit
	return c.kept[max(0, len(c.kept)-c.limit):]
}
