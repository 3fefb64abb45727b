package host

import (
	"bytes"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"orderly/internal/model"
)

// A bootClock tells the time since the machine was started as the kernel stamps processes with it, in seconds.
type bootClock struct {
	at    time.Time
	since float64
}

// A memorySize is how much memory the machine had at a time, in bytes.
type memorySize struct {
	at    time.Time
	bytes float64
}

// recheck is how long what hardly ever changes is taken for granted: the size of memory, which machines can be given
// more of, and the clock, which counts the time a machine was suspended.
const recheck = time.Minute

// sinceBoot is the time from the start of the machine to now, in seconds.
func (m *machine) sinceBoot(now time.Time) float64 {
	c := m.clock.Load()
	if c == nil || now.Sub(c.at) > recheck || now.Before(c.at) {
		c = &bootClock{now, m.uptime()}
		var ts unix.Timespec
		if m.live && unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts) == nil {
			c.since = float64(ts.Nano()) / 1e9 // where /proc/uptime is of a container, processes are not
		}
		m.clock.Store(c)
	}
	return c.since + now.Sub(c.at).Seconds()
}

// uptime is what /proc/uptime says, 0 if it says nothing.
func (m *machine) uptime() float64 {
	text, err := readSome(m.proc("uptime"), 128)
	if err != nil {
		return 0
	}
	first, _, _ := bytes.Cut(text, []byte(" "))
	seconds, err := strconv.ParseFloat(string(first), 64)
	if err != nil || !(seconds >= 0) {
		return 0
	}
	return seconds
}

// memoryNow is the size of memory in bytes, 0 if it is not known.
func (m *machine) memoryNow(now time.Time) float64 {
	s := m.memory.Load()
	if s == nil || now.Sub(s.at) > recheck || now.Before(s.at) {
		s = &memorySize{now, float64(m.memoryTotal())}
		m.memory.Store(s)
	}
	return s.bytes
}

// loads are the load averages over 1, 5 and 15 minutes.
func (m *machine) loads() [3]model.Value {
	var out [3]model.Value
	text, err := readSome(m.proc("loadavg"), 256)
	if err != nil {
		return out
	}
	for i, field := range bytes.Fields(text) {
		if i == len(out) {
			break
		}
		if load, err := strconv.ParseFloat(string(field), 64); err == nil {
			out[i] = model.Num(load)
		}
	}
	return out
}

// perCore divides a load by the number of processors.
func (m *machine) perCore(load model.Value) model.Value {
	if !load.Present() {
		return load
	}
	return model.Num(load.Number() / float64(max(m.cpus, 1)))
}

// countOpen counts the open files of a process. The kernel tells it as the size of the directory since 6.2; else they
// are counted.
func (m *machine) countOpen(pid int) (int, error) {
	dir := m.proc(strconv.Itoa(pid) + "/fd")
	var st unix.Stat_t
	if err := unix.Stat(dir, &st); err != nil {
		return 0, err
	}
	if m.live && st.Size > 0 {
		return int(st.Size), nil
	}
	fd, err := unix.Open(dir, openFlags|unix.O_DIRECTORY, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	buf := make([]byte, 32<<10)
	total := 0
	for {
		n, err := uninterrupted(func() (int, error) { return unix.ReadDirent(fd, buf) })
		if err != nil {
			return 0, err
		}
		if n <= 0 {
			return total, nil
		}
		_, count, _ := unix.ParseDirent(buf[:n], -1, nil) // without . and ..
		total += count
	}
}
